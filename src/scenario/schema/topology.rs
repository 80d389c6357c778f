//! The parts of a file that declare a network.
//! Each of them means exactly the commands that `vethlab run --commands` prints.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{At, Many, Span};
use crate::scenario::Place;

/// A veth pair: two devices that are the two ends of one cable.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Veth {
    /// One end.
    pub a: At<End>,
    /// The other end.
    pub b: At<End>,
}

/// One end of a veth pair: a device, or a map that says more of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct End {
    /// The device.
    pub dev: At<String>,
    /// Its addresses, each with its prefix length, and with words of `ip address add` behind it where there are any.
    pub address: Vec<At<String>>,
    /// Its station address.
    pub mac: Option<At<String>>,
    /// The bridge whose port it is.
    pub master: Option<At<String>>,
    /// Its MTU in bytes.
    pub mtu: Option<At<u32>>,
    /// Whether it is up; it is where nothing is said.
    pub up: bool,
}

impl End {
    /// The device's name where it stands; `place` is that of the whole end.
    pub fn name(&self, place: Place) -> At<&String> {
        let known = self.dev.place != Place::START;
        At {
            value: &self.dev.value,
            place: if known { self.dev.place } else { place },
        }
    }
}

/// [`End`] as a map.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "End")]
struct EndMap {
    /// The device.
    dev: At<String>,
    /// Its addresses: `10.0.0.1/24`, and words of `ip address add` behind it.
    #[serde(default)]
    address: Many<At<String>>,
    /// Its station address: `02:00:00:00:00:01`.
    mac: Option<At<String>>,
    /// The bridge whose port it is.
    master: Option<At<String>>,
    /// Its MTU in bytes.
    mtu: Option<At<u32>>,
    /// Whether it is up; it is where nothing is said.
    up: Option<bool>,
}

impl<'de> Deserialize<'de> for End {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EndVisitor)
    }
}

struct EndVisitor;

impl<'de> Visitor<'de> for EndVisitor {
    type Value = End;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a device, or a map with `dev`")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<End, E> {
        Ok(End {
            dev: At::start(text.to_owned()),
            address: Vec::new(),
            mac: None,
            master: None,
            mtu: None,
            up: true,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<End, A::Error> {
        let map = EndMap::deserialize(MapAccessDeserializer::new(map))?;
        Ok(End {
            dev: map.dev,
            address: map.address.0,
            mac: map.mac,
            master: map.master,
            mtu: map.mtu,
            up: map.up.unwrap_or(true),
        })
    }
}

impl JsonSchema for End {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "EndOrDevice".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let map = generator.subschema_for::<EndMap>();
        json_schema!({"anyOf": [{"type": "string", "description": "The device: `DEV` or `NAMESPACE/DEV`."}, map]})
    }
}

/// A bridge.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bridge {
    /// The device.
    pub dev: At<String>,
    /// Its ports that are veth ends or other devices declared here.
    #[serde(default)]
    pub ports: Vec<At<String>>,
    /// Its own addresses.
    #[serde(default)]
    pub address: Many<At<String>>,
    /// Its station address.
    #[serde(default)]
    pub mac: Option<At<String>>,
    /// Whether it speaks the spanning tree protocol; it does not where nothing is said.
    #[serde(default)]
    pub stp: bool,
    /// Its bridge priority, 0 to 65535.
    #[serde(default)]
    pub priority: Option<At<u32>>,
    /// How long a station is remembered that is silent.
    #[serde(default)]
    pub ageing: Option<At<Span>>,
    /// How long a port listens, and again how long it learns, before it forwards.
    #[serde(default)]
    pub forward_delay: Option<At<Span>>,
    /// Whether it looks at VLANs.
    #[serde(default)]
    pub vlan_filtering: bool,
    /// Whether it is up; it is where nothing is said.
    #[serde(default)]
    pub up: Option<bool>,
}

/// Addresses of a device.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// The device.
    pub dev: At<String>,
    /// The addresses, each with its prefix length, and with words of `ip address add` behind it where there are any.
    pub address: Many<At<String>>,
}

/// A kernel setting.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sysctl {
    /// The namespace; the root where nothing is said.
    #[serde(default, rename = "in")]
    pub netns: Option<At<String>>,
    /// `NAME=VALUE`, as `sysctl -w` takes it.
    pub set: Many<At<String>>,
}

/// An entry of a neighbour table.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Neighbour {
    /// The device behind which the neighbour is.
    pub dev: At<String>,
    /// Its IP address.
    pub address: At<String>,
    /// Its station address.
    pub mac: At<String>,
}

/// A route.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The namespace; the root where nothing is said.
    #[serde(default, rename = "in")]
    pub netns: Option<At<String>>,
    /// Where to, and the rest as `ip route add` takes it: `default via 10.0.0.1`.
    pub add: Many<At<String>>,
}
