//! `docker run`, `docker create`: options to a container, and what the caller does then.
//! What a container is is the engine's.

use indexmap::IndexMap;

use crate::docker::image::{Image, Kind};
use crate::docker::{ContainerSpec, EndpointSettings, Mode};
use crate::tool::{Call, ExecRequest, Failure, Outcome, STATUS_WORD};

use super::flags::{Flag, Read, switch, switch_short, takes, takes_short};
use super::network::{address, pair};
use super::{ANY, Command, Said, era, help, ports};

/// So many ports a container may name: each is three rules, and each rule is compared with all others.
const PORTS_MAX: usize = 1024;

const FLAGS: &[Flag] = &[
    takes("add-host"),
    takes("annotation"),
    takes_short("attach", 'a'),
    takes("cap-add"),
    takes("cap-drop"),
    takes("cgroupns"),
    takes("cpus"),
    takes("cpu-shares"),
    takes("cpuset-cpus"),
    switch_short("detach", 'd'),
    takes("detach-keys"),
    takes("device"),
    takes("dns"),
    takes("dns-option"),
    takes("dns-search"),
    takes("domainname"),
    takes("entrypoint"),
    takes_short("env", 'e'),
    takes("env-file"),
    takes("expose"),
    takes("gpus"),
    takes("group-add"),
    takes("health-cmd"),
    takes("health-interval"),
    takes("health-retries"),
    takes("health-timeout"),
    takes_short("hostname", 'h'),
    switch("init"),
    switch_short("interactive", 'i'),
    takes("ip"),
    takes("ip6"),
    takes("ipc"),
    takes_short("label", 'l'),
    takes("link"),
    takes("link-local-ip"),
    takes("log-driver"),
    takes("log-opt"),
    takes("mac-address"),
    takes_short("memory", 'm'),
    takes("mount"),
    takes("name"),
    takes("net"),
    takes("net-alias"),
    takes("network"),
    takes("network-alias"),
    switch("no-healthcheck"),
    takes("pid"),
    takes("pids-limit"),
    takes("platform"),
    switch("privileged"),
    takes_short("publish", 'p'),
    switch_short("publish-all", 'P'),
    takes("pull"),
    switch_short("quiet", 'q'),
    switch("read-only"),
    takes("restart"),
    switch("rm"),
    takes("runtime"),
    takes("security-opt"),
    takes("shm-size"),
    switch("sig-proxy"),
    takes("stop-signal"),
    takes("stop-timeout"),
    takes("sysctl"),
    takes("tmpfs"),
    switch_short("tty", 't'),
    takes("ulimit"),
    takes_short("user", 'u'),
    takes("userns"),
    takes("uts"),
    takes_short("volume", 'v'),
    takes("volumes-from"),
    takes_short("workdir", 'w'),
];

pub(super) const COMMANDS: &[Command] = &[
    Command {
        path: "run",
        usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
        about: "Create and run a new container from an image",
        words: (1, ANY),
        flags: FLAGS,
        stops: true,
        run,
    },
    Command {
        path: "create",
        usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
        about: "Create a new container",
        words: (1, ANY),
        flags: FLAGS,
        stops: true,
        run: create,
    },
];

/// The container that the options describe.
fn spec(call: &Call<'_>, verb: &str, read: &Read) -> Result<ContainerSpec, Failure> {
    let era = era(call);
    let complain = |words: String| help::not_run(era, verb, &words);
    let (image, command) = read
        .words
        .split_first()
        .ok_or_else(|| complain("no image".to_owned()))?;
    if image.is_empty() || image.chars().any(|c| c.is_ascii_uppercase()) {
        let words =
            format!("invalid reference format: repository name ({image}) must be lowercase");
        return Err(complain(words));
    }
    let mut ports = Vec::new();
    for text in read.values("publish") {
        ports.extend(ports::publish(text).map_err(complain)?);
    }
    for text in read.values("expose") {
        ports.extend(ports::expose(text).map_err(complain)?);
    }
    if ports.len() > PORTS_MAX {
        return Err(Failure::not_simulated(format_args!(
            "a container of more than {PORTS_MAX} ports"
        )));
    }
    let mut extra_hosts = Vec::new();
    for text in read.values("add-host") {
        let (name, ip) = text.split_once([':', '=']).unwrap_or((text, ""));
        let ip = ip
            .parse()
            .map_err(|_| complain(format!("invalid IP address in add-host: \"{ip}\"")))?;
        extra_hosts.push((ip, name.to_owned()));
    }
    let (mode, networks, network_word) = networks(era, verb, read)?;
    Ok(ContainerSpec {
        name: read.value("name").map(str::to_owned),
        image: image.clone(),
        command: command.to_vec(),
        entrypoint: read
            .value("entrypoint")
            .filter(|word| !word.is_empty())
            .map(str::to_owned),
        hostname: read.value("hostname").map(str::to_owned),
        env: read.values("env").map(str::to_owned).collect(),
        labels: read.values("label").map(pair).collect(),
        mode,
        networks,
        network_word,
        ports,
        publish_all: read.on("publish-all"),
        remove: read.on("rm"),
        foreground: verb == "run" && !read.on("detach"),
        tty: read.on("tty"),
        interactive: read.on("interactive"),
        sysctls: read.values("sysctl").map(pair).collect(),
        links: read.values("link").map(link).collect(),
        extra_hosts,
        task: None,
    })
}

