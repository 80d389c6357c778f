//! F6: container engines: what `docker` knows and decides on each host, and what it asks of the kernel floor.
//! Mechanism is the kernel's: everything that is built here can be seen with `ip`, `bridge` and `iptables`.

pub mod era;

pub use era::Era;

use crate::units::{HostId, NetnsId};

/// The engines of all hosts of a world: plain data beside the world, cloned with it.
#[derive(Clone, Debug, Default)]
pub struct Engines {
    /// As which generation of Docker the engines behave.
    pub era: Era,
}

impl Engines {
    /// Engines of a generation; each starts when `docker` is first called on its host.
    pub fn new(era: Era) -> Self {
        Self { era }
    }

    /// The namespace of a container's process.
    pub fn netns_of_process(&self, _host: HostId, _pid: u32) -> Option<NetnsId> {
        None
    }
}
