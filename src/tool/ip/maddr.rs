//! `ip maddr`: the groups that devices listen to, and link layer groups by hand.
//! Groups of IP are joined by sockets; this only lists them.

use crate::kernel::World;
use crate::kernel::netlink::{Maddr, MaddrInfo};
use crate::program::Console;
use crate::tool::Failure;
use crate::tool::ip::args::{Args, Family, duplicate, garbage, invalid, matches, unknown_command};
use crate::tool::ip::lookup::is_ifname;
use crate::tool::ip::neigh::link_address;
use crate::tool::ip::options::Options;
use crate::units::{Errno, MacAddr, NetnsId};

/// The requests about groups in one namespace.
pub trait MaddrPort {
    /// All groups, by device; of a device first those of the link in the order of joining
    /// (`/proc/net/dev_mcast`), then IPv4's and IPv6's, newest first.
    fn maddrs(&self) -> Vec<MaddrInfo>;

    /// SIOCADDMULTI.
    ///
    /// # Errors
    /// ENODEV, or EINVAL where the device has no filter for groups (the loopback).
    fn maddr_add(&mut self, dev: &str, group: MacAddr) -> Result<(), Errno>;

    /// SIOCDELMULTI.
    ///
    /// # Errors
    /// ENODEV, EINVAL, or ENOENT where nobody joined it by hand.
    fn maddr_delete(&mut self, dev: &str, group: MacAddr) -> Result<(), Errno>;
}

/// One namespace of a world.
pub struct InNetns<'a> {
    /// The world.
    pub world: &'a mut World,
    /// The namespace.
    pub netns: NetnsId,
}

impl MaddrPort for InNetns<'_> {
    fn maddrs(&self) -> Vec<MaddrInfo> {
        self.world.maddrs(self.netns)
    }

    fn maddr_add(&mut self, dev: &str, group: MacAddr) -> Result<(), Errno> {
        self.world.maddr_add(self.netns, dev, group)
    }

    fn maddr_delete(&mut self, dev: &str, group: MacAddr) -> Result<(), Errno> {
        self.world.maddr_delete(self.netns, dev, group)
    }
}

/// Runs `ip maddr`; `words` follow the object's name. Gives the exit status.
///
/// # Errors
/// What it says on standard error, and its status.
pub fn run(
    port: &mut impl MaddrPort,
    console: &mut Console,
    options: &Options,
    words: &[&str],
) -> Result<i32, Failure> {
    let (word, rest) = match words.split_first() {
        Some((word, rest)) => (*word, rest),
        None => ("show", words),
    };
    let is = |full| matches(word, full);
    if is("add") || is("delete") {
        let (dev, group) = modify(rest)?;
        let done = match is("add") {
            true => port.maddr_add(&dev, group),
            false => port.maddr_delete(&dev, group),
        };
        done.map_err(|errno| Failure::line(1, format_args!("ioctl: {errno}")))?;
    } else if is("list") || is("show") || is("lst") {
        let dev = list(rest)?;
        let mut all = port.maddrs();
        all.retain(|info| {
            dev.is_none_or(|dev| dev == info.dev.as_str()) && is_of(options.family, info.group)
        });
        console.out(print(&all, options));
    } else if is("help") {
        return Err(usage());
    } else {
        return Err(unknown_command(word, "maddr"));
    }
    Ok(0)
}

/// The help of `ip maddr`, status 255.
fn usage() -> Failure {
    Failure {
        stderr: "Usage: ip maddr [ add | del ] MULTIADDR dev STRING\n       \
                 ip maddr show [ dev STRING ]\n"
            .to_owned(),
        status: 255,
    }
}

fn is_of(family: Family, group: Maddr) -> bool {
    match group {
        Maddr::Link(_) => matches!(family, Family::Unspec | Family::Link),
        Maddr::Inet(_) => matches!(family, Family::Unspec | Family::Inet),
        Maddr::Inet6(_) => matches!(family, Family::Unspec | Family::Inet6),
    }
}

