//! `docker network`: create, ls, inspect, connect, disconnect, rm, prune.
//! What a network is as JSON is in `network_view`.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::docker::{EndpointSettings, Era, Fault, Network, NetworkSpec, short};
use crate::tool::{Call, Failure, Outcome};

use super::flags::{Read, switch, switch_short, takes, takes_short};
use super::list::{self, Columns, Filters, Row, row};
use super::{ANY, Command, Said, each, era, network_view, refused};

pub(super) const COMMANDS: &[Command] = &[
    Command {
        path: "network create",
        usage: "[OPTIONS] NETWORK",
        about: "Create a network",
        words: (1, 1),
        flags: &[
            switch("attachable"),
            takes("aux-address"),
            takes("config-from"),
            switch("config-only"),
            takes_short("driver", 'd'),
            takes("gateway"),
            switch("ingress"),
            switch("internal"),
            takes("ip-range"),
            takes("ipam-driver"),
            takes("ipam-opt"),
            switch("ipv4"),
            switch("ipv6"),
            takes("label"),
            takes_short("opt", 'o'),
            takes("scope"),
            takes("subnet"),
        ],
        stops: false,
        run: create,
    },
    Command {
        path: "network ls",
        usage: "[OPTIONS]",
        about: "List networks",
        words: (0, 0),
        flags: &[
            takes_short("filter", 'f'),
            takes("format"),
            switch("no-trunc"),
            switch_short("quiet", 'q'),
        ],
        stops: false,
        run: ls,
    },
    Command {
        path: "network inspect",
        usage: "[OPTIONS] NETWORK [NETWORK...]",
        about: "Display detailed information on one or more networks",
        words: (1, ANY),
        flags: &[takes_short("format", 'f'), switch_short("verbose", 'v')],
        stops: false,
        run: inspect,
    },
    Command {
        path: "network connect",
        usage: "[OPTIONS] NETWORK CONTAINER",
        about: "Connect a container to a network",
        words: (2, 2),
        flags: &[
            takes("alias"),
            takes("driver-opt"),
            takes("gw-priority"),
            takes("ip"),
            takes("ip6"),
            takes("link"),
            takes("link-local-ip"),
        ],
        stops: false,
        run: connect,
    },
    Command {
        path: "network disconnect",
        usage: "[OPTIONS] NETWORK CONTAINER",
        about: "Disconnect a container from a network",
        words: (2, 2),
        flags: &[switch_short("force", 'f')],
        stops: false,
        run: disconnect,
    },
    Command {
        path: "network rm",
        usage: "NETWORK [NETWORK...]",
        about: "Remove one or more networks",
        words: (1, ANY),
        flags: &[switch_short("force", 'f')],
        stops: false,
        run: rm,
    },
    Command {
        path: "network prune",
        usage: "[OPTIONS]",
        about: "Remove all unused networks",
        words: (0, 0),
        flags: &[takes("filter"), switch_short("force", 'f')],
        stops: false,
        run: prune,
    },
];

/// An address, or the complaint about the option that has it.
pub(super) fn address(option: &str, text: &str) -> Result<IpAddr, Failure> {
    text.parse().map_err(|_| {
        let words = format!("invalid argument \"{text}\" for \"--{option}\" flag: ip: {text} is not a valid IP address");
        Failure::line(125, words)
    })
}

fn subnet(text: &str) -> Result<IpNet, Failure> {
    let parsed: Result<IpNet, _> = text.parse();
    parsed.map_err(|_| {
        Failure::line(
            1,
            format_args!("invalid CIDR block address {text}: invalid CIDR address: {text}"),
        )
    })
}

/// `key=value`, or a key alone.
pub(super) fn pair(text: &str) -> (String, String) {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    (key.to_owned(), value.to_owned())
}

