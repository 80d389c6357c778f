//! The tables of one family: chains and their rules, and how they are changed (`nf_tables_api.c`).
//! What becomes of a packet is in `eval`.

use std::fmt;

use crate::netns::filter::rule::{Counters, Match, Rule, Target};

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

/// The tokens of a `-m limit` (xt_limit.c).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Tokens {
    /// When they were counted, in nanoseconds.
    pub at_ns: u64,
    /// How many there are, in nanoseconds of waiting.
    pub credit_ns: u64,
    /// Packets that have come to a `-m statistic --mode nth`.
    pub seen: u32,
    /// Whether the bucket was filled once.
    pub started: bool,
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
    /// The state of its `limit` or `statistic`.
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

/// Rules that one family may have: a bound against runaway scripts.
const RULES_MAX: usize = 200_000;
/// How deep chains may call chains (`NFT_JUMP_STACK_SIZE`).
pub(crate) const JUMPS_MAX: usize = 16;

/// A change of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// A rule at the end of a chain.
    Append {
        /// The chain.
        chain: String,
        /// The rule.
        rule: Rule,
        /// What it has counted already.
        counters: Counters,
    },
    /// A rule before another.
    Insert {
        /// The chain.
        chain: String,
        /// The number that it will have, from 1.
        at: usize,
        /// The rule.
        rule: Rule,
        /// What it has counted already.
        counters: Counters,
    },
    /// Another rule in the place of one.
    Replace {
        /// The chain.
        chain: String,
        /// The number of the rule, from 1.
        at: usize,
        /// The rule.
        rule: Rule,
        /// What it has counted already.
        counters: Counters,
    },
    /// The first rule that is equal is removed.
    Delete {
        /// The chain.
        chain: String,
        /// The rule.
        rule: Rule,
    },
    /// The rule of a number is removed.
    DeleteAt {
        /// The chain.
        chain: String,
        /// The number of the rule, from 1.
        at: usize,
    },
    /// Nothing is changed: fails where no rule is equal.
    Check {
        /// The chain.
        chain: String,
        /// The rule.
        rule: Rule,
    },
    /// All rules of a chain, or of all chains, are removed.
    Flush(Option<String>),
    /// Counters of a chain, of all chains, or of a rule by its number begin at zero.
    Zero(Option<String>, Option<usize>),
    /// A chain of the user.
    NewChain(String),
    /// A chain of the user is removed, or all of them.
    DeleteChain(Option<String>),
    /// A chain gets another name.
    Rename {
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// What becomes of a packet that passes all rules of a chain.
    Policy {
        /// The chain.
        chain: String,
        /// `ACCEPT` or `DROP`.
        policy: String,
        /// What it has counted already.
        counters: Option<Counters>,
    },
}

/// Why a table could not be changed, in the words of `iptables`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FilterError {
    /// There is no such chain.
    NoChain,
    /// There is a chain of that name.
    ChainExists,
    /// There is a chain of the new name, or none of the old one.
    FileExists,
    /// Rules go there, or it has rules.
    Busy(String),
    /// The chain of a hook whose policy drops is not removed.
    NotEmpty,
    /// The counters of a chain that is not there cannot be zeroed together with a listing.
    NotZeroed(String),
    /// Only a chain of a hook has a policy.
    BadBuiltin,
    /// Neither `ACCEPT` nor `DROP`.
    BadPolicy,
    /// There is no such place.
    InsertIndex,
    /// There is no such rule.
    ReplaceIndex,
    /// There is no such rule.
    DeleteIndex,
    /// No rule is equal.
    BadRule,
    /// The kernel refuses a rule: what was done, the words of the error, the chain.
    Refused(&'static str, &'static str, String),
    /// The chain that a rule goes on in is not there.
    NoTarget(String),
    /// There is no such table.
    NoTable(String),
    /// It cannot be listed: why.
    Unlisted(String),
}

