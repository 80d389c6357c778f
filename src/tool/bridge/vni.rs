//! `bridge vni`: the networks that a VXLAN device takes that filters (`vnifilter`).
//! What the kernel makes of them is not decided here.

use std::net::IpAddr;

use crate::device::vxlan::VniEntry;
use crate::kernel::netlink::{VniInfo, VniRequest};
use crate::tool::ip::args::{Args, address, invalid, matches};
use crate::tool::ip::options::Options;
use crate::tool::print::{Color, Printer};
use crate::tool::{Call, Failure, Outcome};

use super::{answered, failed, help, ifindex, ifname, only_device, unknown_command};

/// Where the second column begins.
const INDENT: &str = "                  ";

/// Runs `bridge vni`.
pub(super) fn run(
    call: &mut Call<'_>,
    options: &Options,
    words: &[&str],
) -> Result<Outcome, Failure> {
    let Some((word, rest)) = words.split_first() else {
        return show(call, options, &[]);
    };
    // Verbs other than `help` are not abbreviated, `del` neither.
    match *word {
        "add" => modify(call, options, rest, true),
        "delete" => modify(call, options, rest, false),
        "show" | "lst" | "list" => show(call, options, rest),
        word if matches(word, "help") => Err(help::vni()),
        word => Err(unknown_command(word, "vni")),
    }
}

/// The number in front of a word, 0 where there is none (`atoi`).
fn number(word: &str) -> u32 {
    super::atoi(word) as u32
}

/// `10` or `10-20`.
fn range(word: &str) -> (u32, u32) {
    match word.split_once('-') {
        Some((first, last)) => (number(first), number(last)),
        None => (number(word), number(word)),
    }
}

fn modify(
    call: &mut Call<'_>,
    options: &Options,
    words: &[&str],
    add: bool,
) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let (mut dev, mut vnis, mut remote) = (None, None, None);
    while let Some(word) = args.take() {
        match word {
            "dev" => dev = Some(args.required()?),
            "vni" if vnis.is_some() => return Err(invalid("duplicate vni", args.required()?)),
            "vni" => vnis = Some(range(args.required()?)),
            "group" | "remote" => {
                let text = args.required()?;
                remote = Some(far_end(word == "group", text, options)?);
            }
            word if matches(word, "help") => return Err(help::vni()),
            _ => {}
        }
    }
    let (Some(dev), Some(vnis)) = (dev, vnis) else {
        return Ok(failed(call, "Device and VNI ID are required arguments."));
    };
    let Some(link) = ifindex(call, dev) else {
        let text = format_args!("Cannot find vxlan device \"{dev}\"");
        return Ok(failed(call, text));
    };
    let request = VniRequest {
        link,
        vnis,
        remote: remote.filter(|remote: &IpAddr| !remote.is_unspecified()),
        add,
    };
    let netns = call.netns;
    let done = call.world.vni_change(netns, &request);
    Ok(answered(call, done))
}

fn far_end(group: bool, text: &str, options: &Options) -> Result<IpAddr, Failure> {
    let wrong = || invalid("invalid group address", text);
    let addr = address(text, options.family)?.addr.ok_or_else(wrong)?;
    match group && !addr.is_multicast() {
        true => Err(wrong()),
        false => Ok(addr),
    }
}

fn show(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    let dev = only_device(words)?;
    let only = match dev.map(|name| (name, ifindex(call, name))) {
        None => None,
        Some((_, Some(index))) => Some(index),
        Some((name, None)) => {
            return Ok(failed(call, format_args!("Cannot find device \"{name}\"")));
        }
    };
    let header = match options.json {
        true => String::new(),
        false => format!("{:<16}  {:<15}  {:<15}\n", "dev", "vni", "group/remote"),
    };
    let told = match call.world.vni_dump(call.netns, only) {
        Ok(told) => told,
        Err(error) => {
            // So it is spelled.
            call.console.err(format!("{error}\nDump ternminated\n"));
            call.console
                .out(if options.json { "[".to_owned() } else { header });
            return Ok(Outcome::Exit(1));
        }
    };
    call.console.out(header);
    let mut out = options.printer();
    for info in &told {
        print(call, &mut out, options, info);
    }
    call.console.out(out.finish());
    Ok(Outcome::Exit(0))
}

