//! `ls` of the directories where namespaces have their files: `/run/netns`, and where docker binds its own.
//! Any other listing is the real command's.

use crate::kernel::canonical;
use crate::tool::{Call, Outcome, ln};

/// Where `ip netns` looks.
const NETNS: &str = "/run/netns";

/// Lists names of namespaces, or becomes the real `ls`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let words: Vec<&str> = argv.iter().skip(1).map(String::as_str).collect();
    let Some((dir, long)) = asked(&words) else {
        return ln::real(call, "ls", argv);
    };
    let host = call.world.host(call.host);
    let mut names: Vec<String> = match dir == NETNS {
        true => host.names().map(|(name, _)| name.to_owned()).collect(),
        false => host
            .bound_names(&dir)
            .map(|(name, _)| name.to_owned())
            .collect(),
    };
    if names.is_empty() {
        return ln::real(call, "ls", argv);
    }
    names.sort();
    if long {
        call.console.out("total 0\n");
    }
    for name in names {
        match long {
            true => call
                .console
                .out(format!("-r--r--r-- 1 root root 0 Mar  1 10:00 {name}\n")),
            false => call.console.out(format!("{name}\n")),
        }
    }
    Outcome::Exit(0)
}

/// The directory of namespaces that is to be listed, and whether in the long form.
fn asked(words: &[&str]) -> Option<(String, bool)> {
    let (options, paths): (Vec<&str>, Vec<&str>) =
        words.iter().partition(|word| word.starts_with('-'));
    let [path] = paths[..] else { return None };
    let dir = canonical(path);
    let plain = |option: &&str| matches!(*option, "-1" | "-a" | "-l" | "-la" | "-al" | "-A");
    let known = dir == NETNS || dir == crate::docker::NETNS_DIR;
    let long = options.iter().any(|option| option.contains('l'));
    (known && options.iter().all(plain)).then_some((dir, long))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_directories_of_namespaces_are_ours() {
        let docker = "/run/docker/netns".to_owned();
        for (line, want) in [
            ("/var/run/docker/netns", Some((docker.clone(), false))),
            ("-l /run/docker/netns/", Some((docker, true))),
            ("-1 /var/run/netns", Some((NETNS.to_owned(), false))),
            ("/tmp", None),
            ("", None),
            ("--color /run/netns", None),
            ("/run/netns /tmp", None),
        ] {
            let words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
            assert_eq!(asked(&words), want, "{line}");
        }
    }
}
