//! The neighbour table of one address family in one namespace: devices, entries, output.
//! Learning is in `update`, time in `timers`, an administrator's changes in `admin`.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::params::{NeighParams, TableLimits, truesize};
use super::state::{AddrKind, NeighAddr, NeighFlags, Nud};
use crate::engine::Random;
use crate::engine::trace::DropReason;
use crate::units::{Blank, IfIndex, MacAddr, Rare, SimTime, make_room};
use crate::wire::Frame;

/// What the table asks of a packet that waits for an answer.
pub trait Waiting<A>: 'static {
    /// What it counts for in the queue, see [`truesize`].
    fn truesize(&self) -> usize;

    /// Its source address, from which the question may be asked.
    fn source(&self) -> Option<A>;

    /// The station of its journey that it was at last; 0 where nobody watches.
    fn station(&self) -> u32 {
        0
    }
}

impl<A: SourceOf> Waiting<A> for Frame {
    fn truesize(&self) -> usize {
        truesize(self.len())
    }

    fn source(&self) -> Option<A> {
        A::source_of(self.bytes())
    }

    fn station(&self) -> u32 {
        self.hop
    }
}

/// Reads the source address out of an IP header.
pub trait SourceOf: Sized {
    /// The source address of the packet that starts `bytes`.
    fn source_of(bytes: &[u8]) -> Option<Self>;
}

impl SourceOf for std::net::Ipv4Addr {
    fn source_of(bytes: &[u8]) -> Option<Self> {
        let address: [u8; 4] = bytes.get(12..16)?.try_into().ok()?;
        Some(address.into())
    }
}

impl SourceOf for std::net::Ipv6Addr {
    fn source_of(bytes: &[u8]) -> Option<Self> {
        let address: [u8; 16] = bytes.get(8..24)?.try_into().ok()?;
        Some(address.into())
    }
}

/// What the kernel floor has to do for a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action<A, P> {
    /// Ask for an address: an ARP request or a neighbour solicitation.
    Solicit {
        /// Through which device.
        ifindex: IfIndex,
        /// Whom.
        addr: A,
        /// The known station to ask, or all of them.
        unicast_to: Option<MacAddr>,
        /// The source address of the newest waiting packet.
        source: Option<A>,
        /// The station of that packet's journey; 0 where there is none.
        cause: u32,
    },
    /// Transmit packets that waited.
    Release {
        /// Through which device.
        ifindex: IfIndex,
        /// To whom.
        addr: A,
        /// The neighbour's station.
        mac: MacAddr,
        /// The packets, oldest first.
        packets: Vec<P>,
    },
    /// Nobody answered: send an ICMP error for each packet, or tell its socket
    /// (`error_report`). The packets are lost, `NEIGH_FAILED`.
    Unreachable {
        /// Through which device.
        ifindex: IfIndex,
        /// Who did not answer.
        addr: A,
        /// The packets, oldest first.
        packets: Vec<P>,
    },
    /// A waiting packet was lost without an error to its sender.
    Dropped {
        /// Through which device it would have gone.
        ifindex: IfIndex,
        /// The packet.
        packet: P,
        /// Why.
        reason: DropReason,
    },
    /// The delay of a proxied question is over: decide about it once more,
    /// with `locally_enqueued` set (`proxy_redo`).
    ProxyRedo {
        /// Where the question came in.
        ifindex: IfIndex,
        /// The question, as it was given to [`NeighTable::enqueue_proxied`].
        frame: Frame,
    },
}

/// What becomes of a packet that is to go to a neighbour.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Resolution<P> {
    /// Transmit it to this station now.
    Send(MacAddr, P),
    /// It waits in the table.
    Queued,
    /// It is lost.
    Dropped(DropReason, P),
}

/// What the table knows of a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NeighDevice {
    /// Its own station address.
    pub mac: MacAddr,
    /// Its broadcast address.
    pub broadcast: MacAddr,
    /// It resolves nothing (`IFF_NOARP`).
    pub noarp: bool,
    /// It is a loopback (`IFF_LOOPBACK`).
    pub loopback: bool,
    /// It has one far end only (`IFF_POINTOPOINT`).
    pub pointopoint: bool,
}

