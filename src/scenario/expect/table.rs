//! Rules about tables: forwarding, neighbours, routes, addresses, each as its tool prints it.
//! A line is there where its words stand next to one another in a line of the table.

use super::{Context, Differs};
use crate::kernel::netlink::{LinkKindInfo, LinkRef};
use crate::scenario::checked::{Look, Table};
use crate::scenario::names::DevName;
use crate::scenario::run;
use crate::scenario::schema::Count;

/// What a failing rule is called.
pub(super) fn name(look: &Look) -> &'static str {
    match look.table {
        Table::Fdb => "fdb",
        Table::Neighbours => "neighbours",
        Table::Routes => "routes",
        Table::Addresses => "addresses",
    }
}

/// A line is there.
pub(super) fn has(context: &mut Context<'_>, look: &Look, line: &str) -> Option<Differs> {
    check(context, look, line, true)
}

/// No such line is there.
pub(super) fn lacks(context: &mut Context<'_>, look: &Look, line: &str) -> Option<Differs> {
    check(context, look, line, false)
}

fn check(context: &mut Context<'_>, look: &Look, line: &str, wanted: bool) -> Option<Differs> {
    let expected = match wanted {
        true => format!("a line with `{}` in {}", line.trim(), shown(look)),
        false => format!("no line with `{}` in {}", line.trim(), shown(look)),
    };
    let line = match filled(context, look, line) {
        Ok(line) => line,
        Err(words) => return Some(Differs::new(expected, words)),
    };
    let table = match table(context, look, line.contains(':')) {
        Ok(table) => table,
        Err(words) => return Some(Differs::new(expected, words)),
    };
    (contains(&table, &line) != wanted).then(|| Differs::new(expected, listed(&table)))
}

/// The table has so many lines.
pub(super) fn lines(context: &mut Context<'_>, look: &Look, want: Count) -> Option<Differs> {
    let expected = format!("{want} lines in {}", shown(look));
    let table = match table(context, look, false) {
        Ok(table) => table,
        Err(words) => return Some(Differs::new(expected, words)),
    };
    let count = table.lines().filter(|line| !line.trim().is_empty()).count();
    (!want.holds(count as u64))
        .then(|| Differs::new(expected, format!("{count} lines: {}", listed(&table))))
}

fn shown(look: &Look) -> String {
    let (at, dev) = (&look.netns, look.dev.as_deref());
    let of = match dev {
        Some(dev) => DevName {
            netns: at.clone(),
            dev: dev.to_owned(),
        }
        .to_string(),
        None => at.to_string(),
    };
    let what = match look.table {
        Table::Fdb => "the forwarding table",
        Table::Neighbours => "the neighbours",
        Table::Routes => "the routes",
        Table::Addresses => "the addresses",
    };
    format!("{what} of {of}")
}

fn listed(table: &str) -> String {
    match table.trim_end() {
        "" => "an empty table".to_owned(),
        table => table.to_owned(),
    }
}

fn table(context: &mut Context<'_>, look: &Look, six: bool) -> Result<String, String> {
    let dev = look.dev.as_deref();
    let mut words = match look.table {
        Table::Fdb => vec!["bridge", "fdb", "show"],
        Table::Neighbours => vec!["ip", "neigh", "show"],
        Table::Routes if six => vec!["ip", "-6", "route", "show"],
        Table::Routes => vec!["ip", "route", "show"],
        Table::Addresses => vec!["ip", "-o", "address", "show"],
    };
    if let Some(dev) = dev {
        let bridge = look.table == Table::Fdb && is_bridge(context, look, dev);
        words.extend([if bridge { "br" } else { "dev" }, dev]);
    }
    let printed = context.actor.look(context.world, &look.netns, &words)?;
    // `ip -o` writes a backslash where a line was broken.
    Ok(printed.replace('\\', " "))
}

fn is_bridge(context: &mut Context<'_>, look: &Look, dev: &str) -> bool {
    let Some(netns) = run::netns(context.world, &look.netns) else {
        return false;
    };
    let link = LinkRef::Name(dev.to_owned());
    context
        .world
        .link(netns, &link)
        .is_ok_and(|link| matches!(link.kind, Some(LinkKindInfo::Bridge(_))))
}

/// The line with the station addresses of devices in the place of `{mac DEV}`.
fn filled(context: &mut Context<'_>, look: &Look, line: &str) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("{mac ") {
        let (name, after) = after.split_once('}').ok_or("`{mac` without `}`")?;
        let mut name = DevName::parse(name.trim())?;
        if name.netns.is_root() && name.netns.host.is_none() {
            name.netns.host.clone_from(&look.netns.host);
        }
        let netns =
            run::netns(context.world, &name.netns).ok_or_else(|| format!("there is no {name}"))?;
        let link = LinkRef::Name(name.dev.clone());
        let link = context
            .world
            .link(netns, &link)
            .map_err(|_| format!("there is no device {name}"))?;
        filled += &format!("{before}{}", link.address);
        rest = after;
    }
    Ok(filled + rest)
}

/// Whether the words of `line` stand next to one another in a line of the table.
fn contains(table: &str, line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    table.lines().any(|row| {
        let row: Vec<&str> = row.split_whitespace().collect();
        words.is_empty() || row.windows(words.len()).any(|window| window == words)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_next_to_one_another() {
        let table =
            "default via 10.0.0.1 dev eth0 \n10.0.0.0/24 dev eth0 proto kernel  scope link\n";
        assert!(contains(table, "default via 10.0.0.1"));
        assert!(contains(table, "proto kernel scope link"));
        assert!(!contains(table, "default dev eth0"));
        assert!(!contains(table, "10.0.0.0"));
    }
}
