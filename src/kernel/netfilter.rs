//! Netfilter: requests to read and change the tables of a namespace.
//! The tables are in `netns::filter`; what is asked of them at each hook is in `hook`.

use std::fmt;

use crate::kernel::world::World;
use crate::netns::filter::Filter;
use crate::netns::filter::conntrack::Entry;
use crate::netns::filter::rule::Family;
use crate::netns::filter::tables::{Change, FilterError, Table, TableName, Tables};
use crate::netns::filter::words::{self, Action, WordsError};
use crate::units::{HostId, IfIndex, NetnsId, SimTime};

/// Why [`World::iptables`] changed nothing, or not all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum IptablesError {
    /// The words make no sense.
    Words(WordsError),
    /// The tables do not take it.
    Filter(FilterError),
}

impl fmt::Display for IptablesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(error) => error.fmt(f),
            Self::Filter(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for IptablesError {}

impl World {
    /// Does what a command line of `iptables` (`ip6tables` for [`Family::V6`]), without its name, says
    /// in a namespace. Listings do nothing: see [`World::filter_tables`].
    ///
    /// # Errors
    /// As the tool would say it; changes before the one that fails are made.
    ///
    /// ```
    /// use vethlab::kernel::World;
    /// use vethlab::netns::filter::rule::Family;
    /// use vethlab::netns::filter::tables::TableName;
    ///
    /// let mut world = World::new(0);
    /// let root = world.host(world.default_host()).root;
    /// let words = "-t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE";
    /// let words: Vec<&str> = words.split(' ').collect();
    /// world.iptables(root, Family::V4, &words).expect("a rule that the table takes");
    /// let nat = world.filter_tables(root, Family::V4).and_then(|tables| tables.table(TableName::Nat));
    /// let chain = nat.and_then(|nat| nat.chain("POSTROUTING")).expect("a chain of the table");
    /// assert_eq!(
    ///     chain.rules[0].rule.to_string(),
    ///     "-s 172.17.0.0/16 ! -o docker0 -j MASQUERADE"
    /// );
    /// ```
    pub fn iptables(
        &mut self,
        netns: NetnsId,
        family: Family,
        words: &[impl AsRef<str>],
    ) -> Result<(), IptablesError> {
        let command = words::parse(family, words).map_err(IptablesError::Words)?;
        let Action::Change(changes) = command.action else {
            return Ok(());
        };
        changes.into_iter().try_for_each(|change| {
            self.filter_change(netns, family, command.table, change)
                .map_err(IptablesError::Filter)
        })
    }

    /// Changes a table of a namespace.
    ///
    /// # Errors
    /// As the kernel refuses it; nothing is changed then.
    pub fn filter_change(
        &mut self,
        netns: NetnsId,
        family: Family,
        table: TableName,
        change: Change,
    ) -> Result<(), FilterError> {
        self.filter_edit(netns, |filter| {
            filter.tables_mut(family).change(table, change)
        })
    }

    /// Puts a whole table in the place of the one that is there (a commit of `iptables-restore`).
    pub fn filter_table_set(&mut self, netns: NetnsId, family: Family, table: Table) {
        self.filter_edit(netns, |filter| filter.tables_mut(family).put(table));
    }

    /// Removes a table with all that is in it (a commit of `iptables-restore` that names nothing).
    pub fn filter_table_clear(&mut self, netns: NetnsId, family: Family, table: TableName) {
        self.filter_edit(netns, |filter| filter.tables_mut(family).clear(table));
    }

    /// Changes the tables of a namespace, and sees to it that packets are shown to them.
    fn filter_edit<T>(&mut self, netns: NetnsId, edit: impl FnOnce(&mut Filter) -> T) -> T {
        let found = self.netns.find_mut(netns).and_then(|ns| ns.filter.take());
        let mut filter = match found {
            Some(filter) => filter,
            None => {
                self.filters += 1;
                Box::new(Filter::new(self.stream(netns, "netfilter")))
            }
        };
        let done = edit(&mut filter);
        filter.settle();
        if let Some(ns) = self.netns.find_mut(netns) {
            ns.filter = Some(filter);
        }
        done
    }

    /// A device went down or lost an address: connections that were masked by it are forgotten
    /// (`masq_device_event`, `masq_inet_event`).
    pub(crate) fn masks_gone(&mut self, netns: NetnsId, ifindex: IfIndex) {
        let ns = self.netns.find_mut(netns);
        if let Some(filter) = ns.and_then(|ns| ns.filter.as_deref_mut()) {
            filter.device_down(ifindex);
        }
    }

    /// The kernel's log of a host: lines that rules of its root namespace have written, with their times.
    pub fn kernel_log(&self, host: HostId) -> Vec<(SimTime, &str)> {
        let root = self.host(host).root;
        let filter = self.netns.find(root).and_then(|ns| ns.filter.as_deref());
        filter.map_or_else(Vec::new, |filter| filter.log.lines().collect())
    }

    /// Forgets the lines of the kernel's log.
    pub fn clear_kernel_log(&mut self, host: HostId) {
        let root = self.host(host).root;
        let ns = self.netns.find_mut(root);
        if let Some(filter) = ns.and_then(|ns| ns.filter.as_deref_mut()) {
            filter.log.clear();
        }
    }

    /// The connections that a namespace follows, oldest first.
    pub fn connections(&self, netns: NetnsId) -> Vec<&Entry> {
        let filter = self.netns.find(netns).and_then(|ns| ns.filter.as_deref());
        filter.map_or_else(Vec::new, |filter| filter.connections.list(self.now))
    }

    /// Forgets connections; says how many.
    pub fn connections_forget(&mut self, netns: NetnsId, is_so: impl Fn(&Entry) -> bool) -> usize {
        let ns = self.netns.find_mut(netns);
        let filter = ns.and_then(|ns| ns.filter.as_deref_mut());
        filter.map_or(0, |filter| filter.connections.remove_where(is_so))
    }

    /// The tables of a namespace; nothing where none was ever changed.
    pub fn filter_tables(&self, netns: NetnsId, family: Family) -> Option<&Tables> {
        let filter = self.netns.find(netns)?.filter.as_deref()?;
        Some(filter.tables(family))
    }
}
