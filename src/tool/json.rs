//! Writes JSON exactly as iproute2 does: compact on one line, or its own pretty form.
//! It does not read JSON, and it keeps the order in which keys are written.

use std::fmt::{Display, Write};

/// A value as a JSON value is written.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Value<'a> {
    /// A string, escaped as iproute2 escapes it.
    Str(&'a str),
    /// A whole number.
    Int(i128),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Str(value)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Str(value)
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

macro_rules! from_integers {
    ($($type:ty)*) => {
        $(impl From<$type> for Value<'_> {
            fn from(value: $type) -> Self {
                Self::Int(value.into())
            }
        })*
    };
}
from_integers!(u8 u16 u32 u64 i32 i64);

/// A stream of JSON (`json_writer.c`): open, write, close, then [`JsonWriter::finish`].
///
/// ```
/// use vethlab::tool::json::JsonWriter;
///
/// let mut json = JsonWriter::new(false);
/// json.open_array(None);
/// json.open_object(None);
/// json.field("a", 1u32);
/// json.close_object();
/// json.close_array();
/// assert_eq!(json.finish(), "[{\"a\":1}]\n");
/// ```
#[derive(Clone, Debug)]
pub struct JsonWriter {
    out: String,
    depth: usize,
    pretty: bool,
    /// Whether the innermost object or array already holds something.
    filled: bool,
}

impl JsonWriter {
    /// An empty stream; `pretty` is what `-p` asks for.
    pub fn new(pretty: bool) -> Self {
        Self {
            out: String::new(),
            depth: 0,
            pretty,
            filled: false,
        }
    }

    /// Opens an object, with a key where it stands in another object.
    pub fn open_object(&mut self, key: Option<&str>) {
        self.open(key, '{');
    }

    /// Closes the innermost object.
    pub fn close_object(&mut self) {
        self.close('}');
    }

    /// Opens an array, with a key where it stands in an object.
    pub fn open_array(&mut self, key: Option<&str>) {
        self.open(key, '[');
        if self.pretty {
            self.out.push(' ');
        }
    }

    /// Closes the innermost array; its last value and the bracket stay on one line.
    pub fn close_array(&mut self) {
        if self.pretty && self.filled {
            self.out.push(' ');
        }
        self.filled = false;
        self.close(']');
    }

    /// A key and its value, in an object.
    pub fn field<'a>(&mut self, key: &str, value: impl Into<Value<'a>>) {
        self.key(key);
        self.item(value);
    }

    /// A key and what `value` displays as, as a string (addresses, names).
    pub fn shown(&mut self, key: &str, value: impl Display) {
        self.field(key, &value.to_string());
    }

    /// A value, in an array.
    pub fn item<'a>(&mut self, value: impl Into<Value<'a>>) {
        self.comma();
        match value.into() {
            Value::Str(text) => self.quoted(text),
            Value::Int(number) => self.plain(number),
            Value::Bool(truth) => self.plain(truth),
            Value::Null => self.plain("null"),
        }
    }

    /// A key and `text` as it stands, for numbers that are no integers (`%g`).
    pub fn raw_field(&mut self, key: &str, text: &str) {
        self.key(key);
        self.comma();
        self.plain(text);
    }

    /// The text, with the newline that ends a stream.
    pub fn finish(mut self) -> String {
        self.out.push('\n');
        self.out
    }

    fn open(&mut self, key: Option<&str>, bracket: char) {
        if let Some(key) = key {
            self.key(key);
        }
        self.comma();
        self.out.push(bracket);
        self.depth += 1;
        self.filled = false;
    }

    fn close(&mut self, bracket: char) {
        self.depth = self.depth.saturating_sub(1);
        if self.filled {
            self.break_line();
        }
        self.out.push(bracket);
        self.filled = true;
    }

    /// Writes a key; the value that follows needs no comma.
    pub fn key(&mut self, key: &str) {
        self.comma();
        self.break_line();
        self.filled = false;
        self.quoted(key);
        self.out.push_str(if self.pretty { ": " } else { ":" });
    }

    fn comma(&mut self) {
        if self.filled {
            self.out.push(',');
        }
        self.filled = true;
    }

    fn break_line(&mut self) {
        if self.pretty {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n("    ", self.depth));
        }
    }

    fn plain(&mut self, value: impl Display) {
        write!(self.out, "{value}").expect("writing to a string cannot fail");
    }

    /// The escapes of `jsonw_puts`: other control characters pass as they are.
    fn quoted(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '\t' => self.out.push_str("\\t"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\x0c' => self.out.push_str("\\f"),
                '\x08' => self.out.push_str("\\b"),
                '\\' => self.out.push_str("\\\\"),
                '"' => self.out.push_str("\\\""),
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(pretty: bool) -> String {
        let mut json = JsonWriter::new(pretty);
        json.open_array(None);
        for index in [3u32, 4] {
            json.open_object(None);
            json.field("ifindex", index);
            json.open_array(Some("flags"));
            json.item("UP");
            json.item("LOWER_UP");
            json.close_array();
            json.open_array(Some("none"));
            json.close_array();
            json.open_array(Some("addr_info"));
            json.open_object(None);
            json.field("say", "\"a\\b\"");
            json.field("up", true);
            json.close_object();
            json.close_array();
            json.close_object();
        }
        json.close_array();
        json.finish()
    }

    #[test]
    fn compact_form_has_no_space_and_ends_in_a_newline() {
        assert_eq!(
            sample(false),
            concat!(
                r#"[{"ifindex":3,"flags":["UP","LOWER_UP"],"none":[],"addr_info":[{"say":"\"a\\b\"","up":true}]},"#,
                r#"{"ifindex":4,"flags":["UP","LOWER_UP"],"none":[],"addr_info":[{"say":"\"a\\b\"","up":true}]}]"#,
                "\n"
            )
        );
    }

    #[test]
    fn pretty_form_breaks_before_keys_and_before_the_end_of_objects() {
        let want = r#"[ {
        "ifindex": 3,
        "flags": [ "UP","LOWER_UP" ],
        "none": [ ],
        "addr_info": [ {
                "say": "\"a\\b\"",
                "up": true
            } ]
    },{
        "ifindex": 4,
        "flags": [ "UP","LOWER_UP" ],
        "none": [ ],
        "addr_info": [ {
                "say": "\"a\\b\"",
                "up": true
            } ]
    } ]
"#;
        assert_eq!(sample(true), want);
    }

    #[test]
    fn an_empty_dump_is_an_empty_array() {
        for (pretty, want) in [(false, "[]\n"), (true, "[ ]\n")] {
            let mut json = JsonWriter::new(pretty);
            json.open_array(None);
            json.close_array();
            assert_eq!(json.finish(), want);
        }
    }
}
