//! What a device's neighbours are resolved with: the sysctls `net.ipv4.neigh.X.*`.
//! Their text form, and which file is readable, is decided by the sysctl tree.

use std::time::Duration;

/// The parameters of one device, or of `default` (`struct neigh_parms`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NeighParams {
    /// `base_reachable_time_ms`: the mean of how long a confirmation holds.
    pub base_reachable_time: Duration,
    /// `delay_first_probe_time`.
    pub delay_probe_time: Duration,
    /// `retrans_time_ms`.
    pub retrans_time: Duration,
    /// `gc_stale_time`.
    pub gc_stale_time: Duration,
    /// `locktime`: how long an ARP answer is protected from another one.
    pub locktime: Duration,
    /// `proxy_delay`: the longest wait before a proxy answers.
    pub proxy_delay: Duration,
    /// `anycast_delay`.
    pub anycast_delay: Duration,
    /// `interval_probe_time_ms`: how often managed entries are refreshed.
    pub interval_probe_time: Duration,
    /// `ucast_solicit`.
    pub ucast_solicit: u32,
    /// `mcast_solicit`.
    pub mcast_solicit: u32,
    /// `mcast_resolicit`.
    pub mcast_resolicit: u32,
    /// `app_solicit`.
    pub app_solicit: u32,
    /// `unres_qlen_bytes`: how much may wait for an answer.
    pub unres_qlen_bytes: u32,
    /// `proxy_qlen`: how many requests may wait for a proxy's answer.
    pub proxy_qlen: u32,
}

impl NeighParams {
    /// The values with which the kernel starts (`arp_tbl`, `nd_tbl`).
    pub const fn standard(ipv4: bool) -> Self {
        let locktime_ms = if ipv4 { 1000 } else { 0 };
        Self {
            base_reachable_time: Duration::from_secs(30),
            delay_probe_time: Duration::from_secs(5),
            retrans_time: Duration::from_secs(1),
            gc_stale_time: Duration::from_secs(60),
            locktime: Duration::from_millis(locktime_ms),
            proxy_delay: Duration::from_millis(800),
            anycast_delay: Duration::from_secs(1),
            interval_probe_time: Duration::from_secs(5),
            ucast_solicit: 3,
            mcast_solicit: 3,
            mcast_resolicit: 0,
            app_solicit: 0,
            unres_qlen_bytes: 212_992,
            proxy_qlen: 64,
        }
    }

    /// `unres_qlen`: how many full Ethernet frames fit (`proc_unres_qlen`).
    pub fn unres_qlen(&self) -> u32 {
        self.unres_qlen_bytes / QUEUED_FRAME_BYTES
    }

    /// Sets the bound by a number of frames.
    pub fn limit_frames(&mut self, frames: u32) {
        self.unres_qlen_bytes = frames.saturating_mul(QUEUED_FRAME_BYTES);
    }

    /// The wait between two questions, with the kernel's lower bound of 10 ms.
    pub(super) fn retransmit_after(&self) -> Duration {
        self.retrans_time.max(Duration::from_millis(10))
    }
}

/// What the kernel counts for one full frame: 212992 bytes are 101 of them.
const QUEUED_FRAME_BYTES: u32 = 2_090;

/// What the kernel accounts for a packet of `len` bytes (`skb->truesize`):
/// the descriptor, and data with headroom rounded up to a slab.
pub fn truesize(len: usize) -> usize {
    const DESCRIPTOR: usize = 256;
    const HEADROOM_AND_SHARED_INFO: usize = 64 + 320;
    let data = len.saturating_add(HEADROOM_AND_SHARED_INFO).max(512);
    let slab = data.checked_next_power_of_two().unwrap_or(data);
    slab.saturating_add(DESCRIPTOR)
}

/// The bounds of a whole table (`net.ipv4.neigh.default.gc_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TableLimits {
    /// Below so many entries nothing is collected.
    pub gc_thresh1: usize,
    /// Above so many, old entries make room for new ones once in 5 s.
    pub gc_thresh2: usize,
    /// So many entries at most, static ones not counted.
    pub gc_thresh3: usize,
    /// `gc_interval`; kept for the sysctl, the kernel does not use it for entries.
    pub gc_interval: Duration,
}

impl TableLimits {
    /// Those of a new table.
    pub const STANDARD: Self = Self {
        gc_thresh1: 128,
        gc_thresh2: 512,
        gc_thresh3: 1024,
        gc_interval: Duration::from_secs(30),
    };
}

impl Default for TableLimits {
    fn default() -> Self {
        Self::STANDARD
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_queue_holds_101_full_frames() {
        assert_eq!(NeighParams::standard(true).unres_qlen(), 101);
    }

    #[test]
    fn only_arp_locks_an_answer() {
        assert!(NeighParams::standard(false).locktime.is_zero());
        assert_eq!(NeighParams::standard(true).locktime, Duration::from_secs(1));
    }

    #[test]
    fn small_and_full_packets_count_as_in_the_kernel() {
        assert_eq!(truesize(84), 768);
        assert_eq!(truesize(1500), 2304);
    }
}
