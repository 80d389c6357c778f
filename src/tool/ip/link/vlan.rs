//! The options of `type vlan`: reading and printing them (`vlan_parse_opt`, `vlan_print_opt`).
//! What the kernel makes of a value is not decided here.

use crate::kernel::netlink::{VlanFlags, VlanInfo, VlanOptions};
use crate::tool::ip::args::{Args, invalid, matches};
use crate::tool::print::Printer;
use crate::tool::{Failure, number};

use super::bridge::protocol;
use super::parse::on_off;

const USAGE: &str = "Usage: ... vlan id VLANID
\t\t[ protocol VLANPROTO ]
\t\t[ reorder_hdr { on | off } ]
\t\t[ gvrp { on | off } ]
\t\t[ mvrp { on | off } ]
\t\t[ loose_binding { on | off } ]
\t\t[ bridge_binding { on | off } ]
\t\t[ ingress-qos-map QOS-MAP ]
\t\t[ egress-qos-map QOS-MAP ]

VLANID := 0-4095
VLANPROTO: [ 802.1Q | 802.1ad ]
QOS-MAP := [ QOS-MAP ] QOS-MAPPING
QOS-MAPPING := FROM:TO
";

/// The switches, in the order in which they are read.
const SWITCHES: [(&str, VlanFlags); 5] = [
    ("reorder_hdr", VlanFlags::REORDER_HDR),
    ("gvrp", VlanFlags::GVRP),
    ("mvrp", VlanFlags::MVRP),
    ("loose_binding", VlanFlags::LOOSE_BINDING),
    ("bridge_binding", VlanFlags::BRIDGE_BINDING),
];

/// The help of the type.
pub fn usage() -> String {
    USAGE.to_owned()
}

/// Reads the options of a vlan device.
///
/// # Errors
/// The words and statuses of iproute2.
pub fn parse<S: AsRef<str>>(args: &mut Args<'_, S>) -> Result<VlanOptions, Failure> {
    let mut options = VlanOptions::default();
    while let Some(word) = args.take() {
        let switch = SWITCHES.iter().find(|(name, _)| matches(word, name));
        if matches(word, "protocol") {
            let value = args.required()?;
            let number = protocol(value).ok_or_else(|| invalid("protocol is invalid", value))?;
            options.protocol = Some(number);
        } else if matches(word, "id") {
            let value = args.required()?;
            let id = number::u16_in(value, 0).ok_or_else(|| invalid("id is invalid", value))?;
            options.id = Some(id);
        } else if let Some((name, flag)) = switch {
            let on = on_off(name, args.required()?)?;
            options.flags.push((*flag, on));
        } else if matches(word, "ingress-qos-map") {
            options.ingress_qos.extend(qos(args, "ingress-qos-map")?);
        } else if matches(word, "egress-qos-map") {
            options.egress_qos.extend(qos(args, "egress-qos-map")?);
        } else {
            let complaint = match matches(word, "help") {
                true => String::new(),
                false => format!("vlan: unknown command \"{word}\"?\n"),
            };
            return Err(Failure {
                stderr: complaint + USAGE,
                status: 1,
            });
        }
    }
    Ok(options)
}

/// `1:2 3:4`, up to the first word without a colon.
fn qos<S: AsRef<str>>(args: &mut Args<'_, S>, key: &str) -> Result<Vec<(u32, u32)>, Failure> {
    let mut pairs = Vec::new();
    let mut next = Some(args.required()?);
    if next.is_some_and(|word| !word.contains(':')) {
        let word = next.unwrap_or_default();
        return Err(Failure {
            stderr: format!("vlan: unknown command \"{word}\"?\n{USAGE}"),
            status: 1,
        });
    }
    while let Some((from, to)) = next.and_then(|word| word.split_once(':')) {
        let wrong = || invalid(format_args!("invalid {key}"), from);
        let number = |text| number::u32_in(text, 0).ok_or_else(wrong);
        pairs.push((number(from)?, number(to)?));
        next = match args.peek().is_some_and(|word| word.contains(':')) {
            true => args.take(),
            false => None,
        };
    }
    Ok(pairs)
}

