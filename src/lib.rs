//! vethlab: Linux container networking in one process.
//!
//! Network namespaces, veth pairs, learning bridges and what is built from them, modelled
//! after the Linux kernel: without root, without a kernel, in virtual time, the same bytes at
//! every run. The command `vethlab` runs any script on it; this library is the same world for
//! Rust.
//!
//! ```
//! use vethlab::kernel::World;
//! use vethlab::tool::Shell;
//!
//! let mut world = World::new(0);
//! let mut shell = Shell::new(&mut world);
//! for line in [
//!     "ip netns add red",
//!     "ip netns add blue",
//!     "ip link add r0 netns red type veth peer name b0 netns blue",
//!     "ip -n red addr add 10.0.0.1/24 dev r0",
//!     "ip -n blue addr add 10.0.0.2/24 dev b0",
//!     "ip -n red link set r0 up",
//!     "ip -n blue link set b0 up",
//! ] {
//!     assert_eq!(shell.run(line).status, 0, "{line}");
//! }
//! let ping = shell.run("ip netns exec red ping -c 1 10.0.0.2");
//! assert!(ping.stdout.contains("1 packets transmitted, 1 received, 0% packet loss"));
//! ```
//!
//! # The floors
//! A module uses lower floors only; a test keeps it so.
//!
//! | floor | modules | what they are |
//! |---|---|---|
//! | F0 | [`units`] | time, ids, names and addresses |
//! | F1 | [`wire`] | bytes: frames, headers, how `tcpdump` prints them |
//! | F2 | [`engine`] | the queue of events, random streams, budgets, traces |
//! | F3 | [`device`] | what a device decides: the bridge |
//! | F4 | [`netns`] | what a namespace knows and decides: addresses, routes, neighbours, sockets |
//! | F5 | [`kernel`] | all effects: the [`World`](kernel::World) and its typed requests |
//! | F6 | [`program`] | programs in virtual time: `ping`, `tcpdump` |
//! | | [`docker`] | container engines: policy over the kernel floor's requests |
//! | F7 | [`tool`] | the command languages, from words to requests and back |
//! | F8 | [`scenario`] | files that build a network, drive traffic through it and say what must hold |
//! |  | [`transcript`] | what commands printed, compared with what a real kernel printed |
//! |  | `session` | the socket server behind `vethlab exec` |
//!
//! A device or a table decides, and only the kernel floor acts. A frame that crosses to another
//! device is an event, never a nested call, so a forwarding loop ends at a budget.
//! [`World`](kernel::World) is a value: clone it to fork history.

#[cfg(not(target_family = "wasm"))]
pub mod capture;
#[cfg(feature = "proptest")]
pub mod check;
pub mod device;
pub mod docker;
pub mod engine;
pub mod kernel;
pub mod netns;
pub mod program;
pub mod scenario;
#[cfg(unix)]
pub mod session;
pub mod tool;
pub mod topology;
pub mod transcript;
pub mod units;
pub mod wire;
pub mod workload;
