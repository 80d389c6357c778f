//! `route`: shows the main table, and adds and deletes routes by the ioctls' rules (rtentry_to_fib_config).
//! Other tables are `ip route`'s.

use std::net::{IpAddr, Ipv4Addr};

use crate::kernel::netlink::{IpNet, NlResult};
use crate::netns::fib::{
    DumpFilter, Metric, NewFlags, Nexthop, NexthopConfig, RouteConfig, RouteInfo, RouteType, scope,
    table,
};
use crate::tool::{Call, Failure, Outcome, number};
use crate::units::Errno;

use super::{VERSION, len_of, mask_of, resolve};

/// How a route is listed: as `route` does, as `netstat -r` does, or both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Columns {
    /// Metric, references, use.
    Route,
    /// MSS, window, round trip.
    Netstat,
    /// All of them.
    Both,
}

/// Runs `route`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let words: Vec<&str> = argv.iter().skip(1).map(String::as_str).collect();
    start(call, &words).unwrap_or_else(|failure| failure.report(call.console))
}

fn start(call: &mut Call<'_>, words: &[&str]) -> Result<Outcome, Failure> {
    let (mut numeric, mut extended) = (false, 0);
    let mut rest = words;
    while let Some((word, after)) = rest.split_first() {
        match *word {
            "-n" | "--numeric" | "-N" => numeric = true,
            "-e" | "--extend" => extended += 1,
            "-ee" => extended += 2,
            "-ne" | "-en" => (numeric, extended) = (true, extended + 1),
            "-v" | "--verbose" | "-F" | "--fib" | "-4" | "--inet" => {}
            "-V" | "--version" => {
                call.console.out(VERSION);
                return Ok(Outcome::Exit(0));
            }
            "-6" | "--inet6" | "-A" => {
                return Err(Failure::not_simulated("route of IPv6 (use `ip -6 route`)"));
            }
            "-C" | "--cache" => return Err(Failure::not_simulated("route -C")),
            "-h" | "--help" => return Err(usage(4)),
            word if word.starts_with('-') && word.len() > 1 => {
                let letter = word.get(1..).unwrap_or_default();
                let mut failure = usage(3);
                let why = format!("route: invalid option -- '{letter}'\n");
                failure.stderr.insert_str(0, &why);
                return Err(failure);
            }
            _ => break,
        }
        rest = after;
    }
    match rest {
        [] => {
            let columns = match extended {
                0 => Columns::Route,
                1 => Columns::Netstat,
                _ => Columns::Both,
            };
            let text = list(call, numeric, columns)?;
            call.console.out(text);
            Ok(Outcome::Exit(0))
        }
        ["add", words @ ..] => change(call, true, words),
        ["del" | "delete", words @ ..] => change(call, false, words),
        ["flush", ..] => {
            let mut failure = inet_usage(3);
            failure
                .stderr
                .insert_str(0, "Flushing `inet' routing table not supported\n");
            Err(failure)
        }
        _ => Err(usage(3)),
    }
}

fn usage(status: u8) -> Failure {
    Failure {
        stderr: "Usage: route [-nNvee] [-FC] [<AF>]           List kernel routing tables
       route [-v] [-FC] {add|del|flush} ...  Modify routing table for AF.

       route {-h|--help} [<AF>]              Detailed usage syntax for specified AF.
       route {-V|--version}                  Display version/author and exit.
"
        .to_owned(),
        status,
    }
}

fn inet_usage(status: u8) -> Failure {
    Failure {
        stderr:
            "Usage: inet_route [-vF] del {-host|-net} Target[/prefix] [gw Gw] [metric M] [[dev] If]
       inet_route [-vF] add {-host|-net} Target[/prefix] [gw Gw] [metric M]
                              [netmask N] [mss Mss] [window W] [irtt I]
                              [mod] [dyn] [reinstate] [[dev] If]
       inet_route [-vF] add {-host|-net} Target[/prefix] [metric M] reject
       inet_route [-FC] flush      NOT supported
"
            .to_owned(),
        status,
    }
}

