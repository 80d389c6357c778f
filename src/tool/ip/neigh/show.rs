//! Prints neighbours as `ip neigh` does: a line each, brief lines, or JSON.
//! Which ones are printed was decided before.

use super::read::Filter;
use crate::kernel::netlink::{NeighCache, NeighInfo};
use crate::netns::neigh::NeighFlags;
use crate::tool::ip::names::PROTOCOLS;
use crate::tool::ip::options::Options;
use crate::tool::json::Value;
use crate::tool::print::Printer;

/// The entries in the form that the options ask for; the device is left out where the filter
/// names one.
pub fn print(entries: &[NeighInfo], filter: &Filter, options: &Options) -> String {
    let mut printer = options.printer();
    for info in entries {
        printer.open_object(None);
        match options.brief {
            true => brief(&mut printer, info, filter),
            false => full(&mut printer, info, filter, options),
        }
        printer.fp(format_args!("\n"));
        printer.close_object();
    }
    printer.finish()
}

/// The words for flags, in the order in which they are printed.
const FLAGS: [(NeighFlags, &str); 5] = [
    (NeighFlags::ROUTER, "router"),
    (NeighFlags::PROXY, "proxy"),
    (NeighFlags::MANAGED, "managed"),
    (NeighFlags::EXT_LEARNED, "extern_learn"),
    (NeighFlags::OFFLOADED, "offload"),
];

fn full(printer: &mut Printer, info: &NeighInfo, filter: &Filter, options: &Options) {
    printer.shown("dst", info.addr, format_args!("{} ", info.addr));
    if let Some(dev) = info.dev.filter(|_| filter.ifindex.is_none()) {
        printer.any("dev", dev.as_str(), format_args!("dev {dev} "));
    }
    if let Some(mac) = info.lladdr {
        printer.shown("lladdr", mac, format_args!("lladdr {mac} "));
    }
    for (flag, word) in FLAGS {
        if info.flags.has(flag) {
            printer.any(word, Value::Null, format_args!("{word} "));
        }
    }
    if let Some(cache) = info.cache.filter(|_| options.stats > 0) {
        statistics(printer, &cache);
    }
    if info.state.bits() != 0 {
        let word = info.state.word();
        printer.open_array(Some("state"));
        printer.item(word, format_args!("{word} "));
        printer.close_array();
    }
    if info.protocol != 0 {
        let name = PROTOCOLS.name(u32::from(info.protocol), options.numeric);
        printer.any("protocol", &*name, format_args!("proto {name} "));
    }
}

fn statistics(printer: &mut Printer, cache: &NeighCache) {
    let (used, confirmed, updated) = (cache.used_s, cache.confirmed_s, cache.updated_s);
    if cache.references > 0 {
        let held = cache.references;
        printer.any("refcnt", held, format_args!(" ref {held}"));
    }
    printer.any("used", used, format_args!(" used {used}"));
    printer.any("confirmed", confirmed, format_args!("/{confirmed}"));
    printer.any("updated", updated, format_args!("/{updated}"));
    let probes = cache.probes;
    printer.any("probes", probes, format_args!("probes {probes} "));
}

fn brief(printer: &mut Printer, info: &NeighInfo, filter: &Filter) {
    let addr = info.addr.to_string();
    printer.any("dst", &addr, format_args!("{addr:<39} "));
    if let Some(dev) = info.dev.filter(|_| filter.ifindex.is_none()) {
        printer.any("dev", dev.as_str(), format_args!("{dev:<16} "));
    }
    if let Some(mac) = info.lladdr {
        printer.shown("lladdr", mac, format_args!("{mac}"));
    }
}
