//! The name server in a container: it listens at 127.0.0.11 and answers DNS queries from the tables of its networks
//! (libnetwork's resolver, RFC 1035). What it does not know it would ask of the host's servers; there are none, so it says SERVFAIL.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::docker::engine::Engine;
use crate::kernel::World;
use crate::netns::socket::SocketKind;
use crate::units::{Errno, NetnsId, SockId};

/// The address of every container's name server.
pub(super) const SERVER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 11);
/// How long an answer may be kept, in seconds.
const TTL: u32 = 600;
/// So many connections are open at a time.
const CONNECTIONS_MAX: usize = 64;
/// The types of questions (RFC 1035, RFC 3596).
const A: u16 = 1;
const PTR: u16 = 12;
const AAAA: u16 = 28;
/// Response codes.
const SERVER_FAILURE: u8 = 2;
const NOT_IMPLEMENTED: u8 = 4;

/// The name server of one sandbox.
#[derive(Clone, Debug)]
pub(super) struct NameServer {
    /// The sandbox.
    pub sandbox: String,
    netns: NetnsId,
    udp: SockId,
    tcp: SockId,
    connections: Vec<(SockId, Vec<u8>)>,
}

impl NameServer {
    /// Listens in a namespace at the ports to which its rules lead.
    ///
    /// # Errors
    /// As `bind` says it.
    fn listen(
        world: &mut World,
        sandbox: &str,
        netns: NetnsId,
        tcp: u16,
        udp: u16,
    ) -> Result<Self, Errno> {
        let datagrams = world.socket(netns, SocketKind::Udp4)?;
        let listener = world.socket(netns, SocketKind::Tcp4)?;
        let ready = world
            .bind(datagrams, SocketAddr::new(SERVER.into(), udp))
            .and_then(|()| world.bind(listener, SocketAddr::new(SERVER.into(), tcp)))
            .and_then(|()| world.listen(listener, 128));
        let mut server = Self {
            sandbox: sandbox.to_owned(),
            netns,
            udp: datagrams,
            tcp: listener,
            connections: Vec::new(),
        };
        match ready {
            Ok(()) => {
                // From now on it waits for its first question.
                server.poll(world);
                Ok(server)
            }
            Err(errno) => {
                server.close(world);
                Err(errno)
            }
        }
    }

    /// Its sockets.
    pub(super) fn sockets(&self) -> impl Iterator<Item = SockId> {
        let open = self.connections.iter().map(|(socket, _)| *socket);
        [self.udp, self.tcp].into_iter().chain(open)
    }

    fn poll(&mut self, world: &mut World) {
        while let Some(question) = world.recv(self.udp) {
            if let Some(said) = answer(world, self.netns, &question.bytes) {
                let _ = world.send(self.udp, Some(question.from), &said);
            }
        }
        while self.connections.len() < CONNECTIONS_MAX
            && let Ok((client, _)) = world.accept(self.tcp)
        {
            self.connections.push((client, Vec::new()));
        }
        let netns = self.netns;
        self.connections.retain_mut(|(socket, waiting)| {
            let goes_on = converse(world, netns, *socket, waiting);
            if !goes_on {
                world.close_socket(*socket);
            }
            goes_on
        });
    }

    fn close(&mut self, world: &mut World) {
        let sockets: Vec<SockId> = self.sockets().collect();
        for socket in sockets {
            world.close_socket(socket);
        }
    }
}

/// Answers the questions of one connection, each behind its length; whether it stays open (RFC 7766).
fn converse(world: &mut World, netns: NetnsId, socket: SockId, waiting: &mut Vec<u8>) -> bool {
    const LONGEST: usize = 2 + u16::MAX as usize;
    let room = LONGEST.saturating_sub(waiting.len());
    match world.recv_stream(socket, waiting, room) {
        Ok(0) => return false,
        Ok(_) | Err(Errno::Eagain) => {}
        Err(_) => return false,
    }
    while let [high, low, rest @ ..] = waiting.as_slice() {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some(question) = rest.get(..length) else {
            break;
        };
        let Some(said) = answer(world, netns, question) else {
            return false;
        };
        let mut whole = u16::try_from(said.len())
            .unwrap_or(0)
            .to_be_bytes()
            .to_vec();
        whole.extend(said);
        waiting.drain(..2 + length);
        if world.send(socket, None, &whole).is_err() {
            return false;
        }
    }
    true
}

