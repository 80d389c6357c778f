//! `explain CMD...` runs a command and tells the way of each frame that it caused; `explain` alone tells what
//! stopped the last command that failed. What stopped it is found out by `program::explain`.

use crate::kernel::{Failure, World};
use crate::program::Program;
use crate::program::explain::{Explained, diagnose, story};
use crate::tool::{Call, ExecRequest, Outcome, run as run_tool};

/// The tools whose failure is kept for `explain`: they probe the network.
const PROBES: &[&str] = &[
    "arping",
    "curl",
    "iperf3",
    "nc",
    "netcat",
    "ping",
    "ping4",
    "ping6",
    "tcptraceroute",
    "traceroute",
    "traceroute6",
    "wget",
];

const USAGE: &str = "\
Usage: explain CMD...   runs CMD, a simulated tool, and tells the way of each frame that it caused
       explain          tells what stopped the last command that failed
";

/// Whether a command probes the network, so that its frames are kept while it runs.
pub fn is_probe(argv: &[String]) -> bool {
    let name = argv
        .first()
        .map_or("", |name| name.rsplit('/').next().unwrap_or(name));
    PROBES.contains(&name)
}

/// A command that probes the network has ended: what is known of it is kept where it failed.
pub fn end_probe(world: &mut World, request: &ExecRequest, status: i32) {
    let noted = world.end_story();
    if status != 0 {
        world.set_failure(Failure {
            argv: request.argv.clone(),
            host: request.host,
            netns: request.netns,
            status,
            noted,
        });
    }
}

/// `explain`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    match argv.get(1).map(String::as_str) {
        None => last(call),
        Some("-h" | "--help") => {
            call.console.out(USAGE);
            Outcome::Exit(0)
        }
        Some(word) if word.starts_with('-') => {
            call.console.err(USAGE);
            Outcome::Exit(2)
        }
        Some(_) => explained(call, &argv[0], &argv[1..]),
    }
}

/// The last command that failed.
fn last(call: &mut Call<'_>) -> Outcome {
    let text = match call.world.failure() {
        Some(failure) => diagnose(call.world, failure),
        None => "No command that probes the network (ping, arping, traceroute, ...) has failed.\n"
            .to_owned(),
    };
    call.console.out(text);
    Outcome::Exit(0)
}

/// A command with its story.
fn explained(call: &mut Call<'_>, argv0: &str, argv: &[String]) -> Outcome {
    call.world.begin_story();
    let (mut host, mut netns, mut argv) = (call.host, call.netns, argv.to_vec());
    // Through `ip netns exec`, `sudo` and the like to the command itself.
    for _ in 0..16 {
        let mut inner = Call {
            world: call.world,
            docker: call.docker,
            host,
            netns,
            console: call.console,
            files: call.files,
            env: call.env,
        };
        match run_tool(&mut inner, &argv) {
            Some(Outcome::Exec(next)) => (host, netns, argv) = (next.host, next.netns, next.argv),
            Some(Outcome::Start(program)) => {
                let explained = Explained::new(*program, argv, host, netns);
                return Outcome::Start(Box::new(Program::Explained(Box::new(explained))));
            }
            Some(Outcome::Exit(status)) => {
                let failure = Failure {
                    argv,
                    host,
                    netns,
                    status,
                    noted: call.world.end_story(),
                };
                call.console.out(story(call.world, &failure, &[]));
                return Outcome::Exit(status);
            }
            Some(Outcome::Wait) => {
                call.world.end_story();
                return Outcome::Wait;
            }
            // The first of the two is what probes (`docker run`); the other tidies up behind it.
            Some(Outcome::Then(mut both)) => {
                call.world.end_story();
                both[0].argv.insert(0, argv0.to_owned());
                return Outcome::Then(both);
            }
            Some(Outcome::Each(_)) | None => break,
        }
    }
    call.world.end_story();
    let name = argv.first().map_or("", String::as_str);
    call.console.err(format!(
        "explain: {name}: only one command of the simulated tools can be explained\n"
    ));
    Outcome::Exit(2)
}
