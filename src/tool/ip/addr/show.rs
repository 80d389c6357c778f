//! Prints an address as `ip addr show` prints it (`print_addrinfo`).
//! Which addresses are printed is decided by the list.

use crate::kernel::netlink::{AddrFlags, AddrInfo};
use crate::tool::ip::args::Family;
use crate::tool::ip::names::SCOPES;
use crate::tool::ip::options::Options;
use crate::tool::print::{Color, Printer};

use super::flags;

/// Prints an address; `named` puts the device before it, as `-o` and a flush with `-s -s` do.
pub fn print(out: &mut Printer, options: &Options, addr: &AddrInfo, named: bool) {
    if options.brief {
        print_prefix(out, addr);
        return;
    }
    if named {
        out.json_only("index", addr.ifindex);
        out.json_only("dev", addr.dev.as_str());
        out.fp(format_args!("{}: {}", addr.ifindex, addr.dev));
    }
    let family = Family::of(addr.local).name();
    out.any("family", family, format_args!("    {family} "));
    print_prefix(out, addr);
    for (key, word, other) in [
        ("broadcast", "brd", addr.broadcast),
        ("anycast", "any", addr.anycast),
    ] {
        if let Some(other) = other {
            out.fp(format_args!("{word} "));
            out.painted(Color::of(other), key, other, format_args!("{other} "));
        }
    }
    let scope = SCOPES.name(addr.scope.into(), options.numeric);
    out.any("scope", &*scope, format_args!("scope {scope} "));
    flags::print(out, addr.flags, addr.local.is_ipv6());
    if let Some(label) = &addr.label {
        out.any("label", label, format_args!("{label}"));
    }
    out.line_break();
    out.word("       valid_lft ");
    lifetime(out, "valid_life_time", addr.valid_s, false);
    out.word(" preferred_lft ");
    let deprecated = addr.flags & AddrFlags::DEPRECATED != 0;
    lifetime(out, "preferred_life_time", addr.preferred_s, deprecated);
    out.word("\n");
}

/// The address, the peer, the length of the prefix, and the metric of its route.
fn print_prefix(out: &mut Printer, addr: &AddrInfo) {
    let (local, peer, color) = (addr.local, addr.address, Color::of(addr.local));
    out.painted(color, "local", local, format_args!("{local}"));
    if peer != local {
        out.word(" peer ");
        out.painted(color, "address", peer, format_args!("{peer}"));
    }
    let len = addr.prefix_len;
    out.any("prefixlen", len, format_args!("/{len} "));
    if addr.metric != 0 {
        out.number("metric", "metric", addr.metric);
    }
}

fn lifetime(out: &mut Printer, key: &str, seconds: Option<u32>, signed: bool) {
    match seconds {
        None => {
            out.json_only(key, u32::MAX);
            out.word("forever");
        }
        Some(seconds) if signed => {
            let seconds = seconds.cast_signed();
            out.any(key, seconds, format_args!("{seconds}sec"));
        }
        Some(seconds) => out.any(key, seconds, format_args!("{seconds}sec")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    fn addr() -> AddrInfo {
        let local: IpAddr = [172, 20, 0, 1].into();
        AddrInfo {
            ifindex: 2,
            dev: "vb".parse().unwrap(),
            local,
            address: [172, 20, 0, 2].into(),
            prefix_len: 32,
            broadcast: None,
            anycast: None,
            label: Some("vb".to_owned()),
            scope: 0,
            flags: AddrFlags::PERMANENT,
            valid_s: None,
            preferred_s: None,
            metric: 0,
            proto: 0,
        }
    }

    fn shown(options: &Options, addr: &AddrInfo, named: bool) -> String {
        let mut out = options.printer();
        out.open_object(None);
        print(&mut out, options, addr, named);
        out.close_object();
        out.finish()
    }

    #[test]
    fn a_peer_stands_between_the_address_and_the_length() {
        assert_eq!(
            shown(&Options::default(), &addr(), false),
            "    inet 172.20.0.1 peer 172.20.0.2/32 scope global vb\n       valid_lft forever preferred_lft forever\n"
        );
        let brief = Options {
            brief: true,
            ..Options::default()
        };
        assert_eq!(
            shown(&brief, &addr(), false),
            "172.20.0.1 peer 172.20.0.2/32 "
        );
    }

    #[test]
    fn one_line_begins_with_the_device() {
        let oneline = Options {
            oneline: true,
            ..Options::default()
        };
        let addr = AddrInfo {
            flags: 0,
            valid_s: Some(60),
            preferred_s: Some(30),
            broadcast: Some([172, 20, 0, 255].into()),
            ..addr()
        };
        assert_eq!(
            shown(&oneline, &addr, true),
            "2: vb    inet 172.20.0.1 peer 172.20.0.2/32 brd 172.20.0.255 scope global dynamic vb\\       valid_lft 60sec preferred_lft 30sec\n"
        );
    }

    #[test]
    fn forever_is_the_largest_number_in_json() {
        let json = Options {
            json: true,
            ..Options::default()
        };
        assert_eq!(
            shown(&json, &addr(), false),
            "[{\"family\":\"inet\",\"local\":\"172.20.0.1\",\"address\":\"172.20.0.2\",\"prefixlen\":32,\"scope\":\"global\",\"label\":\"vb\",\"valid_life_time\":4294967295,\"preferred_life_time\":4294967295}]\n"
        );
    }
}
