//! A route as text or JSON (`print_route` of iproute2).
//! Which routes are shown is in `list`.

use std::net::IpAddr;

use super::list::RouteFilter;
use crate::netns::fib::{
    Metric, Metrics, Nexthop, RouteInfo, RouteType, info_flags, protocol, scope, table,
};
use crate::tool::ip::args::{Family, Prefix};
use crate::tool::ip::names::{DSFIELDS, PROTOCOLS, REALMS, SCOPES, TABLES, type_name};
use crate::tool::ip::options::Options;
use crate::tool::print::{Color, Printer};
use crate::units::{IfIndex, SimTime};

/// How routes are shown: options, what the filter makes needless, the names of devices, the time.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// The global options.
    pub options: &'a Options,
    /// What was asked for is not printed again.
    pub filter: &'a RouteFilter,
    /// The name of a device.
    pub name: &'a dyn Fn(IfIndex) -> String,
    /// The time, for what expires.
    pub now: SimTime,
}

/// Prints one route.
pub fn print(out: &mut Printer, info: &RouteInfo, how: &Shown<'_>) {
    out.open_object(None);
    print_destination(out, info, how);
    print_way(out, info, how);
    print_origin(out, info, how);
    print_flags(out, info.flags);
    print_lookup(out, info);
    let v4 = matches!(info.dst.addr(), IpAddr::V4(_));
    let cloned = info.flags & info_flags::CLONED != 0;
    if v4 && cloned {
        print_cache_flags(out, info.flags);
    }
    print_cache_info(out, info, how, v4);
    if !info.metrics.is_empty() {
        print_metrics(out, &info.metrics);
    }
    if let Some(iif) = info.iif.filter(|_| how.filter.iif.is_none()) {
        print_device(out, "iif", &(how.name)(iif));
    }
    if let Some(pref) = info.pref {
        print_pref(out, pref);
    }
    if info.multipath {
        print_multipath(out, info, how);
    }
    out.word("\n");
    out.close_object();
}

fn print_destination(out: &mut Printer, info: &RouteInfo, how: &Shown<'_>) {
    let options = how.options;
    if info.kind != RouteType::Unicast || options.details > 0 {
        let name = type_name(info.kind as u8, options.numeric);
        out.any("type", &*name, format_args!("{name} "));
    }
    let (addr, len) = (info.dst.addr(), info.dst.prefix_len());
    let whole = Family::of(addr).bits();
    // The kernel sends no destination where its length is 0, but in the answer to a lookup.
    let dst = match len {
        0 => "default".to_owned(),
        len if len == whole => addr.to_string(),
        len => format!("{addr}/{len}"),
    };
    let color = if len == 0 {
        Color::Plain
    } else {
        Color::of(addr)
    };
    out.painted(color, "dst", &dst, format_args!("{dst} "));
    if let Some(src) = info.src {
        out.painted(Color::of(src), "from", src, format_args!("from {src} "));
    }
    if info.tos != 0 && how.filter.tos.is_none() {
        let tos = DSFIELDS.name(info.tos.into(), options.numeric);
        out.any("tos", &*tos, format_args!("tos {tos} "));
    }
}

/// Gateway and device of a route with one way.
fn print_way(out: &mut Printer, info: &RouteInfo, how: &Shown<'_>) {
    let (Some(hop), false) = (info.nexthops.first(), info.multipath) else {
        return;
    };
    let asked_whole = |asked: Option<Prefix>| {
        asked.is_some_and(|asked| asked.len == Family::of(info.dst.addr()).bits())
    };
    print_gateway(out, info, hop, asked_whole(how.filter.via));
    if hop.oif != 0 && how.filter.oif.is_none() {
        print_device(out, "dev", &(how.name)(hop.oif));
    }
}

/// A device by name (`print_rta_ifidx`).
fn print_device(out: &mut Printer, key: &str, name: &str) {
    out.fp(format_args!("{key} "));
    out.painted(Color::Ifname, key, name, format_args!("{name} "));
}

fn print_gateway(out: &mut Printer, info: &RouteInfo, hop: &Nexthop, asked: bool) {
    let Some(gateway) = hop.gateway else { return };
    if gateway.is_ipv4() == info.dst.addr().is_ipv4() {
        if !asked {
            out.word("via ");
            out.painted(
                Color::of(gateway),
                "gateway",
                gateway,
                format_args!("{gateway} "),
            );
        }
        return;
    }
    let family = Family::of(gateway).name();
    out.open_object(Some("via"));
    out.any("family", family, format_args!("via {family} "));
    out.painted(
        Color::of(gateway),
        "host",
        gateway,
        format_args!("{gateway} "),
    );
    out.close_object();
}

