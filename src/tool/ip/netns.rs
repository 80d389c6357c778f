//! `ip netns`: names of namespaces on this host, their ids, and commands in them.
//! What runs a command is the session; what makes a namespace is the kernel floor.

use crate::kernel::netlink::{NlError, NsidInfo};
use crate::tool::ip::args::{Args, duplicate, invalid, matches};
use crate::tool::ip::lookup::{Here, Lookup};
use crate::tool::ip::options::Options;
use crate::tool::ip::{cannot_open, help};
use crate::tool::print::Printer;
use crate::tool::{Call, ExecRequest, Failure, Outcome, number};
use crate::units::{Errno, NetnsId};

/// Runs a command of `ip netns`.
///
/// # Errors
/// The words and statuses of iproute2.
pub fn run(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    let Some((command, rest)) = words.split_first() else {
        return Ok(list(call, options));
    };
    if let Some(name) = rest.first().filter(|name| !options.all && !is_name(name)) {
        let text = format_args!("Invalid netns name \"{name}\"");
        return Err(Failure::line(255, text));
    }
    let is = |full| matches(command, full);
    if is("list") || is("show") || is("lst") {
        Ok(list(call, options))
    } else if is("list-id") {
        list_id(call, options, rest)
    } else if is("help") {
        Err(help::netns())
    } else if is("add") {
        add(call, rest)
    } else if is("set") {
        set(call, rest)
    } else if is("delete") {
        delete(call, options, rest)
    } else if is("identify") {
        identify(call, rest)
    } else if is("pids") {
        pids(call, rest)
    } else if is("exec") {
        exec(call, options, rest)
    } else if is("monitor") {
        Err(Failure::not_simulated("ip netns monitor"))
    } else if is("attach") {
        attach(call, rest)
    } else {
        Err(Failure::line(
            255,
            format_args!("Command \"{command}\" is unknown, try \"ip netns help\"."),
        ))
    }
}

/// Whether a word can name a mount (`invalid_name`).
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 255 && !name.contains('/') && name != "." && name != ".."
}

fn no_name() -> Failure {
    Failure::line(1, "No netns name specified")
}

fn list(call: &mut Call<'_>, options: &Options) -> Outcome {
    let mut out = options.printer();
    for (name, netns) in call.world.netns_names(call.host) {
        out.open_object(None);
        out.any("name", &name, format_args!("{name}"));
        if let Some(id) = call.world.nsid(call.netns, netns) {
            out.any("id", id, format_args!(" (id: {id})"));
        }
        out.word("\n");
        out.close_object();
    }
    call.console.out(out.finish());
    Outcome::Exit(0)
}

fn add(call: &mut Call<'_>, words: &[&str]) -> Result<Outcome, Failure> {
    let name = words.first().ok_or_else(no_name)?;
    call.world
        .netns_add(call.host, name)
        .map_err(|errno| cannot_create(name, errno))?;
    Ok(Outcome::Exit(0))
}

fn cannot_create(name: &str, errno: Errno) -> Failure {
    let text = format_args!("Cannot create namespace file \"/run/netns/{name}\": {errno}");
    Failure::line(1, text)
}

fn attach(call: &mut Call<'_>, words: &[&str]) -> Result<Outcome, Failure> {
    let [name, pid, ..] = words else {
        return Err(Failure::line(1, "No netns name and PID specified"));
    };
    let pid_number = number::i32_in(pid, 0).filter(|pid| *pid != 0);
    let pid_number =
        pid_number.ok_or_else(|| Failure::line(1, format_args!("Invalid PID: {pid}")))?;
    if call.world.netns_named(call.host, name).is_some() {
        return Err(cannot_create(name, Errno::Eexist));
    }
    let netns = Here(call).netns_of_process(pid_number).ok_or_else(|| {
        Failure::line(
            1,
            format_args!(
                "Bind /proc/{pid_number}/ns/net -> /run/netns/{name} failed: No such file or directory"
            ),
        )
    })?;
    call.world.mount(call.host, name, netns);
    Ok(Outcome::Exit(0))
}

