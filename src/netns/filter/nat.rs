//! Address translation: which addresses and ports a connection gets, and how its packets are changed
//! (nf_nat_core.c, nf_nat_proto.c, nf_nat_masquerade.c, nf_nat_redirect.c).
//! Which rule asks for it is decided in `eval`.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::engine::Random;
use crate::netns::filter::conntrack::{Conntrack, Entry, Info, Tuple};
use crate::netns::filter::packet::{Parts, Side, change, mend_icmp};
use crate::netns::filter::rule::NatTo;
use crate::netns::filter::tables::Hook;
use crate::wire::Frame;

/// Ports that are tried at most in one go (`nf_nat_l4proto_unique_tuple`).
const ATTEMPTS_MAX: u32 = 128;

/// What is kept for translations beside the connections: where a client's last source went.
#[derive(Clone, Default, Debug)]
pub struct Nat {
    by_source: HashMap<(u128, u16, u8), Tuple, FixedState>,
}

/// Entries of [`Nat`] are forgotten beyond this.
const SOURCES_MAX: usize = 65_536;

/// The side that a hook translates (`HOOK2MANIP`).
pub fn side_of(hook: Hook) -> Side {
    match hook {
        Hook::PostRouting | Hook::Input => Side::Source,
        Hook::PreRouting | Hook::Output | Hook::Forward => Side::Destination,
    }
}

impl Nat {
    /// Decides what a side of a connection becomes (`nf_nat_setup_info`); without `to` it stays as it is,
    /// unless another connection has its ports.
    pub fn setup(
        &mut self,
        connections: &mut Conntrack,
        id: u32,
        side: Side,
        to: Option<&NatTo>,
        random: &mut Random,
    ) {
        let Some(entry) = connections.entry(id) else {
            return;
        };
        let Some(current) = entry.reply.invert() else {
            return;
        };
        let original = entry.original;
        let wanted = match to {
            Some(to) => *to,
            None => {
                let keep = match side {
                    Side::Source => current.src,
                    Side::Destination => current.dst,
                };
                NatTo {
                    addrs: Some((keep, keep)),
                    ..NatTo::default()
                }
            }
        };
        let is_free = |tuple: &Tuple| {
            let answer = tuple.invert();
            answer.is_some_and(|answer| !connections.is_used(&answer))
        };
        let new = self.choose(&original, &current, &wanted, side, &is_free, random);
        let Some(entry) = connections.entry_mut(id) else {
            return;
        };
        if new != current {
            if let Some(reply) = new.invert() {
                entry.reply = reply;
            }
            match side {
                Side::Source => entry.status.src_nat = true,
                Side::Destination => entry.status.dst_nat = true,
            }
        }
        match side {
            Side::Source => {
                entry.status.src_done = true;
                if self.by_source.len() >= SOURCES_MAX {
                    self.by_source.clear();
                }
                let key = (original.src, original.sport, original.protocol);
                self.by_source.insert(key, new);
            }
            Side::Destination => entry.status.dst_done = true,
        }
    }

    /// The tuple that a connection gets (`get_unique_tuple`).
    fn choose(
        &self,
        original: &Tuple,
        current: &Tuple,
        to: &NatTo,
        side: Side,
        is_free: &impl Fn(&Tuple) -> bool,
        random: &mut Random,
    ) -> Tuple {
        let by_chance = to.random || to.random_fully;
        let in_range = |tuple: &Tuple| {
            let addr = to
                .addrs
                .is_none_or(|(first, last)| first <= tuple.src && tuple.src <= last);
            addr && to.ports.is_none_or(|ports| ports.holds(tuple.sport))
        };
        if side == Side::Source && !by_chance {
            if in_range(current) {
                if is_free(current) {
                    return *current;
                }
            } else {
                // The same client keeps its address and port towards others.
                let key = (original.src, original.sport, original.protocol);
                if let Some(last) = self.by_source.get(&key) {
                    let again = Tuple {
                        src: last.src,
                        sport: last.sport,
                        ..*current
                    };
                    if in_range(&again) && is_free(&again) {
                        return again;
                    }
                }
            }
        }
        let mut tuple = *current;
        if let Some((first, last)) = to.addrs {
            let addr = pick(first, last, original, to.persistent);
            match side {
                Side::Source => tuple.src = addr,
                Side::Destination => tuple.dst = addr,
            }
        }
        let key = key_of(&tuple, side);
        if !by_chance {
            match to.ports {
                Some(ports)
                    if ports.holds(key) && (ports.first == ports.last || is_free(&tuple)) =>
                {
                    return tuple;
                }
                None if is_free(&tuple) => return tuple,
                _ => {}
            }
        }
        search(tuple, to, side, is_free, random)
    }

    /// Forgets where clients went (a device or an address is gone).
    pub fn clear(&mut self) {
        self.by_source.clear();
    }
}

