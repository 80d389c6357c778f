//! The networks of a device that takes those on its list only (`vnifilter`; vxlan_vnifilter.c).
//! Which device of a port takes a packet is looked up where the sockets are.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::device::bridge::{FdbState, Refusal};
use crate::units::{Errno, MacAddr, SimTime};

use super::{EntryFlags, Flags, Remote, Vxlan};

/// Networks of one device at most: a range of all of them is a request of one line.
const VNIS_MAX: usize = 1 << 16;

/// What passed of one network (`struct vxlan_vni_stats`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[expect(missing_docs, reason = "each is named as `bridge -s vni` names it")]
pub struct VniStats {
    pub rx_bytes: u64,
    pub rx_packets: u64,
    pub rx_drops: u64,
    pub rx_errors: u64,
    pub tx_bytes: u64,
    pub tx_packets: u64,
    pub tx_drops: u64,
    pub tx_errors: u64,
}

/// A network on the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VniEntry {
    /// Where its frames go that have no entry, where that is not as for the whole device.
    pub remote: Option<IpAddr>,
    /// What passed of it.
    pub stats: VniStats,
}

/// The list, by number.
pub type Vnis = BTreeMap<u32, VniEntry>;

impl Vxlan {
    /// Whether it takes the networks on its list only.
    pub fn filters(&self) -> bool {
        self.config.flags.has(Flags::VNIFILTER)
    }

    /// The networks on the list.
    pub fn vnis(&self) -> &Vnis {
        &self.vnis
    }

    /// Puts a network on the list, or gives one that is there another remote (`vxlan_vni_add`,
    /// `vxlan_vni_update`).
    ///
    /// # Errors
    /// `ENOSPC` where there are too many.
    pub fn vni_add(
        &mut self,
        now: SimTime,
        vni: u32,
        remote: Option<IpAddr>,
    ) -> Result<(), Refusal> {
        let known = self.vnis.get(&vni).copied();
        if known.is_none() && self.vnis.len() >= VNIS_MAX {
            return Err(Errno::Enospc.into());
        }
        let entry = self.vnis.entry(vni).or_default();
        let old = entry.remote;
        if let Some(remote) = remote {
            entry.remote = Some(remote);
        }
        let new = remote.or_else(|| self.remote_of_all());
        let same = known.is_some() && new.is_some() && new == old;
        if let (Some(new), false) = (new, same) {
            self.add_default(now, vni, new);
        }
        Ok(())
    }

    /// Takes a network off the list, with its entries (`vxlan_vni_del`).
    ///
    /// # Errors
    /// `ENOENT` where it is not there.
    pub fn vni_delete(&mut self, vni: u32) -> Result<(), Refusal> {
        let entry = self.vnis.remove(&vni).ok_or(Errno::Enoent)?;
        if let Some(remote) = entry.remote.or_else(|| self.remote_of_all()) {
            self.remove_default(vni, remote);
        }
        Ok(())
    }

    /// The remote of the device changed: it is that of the networks that have none of their own
    /// (`vxlan_vnilist_update_group`).
    pub(super) fn vnis_follow(&mut self, now: SimTime, old: IpAddr) {
        let follow = self.vnis.iter().filter(|(_, entry)| entry.remote.is_none());
        let all: Vec<u32> = follow.map(|(vni, _)| *vni).collect();
        let new = self.remote_of_all();
        for vni in all {
            if let Some(new) = new {
                self.add_default(now, vni, new);
            }
            if !old.is_unspecified() {
                self.remove_default(vni, old);
            }
        }
    }

    fn remote_of_all(&self) -> Option<IpAddr> {
        Some(self.config.remote).filter(|remote| !remote.is_unspecified())
    }

    /// The far end of all frames of a network that have no entry.
    fn default_of(&self, vni: u32, ip: IpAddr) -> Remote {
        Remote {
            ip,
            vni,
            ..self.default_remote()
        }
    }

    /// Frames of a network that have no entry go there too, where there is room.
    pub(super) fn add_default(&mut self, now: SimTime, vni: u32, ip: IpAddr) {
        let remote = self.default_of(vni, ip);
        let room = self.fdb.has_room(self.config.addresses_max);
        match self.fdb.get_mut(MacAddr::ZERO, vni) {
            Some(entry) if entry.remotes.contains(&remote) => {}
            Some(entry) => entry.remotes.push(remote),
            None if room => {
                let key = (MacAddr::ZERO, vni);
                let flags = EntryFlags::default();
                self.fdb
                    .insert(now, key, FdbState::Permanent, flags, remote);
            }
            None => {}
        }
    }

    fn remove_default(&mut self, vni: u32, ip: IpAddr) {
        let remote = self.default_of(vni, ip);
        // What was deleted by hand is gone already.
        let _ = self.remove_remote(MacAddr::ZERO, vni, remote);
    }

    /// Counts what passed of a network, where those on a list are counted (`vxlan_vnifilter_count`).
    #[inline]
    pub fn count(&mut self, vni: u32, count: impl FnOnce(&mut VniStats)) {
        if self.vnis.is_empty() {
            return;
        }
        if let Some(entry) = self.vnis.get_mut(&vni) {
            count(&mut entry.stats);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, VxlanOptions};
    use super::*;

    fn filtering() -> Vxlan {
        let options = VxlanOptions {
            external: Some(true),
            vnifilter: Some(true),
            ..VxlanOptions::default()
        };
        Vxlan::new(SimTime::ZERO, Config::new(&options).unwrap())
    }

    #[test]
    fn a_network_with_a_remote_floods_to_it_as_long_as_it_is_on_the_list() {
        let mut vxlan = filtering();
        let remote = Some([10, 0, 0, 9].into());
        vxlan.vni_add(SimTime::ZERO, 7, remote).unwrap();
        vxlan.vni_add(SimTime::ZERO, 8, None).unwrap();
        let ends = |vxlan: &Vxlan, vni| {
            let entry = vxlan.fdb.get(MacAddr::ZERO, vni);
            entry.map_or(0, |entry| entry.remotes.len())
        };
        assert_eq!((ends(&vxlan, 7), ends(&vxlan, 8)), (1, 0));
        vxlan.vni_delete(7).unwrap();
        assert_eq!(ends(&vxlan, 7), 0);
        assert_eq!(vxlan.vni_delete(7).unwrap_err().errno, Errno::Enoent);
    }

    #[test]
    fn networks_without_a_remote_follow_the_device() {
        let mut vxlan = filtering();
        vxlan.vni_add(SimTime::ZERO, 8, None).unwrap();
        let config = Config {
            remote: [10, 0, 0, 7].into(),
            ..vxlan.config.clone()
        };
        vxlan.configure(SimTime::ZERO, config);
        let entry = vxlan.fdb.get(MacAddr::ZERO, 8).unwrap();
        assert_eq!(entry.remotes[0].ip, IpAddr::from([10, 0, 0, 7]));
    }

    #[test]
    fn only_networks_on_the_list_are_counted() {
        let mut vxlan = filtering();
        vxlan.vni_add(SimTime::ZERO, 8, None).unwrap();
        for vni in [7, 8] {
            vxlan.count(vni, |stats| stats.rx_packets += 1);
        }
        assert_eq!(vxlan.vnis()[&8].stats.rx_packets, 1);
        assert!(!vxlan.vnis().contains_key(&7));
    }
}
