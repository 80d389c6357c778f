//! `vethlab bench`: the workloads of the benchmarks on the user's own machine, as a table or as JSON.
//! What a workload does is in the library; here it is timed.

#[cfg(unix)]
mod kernel;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod worker;

use std::io::Write;
use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;
use vethlab::workload::Workload;

use super::WRONG;
#[cfg(unix)]
use kernel::Kernel;
#[cfg(unix)]
use process::{Process, Runner};

/// How long each workload runs, at the least.
const SPAN_MS: u64 = 300;
/// In how many parts that is cut; the median of them is reported.
const PARTS: usize = 9;

/// What `vethlab bench` takes.
#[derive(Args, Debug)]
pub struct BenchArgs {
    /// These workloads only: build-N, tree-N, commands-N, ping-N, chain-N, beside-N, flood-N (N: how large), vxlan, tcp, exec, scenario
    #[arg(value_name = "WORKLOAD")]
    only: Vec<String>,
    /// How long each workload runs, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = SPAN_MS, value_parser = clap::value_parser!(u64).range(1..=600_000))]
    span: u64,
    /// One JSON document instead of a table
    #[arg(long)]
    json: bool,
    /// Run the same work on this machine's kernel too, in namespaces of its own, and show how many times longer it takes
    #[arg(long)]
    against_kernel: bool,
    /// Work within such a namespace
    #[arg(long, hide = true, num_args = 1.., exclusive = true, value_name = "WORD")]
    worker: Option<Vec<String>>,
}

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Item {
    Within(Workload),
    #[cfg(unix)]
    Whole(Process),
}

impl Item {
    fn all() -> Vec<Self> {
        let within = Workload::ALL.into_iter().map(Self::Within);
        #[cfg(unix)]
        let within = within.chain([Self::Whole(Process::Exec), Self::Whole(Process::Scenario)]);
        within.collect()
    }

    fn named(name: &str) -> Option<Self> {
        let known = Self::all().into_iter().find(|item| item.name() == name);
        known.or_else(|| Workload::named(name).map(Self::Within))
    }

    fn name(self) -> String {
        match self {
            Self::Within(workload) => workload.name(),
            #[cfg(unix)]
            Self::Whole(process) => process.name().to_owned(),
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::Within(workload) => workload.unit(),
            #[cfg(unix)]
            Self::Whole(process) => process.unit(),
        }
    }
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
    /// What a unit takes on the kernel, in nanoseconds, and how many times longer that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel_ns: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
    /// Why the kernel was not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel_error: Option<String>,
}

/// Measures, prints, and gives the exit status.
pub fn run(args: &BenchArgs) -> i32 {
    if let Some(words) = &args.worker {
        return work(words);
    }
    let items: Result<Vec<Item>, &String> = match args.only.is_empty() {
        true => Ok(Item::all()),
        false => args
            .only
            .iter()
            .map(|name| Item::named(name).ok_or(name))
            .collect(),
    };
    let items = match items {
        Ok(items) => items,
        Err(name) => {
            super::fail(&format!("no workload is called '{name}'"));
            return WRONG;
        }
    };
    match measure_all(args, &items) {
        Ok(()) => 0,
        Err(words) => super::fail(&words),
    }
}

#[cfg(unix)]
fn work(words: &[String]) -> i32 {
    match worker::run(words) {
        Ok(()) => 0,
        Err(error) => super::fail(&format!("failed to work: {error}")),
    }
}

#[cfg(not(unix))]
fn work(_: &[String]) -> i32 {
    WRONG
}

