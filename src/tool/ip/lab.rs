//! Plays recorded transcripts of a real kernel against the tools, in tests.
//! It has no pipes and no loops: the lines of a transcript are single commands.

use crate::kernel::World;
use crate::tool::Shell;

/// Plays a transcript in a fresh world: each line after `$ ` must print what follows it.
pub fn plays(transcript: &str) {
    let mut world = World::new(0);
    let mut failures = Vec::new();
    for step in transcript.split("\n$ ") {
        let step = step.trim_start_matches("$ ");
        let (command, want) = step.split_once('\n').unwrap_or((step, ""));
        let got = run(&mut world, command);
        if got.trim_end() != want.trim_end() {
            failures.push(format!("$ {command}\nwant:\n{want}\ngot:\n{got}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n----\n"));
}

/// Runs one command line: what it prints, standard error first, then `[exit N]` if not 0.
fn run(world: &mut World, line: &str) -> String {
    if let Some((key, value)) = line
        .strip_prefix("sysctl -q -w ")
        .and_then(|setting| setting.split_once('='))
    {
        let root = world.host(world.default_host()).root;
        world.sysctl_write(root, key, value).unwrap();
        return String::new();
    }
    if let Some(seconds) = line.strip_prefix("sleep ") {
        let span = std::time::Duration::from_secs_f64(seconds.parse().unwrap());
        world.run_until(world.now() + span).unwrap();
        return String::new();
    }
    let finished = Shell::new(world).run(line);
    let text = finished.stderr + &finished.stdout;
    match finished.status {
        0 => text,
        status => format!("{text}[exit {status}]"),
    }
}
