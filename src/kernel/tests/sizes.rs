//! How large the parts are that every namespace has: a hundred thousand of them are in memory at once.
//! What they hold on the heap is measured by `benches/memory.rs`.

use crate::device::bridge::Port;
use crate::kernel::device::Device;
use crate::kernel::world::Event;
use crate::netns::Netns;
use crate::netns::fib::Fib;
use crate::netns::inet::Ifaddr4;
use crate::netns::interface::Interface;
use crate::netns::v6::{Ifaddr6, Inet6Device};

#[test]
fn the_parts_of_a_namespace_have_grown_no_larger() {
    let sizes = [
        ("namespace", size_of::<Netns>(), 568),
        ("its routing", size_of::<Fib>(), 128),
        ("device", size_of::<Device>(), 224),
        ("interface", size_of::<Interface>(), 200),
        ("IPv6 of it", size_of::<Inet6Device>(), 152),
        ("IPv4 address", size_of::<Ifaddr4>(), 56),
        ("IPv6 address", size_of::<Ifaddr6>(), 112),
        ("port of a bridge", size_of::<Port>(), 192),
        ("event", size_of::<Event>(), 72),
    ];
    let grown: Vec<_> = sizes.iter().filter(|(_, size, most)| size > most).collect();
    assert!(grown.is_empty(), "(part, bytes, most) {grown:?}");
}
