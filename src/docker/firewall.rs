//! The packet filter's rules of each era, as the words of `iptables`, and in which order they come and go.
//! It decides which rules there are; how they are asked for is in `filter`.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use crate::docker::era::{Facts, Isolation};
use crate::docker::filter::{Place, Rule, Table};
use crate::docker::model::Bound;
use crate::netns::filter::rule::Family;

use Place::{End, Top};
use Table::{Filter, Mangle, Nat, Raw};

/// What of a bridge network its rules depend on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wall {
    /// The bridge.
    pub bridge: String,
    /// Of which family its rules are.
    pub family: Family,
    /// The subnet of that family.
    pub subnet: String,
    /// Whether its containers may talk to one another.
    pub icc: bool,
    /// Whether what leaves gets the host's address.
    pub masquerade: bool,
    /// The address that it gets, where that is given.
    pub snat: Option<IpAddr>,
    /// Whether nothing leaves.
    pub internal: bool,
}

const LOCAL: &str = "-m addrtype --dst-type LOCAL";
const KNOWN: &str = "-m conntrack --ctstate RELATED,ESTABLISHED";

/// The chains that an engine makes at its start.
pub fn chains(facts: &Facts) -> Vec<(Table, &'static str)> {
    let filter: &[&str] = match facts.isolation {
        Isolation::Pairs => &["DOCKER", "DOCKER-ISOLATION", "DOCKER-USER"],
        Isolation::Stages => &[
            "DOCKER",
            "DOCKER-ISOLATION-STAGE-1",
            "DOCKER-ISOLATION-STAGE-2",
            "DOCKER-USER",
        ],
        Isolation::Drops => &[
            "DOCKER",
            "DOCKER-BRIDGE",
            "DOCKER-CT",
            "DOCKER-FORWARD",
            "DOCKER-INTERNAL",
            "DOCKER-USER",
        ],
    };
    let filter = filter.iter().map(|&chain| (Filter, chain));
    [(Nat, "DOCKER")].into_iter().chain(filter).collect()
}

/// The rules that are there before any network is.
pub fn first_rules(facts: &Facts, family: Family) -> Vec<Rule> {
    let rule =
        |table, chain: &str, place, words: String| Rule::new(table, chain, place, words).of(family);
    let loopback = match family {
        Family::V4 => "127.0.0.0/8",
        Family::V6 => "::1/128",
    };
    let mut rules = vec![
        rule(Nat, "PREROUTING", End, format!("{LOCAL} -j DOCKER")),
        rule(
            Nat,
            "OUTPUT",
            End,
            format!("! -d {loopback} {LOCAL} -j DOCKER"),
        ),
    ];
    let tails: &[&str] = match (facts.return_tails, facts.isolation) {
        (false, _) => &[],
        (true, Isolation::Pairs) => &["DOCKER-ISOLATION", "DOCKER-USER"],
        (true, _) => &[
            "DOCKER-ISOLATION-STAGE-1",
            "DOCKER-ISOLATION-STAGE-2",
            "DOCKER-USER",
        ],
    };
    rules.extend(
        tails
            .iter()
            .map(|&chain| rule(Filter, chain, End, "-j RETURN".to_owned())),
    );
    if facts.forward_chain {
        for chain in ["DOCKER-CT", "DOCKER-INTERNAL", "DOCKER-BRIDGE"] {
            rules.push(rule(Filter, "DOCKER-FORWARD", End, format!("-j {chain}")));
        }
    }
    rules
}

/// The jumps of FORWARD that stay at its top, the uppermost last.
pub fn top_jumps(facts: &Facts, ingress: bool) -> Vec<Rule> {
    let jump = |chain| Rule::new(Filter, "FORWARD", Top, format!("-j {chain}"));
    let below = match facts.isolation {
        Isolation::Pairs => "DOCKER-ISOLATION",
        Isolation::Stages => "DOCKER-ISOLATION-STAGE-1",
        Isolation::Drops => "DOCKER-FORWARD",
    };
    let mut jumps = vec![jump(below)];
    if ingress && !facts.forward_chain {
        jumps.push(jump("DOCKER-INGRESS"));
    }
    jumps.push(jump("DOCKER-USER"));
    jumps
}

