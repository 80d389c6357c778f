//! The options of `type ipvlan`: reading and printing them (`ipvlan_parse_opt`, `ipvlan_print_opt`).
//! What the kernel makes of a value is not decided here.

use crate::kernel::netlink::{IpvlanFlag, IpvlanInfo, IpvlanMode, IpvlanOptions};
use crate::tool::Failure;
use crate::tool::ip::args::{Args, matches};
use crate::tool::print::Printer;

const MODES: [(&str, IpvlanMode); 3] = [
    ("l2", IpvlanMode::L2),
    ("l3", IpvlanMode::L3),
    ("l3s", IpvlanMode::L3s),
];

const FLAGS: [(&str, IpvlanFlag); 3] = [
    ("private", IpvlanFlag::Private),
    ("vepa", IpvlanFlag::Vepa),
    ("bridge", IpvlanFlag::Bridge),
];

/// The help of the type, which is that of ipvtap too.
pub fn usage(kind: &str) -> String {
    format!(
        "Usage: ... {kind} [ mode MODE ] [ FLAGS ]

MODE: l3 | l3s | l2
FLAGS: bridge | private | vepa
(first values are the defaults if nothing is specified).
"
    )
}

/// Reads the options of an ipvlan device; the flag is told to the kernel whether it is given or not.
///
/// # Errors
/// The words and statuses of iproute2.
pub fn parse<S: AsRef<str>>(args: &mut Args<'_, S>, kind: &str) -> Result<IpvlanOptions, Failure> {
    let (mut chosen, mut flag) = (None, None);
    while let Some(word) = args.take() {
        let named = FLAGS.iter().find(|(name, _)| matches(word, name));
        if matches(word, "mode") {
            chosen = Some(mode(args.required()?)?);
        } else if let Some((_, named)) = named.filter(|_| flag.is_none()) {
            flag = Some(*named);
        } else {
            let complaint = match matches(word, "help") {
                true => String::new(),
                false => format!("{kind}: unknown option \"{word}\"?\n"),
            };
            return Err(Failure {
                stderr: complaint + &usage(kind),
                status: 1,
            });
        }
    }
    Ok(IpvlanOptions {
        mode: chosen,
        flag: Some(flag.unwrap_or_default()),
    })
}

fn mode(value: &str) -> Result<IpvlanMode, Failure> {
    let known = MODES.iter().find(|(name, _)| *name == value);
    known.map(|(_, mode)| *mode).ok_or_else(|| {
        let text = "Error: argument of \"mode\" must be either \"l2\", \"l3\" or \"l3s\"";
        Failure::line(1, text)
    })
}

/// Prints what the kernel reports of an ipvlan device.
pub fn print(out: &mut Printer, info: &IpvlanInfo) {
    let name = MODES.iter().find(|(_, mode)| *mode == info.mode);
    let name = name.map_or("unknown", |(name, _)| *name);
    out.any("mode", name, format_args!(" mode {name} "));
    let flag = FLAGS.iter().find(|(_, flag)| *flag == info.flag);
    if let Some((name, _)) = flag {
        out.any(name, true, format_args!("{name} "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<IpvlanOptions, Failure> {
        parse(&mut Args::new(words), "ipvlan")
    }

    #[test]
    fn a_flag_that_is_not_given_is_bridge() {
        let options = read(&["mode", "l3s"]).unwrap();
        assert_eq!(options.mode, Some(IpvlanMode::L3s));
        assert_eq!(options.flag, Some(IpvlanFlag::Bridge));
        assert_eq!(read(&["vepa"]).unwrap().flag, Some(IpvlanFlag::Vepa));
    }

    #[test]
    fn two_flags_are_one_too_many() {
        let failure = read(&["private", "vepa"]).unwrap_err();
        assert!(
            failure
                .stderr
                .starts_with("ipvlan: unknown option \"vepa\"?\nUsage: ")
        );
        assert_eq!(read(&["mode", "l4"]).unwrap_err().status, 1);
    }
}
