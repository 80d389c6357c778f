//! The userland proxy: listens at published ports on the host and carries what comes there to the container.
//! Rules lead most packets past it: what is left are 127.0.0.1 and IPv6 (cmd/docker-proxy). Datagrams are in `udp_proxy`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::docker::engine::Engine;
use crate::docker::era::Era;
use crate::docker::model::Bound;
use crate::docker::udp_proxy::UdpProxy;
use crate::kernel::World;
use crate::netns::socket::tcp::TcpState;
use crate::netns::socket::{SocketKind, SocketOption};
use crate::units::{Errno, NetnsId, SockId};

/// So many bytes wait in one direction at most.
const BUFFER_MAX: usize = 64 * 1024;
/// So many connections one proxy carries at a time.
const CONNECTIONS_MAX: usize = 1024;

/// The proxy of one published port at one address of the host.
#[derive(Clone, Debug)]
pub(super) struct Proxy {
    /// The container that it leads to.
    pub container: String,
    /// Its process.
    pub pid: u32,
    netns: NetnsId,
    listener: SockId,
    target: SocketAddr,
    carried: Vec<Carried>,
}

/// One connection: a client's, and the proxy's own to the container.
#[derive(Clone, Debug)]
struct Carried {
    there: Direction,
    back: Direction,
}

/// Bytes on their way from one socket to another.
#[derive(Clone, Debug)]
struct Direction {
    from: SockId,
    to: SockId,
    waiting: Vec<u8>,
    /// Whether `from` has ended.
    ended: bool,
    /// Whether `to` has been told so.
    told: bool,
}

impl Direction {
    fn new(from: SockId, to: SockId) -> Self {
        Self {
            from,
            to,
            waiting: Vec::new(),
            ended: false,
            told: false,
        }
    }

    /// Carries what can be carried now.
    ///
    /// # Errors
    /// Where one of the connections has broken.
    fn carry(&mut self, world: &mut World) -> Result<(), Errno> {
        loop {
            let before = (self.waiting.len(), self.ended);
            if !self.ended && self.waiting.len() < BUFFER_MAX {
                let room = BUFFER_MAX - self.waiting.len();
                match world.recv_stream(self.from, &mut self.waiting, room) {
                    Ok(0) => self.ended = true,
                    Ok(_) | Err(Errno::Eagain) => {}
                    Err(errno) => return Err(errno),
                }
            }
            let mut sent = 0;
            if !self.waiting.is_empty() {
                sent = match world.send(self.to, None, &self.waiting) {
                    Ok(sent) => sent,
                    Err(Errno::Eagain) => 0,
                    Err(errno) => return Err(errno),
                };
                self.waiting.drain(..sent);
            }
            if self.ended && self.waiting.is_empty() && !self.told {
                self.told = true;
                world.shutdown(self.to, false, true)?;
            }
            if sent == 0 && before == (self.waiting.len(), self.ended) {
                return Ok(());
            }
        }
    }
}

impl Proxy {
    fn listen(
        world: &mut World,
        netns: NetnsId,
        at: SocketAddr,
        only_v6: bool,
    ) -> Result<SockId, Errno> {
        let kind = match at.is_ipv6() {
            true => SocketKind::Tcp6,
            false => SocketKind::Tcp4,
        };
        let listener = world.socket(netns, kind)?;
        let mut ready = world.socket_option(listener, SocketOption::ReuseAddr(true));
        if only_v6 {
            ready = ready.and_then(|()| world.socket_option(listener, SocketOption::V6Only(true)));
        }
        let ready = ready
            .and_then(|()| world.bind(listener, at))
            .and_then(|()| world.listen(listener, 128));
        if let Err(errno) = ready {
            world.close_socket(listener);
            return Err(errno);
        }
        Ok(listener)
    }

    /// Its sockets.
    pub(super) fn sockets(&self) -> impl Iterator<Item = SockId> {
        let carried = self.carried.iter();
        let pairs = carried.flat_map(|one| [one.there.from, one.there.to]);
        std::iter::once(self.listener).chain(pairs)
    }

    fn poll(&mut self, world: &mut World) {
        while self.carried.len() < CONNECTIONS_MAX
            && let Ok((client, _)) = world.accept(self.listener)
        {
            match self.reach(world) {
                Ok(own) => self.carried.push(Carried {
                    there: Direction::new(client, own),
                    back: Direction::new(own, client),
                }),
                Err(_) => world.close_socket(client),
            }
        }
        self.carried.retain_mut(|one| {
            let goes_on = one.go_on(world);
            if !goes_on {
                world.close_socket(one.there.from);
                world.close_socket(one.there.to);
            }
            goes_on
        });
    }

