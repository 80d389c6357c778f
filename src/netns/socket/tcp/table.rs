//! All connections of a namespace, by their ends, and its listeners by their ports.
//! What a segment does to a connection is in `input`; sockets of processes are in `netns::socket`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::bind::overlap;
use super::input::Answer;
use super::params::Params;
use super::segment::Segment;
use super::seq::Seq;
use super::state::TcpState;
use super::tcb::{Listening, Tcb};
use crate::engine::Random;
use crate::units::{Arena, Errno, IfIndex, SimTime, SockId, TcpId};
use crate::wire::Frame;

/// A bound on the connections of a namespace, so that a flood of SYNs stays small.
const CONNECTIONS_MAX: usize = 262_144;
/// The longest backlog (`net.core.somaxconn`).
const BACKLOG_MAX: u32 = 4_096;

/// Both ends of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Tuple {
    local: u128,
    remote: u128,
    ports: u32,
}

impl Tuple {
    fn new(local: SocketAddr, remote: SocketAddr) -> Self {
        Self {
            local: number(local.ip()),
            remote: number(remote.ip()),
            ports: u32::from(local.port()) << 16 | u32::from(remote.port()),
        }
    }
}

/// An address as a number; those of IPv4 are as their mapped ones.
pub(super) fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(v4) => u128::from(v4.to_ipv6_mapped()),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

/// A segment that came for this namespace, its checksum verified.
#[derive(Clone, Copy, Debug)]
pub struct Came<'p> {
    /// Who sent it.
    pub src: IpAddr,
    /// For which address.
    pub dst: IpAddr,
    /// The device by which it came.
    pub ifindex: IfIndex,
    /// The segment.
    pub segment: Segment<'p>,
}

impl Came<'_> {
    fn local(&self) -> SocketAddr {
        super::super::deliver::scoped(self.dst, self.segment.dst_port, self.ifindex)
    }

    fn remote(&self) -> SocketAddr {
        super::super::deliver::scoped(self.src, self.segment.src_port, self.ifindex)
    }
}

/// What became of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Received {
    /// There is no connection and no listener: a reset is due.
    Nobody,
    /// A connection took it, and may have something to send.
    Taken(TcpId),
    /// A connection refuses it with a reset.
    Refused(TcpId),
    /// A listener is asked for a connection: see [`TcpTable::answer_syn`].
    Asked(TcpId),
    /// A listener has no use for it.
    Ignored,
}

/// The connections and listeners of one namespace. It takes in calls and segments, and gives out
/// segments without IP headers.
#[derive(Clone, Debug)]
pub struct TcpTable {
    pub(super) all: Arena<TcpId, Tcb>,
    tuples: HashMap<Tuple, TcpId, FixedState>,
    /// Everything with a port.
    pub(super) ports: BTreeSet<(u16, TcpId)>,
    listeners: BTreeMap<u16, Vec<TcpId>>,
    pub(super) random: Random,
}

