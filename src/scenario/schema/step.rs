//! The steps of a file: what happens, one thing a step.
//! Whether a step says one thing, and which, is judged afterwards.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{At, Expect, Lines, Many, Span};

/// One step: a sentence, one action, and what must hold after it. A step without an action only looks.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What happens here and why, in a sentence.
    #[serde(default)]
    pub say: Option<At<String>>,
    /// The namespace in which `run` runs; the root where nothing is said.
    #[serde(default, rename = "in")]
    pub netns: Option<At<String>>,
    /// Command lines as typed in a shell.
    #[serde(default)]
    pub run: Option<At<Lines>>,
    /// Echo requests.
    #[serde(default)]
    pub ping: Option<At<Ping>>,
    /// Lets time pass.
    #[serde(default)]
    pub wait: Option<At<Span>>,
    /// Breaks something.
    #[serde(default)]
    pub fail: Option<At<Fault>>,
    /// Mends what was broken.
    #[serde(default)]
    pub heal: Option<At<Fault>>,
    /// What must hold.
    #[serde(default)]
    pub expect: Option<At<Expect>>,
}

/// Echo requests, as `ping` sends them.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ping {
    /// The namespace from which; the root where nothing is said.
    #[serde(default)]
    pub from: Option<At<String>>,
    /// To which address or name.
    pub to: At<String>,
    /// How many; 1 where nothing is said.
    #[serde(default)]
    pub count: Option<At<u32>>,
    /// Bytes of payload; 56 where nothing is said.
    #[serde(default)]
    pub size: Option<At<u32>>,
    /// The time between two; 1s where nothing is said.
    #[serde(default)]
    pub interval: Option<At<Span>>,
    /// How long the last answer is waited for; 1s where nothing is said.
    #[serde(default)]
    pub timeout: Option<At<Span>>,
    /// The time to live.
    #[serde(default)]
    pub ttl: Option<At<u32>>,
    /// Whether it must not be fragmented on its way.
    #[serde(default)]
    pub df: Option<bool>,
    /// The device or address to send from.
    #[serde(default)]
    pub source: Option<At<String>>,
}

/// What is broken, or mended: one of its fields.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// A device that is set down (`ip link set DEV down`), or up again.
    #[serde(default)]
    pub link: Option<Many<At<String>>>,
    /// A bridge port that forwards nothing (`bridge link set dev DEV state 0`), or forwards again.
    #[serde(default)]
    pub port: Option<Many<At<String>>>,
    /// A host whose cables are all unplugged, or plugged in again.
    #[serde(default)]
    pub host: Option<Many<At<String>>>,
    /// A device that loses frames at random as it sends them.
    #[serde(default)]
    pub loss: Option<Loss>,
}

/// A device that loses frames as it sends them.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Loss {
    /// The device.
    pub on: At<String>,
    /// How many of a million frames; not for `heal`.
    #[serde(default)]
    pub ppm: Option<At<u32>>,
}
