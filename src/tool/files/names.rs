//! Names of namespaces that are made and removed as files are: `ln -s /proc/PID/ns/net /run/netns/NAME`, `mount --bind`, `umount`, `rm`,
//! and the link of the whole directory to where docker binds its own.
//! What touches no file under `/run/netns` is the machine's own tool.

use super::{NETNS, absolute, real};
use crate::kernel::canonical;
use crate::tool::ip::lookup::{Here, Lookup};
use crate::tool::{Call, Outcome};
use crate::units::NetnsId;

/// `ln`: a symbolic link under `/run/netns`, or that directory itself as one.
pub fn ln(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let words: Vec<&str> = argv.iter().skip(1).map(String::as_str).collect();
    if let Some(target) = directory_link(&words) {
        call.world.netns_link_directory(call.host, Some(&target));
        return Outcome::Exit(0);
    }
    let (options, paths) = split(argv);
    let has = |letter: char, long: &str| {
        let short = |option: &&String| !option.starts_with("--") && option.contains(letter);
        options
            .iter()
            .any(|option| *option == long || short(option))
    };
    let [from, to] = paths[..] else {
        return real(call, "ln", argv);
    };
    let name = match name_of(call, to) {
        None if absolute(&call.env.cwd, to) == NETNS => {
            canonical(from).rsplit('/').next().map(str::to_owned)
        }
        name => name,
    };
    let Some(name) = name.filter(|_| has('s', "--symbolic")) else {
        return real(call, "ln", argv);
    };
    if exists(call, &name) && !has('f', "--force") {
        let line = format!("ln: failed to create symbolic link '{to}': File exists\n");
        return complain(call, 1, line);
    }
    // One that leads nowhere is made all the same, and is as good as none.
    if let Some(netns) = namespace_at(call, from) {
        call.world.netns_symlink(call.host, &name, netns);
    }
    Outcome::Exit(0)
}

/// `mkdir` of `/run/netns`, which is there already.
pub fn mkdir(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let (_, paths) = split(argv);
    let is_there = |path: &&String| absolute(&call.env.cwd, path) == NETNS;
    match !paths.is_empty() && paths.iter().all(is_there) {
        true => Outcome::Exit(0),
        false => real(call, "mkdir", argv),
    }
}

/// `touch` of a file that a namespace is to be bound to.
pub fn touch(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let (_, paths) = split(argv);
    let names: Option<Vec<String>> = paths.iter().map(|path| name_of(call, path)).collect();
    let Some(names) = names.filter(|names| !names.is_empty()) else {
        return real(call, "touch", argv);
    };
    for name in names {
        if call.world.netns_named(call.host, &name).is_none() {
            call.world.netns_placeholder(call.host, &name);
        }
    }
    Outcome::Exit(0)
}

/// `mount --bind` of a namespace to a file under `/run/netns`.
pub fn mount(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let (options, paths) = split(argv);
    let binds = options
        .iter()
        .any(|option| matches!(option.as_str(), "--bind" | "-B"));
    let (from, to) = match paths[..] {
        // `mount -o bind FROM TO`
        [word, from, to] if word == "bind" && options.iter().any(|option| *option == "-o") => {
            (from, to)
        }
        [from, to] if binds => (from, to),
        _ => return real(call, "mount", argv),
    };
    let (Some(name), Some(netns)) = (name_of(call, to), namespace_at(call, from)) else {
        return real(call, "mount", argv);
    };
    if !exists(call, &name) {
        let line = format!(
            "mount: {to}: mount point does not exist.\n       dmesg(1) may have more information after failed mount system call.\n"
        );
        return complain(call, 32, line);
    }
    call.world.mount(call.host, &name, netns);
    Outcome::Exit(0)
}

/// `umount` of a file under `/run/netns`: the namespace goes, the file stays.
pub fn umount(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let (_, paths) = split(argv);
    let [path] = paths[..] else {
        return real(call, "umount", argv);
    };
    let Some(name) = name_of(call, path) else {
        return real(call, "umount", argv);
    };
    let host = call.world.host(call.host);
    let mounted = host.netns_named(&name).is_some() && !host.symlinks.contains(&name);
    if !mounted {
        let why = match exists(call, &name) {
            true => "not mounted",
            false => "no mount point specified",
        };
        return complain(call, 32, format!("umount: {path}: {why}.\n"));
    }
    let gone = call.world.netns_delete(call.host, &name);
    debug_assert!(gone.is_ok(), "a name that is there can be deleted");
    call.world.netns_placeholder(call.host, &name);
    Outcome::Exit(0)
}

