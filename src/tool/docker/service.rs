//! `docker service`: create, ls, ps, inspect, rm, scale, update.
//! Where tasks run and what leads to them is the engines'.

use serde_json::{Map, Value, json};

use crate::docker::swarm::{Cluster, Published, Service, ServiceSpec, Task};
use crate::docker::{Era, Fault, short};
use crate::tool::{Call, Failure, Outcome};

use super::flags::{Flag, Read, switch, switch_short, takes, takes_short};
use super::list::{self, Columns, Filters, Row, row};
use super::network::pair;
use super::swarm::managed;
use super::{ANY, Command, Said, clock, each, era, refused};

/// Each task is a container.
const REPLICAS_MAX: u32 = 1000;
/// Each port is a handful of rules on every node.
const PORTS_MAX: usize = 256;

fn too_large() -> Failure {
    Failure::not_simulated(format_args!(
        "a service of more than {REPLICAS_MAX} tasks or {PORTS_MAX} ports"
    ))
}

const CREATE: &[Flag] = &[
    takes("constraint"),
    takes("container-label"),
    switch_short("detach", 'd'),
    takes("endpoint-mode"),
    takes_short("env", 'e'),
    takes("hostname"),
    takes_short("label", 'l'),
    takes("limit-cpu"),
    takes("limit-memory"),
    takes("mode"),
    takes("mount"),
    takes("name"),
    takes("network"),
    switch("no-resolve-image"),
    takes("placement-pref"),
    takes_short("publish", 'p'),
    switch_short("quiet", 'q'),
    takes("replicas"),
    takes("replicas-max-per-node"),
    takes("reserve-cpu"),
    takes("reserve-memory"),
    takes("restart-condition"),
    takes("restart-delay"),
    takes("restart-max-attempts"),
    takes("stop-grace-period"),
    switch_short("tty", 't'),
    takes("update-delay"),
    takes("update-order"),
    takes("update-parallelism"),
    takes_short("user", 'u'),
    switch("with-registry-auth"),
    takes_short("workdir", 'w'),
];

const QUIETLY: &[Flag] = &[switch_short("detach", 'd')];

pub(super) const COMMANDS: &[Command] = &[
    Command {
        path: "service create",
        usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
        about: "Create a new service",
        words: (1, ANY),
        flags: CREATE,
        stops: true,
        run: create,
    },
    Command {
        path: "service ls",
        usage: "[OPTIONS]",
        about: "List services",
        words: (0, 0),
        flags: &[
            takes_short("filter", 'f'),
            takes("format"),
            switch_short("quiet", 'q'),
        ],
        stops: false,
        run: ls,
    },
    Command {
        path: "service ps",
        usage: "[OPTIONS] SERVICE [SERVICE...]",
        about: "List the tasks of one or more services",
        words: (1, ANY),
        flags: &[
            takes_short("filter", 'f'),
            takes("format"),
            switch("no-resolve"),
            switch("no-trunc"),
            switch_short("quiet", 'q'),
        ],
        stops: false,
        run: ps,
    },
    Command {
        path: "service inspect",
        usage: "[OPTIONS] SERVICE [SERVICE...]",
        about: "Display detailed information on one or more services",
        words: (1, ANY),
        flags: &[takes_short("format", 'f'), switch("pretty")],
        stops: false,
        run: inspect,
    },
    Command {
        path: "service rm",
        usage: "SERVICE [SERVICE...]",
        about: "Remove one or more services",
        words: (1, ANY),
        flags: &[],
        stops: false,
        run: rm,
    },
    Command {
        path: "service scale",
        usage: "SERVICE=REPLICAS [SERVICE=REPLICAS...]",
        about: "Scale one or multiple replicated services",
        words: (1, ANY),
        flags: QUIETLY,
        stops: false,
        run: scale,
    },
    Command {
        path: "service update",
        usage: "[OPTIONS] SERVICE",
        about: "Update a service",
        words: (1, 1),
        flags: &[
            switch_short("detach", 'd'),
            switch("force"),
            takes("image"),
            takes("replicas"),
            switch_short("quiet", 'q'),
        ],
        stops: false,
        run: update,
    },
];

