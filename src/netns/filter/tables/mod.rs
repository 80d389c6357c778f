//! The tables of one family: chains and their rules (`nf_tables_api.c`).
//! What becomes of a packet is in `eval`.

mod change;
mod error;
mod reach;

pub use change::Change;
pub use error::FilterError;

use crate::netns::filter::memory::Counted;
use crate::netns::filter::rule::{Counters, Match, Rule};

/// A place on the way of a packet where tables are asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Hook {
    /// It has come in.
    PreRouting,
    /// It is for this host.
    Input,
    /// It goes on to another.
    Forward,
    /// It was made here.
    Output,
    /// It leaves.
    PostRouting,
}

impl Hook {
    /// All of them, in the order of the chains.
    pub const ALL: [Self; 5] = [
        Self::PreRouting,
        Self::Input,
        Self::Forward,
        Self::Output,
        Self::PostRouting,
    ];

    /// The name of its chain.
    pub fn name(self) -> &'static str {
        match self {
            Self::PreRouting => "PREROUTING",
            Self::Input => "INPUT",
            Self::Forward => "FORWARD",
            Self::Output => "OUTPUT",
            Self::PostRouting => "POSTROUTING",
        }
    }

    /// Its bit in a set of hooks.
    pub const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A table, in the order in which `iptables-save` writes them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TableName {
    /// Packets are changed.
    Mangle,
    /// Marks of security modules.
    Security,
    /// Before connections are followed.
    Raw,
    /// Packets pass or do not.
    Filter,
    /// Addresses are translated.
    Nat,
}

impl TableName {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Mangle,
        Self::Security,
        Self::Raw,
        Self::Filter,
        Self::Nat,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mangle => "mangle",
            Self::Security => "security",
            Self::Raw => "raw",
            Self::Filter => "filter",
            Self::Nat => "nat",
        }
    }

    /// The table of a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// The hooks at which it is asked, in order.
    pub fn hooks(self) -> &'static [Hook] {
        use Hook::{Forward, Input, Output, PostRouting, PreRouting};
        match self {
            Self::Mangle => &[PreRouting, Input, Forward, Output, PostRouting],
            Self::Security | Self::Filter => &[Input, Forward, Output],
            Self::Raw => &[PreRouting, Output],
            Self::Nat => &[PreRouting, Input, Output, PostRouting],
        }
    }
}

/// What a rule remembers between packets: the tokens of a `-m limit` (xt_limit.c) first of all.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Tokens {
    /// When they were counted, in nanoseconds.
    pub at_ns: u64,
    /// How many there are, in nanoseconds of waiting.
    pub credit_ns: u64,
    /// Packets that have come to a `-m statistic --mode nth`.
    pub seen: u32,
    /// Whether the bucket was filled once.
    pub started: bool,
    /// The connections of a `-m connlimit`.
    pub counted: Option<Box<Counted>>,
    /// The buckets of a `-m hashlimit`.
    pub buckets: Option<Box<super::eval::Buckets>>,
}

/// A rule in a chain, with what it has counted.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The rule.
    pub rule: Rule,
    /// What it has met.
    pub counters: Counters,
    /// The place of the chain that it goes on in.
    pub(crate) next: Option<usize>,
    /// The state of its `limit`, `statistic` or `connlimit`.
    pub tokens: Tokens,
}

/// A list of rules.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Its name.
    pub name: String,
    /// Where packets come from; nothing for a chain of the user.
    pub hook: Option<Hook>,
    /// Whether a packet that passes all rules is lost.
    pub policy_drops: bool,
    /// What the policy has met.
    pub counters: Counters,
    /// Whether that is counted: from the first time that the policy is set, or its counters are zeroed.
    pub counted: bool,
    /// Whether it is there: the chain of a hook comes with the first command that needs it.
    pub made: bool,
    /// The rules.
    pub rules: Vec<Stored>,
    /// The hooks from which packets may come.
    pub(crate) reach: u8,
}

impl Chain {
    fn new(name: &str, hook: Option<Hook>) -> Self {
        Self {
            name: name.to_owned(),
            hook,
            policy_drops: false,
            counters: Counters::default(),
            counted: false,
            made: hook.is_none(),
            rules: Vec::new(),
            reach: hook.map_or(0, Hook::bit),
        }
    }
}

