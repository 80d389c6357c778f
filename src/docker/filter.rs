//! How an engine asks for rules of the packet filter: one request for each, as `iptables` is called.
//! Which rules there are is decided in `firewall`.

use std::fmt;
use std::net::IpAddr;

use crate::kernel::World;
use crate::netns::filter::rule::Family;
use crate::netns::filter::tables::TableName;
use crate::units::NetnsId;

/// A table of the packet filter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Table {
    /// Packets pass or do not.
    Filter,
    /// Addresses are translated.
    Nat,
    /// Packets are changed.
    Mangle,
    /// Before connections are followed.
    Raw,
}

impl Table {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Nat => "nat",
            Self::Mangle => "mangle",
            Self::Raw => "raw",
        }
    }
}

/// Where in its chain a rule is put.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Before all others (`-I`).
    Top,
    /// After all others (`-A`).
    End,
}

/// A rule as `iptables` takes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Whether it is one of `iptables` or of `ip6tables`.
    pub family: Family,
    /// The table.
    pub table: Table,
    /// The chain.
    pub chain: String,
    /// Where it is put.
    pub place: Place,
    /// What it matches and does.
    pub words: String,
}

impl Rule {
    /// A rule of IPv4.
    pub fn new(table: Table, chain: &str, place: Place, words: impl Into<String>) -> Self {
        Self {
            family: Family::V4,
            table,
            chain: chain.to_owned(),
            place,
            words: words.into(),
        }
    }

    /// The same rule of a family.
    pub fn of(self, family: Family) -> Self {
        Self { family, ..self }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.table != Table::Filter {
            write!(f, "-t {} ", self.table.name())?;
        }
        let verb = match self.place {
            Place::Top => "-I",
            Place::End => "-A",
        };
        write!(f, "{verb} {} {}", self.chain, self.words)
    }
}

/// Asks for what a line of words says; says whether it was done.
fn ask(world: &mut World, netns: NetnsId, line: &str) -> bool {
    ask_of(Family::V4, world, netns, line)
}

fn ask_of(family: Family, world: &mut World, netns: NetnsId, line: &str) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    world.iptables(netns, family, &words).is_ok()
}

/// Makes a chain, unless it is there.
pub fn new_chain(world: &mut World, netns: NetnsId, table: Table, chain: &str) {
    new_chain_of(Family::V4, world, netns, table, chain);
}

/// Makes a chain of a family, unless it is there.
pub fn new_chain_of(family: Family, world: &mut World, netns: NetnsId, table: Table, chain: &str) {
    let line = format!("-t {} -N {chain}", table.name());
    ask_of(family, world, netns, &line);
}

/// Sets the policy of FORWARD to DROP.
pub fn drop_forwarded(family: Family, world: &mut World, netns: NetnsId) {
    ask_of(family, world, netns, "-P FORWARD DROP");
}

/// Puts a rule in its place, unless its chain has it.
pub fn ensure(world: &mut World, netns: NetnsId, rule: &Rule) {
    let table = rule.table.name();
    let known = ask_of(
        rule.family,
        world,
        netns,
        &format!("-t {table} -C {} {}", rule.chain, rule.words),
    );
    if !known {
        let made = ask_of(rule.family, world, netns, &rule.to_string());
        debug_assert!(made, "the tables take each rule of ours: {rule}");
    }
}

/// Takes a rule away, if it is there.
pub fn remove(world: &mut World, netns: NetnsId, rule: &Rule) {
    let table = rule.table.name();
    ask_of(
        rule.family,
        world,
        netns,
        &format!("-t {table} -D {} {}", rule.chain, rule.words),
    );
}

/// Takes a rule away and puts it in its place again, so that it is at the top.
pub fn move_to_place(world: &mut World, netns: NetnsId, rule: &Rule) {
    remove(world, netns, rule);
    ensure(world, netns, rule);
}

/// Whether the table `nat` has a chain.
pub fn has_chain(world: &World, netns: NetnsId, chain: &str) -> bool {
    let tables = world.filter_tables(netns, Family::V4);
    let nat = tables.and_then(|tables| tables.table(TableName::Nat));
    nat.is_some_and(|nat| nat.chain(chain).is_some())
}

/// Takes all rules of a chain away.
pub fn flush(world: &mut World, netns: NetnsId, table: Table, chain: &str) {
    ask(world, netns, &format!("-t {} -F {chain}", table.name()));
}

/// Takes the rules of a chain away that are about packets to one address.
pub fn remove_about(world: &mut World, netns: NetnsId, table: Table, chain: &str, address: IpAddr) {
    let begins = format!("-d {address}/32 ");
    let tables = world.filter_tables(netns, Family::V4);
    let found = tables.and_then(|tables| tables.table(TableName::of(table.name())?)?.chain(chain));
    let rules = found.into_iter().flat_map(|chain| &chain.rules);
    let rules: Vec<String> = rules.map(|stored| stored.rule.to_string()).collect();
    for words in rules.into_iter().filter(|words| words.starts_with(&begins)) {
        ask(
            world,
            netns,
            &format!("-t {} -D {chain} {words}", table.name()),
        );
    }
}
