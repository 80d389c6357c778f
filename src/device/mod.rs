//! F3: what a device decides, without effects: (state, time, input) -> decision.
//! Only the kernel floor acts on the decisions.

pub mod bridge;
pub mod underlay;
pub mod vxlan;