impl TcpTable {
    /// An empty table, with the stream of its first numbers, timestamps and ports.
    pub fn new(random: Random) -> Self {
        Self {
            all: Arena::default(),
            tuples: HashMap::default(),
            ports: BTreeSet::new(),
            listeners: BTreeMap::new(),
            random,
        }
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Makes a socket without a connection.
    pub(in super::super) fn open(&mut self, owner: SockId, v6: bool, params: Params) -> TcpId {
        let any = match v6 {
            true => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
            false => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        };
        self.all
            .insert(Tcb::new(Some(owner), v6, SocketAddr::new(any, 0), params))
    }

    pub(in super::super) fn find(&self, id: TcpId) -> Option<&Tcb> {
        self.all.find(id)
    }

    pub(in super::super) fn find_mut(&mut self, id: TcpId) -> Option<&mut Tcb> {
        self.all.find_mut(id)
    }

    /// Begins to listen, or changes the backlog (`inet_listen`).
    pub(in super::super) fn listen(
        &mut self,
        id: TcpId,
        backlog: u32,
        range: (u16, u16),
    ) -> Result<(), Errno> {
        let tcb = self.all.find(id).ok_or(Errno::Ebadf)?;
        let backlog = backlog.min(BACKLOG_MAX);
        match tcb.state {
            TcpState::Listen => {}
            TcpState::Closed if tcb.remote.is_none() => {
                let (ip, port) = (tcb.local.ip(), tcb.local.port());
                if port == 0 {
                    self.bind(id, SocketAddr::new(ip, 0), range)?;
                } else if self.listens_already(id, port) {
                    return Err(Errno::Eaddrinuse);
                }
            }
            _ => return Err(Errno::Einval),
        }
        let Some(tcb) = self.all.find_mut(id) else {
            return Err(Errno::Ebadf);
        };
        if tcb.state != TcpState::Listen {
            tcb.state = TcpState::Listen;
            let port = tcb.local.port();
            self.listeners.entry(port).or_default().push(id);
        }
        let Some(tcb) = self.all.find_mut(id) else {
            return Err(Errno::Ebadf);
        };
        tcb.listening.get_or_insert_with(Listening::default).backlog = backlog;
        Ok(())
    }

    fn listens_already(&self, id: TcpId, port: u16) -> bool {
        let Some(tcb) = self.all.find(id) else {
            return false;
        };
        let listeners = self.listeners.get(&port).into_iter().flatten();
        listeners
            .filter_map(|&other| self.all.find(other))
            .any(|other| {
                !(other.settings.reuse_port && tcb.settings.reuse_port)
                    && overlap((tcb, tcb.local.ip()), (other, other.local.ip()))
                    && (tcb.settings.bound_dev == other.settings.bound_dev)
            })
    }

    /// Opens a connection from `source` over a path that takes packets of `mtu` bytes: a SYN is due
    /// (`tcp_v4_connect`).
    pub(in super::super) fn connect(
        &mut self,
        id: TcpId,
        to: SocketAddr,
        source: IpAddr,
        mtu: u32,
        range: (u16, u16),
    ) -> Result<(), Errno> {
        let tcb = self.all.find(id).ok_or(Errno::Ebadf)?;
        let mut local = SocketAddr::new(source, tcb.local.port());
        if let (SocketAddr::V6(local), SocketAddr::V6(to)) = (&mut local, to)
            && source != IpAddr::V6(Ipv6Addr::LOCALHOST)
            && local.ip().is_unicast_link_local()
        {
            local.set_scope_id(to.scope_id());
        }
        if local.port() == 0 {
            let port = self.some_port(range, 0, |table, port| {
                let local = SocketAddr::new(source, port);
                !table.tuples.contains_key(&Tuple::new(local, to))
                    && table.at_port(port).all(|(_, other)| !other.port_bound)
            });
            local.set_port(port.ok_or(Errno::Eaddrnotavail)?);
        } else if self.tuples.contains_key(&Tuple::new(local, to)) {
            return Err(Errno::Eaddrnotavail);
        }
        let (iss, stamp) = (Seq(self.random.next_u32()), self.random.next_u32());
        if let Some(tcb) = self.all.find_mut(id) {
            (tcb.local, tcb.remote) = (local, Some(to));
            tcb.open(iss, stamp, mtu);
        }
        self.ports.insert((local.port(), id));
        self.tuples.insert(Tuple::new(local, to), id);
        Ok(())
    }

    /// Gives a segment to its connection or listener.
    pub fn receive(&mut self, now: SimTime, came: &Came<'_>) -> Received {
        let tuple = Tuple::new(came.local(), came.remote());
        if let Some(&id) = self.tuples.get(&tuple) {
            match self.receive_at(now, id, came) {
                Some(received) => return received,
                None => self.remove(id),
            }
        }
        let Some(listener) = self.listener(came) else {
            return Received::Nobody;
        };
        let segment = &came.segment;
        match (segment.rst, segment.ack, segment.syn) {
            (true, ..) => Received::Ignored,
            (_, Some(_), _) => Received::Nobody,
            (_, None, true) if !segment.fin => Received::Asked(listener),
            _ => Received::Ignored,
        }
    }

    /// A connection takes a segment; nothing where it makes place for a new one.
    fn receive_at(&mut self, now: SimTime, id: TcpId, came: &Came<'_>) -> Option<Received> {
        let segment = &came.segment;
        let tcb = self.all.find_mut(id)?;
        if tcb.state == TcpState::TimeWait && tcb.makes_place(segment) {
            return None;
        }
        if tcb.state == TcpState::SynRecv
            && segment.ack.is_some()
            && !segment.rst
            && let Some(parent) = tcb.parent
            && self.is_full(parent)
        {
            // Its last handshake segment must come again when there is room.
            return Some(Received::Ignored);
        }
        let tcb = self.all.find_mut(id)?;
        let answer = tcb.receive(now, segment);
        tcb.check_ack(now);
        Some(match answer {
            Answer::Taken => Received::Taken(id),
            Answer::Reset => Received::Refused(id),
        })
    }

    fn is_full(&self, listener: TcpId) -> bool {
        let listening = self
            .all
            .find(listener)
            .and_then(|tcb| tcb.listening.as_ref());
        listening.is_none_or(|listening| listening.ready.len() as u32 > listening.backlog)
    }

    /// The listener for a segment: that of the address before that of all (`inet_lhash2_lookup`).
    fn listener(&self, came: &Came<'_>) -> Option<TcpId> {
        let listeners = self.listeners.get(&came.segment.dst_port)?;
        let score = |&id: &TcpId| {
            let tcb = self.all.find(id)?;
            let local = tcb.local.ip();
            let fits = match local.is_unspecified() {
                true if came.dst.is_ipv4() => !tcb.v6 || !tcb.settings.v6_only,
                true => tcb.v6,
                false => number(local) == number(came.dst),
            };
            let device = tcb.settings.bound_dev;
            if !fits || device.is_some_and(|dev| dev != came.ifindex) {
                return None;
            }
            let near = u8::from(!local.is_unspecified()) * 4
                + u8::from(device.is_some()) * 2
                + u8::from(tcb.v6 == came.dst.is_ipv6());
            Some((near, id))
        };
        let found = listeners.iter().filter_map(score);
        found.max_by_key(|&(near, _)| near).map(|(_, id)| id)
    }

    /// A listener answers a SYN (`tcp_conn_request`): the new connection, whose SYN,ACK is due; nothing
    /// where there is no room.
    pub fn answer_syn(&mut self, listener: TcpId, came: &Came<'_>, mtu: u32) -> Option<TcpId> {
        let from = self.all.find(listener)?;
        let listening = from.listening.as_ref()?;
        let half_open_max = listening.backlog.max(from.params.syn_backlog) as usize;
        if self.is_full(listener)
            || listening.half_open.len() > half_open_max
            || self.all.len() >= CONNECTIONS_MAX
        {
            return None;
        }
        let mut child = Tcb::new(None, from.v6, came.local(), from.params);
        child.settings = from.settings;
        child.capacity = from.capacity;
        child.parent = Some(listener);
        child.port_bound = true;
        child.remote = Some(came.remote());
        let (iss, stamp) = (Seq(self.random.next_u32()), self.random.next_u32());
        let segment = &came.segment;
        child.answer(
            iss,
            stamp,
            mtu,
            (segment.seq, segment.window, segment.options),
        );
        let id = self.all.insert(child);
        self.tuples
            .insert(Tuple::new(came.local(), came.remote()), id);
        self.ports.insert((segment.dst_port, id));
        let listening = self.all.find_mut(listener)?.listening.as_mut()?;
        listening.half_open.insert(id);
        Some(id)
    }

    /// The next segment that a connection has to send, without an IP header.
    pub fn dispatch(&mut self, now: SimTime, id: TcpId) -> Option<Frame> {
        self.all.find_mut(id)?.dispatch(now)
    }

    /// The socket of a connection or a listener, where a program has it.
    pub fn owner(&self, id: TcpId) -> Option<SockId> {
        self.all.find(id)?.owner
    }

    /// After a connection was changed: tells its process, hands it to its listener, or forgets it.
    pub fn settle(&mut self, id: TcpId, woken: &mut Vec<SockId>) {
        let Some(tcb) = self.all.find_mut(id) else {
            return;
        };
        if std::mem::take(&mut tcb.wake)
            && let Some(owner) = tcb.owner
            && !std::mem::replace(&mut tcb.told, true)
        {
            woken.push(owner);
        }
        let (state, parent) = (tcb.state, tcb.parent);
        if let Some(parent) = parent
            && state != TcpState::SynRecv
        {
            self.hand_over(id, parent, state, woken);
        }
        let Some(tcb) = self.all.find(id) else {
            return;
        };
        if tcb.state == TcpState::Closed {
            self.unlink(id);
            if self
                .all
                .find(id)
                .is_some_and(|tcb| tcb.owner.is_none() && tcb.parent.is_none())
            {
                self.remove(id);
            }
        }
    }

    /// A connection of which the handshake is over: the listener's process may accept it.
    fn hand_over(&mut self, id: TcpId, parent: TcpId, state: TcpState, woken: &mut Vec<SockId>) {
        let Some(listener) = self.all.find_mut(parent) else {
            return;
        };
        let Some(listening) = listener.listening.as_mut() else {
            return;
        };
        if !listening.half_open.remove(&id) {
            return;
        }
        if state == TcpState::Closed {
            if let Some(tcb) = self.all.find_mut(id) {
                tcb.parent = None;
            }
            return;
        }
        listening.ready.push_back(id);
        if let Some(owner) = listener.owner
            && !std::mem::replace(&mut listener.told, true)
        {
            woken.push(owner);
        }
    }

    /// Takes the oldest connection that waits at a listener, for a new socket (`inet_csk_accept`).
    pub(in super::super) fn accept(&mut self, listener: TcpId) -> Result<TcpId, Errno> {
        let tcb = self.all.find_mut(listener).ok_or(Errno::Ebadf)?;
        tcb.told = false;
        let listening = tcb.listening.as_mut().ok_or(Errno::Einval)?;
        let id = listening.ready.pop_front().ok_or(Errno::Eagain)?;
        if let Some(child) = self.all.find_mut(id) {
            child.parent = None;
        }
        Ok(id)
    }

    /// The process closes its socket (`tcp_close`). What is due is sent with [`Self::dispatch`];
    /// gives the connections that are affected.
    pub(in super::super) fn close(&mut self, now: SimTime, id: TcpId) -> Vec<TcpId> {
        let Some(tcb) = self.all.find_mut(id) else {
            return Vec::new();
        };
        tcb.owner = None;
        let mut affected = vec![id];
        if let Some(listening) = tcb.listening.take() {
            affected.extend(listening.ready);
            affected.extend(listening.half_open);
            tcb.state = TcpState::Closed;
            for &child in &affected[1..] {
                if let Some(child) = self.all.find_mut(child) {
                    child.parent = None;
                    child.abort();
                }
            }
            return affected;
        }
        tcb.close(now);
        affected
    }

    /// Takes a connection out of the lookups; a listener too.
    fn unlink(&mut self, id: TcpId) {
        let Some(tcb) = self.all.find(id) else {
            return;
        };
        let port = tcb.local.port();
        if let Some(remote) = tcb.remote {
            let tuple = Tuple::new(tcb.local, remote);
            if self.tuples.get(&tuple) == Some(&id) {
                self.tuples.remove(&tuple);
            }
        }
        if !tcb.port_bound || tcb.owner.is_none() {
            self.ports.remove(&(port, id));
        }
        if let Some(listeners) = self.listeners.get_mut(&port) {
            listeners.retain(|&other| other != id);
            if listeners.is_empty() {
                self.listeners.remove(&port);
            }
        }
    }

    fn remove(&mut self, id: TcpId) {
        if let Some(tcb) = self.all.find_mut(id) {
            tcb.owner = None;
        }
        self.unlink(id);
        self.all.remove(id);
    }

    /// Does what is due at a connection.
    pub fn run_timers(&mut self, now: SimTime, id: TcpId) {
        if let Some(tcb) = self.all.find_mut(id) {
            tcb.armed = SimTime::NEVER;
            tcb.run_timers(now);
        }
    }

    /// When a connection must be looked at, where that is earlier than what was said before.
    pub fn deadline(&mut self, id: TcpId) -> Option<SimTime> {
        let tcb = self.all.find_mut(id)?;
        let at = tcb.deadline();
        if at >= tcb.armed {
            return None;
        }
        tcb.armed = at;
        Some(at)
    }

    /// The connection of these ends: an ICMP message is about it.
    pub fn between(&self, local: SocketAddr, remote: SocketAddr) -> Option<TcpId> {
        self.tuples.get(&Tuple::new(local, remote)).copied()
    }
}

impl Tcb {
    /// Whether a SYN may begin a new connection where this one waits for late segments (RFC 9293, section 3.6.1).
    fn makes_place(&self, segment: &Segment<'_>) -> bool {
        let newer = segment.options.timestamp.is_some_and(|(value, _)| {
            self.timestamps && (value.wrapping_sub(self.ts_recent) as i32) > 0
        });
        segment.syn
            && !segment.rst
            && segment.ack.is_none()
            && (segment.seq.after(self.rcv_nxt) || newer)
    }
}
