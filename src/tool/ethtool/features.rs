//! `ethtool -k`, `-K` and `-L`: the features of a device as ethtool groups them, switching them, and the numbers of channels.
//! What hangs on what is decided on lower floors.

use crate::device::offload::{Features, NAMES, bit};
use crate::kernel::Offloads;
use crate::kernel::netlink::{LinkRef, NlError};
use crate::tool::{Call, Failure, Outcome};

use super::no_such_device;

/// A group of features under one heading: ethtool's old name for it, the word that switches it, and its features.
struct Group {
    heading: &'static str,
    word: &'static str,
    features: &'static [&'static str],
}

const GROUPS: &[Group] = &[
    group("rx-checksumming", "rx", &["rx-checksum"]),
    group(
        "tx-checksumming",
        "tx",
        &[
            "tx-checksum-ipv4",
            "tx-checksum-ip-generic",
            "tx-checksum-ipv6",
            "tx-checksum-fcoe-crc",
            "tx-checksum-sctp",
        ],
    ),
    group(
        "scatter-gather",
        "sg",
        &["tx-scatter-gather", "tx-scatter-gather-fraglist"],
    ),
    group(
        "tcp-segmentation-offload",
        "tso",
        &[
            "tx-tcp-segmentation",
            "tx-tcp-ecn-segmentation",
            "tx-tcp-mangleid-segmentation",
            "tx-tcp6-segmentation",
            "tx-tcp-accecn-segmentation",
        ],
    ),
    // No device here cuts UDP datagrams into fragments.
    group("", "ufo", &[]),
    group(
        "generic-segmentation-offload",
        "gso",
        &["tx-generic-segmentation"],
    ),
    group("generic-receive-offload", "gro", &["rx-gro"]),
    group("large-receive-offload", "lro", &["rx-lro"]),
    group("rx-vlan-offload", "rxvlan", &["rx-vlan-hw-parse"]),
    group("tx-vlan-offload", "txvlan", &["tx-vlan-hw-insert"]),
    group("ntuple-filters", "ntuple", &["rx-ntuple-filter"]),
    group("receive-hashing", "rxhash", &["rx-hashing"]),
];

const fn group(
    heading: &'static str,
    word: &'static str,
    features: &'static [&'static str],
) -> Group {
    Group {
        heading,
        word,
        features,
    }
}

impl Group {
    fn bits(&self) -> Features {
        self.features.iter().fold(0, |all, name| all | bit(name))
    }
}

fn by_name(name: &str) -> LinkRef {
    LinkRef::Name(name.to_owned())
}

/// `-k DEV`.
pub(super) fn show(call: &mut Call<'_>, name: &str) -> Result<String, Failure> {
    let features = call.world.offloads(call.netns, &by_name(name));
    let features =
        features.map_err(|_| Failure::not_simulated("ethtool -k of this type of device"))?;
    let mut text = format!("Features for {name}:\n");
    for group in GROUPS.iter().filter(|group| !group.heading.is_empty()) {
        match group.features {
            [only] => text += &line("", group.heading, &features, bit(only)),
            all => {
                let on = features.active & group.bits() != 0;
                let on = if on { "on" } else { "off" };
                text += &format!("{}: {on}\n", group.heading);
                for feature in all {
                    text += &line("\t", feature, &features, bit(feature));
                }
            }
        }
    }
    let grouped = GROUPS.iter().fold(0, |all, group| all | group.bits());
    for feature in NAMES
        .iter()
        .filter(|name| !name.is_empty() && bit(name) & grouped == 0)
    {
        text += &line("", feature, &features, bit(feature));
    }
    Ok(text)
}

fn line(indent: &str, name: &str, features: &Offloads, bit: Features) -> String {
    let on = features.active & bit != 0;
    let word = if on { "on" } else { "off" };
    let note = if features.changeable & bit == 0 {
        " [fixed]"
    } else if (features.wanted & bit != 0) != on {
        if on {
            " [requested off]"
        } else {
            " [requested on]"
        }
    } else {
        ""
    };
    format!("{indent}{name}: {word}{note}\n")
}

