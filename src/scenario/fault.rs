//! What is wrong with a scenario file, and where.
//! How it is printed beside other files' faults is the report's.

use std::fmt;

/// A place in a file: line and column, both from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

impl Place {
    /// The beginning of a file.
    pub const START: Self = Self { line: 1, column: 1 };

    /// The place that the YAML reader tells; the beginning where it knows none.
    pub fn of(location: serde_saphyr::Location) -> Self {
        let number = |value: u64| u32::try_from(value).unwrap_or(u32::MAX).max(1);
        Self {
            line: number(location.line()),
            column: number(location.column()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// One thing that is wrong with a file.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{place}: {words}")]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What, in words: one line, no full stop.
    pub words: String,
}

impl Fault {
    /// A fault at a place.
    pub fn new(place: Place, words: impl Into<String>) -> Self {
        Self {
            place,
            words: words.into(),
        }
    }
}

/// ` (did you mean NAME?)` for the known name that is nearest to `name`; empty where none is near.
pub(crate) fn near<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let distance = |known: &str| strsim::damerau_levenshtein(name, known);
    let nearest = known
        .into_iter()
        .map(|known| (distance(known), known))
        .min();
    match nearest {
        Some((distance, known)) if distance <= known.len().max(name.len()).div_ceil(3).min(3) => {
            format!(" (did you mean `{known}`?)")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        let known = ["namespaces", "bridges", "steps"];
        assert_eq!(near("namespace", known), " (did you mean `namespaces`?)");
        assert_eq!(near("setps", known), " (did you mean `steps`?)");
        assert_eq!(near("weather", known), "");
        assert_eq!(near("x", []), "");
    }
}