fn create(call: &mut Call<'_>, read: &Read) -> Said {
    managed(call)?;
    let bad = |words: String| Failure::line(1, words);
    let global = match read.value("mode") {
        None | Some("replicated") => false,
        Some("global") => true,
        Some(other) => {
            return Err(bad(format!(
                "Unknown mode: {other}, only replicated and global supported"
            )));
        }
    };
    let replicas = match read.value("replicas") {
        None => 1,
        Some(text) => text.parse().map_err(|_| {
            Failure::line(125, format_args!("invalid argument \"{text}\" for \"--replicas\" flag: strconv.ParseUint: parsing \"{text}\": invalid syntax"))
        })?,
    };
    if global && read.value("replicas").is_some() {
        return Err(bad(
            "replicas can only be used with replicated or replicated-job mode".to_owned(),
        ));
    }
    let mut ports = Vec::new();
    for text in read.values("publish") {
        ports.extend(publish(text).map_err(|words| {
            Failure::line(
                125,
                format_args!("invalid argument \"{text}\" for \"-p, --publish\" flag: {words}"),
            )
        })?);
    }
    if replicas > REPLICAS_MAX || ports.len() > PORTS_MAX {
        return Err(too_large());
    }
    let name = read.value("name").map(str::to_owned);
    let (image, command) = (&read.words[0], read.words[1..].to_vec());
    let spec = ServiceSpec {
        name: name.unwrap_or_else(|| call.docker.random_name(call.host)),
        image: tagged(image),
        command,
        replicas: (!global).then_some(replicas),
        networks: read.values("network").map(network).collect(),
        ports,
        dns_round_robin: read.value("endpoint-mode") == Some("dnsrr"),
        constraints: read.values("constraint").map(str::to_owned).collect(),
        env: read.values("env").map(str::to_owned).collect(),
        labels: read.values("label").map(pair).collect(),
    };
    let done = call.docker.service_create(call.world, call.host, spec);
    let id = done.map_err(|fault| refused(era(call), &fault))?;
    call.console.out(format!("{id}\n"));
    progress(call, &id, read.on("detach") || read.on("quiet"))
}

/// `mynet`, or `name=mynet,alias=db`.
fn network(word: &str) -> (String, Vec<String>) {
    if !word.contains('=') {
        return (word.to_owned(), Vec::new());
    }
    let (mut name, mut aliases) = (String::new(), Vec::new());
    for part in word.split(',') {
        match part.split_once('=') {
            Some(("name", value)) => name = value.to_owned(),
            Some(("alias", value)) => aliases.push(value.to_owned()),
            _ => {}
        }
    }
    (name, aliases)
}

/// `8080:80/tcp`, or `published=8080,target=80,mode=host`.
fn publish(text: &str) -> Result<Vec<Published>, String> {
    if !text.contains('=') {
        let ports = super::ports::publish(text)?;
        let port = |port: crate::docker::Port| Published {
            proto: port.proto,
            published: port.outside.map_or(0, |(_, port)| port),
            target: port.inside,
            host_mode: false,
        };
        return Ok(ports.into_iter().map(port).collect());
    }
    let mut port = Published {
        proto: "tcp",
        published: 0,
        target: 0,
        host_mode: false,
    };
    for part in text.split(',') {
        let (key, value) = part
            .split_once('=')
            .ok_or_else(|| format!("invalid field: {part}"))?;
        let number = || {
            value
                .parse::<u16>()
                .map_err(|_| format!("invalid port ({value})"))
        };
        match key {
            "published" => port.published = number()?,
            "target" => port.target = number()?,
            "protocol" if value == "udp" => port.proto = "udp",
            "protocol" if value == "tcp" => port.proto = "tcp",
            "mode" if value == "host" => port.host_mode = true,
            "mode" if value == "ingress" => port.host_mode = false,
            _ => return Err(format!("invalid field key {key}")),
        }
    }
    match port.target {
        0 => Err("missing mandatory field \"target\"".to_owned()),
        _ => Ok(vec![port]),
    }
}

