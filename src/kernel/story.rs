//! The hops since the last command began, so that a failure can be explained afterwards: bounded, and forgotten
//! with the next command. What commands are is for the floors above.

use std::net::IpAddr;

use crate::engine::trace::{By, Noted};
use crate::kernel::world::World;
use crate::netns::fib::{Flow4, Flow6};
use crate::netns::interface::Interface;
use crate::units::{Errno, HostId, NetnsId};

/// How many hops of one command are kept for an explanation: some hundred packets.
pub const STORY_MAX: usize = 20_000;

/// A command that failed, and what happened to frames while it ran.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Its words.
    pub argv: Vec<String>,
    /// The host on which it ran.
    pub host: HostId,
    /// The namespace in which it ran.
    pub netns: NetnsId,
    /// Its exit status.
    pub status: i32,
    /// The hops, the first [`STORY_MAX`] of them.
    pub noted: Vec<Noted>,
}

impl World {
    /// A command begins whose hops are kept from now on; those of the one before are forgotten.
    pub fn begin_story(&mut self) {
        let journal = self.journal.get_or_insert_with(Box::default);
        journal.kept.clear();
        journal.keeping = true;
        self.watching = true;
    }

    /// Ends keeping hops, and gives those that were kept.
    pub fn end_story(&mut self) -> Vec<Noted> {
        let Some(journal) = &mut self.journal else {
            return Vec::new();
        };
        journal.keeping = false;
        let kept = std::mem::take(&mut journal.kept);
        self.watching = journal.streaming;
        if !journal.streaming {
            self.journal = None;
        }
        kept
    }

    /// Enough hops of a command are kept: nothing is noted for it any more.
    pub(super) fn is_kept(&mut self, noted: &Noted) {
        let Some(journal) = &mut self.journal else {
            return;
        };
        journal.kept.push(noted.clone());
        if journal.kept.len() >= STORY_MAX {
            journal.keeping = false;
            self.watching = journal.streaming;
        }
    }

    /// Remembers a command that failed.
    pub fn set_failure(&mut self, failure: Failure) {
        self.failure = Some(Box::new(failure));
    }

    /// The last command that failed.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_deref()
    }

    /// The device that is down and has an address of the same network as another address, or will have one: the loopback.
    pub fn down_device_for(&self, netns: NetnsId, addr: IpAddr) -> Option<String> {
        let ns = self.netns.find(netns)?;
        let covers = |interface: &Interface| match addr {
            _ if addr.is_loopback() => interface.loopback,
            IpAddr::V4(addr) => interface.inet.addrs().iter().any(|own| own.covers(addr)),
            IpAddr::V6(_) => false,
        };
        let mut interfaces = ns.interfaces.values();
        let down = interfaces.find(|interface| !interface.up && covers(interface))?;
        Some(self.devices.find(down.dev)?.name.as_str().to_owned())
    }

    /// Why a namespace has no way to an address: no route, or one that refuses; nothing where it has one.
    pub fn no_way_to(&self, netns: NetnsId, to: IpAddr) -> Option<By> {
        let facts = self.netns.find(netns)?.facts(self.now);
        let errno = match to {
            IpAddr::V4(to) => facts.route_output4(&Flow4::to(to)).err()?,
            IpAddr::V6(to) => facts.route_output6(&Flow6::to(to)).err()?,
        };
        Some(match errno {
            Errno::Eacces => By::Route("prohibit", to),
            Errno::Einval => By::Route("blackhole", to),
            Errno::Ehostunreach => By::Route("unreachable", to),
            _ => By::NoRoute(to),
        })
    }
}
