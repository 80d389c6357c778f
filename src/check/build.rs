//! The command lines of a network: what builds it, cuts its cables, and restarts its machines.
//! They are the same for this simulator and for root on a real machine; what stands where is in `network`.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use super::network::{Link, Network, OverlayNet, host_address};

/// A machine of a network: what may be restarted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Machine {
    /// A station.
    Station(usize),
    /// A router.
    Router(usize),
    /// A member of an overlay.
    Member(usize),
    /// A container.
    Container(usize),
    /// A host with all that is on it.
    Host(usize),
}

impl Network {
    /// Every machine.
    pub fn machines(&self) -> Vec<Machine> {
        let stations = (0..self.stations.len()).map(Machine::Station);
        let routers = (0..self.routers.len()).map(Machine::Router);
        let members = (0..self.members.len()).map(Machine::Member);
        let containers = (0..self.containers.len()).map(Machine::Container);
        let hosts = (0..self.hosts).map(Machine::Host);
        let small = stations.chain(routers).chain(members);
        small.chain(containers).chain(hosts).collect()
    }

    /// The command lines that build it, on this simulator as on a real machine as root.
    pub fn commands(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for bridge in 0..self.bridges.len() {
            lines.extend(self.bridge(bridge));
        }
        for trunk in 0..self.trunks.len() {
            lines.extend(self.trunk(trunk).concat());
        }
        for machine in self.machines() {
            match machine {
                Machine::Container(_) | Machine::Host(_) => {}
                machine => lines.extend(self.machine(machine)),
            }
        }
        for (net, &host) in self.docker_nets.iter().enumerate() {
            let on = self.on(host);
            lines.push(format!(
                "{on}docker network create --subnet 172.30.{net}.0/24 n{net}"
            ));
        }
        let mut engines = self.docker_nets.clone();
        engines.sort_unstable();
        engines.dedup();
        for host in engines {
            // Docker has netfilter drop what bridges forward, which has nothing to do with its networks.
            let on = self.on(host);
            lines.push(format!(
                "{on}sysctl -qw net.bridge.bridge-nf-call-iptables=0"
            ));
        }
        for (number, container) in self.containers.iter().enumerate() {
            let on = self.on(self.host_of(Link::Container(number)));
            let (net, address) = (container.net, container.address);
            lines.push(format!(
                "{on}docker run -d --name c{number} --network n{net} --ip {address} nginx:alpine"
            ));
        }
        lines
    }

    /// What stands before a command of a host, a space at the end; nothing where there is one host only.
    pub fn on(&self, host: usize) -> String {
        match self.hosts {
            0 | 1 => String::new(),
            _ => format!("on h{} ", host + 1),
        }
    }

    /// The line that cuts a cable, or mends it.
    pub fn pull(&self, link: Link, whole: bool) -> String {
        let on = self.on(self.host_of(link));
        match (link, link.device()) {
            (Link::Container(number), _) if whole => {
                let container = self.containers[number];
                let (net, address) = (container.net, container.address);
                format!("{on}docker network connect --ip {address} n{net} c{number}")
            }
            (Link::Container(number), _) => {
                let net = self.containers[number].net;
                format!("{on}docker network disconnect n{net} c{number}")
            }
            (_, device) => {
                let state = if whole { "up" } else { "down" };
                format!("{on}ip link set {} {state}", device.unwrap_or_default())
            }
        }
    }

    /// The lines that restart a machine: it loses what it had, and is built again as it was at first.
    /// A container keeps its address.
    pub fn restart(&self, machine: Machine) -> Vec<String> {
        let mut lines = self.stop(machine);
        match machine {
            Machine::Host(host) => lines.extend(self.boot(host)),
            Machine::Container(_) => {}
            machine => lines.extend(self.machine(machine)),
        }
        lines
    }

