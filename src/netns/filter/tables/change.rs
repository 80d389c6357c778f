//! How a table is changed: rules, chains, policies and counters (`nf_tables_api.c`).
//! Whether rules may stand where they are put is in `reach`.

use super::{Chain, FilterError, Stored, Table, Tokens};
use crate::netns::filter::rule::{Counters, Rule, Target};

/// Rules that one family may have: a bound against runaway scripts.
const RULES_MAX: usize = 200_000;
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

impl Table {
    /// Changes it.
    ///
    /// # Errors
    /// As the kernel refuses it; nothing is changed then.
    pub fn change(&mut self, change: Change) -> Result<(), FilterError> {
        if let Change::Append { rule, .. }
        | Change::Insert { rule, .. }
        | Change::Replace { rule, .. }
        | Change::Delete { rule, .. }
        | Change::Check { rule, .. } = &change
        {
            self.must_know(rule)?;
        }
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

    /// The chain that a rule goes on in has to be there: asked before anything else.
    fn must_know(&self, rule: &Rule) -> Result<(), FilterError> {
        match rule.chain().filter(|name| self.position(name).is_none()) {
            Some(name) => Err(FilterError::NoTarget(name.to_owned())),
            None => Ok(()),
        }
    }

    fn find(&self, chain: &str, rule: &Rule) -> Result<(usize, usize), FilterError> {
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
            Some(name) => {
                let unknown = || FilterError::NoTarget(name.to_owned());
                Some(self.position(name).ok_or_else(unknown)?)
            }
            None => None,
        };
        // No rule goes on in the chain of a hook.
        if let Some(next) = next.filter(|&next| self.chains[next].hook.is_some()) {
            return match self.chains[next].made || next == at {
                true => refused("Operation not supported", self),
                false => refused("No such file or directory", self),
            };
        }
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
        if self.position(from).is_none_or(|at| !self.chains[at].made) {
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
}
