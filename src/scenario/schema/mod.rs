//! The scenario file as typed, in serde's types: what may be written, and where it was written.
//! What it means, and whether it makes sense, is judged afterwards.

mod expect;
mod step;
mod topology;
mod value;

pub use expect::{DropExpect, Expect, Frames, TableExpect, TextExpect};
pub use step::{Fault, Loss, Ping, Step};
pub use topology::{Address, Bridge, End, Neighbour, Route, Sysctl, Veth};
pub(in crate::scenario) use value::parsed;
pub use value::{At, Count, Lines, Many, Span};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::docker::Era;

use super::hosts::{Cable, Hosts, Networks};

/// A scenario: a network, what happens in it, and what must hold.
///
/// A *namespace* is written `NAME`, or `HOST:NAME` where there are several hosts; `HOST:` is the root namespace of a
/// host. A *device* is written `DEV` in the root namespace, `NAMESPACE/DEV` elsewhere: `red/eth0`, `h2:red/eth0`, `h2:eth0`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it is called: one line.
    pub name: At<String>,
    /// What it teaches or guards, in sentences.
    #[serde(default)]
    pub about: Option<String>,
    /// Decides every random number; 0 where it is not given.
    #[serde(default)]
    pub seed: Option<u64>,
    /// As which Docker `docker` behaves: `article` (17.06), `classic` (24.0) or `current` (29), where it is not given.
    #[serde(default)]
    pub docker_era: Option<DockerEra>,
    /// The machines; one, named `host`, where none are given.
    #[serde(default)]
    pub hosts: Option<At<Hosts>>,
    /// The switches that join the machines; one, named `lan`, where none is given.
    #[serde(default)]
    pub networks: Networks,
    /// Cables from one machine to another, without a switch.
    #[serde(default)]
    pub cables: Vec<Cable>,
    /// Network namespaces, each with its loopback up.
    #[serde(default)]
    pub namespaces: Vec<At<String>>,
    /// Bridges.
    #[serde(default)]
    pub bridges: Vec<Bridge>,
    /// Veth pairs.
    #[serde(default)]
    pub veths: Vec<Veth>,
    /// Addresses beside those that stand at a veth's end or a bridge.
    #[serde(default)]
    pub addresses: Vec<Address>,
    /// Kernel settings.
    #[serde(default)]
    pub sysctls: Vec<Sysctl>,
    /// Entries of neighbour tables.
    #[serde(default)]
    pub neighbours: Vec<Neighbour>,
    /// Routes.
    #[serde(default)]
    pub routes: Vec<Route>,
    /// Further command lines that build the network, each of which must succeed.
    #[serde(default)]
    pub setup: Lines,
    /// What happens, in order.
    #[serde(default)]
    pub steps: Vec<Step>,
}

/// A generation of Docker.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DockerEra {
    /// 17.06.
    Article,
    /// 24.0.
    Classic,
    /// 29.
    Current,
}

impl From<DockerEra> for Era {
    fn from(era: DockerEra) -> Self {
        match era {
            DockerEra::Article => Self::Article,
            DockerEra::Classic => Self::Classic,
            DockerEra::Current => Self::Current,
        }
    }
}

/// The JSON Schema of a scenario file, for editors.
pub fn json_schema() -> schemars::Schema {
    schemars::schema_for!(Scenario)
}

/// The same as the text of the file that ships with the project.
pub fn json_schema_text() -> String {
    let text = serde_json::to_string_pretty(&json_schema()).expect("a schema is plain JSON");
    text + "\n"
}
