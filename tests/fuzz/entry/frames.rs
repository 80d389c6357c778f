//! Frames of any kind into a bridge, a namespace and a VTEP, and what the world looks like afterwards.
//! An input is a byte of switches, then for each frame the station, a time to wait, a length of two bytes and the bytes.

use std::sync::OnceLock;
use std::time::Duration;

use vethlab::kernel::World;
use vethlab::netns::socket::SocketKind;
use vethlab::tool::Shell;
use vethlab::units::{IfIndex, SockId};

use super::bytes::Bytes;

/// No input sends more.
const FRAMES_MAX: usize = 64;

/// A world with a socket for frames in each station's namespace.
struct Lab {
    world: World,
    stations: Vec<(SockId, IfIndex)>,
}

impl Lab {
    /// The sockets of stations: a namespace and a device each.
    fn sockets(world: &mut World, stations: &[(&str, &str)]) -> Vec<(SockId, IfIndex)> {
        let host = world.default_host();
        let stations = stations.iter().map(|(netns, device)| {
            let netns = world.netns_named(host, netns).expect("it was made");
            let ifindex = world.ifindex(netns, device).expect("it was made");
            let kind = SocketKind::Packet {
                ifindex: Some(ifindex),
                ethertype: 0,
            };
            let socket = world.socket(netns, kind).expect("sockets are to be had");
            (socket, ifindex)
        });
        stations.collect()
    }

    /// Sends the frames of an input.
    fn play(mut self, bytes: &mut Bytes<'_>, wrap: impl Fn(u8, &[u8]) -> Option<Vec<u8>>) -> World {
        for _ in 0..FRAMES_MAX {
            if bytes.is_empty() {
                break;
            }
            let (station, wait) = (bytes.byte(), bytes.byte());
            let length = usize::from(bytes.u16() & 0x7ff);
            let frame = bytes.take(length);
            let wrapped = wrap(station, frame);
            let (socket, ifindex) =
                self.stations[usize::from(station & 0x3f) % self.stations.len()];
            let frame = wrapped.as_deref().unwrap_or(frame);
            let _ = self.world.send_frame(socket, ifindex, frame);
            let wait = match wait {
                0..=199 => Duration::from_micros(u64::from(wait)),
                200..=250 => Duration::from_millis(u64::from(wait)),
                _ => Duration::from_secs(u64::from(wait)),
            };
            let until = self.world.now() + wait;
            self.world
                .run_until(until)
                .expect("frames of a few stations make no storm");
        }
        let until = self.world.now() + Duration::from_secs(5);
        self.world
            .run_until(until)
            .expect("frames of a few stations make no storm");
        self.world
    }
}

/// Runs lines that all succeed.
pub fn run(world: &mut World, lines: &str) {
    let mut shell = Shell::new(world);
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let done = shell.run(line);
        assert_eq!(done.status, 0, "{line}: {}", done.stderr);
    }
}

/// Asks for all that there is: whatever came, it can be shown.
pub fn show(world: &mut World, namespaces: &[&str]) {
    let questions = [
        "ip -s -d link",
        "ip -s addr",
        "ip route show table all",
        "ip -6 route show table all",
        "ip -s neigh",
        "ip maddr",
        "bridge -s -d fdb",
        "bridge -d mdb",
        "bridge -d link",
        "bridge vlan",
        "ss -antup",
        "iptables-save -c",
        "conntrack -L",
    ];
    let mut shell = Shell::new(world);
    for netns in namespaces {
        for question in questions {
            shell.run(&format!("ip netns exec {netns} {question}"));
        }
    }
}

const BRIDGE: &str = "
    ip netns add sw
    ip netns add a
    ip netns add b
    ip netns add c
    ip -n sw link add br0 type bridge mcast_querier 1
    ip -n sw addr add 10.0.0.254/24 dev br0
    ip -n sw addr add fd00::fe/64 dev br0 nodad
    ip link add pa netns sw type veth peer name e0 netns a
    ip link add pb netns sw type veth peer name e0 netns b
    ip link add pc netns sw type veth peer name e0 netns c
    ip -n sw link set br0 up
    ip -n sw link set pa master br0 up
    ip -n sw link set pb master br0 up
    ip -n sw link set pc master br0 up
    ip -n a link set e0 address 02:00:00:00:00:0a up
    ip -n b link set e0 address 02:00:00:00:00:0b up
    ip -n c link set e0 address 02:00:00:00:00:0c up
    ip -n a addr add 10.0.0.1/24 dev e0
    ip -n b addr add 10.0.0.2/24 dev e0
    ip -n c addr add 10.0.0.3/24 dev e0
";