fn set(call: &mut Call<'_>, words: &[&str]) -> Result<Outcome, Failure> {
    let (name, value) = match words {
        [] => return Err(no_name()),
        [_] => return Err(Failure::line(1, "No nsid specified")),
        [name, value, ..] => (name, value),
    };
    let nsid = match *value {
        "auto" => None,
        value => match number::i32_in(value, 0) {
            None => return Err(invalid("Invalid \"netnsid\" value", value)),
            Some(nsid) if nsid < 0 => {
                return Err(invalid("\"netnsid\" value should be >= 0", value));
            }
            nsid => nsid,
        },
    };
    let target = call
        .world
        .netns_named(call.host, name)
        .ok_or_else(|| Failure {
            status: 1,
            ..cannot_open(name)
        })?;
    call.world.netns_set_id(call.netns, target, nsid)?;
    Ok(Outcome::Exit(0))
}

fn delete(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    if options.all {
        for (name, _) in call.world.netns_names(call.host) {
            remove(call, &name)?;
        }
        return Ok(Outcome::Exit(0));
    }
    remove(call, words.first().ok_or_else(no_name)?)?;
    Ok(Outcome::Exit(0))
}

fn remove(call: &mut Call<'_>, name: &str) -> Result<(), Failure> {
    call.world.netns_delete(call.host, name).map_err(|errno| {
        let text = format_args!("Cannot remove namespace file \"/run/netns/{name}\": {errno}");
        Failure::line(1, text)
    })
}

/// The last of the host's names that lead to a namespace, as `netns_identify_pid` finds it.
fn name_of(call: &Call<'_>, netns: NetnsId) -> Option<String> {
    let names = call.world.netns_names(call.host);
    let mut found = names.into_iter().filter(|(_, known)| *known == netns);
    found.next_back().map(|(name, _)| name)
}

/// `identify [PID]`.
fn identify(call: &mut Call<'_>, words: &[&str]) -> Result<Outcome, Failure> {
    let netns = match words {
        [] => call.netns,
        [pid] => {
            if !pid.bytes().all(|b| b.is_ascii_digit()) {
                let text = format_args!("Specified string '{pid}' is not a pid");
                return Err(Failure::line(1, text));
            }
            let known = pid.parse().ok();
            let known = known.and_then(|pid| Here(call).netns_of_process(pid));
            known.ok_or_else(|| {
                let text = "Cannot open network namespace: No such file or directory";
                Failure::line(1, text)
            })?
        }
        _ => return Err(Failure::line(1, "extra arguments specified")),
    };
    let name = name_of(call, netns).unwrap_or_default();
    call.console.out(format!("{name}\n"));
    Ok(Outcome::Exit(0))
}

fn pids(call: &mut Call<'_>, words: &[&str]) -> Result<Outcome, Failure> {
    let name = match words {
        [] => return Err(no_name()),
        [name] => name,
        _ => return Err(Failure::line(1, "extra arguments specified")),
    };
    let netns = call.world.netns_named(call.host, name).ok_or_else(|| {
        let text = "Cannot open network namespace: No such file or directory";
        Failure::line(1, text)
    })?;
    for (pid, known) in &call.env.processes {
        if *known == netns {
            call.console.out(format!("{pid}\n"));
        }
    }
    Ok(Outcome::Exit(0))
}

fn exec(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    if words.is_empty() && !options.all {
        return Err(no_name());
    }
    if words.is_empty() || (words.len() < 2 && !options.all) {
        return Err(Failure::line(1, "No command specified"));
    }
    if options.all {
        let names = call.world.netns_names(call.host);
        let each = names.into_iter().map(|(name, netns)| {
            let announced = format!("\nnetns: {name}\n");
            (announced, request(call, netns, Some(name), words))
        });
        return Ok(Outcome::Each(each.collect()));
    }
    let (name, command) = words.split_first().ok_or_else(no_name)?;
    let netns = call.world.netns_named(call.host, name);
    let netns = netns.ok_or_else(|| cannot_open(name))?;
    let name = Some((*name).to_owned());
    Ok(Outcome::Exec(request(call, netns, name, command)))
}

