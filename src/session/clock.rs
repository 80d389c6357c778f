//! How a session's clock moves: it jumps where all wait for the world, and follows the wall where somebody
//! waits for something real. It reads the wall clock; the world does not.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::backend::Backend;
use super::proto::Reply;
use super::server::{CLOCK_ALLOWANCE, Server, State};
use super::tree::Pace;

/// How much virtual time may pass with nobody driving the clock and nothing happening.
const IDLE_MAX: Duration = Duration::from_secs(3600);
/// The shortest and the longest stretch of time between two looks for signals.
const SLICE_MIN_NS: u64 = 1_000_000_000;
const SLICE_MAX_NS: u64 = 3_600_000_000_000;
/// How long one stretch may take to simulate before the next is shorter.
const SLICE_COST: Duration = Duration::from_millis(2);
/// How long to sleep while the clock follows the wall because of a process that may come to an end.
const WALL_GLANCE: Duration = Duration::from_millis(10);
/// The longest sleep in a shell: the world's clock is behind by so much at most.
const WALL_MAX: Duration = Duration::from_secs(1);

/// What happens at a timer's time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Due {
    /// `sleep` ends.
    Wake,
    /// The time of a command under `timeout` is over.
    TimeUp {
        signal: i32,
        kill_after_ns: Option<u64>,
    },
    /// It has not heard the signal.
    Kill,
}

/// The session's timers, and how the virtual clock is tied to the wall.
pub(super) struct Clock {
    /// The clock follows the wall at all times.
    follow: bool,
    /// An instant on the wall and the virtual time then.
    base: Option<(Instant, u64)>,
    timers: BTreeMap<(u64, u64), (u64, Due)>,
    next_timer: u64,
    slice_ns: u64,
    /// When something last happened.
    touched_ns: u64,
}

impl Clock {
    pub(super) fn new(follow: bool) -> Self {
        Self {
            follow,
            base: None,
            timers: BTreeMap::new(),
            next_timer: 0,
            slice_ns: SLICE_MIN_NS,
            touched_ns: 0,
        }
    }

    /// Sets a timer for a connection.
    pub(super) fn set(&mut self, due_ns: u64, connection: u64, due: Due) {
        self.next_timer += 1;
        self.timers
            .insert((due_ns, self.next_timer), (connection, due));
    }

    /// Stops all timers of a connection.
    pub(super) fn cancel(&mut self, connection: u64) {
        self.timers.retain(|_, (of, _)| *of != connection);
    }

    /// Something happened.
    pub(super) fn touch(&mut self, now_ns: u64) {
        self.touched_ns = now_ns;
    }

    fn first_ns(&self) -> Option<u64> {
        self.timers.keys().next().map(|(due_ns, _)| *due_ns)
    }

    /// The virtual time that the wall shows.
    fn wall_ns(&mut self, now_ns: u64) -> u64 {
        let (then, base_ns) = *self.base.get_or_insert_with(|| (Instant::now(), now_ns));
        let passed = u64::try_from(then.elapsed().as_nanos()).unwrap_or(u64::MAX);
        base_ns.saturating_add(passed)
    }

    /// The next stretch is longer where the last was cheap. What happens does not depend on it.
    fn adapt(&mut self, cost: Duration) {
        self.slice_ns = match cost < SLICE_COST {
            true => (self.slice_ns * 2).min(SLICE_MAX_NS),
            false => (self.slice_ns / 2).max(SLICE_MIN_NS),
        };
    }
}

impl<B: Backend> Server<B> {
    /// Moves the clock, if it may move. The answer says how long nothing will be to do.
    pub(super) fn tick(&mut self) -> Option<Duration> {
        if self.clock.follow {
            return Some(self.follow_wall(WALL_MAX));
        }
        if !self.is_anybody_waiting() {
            self.clock.base = None;
            return None;
        }
        let pace = self.settle(CLOCK_ALLOWANCE);
        if self.has_work() || self.alarmed {
            return Some(Duration::ZERO);
        }
        let jumps = match pace {
            Pace::Jump => true,
            Pace::Unsure => self.is_anybody_driving(),
            Pace::Wall => false,
        };
        match jumps {
            true => Some(self.jump()),
            false => Some(self.follow_wall(WALL_GLANCE)),
        }
    }

    fn is_anybody_waiting(&self) -> bool {
        !self.clock.timers.is_empty()
            || self
                .clients
                .values()
                .any(|client| matches!(client.state, State::Running { .. }))
    }