/// The networks of one device (`print_vnifilter_rtm`).
fn print(call: &Call<'_>, out: &mut Printer, options: &Options, info: &VniInfo) {
    let name = ifname(call, info.ifindex);
    out.open_object(None);
    if out.is_json() {
        out.json_only("ifname", &name);
    } else {
        out.painted(Color::Ifname, "ifname", &name, format_args!("{name:<16}  "));
    }
    out.open_array(Some("vnis"));
    let mut indent = "";
    for (first, last, entry) in ranges(&info.vnis, options.stats > 0) {
        out.open_object(None);
        out.word(indent);
        indent = INDENT;
        print_range(out, options, (first, last), entry);
        out.close_object();
    }
    out.close_array();
    out.word("\n");
    out.close_object();
}

/// Consecutive networks of one remote are told at once, unless each has its counts (`vnirange`).
fn ranges(vnis: &[(u32, VniEntry)], counted: bool) -> Vec<(u32, u32, &VniEntry)> {
    let mut ranges: Vec<(u32, u32, &VniEntry)> = Vec::new();
    for (vni, entry) in vnis {
        match ranges.last_mut() {
            Some((_, last, of)) if !counted && *last + 1 == *vni && of.remote == entry.remote => {
                *last = *vni;
            }
            _ => ranges.push((*vni, *vni, entry)),
        }
    }
    ranges
}

fn print_range(out: &mut Printer, options: &Options, (first, last): (u32, u32), entry: &VniEntry) {
    if first == last {
        out.any("vni", first, format_args!(" {first:<14}"));
    } else {
        out.any("vni", first, format_args!(" {first}"));
        out.any("vniEnd", last, format_args!("-{last:<14} "));
    }
    if let Some(remote) = entry.remote {
        let key = if remote.is_multicast() {
            "group"
        } else {
            "remote"
        };
        let color = if remote.is_ipv6() {
            Color::Inet6
        } else {
            Color::Inet
        };
        out.painted(color, key, remote, format_args!(" {remote}"));
    }
    out.word("\n");
    if options.stats > 0 {
        print_stats(out, entry);
    }
}

fn print_stats(out: &mut Printer, entry: &VniEntry) {
    let s = &entry.stats;
    out.open_object(Some("stats"));
    for (word, counts) in [
        ("RX", [s.rx_bytes, s.rx_packets, s.rx_drops, s.rx_errors]),
        ("TX", [s.tx_bytes, s.tx_packets, s.tx_drops, s.tx_errors]),
    ] {
        out.word(&format!("{INDENT} {word}: "));
        for (name, count) in ["bytes", "pkts", "drops", "errors"].into_iter().zip(counts) {
            let key = format!("{}_{name}", word.to_ascii_lowercase());
            out.any(&key, count, format_args!("{name} {count} "));
        }
        out.word("\n");
    }
    out.close_object();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_end_where_the_remote_changes_or_a_number_is_missing() {
        let plain = VniEntry::default();
        let far = VniEntry {
            remote: Some([10, 0, 0, 9].into()),
            ..plain
        };
        let vnis = [(1, plain), (2, plain), (3, far), (5, far)];
        let told = |counted| -> Vec<(u32, u32)> {
            let ranges = ranges(&vnis, counted);
            ranges
                .iter()
                .map(|(first, last, _)| (*first, *last))
                .collect()
        };
        assert_eq!(told(false), [(1, 2), (3, 3), (5, 5)]);
        assert_eq!(told(true).len(), 4);
    }

    #[test]
    fn a_range_is_two_numbers_and_a_word_is_none() {
        assert_eq!(range("20-25"), (20, 25));
        assert_eq!(range("7"), (7, 7));
        assert_eq!(range("abc"), (0, 0));
    }
}