fn request(
    call: &Call<'_>,
    netns: NetnsId,
    netns_name: Option<String>,
    words: &[&str],
) -> ExecRequest {
    let argv: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let command = argv.first().map_or("", String::as_str);
    ExecRequest {
        host: call.host,
        netns,
        netns_name,
        failure: format!("exec of \"{command}\" failed: {{}}\n"),
        failure_status: 1,
        argv,
    }
}

fn list_id(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let (mut target, mut nsid) = (None, None);
    while let Some(word) = args.take() {
        match word {
            "target-nsid" => id_argument("target-nsid", &mut target, &mut args)?,
            "nsid" => id_argument("nsid", &mut nsid, &mut args)?,
            _ => return Err(help::netns()),
        }
    }
    let foreign = |errno, text| Failure::from(NlError::with_text(errno, text));
    let of = match target {
        None => call.netns,
        Some(target) => named_by(call, call.netns, target).ok_or_else(|| match nsid {
            Some(_) => foreign(Errno::Einval, "Target netns reference is invalid"),
            None => Failure::line(
                1,
                "Error: Invalid target network namespace id.\nDump terminated",
            ),
        })?,
    };
    let dump = match nsid {
        None => call.world.nsids(of),
        Some(nsid) => {
            let netns = named_by(call, call.netns, nsid)
                .ok_or_else(|| foreign(Errno::Einval, "Peer netns reference is invalid"))?;
            let nsid = call.world.nsid(of, netns).unwrap_or(-1);
            vec![NsidInfo { nsid, netns }]
        }
    };
    let mut out = options.printer();
    for info in &dump {
        print_id(call, &mut out, info, target.is_some());
    }
    call.console.out(out.finish());
    Ok(Outcome::Exit(0))
}

fn id_argument(key: &str, place: &mut Option<i32>, args: &mut Args<'_>) -> Result<(), Failure> {
    if place.is_some() {
        return Err(duplicate(key, key));
    }
    let value = args.required()?;
    let id = number::i32_in(value, 0);
    let id = id.ok_or_else(|| invalid(format_args!("\"{key}\" value is invalid"), value))?;
    if id < 0 {
        return Err(invalid(
            format_args!("\"{key}\" value should be >= 0"),
            value,
        ));
    }
    *place = Some(id);
    Ok(())
}

/// The namespace that `netns` knows by that id.
fn named_by(call: &Call<'_>, netns: NetnsId, nsid: i32) -> Option<NetnsId> {
    let ids = call.world.nsids(netns);
    ids.iter().find(|id| id.nsid == nsid).map(|id| id.netns)
}

/// `nsid 7 (iproute2 netns name: red)`; with a target also the id here.
fn print_id(call: &Call<'_>, out: &mut Printer, info: &NsidInfo, foreign: bool) {
    out.open_object(None);
    if info.nsid < 0 {
        out.word("nsid unassigned ");
    } else {
        out.any("nsid", info.nsid, format_args!("nsid {} ", info.nsid));
    }
    if foreign {
        match call.world.nsid(call.netns, info.netns) {
            Some(id) => out.any("current-nsid", id, format_args!("current-nsid {id} ")),
            None => out.word("current-nsid unassigned "),
        }
    }
    let named = call.world.nsid(call.netns, info.netns).is_some();
    let names = call.world.netns_names(call.host);
    let name = names
        .into_iter()
        .find(|(_, known)| named && *known == info.netns);
    if let Some((name, _)) = name {
        out.any("name", &name, format_args!("(iproute2 netns name: {name})"));
    }
    out.word("\n");
    out.close_object();
}
