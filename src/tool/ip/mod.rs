//! F7: the `ip` command: its options, its objects, batches.
//! It holds no state: each object turns argv into requests and dumps into text.

pub mod addr;
pub mod args;
pub mod batch;
pub mod help;
#[cfg(test)]
mod lab;
pub mod link;
pub mod lookup;
pub mod maddr;
pub mod names;
pub mod neigh;
pub mod netns;
pub mod options;
pub mod route;
pub mod rule;

use crate::tool::{Call, Failure, Outcome};

use args::{Args, matches};
use options::{Options, Parsed};

/// What an object does with the words after its name.
pub type Object = fn(&mut Call<'_>, &Options, &[&str]) -> Result<Outcome, Failure>;

/// The objects in the order in which `ip.c` tries their abbreviations; without a function
/// where the object is not simulated.
const OBJECTS: &[(&str, Option<Object>)] = &[
    ("address", Some(addr::run)),
    ("addrlabel", None),
    ("maddress", Some(maddress)),
    ("route", Some(route::run)),
    ("rule", Some(rule::run)),
    ("neighbor", Some(neighbour)),
    ("neighbour", Some(neighbour)),
    ("ntable", None),
    ("ntbl", None),
    ("link", Some(link::run)),
    ("l2tp", None),
    ("fou", None),
    ("ila", None),
    ("macsec", None),
    ("tunnel", None),
    ("tunl", None),
    ("tuntap", None),
    ("tap", None),
    ("token", None),
    ("tcpmetrics", None),
    ("tcp_metrics", None),
    ("monitor", None),
    ("xfrm", None),
    ("mroute", None),
    ("mrule", None),
    ("netns", Some(netns::run)),
    ("netconf", None),
    ("vrf", None),
    ("sr", None),
    ("nexthop", None),
    ("mptcp", None),
    ("ioam", None),
    ("help", Some(|_, _, _| Err(help::usage()))),
    ("stats", None),
];

fn maddress(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    let mut port = maddr::InNetns {
        world: &mut *call.world,
        netns: call.netns,
    };
    maddr::run(&mut port, call.console, options, words).map(Outcome::Exit)
}

fn neighbour(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    let mut port = neigh::InNetns {
        world: &mut *call.world,
        netns: call.netns,
    };
    neigh::run(&mut port, call.console, options, words).map(Outcome::Exit)
}

/// Runs `ip`; `argv` begins with its name.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let netns = call.netns;
    let outcome = start(call, argv.get(1..).unwrap_or_default());
    call.netns = netns;
    outcome.unwrap_or_else(|failure| failure.report(call.console))
}

fn start(call: &mut Call<'_>, words: &[String]) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let mut options = match Options::parse(&mut args)? {
        Parsed::Run(options) => options,
        Parsed::Version => {
            call.console
                .out("ip utility, iproute2-6.1.0, libbpf 1.1.2\n");
            return Ok(Outcome::Exit(0));
        }
    };
    options.choose_colors(call.env);
    for name in &options.netns {
        call.netns = call
            .world
            .netns_named(call.host, name)
            .ok_or_else(|| cannot_open(name))?;
    }
    if let Some(file) = &options.batch {
        return batch::run(call, &options, file);
    }
    let words: Vec<&str> = args.rest().iter().map(String::as_str).collect();
    if words.is_empty() {
        return Err(help::usage());
    }
    object(call, &options, &words)
}

/// A namespace that cannot be entered (`netns_switch`). Status 255.
pub fn cannot_open(name: &str) -> Failure {
    Failure::line(
        255,
        format_args!("Cannot open network namespace \"{name}\": No such file or directory"),
    )
}

/// Runs an object's command: `words` are the object and what follows.
fn object(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    let (word, rest) = words.split_first().unwrap_or((&"", &[]));
    let found = OBJECTS.iter().find(|(name, _)| matches(word, name));
    match found {
        Some((_, Some(run))) => run(call, options, rest),
        Some((name, None)) => Err(Failure::not_simulated(format_args!("ip {name}"))),
        None => Err(Failure::line(
            1,
            format_args!("Object \"{word}\" is unknown, try \"ip help\"."),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_find_the_object_that_iproute2_finds() {
        for (word, want) in [
            ("a", Some("address")),
            ("addr", Some("address")),
            ("addrl", Some("addrlabel")),
            ("m", Some("maddress")),
            ("r", Some("route")),
            ("ru", Some("rule")),
            ("n", Some("neighbor")),
            ("ne", Some("neighbor")),
            ("neighbour", Some("neighbour")),
            ("nets", None),
            ("netn", Some("netns")),
            ("net", Some("netns")),
            ("l", Some("link")),
            ("l2", Some("l2tp")),
            ("t", Some("tunnel")),
            ("foo", None),
            ("", None),
        ] {
            let found = OBJECTS.iter().find(|(name, _)| matches(word, name));
            assert_eq!(found.map(|(name, _)| *name), want, "{word}");
        }
    }
}
