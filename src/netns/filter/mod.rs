//! Netfilter of one namespace: the tables of `iptables`, connection tracking and address translation.
//! It decides; packets are moved by the kernel floor.

pub mod conntrack;
pub mod eval;
pub mod hook;
pub mod log;
pub mod memory;
pub mod nat;
pub mod packet;
pub mod rule;
pub mod save;
pub mod tables;
#[cfg(test)]
mod tests;
pub mod words;

use crate::engine::Random;
use conntrack::Conntrack;
use log::KernelLog;
use memory::Recents;
use nat::Nat;
use rule::Family;
use tables::{Hook, Tables};

/// What a namespace has of netfilter; it is there once a table was changed.
#[derive(Clone, Debug)]
pub struct Filter {
    tables: [Tables; 2],
    /// The connections of both families.
    pub connections: Conntrack,
    /// Whether connections are followed, by family: something must ask for them.
    follows: [bool; 2],
    /// The hooks at which something stands, by family.
    hooks: [u8; 2],
    nat: Nat,
    random: Random,
    recents: Recents,
    /// What rules have written to the kernel's log.
    pub log: KernelLog,
}

impl Filter {
    /// No tables and no connections; `random` draws ports.
    pub fn new(random: Random) -> Self {
        Self {
            tables: Default::default(),
            connections: Conntrack::default(),
            follows: [false; 2],
            hooks: [0; 2],
            nat: Nat::default(),
            random,
            recents: Recents::default(),
            log: KernelLog::default(),
        }
    }

    /// The tables of a family.
    pub fn tables(&self, family: Family) -> &Tables {
        &self.tables[family as usize]
    }

    pub(crate) fn tables_mut(&mut self, family: Family) -> &mut Tables {
        &mut self.tables[family as usize]
    }

    /// The tables were changed: finds again what stands where.
    pub(crate) fn settle(&mut self) {
        for (at, tables) in self.tables.iter().enumerate() {
            self.follows[at] = tables.need_conntrack();
            let mut hooks = 0;
            for table in tables.iter() {
                hooks |= table
                    .name
                    .hooks()
                    .iter()
                    .fold(0, |set, hook| set | hook.bit());
            }
            if self.follows[at] {
                let all = Hook::ALL.iter().fold(0, |set, hook| set | hook.bit());
                hooks |= all & !Hook::Forward.bit();
            }
            self.hooks[at] = hooks;
        }
        if !self.recents.is_empty() {
            let tables = &self.tables;
            self.recents
                .keep(|family, name| tables[family as usize].has_recent(name));
        }
    }

    /// Whether something stands at a hook.
    #[inline]
    pub fn is_at(&self, family: Family, hook: Hook) -> bool {
        self.hooks[family as usize] & hook.bit() != 0
    }

    /// The rule that decided, as its own tool lists it.
    pub fn describe(&self, family: Family, place: eval::Place) -> String {
        let tool = match family {
            Family::V4 => "iptables",
            Family::V6 => "ip6tables",
        };
        let table = place.table.name();
        let found = self.tables(family).table(place.table);
        let Some(chain) = found.and_then(|table| table.chains.get(place.chain)) else {
            return format!("{tool} -t {table}");
        };
        let name = &chain.name;
        match place.rule.and_then(|at| Some((at, chain.rules.get(at)?))) {
            Some((at, stored)) => {
                let rule = &stored.rule;
                format!("{tool} -t {table} -A {name} {rule} (rule {})", at + 1)
            }
            None => format!("{tool} -t {table} -P {name} DROP"),
        }
    }

    /// Connections whose source was a device's address are forgotten with it (`masq_device_event`).
    pub fn device_down(&mut self, ifindex: crate::units::IfIndex) {
        self.connections
            .remove_where(|entry| entry.masked_by == ifindex);
        self.nat.clear();
    }
}
