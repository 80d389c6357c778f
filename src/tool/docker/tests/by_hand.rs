//! What docker builds equals, table by table, what the same steps typed by hand build.
//! Names and addresses that docker draws are read first and then typed.

use super::Lab;
use crate::docker::Era;

/// The tables of a namespace, as the tools print them; `enter` comes before each.
fn tables(lab: &mut Lab, enter: &str) -> Vec<String> {
    // Addresses of IPv6 come with their own pace: the tables are looked at when all is quiet.
    [
        "ip -d link",
        "ip addr",
        "ip route show table all",
        "ip neigh",
        "bridge fdb show",
        "iptables -S",
        "iptables -t nat -S",
        "iptables -t raw -S",
    ]
    .map(|line| lab.ok(&format!("{enter}{line}")))
    .to_vec()
}

fn one(lab: &mut Lab, line: &str) -> String {
    lab.ok(line).trim().to_owned()
}

/// The MAC of a device.
fn mac(lab: &mut Lab, line: &str) -> String {
    let shown = lab.ok(line);
    let mut words = shown
        .split_whitespace()
        .skip_while(|word| *word != "link/ether");
    words.nth(1).unwrap().to_owned()
}

/// Blanks what no two bridges have in common: the timer that counts down.
fn timeless(tables: Vec<String>) -> Vec<String> {
    let timer = |word: &str| word.contains('.') && word.parse::<f64>().is_ok();
    let line = |line: &str| {
        let words: Vec<&str> = line
            .split(' ')
            .map(|word| if timer(word) { "#" } else { word })
            .collect();
        words.join(" ")
    };
    tables
        .iter()
        .map(|text| text.lines().map(line).collect::<Vec<_>>().join("\n"))
        .collect()
}

#[test]
fn a_container_on_docker0_is_a_pair_a_bridge_and_their_rules() {
    for era in [Era::Article, Era::Classic, Era::Current] {
        let mut lab = Lab::new(era);
        lab.ok("docker run -d --name web nginx");
        lab.ok("sleep 20");
        let key = one(
            &mut lab,
            "docker inspect -f '{{.NetworkSettings.SandboxKey}}' web",
        );
        let enter = format!("nsenter --net={key} ");
        let docker0 = mac(&mut lab, "ip link show docker0");
        let outside = one(&mut lab, "ip -br link show master docker0");
        let veth = outside.split('@').next().unwrap().to_owned();
        let veth_mac = mac(&mut lab, &format!("ip link show {veth}"));
        let eth0 = mac(&mut lab, &format!("{enter}ip link show eth0"));
        let rules: Vec<String> = ["", "-t nat ", "-t raw "]
            .iter()
            .flat_map(|table| {
                let text = lab.ok(&format!("iptables {table}-S"));
                text.lines()
                    .map(|line| format!("iptables {table}{line}"))
                    .collect::<Vec<_>>()
            })
            .collect();
        let built = (
            timeless(tables(&mut lab, "")),
            timeless(tables(&mut lab, &enter)),
        );

        let mut hand = Lab::new(era);
        let brd = if era == Era::Article { "" } else { " brd +" };
        let named = key.rsplit('/').next().unwrap();
        let inside = format!("ip -n {named}");
        let v6 = if era == Era::Current { "eth0" } else { "all" };
        let mut lines = vec![
            format!("ip netns add {named}"),
            format!("{inside} link set lo up"),
            "sysctl -qw net.ipv4.ip_forward=1".to_owned(),
            format!("ip link add docker0 address {docker0} txqueuelen 0 type bridge"),
            "sysctl -qw net.ipv6.conf.docker0.accept_ra=0".to_owned(),
            format!("ip addr add 172.17.0.1/16{brd} dev docker0"),
            "ip link set docker0 up".to_owned(),
        ];
        if era == Era::Current {
            lines.push(format!("ip link add {veth} address {veth_mac} txqueuelen 0 type veth peer name eth0 netns {named} txqueuelen 0"));
        } else {
            lines.insert(
                1,
                format!("ip netns exec {named} sysctl -qw net.ipv6.conf.all.disable_ipv6=1"),
            );
            lines.push(format!("ip link add {veth} address {veth_mac} txqueuelen 0 type veth peer name eth0 txqueuelen 0"));
        }
        lines.push(format!("ip link set {veth} master docker0"));
        lines.push(format!("ip link set {veth} up"));
        if era != Era::Current {
            lines.push(format!("ip link set eth0 netns {named}"));
        }
        lines.extend([
            format!("{inside} link set eth0 address {eth0}"),
            format!("ip netns exec {named} sysctl -qw net.ipv6.conf.{v6}.disable_ipv6=1"),
            format!("{inside} addr add 172.17.0.2/16{brd} dev eth0"),
            format!("{inside} link set eth0 up"),
            format!("{inside} route add default via 172.17.0.1"),
        ]);
        for line in lines.iter().chain(&rules) {
            hand.ok(line);
        }
        hand.ok("sleep 20");
        let enter = format!("ip netns exec {named} ");
        let by_hand = (
            timeless(tables(&mut hand, "")),
            timeless(tables(&mut hand, &enter)),
        );
        for (side, (ours, theirs)) in [(&built.0, &by_hand.0), (&built.1, &by_hand.1)]
            .into_iter()
            .enumerate()
        {
            for (ours, theirs) in ours.iter().zip(theirs) {
                // By hand the namespace has a name, which `ip link` shows instead of its number.
                let named = format!("link-netns {named}");
                assert_eq!(
                    *ours,
                    theirs.replace(&named, "link-netnsid 0"),
                    "{era:?}, side {side}"
                );
            }
        }
    }
}

