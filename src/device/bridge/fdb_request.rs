//! What netlink may do to the forwarding database: write, delete, flush and read (net/bridge/br_fdb.c of Linux 6.18).
//! Learning and ageing are in `fdb_rules`; printing is the tools' work.

use crate::units::{DevId, Errno, MacAddr, SimTime};

use super::fdb::{FdbEntry, FdbFlags};
use super::port::{Port, PortNo};
use super::ticks::Ticks;
use super::{Bridge, Refusal};

/// The state of a neighbour entry as netlink names it (`NUD_*`), the three that a bridge takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FdbState {
    /// `NUD_PERMANENT`: local.
    Permanent,
    /// `NUD_NOARP`: static.
    Static,
    /// `NUD_REACHABLE`: dynamic.
    Reachable,
    /// `NUD_STALE`: aged, and not swept up yet. Only told, never taken.
    Stale,
}

/// What may happen to an entry that is there, and whether one may be made (`NLM_F_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NewFlags {
    /// `NLM_F_CREATE`: make it where there is none.
    pub create: bool,
    /// `NLM_F_EXCL`: fail where there is one.
    pub exclusive: bool,
    /// `NLM_F_APPEND`: put it beside the one that is there; a bridge has one only, and updates it.
    pub append: bool,
    /// `NLM_F_REPLACE`: change the one that is there.
    pub replace: bool,
}

/// An entry to write (`RTM_NEWNEIGH`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FdbAdd {
    /// The station.
    pub mac: MacAddr,
    /// Its VLAN, 0 for none.
    pub vid: u16,
    /// The port, or nothing for the bridge device itself.
    pub port: Option<DevId>,
    /// How long it lives.
    pub state: FdbState,
    /// Create, replace, exclusive.
    pub flags: NewFlags,
    /// `NTF_STICKY`.
    pub sticky: bool,
    /// `NTF_USE`: as if a frame of it had come in.
    pub use_now: bool,
    /// `NTF_EXT_LEARNED`.
    pub extern_learn: bool,
}

/// Which entries a flush takes (`net_bridge_fdb_flush_desc`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FdbFlush {
    /// Those of one port only; the inner nothing is the bridge device.
    pub port: Option<Option<DevId>>,
    /// Those of one VLAN only, 0 for all.
    pub vid: u16,
    /// The flags that are looked at.
    pub mask: FdbFlags,
    /// What they have to be.
    pub flags: FdbFlags,
}

impl FdbFlush {
    /// What `fdb_flush` of a bridge or a port takes: all that is not static.
    pub const DYNAMIC: Self = Self {
        port: None,
        vid: 0,
        mask: FdbFlags::STATIC,
        flags: FdbFlags::NONE,
    };
}

/// An entry as a dump tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FdbDump {
    /// The entry.
    pub entry: FdbEntry,
    /// Its port's device, or nothing for the bridge itself.
    pub dev: Option<DevId>,
    /// What it counts as now (`fdb_to_nud`).
    pub state: FdbState,
}

/// One row of `brctl showmacs` (`struct __fdb_entry`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FdbRow {
    /// The port's number.
    pub port_no: PortNo,
    /// The station.
    pub mac: MacAddr,
    /// Whether frames to it stay here.
    pub is_local: bool,
    /// How long it was not heard, in hundredths of a second.
    pub ageing_clock: u64,
}

impl Bridge {
    /// The port of a request, 0 for the bridge.
    fn request_port(&self, dev: Option<DevId>) -> Result<PortNo, Refusal> {
        match dev {
            None => Ok(0),
            Some(dev) => self.port_no(dev).ok_or_else(|| Errno::Einval.into()),
        }
    }

    /// Writes an entry (`br_fdb_add`).
    pub fn fdb_add(&mut self, now: SimTime, add: &FdbAdd) -> Result<(), Refusal> {
        if add.state == FdbState::Stale || add.mac == MacAddr::ZERO {
            return Err(Errno::Einval.into());
        }
        let port_no = self.request_port(add.port)?;
        if add.vid != 0 {
            if !self.has_vid(port_no, add.vid) {
                return Err(Errno::Einval.into());
            }
            return self.fdb_add_in(now, port_no, add);
        }
        self.fdb_add_in(now, port_no, add)?;
        // Without a VLAN it is written in all that the port is in.
        for vid in self.vids(port_no) {
            self.fdb_add_in(now, port_no, &FdbAdd { vid, ..*add })?;
        }
        Ok(())
    }

