//! How a ping begins: the name, the probe that finds the source address, options of the socket, the header.
//! What goes on then is the main loop's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::time::Duration;

use super::stats::Stats;
use super::{DATA_KEPT_MAX, Options, Phase, Ping, TIMEVAL_LEN};
use crate::kernel::World;
use crate::netns::socket::{MtuDiscover, SocketKind, SocketOption};
use crate::program::{Console, resolve};
use crate::units::{Errno, IfIndex, NetnsId, SockId};

/// ICMP types that a ping over IPv4 wants to see: errors, redirects, echo replies.
const ICMP_FILTER: u32 = !((1 << 4) | (1 << 3) | (1 << 11) | (1 << 12) | (1 << 5) | 1);
/// The port of the socket that finds out the source address.
const PROBE_PORT: u16 = 1_025;

/// How a ping that fails before it begins leaves: with this status, its words already printed.
type Begun<T> = Result<T, i32>;

/// What all steps of the beginning need.
struct Beginning<'a> {
    world: &'a mut World,
    netns: NetnsId,
    console: &'a mut Console,
    options: Options,
    socket: SockId,
    to: SocketAddr,
    /// Whether another address of the target could be tried.
    more: bool,
    source: SocketAddr,
    device: Option<IfIndex>,
}

impl Ping {
    /// Begins to ping `target` from a namespace; `hostname` is the name of its host.
    ///
    /// # Errors
    /// The exit status, where ping ends at once. The words are on the console then.
    pub fn start(
        world: &mut World,
        netns: NetnsId,
        hostname: &str,
        options: Options,
        target: &str,
        console: &mut Console,
    ) -> Result<Self, i32> {
        if let Some(pattern) = options.pattern.as_ref().filter(|_| !options.quiet) {
            let shown: String = pattern.iter().map(|byte| format!("{byte:02x}")).collect();
            console.out(format!("PATTERN: 0x{shown}\n"));
        }
        if options.verbose {
            let family = match options.v6 {
                None => "AF_UNSPEC",
                Some(false) => "AF_INET",
                Some(true) => "AF_INET6",
            };
            console.err(format!(
                "{}: {}, hints.ai_family: {family}\n\n",
                options.tool,
                descriptors(options.v6)
            ));
        }
        let found = match resolve::lookup(world, netns, hostname, target) {
            Ok(found) => found,
            Err(error) => return Err(fail(console, &options.tool, &format!("{target}: {error}"))),
        };
        for (position, &to) in found.iter().enumerate() {
            let more = position + 1 < found.len();
            if options.verbose {
                let family = if to.is_ipv6() { "AF_INET6" } else { "AF_INET" };
                let canonical = if position == 0 { target } else { "" };
                console.out(format!(
                    "ai->ai_family: {family}, ai->ai_canonname: '{canonical}'\n"
                ));
            }
            if options.v6.is_some_and(|v6| v6 != to.is_ipv6()) {
                if more {
                    continue;
                }
                let error = resolve::NameError::Family;
                return Err(fail(console, &options.tool, &format!("{target}: {error}")));
            }
            if let Some(ping) = Self::start_at(
                world,
                netns,
                (hostname, target),
                &options,
                to,
                more,
                console,
            )? {
                return Ok(ping);
            }
        }
        Err(2)
    }

    fn start_at(
        world: &mut World,
        netns: NetnsId,
        (hostname, target): (&str, &str),
        options: &Options,
        to: SocketAddr,
        more: bool,
        console: &mut Console,
    ) -> Begun<Option<Self>> {
        let kind = if to.is_ipv6() {
            SocketKind::Raw6(58)
        } else {
            SocketKind::Raw4(1)
        };
        let socket = match world.socket(netns, kind) {
            Ok(socket) => socket,
            Err(errno) => return Err(fail(console, &options.tool, &format!("socket: {errno}"))),
        };
        let mut beginning = Beginning {
            world,
            netns,
            console,
            options: options.clone(),
            socket,
            to,
            more,
            source: kind.unspecified(),
            device: None,
        };
        match beginning.run(target) {
            Ok(true) => Ok(Some(beginning.finish(hostname, target))),
            Ok(false) => {
                world.close_socket(socket);
                Ok(None)
            }
            Err(status) => {
                world.close_socket(socket);
                Err(status)
            }
        }
    }
}

