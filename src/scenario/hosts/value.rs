//! Rates, parts and sizes as a hosts file writes them.
//! They are whole numbers of bits per second, parts in a million, and bytes.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

use crate::scenario::schema::parsed;

/// Bits per second, at least one: `100mbit`, `1.5gbit`, as `tc` writes them; a bare number is in bits per second.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Speed(pub u64);

/// A part of all, in millionths: `0.1%`, `500ppm`, `0`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part(pub u32);

/// A number of bytes: `64k`, `1m`, `1500`; the units are of 1024.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bytes(pub u32);

/// A decimal number times `unit`, rounded to the nearest whole; nothing where it is no such number.
fn decimal(text: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let scale = 10u128.pow(u32::try_from(fraction.len()).ok()?);
    let number: u128 = format!("{whole}{fraction}").parse().ok()?;
    let product = number.checked_mul(u128::from(unit))?;
    u64::try_from((product + scale / 2) / scale).ok()
}

/// The number and the unit behind it.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim())
}

impl std::str::FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = split(text);
        let unit = match unit.to_ascii_lowercase().as_str() {
            "" | "bit" => Some(1),
            "kbit" => Some(1_000),
            "mbit" => Some(1_000_000),
            "gbit" => Some(1_000_000_000),
            "tbit" => Some(1_000_000_000_000),
            _ => None,
        };
        let rate = unit.and_then(|unit| decimal(number, unit));
        match rate {
            Some(0) => Err(format!("`{text}` carries nothing: cut the cable instead")),
            Some(rate) => Ok(Self(rate)),
            None => Err(format!(
                "`{text}` is no rate: write 64kbit, 100mbit or 1gbit"
            )),
        }
    }
}

impl std::str::FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = split(text);
        let unit = match unit {
            "%" => Some(10_000),
            "ppm" => Some(1),
            "" if number == "0" => Some(1),
            _ => None,
        };
        let part = unit.and_then(|unit| decimal(number, unit));
        match part.map(u32::try_from) {
            Some(Ok(part)) if part <= 1_000_000 => Ok(Self(part)),
            Some(_) => Err(format!("`{text}` is more than all")),
            None => Err(format!("`{text}` is no part: write 0.1% or 500ppm")),
        }
    }
}

impl std::str::FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = split(text);
        let unit = match unit.to_ascii_lowercase().as_str() {
            "" | "b" => Some(1),
            "k" | "kb" => Some(1 << 10),
            "m" | "mb" => Some(1 << 20),
            _ => None,
        };
        let bytes = unit.and_then(|unit| decimal(number, unit));
        let bytes = bytes.and_then(|bytes| u32::try_from(bytes).ok());
        bytes
            .map(Self)
            .ok_or_else(|| format!("`{text}` is no number of bytes: write 64k, 1m or 1500"))
    }
}

/// What a value looks like, for its schema and for whoever wrote something else.
macro_rules! value {
    ($name:ident, $expected:literal, $pattern:literal) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                parsed(deserializer, $expected)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"anyOf": [
                    {"type": "string", "pattern": $pattern},
                    {"type": "integer", "minimum": 0},
                ]})
            }
        }
    };
}

value!(
    Speed,
    "a rate such as 100mbit",
    "^[0-9]+([.][0-9]+)? *([kmgtKMGT]?bit)?$"
);
value!(
    Part,
    "a part such as 0.1% or 500ppm",
    "^(0|[0-9]+([.][0-9]+)? *(%|ppm))$"
);
value!(
    Bytes,
    "a number of bytes such as 64k",
    "^[0-9]+([.][0-9]+)? *[kmKM]?[bB]?$"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_parts_and_sizes_have_units() {
        for (text, rate) in [
            ("100mbit", 100_000_000),
            ("1.5Gbit", 1_500_000_000),
            ("9600", 9600),
            ("64 kbit", 64_000),
        ] {
            assert_eq!(text.parse(), Ok(Speed(rate)), "{text}");
        }
        for (text, part) in [
            ("0.1%", 1000),
            ("500ppm", 500),
            ("100%", 1_000_000),
            ("0", 0),
        ] {
            assert_eq!(text.parse(), Ok(Part(part)), "{text}");
        }
        assert_eq!("64k".parse(), Ok(Bytes(65536)));
        assert_eq!("1500".parse(), Ok(Bytes(1500)));
    }

    #[test]
    fn what_is_none_of_them_is_said() {
        for text in [
            "",
            "fast",
            "0",
            "-1mbit",
            "1mbps",
            "99999999999999gbit",
            "1.2.3kbit",
        ] {
            assert!(text.parse::<Speed>().is_err(), "{text}");
        }
        for text in [
            "",
            "1",
            "0.5",
            "101%",
            "-1%",
            "9999999999999999999999%",
            "1e3ppm",
        ] {
            assert!(text.parse::<Part>().is_err(), "{text}");
        }
        for text in ["", "5g", "-1", "99999999m"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }
}