/// Measures one workload after the other, each in turn here and on the kernel.
fn measure_all(args: &BenchArgs, items: &[Item]) -> Result<(), String> {
    #[cfg(unix)]
    let kernel = args.against_kernel.then(Kernel::new).transpose()?;
    #[cfg(not(unix))]
    if args.against_kernel {
        return Err("only a kernel of Linux can be compared with".to_owned());
    }
    let mut out = std::io::stdout().lock();
    if !args.json {
        let _ = writeln!(out, "{}", heading(args.against_kernel));
    }
    let mut rows = Vec::new();
    for &item in items {
        let each = measure(item, Duration::from_millis(args.span))?;
        let row = row(item, each);
        #[cfg(unix)]
        let row = match &kernel {
            Some(kernel) => compared(row, kernel),
            None => row,
        };
        if !args.json {
            let _ = writeln!(out, "{}", line(&row));
        }
        rows.push(row);
    }
    if args.json {
        let document = serde_json::json!({ "version": 1, "workloads": rows });
        let _ = writeln!(out, "{document:#}");
    }
    Ok(())
}

fn heading(against_kernel: bool) -> String {
    let own = format!(
        "{:<14} {:>12} {:>26} {:>16} {:<12}",
        "workload", "ns each", "(least .. most)", "each second", ""
    );
    match against_kernel {
        true => format!("{own} {:>12} {:>8}", "kernel ns", "ratio"),
        false => own.trim_end().to_owned(),
    }
}

fn line(row: &Row) -> String {
    let range = format!("({:.1} .. {:.1})", row.ns_min, row.ns_max);
    let unit = match row.unit {
        "copy" => "copies".to_owned(),
        "process" => "processes".to_owned(),
        unit => format!("{unit}s"),
    };
    let own = format!(
        "{:<14} {:>12.1} {range:>26} {:>16.0} {unit:<12}",
        row.workload, row.ns_median, row.per_second
    );
    match (row.kernel_ns, row.ratio, &row.kernel_error) {
        (Some(ns), Some(ratio), _) => format!("{own} {ns:>12.1} {ratio:>7.1}x"),
        (_, _, Some(error)) => format!("{own} {error}"),
        _ => own.trim_end().to_owned(),
    }
}

/// The same on the kernel. A tree is measured here only.
#[cfg(unix)]
fn compared(mut row: Row, kernel: &Kernel) -> Row {
    match kernel.measure(&row.workload) {
        Ok(ns) => {
            row.kernel_ns = Some(ns);
            row.ratio = Some(ns / row.ns_median);
        }
        Err(words) => row.kernel_error = Some(words),
    }
    row
}

fn row(item: Item, (units, mut each): (u64, Vec<f64>)) -> Row {
    each.sort_by(f64::total_cmp);
    let ns_median = each[PARTS / 2];
    Row {
        workload: item.name(),
        unit: item.unit(),
        units,
        ns_median,
        ns_min: each[0],
        ns_max: each[PARTS - 1],
        per_second: 1e9 / ns_median,
        kernel_ns: None,
        ratio: None,
        kernel_error: None,
    }
}

/// Units of work, and nanoseconds for each in every part.
fn measure(item: Item, span: Duration) -> Result<(u64, Vec<f64>), String> {
    let part = span / u32::try_from(PARTS).expect("a few parts");
    match item {
        Item::Within(workload) => Ok(within(workload, part)),
        #[cfg(unix)]
        Item::Whole(process) => whole(process, part),
    }
}

fn within(workload: Workload, part: Duration) -> (u64, Vec<f64>) {
    let mut prepared = workload.prepare();
    prepared.round();
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
    (units, each)
}

#[cfg(unix)]
fn whole(process: Process, part: Duration) -> Result<(u64, Vec<f64>), String> {
    let runner = Runner::new()?;
    let mut each = Vec::with_capacity(PARTS);
    let mut all = 0;
    for _ in 0..PARTS {
        let (mut units, mut ns) = runner.round(process)?;
        while u128::from(ns) < part.as_nanos() {
            let (more, took) = runner.round(process)?;
            (units, ns) = (units + more, ns + took);
        }
        each.push(ns as f64 / units as f64);
        all += units;
    }
    Ok((all, each))
}
