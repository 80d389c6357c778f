//! Connections: which packet belongs to which, and for how long they are remembered (nf_conntrack_core.c).
//! Their addresses are translated in `nat`.

pub mod tcp;
mod tuple;

use std::time::Duration;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::netns::filter::packet::Parts;
use crate::netns::filter::rule::{Family, state};
use crate::netns::sysctl::Sysctls;
use crate::units::{IfIndex, SimTime};
use crate::wire::ipv4::{IPPROTO_TCP, IPPROTO_UDP};
use tcp::{Said, Step, TcpState};
pub use tuple::Tuple;

/// How a packet belongs to a connection (`enum ip_conntrack_info`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Info {
    /// Both directions have been seen.
    Established,
    /// An error about it.
    Related,
    /// Its first packet.
    New,
    /// An answer.
    EstablishedReply,
    /// An error that goes the way of answers.
    RelatedReply,
}

impl Info {
    /// Whether it goes the way of answers.
    pub fn is_reply(self) -> bool {
        matches!(self, Self::EstablishedReply | Self::RelatedReply)
    }

    /// Whether it is an error about the connection.
    pub fn is_related(self) -> bool {
        matches!(self, Self::Related | Self::RelatedReply)
    }
}

/// The number that stands in a frame for "not followed on purpose".
pub const UNTRACKED: u32 = 7;

/// How a frame carries its connection: the connection's number and how the packet belongs to it;
/// 0 is none.
pub fn pack(id: u32, info: Info) -> u32 {
    id << 3 | info as u32
}

/// The connection of a frame, and how the packet belongs to it.
pub fn unpack(ct: u32) -> Option<(u32, Info)> {
    let info = match ct & 7 {
        0 => Info::Established,
        1 => Info::Related,
        2 => Info::New,
        3 => Info::EstablishedReply,
        4 => Info::RelatedReply,
        _ => return None,
    };
    (ct >> 3 != 0).then_some((ct >> 3, info))
}

/// What an answer of this host to a packet carries: the same connection, the other way (`nf_ct_attach`).
pub fn answer_to(ct: u32) -> u32 {
    match unpack(ct) {
        Some((id, info)) if info.is_reply() => pack(id, Info::Related),
        Some((id, _)) => pack(id, Info::RelatedReply),
        None => ct,
    }
}

/// Numbers of connections are below this.
const ID_MAX: u32 = 1 << 29;
/// Connections whose first packet is still on its way; it passes the hooks at once, so few are.
const UNCONFIRMED_MAX: usize = 64;

/// What has become of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Status {
    /// An answer was seen.
    pub seen_reply: bool,
    /// It stays when room is needed.
    pub assured: bool,
    /// Its first packet has left.
    pub confirmed: bool,
    /// Its source is translated.
    pub src_nat: bool,
    /// Its destination is translated.
    pub dst_nat: bool,
    /// It is decided whether its source is translated.
    pub src_done: bool,
    /// It is decided whether its destination is translated.
    pub dst_done: bool,
}

/// One connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// As its first packet shows it.
    pub original: Tuple,
    /// As answers show it.
    pub reply: Tuple,
    /// When it is forgotten.
    pub until: SimTime,
    /// What has become of it.
    pub status: Status,
    /// Its mark.
    pub mark: u32,
    /// The state of TCP.
    pub tcp: TcpState,
    /// From when on a stream of datagrams counts as one.
    pub stream_from: SimTime,
    /// The device whose address it is masked by.
    pub masked_by: IfIndex,
}

impl Entry {
    /// As packets of a direction show it.
    pub fn tuple(&self, reply: bool) -> &Tuple {
        match reply {
            false => &self.original,
            true => &self.reply,
        }
    }
}

/// The connections of a namespace.
#[derive(Clone, Default, Debug)]
pub struct Conntrack {
    by_tuple: HashMap<Tuple, (u32, bool), FixedState>,
    entries: HashMap<u32, Entry, FixedState>,
    unconfirmed: Vec<(u32, Entry)>,
    last_id: u32,
    swept: SimTime,
}