/// What the byte of switches changes of the bridge, a bit each.
const BRIDGE_SWITCHES: [&str; 8] = [
    "ip -n sw link set br0 type bridge stp_state 1",
    "ip -n sw link set br0 type bridge vlan_filtering 1",
    "ip -n sw link set br0 type bridge mcast_snooping 0",
    "bridge -n sw link set dev pb isolated on",
    "bridge -n sw link set dev pa hairpin on",
    "bridge -n sw link set dev pc learning off",
    "bridge -n sw link set dev pc neigh_suppress on",
    "ip -n sw link set br0 type bridge mcast_igmp_version 3",
];

/// Frames of three stations into a bridge.
pub fn bridge(bytes: &[u8]) {
    static LAB: OnceLock<World> = OnceLock::new();
    let mut bytes = Bytes(bytes);
    let world = LAB.get_or_init(|| {
        let mut world = World::new(0);
        run(&mut world, BRIDGE);
        world
    });
    let stations = [("a", "e0"), ("b", "e0"), ("c", "e0")];
    let lab = switched(world, &mut bytes, &BRIDGE_SWITCHES, &stations);
    let mut world = lab.play(&mut bytes, |_, _| None);
    show(&mut world, &["sw", "a"]);
}

/// A copy of a world with what the next byte switches.
fn switched(
    world: &World,
    bytes: &mut Bytes<'_>,
    switches: &[&str; 8],
    stations: &[(&str, &str)],
) -> Lab {
    let mut lab = Lab {
        world: world.clone(),
        stations: Vec::new(),
    };
    let byte = bytes.byte();
    for (bit, line) in switches.iter().enumerate() {
        if byte & 1 << bit != 0 {
            run(&mut lab.world, line);
        }
    }
    let until = lab.world.now() + Duration::from_secs(2);
    lab.world.run_until(until).expect("nobody sends");
    lab.stations = Lab::sockets(&mut lab.world, stations);
    lab
}

const NAMESPACE: &str = "
    ip netns add r
    ip netns add a
    ip netns add b
    ip link add ra netns r type veth peer name e0 netns a
    ip link add rb netns r type veth peer name e0 netns b
    ip -n r link set ra address 02:00:00:00:00:01 up
    ip -n r link set rb address 02:00:00:00:00:02 up
    ip -n a link set e0 address 02:00:00:00:00:0a up
    ip -n b link set e0 address 02:00:00:00:00:0b up
    ip -n r addr add 10.0.0.1/24 dev ra
    ip -n r addr add 10.0.1.1/24 dev rb
    ip -n r addr add fd00::1/64 dev ra nodad
    ip -n r addr add fd01::1/64 dev rb nodad
    ip -n b addr add 10.0.1.2/24 dev e0
    ip -n b addr add fd01::2/64 dev e0 nodad
    ip -n b route add default via 10.0.1.1
    ip -n b -6 route add default via fd01::1
    ip -n r neigh add 10.0.0.2 lladdr 02:00:00:00:00:0a dev ra
    ip -n r neigh add fd00::2 lladdr 02:00:00:00:00:0a dev ra
    ip netns exec r sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
";

/// What the byte of switches changes of the router, a bit each.
const NAMESPACE_SWITCHES: [&str; 8] = [
    "ip netns exec r iptables -A INPUT -m conntrack --ctstate INVALID -j DROP",
    "ip netns exec r iptables -t nat -A POSTROUTING -o rb -j MASQUERADE",
    "ip netns exec r iptables -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to 10.0.1.2:8080",
    "ip netns exec r iptables -A FORWARD -p udp -j REJECT",
    "ip netns exec r sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.ra.proxy_arp=1",
    "ip -n r link set rb mtu 1280",
    "ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=0",
    "ip netns exec r ip6tables -A FORWARD -j LOG",
];

/// Frames of two stations into a namespace that routes, filters and has sockets.
pub fn namespace(bytes: &[u8]) {
    static LAB: OnceLock<World> = OnceLock::new();
    let mut bytes = Bytes(bytes);
    let world = LAB.get_or_init(|| {
        let mut world = World::new(0);
        run(&mut world, NAMESPACE);
        let host = world.default_host();
        let netns = world.netns_named(host, "r").expect("it was made");
        for (kind, any) in [
            (SocketKind::Udp4, "0.0.0.0:53"),
            (SocketKind::Udp6, "[::]:53"),
            (SocketKind::Tcp4, "0.0.0.0:22"),
            (SocketKind::Tcp6, "[::]:8080"),
            (SocketKind::Raw4(1), "0.0.0.0:0"),
            (SocketKind::Raw6(58), "[::]:0"),
        ] {
            let socket = world.socket(netns, kind).expect("sockets are to be had");
            let any = any.parse().expect("an address");
            world.bind(socket, any).expect("nobody else has the port");
            if matches!(kind, SocketKind::Tcp4 | SocketKind::Tcp6) {
                world.listen(socket, 4).expect("it is bound");
            }
        }
        world
    });
    let stations = [("a", "e0"), ("b", "e0")];
    let lab = switched(world, &mut bytes, &NAMESPACE_SWITCHES, &stations);
    let mut world = lab.play(&mut bytes, |_, _| None);
    show(&mut world, &["r", "b"]);
}

