//! The kernel's log as far as netfilter writes to it (nf_log_syslog.c).
//! Who reads it is decided above.

use std::collections::VecDeque;
use std::fmt::Write;

use crate::netns::filter::eval::Way;
use crate::netns::filter::packet::Parts;
use crate::netns::filter::rule::{Family, Log, protocol_name};
use crate::netns::filter::tables::Hook;
use crate::units::SimTime;

/// Lines that are kept; older ones go.
const LINES_MAX: usize = 1000;

/// The last lines of the log, each with the time at which it was written.
#[derive(Clone, Default, Debug)]
pub struct KernelLog {
    lines: VecDeque<(SimTime, String)>,
}

impl KernelLog {
    /// Writes a line.
    pub fn push(&mut self, now: SimTime, line: String) {
        if self.lines.len() >= LINES_MAX {
            self.lines.pop_front();
        }
        self.lines.push_back((now, line));
    }

    /// The lines, oldest first.
    pub fn lines(&self) -> impl Iterator<Item = (SimTime, &str)> {
        self.lines.iter().map(|(at, line)| (*at, line.as_str()))
    }

    /// Forgets all lines.
    pub fn clear(&mut self) {
        self.lines.clear();
    }
}

/// The line about a packet (`nf_log_ip_packet`).
pub(super) fn line(log: &Log, bytes: &[u8], parts: &Parts, way: &Way<'_>, mark: u32) -> String {
    let mut out = log.prefix.clone();
    let _ = write!(out, "IN={} OUT={} ", way.in_name, way.out_name);
    if !way.phys_in.is_empty() {
        let _ = write!(out, "PHYSIN={} ", way.phys_in);
    }
    if !way.phys_out.is_empty() {
        let _ = write!(out, "PHYSOUT={} ", way.phys_out);
    }
    if matches!(way.hook, Hook::PreRouting | Hook::Input | Hook::Forward) {
        out.push_str("MAC=");
        if let Some((to, from)) = way.mac {
            let ethertype = if parts.family == Family::V4 {
                "08:00"
            } else {
                "86:dd"
            };
            let _ = write!(out, "{to}:{from}:{ethertype}");
        }
        out.push(' ');
    }
    match parts.family {
        Family::V4 => {
            let (src, dst) = (parts.family.addr(parts.src), parts.family.addr(parts.dst));
            let word = |at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
            let (tos, prec) = (parts.tos & 0x1e, parts.tos & 0xe0);
            let _ = write!(
                out,
                "SRC={src} DST={dst} LEN={} TOS=0x{tos:02X} PREC=0x{prec:02X} TTL={} ID={} ",
                parts.len,
                parts.ttl,
                word(4)
            );
            let flags = word(6);
            for (bit, name) in [(0x8000, "CE "), (0x4000, "DF "), (0x2000, "MF ")] {
                out.push_str(if flags & bit != 0 { name } else { "" });
            }
            if flags & 0x1fff != 0 {
                let _ = write!(out, "FRAG:{} ", flags & 0x1fff);
            }
        }
        Family::V6 => {
            let full = |addr: u128| {
                let groups: Vec<String> = (0..8)
                    .map(|at| format!("{:04x}", (addr >> (112 - 16 * at)) & 0xffff))
                    .collect();
                groups.join(":")
            };
            let label = u32::from_be_bytes([0, bytes[1] & 0x0f, bytes[2], bytes[3]]);
            let _ = write!(
                out,
                "SRC={} DST={} LEN={} TC={} HOPLIMIT={} FLOWLBL={label} ",
                full(parts.src),
                full(parts.dst),
                parts.len,
                parts.tos,
                parts.ttl
            );
        }
    }
    above(&mut out, log, bytes, parts);
    if mark != 0 {
        let _ = write!(out, "MARK=0x{mark:x} ");
    }
    out
}

/// The header above.
fn above(out: &mut String, log: &Log, bytes: &[u8], parts: &Parts) {
    let above = parts.above(bytes);
    let word = |at: usize| {
        above
            .get(at..at + 2)
            .map_or(0, |two| u16::from_be_bytes([two[0], two[1]]))
    };
    let long = |at: usize| u32::from(word(at)) << 16 | u32::from(word(at + 2));
    match parts.protocol {
        6 if above.len() >= 20 => {
            let _ = write!(out, "PROTO=TCP SPT={} DPT={} ", word(0), word(2));
            if log.flags & 1 != 0 {
                let _ = write!(out, "SEQ={} ACK={} ", long(4), long(8));
            }
            let _ = write!(
                out,
                "WINDOW={} RES=0x{:02x} ",
                word(14),
                (above[12] & 0x0f) << 2
            );
            for (bit, name) in [
                (0x80, "CWR "),
                (0x40, "ECE "),
                (0x20, "URG "),
                (0x10, "ACK "),
                (0x08, "PSH "),
                (0x04, "RST "),
                (0x02, "SYN "),
                (0x01, "FIN "),
            ] {
                out.push_str(if above[13] & bit != 0 { name } else { "" });
            }
            let _ = write!(out, "URGP={} ", word(18));
            let options = above
                .get(20..usize::from(above[12] >> 4) * 4)
                .unwrap_or(&[]);
            if log.flags & 2 != 0 && !options.is_empty() {
                let hex: String = options.iter().map(|byte| format!("{byte:02X}")).collect();
                let _ = write!(out, "OPT ({hex}) ");
            }
        }
        17 if above.len() >= 8 => {
            let _ = write!(
                out,
                "PROTO=UDP SPT={} DPT={} LEN={} ",
                word(0),
                word(2),
                word(4)
            );
        }
        1 if parts.family == Family::V4 && above.len() >= 8 => {
            let (kind, code) = (above[0], above[1]);
            let _ = write!(out, "PROTO=ICMP TYPE={kind} CODE={code} ");
            match kind {
                0 | 8 => {
                    let _ = write!(out, "ID={} SEQ={} ", word(4), word(6));
                }
                3 | 11 | 12 => {
                    if let Some(inner) = above.get(8..).and_then(Parts::of) {
                        let (src, dst) =
                            (inner.family.addr(inner.src), inner.family.addr(inner.dst));
                        let _ = write!(out, "[SRC={src} DST={dst} LEN={} ] ", inner.len);
                    }
                    if (kind, code) == (3, 4) {
                        let _ = write!(out, "MTU={} ", word(6));
                    }
                }
                _ => {}
            }
        }
        58 if above.len() >= 8 => {
            let _ = write!(out, "PROTO=ICMPv6 TYPE={} CODE={} ", above[0], above[1]);
            if matches!(above[0], 128 | 129) {
                let _ = write!(out, "ID={} SEQ={} ", word(4), word(6));
            }
        }
        protocol => {
            let name = protocol_name(protocol).filter(|name| matches!(*name, "ah" | "esp"));
            match name {
                Some(name) => {
                    let _ = write!(out, "PROTO={} ", name.to_uppercase());
                }
                None => {
                    let _ = write!(out, "PROTO={protocol} ");
                }
            }
        }
    }
}
