//! How cost grows: with the number of idle namespaces, of entries in a forwarding table, of routes, of pending events,
//! and with the size of frames. What costs at one size is in the other benches.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use vethlab::engine::Queue;
use vethlab::units::SimTime;
use vethlab::workload::{Chain, Learned, Routes, Tree, namespaces};

const FRAMES: u32 = 1024;

/// A frame-hop beside so many namespaces that have nothing to do with it.
fn idle_namespaces(c: &mut Criterion) {
    let mut group = c.benchmark_group("hop-beside-idle-namespaces");
    for idle in [0, 10, 100, 1000, 10_000, 100_000] {
        let mut chain = Chain::beside(idle, 16, 64);
        group.throughput(Throughput::Elements(u64::from(17 * FRAMES)));
        group.bench_function(BenchmarkId::from_parameter(idle), |b| {
            b.iter(|| chain.run(FRAMES));
        });
    }
    group.finish();
}

/// A frame-hop of a frame of that many bytes.
fn frame_sizes(c: &mut Criterion) {
    let mut group = c.benchmark_group("frame-size");
    for len in [64, 256, 1514, 9000] {
        let mut chain = Chain::new(16, len);
        group.throughput(Throughput::Elements(u64::from(17 * FRAMES)));
        group.bench_function(BenchmarkId::from_parameter(len), |b| {
            b.iter(|| chain.run(FRAMES));
        });
    }
    group.finish();
}

/// One more namespace where there are so many.
fn one_more(c: &mut Criterion) {
    let mut group = c.benchmark_group("netns-add-beside");
    for there in [10_u32, 100, 1000] {
        let (world, _) = namespaces(there);
        group.bench_function(BenchmarkId::from_parameter(there), |b| {
            b.iter_batched_ref(
                || {
                    // A clone has no place to spare in its tables: the first one to come moves them.
                    let mut world = world.clone();
                    let made = world.netns_add(world.default_host(), "one");
                    made.expect("a new name");
                    world
                },
                |world| world.netns_add(world.default_host(), "one-more"),
                criterion::BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

/// One event out and one in, with so many that wait.
fn pending_events(c: &mut Criterion) {
    let mut group = c.benchmark_group("pending-events");
    for pending in [1_000_u64, 10_000, 100_000, 1_000_000] {
        let mut queue = Queue::default();
        let mut next = 1_u64;
        let mut draw = move || {
            // A linear congruence spreads them over a millisecond.
            next = next.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            Duration::from_nanos(next >> 44)
        };
        for event in 0..pending {
            queue.push(SimTime::ZERO + draw(), event);
        }
        group.throughput(Throughput::Elements(1));
        group.bench_function(BenchmarkId::from_parameter(pending), |b| {
            b.iter(|| {
                let (now, event) = queue.pop().expect("as many go in as come out");
                queue.push(now + draw(), event);
            });
        });
    }
    group.finish();
}

/// Namespaces on a tree of bridges, built, and a ping across: the time of one.
fn trees(c: &mut Criterion) {
    let mut group = c.benchmark_group("build-tree");
    group.sample_size(10);
    for count in [10_u32, 100, 1000, 10_000, 100_000] {
        group.throughput(Throughput::Elements(u64::from(count)));
        group.bench_function(BenchmarkId::from_parameter(count), |b| {
            b.iter_with_large_drop(|| {
                let mut tree = Tree::new(count);
                assert!(tree.ping_across());
                tree
            });
        });
    }
    group.finish();
}

/// A frame over a bridge that has learned so many stations, each to another one.
fn learned(c: &mut Criterion) {
    let mut group = c.benchmark_group("fdb-entries");
    for entries in [10, 1000, 10_000, 100_000, 1_000_000] {
        let mut learned = Learned::new(entries);
        group.throughput(Throughput::Elements(u64::from(FRAMES)));
        group.bench_function(BenchmarkId::from_parameter(entries), |b| {
            b.iter(|| learned.run(FRAMES));
        });
    }
    group.finish();
}

/// The way to an address, among so many routes.
fn routes(c: &mut Criterion) {
    let mut group = c.benchmark_group("routes");
    for count in [10, 100, 1000, 10_000, 100_000] {
        let mut routes = Routes::new(count);
        group.throughput(Throughput::Elements(u64::from(FRAMES)));
        group.bench_function(BenchmarkId::from_parameter(count), |b| {
            b.iter(|| routes.run(FRAMES));
        });
    }
    group.finish();
}

criterion_group!(
    benches,
    idle_namespaces,
    frame_sizes,
    one_more,
    pending_events,
    trees,
    learned,
    routes
);
criterion_main!(benches);
