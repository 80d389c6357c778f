//! The long and short options of `iptables` itself, and how an abbreviated one is found (`getopt_long`).
//! Those of matches and targets are listed with them.

/// An option and how many words it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Opt {
    pub name: &'static str,
    pub takes: bool,
}

/// An option without a word behind it.
pub(super) const fn flag(name: &'static str) -> Opt {
    Opt { name, takes: false }
}

/// An option with a word behind it.
pub(super) const fn value(name: &'static str) -> Opt {
    Opt { name, takes: true }
}

/// Long options, the letter of each, and whether a word follows.
pub(super) const GLOBAL: &[(&str, char, bool)] = &[
    ("append", 'A', true),
    ("delete", 'D', true),
    ("check", 'C', true),
    ("insert", 'I', true),
    ("replace", 'R', true),
    ("list", 'L', false),
    ("list-rules", 'S', false),
    ("flush", 'F', false),
    ("zero", 'Z', false),
    ("new-chain", 'N', true),
    ("delete-chain", 'X', false),
    ("rename-chain", 'E', true),
    ("policy", 'P', true),
    ("source", 's', true),
    ("destination", 'd', true),
    ("src", 's', true),
    ("dst", 'd', true),
    ("protocol", 'p', true),
    ("in-interface", 'i', true),
    ("jump", 'j', true),
    ("table", 't', true),
    ("match", 'm', true),
    ("numeric", 'n', false),
    ("out-interface", 'o', true),
    ("verbose", 'v', false),
    ("wait", 'w', false),
    ("wait-interval", 'W', false),
    ("exact", 'x', false),
    ("fragments", 'f', false),
    ("version", 'V', false),
    ("help", 'h', false),
    ("line-numbers", '0', false),
    ("modprobe", 'M', true),
    ("set-counters", 'c', true),
    ("goto", 'g', true),
    ("ipv4", '4', false),
    ("ipv6", '6', false),
];

/// The one name of a list that a word is, or begins.
pub(super) fn find<'a, T: Copy>(
    word: &str,
    names: impl Iterator<Item = (&'a str, T)> + Clone,
) -> Option<T> {
    if let Some((_, found)) = names.clone().find(|(name, _)| *name == word) {
        return Some(found);
    }
    let mut begun = names.filter(|(name, _)| name.starts_with(word));
    let (_, first) = begun.next()?;
    begun.next().is_none().then_some(first)
}
