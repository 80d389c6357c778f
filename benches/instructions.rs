//! One workload, run a number of times, for `valgrind --tool=callgrind` to count its instructions.
//! `benches/instructions` runs it twice, with one and with more rounds, so that set-up cancels out.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that says what it did"
)]

use std::process::ExitCode;

use vethlab::workload::{AllPairs, Chain, Flood, namespaces};

/// Does `rounds` rounds of a workload; gives the units of work done.
fn run(workload: &str, rounds: u32) -> Option<u64> {
    Some(match workload {
        "chain-16" => Chain::new(16, 64).run(rounds * 64),
        "flood-64" => Flood::new(64, 64).run(rounds),
        "ping-all-pairs-10" => {
            let mut pings = AllPairs::new(10);
            (0..rounds).map(|_| pings.run()).sum()
        }
        "build-100" => build(rounds, 100),
        "build-1000" => build(rounds, 1000),
        _ => return None,
    })
}

fn build(rounds: u32, count: u32) -> u64 {
    let worlds = (0..rounds).map(|_| namespaces(count).1.len() as u64);
    worlds.sum()
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).filter(|word| word != "--bench");
    let (Some(workload), Some(rounds)) = (arguments.next(), arguments.next()) else {
        // `cargo bench` calls every benchmark without arguments: there is nothing to time here.
        return ExitCode::SUCCESS;
    };
    match rounds
        .parse()
        .ok()
        .and_then(|rounds| run(&workload, rounds))
    {
        Some(units) => {
            println!("{workload} {rounds} rounds {units} units");
            ExitCode::SUCCESS
        }
        None => {
            eprintln!("instructions: no workload {workload} of {rounds} rounds");
            ExitCode::from(2)
        }
    }
}
