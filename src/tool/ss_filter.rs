//! The filter of `ss`: states, addresses and ports, joined by `and`, `or`, `not` and parentheses.
//! Users, cgroups and devices are no part of it.

use std::net::IpAddr;

use super::sockets::{Proto, Row};
use crate::netns::socket::tcp::TcpState;
use crate::wire::services::{Transport, port_number};

/// What the operands ask for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    states: Option<Vec<TcpState>>,
    test: Option<Test>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Test {
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
    Not(Box<Test>),
    /// Local or peer; an address with the length of its prefix, a port.
    Host {
        local: bool,
        net: Option<(IpAddr, u8)>,
        port: Option<u16>,
    },
    Port {
        local: bool,
        from: u16,
        to: u16,
    },
}

const ALL: [TcpState; 11] = [
    TcpState::Established,
    TcpState::SynSent,
    TcpState::SynRecv,
    TcpState::FinWait1,
    TcpState::FinWait2,
    TcpState::TimeWait,
    TcpState::Closed,
    TcpState::CloseWait,
    TcpState::LastAck,
    TcpState::Listen,
    TcpState::Closing,
];

/// The states that a word stands for.
fn named(word: &str) -> Option<Vec<TcpState>> {
    let but = |out: &[TcpState]| {
        ALL.iter()
            .copied()
            .filter(|state| !out.contains(state))
            .collect()
    };
    Some(match word {
        "all" => ALL.to_vec(),
        "connected" => but(&[TcpState::Closed, TcpState::Listen]),
        "synchronized" => but(&[TcpState::Closed, TcpState::Listen, TcpState::SynSent]),
        "bucket" => vec![TcpState::SynRecv, TcpState::TimeWait],
        "big" => but(&[TcpState::SynRecv, TcpState::TimeWait]),
        "established" => vec![TcpState::Established],
        "syn-sent" => vec![TcpState::SynSent],
        "syn-recv" => vec![TcpState::SynRecv],
        "fin-wait-1" => vec![TcpState::FinWait1],
        "fin-wait-2" => vec![TcpState::FinWait2],
        "time-wait" => vec![TcpState::TimeWait],
        "closed" | "unconnected" => vec![TcpState::Closed],
        "close-wait" => vec![TcpState::CloseWait],
        "last-ack" => vec![TcpState::LastAck],
        "listening" | "listen" => vec![TcpState::Listen],
        "closing" => vec![TcpState::Closing],
        _ => return None,
    })
}

impl Filter {
    /// Reads the operands.
    ///
    /// # Errors
    /// What `ss` says of them, whole lines.
    pub fn parse(operands: &[&str]) -> Result<Self, String> {
        let mut filter = Self::default();
        let words: Vec<&str> = operands
            .iter()
            .flat_map(|word| word.split_whitespace())
            .collect();
        let mut rest = &words[..];
        while let [verb @ ("state" | "exclude"), tail @ ..] = rest {
            let [name, tail @ ..] = tail else {
                return Err("ss: no state after a word that wants one\n".to_owned());
            };
            let states = named(name).ok_or_else(|| format!("ss: wrong state name: {name}\n"))?;
            let old = filter.states.take();
            filter.states = Some(match *verb {
                "state" => old.unwrap_or_default().into_iter().chain(states).collect(),
                _ => {
                    let from = old.unwrap_or_else(|| ALL.to_vec());
                    from.into_iter()
                        .filter(|state| !states.contains(state))
                        .collect()
                }
            });
            rest = tail;
        }
        let text = rest
            .join(" ")
            .replace('(', " ( ")
            .replace(')', " ) ")
            .replace('!', " ! ");
        let text = text.replace(" ! =", " !=");
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut parser = Parser { words: &words };
        if !words.is_empty() {
            filter.test = Some(parser.any().ok_or_else(wrong)?);
            if !parser.words.is_empty() {
                return Err(wrong());
            }
        }
        Ok(filter)
    }

    /// The states that are asked for, where any are.
    pub fn states(&self) -> Option<&[TcpState]> {
        self.states.as_deref()
    }

    /// Whether a socket passes, its state left aside.
    pub fn matches(&self, row: &Row) -> bool {
        self.test.as_ref().is_none_or(|test| test.holds(row))
    }
}

fn wrong() -> String {
    "ss: bison bellows (while parsing filter): \"syntax error!\" Sorry.\nUsage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]\n".to_owned()
}

struct Parser<'w> {
    words: &'w [&'w str],
}

impl<'w> Parser<'w> {
    fn next(&mut self) -> Option<&'w str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn eat(&mut self, wanted: &[&str]) -> bool {
        let found = self.words.first().is_some_and(|word| wanted.contains(word));
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    fn any(&mut self) -> Option<Test> {
        let mut test = self.all()?;
        while self.eat(&["or", "|", "||"]) {
            test = Test::Or(Box::new(test), Box::new(self.all()?));
        }
        Some(test)
    }