/// The words of show: a device perhaps (`multiaddr_list`).
fn list<'a>(words: &'a [&'a str]) -> Result<Option<&'a str>, Failure> {
    let mut args = Args::new(words);
    let mut dev = None;
    while let Some(word) = args.take() {
        let name = match word {
            "dev" => args.required()?,
            _ if matches(word, "help") => return Err(usage()),
            _ => word,
        };
        if dev.replace(name).is_some() {
            return Err(garbage("dev", name));
        }
    }
    Ok(dev)
}

/// The words of add and delete: a group and a device (`multiaddr_modify`).
fn modify(words: &[&str]) -> Result<(String, MacAddr), Failure> {
    let mut args = Args::new(words);
    let mut dev: Option<&str> = None;
    let mut group = MacAddr::ZERO;
    while let Some(word) = args.take() {
        if word == "dev" {
            let name = args.required()?;
            if dev.is_some() {
                return Err(duplicate("dev", name));
            }
            if !is_ifname(name) || name.len() > 15 {
                return Err(invalid("\"dev\" not a valid ifname", name));
            }
            dev = Some(name);
            continue;
        }
        let text = match matches(word, "address") {
            true => args.required()?,
            false => word,
        };
        if matches(text, "help") {
            return Err(usage());
        }
        if group.0[0] != 0 {
            return Err(duplicate("address", text));
        }
        let bytes = link_address(text)?;
        group = MacAddr(
            bytes
                .as_slice()
                .try_into()
                .map_err(|_| wrong_length(bytes.len()))?,
        );
    }
    let dev =
        dev.ok_or_else(|| Failure::line(255, "Not enough information: \"dev\" is required."))?;
    Ok((dev.to_owned(), group))
}

fn wrong_length(len: usize) -> Failure {
    let text = format!("Error: Invalid address length {len} - must be 6 bytes");
    Failure::line(1, text)
}

/// The groups in the form that the options ask for; they are sorted by device already.
pub fn print(groups: &[MaddrInfo], options: &Options) -> String {
    let mut printer = options.printer();
    let mut current = None;
    for info in groups {
        if current != Some(info.ifindex) || options.oneline {
            if current.is_some() {
                printer.close_array();
                printer.close_object();
            }
            printer.open_object(None);
            let (index, dev) = (info.ifindex, info.dev);
            printer.any("ifindex", index, format_args!("{index}:"));
            printer.any("ifname", dev.as_str(), format_args!("\t{dev}"));
            printer.line_break();
            printer.open_array(Some("maddr"));
            current = Some(index);
        }
        printer.open_object(None);
        print_group(&mut printer, info);
        printer.close_object();
    }
    if current.is_some() {
        printer.close_array();
        printer.close_object();
    }
    printer.finish()
}

fn print_group(printer: &mut crate::tool::print::Printer, info: &MaddrInfo) {
    printer.word("\t");
    let mut inet = |family: &str, addr: String| {
        printer.any("family", family, format_args!("{family:<5} "));
        printer.any("address", &addr, format_args!("{addr}"));
    };
    match info.group {
        Maddr::Inet(addr) => inet("inet", addr.to_string()),
        Maddr::Inet6(addr) => inet("inet6", addr.to_string()),
        Maddr::Link(mac) => {
            printer.word("link  ");
            printer.shown("link", mac, format_args!("{mac}"));
        }
    }
    if info.users != 1 {
        printer.any("users", info.users, format_args!(" users {}", info.users));
    }
    if info.is_static {
        printer.any("features", "static", format_args!(" static"));
    }
    printer.word("\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Piece;

    struct Fake(Vec<MaddrInfo>);

    impl MaddrPort for Fake {
        fn maddrs(&self) -> Vec<MaddrInfo> {
            self.0.clone()
        }

        fn maddr_add(&mut self, dev: &str, _group: MacAddr) -> Result<(), Errno> {
            match dev {
                "va" => Ok(()),
                _ => Err(Errno::Enodev),
            }
        }

        fn maddr_delete(&mut self, _dev: &str, _group: MacAddr) -> Result<(), Errno> {
            Err(Errno::Enoent)
        }
    }

    fn group(group: Maddr, users: u32, is_static: bool) -> MaddrInfo {
        MaddrInfo {
            ifindex: 2,
            dev: "va".parse().unwrap(),
            group,
            users,
            is_static,
        }
    }

    fn fake() -> Fake {
        Fake(vec![
            group(Maddr::Link("33:33:00:00:00:01".parse().unwrap()), 2, true),
            group(Maddr::Inet([224, 0, 0, 1].into()), 1, false),
            group(Maddr::Inet6("ff02::1:ff00:1".parse().unwrap()), 2, false),
        ])
    }

    fn run_words(line: &str) -> Result<String, Failure> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let mut args = Args::new(&words);
        let options = match crate::tool::ip::options::Options::parse(&mut args)? {
            crate::tool::ip::options::Parsed::Run(options) => options,
            crate::tool::ip::options::Parsed::Version => panic!("no version is asked for"),
        };
        let words: Vec<&str> = args.rest().iter().map(String::as_str).collect();
        let mut console = Console::default();
        run(&mut fake(), &mut console, &options, &words)?;
        Ok(match console.take().pop() {
            Some(Piece::Out(bytes)) => String::from_utf8(bytes).unwrap(),
            _ => String::new(),
        })
    }

    #[test]
    fn groups_are_listed_under_their_device() {
        let want = "2:\tva\n\tlink  33:33:00:00:00:01 users 2 static\n\tinet  224.0.0.1\n\
                    \tinet6 ff02::1:ff00:1 users 2\n";
        assert_eq!(run_words(""), Ok(want.to_owned()));
        assert_eq!(run_words("show dev va"), Ok(want.to_owned()));
        assert_eq!(run_words("show foo"), Ok(String::new()));
        let want = "2:\tva\\\tinet  224.0.0.1\n";
        assert_eq!(run_words("-o -4 sh"), Ok(want.to_owned()));
    }

    #[test]
    fn json_has_an_array_for_each_device() {
        let want = concat!(
            r#"[{"ifindex":2,"ifname":"va","maddr":[{"link":"33:33:00:00:00:01","users":2,"features":"static"},"#,
            r#"{"family":"inet","address":"224.0.0.1"},{"family":"inet6","address":"ff02::1:ff00:1","users":2}]}]"#,
            "\n"
        );
        assert_eq!(run_words("-j show"), Ok(want.to_owned()));
    }

    #[test]
    fn errors_have_the_words_and_status_of_iproute2() {
        for (line, status, text) in [
            (
                "add 01:00:5e:00:00:09",
                255,
                "Not enough information: \"dev\" is required.",
            ),
            (
                "add 01:00:5e:00:00:09 dev nosuch",
                1,
                "ioctl: No such device",
            ),
            (
                "del 01:00:5e:00:00:77 dev va",
                1,
                "ioctl: No such file or directory",
            ),
            ("add zz dev va", 1, "\"zz\" is invalid lladdr."),
            (
                "add 1:2 dev va",
                1,
                "Error: Invalid address length 2 - must be 6 bytes",
            ),
            (
                "add 224.0.0.9 dev va",
                1,
                "Error: Invalid address length 4 - must be 6 bytes",
            ),
            (
                "foo",
                255,
                "Command \"foo\" is unknown, try \"ip maddr help\".",
            ),
            (
                "show dev va dev vb",
                255,
                "Error: either \"dev\" is duplicate, or \"vb\" is a garbage.",
            ),
            (
                "add 01:00:5e:00:00:09 01:00:5e:00:00:0a dev va",
                255,
                "Error: duplicate \"address\": \"01:00:5e:00:00:0a\" is the second value.",
            ),
        ] {
            assert_eq!(run_words(line), Err(Failure::line(status, text)), "{line}");
        }
        assert_eq!(run_words("add 01:00:5e:00:00:09 dev va"), Ok(String::new()));
    }
}