/// One table: the chains of its hooks, then those of the user by name.
#[derive(Clone, Debug)]
pub struct Table {
    /// Which one it is.
    pub name: TableName,
    /// Its chains.
    pub chains: Vec<Chain>,
    /// How many rules need connections to be followed.
    pub(crate) conntrack_users: usize,
}

/// How deep chains may call chains (`NFT_JUMP_STACK_SIZE`).
pub(crate) const JUMPS_MAX: usize = 16;

impl Table {
    /// A table with the chains of its hooks, all of which accept.
    pub fn new(name: TableName) -> Self {
        let chains = name
            .hooks()
            .iter()
            .map(|hook| Chain::new(hook.name(), Some(*hook)));
        Self {
            name,
            chains: chains.collect(),
            conntrack_users: 0,
        }
    }

    /// The place of a chain.
    pub fn position(&self, chain: &str) -> Option<usize> {
        self.chains.iter().position(|known| known.name == chain)
    }

    /// The place of a chain that was made.
    fn made(&self, chain: &str) -> Option<usize> {
        self.position(chain).filter(|&at| self.chains[at].made)
    }

    /// Makes the chains of all hooks, as a listing does that zeroes counters.
    pub fn make_hooks(&mut self) {
        self.chains.iter_mut().for_each(|chain| chain.made = true);
    }

    /// A chain by its name.
    pub fn chain(&self, name: &str) -> Option<&Chain> {
        self.chains.iter().find(|known| known.name == name)
    }

    /// How many rules go on in a chain.
    pub fn references(&self, chain: &str) -> usize {
        let rules = self.chains.iter().flat_map(|chain| &chain.rules);
        rules
            .filter(|stored| stored.rule.chain() == Some(chain))
            .count()
    }
}

/// The tables of one family; one is there once it was named in a change.
#[derive(Clone, Default, Debug)]
pub struct Tables {
    tables: [Option<Box<Table>>; 5],
}

impl Tables {
    /// Whether a rule names that list of `-m recent`.
    pub(in crate::netns::filter) fn has_recent(&self, name: &str) -> bool {
        let chains = self.iter().flat_map(|table| &table.chains);
        let rules = chains.flat_map(|chain| &chain.rules);
        rules
            .flat_map(|stored| &stored.rule.matches)
            .any(|one| matches!(one, Match::Recent(recent) if recent.name == name))
    }

    /// A table, where it is there.
    pub fn table(&self, name: TableName) -> Option<&Table> {
        self.tables[name as usize].as_deref()
    }

    /// A table, to count in.
    pub fn table_mut(&mut self, name: TableName) -> Option<&mut Table> {
        self.tables[name as usize].as_deref_mut()
    }

    /// The tables that are there, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Table> {
        self.tables.iter().flatten().map(|table| &**table)
    }

    /// Changes a table, which is made where it has to be.
    ///
    /// # Errors
    /// As the kernel refuses it; nothing is changed then.
    pub fn change(&mut self, name: TableName, change: Change) -> Result<(), FilterError> {
        let slot = &mut self.tables[name as usize];
        let makes = matches!(
            change,
            Change::Append { .. }
                | Change::Insert { .. }
                | Change::NewChain(_)
                | Change::Flush(Some(_))
                | Change::Policy { .. }
        );
        match slot {
            Some(table) => table.change(change),
            None => {
                let mut table = Table::new(name);
                table.change(change)?;
                if makes {
                    *slot = Some(Box::new(table));
                }
                Ok(())
            }
        }
    }

    /// Whether connections have to be followed.
    pub fn need_conntrack(&self) -> bool {
        self.iter().any(|table| table.conntrack_users > 0)
    }

    /// Removes a table with all that is in it.
    pub(crate) fn clear(&mut self, name: TableName) {
        self.tables[name as usize] = None;
    }

    /// Puts a whole table in the place of the one that is there.
    pub(crate) fn put(&mut self, table: Table) {
        let name = table.name;
        self.tables[name as usize] = Some(Box::new(table));
    }
}
