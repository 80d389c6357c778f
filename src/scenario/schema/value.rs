//! The small values of a scenario file: times, counts, lines, lists that may be one, and where each was written.
//! They know nothing of networks.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::scenario::Place;

/// A value and the place where it stands.
#[derive(Clone, Debug)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

impl<T> At<T> {
    /// The value with another thing in its place.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> At<U> {
        At {
            value: f(self.value),
            place: self.place,
        }
    }

    /// A value that was written nowhere.
    pub fn start(value: T) -> Self {
        Self {
            value,
            place: Place::START,
        }
    }
}

/// Where a thing stands is no part of what it is.
impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for At<T> {}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = serde_saphyr::Spanned::<T>::deserialize(deserializer)?;
        Ok(Self {
            value: spanned.value,
            place: Place::of(spanned.referenced),
        })
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// A list that may be written as its only element.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Many<T>(pub Vec<T>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ManyVisitor(PhantomData))
    }
}

struct ManyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ManyVisitor<T> {
    type Value = Many<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one of them, or a list")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Many<T>, E> {
        T::deserialize(StrDeserializer::new(text)).map(|one| Many(vec![one]))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Many<T>, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Many<T>, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Many<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|one| Many(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Many<T>, A::Error> {
        let mut all = Vec::new();
        while let Some(one) = seq.next_element()? {
            all.push(one);
        }
        Ok(Many(all))
    }
}

impl<T: JsonSchema> JsonSchema for Many<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Many{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({"anyOf": [one, {"type": "array", "items": one}]})
    }
}

/// Command lines: a text with one on each line, or a list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lines(pub Vec<At<String>>);

impl<'de> Deserialize<'de> for Lines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let many = At::<Many<At<Text>>>::deserialize(deserializer)?;
        let whole = many.place;
        let mut lines = Vec::new();
        for text in many.value.0 {
            // A block text's place is that of its first line.
            let known = if text.place == Place::START {
                whole
            } else {
                text.place
            };
            let block = text.value.0.trim_end().contains('\n');
            for (index, line) in text.value.0.lines().enumerate() {
                let index = u32::try_from(index).unwrap_or(u32::MAX);
                let place = Place {
                    line: known.line.saturating_add(index),
                    column: if block { 1 } else { known.column },
                };
                lines.push(At {
                    value: line.trim().to_owned(),
                    place,
                });
            }
        }
        lines.retain(|line| !line.value.is_empty() && !line.value.starts_with('#'));
        Ok(Self(lines))
    }
}

impl JsonSchema for Lines {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Lines".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Many::<String>::json_schema(generator)
    }
}

/// A text, from any plain value: `run: 5` is the text `5`.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

/// A stretch of virtual time: `250ms`, `3s`, `2m`, `1h`, `10us`, `5ns`; a bare number is in seconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Span(pub Duration);

impl std::str::FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let split = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let wrong = || format!("`{text}` is no time: write 250ms, 3s, 2m or 1h");
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let unit_ns = match unit.trim() {
            "ns" => 1,
            "us" => 1_000,
            "ms" => 1_000_000,
            "" | "s" => 1_000_000_000,
            "m" | "min" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return Err(wrong()),
        };
        let ns = number
            .checked_mul(unit_ns)
            .ok_or_else(|| format!("`{text}` is too long"))?;
        Ok(Self(Duration::from_nanos(ns)))
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed(deserializer, "a time such as 250ms, 3s or 2m")
    }
}

impl JsonSchema for Span {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [
            {"type": "string", "pattern": "^[0-9]+ *(ns|us|ms|s|m|min|h)?$"},
            {"type": "integer", "minimum": 0},
        ]})
    }
}

/// How many: `3`, `>=1`, `<=4`, or `1..3` (both included).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Count {
    /// So many at least.
    pub min: u64,
    /// So many at most.
    pub max: u64,
}

impl Count {
    /// Whether so many are right.
    pub fn holds(self, number: u64) -> bool {
        (self.min..=self.max).contains(&number)
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max) {
            (min, max) if min == max => write!(f, "{min}"),
            (min, u64::MAX) => write!(f, "at least {min}"),
            (0, max) => write!(f, "at most {max}"),
            (min, max) => write!(f, "{min} to {max}"),
        }
    }
}

impl std::str::FromStr for Count {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |part: &str| {
            part.trim()
                .parse::<u64>()
                .map_err(|_| format!("`{text}` is no count: write 3, >=1, <=4 or 1..3"))
        };
        let text = text.trim();
        let (min, max) = if let Some(min) = text.strip_prefix(">=") {
            (number(min)?, u64::MAX)
        } else if let Some(max) = text.strip_prefix("<=") {
            (0, number(max)?)
        } else if let Some((min, max)) = text.split_once("..") {
            (number(min)?, number(max)?)
        } else {
            (number(text)?, number(text)?)
        };
        if min > max {
            return Err(format!("`{text}` holds for no number"));
        }
        Ok(Self { min, max })
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed(deserializer, "a count such as 3, >=1, <=4 or 1..3")
    }
}

impl JsonSchema for Count {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Count".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [
            {"type": "integer", "minimum": 0},
            {"type": "string", "pattern": "^ *((>=|<=) *[0-9]+|[0-9]+( *\\.\\. *[0-9]+)?) *$"},
        ]})
    }
}

/// A value that is read from a text, or from a number as the text of it.
pub(in crate::scenario) fn parsed<'de, D: Deserializer<'de>, T: std::str::FromStr<Err = String>>(
    deserializer: D,
    expected: &'static str,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(Parsed(expected, PhantomData))
}

struct Parsed<T>(&'static str, PhantomData<T>);

impl<'de, T: std::str::FromStr<Err = String>> Visitor<'de> for Parsed<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Err(A::Error::custom(format!("expected {}, not a map", self.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, ns) in [
            ("3", 3_000_000_000),
            ("250ms", 250_000_000),
            ("2 m", 120_000_000_000),
        ] {
            assert_eq!(text.parse(), Ok(Span(Duration::from_nanos(ns))), "{text}");
        }
        for text in ["", "ms", "-1s", "3 parsecs", "99999999999999h", "1.5s"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn counts_are_numbers_or_ranges() {
        for (text, min, max) in [
            ("3", 3, 3),
            (">=1", 1, u64::MAX),
            ("<= 4", 0, 4),
            ("1..3", 1, 3),
        ] {
            assert_eq!(text.parse(), Ok(Count { min, max }), "{text}");
        }
        assert!("3..1".parse::<Count>().is_err());
        assert!("many".parse::<Count>().is_err());
    }

    #[test]
    fn lines_know_their_places() {
        let lines: Lines =
            crate::scenario::read(b"- one\n- |\n  two\n  # none\n  three\n").unwrap();
        let places: Vec<(&str, u32)> = lines
            .0
            .iter()
            .map(|line| (line.value.as_str(), line.place.line))
            .collect();
        assert_eq!(places, [("one", 1), ("two", 3), ("three", 5)]);
    }
}
