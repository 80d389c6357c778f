//! A JSON object in one line, field by field, in the order in which they are added.
//! It reads nothing: that is serde's.

/// An object that is being written.
#[derive(Clone, Debug)]
pub(super) struct Line(String);

impl Line {
    pub(super) fn new() -> Self {
        Self("{".to_owned())
    }

    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push('"');
        self.0.push_str(key);
        self.0.push_str("\":");
    }

    pub(super) fn number(&mut self, key: &str, value: impl std::fmt::Display) -> &mut Self {
        self.key(key);
        self.0.push_str(&value.to_string());
        self
    }

    pub(super) fn text(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key);
        self.0.push_str(&quoted(value));
        self
    }

    pub(super) fn texts<T: AsRef<str>>(&mut self, key: &str, values: &[T]) -> &mut Self {
        self.key(key);
        let values: Vec<String> = values.iter().map(|value| quoted(value.as_ref())).collect();
        self.0.push_str(&format!("[{}]", values.join(",")));
        self
    }

    pub(super) fn end(&mut self) -> String {
        self.0.push_str("}\n");
        std::mem::take(&mut self.0)
    }
}

/// A JSON string.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
