//! Queueing disciplines: what may leave a device now, what waits, and what is lost (net/sched).
//! They hold frames; sending them, and looking again later, is the kernel floor's.
//!
//! A discipline that no device has been given costs nothing: a device without one hands its frames on directly.

mod distribution;
mod ecn;
mod fifo;
mod fq_codel;
mod loss;
mod netem;
mod prandom;
mod tbf;

pub use distribution::Distribution;
pub use fifo::{Fifo, Unit};
pub use fq_codel::{FqCodel, micros, ticks};
pub use loss::LossModel;
pub use netem::{Netem, NetemChange, NetemRate, NetemSlot};
pub use prandom::Prandom;
pub use tbf::{Tbf, TbfConfig};

use crate::units::SimTime;
use crate::wire::Frame;

/// The parent of a root qdisc (`TC_H_ROOT`).
pub const ROOT: u32 = 0xffff_ffff;
/// Frames that wait in one qdisc at most, whatever its limit says.
const FRAMES_MAX: usize = 1_000_000;

/// The major part of a handle (`TC_H_MAJ`).
pub const fn major(handle: u32) -> u32 {
    handle & 0xffff_0000
}

/// The minor part of a handle (`TC_H_MIN`).
pub const fn minor(handle: u32) -> u32 {
    handle & 0xffff
}

/// A qdisc with its place and counters (`struct Qdisc`).
#[derive(Clone, Debug)]
pub struct Qdisc {
    /// Its handle, the minor part 0; 0 for those that the kernel made by itself.
    pub handle: u32,
    /// The class that it is at, or [`ROOT`].
    pub parent: u32,
    /// What it is.
    pub kind: Kind,
    /// What went through it.
    pub stats: Stats,
}

/// What a qdisc is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// No queue: frames go to the device at once.
    Noqueue,
    /// The classic queue of three bands. Frames do not wait in it here, so that the bands do not matter.
    PfifoFast(Fifo),
    /// Fair queueing with controlled delay, as a plain queue.
    FqCodel(Box<FqCodel>),
    /// A plain queue, of packets or of bytes.
    Fifo(Fifo),
    /// A token bucket.
    Tbf(Box<Tbf>),
    /// A network emulator.
    Netem(Box<Netem>),
}

impl Kind {
    /// The kernel's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Noqueue => "noqueue",
            Self::PfifoFast(_) => "pfifo_fast",
            Self::FqCodel(_) => "fq_codel",
            Self::Fifo(fifo) => fifo.unit.name(),
            Self::Tbf(_) => "tbf",
            Self::Netem(_) => "netem",
        }
    }
}

/// The counters of a qdisc (`gnet_stats_basic`, `gnet_stats_queue`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// Bytes that left it.
    pub bytes: u64,
    /// Frames that left it.
    pub packets: u64,
    /// Frames that it lost.
    pub drops: u32,
    /// How often a frame had to wait for its turn.
    pub overlimits: u32,
    /// Frames that were put in front again.
    pub requeues: u32,
    /// Bytes that wait.
    pub backlog: u32,
    /// Frames that wait.
    pub qlen: u32,
}

impl Stats {
    fn wait(&mut self, frames: u32, bytes: usize) {
        self.qlen = self.qlen.saturating_add(frames);
        self.backlog = self.backlog.saturating_add(narrow(bytes));
    }

    fn leave(&mut self, bytes: usize) {
        self.qlen = self.qlen.saturating_sub(1);
        self.backlog = self.backlog.saturating_sub(narrow(bytes));
        self.packets += 1;
        self.bytes += bytes as u64;
    }
}

fn narrow(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// What became of a frame that was given to a qdisc.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Enqueued {
    /// Frames that wait now: none, one, or two where one was doubled.
    pub frames: u32,
    /// Their bytes.
    pub bytes: usize,
    /// Whether the sender is told that it was lost (`NET_XMIT_DROP`).
    pub refused: bool,
}

impl Enqueued {
    const LOST: Self = Self {
        frames: 0,
        bytes: 0,
        refused: false,
    };
    const REFUSED: Self = Self {
        frames: 0,
        bytes: 0,
        refused: true,
    };

