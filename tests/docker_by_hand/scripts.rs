//! What a person would type for what Docker builds, from what is known of Docker (libnetwork's drivers of each era).
//! Words between `<` and `>` are read from Docker's world: see `Lab::typed`.

/// The engine's start: `docker0` without containers.
const ENGINE: &str = "
    [article classic] sysctl -qw net.bridge.bridge-nf-call-iptables=1
    sysctl -qw net.ipv4.ip_forward=1
    ip link add docker0 address <mac - docker0> txqueuelen 0 type bridge
    sysctl -qw net.ipv6.conf.docker0.accept_ra=0
    ip addr add 172.17.0.1/16<brd> dev docker0
    ip link set docker0 up

    iptables -P FORWARD DROP
    iptables -N DOCKER
    iptables -N DOCKER-USER
    iptables -A FORWARD -j DOCKER-USER
    iptables -t nat -N DOCKER
    iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
    iptables -t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
    iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
    [article classic] iptables -t nat -A DOCKER -i docker0 -j RETURN
    [article classic] iptables -A DOCKER-USER -j RETURN

    [article] iptables -N DOCKER-ISOLATION
    [article] iptables -A DOCKER-ISOLATION -j RETURN
    [article] iptables -A FORWARD -j DOCKER-ISOLATION

    [classic] iptables -N DOCKER-ISOLATION-STAGE-1
    [classic] iptables -N DOCKER-ISOLATION-STAGE-2
    [classic] iptables -A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
    [classic] iptables -A DOCKER-ISOLATION-STAGE-1 -j RETURN
    [classic] iptables -A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
    [classic] iptables -A DOCKER-ISOLATION-STAGE-2 -j RETURN
    [classic] iptables -A FORWARD -j DOCKER-ISOLATION-STAGE-1

    [article classic] iptables -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    [article classic] iptables -A FORWARD -o docker0 -j DOCKER
    [article classic] iptables -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
    [article classic] iptables -A FORWARD -i docker0 -o docker0 -j ACCEPT

    [current] iptables -N DOCKER-FORWARD
    [current] iptables -N DOCKER-CT
    [current] iptables -N DOCKER-INTERNAL
    [current] iptables -N DOCKER-BRIDGE
    [current] iptables -A FORWARD -j DOCKER-FORWARD
    [current] iptables -A DOCKER-FORWARD -j DOCKER-CT
    [current] iptables -A DOCKER-FORWARD -j DOCKER-INTERNAL
    [current] iptables -A DOCKER-FORWARD -j DOCKER-BRIDGE
    [current] iptables -A DOCKER-FORWARD -i docker0 -j ACCEPT
    [current] iptables -A DOCKER-CT -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    [current] iptables -A DOCKER-BRIDGE -o docker0 -j DOCKER
    [current] iptables -A DOCKER ! -i docker0 -o docker0 -j DROP

    # IPv6 has the same chains, and nothing of docker0 in them, which has no IPv6.
    [current] ip6tables -N DOCKER
    [current] ip6tables -N DOCKER-USER
    [current] ip6tables -N DOCKER-FORWARD
    [current] ip6tables -N DOCKER-CT
    [current] ip6tables -N DOCKER-INTERNAL
    [current] ip6tables -N DOCKER-BRIDGE
    [current] ip6tables -A FORWARD -j DOCKER-USER
    [current] ip6tables -A FORWARD -j DOCKER-FORWARD
    [current] ip6tables -A DOCKER-FORWARD -j DOCKER-CT
    [current] ip6tables -A DOCKER-FORWARD -j DOCKER-INTERNAL
    [current] ip6tables -A DOCKER-FORWARD -j DOCKER-BRIDGE
    [current] ip6tables -t nat -N DOCKER
    [current] ip6tables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
    [current] ip6tables -t nat -A OUTPUT ! -d ::1/128 -m addrtype --dst-type LOCAL -j DOCKER
";

/// The same lines, typed on one machine.
fn on(host: &str, script: &str) -> String {
    let mut out = String::new();
    for line in script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (eras, rest) = match line.split_once("] ") {
            Some((eras, rest)) if line.starts_with('[') => (format!("{eras}] "), rest),
            _ => (String::new(), line),
        };
        let rest = rest.replace('<', &format!("<on {host} "));
        out.push_str(&format!("{eras}on {host} {rest}\n"));
    }
    out
}

