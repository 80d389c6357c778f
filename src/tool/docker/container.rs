//! What is done to containers by name: start, stop, rm, rename, logs, port, wait; and `docker version`.
//! `run` and `exec` have modules of their own.

use std::time::Duration;

use crate::docker::{Era, Fault, State};
use crate::program::Program;
use crate::program::sleep::Sleep;
use crate::tool::{Call, Outcome};

use super::flags::{Flag, Read, switch, switch_short, takes, takes_short};
use super::{ANY, Command, Said, each, era, refused};

const STOP: &[Flag] = &[
    takes_short("signal", 's'),
    takes_short("time", 't'),
    takes("timeout"),
];

const fn verb(
    path: &'static str,
    usage: &'static str,
    about: &'static str,
    words: (usize, usize),
    flags: &'static [Flag],
    run: fn(&mut Call<'_>, &Read) -> Said,
) -> Command {
    Command {
        path,
        usage,
        about,
        words,
        flags,
        stops: false,
        run,
    }
}

const MANY: &str = "[OPTIONS] CONTAINER [CONTAINER...]";

pub(super) const COMMANDS: &[Command] = &[
    verb(
        "start",
        MANY,
        "Start one or more stopped containers",
        (1, ANY),
        &[
            switch_short("attach", 'a'),
            switch_short("interactive", 'i'),
        ],
        start,
    ),
    verb(
        "stop",
        MANY,
        "Stop one or more running containers",
        (1, ANY),
        STOP,
        stop,
    ),
    verb(
        "kill",
        MANY,
        "Kill one or more running containers",
        (1, ANY),
        STOP,
        kill,
    ),
    verb(
        "restart",
        MANY,
        "Restart one or more containers",
        (1, ANY),
        STOP,
        restart,
    ),
    verb(
        "rm",
        MANY,
        "Remove one or more containers",
        (1, ANY),
        &[
            switch_short("force", 'f'),
            switch_short("link", 'l'),
            switch_short("volumes", 'v'),
        ],
        rm,
    ),
    verb(
        "rename",
        "CONTAINER NEW_NAME",
        "Rename a container",
        (2, 2),
        &[],
        rename,
    ),
    verb(
        "logs",
        "[OPTIONS] CONTAINER",
        "Fetch the logs of a container",
        (1, 1),
        &[
            switch("details"),
            switch_short("follow", 'f'),
            takes("since"),
            takes_short("tail", 'n'),
            switch_short("timestamps", 't'),
            takes("until"),
        ],
        logs,
    ),
    verb(
        "port",
        "CONTAINER [PRIVATE_PORT[/PROTO]]",
        "List port mappings or a specific mapping for the container",
        (1, 2),
        &[],
        port,
    ),
    verb(
        "wait",
        "CONTAINER [CONTAINER...]",
        "Block until one or more containers stop, then print their exit codes",
        (1, ANY),
        &[],
        wait,
    ),
    verb(
        "pause",
        "CONTAINER [CONTAINER...]",
        "Pause all processes within one or more containers",
        (1, ANY),
        &[],
        pause,
    ),
    verb(
        "unpause",
        "CONTAINER [CONTAINER...]",
        "Unpause all processes within one or more containers",
        (1, ANY),
        &[],
        pause,
    ),
    verb(
        "top",
        "CONTAINER [ps OPTIONS]",
        "Display the running processes of a container",
        (1, ANY),
        &[],
        top,
    ),
    verb(
        "container prune",
        "[OPTIONS]",
        "Remove all stopped containers",
        (0, 0),
        &[switch_short("force", 'f'), takes("filter")],
        prune,
    ),
    verb(
        "pull",
        "[OPTIONS] NAME[:TAG|@DIGEST]",
        "Download an image from a registry",
        (1, 1),
        &[
            switch_short("quiet", 'q'),
            switch_short("all-tags", 'a'),
            takes("platform"),
        ],
        pull,
    ),
    verb(
        "version",
        "[OPTIONS]",
        "Show the Docker version information",
        (0, 0),
        &[takes_short("format", 'f')],
        version,
    ),
    verb(
        "info",
        "[OPTIONS]",
        "Display system-wide information",
        (0, 0),
        &[takes_short("format", 'f')],
        info,
    ),
];

fn start(call: &mut Call<'_>, read: &Read) -> Said {
    if read.on("attach") {
        let found = call.docker.container(call.world, call.host, &read.words[0]);
        let id = found.map_err(|fault| refused(era(call), &fault))?.id;
        let _ = call
            .docker
            .with_container(call.world, call.host, &id, |engine, _, id| {
                if let Some(container) = engine.containers.get_mut(id) {
                    container.spec.foreground = true;
                }
                Ok(())
            });
        let done = call.docker.container_start(call.world, call.host, &id);
        done.map_err(|fault| refused(era(call), &fault))?;
        return super::run::attach(call, &id);
    }
    let mut failed = Vec::new();
    for word in &read.words {
        match call.docker.container_start(call.world, call.host, word) {
            Ok(()) => call.console.out(format!("{word}\n")),
            Err(fault) => {
                call.console.err(refused(era(call), &fault).stderr);
                failed.push(word.clone());
            }
        }
    }
    if failed.is_empty() {
        return Ok(Outcome::Exit(0));
    }
    let prefix = match era(call) {
        Era::Article | Era::Classic => "Error: failed to start containers",
        Era::Current => "failed to start containers",
    };
    call.console
        .err(format!("{prefix}: {}\n", failed.join(", ")));
    Ok(Outcome::Exit(1))
}

fn stop(call: &mut Call<'_>, read: &Read) -> Said {
    each(call, &read.words, |call, word| {
        call.docker.container_stop(call.world, call.host, word)
    })
}

fn kill(call: &mut Call<'_>, read: &Read) -> Said {
    each(call, &read.words, |call, word| {
        let container = call.docker.container(call.world, call.host, word)?;
        if !container.is_running() {
            let text = match era(call) {
                Era::Current => format!(
                    "cannot kill container: {word}: container {} is not running",
                    container.id
                ),
                Era::Article | Era::Classic => format!(
                    "Cannot kill container: {word}: Container {} is not running",
                    container.id
                ),
            };
            return Err(Fault::Other(text));
        }
        call.docker
            .container_ended(call.world, call.host, &container.id, 137);
        Ok(())
    })
}

fn restart(call: &mut Call<'_>, read: &Read) -> Said {
    each(call, &read.words, |call, word| {
        let id = call.docker.container(call.world, call.host, word)?.id;
        call.docker
            .with_container(call.world, call.host, &id, |engine, world, id| {
                engine.container_stop(world, id);
                Ok(())
            })?;
        call.docker.container_start(call.world, call.host, &id)
    })
}

fn rm(call: &mut Call<'_>, read: &Read) -> Said {
    let force = read.on("force");
    each(call, &read.words, |call, word| {
        call.docker
            .with_container(call.world, call.host, word, |engine, world, id| {
                engine.container_remove(world, id, force)
            })
    })
}

fn rename(call: &mut Call<'_>, read: &Read) -> Said {
    let (word, name) = (&read.words[0], &read.words[1]);
    let done = call
        .docker
        .with_container(call.world, call.host, word, |engine, world, id| {
            engine.container_rename(world, id, name)
        });
    done.map_err(|fault| refused(era(call), &fault))?;
    Ok(Outcome::Exit(0))
}

fn logs(call: &mut Call<'_>, read: &Read) -> Said {
    let found = call.docker.container(call.world, call.host, &read.words[0]);
    let container = found.map_err(|fault| refused(era(call), &fault))?;
    call.console.out(&container.log);
    Ok(Outcome::Exit(0))
}

fn port(call: &mut Call<'_>, read: &Read) -> Said {
    let found = call.docker.container(call.world, call.host, &read.words[0]);
    let container = found.map_err(|fault| refused(era(call), &fault))?;
    let wanted = read.words.get(1).map(|text| {
        let (port, proto) = text.split_once('/').unwrap_or((text, "tcp"));
        format!("{port}/{proto}")
    });
    let mut found = false;
    for bound in &container.bound {
        let inside = format!("{}/{}", bound.inside, bound.proto);
        if wanted.as_ref().is_some_and(|wanted| *wanted != inside) {
            continue;
        }
        found = true;
        let mut places = vec![
            bound
                .address
                .map_or("0.0.0.0".to_owned(), |ip| ip.to_string()),
        ];
        if bound.address.is_none() && era(call) != Era::Article {
            places.push("[::]".to_owned());
        }
        for place in places {
            let to = format!("{place}:{}", bound.outside);
            match wanted {
                Some(_) => call.console.out(format!("{to}\n")),
                None => call.console.out(format!("{inside} -> {to}\n")),
            }
        }
    }
    if let Some(wanted) = wanted.filter(|_| !found) {
        let prefix = if era(call) == Era::Current {
            "no"
        } else {
            "Error: No"
        };
        call.console.err(format!(
            "{prefix} public port '{wanted}' published for {}\n",
            read.words[0]
        ));
        return Ok(Outcome::Exit(1));
    }
    Ok(Outcome::Exit(0))
}

/// Waits for commands whose end is known; others never end by themselves.
fn wait(call: &mut Call<'_>, read: &Read) -> Said {
    let (mut latest, mut endless) = (None, false);
    let mut text = String::new();
    for word in &read.words {
        let found = call.docker.container(call.world, call.host, word);
        let container = found.map_err(|fault| refused(era(call), &fault))?;
        match (container.state, container.ends) {
            (State::Exited(status), _) => text.push_str(&format!("{status}\n")),
            (State::Created, _) => text.push_str("0\n"),
            (State::Running, Some((at, status))) => {
                latest = latest.max(Some(at));
                text.push_str(&format!("{status}\n"));
            }
            (State::Running, None) => endless = true,
        }
    }
    // The statuses are known already: they are printed before the wait is over.
    call.console.out(text);
    let now = call.world.now().as_nanos();
    let left = latest
        .map(|at: crate::units::SimTime| Duration::from_nanos(at.as_nanos().saturating_sub(now)));
    if left.is_none() && !endless {
        return Ok(Outcome::Exit(0));
    }
    let span = left.filter(|_| !endless);
    Ok(Outcome::Start(Box::new(Program::Sleep(Sleep::start(
        call.world, span,
    )))))
}

fn pause(_call: &mut Call<'_>, _read: &Read) -> Said {
    Err(crate::tool::Failure::not_simulated(
        "docker pause: a container has no processes that could pause",
    ))
}

fn top(call: &mut Call<'_>, read: &Read) -> Said {
    let found = call.docker.running(call.world, call.host, &read.words[0]);
    let container = found.map_err(|fault| refused(era(call), &fault))?;
    let command = super::ps::words(&container).join(" ");
    let head = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"].join("\t");
    let pid = container.pid.to_string();
    let parent = (container.pid - 1).to_string();
    let line = [
        "root", &pid, &parent, "0", "10:00", "?", "00:00:00", &command,
    ]
    .join("\t");
    call.console
        .out(super::table::align(&format!("{head}\n{line}\n"), 20));
    Ok(Outcome::Exit(0))
}

fn prune(call: &mut Call<'_>, read: &Read) -> Said {
    let _ = read.on("force");
    let era = era(call);
    let started = call.docker.start(call.world, call.host);
    let engine = started.map_err(|fault| refused(era, &fault))?;
    let dead = engine.containers.values().filter(|one| !one.is_running());
    let dead: Vec<String> = dead.map(|one| one.id.clone()).collect();
    let mut text = String::new();
    for id in dead {
        engine.containers.shift_remove(&id);
        text.push_str(&format!("{id}\n"));
    }
    if !text.is_empty() {
        text = format!("Deleted Containers:\n{text}\n");
    }
    call.console
        .out(format!("{text}Total reclaimed space: 0B\n"));
    Ok(Outcome::Exit(0))
}

/// Every image is there: nothing is fetched.
fn pull(call: &mut Call<'_>, read: &Read) -> Said {
    let image = &read.words[0];
    let (name, tag) = match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (image.as_str(), None),
    };
    if read.on("quiet") {
        call.console.out(format!(
            "docker.io/library/{name}:{}\n",
            tag.unwrap_or("latest")
        ));
        return Ok(Outcome::Exit(0));
    }
    if tag.is_none() {
        call.console.out("Using default tag: latest\n");
    }
    let tag = tag.unwrap_or("latest");
    let full = if name.contains('/') {
        name.to_owned()
    } else {
        format!("library/{name}")
    };
    call.console.out(format!(
        "{tag}: Pulling from {full}\nStatus: Image is up to date for {name}:{tag}\ndocker.io/{full}:{tag}\n"
    ));
    Ok(Outcome::Exit(0))
}