    fn one(bytes: usize) -> Self {
        Self {
            frames: 1,
            bytes,
            refused: false,
        }
    }
}

/// What a qdisc has to give.
#[derive(Clone, Debug)]
pub enum Dequeued {
    /// A frame.
    Frame(Frame),
    /// Nothing before that instant.
    Later(SimTime),
    /// Nothing.
    Empty,
}

impl Qdisc {
    /// A qdisc of a kind at a place.
    pub fn new(handle: u32, parent: u32, kind: Kind) -> Self {
        Self {
            handle,
            parent,
            kind,
            stats: Stats::default(),
        }
    }

    /// A frame is to be sent; what is lost of it goes into `lost`.
    pub fn enqueue(&mut self, now: SimTime, frame: Frame, lost: &mut Vec<Frame>) -> Enqueued {
        let stats = &mut self.stats;
        match &mut self.kind {
            Kind::Noqueue => Enqueued::REFUSED,
            Kind::PfifoFast(fifo) | Kind::Fifo(fifo) => fifo.enqueue(stats, frame, lost),
            Kind::FqCodel(queue) => queue.fifo.enqueue(stats, frame, lost),
            Kind::Tbf(tbf) => tbf.enqueue(now, stats, frame, lost),
            Kind::Netem(netem) => netem.enqueue(now, stats, frame, lost),
        }
    }

    /// The next frame whose time has come.
    pub fn dequeue(&mut self, now: SimTime, lost: &mut Vec<Frame>) -> Dequeued {
        let stats = &mut self.stats;
        match &mut self.kind {
            Kind::Noqueue => Dequeued::Empty,
            Kind::PfifoFast(fifo) | Kind::Fifo(fifo) => fifo.dequeue(stats),
            Kind::FqCodel(queue) => queue.fifo.dequeue(stats),
            Kind::Tbf(tbf) => tbf.dequeue(now, stats, lost),
            Kind::Netem(netem) => netem.dequeue(now, stats, lost),
        }
    }

    /// Lets go of all frames (`qdisc_reset`).
    pub fn reset(&mut self, lost: &mut Vec<Frame>) {
        (self.stats.backlog, self.stats.qlen) = (0, 0);
        match &mut self.kind {
            Kind::Noqueue => {}
            Kind::PfifoFast(fifo) | Kind::Fifo(fifo) => fifo.reset(lost),
            Kind::FqCodel(queue) => queue.fifo.reset(lost),
            Kind::Tbf(tbf) => tbf.reset(lost),
            Kind::Netem(netem) => netem.reset(lost),
        }
    }

    /// The qdisc at its only class, where it has classes and one is there (`leaf`).
    pub fn child(&self) -> Option<&Qdisc> {
        match &self.kind {
            Kind::Tbf(tbf) => Some(&tbf.child),
            Kind::Netem(netem) => netem.child.as_deref(),
            Kind::Noqueue | Kind::PfifoFast(_) | Kind::FqCodel(_) | Kind::Fifo(_) => None,
        }
    }

    /// As [`Qdisc::child`], to change it.
    pub fn child_mut(&mut self) -> Option<&mut Qdisc> {
        match &mut self.kind {
            Kind::Tbf(tbf) => Some(&mut tbf.child),
            Kind::Netem(netem) => netem.child.as_deref_mut(),
            Kind::Noqueue | Kind::PfifoFast(_) | Kind::FqCodel(_) | Kind::Fifo(_) => None,
        }
    }

    /// Whether it has classes.
    pub fn is_classful(&self) -> bool {
        matches!(self.kind, Kind::Tbf(_) | Kind::Netem(_))
    }

    /// The qdisc of that handle, in it and below (`qdisc_lookup`).
    pub fn find(&self, handle: u32) -> Option<&Qdisc> {
        if self.handle == handle {
            return Some(self);
        }
        self.child()?.find(handle)
    }

    /// As [`Qdisc::find`], to change it.
    pub fn find_mut(&mut self, handle: u32) -> Option<&mut Qdisc> {
        if self.handle == handle {
            return Some(self);
        }
        self.child_mut()?.find_mut(handle)
    }
}

#[cfg(test)]
mod tests;
