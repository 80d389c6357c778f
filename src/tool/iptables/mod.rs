//! F7: `iptables`, `ip6tables`, `iptables-save`, `iptables-restore` as of iptables 1.8.9 (nf_tables).
//! The command line is read in `netns::filter::words`; rules are shown in `list`.

mod list;
mod save;
#[cfg(test)]
mod tests;

pub use save::{run_restore, run_save};

use crate::netns::filter::rule::Family;
use crate::netns::filter::save::RuleText;
use crate::netns::filter::tables::{Change, FilterError, Table};
use crate::netns::filter::words::{self, Action, Command, WordsError};
use crate::tool::{Call, Outcome};
use list::Look;

/// What the tools say of themselves.
pub(super) const NAME_VERSION: &str = "v1.8.9 (nf_tables)";

/// A name without the directory before it.
fn base_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The family of a tool, by its name.
pub(super) fn family_of(name: &str) -> Family {
    match base_name(name).starts_with("ip6") {
        true => Family::V6,
        false => Family::V4,
    }
}

/// The name that the tool calls itself: that of its link without the kind of tables.
pub(super) fn plain_name(name: &str) -> String {
    base_name(name).replace("-nft", "").replace("-legacy", "")
}

/// Runs `iptables` or `ip6tables`; `argv` begins with its name.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let (family, name) = (family_of(&argv[0]), plain_name(&argv[0]));
    let command = match words::parse(family, &argv[1..]) {
        Ok(command) => command,
        Err(error) => return complain(call, &name, &error),
    };
    for warning in &command.warnings {
        call.console.err(format!("{warning}\n"));
    }
    let lists = matches!(command.action, Action::List(..) | Action::ListRules(..));
    if command.zero
        && lists
        && let Err(error) = make_hooks(call, &command)
    {
        let _ = refuse(call, &name, &error);
        let _ = act(call, &command, &name);
        return Outcome::Exit(error.status().into());
    }
    let done = act(call, &command, &name).and_then(|()| match (&command.action, command.zero) {
        (Action::List(chain, _) | Action::ListRules(chain, _), true) => {
            change(call, &command, &[Change::Zero(chain.clone(), None)])
        }
        _ => Ok(()),
    });
    match done {
        Ok(()) => Outcome::Exit(0),
        Err(error) => refuse(call, &name, &error),
    }
}

fn act(call: &mut Call<'_>, command: &Command, name: &str) -> Result<(), FilterError> {
    match &command.action {
        Action::Help => {
            call.console.out(help(name));
            Ok(())
        }
        Action::Version => {
            call.console.out(format!("{name} {NAME_VERSION}\n"));
            Ok(())
        }
        Action::List(chain, number) => show(call, command, chain.as_deref(), *number),
        Action::ListRules(chain, number) => show_words(call, command, chain.as_deref(), *number),
        Action::Change(changes) => change(call, command, changes),
    }
}

/// A listing that zeroes counters makes the chains of all hooks first; the table must be there.
fn make_hooks(call: &mut Call<'_>, command: &Command) -> Result<(), FilterError> {
    let tables = call.world.filter_tables(call.netns, command.family);
    let found = tables.and_then(|tables| tables.table(command.table));
    let Some(mut table) = found.cloned() else {
        let first = Table::new(command.table).chains.swap_remove(0);
        return Err(FilterError::NotZeroed(first.name));
    };
    table.make_hooks();
    call.world
        .filter_table_set(call.netns, command.family, table);
    Ok(())
}

/// A command line that makes no sense.
fn complain(call: &mut Call<'_>, name: &str, error: &WordsError) -> Outcome {
    let mut text = match error.named {
        true => format!("{name} {NAME_VERSION}: {}\n", error.text),
        false if error.text.is_empty() => String::new(),
        false => format!("{}\n", error.text),
    };
    if error.hint {
        text.push_str(&format!(
            "Try `{name} -h' or '{name} --help' for more information.\n"
        ));
    }
    call.console.err(text);
    Outcome::Exit(error.status.into())
}

/// The tables do not take it.
fn refuse(call: &mut Call<'_>, name: &str, error: &FilterError) -> Outcome {
    if let FilterError::NoTarget(_) = error {
        return complain(call, name, &WordsError::problem(error));
    }
    call.console.err(match error.is_versioned() {
        true => format!("{name} {NAME_VERSION}: {error}\n"),
        false => format!("{name}: {error}\n"),
    });
    Outcome::Exit(error.status().into())
}

fn change(call: &mut Call<'_>, command: &Command, changes: &[Change]) -> Result<(), FilterError> {
    for change in changes {
        let said = if command.verbose > 0 {
            what_is_done(call, command, change)
        } else {
            String::new()
        };
        call.world
            .filter_change(call.netns, command.family, command.table, change.clone())?;
        call.console.out(said);
    }
    Ok(())
}