/// What conntrack says of a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seen {
    /// It is of a connection.
    Of(u32, Info),
    /// It is of none.
    Invalid,
    /// Such packets are not followed.
    Untracked,
    /// There is no room for another connection.
    Full,
}

impl Conntrack {
    /// A connection by its number.
    pub fn entry(&self, id: u32) -> Option<&Entry> {
        self.entries.get(&id).or_else(|| {
            let found = self.unconfirmed.iter().find(|(known, _)| *known == id);
            found.map(|(_, entry)| entry)
        })
    }

    /// A connection by its number, to change it.
    pub fn entry_mut(&mut self, id: u32) -> Option<&mut Entry> {
        match self.entries.get_mut(&id) {
            Some(entry) => Some(entry),
            None => {
                let mut waiting = self.unconfirmed.iter_mut();
                let found = waiting.find(|(known, _)| *known == id);
                found.map(|(_, entry)| entry)
            }
        }
    }

    /// Whether packets of that tuple are of a connection that is remembered.
    pub fn is_used(&self, tuple: &Tuple) -> bool {
        self.by_tuple.contains_key(tuple)
    }

    /// Which connection packets of that tuple are of, and whether they are answers.
    fn find(&mut self, tuple: &Tuple, now: SimTime) -> Option<(u32, bool)> {
        let &(id, reply) = self.by_tuple.get(tuple)?;
        if self.entries.get(&id).is_none_or(|entry| entry.until <= now) {
            self.forget(id);
            return None;
        }
        Some((id, reply))
    }

    /// A packet without a connection is seen (`nf_conntrack_in`).
    pub fn see(&mut self, now: SimTime, bytes: &[u8], parts: &Parts, sysctls: &Sysctls) -> Seen {
        if let (Family::V6, Some((130..=137 | 143, _))) = (parts.family, parts.icmp(bytes)) {
            return Seen::Untracked;
        }
        if parts.is_icmp_error(bytes) {
            return self.see_error(now, bytes, parts);
        }
        let Some(tuple) = Tuple::of(parts, bytes) else {
            return Seen::Invalid;
        };
        let flags = match parts.protocol {
            IPPROTO_TCP => match parts.above(bytes).get(13) {
                Some(flags) => tcp::said(*flags),
                None => return Seen::Invalid,
            },
            _ => Said::None,
        };
        // A new connection in the place of one that is closed is looked for again.
        for _ in 0..2 {
            let (id, reply) = match self.find(&tuple, now) {
                Some(found) => found,
                None => match self.begin(now, tuple, flags, sysctls) {
                    Ok(id) => (id, false),
                    Err(seen) => return seen,
                },
            };
            if let Some(seen) = self.take(now, id, reply, flags, sysctls) {
                return seen;
            }
        }
        Seen::Invalid
    }

    /// An ICMP error is related to the connection of what it quotes (`nf_conntrack_inet_error`).
    fn see_error(&mut self, now: SimTime, bytes: &[u8], parts: &Parts) -> Seen {
        let inner = parts.above(bytes).get(8..).unwrap_or(&[]);
        let quoted = Parts::of(inner).and_then(|inner_parts| Tuple::of(&inner_parts, inner));
        let Some(answer) = quoted.and_then(|quoted| quoted.invert()) else {
            return Seen::Invalid;
        };
        let Some((id, reply)) = self.find(&answer, now) else {
            return Seen::Invalid;
        };
        // The error must be for the one that sent what it quotes.
        let right = self
            .entry(id)
            .is_some_and(|entry| entry.tuple(reply).dst == parts.dst);
        match (right, reply) {
            (false, _) => Seen::Invalid,
            (true, false) => Seen::Of(id, Info::Related),
            (true, true) => Seen::Of(id, Info::RelatedReply),
        }
    }