/// Table, protocol, scope, source and metric.
fn print_origin(out: &mut Printer, info: &RouteInfo, how: &Shown<'_>) {
    let (options, filter) = (how.options, how.filter);
    let detailed = options.details > 0;
    if info.table != 0 && (info.table != table::MAIN || detailed) && filter.table == 0 {
        let name = TABLES.name(info.table, options.numeric);
        out.any("table", &*name, format_args!("table {name} "));
    }
    if info.flags & info_flags::CLONED == 0 {
        if (info.protocol != protocol::BOOT || detailed) && filter.protocol.is_none() {
            let name = PROTOCOLS.name(info.protocol.into(), options.numeric);
            out.any("protocol", &*name, format_args!("proto {name} "));
        }
        if (info.scope != scope::UNIVERSE || detailed) && filter.scope.is_none() {
            let name = SCOPES.name(info.scope.into(), options.numeric);
            out.any("scope", &*name, format_args!("scope {name} "));
        }
    }
    let whole = Family::of(info.dst.addr()).bits();
    let asked = filter.prefsrc.is_some_and(|asked| asked.len == whole);
    if let Some(src) = info.prefsrc.filter(|_| !asked) {
        out.word("src ");
        out.painted(Color::of(src), "prefsrc", src, format_args!("{src} "));
    }
    if let Some(metric) = info.metric.filter(|_| filter.metric.is_none()) {
        out.any("metric", metric, format_args!("metric {metric} "));
    }
}

/// `RTNH_F_*` and `RTM_F_*` (`print_rt_flags`). RTCF_MULTICAST of a lookup has the bit of
/// `rt_offload_failed`, and so it is printed.
fn print_flags(out: &mut Printer, flags: u32) {
    const NAMES: [(u32, &str); 11] = [
        (1, "dead"),
        (4, "onlink"),
        (2, "pervasive"),
        (8, "offload"),
        (64, "trap"),
        (0x100, "notify"),
        (16, "linkdown"),
        (32, "unresolved"),
        (0x4000, "rt_offload"),
        (0x8000, "rt_trap"),
        (0x2000_0000, "rt_offload_failed"),
    ];
    out.open_array(Some("flags"));
    for (_, name) in NAMES.iter().filter(|(bit, _)| flags & bit != 0) {
        out.item(*name, format_args!("{name} "));
    }
    out.close_array();
}

/// Mark, realms and user.
fn print_lookup(out: &mut Printer, info: &RouteInfo) {
    match info.mark {
        0 => {}
        mark if mark >= 16 => out.any("mark", mark, format_args!("mark {mark:#x} ")),
        mark => out.any("mark", mark, format_args!("mark {mark} ")),
    }
    if let (Some(hop), false) = (info.nexthops.first(), info.multipath) {
        print_realms(out, hop.realms);
    }
    if let Some(uid) = info.uid {
        out.any("uid", uid, format_args!("uid {uid} "));
    }
}

fn print_realms(out: &mut Printer, realms: u32) {
    if realms == 0 {
        return;
    }
    let (from, to) = (realms >> 16, realms & 0xffff);
    let to = REALMS.name(to, false);
    out.open_object(Some("flow"));
    if from == 0 {
        out.any("to", &*to, format_args!("realm {to} "));
    } else {
        let from = REALMS.name(from, false);
        out.any("from", &*from, format_args!("realms {from}/"));
        out.any("to", &*to, format_args!("{to} "));
    }
    out.close_object();
}

/// `RTCF_*` of a lookup (`print_cache_flags`).
fn print_cache_flags(out: &mut Printer, flags: u32) {
    const NAMES: [(u32, &str); 14] = [
        (0x8000_0000, "local"),
        (0x4000_0000, "reject"),
        (0x2000_0000, "mc"),
        (0x1000_0000, "brd"),
        (0x0800_0000, "dst-nat"),
        (0x0080_0000, "src-nat"),
        (0x0040_0000, "masq"),
        (0x0002_0000, "dst-direct"),
        (0x0400_0000, "src-direct"),
        (0x0004_0000, "redirected"),
        (0x0100_0000, "redirect"),
        (0x0020_0000, "fastroute"),
        (0x0001_0000, "notify"),
        (0x0200_0000, "proxy"),
    ];
    let mut left = flags & !0xffff;
    out.line_break();
    out.word("    cache ");
    if left != 0 {
        out.word("<");
    }
    out.open_array(Some("cache"));
    for (bit, name) in NAMES {
        if left & bit != 0 {
            left &= !bit;
            let end = if left == 0 { "> " } else { "," };
            out.item(name, format_args!("{name}{end}"));
        }
    }
    out.close_array();
}