impl FilterError {
    /// The exit status of `iptables`.
    pub fn status(&self) -> u8 {
        match self {
            Self::Busy(_) | Self::NotZeroed(_) | Self::Refused(..) => 4,
            Self::NoTarget(_) => 2,
            Self::NoTable(_) => 3,
            _ => 1,
        }
    }

    /// Whether the tool's version stands in front of the text.
    pub fn is_versioned(&self) -> bool {
        self.status() != 1 || matches!(self, Self::Unlisted(_))
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoChain => "No chain/target/match by that name.",
            Self::ChainExists => "Chain already exists.",
            Self::FileExists => "File exists.",
            Self::BadBuiltin => "Bad built-in chain name.",
            Self::BadPolicy => "Bad policy name. Run `dmesg' for more information.",
            Self::InsertIndex => "Index of insertion too big.",
            Self::ReplaceIndex => "Index of replacement too big.",
            Self::DeleteIndex => "Index of deletion too big.",
            Self::BadRule => "Bad rule (does a matching rule exist in that chain?).",
            Self::NotEmpty => "Directory not empty.",
            Self::NotZeroed(chain) => {
                return write!(
                    f,
                    " CHAIN_ZERO failed (No such file or directory): chain {chain}"
                );
            }
            Self::Busy(chain) => {
                return write!(
                    f,
                    " CHAIN_DEL failed (Device or resource busy): chain {chain}"
                );
            }
            Self::Refused(what, why, chain) => {
                return write!(f, " {what} failed ({why}): rule in chain {chain}");
            }
            Self::NoTarget(chain) => return write!(f, "Chain '{chain}' does not exist"),
            Self::Unlisted(text) => text,
            Self::NoTable(table) => {
                return write!(
                    f,
                    "table '{table}' does not exist\nPerhaps iptables or your kernel needs to be upgraded."
                );
            }
        })
    }
}

