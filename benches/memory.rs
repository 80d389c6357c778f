//! What things cost in memory, by an allocator that counts: namespaces, veth pairs, entries of a forwarding table,
//! frames under way. It measures no time, and prints a table.

#![expect(
    clippy::print_stdout,
    reason = "a program that prints what it measured"
)]

use std::hint::black_box;

use peak_alloc::PeakAlloc;
use vethlab::engine::Queue;
use vethlab::units::SimTime;
use vethlab::wire::Frame;
use vethlab::workload::{Learned, Tree, bare_namespaces, namespaces, veth_pairs};

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// Bytes that what `make` gives holds, for each of `count`.
fn each<T>(what: &str, count: usize, make: impl FnOnce() -> T) {
    let before = ALLOCATED.current_usage();
    let made = black_box(make());
    let bytes = ALLOCATED.current_usage().saturating_sub(before);
    println!("{what:<48} {count:>9} {:>10}", bytes / count);
    drop(made);
}

fn main() {
    println!("{:<48} {:>9} {:>10}", "what", "count", "bytes each");
    each("namespace with its loopback", 10_000, || {
        bare_namespaces(10_000)
    });
    each("veth pair within one namespace, down", 10_000, || {
        veth_pairs(10_000)
    });
    each("namespace on a bridge, with pair and address", 1000, || {
        namespaces(1000)
    });
    each(
        "the same without IPv6, on a tree of bridges",
        100_000,
        || Tree::new(100_000),
    );
    each("entry of a forwarding table", 1_000_000, || {
        Learned::new(1_000_000)
    });
    let bytes = [0; 60];
    each("frame of 60 bytes", 100_000, || {
        let frames = (0..100_000).map(|_| Frame::new(&bytes));
        frames.collect::<Vec<Frame>>()
    });
    let frame = Frame::new(&bytes);
    each("pending copy of a frame", 1_000_000, || {
        let mut queue = Queue::default();
        for _ in 0..1_000_000 {
            queue.push(SimTime::ZERO, frame.clone());
        }
        queue
    });
}
