//! Scripted lines of `docker`, era by era.
//! What a single part does is tested beside it.

mod faults;
mod names;
mod swarm;

use std::time::Duration;

use crate::device::underlay::WireSpec;
use crate::docker::{Engines, Era};
use crate::kernel::World;
use crate::tool::{Finished, Shell};

/// A host with an engine.
pub(super) struct Lab {
    pub world: World,
    pub engines: Engines,
}

impl Lab {
    pub fn new(era: Era) -> Self {
        Self {
            world: World::new(0),
            engines: Engines::new(era),
        }
    }

    /// Hosts `h1`, `h2`, .. at one switch, 192.168.0.11 and on.
    pub fn with_hosts(era: Era, count: usize) -> Self {
        let mut world = World::with_host(0, "h1");
        let lan = world.segment_add("lan");
        for number in 1..=count {
            let host = match number {
                1 => world.default_host(),
                number => world.host_add(&format!("h{number}")).unwrap(),
            };
            let card = world.nic_add(host, "eth0".parse().unwrap()).unwrap();
            let wire = WireSpec::of_latency(Duration::from_micros(25));
            world.plug(card, lan, wire, wire).unwrap();
        }
        let mut lab = Self {
            world,
            engines: Engines::new(era),
        };
        for number in 1..=count {
            lab.ok(&format!(
                "on h{number} ip addr add 192.168.0.{}/24 brd + dev eth0",
                10 + number
            ));
            lab.ok(&format!("on h{number} ip link set eth0 up"));
        }
        lab
    }

    /// A host becomes a worker of the swarm that the first one manages.
    pub fn join(&mut self, host: &str) {
        let token = self.ok("docker swarm join-token -q worker");
        let said = self.ok(&format!(
            "on {host} docker swarm join --token {} 192.168.0.11:2377",
            token.trim()
        ));
        assert_eq!(said, "This node joined a swarm as a worker.\n");
    }

    pub fn finish(&mut self, line: &str) -> Finished {
        Shell::new(&mut self.world)
            .with_docker(&mut self.engines)
            .run(line)
    }

    /// Standard output of a line that goes well.
    pub fn ok(&mut self, line: &str) -> String {
        let done = self.finish(line);
        assert_eq!(done.status, 0, "{line}: {}{}", done.stdout, done.stderr);
        done.stdout
    }
}

#[test]
fn containers_on_the_default_bridge_reach_one_another_in_every_era() {
    for era in [Era::Article, Era::Classic, Era::Current] {
        let mut lab = Lab::new(era);
        assert_eq!(
            lab.ok("ip -br link").lines().count(),
            1,
            "no docker0 before docker"
        );
        lab.ok("docker run -d --name c1 nginx");
        lab.ok("docker run -d --name c2 nginx");
        let ping = lab.ok("docker exec c1 ping -c1 172.17.0.3");
        assert!(ping.contains("1 received"), "{ping}");
        let ping = lab.ok("docker run --rm alpine ping -c1 172.17.0.2");
        assert!(ping.contains("1 received"), "{ping}");
        assert_eq!(lab.ok("docker ps -aq").lines().count(), 2);
        let route = "default via 172.17.0.1 dev eth0 \n172.17.0.0/16 dev eth0 proto kernel scope link src 172.17.0.2 \n";
        assert_eq!(lab.ok("docker exec c1 ip route"), route);
    }
}

#[test]
fn devices_of_a_container_are_as_its_era_makes_them() {
    // Number and MAC of eth0, the number of its peer, and whether there is a broadcast address.
    for (era, index, mac, peer, brd) in [
        (Era::Article, 3, "02:42:ac:11:00:02", 4, false),
        (Era::Classic, 3, "02:42:ac:11:00:02", 4, true),
        (Era::Current, 2, "", 3, true),
    ] {
        let mut lab = Lab::new(era);
        lab.ok("docker run -d --name c1 nginx");
        let shown = lab.ok("docker exec c1 ip addr show eth0");
        assert!(
            shown.starts_with(&format!("{index}: eth0@if{peer}: <")),
            "{shown}"
        );
        assert!(shown.contains(&format!("link/ether {mac}")), "{shown}");
        assert_eq!(
            shown.contains("inet 172.17.0.2/16 brd 172.17.255.255"),
            brd,
            "{shown}"
        );
        assert!(!shown.contains("qlen"), "{shown}");
    }
}

#[test]
fn the_same_lines_give_the_same_bytes() {
    let run = || {
        let mut lab = Lab::new(Era::Current);
        let lines = [
            "docker network create n",
            "docker run -d --network n nginx",
            "docker network inspect n",
            "ip link",
            "docker ps",
        ];
        lines.map(|line| lab.ok(line))
    };
    assert_eq!(run(), run());
}