/// What `-v` says of a change.
fn what_is_done(call: &Call<'_>, command: &Command, change: &Change) -> String {
    let tables = call.world.filter_tables(call.netns, command.family);
    let table = tables.and_then(|tables| tables.table(command.table));
    match change {
        Change::Append { rule, .. }
        | Change::Insert { rule, .. }
        | Change::Replace { rule, .. }
        | Change::Delete { rule, .. }
        | Change::Check { rule, .. } => list::change(rule),
        Change::Flush(Some(chain)) => format!("Flushing chain `{chain}'\n"),
        Change::Flush(None) => {
            let chains = table.into_iter().flat_map(|table| &table.chains);
            chains
                .map(|chain| format!("Flushing chain `{}'\n", chain.name))
                .collect()
        }
        Change::DeleteChain(Some(chain)) => format!("Deleting chain `{chain}'\n"),
        Change::DeleteChain(None) => {
            let chains = table.into_iter().flat_map(|table| &table.chains);
            chains
                .filter(|chain| chain.hook.is_none())
                .map(|chain| format!("Deleting chain `{}'\n", chain.name))
                .collect()
        }
        Change::Zero(only, None) => {
            let chains = table.into_iter().flat_map(|table| &table.chains);
            chains
                .filter(|chain| chain.made && only.as_ref().is_none_or(|only| *only == chain.name))
                .map(|chain| format!("Zeroing chain `{}'\n", chain.name))
                .collect()
        }
        Change::DeleteAt { .. }
        | Change::Zero(..)
        | Change::NewChain(_)
        | Change::Rename { .. }
        | Change::Policy { .. } => String::new(),
    }
}

/// The table that a listing shows; an empty one where none was ever made.
fn table_of(call: &Call<'_>, command: &Command) -> Table {
    let tables = call.world.filter_tables(call.netns, command.family);
    let found = tables.and_then(|tables| tables.table(command.table));
    found.cloned().unwrap_or_else(|| Table::new(command.table))
}

fn no_chain(command: &Command, chain: &str) -> String {
    format!(
        "chain `{chain}' in table `{}' is incompatible, use 'nft' tool.",
        command.table.name()
    )
}

fn show(
    call: &mut Call<'_>,
    command: &Command,
    chain: Option<&str>,
    number: Option<usize>,
) -> Result<(), FilterError> {
    let table = table_of(call, command);
    let look = Look {
        numeric: command.numeric,
        verbose: command.verbose > 0,
        exact: command.exact,
        line_numbers: command.line_numbers,
    };
    let mut chains = table.chains.iter();
    let chosen: Vec<_> = match chain {
        Some(name) => match chains.find(|chain| chain.name == name) {
            Some(chain) => vec![chain],
            None => return Err(FilterError::Unlisted(no_chain(command, name))),
        },
        None => chains.collect(),
    };
    let mut out = String::new();
    for (at, chain) in chosen.into_iter().enumerate() {
        if number.is_none() {
            out.push_str(if at > 0 { "\n" } else { "" });
            list::head(&mut out, chain, table.references(&chain.name), look);
        }
        for (at, stored) in chain.rules.iter().enumerate() {
            if number.is_none_or(|number| number == at + 1) {
                list::line(&mut out, at + 1, stored, look);
            }
        }
    }
    call.console.out(out);
    Ok(())
}

fn show_words(
    call: &mut Call<'_>,
    command: &Command,
    only: Option<&str>,
    number: Option<usize>,
) -> Result<(), FilterError> {
    let table = table_of(call, command);
    if let Some(name) = only
        && table.position(name).is_none()
    {
        return Err(FilterError::Unlisted(no_chain(command, name)));
    }
    let counts = command.verbose > 0;
    let chosen = || {
        let chains = table.chains.iter();
        chains.filter(|chain| only.is_none_or(|only| only == chain.name))
    };
    let mut out = String::new();
    if number.is_none() {
        for chain in chosen() {
            let policy = if chain.policy_drops { "DROP" } else { "ACCEPT" };
            match chain.hook {
                Some(_) => out.push_str(&format!("-P {} {policy}", chain.name)),
                None => out.push_str(&format!("-N {}", chain.name)),
            }
            if counts && chain.hook.is_some() {
                let counters = chain.counters;
                out.push_str(&format!(" -c {} {}", counters.packets, counters.bytes));
            }
            out.push('\n');
        }
    }
    for chain in chosen() {
        for (at, stored) in chain.rules.iter().enumerate() {
            if number.is_none_or(|number| number == at + 1) {
                let counters = counts.then_some(stored.counters);
                let text = RuleText(&stored.rule, counters);
                out.push_str(&format!("-A {}{text}\n", chain.name));
            }
        }
    }
    call.console.out(out);
    Ok(())
}

/// What the tool can do, in short.
fn help(name: &str) -> String {
    format!(
        "{name} {NAME_VERSION}

Usage: {name} -[ACD] chain rule-specification [options]
       {name} -I chain [rulenum] rule-specification [options]
       {name} -R chain rulenum rule-specification [options]
       {name} -D chain rulenum [options]
       {name} -[LS] [chain [rulenum]] [options]
       {name} -[FZ] [chain] [options]
       {name} -[NX] chain
       {name} -E old-chain-name new-chain-name
       {name} -P chain target [options]
       {name} -h

Tables (-t): filter nat mangle raw security
Rules: [!] -p proto  [!] -s addr[/mask][,...]  [!] -d addr[/mask][,...]  [!] -i dev[+]  [!] -o dev[+]
       -m match [options]  -j target [options]  -g chain  -c packets bytes
Listings: -n -v -x --line-numbers
"
    )
}
