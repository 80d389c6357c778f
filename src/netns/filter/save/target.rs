//! The words of a target.
//! How its values are written is in `value`.

use super::value::{Dashed, NatText, NetText, Quoted};
use crate::netns::filter::rule::{ConnMark, Family, Log, NatTo, Nflog, Reject, Target, TtlChange};
use std::fmt::{self, Display, Formatter};

fn nat(f: &mut Formatter<'_>, family: Family, name: &str, option: &str, to: &NatTo) -> fmt::Result {
    write!(f, " {name}")?;
    match (to.addrs, to.ports) {
        (Some(_), _) => write!(f, " {option} {}", NatText(family, *to))?,
        (None, Some(ports)) if option == "--to-ports" => {
            write!(f, " {option} {}", Dashed(ports))?;
        }
        (None, Some(ports)) => write!(f, " {option} :{}", Dashed(ports))?,
        (None, None) => {}
    }
    f.write_str(if to.random { " --random" } else { "" })?;
    f.write_str(if to.random_fully {
        " --random-fully"
    } else {
        ""
    })?;
    f.write_str(if to.persistent { " --persistent" } else { "" })
}

fn connmark(f: &mut Formatter<'_>, what: &ConnMark) -> fmt::Result {
    let (name, first, second) = match *what {
        ConnMark::Set { value, mask } => {
            return write!(f, " CONNMARK --set-xmark 0x{value:x}/0x{mask:x}");
        }
        ConnMark::Save { nfmask, ctmask } => ("save", nfmask, ctmask),
        ConnMark::Restore { nfmask, ctmask } => ("restore", nfmask, ctmask),
    };
    write!(
        f,
        " CONNMARK --{name}-mark --nfmask 0x{first:x} --ctmask 0x{second:x}"
    )
}

fn log(f: &mut Formatter<'_>, log: &Log) -> fmt::Result {
    f.write_str(" LOG")?;
    if !log.prefix.is_empty() {
        write!(f, " --log-prefix {}", Quoted(&log.prefix))?;
    }
    if log.level != 4 {
        write!(f, " --log-level {}", log.level)?;
    }
    const FLAGS: [(&str, u8); 5] = [
        ("tcp-sequence", 1),
        ("tcp-options", 2),
        ("ip-options", 4),
        ("uid", 8),
        ("macdecode", 32),
    ];
    for (name, bit) in FLAGS {
        if log.flags & bit != 0 {
            write!(f, " --log-{name}")?;
        }
    }
    Ok(())
}

/// The types of `AUDIT`, in the order of their numbers.
pub const AUDIT_TYPES: [&str; 3] = ["accept", "drop", "reject"];

fn nflog(f: &mut Formatter<'_>, what: &Nflog) -> fmt::Result {
    f.write_str(" NFLOG")?;
    if !what.prefix.is_empty() {
        write!(f, " --nflog-prefix {}", Quoted(&what.prefix))?;
    }
    if what.group != 0 {
        write!(f, " --nflog-group {}", what.group)?;
    }
    if let Some(size) = what.size {
        write!(f, " --nflog-size {size}")?;
    }
    if what.threshold != 0 {
        write!(f, " --nflog-threshold {}", what.threshold)?;
    }
    Ok(())
}

/// The words of a target, ` -j` or ` -g` in front.
pub struct TargetText<'a>(pub Family, pub &'a Target);

impl Display for TargetText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let family = self.0;
        f.write_str(match self.1 {
            Target::Goto(_) => " -g",
            _ => " -j",
        })?;
        match self.1 {
            Target::Accept => f.write_str(" ACCEPT"),
            Target::Drop => f.write_str(" DROP"),
            Target::Return => f.write_str(" RETURN"),
            Target::Jump(chain) | Target::Goto(chain) => write!(f, " {chain}"),
            Target::Reject(kind) => {
                let names = Reject::names(family);
                let name = names.iter().find(|(_, _, known)| known == kind);
                let name = name.map_or("icmp-port-unreachable", |(name, _, _)| name);
                write!(f, " REJECT --reject-with {name}")
            }
            Target::Masquerade(to) => nat(f, family, "MASQUERADE", "--to-ports", to),
            Target::Snat(to) => nat(f, family, "SNAT", "--to-source", to),
            Target::Dnat(to) => nat(f, family, "DNAT", "--to-destination", to),
            Target::Redirect(to) => nat(f, family, "REDIRECT", "--to-ports", to),
            Target::Mark { value, mask } => write!(f, " MARK --set-xmark 0x{value:x}/0x{mask:x}"),
            Target::ConnMark(what) => connmark(f, what),
            Target::Log(what) => log(f, what),
            Target::NoTrack { old_name: true } => f.write_str(" NOTRACK"),
            Target::NoTrack { old_name: false } => f.write_str(" CT --notrack"),
            Target::Ttl(how) => {
                let (target, option) = match family {
                    Family::V4 => ("TTL", "ttl"),
                    Family::V6 => ("HL", "hl"),
                };
                let (how, value) = match how {
                    TtlChange::Set(value) => ("set", value),
                    TtlChange::Inc(value) => ("inc", value),
                    TtlChange::Dec(value) => ("dec", value),
                };
                write!(f, " {target} --{option}-{how} {value}")
            }
            Target::TcpMss(None) => f.write_str(" TCPMSS --clamp-mss-to-pmtu"),
            Target::TcpMss(Some(mss)) => write!(f, " TCPMSS --set-mss {mss}"),
            Target::Trace => f.write_str(" TRACE"),
            Target::Checksum => f.write_str(" CHECKSUM --checksum-fill"),
            Target::Netmap(to) => write!(f, " NETMAP --to {}", NetText(family, *to)),
            Target::Tos { value, mask } => {
                write!(f, " TOS --set-tos 0x{value:02x}/0x{mask:02x}")
            }
            Target::Dscp(value) => write!(f, " DSCP --set-dscp 0x{value:02x}"),
            Target::Nflog(what) => nflog(f, what),
            Target::Nfqueue {
                queues: (first, last),
                bypass,
                cpu_fanout,
            } => {
                match first == last {
                    true => write!(f, " NFQUEUE --queue-num {first}")?,
                    false => write!(f, " NFQUEUE --queue-balance {first}:{last}")?,
                }
                f.write_str(if *bypass { " --queue-bypass" } else { "" })?;
                f.write_str(if *cpu_fanout {
                    " --queue-cpu-fanout"
                } else {
                    ""
                })
            }
            Target::Audit(kind) => {
                let name = AUDIT_TYPES.get(usize::from(*kind)).unwrap_or(&"accept");
                write!(f, " AUDIT --type {name}")
            }
        }
    }
}
