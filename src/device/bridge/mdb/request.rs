//! Memberships that a user writes, deletes and reads (net/bridge/br_mdb.c).
//! What is learned from reports is in the module above.

use super::{Group, GroupKey, Member, Members};
use crate::device::bridge::port::{PortNo, PortState};
use crate::device::bridge::ticks::Ticks;
use crate::device::bridge::{Bridge, Port, Refusal};
use crate::units::{DevId, Errno, MacAddr, SimTime};

/// A membership to write or to delete by hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MdbChange {
    /// The group.
    pub key: GroupKey,
    /// The port, nothing for the bridge device.
    pub port: Option<DevId>,
    /// Whether it stays for good.
    pub permanent: bool,
}

/// A membership as a dump tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MdbDump {
    /// The group.
    pub key: GroupKey,
    /// The port's device, nothing for the bridge device.
    pub dev: Option<DevId>,
    /// Whether it stays for good.
    pub permanent: bool,
    /// Whether a user wrote it (`proto static`), not the kernel.
    pub by_user: bool,
    /// What is left of it, in hundredths of a second.
    pub timer_clock: u64,
}

fn refused(extack: &'static str) -> Refusal {
    Refusal {
        errno: Errno::Einval,
        extack: Some(extack),
    }
}

impl Bridge {
    /// Writes a membership, in every VLAN of the port where VLANs are told apart and none is named (`br_mdb_add`).
    pub fn mdb_add(&mut self, now: SimTime, change: &MdbChange) -> Result<(), Refusal> {
        let port_no = self.mdb_port(change)?;
        for vid in self.mdb_vlans(change, port_no)? {
            let key = GroupKey { vid, ..change.key };
            self.mdb_add_in_vlan(now, &MdbChange { key, ..*change }, port_no)?;
        }
        Ok(())
    }

    /// The VLANs that a request means.
    fn mdb_vlans(&self, change: &MdbChange, port_no: Option<PortNo>) -> Result<Vec<u16>, Refusal> {
        let (vid, port_no) = (change.key.vid, port_no.unwrap_or(0));
        let filters = self.options.vlan_filtering;
        match vid {
            0 if filters => Ok(self.vids(port_no)),
            vid if filters && !self.has_vid(port_no, vid) => {
                Err(refused("bridge: Vlan is not configured"))
            }
            vid => Ok(vec![vid]),
        }
    }

    fn mdb_add_in_vlan(
        &mut self,
        now: SimTime,
        change: &MdbChange,
        port_no: Option<PortNo>,
    ) -> Result<(), Refusal> {
        if !self.snoops_in(change.key.vid) {
            return Err(refused("bridge: Vlan's multicast processing is disabled"));
        }
        match (change.key.group, port_no) {
            (Group::V4(group), _) if group.is_unspecified() => {
                return Err(refused(
                    "bridge: IPv4 entry group address 0.0.0.0 is not allowed",
                ));
            }
            _ => {}
        }
        let link_layer = matches!(change.key.group, Group::Mac(_));
        if port_no.is_none() && !link_layer && change.permanent {
            return Err(refused("bridge: Flags are not allowed for host groups"));
        }
        if link_layer && !change.permanent {
            return Err(refused("bridge: Only permanent L2 entries allowed"));
        }
        let state = port_no
            .and_then(|port_no| self.port_at(port_no))
            .map(|port| port.state);
        if state == Some(PortState::Disabled) && !change.permanent {
            return Err(refused(
                "bridge: Port is in disabled state and entry is not permanent",
            ));
        }
        let until = now + self.mcast_of(change.key.vid).membership_interval.duration();
        let until = (!change.permanent).then_some(until);
        let exists = |extack| Refusal {
            errno: Errno::Eexist,
            extack: Some(extack),
        };
        let members = self.group_mut(change.key).ok_or(Errno::E2big)?;
        match port_no {
            None if members.host.is_some() => {
                return Err(exists("bridge: Group is already joined by host"));
            }
            None => members.host = Some(until.unwrap_or(SimTime::NEVER)),
            Some(port_no) if members.ports.iter().any(|m| m.port_no == port_no) => {
                return Err(exists("bridge: (*, G) group is already joined by port"));
            }
            Some(port_no) => members.ports.insert(
                0,
                Member {
                    port_no,
                    station: MacAddr::BROADCAST,
                    until,
                    by_user: true,
                },
            ),
        }
        self.mdb_plan();
        Ok(())
    }

    /// The port of a request; nothing for the bridge device.
    fn mdb_port(&self, change: &MdbChange) -> Result<Option<PortNo>, Refusal> {
        if !self.up {
            return Err(refused("bridge: Bridge device is not running"));
        }
        if !self.options.mcast.snooping {
            return Err(refused("bridge: Bridge's multicast processing is disabled"));
        }
        match change.port {
            None => Ok(None),
            Some(dev) => match self.port_no(dev) {
                Some(port_no) => Ok(Some(port_no)),
                None => Err(refused("bridge: Net device is not a bridge port")),
            },
        }
    }

    /// Deletes a membership (`br_mdb_del`).
    pub fn mdb_delete(&mut self, change: &MdbChange) -> Result<(), Refusal> {
        let port_no = self.mdb_port(change)?;
        for vid in self.mdb_vlans(change, port_no)? {
            let key = GroupKey { vid, ..change.key };
            self.mdb_delete_in_vlan(key, port_no)?;
        }
        Ok(())
    }

    fn mdb_delete_in_vlan(
        &mut self,
        key: GroupKey,
        port_no: Option<PortNo>,
    ) -> Result<(), Refusal> {
        let members = self.mdb.groups.get_mut(&key).ok_or(Errno::Einval)?;
        let gone = match port_no {
            None => members.host.take().is_some(),
            Some(port_no) => {
                let first = members.ports.iter().position(|m| m.port_no == port_no);
                first.map(|at| members.ports.remove(at)).is_some()
            }
        };
        self.drop_empty(key);
        self.mdb_plan();
        if gone {
            Ok(())
        } else {
            Err(Errno::Einval.into())
        }
    }

    /// All memberships, the newest group first (`br_mdb_dump`).
    pub fn mdb_dump(&self, now: SimTime) -> Vec<MdbDump> {
        let mut groups: Vec<(&GroupKey, &Members)> = self.mdb.groups.iter().collect();
        groups.sort_unstable_by_key(|(_, members)| std::cmp::Reverse(members.sequence));
        let mut told = Vec::new();
        for (key, members) in groups {
            let left = |until| Ticks::timer_clock(until, now);
            if let Some(until) = members.host {
                told.push(MdbDump {
                    key: *key,
                    dev: None,
                    permanent: false,
                    by_user: false,
                    timer_clock: left(Some(until).filter(|until| *until != SimTime::NEVER)),
                });
            }
            told.extend(members.ports.iter().map(|member| MdbDump {
                key: *key,
                dev: self.port_at(member.port_no).map(|port| port.dev),
                permanent: member.until.is_none(),
                by_user: member.by_user,
                timer_clock: left(member.until),
            }));
        }
        told
    }

    /// The ports behind which multicast routers are, and what is left of that in hundredths
    /// of a second, 0 where it was set by hand.
    pub fn mdb_routers(&self, now: SimTime) -> Vec<(DevId, u64)> {
        let timer = |port: &Port| match port.multicast_router {
            2 => Some(0),
            1 | 3 => port
                .multicast_router_until
                .filter(|until| *until > now)
                .map(|until| Ticks::timer_clock(Some(until), now)),
            _ => None,
        };
        self.ports()
            .filter_map(|port| Some((port.dev, timer(port)?)))
            .collect()
    }
}