/// An image with its tag.
fn tagged(image: &str) -> String {
    let last = image.rsplit('/').next().unwrap_or(image);
    match last.contains([':', '@']) {
        true => image.to_owned(),
        false => format!("{image}:latest"),
    }
}

/// What is told while tasks start: here they run at once.
fn progress(call: &mut Call<'_>, id: &str, quiet: bool) -> Said {
    if quiet || era(call) == Era::Article {
        return Ok(Outcome::Exit(0));
    }
    let Some(cluster) = call.docker.swarm(call.host).cloned() else {
        return Ok(Outcome::Exit(0));
    };
    let tasks = cluster.running(id);
    let wanted = cluster.services.get(id).and_then(|one| one.spec.replicas);
    let count = wanted.map_or(tasks.len(), |count| count as usize);
    let mut text = format!("overall progress: {} out of {count} tasks\n", tasks.len());
    let bar = format!("[{}>]", "=".repeat(50));
    for (at, task) in tasks.iter().enumerate() {
        let label = match wanted {
            Some(_) => format!("{}/{count}", at + 1),
            None => task.node.chars().take(12).collect(),
        };
        text.push_str(&format!("{label}: running   {bar} \n"));
    }
    text.push_str(&match era(call) {
        Era::Current => format!("verify: Service {id} converged \n"),
        Era::Article | Era::Classic => "verify: Service converged \n".to_owned(),
    });
    call.console.out(text);
    Ok(Outcome::Exit(0))
}

const SERVICES: Columns = Columns {
    headings: &[
        ("ID", "ID"),
        ("Name", "NAME"),
        ("Mode", "MODE"),
        ("Replicas", "REPLICAS"),
        ("Image", "IMAGE"),
        ("Ports", "PORTS"),
    ],
    plain: "{{.ID}}\t{{.Name}}\t{{.Mode}}\t{{.Replicas}}\t{{.Image}}\t{{.Ports}}",
    quiet: "ID",
};

fn mode(service: &Service) -> &'static str {
    if service.spec.replicas.is_some() {
        "replicated"
    } else {
        "global"
    }
}

fn ls(call: &mut Call<'_>, read: &Read) -> Said {
    let filters = Filters::read(read.values("filter"), &["id", "label", "mode", "name"])?;
    let cluster = managed(call)?;
    let mut services: Vec<&Service> = cluster
        .services
        .values()
        .filter(|one| {
            filters.pass("id", |wanted| one.id.starts_with(wanted))
                && filters.pass("name", |wanted| one.spec.name.starts_with(wanted))
                && filters.pass("mode", |wanted| mode(one) == wanted)
                && filters.pass("label", |wanted| list::has_label(&one.spec.labels, wanted))
        })
        .collect();
    services.sort_by(|a, b| list::natural(&a.spec.name, &b.spec.name));
    let rows: Vec<Row> = services
        .into_iter()
        .map(|one| {
            let running = cluster.running(&one.id);
            let up = running
                .iter()
                .filter(|task| task.container.is_some())
                .count();
            let wanted = one
                .spec
                .replicas
                .map_or(running.len(), |count| count as usize);
            let shared = one.ports.iter().filter(|port| !port.host_mode);
            let ports: Vec<String> = shared
                .map(|port| format!("*:{}->{}/{}", port.published, port.target, port.proto))
                .collect();
            row([
                ("ID", short(&one.id).to_owned()),
                ("Name", one.spec.name.clone()),
                ("Mode", mode(one).to_owned()),
                ("Replicas", format!("{up}/{wanted}")),
                ("Image", one.spec.image.clone()),
                ("Ports", ports.join(", ")),
            ])
        })
        .collect();
    list::print(
        call,
        &SERVICES,
        &rows,
        read.value("format"),
        read.on("quiet"),
    )
}

