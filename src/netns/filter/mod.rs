//! Netfilter of one namespace: the tables of `iptables`, connection tracking and address translation.
//! It decides; packets are moved by the kernel floor.

pub mod rule;
pub mod save;
pub mod tables;
pub mod words;

use rule::Family;
use tables::Tables;

/// What a namespace has of netfilter; it is there once a table was changed.
#[derive(Clone, Default, Debug)]
pub struct Filter {
    tables: [Tables; 2],
}

impl Filter {
    /// The tables of a family.
    pub fn tables(&self, family: Family) -> &Tables {
        &self.tables[family as usize]
    }

    pub(crate) fn tables_mut(&mut self, family: Family) -> &mut Tables {
        &mut self.tables[family as usize]
    }
}
