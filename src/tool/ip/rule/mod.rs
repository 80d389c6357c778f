//! `ip rule`: its commands, and how they meet the world.
//! Parsing is in `modify` and `list`, printing in `show`.

mod help;
mod list;
mod modify;
mod show;
#[cfg(test)]
mod tests;

pub use list::{Action, RuleFilter, parse as parse_list};
pub use modify::{RuleRequest, parse as parse_modify};
pub use show::print;

use crate::netns::fib::RuleInfo;
use crate::tool::ip::args::{Args, Family, matches, unknown_command};
use crate::tool::ip::options::Options;
use crate::tool::{Call, Failure, Outcome};
use crate::units::Errno;

/// Runs `ip rule`; `words` are those after `rule`.
///
/// # Errors
/// As iproute2's, in its words.
pub fn run(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let Some(command) = args.take() else {
        return list(call, options, args, Action::List);
    };
    let is = |full| matches(command, full);
    if is("list") || is("lst") || is("show") {
        list(call, options, args, Action::List)
    } else if is("save") || is("restore") {
        Err(Failure::not_simulated(format_args!("ip rule {command}")))
    } else if is("add") {
        modify(call, options, args, true)
    } else if is("delete") {
        modify(call, options, args, false)
    } else if is("flush") {
        list(call, options, args, Action::Flush)
    } else if is("help") {
        Err(help::usage())
    } else {
        Err(unknown_command(command, "rule"))
    }
}

fn modify(
    call: &mut Call<'_>,
    options: &Options,
    args: Args<'_>,
    add: bool,
) -> Result<Outcome, Failure> {
    if options.echo {
        return Err(Failure::not_simulated("ip -echo rule"));
    }
    let request = parse_modify(args, add, options.family)?;
    call.console.err(&request.warning);
    if !matches!(
        options.family,
        Family::Unspec | Family::Inet | Family::Inet6
    ) {
        return Err(Failure::line(2, "Error: Rule family not supported."));
    }
    let netns = call.netns;
    match add {
        true => call.world.rule_new(netns, request.v6, request.rule, true)?,
        false => call.world.rule_delete(netns, request.v6, &request.rule)?,
    }
    Ok(Outcome::Exit(0))
}

fn list(
    call: &mut Call<'_>,
    options: &Options,
    args: Args<'_>,
    action: Action,
) -> Result<Outcome, Failure> {
    let filter = parse_list(args, options.family)?;
    let v6 = match options.family {
        Family::Unspec | Family::Inet => false,
        Family::Inet6 => true,
        _ => {
            // iproute2 returns 1 from where -1 is meant.
            let text = format!(
                "RTNETLINK answers: {}\nDump terminated",
                Errno::Eafnosupport
            );
            return Err(Failure::line(255, text));
        }
    };
    let infos = call.world.rules(call.netns, v6);
    let chosen = infos.iter().filter(|info| filter.passes(info));
    match action {
        Action::List => {
            let mut printer = options.printer();
            for info in chosen {
                print(&mut printer, info, options);
            }
            call.console.out(printer.finish());
        }
        Action::Flush => {
            let doomed: Vec<&RuleInfo> =
                chosen.filter(|info| filter.may_be_flushed(info)).collect();
            for info in doomed {
                call.world.rule_delete(call.netns, v6, &info.rule)?;
            }
        }
    }
    Ok(Outcome::Exit(0))
}
