//! The sockets of one namespace: the only door to smoltcp's interface and sockets.
//! It routes nothing, checks no local address and puts nothing on a wire: the kernel floor does.
//!
//! Every socket is a small stack of its own (`stack`). What is found by what, what
//! waits for whom and what an ICMP message tells a socket is decided here as Linux does.
//!
//! The contract of a packet that [`Sockets::compose`] gives: source, destination, TTL, TOS and
//! flow label are final; the IPv4 identification is 0 and DF is set. The namespace's output sets the
//! identification, sets DF as [`Options::mtu_discover`] says, fragments, and writes the IPv4 checksum.

mod any;
mod deliver;
mod error;
mod kinds;
mod packet;
mod stack;
mod stream;
mod table;
pub mod tcp;

pub use any::AnySockets;
pub use deliver::{Arrival, Taken};
pub use error::{ErrorOrigin, IcmpArrival, SocketError};
pub use kinds::{Datagram, MtuDiscover, Options, PacketType, SocketKind, SocketOption};
pub use packet::FrameArrival;
pub use table::{DatagramInfo, Sockets};