    fn all(&mut self) -> Option<Test> {
        let mut test = self.one()?;
        loop {
            let joined = self.eat(&["and", "&", "&&"]);
            let ends = self
                .words
                .first()
                .is_none_or(|word| matches!(*word, ")" | "or" | "|" | "||"));
            if !joined && ends {
                return Some(test);
            }
            test = Test::And(Box::new(test), Box::new(self.one()?));
        }
    }

    fn one(&mut self) -> Option<Test> {
        match self.next()? {
            "not" | "!" => Some(Test::Not(Box::new(self.one()?))),
            "(" => {
                let test = self.any()?;
                self.eat(&[")"]).then_some(test)
            }
            word @ ("src" | "dst") => {
                self.eat(&["=", "=="]);
                let (net, port) = host(self.next()?)?;
                let local = word == "src";
                Some(Test::Host { local, net, port })
            }
            word @ ("sport" | "dport") => self.port(word == "sport"),
            _ => None,
        }
    }

    fn port(&mut self, local: bool) -> Option<Test> {
        let how = match self.words.first() {
            Some(
                &("=" | "==" | "eq" | "!=" | "ne" | "neq" | "<" | "lt" | "<=" | "le" | "leq" | ">"
                | "gt" | ">=" | "ge" | "geq"),
            ) => self.next()?,
            _ => "=",
        };
        let number = port(self.next()?.trim_start_matches(':'))?;
        let (from, to) = match how {
            "<" | "lt" => (0, number.checked_sub(1)?),
            "<=" | "le" | "leq" => (0, number),
            ">" | "gt" => (number.checked_add(1)?, u16::MAX),
            ">=" | "ge" | "geq" => (number, u16::MAX),
            _ => (number, number),
        };
        let test = Test::Port { local, from, to };
        match how {
            "!=" | "ne" | "neq" => Some(Test::Not(Box::new(test))),
            _ => Some(test),
        }
    }
}

fn port(word: &str) -> Option<u16> {
    word.parse()
        .ok()
        .or_else(|| port_number(word, Transport::Tcp))
}

/// An address with the length of its prefix, and a port; each may be missing.
type Place = (Option<(IpAddr, u8)>, Option<u16>);

/// `ADDRESS`, `ADDRESS/LENGTH`, with `:PORT` or only that.
fn host(word: &str) -> Option<Place> {
    let (address, after) = match word.strip_prefix('[') {
        Some(rest) => {
            let (address, after) = rest.split_once(']')?;
            (address.to_owned(), after.strip_prefix(':'))
        }
        None if word.matches(':').count() > 1 => (word.to_owned(), None),
        None => match word.split_once(':') {
            Some((address, after)) => (address.to_owned(), Some(after)),
            None => (word.to_owned(), None),
        },
    };
    let number = match after {
        None | Some("" | "*") => None,
        Some(word) => Some(port(word)?),
    };
    if address.is_empty() || address == "*" {
        return Some((None, number));
    }
    let (ip, len) = address.split_once('/').unwrap_or((&address, ""));
    let ip: IpAddr = ip.parse().ok()?;
    let most = if ip.is_ipv6() { 128 } else { 32 };
    let len = if len.is_empty() {
        most
    } else {
        len.parse().ok()?
    };
    (len <= most).then_some((Some((ip, len)), number))
}

impl Test {
    fn holds(&self, row: &Row) -> bool {
        let at = |local: bool| match local {
            true => Some(row.local),
            false => row.remote,
        };
        match self {
            Self::And(a, b) => a.holds(row) && b.holds(row),
            Self::Or(a, b) => a.holds(row) || b.holds(row),
            Self::Not(test) => !test.holds(row),
            Self::Port { local, from, to } => {
                let port = at(*local).map_or(0, |at| at.port());
                row.proto != Proto::Raw && (*from..=*to).contains(&port)
            }
            Self::Host { local, net, port } => {
                let end = at(*local);
                let fits = net.is_none_or(|net| end.is_some_and(|at| within(at.ip(), net)));
                fits && port.is_none_or(|port| end.is_some_and(|at| at.port() == port))
            }
        }
    }
}

fn within(ip: IpAddr, (net, len): (IpAddr, u8)) -> bool {
    let bits = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => (u128::from(u32::from(ip)) << 96, false),
        IpAddr::V6(ip) => (u128::from(ip), true),
    };
    let ((ip, v6), (net, net_v6)) = (bits(ip), bits(net));
    let mask = u128::MAX.checked_shl(128 - u32::from(len)).unwrap_or(0);
    v6 == net_v6 && ip & mask == net & mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_as_they_are_typed() {
        for good in [
            "state established",
            "dst 10.0.0.0/8",
            "sport = :80 or dport :http",
            "not ( src :22 )",
        ] {
            assert!(Filter::parse(&[good]).is_ok(), "{good}");
        }
        for bad in ["state nosuch", "sport =", "( dst 10.0.0.1", "foo"] {
            assert!(Filter::parse(&[bad]).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_prefix_of_no_length_takes_all_of_its_family() {
        let any = ("0.0.0.0".parse().unwrap(), 0);
        assert!(within("10.0.0.1".parse().unwrap(), any));
        assert!(!within("fd00::1".parse().unwrap(), any));
    }
}