/// The rules of a bridge network, in the order in which they are asked for; `others` are the bridges that there are.
pub fn bridge_rules(facts: &Facts, wall: &Wall, others: &[String]) -> Vec<Rule> {
    let mut rules = Vec::new();
    let Wall { bridge, subnet, .. } = wall;
    if !wall.internal {
        if wall.masquerade {
            let target = match wall.snat {
                Some(address) => format!("SNAT --to-source {address}"),
                None => "MASQUERADE".to_owned(),
            };
            let words = format!("-s {subnet} ! -o {bridge} -j {target}");
            rules.push(Rule::new(Nat, "POSTROUTING", Top, words));
        }
        if facts.isolation != Isolation::Drops && wall.masquerade {
            let words = format!("-i {bridge} -j RETURN");
            rules.push(Rule::new(Nat, "DOCKER", Top, words));
        }
    }
    match facts.isolation {
        Isolation::Drops => rules.extend(chained(wall)),
        Isolation::Pairs | Isolation::Stages => {
            rules.extend(flat(wall));
            rules.extend(isolation(facts.isolation, wall, others));
        }
    }
    rules.into_iter().map(|rule| rule.of(wall.family)).collect()
}

/// The rules of a bridge in FORWARD itself.
fn flat(wall: &Wall) -> Vec<Rule> {
    let bridge = &wall.bridge;
    let forward = |place, words| Rule::new(Filter, "FORWARD", place, words);
    let mut rules = vec![match wall.icc {
        true => forward(Top, format!("-i {bridge} -o {bridge} -j ACCEPT")),
        false => forward(End, format!("-i {bridge} -o {bridge} -j DROP")),
    }];
    if !wall.internal {
        rules.push(forward(Top, format!("-i {bridge} ! -o {bridge} -j ACCEPT")));
        rules.push(forward(Top, format!("-o {bridge} -j DOCKER")));
        rules.push(forward(Top, format!("-o {bridge} {KNOWN} -j ACCEPT")));
    }
    rules
}

fn isolation(how: Isolation, wall: &Wall, others: &[String]) -> Vec<Rule> {
    let Wall { bridge, subnet, .. } = wall;
    let (first, second) = ("DOCKER-ISOLATION-STAGE-1", "DOCKER-ISOLATION-STAGE-2");
    let rule = |chain: &str, words| Rule::new(Filter, chain, Top, words);
    if wall.internal {
        let chain = if how == Isolation::Pairs {
            "DOCKER-ISOLATION"
        } else {
            first
        };
        return vec![
            rule(chain, format!("! -d {subnet} -i {bridge} -j DROP")),
            rule(chain, format!("! -s {subnet} -o {bridge} -j DROP")),
        ];
    }
    if how == Isolation::Stages {
        return vec![
            rule(first, format!("-i {bridge} ! -o {bridge} -j {second}")),
            rule(second, format!("-o {bridge} -j DROP")),
        ];
    }
    let pair = |other: &String| {
        [
            rule(
                "DOCKER-ISOLATION",
                format!("-i {bridge} -o {other} -j DROP"),
            ),
            rule(
                "DOCKER-ISOLATION",
                format!("-i {other} -o {bridge} -j DROP"),
            ),
        ]
    };
    others.iter().flat_map(pair).collect()
}