/// A namespace for a container, with what Docker sets in it.
fn container(name: &str) -> String {
    format!(
        "
    {}
    [classic current] ip netns exec <{name}> sysctl -qw net.ipv4.ip_unprivileged_port_start=0
    ",
        sandbox(name)
    )
}

/// A namespace of Docker's own.
fn sandbox(name: &str) -> String {
    format!(
        "
    ip netns add <{name}>
    [article classic] ip netns exec <{name}> sysctl -qw net.ipv6.conf.all.disable_ipv6=1
    ip -n <{name}> link set lo up
    # A new namespace of a machine has what the machine's first one has.
    ip netns exec <{name}> sysctl -qw net.ipv4.ip_forward=1
    "
    )
}

/// A device that has come into a container becomes `device` with an address.
fn dressed(name: &str, device: &str, address: &str) -> String {
    let own = address.split('/').next().unwrap_or_default();
    format!(
        "
    ip -n <{name}> link set inside name {device}
    ip -n <{name}> link set {device} address <mac {name} {device}>
    [current] ip netns exec <{name}> sysctl -qw net.ipv6.conf.{device}.disable_ipv6=1
    ip -n <{name}> addr add {address}<brd> dev {device}
    ip -n <{name}> link set {device} up
    [current] ip netns exec <{name}> arping -q -U -c 3 -I {device} {own}
    "
    )
}

/// A pair from a bridge of the host to a container, to whose address nothing else leads now.
fn plugged(name: &str, bridge: &str, device: &str, address: &str) -> String {
    let peer = format!("<peer {name} {device}>");
    let add =
        format!("ip link add {peer} address <peermac {name} {device}> txqueuelen 0 type veth");
    let own = address.split('/').next().unwrap_or_default();
    format!(
        "
    [article classic] {add} peer name inside txqueuelen 0
    [current] {add} peer name inside netns <{name}> txqueuelen 0
    ip link set {peer} master {bridge}
    ip link set {peer} up
    [article classic] ip link set inside netns <{name}>
    {}
    [current] iptables -t raw -A PREROUTING -d {own}/32 ! -i {bridge} -j DROP
    ",
        dressed(name, device, address)
    )
}

/// A port of the host for a container behind a bridge.
fn published(bridge: &str, address: &str, proto: &str, (outside, inside): (u16, u16)) -> String {
    let port = format!("-p {proto} -m {proto} --dport {inside}");
    format!(
        "
    iptables -t nat -A DOCKER ! -i {bridge} -p {proto} -m {proto} --dport {outside} -j DNAT --to-destination {address}:{inside}
    [article classic] iptables -A DOCKER -d {address}/32 ! -i {bridge} -o {bridge} {port} -j ACCEPT
    [article classic] iptables -t nat -A POSTROUTING -s {address}/32 -d {address}/32 {port} -j MASQUERADE
    [current] iptables -I DOCKER -d {address}/32 ! -i {bridge} -o {bridge} {port} -j ACCEPT
    "
    )
}

/// One more bridge beside docker0, 172.18.0.1/16, and its rules; `open` where its containers may talk to one another.
fn bridge(bridge: &str, open: bool) -> String {
    another_bridge(bridge, "172.18.0", &["docker0"], open)
}

