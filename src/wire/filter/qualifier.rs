//! What is said in front of an address.
//! Which qualifiers go with which addresses is not decided here.

use super::words::Protocol;

/// What is said in front of an address, and carried over to addresses without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Qualifier {
    pub(super) protocol: Option<Protocol>,
    pub(super) direction: Direction,
    pub(super) kind: Kind,
}

/// Which end of a packet is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Unsaid,
    Source,
    Destination,
    Either,
    Both,
}

/// What kind of address follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing can follow: there was no qualifier to carry over.
    Undefined,
    Unsaid,
    Host,
    Net,
    Port,
    PortRange,
    Gateway,
    Proto,
    ProtoChain,
}

pub(super) const NONE: Qualifier = Qualifier {
    protocol: None,
    direction: Direction::Unsaid,
    kind: Kind::Undefined,
};
