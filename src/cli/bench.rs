//! `vethlab bench`: the workloads of the benchmarks on the user's own machine, as a table or as JSON.
//! What a workload does is in the library; here it is timed.

use std::io::Write;
use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;
use vethlab::workload::Workload;

use super::WRONG;

/// How long each workload runs, at the least.
const SPAN_MS: u64 = 300;
/// In how many parts that is cut; the median of them is reported.
const PARTS: usize = 9;

/// What `vethlab bench` takes.
#[derive(Args, Debug)]
pub struct BenchArgs {
    /// These workloads only: chain-N, flood-N, ping-N, build-N, commands-N (N: how large), vxlan
    #[arg(value_name = "WORKLOAD")]
    only: Vec<String>,
    /// How long each workload runs, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = SPAN_MS, value_parser = clap::value_parser!(u64).range(1..=600_000))]
    span: u64,
    /// One JSON document instead of a table
    #[arg(long)]
    json: bool,
}

/// What was measured of one workload.
#[derive(Serialize)]
struct Row {
    workload: String,
    unit: &'static str,
    /// Units of work that were done.
    units: u64,
    /// Median, least and most time for a unit, in nanoseconds.
    ns_median: f64,
    ns_min: f64,
    ns_max: f64,
    /// Units a second, by the median.
    per_second: f64,
}

/// Measures, prints, and gives the exit status.
pub fn run(args: &BenchArgs) -> i32 {
    let workloads: Result<Vec<Workload>, &String> = match args.only.is_empty() {
        true => Ok(Workload::ALL.to_vec()),
        false => args
            .only
            .iter()
            .map(|name| Workload::named(name).ok_or(name))
            .collect(),
    };
    let workloads = match workloads {
        Ok(workloads) => workloads,
        Err(name) => {
            super::fail(&format!("no workload is called '{name}'"));
            return WRONG;
        }
    };
    let mut out = std::io::stdout().lock();
    let mut rows = Vec::new();
    if !args.json {
        let _ = writeln!(
            out,
            "{:<14} {:>12} {:>26} {:>16}",
            "workload", "ns each", "(least .. most)", "each second"
        );
    }
    for workload in workloads {
        let row = measure(workload, Duration::from_millis(args.span));
        if !args.json {
            let range = format!("({:.1} .. {:.1})", row.ns_min, row.ns_max);
            let _ = writeln!(
                out,
                "{:<14} {:>12.1} {range:>26} {:>16.0} {}s",
                row.workload, row.ns_median, row.per_second, row.unit
            );
        }
        rows.push(row);
    }
    if args.json {
        let document = serde_json::json!({ "version": 1, "workloads": rows });
        let _ = writeln!(out, "{document:#}");
    }
    0
}

fn measure(workload: Workload, span: Duration) -> Row {
    let mut prepared = workload.prepare();
    prepared.round();
    let part = span / u32::try_from(PARTS).expect("a few parts");
    let mut each = Vec::with_capacity(PARTS);
    let mut units = 0;
    for _ in 0..PARTS {
        let begun = Instant::now();
        let mut done = 0;
        while done == 0 || begun.elapsed() < part {
            done += prepared.round();
        }
        each.push(begun.elapsed().as_nanos() as f64 / done as f64);
        units += done;
    }
    each.sort_by(f64::total_cmp);
    let ns_median = each[PARTS / 2];
    Row {
        workload: workload.name(),
        unit: workload.unit(),
        units,
        ns_median,
        ns_min: each[0],
        ns_max: each[PARTS - 1],
        per_second: 1e9 / ns_median,
    }
}