    /// Writes an entry in one VLAN (`__br_fdb_add`).
    fn fdb_add_in(&mut self, now: SimTime, port_no: PortNo, add: &FdbAdd) -> Result<(), Refusal> {
        let FdbAdd { mac, vid, .. } = *add;
        if add.use_now {
            return self.fdb_use(now, port_no, mac, vid);
        }
        if add.extern_learn {
            return self.fdb_extern_learn(now, port_no, add);
        }
        self.fdb_add_entry(now, port_no, add)
    }

    /// Acts as if a frame of the station had come in (`NTF_USE`).
    fn fdb_use(
        &mut self,
        now: SimTime,
        port_no: PortNo,
        mac: MacAddr,
        vid: u16,
    ) -> Result<(), Refusal> {
        let port = self.port_at(port_no).ok_or(Errno::Einval)?;
        if port.state.learns() {
            self.learn(now, port_no, mac, vid, FdbFlags::ADDED_BY_USER);
        }
        Ok(())
    }

    /// Writes what a control plane learned (`br_fdb_external_learn_add`).
    fn fdb_extern_learn(
        &mut self,
        now: SimTime,
        port_no: PortNo,
        add: &FdbAdd,
    ) -> Result<(), Refusal> {
        if port_no == 0 && add.state != FdbState::Permanent {
            return Err(Refusal {
                errno: Errno::Einval,
                extack: Some("bridge: FDB entry towards bridge must be permanent"),
            });
        }
        let mut flags = FdbFlags::ADDED_BY_EXT_LEARN.union(FdbFlags::ADDED_BY_USER);
        flags.set(FdbFlags::LOCAL, port_no == 0);
        match self.fdb.find_mut(add.mac, add.vid) {
            None => {
                self.fdb
                    .create(now, add.mac, add.vid, port_no, flags)
                    .ok_or(Errno::Enomem)?;
            }
            Some(entry) => {
                entry.updated = now;
                entry.port_no = port_no;
                if entry.flags.has(FdbFlags::ADDED_BY_EXT_LEARN) {
                    entry.used = now;
                }
                entry.flags.set(FdbFlags::LOCKED, false);
                entry.flags.set(flags, true);
                self.fdb.forget_learned(add.mac, add.vid);
            }
        }
        Ok(())
    }

    /// Writes or changes a user's entry (`fdb_add_entry`).
    fn fdb_add_entry(
        &mut self,
        now: SimTime,
        port_no: PortNo,
        add: &FdbAdd,
    ) -> Result<(), Refusal> {
        let learns = self
            .port_at(port_no)
            .is_some_and(|port| port.state.learns());
        let lasting = matches!(add.state, FdbState::Permanent | FdbState::Static);
        if port_no != 0 && !lasting && !learns {
            return Err(Errno::Eperm.into());
        }
        if port_no == 0 && add.state != FdbState::Permanent
            || add.sticky && add.state == FdbState::Permanent
        {
            return Err(Errno::Einval.into());
        }
        let mut modified = false;
        match self.fdb.find(add.mac, add.vid) {
            None if !add.flags.create => return Err(Errno::Enoent.into()),
            None => {
                let flags = FdbFlags::ADDED_BY_USER;
                self.fdb
                    .create(now, add.mac, add.vid, port_no, flags)
                    .ok_or(Errno::Enomem)?;
                modified = true;
            }
            Some(_) if add.flags.exclusive => return Err(Errno::Eexist.into()),
            Some(_) => self.fdb.forget_learned(add.mac, add.vid),
        }
        let Some(mut entry) = self.fdb.find(add.mac, add.vid).copied() else {
            return Err(Errno::Enomem.into());
        };
        modified |= entry.port_no != port_no;
        entry.port_no = port_no;
        entry.flags.set(FdbFlags::ADDED_BY_USER, true);
        // The state of a lasting entry comes with more bits than the kernel compares it to.
        if lasting || self.fdb_state(now, &entry) != add.state {
            entry
                .flags
                .set(FdbFlags::LOCAL, add.state == FdbState::Permanent);
            entry.flags.set(FdbFlags::STATIC, lasting);
            modified = true;
        }
        modified |= entry.flags.has(FdbFlags::STICKY) != add.sticky;
        entry.flags.set(FdbFlags::STICKY, add.sticky);
        modified |= entry.flags.has(FdbFlags::LOCKED);
        entry.flags.set(FdbFlags::LOCKED, false);
        entry.used = now;
        if modified {
            entry.updated = now;
        }
        if let Some(slot) = self.fdb.find_mut(add.mac, add.vid) {
            *slot = entry;
        }
        Ok(())
    }