/// An address of a range, the same one for the same ends (`find_best_ips_proto`).
fn pick(first: u128, last: u128, original: &Tuple, persistent: bool) -> u128 {
    if first >= last {
        return first;
    }
    let other = if persistent { 0 } else { original.dst };
    let seed = original.src ^ other.rotate_left(13);
    let hash = (seed as u64 ^ (seed >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    first + u128::from(hash) % (last - first + 1)
}

fn key_of(tuple: &Tuple, side: Side) -> u16 {
    match (tuple.is_icmp(), side) {
        (true, _) | (false, Side::Source) => tuple.sport,
        (false, Side::Destination) => tuple.dport,
    }
}

fn with_key(tuple: &Tuple, side: Side, key: u16) -> Tuple {
    match (tuple.is_icmp(), side) {
        (true, _) | (false, Side::Source) => Tuple {
            sport: key,
            ..*tuple
        },
        (false, Side::Destination) => Tuple {
            dport: key,
            ..*tuple
        },
    }
}

/// Looks for a port that no other connection has (`nf_nat_l4proto_unique_tuple`).
fn search(
    tuple: Tuple,
    to: &NatTo,
    side: Side,
    is_free: &impl Fn(&Tuple) -> bool,
    random: &mut Random,
) -> Tuple {
    let old = key_of(&tuple, side);
    let (first, size) = match (to.ports, tuple.is_icmp()) {
        (Some(ports), _) => (ports.first, u32::from(ports.last - ports.first) + 1),
        (None, true) => (0, 65_536),
        // A destination port cannot become any other.
        (None, false) if side == Side::Destination => return tuple,
        (None, false) if !matches!(tuple.protocol, 6 | 17 | 132 | 33 | 136) => return tuple,
        (None, false) => match old {
            0..512 => (1, 511),
            512..1024 => (600, 424),
            _ => (1024, 64_512),
        },
    };
    let by_chance = to.random || to.random_fully;
    let mut offset = match by_chance || side == Side::Source {
        true => random.next_u32() & 0xffff,
        false => 0,
    };
    let mut attempts = size.min(ATTEMPTS_MAX);
    loop {
        let mut last = tuple;
        for step in 0..attempts {
            let key = u32::from(first) + (offset + step) % size;
            last = with_key(&tuple, side, key as u16);
            if is_free(&last) {
                return last;
            }
        }
        if attempts >= size || attempts < 16 {
            return last;
        }
        attempts /= 2;
        offset = random.next_u32() & 0xffff;
    }
}

/// Changes a packet as its connection says (`nf_nat_packet`). Says whether it was changed.
pub fn translate(entry: &Entry, info: Info, hook: Hook, frame: &mut Frame) -> bool {
    let side = side_of(hook);
    if !applies(entry, info, side) {
        return false;
    }
    let Some(target) = entry.tuple(!info.is_reply()).invert() else {
        return false;
    };
    put(frame, 0, side, &target)
}

/// Whether packets of this direction are changed on this side.
fn applies(entry: &Entry, info: Info, side: Side) -> bool {
    let side = if info.is_reply() { side.other() } else { side };
    match side {
        Side::Source => entry.status.src_nat,
        Side::Destination => entry.status.dst_nat,
    }
}

fn put(frame: &mut Frame, start: usize, side: Side, target: &Tuple) -> bool {
    let Some(parts) = frame.bytes().get(start..).and_then(Parts::of) else {
        return false;
    };
    let (addr, port) = match (side, target.is_icmp()) {
        (Side::Source, _) => (target.src, Some(target.sport)),
        (Side::Destination, false) => (target.dst, Some(target.dport)),
        (Side::Destination, true) => (target.dst, Some(target.sport)),
    };
    let has_port = parts.protocol == target.protocol && {
        let icmp_query = parts.icmp(&frame.bytes()[start..]);
        !target.is_icmp() || icmp_query.is_some()
    };
    change(
        frame.bytes_mut(),
        start,
        side,
        addr,
        port.filter(|_| has_port),
    );
    true
}

/// Changes an ICMP error and what it quotes (`nf_nat_icmp_reply_translation`). Says whether it was changed.
pub fn translate_error(entry: &Entry, info: Info, hook: Hook, frame: &mut Frame) -> bool {
    let side = side_of(hook);
    if !applies(entry, info, side) {
        return false;
    }
    let Some(parts) = Parts::of(frame.bytes()) else {
        return false;
    };
    let other = entry.tuple(!info.is_reply());
    let inner = parts.upper + 8;
    // What is quoted went the other way.
    put(frame, inner, side.other(), other);
    if let Some(target) = other.invert() {
        let addr = match side {
            Side::Source => target.src,
            Side::Destination => target.dst,
        };
        change(frame.bytes_mut(), 0, side, addr, None);
    }
    mend_icmp(frame);
    true
}
