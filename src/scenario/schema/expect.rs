//! What a step says must hold.
//! How each kind is held is in the modules of the judged expectations.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::Item;
use super::{At, Count, Many, Span};
use crate::scenario::Place;

/// What must hold after a step. Everything that is given must.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The exit status of the last command. Where nothing is said, every command must end with 0; a ping may end as it likes
    /// where anything is said about it.
    #[serde(default)]
    pub status: Option<At<i32>>,
    /// What was printed to standard output.
    #[serde(default)]
    pub output: Option<TextExpect>,
    /// What was printed to standard error.
    #[serde(default)]
    pub errors: Option<TextExpect>,
    /// How many echo replies came.
    #[serde(default)]
    pub received: Option<At<Count>>,
    /// How many echo requests got none.
    #[serde(default)]
    pub lost: Option<At<Count>>,
    /// The devices that the first frame goes through from its sender to where it is delivered or lost, in order.
    #[serde(default)]
    pub path: Option<At<Vec<At<String>>>>,
    /// A loss that the step caused.
    #[serde(default)]
    pub drop: Option<At<DropExpect>>,
    /// Entries of a bridge's or tunnel's forwarding table, as `bridge fdb show` prints them.
    #[serde(default)]
    pub fdb: Many<TableExpect>,
    /// Neighbours, as `ip neigh show` prints them.
    #[serde(default)]
    pub neighbours: Many<TableExpect>,
    /// Routes, as `ip route show` prints them (`ip -6 route show` for lines with a colon).
    #[serde(default)]
    pub routes: Many<TableExpect>,
    /// Addresses, as `ip -o address show` prints them.
    #[serde(default)]
    pub addresses: Many<TableExpect>,
    /// Frames that a device sent or got during the step.
    #[serde(default)]
    pub frames: Many<Frames>,
    /// So long after the step began at the latest: the clock moves on until all of the above holds.
    #[serde(default)]
    pub within: Option<At<Span>>,
    /// At this virtual time, from the beginning of the scenario, at the latest.
    #[serde(default)]
    pub by: Option<At<Span>>,
}

/// What a text must be.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TextExpect {
    /// Texts that stand in it.
    #[serde(default)]
    pub contains: Many<At<String>>,
    /// Texts that do not stand in it.
    #[serde(default)]
    pub lacks: Many<At<String>>,
    /// The whole text; white space at its end does not count.
    #[serde(default)]
    pub equals: Option<At<String>>,
    /// Regular expressions that match somewhere in it, `^` and `$` at each line.
    #[serde(default)]
    pub matches: Many<At<String>>,
}

/// Lines that a table has and has not. A line is there where its words stand next to one another in a line of the table.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableExpect {
    /// The namespace; the root, or that of the device, where nothing is said.
    #[serde(default, rename = "in")]
    pub netns: Option<At<String>>,
    /// Only what belongs to this device; for `fdb` a bridge, or one port.
    #[serde(default)]
    pub dev: Option<At<String>>,
    /// Lines that are there. `{mac DEV}` stands for the station address of a device.
    #[serde(default)]
    pub has: Many<At<String>>,
    /// Lines that are not there.
    #[serde(default)]
    pub lacks: Many<At<String>>,
    /// How many lines the table has.
    #[serde(default)]
    pub count: Option<At<Count>>,
}

/// A loss.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DropExpect {
    /// The reason, as the kernel names it: `NEIGH_FAILED`; `none` where nothing may be lost.
    pub reason: At<String>,
    /// The device or namespace at which it was lost.
    #[serde(default)]
    pub at: Option<At<String>>,
}

/// Frames that a device sent or got during the step.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Frames {
    /// The device.
    pub dev: At<String>,
    /// Which frames count: a filter of `tcpdump`; all where nothing is said.
    #[serde(default)]
    pub filter: Option<At<String>>,
    /// How many.
    pub count: At<Count>,
}

impl Item for TableExpect {
    fn from_text(_: &str) -> Option<Self> {
        None
    }

    /// Its lines know their own places.
    fn locate(&mut self, _: Place) {}
}

impl Item for Frames {
    fn from_text(_: &str) -> Option<Self> {
        None
    }

    /// Its count knows its own place.
    fn locate(&mut self, _: Place) {}
}
