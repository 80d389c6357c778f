//! vethlab: Linux container networking in one process.
//!
//! Network namespaces, veth pairs and learning bridges, modelled after the
//! kernel: no root, no kernel, virtual time, the same bytes at every run.

pub mod device;
pub mod engine;
pub mod kernel;
pub mod netns;
pub mod program;
pub mod tool;
pub mod units;
pub mod wire;