impl std::error::Error for FilterError {}

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

    /// Changes it.
    ///
    /// # Errors
    /// As the kernel refuses it; nothing is changed then.
    pub fn change(&mut self, change: Change) -> Result<(), FilterError> {
        match change {
            Change::Append {
                chain,
                rule,
                counters,
            } => {
                let at = self.position(&chain).ok_or(FilterError::NoChain)?;
                let end = self.chains[at].rules.len();
                self.put("RULE_APPEND", at, end, rule, counters)
            }
            Change::Insert {
                chain,
                at: number,
                rule,
                counters,
            } => {
                let at = self.position(&chain).ok_or(FilterError::NoChain)?;
                let end = self.chains[at].rules.len();
                if number == 0 || number > end + 1 {
                    return Err(FilterError::InsertIndex);
                }
                self.put("RULE_INSERT", at, number - 1, rule, counters)
            }
            Change::Replace {
                chain,
                at: number,
                rule,
                counters,
            } => self.replace(&chain, number, rule, counters),
            Change::Delete { chain, rule } => {
                let (at, number) = self.find(&chain, &rule)?;
                self.remove(at, number);
                Ok(())
            }
            Change::DeleteAt { chain, at: number } => {
                let at = self.made(&chain).ok_or(FilterError::NoChain)?;
                if number == 0 || number > self.chains[at].rules.len() {
                    return Err(FilterError::DeleteIndex);
                }
                self.remove(at, number - 1);
                Ok(())
            }
            Change::Check { chain, rule } => self.find(&chain, &rule).map(drop),
            Change::Flush(chain) => self.flush(chain.as_deref()),
            Change::Zero(chain, number) => self.zero(chain.as_deref(), number),
            Change::NewChain(name) => self.new_chain(&name),
            Change::DeleteChain(Some(name)) => self.delete_chain(&name),
            Change::DeleteChain(None) => self.delete_all_chains(),
            Change::Rename { from, to } => self.rename(&from, &to),
            Change::Policy {
                chain,
                policy,
                counters,
            } => self.set_policy(&chain, &policy, counters),
        }
    }

    fn find(&self, chain: &str, rule: &Rule) -> Result<(usize, usize), FilterError> {
        if let Some(name) = rule.chain()
            && self.position(name).is_none()
        {
            return Err(FilterError::NoTarget(name.to_owned()));
        }
        let at = self.position(chain).ok_or(FilterError::BadRule)?;
        let mut rules = self.chains[at].rules.iter();
        let number = rules.position(|stored| stored.rule == *rule);
        Ok((at, number.ok_or(FilterError::BadRule)?))
    }

    fn put(
        &mut self,
        what: &'static str,
        at: usize,
        number: usize,
        rule: Rule,
        counters: Counters,
    ) -> Result<(), FilterError> {
        let refused = |why, table: &Self| {
            let chain = table.chains[at].name.clone();
            Err(FilterError::Refused(what, why, chain))
        };
        let count: usize = self.chains.iter().map(|chain| chain.rules.len()).sum();
        if count >= RULES_MAX {
            return refused("Cannot allocate memory", self);
        }
        let next = match rule.chain() {
            Some(name) => Some(
                self.position(name)
                    .filter(|&next| self.chains[next].hook.is_none())
                    .ok_or_else(|| FilterError::NoTarget(name.to_owned()))?,
            ),
            None => None,
        };
        if !self.takes(&rule, self.chains[at].reach) {
            return refused("Invalid argument", self);
        }
        self.conntrack_users += usize::from(rule.needs_conntrack());
        let stored = Stored {
            rule,
            counters,
            next,
            tokens: Tokens::default(),
        };
        self.chains[at].rules.insert(number, stored);
        self.chains[at].made = true;
        if next.is_some()
            && let Err(why) = self.relink()
        {
            self.remove(at, number);
            return refused(why, self);
        }
        Ok(())
    }

    fn replace(
        &mut self,
        chain: &str,
        number: usize,
        rule: Rule,
        counters: Counters,
    ) -> Result<(), FilterError> {
        let at = self.made(chain).ok_or(FilterError::NoChain)?;
        if number == 0 || number > self.chains[at].rules.len() {
            return Err(FilterError::ReplaceIndex);
        }
        self.put("RULE_REPLACE", at, number - 1, rule, counters)?;
        self.remove(at, number);
        Ok(())
    }

    fn remove(&mut self, at: usize, number: usize) {
        let gone = self.chains[at].rules.remove(number);
        self.conntrack_users -= usize::from(gone.rule.needs_conntrack());
        if gone.next.is_some() {
            // With one jump less nothing can be wrong that was right before.
            let _ = self.relink();
        }
    }

    fn flush(&mut self, chain: Option<&str>) -> Result<(), FilterError> {
        let only = match chain {
            Some(name) => Some(self.position(name).ok_or(FilterError::NoChain)?),
            None => None,
        };
        for (at, chain) in self.chains.iter_mut().enumerate() {
            if only.is_none_or(|only| only == at) {
                chain.made |= only.is_some();
                let rules = std::mem::take(&mut chain.rules);
                let users = rules.iter().filter(|one| one.rule.needs_conntrack());
                self.conntrack_users -= users.count();
            }
        }
        let _ = self.relink();
        Ok(())
    }

    fn zero(&mut self, chain: Option<&str>, number: Option<usize>) -> Result<(), FilterError> {
        let only = match (chain, number) {
            (Some(name), None) => Some(self.made(name).ok_or(FilterError::NoChain)?),
            (Some(name), Some(_)) => Some(self.made(name).ok_or(FilterError::BadRule)?),
            (None, _) => None,
        };
        for (at, chain) in self.chains.iter_mut().enumerate() {
            if !chain.made || only.is_some_and(|only| only != at) {
                continue;
            }
            if let Some(number) = number {
                let at = number.checked_sub(1);
                if let Some(stored) = at.and_then(|at| chain.rules.get_mut(at)) {
                    stored.counters = Counters::default();
                }
                continue;
            }
            chain.counted |= chain.hook.is_some();
            chain.counters = Counters::default();
            for stored in &mut chain.rules {
                stored.counters = Counters::default();
            }
        }
        Ok(())
    }

    fn new_chain(&mut self, name: &str) -> Result<(), FilterError> {
        if self.position(name).is_some() {
            return Err(FilterError::ChainExists);
        }
        self.insert_sorted(Chain::new(name, None));
        let _ = self.relink();
        Ok(())
    }

    fn insert_sorted(&mut self, chain: Chain) {
        let at = self
            .chains
            .partition_point(|known| known.hook.is_some() || known.name < chain.name);
        self.chains.insert(at, chain);
    }

    fn delete_chain(&mut self, name: &str) -> Result<(), FilterError> {
        let at = self.made(name).ok_or(FilterError::NoChain)?;
        if self.chains[at].hook.is_some() && self.chains[at].policy_drops {
            return Err(FilterError::NotEmpty);
        }
        if !self.chains[at].rules.is_empty() || self.references(name) > 0 {
            return Err(FilterError::Busy(name.to_owned()));
        }
        match self.chains[at].hook {
            Some(_) => self.unmake(at),
            None => {
                self.chains.remove(at);
                let _ = self.relink();
            }
        }
        Ok(())
    }

    /// The chain of a hook is removed: as if it had never been used.
    fn unmake(&mut self, at: usize) {
        let chain = &mut self.chains[at];
        (chain.made, chain.counted) = (false, false);
        chain.counters = Counters::default();
    }

    fn delete_all_chains(&mut self) -> Result<(), FilterError> {
        let users = || self.chains.iter().filter(|chain| chain.hook.is_none());
        let busy = users().find(|chain| {
            let elsewhere = self.chains.iter().filter(|other| other.hook.is_some());
            let mut rules = elsewhere.flat_map(|other| &other.rules);
            !chain.rules.is_empty() || rules.any(|one| one.rule.chain() == Some(&chain.name))
        });
        if let Some(busy) = busy {
            return Err(FilterError::Busy(busy.name.clone()));
        }
        self.chains.retain(|chain| chain.hook.is_some());
        for at in 0..self.chains.len() {
            if self.chains[at].rules.is_empty() && !self.chains[at].policy_drops {
                self.unmake(at);
            }
        }
        let _ = self.relink();
        Ok(())
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), FilterError> {
        if self.position(to).is_some() {
            return Err(FilterError::FileExists);
        }
        if self.position(from).is_some_and(|at| !self.chains[at].made) {
            return Err(FilterError::NoChain);
        }
        let Some(at) = self
            .position(from)
            .filter(|&at| self.chains[at].hook.is_none())
        else {
            return Err(FilterError::FileExists);
        };
        let mut chain = self.chains.remove(at);
        to.clone_into(&mut chain.name);
        self.insert_sorted(chain);
        for stored in self.chains.iter_mut().flat_map(|chain| &mut chain.rules) {
            if let Some(Target::Jump(name) | Target::Goto(name)) = &mut stored.rule.target
                && name == from
            {
                to.clone_into(name);
            }
        }
        let _ = self.relink();
        Ok(())
    }

    fn set_policy(
        &mut self,
        chain: &str,
        policy: &str,
        counters: Option<Counters>,
    ) -> Result<(), FilterError> {
        let drops = match policy {
            "ACCEPT" => false,
            "DROP" => true,
            _ => return Err(FilterError::BadPolicy),
        };
        let at = self.position(chain).ok_or(FilterError::BadBuiltin)?;
        let chain = &mut self.chains[at];
        if chain.hook.is_none() {
            return Err(FilterError::BadBuiltin);
        }
        chain.policy_drops = drops;
        (chain.made, chain.counted) = (true, true);
        chain.counters = counters.unwrap_or_default();
        Ok(())
    }

    /// Finds again which chains rules go on in, and from which hooks packets may come to each.
    ///
    /// # Errors
    /// The kernel's words where packets could run in a circle, or come to a rule from where it may not stand.
    fn relink(&mut self) -> Result<(), &'static str> {
        let names: Vec<String> = self.chains.iter().map(|chain| chain.name.clone()).collect();
        let jumps = self.chains.iter_mut().flat_map(|chain| &mut chain.rules);
        for stored in jumps {
            stored.next = stored
                .rule
                .chain()
                .and_then(|name| names.iter().position(|known| known == name));
        }
        for chain in &mut self.chains {
            chain.reach = chain.hook.map_or(0, Hook::bit);
        }
        for at in 0..self.chains.len() {
            if let Some(hook) = self.chains[at].hook {
                self.spread(at, hook.bit(), 0)?;
            }
        }
        Ok(())
    }

    /// Packets of a hook come to a chain, and from it to others.
    fn spread(&mut self, at: usize, hook: u8, depth: usize) -> Result<(), &'static str> {
        if depth >= JUMPS_MAX {
            return Err("Too many links");
        }
        let first = self.chains[at].reach & hook == 0;
        self.chains[at].reach |= hook;
        if first {
            let rules = &self.chains[at].rules;
            if !rules.iter().all(|stored| self.takes(&stored.rule, hook)) {
                return Err("Invalid argument");
            }
        }
        let mut next: Vec<usize> = self.chains[at]
            .rules
            .iter()
            .filter_map(|one| one.next)
            .collect();
        next.sort_unstable();
        next.dedup();
        next.into_iter()
            .try_for_each(|next| self.spread(next, hook, depth + 1))
    }

    /// Whether a rule may stand where packets of these hooks come (`checkentry` of its extensions).
    fn takes(&self, rule: &Rule, hooks: u8) -> bool {
        let only = |table, allowed: u8| self.name == table && hooks & !allowed == 0;
        let (input, forward, output) = (Hook::Input.bit(), Hook::Forward.bit(), Hook::Output.bit());
        let (before, behind) = (Hook::PreRouting.bit(), Hook::PostRouting.bit());
        let in_tcp = matches!(
            &rule.protocol,
            Some(protocol) if protocol.value == 6 && !protocol.not
        );
        let target = match &rule.target {
            Some(Target::Reject(kind)) => {
                let right = *kind != super::rule::Reject::TcpReset || in_tcp;
                right && only(TableName::Filter, input | forward | output)
            }
            Some(Target::Masquerade(_)) => only(TableName::Nat, behind),
            Some(Target::Snat(_)) => only(TableName::Nat, behind | input),
            Some(Target::Dnat(_) | Target::Redirect(_)) => only(TableName::Nat, before | output),
            Some(Target::Ttl(_)) => self.name == TableName::Mangle,
            Some(Target::NoTrack { .. } | Target::Trace) => self.name == TableName::Raw,
            Some(Target::Checksum) => self.name == TableName::Mangle,
            Some(Target::TcpMss(mss)) => {
                in_tcp && (mss.is_some() || hooks & !(forward | output | behind) == 0)
            }
            _ => true,
        };
        let whole = |net: &Option<super::rule::Maybe<super::rule::Net>>| {
            net.is_none_or(|net| !net.not || net.value.mask != 0)
        };
        let matches = rule.matches.iter().all(|one| match one {
            Match::AddrType {
                limit_in,
                limit_out,
                ..
            } => {
                let out_only = hooks & (output | behind) != 0 && *limit_in;
                let in_only = hooks & (before | input) != 0 && *limit_out;
                !out_only && !in_only
            }
            // What this host sends has no port yet (`physdev_mt_check`).
            Match::Physdev(what) => {
                let asks = what.oif.is_some() || what.is_out.is_some();
                !(asks && what.is_bridged != Some(true) && hooks & output != 0)
            }
            _ => true,
        });
        target && matches && whole(&rule.src) && whole(&rule.dst)
    }
}

/// The tables of one family; one is there once it was named in a change.
#[derive(Clone, Default, Debug)]
pub struct Tables {
    tables: [Option<Box<Table>>; 5],
}

impl Tables {
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