/// `rm` of files under `/run/netns`: of links and of what nothing is mounted on.
pub fn rm(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let (options, paths) = split(argv);
    let names: Option<Vec<String>> = paths.iter().map(|path| name_of(call, path)).collect();
    let Some(names) = names.filter(|names| !names.is_empty()) else {
        return real(call, "rm", argv);
    };
    let force = options
        .iter()
        .any(|option| *option == "--force" || !option.starts_with("--") && option.contains('f'));
    let mut status = 0;
    for (name, path) in names.into_iter().zip(paths) {
        let host = call.world.host(call.host);
        let mounted = host.netns_named(&name).is_some() && !host.symlinks.contains(&name);
        let why = match exists(call, &name) {
            true if mounted => "Device or resource busy",
            true => {
                // A link and an empty file go alike.
                let _ = call.world.netns_delete(call.host, &name);
                continue;
            }
            false if force => continue,
            false => "No such file or directory",
        };
        call.console
            .err(format!("rm: cannot remove '{path}': {why}\n"));
        status = 1;
    }
    Outcome::Exit(status)
}

fn complain(call: &mut Call<'_>, status: i32, line: String) -> Outcome {
    call.console.err(line);
    Outcome::Exit(status)
}

/// The options of a call, and its other words.
fn split(argv: &[String]) -> (Vec<&String>, Vec<&String>) {
    let words = argv.get(1..).unwrap_or_default().iter();
    words.partition(|word| word.starts_with('-') && word.len() > 1)
}

/// The name that a path is under `/run/netns`.
fn name_of(call: &Call<'_>, path: &str) -> Option<String> {
    let path = absolute(&call.env.cwd, path);
    let name = path.strip_prefix(NETNS)?.strip_prefix('/')?;
    (!name.contains('/')).then(|| name.to_owned())
}

/// Whether there is a file of that name, with a namespace or without.
fn exists(call: &Call<'_>, name: &str) -> bool {
    let host = call.world.host(call.host);
    host.netns_named(name).is_some() || host.placeholders.contains(name)
}

/// The namespace that a path leads to, of a process or of a file.
fn namespace_at(call: &Call<'_>, path: &str) -> Option<NetnsId> {
    Here(call).netns(&absolute(&call.env.cwd, path))
}

/// The directory that `/run/netns` is to lead to, where the words of `ln` say so.
fn directory_link(words: &[&str]) -> Option<String> {
    let is_option = |word: &&&str| word.starts_with('-') && word.len() > 1;
    let symbolic = words
        .iter()
        .filter(is_option)
        .any(|word| *word == "--symbolic" || !word.starts_with("--") && word.contains('s'));
    let mut paths = words.iter().filter(|word| !is_option(word));
    let (from, to) = (paths.next()?, paths.next()?);
    let (from, to) = (canonical(from), canonical(to));
    let inside = to == "/run" || to == NETNS;
    (symbolic && paths.next().is_none() && inside && from.ends_with("/netns") && from != NETNS)
        .then_some(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_of_namespaces_can_be_a_link() {
        let target = Some("/run/docker/netns".to_owned());
        for (line, want) in [
            ("-s /var/run/docker/netns /var/run/netns", &target),
            ("-sfn /var/run/docker/netns /var/run/netns", &target),
            ("-s /run/docker/netns/ /run/netns", &target),
            ("-s /var/run/docker/netns /var/run/", &target),
            ("/var/run/docker/netns /var/run/netns", &None),
            ("-s /proc/12/ns/net /var/run/netns", &None),
            ("-s a b", &None),
            ("-s /var/run/netns", &None),
        ] {
            let words: Vec<&str> = line.split(' ').collect();
            assert_eq!(directory_link(&words), *want, "{line}");
        }
    }
}