    /// The cables that are whole after a machine restarted.
    pub fn mended_by(&self, machine: Machine) -> Vec<Link> {
        match machine {
            Machine::Station(number) => vec![Link::Station(number)],
            Machine::Router(number) => {
                vec![Link::Router(number, false), Link::Router(number, true)]
            }
            Machine::Member(number) => vec![Link::Overlay(number)],
            // What starts is connected to the network that it was made with.
            Machine::Container(number) => vec![Link::Container(number)],
            Machine::Host(host) => {
                let links = self.links().into_iter();
                let here = links.filter(|&link| self.host_of(link) == host);
                here.filter(|link| !matches!(link, Link::Host(_))).collect()
            }
        }
    }

    /// What ends a machine.
    fn stop(&self, machine: Machine) -> Vec<String> {
        match machine {
            Machine::Container(number) => {
                let on = self.on(self.host_of(Link::Container(number)));
                vec![format!("{on}docker restart c{number}")]
            }
            Machine::Host(host) => self.halt(host),
            machine => {
                let (name, links) = (name_of(machine), self.mended_by(machine));
                let on = self.on(self.host_of(links[0]));
                let devices = links.iter().filter_map(|link| link.device());
                // The pairs go at once; with the namespace alone they would go a little later.
                let pairs = devices.map(|device| format!("{on}ip link del {device}"));
                pairs.chain([format!("{on}ip netns del {name}")]).collect()
            }
        }
    }

    /// The machines of a host that its own commands build.
    fn small_machines(&self, host: usize) -> impl Iterator<Item = Machine> {
        self.machines().into_iter().filter(move |&machine| {
            let first = self.mended_by(machine).first().copied();
            !matches!(machine, Machine::Host(_) | Machine::Container(_))
                && first.is_some_and(|link| self.host_of(link) == host)
        })
    }

    fn containers_of(&self, host: usize) -> impl Iterator<Item = usize> {
        (0..self.containers.len())
            .filter(move |&number| self.host_of(Link::Container(number)) == host)
    }

    fn halt(&self, host: usize) -> Vec<String> {
        let on = self.on(host);
        let mut lines: Vec<String> = self
            .small_machines(host)
            .flat_map(|machine| self.stop(machine))
            .collect();
        for (number, ends) in self.trunks.iter().enumerate() {
            let homes = ends.map(|bridge| self.bridges[bridge]);
            for (end, name) in homes.iter().zip(['a', 'b']) {
                if *end == host && (name == 'a' || homes[0] != homes[1]) {
                    lines.push(format!("{on}ip link del t{number}{name}"));
                }
            }
        }
        for bridge in (0..self.bridges.len()).filter(|&bridge| self.bridges[bridge] == host) {
            lines.push(format!("{on}ip link del br{bridge}"));
        }
        lines.extend(
            self.containers_of(host)
                .map(|number| format!("{on}docker stop c{number}")),
        );
        lines
    }

    fn boot(&self, host: usize) -> Vec<String> {
        let on = self.on(host);
        let mut lines = Vec::new();
        for bridge in (0..self.bridges.len()).filter(|&bridge| self.bridges[bridge] == host) {
            lines.extend(self.bridge(bridge));
        }
        for number in 0..self.trunks.len() {
            let homes = self.trunks[number].map(|bridge| self.bridges[bridge]);
            for (home, end) in homes.into_iter().zip(self.trunk(number)) {
                if home == host {
                    lines.extend(end);
                }
            }
        }
        lines.extend(
            self.small_machines(host)
                .flat_map(|machine| self.machine(machine)),
        );
        lines.extend(
            self.containers_of(host)
                .map(|number| format!("{on}docker start c{number}")),
        );
        lines
    }

    fn bridge(&self, bridge: usize) -> Vec<String> {
        let on = self.on(self.bridges[bridge]);
        let stp = u8::from(self.ring);
        vec![
            format!("{on}ip link add br{bridge} type bridge stp_state {stp}"),
            format!("{on}ip link set br{bridge} up"),
        ]
    }

