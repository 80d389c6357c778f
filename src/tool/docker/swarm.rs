//! `docker swarm` and `docker node`: machines come together, and who they are.
//! What a swarm is is the engines'.

use serde_json::{Value, json};

use crate::docker::swarm::{Cluster, Node};
use crate::docker::{Era, Fault};
use crate::tool::{Call, Failure, Outcome};

use super::flags::{Read, switch, switch_short, takes, takes_short};
use super::list::{self, Columns, Filters, Row, row};
use super::{ANY, Command, Said, each, era, refused};

pub(super) const COMMANDS: &[Command] = &[
    Command {
        path: "swarm init",
        usage: "[OPTIONS]",
        about: "Initialize a swarm",
        words: (0, 0),
        flags: &[
            takes("advertise-addr"),
            switch("autolock"),
            takes("availability"),
            takes("data-path-addr"),
            takes("data-path-port"),
            takes("default-addr-pool"),
            takes("default-addr-pool-mask-length"),
            switch("force-new-cluster"),
            takes("listen-addr"),
            takes("task-history-limit"),
        ],
        stops: false,
        run: init,
    },
    Command {
        path: "swarm join",
        usage: "[OPTIONS] HOST:PORT",
        about: "Join a swarm as a node and/or manager",
        words: (1, 1),
        flags: &[
            takes("advertise-addr"),
            takes("availability"),
            takes("data-path-addr"),
            takes("listen-addr"),
            takes("token"),
        ],
        stops: false,
        run: join,
    },
    Command {
        path: "swarm join-token",
        usage: "[OPTIONS] (worker|manager)",
        about: "Manage join tokens",
        words: (1, 1),
        flags: &[switch_short("quiet", 'q'), switch("rotate")],
        stops: false,
        run: join_token,
    },
    Command {
        path: "swarm leave",
        usage: "[OPTIONS]",
        about: "Leave the swarm",
        words: (0, 0),
        flags: &[switch_short("force", 'f')],
        stops: false,
        run: leave,
    },
    Command {
        path: "node ls",
        usage: "[OPTIONS]",
        about: "List nodes in the swarm",
        words: (0, 0),
        flags: &[
            takes_short("filter", 'f'),
            takes("format"),
            switch_short("quiet", 'q'),
        ],
        stops: false,
        run: node_ls,
    },
    Command {
        path: "node inspect",
        usage: "[OPTIONS] self|NODE [NODE...]",
        about: "Display detailed information on one or more nodes",
        words: (1, ANY),
        flags: &[takes_short("format", 'f'), switch("pretty")],
        stops: false,
        run: node_inspect,
    },
    Command {
        path: "node rm",
        usage: "[OPTIONS] NODE [NODE...]",
        about: "Remove one or more nodes from the swarm",
        words: (1, ANY),
        flags: &[switch_short("force", 'f')],
        stops: false,
        run: node_rm,
    },
];

fn init(call: &mut Call<'_>, read: &Read) -> Said {
    for option in ["default-addr-pool", "data-path-port", "data-path-addr"] {
        if read.value(option).is_some() {
            return Err(Failure::not_simulated(format_args!("--{option}")));
        }
    }
    let advertise = read.value("advertise-addr");
    let done = call.docker.swarm_init(call.world, call.host, advertise);
    let id = done.map_err(|fault| refused(era(call), &fault))?;
    let Some(cluster) = call.docker.swarm(call.host) else {
        return Ok(Outcome::Exit(1));
    };
    let address = cluster.nodes.get(&id).map(|node| node.address.to_string());
    let text = format!(
        "Swarm initialized: current node ({id}) is now a manager.\n\nTo add a worker to this swarm, run the following command:\n\n    docker swarm join --token {} {}:2377\n\nTo add a manager to this swarm, run 'docker swarm join-token manager' and follow the instructions.\n\n",
        cluster.worker_token,
        address.unwrap_or_default(),
    );
    call.console.out(text);
    Ok(Outcome::Exit(0))
}

