//! The generations of Docker that differ in what they build and print, as data.
//! What follows from a difference is in the module that asks for it.

/// A generation of Docker, each standing for one release.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Era {
    /// 17.06, whose containers have the VIP of their service on `eth0`.
    Article,
    /// 24.0: load balancer sandboxes, isolation in two stages.
    Classic,
    /// 29: random MACs, no isolation chains.
    #[default]
    Current,
}

impl std::fmt::Display for Era {
    /// The word by which it is asked for.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Article => "article",
            Self::Classic => "classic",
            Self::Current => "current",
        })
    }
}

impl std::str::FromStr for Era {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "article" => Ok(Self::Article),
            "classic" => Ok(Self::Classic),
            "current" => Ok(Self::Current),
            _ => Err("article, classic or current".to_owned()),
        }
    }
}

/// Where the MAC address of a device comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MacFrom {
    /// `02:42` and the IPv4 address, or four random bytes where there is none yet.
    Docker,
    /// Six random bytes, local and unicast.
    Random,
}

/// Which free one of several is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Choice {
    /// The one after the last one taken.
    Next,
    /// The lowest one.
    Lowest,
}

/// Where the address of a service lives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VipPlace {
    /// On the device of the network in each of its containers.
    Containers,
    /// In a namespace of its own for each network and node.
    LoadBalancer,
}

/// How bridges are kept apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Isolation {
    /// A rule for each pair of bridges, in `DOCKER-ISOLATION`.
    Pairs,
    /// `DOCKER-ISOLATION-STAGE-1` and `-2`.
    Stages,
    /// The drop of each bridge in `DOCKER`.
    Drops,
}

/// What differs from era to era.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Facts {
    /// The release.
    pub version: &'static str,
    /// The version of its API.
    pub api: &'static str,
    /// The narrowest column of a table.
    pub column_min: usize,
    /// The MAC addresses of bridges.
    pub bridge_mac: MacFrom,
    /// The MAC addresses of containers on bridges, macvlans and the like; on overlays they are Docker's own.
    pub container_mac: MacFrom,
    /// Whether addresses get a broadcast address.
    pub broadcast: bool,
    /// Whether the container's end of a pair is made in its namespace.
    pub peer_made_inside: bool,
    /// Which number a device in a container gets.
    pub device_number: Choice,
    /// Which of the default subnets a new bridge network gets.
    pub local_subnet: Choice,
    /// The subnet of `ingress`; without one the first of the swarm's pool.
    pub ingress_subnet: Option<&'static str>,
    /// Where services have their addresses.
    pub vip: VipPlace,
    /// How bridges are kept apart.
    pub isolation: Isolation,
    /// Whether each rule chain of Docker's ends in `RETURN`.
    pub return_tails: bool,
    /// Whether the rules of bridges are in chains below `DOCKER-FORWARD`.
    pub forward_chain: bool,
    /// Whether `br_netfilter` is loaded at the start.
    pub br_netfilter: bool,
    /// Whether containers of an internal network have a default route.
    pub internal_gateway: bool,
    /// Whether a new bridge gets its mtu by name.
    pub bridge_mtu: bool,
    /// Whether `EnableIPv4` is shown.
    pub shows_ipv4: bool,
    /// Whether IPv6 is switched off for each device rather than for the namespace.
    pub ipv6_off_each: bool,
    /// Whether ping sockets and low ports are open to everybody in a container.
    pub open_sysctls: bool,
    /// Whether new endpoints announce their addresses.
    pub announces: bool,
    /// Whether IPv6 has the same chains and rules as IPv4.
    pub ip6tables: bool,
}

const ARTICLE: Facts = Facts {
    version: "17.06.2-ce",
    api: "1.30",
    column_min: 20,
    bridge_mac: MacFrom::Docker,
    container_mac: MacFrom::Docker,
    broadcast: false,
    peer_made_inside: false,
    device_number: Choice::Next,
    local_subnet: Choice::Next,
    ingress_subnet: Some("10.255.0.0/16"),
    vip: VipPlace::Containers,
    isolation: Isolation::Pairs,
    return_tails: true,
    forward_chain: false,
    br_netfilter: true,
    internal_gateway: true,
    bridge_mtu: false,
    shows_ipv4: false,
    ipv6_off_each: false,
    open_sysctls: false,
    announces: false,
    ip6tables: false,
};

const CLASSIC: Facts = Facts {
    version: "24.0.9",
    api: "1.43",
    column_min: 10,
    broadcast: true,
    ingress_subnet: None,
    vip: VipPlace::LoadBalancer,
    isolation: Isolation::Stages,
    open_sysctls: true,
    ..ARTICLE
};

const CURRENT: Facts = Facts {
    version: "29.7.2",
    api: "1.52",
    bridge_mac: MacFrom::Random,
    container_mac: MacFrom::Random,
    peer_made_inside: true,
    device_number: Choice::Lowest,
    local_subnet: Choice::Lowest,
    isolation: Isolation::Drops,
    return_tails: false,
    forward_chain: true,
    br_netfilter: false,
    internal_gateway: false,
    bridge_mtu: true,
    shows_ipv4: true,
    ipv6_off_each: true,
    announces: true,
    ip6tables: true,
    ..CLASSIC
};

impl Era {
    /// What is so in this era.
    pub const fn facts(self) -> &'static Facts {
        match self {
            Self::Article => &ARTICLE,
            Self::Classic => &CLASSIC,
            Self::Current => &CURRENT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eras_are_known_by_name_and_differ() {
        let eras = ["article", "classic", "current"].map(|name| name.parse::<Era>().unwrap());
        assert_eq!(eras, [Era::Article, Era::Classic, Era::Current]);
        assert!("modern".parse::<Era>().is_err());
        assert_ne!(eras[0].facts(), eras[1].facts());
        assert_eq!(eras[1].facts().column_min, 10);
        assert_eq!(eras[2].facts().vip, VipPlace::LoadBalancer);
    }
}
