//! All connections of a namespace, by their ends, and its listeners by their ports.
//! What a segment does to a connection is in `input`; sockets of processes are in `netns::socket`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::input::Answer;
use super::params::Params;
use super::segment::Segment;
use super::seq::Seq;
use super::state::TcpState;
use super::tcb::{Listening, Tcb};
use crate::engine::Random;
use crate::units::{Arena, Errno, IfIndex, Key, SimTime, SockId, TcpId};
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
fn number(ip: IpAddr) -> u128 {
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

/// One connection or listener, as `ss` lists it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TcpInfo {
    /// Its state.
    pub state: TcpState,
    /// Whether it is an IPv6 socket.
    pub v6: bool,
    /// This end.
    pub local: SocketAddr,
    /// The other end.
    pub remote: Option<SocketAddr>,
    /// Bytes received and not read; of a listener the connections that wait.
    pub receive_queue: u32,
    /// Bytes sent and not acknowledged, or not sent; of a listener the backlog.
    pub send_queue: u32,
    /// The socket of a process.
    pub socket: Option<SockId>,
    /// The device that it is bound to.
    pub bound_dev: Option<IfIndex>,
    /// Whether an IPv6 socket takes no IPv4.
    pub v6_only: bool,
    /// Its timer (`on`, `persist`, `timewait`), when it ends, and how often it has.
    pub timer: Option<(&'static str, SimTime, u32)>,
    /// What `ss -i` shows.
    pub detail: Detail,
}

/// The inner state of a connection (`struct tcp_info`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[expect(
    missing_docs,
    reason = "named as in struct tcp_info; times in microseconds, sizes in bytes"
)]
pub struct Detail {
    pub timestamps: bool,
    pub sack: bool,
    pub snd_wscale: u8,
    pub rcv_wscale: u8,
    pub rto_ms: u64,
    pub backoff: u32,
    pub rtt_us: u64,
    pub rttvar_us: u64,
    pub ato_ms: u64,
    pub mss: u32,
    pub pmtu: u32,
    pub rcv_mss: u32,
    pub adv_mss: u32,
    pub cwnd: u32,
    pub ssthresh: Option<u32>,
    pub unacked: u32,
    pub sacked: u32,
    pub lost: u32,
    pub retrans_out: u32,
    pub rcv_space: u32,
    pub rcv_ssthresh: u32,
    pub snd_wnd: u32,
    pub last_sent: SimTime,
    pub last_received: SimTime,
    pub counts: super::tcb::Counts,
}

/// The connections and listeners of one namespace. It takes in calls and segments, and gives out
/// segments without IP headers.
#[derive(Clone, Debug)]
pub struct TcpTable {
    all: Arena<TcpId, Tcb>,
    tuples: HashMap<Tuple, TcpId, FixedState>,
    /// Everything with a port.
    ports: BTreeSet<(u16, TcpId)>,
    listeners: BTreeMap<u16, Vec<TcpId>>,
    random: Random,
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

    /// Binds to an address that is known to be local, and to a port; port 0 draws one (`inet_csk_get_port`).
    pub(in super::super) fn bind(
        &mut self,
        id: TcpId,
        to: SocketAddr,
        range: (u16, u16),
    ) -> Result<(), Errno> {
        let tcb = self.all.find(id).ok_or(Errno::Ebadf)?;
        if tcb.local.port() != 0 || tcb.state != TcpState::Closed {
            return Err(Errno::Einval);
        }
        let port = match to.port() {
            // Ports that are bound to are those that connecting looks at last.
            0 => self
                .some_port(range, 1, |table, port| !table.conflicts(id, to.ip(), port))
                .ok_or(Errno::Eaddrinuse)?,
            port if self.conflicts(id, to.ip(), port) => return Err(Errno::Eaddrinuse),
            port => port,
        };
        if let Some(tcb) = self.all.find_mut(id) {
            tcb.local = to;
            tcb.local.set_port(port);
            tcb.port_bound = true;
        }
        self.ports.insert((port, id));
        Ok(())
    }

    /// A free port of one parity, then of the other, from a random place on (`__inet_hash_connect`).
    fn some_port(
        &mut self,
        (low, high): (u16, u16),
        parity: u16,
        free: impl Fn(&Self, u16) -> bool,
    ) -> Option<u16> {
        let count = u32::from(high.saturating_sub(low)) + 1;
        let first = self.random.below(count) & !1;
        let wraps = (0..count).map(|step| (first + step) % count);
        let ports = wraps.map(|offset| low + offset as u16);
        let (same, other): (Vec<u16>, Vec<u16>) =
            ports.partition(|port| port.wrapping_sub(low) & 1 == parity);
        same.into_iter().chain(other).find(|&port| free(self, port))
    }

    fn at_port(&self, port: u16) -> impl Iterator<Item = (TcpId, &Tcb)> {
        let first = TcpId::from(Key::from_bits(0));
        let from = self.ports.range((port, first)..);
        from.take_while(move |&&(other, _)| other == port)
            .filter_map(|&(_, id)| Some((id, self.all.find(id)?)))
    }

