//! Swarms of several hosts: what is built on each node, and that it carries packets.
//! Names, numbers and addresses are those of the era.

use super::Lab;
use crate::docker::Era;

/// A manager `h1`, a worker `h2`, a network, and a service of two tasks on it.
fn swarm(era: Era) -> Lab {
    let mut lab = Lab::with_hosts(era, 2);
    lab.ok("docker swarm init");
    lab.join("h2");
    lab.ok("docker network create -d overlay mynet");
    lab.ok("docker service create -d --name web --network mynet --replicas 2 nginx");
    lab
}

/// The id of the one container of a host.
fn container(lab: &mut Lab, on: &str) -> String {
    lab.ok(&format!("{on}docker ps -q")).trim().to_owned()
}

#[test]
fn tasks_on_two_hosts_reach_one_another_by_address_and_by_name() {
    for (era, net) in [
        (Era::Article, "10.0.0"),
        (Era::Classic, "10.0.1"),
        (Era::Current, "10.0.1"),
    ] {
        let mut lab = swarm(era);
        let c1 = container(&mut lab, "");
        let c2 = container(&mut lab, "on h2 ");
        for line in [
            format!("docker exec {c1} ping -c1 {net}.4"),
            format!("on h2 docker exec {c2} ping -c1 {net}.3"),
            format!("docker exec {c1} ping -c1 web"),
            format!("on h2 docker exec {c2} ping -c1 tasks.web"),
        ] {
            let ping = lab.ok(&line);
            assert!(ping.contains(" 1 received"), "{era:?}: {line}: {ping}");
        }
    }
}

#[test]
fn entries_lead_to_the_tasks_of_the_other_host_and_go_with_them() {
    let mut lab = swarm(Era::Article);
    let id = lab.ok("docker network inspect -f {{.Id}} mynet");
    let enter = format!("nsenter --net=/var/run/docker/netns/1-{}", &id[..10]);
    let fdb = lab.ok(&format!("{enter} bridge fdb show dev vxlan0"));
    let entry = "02:42:0a:00:00:04 dst 192.168.0.12 link-netnsid 0 self permanent\n";
    assert!(fdb.contains(entry), "{fdb}");
    let neigh = lab.ok(&format!("{enter} ip neigh"));
    assert_eq!(
        neigh,
        "10.0.0.4 dev vxlan0 lladdr 02:42:0a:00:00:04 PERMANENT \n"
    );
    let tunnel = lab.ok(&format!("{enter} ip -d link show vxlan0"));
    assert!(
        tunnel.contains("vxlan id 4097 srcport 0 0 dstport 4789 proxy l2miss l3miss"),
        "{tunnel}"
    );
    lab.ok("docker service scale -d web=1");
    assert!(
        !lab.ok(&format!("{enter} bridge fdb show dev vxlan0"))
            .contains("192.168.0.12")
    );
    assert_eq!(lab.ok(&format!("{enter} ip neigh")), "");
}

#[test]
fn nothing_is_left_of_a_swarm_but_the_gateway_bridge() {
    for era in [Era::Article, Era::Classic, Era::Current] {
        let mut lab = swarm(era);
        lab.ok("docker service rm web");
        lab.ok("docker network rm mynet");
        lab.ok("on h2 docker swarm leave");
        lab.ok("docker swarm leave --force");
        for on in ["", "on h2 "] {
            let names = lab.ok(&format!("{on}docker network ls --format {{{{.Name}}}}"));
            assert_eq!(names, "bridge\ndocker_gwbridge\nhost\nnone\n", "{era:?}");
            lab.ok(&format!("{on}ln -s /var/run/docker/netns /var/run/netns"));
            assert_eq!(lab.ok(&format!("{on}ip netns list")), "", "{era:?}");
        }
    }
}

#[test]
fn every_namespace_of_a_node_has_its_file() {
    for (era, want) in [(Era::Article, 4), (Era::Classic, 5), (Era::Current, 5)] {
        let mut lab = swarm(era);
        lab.ok("ln -s /var/run/docker/netns /var/run/netns");
        let list = lab.ok("ip netns list");
        assert_eq!(list.lines().count(), want, "{list}");
        assert!(list.contains("ingress_sbox (id: "), "{list}");
        assert_eq!(list.contains("lb_"), want == 5);
    }
}

