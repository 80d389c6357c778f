//! `ln`: the one link that a lab needs, `/var/run/netns` to where docker binds its namespaces.
//! Any other link is the real command's.

use super::{NETNS, real};
use crate::kernel::canonical;
use crate::tool::{Call, Outcome};

/// Makes `/run/netns` a link, or becomes the real `ln`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let words: Vec<&str> = argv.iter().skip(1).map(String::as_str).collect();
    if let Some(target) = netns_link(&words) {
        call.world.netns_link_directory(call.host, Some(&target));
        return Outcome::Exit(0);
    }
    real(call, "ln", argv)
}

/// The directory that `/run/netns` is to lead to, where the words say so.
fn netns_link(words: &[&str]) -> Option<String> {
    let is_option = |word: &&&str| word.starts_with('-') && word.len() > 1;
    let symbolic = words
        .iter()
        .filter(is_option)
        .any(|word| *word == "--symbolic" || !word.starts_with("--") && word.contains('s'));
    let mut paths = words.iter().filter(|word| !is_option(word));
    let (from, to) = (paths.next()?, paths.next()?);
    let (from, to) = (canonical(from), canonical(to));
    let inside = to == "/run" && from.ends_with("/netns");
    (symbolic && paths.next().is_none() && (to == NETNS || inside) && from != NETNS).then_some(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_link_of_the_namespaces_is_ours() {
        let target = Some("/run/docker/netns".to_owned());
        for (line, want) in [
            ("-s /var/run/docker/netns /var/run/netns", &target),
            ("-sfn /var/run/docker/netns /var/run/netns", &target),
            ("-s /run/docker/netns/ /run/netns", &target),
            ("-s /var/run/docker/netns /var/run/", &target),
            ("/var/run/docker/netns /var/run/netns", &None),
            ("-s a b", &None),
            ("-s /var/run/netns", &None),
        ] {
            let words: Vec<&str> = line.split(' ').collect();
            assert_eq!(netns_link(&words), *want, "{line}");
        }
    }
}