#[test]
fn names_are_resolved_on_networks_of_the_user_only() {
    let mut lab = Lab::new(Era::Classic);
    lab.ok("docker network create n");
    lab.ok("docker run -d --name web --network n --network-alias www nginx");
    lab.ok("docker run -d --name client --network n nginx");
    for name in ["web", "www", "web.n"] {
        let ping = lab.ok(&format!("docker exec client ping -c1 {name}"));
        assert!(ping.contains("64 bytes from web.n (172.18.0.2)"), "{ping}");
    }
    lab.ok("docker run -d --name other nginx");
    assert_eq!(lab.finish("docker exec other ping -c1 web").status, 2);
    assert_eq!(lab.finish("ping -c1 web").status, 2);
    lab.ok("docker rm -f web");
    assert_eq!(lab.finish("docker exec client ping -c1 web").status, 2);
}

#[test]
fn lists_have_the_widths_of_their_era() {
    let head = |era| {
        let mut lab = Lab::new(era);
        let text = lab.ok("docker network ls");
        let names: Vec<_> = text
            .lines()
            .skip(1)
            .map(|line| line.split_whitespace().nth(1).unwrap().to_owned())
            .collect();
        assert_eq!(names, ["bridge", "host", "none"]);
        text.lines().next().unwrap().to_owned()
    };
    assert_eq!(
        head(Era::Article),
        "NETWORK ID          NAME                DRIVER              SCOPE"
    );
    assert_eq!(
        head(Era::Classic),
        "NETWORK ID     NAME      DRIVER    SCOPE"
    );
}

#[test]
fn a_freed_subnet_comes_back_at_once_only_now() {
    for (era, want) in [
        (Era::Classic, "172.19.0.0/16"),
        (Era::Current, "172.18.0.0/16"),
    ] {
        let mut lab = Lab::new(era);
        lab.ok("docker network create a");
        lab.ok("docker network rm a");
        lab.ok("docker network create b");
        let subnet = lab.ok("docker network inspect -f '{{(index .IPAM.Config 0).Subnet}}' b");
        assert_eq!(subnet.trim(), want, "{era:?}");
    }
}

#[test]
fn namespaces_of_containers_are_found_by_process_file_and_link() {
    let mut lab = Lab::new(Era::Current);
    lab.ok("docker run -d --name web nginx");
    let pid = lab.ok("docker inspect -f '{{.State.Pid}}' web");
    let key = lab.ok("docker inspect -f '{{.NetworkSettings.SandboxKey}}' web");
    let address = |text: String| text.contains("172.17.0.2");
    assert!(address(
        lab.ok(&format!("nsenter -t {} -n ip addr", pid.trim()))
    ));
    assert!(address(
        lab.ok(&format!("nsenter --net={} ip addr", key.trim()))
    ));
    assert_eq!(lab.ok("ip netns list"), "");
}

const CLASSIC_FILTER: &str = "-P INPUT ACCEPT
-P FORWARD DROP
-P OUTPUT ACCEPT
-N DOCKER
-N DOCKER-ISOLATION-STAGE-1
-N DOCKER-ISOLATION-STAGE-2
-N DOCKER-USER
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i docker0 -o docker0 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
-A DOCKER-ISOLATION-STAGE-2 -j RETURN
-A DOCKER-USER -j RETURN
";

const CURRENT_FILTER: &str = "-P INPUT ACCEPT
-P FORWARD DROP
-P OUTPUT ACCEPT
-N DOCKER
-N DOCKER-BRIDGE
-N DOCKER-CT
-N DOCKER-FORWARD
-N DOCKER-INTERNAL
-N DOCKER-USER
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-FORWARD
-A DOCKER ! -i docker0 -o docker0 -j DROP
-A DOCKER-BRIDGE -o docker0 -j DOCKER
-A DOCKER-CT -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A DOCKER-FORWARD -j DOCKER-CT
-A DOCKER-FORWARD -j DOCKER-INTERNAL
-A DOCKER-FORWARD -j DOCKER-BRIDGE
-A DOCKER-FORWARD -i docker0 -j ACCEPT
";

#[test]
fn a_new_engine_has_the_rules_of_its_era_and_networks_leave_none_behind() {
    for (era, want) in [
        (Era::Classic, CLASSIC_FILTER),
        (Era::Current, CURRENT_FILTER),
    ] {
        let mut lab = Lab::new(era);
        lab.ok("docker ps");
        assert_eq!(lab.ok("iptables -S"), want);
        let nat = lab.ok("iptables -t nat -S");
        for line in [
            "docker network create n",
            "docker network create --internal i",
            "docker run -d --name web --network n -p 8080:80 nginx",
            "docker run -d --name closed --network i nginx",
            "docker network connect i web",
            "docker rm -f web closed",
            "docker network rm n i",
        ] {
            lab.ok(line);
        }
        assert_eq!(lab.ok("iptables -S"), want);
        assert_eq!(lab.ok("iptables -t nat -S"), nat);
        assert_eq!(lab.ok("iptables -t raw -S").lines().count(), 2);
        assert_eq!(lab.ok("ip -br link").lines().count(), 2);
    }
}

