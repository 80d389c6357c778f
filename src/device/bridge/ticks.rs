//! The kernel's timer ticks, in which a bridge keeps all its times.
//! It reads no clock: instants are virtual and come from outside.

use std::time::Duration;

use crate::units::SimTime;

/// Nanoseconds of one tick: the kernel that is followed has `CONFIG_HZ=250`.
const TICK_NS: u64 = 4_000_000;
/// Ticks of one second (`HZ`).
const HZ: u64 = 250;
/// Units of user space of one second (`USER_HZ`).
const USER_HZ: u64 = 100;
/// Units of a BPDU of one second (802.1D-1998, 9.2.8).
const STP_HZ: u64 = 256;

/// A span in kernel ticks of 4 ms. `ip` and `brctl` print and read such spans
/// in hundredths of a second, which is where their odd values come from
/// (`mcast_startup_query_interval 3124`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Ticks(u64);

impl Ticks {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// So many whole seconds.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(HZ))
    }

    /// What user space means with `clock` hundredths of a second (`clock_t_to_jiffies`).
    pub const fn from_clock(clock: u64) -> Self {
        Self(clock.saturating_mul(HZ) / USER_HZ)
    }

    /// The span in hundredths of a second, rounded down (`jiffies_to_clock_t`).
    pub const fn clock(self) -> u64 {
        self.0.saturating_mul(USER_HZ) / HZ
    }

    /// The bare number of ticks.
    pub const fn count(self) -> u64 {
        self.0
    }

    /// Whole ticks in a span of virtual time.
    pub fn from_duration(span: Duration) -> Self {
        Self(u64::try_from(span.as_nanos()).unwrap_or(u64::MAX) / TICK_NS)
    }

    /// The span as virtual time.
    pub const fn duration(self) -> Duration {
        Duration::from_nanos(self.0.saturating_mul(TICK_NS))
    }

    /// A span of a received BPDU, in 256ths of a second (`br_get_ticks`).
    pub const fn from_bpdu(field: u16) -> Self {
        Self((field as u64 * HZ).div_ceil(STP_HZ))
    }

    /// The span as a BPDU carries it (`br_set_ticks`).
    pub fn bpdu(self) -> u16 {
        u16::try_from(self.0.saturating_mul(STP_HZ) / HZ).unwrap_or(u16::MAX)
    }

    /// The span in so many parts, rounded down.
    pub const fn divided(self, parts: u64) -> Self {
        Self(self.0 / parts)
    }

    /// The sum, which never wraps.
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, zero where `other` is longer.
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// How much of a timer that ends at `deadline` is left at `now`, in hundredths
    /// of a second; 0 where it does not run (`br_timer_value`).
    pub fn timer_clock(deadline: Option<SimTime>, now: SimTime) -> u64 {
        deadline.map_or(0, |at| Self::from_duration(at - now).clock())
    }
}

/// The whole second to which the kernel moves a deadline that need not be exact, so that
/// processors wake up together (`round_jiffies`): down from the first quarter of a second, up
/// from later, but never into the past.
pub fn rounded(now: SimTime, deadline: SimTime) -> SimTime {
    const SECOND: u64 = 1_000_000_000;
    let at = deadline.as_nanos();
    let rest = at % SECOND;
    let floor = at - rest;
    let at = if rest < SECOND / 4 {
        floor
    } else {
        floor.saturating_add(SECOND)
    };
    let rounded = SimTime::from_nanos(at);
    if rounded > now { rounded } else { deadline }
}

/// One tick, the least that a message ages at each bridge (`MESSAGE_AGE_INCR`).
pub const MESSAGE_AGE_INCREMENT: Ticks = Ticks(HZ / STP_HZ + 1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hundredths_pass_through_ticks_and_lose_what_ticks_cannot_hold() {
        for (typed, shown) in [
            (0, 0),
            (100, 100),
            (1, 0),
            (3, 2),
            (1999, 1998),
            (30000, 30000),
        ] {
            assert_eq!(Ticks::from_clock(typed).clock(), shown, "{typed}");
        }
    }

    #[test]
    fn bpdu_units_are_256ths_of_a_second_rounded_up_when_read() {
        assert_eq!(Ticks::from_secs(20).bpdu(), 20 * 256);
        assert_eq!(Ticks::from_bpdu(20 * 256), Ticks::from_secs(20));
        assert_eq!(MESSAGE_AGE_INCREMENT.bpdu(), 1);
        assert_eq!(Ticks::from_bpdu(1), MESSAGE_AGE_INCREMENT);
    }

    #[test]
    fn deadlines_are_rounded_to_whole_seconds_and_stay_ahead() {
        let ms = |ms: u64| SimTime::from_nanos(ms * 1_000_000);
        for (now, deadline, want) in [
            (100, 1100, 1000),
            (300, 1300, 2000),
            (1010, 1100, 1100),
            (0, 1000, 1000),
        ] {
            assert_eq!(rounded(ms(now), ms(deadline)), ms(want), "{deadline}");
        }
    }

    #[test]
    fn huge_spans_saturate() {
        assert_eq!(Ticks::from_clock(u64::MAX).bpdu(), u16::MAX);
        assert!(Ticks::from_secs(u64::MAX).duration() > Duration::from_secs(1 << 30));
    }
}
