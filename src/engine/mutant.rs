//! Faults that tests plant in the simulator, to see that somebody notices (feature `proptest`).
//! Each acts where its name says; without one planted, nothing changes.

/// A fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Mutant {
    /// A bridge learns a source at the port where the frame leaves.
    LearnFromEgress,
    /// A bridge forgets nothing.
    NoAgeing,
    /// A bridge floods to the port where the frame came in, too.
    FloodBack,
    /// A bridge floods to all ports but one.
    FloodMisses,
    /// A bridge floods through ports that do not forward.
    FloodBlocked,
    /// A bridge hears no BPDU.
    DeafToBpdus,
    /// A router leaves the time to live as it is.
    TtlKept,
    /// A tunnel's socket gives every frame to the same device.
    VniIgnored,
    /// A VLAN device takes the frames of any VLAN.
    VlanIgnored,
    /// A pair carries each frame twice.
    Duplicate,
    /// A socket gets each packet twice.
    DeliverTwice,
    /// A pair loses long frames, and says nothing.
    SilentLoss,
    /// A pair brings frames to a namespace to which it does not lead, too.
    Crosstalk,
    /// A pair gives a frame that leaves a bridge back to the bridge.
    Reflect,
    /// A bridge forwards frames that are too long for the port.
    MtuIgnored,
    /// A request that is refused leaves something behind.
    HalfRequest,
    /// A bridge keeps the port of a device that is gone.
    PortsStay,
    /// The neighbours of a device that is gone stay.
    NeighboursStay,
    /// The routes of a device that is gone stay.
    RoutesStay,
    /// What stands on a device outlives it: VLAN devices, tunnels.
    UppersStay,
    /// A bridge lowers the time to live of what it forwards, as a router does.
    BridgeLowersTtl,
    /// The time that a frame takes depends on how many frames there were in all worlds.
    Unseeded,
}
