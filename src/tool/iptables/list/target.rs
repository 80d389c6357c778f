//! What a listing says of a target behind the matches.
//! The name in the first column is `list`'s.

use crate::netns::filter::rule::{
    ConnMark, Family, Log, NatTo, Nflog, Reject, TOS_NAMES, Target, TtlChange,
};
use crate::netns::filter::save::{AUDIT_TYPES, Dashed, NatText, NetText};
use std::fmt::Write;

fn nat_flags(out: &mut String, to: &NatTo) {
    out.push_str(if to.random { " random" } else { "" });
    out.push_str(if to.random_fully { " random-fully" } else { "" });
    out.push_str(if to.persistent { " persistent" } else { "" });
}

fn mark_words(out: &mut String, title: &str, value: u32, mask: u32) {
    let _ = match (value, mask) {
        (0, mask) => write!(out, " {title} and 0x{:x}", !mask),
        (value, mask) if value == mask => write!(out, " {title} or 0x{value:x}"),
        (value, 0) => write!(out, " {title} xor 0x{value:x}"),
        (value, u32::MAX) => write!(out, " {title} set 0x{value:x}"),
        (value, mask) => write!(out, " {title} xset 0x{value:x}/0x{mask:x}"),
    };
}

/// What a target says behind the matches, blanks in front.
pub(super) fn target_text(out: &mut String, family: Family, target: &Target, numeric: bool) {
    let _ = match target {
        Target::Reject(kind) => {
            let names = Reject::names(family);
            let name = names.iter().find(|(_, _, known)| known == kind);
            let name = name.map_or("icmp-port-unreachable", |(name, _, _)| name);
            write!(out, " reject-with {name}")
        }
        Target::Masquerade(to) => {
            if let Some(ports) = to.ports {
                let _ = write!(out, " masq ports: {}", Dashed(ports));
            }
            nat_flags(out, to);
            Ok(())
        }
        Target::Redirect(to) => {
            if let Some(ports) = to.ports {
                let _ = write!(out, " redir ports {}", Dashed(ports));
            }
            nat_flags(out, to);
            Ok(())
        }
        Target::Snat(to) | Target::Dnat(to) => {
            let _ = write!(out, " to:{}", NatText(family, *to));
            nat_flags(out, to);
            Ok(())
        }
        Target::Mark { value, mask } => {
            mark_words(out, "MARK", *value, *mask);
            Ok(())
        }
        Target::ConnMark(what) => connmark(out, *what),
        Target::Log(log) => log_text(out, log, numeric),
        Target::NoTrack { old_name: true } => out.write_str(" NOTRACK"),
        Target::NoTrack { old_name: false } => out.write_str(" CT notrack"),
        Target::Ttl(how) => {
            let name = if family == Family::V4 { "TTL" } else { "HL" };
            match how {
                TtlChange::Set(value) => write!(out, " {name} set to {value}"),
                TtlChange::Inc(value) => write!(out, " {name} increment by {value}"),
                TtlChange::Dec(value) => write!(out, " {name} decrement by {value}"),
            }
        }
        Target::TcpMss(None) => out.write_str(" TCPMSS clamp to PMTU"),
        Target::TcpMss(Some(mss)) => write!(out, " TCPMSS set {mss}"),
        Target::Checksum => out.write_str(" CHECKSUM fill"),
        Target::Netmap(to) => write!(out, " to:{}", NetText(family, *to)),
        Target::Tos { value, mask } => tos(out, *value, *mask, numeric),
        Target::Dscp(value) => write!(out, " DSCP set 0x{value:02x}"),
        Target::Nflog(what) => nflog(out, what),
        Target::Nfqueue {
            queues: (first, last),
            bypass,
            cpu_fanout,
        } => {
            let _ = match first == last {
                true => write!(out, " NFQUEUE num {first}"),
                false => write!(out, " NFQUEUE balance {first}:{last}"),
            };
            out.push_str(if *bypass { " bypass" } else { "" });
            out.push_str(if *cpu_fanout { " cpu-fanout" } else { "" });
            Ok(())
        }
        Target::Audit(kind) => {
            let name = AUDIT_TYPES.get(usize::from(*kind)).unwrap_or(&"accept");
            write!(out, " AUDIT {name}")
        }
        Target::Accept
        | Target::Drop
        | Target::Return
        | Target::Jump(_)
        | Target::Goto(_)
        | Target::Trace => Ok(()),
    };
}

/// Without `-n` as an operation, or by name where it is one of RFC 1349.
fn tos(out: &mut String, value: u8, mask: u8, numeric: bool) -> std::fmt::Result {
    let named = TOS_NAMES.iter().find(|(_, known)| *known == value);
    match (named, value, mask) {
        _ if numeric => write!(out, " TOS set 0x{value:02x}/0x{mask:02x}"),
        (Some((name, _)), _, 0x3f) => write!(out, "  TOS set{name}"),
        (_, 0, mask) => write!(out, " TOS and 0x{:02x}", !mask),
        (_, value, mask) if value == mask => write!(out, " TOS or 0x{value:02x}"),
        (_, value, 0) => write!(out, " TOS xor 0x{value:02x}"),
        (_, value, mask) => write!(out, " TOS set 0x{value:02x}/0x{mask:02x}"),
    }
}

fn nflog(out: &mut String, what: &Nflog) -> std::fmt::Result {
    if !what.prefix.is_empty() {
        write!(out, " nflog-prefix \"{}\"", what.prefix)?;
    }
    if what.group != 0 {
        write!(out, " nflog-group {}", what.group)?;
    }
    if let Some(size) = what.size {
        write!(out, " nflog-size {size}")?;
    }
    match what.threshold {
        0 => Ok(()),
        threshold => write!(out, " nflog-threshold {threshold}"),
    }
}

fn connmark(out: &mut String, what: ConnMark) -> std::fmt::Result {
    let (name, nfmask, ctmask) = match what {
        ConnMark::Set { value, mask } => {
            mark_words(out, "CONNMARK", value, mask);
            return Ok(());
        }
        ConnMark::Save { nfmask, ctmask } => ("save", nfmask, ctmask),
        ConnMark::Restore { nfmask, ctmask } => ("restore", nfmask, ctmask),
    };
    write!(out, " CONNMARK {name}")?;
    match (nfmask, ctmask) {
        (u32::MAX, u32::MAX) => Ok(()),
        (one, other) if one == other => write!(out, " mask 0x{one:x}"),
        (one, other) => write!(out, " nfmask 0x{one:x} ctmask ~0x{other:x}"),
    }
}

fn log_text(out: &mut String, log: &Log, numeric: bool) -> std::fmt::Result {
    const LEVELS: [&str; 8] = [
        "emerg", "alert", "crit", "err", "warn", "notice", "info", "debug",
    ];
    const FLAGS: [(&str, u8); 5] = [
        ("tcp-sequence", 1),
        ("tcp-options", 2),
        ("ip-options", 4),
        ("uid", 8),
        ("macdecode", 32),
    ];
    if numeric {
        write!(out, " LOG flags {} level {}", log.flags, log.level)?;
    } else {
        let level = LEVELS.get(usize::from(log.level)).copied().unwrap_or("");
        write!(out, " LOG level {level}")?;
        for (name, bit) in FLAGS {
            if log.flags & bit != 0 {
                write!(out, " {name}")?;
            }
        }
    }
    match log.prefix.as_str() {
        "" => Ok(()),
        prefix => write!(out, " prefix \"{prefix}\""),
    }
}
