//! The small values of a scenario file: times, counts, lines, lists that may be one, and where each was written.
//! They know nothing of networks.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
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

impl<T: Clone> At<&T> {
    /// The same of an owned value.
    pub fn cloned(self) -> At<T> {
        self.map(T::clone)
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

/// What may stand alone where a list may stand.
pub trait Item: Sized {
    /// From a text that stands alone at a place; nothing where such a thing is no text.
    fn from_text(text: &str) -> Option<Self>;

    /// Tells it where it stands.
    fn locate(&mut self, place: Place);
}

impl Item for At<String> {
    fn from_text(text: &str) -> Option<Self> {
        Some(Self::start(text.to_owned()))
    }

    fn locate(&mut self, place: Place) {
        self.place = place;
    }
}

impl<'de, T: Deserialize<'de> + Item> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = At::<Raw<T>>::deserialize(deserializer)?;
        match raw.value {
            Raw::List(list) => Ok(Self(list)),
            Raw::One(mut one) => {
                one.locate(raw.place);
                Ok(Self(vec![one]))
            }
        }
    }
}

/// [`Many`] as it was written.
enum Raw<T> {
    One(T),
    List(Vec<T>),
}

impl<'de, T: Deserialize<'de> + Item> Deserialize<'de> for Raw<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor(PhantomData))
    }
}

struct RawVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Item> Visitor<'de> for RawVisitor<T> {
    type Value = Raw<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match T::from_text("") {
            Some(_) => "a text, or a list of texts",
            None => "a map, or a list of maps",
        })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Raw<T>, E> {
        let wrong = || E::invalid_type(serde::de::Unexpected::Str(text), &self);
        T::from_text(text).map(Raw::One).ok_or_else(wrong)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Raw<T>, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Raw<T>, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Raw<T>, A::Error> {
        if T::from_text("").is_some() {
            return Err(A::Error::invalid_type(serde::de::Unexpected::Map, &self));
        }
        T::deserialize(MapAccessDeserializer::new(map)).map(Raw::One)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw<T>, A::Error> {
        let mut all = Vec::new();
        while let Some(one) = seq.next_element()? {
            all.push(one);
        }
        Ok(Raw::List(all))
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
        let texts = Many::<At<String>>::deserialize(deserializer)?;
        Ok(Self(texts.0.iter().flat_map(lines_of).collect()))
    }
}

/// The lines of a text that are no comments. A block text's place is that of its first line.
fn lines_of(text: &At<String>) -> Vec<At<String>> {
    let block = text.value.trim_end().contains('\n');
    let mut lines = Vec::new();
    for (index, line) in text.value.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        lines.push(At {
            value: line.to_owned(),
            place: Place {
                line: text.place.line.saturating_add(index),
                column: if block { 1 } else { text.place.column },
            },
        });
    }
    lines
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
