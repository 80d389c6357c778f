//! `nc` passes bytes: standard input to the other end, what comes to standard output (`readwrite`).
//! How the connection came about is in `connect` and `listen`.

use std::time::Duration;

use super::{Console, Nc, Phase, Step};
use crate::kernel::World;
use crate::units::{Errno, SimTime, SockId};

/// The longest piece that it reads and writes (`BIGSIZ`).
const PIECE: usize = 8_192;

/// What it takes to begin once a connection stands: less than the first segment takes to come from
/// afar, more than from next door.
const BEGIN: Duration = Duration::from_micros(60);
/// What a listener takes to be woken and to begin.
const WAKE: Duration = Duration::from_micros(400);
/// What it takes to end, and its shell to hear of that.
const LEAVE: Duration = Duration::from_millis(1);
/// What it takes from one call to the next: a neighbour has acknowledged by then what was written.
const CALL: Duration = Duration::from_micros(150);

/// A connection over which bytes pass.
#[derive(Clone, Debug)]
pub(super) struct Talk {
    pub(super) socket: SockId,
    /// Goes on listening when this ends.
    pub(super) listener: Option<SockId>,
    udp: bool,
    /// The end of the input was seen, and then.
    input_ended: Option<SimTime>,
    /// Something passed then.
    last: SimTime,
    /// It is busy until then.
    busy: SimTime,
    /// The end of the input is to be told to the other end.
    tells_end: bool,
    pub(super) sent: u64,
    pub(super) received: u64,
}

impl Talk {
    pub(super) fn new(now: SimTime, socket: SockId, udp: bool) -> Self {
        Self {
            socket,
            listener: None,
            udp,
            input_ended: None,
            last: now,
            busy: now,
            tells_end: false,
            sent: 0,
            received: 0,
        }
    }

    /// A connection of TCP that stands since now.
    pub(super) fn stands(now: SimTime, socket: SockId, accepted: bool) -> Self {
        let takes = if accepted { WAKE } else { BEGIN };
        Self {
            busy: now + takes,
            ..Self::new(now, socket, false)
        }
    }

    pub(super) fn sockets(&self) -> Vec<SockId> {
        [Some(self.socket), self.listener]
            .into_iter()
            .flatten()
            .collect()
    }
}

impl Nc {
    pub(super) fn talk_on(&mut self, world: &mut World, console: &mut Console) -> Step {
        let Phase::Talk(mut talk) = self.phase.clone() else {
            return Step::Go;
        };
        let now = world.now();
        if talk.busy > now {
            return Step::Wait(Some(talk.busy));
        }
        // What came is read before what is to go is written.
        let open = self.pass_in(world, console, &mut talk);
        let open = self.pass_out(world, &mut talk) && open;
        let until = self.deadline(&talk);
        let until = match talk.busy > now {
            true => Some(talk.busy),
            false => until,
        };
        self.phase = Phase::Talk(talk.clone());
        if open && until.is_none_or(|until| until > now) {
            return Step::Wait(until);
        }
        self.end_talk(world, &talk)
    }

    /// Sends what standard input gave; whether the connection stands.
    fn pass_out(&mut self, world: &mut World, talk: &mut Talk) -> bool {
        let mut at = 0;
        while at < self.input.bytes.len() {
            let end = (at + PIECE).min(self.input.bytes.len());
            match world.send(talk.socket, None, &self.input.bytes[at..end]) {
                Ok(count) => {
                    at += count;
                    talk.sent += count as u64;
                    talk.last = world.now();
                }
                Err(Errno::Eagain) => break,
                // A datagram that nobody takes is gone.
                Err(_) if talk.udp => at = end,
                Err(_) => return false,
            }
        }
        self.input.bytes.drain(..at);
        if at > 0 && self.input.bytes.is_empty() && !talk.udp {
            talk.busy = world.now() + CALL;
        }
        if std::mem::take(&mut talk.tells_end) {
            let _ = world.shutdown(talk.socket, false, true);
        }
        if self.input.ended && self.input.bytes.is_empty() && talk.input_ended.is_none() {
            talk.input_ended = Some(world.now());
            let tells = self.config.quit.is_some() && !talk.udp;
            match at > 0 {
                true => talk.tells_end = tells,
                false if tells => drop(world.shutdown(talk.socket, false, true)),
                false => {}
            }
        }
        true
    }

    /// Prints what came; whether more may come.
    fn pass_in(&mut self, world: &mut World, console: &mut Console, talk: &mut Talk) -> bool {
        let mut bytes = Vec::new();
        let open = match talk.udp {
            true => {
                let _ = world.socket_error(talk.socket);
                while let Some(datagram) = world.recv(talk.socket) {
                    bytes.extend_from_slice(&datagram.bytes);
                }
                true
            }
            false => loop {
                match world.recv_stream(talk.socket, &mut bytes, PIECE) {
                    Ok(0) => break false,
                    Ok(_) => {}
                    Err(Errno::Eagain) => break true,
                    Err(_) => break false,
                }
            },
        };
        if !bytes.is_empty() {
            if !open {
                // The end is what the next read finds.
                talk.busy = world.now() + CALL;
            }
            talk.received += bytes.len() as u64;
            talk.last = world.now();
            console.out(&bytes);
            return true;
        }
        open
    }

    /// When it has waited long enough, once the input has ended.
    fn deadline(&self, talk: &Talk) -> Option<SimTime> {
        let ended = talk.input_ended?;
        let quit = self.config.quit.map(|quit| ended + quit);
        let idle = self.config.wait.map(|wait| talk.last.max(ended) + wait);
        match (quit, idle) {
            (Some(quit), Some(idle)) => Some(quit.min(idle)),
            (quit, idle) => quit.or(idle),
        }
    }

    fn end_talk(&mut self, world: &mut World, talk: &Talk) -> Step {
        world.close_socket(talk.socket);
        self.sent += talk.sent;
        self.received += talk.received;
        match talk.listener {
            Some(listener) => {
                self.phase = Phase::Listen(listener);
                Step::Go
            }
            None if self.config.listen => Step::End(0),
            None => {
                self.leave_at = world.now() + LEAVE;
                self.next_port(world)
            }
        }
    }
}