fn create(call: &mut Call<'_>, read: &Read) -> Said {
    let ipv4 = read.value("ipv4").is_none_or(|on| on != "false");
    if !ipv4 || read.value("config-from").is_some() || read.on("config-only") {
        return Err(Failure::not_simulated(
            "a network without IPv4, and --config-from",
        ));
    }
    let mut spec = NetworkSpec {
        name: read.words[0].clone(),
        driver: read.value("driver").unwrap_or("bridge").to_owned(),
        internal: read.on("internal"),
        attachable: read.on("attachable"),
        ingress: read.on("ingress"),
        ipv6: read.on("ipv6"),
        options: read.values("opt").map(pair).collect(),
        ipam_options: Some(read.values("ipam-opt").map(pair).collect()),
        labels: read.values("label").map(pair).collect(),
        ..NetworkSpec::default()
    };
    for text in read.values("subnet").flat_map(|value| value.split(',')) {
        let net = subnet(text)?;
        if net.trunc() != net {
            let words = format!("invalid subnet {net}: it should be {}", net.trunc());
            return Err(Failure::line(
                1,
                format_args!("Error response from daemon: invalid network config:\n{words}"),
            ));
        }
        spec.subnets.push(net);
    }
    for text in read.values("gateway").flat_map(|value| value.split(',')) {
        spec.gateways.push(address("gateway", text)?);
    }
    for text in read.values("ip-range") {
        spec.ranges.push(subnet(text)?.trunc());
    }
    for text in read.values("aux-address") {
        let (name, text) = pair(text);
        spec.aux.insert(name, address("aux-address", &text)?);
    }
    if spec.subnets.is_empty() && !(spec.gateways.is_empty() && spec.ranges.is_empty()) {
        return Err(Failure::line(
            1,
            "every ip-range or gateway must have a corresponding subnet",
        ));
    }
    let done = call.docker.network_create(call.world, call.host, spec);
    let id = done.map_err(|fault| refused(era(call), &fault))?;
    call.console.out(format!("{id}\n"));
    Ok(Outcome::Exit(0))
}

const COLUMNS: Columns = Columns {
    headings: &[
        ("ID", "NETWORK ID"),
        ("Name", "NAME"),
        ("Driver", "DRIVER"),
        ("Scope", "SCOPE"),
        ("IPv4", "IPV4"),
        ("IPv6", "IPV6"),
        ("Internal", "INTERNAL"),
        ("Labels", "LABELS"),
        ("CreatedAt", "CREATED AT"),
    ],
    plain: "{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}",
    quiet: "ID",
};

fn ls(call: &mut Call<'_>, read: &Read) -> Said {
    const KNOWN: &[&str] = &["dangling", "driver", "id", "label", "name", "scope", "type"];
    let filters = Filters::read(read.values("filter"), KNOWN)?;
    let found = call.docker.networks(call.world, call.host);
    let mut nets = found.map_err(|fault| refused(era(call), &fault))?;
    nets.retain(|net| {
        let is = |fits: bool, wanted: &str| fits == matches!(wanted, "true" | "1");
        filters.pass("driver", |wanted| net.driver.name() == wanted)
            && filters.pass("id", |wanted| net.id.starts_with(wanted))
            && filters.pass("name", |wanted| list::meets(wanted, &net.name))
            && filters.pass("scope", |wanted| scope(net) == wanted)
            && filters.pass("label", |wanted| list::has_label(&net.labels, wanted))
            && filters.pass("type", |wanted| {
                net.is_predefined() == (wanted == "builtin")
            })
            && filters.pass("dangling", |wanted| {
                is(net.endpoints.is_empty() && !net.is_predefined(), wanted)
            })
    });
    match era(call) {
        Era::Article => nets.sort_by(|a, b| a.name.cmp(&b.name)),
        Era::Classic | Era::Current => nets.sort_by(|a, b| list::natural(&a.name, &b.name)),
    }
    let rows: Vec<Row> = nets
        .iter()
        .map(|net| fields(net, read.on("no-trunc")))
        .collect();
    list::print(
        call,
        &COLUMNS,
        &rows,
        read.value("format"),
        read.on("quiet"),
    )
}