/// The line of `-v` about the sockets that ping opens.
fn descriptors(v6: Option<bool>) -> String {
    let fd = |number: i32| match number {
        -1 => "-1 (socktype: 0)".to_owned(),
        number => format!("{number} (socktype: SOCK_RAW)"),
    };
    let (four, six) = match v6 {
        None => (3, 4),
        Some(false) => (3, -1),
        Some(true) => (-1, 3),
    };
    format!("sock4.fd: {}, sock6.fd: {}", fd(four), fd(six))
}

fn fail(console: &mut Console, tool: &str, words: &str) -> i32 {
    console.err(format!("{tool}: {words}\n"));
    2
}

impl Beginning<'_> {
    fn fail<T>(&mut self, words: &str) -> Begun<T> {
        Err(fail(self.console, &self.options.tool, words))
    }

    fn warn(&mut self, words: &str) {
        fail(self.console, &self.options.tool, words);
    }

    fn set(&mut self, option: SocketOption, what: &str) -> Begun<()> {
        match self.world.socket_option(self.socket, option) {
            Ok(()) => Ok(()),
            Err(errno) => self.fail(&format!("{what}: {errno}")),
        }
    }

    /// Whether the ping begins; `false` where the next address is to be tried.
    fn run(&mut self, target: &str) -> Begun<bool> {
        let v6 = self.to.is_ipv6();
        let numeric = match v6 {
            false => resolve::inet_aton(target).is_some(),
            true => target.contains(':'),
        };
        self.options.numeric |= numeric || self.options.flood;
        let begins = if v6 {
            self.probe_v6()?
        } else {
            self.probe_v4()?
        };
        if !begins {
            return Ok(false);
        }
        self.set_options()?;
        self.print_header(target);
        if self.options.connect && !v6 {
            let port = SocketAddr::new(self.to.ip(), PROBE_PORT);
            if let Err(errno) = self.world.connect(self.socket, port) {
                return self.fail(&format!("connect failed: {errno}"));
            }
        }
        Ok(true)
    }

    fn device_index(&mut self, name: &str) -> Begun<IfIndex> {
        match self.world.ifindex(self.netns, name) {
            Some(ifindex) => Ok(ifindex),
            None => self.fail(&format!("unknown iface: {name}")),
        }
    }

    /// Binds the socket to the device of `-I` (`bind_to_device`).
    fn bind_device_v4(&mut self) -> Begun<()> {
        let Some(name) = self.options.device.clone() else {
            return Ok(());
        };
        match self.world.ifindex(self.netns, &name) {
            Some(ifindex) => {
                self.device = Some(ifindex);
                self.set(SocketOption::BindToDevice(Some(ifindex)), "SO_BINDTODEVICE")
            }
            None if self.to.ip().is_multicast() => self.device_index(&name).map(|_| ()),
            None => self.fail(&format!("SO_BINDTODEVICE {name}: {}", Errno::Enodev)),
        }
    }

    /// Finds the source address with a datagram socket (`ping4_run`).
    fn probe_v4(&mut self) -> Begun<bool> {
        self.bind_device_v4()?;
        if let Some(source) = self
            .options
            .source4
            .filter(|source| !source.is_unspecified())
        {
            self.source = SocketAddr::new(IpAddr::V4(source), 0);
        } else {
            let to = SocketAddr::new(self.to.ip(), PROBE_PORT);
            if !self.probe(SocketKind::Udp4, to)? {
                return Ok(false);
            }
            self.check_source_device();
        }
        if self.to.ip().is_unspecified() {
            self.to.set_ip(self.source.ip());
        }
        Ok(true)
    }

    /// Finds the source address (`ping6_run`). A link-local target is not probed: the address
    /// family of that call is never set.
    fn probe_v6(&mut self) -> Begun<bool> {
        if let Some(name) = self.options.device.clone() {
            self.device = Some(self.device_index(&name)?);
        }
        if let Some(source) = self
            .options
            .source6
            .filter(|source| !source.is_unspecified())
        {
            let scope = match source.is_unicast_link_local() {
                true => self.device.unwrap_or(0),
                false => 0,
            };
            self.source = SocketAddr::V6(SocketAddrV6::new(source, 0, 0, scope));
        } else {
            if self.device.is_some() {
                self.set(SocketOption::BindToDevice(self.device), "SO_BINDTODEVICE")?;
            }
            let target = ipv6(self.to.ip());
            let link_local =
                target.is_unicast_link_local() || resolve::is_link_local_multicast(target);
            let mut to = self.to;
            to.set_port(PROBE_PORT);
            if !link_local && !self.probe(SocketKind::Udp6, to)? {
                return Ok(false);
            }
            self.check_source_device();
        }
        if self.device.is_some() {
            self.set(
                SocketOption::MulticastIf(self.device),
                "setsockopt(IPV6_PKTINFO)",
            )?;
            if self.options.strict_source {
                self.set(SocketOption::BindToDevice(self.device), "SO_BINDTODEVICE")?;
            }
        }
        Ok(true)
    }

    /// Connects a datagram socket to see where its packets would leave from.
    fn probe(&mut self, kind: SocketKind, to: SocketAddr) -> Begun<bool> {
        let probe = match self.world.socket(self.netns, kind) {
            Ok(probe) => probe,
            Err(errno) => return self.fail(&format!("socket: {errno}")),
        };
        let options = [
            self.device.map(|dev| SocketOption::BindToDevice(Some(dev))),
            Some(SocketOption::Tos(self.options.tos)),
            self.options.mark.map(SocketOption::Mark),
        ];
        for option in options.into_iter().flatten() {
            let _ = self.world.socket_option(probe, option);
        }
        let connected = self.connect_probe(probe, to);
        if let Some(local) = self.world.local_addr(probe) {
            self.source = local;
            self.source.set_port(0);
        }
        self.world.close_socket(probe);
        connected
    }

    fn connect_probe(&mut self, probe: SockId, to: SocketAddr) -> Begun<bool> {
        let errno = match self.world.connect(probe, to) {
            Ok(()) => return Ok(true),
            Err(errno) => errno,
        };
        match errno {
            Errno::Eacces if to.is_ipv4() && !self.options.broadcast => self.fail(
                "Do you want to ping broadcast? Then -b. If not, check your local firewall rules",
            ),
            Errno::Eacces if to.is_ipv4() => {
                self.console.err("WARNING: pinging broadcast address\n");
                let _ = self
                    .world
                    .socket_option(probe, SocketOption::Broadcast(true));
                match self.world.connect(probe, to) {
                    Ok(()) => Ok(true),
                    Err(errno) => self.fail(&format!("connect: {errno}")),
                }
            }
            Errno::Ehostunreach | Errno::Enetunreach if self.more => Ok(false),
            errno => self.fail(&format!("connect: {errno}")),
        }
    }

    /// Warns where the source address is not one of the device of `-I`.
    fn check_source_device(&mut self) {
        let Some(name) = self.options.device.clone() else {
            return;
        };
        let source = self.source.ip();
        let has = self
            .world
            .addrs(self.netns)
            .iter()
            .any(|addr| addr.dev.as_str() == name && addr.local == source);
        if !has {
            self.warn(&format!(
                "Warning: source address might be selected on device other than: {name}"
            ));
        }
    }

    /// Sets what the options ask for, in ping's order, so that the first failure is the same.
    fn set_options(&mut self) -> Begun<()> {
        let v6 = self.to.is_ipv6();
        let group = self.to.ip().is_multicast() || (!v6 && self.options.broadcast);
        if group {
            self.options.mtu_discover.get_or_insert(MtuDiscover::Do);
        }
        if let Some(how) = self.options.mtu_discover {
            self.set(SocketOption::MtuDiscover(how), "IP_MTU_DISCOVER")?;
        }
        if self.options.strict_source
            && let Err(errno) = self.world.bind(self.socket, self.source)
        {
            let what = if v6 { "bind icmp socket" } else { "bind" };
            return self.fail(&format!("{what}: {errno}"));
        }
        self.set(SocketOption::RecvErr(true), "IP_RECVERR")?;
        match v6 {
            false => self.set(SocketOption::IcmpFilter(ICMP_FILTER), "ICMP_FILTER")?,
            true => {
                let mut blocked = [u32::MAX; 8];
                blocked[4] &= !(1 << 1);
                self.set(
                    SocketOption::Icmp6Filter(blocked),
                    "setsockopt(ICMP6_FILTER)",
                )?;
            }
        }
        if let Some(record) = self.options.record.filter(|_| !v6) {
            let options = record.header_options();
            if let Err(errno) = self.world.socket_ip_options(self.socket, &options) {
                return self.fail(&format!("record route: {errno}"));
            }
        }
        self.set(SocketOption::Tos(self.options.tos), "setsockopt")?;
        self.set(
            SocketOption::Broadcast(self.options.broadcast),
            "cannot set broadcasting",
        )?;
        if self.options.no_loop {
            self.set(
                SocketOption::MulticastLoop(false),
                "cannot disable multicast loopback",
            )?;
        }
        self.set_ttl(v6)?;
        if let Some(label) = self.options.flow_label.filter(|_| v6) {
            self.set(SocketOption::FlowLabel(label), "can't set flowlabel")?;
        }
        if let Some(mark) = self.options.mark {
            self.set(SocketOption::Mark(mark), "SO_MARK")?;
        }
        self.set(
            SocketOption::DontRoute(self.options.dont_route),
            "SO_DONTROUTE",
        )
    }

    fn set_ttl(&mut self, v6: bool) -> Begun<()> {
        let Some(ttl) = self.options.ttl else {
            return Ok(());
        };
        let (group, one) = match v6 {
            false => (
                "cannot set multicast time-to-live",
                "cannot set unicast time-to-live",
            ),
            true => (
                "can't set multicast hop limit",
                "can't set unicast hop limit",
            ),
        };
        self.set(SocketOption::MulticastTtl(ttl), group)?;
        self.set(SocketOption::Ttl(ttl), one)
    }

    fn print_header(&mut self, target: &str) {
        let (options, netns) = (&self.options, self.netns);
        let size = options.size;
        let recorded = if options.record.is_some() { 40 } else { 0 };
        let numeric = resolve::numeric(self.world, netns, self.to);
        let source = match options.device.is_some() || options.strict_source {
            true => {
                let source = resolve::numeric(self.world, netns, self.source);
                format!(
                    "from {source} {}: ",
                    options.device.as_deref().unwrap_or("")
                )
            }
            false => String::new(),
        };
        self.console.out(match self.to.is_ipv6() {
            false => format!(
                "PING {target} ({numeric}) {source}{size}({}) bytes of data.\n",
                size + 28 + recorded
            ),
            true => {
                let flow = match options.flow_label {
                    Some(label) if label != 0 => format!(", flow 0x{label:05x}, "),
                    _ => String::new(),
                };
                format!("PING {target}({numeric}) {flow}{source}{size} data bytes\n")
            }
        });
    }

    fn finish(self, hostname: &str, target: &str) -> Ping {
        let Self {
            world,
            netns,
            options,
            socket,
            to,
            ..
        } = self;
        let kept = options.size.min(DATA_KEPT_MAX);
        let data = match options.pattern.as_deref() {
            Some(pattern) if !pattern.is_empty() => {
                pattern.iter().copied().cycle().take(kept).collect()
            }
            _ => (0..kept).map(|byte| (byte & 0xff) as u8).collect(),
        };
        let interval_ms = match options.flood && !options.interval_given {
            true => 0,
            false => options.interval_ms,
        };
        let any_source = to.ip().is_multicast()
            || (to.is_ipv4() && options.broadcast)
            || (to.is_ipv6() && ipv6(to.ip()).octets()[8..].iter().all(|&byte| byte == 0));
        let now = world.now();
        let deadline = Duration::from_secs(u64::from(options.deadline_s));
        Ping {
            netns,
            hostname: hostname.to_owned(),
            socket,
            to,
            target: target.to_owned(),
            any_source,
            timing: options.size >= TIMEVAL_LEN,
            data,
            interval_ms,
            stats: Stats::default(),
            started: now,
            last_sent: None,
            tokens_ms: 0,
            refused: 0,
            old_route: Vec::new(),
            alarm: (options.deadline_s > 0).then(|| now + deadline),
            last_wait: false,
            exiting: false,
            snapshot: false,
            phase: Phase::Top,
            options,
        }
    }
}

/// The address where the family is known to be IPv6; an IPv4 one as mapped.
fn ipv6(ip: IpAddr) -> Ipv6Addr {
    match ip {
        IpAddr::V6(v6) => v6,
        IpAddr::V4(v4) => Ipv4Addr::to_ipv6_mapped(&v4),
    }
}