/// `-K DEV FEATURE on|off ...`.
pub(super) fn change(call: &mut Call<'_>, name: &str, words: &[&str]) -> Result<Outcome, Failure> {
    let (asked, values) = read(name, call, words)?;
    let before = offloads(call, name)?;
    let after = call
        .world
        .set_offloads(call.netns, &by_name(name), (asked, values))?;
    let otherwise = (values ^ after.active) & asked;
    let changed = before.active ^ after.active;
    if otherwise == asked {
        call.console.err("Could not change any device features\n");
    }
    if otherwise != 0 || changed & !asked != 0 {
        call.console.out("Actual changes:\n");
        let named = NAMES.iter().filter(|name| !name.is_empty());
        for feature in named {
            let bit = bit(feature);
            if (otherwise | changed) & bit == 0 {
                continue;
            }
            let word = |on: bool| if on { "on" } else { "off" };
            let is = word(after.active & bit != 0);
            let note = if otherwise & bit != 0 {
                format!(" [requested {}]", word(values & bit != 0))
            } else if asked & bit == 0 {
                " [not requested]".to_owned()
            } else {
                String::new()
            };
            call.console.out(format!("{feature}: {is}{note}\n"));
        }
    }
    Ok(Outcome::Exit(i32::from(otherwise == asked)))
}

fn offloads(call: &Call<'_>, name: &str) -> Result<Offloads, Failure> {
    let found = call.world.offloads(call.netns, &by_name(name));
    found.map_err(|error| match error.errno {
        crate::units::Errno::Enodev => no_such_device(92),
        _ => Failure::not_simulated("ethtool -K of this type of device"),
    })
}

/// Which features are asked for, and what they are to be.
fn read(name: &str, call: &Call<'_>, words: &[&str]) -> Result<(Features, Features), Failure> {
    let (mut asked, mut values) = (0, 0);
    let mut rest = words;
    while let [word, after @ ..] = rest {
        let on = match after.first() {
            Some(&"on") => true,
            Some(&"off") => false,
            other => {
                let flag = other.unwrap_or(&"(null)");
                return Err(Failure::line(
                    1,
                    format_args!(
                        "ethtool (-K): flag '{flag}' for parameter '(null)' is not followed by 'on' or 'off'"
                    ),
                ));
            }
        };
        rest = &after[1..];
        let group = GROUPS
            .iter()
            .find(|group| group.word == *word || group.heading == *word);
        let bits = match group {
            Some(group) => group.bits(),
            None => bit(word),
        };
        if bits == 0 && group.is_none() {
            offloads(call, name)?;
            return Err(Failure::line(
                92,
                "netlink error: bit name not found (offset 52)\nnetlink error: Operation not supported",
            ));
        }
        asked |= bits;
        values = if on { values | bits } else { values & !bits };
    }
    Ok((asked, values))
}

/// `-l DEV`: only a veth has channels.
pub(super) fn channels(call: &Call<'_>, name: &str) -> Result<String, Failure> {
    let found = call.world.channels(call.netns, &by_name(name));
    let [(rx, rx_max), (tx, tx_max)] = found.map_err(|error| channel_error(&error))?;
    Ok(format!(
        "Channel parameters for {name}:\nPre-set maximums:\nRX:\t\t{rx_max}\nTX:\t\t{tx_max}\nOther:\t\tn/a\nCombined:\tn/a\nCurrent hardware settings:\nRX:\t\t{rx}\nTX:\t\t{tx}\nOther:\t\tn/a\nCombined:\tn/a\n"
    ))
}

fn channel_error(error: &NlError) -> Failure {
    match (error.errno, &error.extack) {
        (crate::units::Errno::Enodev, _) => no_such_device(1),
        (errno, Some(text)) => Failure::line(
            1,
            format_args!("netlink error: {text} (offset 32)\nnetlink error: {errno}"),
        ),
        (errno, None) => Failure::line(1, format_args!("netlink error: {errno}")),
    }
}

/// `-L DEV rx N tx N ...`.
pub(super) fn set_channels(
    call: &mut Call<'_>,
    name: &str,
    words: &[&str],
) -> Result<Outcome, Failure> {
    let mut wanted = [None; 2];
    let mut beyond = false;
    for pair in words.chunks(2) {
        let number = pair.get(1).and_then(|value| value.parse::<u32>().ok());
        match pair[0] {
            "rx" => wanted[0] = number,
            "tx" => wanted[1] = number,
            // A veth has none of these.
            "combined" | "other" => beyond |= number.is_some_and(|number| number > 0),
            other => {
                return Err(Failure::line(
                    1,
                    format_args!("ethtool (-L): unknown parameter '{other}'"),
                ));
            }
        }
        if number.is_none() {
            return Err(Failure::line(
                1,
                format_args!("ethtool (-L): no value for parameter '{}'", pair[0]),
            ));
        }
    }
    if beyond {
        wanted[0] = Some(u32::MAX);
    }
    call.world
        .set_channels(call.netns, &by_name(name), wanted)
        .map_err(|error| channel_error(&error))?;
    Ok(Outcome::Exit(0))
}
