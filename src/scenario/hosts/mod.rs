//! The machines of a scenario and what joins them, which `vethlab exec --hosts` reads too: what may be written.
//! It builds machines, not what is in them.
//!
//! [`HostsFile`] is read without judging; [`plan`] judges it, and [`Plan::world`] builds it.

mod build;
mod outside;
mod plan;
mod value;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::schema::{At, End, Many, Span};

pub use outside::OUTSIDE;
pub use plan::{HOSTS_MAX, Plan, plan};
pub use value::{Bytes, Part, Speed};

/// A file of hosts: `vethlab exec --hosts FILE`.
///
/// ```
/// use vethlab::scenario::{hosts::HostsFile, read};
/// use vethlab::tool::Shell;
///
/// let file: HostsFile = read(b"hosts: [h1, h2, h3]\n").unwrap();
/// let mut world = file.plan().unwrap().world(0).unwrap();
/// let ping = Shell::new(&mut world).run("on h2 ping -c 1 192.168.0.13");
/// assert!(ping.stdout.contains("1 received"));
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HostsFile {
    /// The machines.
    pub hosts: Hosts,
    /// The switches that join them; one, named `lan`, where none is given.
    #[serde(default)]
    pub networks: Networks,
    /// Cables from one machine to another, without a switch.
    #[serde(default)]
    pub cables: Vec<Cable>,
}

impl HostsFile {
    /// Judges the file.
    ///
    /// # Errors
    /// All that is wrong with it, each with its place.
    pub fn plan(&self) -> Result<Plan, Vec<super::Fault>> {
        plan(&self.hosts, &self.networks, &self.cables)
    }
}

/// The machines of a world: a list of names, or a map from names to what there is to say of each.
/// The first is where commands run that do not say otherwise.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Hosts(pub Vec<(At<String>, HostSpec)>);

/// The switches of a world.
pub type Networks = Named<NetworkSpec>;

impl Hosts {
    /// Their names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.value.as_str())
    }
}

/// One machine. What stands beside `nics` is said of its only network card, `eth0`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HostSpec {
    /// The network that `eth0` is plugged into; the first one where nothing is said.
    #[serde(default)]
    pub network: Option<At<String>>,
    /// The addresses of `eth0`, each with its prefix length; where nothing is said one of the network's subnet.
    #[serde(default)]
    pub address: Many<At<String>>,
    /// The station address of `eth0`.
    #[serde(default)]
    pub mac: Option<At<String>>,
    /// The MTU of `eth0` in bytes; that of the network where nothing is said.
    #[serde(default)]
    pub mtu: Option<At<u32>>,
    /// How much further away than others it is: added to the latency of all that it sends and gets.
    #[serde(default)]
    pub latency: Option<At<Span>>,
    /// The rate of its cable: `100mbit`.
    #[serde(default)]
    pub rate: Option<At<Speed>>,
    /// The part of frames that its cable loses, in each direction: `0.1%`, `500ppm`.
    #[serde(default)]
    pub loss: Option<At<Part>>,
    /// The bytes that wait in front of its cable at most, where the cable has a rate.
    #[serde(default)]
    pub queue: Option<At<Bytes>>,
    /// The address of its default gateway, or of one for IPv4 and one for IPv6.
    #[serde(default)]
    pub gateway: Many<At<String>>,
    /// Whether its default gateway is the router to a simulated outside, which stands in the network of its first card.
    #[serde(default)]
    pub uplink: Option<At<bool>>,
    /// Its network cards by their names, in the order of their numbers.
    #[serde(default)]
    pub nics: Option<Named<NicSpec>>,
}