/// The main table of IPv4 as `/proc/net/route` has it.
///
/// # Errors
/// None but those of the dump.
pub fn list(call: &mut Call<'_>, numeric: bool, columns: Columns) -> Result<String, Failure> {
    let routes = listed(call);
    let heading = match columns {
        Columns::Route => "Flags Metric Ref    Use Iface\n",
        Columns::Netstat => "Flags   MSS Window  irtt Iface\n",
        Columns::Both => "Flags Metric Ref    Use Iface    MSS   Window irtt\n",
    };
    let mut text = format!(
        "Kernel IP routing table\nDestination     Gateway         Genmask         {heading}"
    );
    for route in &routes {
        text.push_str(&line(call, route, numeric, columns));
    }
    Ok(text)
}

/// The routes of the main table of IPv4 that are listed.
pub fn listed(call: &mut Call<'_>) -> Vec<RouteInfo> {
    let filter = DumpFilter {
        v6: Some(false),
        table: Some(table::MAIN),
    };
    let routes = call.world.route_dump(call.netns, filter);
    let mut routes = routes.unwrap_or_default();
    routes.retain(|route| !matches!(route.kind, RouteType::Broadcast | RouteType::Multicast));
    routes
}

/// Whether packets are refused by a route (`RTF_REJECT`).
pub fn is_refusing(route: &RouteInfo) -> bool {
    matches!(route.kind, RouteType::Unreachable | RouteType::Prohibit)
}

fn line(call: &Call<'_>, route: &RouteInfo, numeric: bool, columns: Columns) -> String {
    let hop = route.nexthops.first();
    let reject = is_refusing(route);
    let dev = hop.filter(|hop| hop.oif != 0);
    let dev = dev.and_then(|hop| call.world.ifname(call.netns, hop.oif));
    let dev = match dev {
        _ if reject => "-".to_owned(),
        Some(name) => name.to_string(),
        None => "*".to_owned(),
    };
    let dst = match route.dst.addr() {
        addr if addr.is_unspecified() && !numeric && route.dst.prefix_len() == 0 => {
            "default".to_owned()
        }
        addr => addr.to_string(),
    };
    let gateway = match hop.and_then(|hop| hop.gateway) {
        _ if reject => "-".to_owned(),
        Some(IpAddr::V4(gateway)) => gateway.to_string(),
        _ => Ipv4Addr::UNSPECIFIED.to_string(),
    };
    let mask = mask_of(route.dst.prefix_len()).to_string();
    let flags = flags(route, hop, reject);
    let head = format!("{dst:<15} {gateway:<15} {mask:<15} {flags:<5} ");
    let metric = route.metric.unwrap_or(0);
    let of = |name: Metric| route.metrics.value(name).unwrap_or(0);
    let mss = of(Metric::AdvMss);
    let mss = if mss == 0 { 0 } else { mss + 40 };
    let (window, irtt) = (of(Metric::Window), of(Metric::Rtt) / 8);
    match columns {
        Columns::Route if reject => format!("{head}{metric:<6} -  {:>7} {dev}\n", 0),
        Columns::Route => format!("{head}{metric:<6} {:<2} {:>7} {dev}\n", 0, 0),
        Columns::Netstat if reject => format!("{head}    - -          - {dev}\n"),
        Columns::Netstat => format!("{head}{mss:>5} {window:<5}  {irtt:>5} {dev}\n"),
        Columns::Both => format!(
            "{head}{metric:<6} {:<2} {:>7} {dev:<8} {mss:<5} {window:<6} {irtt}\n",
            0, 0
        ),
    }
}

/// `UGH` and the like; `!` where packets are refused.
fn flags(route: &RouteInfo, hop: Option<&Nexthop>, reject: bool) -> String {
    let mut flags = if reject { "!" } else { "U" }.to_owned();
    if hop.is_some_and(|hop| hop.gateway.is_some()) {
        flags.push('G');
    }
    if route.dst.prefix_len() == 32 {
        flags.push('H');
    }
    flags
}

