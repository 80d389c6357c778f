//! `ifconfig`: shows interfaces, and changes one by the ioctls' rules (devinet_ioctl).
//! How an interface is printed is said in `interface`.

use std::net::{IpAddr, Ipv4Addr};

use crate::kernel::netlink::{AddrDelete, AddrInfo, AddrNew, IpNet, LinkChange, LinkRef, NlResult};
use crate::tool::ip::args::{Family, parse_prefix};
use crate::tool::{Call, Failure, Outcome, number};
use crate::units::{Errno, MacAddr};

use super::interface::{Interface, all, long, named, short};
use super::{VERSION, class_len, len_of, mask_of, resolve};

/// Runs `ifconfig`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let words: Vec<&str> = argv.iter().skip(1).map(String::as_str).collect();
    start(call, &words).unwrap_or_else(|failure| failure.report(call.console))
}

fn start(call: &mut Call<'_>, words: &[&str]) -> Result<Outcome, Failure> {
    let (mut everything, mut brief) = (false, false);
    let mut rest = words;
    while let Some((word, after)) = rest.split_first() {
        match *word {
            "-a" => everything = true,
            "-s" => brief = true,
            "-v" => {}
            "-V" | "--version" => {
                call.console.out(VERSION);
                return Ok(Outcome::Exit(0));
            }
            "-h" | "-?" | "--help" => return Err(usage(0)),
            word if word.starts_with('-') => {
                let text = format_args!("ifconfig: option `{word}' not recognised.\n{GIVES_USAGE}");
                return Err(Failure::line(1, text));
            }
            _ => break,
        }
        rest = after;
    }
    match rest.split_first() {
        None => Ok(show_all(call, everything, brief)),
        Some((name, [])) => show_one(call, name, brief),
        Some((name, changes)) => change(call, name, changes),
    }
}

const GIVES_USAGE: &str = "ifconfig: `--help' gives usage information.";

fn usage(status: u8) -> Failure {
    Failure {
        stderr: "Usage:
  ifconfig [-a] [-v] [-s] <interface> [[<AF>] <address>]
  [add <address>[/<prefixlen>]]
  [del <address>[/<prefixlen>]]
  [[-]broadcast [<address>]]
  [netmask <address>]
  [hw ether <address>]  [mtu <NN>]
  [[-]arp]  [[-]allmulti]
  [[-]multicast]  [[-]promisc]
  [txqueuelen <NN>]
  [name <newname>]
  [up|down] ...
"
        .to_owned(),
        status,
    }
}

/// The heading of the short form.
const SHORT: &str =
    "Iface      MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n";

fn show_all(call: &mut Call<'_>, everything: bool, brief: bool) -> Outcome {
    let mut text = if brief {
        SHORT.to_owned()
    } else {
        String::new()
    };
    for interface in all(call).iter().filter(|i| everything || i.is_up()) {
        text.push_str(&if brief {
            short(interface)
        } else {
            long(interface)
        });
    }
    call.console.out(text);
    Outcome::Exit(0)
}

fn show_one(call: &mut Call<'_>, name: &str, brief: bool) -> Result<Outcome, Failure> {
    let interface = named(call, name).ok_or_else(|| {
        let text = format_args!("{name}: error fetching interface information: Device not found");
        Failure::line(1, text)
    })?;
    call.console.out(match brief {
        true => format!("{SHORT}{}", short(&interface)),
        false => long(&interface),
    });
    Ok(Outcome::Exit(0))
}

/// The changes of one command line, made one after another as the words come.
struct Changer<'a> {
    name: &'a str,
    netmask: Option<Ipv4Addr>,
    status: i32,
}

fn change(call: &mut Call<'_>, name: &str, words: &[&str]) -> Result<Outcome, Failure> {
    let mut changer = Changer {
        name,
        netmask: None,
        status: 0,
    };
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        let done = changer.flag(call, word)
            || changer.value(call, word, &mut words)?
            || changer.address_word(call, word, &mut words)?;
        if !done {
            changer.address(call, word)?;
        }
    }
    if let Some(mask) = changer.netmask {
        let result = changer.set_netmask(call, mask);
        changer.check(call, "SIOCSIFNETMASK", result);
    }
    Ok(Outcome::Exit(changer.status))
}

