//! The tables of one family by id: prefixes, each with its routes, and how many there are.
//! The order of the routes of a prefix is the family's own.

use super::few::Few;
use super::prefixes::{Bits, PrefixMap};
use crate::units::make_room;

/// One table.
#[derive(Clone, Debug)]
pub(super) struct Table<K, R> {
    /// Its number.
    pub id: u32,
    routes: PrefixMap<K, Few<R>>,
    count: usize,
}

impl<K: Bits, R> Table<K, R> {
    /// The prefixes with their routes.
    #[inline]
    pub fn routes(&self) -> &PrefixMap<K, Few<R>> {
        &self.routes
    }

    /// Puts the first route of a prefix in.
    pub fn put(&mut self, addr: K, len: u8, route: R) {
        self.count += 1;
        let list = self.routes.find_or_insert_with(addr, len, Few::none);
        list.insert(usize::MAX, route);
    }

    /// Changes the routes of a prefix, where there are some; a prefix without routes goes.
    pub fn edit<T>(
        &mut self,
        addr: K,
        len: u8,
        change: impl FnOnce(&mut Few<R>) -> T,
    ) -> Option<T> {
        let list = self.routes.find_mut(addr, len)?;
        let before = list.len();
        let out = change(list);
        let after = list.len();
        self.count = self.count + after - before;
        if after == 0 {
            self.routes.remove(addr, len);
        }
        Some(out)
    }

    /// Changes the routes of all prefixes; those without routes go.
    pub fn edit_all(&mut self, mut change: impl FnMut(&mut Few<R>)) {
        let mut count = 0;
        self.routes.retain(|list| {
            change(list);
            count += list.len();
            !list.is_empty()
        });
        self.count = count;
    }

    /// All routes.
    pub fn all(&self) -> impl Iterator<Item = &R> {
        self.routes.iter().flat_map(|(_, _, list)| list.iter())
    }

    /// Whether there is a route for which `fits` holds.
    pub fn any(&self, fits: impl FnMut(&R) -> bool) -> bool {
        self.all().any(fits)
    }

    /// All routes, to change what is in them.
    pub fn routes_mut(&mut self) -> impl Iterator<Item = &mut R> {
        self.routes.values_mut().flat_map(|list| list.iter_mut())
    }
}

/// The tables in the order of a dump: by the low byte of the id, the newest first among equals
/// (the hash chains of `fib_new_table`).
#[derive(Clone, Debug)]
pub(super) struct Tables<K, R> {
    list: Vec<Table<K, R>>,
}

impl<K, R> Default for Tables<K, R> {
    fn default() -> Self {
        Self { list: Vec::new() }
    }
}

impl<K: Bits, R> Tables<K, R> {
    /// The table of this id.
    #[inline]
    pub fn find(&self, id: u32) -> Option<&Table<K, R>> {
        self.list.iter().find(|table| table.id == id)
    }

    /// The table of this id, to change it.
    pub fn find_mut(&mut self, id: u32) -> Option<&mut Table<K, R>> {
        self.list.iter_mut().find(|table| table.id == id)
    }

    /// The table of this id, made where there is none.
    pub fn make(&mut self, id: u32) -> &mut Table<K, R> {
        let known = self.list.iter().position(|table| table.id == id);
        let at = known.unwrap_or_else(|| {
            let bucket = id & 0xff;
            let at = self.list.partition_point(|table| table.id & 0xff < bucket);
            let table = Table {
                id,
                routes: PrefixMap::default(),
                count: 0,
            };
            // Nearly all namespaces have two, `main` and `local`.
            make_room(&mut self.list, 2);
            self.list.insert(at, table);
            at
        });
        &mut self.list[at]
    }

    /// All tables, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Table<K, R>> {
        self.list.iter()
    }

    /// All tables, in order, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Table<K, R>> {
        self.list.iter_mut()
    }

    /// How many routes there are.
    pub fn count(&self) -> usize {
        self.list.iter().map(|table| table.count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_in_the_order_of_their_hash_chains() {
        let mut tables: Tables<u32, u8> = Tables::default();
        for id in [254, 100, 356, 1, 255] {
            tables.make(id);
        }
        let ids: Vec<u32> = tables.iter().map(|table| table.id).collect();
        assert_eq!(ids, [1, 356, 100, 254, 255]);
    }

    #[test]
    fn routes_are_counted_whatever_happens_to_them() {
        let mut tables: Tables<u32, u8> = Tables::default();
        let table = tables.make(254);
        table.put(0, 0, 1);
        table.put(1 << 31, 1, 1);
        table.edit(0, 0, |list| list.insert(0, 2));
        assert_eq!(tables.count(), 3);
        let table = tables.make(254);
        assert_eq!(table.edit(1 << 31, 1, |list| list.remove(0)), Some(Some(1)));
        assert!(table.edit(1 << 31, 1, |_| ()).is_none());
        assert_eq!(tables.count(), 2);
        for table in tables.iter_mut() {
            table.edit_all(|list| {
                list.retain(|route| *route == 2);
            });
        }
        assert_eq!(tables.count(), 1);
        assert!(
            tables
                .find(254)
                .is_some_and(|table| table.any(|route| *route == 2))
        );
    }
}
