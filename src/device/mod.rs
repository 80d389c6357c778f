//! F3: what a device decides, without effects: (state, time, input) -> decision.
//! Only the kernel floor acts on the decisions.

pub mod bridge;
pub mod ipvlan;
pub mod macvlan;
pub mod offload;
pub mod qdisc;
pub mod stacked;
pub mod underlay;
pub mod vlan;
pub mod vxlan;
