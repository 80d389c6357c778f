//! The verbs of docker's by the words that call them.
//! What a verb does is in the module of its object.

use super::{Command, container, exec, inspect, network, ps, run, service, swarm};

/// All verbs.
pub(super) fn all() -> impl Iterator<Item = Command> {
    let parts = [
        container::COMMANDS,
        exec::COMMANDS,
        inspect::COMMANDS,
        network::COMMANDS,
        ps::COMMANDS,
        run::COMMANDS,
        service::COMMANDS,
        swarm::COMMANDS,
    ];
    parts.into_iter().flatten().copied()
}

/// The verb that some words begin with.
pub(super) enum Found<'a, 'b> {
    /// A verb, and the words after it.
    Command(Command, &'a [&'b str]),
    /// Help is asked for, or is all that can be said.
    Help(String),
    /// There is no such verb.
    Unknown(String),
    /// Docker has it, and the simulator has not.
    NotSimulated(String),
}

/// Verbs that Docker has and the simulator has not.
const ABSENT: [&str; 36] = [
    "attach",
    "build",
    "builder",
    "buildx",
    "checkpoint",
    "commit",
    "compose",
    "config",
    "context",
    "cp",
    "diff",
    "events",
    "export",
    "history",
    "image",
    "images",
    "import",
    "load",
    "login",
    "logout",
    "manifest",
    "pause",
    "plugin",
    "push",
    "rmi",
    "save",
    "search",
    "secret",
    "stack",
    "stats",
    "system",
    "tag",
    "trust",
    "unpause",
    "update",
    "volume",
];

/// Objects whose verbs are two words.
const OBJECTS: [&str; 5] = ["container", "network", "node", "service", "swarm"];

/// Other names of verbs.
const ALIASES: &[(&str, &str)] = &[
    ("container ls", "ps"),
    ("container list", "ps"),
    ("container ps", "ps"),
    ("network list", "network ls"),
    ("network remove", "network rm"),
    ("node list", "node ls"),
    ("service list", "service ls"),
    ("service remove", "service rm"),
];

/// Finds the verb.
pub(super) fn find<'a, 'b>(words: &'a [&'b str]) -> Found<'a, 'b> {
    let (first, rest) = match words {
        [] | ["--help" | "-h" | "help"] => return Found::Help(overview()),
        ["-v" | "--version", ..] => return find(&["version"]),
        [first, rest @ ..] => (*first, rest),
    };
    if !OBJECTS.contains(&first) {
        return match all().find(|command| command.path == first) {
            Some(command) => Found::Command(command, rest),
            None if ABSENT.contains(&first) => Found::NotSimulated(first.to_owned()),
            None => Found::Unknown(first.to_owned()),
        };
    }
    let (second, rest) = match rest {
        [] | ["--help" | "-h"] => return Found::Help(of_object(first)),
        [second, rest @ ..] => (*second, rest),
    };
    let path = format!("{first} {second}");
    let path = ALIASES
        .iter()
        .find(|(alias, _)| *alias == path)
        .map_or(path.as_str(), |(_, path)| path);
    let known = all().find(|command| command.path == path);
    // What can be done to a container is a verb of its own too.
    let short = || all().find(|command| first == "container" && command.path == second);
    match known.or_else(short) {
        Some(command) => Found::Command(command, rest),
        None => Found::Unknown(format!("{first} {second}")),
    }
}

fn overview() -> String {
    let mut text =
        "Usage:  docker [OPTIONS] COMMAND\n\nThe engine of a simulated host\n\nCommands:\n"
            .to_owned();
    list(&mut text, |path| !path.contains(' '));
    for object in OBJECTS {
        text.push_str(&format!("  {object}\n"));
    }
    text.push_str("\nRun 'docker COMMAND --help' for more information on a command.\n");
    text
}

fn of_object(object: &str) -> String {
    let mut text = format!("\nUsage:  docker {object} COMMAND\n\nCommands:\n");
    let prefix = format!("{object} ");
    list(&mut text, |path| path.starts_with(&prefix));
    text.push_str(&format!(
        "\nRun 'docker {object} COMMAND --help' for more information on a command.\n"
    ));
    text
}

fn list(text: &mut String, wanted: impl Fn(&str) -> bool) {
    let mut found: Vec<Command> = all().filter(|command| wanted(command.path)).collect();
    found.sort_by_key(|command| command.path);
    for command in found {
        let name = command.path.rsplit(' ').next().unwrap_or_default();
        text.push_str(&format!("  {name:<11} {}\n", command.about));
    }
}
