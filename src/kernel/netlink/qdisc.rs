//! Requests and replies about queueing disciplines (RTM_NEWQDISC, RTM_DELQDISC, RTM_GETQDISC).

use crate::device::qdisc::{NetemChange, Stats, TbfConfig, Unit};
use crate::units::{IfIndex, IfName};

/// Makes or changes a qdisc (`tc qdisc add`, `change`, `replace`, `link`).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct QdiscRequest {
    /// The device.
    pub ifindex: IfIndex,
    /// The class above it, or [`ROOT`](crate::device::qdisc::ROOT); 0 where none is said.
    pub parent: u32,
    /// Its handle; 0 where none is said.
    pub handle: u32,
    /// What it is, where that is said.
    pub kind: Option<QdiscKind>,
    /// NLM_F_CREATE.
    pub create: bool,
    /// NLM_F_EXCL.
    pub excl: bool,
    /// NLM_F_REPLACE.
    pub replace: bool,
}

/// A kind of qdisc with what is asked for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum QdiscKind {
    /// No queue.
    Noqueue,
    /// Three bands.
    PfifoFast,
    /// A plain queue, with its limit where one is said.
    Fifo(Unit, Option<u32>),
    /// Fair queueing with controlled delay.
    FqCodel(FqCodelOptions),
    /// A token bucket.
    Tbf(TbfConfig),
    /// A network emulator.
    Netem(Box<NetemChange>),
    /// A kind that the kernel does not have.
    Unknown(String),
}

impl QdiscKind {
    /// The kernel's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Noqueue => "noqueue",
            Self::PfifoFast => "pfifo_fast",
            Self::Fifo(unit, _) => unit.name(),
            Self::FqCodel(_) => "fq_codel",
            Self::Tbf(_) => "tbf",
            Self::Netem(_) => "netem",
            Self::Unknown(name) => name,
        }
    }
}

/// The settings of an `fq_codel`; what is not said stays as it is. Times in microseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FqCodelOptions {
    /// Packets at most.
    pub limit: Option<u32>,
    /// Flows.
    pub flows: Option<u32>,
    /// Bytes of a turn.
    pub quantum: Option<u32>,
    /// The accepted delay.
    pub target_us: Option<u32>,
    /// The time in which it must come down.
    pub interval_us: Option<u32>,
    /// Bytes of memory.
    pub memory_limit: Option<u32>,
    /// Whether packets are marked.
    pub ecn: Option<bool>,
    /// Packets lost at once.
    pub drop_batch: Option<u32>,
}

/// Takes a qdisc away (`tc qdisc del`).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct QdiscDelete {
    /// The device.
    pub ifindex: IfIndex,
    /// The class above it, or root; 0 where none is said.
    pub parent: u32,
    /// Its handle; 0 where none is said.
    pub handle: u32,
    /// What it is, where that is said.
    pub kind: Option<String>,
}

/// A qdisc as the kernel reports it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QdiscInfo {
    /// The device.
    pub ifindex: IfIndex,
    /// Its name.
    pub dev: IfName,
    /// The handle.
    pub handle: u32,
    /// The class above it, or root.
    pub parent: u32,
    /// How many refer to it.
    pub refcnt: u32,
    /// Its kind with its settings.
    pub options: QdiscOptions,
    /// Its counters.
    pub stats: Stats,
}

/// The settings of a qdisc.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum QdiscOptions {
    /// No queue.
    Noqueue,
    /// Three bands.
    PfifoFast,
    /// A plain queue with its limit.
    Fifo(Unit, u32),
    /// Fair queueing: limit, flows, quantum, target and interval in microseconds, memory limit, ecn, drop batch.
    FqCodel {
        /// Packets at most.
        limit: u32,
        /// Flows.
        flows: u32,
        /// Bytes of a turn.
        quantum: u32,
        /// Microseconds.
        target_us: u32,
        /// Microseconds.
        interval_us: u32,
        /// Bytes.
        memory_limit: u32,
        /// Whether packets are marked.
        ecn: bool,
        /// Packets lost at once.
        drop_batch: u32,
    },
    /// A token bucket: its settings, and how long its two buckets last in nanoseconds.
    Tbf(TbfConfig, i64, i64),
    /// A network emulator.
    Netem(Box<NetemInfo>),
}

impl QdiscOptions {
    /// The kernel's name of the kind.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Noqueue => "noqueue",
            Self::PfifoFast => "pfifo_fast",
            Self::Fifo(unit, _) => unit.name(),
            Self::FqCodel { .. } => "fq_codel",
            Self::Tbf(..) => "tbf",
            Self::Netem(_) => "netem",
        }
    }
}

/// The settings of a network emulator.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NetemInfo {
    /// The settings.
    pub config: NetemChange,
    /// The correlation of the delay, a part of 2^32 - 1, as are those below.
    pub delay_corr: u32,
    /// That of losses.
    pub loss_corr: u32,
    /// That of doubling.
    pub dup_corr: u32,
    /// That of reordering.
    pub reorder_corr: u32,
    /// That of corruption.
    pub corrupt_corr: u32,
}