    fn is_anybody_driving(&self) -> bool {
        self.clients.values().any(|client| {
            matches!(
                client.state,
                State::Sleeping
                    | State::Running {
                        drives_clock: true,
                        ..
                    }
            )
        })
    }

    /// Runs to the next instant at which something happens for somebody.
    fn jump(&mut self) -> Duration {
        self.clock.base = None;
        let idle_ns = match self.clock.timers.is_empty() && !self.is_anybody_driving() {
            true => self
                .clock
                .touched_ns
                .saturating_add(IDLE_MAX.as_nanos() as u64),
            false => u64::MAX,
        };
        loop {
            let before_ns = self.backend.now_ns();
            if idle_ns < u64::MAX
                && (before_ns >= idle_ns || self.backend.next_event_ns().is_none())
            {
                self.stop_idle(Duration::from_nanos(
                    before_ns.saturating_sub(self.clock.touched_ns),
                ));
                return Duration::ZERO;
            }
            let started = Instant::now();
            let until_ns = before_ns.saturating_add(self.clock.slice_ns).min(idle_ns);
            if self.advance(until_ns) {
                return Duration::ZERO;
            }
            self.clock.adapt(started.elapsed());
            if self.pump(Some(Duration::ZERO)) || self.alarmed {
                return Duration::ZERO;
            }
            if self.backend.now_ns() <= before_ns {
                // The end of time, or a world that stands still.
                return WALL_GLANCE;
            }
        }
    }

    /// Lets time pass up to `until_ns` or the first thing that happens. Whether something did.
    fn advance(&mut self, until_ns: u64) -> bool {
        let until_ns = self
            .clock
            .first_ns()
            .map_or(until_ns, |due_ns| until_ns.min(due_ns));
        if until_ns > self.backend.now_ns() {
            self.backend.advance(until_ns);
        }
        let delivered = self.deliver();
        let fired = self.fire();
        if delivered || fired {
            self.clock.touch(self.backend.now_ns());
            self.flush();
        }
        delivered || fired
    }

    /// Lets the time pass that a process takes.
    pub(super) fn spend(&mut self, span_ns: u64) {
        let until_ns = self.backend.now_ns().saturating_add(span_ns);
        self.pass_until(until_ns);
    }

    /// Lets time pass up to `until_ns`, whatever happens on the way.
    fn pass_until(&mut self, until_ns: u64) -> bool {
        let mut any = false;
        loop {
            let before_ns = self.backend.now_ns();
            if before_ns >= until_ns {
                return any;
            }
            let happened = self.advance(until_ns);
            any |= happened;
            if !happened && self.backend.now_ns() <= before_ns {
                return any;
            }
        }
    }

    /// Where the clock follows the wall: lets the time pass that has passed there.
    pub(super) fn catch_up(&mut self) {
        if self.clock.follow || self.clock.base.is_some() {
            let wall_ns = self.clock.wall_ns(self.backend.now_ns());
            self.pass_until(wall_ns);
        }
    }

    /// Follows the wall. The answer is how long to wait, `max` at most.
    fn follow_wall(&mut self, max: Duration) -> Duration {
        let wall_ns = self.clock.wall_ns(self.backend.now_ns());
        self.pass_until(wall_ns);
        let next_ns = [self.backend.next_event_ns(), self.clock.first_ns()]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(u64::MAX);
        Duration::from_nanos(next_ns.saturating_sub(wall_ns)).clamp(Duration::from_micros(100), max)
    }

    /// Does what is due. Whether something was.
    fn fire(&mut self) -> bool {
        let now_ns = self.backend.now_ns();
        let mut any = false;
        while let Some(entry) = self.clock.timers.first_entry() {
            if entry.key().0 > now_ns {
                break;
            }
            let (id, due) = entry.remove();
            any = true;
            match due {
                Due::Wake => self.leave(id, &Reply::Exit(0)),
                Due::TimeUp {
                    signal,
                    kill_after_ns,
                } => {
                    self.kill_child(id, signal);
                    if let Some(after_ns) = kill_after_ns {
                        self.clock
                            .set(now_ns.saturating_add(after_ns), id, Due::Kill);
                    }
                }
                Due::Kill => self.kill_child(id, signal_hook::consts::SIGKILL),
            }
        }
        any
    }

    fn kill_child(&mut self, id: u64, signal: i32) {
        self.post(id, &Reply::Kill(signal));
    }
}
