//! `docker exec`: a command in a container's namespace.
//! The caller becomes that command, as with `ip netns exec`.

use crate::tool::{Call, ExecRequest, Outcome};

use super::flags::{Read, switch, switch_short, takes, takes_short};
use super::{ANY, Command, Said, era, refused};

pub(super) const COMMANDS: &[Command] = &[Command {
    path: "exec",
    usage: "[OPTIONS] CONTAINER COMMAND [ARG...]",
    about: "Execute a command in a running container",
    words: (2, ANY),
    flags: &[
        switch_short("detach", 'd'),
        takes("detach-keys"),
        takes_short("env", 'e'),
        takes("env-file"),
        switch_short("interactive", 'i'),
        switch("privileged"),
        switch_short("tty", 't'),
        takes_short("user", 'u'),
        takes_short("workdir", 'w'),
    ],
    stops: true,
    run: exec,
}];

fn exec(call: &mut Call<'_>, read: &Read) -> Said {
    let found = call.docker.running(call.world, call.host, &read.words[0]);
    let container = found.map_err(|fault| refused(era(call), &fault))?;
    let words = read.words[1..].to_vec();
    let engine = call.docker.engine(call.host);
    let netns = engine.and_then(|engine| engine.netns_of(&container));
    let command = words.first().cloned().unwrap_or_default();
    Ok(Outcome::Exec(ExecRequest {
        host: call.host,
        netns: netns.unwrap_or(call.netns),
        netns_name: Some(container.name.clone()),
        argv: words,
        failure: format!(
            "OCI runtime exec failed: exec failed: unable to start container process: exec: \"{command}\": executable file not found in $PATH: unknown\n"
        ),
        failure_status: 127,
    }))
}