/// What the words of `add` and `del` say.
#[derive(Default)]
struct Words<'a> {
    /// `-net` (true) or `-host` (false).
    net: Option<bool>,
    target: Option<&'a str>,
    netmask: Option<Ipv4Addr>,
    gateway: Option<Ipv4Addr>,
    metric: u32,
    mss: u32,
    window: u32,
    irtt: u32,
    reject: bool,
    dev: Option<&'a str>,
}

fn change(call: &mut Call<'_>, add: bool, words: &[&str]) -> Result<Outcome, Failure> {
    let mut parsed = Words::default();
    let mut rest = words.iter().copied();
    while let Some(word) = rest.next() {
        parsed.word(word, &mut rest)?;
    }
    let target = parsed.target.ok_or_else(|| inet_usage(0))?;
    let (name, result) = match parsed.config(call, target, add)? {
        Ok(config) if add => ("SIOCADDRT", insert(call, &config)),
        Ok(config) => ("SIOCDELRT", call.world.route_delete(call.netns, &config)),
        Err(errno) if add => ("SIOCADDRT", Err(errno.into())),
        Err(errno) => ("SIOCDELRT", Err(errno.into())),
    };
    match result {
        Ok(()) => Ok(Outcome::Exit(0)),
        Err(error) => Err(Failure::line(7, format_args!("{name}: {}", error.errno))),
    }
}

/// A route that is there already in every detail is refused; another to the same place is not.
fn insert(call: &mut Call<'_>, config: &RouteConfig) -> NlResult<()> {
    let flags = NewFlags {
        create: true,
        excl: false,
        replace: false,
        append: false,
    };
    call.world.route_new(call.netns, config, flags)
}

impl<'a> Words<'a> {
    fn word(
        &mut self,
        word: &'a str,
        rest: &mut impl Iterator<Item = &'a str>,
    ) -> Result<(), Failure> {
        let mut value = || rest.next().ok_or_else(|| inet_usage(3));
        match word {
            "-net" | "-host" if self.target.is_none() => self.net = Some(word == "-net"),
            word if self.target.is_none() => self.target = Some(word),
            "netmask" | "genmask" => self.netmask = Some(resolve(value()?, 6)?),
            "gw" | "gateway" => self.gateway = Some(resolve(value()?, 6)?),
            "metric" => self.metric = digits(value()?)?,
            "mss" | "mtu" => self.mss = digits(value()?)?,
            "window" => self.window = digits(value()?)?,
            "irtt" => self.irtt = digits(value()?)?,
            "reject" => self.reject = true,
            "mod" | "dyn" | "reinstate" => {}
            "dev" | "device" => self.dev = Some(value()?),
            dev if self.dev.is_none() => self.dev = Some(dev),
            _ => return Err(inet_usage(3)),
        }
        Ok(())
    }

    /// The request; the inner error is one that the kernel gives before it looks at its tables.
    fn config(
        &self,
        call: &Call<'_>,
        target: &str,
        add: bool,
    ) -> Result<Result<RouteConfig, Errno>, Failure> {
        let dst = match self.destination(target)? {
            Ok(dst) => dst,
            Err(errno) => return Ok(Err(errno)),
        };
        let mut config = RouteConfig::new(dst);
        config.metric = self.metric;
        for (metric, value) in [
            (Metric::AdvMss, self.mss.saturating_sub(40)),
            (Metric::Window, self.window),
            (Metric::Rtt, self.irtt.saturating_mul(8)),
        ] {
            if value != 0 {
                config.metrics.insert(metric, value);
            }
        }
        if self.reject {
            config.scope = scope::HOST;
            config.kind = RouteType::Unreachable;
            return Ok(Ok(config));
        }
        let oif = match self.dev.map(|dev| call.world.ifindex(call.netns, dev)) {
            Some(None) => return Ok(Err(Errno::Enodev)),
            Some(Some(index)) => index,
            None => 0,
        };
        config.nexthop = NexthopConfig {
            oif,
            gateway: self.gateway.map(IpAddr::V4),
            ..NexthopConfig::default()
        };
        config.scope = match (add, self.gateway) {
            (false, _) => scope::NOWHERE,
            (true, Some(_)) => scope::UNIVERSE,
            (true, None) => scope::LINK,
        };
        Ok(Ok(config))
    }

