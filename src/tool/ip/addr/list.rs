//! `ip addr show` and `ip link show`: which devices and addresses are printed, in which order.
//! How one is printed is said in `show`.

use crate::kernel::netlink::{AddrInfo, LinkFlags, LinkInfo, LinkRef, LinkStats, NlError};
use crate::tool::ip::args::{Args, Family};
use crate::tool::ip::link::show::{Around, Form, print as print_link};
use crate::tool::ip::link::stats;
use crate::tool::ip::lookup::Here;
use crate::tool::ip::options::Options;
use crate::tool::print::Printer;
use crate::tool::{Call, Failure, Outcome};

use super::filter::Filter;
use super::show;

/// Lists devices with their addresses, or with `link` devices only.
///
/// # Errors
/// The words and statuses of iproute2.
pub fn run(
    call: &mut Call<'_>,
    options: &Options,
    words: &[&str],
    link: bool,
) -> Result<Outcome, Failure> {
    let family = if link { Family::Link } else { options.family };
    let filter = Filter::parse(Args::new(words), family, &Here(call))?;
    let form = Form {
        options,
        link,
        family: filter.family,
        short: !link && options.family == Family::Inet6 && filter.ifindex.is_none(),
    };
    match (&filter.dev, link && filter.group.is_none()) {
        (Some(dev), true) => one(call, form, &filter, dev),
        _ => many(call, form, &filter),
    }
}

/// `ip link show DEV` asks for the one device by name (`iplink_get`).
fn one(
    call: &mut Call<'_>,
    form: Form<'_>,
    filter: &Filter,
    dev: &str,
) -> Result<Outcome, Failure> {
    let found = call.world.link(call.netns, &LinkRef::Name(dev.to_owned()));
    let link = found.map_err(|error| no_reply(1, "link get", &error))?;
    let links = [link];
    let around = Around::of(call, &links);
    let mut out = form.options.printer();
    for link in &links {
        out.open_object(None);
        if filter.shows_link(link) && filter.label.is_none() {
            print_link(&mut out, form, link, &around);
        }
        out.close_object();
    }
    call.console.out(out.finish());
    Ok(Outcome::Exit(0))
}

fn many(call: &mut Call<'_>, form: Form<'_>, filter: &Filter) -> Result<Outcome, Failure> {
    let mut links = match filter.ifindex {
        Some(index) => {
            let found = call.world.link(call.netns, &LinkRef::Index(index));
            vec![found.map_err(|error| no_reply(0, "link", &error))?]
        }
        None => call.world.links(call.netns),
    };
    if filter.ifindex.is_none() {
        links.retain(|link| form.short || filter.is_dumped(link));
    }
    let mut addrs = Vec::new();
    if filter.family != Family::Link {
        addrs = call.world.addrs(call.netns);
        links.retain(|link| keeps(filter, link, &addrs));
    }
    let around = Around::of(call, &links);
    let mut out = form.options.printer();
    for link in &links {
        out.open_object(None);
        print_one(&mut out, form, filter, link, &addrs, &around);
        out.close_object();
    }
    call.console.out(out.finish());
    Ok(Outcome::Exit(0))
}

/// A device by a number that is not there.
fn no_reply(status: u8, what: &str, error: &NlError) -> Failure {
    let errno = error.errno;
    Failure::line(
        status,
        format_args!("{error}\nCannot send {what} request: {errno}"),
    )
}

/// Whether a device is listed by its addresses: one that has none is where no family is asked
/// for (`ipaddr_filter`).
fn keeps(filter: &Filter, link: &LinkInfo, addrs: &[AddrInfo]) -> bool {
    let mut own = addrs
        .iter()
        .filter(|addr| addr.ifindex == link.ifindex)
        .peekable();
    if own.peek().is_none() {
        return filter.family == Family::Unspec;
    }
    own.any(|addr| filter.shows_address(addr))
}

fn print_one(
    out: &mut Printer,
    form: Form<'_>,
    filter: &Filter,
    link: &LinkInfo,
    addrs: &[AddrInfo],
    around: &Around,
) {
    let options = form.options;
    let with_addrs = filter.family != Family::Link;
    let with_link = options.brief || !(options.oneline && with_addrs);
    if with_link && filter.label.is_none() {
        let shown = match form.short {
            true => filter.shows_short(link),
            false => filter.shows_link(link),
        };
        if !shown {
            return;
        }
        print_link(out, form, link, around);
    }
    if with_addrs {
        print_addresses(out, options, filter, link, addrs);
    }
    let whole = with_link && filter.label.is_none() && !options.brief && !form.link;
    if whole && options.stats > 0 {
        // A dump of IPv6 has the counters of IPv6 in place of the device's.
        let none = LinkStats::default();
        let counters = if form.short { &none } else { &link.stats };
        stats::print(out, options, counters);
        out.line_break();
    }
}

fn print_addresses(
    out: &mut Printer,
    options: &Options,
    filter: &Filter,
    link: &LinkInfo,
    addrs: &[AddrInfo],
) {
    let hidden = filter.up && !link.flags.has(LinkFlags::UP);
    out.open_array(Some("addr_info"));
    for addr in addrs.iter().filter(|addr| addr.ifindex == link.ifindex) {
        let other = filter.family != Family::Unspec && Family::of(addr.local) != filter.family;
        if hidden || other {
            continue;
        }
        out.open_object(None);
        if filter.shows_address(addr) {
            show::print(out, options, addr, options.oneline);
        }
        out.close_object();
    }
    out.close_array();
    if options.brief {
        out.word("\n");
    }
}
