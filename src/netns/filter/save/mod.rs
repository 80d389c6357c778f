//! A rule as `iptables -S` writes it: the words that would add it again.
//! How `iptables -L` shows it is the tool's.

mod matches;
mod target;
mod value;

use crate::netns::filter::rule::{Counters, Maybe, Rule, protocol_name};
pub use matches::MatchText;
use std::fmt::{self, Display, Formatter};
pub use target::{AUDIT_TYPES, TargetText};
pub use value::{
    Coloned, Dashed, Masked, NatText, NetText, Quoted, addr_type_names, bit_names, pkt_type_name,
    probability_text, rate_text, short_net, state_names, status_names, tcp_flag_names,
};

/// An option with `! ` before it where it is turned round.
fn option<T>(
    f: &mut Formatter<'_>,
    name: &str,
    what: &Maybe<T>,
    value: impl Display,
) -> fmt::Result {
    write!(f, " {}{name} {value}", bang(what.not))
}

fn bang(not: bool) -> &'static str {
    if not { "! " } else { "" }
}

/// A rule with its counters between its matches and its target (`iptables -v -S`).
pub struct RuleText<'a>(pub &'a Rule, pub Option<Counters>);

impl Display for RuleText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (rule, family) = (self.0, self.0.family);
        for (name, net) in [("-s", &rule.src), ("-d", &rule.dst)] {
            if let Some(net) = net {
                option(f, name, net, NetText(family, net.value))?;
            }
        }
        for (name, device) in [("-i", &rule.iif), ("-o", &rule.oif)] {
            if let Some(device) = device {
                option(f, name, device, &device.value)?;
            }
        }
        if let Some(protocol) = &rule.protocol {
            match protocol_name(protocol.value) {
                Some(name) => option(f, "-p", protocol, name)?,
                None => option(f, "-p", protocol, protocol.value)?,
            }
        }
        if let Some(fragment) = &rule.fragment {
            write!(f, " {}-f", bang(fragment.not))?;
        }
        for one in &rule.matches {
            MatchText(family, one).fmt(f)?;
        }
        if let Some(counters) = self.1 {
            write!(f, " -c {} {}", counters.packets, counters.bytes)?;
        }
        match &rule.target {
            Some(target) => TargetText(family, target).fmt(f),
            None => Ok(()),
        }
    }
}

impl Display for Rule {
    /// As `iptables -S` writes it behind `-A CHAIN`, without a blank in front.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text = RuleText(self, None).to_string();
        f.write_str(text.trim_start())
    }
}