fn version(call: &mut Call<'_>, read: &Read) -> Said {
    let facts = era(call).facts();
    let part = serde_json::json!({"Version": facts.version, "ApiVersion": facts.api, "Os": "linux", "Arch": "amd64"});
    let value = serde_json::json!({"Client": part, "Server": part});
    if let Some(format) = read.value("format") {
        return super::inspect::render(call, format, &value);
    }
    let part = |title: &str, name: &str| {
        format!(
            "{title}: Docker Engine - Community\n{name} Version:           {}\n  API version:       {}\n  OS/Arch:           linux/amd64\n",
            facts.version, facts.api
        )
    };
    let text = format!("{}\n{}", part("Client", ""), part("Server", " Engine:\n "));
    call.console.out(text);
    Ok(Outcome::Exit(0))
}

fn info(call: &mut Call<'_>, read: &Read) -> Said {
    let era = era(call);
    let name = call.world.host(call.host).name.clone();
    let started = call.docker.start(call.world, call.host).map(|_| ());
    started.map_err(|fault| refused(era, &fault))?;
    let Some(engine) = call.docker.engine(call.host) else {
        return Ok(Outcome::Exit(1));
    };
    let count = |wanted: fn(&State) -> bool| {
        engine
            .containers
            .values()
            .filter(|one| wanted(&one.state))
            .count()
    };
    let (all, running) = (
        engine.containers.len(),
        count(|state| *state == State::Running),
    );
    let node = super::swarm::info(call);
    let value = serde_json::json!({
        "Containers": all,
        "ContainersRunning": running,
        "ContainersPaused": 0,
        "ContainersStopped": all - running,
        "Name": name,
        "ServerVersion": era.facts().version,
        "Driver": "overlay2",
        "Swarm": node,
    });
    if let Some(format) = read.value("format") {
        return super::inspect::render(call, format, &value);
    }
    let swarm = node["LocalNodeState"]
        .as_str()
        .unwrap_or("inactive")
        .to_owned();
    call.console.out(format!(
        "Server:\n Containers: {all}\n  Running: {running}\n  Paused: 0\n  Stopped: {}\n Server Version: {}\n Storage Driver: overlay2\n Plugins:\n  Network: bridge host ipvlan macvlan null overlay\n Swarm: {swarm}\n Name: {name}\n",
        all - running,
        era.facts().version,
    ));
    Ok(Outcome::Exit(0))
}
