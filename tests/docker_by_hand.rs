//! What `docker` builds equals, table by table, what the same steps typed by hand build: for each driver and era.
//! Only what Docker draws (names, MAC addresses, ids, the ports of its name server) is read from its world and then typed.

#[path = "docker_by_hand/lab.rs"]
mod lab;
#[path = "docker_by_hand/scripts.rs"]
mod scripts;

use lab::{Lab, equal};
use vethlab::docker::Era;

const ERAS: [Era; 3] = [Era::Article, Era::Classic, Era::Current];

/// One network of Docker's, and the same by hand.
struct Case<'a> {
    /// How many machines there are.
    hosts: usize,
    /// What is typed with `docker`.
    docker: &'a [&'a str],
    /// Names in the script, with what prints in Docker's world the word that they stand for.
    names: &'a [(&'a str, &'a str)],
    /// What is typed by hand: see `scripts`.
    hand: Vec<String>,
}

fn check(case: &Case<'_>) {
    for era in ERAS {
        let mut docker = Lab::new(era, case.hosts);
        for line in case.docker {
            match line.strip_prefix("JOIN ") {
                Some(host) => docker.join(host),
                None => drop(docker.ok(line)),
            }
        }
        docker.link_names();
        docker.ok("sleep 30");
        let names = docker.names(case.names);
        let mut hand = Lab::new(era, case.hosts);
        for script in &case.hand {
            hand.typed(script, &mut docker, &names);
        }
        hand.ok("sleep 30");
        equal(era, &mut docker, &mut hand);
    }
}

/// The namespace of a container by its name.
const WEB: (&str, &str) = (
    "web",
    "docker inspect -f {{.NetworkSettings.SandboxKey}} web",
);
const DB: (&str, &str) = ("db", "docker inspect -f {{.NetworkSettings.SandboxKey}} db");

const BR: (&str, &str) = (
    "br",
    "docker network ls --filter name=^net$ --format br-{{.ID}}",
);

#[test]
fn the_default_bridge_and_a_published_port() {
    check(&Case {
        hosts: 1,
        docker: &[
            "docker run -d --name web -p 8080:80 nginx",
            "docker run -d --name db redis",
        ],
        names: &[WEB, DB],
        hand: scripts::default_bridge(),
    });
}

#[test]
fn a_bridge_of_the_user_and_a_published_port() {
    check(&Case {
        hosts: 1,
        docker: &[
            "docker network create net",
            "docker run -d --name web --network net -p 8080:80 nginx",
            "docker run -d --name db --network net redis",
        ],
        names: &[WEB, DB, BR],
        hand: scripts::user_bridge(),
    });
}

#[test]
fn an_internal_bridge() {
    check(&Case {
        hosts: 1,
        docker: &[
            "docker network create --internal net",
            "docker run -d --name web --network net nginx",
        ],
        names: &[WEB, BR],
        hand: scripts::internal_bridge(),
    });
}

#[test]
fn a_container_on_two_bridges() {
    check(&Case {
        hosts: 1,
        docker: &[
            "docker network create net",
            "docker run -d --name web --network net nginx",
            "docker network connect bridge web",
        ],
        names: &[WEB, BR],
        hand: scripts::two_bridges(),
    });
}

#[test]
fn a_bridge_with_ipv6_and_a_published_port() {
    check(&Case {
        hosts: 1,
        docker: &[
            "docker network create --ipv6 --subnet fd00:1::/64 net",
            "docker run -d --name web --network net -p 8080:80 nginx",
        ],
        names: &[WEB, BR],
        hand: scripts::ipv6_bridge(),
    });
}

#[test]
fn a_published_udp_port() {
    check(&Case {
        hosts: 1,
        docker: &["docker run -d --name web -p 5353:53/udp coredns"],
        names: &[WEB],
        hand: scripts::published_udp(),
    });
}

#[test]
fn a_container_with_more_names_on_two_networks() {
    check(&Case {
        hosts: 1,
        docker: &[
            "docker network create net",
            "docker network create netmore",
            "docker run -d --name web --network net --network-alias www nginx",
            "docker network connect --alias site netmore web",
        ],
        names: &[
            WEB,
            BR,
            (
                "more",
                "docker network ls --filter name=^netmore$ --format br-{{.ID}}",
            ),
        ],
        hand: scripts::two_user_bridges(),
    });
}

#[test]
fn the_hosts_own_namespace_and_none() {
    check(&Case {
        hosts: 1,
        docker: &[
            "docker run -d --name web --network host nginx",
            "docker run -d --name db --network none redis",
        ],
        names: &[DB],
        hand: scripts::host_and_none(),
    });
}

