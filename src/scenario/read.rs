//! From the bytes of a file to the types of the schema, or a fault with a place.
//! It judges nothing: a name that nobody knows or a number out of range is found later.

use serde::de::DeserializeOwned;
use serde_saphyr::budget::{Budget, BudgetBreach};
use serde_saphyr::{Error, Options};

use super::fault::{Fault, Place, near};

/// The longest file that is read, in bytes.
pub const FILE_MAX: usize = 4 << 20;
/// How deep lists and maps may nest.
const DEPTH_MAX: usize = 32;
/// Scalars, lists and maps in one file.
const NODES_MAX: usize = 200_000;

/// Reads a file's bytes as YAML (JSON is YAML too) into a type of the schema.
///
/// # Errors
/// One fault: the first that makes the file unreadable.
///
/// ```
/// use vethlab::scenario::{read, schema::Scenario};
///
/// let scenario: Scenario = read(b"name: nothing happens\nsteps: []\n").unwrap();
/// assert_eq!(scenario.name.value, "nothing happens");
/// let fault = read::<Scenario>(b"name: x\nstesp: []\n").unwrap_err();
/// assert_eq!(fault.to_string(), "2:1: unknown field `stesp` (did you mean `steps`?)");
/// ```
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    if bytes.len() > FILE_MAX {
        let words = format!("a file of {} bytes: at most {FILE_MAX}", bytes.len());
        return Err(Fault::new(Place::START, words));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))?;
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| fault_of(&error))
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: Some(budget()),
        strict_booleans: true,
        with_snippet: false,
    }
}

fn budget() -> Budget {
    let mut budget = Budget::default();
    budget.max_depth = DEPTH_MAX;
    budget.flow_nesting_limit = DEPTH_MAX;
    budget.max_nodes = NODES_MAX;
    budget.max_events = 2 * NODES_MAX;
    budget.max_documents = 1;
    budget.max_aliases = 1_000;
    budget.max_anchors = 1_000;
    budget.max_recorded_anchor_events = NODES_MAX;
    budget.max_recorded_anchor_bytes = FILE_MAX;
    budget
}

fn not_utf8(bytes: &[u8], at: usize) -> Fault {
    let before = &bytes[..at];
    let line_start = before
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |nl| nl + 1);
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let column = String::from_utf8_lossy(&before[line_start..])
        .chars()
        .count()
        + 1;
    let place = Place {
        line: count(before.iter().filter(|&&byte| byte == b'\n').count() + 1),
        column: count(column),
    };
    Fault::new(place, format!("not UTF-8: the byte 0x{:02x}", bytes[at]))
}

fn fault_of(error: &Error) -> Fault {
    let error = error.without_snippet();
    let place = error.location().map_or(Place::START, Place::of);
    Fault::new(place, words_of(error))
}

fn words_of(error: &Error) -> String {
    match error {
        Error::SerdeUnknownField {
            field, expected, ..
        } => unknown("field", field, expected),
        Error::SerdeUnknownVariant {
            variant, expected, ..
        } => unknown("word", variant, expected),
        Error::AliasError { error, .. } => words_of(error),
        Error::DuplicateMappingKey { key, .. } => match key {
            Some(key) => format!("`{}` is there twice", shortened(key)),
            None => "a key is there twice".to_owned(),
        },
        Error::Unexpected { expected, .. } => format!("expected {}", node(expected)),
        Error::InvalidScalar { ty, .. } => format!("not {}", number(ty)),
        Error::RecursiveReferencesRequireWeakTypes { .. } => {
            "an alias stands within its own anchor".to_owned()
        }
        Error::Budget { breach, .. } => match breach {
            BudgetBreach::Documents { .. } => "a file is one document".to_owned(),
            BudgetBreach::Depth { .. } => format!("nested more than {DEPTH_MAX} deep"),
            other => format!("more than a scenario may have: {other:?}"),
        },
        other => plain(&other.to_string()),
    }
}

/// A node of YAML in plain words.
fn node(expected: &str) -> &str {
    match expected {
        "mapping start" => "a map",
        "sequence start" => "a list",
        "string scalar" => "a text",
        other => other,
    }
}

/// A type of Rust in plain words.
fn number(ty: &str) -> &str {
    match ty {
        "u8" | "u16" | "u32" | "u64" => "a whole number that is not negative, or out of range",
        "i8" | "i16" | "i32" | "i64" => "a whole number, or out of range",
        "bool" => "true or false",
        other => other,
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

fn unknown(what: &str, name: &str, expected: &[&'static str]) -> String {
    let name = shortened(name);
    let near = near(&name, expected.iter().copied());
    if near.is_empty() && !expected.is_empty() {
        return format!(
            "unknown {what} `{name}`, expected one of {}",
            expected.join(", ")
        );
    }
    format!("unknown {what} `{name}`{near}")
}

/// The reader's words without their own place, on one line.
fn plain(words: &str) -> String {
    let line = words.lines().next().unwrap_or("");
    let line = line.strip_prefix("error: ").unwrap_or(line);
    let without = match line.split_once(": ") {
        Some((head, tail)) if head.starts_with("line ") => tail,
        _ => line,
    };
    let end = without.find(" at line ").unwrap_or(without.len());
    without[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::schema::Scenario;

    fn fault(text: &str) -> String {
        read::<Scenario>(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn what_is_wrong_has_a_line_and_a_column() {
        for (text, words) in [
            (
                "name: x\nnmae: y\n",
                "2:1: unknown field `nmae` (did you mean `name`?)",
            ),
            ("name: x\nseed: many\n", "2:7: "),
            ("name: x\nname: y\n", "2:1: "),
            ("name: \"x\nseed: 3\n", "1:7: "),
            (
                "name: x\nsteps:\n  - wiat: 3s\n",
                "3:5: unknown field `wiat` (did you mean `wait`?)",
            ),
        ] {
            let fault = fault(text);
            assert!(fault.starts_with(words), "{text:?}: {fault}");
        }
    }

    #[test]
    fn a_byte_that_is_no_text_has_a_place() {
        let fault = read::<Scenario>(b"name: x\nabout: \xff\n").unwrap_err();
        assert_eq!(fault.to_string(), "2:8: not UTF-8: the byte 0xff");
    }
}
