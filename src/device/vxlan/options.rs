//! What `ip link add type vxlan` asks for, and what a device is set to (`struct vxlan_config`).
//! Other devices of the namespace are not known here: what depends on them is the caller's to check.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::device::bridge::Refusal;
use crate::units::{Errno, IfIndex, Vni};

use super::flags::{Flags, SWITCHES};

/// Options of a VXLAN device; only what is given is changed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[expect(
    missing_docs,
    reason = "each is named as the word that `ip link add type vxlan` takes"
)]
pub struct VxlanOptions {
    pub id: Option<Vni>,
    pub remote: Option<IpAddr>,
    pub group: Option<IpAddr>,
    pub local: Option<IpAddr>,
    pub dev: Option<IfIndex>,
    pub dstport: Option<u16>,
    pub srcport: Option<(u16, u16)>,
    /// 0 is auto; nothing with `ttl_inherit`.
    pub ttl: Option<u8>,
    pub ttl_inherit: Option<bool>,
    /// 1 is inherit.
    pub tos: Option<u8>,
    pub df: Option<u8>,
    pub flowlabel: Option<u32>,
    pub learning: Option<bool>,
    pub proxy: Option<bool>,
    pub rsc: Option<bool>,
    pub l2miss: Option<bool>,
    pub l3miss: Option<bool>,
    pub ageing: Option<u32>,
    pub maxaddress: Option<u32>,
    pub udpcsum: Option<bool>,
    pub udp6zerocsumtx: Option<bool>,
    pub udp6zerocsumrx: Option<bool>,
    pub remcsumtx: Option<bool>,
    pub remcsumrx: Option<bool>,
    pub external: Option<bool>,
    pub vnifilter: Option<bool>,
    pub gbp: Option<bool>,
    pub gpe: Option<bool>,
}

/// Linux's own port, which is older than IANA's.
const PORT_DEFAULT: u16 = 8472;
/// Seconds that an entry lives without being heard of (`FDB_AGE_DEFAULT`).
const AGEING_DEFAULT: u32 = 300;

/// When the outer packet may not be fragmented.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Df {
    /// It may.
    #[default]
    Unset,
    /// Never.
    Set,
    /// Where the inner packet may not, and around IPv6.
    Inherit,
}

/// What a device is set to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// Its network; 0 for a device of many (`external`).
    pub vni: Vni,
    /// Where frames go that have no entry: a VTEP, a group, or unspecified.
    pub remote: IpAddr,
    /// Where packets leave from; unspecified leaves the choice to the route.
    pub local: IpAddr,
    /// The number of the device below, in the namespace of the socket; 0 for none.
    pub ifindex: IfIndex,
    /// The UDP port, here and there.
    pub port: u16,
    /// The range of source ports; (0, 0) for that of all sockets.
    pub source_ports: (u16, u16),
    /// Time to live, 0 for that of all packets.
    pub ttl: u8,
    /// Type of service, 1 for that of the inner packet.
    pub tos: u8,
    /// The flow label of IPv6.
    pub label: u32,
    /// Fragments of the outer packet.
    pub df: Df,
    /// Seconds that a learned entry lives.
    pub ageing_s: u32,
    /// Entries at most, 0 for any number.
    pub addresses_max: u32,
    /// All that is on or off.
    pub flags: Flags,
}

fn refuse<T>(errno: Errno, text: &'static str) -> Result<T, Refusal> {
    Err(Refusal {
        errno,
        extack: Some(text),
    })
}

fn cannot<T>(text: &'static str) -> Result<T, Refusal> {
    refuse(Errno::Eopnotsupp, text)
}

impl Config {
    /// What a new device is set to (`vxlan_nl2conf`, `vxlan_config_validate`).
    ///
    /// # Errors
    /// As the kernel's, for what does not fit together.
    pub fn new(options: &VxlanOptions) -> Result<Self, Refusal> {
        let v4 = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let remote = options.group.or(options.remote);
        let like = |other: Option<IpAddr>| match other {
            Some(IpAddr::V6(_)) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
            Some(IpAddr::V4(_)) | None => v4,
        };
        let mut flags = Flags::UDP_CSUM.with(Flags::LEARN);
        for (flag, _, given) in SWITCHES {
            if let Some(on) = given(options) {
                flags.set(*flag, on);
            }
        }
        let mut config = Self {
            vni: options.id.or(Vni::new(0)).expect("0 has 24 bits"),
            remote: remote.unwrap_or_else(|| like(options.local)),
            local: options.local.unwrap_or_else(|| like(remote)),
            ifindex: options.dev.unwrap_or(0),
            port: options.dstport.unwrap_or(PORT_DEFAULT),
            source_ports: options.srcport.unwrap_or((0, 0)),
            ttl: 0,
            tos: 0,
            label: 0,
            df: Df::Unset,
            ageing_s: AGEING_DEFAULT,
            addresses_max: options.maxaddress.unwrap_or(0),
            flags,
        };
        config.take_header(options);
        config.check()?;
        Ok(config)
    }

