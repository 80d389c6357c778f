//! From which hooks packets come to each chain, and whether its rules may stand there (`nft_chain_validate`).
//! It changes no rule.

use super::{Hook, JUMPS_MAX, Table, TableName};
use crate::netns::filter::rule::{Match, Maybe, Net, Reject, Rule, Target};

impl Table {
    /// Finds again which chains rules go on in, and from which hooks packets may come to each.
    ///
    /// # Errors
    /// The kernel's words where packets could run in a circle, or come to a rule from where it may not stand.
    pub(super) fn relink(&mut self) -> Result<(), &'static str> {
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
    pub(super) fn takes(&self, rule: &Rule, hooks: u8) -> bool {
        let only = |table, allowed: u8| self.name == table && hooks & !allowed == 0;
        let (input, forward, output) = (Hook::Input.bit(), Hook::Forward.bit(), Hook::Output.bit());
        let (before, behind) = (Hook::PreRouting.bit(), Hook::PostRouting.bit());
        let in_tcp = matches!(
            &rule.protocol,
            Some(protocol) if protocol.value == 6 && !protocol.not
        );
        let target = match &rule.target {
            Some(Target::Reject(kind)) => {
                let right = *kind != Reject::TcpReset || in_tcp;
                right && only(TableName::Filter, input | forward | output)
            }
            Some(Target::Masquerade(_)) => only(TableName::Nat, behind),
            Some(Target::Snat(_)) => only(TableName::Nat, behind | input),
            Some(Target::Dnat(_) | Target::Redirect(_)) => only(TableName::Nat, before | output),
            Some(Target::Ttl(_)) => self.name == TableName::Mangle,
            Some(Target::NoTrack { .. } | Target::Trace) => self.name == TableName::Raw,
            Some(Target::Checksum | Target::Tos { .. } | Target::Dscp(_)) => {
                self.name == TableName::Mangle
            }
            Some(Target::Netmap(_)) => only(TableName::Nat, before | input | output | behind),
            Some(Target::TcpMss(mss)) => {
                in_tcp && (mss.is_some() || hooks & !(forward | output | behind) == 0)
            }
            _ => true,
        };
        let whole =
            |net: &Option<Maybe<Net>>| net.is_none_or(|net| !net.not || net.value.mask != 0);
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
            Match::Owner(_) => hooks & !(output | behind) == 0,
            Match::Recent(recent) => recent.is_sound(),
            // There is no other way to look for bytes (`textsearch_prepare`).
            Match::Contents(what) => {
                let known = matches!(what.algo.as_str(), "bm" | "kmp" | "fsm");
                known && what.to.is_none_or(|to| what.from <= to)
            }
            _ => true,
        });
        target && matches && whole(&rule.src) && whole(&rule.dst)
    }
}
