//! TCP (RFC 9293, RFC 7323, RFC 2018, RFC 5681, RFC 6298), modelled on Linux: handshake, windows, losses, ends.
//! It routes nothing and puts nothing on a wire: the kernel floor moves its segments.
//!
//! # Why it is not smoltcp's
//! A world is a value: history is forked by cloning it. `smoltcp::socket::tcp::Socket` is not `Clone`, its state is private
//! and can be neither read out nor put back, its buffers are slices that it owns; nothing but `unsafe` copies it, and
//! writing down all calls to play them again grows without bound. (A datagram socket is different: `stack` makes a fresh
//! one at each call, since it remembers nothing.) It also opens otherwise than Linux: without timestamps in the
//! order that a capture on Linux shows, with a timeout that begins at 700 ms, without a list of what is waiting to be
//! accepted. So the connection here is ours, while each byte is still read and written by `smoltcp::wire`.
//!
//! # How it works
//! [`TcpTable`] holds all connections and listeners of a namespace. Calls and segments go in; the kernel then takes out
//! segments with [`TcpTable::dispatch`] until there is none, calls [`TcpTable::settle`], and sets one timer at
//! [`TcpTable::deadline`].
//!
//! | part | of Linux | file |
//! |---|---|---|
//! | a segment comes | tcp_input.c | `input` |
//! | a segment goes | tcp_output.c | `output` |
//! | what is out, sacked, lost | the rtx queue | `scoreboard` |
//! | timeouts | tcp_timer.c | `timers`, `rtt` |
//! | congestion | tcp_cong.c | `congestion` |
//! | calls of a process | tcp.c | `calls`, `table`, `bind` |
//! | what `ss` shows | tcp_diag.c | `info` |
//!
//! # Where it leaves Linux
//! Congestion control is Reno. Losses are found by counting (RFC 6675), not by time (RACK), without tail loss probes, and
//! no window reduction is undone. Segments are cut to the MSS before they reach a device, as with all offloads off.
//! There are no SYN cookies, no ECN, no keepalives, no urgent data.

mod bind;
mod calls;
mod congestion;
mod info;
mod input;
mod output;
mod params;
mod reassembly;
mod rtt;
mod scoreboard;
mod segment;
mod seq;
mod state;
mod table;
mod tcb;
#[cfg(test)]
mod tests;
mod timers;

pub use info::{Detail, TcpInfo};
pub use params::{Params, Settings};
pub use segment::Segment;
pub use state::TcpState;
pub use table::{Came, Received, TcpTable};
pub use tcb::Counts;
pub(super) use tcb::Tcb;