    /// The prefix, with the checks of `route` itself and then of the kernel.
    fn destination(&self, target: &str) -> Result<Result<IpNet, Errno>, Failure> {
        if target == "default" {
            return Ok(IpNet::new(Ipv4Addr::UNSPECIFIED.into(), 0).map_err(|_| Errno::Einval));
        }
        let (text, len) = match target.split_once('/') {
            Some((text, len)) => (text, Some(number::u8_in(len, 10).filter(|len| *len <= 32))),
            None => (target, None),
        };
        let addr = resolve(text, 6)?;
        let mask = match (len, self.netmask) {
            (Some(len), _) => Some(mask_of(len.ok_or_else(|| inet_usage(3))?)),
            (None, mask) => mask,
        };
        let host = match self.net {
            Some(net) => !net,
            None => mask.is_none(),
        };
        match mask {
            Some(mask) if host && mask != Ipv4Addr::BROADCAST => {
                let swapped = u32::from(mask).swap_bytes();
                Err(why(&format!(
                    "route: netmask {swapped:08x} doesn't make sense with host route\n"
                )))
            }
            Some(mask) if len_of(mask).is_none() => {
                Err(why(&format!("route: bogus netmask {mask}\n")))
            }
            Some(mask) if u32::from(addr) & !u32::from(mask) != 0 => {
                Err(why("route: netmask doesn't match route address\n"))
            }
            Some(mask) => {
                let len = len_of(mask).unwrap_or(32);
                Ok(IpNet::new(addr.into(), len).map_err(|_| Errno::Einval))
            }
            None if host => Ok(IpNet::new(addr.into(), 32).map_err(|_| Errno::Einval)),
            None => Ok(Err(Errno::Einval)),
        }
    }
}

fn why(text: &str) -> Failure {
    let mut failure = inet_usage(3);
    failure.stderr.insert_str(0, text);
    failure
}

fn digits(text: &str) -> Result<u32, Failure> {
    number::u32_in(text, 10).ok_or_else(|| inet_usage(3))
}

#[cfg(test)]
mod tests {
    use crate::kernel::World;
    use crate::tool::Shell;

    #[test]
    fn routes_are_added_listed_and_deleted() {
        let mut world = World::new(0);
        let mut shell = Shell::new(&mut world);
        for line in [
            "ip link add va type veth peer name vb",
            "ip link set vb up",
            "ifconfig va 10.0.0.1/24",
            "route add default gw 10.0.0.254",
            "route add -net 10.6.0.0/16 dev va",
            "route add -host 10.7.0.1 gw 10.0.0.253 metric 5",
            "route add -net 10.8.0.0 netmask 255.255.0.0 reject",
        ] {
            let done = shell.run(line);
            assert_eq!(done.status, 0, "{line}: {}", done.stderr);
        }
        assert_eq!(
            shell.run("route -n").stdout,
            "Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
0.0.0.0         10.0.0.254      0.0.0.0         UG    0      0        0 va
10.0.0.0        0.0.0.0         255.255.255.0   U     0      0        0 va
10.6.0.0        0.0.0.0         255.255.0.0     U     0      0        0 va
10.7.0.1        10.0.0.253      255.255.255.255 UGH   5      0        0 va
10.8.0.0        -               255.255.0.0     !     0      -        0 -
"
        );
        assert_eq!(shell.run("route del default").status, 0);
        let done = shell.run("route del default");
        assert_eq!(
            (done.stderr.as_str(), done.status),
            ("SIOCDELRT: No such process\n", 7)
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut world = World::new(0);
        let mut shell = Shell::new(&mut world);
        let done = shell.run("route add -net 10.5.0.1 netmask 255.255.0.0 gw 10.0.0.254");
        assert_eq!(done.status, 3);
        assert!(
            done.stderr
                .starts_with("route: netmask doesn't match route address\nUsage: ")
        );
        assert_eq!(
            shell.run("route add -net 10.66.0.0/16 dev nosuch").stderr,
            "SIOCADDRT: No such device\n"
        );
        assert_eq!(
            shell.run("route add -net foo dev lo").stderr,
            "foo: Host name lookup failure\n"
        );
    }
}
