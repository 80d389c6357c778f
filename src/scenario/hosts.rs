//! The part `hosts` of a scenario, which `vethlab exec --hosts` reads too.
//! It builds machines, not what is in them.

use schemars::JsonSchema;
use serde::Deserialize;

use super::schema::At;

/// The machines of a world.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Hosts(pub Vec<HostSpec>);

/// One machine.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HostSpec {
    /// Its name: what `hostname` prints, and what stands before `:` in the places of a scenario.
    pub name: At<String>,
}
