//! `bridge vlan set` and `bridge vlan global set`: settings of single VLANs, of a port and as a whole.
//! What the kernel makes of a value is not decided here.

use crate::device::bridge::{PortState, VlanChange};
use crate::kernel::netlink::{BridgeOptions, BridgeVlanGlobalRequest};
use crate::tool::ip::args::{Args, invalid, matches};
use crate::tool::number::{u32_in, u64_in};
use crate::tool::{Call, Failure, Outcome};
use crate::units::{Errno, IfIndex};

use super::vlan::{GLOBAL, range, wrong_vid};
use super::{answered, failed, ifindex};

/// The device and the VLANs of a command.
#[derive(Default)]
struct Place {
    link: Option<IfIndex>,
    vids: Option<(u16, u16)>,
}

impl Place {
    /// Takes `dev` or `vid`; gives what is wrong with it.
    fn take(&mut self, call: &Call<'_>, key: &str, value: &str) -> Option<String> {
        if key == "dev" {
            self.link = ifindex(call, value);
            let missing = self.link.is_none();
            return missing.then(|| format!("Cannot find network device \"{value}\""));
        }
        let (first, last) = range(value);
        let first = first.unwrap_or(0);
        self.vids = (first != -1).then(|| (first as u16, last.unwrap_or(first) as u16));
        wrong_vid(first, last)
    }
}

const MISSING: &str = "Device and VLAN ID are required arguments.";

/// Whether any bridge knows of VLANs: else the kernel is as one that was built without them.
fn knows_vlans(call: &Call<'_>) -> bool {
    !call.world.bridge_vlans(call.netns).is_empty()
}

/// `bridge vlan set`.
pub(super) fn set(call: &mut Call<'_>, words: &[&str]) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let mut place = Place::default();
    let mut change = VlanChange::default();
    while let Some(word) = args.take() {
        match word {
            "dev" | "vid" => {
                if let Some(wrong) = place.take(call, word, args.required()?) {
                    return Ok(failed(call, wrong));
                }
            }
            "state" => match state(args.required()?) {
                Some(state) => change.state = Some(state),
                None => return Ok(failed(call, "Error: invalid STP state")),
            },
            "mcast_router" => {
                let value = args.required()?;
                let router = u32_in(value, 0).and_then(|router| u8::try_from(router).ok());
                let wrong = || invalid("invalid mcast_router", value);
                change.mcast_router = Some(router.ok_or_else(wrong)?);
            }
            word if matches(word, "help") => {
                args.required()?;
            }
            _ => {}
        }
    }
    let (Some(link), Some(vids)) = (place.link, place.vids) else {
        return Ok(failed(call, MISSING));
    };
    let netns = call.netns;
    let done = match knows_vlans(call) {
        true => call.world.bridge_vlan_set(netns, link, vids, &change),
        false => Err(Errno::Eopnotsupp.into()),
    };
    Ok(answered(call, done))
}

/// A state by number or by its whole name.
fn state(word: &str) -> Option<u8> {
    let named = |state: &u8| PortState::from_number(*state).is_some_and(|s| s.name() == word);
    let number = u32_in(word, 10).map(|number| u8::try_from(number).unwrap_or(u8::MAX));
    number.or_else(|| (0..=4).find(named))
}

/// `bridge vlan global set`.
pub(super) fn global(call: &mut Call<'_>, words: &[&str]) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let mut place = Place::default();
    let mut options = BridgeOptions::default();
    while let Some(word) = args.take() {
        match word {
            "dev" | "vid" => {
                if let Some(wrong) = place.take(call, word, args.required()?) {
                    return Ok(failed(call, wrong));
                }
            }
            word if GLOBAL.contains(&word) => {
                let text = args.required()?;
                let wrong = || invalid(format_args!("invalid {word}"), text);
                let value = u64_in(text, 0).ok_or_else(wrong)?;
                put(&mut options, word, value).ok_or_else(wrong)?;
            }
            "help" => {
                args.required()?;
            }
            _ => {}
        }
    }
    let (Some(link), Some(vids)) = (place.link, place.vids) else {
        return Ok(failed(call, MISSING));
    };
    let request = BridgeVlanGlobalRequest {
        link,
        vids,
        options,
    };
    let netns = call.netns;
    let done = match knows_vlans(call) {
        true => call.world.bridge_vlan_global_set(netns, &request),
        false => Err(Errno::Eopnotsupp.into()),
    };
    Ok(answered(call, done))
}

/// Writes one setting; nothing where the value does not fit.
fn put(options: &mut BridgeOptions, word: &str, value: u64) -> Option<()> {
    let byte = || u8::try_from(value).ok();
    let number = || u32::try_from(value).ok();
    match word {
        "mcast_snooping" => options.mcast_snooping = Some(byte()? != 0),
        "mcast_querier" => options.mcast_querier = Some(byte()? != 0),
        "mcast_igmp_version" => options.mcast_igmp_version = Some(byte()?),
        "mcast_mld_version" => options.mcast_mld_version = Some(byte()?),
        "mcast_last_member_count" => options.mcast_last_member_count = Some(number()?),
        "mcast_startup_query_count" => options.mcast_startup_query_count = Some(number()?),
        "mcast_last_member_interval" => options.mcast_last_member_interval = Some(value),
        "mcast_startup_query_interval" => options.mcast_startup_query_interval = Some(value),
        "mcast_membership_interval" => options.mcast_membership_interval = Some(value),
        "mcast_querier_interval" => options.mcast_querier_interval = Some(value),
        "mcast_query_interval" => options.mcast_query_interval = Some(value),
        "mcast_query_response_interval" => options.mcast_query_response_interval = Some(value),
        _ => {}
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_help_sets_something() {
        for word in GLOBAL {
            let mut options = BridgeOptions::default();
            put(&mut options, word, 1).unwrap();
            assert_ne!(options, BridgeOptions::default(), "{word}");
        }
    }

    #[test]
    fn states_are_numbers_or_whole_names() {
        assert_eq!(state("blocking"), Some(4));
        assert_eq!(state("7"), Some(7));
        assert_eq!(state("block"), None);
    }
}