    /// Whether another one holds the port on an overlapping address and device (`inet_csk_bind_conflict`).
    fn conflicts(&self, id: TcpId, ip: IpAddr, port: u16) -> bool {
        let Some(tcb) = self.all.find(id) else {
            return false;
        };
        self.at_port(port).any(|(other_id, other)| {
            let devices = match (other.settings.bound_dev, tcb.settings.bound_dev) {
                (Some(a), Some(b)) => a == b,
                _ => true,
            };
            let both = other.settings.reuse_port && tcb.settings.reuse_port;
            let shared = both
                || other.settings.reuse_addr
                    && tcb.settings.reuse_addr
                    && other.state != TcpState::Listen;
            other_id != id && devices && !shared && overlap((tcb, ip), (other, other.local.ip()))
        })
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

    /// What is to be known of a connection.
    pub fn info(&self, id: TcpId) -> Option<TcpInfo> {
        self.all.find(id).map(Tcb::info)
    }

    /// Every connection and listener, in the order in which they were made.
    pub fn list(&self) -> Vec<TcpInfo> {
        let listed = self
            .all
            .iter()
            .filter(|(_, tcb)| tcb.state != TcpState::Closed);
        listed.map(|(_, tcb)| tcb.info()).collect()
    }
}

/// Whether two sockets would take the same segments.
fn overlap((tcb, ip): (&Tcb, IpAddr), (other, other_ip): (&Tcb, IpAddr)) -> bool {
    let wide = |tcb: &Tcb, ip: IpAddr| ip.is_unspecified() && tcb.v6 && !tcb.settings.v6_only;
    if number(ip) == number(other_ip) {
        return tcb.v6 == other.v6 || !ip.is_unspecified();
    }
    let v4 = |ip: IpAddr| match ip {
        IpAddr::V4(_) => true,
        IpAddr::V6(ip) => ip.to_ipv4_mapped().is_some(),
    };
    match (ip.is_unspecified(), other_ip.is_unspecified()) {
        (false, false) => false,
        _ if wide(tcb, ip) || wide(other, other_ip) => true,
        _ => v4(ip) == v4(other_ip),
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

    fn info(&self) -> TcpInfo {
        let (sacked, lost, again) = self.board.counts();
        let (receive_queue, send_queue) = match &self.listening {
            Some(listening) => (listening.ready.len() as u32, listening.backlog),
            None => (self.rx.len() as u32, self.unacked()),
        };
        TcpInfo {
            state: self.state,
            v6: self.v6,
            local: self.local,
            remote: self.remote,
            receive_queue,
            send_queue,
            socket: self.owner,
            bound_dev: self.settings.bound_dev,
            v6_only: self.settings.v6_only,
            timer: self.timer(),
            detail: Detail {
                timestamps: self.timestamps,
                sack: self.sack,
                snd_wscale: self.snd_wscale,
                rcv_wscale: self.rcv_wscale,
                rto_ms: self.rtt.timeout(self.backoff).as_millis() as u64,
                backoff: self.backoff,
                rtt_us: self.rtt.smoothed().map_or(0, |rtt| rtt.as_micros() as u64),
                rttvar_us: self.rtt.deviation().as_micros() as u64,
                ato_ms: self.ack.ato.as_millis() as u64,
                mss: self.mss,
                pmtu: self.path_mtu,
                rcv_mss: self.ack.mss,
                adv_mss: self.adv_mss,
                cwnd: self.reno.window,
                ssthresh: self.reno.threshold,
                unacked: self.board.len(),
                sacked,
                lost,
                retrans_out: again,
                rcv_space: self.copied_best.max(self.adv_mss.saturating_mul(10)),
                rcv_ssthresh: self.rcv_ssthresh,
                snd_wnd: self.snd_wnd,
                last_sent: self.sent_at,
                last_received: self.ack.data_at,
                counts: self.counts,
            },
        }
    }

    /// What was written, or a FIN, and is not acknowledged.
    fn unacked(&self) -> u32 {
        match self.state {
            TcpState::SynSent => 1,
            TcpState::TimeWait | TcpState::FinWait2 | TcpState::SynRecv => 0,
            _ => {
                self.tx.len() as u32 + u32::from(self.fin_queued && self.una != self.data_end() + 1)
            }
        }
    }

    fn timer(&self) -> Option<(&'static str, SimTime, u32)> {
        match self.state {
            TcpState::TimeWait => Some(("timewait", self.life_at, 0)),
            TcpState::FinWait2 if self.owner.is_none() => Some(("timewait", self.life_at, 0)),
            _ if self.rtx_at == SimTime::NEVER => None,
            _ if self.board.is_empty() => Some(("persist", self.rtx_at, self.retransmits)),
            _ => Some(("on", self.rtx_at, self.retransmits)),
        }
    }
}
