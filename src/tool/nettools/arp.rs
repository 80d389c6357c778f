//! `arp`: shows the neighbours of IPv4, sets and deletes them by the ioctls' rules (arp_ioctl).
//! Names are not resolved: there is no name service.

use std::net::{IpAddr, Ipv4Addr};

use crate::kernel::netlink::{NeighDump, NeighInfo, NeighNew, NeighRef};
use crate::netns::fib::RouteGet;
use crate::netns::neigh::{NeighFlags, Nud};
use crate::tool::getopt::{Opt, getopt};
use crate::tool::{Call, Failure, Outcome};
use crate::units::{Errno, IfIndex, MacAddr};

use super::{VERSION, resolve};

/// Runs `arp`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    answer(call, argv).unwrap_or_else(|failure| failure.report(call.console))
}

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Show,
    Set,
    Delete,
}

fn answer(call: &mut Call<'_>, argv: &[String]) -> Result<Outcome, Failure> {
    let (options, operands) = getopt(argv, "A:H:adfp:nsei:Dt:vhNV");
    let (mut verb, mut bsd, mut verbose, mut dev) = (Verb::Show, false, false, None);
    for option in &options {
        match option {
            Opt::Flag('a') => bsd = true,
            Opt::Flag('s') => verb = Verb::Set,
            Opt::Flag('d') => verb = Verb::Delete,
            Opt::Flag('v') => verbose = true,
            Opt::Value('i', name) => dev = Some(*name),
            Opt::Flag('V') => {
                call.console.out(VERSION);
                return Ok(Outcome::Exit(0));
            }
            Opt::Flag('f') => {
                let file = operands.first().copied().unwrap_or("/etc/ethers");
                let text = format_args!("arp: cannot open etherfile {file} !");
                return Err(Failure::line(255, text));
            }
            Opt::Flag('h') => return Err(usage("")),
            Opt::Bad(why) => return Err(usage(&format!("arp: {why}"))),
            Opt::Flag(_) | Opt::Value(..) => {}
        }
    }
    match verb {
        Verb::Show => show(call, operands.first().copied(), dev, bsd, verbose),
        Verb::Set => set(call, &operands, dev),
        Verb::Delete => delete(call, &operands, dev),
    }
}

fn usage(why: &str) -> Failure {
    Failure {
        stderr: format!(
            "{why}Usage:\n  arp [-vn]  [<HW>] [-i <if>] [-a] [<hostname>]             <-Display ARP cache\n  arp [-v]          [-i <if>] -d  <host> [pub]               <-Delete ARP entry\n  arp [-vnD] [<HW>] [-i <if>] -s  <host> <hwaddr> [temp]     <-Add entry\n"
        ),
        status: 255,
    }
}

/// The entries as `/proc/net/arp` has them: those that need no ARP are left out.
pub fn entries(call: &Call<'_>) -> Vec<NeighInfo> {
    let dump = NeighDump {
        v4: true,
        v6: false,
        ifindex: None,
        master: None,
        proxy: false,
    };
    let mut all = call.world.neigh_dump(call.netns, &dump);
    all.retain(|entry| entry.state != Nud::Noarp);
    all
}

fn show(
    call: &mut Call<'_>,
    host: Option<&str>,
    dev: Option<&str>,
    bsd: bool,
    verbose: bool,
) -> Result<Outcome, Failure> {
    let wanted = host.map(|host| resolve(host, 255)).transpose()?;
    let all = entries(call);
    let count = all.len();
    let meant: Vec<&NeighInfo> = all
        .iter()
        .filter(|entry| wanted.is_none_or(|addr| entry.addr == IpAddr::V4(addr)))
        .filter(|entry| dev.is_none_or(|dev| name(entry) == dev))
        .collect();
    let mut text = String::new();
    if !bsd && !meant.is_empty() {
        text.push_str(
            "Address                  HWtype  HWaddress           Flags Mask            Iface\n",
        );
    }
    for entry in &meant {
        text.push_str(&if bsd { bsd_line(entry) } else { line(entry) });
    }
    if verbose {
        let (skipped, found) = (count - meant.len(), meant.len());
        text.push_str(&format!(
            "Entries: {count}\tSkipped: {skipped}\tFound: {found}\n"
        ));
    }
    match (host, meant.is_empty()) {
        (Some(host), true) => {
            let addr = wanted.unwrap_or(Ipv4Addr::UNSPECIFIED);
            text.push_str(&format!("{host} ({addr}) -- no entry\n"));
        }
        (None, true) if dev.is_some() && count > 0 => {
            text.push_str(&format!("arp: in {count} entries no match found.\n"));
        }
        _ => {}
    }
    call.console.out(text);
    Ok(Outcome::Exit(0))
}

/// The name of an entry's device.
pub fn name(entry: &NeighInfo) -> String {
    entry
        .dev
        .map_or_else(|| "*".to_owned(), |dev| dev.to_string())
}

fn line(entry: &NeighInfo) -> String {
    let (addr, dev) = (entry.addr, name(entry));
    match known(entry) {
        Some(mac) => {
            let permanent = if entry.state == Nud::Permanent {
                "CM"
            } else {
                "C"
            };
            format!(
                "{addr:<23}  ether   {mac:<17}   {permanent:<5} {:<15} {dev}\n",
                ""
            )
        }
        None => format!(
            "{addr:<23}  {:<7} {:<17}   {:<5} {:<15} {dev}\n",
            "", "(incomplete)", "", ""
        ),
    }
}