    /// What can be changed later too.
    fn take_header(&mut self, options: &VxlanOptions) {
        self.ttl = options.ttl.unwrap_or(self.ttl);
        self.tos = options.tos.unwrap_or(self.tos);
        self.label = options.flowlabel.unwrap_or(self.label);
        self.df = match options.df {
            Some(1) => Df::Set,
            Some(2) => Df::Inherit,
            Some(_) => Df::Unset,
            None => self.df,
        };
        self.ageing_s = match options.ageing {
            Some(0) => AGEING_DEFAULT,
            Some(ageing) => ageing,
            None => self.ageing_s,
        };
    }

    /// What the device is set to after a change (`vxlan_changelink`).
    ///
    /// # Errors
    /// As the kernel's: most things stay as they were made.
    pub fn changed(&self, options: &VxlanOptions) -> Result<Self, Refusal> {
        let mut config = self.clone();
        if options.id.is_some_and(|id| id != self.vni) {
            return cannot("Cannot change VNI");
        }
        let other = |new: IpAddr, old: IpAddr| new.is_ipv6() != old.is_ipv6();
        if let Some(remote) = options.group.or(options.remote) {
            if other(remote, self.remote) {
                return cannot("New group address family does not match old group");
            }
            config.remote = remote;
        }
        if let Some(local) = options.local {
            if other(local, self.local) {
                return cannot("New local address family does not match old");
            }
            config.local = local;
        }
        config.ifindex = options.dev.unwrap_or(self.ifindex);
        for (flag, text, given) in SWITCHES {
            match given(options) {
                Some(on) if *flag == Flags::LEARN => config.flags.set(*flag, on),
                Some(_) => return cannot(text),
                None => {}
            }
        }
        for (given, text) in [
            (options.maxaddress.is_some(), "Cannot change limit"),
            (options.srcport.is_some(), "Cannot change port range"),
            (options.dstport.is_some(), "Cannot change port"),
        ] {
            if given {
                return cannot(text);
            }
        }
        config.take_header(options);
        config.check()?;
        Ok(config)
    }

    /// What has to fit together, whatever else there is.
    fn check(&mut self) -> Result<(), Refusal> {
        if self.source_ports.1 < self.source_ports.0 {
            return refuse(Errno::Einval, "Invalid source port range");
        }
        if self.local.is_ipv6() != self.remote.is_ipv6() {
            let text = "Local and remote address must be from the same family";
            return refuse(Errno::Einval, text);
        }
        if self.local.is_multicast() {
            return refuse(Errno::Einval, "Local address cannot be multicast");
        }
        self.flags.set(Flags::IPV6, self.local.is_ipv6());
        self.check_scopes()?;
        if self.label != 0 && !self.is_v6() {
            let text = "Label attribute only applies to IPv6 VXLAN devices";
            return refuse(Errno::Einval, text);
        }
        if self.ifindex != 0 {
            return Ok(());
        }
        if self.remote.is_multicast() {
            let text = "Local interface required for multicast remote destination";
            return refuse(Errno::Einval, text);
        }
        if self.flags.has(Flags::IPV6_LINKLOCAL) {
            let text = "Local interface required for link-local local/remote addresses";
            return refuse(Errno::Einval, text);
        }
        Ok(())
    }

    /// Link-local addresses of IPv6 are on one link both, or none is.
    fn check_scopes(&mut self) -> Result<(), Refusal> {
        let (IpAddr::V6(local), IpAddr::V6(remote)) = (self.local, self.remote) else {
            return Ok(());
        };
        if self.is_external() {
            return Ok(());
        }
        let near = remote.is_unicast_link_local()
            || (remote.is_multicast() && remote.octets()[1] & 0x0f == 2);
        let fits = match local.is_unicast_link_local() {
            true => near || remote.is_unspecified(),
            false => !remote.is_unicast_link_local(),
        };
        if !fits {
            let text = "Invalid combination of local and remote address scopes";
            return refuse(Errno::Einval, text);
        }
        self.flags
            .set(Flags::IPV6_LINKLOCAL, local.is_unicast_link_local());
        Ok(())
    }

    /// Whether the tunnel is of IPv6.
    pub fn is_v6(&self) -> bool {
        self.flags.has(Flags::IPV6)
    }

    /// Whether it is a device of many networks (`VXLAN_F_COLLECT_METADATA`).
    pub fn is_external(&self) -> bool {
        self.flags.has(Flags::EXTERNAL)
    }

    /// Bytes that a frame grows by, without its outer Ethernet header (`vxlan_headroom`): the inner
    /// Ethernet header counts, since an mtu does not.
    pub fn headroom(&self) -> u32 {
        if self.is_v6() { 70 } else { 50 }
    }

    /// Whether a second device like this one could not be told from it (`vxlan_vni_in_use`).
    pub fn collides_with(&self, other: &Self) -> bool {
        self.vni == other.vni
            && !self.flags.has(Flags::VNIFILTER)
            && self.shares_door_with(other)
            && (!self.flags.has(Flags::IPV6_LINKLOCAL) || self.ifindex == other.ifindex)
    }