/// The scope of a network.
pub(super) fn scope(net: &Network) -> &'static str {
    if net.swarm { "swarm" } else { "local" }
}

fn fields(net: &Network, whole: bool) -> Row {
    row([
        (
            "ID",
            if whole {
                net.id.clone()
            } else {
                short(&net.id).to_owned()
            },
        ),
        ("Name", net.name.clone()),
        ("Driver", net.driver.name().to_owned()),
        ("Scope", scope(net).to_owned()),
        ("IPv4", true.to_string()),
        ("IPv6", net.ipv6.to_string()),
        ("Internal", net.internal.to_string()),
        ("Labels", list::labels(&net.labels)),
        ("CreatedAt", super::clock::plain(net.created)),
    ])
}

fn inspect(call: &mut Call<'_>, read: &Read) -> Said {
    super::inspect::show(call, &read.words, read.value("format"), |call, word| {
        let net = call.docker.network(call.world, call.host, word)?;
        let verbose = read.on("verbose");
        Ok(network_view::json(call, &net, verbose))
    })
}

fn connect(call: &mut Call<'_>, read: &Read) -> Said {
    let mut settings = EndpointSettings::default();
    if let Some(text) = read.value("ip") {
        settings.ip = Some(address("ip", text)?);
    }
    if let Some(text) = read.value("ip6") {
        settings.ip6 = Some(address("ip6", text)?);
    }
    settings.aliases = read.values("alias").map(str::to_owned).collect();
    settings.options = read.values("driver-opt").map(pair).collect();
    let priority = read.value("gw-priority").and_then(|text| text.parse().ok());
    settings.gateway_priority = priority.unwrap_or(0);
    let place = (read.words[0].as_str(), read.words[1].as_str());
    let done = call
        .docker
        .network_connect(call.world, call.host, place, settings);
    done.map_err(|fault| refused(era(call), &fault))?;
    Ok(Outcome::Exit(0))
}

fn disconnect(call: &mut Call<'_>, read: &Read) -> Said {
    let (network, container) = (&read.words[0], &read.words[1]);
    let done = call
        .docker
        .network_disconnect(call.world, call.host, network, container);
    done.map_err(|fault| refused(era(call), &fault))?;
    Ok(Outcome::Exit(0))
}

fn rm(call: &mut Call<'_>, read: &Read) -> Said {
    let force = read.on("force");
    each(call, &read.words, |call, word| {
        match call.docker.network_remove(call.world, call.host, word) {
            Err(Fault::NetworkNotFound(_)) if force => Ok(()),
            done => done,
        }
    })
}

fn prune(call: &mut Call<'_>, read: &Read) -> Said {
    if !read.on("force") {
        call.console.out(
            "WARNING! This will remove all custom networks not used by at least one container.\nAre you sure you want to continue? [y/N] ",
        );
        match call.files.stdin() {
            Err(crate::tool::FileError::Wait) => {
                call.console.take();
                return Ok(Outcome::Wait);
            }
            answer => {
                let answer = answer.unwrap_or_default();
                if !matches!(answer.first(), Some(b'y' | b'Y')) {
                    return Ok(Outcome::Exit(0));
                }
            }
        }
    }
    let found = call.docker.networks(call.world, call.host);
    let nets = found.map_err(|fault| refused(era(call), &fault))?;
    let mut gone = String::new();
    for net in nets {
        if net.is_predefined() || net.ingress || net.is_gwbridge() || !net.endpoints.is_empty() {
            continue;
        }
        if call
            .docker
            .network_remove(call.world, call.host, &net.id)
            .is_ok()
        {
            gone.push_str(&format!("{}\n", net.name));
        }
    }
    if !gone.is_empty() {
        call.console.out(format!("Deleted Networks:\n{gone}\n"));
    }
    Ok(Outcome::Exit(0))
}
