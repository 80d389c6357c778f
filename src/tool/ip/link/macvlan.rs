//! The options of `type macvlan`: reading and printing them (`macvlan_parse_opt`, `macvlan_print_opt`).
//! What the kernel makes of a value is not decided here.

use crate::kernel::netlink::{MacvlanInfo, MacvlanMode, MacvlanOptions};
use crate::tool::ip::args::{Args, matches};
use crate::tool::print::Printer;
use crate::tool::{Failure, number};

const MODES: [(&str, MacvlanMode); 5] = [
    ("private", MacvlanMode::Private),
    ("vepa", MacvlanMode::Vepa),
    ("bridge", MacvlanMode::Bridge),
    ("passthru", MacvlanMode::Passthru),
    ("source", MacvlanMode::Source),
];

/// `nopromisc` and `nodst` (`MACVLAN_FLAG_*`).
const FLAGS: [(&str, u16); 2] = [("nopromisc", 1), ("nodst", 2)];

/// The help of the type, which is that of macvtap too.
pub fn usage(kind: &str) -> String {
    format!(
        "Usage: ... {kind} mode MODE [flag MODE_FLAG] MODE_OPTS [bcqueuelen BC_QUEUE_LEN]

MODE: private | vepa | bridge | passthru | source
MODE_FLAG: null | nopromisc | nodst
MODE_OPTS: for mode \"source\":
\tmacaddr {{ {{ add | del }} <macaddr> | set [ <macaddr> [ <macaddr>  ... ] ] | flush }}
BC_QUEUE_LEN: Length of the rx queue for broadcast/multicast: [0-4294967295]
"
    )
}

fn explain(kind: &str, complaint: &str) -> Failure {
    Failure {
        stderr: format!("{complaint}{}", usage(kind)),
        status: 1,
    }
}

/// Reads the options of a macvlan device.
///
/// # Errors
/// The words and statuses of iproute2.
pub fn parse<S: AsRef<str>>(args: &mut Args<'_, S>, kind: &str) -> Result<MacvlanOptions, Failure> {
    let mut options = MacvlanOptions::default();
    while let Some(word) = args.take() {
        let bare = FLAGS.iter().find(|(name, _)| matches(word, name));
        if matches(word, "mode") {
            options.mode = Some(mode(args.required()?)?);
        } else if matches(word, "flag") {
            let flag = flag(args.required()?)?;
            options.flags = Some(options.flags.unwrap_or(0) | flag);
        } else if matches(word, "macaddr") {
            args.required()?;
            return Err(Failure::not_simulated("macaddr of macvlan"));
        } else if let Some((_, bit)) = bare {
            options.flags = Some(options.flags.unwrap_or(0) | bit);
        } else if matches(word, "bcqueuelen") {
            let value = args.required()?;
            let len = number::u32_in(value, 0);
            options.bcqueuelen = Some(len.ok_or_else(|| {
                let text = "argument of \"bcqueuelen\" must be a positive integer [0-4294967295]";
                Failure::line(1, format_args!("Error: {text}, not \"{value}\""))
            })?);
        } else {
            let complaint = match matches(word, "help") {
                true => String::new(),
                false => format!("{kind}: unknown option \"{word}\"?\n"),
            };
            return Err(explain(kind, &complaint));
        }
    }
    let promisc = options.flags.is_some_and(|flags| flags & 1 != 0);
    if promisc && options.mode != Some(MacvlanMode::Passthru) {
        let complaint = format!("{kind}: nopromisc flag only valid in passthru mode\n");
        return Err(explain(kind, &complaint));
    }
    Ok(options)
}

fn mode(value: &str) -> Result<MacvlanMode, Failure> {
    let known = MODES.iter().find(|(name, _)| *name == value);
    known.map(|(_, mode)| *mode).ok_or_else(|| {
        let text = "argument of \"mode\" must be \"private\", \"vepa\", \"bridge\", \"passthru\" or \"source\"";
        Failure::line(1, format_args!("Error: {text}, not \"{value}\""))
    })
}

fn flag(value: &str) -> Result<u16, Failure> {
    if value == "null" {
        return Ok(0);
    }
    let known = FLAGS.iter().find(|(name, _)| *name == value);
    known.map(|(_, bit)| *bit).ok_or_else(|| {
        let text = "argument of \"flag\" must be \"nopromisc\", \"nodst\" or \"null\"";
        Failure::line(1, format_args!("Error: {text}, not \"{value}\""))
    })
}

/// Prints what the kernel reports of a macvlan device.
pub fn print(out: &mut Printer, info: &MacvlanInfo) {
    let name = MODES.iter().find(|(_, mode)| *mode == info.mode);
    let name = name.map_or("unknown", |(name, _)| *name);
    out.any("mode", name, format_args!("mode {name} "));
    for (name, bit) in FLAGS {
        if info.flags & bit != 0 {
            out.any(name, true, format_args!("{name} "));
        }
    }
    out.number("bcqueuelen", "bcqueuelen", info.bcqueuelen);
    out.number("usedbcqueuelen", "usedbcqueuelen", info.bcqueuelen_used);
    if info.mode == MacvlanMode::Source {
        out.any("macaddr_count", 0_u32, format_args!("remotes (0) "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<MacvlanOptions, Failure> {
        parse(&mut Args::new(words), "macvlan")
    }

    #[test]
    fn modes_flags_and_the_queue_are_read() {
        let options = read(&["mode", "passthru", "nopromisc", "bcqueuelen", "7"]).unwrap();
        assert_eq!(options.mode, Some(MacvlanMode::Passthru));
        assert_eq!((options.flags, options.bcqueuelen), (Some(1), Some(7)));
        assert_eq!(read(&["flag", "null"]).unwrap().flags, Some(0));
    }

    #[test]
    fn nopromisc_is_for_passthru_only() {
        let failure = read(&["mode", "bridge", "nopromisc"]).unwrap_err();
        let words = "macvlan: nopromisc flag only valid in passthru mode\nUsage: ... macvlan mode";
        assert!(failure.stderr.starts_with(words));
        assert_eq!(failure.status, 1);
        let failure = read(&["mode", "x"]).unwrap_err();
        assert!(failure.stderr.ends_with("or \"source\", not \"x\"\n"));
    }
}