/// `NAME`, or `NAME:ALIAS`.
fn link(text: &str) -> (String, String) {
    let (name, alias) = text.split_once(':').unwrap_or((text, text));
    (name.to_owned(), alias.to_owned())
}

type Networks = (Mode, IndexMap<String, EndpointSettings>, String);

/// What `--network` and the options about endpoints say.
fn networks(era: crate::docker::Era, verb: &str, read: &Read) -> Result<Networks, Failure> {
    let mut general = EndpointSettings::default();
    if let Some(text) = read.value("ip") {
        general.ip = Some(address("ip", text)?);
    }
    if let Some(text) = read.value("ip6") {
        general.ip6 = Some(address("ip6", text)?);
    }
    let complain = |words: String| help::not_run(era, verb, &words);
    if let Some(text) = read.value("mac-address") {
        let mac = text.replace('-', ":").parse();
        general.mac =
            Some(mac.map_err(|_| complain(format!("{text} is not a valid mac address")))?);
    }
    let aliases = read.values("network-alias").chain(read.values("net-alias"));
    general.aliases = aliases.map(str::to_owned).collect();
    let words: Vec<&str> = read.values("network").chain(read.values("net")).collect();
    let mut found = IndexMap::new();
    let mut mode = Mode::Networks;
    for word in &words {
        let (name, settings) = advanced(word).map_err(complain)?;
        match name.as_str() {
            "host" => mode = Mode::Host,
            "none" => mode = Mode::None,
            name => match name.strip_prefix("container:") {
                Some(other) => mode = Mode::Container(other.to_owned()),
                None => {
                    found.insert(name.to_owned(), settings);
                }
            },
        }
    }
    let word = words.first().copied().unwrap_or("default").to_owned();
    let about_addresses = general != EndpointSettings::default();
    if mode == Mode::Networks && found.is_empty() && about_addresses {
        found.insert("default".to_owned(), EndpointSettings::default());
    }
    // The options of the container are those of its first network.
    if let Some(first) = found.values_mut().next() {
        let own = std::mem::take(first);
        *first = EndpointSettings {
            ip: own.ip.or(general.ip),
            ip6: own.ip6.or(general.ip6),
            mac: own.mac.or(general.mac),
            aliases: if own.aliases.is_empty() {
                general.aliases
            } else {
                own.aliases
            },
            ..own
        };
    }
    if mode != Mode::Networks && !found.is_empty() {
        let words = "conflicting options: cannot attach both user-defined and non-user-defined network-modes";
        return Err(complain(words.to_owned()));
    }
    Ok((mode, found, word))
}

/// `mynet`, or `name=mynet,ip=10.0.0.5,alias=web`.
fn advanced(word: &str) -> Result<(String, EndpointSettings), String> {
    let mut settings = EndpointSettings::default();
    if !word.contains('=') {
        return Ok((word.to_owned(), settings));
    }
    let mut name = None;
    for part in word.split(',') {
        let (key, value) = part
            .split_once('=')
            .ok_or_else(|| format!("invalid field {part}"))?;
        let bad = |_| format!("invalid value for {key}: {value}");
        match key {
            "name" => name = Some(value.to_owned()),
            "ip" => settings.ip = Some(value.parse().map_err(bad)?),
            "ip6" => settings.ip6 = Some(value.parse().map_err(bad)?),
            "alias" => settings.aliases.push(value.to_owned()),
            "mac-address" => {
                settings.mac = Some(
                    value
                        .parse()
                        .map_err(|_| format!("invalid mac-address: {value}"))?,
                );
            }
            "gw-priority" => {
                settings.gateway_priority = value
                    .parse()
                    .map_err(|_| format!("invalid gw-priority: {value}"))?;
            }
            "driver-opt" => {
                let (key, value) = pair(value);
                settings.options.insert(key, value);
            }
            _ => return Err(format!("invalid field key {key}")),
        }
    }
    let name = name.ok_or_else(|| "network name/id is not specified".to_owned())?;
    Ok((name, settings))
}

