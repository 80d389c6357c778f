//! One workload, run for a number of rounds, for `valgrind --tool=callgrind` to count its instructions.
//! `benches/instructions.sh` runs it twice, with one and with more rounds, so that set-up cancels out.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that says what it did"
)]

use std::process::ExitCode;

use vethlab::workload::Workload;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).filter(|word| word != "--bench");
    let (Some(name), Some(rounds)) = (arguments.next(), arguments.next()) else {
        // `cargo bench` calls every benchmark without arguments: there is nothing to time here.
        return ExitCode::SUCCESS;
    };
    let (Some(workload), Ok(rounds)) = (Workload::named(&name), rounds.parse::<u32>()) else {
        eprintln!("instructions: no workload {name} of {rounds} rounds");
        return ExitCode::from(2);
    };
    let mut prepared = workload.prepare();
    let units: u64 = (0..rounds).map(|_| prepared.round()).sum();
    println!("{name} {rounds} rounds {units} units");
    ExitCode::SUCCESS
}