/// When it ends, and with `-s` who uses it (`print_rta_cacheinfo`).
fn print_cache_info(out: &mut Printer, info: &RouteInfo, how: &Shown<'_>, v4: bool) {
    if let Some(expires) = info.expires {
        let seconds = expires.since(how.now).as_secs();
        if seconds > 0 {
            out.any("expires", seconds, format_args!("expires {seconds}sec "));
        }
    }
    // Only the answer to a lookup is in use: by the table and by whoever asked.
    let answer = info.uid.is_some() || info.iif.is_some() || info.src.is_some();
    if how.options.stats > 0 && answer {
        let users = if v4 && info.kind == RouteType::Local {
            1u32
        } else {
            2
        };
        out.any("users", users, format_args!("users {users} "));
    }
}

fn print_metrics(out: &mut Printer, metrics: &Metrics) {
    out.open_array(Some("metrics"));
    out.open_object(None);
    for number in 2..=17u8 {
        let Some((metric, name)) = metric_name(number) else {
            continue;
        };
        let value = metrics.value(metric);
        let locked = metrics.is_locked(metric);
        let named = metric == Metric::CcAlgo && metrics.congestion.is_some();
        if value.is_none() && !locked && !named {
            continue;
        }
        out.fp(format_args!("{name} "));
        if locked {
            out.word("lock ");
        }
        print_metric(out, metric, name, value.unwrap_or(0), metrics);
    }
    out.close_object();
    out.close_array();
}

fn print_metric(out: &mut Printer, metric: Metric, name: &str, value: u32, metrics: &Metrics) {
    match metric {
        Metric::Features => {
            if value & 1 != 0 {
                out.any("ecn", crate::tool::json::Value::Null, format_args!("ecn "));
            }
            if value & !1 != 0 {
                let hex = format!("{value:#x}");
                out.any("features", &hex, format_args!("{hex} "));
            }
        }
        Metric::Rtt => print_time(out, name, value / 8),
        Metric::RttVar => print_time(out, name, value / 4),
        Metric::RtoMin => print_time(out, name, value),
        Metric::CcAlgo => {
            let algorithm = metrics.congestion.as_deref().unwrap_or("");
            out.any("congestion", algorithm, format_args!("{algorithm} "));
        }
        _ => out.any(name, value, format_args!("{value} ")),
    }
}

/// Milliseconds, or seconds with up to six digits (`%g`).
fn print_time(out: &mut Printer, name: &str, ms: u32) {
    if ms < 1000 {
        out.any(name, ms, format_args!("{ms}ms "));
        return;
    }
    let mut text = format!("{}.{:03}", ms / 1000, ms % 1000);
    let digits = text.find('.').unwrap_or(0);
    text.truncate((digits + 1 + 6usize.saturating_sub(digits)).min(text.len()));
    let text = text.trim_end_matches('0').trim_end_matches('.');
    out.any(name, ms, format_args!("{text}s "));
}

fn metric_name(number: u8) -> Option<(Metric, &'static str)> {
    const NAMES: [(Metric, &str); 16] = [
        (Metric::Mtu, "mtu"),
        (Metric::Window, "window"),
        (Metric::Rtt, "rtt"),
        (Metric::RttVar, "rttvar"),
        (Metric::SsThresh, "ssthresh"),
        (Metric::Cwnd, "cwnd"),
        (Metric::AdvMss, "advmss"),
        (Metric::Reordering, "reordering"),
        (Metric::HopLimit, "hoplimit"),
        (Metric::InitCwnd, "initcwnd"),
        (Metric::Features, "features"),
        (Metric::RtoMin, "rto_min"),
        (Metric::InitRwnd, "initrwnd"),
        (Metric::QuickAck, "quickack"),
        (Metric::CcAlgo, "congctl"),
        (Metric::FastopenNoCookie, "fastopen_no_cookie"),
    ];
    NAMES
        .into_iter()
        .find(|(metric, _)| *metric as u8 == number)
}

fn print_pref(out: &mut Printer, pref: u8) {
    match pref {
        3 => out.any("pref", "low", format_args!("pref low")),
        0 => out.any("pref", "medium", format_args!("pref medium")),
        1 => out.any("pref", "high", format_args!("pref high")),
        other => out.any("pref", other, format_args!("{other}")),
    }
}

fn print_multipath(out: &mut Printer, info: &RouteInfo, how: &Shown<'_>) {
    out.open_array(Some("nexthops"));
    for hop in &info.nexthops {
        out.open_object(None);
        out.line_break();
        out.word("\tnexthop ");
        print_gateway(out, info, hop, false);
        print_realms(out, hop.realms);
        let name = (how.name)(hop.oif);
        out.any("dev", &name, format_args!("dev {name} "));
        out.any("weight", hop.weight, format_args!("weight {} ", hop.weight));
        print_flags(out, hop.flags.into());
        out.close_object();
    }
    out.close_array();
}
