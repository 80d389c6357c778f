//! What happens to a packet at a hook: connections, then the tables in the order of their priorities
//! (nf_conntrack_proto.c, nf_nat_core.c, `nf_hook_slow`).
//! It moves no packet: the kernel floor acts on the outcome.

use crate::netns::facts::Facts;
use crate::netns::filter::conntrack::{Seen, UNTRACKED, pack, unpack};
use crate::netns::filter::eval::{self, Context, Place, Said, Way};
use crate::netns::filter::packet::{Parts, Side};
use crate::netns::filter::rule::{Family, Reject};
use crate::netns::filter::tables::{Hook, TableName};
use crate::netns::filter::{Filter, nat};
use crate::netns::sysctl::Sysctls;
use crate::wire::Frame;

/// What becomes of a packet at a hook.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It goes on; its way has to be found again where `reroute`.
    Accept {
        /// Whether what its route depends on was changed.
        reroute: bool,
    },
    /// It is lost, by a rule or a policy, or without one for want of room.
    Drop(Option<Place>),
    /// It is lost, and its sender is told.
    Reject(Place, Reject),
}

/// What is asked at a hook.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Table(TableName),
    See,
    Confirm,
}

/// The stages of a hook in the order of their priorities.
fn stages(hook: Hook) -> &'static [Stage] {
    use Stage::{Confirm, See, Table};
    use TableName::{Filter, Mangle, Nat, Raw, Security};
    match hook {
        Hook::PreRouting => &[Table(Raw), See, Table(Mangle), Table(Nat)],
        Hook::Input => &[
            Table(Mangle),
            Table(Filter),
            Table(Security),
            Table(Nat),
            Confirm,
        ],
        Hook::Forward => &[Table(Mangle), Table(Filter), Table(Security)],
        Hook::Output => &[
            Table(Raw),
            See,
            Table(Mangle),
            Table(Nat),
            Table(Filter),
            Table(Security),
        ],
        Hook::PostRouting => &[Table(Mangle), Table(Nat), Confirm],
    }
}

/// What a route depends on.
fn routed_by(parts: &Parts, mark: u32) -> (u128, u128, u8, u32) {
    (parts.src, parts.dst, parts.tos, mark)
}

impl Filter {
    /// Shows a packet to all that stand at a hook.
    pub fn at_hook(
        &mut self,
        way: &Way<'_>,
        frame: &mut Frame,
        facts: &Facts<'_>,
        sysctls: &Sysctls,
    ) -> Outcome {
        let Some(parts) = Parts::of(frame.bytes()) else {
            return Outcome::Accept { reroute: false };
        };
        let before = routed_by(&parts, frame.mark);
        let outcome = self.stages(way, frame, parts, facts, sysctls);
        match outcome {
            Outcome::Accept { .. } => {}
            Outcome::Drop(_) => {
                if let Some((id, _)) = unpack(frame.ct) {
                    self.connections.give_up(id);
                }
                return outcome;
            }
            // The answer is of the same connection, which is given up behind it.
            Outcome::Reject(..) => return outcome,
        }
        let after = Parts::of(frame.bytes()).map(|parts| routed_by(&parts, frame.mark));
        Outcome::Accept {
            reroute: way.hook == Hook::Output && after != Some(before),
        }
    }

    fn stages(
        &mut self,
        way: &Way<'_>,
        frame: &mut Frame,
        parts: Parts,
        facts: &Facts<'_>,
        sysctls: &Sysctls,
    ) -> Outcome {
        let follows = self.follows(parts.family);
        for stage in stages(way.hook) {
            match *stage {
                Stage::See if follows && frame.ct == 0 => {
                    match self
                        .connections
                        .see(facts.now, frame.bytes(), &parts, sysctls)
                    {
                        Seen::Of(id, info) => frame.ct = pack(id, info),
                        Seen::Invalid => {}
                        Seen::Untracked => frame.ct = UNTRACKED,
                        Seen::Full => return Outcome::Drop(None),
                    }
                }
                Stage::Confirm if follows => {
                    // An answer of this host to a first packet confirms nothing.
                    if let Some((id, info)) = unpack(frame.ct)
                        && !info.is_reply()
                        && !self.connections.confirm(id)
                    {
                        return Outcome::Drop(None);
                    }
                }
                Stage::See | Stage::Confirm => {}
                Stage::Table(TableName::Nat) => {
                    if let Some(lost) = self.translate(way, frame, facts) {
                        return lost;
                    }
                }
                Stage::Table(name) => match self.ask(name, way, frame, facts) {
                    Said::Accept | Said::Nat(_) => {}
                    Said::Drop(place) => return Outcome::Drop(Some(place)),
                    Said::Reject(place, kind) => return Outcome::Reject(place, kind),
                },
            }
        }
        Outcome::Accept { reroute: false }
    }

    /// Shows a packet to one table.
    fn ask(
        &mut self,
        name: TableName,
        way: &Way<'_>,
        frame: &mut Frame,
        facts: &Facts<'_>,
    ) -> Said {
        let Some(parts) = Parts::of(frame.bytes()) else {
            return Said::Accept;
        };
        let Some(table) = self.tables[parts.family as usize].table_mut(name) else {
            return Said::Accept;
        };
        let mut context = Context {
            facts,
            frame,
            parts,
            way,
            connections: &mut self.connections,
            random: &mut self.random,
            recents: &mut self.recents,
            log: &mut self.log,
        };
        eval::run(table, &mut context)
    }

    /// Translates a packet, and decides how where it begins a connection (`nf_nat_inet_fn`).
    fn translate(
        &mut self,
        way: &Way<'_>,
        frame: &mut Frame,
        facts: &Facts<'_>,
    ) -> Option<Outcome> {
        let family = Parts::of(frame.bytes())?.family;
        self.tables[family as usize].table(TableName::Nat)?;
        let (id, info) = unpack(frame.ct)?;
        let side = nat::side_of(way.hook);
        if info.is_related() {
            let is_error = Parts::of(frame.bytes())?.is_icmp_error(frame.bytes());
            let entry = self.connections.entry(id)?;
            if is_error {
                nat::translate_error(entry, info, way.hook, frame);
            }
            return None;
        }
        let entry = self.connections.entry(id)?;
        let done = match side {
            Side::Source => entry.status.src_done,
            Side::Destination => entry.status.dst_done,
        };
        if !done && !entry.status.confirmed {
            let to = match self.ask(TableName::Nat, way, frame, facts) {
                Said::Accept => None,
                Said::Nat(to) => Some(to),
                Said::Drop(place) => return Some(Outcome::Drop(Some(place))),
                Said::Reject(place, kind) => return Some(Outcome::Reject(place, kind)),
            };
            let (nat, connections) = (&mut self.nat, &mut self.connections);
            nat.setup(connections, id, side, to.as_ref(), &mut self.random);
        }
        let entry = self.connections.entry(id)?;
        nat::translate(entry, info, way.hook, frame);
        None
    }

    /// Whether connections of a family are followed.
    #[inline]
    pub fn follows(&self, family: Family) -> bool {
        self.follows[family as usize]
    }
}