const TASKS: Columns = Columns {
    headings: &[
        ("ID", "ID"),
        ("Name", "NAME"),
        ("Image", "IMAGE"),
        ("Node", "NODE"),
        ("DesiredState", "DESIRED STATE"),
        ("CurrentState", "CURRENT STATE"),
        ("Error", "ERROR"),
        ("Ports", "PORTS"),
    ],
    plain: "{{.ID}}\t{{.Name}}\t{{.Image}}\t{{.Node}}\t{{.DesiredState}}\t{{.CurrentState}}\t{{.Error}}\t{{.Ports}}",
    quiet: "ID",
};

fn ps(call: &mut Call<'_>, read: &Read) -> Said {
    let filters = Filters::read(
        read.values("filter"),
        &["id", "name", "node", "desired-state", "label"],
    )?;
    let cluster = managed(call)?;
    let mut rows = Vec::new();
    for word in &read.words {
        let found = call.docker.service(call.world, call.host, word);
        let service =
            found.map_err(|_| Failure::line(1, format_args!("no such service: {word}")))?;
        let mut tasks: Vec<&Task> = cluster
            .tasks
            .values()
            .filter(|task| task.service == service.id)
            .collect();
        // Newest first within a slot: what runs comes before its forerunners.
        tasks.reverse();
        tasks.sort_by_key(|task| (task.slot, !task.runs));
        let mut last_slot = None;
        for task in tasks {
            let host = cluster
                .nodes
                .get(&task.node)
                .map_or("", |node| node.hostname.as_str());
            let desired = if task.runs { "Running" } else { "Shutdown" };
            let name = cluster.task_name(task);
            let passes = filters.pass("desired-state", |wanted| desired.to_lowercase() == wanted)
                && filters.pass("node", |wanted| host == wanted)
                && filters.pass("name", |wanted| name.contains(wanted))
                && filters.pass("id", |wanted| task.id.starts_with(wanted));
            if !passes {
                continue;
            }
            let again = last_slot == Some(task.slot) && task.slot > 0;
            last_slot = Some(task.slot);
            let since = clock::human(call.world.now().since(task.since));
            let whole = read.on("no-trunc");
            rows.push(row([
                (
                    "ID",
                    if whole {
                        task.id.clone()
                    } else {
                        short(&task.id).to_owned()
                    },
                ),
                ("Name", if again { format!(" \\_ {name}") } else { name }),
                ("Image", service.spec.image.clone()),
                ("Node", host.to_owned()),
                ("DesiredState", desired.to_owned()),
                (
                    "CurrentState",
                    format!("{desired} {} ago", since.to_lowercase()),
                ),
                ("Error", task.error.clone()),
                ("Ports", String::new()),
            ]));
        }
    }
    list::print(call, &TASKS, &rows, read.value("format"), read.on("quiet"))
}

fn inspect(call: &mut Call<'_>, read: &Read) -> Said {
    let cluster = managed(call)?;
    super::inspect::show(call, &read.words, read.value("format"), |call, word| {
        let service = call.docker.service(call.world, call.host, word)?;
        Ok(service_json(&cluster, &service))
    })
}

