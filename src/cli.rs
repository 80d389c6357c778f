//! The command line of `vethlab`: arguments to a command to an exit status.
//! It runs nothing itself.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use vethlab::docker::Era;

mod bench;
#[cfg(unix)]
mod diff;
mod scenario;
mod watched;
#[cfg(unix)]
mod written;

/// vethlab itself failed.
const FAILED: i32 = 3;
/// What was given to vethlab is wrong.
const WRONG: i32 = 2;

/// A Linux container network in one process: the commands that you know, without root and without a kernel.
#[derive(Parser, Debug)]
#[command(
    name = "vethlab",
    version,
    about,
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Run a command with the simulated tools first on PATH, and exit with its status
    #[command(after_help = "Example: vethlab exec -- bash lab.sh")]
    Exec {
        #[command(flatten)]
        options: Options,
        /// The command and its arguments
        #[arg(
            required = true,
            trailing_var_arg = true,
            allow_hyphen_values = true,
            value_name = "CMD"
        )]
        command: Vec<OsString>,
    },
    /// Run the inputs of a trace again, and name the first event that differs
    Replay {
        /// The trace, as --trace wrote it
        #[arg(value_name = "TRACE")]
        trace: PathBuf,
    },
    /// Run your shell the same way, with a clock that follows the wall
    Shell {
        #[command(flatten)]
        options: Options,
    },
    /// Run scenarios and print what happens
    Run(scenario::RunArgs),
    /// Run scenarios as tests
    Test(scenario::TestArgs),
    /// Draw the network of a scenario
    Graph(scenario::GraphArgs),
    /// Measure how fast the simulator is on this machine
    Bench(bench::BenchArgs),
    /// Run a script on this machine's kernel, in namespaces of its own, and in the simulator, and show where they differ
    #[command(after_help = "Exit status: 0 same, 1 different, 2 wrong input, 3 cannot be run here")]
    DiffKernel(DiffArgs),
}

/// What every verb takes.
#[derive(Args, Clone, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// The seed of all random numbers
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub seed: u64,
    /// Write a pcapng file for each device that sent or got a frame
    #[arg(long, value_name = "DIR")]
    pub pcap: Option<PathBuf>,
    /// Write what went in and what happened, as JSON lines
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// Write the session as a scenario
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// As which Docker `docker` behaves: article, classic or current
    #[arg(
        long,
        value_name = "ERA",
        env = "VETHLAB_DOCKER_ERA",
        default_value = "current"
    )]
    pub docker_era: Era,
    /// Begin with the hosts of this file
    #[arg(long, value_name = "FILE")]
    pub hosts: Option<PathBuf>,
}

/// `vethlab diff-kernel`.
#[derive(Args, Clone, Debug)]
pub struct DiffArgs {
    /// The script: one command a line, all run by one bash
    #[arg(required_unless_present = "random", value_name = "SCRIPT")]
    script: Option<PathBuf>,
    /// Invent N scripts instead
    #[arg(long, value_name = "N", conflicts_with = "script")]
    random: Option<u64>,
    /// The seed of the scripts that are invented, and of the simulator's random numbers
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// Print the scripts that are invented, and run nothing
    #[arg(long, requires = "random")]
    print: bool,
    /// Compare the frames that each device saw too (needs tcpdump)
    #[arg(long)]
    frames: bool,
    /// Give a script up after so many seconds
    #[arg(long, default_value_t = 300, value_name = "SECONDS")]
    timeout: u64,
}

/// Runs what the process's arguments say, and gives the exit status.
pub fn run() -> i32 {
    match Cli::try_parse() {
        Ok(cli) => dispatch(cli.verb),
        Err(error) => {
            let _ = error.print();
            error.exit_code()
        }
    }
}

fn fail(words: &str) -> i32 {
    let _ = writeln!(std::io::stderr(), "vethlab: {words}");
    FAILED
}

/// The world that the options ask for; else the exit status, after saying what is wrong.
#[cfg(unix)]
fn world(options: &Options) -> Result<vethlab::kernel::World, i32> {
    let Some(path) = &options.hosts else {
        return Ok(vethlab::kernel::World::new(options.seed));
    };
    let shown = path.display();
    let wrong = |words: String| {
        fail(&words);
        WRONG
    };
    let bytes = std::fs::read(path);
    let bytes = bytes.map_err(|error| wrong(format!("failed to read {shown}: {error}")))?;
    hosts_world(&bytes, options.seed).map_err(|faults| {
        for fault in faults {
            fail(&format!("{shown}:{fault}"));
        }
        WRONG
    })
}

/// The world with the hosts of a file; else what is wrong with it, each with its place.
#[cfg(unix)]
fn hosts_world(bytes: &[u8], seed: u64) -> Result<vethlab::kernel::World, Vec<String>> {
    use vethlab::scenario::{hosts::HostsFile, read};

    let file: HostsFile = read(bytes).map_err(|fault| vec![fault.to_string()])?;
    let plan = file
        .plan()
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    plan.world(seed).map_err(|fault| vec![fault.to_string()])
}

fn dispatch(verb: Verb) -> i32 {
    match &verb {
        Verb::Run(args) => scenario::run(args),
        Verb::Test(args) => scenario::test(args),
        Verb::Bench(args) => bench::run(args),
        #[cfg(unix)]
        Verb::Replay { trace } => written::replay(trace),
        #[cfg(not(unix))]
        Verb::Replay { .. } => fail("sessions need a Unix system"),
        Verb::Graph(args) => scenario::graph(args),
        #[cfg(unix)]
        Verb::DiffKernel(args) => diff::run(args),
        #[cfg(not(unix))]
        Verb::DiffKernel(_) => fail("scripts run on a kernel of Linux only"),
        Verb::Exec { options, .. } | Verb::Shell { options } => session(&verb, options),
    }
}

#[cfg(unix)]
fn session(verb: &Verb, options: &Options) -> i32 {
    use vethlab::session;

    let world = match world(options) {
        Ok(world) => world,
        Err(status) => return status,
    };
    let mut world =
        session::Lab::new(world).with_docker(vethlab::docker::Engines::new(options.docker_era));
    match written::sinks(options) {
        Ok(sinks) => world.set_sinks(sinks),
        Err(words) => return fail(&words),
    }
    match verb {
        Verb::Exec { command, .. } => session::exec(world, command),
        Verb::Shell { .. }
        | Verb::Run(_)
        | Verb::Test(_)
        | Verb::Graph(_)
        | Verb::Bench(_)
        | Verb::DiffKernel(_)
        | Verb::Replay { .. } => session::shell(world),
    }
}

#[cfg(not(unix))]
fn session(_: &Verb, _: &Options) -> i32 {
    fail("sessions need a Unix system")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn command_keeps_its_own_options() {
        for line in [
            "exec -- bash -c x",
            "exec bash -c x",
            "exec --seed 7 -- bash -c x",
        ] {
            let words = std::iter::once("vethlab").chain(line.split(' '));
            let Verb::Exec { command, .. } = Cli::try_parse_from(words).unwrap().verb else {
                panic!("{line}");
            };
            assert_eq!(command, ["bash", "-c", "x"], "{line}");
        }
    }

    #[test]
    fn wrong_input_is_status_two() {
        for line in [
            "vethlab exec",
            "vethlab nope",
            "vethlab exec --seed x -- true",
            "vethlab",
        ] {
            let error = Cli::try_parse_from(line.split(' ')).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }
}