/// The rules of a bridge in the chains below DOCKER-FORWARD.
fn chained(wall: &Wall) -> Vec<Rule> {
    let Wall { bridge, subnet, .. } = wall;
    let rule = |chain: &str, words| Rule::new(Filter, chain, End, words);
    if wall.internal {
        let verdict = if wall.icc { "ACCEPT" } else { "DROP" };
        return vec![
            rule(
                "DOCKER-INTERNAL",
                format!("! -s {subnet} -o {bridge} -j DROP"),
            ),
            rule(
                "DOCKER-INTERNAL",
                format!("! -d {subnet} -i {bridge} -j DROP"),
            ),
            rule(
                "DOCKER-FORWARD",
                format!("-i {bridge} -o {bridge} -j {verdict}"),
            ),
        ];
    }
    let mut rules = vec![
        rule("DOCKER-CT", format!("-o {bridge} {KNOWN} -j ACCEPT")),
        rule("DOCKER-BRIDGE", format!("-o {bridge} -j DOCKER")),
        rule("DOCKER", format!("! -i {bridge} -o {bridge} -j DROP")),
    ];
    if wall.icc {
        rules.push(rule("DOCKER-FORWARD", format!("-i {bridge} -j ACCEPT")));
    } else {
        rules.push(rule(
            "DOCKER-FORWARD",
            format!("-i {bridge} -o {bridge} -j DROP"),
        ));
        rules.push(rule(
            "DOCKER-FORWARD",
            format!("-i {bridge} ! -o {bridge} -j ACCEPT"),
        ));
    }
    rules
}

/// The rules of a published port of a container at `address` behind `bridge`.
pub fn port_rules(facts: &Facts, bridge: &str, address: IpAddr, bound: &Bound) -> Vec<Rule> {
    let Bound {
        proto,
        inside,
        outside,
        ..
    } = bound;
    let to = bound.address.filter(|ip| !ip.is_unspecified());
    let to = to.map_or_else(String::new, |ip| format!("-d {} ", alone(ip)));
    let target = SocketAddr::new(address, *inside);
    let dnat = format!(
        "{to}! -i {bridge} -p {proto} -m {proto} --dport {outside} -j DNAT --to-destination {target}"
    );
    let port = format!("-p {proto} -m {proto} --dport {inside}");
    let own = alone(address);
    let accept = format!("-d {own} ! -i {bridge} -o {bridge} {port} -j ACCEPT");
    let mut rules = vec![Rule::new(Nat, "DOCKER", End, dnat)];
    if facts.isolation == Isolation::Drops {
        rules.push(Rule::new(Filter, "DOCKER", Top, accept));
        if let Some(local) = bound.address.filter(IpAddr::is_loopback) {
            let words = format!(
                "-d {} ! -i lo -p {proto} -m {proto} --dport {outside} -j DROP",
                alone(local)
            );
            rules.push(Rule::new(Raw, "PREROUTING", End, words));
        }
    } else {
        rules.push(Rule::new(Filter, "DOCKER", End, accept));
        let words = format!("-s {own} -d {own} {port} -j MASQUERADE");
        rules.push(Rule::new(Nat, "POSTROUTING", End, words));
    }
    let family = family_of(address);
    rules.into_iter().map(|rule| rule.of(family)).collect()
}

/// One address as a net.
fn alone(address: IpAddr) -> IpNet {
    IpNet::from(address)
}

/// The family of an address.
pub fn family_of(address: IpAddr) -> Family {
    match address {
        IpAddr::V4(_) => Family::V4,
        IpAddr::V6(_) => Family::V6,
    }
}

/// The rules of one endpoint on a bridge: nobody else routes to it.
pub fn endpoint_rules(facts: &Facts, bridge: &str, address: IpAddr) -> Vec<Rule> {
    if facts.isolation != Isolation::Drops {
        return Vec::new();
    }
    let words = format!("-d {} ! -i {bridge} -j DROP", alone(address));
    vec![Rule::new(Raw, "PREROUTING", End, words).of(family_of(address))]
}

