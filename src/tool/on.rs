//! `on HOST CMD...`: runs a command on another host of the world; a tool of this simulator only.
//! It changes nothing: it says where the command runs.

use crate::tool::{Call, ExecRequest, Failure, Outcome};
use crate::units::HostId;

const USAGE: &str = "Usage: on HOST [CMD [ARG]...]\n\
    Runs CMD on HOST, in its root namespace; a shell where no CMD is given.\n\
    \x20      on -l\n\
    Lists the hosts.\n";

/// `on`: runs a command in the root namespace of a host.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    on(call, argv.get(1..).unwrap_or_default())
        .unwrap_or_else(|failure| failure.report(call.console))
}

fn on(call: &mut Call<'_>, words: &[String]) -> Result<Outcome, Failure> {
    let Some((name, command)) = words.split_first() else {
        return Err(usage());
    };
    match name.as_str() {
        "-l" | "--list" => {
            for host in call.world.host_list() {
                call.console
                    .out(format!("{}\n", call.world.host(host).name));
            }
            return Ok(Outcome::Exit(0));
        }
        "-h" | "--help" => {
            call.console.out(USAGE);
            return Ok(Outcome::Exit(0));
        }
        option if option.starts_with('-') => return Err(usage()),
        _ => {}
    }
    let Some(host) = call.world.host_named(name) else {
        return Err(unknown(call, name));
    };
    let command = match command {
        [] => {
            let shell = call.env.vars.get("SHELL").cloned();
            vec![shell.unwrap_or_else(|| "/bin/sh".to_owned())]
        }
        words => words.to_vec(),
    };
    Ok(Outcome::Exec(request(call, host, command)))
}

fn request(call: &Call<'_>, host: HostId, argv: Vec<String>) -> ExecRequest {
    let command = argv.first().map_or("", String::as_str);
    ExecRequest {
        host,
        netns: call.world.host(host).root,
        netns_name: None,
        failure: format!("on: failed to execute {command}: {{}}\n"),
        failure_status: 127,
        argv,
    }
}

fn usage() -> Failure {
    Failure {
        stderr: USAGE.to_owned(),
        status: 2,
    }
}

fn unknown(call: &Call<'_>, name: &str) -> Failure {
    /// More names than these help nobody.
    const SHOWN: usize = 20;
    let hosts = call.world.host_list();
    let names = hosts.iter().take(SHOWN);
    let names: Vec<&str> = names
        .map(|&host| call.world.host(host).name.as_str())
        .collect();
    let more = if hosts.len() > SHOWN { ", ..." } else { "" };
    let names = names.join(", ");
    Failure::line(
        1,
        format_args!("on: there is no host {name} (there is {names}{more})"),
    )
}

#[cfg(test)]
mod tests {
    use crate::kernel::World;
    use crate::tool::Shell;

    #[test]
    fn commands_run_on_the_host_that_is_named() {
        let mut world = World::with_host(0, "h1");
        world.host_add("h2").unwrap();
        let mut shell = Shell::new(&mut world);
        assert_eq!(shell.run("hostname").stdout, "h1\n");
        assert_eq!(shell.run("on h2 hostname").stdout, "h2\n");
        assert_eq!(shell.run("on h2 on h1 hostname").stdout, "h1\n");
        assert_eq!(shell.run("on h2 ip netns add red").status, 0);
        assert_eq!(shell.run("ip netns list").stdout, "");
        let inside = "on h2 ip netns exec red hostname";
        assert_eq!(shell.run(inside).stdout, "h2\n");
        assert_eq!(shell.run("on -l").stdout, "h1\nh2\n");
    }

    #[test]
    fn host_that_is_not_there_is_named() {
        let mut world = World::with_host(0, "h1");
        let mut shell = Shell::new(&mut world);
        let done = shell.run("on h9 hostname");
        assert_eq!(done.stderr, "on: there is no host h9 (there is h1)\n");
        assert_eq!(done.status, 1);
        assert_eq!(shell.run("on").status, 2);
        assert_eq!(shell.run("on -x").status, 2);
    }
}
