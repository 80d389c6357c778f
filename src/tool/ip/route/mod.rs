//! `ip route`: its commands, and how they meet the world.
//! Parsing is in `modify`, `list` and `get`, printing in `show`.

mod get;
mod help;
mod list;
mod metrics;
mod modify;
mod show;
#[cfg(test)]
mod tests;

pub use get::{GetRequest, parse as parse_get};
pub use list::{Action, RouteFilter, parse as parse_list};
pub use modify::{RouteRequest, parse as parse_modify};
pub use show::{Shown, print};

use crate::kernel::World;
use crate::netns::fib::{DumpFilter, NewFlags, NexthopConfig, RouteConfig, RouteInfo};
use crate::tool::ip::args::{Args, Family, matches, unknown_command};
use crate::tool::ip::options::Options;
use crate::tool::{Call, Failure, Outcome};
use crate::units::{Errno, IfIndex, NetnsId};

/// Runs `ip route`; `words` are those after `route`.
///
/// # Errors
/// As iproute2's, in its words.
pub fn run(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let Some(command) = args.take() else {
        return list(call, options, args, Action::List);
    };
    let is = |full| matches(command, full);
    if is("add") {
        modify(call, options, args, Some(NewFlags::ADD))
    } else if is("change") || command == "chg" {
        modify(call, options, args, Some(NewFlags::CHANGE))
    } else if is("replace") {
        modify(call, options, args, Some(NewFlags::REPLACE))
    } else if is("prepend") {
        modify(call, options, args, Some(NewFlags::PREPEND))
    } else if is("append") {
        modify(call, options, args, Some(NewFlags::APPEND))
    } else if is("test") {
        modify(call, options, args, Some(NewFlags::TEST))
    } else if is("delete") {
        modify(call, options, args, None)
    } else if is("list") || is("show") || is("lst") {
        list(call, options, args, Action::List)
    } else if is("get") {
        get(call, options, args)
    } else if is("flush") {
        list(call, options, args, Action::Flush)
    } else if is("save") || is("restore") || is("showdump") {
        Err(Failure::not_simulated(format_args!("ip route {command}")))
    } else if is("help") {
        Err(help::usage())
    } else {
        Err(unknown_command(command, "route"))
    }
}

/// Finds the number of a device in the namespace of a call.
fn finder(world: &World, netns: NetnsId) -> impl Fn(&str) -> Option<IfIndex> {
    move |name| {
        world
            .ifindex(netns, name)
            .or_else(|| crate::tool::ip::lookup::index_in_name(name))
    }
}

fn modify(
    call: &mut Call<'_>,
    options: &Options,
    args: Args<'_>,
    flags: Option<NewFlags>,
) -> Result<Outcome, Failure> {
    if options.echo {
        return Err(Failure::not_simulated("ip -echo route"));
    }
    let request = {
        let find = finder(call.world, call.netns);
        parse_modify(args, flags, options.family, &find)?
    };
    match request.flags {
        Some(flags) => call.world.route_new(call.netns, &request.config, flags)?,
        None => call.world.route_delete(call.netns, &request.config)?,
    }
    Ok(Outcome::Exit(0))
}

fn get(call: &mut Call<'_>, options: &Options, args: Args<'_>) -> Result<Outcome, Failure> {
    let request = {
        let find = finder(call.world, call.netns);
        parse_get(args, options.family, &find)?
    };
    call.console.err(&request.warning);
    let info = call.world.route_get(call.netns, &request.asked)?;
    let filter = RouteFilter::everything();
    let mut text = shown(call, options, std::slice::from_ref(&info), &filter);
    if request.connected && request.asked.src.is_none() {
        // iproute2 means to ask again with the source, but sends the same question.
        call.console.out(&text);
        let info = call.world.route_get(call.netns, &request.asked)?;
        text = shown(call, options, &[info], &filter);
    }
    call.console.out(text);
    Ok(Outcome::Exit(0))
}

fn list(
    call: &mut Call<'_>,
    options: &Options,
    args: Args<'_>,
    action: Action,
) -> Result<Outcome, Failure> {
    let filter = {
        let find = finder(call.world, call.netns);
        parse_list(args, action, options.family, &find)?
    };
    match action {
        Action::List => show(call, options, &filter),
        Action::Flush => flush(call, options, &filter),
    }
}

/// The routes that the kernel gives for a filter, before the filter itself.
fn dump(call: &mut Call<'_>, filter: &RouteFilter) -> Result<Vec<RouteInfo>, Failure> {
    let v6 = match filter.dump_family {
        Family::Inet => Some(false),
        Family::Inet6 => Some(true),
        Family::Unspec => None,
        _ => return Ok(Vec::new()),
    };
    let table = (filter.table != 0).then_some(filter.table);
    let asked = DumpFilter { v6, table };
    if filter.cloned {
        return Ok(call.world.route_cache_dump(call.netns, asked));
    }
    Ok(call.world.route_dump(call.netns, asked)?)
}