    /// A connection begins with this packet (`init_conntrack`).
    fn begin(
        &mut self,
        now: SimTime,
        tuple: Tuple,
        said: Said,
        sysctls: &Sysctls,
    ) -> Result<u32, Seen> {
        let mut tcp = TcpState::None;
        if tuple.is_icmp() {
            let [kind, _] = tuple.dport.to_be_bytes();
            let asks = match tuple.family {
                Family::V4 => matches!(kind, 8 | 13 | 15 | 17),
                Family::V6 => matches!(kind, 128 | 139),
            };
            if !asks {
                return Err(Seen::Invalid);
            }
        } else if tuple.protocol == IPPROTO_TCP {
            match tcp::step(TcpState::None, said, false) {
                Step::To(TcpState::SynSent) => {}
                // A connection that was there before its packets were looked at.
                Step::To(_) if sysctls.number("net.netfilter.nf_conntrack_tcp_loose") != 0 => {}
                _ => return Err(Seen::Invalid),
            }
            tcp = TcpState::None;
        }
        let reply = tuple.invert().ok_or(Seen::Invalid)?;
        if !self.make_room(now, sysctls) {
            return Err(Seen::Full);
        }
        let id = self.next_id();
        if self.unconfirmed.len() >= UNCONFIRMED_MAX {
            self.unconfirmed.remove(0);
        }
        self.unconfirmed.push((
            id,
            Entry {
                original: tuple,
                reply,
                until: now,
                status: Status::default(),
                mark: 0,
                tcp,
                stream_from: now + Duration::from_secs(2),
                masked_by: 0,
            },
        ));
        Ok(id)
    }

    fn next_id(&mut self) -> u32 {
        loop {
            self.last_id = (self.last_id + 1) % ID_MAX;
            if self.last_id != 0 && !self.entries.contains_key(&self.last_id) {
                return self.last_id;
            }
        }
    }

    /// Whether there is room for one more; old ones are forgotten, and where that is not enough one that
    /// is not assured (`early_drop`).
    fn make_room(&mut self, now: SimTime, sysctls: &Sysctls) -> bool {
        let max = sysctls.number("net.netfilter.nf_conntrack_max");
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        if now.since(self.swept) >= Duration::from_secs(60) || self.entries.len() >= max {
            self.sweep(now);
        }
        if self.entries.len() < max || max == 0 {
            return true;
        }
        let loose = self
            .entries
            .iter()
            .filter(|(_, entry)| !entry.status.assured);
        match loose.map(|(id, _)| *id).min() {
            Some(oldest) => {
                self.forget(oldest);
                true
            }
            None => false,
        }
    }

    /// Forgets what is over.
    pub fn sweep(&mut self, now: SimTime) {
        self.swept = now;
        let (by_tuple, entries) = (&mut self.by_tuple, &mut self.entries);
        entries.retain(|_, entry| {
            let stays = entry.until > now;
            if !stays {
                by_tuple.remove(&entry.original);
                by_tuple.remove(&entry.reply);
            }
            stays
        });
    }

    fn forget(&mut self, id: u32) {
        self.unconfirmed.retain(|(known, _)| *known != id);
        if let Some(entry) = self.entries.remove(&id) {
            self.by_tuple.remove(&entry.original);
            self.by_tuple.remove(&entry.reply);
        }
    }

    /// A packet of a connection; nothing where the connection is over and the packet begins another.
    fn take(
        &mut self,
        now: SimTime,
        id: u32,
        reply: bool,
        said: Said,
        sysctls: &Sysctls,
    ) -> Option<Seen> {
        let seconds = |key: &str| {
            let value = u64::try_from(sysctls.number(key)).unwrap_or(0);
            Duration::from_secs(value)
        };
        let Some(entry) = self.entry_mut(id) else {
            return Some(Seen::Invalid);
        };
        let info = match (reply, entry.status.seen_reply) {
            (true, _) => Info::EstablishedReply,
            (false, true) => Info::Established,
            (false, false) => Info::New,
        };
        match entry.original.protocol {
            IPPROTO_TCP => {
                let old = entry.tcp;
                let next = match tcp::step(old, said, reply) {
                    Step::To(next) => next,
                    Step::Ignore => return Some(Seen::Of(id, info)),
                    Step::Invalid => return Some(Seen::Invalid),
                };
                let over = matches!(old, TcpState::TimeWait | TcpState::Close);
                if next == TcpState::SynSent && over && said == Said::Syn {
                    self.forget(id);
                    return None;
                }
                entry.tcp = next;
                // Answered by nothing but a reset: it is forgotten at once.
                if said == Said::Rst && !entry.status.seen_reply {
                    entry.until = now;
                } else {
                    entry.until = now + seconds(next.timeout_key());
                }
                let open = matches!(old, TcpState::SynRecv | TcpState::Established);
                if entry.status.seen_reply && open && next == TcpState::Established {
                    entry.status.assured = true;
                }
            }
            IPPROTO_UDP => {
                let stream = entry.status.seen_reply && now > entry.stream_from;
                entry.until = now
                    + seconds(match stream {
                        true => "net.netfilter.nf_conntrack_udp_timeout_stream",
                        false => "net.netfilter.nf_conntrack_udp_timeout",
                    });
                entry.status.assured |= stream;
            }
            _ if entry.original.is_icmp() => {
                entry.until = now
                    + seconds(match entry.original.family {
                        Family::V4 => "net.netfilter.nf_conntrack_icmp_timeout",
                        Family::V6 => "net.netfilter.nf_conntrack_icmpv6_timeout",
                    });
            }
            _ => entry.until = now + seconds("net.netfilter.nf_conntrack_generic_timeout"),
        }
        entry.status.seen_reply |= reply;
        Some(Seen::Of(id, info))
    }