/// A question: where it ends in its message, the name, and the type.
fn question(message: &[u8]) -> Option<(usize, String, u16)> {
    let mut labels: Vec<String> = Vec::new();
    let mut at = 12;
    loop {
        let length = usize::from(*message.get(at)?);
        at += 1;
        match length {
            0 => break,
            1..=63 => {
                let label = message.get(at..at + length)?;
                labels.push(String::from_utf8_lossy(label).into_owned());
                at += length;
            }
            // A question points nowhere.
            _ => return None,
        }
        if at > 12 + 255 {
            return None;
        }
    }
    let kind = message.get(at..at + 4)?;
    Some((
        at + 4,
        labels.join("."),
        u16::from_be_bytes([kind[0], kind[1]]),
    ))
}

/// What is said to a message; nothing to what is no question.
fn answer(world: &World, netns: NetnsId, message: &[u8]) -> Option<Vec<u8>> {
    let header = message.get(..12)?;
    if header[2] & 0x80 != 0 {
        return None;
    }
    let asked = u16::from_be_bytes([header[4], header[5]]);
    let standard = header[2] & 0x78 == 0;
    let (end, name, kind) = match question(message) {
        Some(found) if asked == 1 && standard => found,
        _ => return Some(response(&message[..12], NOT_IMPLEMENTED, &[])),
    };
    let name = name.to_ascii_lowercase();
    let known = world.names_served(netns, &name);
    let records: Option<Vec<Vec<u8>>> = match kind {
        A | AAAA if !known.is_empty() => {
            let fitting = known.iter().filter(|ip| ip.is_ipv4() == (kind == A));
            Some(fitting.map(octets).collect())
        }
        PTR => turned(&name)
            .and_then(|ip| world.names_served_reverse(netns, ip))
            .map(|name| vec![encoded(name)]),
        _ if !known.is_empty() => Some(Vec::new()),
        _ => None,
    };
    let question = &message[..end];
    Some(match records {
        Some(records) => response(question, 0, &records),
        None => response(question, SERVER_FAILURE, &[]),
    })
}

fn octets(ip: &IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    }
}

/// The message of an answer: its header and question repeated, then the records, which are about the name in question.
fn response(asked: &[u8], code: u8, records: &[Vec<u8>]) -> Vec<u8> {
    let mut out = asked.to_vec();
    let recursion = asked[2] & 1;
    out[2] = 0x80 | recursion;
    out[3] = 0x80 | code;
    let questions = u16::from(asked.len() > 12).to_be_bytes();
    out[4..6].copy_from_slice(&questions);
    let count = u16::try_from(records.len()).unwrap_or(u16::MAX);
    out[6..8].copy_from_slice(&count.to_be_bytes());
    out[8..12].fill(0);
    let kind: [u8; 2] = match asked.len() {
        12 => [0, 0],
        length => [asked[length - 4], asked[length - 3]],
    };
    for record in records.iter().take(usize::from(u16::MAX)) {
        // The name is where the question has it.
        out.extend([0xc0, 12]);
        out.extend(kind);
        out.extend([0, 1]);
        out.extend(TTL.to_be_bytes());
        out.extend(u16::try_from(record.len()).unwrap_or(0).to_be_bytes());
        out.extend(record);
    }
    out
}

/// A name as labels.
fn encoded(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        let label = &label.as_bytes()[..label.len().min(63)];
        out.push(label.len() as u8);
        out.extend(label);
    }
    out.push(0);
    out
}

