//! Plain queues: `pfifo` counts packets, `bfifo` bytes (sch_fifo.c).
//! What does not fit is lost at the tail.

use std::collections::VecDeque;

use super::{Dequeued, Enqueued, FRAMES_MAX, Stats};
use crate::wire::Frame;

/// What a queue's limit counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Packets: `pfifo`.
    Packets,
    /// Bytes: `bfifo`.
    Bytes,
}

impl Unit {
    /// The kernel's name of such a queue.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Packets => "pfifo",
            Self::Bytes => "bfifo",
        }
    }
}

/// A plain queue.
#[derive(Clone, Debug)]
pub struct Fifo {
    /// What the limit counts.
    pub unit: Unit,
    /// How much waits at most.
    pub limit: u32,
    frames: VecDeque<Frame>,
}

impl Fifo {
    /// An empty queue.
    pub fn new(unit: Unit, limit: u32) -> Self {
        Self {
            unit,
            limit,
            frames: VecDeque::new(),
        }
    }

    pub(super) fn enqueue(
        &mut self,
        stats: &mut Stats,
        frame: Frame,
        lost: &mut Vec<Frame>,
    ) -> Enqueued {
        let bytes = frame.len();
        let fits = match self.unit {
            Unit::Packets => stats.qlen < self.limit,
            Unit::Bytes => u64::from(stats.backlog) + bytes as u64 <= u64::from(self.limit),
        };
        if !fits || self.frames.len() >= FRAMES_MAX {
            stats.drops += 1;
            lost.push(frame);
            return Enqueued::REFUSED;
        }
        stats.wait(1, bytes);
        self.frames.push_back(frame);
        Enqueued::one(bytes)
    }

    /// The length of the frame that is next.
    pub(super) fn head(&self) -> Option<usize> {
        self.frames.front().map(Frame::len)
    }

    pub(super) fn dequeue(&mut self, stats: &mut Stats) -> Dequeued {
        match self.frames.pop_front() {
            Some(frame) => {
                stats.leave(frame.len());
                Dequeued::Frame(frame)
            }
            None => Dequeued::Empty,
        }
    }

    pub(super) fn reset(&mut self, lost: &mut Vec<Frame>) {
        lost.extend(self.frames.drain(..));
    }
}