fn join(call: &mut Call<'_>, read: &Read) -> Said {
    let (token, remote) = (read.value("token").unwrap_or(""), &read.words[0]);
    let advertise = read.value("advertise-addr");
    let done = call
        .docker
        .swarm_join(call.world, call.host, token, remote, advertise);
    let manager = done.map_err(|fault| refused(era(call), &fault))?;
    let role = if manager { "manager" } else { "worker" };
    call.console
        .out(format!("This node joined a swarm as a {role}.\n"));
    Ok(Outcome::Exit(0))
}

fn join_token(call: &mut Call<'_>, read: &Read) -> Said {
    let role = read.words[0].as_str();
    let cluster = managed(call)?;
    let token = match role {
        "worker" => cluster.worker_token.clone(),
        "manager" => cluster.manager_token.clone(),
        _ => return Err(Failure::line(1, "unknown role ".to_owned() + role)),
    };
    if read.on("quiet") {
        call.console.out(format!("{token}\n"));
        return Ok(Outcome::Exit(0));
    }
    let here = cluster
        .node_on(call.host)
        .map(|node| node.address.to_string());
    let here = here.unwrap_or_default();
    call.console.out(format!(
        "To add a {role} to this swarm, run the following command:\n\n    docker swarm join --token {token} {here}:2377\n\n"
    ));
    Ok(Outcome::Exit(0))
}

/// The swarm that this host manages.
pub(super) fn managed(call: &mut Call<'_>) -> Result<Cluster, Failure> {
    let started = call.docker.start(call.world, call.host).map(|_| ());
    started.map_err(|fault| refused(era(call), &fault))?;
    let fault = match call.docker.swarm(call.host) {
        None => Fault::NotManager,
        Some(cluster) => match cluster.node_on(call.host) {
            Some(node) if node.manager => return Ok(cluster.clone()),
            _ => Fault::Worker,
        },
    };
    Err(refused(era(call), &fault))
}

fn leave(call: &mut Call<'_>, read: &Read) -> Said {
    let done = call
        .docker
        .swarm_leave(call.world, call.host, read.on("force"));
    done.map_err(|fault| refused(era(call), &fault))?;
    call.console.out("Node left the swarm.\n");
    Ok(Outcome::Exit(0))
}

const NODES: Columns = Columns {
    headings: &[
        ("ID", "ID"),
        ("Self", "SELF"),
        ("Hostname", "HOSTNAME"),
        ("Status", "STATUS"),
        ("Availability", "AVAILABILITY"),
        ("ManagerStatus", "MANAGER STATUS"),
        ("EngineVersion", "ENGINE VERSION"),
    ],
    plain: "{{.ID}} {{if eq .Self \"true\"}}*{{else}} {{end}}\t{{.Hostname}}\t{{.Status}}\t{{.Availability}}\t{{.ManagerStatus}}\t{{.EngineVersion}}",
    quiet: "ID",
};

fn node_ls(call: &mut Call<'_>, read: &Read) -> Said {
    let filters = Filters::read(
        read.values("filter"),
        &["id", "label", "name", "role", "membership"],
    )?;
    let cluster = managed(call)?;
    let version = era(call).facts().version;
    let nodes = cluster.nodes.values().filter(|node| {
        filters.pass("id", |wanted| node.id.starts_with(wanted))
            && filters.pass("name", |wanted| node.hostname.contains(wanted))
            && filters.pass("role", |wanted| role(node) == wanted)
    });
    let mut nodes: Vec<&Node> = nodes.collect();
    nodes.sort_by(|a, b| list::natural(&a.hostname, &b.hostname));
    let rows: Vec<Row> = nodes
        .into_iter()
        .map(|node| {
            row([
                ("ID", node.id.clone()),
                ("Self", (node.host == call.host && node.ready).to_string()),
                ("Hostname", node.hostname.clone()),
                (
                    "Status",
                    if node.ready { "Ready" } else { "Down" }.to_owned(),
                ),
                ("Availability", capital(node.availability)),
                ("ManagerStatus", manager_status(&cluster, node).to_owned()),
                ("EngineVersion", version.to_owned()),
            ])
        })
        .collect();
    let article = "table {{.ID}} {{if eq .Self \"true\"}}*{{else}} {{end}}\t{{.Hostname}}\t{{.Status}}\t{{.Availability}}\t{{.ManagerStatus}}";
    let plain = (era(call) == Era::Article).then_some(article);
    let format = read.value("format").or(plain.filter(|_| !read.on("quiet")));
    list::print(call, &NODES, &rows, format, read.on("quiet"))
}

