//! A scenario as a shell script that does the same on a real Linux machine as root.
//! What must hold is written as comments: nothing holds it there.

use std::fmt::Write as _;

use crate::scenario::checked::{Action, Checked, Command};
use crate::scenario::run::shown;
use crate::units::SimTime;

/// The script.
///
/// # Errors
/// Where the scenario has several hosts: one machine is not many.
pub fn script(checked: &Checked) -> Result<String, String> {
    if checked.hosts.is_some() {
        return Err("several hosts are not one machine: there is no script for them".to_owned());
    }
    let mut text = format!("#!/bin/sh\n# {}\n", checked.name);
    for line in checked.about.as_deref().unwrap_or("").lines() {
        comment(&mut text, line);
    }
    text += "# As root, in namespaces of their own: unshare --net --mount sh -c 'mount -t tmpfs tmpfs /run && mkdir /run/netns && sh FILE'\n\n";
    text += "# The network.\n";
    commands(&mut text, &checked.setup);
    for (index, step) in checked.steps.iter().enumerate() {
        text.push('\n');
        let said = step.say.as_deref().unwrap_or("");
        comment(&mut text, format!("{}. {said}", index + 1).trim_end());
        match &step.action {
            Action::Run(all) | Action::Fault(all) => commands(&mut text, all),
            Action::Ping { command, .. } => commands(&mut text, std::slice::from_ref(command)),
            Action::Wait(time) => {
                let seconds = shown(SimTime::ZERO + *time);
                let _ = writeln!(text, "sleep {}", seconds.trim_end_matches('s'));
            }
            Action::Cut { .. } | Action::Look => {}
        }
    }
    Ok(text)
}

fn comment(text: &mut String, lines: &str) {
    for line in lines.lines() {
        let _ = writeln!(text, "{}", format!("# {line}").trim_end());
    }
}

fn commands(text: &mut String, commands: &[Command]) {
    for command in commands {
        let _ = writeln!(text, "{}", command.typed());
    }
}
