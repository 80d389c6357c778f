//! What an answer means: which probe it is to, what is wrong on the way, where the end is.
//! Printing is elsewhere.

use std::net::SocketAddr;

use super::probe::Probe;
use super::{Failed, Method, Traceroute};
use crate::kernel::World;
use crate::netns::socket::{ErrorOrigin, SocketError};
use crate::program::resolve::with_scope;
use crate::units::{Errno, SimTime, SockId};

/// An answer, from the error queue or to the socket itself.
struct Answer {
    from: SocketAddr,
    ttl: u8,
    at: SimTime,
    error: Option<SocketError>,
}

/// The number of hops that a packet with this TTL has come, where it began at 64, 128 or 255.
pub(super) fn hops_of(ttl: u8) -> u32 {
    match ttl {
        0..=64 => 65 - u32::from(ttl),
        65..=128 => 129 - u32::from(ttl),
        _ => 256 - u32::from(ttl),
    }
}

impl Traceroute {
    /// Reads one message of each socket that has one; says whether any had (`do_poll`).
    pub(super) fn read(&mut self, world: &mut World) -> Result<bool, Failed> {
        let mut news = false;
        for socket in self.polled() {
            let failed = world.has_socket_error(socket);
            if failed || world.is_readable(socket) {
                news = true;
                self.read_one(world, socket, failed)?;
            }
        }
        Ok(news)
    }

    /// The sockets to look at: those that only hold a port get nothing.
    fn polled(&self) -> Vec<SockId> {
        match self.shared {
            Some(shared) => vec![shared],
            None => self
                .probes
                .iter()
                .filter_map(|probe| probe.socket)
                .collect(),
        }
    }

    fn read_one(&mut self, world: &mut World, socket: SockId, failed: bool) -> Result<(), Failed> {
        let now = world.now();
        if failed {
            let Some(error) = world.recv_error(socket) else {
                // The error was pending only: the next read would have given it.
                world.socket_error(socket);
                return Ok(());
            };
            let index = self.probe_of_error(socket, &error);
            let answer = Answer {
                from: with_scope(error.offender.unwrap_or(error.to.ip()), error.ifindex),
                ttl: error.ttl,
                at: error.at,
                error: Some(error),
            };
            return match index {
                Some(index) => self.answered(world, index, answer),
                None => Ok(()),
            };
        }
        let Some(datagram) = world.recv(socket) else {
            return Ok(());
        };
        let skipped = match self.shared.is_some() && datagram.from.is_ipv4() {
            true => 4 * usize::from(datagram.bytes.first().map_or(0, |first| first & 0xf)),
            false => 0,
        };
        let message = datagram.bytes.get(skipped..).unwrap_or(&[]);
        let Some(index) = self.probe_of_reply(socket, &datagram.from, message) else {
            return Ok(());
        };
        self.probes[index].is_final = true;
        let answer = Answer {
            from: datagram.from,
            ttl: datagram.ttl,
            at: if datagram.at == SimTime::ZERO {
                now
            } else {
                datagram.at
            },
            error: None,
        };
        self.answered(world, index, answer)
    }

    fn by_seq(&self, seq: u16) -> Option<usize> {
        let found = |probe: &Probe| probe.seq == seq;
        self.probes.iter().position(found).filter(|_| seq > 0)
    }

    fn by_socket(&self, socket: SockId) -> Option<usize> {
        let found = |probe: &Probe| probe.socket == Some(socket);
        self.probes.iter().position(found)
    }

    /// The probe that a reply answers (`udp_check_reply`, `icmp_check_reply`, `tcp_check_reply`).
    fn probe_of_reply(&self, socket: SockId, from: &SocketAddr, message: &[u8]) -> Option<usize> {
        let word = |at: usize| {
            let bytes = message.get(at..)?.first_chunk::<2>()?;
            Some(u16::from_be_bytes(*bytes))
        };
        match self.options.method {
            Method::Default | Method::Udp => {
                let index = self.by_socket(socket)?;
                (self.probes[index].seq == from.port()).then_some(index)
            }
            Method::Icmp => {
                let reply = if self.to.is_ipv6() { 129 } else { 0 };
                let ours = *message.first()? == reply && word(4)? == self.options.ident;
                self.by_seq(word(6)?).filter(|_| ours)
            }
            Method::Tcp => {
                let ours = word(0)? == self.next && from.ip() == self.to.ip();
                self.by_seq(word(2)?).filter(|_| ours)
            }
        }
    }

    /// The probe that an error is about.
    fn probe_of_error(&self, socket: SockId, error: &SocketError) -> Option<usize> {
        let word = |at: usize| {
            let bytes = error.bytes.get(at..)?.first_chunk::<2>()?;
            Some(u16::from_be_bytes(*bytes))
        };
        let found = match self.options.method {
            Method::Default | Method::Udp => self
                .by_socket(socket)
                .filter(|&index| self.probes[index].seq == error.to.port()),
            Method::Icmp => word(6)
                .filter(|_| word(4) == Some(self.options.ident))
                .and_then(|seq| self.by_seq(seq)),
            Method::Tcp => word(0)
                .filter(|_| word(2) == Some(self.next) && error.to.ip() == self.to.ip())
                .and_then(|port| self.by_seq(port)),
        };
        // This kernel refuses what is too long without quoting it: that is about the first probe.
        let first =
            (self.options.first_hop.saturating_sub(1) * self.options.probes_per_hop) as usize;
        let refused = error.bytes.is_empty() && self.options.dont_fragment;
        found.or_else(|| {
            let open = self.probes.get(first).is_some_and(|probe| !probe.done);
            (refused && open).then_some(first)
        })
    }