fn bsd_line(entry: &NeighInfo) -> String {
    let (addr, dev) = (entry.addr, name(entry));
    match known(entry) {
        Some(mac) => {
            let permanent = if entry.state == Nud::Permanent {
                "PERM "
            } else {
                ""
            };
            format!("? ({addr}) at {mac} [ether] {permanent}on {dev}\n")
        }
        None => format!("? ({addr}) at <incomplete> on {dev}\n"),
    }
}

fn known(entry: &NeighInfo) -> Option<MacAddr> {
    entry.lladdr.filter(|_| entry.state.is_valid())
}

/// The device: the one that is named, or the one towards the address.
fn device(call: &mut Call<'_>, addr: Ipv4Addr, dev: Option<&str>) -> Result<IfIndex, Errno> {
    if let Some(dev) = dev {
        return call.world.ifindex(call.netns, dev).ok_or(Errno::Enodev);
    }
    let asked = RouteGet::to(addr.into());
    let route = call.world.route_get(call.netns, &asked);
    let route = route.map_err(|error| error.errno)?;
    route
        .nexthops
        .first()
        .map(|hop| hop.oif)
        .filter(|oif| *oif != 0)
        .ok_or(Errno::Enetunreach)
}

fn set(call: &mut Call<'_>, operands: &[&str], dev: Option<&str>) -> Result<Outcome, Failure> {
    let host = operands
        .first()
        .ok_or_else(|| Failure::line(255, "arp: need host name"))?;
    let addr = resolve(host, 255)?;
    let mac = operands
        .get(1)
        .ok_or_else(|| Failure::line(255, "arp: need hardware address"))?;
    let mac: MacAddr = mac
        .parse()
        .map_err(|_| Failure::line(255, "arp: invalid hardware address"))?;
    let rest = operands.get(2..).unwrap_or_default();
    if rest.contains(&"pub") {
        return Err(Failure::not_simulated(
            "arp -s .. pub (use `ip neigh add proxy`)",
        ));
    }
    let state = if rest.contains(&"temp") {
        Nud::Stale
    } else {
        Nud::Permanent
    };
    let failed = |errno: Errno| Failure::line(255, format_args!("SIOCSARP: {errno}"));
    let ifindex = device(call, addr, dev).map_err(failed)?;
    let new = NeighNew {
        ifindex: Some(ifindex),
        addr: addr.into(),
        lladdr: Some(mac.0.to_vec()),
        state,
        flags: NeighFlags::EMPTY,
        protocol: 0,
        create: true,
        excl: false,
        replace: true,
    };
    let added = call.world.neigh_add(call.netns, &new);
    added.map_err(|error| failed(error.errno))?;
    Ok(Outcome::Exit(0))
}

/// An entry that has been forgotten, or that is being asked for, is none (`arp_invalidate`).
fn delete(call: &mut Call<'_>, operands: &[&str], dev: Option<&str>) -> Result<Outcome, Failure> {
    let host = operands
        .first()
        .ok_or_else(|| Failure::line(255, "arp: need host name"))?;
    let addr = resolve(host, 255)?;
    let found = entries(call).into_iter().find(|entry| {
        entry.addr == IpAddr::V4(addr)
            && entry.state.is_valid()
            && dev.is_none_or(|dev| name(entry) == dev)
    });
    let old = found.map(|entry| NeighRef {
        ifindex: Some(entry.ifindex),
        addr: addr.into(),
        proxy: false,
    });
    let none = || Failure::line(255, format_args!("No ARP entry for {host}"));
    let deleted = call.world.neigh_delete(call.netns, &old.ok_or_else(none)?);
    deleted
        .map_err(|error| Failure::line(255, format_args!("SIOCDARP(dontpub): {}", error.errno)))?;
    Ok(Outcome::Exit(0))
}

#[cfg(test)]
mod tests {
    use crate::kernel::World;
    use crate::tool::Shell;

    #[test]
    fn entries_are_set_shown_and_deleted() {
        let mut world = World::new(0);
        let mut shell = Shell::new(&mut world);
        for line in [
            "ip link add va type veth peer name vb",
            "ip link set vb up",
            "ifconfig va 10.0.0.1/24",
            "arp -s 10.0.0.5 02:00:00:00:00:05",
        ] {
            let done = shell.run(line);
            assert_eq!(done.status, 0, "{line}: {}", done.stderr);
        }
        assert_eq!(
            shell.run("arp -n").stdout,
            "Address                  HWtype  HWaddress           Flags Mask            Iface\n10.0.0.5                 ether   02:00:00:00:00:05   CM                    va\n"
        );
        assert_eq!(
            shell.run("arp -an").stdout,
            "? (10.0.0.5) at 02:00:00:00:00:05 [ether] PERM on va\n"
        );
        assert_eq!(
            shell.run("arp -n 10.0.0.6").stdout,
            "10.0.0.6 (10.0.0.6) -- no entry\n"
        );
        assert_eq!(shell.run("arp -d 10.0.0.5").status, 0);
        let done = shell.run("arp -d 10.0.0.6");
        assert_eq!(
            (done.stderr.as_str(), done.status),
            ("No ARP entry for 10.0.0.6\n", 255)
        );
        let done = shell.run("arp -s 10.99.0.5 02:00:00:00:00:05");
        assert_eq!(done.stderr, "SIOCSARP: Network is unreachable\n");
    }
}