fn service_json(cluster: &Cluster, service: &Service) -> Value {
    let mode = match service.spec.replicas {
        Some(replicas) => json!({"Replicated": {"Replicas": replicas}}),
        None => json!({"Global": {}}),
    };
    let port = |port: &Published| {
        json!({
            "Protocol": port.proto,
            "TargetPort": port.target,
            "PublishedPort": port.published,
            "PublishMode": if port.host_mode { "host" } else { "ingress" },
        })
    };
    let vip = |network: &String| {
        let vip = service.vips.get(network)?;
        Some(json!({"NetworkID": network, "Addr": vip.to_string()}))
    };
    let vips: Vec<Value> = service.networks.iter().filter_map(vip).collect();
    let own = service
        .networks
        .iter()
        .filter(|id| cluster.networks.get(*id).is_some_and(|net| !net.ingress));
    let networks: Vec<Value> = own.map(|id| json!({"Target": id})).collect();
    let mut container = Map::new();
    container.insert("Image".to_owned(), json!(service.spec.image));
    if !service.spec.command.is_empty() {
        container.insert("Args".to_owned(), json!(service.spec.command));
    }
    let endpoint_mode = if service.spec.dns_round_robin {
        "dnsrr"
    } else {
        "vip"
    };
    let ports: Vec<Value> = service.ports.iter().map(port).collect();
    json!({
        "ID": service.id,
        "CreatedAt": clock::stamp(service.created),
        "UpdatedAt": clock::stamp(service.created),
        "Spec": {
            "Name": service.spec.name,
            "Labels": service.spec.labels,
            "TaskTemplate": {
                "ContainerSpec": container,
                "Placement": {"Constraints": service.spec.constraints},
                "Networks": networks,
            },
            "Mode": mode,
            "EndpointSpec": {"Mode": endpoint_mode, "Ports": ports},
        },
        "Endpoint": {
            "Spec": {"Mode": endpoint_mode, "Ports": ports},
            "Ports": ports,
            "VirtualIPs": vips,
        },
    })
}

fn rm(call: &mut Call<'_>, read: &Read) -> Said {
    managed(call)?;
    each(call, &read.words, |call, word| {
        call.docker.service_remove(call.world, call.host, word)
    })
}

fn scale(call: &mut Call<'_>, read: &Read) -> Said {
    managed(call)?;
    for word in &read.words {
        let Some((name, count)) = word.split_once('=') else {
            return Err(Failure::line(
                1,
                format_args!(
                    "invalid scale specifier '{word}'.\nSee 'docker service scale --help'.\n\nUsage:  docker service scale SERVICE=REPLICAS [SERVICE=REPLICAS...]\n\nScale one or multiple replicated services"
                ),
            ));
        };
        let replicas = count.parse::<u32>().map_err(|_| {
            Failure::line(1, format_args!("{name}: invalid replicas value {count}: strconv.ParseUint: parsing \"{count}\": invalid syntax"))
        })?;
        if replicas > REPLICAS_MAX {
            return Err(too_large());
        }
        let done = call
            .docker
            .service_scale(call.world, call.host, name, replicas);
        done.map_err(|fault| match fault {
            Fault::NoService(_) => refused(era(call), &fault),
            other => Failure::line(1, format_args!("{name}: {}", other.words(era(call)))),
        })?;
        call.console.out(format!("{name} scaled to {replicas}\n"));
        let found = call.docker.service(call.world, call.host, name);
        if let Ok(service) = found {
            progress(call, &service.id, read.on("detach"))?;
        }
    }
    Ok(Outcome::Exit(0))
}

fn update(call: &mut Call<'_>, read: &Read) -> Said {
    managed(call)?;
    let word = &read.words[0];
    let image = read.value("image").map(tagged);
    let done = call.docker.service_update(
        call.world,
        call.host,
        word,
        image.as_deref(),
        read.on("force"),
    );
    done.map_err(|fault| refused(era(call), &fault))?;
    if let Some(count) = read.value("replicas").and_then(|text| text.parse().ok()) {
        if count > REPLICAS_MAX {
            return Err(too_large());
        }
        let done = call
            .docker
            .service_scale(call.world, call.host, word, count);
        done.map_err(|fault| refused(era(call), &fault))?;
    }
    call.console.out(format!("{word}\n"));
    let found = call.docker.service(call.world, call.host, word);
    let service = found.map_err(|fault| refused(era(call), &fault))?;
    progress(call, &service.id, read.on("detach") || read.on("quiet"))
}
