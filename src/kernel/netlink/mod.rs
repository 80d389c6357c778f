//! Typed requests and replies: the one way to change or to read a network.
//! They mirror rtnetlink's messages; words for people are made by the tools.

mod addr;
mod error;
mod fdb;
mod link;
mod mdb;
mod neigh;
mod netns;
mod qdisc;
mod stacked;
mod vlan;
mod vni;

pub use crate::device::vxlan::VxlanOptions;
pub use addr::{AddrDelete, AddrFlags, AddrInfo, AddrNew, IpNet};
pub use error::{NlError, NlResult};
pub use fdb::{FdbEntryInfo, FdbFlushRequest, FdbGet, FdbRequest};
pub use link::{
    AddrGenMode, BridgeInfo, BridgeOptions, BridgePortInfo, BridgePortOptions, LinkChange,
    LinkFlags, LinkInfo, LinkKind, LinkKindInfo, LinkNew, LinkRef, LinkStats, OperState, VethPeer,
};
pub use mdb::{MdbInfo, MdbRequest, MdbRouterInfo};
pub use neigh::{Maddr, MaddrInfo, NeighCache, NeighDump, NeighInfo, NeighNew, NeighRef};
pub use netns::NsidInfo;
pub use qdisc::{
    FqCodelOptions, NetemInfo, QdiscDelete, QdiscInfo, QdiscKind, QdiscOptions, QdiscRequest,
};
pub use stacked::{
    IpvlanFlag, IpvlanInfo, IpvlanMode, IpvlanOptions, MacvlanInfo, MacvlanMode, MacvlanOptions,
    VlanFlags, VlanInfo, VlanOptions,
};
pub use vlan::{
    BridgeVlanEntry, BridgeVlanGlobal, BridgeVlanGlobalInfo, BridgeVlanGlobalRequest,
    BridgeVlanInfo, BridgeVlanRequest,
};
pub use vni::{VniInfo, VniRequest};