fn role(node: &Node) -> &'static str {
    if node.manager { "manager" } else { "worker" }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// The first manager that is there leads.
fn manager_status(cluster: &Cluster, node: &Node) -> &'static str {
    let leader = cluster.nodes.values().find(|one| one.manager && one.ready);
    match (node.manager, node.ready) {
        (false, _) => "",
        (true, false) => "Unreachable",
        (true, true) if leader.is_some_and(|leader| leader.id == node.id) => "Leader",
        (true, true) => "Reachable",
    }
}

fn find_node<'a>(call: &Call<'_>, cluster: &'a Cluster, word: &str) -> Option<&'a Node> {
    if word == "self" {
        return cluster.node_on(call.host);
    }
    let named = cluster
        .nodes
        .values()
        .find(|node| node.hostname == word || node.id == word);
    named.or_else(|| {
        cluster
            .nodes
            .values()
            .find(|node| node.id.starts_with(word))
    })
}

fn node_inspect(call: &mut Call<'_>, read: &Read) -> Said {
    let cluster = managed(call)?;
    let version = era(call).facts().version;
    super::inspect::show(call, &read.words, read.value("format"), |call, word| {
        let node = find_node(call, &cluster, word);
        let node = node.ok_or_else(|| Fault::NoNode(word.to_owned()))?;
        Ok(node_json(&cluster, node, version))
    })
}

fn node_json(cluster: &Cluster, node: &Node, version: &str) -> Value {
    let mut value = json!({
        "ID": node.id,
        "Spec": {"Labels": {}, "Role": role(node), "Availability": node.availability},
        "Description": {
            "Hostname": node.hostname,
            "Platform": {"Architecture": "x86_64", "OS": "linux"},
            "Engine": {"EngineVersion": version},
        },
        "Status": {"State": if node.ready { "ready" } else { "down" }, "Addr": node.address.to_string()},
    });
    if node.manager {
        let leader = manager_status(cluster, node) == "Leader";
        value["ManagerStatus"] = json!({"Leader": leader, "Reachability": "reachable", "Addr": format!("{}:2377", node.address)});
    }
    value
}

fn node_rm(call: &mut Call<'_>, read: &Read) -> Said {
    managed(call)?;
    let force = read.on("force");
    each(call, &read.words, |call, word| {
        call.docker.node_remove(call.host, word, force)
    })
}

/// What `docker info` says of the swarm.
pub(super) fn info(call: &Call<'_>) -> Value {
    let Some(cluster) = call.docker.swarm(call.host) else {
        return json!({"NodeID": "", "NodeAddr": "", "LocalNodeState": "inactive", "ControlAvailable": false});
    };
    let Some(node) = cluster.node_on(call.host) else {
        return json!({"LocalNodeState": "inactive"});
    };
    let ready = cluster.nodes.values().filter(|node| node.ready);
    json!({
        "NodeID": node.id,
        "NodeAddr": node.address.to_string(),
        "LocalNodeState": "active",
        "ControlAvailable": node.manager,
        "Nodes": ready.clone().count(),
        "Managers": ready.filter(|node| node.manager).count(),
        "Cluster": {"ID": cluster.id},
    })
}