    /// Notes an answer (`recv_reply`).
    fn answered(&mut self, world: &mut World, index: usize, answer: Answer) -> Result<(), Failed> {
        let redirect = answer
            .error
            .as_ref()
            .is_some_and(|e| e.origin == ErrorOrigin::Icmp && matches!(e.kind, 4 | 5));
        if redirect {
            return Ok(());
        }
        let probe = &mut self.probes[index];
        probe.received = Some(answer.at);
        probe.received_ttl = answer.ttl;
        match &answer.error {
            None => probe.from = Some(answer.from),
            Some(error) if error.origin == ErrorOrigin::Local => {
                if error.errno != Errno::Emsgsize || error.info == 0 {
                    return Err(Failed("local recverr", error.errno));
                }
                probe.words = format!("!F-{}", error.info);
                probe.is_final = true;
            }
            Some(error) => {
                probe.from = Some(answer.from);
                if let Some(words) = words(self.to.is_ipv6(), error) {
                    if !words.is_empty() {
                        probe.words = words;
                    }
                    probe.is_final = true;
                }
            }
        }
        let mtu = answer.error.map_or(0, |error| error.info as usize);
        let shorter = mtu >= self.header_len && mtu < self.header_len + self.data_len;
        self.done(world, index);
        if self.options.discover_mtu && shorter {
            self.data_len = mtu - self.header_len;
            self.probes[index] = Probe {
                words: format!("F={mtu}"),
                ..Probe::default()
            };
        }
        Ok(())
    }

    /// A probe was waited for in vain. Where a later one tells that this hop is the last, its
    /// answer is moved here: who drops some of many probes answers the later ones (`check_expired`).
    pub(super) fn check_expired(&mut self, index: usize) {
        let per_hop = self.options.probes_per_hop as usize;
        let hop = index / per_hop * per_hop;
        let before = &self.probes[hop..index];
        if before.iter().any(|probe| !probe.done || !probe.is_final) {
            return;
        }
        let later = self.probes[index + 1..]
            .iter()
            .take_while(|probe| probe.sent.is_some());
        let Some(offset) = later.into_iter().position(|probe| probe.done) else {
            return;
        };
        let last = index + 1 + offset;
        if !self.probes[last].is_final || self.probes[last].words.is_empty() {
            return;
        }
        let same_hop = index > hop || index % per_hop + (last - index) < per_hop;
        if same_hop || self.belongs_here(index, last) {
            self.probes[index] = self.probes[last].clone();
            self.probes[last] = Probe {
                sent: Some(SimTime::ZERO),
                stale: true,
                ..Probe::default()
            };
        }
    }

    /// Whether the node that ended the way with an error is at this hop: it answered already, or its
    /// TTL says so.
    fn belongs_here(&self, index: usize, last: usize) -> bool {
        let end = &self.probes[last];
        let ip = |probe: &Probe| probe.from.map(|from| from.ip());
        if self.probes[..index]
            .iter()
            .any(|probe| ip(probe).is_some() && ip(probe) == ip(end))
        {
            return true;
        }
        if end.received_ttl == 0 {
            return false;
        }
        let per_hop = self.options.probes_per_hop as usize;
        let hop_of = |index: usize| u32::try_from(index / per_hop + 1).unwrap_or(u32::MAX);
        let mut hops = hops_of(end.received_ttl);
        let known = self.probes[..index].iter().rposition(|p| {
            p.done && !p.is_final && p.received_ttl > 0 && hops_of(p.received_ttl) < hops
        });
        if let Some(known) = known {
            hops = hops - hops_of(self.probes[known].received_ttl) + hop_of(known);
        }
        hops <= hop_of(index)
    }
}

/// What traceroute shows for an ICMP error; nothing for one that says only that the TTL was
/// used up, an empty text where the destination is reached (`parse_icmp_res`).
fn words(v6: bool, error: &SocketError) -> Option<String> {
    let (kind, code, info) = (error.kind, error.code, error.info);
    Some(match (v6, kind, code) {
        (false, 11, 0) | (true, 3, 0) => return None,
        (false, 3, 3) | (true, 1, 4) => String::new(),
        (false, 3, 0 | 6 | 8 | 11) | (true, 1, 0) => "!N".to_owned(),
        (false, 3, 1 | 7 | 12) | (true, 1, 2 | 3) => "!H".to_owned(),
        (false, 3, 9 | 10 | 13) | (true, 1, 1) => "!X".to_owned(),
        (false, 3, 2) => "!P".to_owned(),
        (false, 3, 4) | (true, 2, _) => format!("!F-{info}"),
        (false, 3, 5) => "!S".to_owned(),
        (false, 3, 14) => "!V".to_owned(),
        (false, 3, 15) => "!C".to_owned(),
        (false, 3, _) | (true, 1, _) => format!("!<{code}>"),
        _ => format!("!<{kind}-{code}>"),
    })
}