    /// What makes a cable between bridges, by its two ends.
    fn trunk(&self, number: usize) -> [Vec<String>; 2] {
        let ends = self.trunks[number];
        let homes = ends.map(|bridge| self.bridges[bridge]);
        let on = homes.map(|host| self.on(host));
        let port = |side: usize, name| {
            format!(
                "{}ip link set t{number}{name} master br{} up",
                on[side], ends[side]
            )
        };
        if homes[0] == homes[1] {
            let pair = format!(
                "{}ip link add t{number}a type veth peer name t{number}b",
                on[0]
            );
            return [vec![pair, port(0, 'a')], vec![port(1, 'b')]];
        }
        let vtep = |side: usize, name| {
            let (local, remote) = (host_address(homes[side]), host_address(homes[1 - side]));
            format!(
                "{}ip link add t{number}{name} type vxlan id {} local {local} remote {remote} dev eth0 dstport 4789",
                on[side],
                1000 + number
            )
        };
        [
            vec![vtep(0, 'a'), port(0, 'a')],
            vec![vtep(1, 'b'), port(1, 'b')],
        ]
    }

    /// What makes a station, router or member.
    fn machine(&self, machine: Machine) -> Vec<String> {
        let links = self.mended_by(machine);
        let on = self.on(self.host_of(links[0]));
        let netns = name_of(machine);
        let mut text = format!("{on}ip netns add {netns}\n");
        let mut plug = |side: usize, bridge: usize, address: Ipv4Addr| {
            let port = links[side].device().unwrap_or_default();
            let _ = write!(
                text,
                "{on}ip link add {port} type veth peer name eth{side} netns {netns}\n\
                 {on}ip link set {port} master br{bridge} up\n\
                 {on}ip -n {netns} addr add {address}/24 dev eth{side}\n\
                 {on}ip -n {netns} link set eth{side} up\n"
            );
        };
        match machine {
            Machine::Station(number) => {
                let station = self.stations[number];
                plug(0, station.bridge, station.address);
                if let Some(gateway) = self.gateway(&station) {
                    let _ = writeln!(text, "{on}ip -n {netns} route add default via {gateway}");
                }
            }
            Machine::Router(number) => {
                let router = self.routers[number];
                plug(0, router.bridges[0], router.addresses[0]);
                plug(1, router.bridges[1], router.addresses[1]);
                let _ = writeln!(
                    text,
                    "{on}ip netns exec {netns} sysctl -qw net.ipv4.ip_forward=1"
                );
            }
            Machine::Member(number) => {
                let member = self.members[number];
                plug(0, member.bridge, member.address);
                let _ = writeln!(text, "{on}{}", member.net.command(&netns));
                let _ = writeln!(
                    text,
                    "{on}ip -n {netns} addr add {}/24 dev ov0",
                    member.inner
                );
                let _ = writeln!(text, "{on}ip -n {netns} link set ov0 up");
            }
            Machine::Container(_) | Machine::Host(_) => text.clear(),
        }
        text.lines().map(str::to_owned).collect()
    }
}

impl OverlayNet {
    /// The line that makes the device `ov0` of a namespace.
    fn command(self, netns: &str) -> String {
        match self {
            Self::Vxlan(vni) => format!(
                "ip -n {netns} link add ov0 type vxlan id {} group 239.1.1.1 dev eth0 dstport 4789",
                100 + u32::from(vni)
            ),
            Self::Vlan(vid) => format!(
                "ip -n {netns} link add link eth0 name ov0 type vlan id {}",
                10 + u32::from(vid)
            ),
        }
    }
}

/// The name of its namespace.
fn name_of(machine: Machine) -> String {
    match machine {
        Machine::Station(number) => format!("s{number}"),
        Machine::Router(number) => format!("r{number}"),
        Machine::Member(number) => format!("v{number}"),
        Machine::Container(number) => format!("c{number}"),
        Machine::Host(number) => format!("h{}", number + 1),
    }
}
