//! Frame-hops a second through chains of bridges, copies a second of a flood, frames through a tunnel, bytes of TCP.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use vethlab::workload::{Bulk, Chain, Flood, Tunnel};

/// Frames for each iteration: set-up and the reading of counters vanish beside them.
const FRAMES: u32 = 1024;

fn chains(c: &mut Criterion) {
    let mut group = c.benchmark_group("chain");
    for bridges in [1, 4, 16, 64] {
        let mut chain = Chain::new(bridges, 64);
        group.throughput(Throughput::Elements(u64::from((bridges + 1) * FRAMES)));
        group.bench_function(BenchmarkId::from_parameter(bridges), |b| {
            b.iter(|| chain.run(FRAMES));
        });
    }
    group.finish();
}

fn floods(c: &mut Criterion) {
    let mut group = c.benchmark_group("flood");
    for ports in [8, 64, 512] {
        let mut flood = Flood::new(ports, 64);
        group.throughput(Throughput::Elements(u64::from(ports * 64)));
        group.bench_function(BenchmarkId::from_parameter(ports), |b| {
            b.iter(|| flood.run(64));
        });
    }
    group.finish();
}

fn tunnels(c: &mut Criterion) {
    let mut group = c.benchmark_group("tunnel");
    for len in [64, 1464] {
        let mut tunnel = Tunnel::new(len);
        group.throughput(Throughput::Elements(u64::from(FRAMES)));
        group.bench_function(BenchmarkId::from_parameter(len), |b| {
            b.iter(|| tunnel.run(FRAMES));
        });
    }
    group.finish();
}

/// Bytes over one TCP connection.
fn bulk(c: &mut Criterion) {
    const BYTES: u64 = 4 << 20;
    let mut group = c.benchmark_group("tcp-bulk");
    group.sample_size(20);
    let mut bulk = Bulk::new();
    group.throughput(Throughput::Bytes(BYTES));
    group.bench_function("one-connection", |b| b.iter(|| bulk.run(BYTES)));
    group.finish();
}

criterion_group!(benches, chains, floods, tunnels, bulk);
criterion_main!(benches);
