//! The metrics of a route: path MTU, windows, round-trip times, congestion control.
//! What they do is TCP's and the path MTU's.

use super::config::RouteError;
use crate::units::Errno;

/// `RTAX_*`: the metrics of a route, by their netlink numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Metric {
    /// Path MTU, in bytes.
    Mtu = 2,
    /// Largest window, in bytes.
    Window = 3,
    /// Round-trip time, in eighths of a millisecond.
    Rtt = 4,
    /// Its variance, in quarters of a millisecond.
    RttVar = 5,
    /// Slow start threshold.
    SsThresh = 6,
    /// Congestion window.
    Cwnd = 7,
    /// Largest segment to advertise, in bytes.
    AdvMss = 8,
    /// How much reordering to expect.
    Reordering = 9,
    /// Hop limit of packets that leave this way.
    HopLimit = 10,
    /// First congestion window, in segments.
    InitCwnd = 11,
    /// `RTAX_FEATURE_*` bits.
    Features = 12,
    /// Smallest retransmission time-out, in milliseconds.
    RtoMin = 13,
    /// First receive window, in segments.
    InitRwnd = 14,
    /// No delayed acknowledgements.
    QuickAck = 15,
    /// Congestion control; its name is in [`Metrics::congestion`].
    CcAlgo = 16,
    /// TCP Fast Open without cookie.
    FastopenNoCookie = 17,
}

/// The metrics of a route; most routes have none.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Metrics {
    /// What was set, in the order of the numbers.
    values: Vec<(Metric, u32)>,
    /// A bit `1 << RTAX_x` for each metric that the kernel must leave alone.
    pub locked: u32,
    /// Name of the congestion control.
    pub congestion: Option<String>,
}

impl Metrics {
    /// Sets one, to no more than the kernel takes (`ip_metrics_convert`).
    pub fn insert(&mut self, metric: Metric, value: u32) {
        let value = match metric {
            Metric::AdvMss => value.min(65_495),
            Metric::Mtu => value.min(65_520),
            Metric::HopLimit => value.min(255),
            _ => value,
        };
        match self.values.binary_search_by_key(&metric, |(m, _)| *m) {
            Ok(at) => self.values[at].1 = value,
            Err(at) => self.values.insert(at, (metric, value)),
        }
    }

    /// One metric; nothing where it is not set, or is 0.
    pub fn value(&self, metric: Metric) -> Option<u32> {
        let found = self.values.iter().find(|(m, _)| *m == metric);
        found.map(|(_, value)| *value).filter(|value| *value != 0)
    }

    /// Whether the kernel must leave a metric alone.
    pub fn is_locked(&self, metric: Metric) -> bool {
        self.locked & (1 << metric as u8) != 0
    }

    /// Locks a metric.
    pub fn lock(&mut self, metric: Metric) {
        self.locked |= 1 << metric as u8;
    }

    /// What was set, in the order of the numbers.
    pub fn iter(&self) -> impl Iterator<Item = (Metric, u32)> {
        self.values.iter().copied()
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.locked == 0 && self.congestion.is_none()
    }

    /// What the kernel has against them (`ip_metrics_convert`).
    pub(super) fn check(&self) -> Result<(), RouteError> {
        let known = |name: &String| ["reno", "cubic", "bbr"].contains(&name.as_str());
        let bad = |text| Err(RouteError::new(Errno::Einval, text));
        match &self.congestion {
            Some(name) if !known(name) => bad("Unknown tcp congestion algorithm"),
            _ if self.value(Metric::Features).unwrap_or(0) & !0xf != 0 => {
                bad("Unknown flag set in feature mask in metrics attribute")
            }
            _ => Ok(()),
        }
    }

    /// Whether all that `asked` sets is so here (`fib_metrics_match`).
    pub(super) fn has_all(&self, asked: &Self) -> bool {
        asked
            .iter()
            .all(|(metric, value)| self.value(metric).unwrap_or(0) == value)
            && (asked.congestion.is_none() || asked.congestion == self.congestion)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_of_zero_is_none_and_matches_an_unset_one() {
        let mut asked = Metrics::default();
        asked.insert(Metric::Mtu, 0);
        assert_eq!(asked.value(Metric::Mtu), None);
        assert!(Metrics::default().has_all(&asked));
        asked.insert(Metric::Mtu, 1400);
        assert!(!Metrics::default().has_all(&asked));
    }
}
