//! Building networks: namespaces on one bridge, by typed requests and by command lines; and pings of all pairs.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use vethlab::workload::{AllPairs, commands, namespaces, run_commands};

fn typed(c: &mut Criterion) {
    let mut group = c.benchmark_group("build-typed");
    group.sample_size(20);
    for count in [10, 100, 1000] {
        group.throughput(Throughput::Elements(u64::from(count)));
        group.bench_function(BenchmarkId::from_parameter(count), |b| {
            b.iter_with_large_drop(|| namespaces(count));
        });
    }
    group.finish();
}

fn lines(c: &mut Criterion) {
    let mut group = c.benchmark_group("build-commands");
    group.sample_size(20);
    for count in [10, 100, 1000] {
        let lines = commands(count);
        group.throughput(Throughput::Elements(u64::from(count)));
        group.bench_function(BenchmarkId::from_parameter(count), |b| {
            b.iter(|| run_commands(&lines));
        });
    }
    group.finish();
}

fn all_pairs(c: &mut Criterion) {
    let mut group = c.benchmark_group("ping-all-pairs");
    group.sample_size(20);
    for stations in [10, 50] {
        let fresh = AllPairs::new(stations);
        group.throughput(Throughput::Elements(u64::from(stations * (stations - 1))));
        group.bench_function(BenchmarkId::from_parameter(stations), |b| {
            b.iter_batched_ref(|| fresh.clone(), AllPairs::run, BatchSize::LargeInput);
        });
    }
    group.finish();
}

criterion_group!(benches, typed, lines, all_pairs);
criterion_main!(benches);