#[test]
fn an_overlay_is_a_bridge_a_tunnel_a_pair_and_entries() {
    let mut lab = Lab::with_hosts(Era::Article, 2);
    lab.ok("docker swarm init");
    lab.join("h2");
    lab.ok("docker network create -d overlay mynet");
    lab.ok("docker service create -d --name web --network mynet --replicas 2 nginx");
    lab.ok("sleep 20");
    let id = one(&mut lab, "docker network inspect -f {{.Id}} mynet");
    let key = format!("1-{}", &id[..10]);
    let enter = format!("nsenter --net=/var/run/docker/netns/{key} ");
    let tunnel = mac(&mut lab, &format!("{enter}ip link show vxlan0"));
    let veth = mac(&mut lab, &format!("{enter}ip link show veth0"));
    let index = |text: String| text.split(':').next().unwrap().to_owned();
    let vxlan_index = index(lab.ok(&format!("{enter}ip -o link show vxlan0")));
    let veth_index = index(lab.ok(&format!("{enter}ip -o link show veth0")));
    let built = timeless(tables(&mut lab, &enter));

    let mut hand = Lab::with_hosts(Era::Article, 2);
    let peer_index = veth_index.parse::<u32>().unwrap() - 1;
    for line in [
        format!("ip netns add {key}"),
        "ip netns add c".to_owned(),
        "ip netns exec c sysctl -qw net.ipv6.conf.all.disable_ipv6=1".to_owned(),
        format!("ip netns exec {key} sysctl -qw net.ipv6.conf.all.disable_ipv6=1"),
        format!("ip -n {key} link set lo up"),
        format!("ip -n {key} link add br0 txqueuelen 0 type bridge"),
        format!("ip -n {key} addr add 10.0.0.1/24 dev br0"),
        format!("ip -n {key} link set br0 up"),
        format!(
            "ip link add vx index {vxlan_index} address {tunnel} mtu 1450 txqueuelen 0 type vxlan id 4097 dstport 4789 proxy l2miss l3miss"
        ),
        format!("ip link set vx netns {key} name vxlan0"),
        format!("ip -n {key} link set vxlan0 master br0 up"),
        format!(
            "ip link add veth0 index {veth_index} address {veth} mtu 1450 txqueuelen 0 type veth peer name ethc index {peer_index} mtu 1450 txqueuelen 0"
        ),
        format!("ip link set veth0 netns {key}"),
        format!("ip -n {key} link set veth0 master br0 up"),
        "ip link set ethc netns c".to_owned(),
        "ip -n c link set ethc up".to_owned(),
        format!(
            "ip -n {key} neigh replace 10.0.0.4 lladdr 02:42:0a:00:00:04 dev vxlan0 nud permanent"
        ),
        format!(
            "ip netns exec {key} bridge fdb add 02:42:0a:00:00:04 dev vxlan0 dst 192.168.0.12 self permanent"
        ),
    ] {
        hand.ok(&line);
    }
    hand.ok("sleep 20");
    let by_hand = timeless(tables(&mut hand, &format!("ip netns exec {key} ")));
    for (ours, theirs) in built.iter().zip(&by_hand) {
        assert_eq!(*ours, theirs.replace("link-netns c", "link-netnsid 1"));
    }
}

#[test]
fn macvlan_and_ipvlan_endpoints_are_devices_on_the_parent() {
    for (driver, by_hand) in [
        ("macvlan", "type macvlan mode bridge"),
        ("ipvlan", "type ipvlan mode l2 bridge"),
    ] {
        let mut lab = Lab::with_hosts(Era::Classic, 1);
        lab.ok(&format!("docker network create -d {driver} -o parent=eth0 --subnet 192.168.0.0/24 --gateway 192.168.0.1 net"));
        lab.ok("docker run -d --name web --network net --ip 192.168.0.40 nginx");
        let built = lab.ok("docker exec web ip -d -o link show eth0");
        let routes = lab.ok("docker exec web ip route");
        assert!(
            routes.starts_with("default via 192.168.0.1 dev eth0 \n"),
            "{routes}"
        );
        let address = mac(&mut lab, "docker exec web ip link show eth0");
        let index = built.split(':').next().unwrap().to_owned();
        let mut hand = Lab::with_hosts(Era::Classic, 1);
        let own = if driver == "macvlan" {
            format!("address {address} ")
        } else {
            String::new()
        };
        for line in [
            "ip netns add c".to_owned(),
            "ip netns exec c sysctl -qw net.ipv6.conf.all.disable_ipv6=1".to_owned(),
            format!("ip link add x index {index} link eth0 {own}txqueuelen 0 {by_hand}"),
            "ip link set x netns c name eth0".to_owned(),
            "ip -n c addr add 192.168.0.40/24 brd + dev eth0".to_owned(),
            "ip -n c link set eth0 up".to_owned(),
        ] {
            hand.ok(&line);
        }
        assert_eq!(hand.ok("ip -n c -d -o link show eth0"), built, "{driver}");
    }
}