/// The address of `2.0.18.172.in-addr.arpa` (RFC 1035) and of `...ip6.arpa` (RFC 3596).
fn turned(name: &str) -> Option<IpAddr> {
    if let Some(digits) = name.strip_suffix(".in-addr.arpa") {
        let parts: Vec<u8> = digits
            .split('.')
            .rev()
            .map(|part| part.parse().ok())
            .collect::<Option<_>>()?;
        let octets: [u8; 4] = parts.try_into().ok()?;
        return Some(IpAddr::from(octets));
    }
    let digits = name.strip_suffix(".ip6.arpa")?;
    let mut number = 0_u128;
    let mut count = 0;
    for digit in digits.split('.').rev() {
        number = number << 4 | u128::from(u8::from_str_radix(digit, 16).ok()?);
        count += 1;
    }
    (count == 32).then(|| IpAddr::V6(Ipv6Addr::from_bits(number)))
}

impl Engine {
    /// Starts the name server of a sandbox.
    pub(super) fn serve_names(
        &mut self,
        world: &mut World,
        sandbox: &str,
        netns: NetnsId,
        (tcp, udp): (u16, u16),
    ) {
        if let Ok(server) = NameServer::listen(world, sandbox, netns, tcp, udp) {
            self.nameservers.push(server);
        }
    }

    /// Ends the name server of a sandbox.
    pub(super) fn unserve_names(&mut self, world: &mut World, sandbox: &str) {
        self.nameservers.retain_mut(|server| {
            let goes = server.sandbox == sandbox;
            if goes {
                server.close(world);
            }
            !goes
        });
    }

    /// Polls the name servers that have news.
    pub(super) fn poll_nameservers(&mut self, world: &mut World, woken: &[SockId]) {
        if woken.is_empty() {
            return;
        }
        for server in &mut self.nameservers {
            if server.sockets().any(|socket| woken.contains(&socket)) {
                server.poll(world);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{NameScope, NameView};

    fn asked(name: &str, kind: u16) -> Vec<u8> {
        let mut message = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        message.extend(encoded(name));
        message.extend(kind.to_be_bytes());
        message.extend([0, 1]);
        message
    }

    #[test]
    fn names_of_a_network_are_answered_and_others_fail() {
        let mut world = World::new(0);
        let netns = world.host(world.default_host()).root;
        let scope = NameScope(1);
        let address = IpAddr::from([172, 18, 0, 2]);
        world.name_add(scope, "web", address);
        world.name_reverse(scope, address, Some("web.net"));
        let view = NameView {
            scopes: vec![scope],
            ..NameView::default()
        };
        world.set_name_view(netns, Some(view));
        let said = answer(&world, netns, &asked("WEB", A)).unwrap();
        assert_eq!(said[..8], [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1]);
        assert!(
            said.ends_with(&[0, 0, 2, 88, 0, 4, 172, 18, 0, 2]),
            "{said:?}"
        );
        let said = answer(&world, netns, &asked("web", AAAA)).unwrap();
        assert_eq!(said[2..8], [0x81, 0x80, 0, 1, 0, 0]);
        let said = answer(&world, netns, &asked("2.0.18.172.in-addr.arpa", PTR)).unwrap();
        assert!(said.ends_with(b"\x03web\x03net\x00"), "{said:?}");
        let said = answer(&world, netns, &asked("nosuch", A)).unwrap();
        assert_eq!(said[2..8], [0x81, 0x82, 0, 1, 0, 0]);
    }

    #[test]
    fn hostile_messages_are_no_questions() {
        let world = World::new(0);
        let netns = world.host(world.default_host()).root;
        let whole = asked("a.b.c", A);
        for length in 0..whole.len() {
            let said = answer(&world, netns, &whole[..length]);
            assert_eq!(said.is_some(), length >= 12, "{length}");
        }
        let mut points = whole.clone();
        points[12] = 0xc0;
        assert_eq!(answer(&world, netns, &points).unwrap()[3], 0x84);
        let mut reply = whole;
        reply[2] |= 0x80;
        assert_eq!(answer(&world, netns, &reply), None);
    }

    #[test]
    fn addresses_turned_are_read() {
        assert_eq!(
            turned("1.0.0.127.in-addr.arpa"),
            Some([127, 0, 0, 1].into())
        );
        assert_eq!(turned("0.0.127.in-addr.arpa"), None);
        let long = format!("1.{}ip6.arpa", "0.".repeat(31));
        assert_eq!(turned(&long), Some(IpAddr::V6(Ipv6Addr::LOCALHOST)));
    }
}