/// One network card.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NicSpec {
    /// The network that it is plugged into; the first one where nothing is said.
    #[serde(default)]
    pub network: Option<At<String>>,
    /// Its addresses, each with its prefix length; where nothing is said one of the network's subnet.
    #[serde(default)]
    pub address: Many<At<String>>,
    /// Its station address.
    #[serde(default)]
    pub mac: Option<At<String>>,
    /// Its MTU in bytes; that of the network where nothing is said.
    #[serde(default)]
    pub mtu: Option<At<u32>>,
    /// Added to the latency of all that it sends and gets.
    #[serde(default)]
    pub latency: Option<At<Span>>,
    /// The rate of its cable: `100mbit`.
    #[serde(default)]
    pub rate: Option<At<Speed>>,
    /// The part of frames that its cable loses, in each direction: `0.1%`, `500ppm`.
    #[serde(default)]
    pub loss: Option<At<Part>>,
    /// The bytes that wait in front of its cable at most, where the cable has a rate.
    #[serde(default)]
    pub queue: Option<At<Bytes>>,
}

/// A switch with all its cables.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkSpec {
    /// Of which machines get addresses that say nothing of them: `192.168.0.0/24` for the first network,
    /// `192.168.1.0/24` for the second, and so on.
    #[serde(default)]
    pub subnet: Option<At<String>>,
    /// How long a frame takes from one machine to another.
    #[serde(default)]
    pub latency: Option<At<Span>>,
    /// The rate of each cable: `1gbit`.
    #[serde(default)]
    pub rate: Option<At<Speed>>,
    /// The part of frames that is lost on the way to a machine: `0.1%`, `500ppm`.
    #[serde(default)]
    pub loss: Option<At<Part>>,
    /// The bytes that wait in front of each cable at most, where it has a rate.
    #[serde(default)]
    pub queue: Option<At<Bytes>>,
    /// The MTU of its machines in bytes; 1500 where nothing is said.
    #[serde(default)]
    pub mtu: Option<At<u32>>,
    /// Whether a router to a simulated outside stands in it, and is the default gateway of its machines.
    #[serde(default)]
    pub uplink: bool,
}

/// A cable from one network card to another. A card that the machine has not yet is built in for it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cable {
    /// One end: `h1:eth1`, or a map that says more of it.
    pub a: At<End>,
    /// The other end.
    pub b: At<End>,
    /// How long a frame takes from one end to the other.
    #[serde(default)]
    pub latency: Option<At<Span>>,
    /// Its rate: `1gbit`.
    #[serde(default)]
    pub rate: Option<At<Speed>>,
    /// The part of frames that it loses: `0.1%`, `500ppm`.
    #[serde(default)]
    pub loss: Option<At<Part>>,
    /// The bytes that wait in front of it at most, where it has a rate.
    #[serde(default)]
    pub queue: Option<At<Bytes>>,
}

/// A map whose order and places count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named<T>(pub Vec<(At<String>, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(NamedVisitor(PhantomData))
    }
}

struct NamedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for NamedVisitor<T> {
    type Value = Named<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map from names")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Named<T>, A::Error> {
        entries(map).map(Named)
    }
}

/// The entries of a map in their order; nothing stands for what there is by default.
fn entries<'de, T: Deserialize<'de> + Default, A: MapAccess<'de>>(
    mut map: A,
) -> Result<Vec<(At<String>, T)>, A::Error> {
    let mut all = Vec::new();
    while let Some((name, value)) = map.next_entry::<At<String>, Option<T>>()? {
        all.push((name, value.unwrap_or_default()));
    }
    Ok(all)
}

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Named{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({"type": "object", "additionalProperties": {"anyOf": [one, {"type": "null"}]}})
    }
}

impl<'de> Deserialize<'de> for Hosts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(HostsVisitor)
    }
}

struct HostsVisitor;

impl<'de> Visitor<'de> for HostsVisitor {
    type Value = Hosts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of names, or a map from names to what there is to say of each host")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Hosts, A::Error> {
        let mut all = Vec::new();
        while let Some(name) = seq.next_element::<At<String>>()? {
            all.push((name, HostSpec::default()));
        }
        Ok(Hosts(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Hosts, A::Error> {
        entries(map).map(Hosts)
    }
}

impl JsonSchema for Hosts {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Hosts".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let map = Named::<HostSpec>::json_schema(generator);
        json_schema!({"anyOf": [{"type": "array", "items": {"type": "string"}}, map]})
    }
}

#[cfg(test)]
mod tests;