#[test]
fn devices_on_a_parent() {
    const MACVLAN: &str = "docker network create -d macvlan --subnet 192.168.0.0/24 --gateway 192.168.0.1 -o parent=eth0 net";
    const RUN: &str = "docker run -d --name web --network net --ip 192.168.0.40 nginx";
    const ROUTE: &str = "default via 192.168.0.1";
    const ADDRESS: &str = "192.168.0.40/24";
    let parents: [(&[&str], &str, &str, &str); 6] = [
        (&[MACVLAN, RUN], "eth0", "macvlan mode bridge", ROUTE),
        (
            &[
                "docker network create -d macvlan --subnet 192.168.0.0/24 --gateway 192.168.0.1 -o parent=eth0.10 -o macvlan_mode=private net",
                RUN,
            ],
            "eth0.10",
            "macvlan mode private",
            ROUTE,
        ),
        (
            &[
                "docker network create -d macvlan --subnet 192.168.0.0/24 --gateway 192.168.0.1 net",
                RUN,
            ],
            "dummy",
            "macvlan mode bridge",
            ROUTE,
        ),
        (
            &[
                "docker network create -d ipvlan --subnet 192.168.0.0/24 --gateway 192.168.0.1 -o parent=eth0 net",
                RUN,
            ],
            "eth0",
            "ipvlan mode l2 bridge",
            ROUTE,
        ),
        (
            &[
                "docker network create -d ipvlan --subnet 192.168.0.0/24 -o parent=eth0.10 -o ipvlan_mode=l3 net",
                RUN,
            ],
            "eth0.10",
            "ipvlan mode l3 bridge",
            "default dev eth0",
        ),
        (
            &[
                "docker network create -d ipvlan --subnet 192.168.0.0/24 --gateway 192.168.0.1 net",
                RUN,
            ],
            "dummy",
            "ipvlan mode l2 bridge",
            ROUTE,
        ),
    ];
    for (docker, parent, kind, route) in parents {
        let dummy = match &kind[..1] {
            "m" => "docker network ls --filter name=^net$ --format dm-{{.ID}}",
            _ => "docker network ls --filter name=^net$ --format di-{{.ID}}",
        };
        check(&Case {
            hosts: 1,
            docker,
            names: &[WEB, ("dummy", dummy)],
            hand: scripts::on_parent(parent, kind, ADDRESS, route),
        });
    }
}

#[test]
fn an_overlay_network_on_two_nodes() {
    check(&Case {
        hosts: 2,
        docker: &[
            "docker swarm init",
            "JOIN h2",
            "docker network create -d overlay mynet",
            "docker service create -d --name web --network mynet --replicas 2 nginx",
        ],
        names: &[
            (
                "ingress_sbox",
                "docker network inspect -f ingress_sbox ingress",
            ),
            (
                "ingress",
                "docker network inspect -f '1-{{slice .Id 0 10}}' ingress",
            ),
            (
                "mynet",
                "docker network inspect -f '1-{{slice .Id 0 10}}' mynet",
            ),
            (
                "lb",
                "docker network inspect -f 'lb_{{slice .Id 0 9}}' mynet",
            ),
            ("t1", "docker ps -q"),
            ("t2", "on h2 docker ps -q"),
            (
                "h1c",
                "docker inspect -f {{.NetworkSettings.SandboxKey}} <t1>",
            ),
            (
                "h2c",
                "on h2 docker inspect -f {{.NetworkSettings.SandboxKey}} <t2>",
            ),
        ],
        hand: scripts::swarm(),
    });
}

const INGRESS: [(&str, &str); 2] = [
    (
        "ingress_sbox",
        "docker network inspect -f ingress_sbox ingress",
    ),
    (
        "ingress",
        "docker network inspect -f '1-{{slice .Id 0 10}}' ingress",
    ),
];

#[test]
fn an_encrypted_overlay_network() {
    let [sbox, ingress] = INGRESS;
    check(&Case {
        hosts: 1,
        docker: &[
            "docker swarm init",
            "docker network create -d overlay --attachable --opt encrypted mynet",
            "docker run -d --name web --network mynet nginx",
        ],
        names: &[
            sbox,
            ingress,
            (
                "mynet",
                "docker network inspect -f '1-{{slice .Id 0 10}}' mynet",
            ),
            (
                "lb",
                "docker network inspect -f 'lb_{{slice .Id 0 9}}' mynet",
            ),
            WEB,
        ],
        hand: scripts::encrypted(),
    });
}

#[test]
fn a_service_with_a_published_port_on_two_nodes() {
    let [sbox, ingress] = INGRESS;
    check(&Case {
        hosts: 2,
        docker: &[
            "docker swarm init",
            "JOIN h2",
            "docker service create -d --name web -p 8080:80 --replicas 2 nginx",
        ],
        names: &[
            sbox,
            ingress,
            ("t1", "docker ps -q"),
            ("t2", "on h2 docker ps -q"),
            (
                "h1c",
                "docker inspect -f {{.NetworkSettings.SandboxKey}} <t1>",
            ),
            (
                "h2c",
                "on h2 docker inspect -f {{.NetworkSettings.SandboxKey}} <t2>",
            ),
        ],
        hand: scripts::published_service(),
    });
}
