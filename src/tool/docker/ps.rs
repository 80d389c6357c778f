//! `docker ps`: the containers as a table.
//! Times are told against the world's clock.

use crate::docker::image::Image;
use crate::docker::{Container, State};
use crate::tool::Call;

use super::flags::{Read, switch, switch_short, takes, takes_short};
use super::list::{self, Columns, Filters, Row, row};
use super::{Command, Said, clock, era, ports, refused};

pub(super) const COMMANDS: &[Command] = &[Command {
    path: "ps",
    usage: "[OPTIONS]",
    about: "List containers",
    words: (0, 0),
    flags: &[
        switch_short("all", 'a'),
        takes_short("filter", 'f'),
        takes("format"),
        takes_short("last", 'n'),
        switch_short("latest", 'l'),
        switch("no-trunc"),
        switch_short("quiet", 'q'),
        switch_short("size", 's'),
    ],
    stops: false,
    run: ps,
}];

const COLUMNS: Columns = Columns {
    headings: &[
        ("ID", "CONTAINER ID"),
        ("Image", "IMAGE"),
        ("Command", "COMMAND"),
        ("CreatedAt", "CREATED AT"),
        ("RunningFor", "CREATED"),
        ("Ports", "PORTS"),
        ("State", "STATE"),
        ("Status", "STATUS"),
        ("Size", "SIZE"),
        ("Names", "NAMES"),
        ("Labels", "LABELS"),
        ("LocalVolumes", "LOCAL VOLUMES"),
        ("Mounts", "MOUNTS"),
        ("Networks", "NETWORKS"),
    ],
    plain: "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}",
    quiet: "ID",
};

/// Whether a container publishes at a port of the host: `8080`, `8080/udp`, `8000-9000`.
fn publishes(one: &Container, wanted: &str) -> bool {
    let (ports, proto) = wanted.split_once('/').unwrap_or((wanted, "tcp"));
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    let (Ok(first), Ok(last)) = (first.parse::<u16>(), last.parse::<u16>()) else {
        return false;
    };
    one.bound
        .iter()
        .any(|port| port.proto == proto && (first..=last).contains(&port.outside))
}