    /// The first packet of a connection has passed all hooks: it is remembered (`__nf_conntrack_confirm`).
    /// Says whether that is so: another one may have taken its place meanwhile.
    pub fn confirm(&mut self, id: u32) -> bool {
        let Some(at) = self.unconfirmed.iter().position(|(known, _)| *known == id) else {
            return true;
        };
        let (_, mut entry) = self.unconfirmed.remove(at);
        if self.is_used(&entry.original) || self.is_used(&entry.reply) {
            return false;
        }
        entry.status.confirmed = true;
        self.by_tuple.insert(entry.original, (id, false));
        self.by_tuple.insert(entry.reply, (id, true));
        self.entries.insert(id, entry);
        true
    }

    /// The first packet of a connection was lost: there is no connection.
    pub fn give_up(&mut self, id: u32) {
        self.unconfirmed.retain(|(known, _)| *known != id);
    }

    /// Whether a connection with such first packets is remembered and not over (`already_closed`).
    pub fn is_open(&self, original: &Tuple, now: SimTime) -> bool {
        let id = self.by_tuple.get(original).map(|(id, _)| *id);
        let entry = id.and_then(|id| self.entries.get(&id));
        entry.is_some_and(|entry| {
            entry.until > now && !matches!(entry.tcp, TcpState::TimeWait | TcpState::Close)
        })
    }

    /// How many are remembered now.
    pub fn count(&self, now: SimTime) -> usize {
        self.entries
            .values()
            .filter(|entry| entry.until > now)
            .count()
    }

    /// All that are remembered now, oldest first.
    pub fn list(&self, now: SimTime) -> Vec<&Entry> {
        let mut found: Vec<(&u32, &Entry)> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.until > now)
            .collect();
        found.sort_by_key(|(id, _)| **id);
        found.into_iter().map(|(_, entry)| entry).collect()
    }

    /// Forgets those of which something is so; says how many.
    pub fn remove_where(&mut self, is_so: impl Fn(&Entry) -> bool) -> usize {
        let entries = self.entries.iter();
        let gone: Vec<u32> = entries
            .filter(|(_, entry)| is_so(entry))
            .map(|(id, _)| *id)
            .collect();
        gone.iter().for_each(|id| self.forget(*id));
        gone.len()
    }

    /// The states of a packet, as `--ctstate` asks for them.
    pub fn state_bits(&self, ct: u32) -> u8 {
        if ct == UNTRACKED {
            return state::UNTRACKED;
        }
        let Some((id, info)) = unpack(ct) else {
            return state::INVALID;
        };
        let base = match info {
            Info::Established | Info::EstablishedReply => state::ESTABLISHED,
            Info::Related | Info::RelatedReply => state::RELATED,
            Info::New => state::NEW,
        };
        let nat = self.entry(id).map_or(0, |entry| {
            let source = if entry.status.src_nat { state::SNAT } else { 0 };
            let destination = if entry.status.dst_nat { state::DNAT } else { 0 };
            source | destination
        });
        base | nat
    }
}