/// The rules of the first port that a swarm's service publishes, and those of this port.
pub fn ingress_rules(facts: &Facts, first: bool, proto: &str, port: u16, to: IpAddr) -> Vec<Rule> {
    let mut rules = Vec::new();
    if first {
        for chain in ["PREROUTING", "OUTPUT"] {
            let words = format!("{LOCAL} -j DOCKER-INGRESS");
            rules.push(Rule::new(Nat, chain, Top, words));
        }
        let words = "-o docker_gwbridge -m addrtype --src-type LOCAL -j MASQUERADE";
        rules.push(Rule::new(Nat, "POSTROUTING", Top, words));
        rules.push(Rule::new(Nat, "DOCKER-INGRESS", End, "-j RETURN"));
        rules.push(Rule::new(Filter, "DOCKER-INGRESS", End, "-j RETURN"));
        if facts.forward_chain {
            rules.push(Rule::new(
                Filter,
                "DOCKER-FORWARD",
                Top,
                "-j DOCKER-INGRESS",
            ));
        }
    }
    let matched = format!("-p {proto} -m {proto}");
    let dnat = format!("{matched} --dport {port} -j DNAT --to-destination {to}:{port}");
    rules.push(Rule::new(Nat, "DOCKER-INGRESS", Top, dnat));
    let back = format!("{matched} --sport {port} {KNOWN} -j ACCEPT");
    rules.push(Rule::new(Filter, "DOCKER-INGRESS", Top, back));
    let there = format!("{matched} --dport {port} -j ACCEPT");
    rules.push(Rule::new(Filter, "DOCKER-INGRESS", Top, there));
    rules
}

/// The rules in a container by which its name server is reached, and their chains.
pub fn resolver_rules(tcp: u16, udp: u16) -> Vec<Rule> {
    const SERVER: &str = "127.0.0.11";
    let rule = |chain: &str, words| Rule::new(Nat, chain, Top, words);
    let mut rules = vec![
        rule("OUTPUT", format!("-d {SERVER}/32 -j DOCKER_OUTPUT")),
        rule(
            "POSTROUTING",
            format!("-d {SERVER}/32 -j DOCKER_POSTROUTING"),
        ),
    ];
    for (proto, port) in [("udp", udp), ("tcp", tcp)] {
        let words = format!(
            "-d {SERVER}/32 -p {proto} -m {proto} --dport 53 -j DNAT --to-destination {SERVER}:{port}"
        );
        rules.push(rule("DOCKER_OUTPUT", words));
        let words =
            format!("-s {SERVER}/32 -p {proto} -m {proto} --sport {port} -j SNAT --to-source :53");
        rules.push(rule("DOCKER_POSTROUTING", words));
    }
    rules
}

/// The rules in a load balancer's namespace for a service.
pub fn balancer_rules(vip: IpAddr, mark: u32) -> Vec<Rule> {
    let words = format!("-d {vip}/32 -j MARK --set-xmark {mark:#x}/0xffffffff");
    vec![Rule::new(Mangle, "INPUT", End, words)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::docker::era::Era;

    fn wall(bridge: &str, subnet: &str) -> Wall {
        Wall {
            bridge: bridge.into(),
            family: Family::V4,
            subnet: subnet.into(),
            icc: true,
            masquerade: true,
            snat: None,
            internal: false,
        }
    }

    fn said(rules: &[Rule]) -> Vec<String> {
        rules.iter().map(Rule::to_string).collect()
    }

    #[test]
    fn article_drops_between_each_pair_of_bridges() {
        let rules = bridge_rules(
            Era::Article.facts(),
            &wall("b", "10.0.0.0/8"),
            &["a".into()],
        );
        let said = said(&rules);
        assert!(
            said.contains(&"-I DOCKER-ISOLATION -i b -o a -j DROP".to_owned()),
            "{said:?}"
        );
        assert!(said.contains(&"-I DOCKER-ISOLATION -i a -o b -j DROP".to_owned()));
    }

    #[test]
    fn internal_network_has_no_masquerade_in_any_era() {
        for era in [Era::Article, Era::Classic, Era::Current] {
            let mut wall = wall("b", "10.0.0.0/8");
            wall.internal = true;
            let said = said(&bridge_rules(era.facts(), &wall, &[]));
            assert!(
                !said.iter().any(|rule| rule.contains("MASQUERADE")),
                "{said:?}"
            );
            assert_eq!(said.len(), 3, "{said:?}");
        }
    }
}
