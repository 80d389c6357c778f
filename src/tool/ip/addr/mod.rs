//! `ip address`: show, add, change, replace, del, flush.
//! What a request does is the kernel floor's.

mod change;
mod filter;
mod flags;
pub mod list;
pub mod show;

use crate::kernel::netlink::AddrInfo;
use crate::tool::ip::args::{Args, Family, matches};
use crate::tool::ip::help;
use crate::tool::ip::lookup::Here;
use crate::tool::ip::options::Options;
use crate::tool::{Call, Failure, Outcome};

use change::Verb;
use filter::Filter;

/// Runs a command of `ip address`.
///
/// # Errors
/// The words and statuses of iproute2.
pub fn run(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    let Some((command, rest)) = words.split_first() else {
        return list::run(call, options, &[], false);
    };
    let is = |full| matches(command, full);
    if is("add") {
        change::run(call, options, Verb::Add, rest)
    } else if is("change") || *command == "chg" {
        change::run(call, options, Verb::Change, rest)
    } else if is("replace") {
        change::run(call, options, Verb::Replace, rest)
    } else if is("delete") {
        change::run(call, options, Verb::Delete, rest)
    } else if is("list") || is("show") || is("lst") {
        list::run(call, options, rest, false)
    } else if is("flush") {
        flush(call, options, rest)
    } else if is("save") || is("showdump") || is("restore") {
        Err(Failure::not_simulated(format_args!("ip address {command}")))
    } else if is("help") {
        Err(help::address())
    } else {
        Err(Failure::line(
            255,
            format_args!("Command \"{command}\" is unknown, try \"ip address help\"."),
        ))
    }
}

/// Deletes the addresses that fit, in rounds until none is left: a round may promote
/// secondaries (`ipaddr_flush`).
fn flush(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    if words.is_empty() {
        return Err(Failure::line(1, "Flush requires arguments."));
    }
    if options.family == Family::Link {
        return Err(Failure::line(1, "Cannot flush link addresses."));
    }
    let filter = Filter::parse(Args::new(words), options.family, &Here(call))?;
    let mut round = 0;
    while options.loops == 0 || round < options.loops {
        let addrs = call.world.addrs(call.netns);
        let meant: Vec<AddrInfo> = addrs
            .into_iter()
            .filter(|addr| filter.shows_address(addr))
            .collect();
        if meant.is_empty() {
            say_complete(call, options, round);
            return Ok(Outcome::Exit(0));
        }
        round += 1;
        delete_round(call, options, round, &meant);
        if filter.is_primary_only() {
            say_complete(call, options, round);
            return Ok(Outcome::Exit(0));
        }
    }
    let text = format_args!("*** Flush remains incomplete after {round} rounds. ***");
    Err(Failure::line(1, text))
}

/// An address that is gone already, with its primary, is no error.
fn delete_round(call: &mut Call<'_>, options: &Options, round: u32, meant: &[AddrInfo]) {
    if options.stats > 1 {
        let mut out = crate::tool::print::Printer::text(options.oneline);
        for addr in meant {
            show::print(&mut out, options, addr, true);
        }
        call.console.out(out.finish());
    }
    for addr in meant {
        let _gone = change::delete_found(call, addr);
    }
    if options.stats > 0 {
        let count = meant.len();
        call.console.out(format!(
            "\n*** Round {round}, deleting {count} addresses ***\n"
        ));
    }
}

fn say_complete(call: &mut Call<'_>, options: &Options, rounds: u32) {
    if options.stats == 0 {
        return;
    }
    call.console.out(match rounds {
        0 => "Nothing to flush.\n".to_owned(),
        1 => "*** Flush is complete after 1 round ***\n".to_owned(),
        rounds => format!("*** Flush is complete after {rounds} rounds ***\n"),
    });
}