/// One more bridge beside `others`, the first address of `net`, and its rules.
fn another_bridge(bridge: &str, net: &str, others: &[&str], open: bool) -> String {
    let apart: String = others
        .iter()
        .map(|other| {
            format!(
                "
    [article] iptables -I DOCKER-ISOLATION -i {bridge} -o {other} -j DROP
    [article] iptables -I DOCKER-ISOLATION -i {other} -o {bridge} -j DROP"
            )
        })
        .collect();
    let among = match open {
        true => {
            format!(
                "
    [article classic] iptables -I FORWARD 6 -i {bridge} -o {bridge} -j ACCEPT
    [current] iptables -A DOCKER-FORWARD -i {bridge} -j ACCEPT
    "
            )
        }
        false => {
            format!(
                "
    [article classic] iptables -A FORWARD -i {bridge} -o {bridge} -j DROP
    [current] iptables -A DOCKER-FORWARD -i {bridge} -o {bridge} -j DROP
    [current] iptables -A DOCKER-FORWARD -i {bridge} ! -o {bridge} -j ACCEPT
    "
            )
        }
    };
    format!(
        "
    {}
    iptables -t nat -I POSTROUTING -s {net}.0/16 ! -o {bridge} -j MASQUERADE
    [article classic] iptables -t nat -I DOCKER -i {bridge} -j RETURN
    {apart}
    [classic] iptables -I DOCKER-ISOLATION-STAGE-1 -i {bridge} ! -o {bridge} -j DOCKER-ISOLATION-STAGE-2
    [classic] iptables -I DOCKER-ISOLATION-STAGE-2 -o {bridge} -j DROP
    [article classic] iptables -I FORWARD 3 -o {bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    [article classic] iptables -I FORWARD 4 -o {bridge} -j DOCKER
    [article classic] iptables -I FORWARD 5 -i {bridge} ! -o {bridge} -j ACCEPT
    [current] iptables -A DOCKER-CT -o {bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    [current] iptables -A DOCKER-BRIDGE -o {bridge} -j DOCKER
    [current] iptables -A DOCKER ! -i {bridge} -o {bridge} -j DROP
    {among}
    ",
        bridge_alone(bridge, net)
    )
}

fn bridge_alone(bridge: &str, net: &str) -> String {
    let known = bridge.trim_matches(['<', '>']);
    format!(
        "
    ip link add {bridge} address <mac - {known}> txqueuelen 0 type bridge
    sysctl -qw net.ipv6.conf.{bridge}.accept_ra=0
    ip addr add {net}.1/16<brd> dev {bridge}
    ip link set {bridge} up
    "
    )
}

/// How the name server of a container is reached.
fn resolver(name: &str) -> String {
    let mut script = String::new();
    let mut type_in = |words: String| {
        script.push_str(&format!("ip netns exec <{name}> iptables -t nat {words}\n"));
    };
    type_in("-N DOCKER_OUTPUT".to_owned());
    type_in("-N DOCKER_POSTROUTING".to_owned());
    type_in("-A OUTPUT -d 127.0.0.11/32 -j DOCKER_OUTPUT".to_owned());
    type_in("-A POSTROUTING -d 127.0.0.11/32 -j DOCKER_POSTROUTING".to_owned());
    for proto in ["tcp", "udp"] {
        let port = format!("<port {name} {proto}>");
        type_in(format!(
            "-A DOCKER_OUTPUT -d 127.0.0.11/32 -p {proto} -m {proto} --dport 53 -j DNAT --to-destination 127.0.0.11:{port}"
        ));
        type_in(format!(
            "-A DOCKER_POSTROUTING -s 127.0.0.11/32 -p {proto} -m {proto} --sport {port} -j SNAT --to-source :53"
        ));
    }
    script
}

/// `web` and `db` on docker0, and the port 8080 of the host for port 80 of `web`.
pub fn default_bridge() -> Vec<String> {
    vec![
        ENGINE.to_owned(),
        container("web"),
        plugged("web", "docker0", "eth0", "172.17.0.2/16"),
        "ip -n <web> route add default via 172.17.0.1".to_owned(),
        published("docker0", "172.17.0.2", "tcp", (8080, 80)),
        container("db"),
        plugged("db", "docker0", "eth0", "172.17.0.3/16"),
        "ip -n <db> route add default via 172.17.0.1".to_owned(),
    ]
}

/// A bridge of the user with `web`, whose port is published, and `db`.
pub fn user_bridge() -> Vec<String> {
    vec![
        ENGINE.to_owned(),
        bridge("<br>", true),
        container("web"),
        plugged("web", "<br>", "eth0", "172.18.0.2/16"),
        "ip -n <web> route add default via 172.18.0.1".to_owned(),
        published("<br>", "172.18.0.2", "tcp", (8080, 80)),
        resolver("web"),
        container("db"),
        plugged("db", "<br>", "eth0", "172.18.0.3/16"),
        "ip -n <db> route add default via 172.18.0.1".to_owned(),
        resolver("db"),
    ]
}

/// A bridge of the user that leads nowhere, with `web`.
pub fn internal_bridge() -> Vec<String> {
    let rules = "
    [article] iptables -I DOCKER-ISOLATION ! -d 172.18.0.0/16 -i <br> -j DROP
    [article] iptables -I DOCKER-ISOLATION ! -s 172.18.0.0/16 -o <br> -j DROP
    [classic] iptables -I DOCKER-ISOLATION-STAGE-1 ! -d 172.18.0.0/16 -i <br> -j DROP
    [classic] iptables -I DOCKER-ISOLATION-STAGE-1 ! -s 172.18.0.0/16 -o <br> -j DROP
    [article classic] iptables -I FORWARD 3 -i <br> -o <br> -j ACCEPT
    [current] iptables -A DOCKER-INTERNAL ! -s 172.18.0.0/16 -o <br> -j DROP
    [current] iptables -A DOCKER-INTERNAL ! -d 172.18.0.0/16 -i <br> -j DROP
    [current] iptables -A DOCKER-FORWARD -i <br> -o <br> -j ACCEPT
    ";
    vec![
        ENGINE.to_owned(),
        bridge_alone("<br>", "172.18.0"),
        rules.to_owned(),
        container("web"),
        plugged("web", "<br>", "eth0", "172.18.0.2/16")
            .replace("[current] iptables -t raw", "[never] iptables"),
        "[article classic] ip -n <web> route add default via 172.18.0.1".to_owned(),
        resolver("web"),
    ]
}

/// A bridge of the user with IPv6 too, and `web` with the port 8080 of the host for its port 80.
pub fn ipv6_bridge() -> Vec<String> {
    let rules = "
    [current] ip6tables -P FORWARD DROP
    [current] ip6tables -t nat -I POSTROUTING -s fd00:1::/64 ! -o <br> -j MASQUERADE
    [current] ip6tables -A DOCKER-CT -o <br> -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    [current] ip6tables -A DOCKER-BRIDGE -o <br> -j DOCKER
    [current] ip6tables -A DOCKER ! -i <br> -o <br> -j DROP
    [current] ip6tables -A DOCKER-FORWARD -i <br> -j ACCEPT
    [current] ip6tables -t raw -A PREROUTING -d fd00:1::2/128 ! -i <br> -j DROP
    [current] ip6tables -I DOCKER -d fd00:1::2/128 ! -i <br> -o <br> -p tcp -m tcp --dport 80 -j ACCEPT
    [current] ip6tables -t nat -A DOCKER ! -i <br> -p tcp -m tcp --dport 8080 -j DNAT --to-destination [fd00:1::2]:80
    ";
    let bridge = bridge("<br>", true).replace(
        "    ip link set <br> up",
        "    [current] sysctl -qw net.ipv6.conf.default.forwarding=1
    [current] sysctl -qw net.ipv6.conf.all.forwarding=1
    ip addr add fe80::1/64 dev <br>
    ip addr add fd00:1::1/64 dev <br>
    ip link set <br> up",
    );
    let inside = plugged("web", "<br>", "eth0", "172.18.0.2/16").replace(
        "    [current] ip netns exec <web> sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1",
        "    ip netns exec <web> sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0
    ip -n <web> addr add fd00:1::2/64 dev eth0 nodad",
    );
    vec![
        ENGINE.to_owned(),
        bridge,
        container("web"),
        inside,
        "ip -n <web> route add default via 172.18.0.1".to_owned(),
        "ip -n <web> -6 route add default via fd00:1::1".to_owned(),
        published("<br>", "172.18.0.2", "tcp", (8080, 80)),
        rules.to_owned(),
        resolver("web"),
    ]
}

/// `web` on docker0 with the port 5353 of the host for its port 53 of UDP.
pub fn published_udp() -> Vec<String> {
    vec![
        ENGINE.to_owned(),
        container("web"),
        plugged("web", "docker0", "eth0", "172.17.0.2/16"),
        "ip -n <web> route add default via 172.17.0.1".to_owned(),
        published("docker0", "172.17.0.2", "udp", (5353, 53)),
    ]
}

/// `web` on two bridges of the user, known by more names on each: names are in no table of the kernel.
pub fn two_user_bridges() -> Vec<String> {
    vec![
        ENGINE.to_owned(),
        bridge("<br>", true),
        another_bridge("<more>", "172.19.0", &["docker0", "<br>"], true),
        container("web"),
        plugged("web", "<br>", "eth0", "172.18.0.2/16"),
        "ip -n <web> route add default via 172.18.0.1".to_owned(),
        resolver("web"),
        plugged("web", "<more>", "eth1", "172.19.0.2/16"),
    ]
}

/// `web` on a bridge of the user and then on docker0 too, whose gateway comes before: its name does.
pub fn two_bridges() -> Vec<String> {
    vec![
        ENGINE.to_owned(),
        bridge("<br>", true),
        container("web"),
        plugged("web", "<br>", "eth0", "172.18.0.2/16"),
        resolver("web"),
        plugged("web", "docker0", "eth1", "172.17.0.2/16"),
        "ip -n <web> route add default via 172.17.0.1".to_owned(),
    ]
}

/// `web` in the host's own namespace, which gets a name; `db` with nothing but a loopback.
pub fn host_and_none() -> Vec<String> {
    vec![
        ENGINE.to_owned(),
        "ip netns attach default 1".to_owned(),
        container("db"),
    ]
}

/// A container on a parent device of the host: `kind` is the kind of its device with its words.
pub fn on_parent(parent: &str, kind: &str, address: &str, route: &str) -> Vec<String> {
    let (make, parent_name) = match parent {
        "eth0.10" => (
            "ip link add eth0.10 link eth0 txqueuelen 0 type vlan id 10\nip link set eth0.10 up",
            "eth0.10",
        ),
        "eth0" => ("", "eth0"),
        _ => (
            "ip link add <dummy> address <mac - dummy> txqueuelen 0 type dummy\nip link set <dummy> up",
            "<dummy>",
        ),
    };
    let mut dressed = dressed("web", "eth0", address);
    if kind.starts_with("ipvlan") {
        // Its MAC address is its parent's, and it does not announce it.
        let keep = |line: &&str| !line.contains(" address ") && !line.contains("arping");
        dressed = dressed.lines().filter(keep).collect::<Vec<_>>().join("\n");
    }
    vec![
        ENGINE.to_owned(),
        make.to_owned(),
        container("web"),
        format!("ip link add inside link {parent_name} txqueuelen 0 type {kind}"),
        "ip link set inside netns <web>".to_owned(),
        dressed,
        format!("ip -n <web> route add {route}"),
        resolver("web"),
    ]
}

/// The namespace of an overlay network on one machine.
fn overlay(key: &str, vni: u32, gateway: &str) -> String {
    overlay_of(key, vni, gateway, 1450)
}

/// The same with an mtu: that of an encrypted one is smaller.
fn overlay_of(key: &str, vni: u32, gateway: &str, mtu: u32) -> String {
    format!(
        "
    ip netns add <{key}>
    ip netns exec <{key}> sysctl -qw net.ipv6.conf.all.disable_ipv6=1
    ip -n <{key}> link set lo up
    ip netns exec <{key}> sysctl -qw net.ipv4.ip_forward=1
    ip -n <{key}> link add br0 txqueuelen 0 type bridge
    ip -n <{key}> addr add {gateway}<brd> dev br0
    ip -n <{key}> link set br0 up
    ip link add vx address <mac {key} vxlan0> mtu {mtu} txqueuelen 0 type vxlan id {vni} dstport 4789 proxy l2miss l3miss
    ip link set vx netns <{key}> name vxlan0
    ip -n <{key}> link set vxlan0 master br0
    ip -n <{key}> link set vxlan0 up
    "
    )
}

/// A pair from the namespace of an overlay network to a sandbox.
fn overlaid(key: &str, number: u32, name: &str, device: &str, address: &str) -> String {
    overlaid_of(1450, key, number, name, device, address)
}

/// The same with an mtu.
fn overlaid_of(
    mtu: u32,
    key: &str,
    number: u32,
    name: &str,
    device: &str,
    address: &str,
) -> String {
    format!(
        "
    ip link add outside address <mac {key} veth{number}> mtu {mtu} txqueuelen 0 type veth peer name inside mtu {mtu} txqueuelen 0
    ip link set outside netns <{key}> name veth{number}
    ip -n <{key}> link set veth{number} master br0
    ip -n <{key}> link set veth{number} up
    ip link set inside netns <{name}>
    {}
    ",
        dressed(name, device, address)
    )
}

/// An endpoint of another machine.
fn peer(key: &str, address: &str, mac: &str, vtep: &str) -> String {
    format!(
        "
    ip -n <{key}> neigh replace {address} lladdr {mac} dev vxlan0 nud permanent
    ip netns exec <{key}> bridge fdb add {mac} dev vxlan0 dst {vtep} self permanent
    "
    )
}

/// The lines of a script for one era alone.
fn only(eras: &[&str], script: &str) -> String {
    let mut out = String::new();
    for line in script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (of, rest) = match line.split_once("] ") {
            Some((of, rest)) if line.starts_with('[') => (of.trim_start_matches('['), rest),
            _ => ("article classic current", line),
        };
        let left: Vec<&str> = of.split(' ').filter(|era| eras.contains(era)).collect();
        if !left.is_empty() {
            out.push_str(&format!("[{}] {rest}\n", left.join(" ")));
        }
    }
    out
}

/// What a node of a swarm has before any service: the network of published ports, and the bridge by which containers go out.
/// `last` is the last number of its address on that network.
fn node(last: u8) -> String {
    let mut script = ENGINE.to_owned();
    for (number, value) in [(1, 8192), (2, 49152), (3, 65536)] {
        script.push_str(&format!(
            "sysctl -qw net.ipv4.neigh.default.gc_thresh{number}={value}\n"
        ));
    }
    for (eras, net, length) in [
        (&["article"][..], "10.255.0", 16),
        (&["classic", "current"], "10.0.0", 24),
    ] {
        script.push_str(&only(eras, &sandbox("ingress_sbox")));
        script.push_str(&only(
            eras,
            &overlay("ingress", 4096, &format!("{net}.1/{length}")),
        ));
        script.push_str(&only(
            eras,
            &overlaid(
                "ingress",
                0,
                "ingress_sbox",
                "eth0",
                &format!("{net}.{last}/{length}"),
            ),
        ));
    }
    script.push_str(&bridge("docker_gwbridge", false));
    script.push_str(&plugged(
        "ingress_sbox",
        "docker_gwbridge",
        "eth1",
        "172.18.0.2/16",
    ));
    script.push_str("ip -n <ingress_sbox> route add default via 172.18.0.1\n");
    script
}

/// What leads to the two tasks of the service: Docker's mark, and what stands here for
/// `ipvsadm -A -f 256 -s rr`, `ipvsadm -a -f 256 -r NET.3 -m`, `ipvsadm -a -f 256 -r NET.4 -m`.
fn balanced(name: &str, marking: &str, turning: &str, net: &str) -> String {
    let mut script = format!(
        "ip netns exec <{name}> iptables -t mangle -A {marking} -d {net}.2/32 -j MARK --set-mark 0x100\n"
    );
    for proto in ["tcp", "udp"] {
        for (turn, task) in [
            (" -m statistic --mode nth --every 2 --packet 0", 3),
            ("", 4),
        ] {
            script.push_str(&format!(
                "ip netns exec <{name}> iptables -t nat -A {turning} -d {net}.2/32 -p {proto}{turn} -j DNAT --to-destination {net}.{task}\n"
            ));
        }
    }
    script
}

/// What a node has of a network of the user with one task of a service whose address is 2: `task` is the task's, `balancer` the node's.
fn served(task: u8, balancer: u8, others: [u8; 2], vtep: &str) -> String {
    let mac = |net: u8, last: u8| format!("02:42:0a:00:{net:02x}:{last:02x}");
    // The oldest era: each container has the address of the service, and balances for itself.
    let mut old = overlay("mynet", 4097, "10.0.0.1/24");
    old.push_str(&container("c"));
    old.push_str(&overlaid(
        "mynet",
        0,
        "c",
        "eth0",
        &format!("10.0.0.{task}/24"),
    ));
    old.push_str("ip -n <c> addr add 10.0.0.2/32 dev eth0\n");
    old.push_str(&peer(
        "mynet",
        &format!("10.0.0.{}", others[1]),
        &mac(0, others[1]),
        vtep,
    ));
    // Later ones: a namespace balances for all containers of the node.
    let mut new = sandbox("lb");
    new.push_str(&overlay("mynet", 4097, "10.0.1.1/24"));
    new.push_str(&overlaid(
        "mynet",
        0,
        "lb",
        "eth0",
        &format!("10.0.1.{balancer}/24"),
    ));
    new.push_str("ip -n <lb> addr add 10.0.1.2/32 dev eth0\n");
    new.push_str(&container("c"));
    new.push_str(&overlaid(
        "mynet",
        1,
        "c",
        "eth0",
        &format!("10.0.1.{task}/24"),
    ));
    for other in others {
        new.push_str(&peer(
            "mynet",
            &format!("10.0.1.{other}"),
            &mac(1, other),
            vtep,
        ));
    }
    new.push_str(&balanced("lb", "INPUT", "PREROUTING", "10.0.1"));
    new.push_str(&format!("ip netns exec <lb> iptables -t nat -A POSTROUTING -s 10.0.1.0/24 -m addrtype ! --src-type LOCAL -j SNAT --to-source 10.0.1.{balancer}\n"));
    let mut script = only(&["article"], &old) + &only(&["classic", "current"], &new);
    script.push_str(&plugged("c", "docker_gwbridge", "eth1", "172.18.0.3/16"));
    script.push_str("ip -n <c> route add default via 172.18.0.1\n");
    script.push_str(&resolver("c"));
    let mut old = "ip netns exec <c> iptables -t nat -A OUTPUT -d 10.0.0.2/32 -p icmp -m icmp --icmp-type 8 -j DNAT --to-destination 127.0.0.1\n".to_owned();
    old.push_str(&balanced("c", "OUTPUT", "OUTPUT", "10.0.0"));
    script.push_str(&only(&["article"], &old));
    script
}

/// Two nodes, and a network with a service of one task on each.
pub fn swarm() -> Vec<String> {
    let ingress_peer = |number: u8, vtep: &str| {
        let old = peer(
            "ingress",
            &format!("10.255.0.{number}"),
            &format!("02:42:0a:ff:00:{number:02x}"),
            vtep,
        );
        let new = peer(
            "ingress",
            &format!("10.0.0.{number}"),
            &format!("02:42:0a:00:00:{number:02x}"),
            vtep,
        );
        only(&["article"], &old) + &only(&["classic", "current"], &new)
    };
    vec![
        on("h1", &node(2)),
        on("h2", &node(3)),
        on("h1", &ingress_peer(3, "192.168.0.12")),
        on("h2", &ingress_peer(2, "192.168.0.11")),
        on("h1", &served(3, 5, [6, 4], "192.168.0.12")),
        on("h2", &served(4, 6, [5, 3], "192.168.0.11")),
    ]
}

/// One node, and a container on an encrypted network: of the encryption there is only the room that it takes.
pub fn encrypted() -> Vec<String> {
    let old = overlay_of("mynet", 4097, "10.0.0.1/24", 1424)
        + &container("web")
        + &overlaid_of(1424, "mynet", 0, "web", "eth0", "10.0.0.2/24");
    let new = sandbox("lb")
        + &overlay_of("mynet", 4097, "10.0.1.1/24", 1424)
        + &overlaid_of(1424, "mynet", 0, "lb", "eth0", "10.0.1.3/24")
        + &container("web")
        + &overlaid_of(1424, "mynet", 1, "web", "eth0", "10.0.1.2/24");
    vec![
        node(2),
        only(&["article"], &old),
        only(&["classic", "current"], &new),
        plugged("web", "docker_gwbridge", "eth1", "172.18.0.3/16"),
        "ip -n <web> route add default via 172.18.0.1".to_owned(),
        resolver("web"),
    ]
}

/// What leads to the swarm's port 8080 on a machine, and on from there to the tasks, as far as rules do.
fn ingress(net: &str, length: u8, own: u8) -> String {
    let to = "172.18.0.2:8080";
    let port = "-p tcp -m tcp --dport 8080";
    let mut script = format!(
        "
    sysctl -qw net.ipv4.conf.docker_gwbridge.route_localnet=1
    iptables -t nat -N DOCKER-INGRESS
    iptables -t nat -A DOCKER-INGRESS {port} -j DNAT --to-destination {to}
    iptables -t nat -A DOCKER-INGRESS -j RETURN
    iptables -t nat -I PREROUTING -m addrtype --dst-type LOCAL -j DOCKER-INGRESS
    iptables -t nat -I OUTPUT -m addrtype --dst-type LOCAL -j DOCKER-INGRESS
    iptables -t nat -I POSTROUTING -o docker_gwbridge -m addrtype --src-type LOCAL -j MASQUERADE
    iptables -N DOCKER-INGRESS
    iptables -A DOCKER-INGRESS {port} -j ACCEPT
    iptables -A DOCKER-INGRESS -p tcp -m tcp --sport 8080 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    iptables -A DOCKER-INGRESS -j RETURN
    [article classic] iptables -I FORWARD 2 -j DOCKER-INGRESS
    [current] iptables -I DOCKER-FORWARD -j DOCKER-INGRESS
    ip netns exec <ingress_sbox> iptables -t mangle -A PREROUTING {port} -j MARK --set-mark 0x100
    "
    );
    for (turn, task) in [
        (" -m statistic --mode nth --every 2 --packet 0", 5),
        ("", 6),
    ] {
        script.push_str(&format!("ip netns exec <ingress_sbox> iptables -t nat -A PREROUTING {port}{turn} -j DNAT --to-destination {net}.{task}\n"));
    }
    script.push_str(&format!("ip netns exec <ingress_sbox> iptables -t nat -A POSTROUTING -d {net}.0/{length} -j SNAT --to-source {net}.{own}\n"));
    script
}

/// A task of the service that is reached at the swarm's port 8080, and takes nothing else on that network.
fn ingress_task(net: &str, length: u8, task: u8) -> String {
    let own = format!("{net}.{task}");
    let mut script = container("c");
    script.push_str(&overlaid(
        "ingress",
        1,
        "c",
        "eth0",
        &format!("{own}/{length}"),
    ));
    script.push_str(&format!(
        "[article] ip -n <c> addr add {net}.4/32 dev eth0\n"
    ));
    let mut type_in = |words: String| {
        script.push_str(&format!("ip netns exec <c> iptables {words}\n"));
    };
    type_in(format!(
        "-t nat -A PREROUTING -d {own}/32 -p tcp -m tcp --dport 8080 -j REDIRECT --to-ports 80"
    ));
    type_in(format!(
        "-A INPUT -d {own}/32 -p tcp -m tcp --dport 80 -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT"
    ));
    type_in(format!(
        "-A OUTPUT -s {own}/32 -p tcp -m tcp --sport 80 -m conntrack --ctstate ESTABLISHED -j ACCEPT"
    ));
    for proto in ["sctp", "udp", "tcp"] {
        type_in(format!("-A INPUT -d {own}/32 -p {proto} -j DROP"));
        type_in(format!("-A OUTPUT -s {own}/32 -p {proto} -j DROP"));
    }
    script
}

/// Two nodes, and a service of one task on each whose port is the swarm's.
pub fn published_service() -> Vec<String> {
    let both = |what: &dyn Fn(&str, u8) -> String| {
        only(&["article"], &what("10.255.0", 16))
            + &only(&["classic", "current"], &what("10.0.0", 24))
    };
    let mut scripts = vec![on("h1", &node(2)), on("h2", &node(3))];
    for (host, own, other, vtep, task, far) in [
        ("h1", 2, 3, "192.168.0.12", 5, 6),
        ("h2", 3, 2, "192.168.0.11", 6, 5),
    ] {
        let script = both(&|net, length| {
            let mac = |last: u8| {
                let octets: Vec<u8> = net
                    .split('.')
                    .map(|part| part.parse().expect("a number"))
                    .collect();
                format!(
                    "02:42:{:02x}:{:02x}:{:02x}:{last:02x}",
                    octets[0], octets[1], octets[2]
                )
            };
            let mut script = peer("ingress", &format!("{net}.{other}"), &mac(other), vtep);
            script.push_str(&peer("ingress", &format!("{net}.{far}"), &mac(far), vtep));
            script.push_str(&ingress_task(net, length, task));
            script.push_str(&ingress(net, length, own));
            script
        });
        scripts.push(on(host, &script));
        let out = plugged("c", "docker_gwbridge", "eth1", "172.18.0.3/16")
            + "ip -n <c> route add default via 172.18.0.1\n";
        scripts.push(on(host, &out));
    }
    scripts
}
