//! One stream of a test: its socket, what it sent or got, and how much since the last line.
//! What is printed of it is in `report`.

use std::net::SocketAddr;

use super::Test;
use crate::kernel::World;
use crate::units::{Errno, SimTime, SockId};

/// Both ends write the same byte.
const FILL: u8 = 0x55;
/// What is in front of a datagram: its stream, its number, and when it was sent.
const UDP_HEAD: usize = 16;

/// A stream.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    pub(super) socket: SockId,
    pub(super) sends: bool,
    udp: bool,
    /// Bytes of a write that are not written yet.
    left: usize,
    /// When the next write may be.
    next: SimTime,
    pub(super) total: u64,
    pub(super) since_line: u64,
    pub(super) retrans_seen: u64,
    /// Datagrams sent, or the highest number that came.
    pub(super) packets: u64,
    pub(super) packets_line: u64,
    pub(super) lost: u64,
    /// Jitter (RFC 1889), in nanoseconds.
    pub(super) jitter_ns: u64,
    transit_ns: Option<u64>,
    /// Where datagrams are sent back to.
    pub(super) peer: Option<SocketAddr>,
}

impl Stream {
    pub(super) fn new(now: SimTime, socket: SockId, sends: bool, udp: bool) -> Self {
        Self {
            socket,
            sends,
            udp,
            left: 0,
            next: now,
            total: 0,
            since_line: 0,
            retrans_seen: 0,
            packets: 0,
            packets_line: 0,
            lost: 0,
            jitter_ns: 0,
            transit_ns: None,
            peer: None,
        }
    }

    /// Begins to send now.
    pub(super) fn restart(&mut self, now: SimTime) {
        self.next = now;
    }

    fn count(&mut self, bytes: usize) {
        self.total += bytes as u64;
        self.since_line += bytes as u64;
    }

    /// Sends what may be sent; when to look again.
    pub(super) fn send(&mut self, world: &mut World, test: &Test, block: &[u8]) -> Option<SimTime> {
        loop {
            if self.left == 0 {
                if self.next > world.now() {
                    return Some(self.next);
                }
                if test.bytes.is_some_and(|bytes| self.total >= bytes) {
                    return None;
                }
                self.next = self.next.max(world.now()) + test.pause(test.block);
                self.left = test.block;
            }
            if self.udp {
                self.send_datagram(world, test);
                continue;
            }
            let part = &block[..self.left.min(block.len())];
            match world.send(self.socket, None, part) {
                Ok(count) => {
                    self.left -= count;
                    self.count(count);
                }
                Err(_) => return None,
            }
        }
    }

    fn send_datagram(&mut self, world: &mut World, test: &Test) {
        let mut bytes = vec![FILL; test.block.max(UDP_HEAD)];
        self.packets += 1;
        self.packets_line += 1;
        bytes[..8].copy_from_slice(&self.packets.to_be_bytes());
        bytes[8..UDP_HEAD].copy_from_slice(&world.now().as_nanos().to_be_bytes());
        let peer = self.peer;
        // What cannot be sent is lost, as on a real host.
        let _ = world.send(self.socket, peer, &bytes);
        self.count(bytes.len());
        self.left = 0;
    }

    /// Takes what came; whether the stream stands.
    pub(super) fn receive(&mut self, world: &mut World) -> bool {
        if self.udp {
            while let Some(datagram) = world.recv(self.socket) {
                self.take_datagram(world.now(), &datagram.bytes);
            }
            return true;
        }
        loop {
            match world.skip_stream(self.socket, 1 << 20) {
                Ok(0) => return false,
                Ok(count) => self.count(count),
                Err(Errno::Eagain) => return true,
                Err(_) => return false,
            }
        }
    }

    fn take_datagram(&mut self, now: SimTime, bytes: &[u8]) {
        let word = |at: usize| {
            let word = bytes
                .get(at..at + 8)
                .and_then(|word| word.first_chunk::<8>());
            word.map_or(0, |word| u64::from_be_bytes(*word))
        };
        let (number, sent) = (word(0), word(8));
        if number == 0 {
            return;
        }
        self.count(bytes.len());
        self.packets_line += 1;
        if number > self.packets {
            self.lost += number - self.packets - 1;
            self.packets = number;
        } else {
            self.lost = self.lost.saturating_sub(1);
        }
        let transit = now.as_nanos().saturating_sub(sent);
        if let Some(before) = self.transit_ns.replace(transit) {
            let change = transit.abs_diff(before);
            self.jitter_ns = self.jitter_ns - self.jitter_ns / 16 + change / 16;
        }
    }

    /// Segments that were sent again, and the window in bytes.
    pub(super) fn tcp_state(&self, world: &World) -> (u64, u64) {
        world.tcp_detail(self.socket).map_or((0, 0), |detail| {
            (
                detail.counts.retrans,
                u64::from(detail.cwnd) * u64::from(detail.mss),
            )
        })
    }
}

/// A block to write.
pub(super) fn block(test: &Test) -> Vec<u8> {
    vec![FILL; test.block]
}

/// Reads whole lines of a control connection; nothing more comes where the second is false.
pub(super) fn lines(world: &mut World, socket: SockId, kept: &mut Vec<u8>) -> (Vec<String>, bool) {
    let open = loop {
        match world.recv_stream(socket, kept, 4_096) {
            Ok(0) => break false,
            Ok(_) if kept.len() < 65_536 => {}
            Ok(_) => break false,
            Err(Errno::Eagain) => break true,
            Err(_) => break false,
        }
    };
    let mut lines = Vec::new();
    while let Some(end) = kept.iter().position(|&byte| byte == b'\n') {
        let line: Vec<u8> = kept.drain(..=end).collect();
        lines.push(String::from_utf8_lossy(&line[..end]).into_owned());
    }
    (lines, open)
}