const VTEP: &str = "
    ip netns add v
    ip netns add u
    ip netns add w
    ip netns add s
    ip link add u0 netns v type veth peer name e0 netns u
    ip link add p0 netns v type veth peer name e0 netns s
    ip -n v link set u0 address 02:00:00:00:00:01 up
    ip -n u link set e0 address 02:00:00:00:00:02 up
    ip -n s link set e0 address 02:00:00:00:00:0a up
    ip -n v addr add 172.16.0.1/24 dev u0
    ip -n u addr add 172.16.0.2/24 dev e0
    ip -n s addr add 10.0.0.1/24 dev e0
    ip -n v neigh add 172.16.0.2 lladdr 02:00:00:00:00:02 dev u0
    ip -n v link add br0 type bridge
    ip -n v link set br0 up
    ip -n v link set p0 master br0 up
    ip -n v link add vx0 type vxlan id 42 dstport 4789 local 172.16.0.1 dev u0 proxy l2miss l3miss
    ip -n v link set vx0 master br0 up
    bridge -n v fdb append 00:00:00:00:00:00 dev vx0 dst 172.16.0.2
    ip -n v link add vx1 type vxlan id 43 dstport 4789 local 172.16.0.1
    ip -n v addr add 10.9.0.1/24 dev vx1
    ip -n v link set vx1 up
";

/// What the byte of switches changes of the VTEP, a bit each.
const VTEP_SWITCHES: [&str; 8] = [
    "ip -n v link set br0 type bridge vlan_filtering 1",
    "ip -n v link add vx2 type vxlan external dstport 4790",
    "bridge -n v link set dev vx0 learning off",
    "bridge -n v link set dev vx0 neigh_suppress on",
    "ip -n v link set u0 mtu 600",
    "ip -n v link set vx0 type vxlan ttl 3",
    "bridge -n v fdb add 02:00:00:00:00:0b dev vx0 dst 172.16.0.2 vni 44",
    "ip netns exec v iptables -A INPUT -p udp --dport 4789 -m conntrack --ctstate NEW -j ACCEPT",
];

/// Frames of a station behind a VTEP and of the net below it, in which most are wrapped.
pub fn vtep(bytes: &[u8]) {
    static LAB: OnceLock<World> = OnceLock::new();
    let mut bytes = Bytes(bytes);
    let world = LAB.get_or_init(|| {
        let mut world = World::new(0);
        run(&mut world, VTEP);
        world
    });
    let stations = [("u", "e0"), ("s", "e0")];
    let lab = switched(world, &mut bytes, &VTEP_SWITCHES, &stations);
    let mut world = lab.play(&mut bytes, |station, frame| match station {
        station if station & 1 == 1 || station & 0x80 != 0 => None,
        station => Some(in_vxlan(42 + u32::from(station >> 6), frame)),
    });
    show(&mut world, &["v", "s"]);
}

/// A frame in a packet to the VTEP.
fn in_vxlan(vni: u32, inner: &[u8]) -> Vec<u8> {
    let total = u16::try_from(20 + 8 + 8 + inner.len()).expect("frames are short");
    let mut ip = vec![0x45, 0];
    ip.extend(total.to_be_bytes());
    ip.extend([0, 0, 0x40, 0, 64, 17, 0, 0, 172, 16, 0, 2, 172, 16, 0, 1]);
    let words = ip
        .chunks(2)
        .map(|two| u32::from(u16::from_be_bytes([two[0], two[1]])));
    let sum: u32 = words.sum();
    let sum = (sum & 0xffff) + (sum >> 16);
    let sum = !u16::try_from((sum & 0xffff) + (sum >> 16)).expect("it was folded");
    ip[10..12].copy_from_slice(&sum.to_be_bytes());
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
    frame.extend(ip);
    frame.extend([0xc0, 0, 0x12, 0xb5]);
    frame.extend((total - 20).to_be_bytes());
    frame.extend([0, 0, 8, 0, 0, 0]);
    frame.extend((vni << 8).to_be_bytes());
    frame.extend(inner);
    frame
}