impl NeighDevice {
    /// An Ethernet device that resolves.
    pub fn ethernet(mac: MacAddr) -> Self {
        Self {
            mac,
            broadcast: MacAddr::BROADCAST,
            noarp: false,
            loopback: false,
            pointopoint: false,
        }
    }

    /// The loopback device.
    pub fn loopback() -> Self {
        Self {
            broadcast: MacAddr::ZERO,
            loopback: true,
            ..Self::ethernet(MacAddr::ZERO)
        }
    }
}

/// A registered device with its parameters.
#[derive(Clone, Debug)]
pub(super) struct Port {
    pub ifindex: IfIndex,
    pub device: NeighDevice,
    /// Nanoseconds: `base_reachable_time` times 0.5 to 1.5, drawn anew every 300 s.
    pub reachable_ns: u64,
    /// Its own parameters, where they are not those of `default`.
    pub params: Option<Box<NeighParams>>,
}

/// A moment as the entries keep it: nanoseconds, and may lie before the world began.
pub(super) type Moment = i64;

pub(super) fn moment(now: SimTime) -> Moment {
    i64::try_from(now.as_nanos()).unwrap_or(i64::MAX)
}

pub(super) fn span(duration: Duration) -> Moment {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

pub(super) fn instant(moment: Moment) -> SimTime {
    SimTime::from_nanos(u64::try_from(moment).unwrap_or(0))
}

/// One neighbour.
#[derive(Clone, Debug)]
pub(super) struct Entry<P> {
    pub state: Nud,
    pub flags: NeighFlags,
    pub protocol: u8,
    pub mac: MacAddr,
    pub probes: u32,
    pub used: Moment,
    pub confirmed: Moment,
    pub updated: Moment,
    pub deadline: Option<SimTime>,
    pub queue: VecDeque<P>,
    pub queued_bytes: usize,
    /// Its place in the order of creation.
    pub serial: u64,
    /// Counted and collected by the table's bounds, unlike static entries.
    pub counted: bool,
}

pub(super) type Key<A> = (IfIndex, A);

/// The neighbours of one family in one namespace. See the module's page for how it is called.
#[derive(Clone, Debug)]
pub struct NeighTable<A, P> {
    pub(super) ports: Vec<Port>,
    /// The parameters of `default`, where they are not those with which the kernel starts.
    default: Option<Box<NeighParams>>,
    pub(super) random: Random,
    pub(super) last_random: Moment,
    /// Nothing in a namespace that never had a neighbour.
    pub(super) kept: Rare<Kept<A, P>>,
}

/// The entries of a table, with all that follows from them.
#[derive(Clone, Debug)]
pub(super) struct Kept<A, P> {
    pub entries: HashMap<Key<A>, Entry<P>, FixedState>,
    /// Every running timer of an entry, earliest first.
    pub deadlines: BTreeSet<(SimTime, Key<A>)>,
    /// The bounds of the table.
    pub limits: TableLimits,
    /// How many entries the bounds count (`gc_entries`).
    pub counted: usize,
    pub next_serial: u64,
    pub last_flush: Moment,
    pub collect_at: SimTime,
    pub managed: usize,
    pub managed_at: Option<SimTime>,
    pub proxies: Vec<super::proxy::Proxy<A>>,
    pub proxied: super::proxy::Proxied,
}

impl<A: 'static, P: 'static> Blank for Kept<A, P> {
    const BLANK: Self = Self {
        entries: HashMap::with_hasher(FixedState::with_seed(0)),
        deadlines: BTreeSet::new(),
        limits: TableLimits::STANDARD,
        counted: 0,
        next_serial: 0,
        last_flush: 0,
        collect_at: SimTime::ZERO,
        managed: 0,
        managed_at: None,
        proxies: Vec::new(),
        proxied: super::proxy::Proxied::NONE,
    };
    const SHARED: &'static Self = &Self::BLANK;
}

impl<A: NeighAddr, P: Waiting<A>> NeighTable<A, P> {
    /// An empty table whose random times are drawn from `random`.
    pub fn new(random: Random) -> Self {
        Self {
            ports: Vec::new(),
            default: None,
            random,
            last_random: 0,
            kept: Rare::default(),
        }
    }

    /// The parameters of `default`.
    pub(super) fn default_params(&self) -> &NeighParams {
        self.default.as_deref().unwrap_or(A::STANDARD)
    }

    /// Makes a device known, with the parameters of `default` (`neigh_parms_alloc`).
    /// Call it again when its address or flags change without the events below.
    pub fn add_device(&mut self, ifindex: IfIndex, device: NeighDevice) {
        match self.ports.binary_search_by_key(&ifindex, |p| p.ifindex) {
            Ok(at) => {
                if let Some(port) = self.ports.get_mut(at) {
                    port.device = device;
                }
            }
            Err(at) => {
                let reachable_ns =
                    self.draw_reachable_ns(self.default_params().base_reachable_time);
                let port = Port {
                    ifindex,
                    device,
                    reachable_ns,
                    params: None,
                };
                make_room(&mut self.ports, 2);
                self.ports.insert(at, port);
            }
        }
    }

    /// Forgets a device with all its neighbours and proxies.
    pub fn remove_device(&mut self, ifindex: IfIndex, out: &mut Vec<Action<A, P>>) {
        self.device_down(ifindex, out);
        self.ports.retain(|port| port.ifindex != ifindex);
    }

    /// The device went down, or lost its last address: all its entries go,
    /// permanent ones too (`neigh_ifdown`).
    pub fn device_down(&mut self, ifindex: IfIndex, out: &mut Vec<Action<A, P>>) {
        self.flush_device(ifindex, false, out);
        if let Some(kept) = self.kept.made() {
            kept.proxies.retain(|proxy| proxy.ifindex != Some(ifindex));
            kept.proxied.forget(ifindex);
        }
    }

    /// The device lost its carrier (as linkwatch reports it, up to 1 s later) and
    /// `arp_evict_nocarrier` or `ndisc_evict_nocarrier` is on: entries go, but for
    /// permanent ones (`neigh_carrier_down`).
    pub fn carrier_lost(&mut self, ifindex: IfIndex, out: &mut Vec<Action<A, P>>) {
        self.flush_device(ifindex, true, out);
        if let Some(kept) = self.kept.made() {
            kept.proxies
                .retain(|proxy| proxy.ifindex != Some(ifindex) || proxy.permanent);
            kept.proxied.forget(ifindex);
        }
    }

    /// The device's own address or its `IFF_NOARP` changed: all its entries go
    /// (`neigh_changeaddr`), its proxies stay.
    pub fn device_changed(
        &mut self,
        ifindex: IfIndex,
        device: NeighDevice,
        out: &mut Vec<Action<A, P>>,
    ) {
        self.add_device(ifindex, device);
        self.flush_device(ifindex, false, out);
    }

    /// The parameters of a device, or of `default`.
    pub fn params(&self, ifindex: Option<IfIndex>) -> &NeighParams {
        ifindex
            .and_then(|ifindex| self.port(ifindex))
            .and_then(|port| port.params.as_deref())
            .unwrap_or_else(|| self.default_params())
    }

    /// Sets the parameters of a device, or of `default` for devices to come.
    pub fn set_params(&mut self, ifindex: Option<IfIndex>, params: NeighParams) {
        let Some(ifindex) = ifindex else {
            // Devices that are there already keep what they copied.
            let before = self.default_params().clone();
            for port in &mut self.ports {
                port.params.get_or_insert_with(|| Box::new(before.clone()));
            }
            self.default = Some(Box::new(params));
            return;
        };
        let redraw = self.params(Some(ifindex)).base_reachable_time != params.base_reachable_time;
        let reachable_ns = redraw.then(|| self.draw_reachable_ns(params.base_reachable_time));
        let found = self.ports.binary_search_by_key(&ifindex, |p| p.ifindex);
        if let Some(port) = found.ok().and_then(|at| self.ports.get_mut(at)) {
            port.reachable_ns = reachable_ns.unwrap_or(port.reachable_ns);
            port.params = Some(Box::new(params));
        }
    }

    /// What becomes of `packet`, which is to go to the next hop `addr`
    /// (`neigh_resolve_output`). `kind` is what the routing table says of `addr`;
    /// IPv6 looks at the address itself.
    pub fn resolve(
        &mut self,
        now: SimTime,
        ifindex: IfIndex,
        addr: A,
        kind: AddrKind,
        packet: P,
        out: &mut Vec<Action<A, P>>,
    ) -> Resolution<P> {
        let key = self.output_key(ifindex, addr);
        if let Some(entry) = self.kept.entries.get_mut(&key) {
            if entry.state.is_connected() {
                // The cached header is used, which does not count as a use (`neigh_hh_output`).
                return Resolution::Send(entry.mac, packet);
            }
            entry.used = moment(now);
            if matches!(entry.state, Nud::Delay | Nud::Probe) {
                return Resolution::Send(entry.mac, packet);
            }
        } else if let Err(reason) = self.create(now, ifindex, addr, kind, false, out) {
            return Resolution::Dropped(reason, packet);
        }
        self.event_send(now, key, Some(packet), true, out)
    }

    /// The station of a neighbour that needs no confirmation: a packet to it goes out at once, and the table stays as
    /// it is (`neigh_hh_output`).
    #[inline]
    pub fn connected(&self, ifindex: IfIndex, addr: A) -> Option<MacAddr> {
        let entry = self.kept.entries.get(&self.output_key(ifindex, addr))?;
        entry.state.is_connected().then_some(entry.mac)
    }

    /// Whether the station of a neighbour is known; where it is not, it is asked for from
    /// now on (`__ip_do_redirect`).
    pub fn is_known_or_asked(
        &mut self,
        now: SimTime,
        ifindex: IfIndex,
        addr: A,
        out: &mut Vec<Action<A, P>>,
    ) -> bool {
        let key = self.output_key(ifindex, addr);
        match self.kept.entries.get(&key) {
            Some(entry) if entry.state.is_valid() => return true,
            Some(_) => {}
            None => {
                let made = self.create(now, ifindex, addr, AddrKind::Unicast, false, out);
                if made.is_err() {
                    return false;
                }
            }
        }
        self.event_send(now, key, None, true, out);
        false
    }

    /// An upper layer heard from the neighbour (`neigh_confirm`: in-order TCP data and
    /// acknowledgements, `MSG_CONFIRM` of a socket; ping sends without it). It moves no timer.
    pub fn confirm(&mut self, now: SimTime, ifindex: IfIndex, addr: A) {
        let key = self.output_key(ifindex, addr);
        if let Some(entry) = self.kept.entries.get_mut(&key) {
            entry.confirmed = moment(now);
        }
    }

    /// The station of a neighbour that is known just now; sends nothing.
    pub fn station(&self, ifindex: IfIndex, addr: A) -> Option<MacAddr> {
        let entry = self.kept.entries.get(&self.output_key(ifindex, addr))?;
        entry.state.is_valid().then_some(entry.mac)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.kept.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.kept.entries.is_empty()
    }

    pub(super) fn port(&self, ifindex: IfIndex) -> Option<&Port> {
        let found = self.ports.binary_search_by_key(&ifindex, |p| p.ifindex);
        found.ok().and_then(|at| self.ports.get(at))
    }

    /// IPv4 keeps one entry for all addresses behind a loopback or point-to-point
    /// device (`__ipv4_neigh_lookup`).
    pub(super) fn output_key(&self, ifindex: IfIndex, addr: A) -> Key<A> {
        let one_for_all = A::IS_IPV4
            && self
                .port(ifindex)
                .is_some_and(|p| p.device.loopback || p.device.pointopoint);
        (ifindex, if one_for_all { A::UNSPECIFIED } else { addr })
    }

    /// A new entry in its first state (`neigh_create`, `arp_constructor`, `ndisc_constructor`).
    /// `exempt` ones are not counted by the table's bounds.
    pub(super) fn create(
        &mut self,
        now: SimTime,
        ifindex: IfIndex,
        addr: A,
        kind: AddrKind,
        exempt: bool,
        out: &mut Vec<Action<A, P>>,
    ) -> Result<Key<A>, DropReason> {
        let Some(port) = self.port(ifindex) else {
            return Err(DropReason::NeighCreatefail);
        };
        let (state, mac) = first_state(&port.device, addr, kind);
        let key = self.output_key(ifindex, addr);
        if self.kept.entries.contains_key(&key) {
            return Ok(key);
        }
        if !exempt && !self.make_room(now, out) {
            return Err(DropReason::NeighCreatefail);
        }
        let base = span(self.params(Some(ifindex)).base_reachable_time);
        let at = moment(now);
        let entry = Entry {
            state,
            flags: NeighFlags::EMPTY,
            protocol: 0,
            mac,
            probes: 0,
            used: at,
            confirmed: at.saturating_sub(base.saturating_mul(2)),
            updated: at,
            deadline: None,
            queue: VecDeque::new(),
            queued_bytes: 0,
            serial: self.kept.next_serial,
            counted: !exempt,
        };
        let kept = &mut *self.kept;
        kept.next_serial += 1;
        kept.counted += usize::from(!exempt);
        kept.entries.insert(key, entry);
        Ok(key)
    }

    /// Takes an entry out; what waited in it is lost (`neigh_remove_one`).
    pub(super) fn remove(&mut self, key: Key<A>, out: &mut Vec<Action<A, P>>) {
        self.stop_timer(key);
        let kept = &mut *self.kept;
        let Some(entry) = kept.entries.remove(&key) else {
            return;
        };
        kept.counted -= usize::from(entry.counted);
        kept.managed -= usize::from(entry.flags.has(NeighFlags::MANAGED));
        out.extend(entry.queue.into_iter().map(|packet| Action::Dropped {
            ifindex: key.0,
            packet,
            reason: DropReason::NeighDead,
        }));
    }

    /// The keys that `wanted` picks, in their order.
    pub(super) fn keys_where(&self, wanted: impl Fn(&Key<A>, &Entry<P>) -> bool) -> Vec<Key<A>> {
        let picked = self
            .kept
            .entries
            .iter()
            .filter(|(key, entry)| wanted(key, entry));
        let mut keys: Vec<_> = picked.map(|(key, _)| *key).collect();
        keys.sort_unstable();
        keys
    }

    fn flush_device(
        &mut self,
        ifindex: IfIndex,
        keep_permanent: bool,
        out: &mut Vec<Action<A, P>>,
    ) {
        if self.kept.entries.is_empty() {
            return;
        }
        let gone = self.keys_where(|key, entry| {
            key.0 == ifindex && !(keep_permanent && entry.state == Nud::Permanent)
        });
        for key in gone {
            self.remove(key, out);
        }
    }
}

/// What an entry starts as, and its station where the protocol decides it.
fn first_state<A: NeighAddr>(device: &NeighDevice, addr: A, kind: AddrKind) -> (Nud, MacAddr) {
    if let Some(group) = addr.group_mac() {
        return (Nud::Noarp, group);
    }
    if device.noarp || device.loopback {
        return (Nud::Noarp, device.mac);
    }
    let broadcast = A::IS_IPV4 && kind == AddrKind::Broadcast;
    if broadcast || device.pointopoint {
        return (Nud::Noarp, device.broadcast);
    }
    (Nud::None, MacAddr::ZERO)
}