    /// Deletes the entry of a station at that port, `None` for the bridge (`br_fdb_delete`).
    pub fn fdb_delete(
        &mut self,
        port: Option<DevId>,
        mac: MacAddr,
        vid: u16,
    ) -> Result<(), Refusal> {
        let port_no = self.request_port(port)?;
        let vids = match vid {
            0 => std::iter::once(0).chain(self.vids(port_no)).collect(),
            vid if self.has_vid(port_no, vid) => vec![vid],
            _ => return Err(Errno::Einval.into()),
        };
        // Without a VLAN it is deleted in all that the port is in; one that is there is enough.
        let mut found = false;
        for vid in vids {
            if self
                .fdb
                .find(mac, vid)
                .is_some_and(|entry| entry.port_no == port_no)
            {
                self.fdb.remove(mac, vid);
                found = true;
            }
        }
        match found {
            true => Ok(()),
            false => Err(Errno::Enoent.into()),
        }
    }

    /// Takes out the entries that a flush names (`br_fdb_flush`).
    pub fn fdb_flush(&mut self, flush: &FdbFlush) -> Result<(), Refusal> {
        let port_no = match flush.port {
            None => None,
            Some(dev) => Some(self.request_port(dev).map_err(|_| Refusal {
                errno: Errno::Einval,
                extack: Some("bridge: Device is not a bridge port"),
            })?),
        };
        self.fdb.remove_where(|e| {
            port_no.is_none_or(|port_no| e.port_no == port_no)
                && (flush.vid == 0 || flush.vid == e.vid)
                && e.flags.intersection(flush.mask) == flush.flags
        });
        Ok(())
    }

    /// The entry of a station (`br_fdb_get`).
    pub fn fdb_get(&self, now: SimTime, mac: MacAddr, vid: u16) -> Result<FdbDump, Refusal> {
        let entry = self.fdb.find(mac, vid).ok_or(Refusal {
            errno: Errno::Enoent,
            extack: Some("Fdb entry not found"),
        })?;
        Ok(self.fdb_told(now, entry))
    }

    /// All entries, the newest first (`br_fdb_dump`).
    pub fn fdb_dump(&self, now: SimTime) -> Vec<FdbDump> {
        self.fdb
            .newest_first()
            .iter()
            .map(|entry| self.fdb_told(now, entry))
            .collect()
    }

    fn fdb_told(&self, now: SimTime, entry: &FdbEntry) -> FdbDump {
        FdbDump {
            entry: *entry,
            dev: self.port_at(entry.port_no).map(|port| port.dev),
            state: self.fdb_state(now, entry),
        }
    }

    /// What `brctl showmacs` reads, before it sorts: no aged entries and none of
    /// the bridge device (`br_fdb_fillbuf`).
    pub fn fdb_rows(&self, now: SimTime) -> Vec<FdbRow> {
        let seen = |e: &FdbEntry| e.port_no != 0 && !self.has_expired(now, e);
        let age = |e: &FdbEntry| match e.flags.has(FdbFlags::STATIC) {
            true => 0,
            false => Ticks::from_duration(now - e.updated).clock(),
        };
        let entries = self.fdb.newest_first();
        let rows = entries.iter().filter(|e| seen(e)).map(|e| FdbRow {
            port_no: e.port_no,
            mac: e.mac,
            is_local: e.flags.has(FdbFlags::LOCAL),
            ageing_clock: age(e),
        });
        rows.collect()
    }

    /// Whether a station lies behind a port other than `port`, of those that forward
    /// (for `br_fdb_test_addr` and for proxies).
    pub fn station_port(&self, mac: MacAddr, vid: u16) -> Option<&Port> {
        self.fdb
            .find(mac, vid)
            .and_then(|entry| self.port_at(entry.port_no))
    }
}