fn create(call: &mut Call<'_>, read: &Read) -> Said {
    let spec = spec(call, "create", read)?;
    let id = make(call, "create", spec)?;
    call.console.out(format!("{id}\n"));
    Ok(Outcome::Exit(0))
}

fn make(call: &mut Call<'_>, verb: &str, spec: ContainerSpec) -> Result<String, Failure> {
    let done = call.docker.container_create(call.world, call.host, spec);
    done.map_err(|fault| {
        let words = fault.words(era(call));
        help::not_run(
            era(call),
            verb,
            &format!("Error response from daemon: {words}"),
        )
    })
}

fn run(call: &mut Call<'_>, read: &Read) -> Said {
    let detached = read.on("detach");
    let spec = spec(call, "run", read)?;
    let remove = spec.remove;
    let id = make(call, "run", spec)?;
    let started = call.docker.container_start(call.world, call.host, &id);
    if let Err(fault) = started {
        if remove {
            let _ = call
                .docker
                .with_container(call.world, call.host, &id, |engine, world, id| {
                    engine.container_remove(world, id, true)
                });
        }
        let words = fault.words(era(call));
        if detached {
            call.console.out(format!("{id}\n"));
        }
        return Err(help::not_run(
            era(call),
            "run",
            &format!("Error response from daemon: {words}"),
        ));
    }
    if detached {
        call.console.out(format!("{id}\n"));
        return Ok(Outcome::Exit(0));
    }
    attach(call, &id)
}

/// The caller becomes the container's command, and says afterwards how that ended.
pub(super) fn attach(call: &mut Call<'_>, id: &str) -> Said {
    let Some(engine) = call.docker.engine(call.host) else {
        return Ok(Outcome::Exit(0));
    };
    let Some(container) = engine.containers.get(id).cloned() else {
        return Ok(Outcome::Exit(0));
    };
    let netns = engine.netns_of(&container).unwrap_or(engine.root);
    let spec = &container.spec;
    let mut words: Vec<String> = spec
        .entrypoint
        .iter()
        .cloned()
        .chain(spec.command.iter().cloned())
        .collect();
    if words.is_empty() {
        words = match Image::of(&spec.image).kind {
            Kind::Shell if spec.tty || spec.interactive => vec!["sh".to_owned()],
            Kind::Shell => vec!["true".to_owned()],
            Kind::Once => {
                call.console.out("\nHello from Docker!\n\n");
                vec!["true".to_owned()]
            }
            Kind::Http | Kind::Service => vec!["sleep".to_owned(), "infinity".to_owned()],
        };
    }
    let name = container.name.clone();
    let command = words.first().cloned().unwrap_or_default();
    let failure = not_found(era(call), &command);
    let first = ExecRequest {
        host: call.host,
        netns,
        netns_name: Some(name),
        argv: words,
        failure,
        failure_status: 127,
    };
    let ended = ["docker", "container", "--ended", id, STATUS_WORD];
    let then = ExecRequest {
        host: call.host,
        netns: engine_root(call),
        netns_name: None,
        argv: ended.iter().map(|word| (*word).to_owned()).collect(),
        failure: String::new(),
        failure_status: 125,
    };
    Ok(Outcome::Then(Box::new([first, then])))
}

fn engine_root(call: &Call<'_>) -> crate::units::NetnsId {
    call.world.host(call.host).root
}

/// What is said where a container's command is no program.
fn not_found(era: crate::docker::Era, command: &str) -> String {
    let runc = format!(
        "docker: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"{command}\": executable file not found in $PATH: unknown"
    );
    match era {
        crate::docker::Era::Current => {
            format!("{runc}\n\nRun 'docker run --help' for more information\n")
        }
        _ => format!("{runc}.\n"),
    }
}

/// `docker container --ended ID STATUS`, which the simulator itself calls when a command has ended.
pub(super) fn ended(call: &mut Call<'_>, words: &[&str]) -> Outcome {
    let [id, status, ..] = words else {
        return Outcome::Exit(125);
    };
    let status = status.parse().unwrap_or(125);
    call.docker
        .container_ended(call.world, call.host, id, status);
    Outcome::Exit(status)
}