fn show(call: &mut Call<'_>, options: &Options, filter: &RouteFilter) -> Result<Outcome, Failure> {
    let infos = match dump(call, filter) {
        Ok(infos) => infos,
        // A namespace without addresses has no main table yet: nothing to show, no error.
        Err(failure) if filter.is_of_main() && failure.stderr.contains("table does not exist") => {
            Vec::new()
        }
        Err(mut failure) => {
            if options.json {
                call.console.out(if options.pretty { "[ " } else { "[" });
            }
            failure.stderr += "Dump terminated\n";
            return Err(failure);
        }
    };
    let text = shown(call, options, &infos, filter);
    call.console.out(text);
    Ok(Outcome::Exit(0))
}

/// The text of the routes that pass the filter.
fn shown(call: &Call<'_>, options: &Options, infos: &[RouteInfo], filter: &RouteFilter) -> String {
    let (world, netns) = (&*call.world, call.netns);
    let name = |ifindex| {
        let known = world.ifname(netns, ifindex).map(|name| name.to_string());
        known.unwrap_or_else(|| format!("if{ifindex}"))
    };
    let how = Shown {
        options,
        filter,
        name: &name,
        now: world.now(),
    };
    let mut printer = options.printer();
    for info in infos.iter().filter(|info| filter.passes(info)) {
        print(&mut printer, info, &how);
    }
    printer.finish()
}

fn flush(call: &mut Call<'_>, options: &Options, filter: &RouteFilter) -> Result<Outcome, Failure> {
    if filter.cloned {
        if filter.dump_family != Family::Inet6 {
            call.world.route_flush_cache(call.netns, false);
            if options.stats > 0 {
                call.console.out("*** IPv4 routing cache is flushed.\n");
            }
        }
        if filter.dump_family != Family::Inet {
            call.world.route_flush_cache(call.netns, true);
        }
        return Ok(Outcome::Exit(0));
    }
    let mut round = 0;
    loop {
        let infos = dump(call, filter).map_err(|mut failure| {
            failure.stderr += "Flush terminated\n";
            failure
        })?;
        let doomed: Vec<RouteInfo> = infos
            .into_iter()
            .filter(|info| filter.passes(info) && filter.may_be_flushed(info))
            .collect();
        if options.stats > 1 {
            let text = shown(call, options, &doomed, filter);
            call.console.out(text);
        }
        if doomed.is_empty() {
            if options.stats > 0 {
                call.console.out(end_of_flush(round));
            }
            return Ok(Outcome::Exit(0));
        }
        round += 1;
        for info in &doomed {
            delete(call, info)?;
        }
        if options.stats > 0 {
            let count = doomed.len();
            let text = format!("\n*** Round {round}, deleting {count} entries ***\n");
            call.console.out(text);
        }
    }
}

fn end_of_flush(rounds: u32) -> String {
    match rounds {
        0 => "Nothing to flush.\n".to_owned(),
        1 => "*** Flush is complete after 1 round ***\n".to_owned(),
        rounds => format!("*** Flush is complete after {rounds} rounds ***\n"),
    }
}

/// Sends a route back to the kernel as one to delete.
fn delete(call: &mut Call<'_>, info: &RouteInfo) -> Result<(), Failure> {
    let config = config_of(info);
    match call.world.route_delete(call.netns, &config) {
        Err(error) if error.errno != Errno::Esrch => Err(Failure::line(
            2,
            format_args!("Failed to send flush request: {}", error.errno),
        )),
        _ => Ok(()),
    }
}

/// A reported route as a request.
fn config_of(info: &RouteInfo) -> RouteConfig {
    let ways = info.nexthops.iter().map(|hop| NexthopConfig {
        oif: hop.oif,
        gateway: hop.gateway,
        weight: hop.weight,
        flags: 0,
        realms: hop.realms,
    });
    let mut ways: Vec<NexthopConfig> = ways.collect();
    let nexthop = match info.multipath {
        true => NexthopConfig::default(),
        false => ways.pop().unwrap_or_default(),
    };
    RouteConfig {
        table: info.table,
        tos: info.tos,
        kind: info.kind,
        protocol: info.protocol,
        scope: info.scope,
        metric: info.metric.unwrap_or(0),
        prefsrc: info.prefsrc,
        nexthop,
        nexthops: ways,
        metrics: info.metrics.clone(),
        ..RouteConfig::new(info.dst)
    }
}