#[test]
fn a_published_port_leads_to_the_container() {
    for era in [Era::Article, Era::Classic, Era::Current] {
        let mut lab = Lab::with_hosts(era, 2);
        lab.ok("docker run -d --name web -p 8080:80 nginx");
        let page = lab.ok("on h2 curl -s http://192.168.0.11:8080/");
        assert!(page.contains("Welcome to nginx!"), "{era:?}: {page}");
        let page = lab.ok("curl -s http://172.17.0.2/");
        assert!(page.contains("Welcome to nginx!"), "{era:?}: {page}");
        lab.ok("docker stop web");
        assert_eq!(
            lab.finish("on h2 curl -s http://192.168.0.11:8080/").status,
            7
        );
        lab.ok("docker start web");
        lab.ok("on h2 curl -s http://192.168.0.11:8080/");
    }
}

#[test]
fn a_command_in_the_foreground_ends_its_container_with_its_status() {
    let mut lab = Lab::new(Era::Current);
    assert_eq!(
        lab.finish("docker run --name c1 alpine ping -c1 -W1 10.9.9.9")
            .status,
        1
    );
    assert!(
        lab.ok("docker ps -a --format {{.Status}}")
            .starts_with("Exited (1) ")
    );
    assert_eq!(lab.finish("docker run --rm alpine nosuch").status, 127);
    assert_eq!(lab.ok("docker ps -aq").lines().count(), 1);
    lab.ok("docker run -d --name c2 alpine sleep 5");
    assert!(lab.ok("docker ps --format {{.Names}}").contains("c2"));
    lab.ok("sleep 6");
    assert!(
        lab.ok("docker ps -a --format {{.Status}} --filter name=c2")
            .starts_with("Exited (0) ")
    );
}

#[test]
fn the_hosts_own_loopback_leads_to_a_published_port_by_the_proxy() {
    for era in [Era::Article, Era::Classic, Era::Current] {
        let mut lab = Lab::with_hosts(era, 2);
        lab.ok("ip link set lo up");
        lab.ok("docker run -d --name web -p 8080:80 nginx");
        lab.ok("docker run -d --name own -p 127.0.0.1:8081:80 nginx");
        for place in ["127.0.0.1:8080", "[::1]:8080", "127.0.0.1:8081"] {
            let page = lab.ok(&format!("curl -s http://{place}/"));
            assert!(
                page.contains("Welcome to nginx!"),
                "{era:?} {place}: {page}"
            );
        }
        assert!(lab.ok("ss -Hltn").contains(":8080"), "{era:?}");
        assert_eq!(lab.finish("curl -s http://[::1]:8081/").status, 7);
        assert_eq!(
            lab.finish("on h2 curl -s http://192.168.0.11:8081/").status,
            7
        );
        lab.ok("docker stop web");
        assert_eq!(lab.finish("curl -s http://127.0.0.1:8080/").status, 7);
        lab.ok("docker rm -f own web");
        assert_eq!(lab.ok("ss -Hltn"), "");
    }
}

#[test]
fn a_container_finds_another_by_its_link() {
    let mut lab = Lab::new(Era::Classic);
    lab.ok("docker run -d --name db postgres");
    lab.ok("docker run -d --name web --link db:database nginx");
    assert!(
        lab.ok("docker exec web ping -c1 database")
            .contains(" 1 received")
    );
    let hosts = lab.ok("docker exec web cat /etc/hosts");
    let short = lab.ok("docker ps -q --filter name=^db$");
    let line = format!("172.17.0.2\tdatabase {} db\n", short.trim());
    assert!(hosts.contains(&line), "{hosts}");
    assert_eq!(
        lab.finish("docker run --link nobody alpine true").status,
        125
    );
}

#[test]
fn published_ports_come_back_with_their_network() {
    let mut lab = Lab::with_hosts(Era::Current, 2);
    lab.ok("docker network create front");
    lab.ok("docker run -d --name web --network front -p 8080:80 nginx");
    lab.ok("docker network disconnect front web");
    assert_eq!(lab.ok("docker port web"), "");
    assert_eq!(
        lab.finish("on h2 curl -s http://192.168.0.11:8080/").status,
        7
    );
    lab.ok("docker network connect front web");
    assert!(lab.ok("docker port web").contains("80/tcp -> 0.0.0.0:8080"));
    lab.ok("on h2 curl -s http://192.168.0.11:8080/");
}

#[test]
fn the_jumps_of_a_swarm_stay_in_their_order() {
    for (era, below) in [
        (Era::Article, "DOCKER-ISOLATION"),
        (Era::Classic, "DOCKER-ISOLATION-STAGE-1"),
    ] {
        let mut lab = Lab::with_hosts(era, 1);
        lab.ok("docker swarm init");
        lab.ok("docker service create -d --name web -p 30001:80 nginx");
        lab.ok("docker network create other");
        let want = format!(
            "-A FORWARD -j DOCKER-USER\n-A FORWARD -j DOCKER-INGRESS\n-A FORWARD -j {below}\n"
        );
        assert!(lab.ok("iptables -S FORWARD").contains(&want), "{era:?}");
        lab.ok("docker service rm web");
        lab.ok("docker network rm other");
        assert!(lab.ok("iptables -S FORWARD").contains(&want), "{era:?}");
    }
}