    /// The proxy's own connection, which has begun.
    fn reach(&self, world: &mut World) -> Result<SockId, Errno> {
        let own = world.socket(self.netns, SocketKind::Tcp4)?;
        match world.connect(own, self.target) {
            Ok(()) | Err(Errno::Einprogress) => Ok(own),
            Err(errno) => {
                world.close_socket(own);
                Err(errno)
            }
        }
    }

    fn close(&mut self, world: &mut World) {
        let sockets: Vec<SockId> = self.sockets().collect();
        for socket in sockets {
            world.close_socket(socket);
        }
    }
}

impl Carried {
    /// Whether there is anything left to carry.
    fn go_on(&mut self, world: &mut World) -> bool {
        match world.tcp_state(self.there.to) {
            Some(TcpState::SynSent | TcpState::SynRecv) => return true,
            Some(TcpState::Closed) | None => return false,
            Some(_) => {}
        }
        let carried = self
            .there
            .carry(world)
            .and_then(|()| self.back.carry(world));
        carried.is_ok() && !(self.there.told && self.back.told)
    }
}

impl Engine {
    /// Starts the proxies of a port.
    ///
    /// # Errors
    /// Where another program listens there: how Go calls what it would have listened at.
    pub(super) fn start_proxies(
        &mut self,
        world: &mut World,
        container: &str,
        bound: &Bound,
        address: IpAddr,
    ) -> Result<(), String> {
        let v4 = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let v6 = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        // Go's plain "tcp" takes both families at one socket; later versions name the family.
        let places: Vec<(IpAddr, bool, &str)> = match (bound.address, self.era) {
            (Some(ip), Era::Article) => vec![(ip, false, "")],
            (Some(ip), _) if ip.is_ipv6() => vec![(ip, true, "6")],
            (Some(ip), _) => vec![(ip, false, "4")],
            // A datagram socket of the simulator takes one family.
            (None, Era::Article) if bound.proto == "udp" => vec![(v4, false, "")],
            (None, Era::Article) => vec![(v6, false, "")],
            (None, _) => vec![(v4, false, "4"), (v6, true, "6")],
        };
        for (ip, only_v6, family) in places {
            let at = SocketAddr::new(ip, bound.outside);
            let target = SocketAddr::new(address, bound.inside);
            match self.start_proxy(world, (container, bound.proto), at, only_v6, target) {
                Ok(()) => {}
                // A host without IPv6 has no proxy for it.
                Err(_) if ip.is_ipv6() && bound.address.is_none() && only_v6 => continue,
                Err(errno) => {
                    let shown = if family.is_empty() && bound.address.is_none() {
                        SocketAddr::new(v4, bound.outside)
                    } else {
                        at
                    };
                    let words = errno.text().to_lowercase();
                    let proto = bound.proto;
                    return Err(format!("listen {proto}{family} {shown}: bind: {words}"));
                }
            }
        }
        Ok(())
    }

    /// Starts one proxy, at one address of the host.
    ///
    /// # Errors
    /// As `bind` says it.
    fn start_proxy(
        &mut self,
        world: &mut World,
        (container, proto): (&str, &str),
        at: SocketAddr,
        only_v6: bool,
        target: SocketAddr,
    ) -> Result<(), Errno> {
        if proto == "udp" {
            let process = (container, self.new_pid());
            let proxy = UdpProxy::start(world, process, self.root, at, target)?;
            self.udp_proxies.push(proxy);
            return Ok(());
        }
        let listener = Proxy::listen(world, self.root, at, only_v6)?;
        let mut proxy = Proxy {
            container: container.to_owned(),
            pid: self.new_pid(),
            netns: self.root,
            listener,
            target,
            carried: Vec::new(),
        };
        // From now on it waits for its first connection.
        proxy.poll(world);
        self.proxies.push(proxy);
        Ok(())
    }

    /// Ends the proxies of a container.
    pub(super) fn stop_proxies(&mut self, world: &mut World, container: &str) {
        self.proxies.retain_mut(|proxy| {
            let goes = proxy.container == container;
            if goes {
                proxy.close(world);
            }
            !goes
        });
        self.udp_proxies.retain_mut(|proxy| {
            let goes = proxy.container == container;
            if goes {
                proxy.close(world);
            }
            !goes
        });
    }

    /// Polls the proxies that have news.
    pub(super) fn poll_proxies(&mut self, world: &mut World, woken: &[SockId]) {
        if woken.is_empty() {
            return;
        }
        for proxy in &mut self.proxies {
            if proxy.sockets().any(|socket| woken.contains(&socket)) {
                proxy.poll(world);
            }
        }
        for proxy in &mut self.udp_proxies {
            if proxy.sockets().any(|socket| woken.contains(&socket)) {
                proxy.poll(world);
            }
        }
    }
}