#[test]
fn a_task_with_a_published_port_is_on_three_networks() {
    let mut lab = Lab::with_hosts(Era::Article, 1);
    lab.ok("docker swarm init");
    lab.ok("docker network create -d overlay mynet");
    lab.ok("docker service create -d --name web --network mynet -p 30001:80 nginx");
    let c1 = container(&mut lab, "");
    let shown = lab.ok(&format!("docker exec {c1} ip -4 -br addr"));
    let words: Vec<Vec<&str>> = shown
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(words[1][2..], ["10.255.0.4/16", "10.255.0.3/32"], "{shown}");
    assert_eq!(words[2][2..], ["10.0.0.3/24", "10.0.0.2/32"], "{shown}");
    assert_eq!(words[3][2..], ["172.18.0.3/16"], "{shown}");
    assert!(lab.ok("docker service ls").contains("*:30001->80/tcp"));
}

/// The article's last part: the same names, numbers and relations, on a host that has run other containers before.
#[test]
fn the_articles_names_and_numbers_are_met() {
    let mut lab = Lab::with_hosts(Era::Article, 2);
    lab.ok("docker network create other");
    lab.ok("docker swarm init");
    lab.join("h2");
    lab.ok("docker network create -d overlay mynet");
    // Four tasks that ran here before have used up veth0 to veth3, and many pairs the numbers below 586.
    lab.ok("docker service create -d --name old --constraint node.hostname==h1 --network mynet --replicas 4 nginx");
    lab.ok("docker service create -d --name web --constraint node.hostname==h1 --network mynet --replicas 0 nginx");
    for _ in 0..1000 {
        lab.ok("ip link add burn0 type dummy");
        let shown = lab.ok("ip -o link show burn0");
        lab.ok("ip link del burn0");
        if shown.starts_with("585: ") {
            break;
        }
    }
    lab.ok("docker service scale -d web=1");
    let c1 = lab.ok("docker ps -q --filter name=web");
    let shown = lab.ok(&format!("docker exec {} ip addr", c1.trim()));
    for part in [
        "586: eth0@if587: <",
        "mtu 1450",
        "588: eth1@if589: <",
        "link-netnsid 1",
        "/32 scope global eth0",
        " 172.19.0.",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let id = lab.ok("docker network inspect -f {{.Id}} mynet");
    let inside = lab.ok(&format!(
        "nsenter --net=/var/run/docker/netns/1-{} ip addr",
        &id[..10]
    ));
    for part in [
        "2: br0: <",
        "inet 10.0.0.1/24 scope global br0",
        ": vxlan0@if",
        "587: veth4@if586: <",
    ] {
        assert!(inside.contains(part), "{part}: {inside}");
    }
    let peer = lab.ok(&format!("docker exec {} ethtool -S eth0", c1.trim()));
    assert!(peer.contains("peer_ifindex: 587"), "{peer}");
    let ports = lab.ok("brctl show docker_gwbridge");
    assert_eq!(ports.lines().count(), 1 + 6, "{ports}");
}

#[test]
fn a_published_port_of_a_service_leads_to_its_tasks_from_every_node() {
    for era in [Era::Article, Era::Classic, Era::Current] {
        let mut lab = Lab::with_hosts(era, 3);
        lab.ok("docker swarm init");
        lab.join("h2");
        lab.ok("docker network create -d overlay mynet");
        lab.ok("docker service create -d --name web --network mynet --replicas 2 -p 30001:80 traefik/whoami");
        let mut names: Vec<String> = Vec::new();
        for node in [
            "192.168.0.11",
            "192.168.0.11",
            "192.168.0.12",
            "192.168.0.12",
        ] {
            let page = lab.ok(&format!("on h3 curl -s http://{node}:30001/"));
            let name = page.lines().find(|line| line.starts_with("Hostname: "));
            names.push(
                name.unwrap_or_else(|| panic!("{era:?} {node}: {page}"))
                    .to_owned(),
            );
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 2, "{era:?}: {names:?}");
        // From a container, by the name of the service.
        let c1 = container(&mut lab, "");
        let page = lab.ok(&format!("docker exec {c1} curl -s http://web/"));
        assert!(page.contains("Hostname: "), "{era:?}: {page}");
    }
}