    /// Whether packets of both come in by the same socket.
    pub fn shares_door_with(&self, other: &Self) -> bool {
        let port = |config: &Self| (config.port, config.flags.received_by(), config.is_v6());
        port(self) == port(other)
    }

    /// The options as a dump tells them: every one set.
    pub fn told(&self) -> VxlanOptions {
        let on = |flag| Some(self.flags.has(flag));
        let group = self.remote.is_multicast();
        VxlanOptions {
            id: Some(self.vni),
            remote: Some(self.remote).filter(|_| !group),
            group: Some(self.remote).filter(|_| group),
            local: Some(self.local),
            dev: Some(self.ifindex),
            dstport: Some(self.port),
            srcport: Some(self.source_ports),
            ttl: Some(self.ttl),
            ttl_inherit: on(Flags::TTL_INHERIT),
            tos: Some(self.tos),
            df: Some(match self.df {
                Df::Unset => 0,
                Df::Set => 1,
                Df::Inherit => 2,
            }),
            flowlabel: Some(self.label),
            learning: on(Flags::LEARN),
            proxy: on(Flags::PROXY),
            rsc: on(Flags::RSC),
            l2miss: on(Flags::L2MISS),
            l3miss: on(Flags::L3MISS),
            ageing: Some(self.ageing_s),
            maxaddress: Some(self.addresses_max),
            udpcsum: on(Flags::UDP_CSUM),
            udp6zerocsumtx: on(Flags::ZERO_CSUM6_TX),
            udp6zerocsumrx: on(Flags::ZERO_CSUM6_RX),
            remcsumtx: on(Flags::REMCSUM_TX),
            remcsumrx: on(Flags::REMCSUM_RX),
            external: on(Flags::EXTERNAL),
            vnifilter: on(Flags::VNIFILTER),
            gbp: on(Flags::GBP),
            gpe: on(Flags::GPE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> VxlanOptions {
        VxlanOptions {
            id: Vni::new(42),
            dstport: Some(4789),
            ..VxlanOptions::default()
        }
    }

    fn text(result: Result<Config, Refusal>) -> &'static str {
        result.unwrap_err().extack.unwrap_or("")
    }

    #[test]
    fn a_device_of_an_id_alone_has_the_defaults_of_linux() {
        let only = VxlanOptions {
            dstport: None,
            ..options()
        };
        let told = Config::new(&only).unwrap().told();
        assert_eq!((told.dstport, told.ageing), (Some(8472), Some(300)));
        assert_eq!((told.learning, told.udpcsum), (Some(true), Some(true)));
        assert_eq!((told.ttl, told.proxy), (Some(0), Some(false)));
    }

    #[test]
    fn addresses_of_two_families_and_labels_of_ipv4_are_refused() {
        let mixed = VxlanOptions {
            local: Some([10, 0, 0, 1].into()),
            remote: Some(Ipv6Addr::LOCALHOST.into()),
            ..options()
        };
        assert!(text(Config::new(&mixed)).starts_with("Local and remote"));
        let label = VxlanOptions {
            flowlabel: Some(7),
            ..options()
        };
        assert!(text(Config::new(&label)).starts_with("Label attribute"));
        let group = VxlanOptions {
            group: Some([239, 1, 1, 1].into()),
            ..options()
        };
        assert!(text(Config::new(&group)).starts_with("Local interface required for multicast"));
    }

    #[test]
    fn what_was_made_stays_but_for_a_few_things() {
        let config = Config::new(&options()).unwrap();
        let change = |options: VxlanOptions| config.changed(&options);
        let nothing = VxlanOptions::default();
        let later = change(VxlanOptions {
            ttl: Some(9),
            ageing: Some(0),
            learning: Some(false),
            ..nothing.clone()
        });
        let later = later.unwrap();
        assert_eq!((later.ttl, later.ageing_s), (9, 300));
        assert!(!later.flags.has(Flags::LEARN));
        for (options, refusal) in [
            (
                VxlanOptions {
                    id: Vni::new(43),
                    ..nothing.clone()
                },
                "Cannot change VNI",
            ),
            (
                VxlanOptions {
                    dstport: Some(1),
                    ..nothing.clone()
                },
                "Cannot change port",
            ),
            (
                VxlanOptions {
                    proxy: Some(true),
                    ..nothing.clone()
                },
                "vxlan: cannot change PROXY flag",
            ),
            (
                VxlanOptions {
                    srcport: Some((5, 6)),
                    ..nothing.clone()
                },
                "Cannot change port range",
            ),
        ] {
            assert_eq!(text(change(options)), refusal);
        }
    }

    #[test]
    fn two_devices_of_one_network_collide_on_one_port_only() {
        let config = |port, id| {
            Config::new(&VxlanOptions {
                dstport: Some(port),
                id: Vni::new(id),
                ..options()
            })
            .unwrap()
        };
        assert!(config(4789, 1).collides_with(&config(4789, 1)));
        assert!(!config(4789, 1).collides_with(&config(4790, 1)));
        assert!(!config(4789, 1).collides_with(&config(4789, 2)));
    }
}
