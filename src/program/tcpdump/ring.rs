//! What waits in a capture: frames for their block to be handed over, and bytes for their buffer to be full.
//! Neither has an end: no frame is lost in the ring, unlike in the kernel's.

use std::collections::VecDeque;
use std::time::Duration;

use crate::kernel::World;
use crate::netns::socket::Datagram;
use crate::units::{SimTime, SockId};

/// What the C library gathers before it writes to a pipe or a file.
const STDIO_BUFFER: usize = 4096;

/// A block of the ring (`tp_block_size`).
const BLOCK: usize = 262_144;

/// Frames that arrived and were not handed over yet.
#[derive(Clone, Debug)]
pub(super) struct Ring {
    pub(super) frames: VecDeque<Datagram>,
    pub(super) bytes: usize,
    /// When the ring was opened: blocks end at whole periods behind it.
    pub(super) opened: SimTime,
    pub(super) period: Duration,
    pub(super) due: Option<SimTime>,
}

impl Ring {
    /// Takes what has arrived; whether frames are handed over now.
    pub(super) fn fill(&mut self, world: &mut World, socket: SockId) -> bool {
        while let Some(datagram) = world.recv(socket) {
            self.bytes += datagram.bytes.len();
            self.frames.push_back(datagram);
        }
        let now = world.now();
        if self.frames.is_empty() {
            self.due = None;
            return false;
        }
        let due = *self
            .due
            .get_or_insert(next_end(self.opened, self.period, now));
        now >= due || self.bytes >= BLOCK
    }

    pub(super) fn take(&mut self) -> Option<Datagram> {
        let datagram = self.frames.pop_front();
        if datagram.is_none() {
            (self.bytes, self.due) = (0, None);
        }
        datagram
    }
}

/// The next end of a period; at once where there is no period.
fn next_end(opened: SimTime, period: Duration, now: SimTime) -> SimTime {
    let period = u64::try_from(period.as_nanos()).unwrap_or(u64::MAX);
    let since = now.as_nanos().saturating_sub(opened.as_nanos());
    let periods = since.checked_div(period).map_or(0, |whole| whole + 1);
    match period {
        0 => now,
        _ => opened + Duration::from_nanos(periods.saturating_mul(period)),
    }
}

/// Bytes that wait until there are enough of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Buffer {
    pub(super) waiting: Vec<u8>,
    pub(super) unbuffered: bool,
}

impl Buffer {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    /// What is to be written now.
    pub(super) fn ready(&mut self) -> Vec<u8> {
        let len = if self.unbuffered {
            self.waiting.len()
        } else {
            self.waiting.len() / STDIO_BUFFER * STDIO_BUFFER
        };
        self.waiting.drain(..len).collect()
    }

    pub(super) fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.waiting)
    }
}