fn ps(call: &mut Call<'_>, read: &Read) -> Said {
    const KNOWN: &[&str] = &[
        "ancestor", "before", "exited", "expose", "health", "id", "label", "name", "network",
        "publish", "since", "status", "volume",
    ];
    let filters = Filters::read(read.values("filter"), KNOWN)?;
    let (era, now) = (era(call), call.world.now());
    let started = call.docker.start(call.world, call.host);
    let engine = started.map_err(|fault| refused(era, &fault))?;
    let last = match (read.on("latest"), read.value("last")) {
        (true, _) => Some(1),
        (false, Some(count)) => count.parse::<usize>().ok(),
        (false, None) => None,
    };
    let about_status = read
        .values("filter")
        .any(|word| word.starts_with("status=") || word.starts_with("exited="));
    let all = read.on("all") || last.is_some() || about_status;
    let mut found: Vec<Container> = engine.containers.values().rev().cloned().collect();
    found.retain(|one| {
        let network = |wanted: &str| {
            network_names(one).iter().any(|name| {
                let id = engine
                    .network(name)
                    .map(|net| net.id.clone())
                    .unwrap_or_default();
                name == wanted || id.starts_with(wanted)
            })
        };
        (all || one.is_running())
            && filters.pass("id", |wanted| one.id.starts_with(wanted))
            && filters.pass("name", |wanted| {
                list::meets(wanted, &one.name) || list::meets(wanted, &format!("/{}", one.name))
            })
            && filters.pass("status", |wanted| state(one) == wanted)
            && filters.pass(
                "exited",
                |wanted| matches!(one.state, State::Exited(code) if wanted.parse() == Ok(code)),
            )
            && filters.pass("label", |wanted| list::has_label(&one.spec.labels, wanted))
            && filters.pass("ancestor", |wanted| {
                one.spec.image == wanted || one.spec.image.split(':').next() == Some(wanted)
            })
            && filters.pass("network", network)
            && filters.pass("publish", |wanted| publishes(one, wanted))
    });
    found.truncate(last.unwrap_or(usize::MAX));
    let rows: Vec<Row> = found
        .iter()
        .map(|one| {
            let whole = read.on("no-trunc");
            let since = |at: Option<crate::units::SimTime>| {
                clock::human(at.map(|at| now.since(at)).unwrap_or_default())
            };
            let status = match one.state {
                State::Created => "Created".to_owned(),
                State::Running => format!("Up {}", since(one.started)),
                State::Exited(code) => format!("Exited ({code}) {} ago", since(one.finished)),
            };
            row([
                (
                    "ID",
                    if whole {
                        one.id.clone()
                    } else {
                        one.short().to_owned()
                    },
                ),
                ("Image", one.spec.image.clone()),
                ("Command", command(one, whole)),
                ("CreatedAt", clock::plain(one.created)),
                ("RunningFor", format!("{} ago", since(Some(one.created)))),
                ("Ports", ports::shown(era, one)),
                ("State", state(one).to_owned()),
                ("Status", status),
                ("Size", "0B".to_owned()),
                ("Names", one.name.clone()),
                ("Labels", list::labels(&one.spec.labels)),
                ("LocalVolumes", "0".to_owned()),
                ("Mounts", String::new()),
                ("Networks", network_names(one).join(",")),
            ])
        })
        .collect();
    let mut format = read.value("format").map(str::to_owned);
    if read.on("size") && format.is_none() {
        format = Some(format!("table {}\t{{{{.Size}}}}", COLUMNS.plain));
    }
    list::print(call, &COLUMNS, &rows, format.as_deref(), read.on("quiet"))
}

/// The word for what a container is doing.
pub(super) fn state(container: &Container) -> &'static str {
    match container.state {
        State::Created => "created",
        State::Running => "running",
        State::Exited(_) => "exited",
    }
}

/// The networks that a container is on, by name.
pub(super) fn network_names(container: &Container) -> Vec<String> {
    use crate::docker::Mode;
    match &container.spec.mode {
        Mode::Host => vec!["host".to_owned()],
        Mode::None => vec!["none".to_owned()],
        Mode::Container(_) => Vec::new(),
        Mode::Networks if container.networks.is_empty() => {
            let asked = container.spec.networks.keys();
            let mut names: Vec<String> = asked
                .map(|name| {
                    if name == "default" {
                        "bridge".to_owned()
                    } else {
                        name.clone()
                    }
                })
                .collect();
            if names.is_empty() {
                names.push("bridge".to_owned());
            }
            names
        }
        Mode::Networks => {
            let mut names: Vec<String> = container.networks.keys().cloned().collect();
            names.sort();
            names
        }
    }
}

/// The words of a container's command.
pub(super) fn words(container: &Container) -> Vec<String> {
    let spec = &container.spec;
    let image = Image::of(&spec.image);
    let own = image.command.iter().map(|word| (*word).to_owned());
    match (&spec.entrypoint, spec.command.is_empty()) {
        (Some(entry), _) => std::iter::once(entry.clone())
            .chain(spec.command.iter().cloned())
            .collect(),
        (None, true) => own.collect(),
        (None, false) => {
            // Images with an entry point pass the words on to it.
            let first = image
                .command
                .first()
                .filter(|word| word.contains("entrypoint"));
            first
                .map(|word| (*word).to_owned())
                .into_iter()
                .chain(spec.command.iter().cloned())
                .collect()
        }
    }
}

/// The column COMMAND: quoted, and cut to twenty characters.
fn command(container: &Container, whole: bool) -> String {
    let text = words(container).join(" ");
    let text = match whole || text.chars().count() <= 20 {
        true => text,
        false => text.chars().take(19).chain(['…']).collect(),
    };
    format!("\"{text}\"")
}
