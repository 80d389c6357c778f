//! `explain CMD`: a program whose frames are told when it has ended, and why what failed did fail.
//! How it is called is in the tool; what stopped a frame is found out in `diagnose`.

mod advice;
mod diagnose;
mod select;

pub use diagnose::diagnose;
pub use select::caused_by;

use super::{Console, Poll, Program};
use crate::engine::trace::{Journey, Noted};
use crate::kernel::{Failure, World};
use crate::units::{HostId, NetnsId, SockId};

/// How many frames are told at most; the others are counted.
const TOLD_MAX: usize = 40;

/// A program that is explained.
#[derive(Clone, Debug)]
pub struct Explained {
    inner: Program,
    argv: Vec<String>,
    host: HostId,
    netns: NetnsId,
    /// Every socket that it has had.
    sockets: Vec<SockId>,
}

impl Explained {
    /// Explains `inner`, which was called with `argv` in a namespace, and of which the hops are being kept
    /// ([`World::begin_story`]).
    pub fn new(inner: Program, argv: Vec<String>, host: HostId, netns: NetnsId) -> Self {
        Self {
            inner,
            argv,
            host,
            netns,
            sockets: Vec::new(),
        }
    }

    /// The program itself.
    pub fn inner(&self) -> &Program {
        &self.inner
    }

    /// The program itself, to be closed.
    pub fn inner_mut(&mut self) -> &mut Program {
        &mut self.inner
    }

    pub(super) fn poll(&mut self, world: &mut World, console: &mut Console) -> Poll {
        self.note_sockets();
        let poll = self.inner.poll(world, console);
        self.follow(world, console, poll)
    }

    pub(super) fn signal(
        &mut self,
        world: &mut World,
        console: &mut Console,
        signal: super::Signal,
    ) -> Poll {
        let poll = self.inner.signal(world, console, signal);
        self.follow(world, console, poll)
    }

    fn note_sockets(&mut self) {
        for socket in self.inner.sockets() {
            if !self.sockets.contains(&socket) {
                self.sockets.push(socket);
            }
        }
    }

    fn follow(&mut self, world: &mut World, console: &mut Console, poll: Poll) -> Poll {
        self.note_sockets();
        if let Poll::Exit(status) = poll {
            let failure = Failure {
                argv: std::mem::take(&mut self.argv),
                host: self.host,
                netns: self.netns,
                status,
                noted: world.end_story(),
            };
            console.out(story(world, &failure, &self.sockets));
            if status != 0 {
                world.set_failure(failure);
            }
        }
        poll
    }
}

/// The journeys of a command's frames, and where it failed what stopped it.
pub fn story(world: &World, failure: &Failure, sockets: &[SockId]) -> String {
    let journeys = world.journeys(&failure.noted);
    let chosen = caused_by(&journeys, sockets);
    let mut text = told(&chosen, &failure.noted);
    if failure.status != 0 {
        text.push('\n');
        text.push_str(&diagnose(world, failure));
    }
    text
}

/// The journeys one after the other; hosts are named where there are several.
fn told(journeys: &[&Journey], noted: &[Noted]) -> String {
    if journeys.is_empty() {
        return "\nNo frame was sent.\n".to_owned();
    }
    let hosts = |journey: &&Journey| journey.stations.first().map(|s| s.place.host.clone());
    let first = journeys.first().and_then(hosts);
    let stations = journeys.iter().flat_map(|journey| &journey.stations);
    let several = stations
        .map(|s| Some(&s.place.host))
        .any(|host| host != first.as_ref());
    let mut text = "\nThe way of each frame:\n".to_owned();
    for journey in journeys.iter().take(TOLD_MAX) {
        text.push_str(&journey.tell(several));
    }
    if journeys.len() > TOLD_MAX {
        let rest = journeys.len() - TOLD_MAX;
        text.push_str(&format!("... and {rest} more frames.\n"));
    }
    if noted.len() >= crate::kernel::STORY_MAX {
        text.push_str("Later frames were not noted.\n");
    }
    text
}