impl Changer<'_> {
    fn device(&self) -> LinkRef {
        let device = self.name.split(':').next().unwrap_or(self.name);
        LinkRef::Name(device.to_owned())
    }

    fn interface(&self, call: &mut Call<'_>) -> NlResult<Interface> {
        named(call, self.name).ok_or_else(|| Errno::Enodev.into())
    }

    /// Says what failed, and notes the status.
    fn check(&mut self, call: &mut Call<'_>, what: &str, result: NlResult<()>) {
        if let Err(error) = result {
            call.console.err(format!("{what}: {}\n", error.errno));
            self.status |= 1;
        }
    }

    fn set(&mut self, call: &mut Call<'_>, what: &str, change: &LinkChange) {
        let result = call.world.link_set(call.netns, &self.device(), change);
        self.check(call, what, result);
    }

    fn flag(&mut self, call: &mut Call<'_>, word: &str) -> bool {
        let (on, name) = match word.strip_prefix('-') {
            Some(name) => (false, name),
            None => (true, word),
        };
        let mut change = LinkChange::default();
        match (name, on) {
            ("up", true) => change.up = Some(true),
            ("down", true) => change.up = Some(false),
            ("arp", on) => change.arp = Some(on),
            ("promisc", on) => change.promisc = Some(on),
            ("allmulti", on) => change.allmulticast = Some(on),
            ("multicast", on) => change.multicast = Some(on),
            ("trailers" | "dynamic", _) | ("inet" | "inet6", true) => return true,
            _ => return false,
        }
        self.set_flags(call, &change);
        true
    }

    /// An alias that goes down is an address that goes away.
    fn set_flags(&mut self, call: &mut Call<'_>, change: &LinkChange) {
        let Ok(interface) = self.interface(call) else {
            let name = self.name;
            call.console.err(format!(
                "{name}: ERROR while getting interface flags: No such device\n"
            ));
            self.status |= 255;
            return;
        };
        match (interface.is_alias(), interface.inet) {
            (true, Some(addr)) if change.up == Some(false) => {
                let result = delete(call, &addr);
                self.check(call, "SIOCSIFFLAGS", result);
            }
            (true, _) => {}
            (false, _) => self.set(call, "SIOCSIFFLAGS", change),
        }
    }

    /// Words with a value.
    fn value<'w>(
        &mut self,
        call: &mut Call<'_>,
        word: &str,
        rest: &mut impl Iterator<Item = &'w str>,
    ) -> Result<bool, Failure> {
        let mut change = LinkChange::default();
        let what = match word {
            "mtu" => {
                let value = rest.next().ok_or_else(|| usage(3))?;
                change.mtu = Some(number::u32_in(value, 10).unwrap_or(0));
                "SIOCSIFMTU"
            }
            "txqueuelen" => {
                let value = rest.next().ok_or_else(|| usage(3))?;
                change.txqlen = Some(number::u32_in(value, 0).unwrap_or(0));
                "SIOCSIFTXQLEN"
            }
            "hw" => {
                change.address = Some(hardware(rest)?);
                "SIOCSIFHWADDR"
            }
            "name" => {
                let value = rest.next().ok_or_else(|| usage(3))?;
                change.name = value.parse().ok();
                "SIOCSIFNAME"
            }
            "metric" | "mem_start" | "io_addr" | "irq" | "media" | "tunnel" | "outfill"
            | "keepalive" | "dstaddr" | "pointopoint" => {
                rest.next().ok_or_else(|| usage(3))?;
                return Ok(true);
            }
            _ => return Ok(false),
        };
        self.set(call, what, &change);
        Ok(true)
    }

    fn address_word<'w>(
        &mut self,
        call: &mut Call<'_>,
        word: &str,
        rest: &mut impl Iterator<Item = &'w str>,
    ) -> Result<bool, Failure> {
        match word {
            "netmask" => {
                let value = rest.next().ok_or_else(|| usage(3))?;
                let mask = match value.strip_prefix("0x") {
                    Some(hex) => u32::from_str_radix(hex, 16).unwrap_or(0).into(),
                    None => host(value)?,
                };
                self.netmask = Some(mask);
            }
            "broadcast" => {
                let value = rest.next().ok_or_else(|| usage(3))?;
                let broadcast = host(value)?;
                self.apply_netmask(call);
                let result = self.replace(call, |addr| addr.broadcast = Some(broadcast.into()));
                self.check(call, "SIOCSIFBRDADDR", result);
            }
            "-broadcast" | "-pointopoint" => {}
            "add" => {
                let value = rest.next().ok_or_else(|| usage(3))?;
                let result = self.add(call, value)?;
                self.check(call, "SIOCSIFADDR", result);
            }
            "del" => {
                let value = rest.next().ok_or_else(|| usage(3))?;
                let result = self.remove(call, value)?;
                self.check(call, "SIOCDIFADDR", result);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn apply_netmask(&mut self, call: &mut Call<'_>) {
        if let Some(mask) = self.netmask.take() {
            let result = self.set_netmask(call, mask);
            self.check(call, "SIOCSIFNETMASK", result);
        }
    }

    /// `ADDR` or `ADDR/LEN`: the address, with the mask of its class where none is given; the
    /// interface comes up.
    fn address(&mut self, call: &mut Call<'_>, word: &str) -> Result<(), Failure> {
        if word.contains(':') {
            let result = self.add(call, word)?;
            self.check(call, "SIOCSIFADDR", result);
            return Ok(());
        }
        let (text, len) = match word.split_once('/') {
            Some((text, len)) => (text, number::u8_in(len, 10).filter(|len| *len <= 32)),
            None => (word, None),
        };
        let addr = host(text)?;
        let result = self.set_address(call, addr);
        self.check(call, "SIOCSIFADDR", result);
        let up = LinkChange {
            up: Some(true),
            ..LinkChange::default()
        };
        self.set_flags(call, &up);
        if let Some(len) = len.filter(|_| self.status == 0) {
            self.netmask = Some(mask_of(len));
            self.apply_netmask(call);
        }
        Ok(())
    }

    fn set_address(&self, call: &mut Call<'_>, addr: Ipv4Addr) -> NlResult<()> {
        let interface = self.interface(call)?;
        if let Some(old) = &interface.inet {
            delete(call, old)?;
        }
        if addr.is_unspecified() {
            return Ok(());
        }
        let len = class_len(addr);
        let loopback = interface.link.loopback;
        let broadcast = (len < 31 && !loopback).then(|| broadcast_of(addr, len).into());
        self.insert(call, &interface, addr.into(), len, broadcast)
    }

    /// The mask, and the broadcast address where it was that of the old mask.
    fn set_netmask(&self, call: &mut Call<'_>, mask: Ipv4Addr) -> NlResult<()> {
        let len = len_of(mask).ok_or(Errno::Einval)?;
        self.replace(call, |addr| {
            if let IpAddr::V4(local) = addr.local {
                let old = Some(broadcast_of(local, addr.prefix_len).into());
                if len < 31 && addr.broadcast == old {
                    addr.broadcast = Some(broadcast_of(local, len).into());
                }
            }
            addr.prefix_len = len;
        })
    }

    /// Takes the interface's address off and puts it on again, changed.
    fn replace(&self, call: &mut Call<'_>, edit: impl FnOnce(&mut AddrInfo)) -> NlResult<()> {
        let interface = self.interface(call)?;
        let Some(mut addr) = interface.inet.clone() else {
            return Err(Errno::Eaddrnotavail.into());
        };
        let old = addr.clone();
        edit(&mut addr);
        if addr == old {
            return Ok(());
        }
        delete(call, &old)?;
        self.insert(
            call,
            &interface,
            addr.local,
            addr.prefix_len,
            addr.broadcast,
        )
    }

    fn insert(
        &self,
        call: &mut Call<'_>,
        interface: &Interface,
        addr: IpAddr,
        len: u8,
        broadcast: Option<IpAddr>,
    ) -> NlResult<()> {
        let local = IpNet::new(addr, len).map_err(|_| Errno::Einval)?;
        let new = AddrNew {
            broadcast,
            label: addr.is_ipv4().then(|| interface.name.clone()),
            scope: if addr.is_loopback() { 254 } else { 0 },
            ..AddrNew::new(interface.link.ifindex, local)
        };
        call.world.addr_add(call.netns, &new)
    }

    /// `add`: an IPv6 address, or an IPv4 address on a new alias.
    fn add(&self, call: &mut Call<'_>, word: &str) -> Result<NlResult<()>, Failure> {
        if word.contains(':') {
            let Some(net) = ipv6(word) else {
                return Err(unknown(word));
            };
            return Ok(self.interface(call).and_then(|interface| {
                self.insert(call, &interface, net.addr(), net.prefix_len(), None)
            }));
        }
        let addr = host(word)?;
        let used: Vec<String> = all(call).into_iter().map(|i| i.name).collect();
        let names = (0..256).map(|n| format!("{}:{n}", self.name));
        let free = names.into_iter().find(|name| !used.contains(name));
        let alias = Changer {
            name: free.as_deref().unwrap_or(self.name),
            netmask: None,
            status: 0,
        };
        Ok(alias.set_address(call, addr))
    }

    fn remove(&self, call: &mut Call<'_>, word: &str) -> Result<NlResult<()>, Failure> {
        let wanted: IpAddr = match ipv6(word) {
            Some(net) => net.addr(),
            None => host(word)?.into(),
        };
        let interface = match self.interface(call) {
            Ok(interface) => interface,
            Err(error) => return Ok(Err(error)),
        };
        let addrs = call.world.addrs(call.netns);
        let found = addrs
            .iter()
            .find(|addr| addr.ifindex == interface.link.ifindex && addr.local == wanted);
        Ok(match found {
            Some(addr) => delete(call, addr),
            None => Err(Errno::Eaddrnotavail.into()),
        })
    }
}

fn ipv6(word: &str) -> Option<IpNet> {
    let prefix = parse_prefix(word, Family::Inet6)?;
    IpNet::new(prefix.addr?, prefix.len).ok()
}

fn broadcast_of(addr: Ipv4Addr, len: u8) -> Ipv4Addr {
    (u32::from(addr) | !u32::from(mask_of(len))).into()
}

fn delete(call: &mut Call<'_>, addr: &AddrInfo) -> NlResult<()> {
    let old = AddrDelete {
        ifindex: addr.ifindex,
        local: IpNet::new(addr.local, addr.prefix_len).map_err(|_| Errno::Einval)?,
        peer: (addr.address != addr.local).then_some(addr.address),
        label: addr.label.clone(),
    };
    call.world.addr_del(call.netns, &old)
}

/// `hw ether MAC`.
fn hardware<'w>(rest: &mut impl Iterator<Item = &'w str>) -> Result<MacAddr, Failure> {
    let class = rest.next().ok_or_else(|| usage(3))?;
    if class != "ether" {
        return Err(Failure::line(
            1,
            format_args!("hw address type `{class}' has no handler to set address. failed."),
        ));
    }
    let text = rest.next().ok_or_else(|| usage(3))?;
    let wrong = || Failure::line(1, format_args!("{text}: invalid ether address."));
    text.parse().map_err(|_| wrong())
}

/// An address as an argument, with the word for how help is had.
fn host(text: &str) -> Result<Ipv4Addr, Failure> {
    resolve(text, 1).map_err(|failure| Failure {
        stderr: format!("{}{GIVES_USAGE}\n", failure.stderr),
        ..failure
    })
}

fn unknown(text: &str) -> Failure {
    Failure::line(1, format_args!("{text}: Unknown host\n{GIVES_USAGE}"))
}

#[cfg(test)]
mod tests {
    use crate::kernel::World;
    use crate::tool::Shell;

    #[test]
    fn an_address_has_the_mask_of_its_class_and_brings_the_device_up() {
        let mut world = World::new(0);
        let mut shell = Shell::new(&mut world);
        for line in [
            "ip link add va address 02:00:00:00:00:01 type veth peer name vb",
            "ifconfig va 10.0.0.1",
            "ifconfig va:1 192.168.7.1 netmask 255.255.255.128",
        ] {
            assert_eq!(shell.run(line).status, 0, "{line}");
        }
        assert_eq!(
            shell.run("ifconfig va").stdout,
            "va: flags=4099<UP,BROADCAST,MULTICAST>  mtu 1500\n        inet 10.0.0.1  netmask 255.0.0.0  broadcast 10.255.255.255\n        ether 02:00:00:00:00:01  txqueuelen 1000  (Ethernet)\n        RX packets 0  bytes 0 (0.0 B)\n        RX errors 0  dropped 0  overruns 0  frame 0\n        TX packets 0  bytes 0 (0.0 B)\n        TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0\n\n"
        );
        let alias = shell.run("ifconfig va:1").stdout;
        assert!(
            alias.contains("inet 192.168.7.1  netmask 255.255.255.128  broadcast 192.168.7.127\n"),
            "{alias}"
        );
        assert_eq!(shell.run("ifconfig va:1 down").status, 0);
        assert!(!shell.run("ip addr").stdout.contains("192.168.7.1"));
    }

    #[test]
    fn what_fails_is_said_as_the_ioctl_is_called() {
        let mut world = World::new(0);
        let mut shell = Shell::new(&mut world);
        let done = shell.run("ifconfig nosuch up");
        assert_eq!(done.status, 255);
        assert_eq!(
            done.stderr,
            "nosuch: ERROR while getting interface flags: No such device\n"
        );
        let done = shell.run("ifconfig nosuch");
        assert_eq!(
            done.stderr,
            "nosuch: error fetching interface information: Device not found\n"
        );
        assert_eq!(
            shell.run("ifconfig lo hw ether foo").stderr,
            "foo: invalid ether address.\n"
        );
        assert_eq!(shell.run("ifconfig lo netmask").status, 3);
    }
}