/// The name of an Ethernet type of a tag.
pub fn protocol_name(protocol: u16) -> String {
    match protocol {
        0x8100 => "802.1Q".to_owned(),
        0x88a8 => "802.1ad".to_owned(),
        other => format!("[{other}]"),
    }
}

/// The flags in the order in which they are printed.
const FLAGS: [(VlanFlags, &str); 5] = [
    (VlanFlags::REORDER_HDR, "REORDER_HDR"),
    (VlanFlags::GVRP, "GVRP"),
    (VlanFlags::MVRP, "MVRP"),
    (VlanFlags::LOOSE_BINDING, "LOOSE_BINDING"),
    (VlanFlags::BRIDGE_BINDING, "BRIDGE_BINDING"),
];

/// Prints what the kernel reports of a vlan device.
pub fn print(out: &mut Printer, info: &VlanInfo) {
    let name = protocol_name(info.protocol);
    out.any("protocol", &*name, format_args!("protocol {name} "));
    out.number("id", "id", info.id);
    if info.flags != VlanFlags::default() {
        out.open_array(Some("flags"));
        out.word("<");
        let mut comma = "";
        for (_, name) in FLAGS.into_iter().filter(|(flag, _)| info.flags.has(*flag)) {
            out.item(name, format_args!("{comma}{name}"));
            comma = ",";
        }
        out.close_array();
        out.word("> ");
    }
    print_map(out, ("ingress_qos", "ingress-qos-map"), &info.ingress_qos);
    print_map(out, ("egress_qos", "egress-qos-map"), &info.egress_qos);
}

fn print_map(out: &mut Printer, (key, word): (&str, &str), map: &[(u32, u32)]) {
    if map.is_empty() {
        return;
    }
    out.open_array(Some(key));
    out.line_break();
    out.fp(format_args!("      {word} {{ "));
    for (from, to) in map {
        out.open_object(None);
        out.any("from", *from, format_args!("{from}"));
        out.any("to", *to, format_args!(":{to} "));
        out.close_object();
    }
    out.close_array();
    out.word("} ");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<VlanOptions, Failure> {
        parse(&mut Args::new(words))
    }

    #[test]
    fn all_options_of_a_vlan_are_read() {
        let words = [
            "id",
            "10",
            "protocol",
            "802.1AD",
            "reorder_hdr",
            "off",
            "gvrp",
            "on",
            "ingress-qos-map",
            "1:2",
            "3:4",
            "egress",
            "0:7",
        ];
        let options = read(&words).unwrap();
        assert_eq!((options.id, options.protocol), (Some(10), Some(0x88a8)));
        let flags = [(VlanFlags::REORDER_HDR, false), (VlanFlags::GVRP, true)];
        assert_eq!(options.flags, flags);
        assert_eq!(options.ingress_qos, [(1, 2), (3, 4)]);
        assert_eq!(options.egress_qos, [(0, 7)]);
    }

    #[test]
    fn what_is_no_option_of_a_vlan_is_refused_in_iproute2s_words() {
        for (words, text, status) in [
            (
                &["id", "65536"][..],
                "Error: argument \"65536\" is wrong: id is invalid\n",
                255,
            ),
            (
                &["id"],
                "Command line is not complete. Try option \"help\"\n",
                255,
            ),
            (
                &["mvrp", "yes"],
                "Error: argument of \"mvrp\" must be \"on\" or \"off\", not \"yes\"\n",
                1,
            ),
            (
                &["ingress-qos-map", "1:x"],
                "Error: argument \"1\" is wrong: invalid ingress-qos-map\n",
                255,
            ),
        ] {
            let failure = read(words).unwrap_err();
            assert_eq!((failure.stderr.as_str(), failure.status), (text, status));
        }
        let failure = read(&["ingress-qos-map", "5"]).unwrap_err();
        assert!(
            failure
                .stderr
                .starts_with("vlan: unknown command \"5\"?\nUsage: ")
        );
    }
}
