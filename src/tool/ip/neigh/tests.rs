//! `ip neigh` on a small table of its own, held to transcripts of a real kernel.
//! Nothing here is built into the library.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::*;
use crate::engine::Seed;
use crate::kernel::netlink::{NeighCache, NlError};
use crate::netns::neigh::{
    self, AddrKind, NeighAddr, NeighDevice, NeighError, NeighRequest, NeighTable, Nud,
};
use crate::program::Piece;
use crate::tool::ip::args::Args;
use crate::tool::ip::options::Parsed;
use crate::units::{IfName, MacAddr, SimTime};
use crate::wire::Frame;

/// One namespace with a device `va`.
struct Lab {
    v4: NeighTable<Ipv4Addr, Frame>,
    v6: NeighTable<Ipv6Addr, Frame>,
}

fn lab() -> Lab {
    let mut lab = Lab {
        v4: NeighTable::new(Seed(0).stream("arp")),
        v6: NeighTable::new(Seed(0).stream("nd")),
    };
    let device = NeighDevice::ethernet(MacAddr([2, 0, 0, 0, 0, 1]));
    lab.v4.add_device(2, device);
    lab.v6.add_device(2, device);
    lab
}

fn refused(error: NeighError) -> NlError {
    match error.extack() {
        Some(text) => NlError::with_text(error.errno(), text),
        None => error.errno().into(),
    }
}

fn request<A>(new: &NeighNew, addr: A) -> Result<NeighRequest<A>, NlError> {
    let wrong = || NlError::with_text(crate::units::Errno::Einval, "Invalid link address");
    let station = |bytes: &Vec<u8>| {
        bytes
            .first_chunk()
            .map(|mac| MacAddr(*mac))
            .ok_or_else(wrong)
    };
    Ok(NeighRequest {
        ifindex: new.ifindex,
        addr,
        lladdr: new.lladdr.as_ref().map(station).transpose()?,
        state: new.state,
        flags: new.flags,
        protocol: new.protocol,
        create: new.create,
        exclusive: new.excl,
        replace: new.replace,
    })
}

fn name(ifindex: u32) -> Option<IfName> {
    (ifindex != 0).then(|| "va".parse().unwrap())
}

fn info<A: NeighAddr + Into<IpAddr>>(info: neigh::NeighInfo<A>) -> NeighInfo {
    let seconds = |nanos: u64| nanos / 1_000_000_000;
    NeighInfo {
        ifindex: info.ifindex,
        dev: name(info.ifindex),
        addr: info.addr.into(),
        lladdr: info.lladdr,
        state: info.state,
        flags: info.flags,
        protocol: info.protocol,
        cache: Some(NeighCache {
            used_s: seconds(info.used_ns),
            confirmed_s: seconds(info.confirmed_ns),
            updated_s: seconds(info.updated_ns),
            references: info.references,
            probes: info.probes,
        }),
    }
}

fn proxy<A: NeighAddr + Into<IpAddr>>(proxy: neigh::Proxy<A>) -> NeighInfo {
    NeighInfo {
        ifindex: proxy.ifindex.unwrap_or(0),
        dev: name(proxy.ifindex.unwrap_or(0)),
        addr: proxy.addr.into(),
        lladdr: None,
        state: Nud::None,
        flags: proxy.flags,
        protocol: proxy.protocol,
        cache: None,
    }
}

const NOW: SimTime = SimTime::ZERO;

impl NeighPort for Lab {
    fn ifindex(&self, name: &str) -> Option<IfIndex> {
        (name == "va").then_some(2)
    }

    fn neigh_add(&mut self, new: &NeighNew) -> NlResult<()> {
        let kind = AddrKind::Unicast;
        match new.addr {
            IpAddr::V4(addr) => self
                .v4
                .add(NOW, &request(new, addr)?, kind, &mut Vec::new()),
            IpAddr::V6(addr) => self
                .v6
                .add(NOW, &request(new, addr)?, kind, &mut Vec::new()),
        }
        .map_err(refused)
    }

    fn neigh_delete(&mut self, old: &NeighRef) -> NlResult<()> {
        match old.addr {
            IpAddr::V4(addr) => self
                .v4
                .delete(NOW, old.ifindex, addr, old.proxy, &mut Vec::new()),
            IpAddr::V6(addr) => self
                .v6
                .delete(NOW, old.ifindex, addr, old.proxy, &mut Vec::new()),
        }
        .map_err(refused)
    }

    fn neigh_get(&self, old: &NeighRef) -> NlResult<NeighInfo> {
        let ifindex = old.ifindex.unwrap_or(0);
        match old.addr {
            IpAddr::V4(addr) if old.proxy => self.v4.get_proxy(old.ifindex, addr).map(proxy),
            IpAddr::V4(addr) => self.v4.get(NOW, ifindex, addr).map(info),
            IpAddr::V6(addr) => self.v6.get(NOW, ifindex, addr).map(info),
        }
        .map_err(refused)
    }

    fn neigh_dump(&self, dump: &NeighDump) -> Vec<NeighInfo> {
        let mut all = Vec::new();
        if dump.v4 && dump.proxy {
            all.extend(self.v4.proxies().into_iter().map(proxy));
        } else if dump.v4 {
            all.extend(self.v4.dump(NOW).into_iter().map(info));
        }
        if dump.v6 && dump.proxy {
            all.extend(self.v6.proxies().into_iter().map(proxy));
        } else if dump.v6 {
            all.extend(self.v6.dump(NOW).into_iter().map(info));
        }
        all.retain(|info| dump.ifindex.is_none_or(|own| own == info.ifindex));
        all
    }
}

/// Runs `ip LINE`, where the object is left out, and gives what it says and its status.
fn say(lab: &mut Lab, line: &str) -> (String, i32) {
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let mut args = Args::new(&words);
    let Ok(Parsed::Run(options)) = Options::parse(&mut args) else {
        panic!("{line}")
    };
    let words: Vec<&str> = args.rest().iter().map(String::as_str).collect();
    let mut console = Console::default();
    let result = run(lab, &mut console, &options, &words);
    let pieces = console.take().into_iter().map(|piece| match piece {
        Piece::Out(bytes) | Piece::Err(bytes) | Piece::File { bytes, .. } => bytes,
    });
    let mut text = String::from_utf8(pieces.flatten().collect()).unwrap();
    match result {
        Ok(status) => (text, status),
        Err(failure) => {
            text.push_str(&failure.stderr);
            (text, failure.status.into())
        }
    }
}

/// Each line with what it says, recorded on a real kernel.
fn check(lab: &mut Lab, table: &[(&str, &str, i32)]) {
    for (line, want, status) in table {
        let (text, got) = say(lab, line);
        assert_eq!((text.as_str(), got), (*want, *status), "ip neigh {line}");
    }
}

#[test]
fn malformed_lines_are_refused_as_by_iproute2() {
    const NEED: &str = "Device and destination are required arguments.\n";
    check(
        &mut lab(),
        &[
            ("add", NEED, 255),
            ("add 10.0.0.5", NEED, 255),
            ("add default dev va", NEED, 255),
            (
                "add 10.0.0.5 dev",
                "Command line is not complete. Try option \"help\"\n",
                255,
            ),
            (
                "add help",
                "Command line is not complete. Try option \"help\"\n",
                255,
            ),
            (
                "add 10.0.0.5 lladdr 02:00:00:00:00:05 dev nosuch",
                "Cannot find device \"nosuch\"\n",
                1,
            ),
            (
                "add 10.0.0.5 lladdr 02:00:00:00:00 dev va",
                "Error: Invalid link address.\n",
                2,
            ),
            (
                "add 10.0.0.5 lladdr foo dev va",
                "Error: Invalid link address.\n",
                2,
            ),
            (
                "add 10.0.0.5 ll 1.2.3.4 dev va",
                "Error: Invalid link address.\n",
                2,
            ),
            (
                "add 10.0.0.5 ll zz dev va",
                "\"zz\" is invalid lladdr.\n",
                1,
            ),
            (
                "add 10.0.0.5 ll 2:0:0:0:0:100 dev va",
                "\"100\" is invalid lladdr.\n",
                1,
            ),
            (
                "add 10.0.0.5 ll null dev va",
                "Error: No link layer address given.\n",
                2,
            ),
            (
                "add foo lladdr 02:00:00:00:00:05 dev va",
                "Error: any valid address is expected rather than \"foo\".\n",
                1,
            ),
            (
                "-4 add fd00::7 ll 2:0:0:0:0:5 dev va",
                "Error: inet address is expected rather than \"fd00::7\".\n",
                1,
            ),
            (
                "add 10.0.0.5 lladdr 02:00:00:00:00:05 dev va nud foo",
                "Error: argument \"foo\" is wrong: nud state is bad\n",
                255,
            ),
            (
                "add 10.0.0.5 lladdr 02:00:00:00:00:05 dev va foo",
                "Error: either \"to\" is duplicate, or \"foo\" is a garbage.\n",
                255,
            ),
            (
                "add 10.0.0.5 ll 2:0:0:0:0:9 dev va proto foo",
                "Error: argument \"foo\" is wrong: \"protocol\" value is invalid\n\n",
                255,
            ),
            (
                "foo",
                "Command \"foo\" is unknown, try \"ip neigh help\".\n",
                255,
            ),
            (
                "show foo",
                "Error: any valid prefix is expected rather than \"foo\".\n",
                1,
            ),
            ("show dev nosuch", "Cannot find device \"nosuch\"\n", 1),
            (
                "show nud foo",
                "Error: argument \"foo\" is wrong: nud state is bad\n",
                255,
            ),
            (
                "show vrf va",
                "Error: argument \"va\" is wrong: Not a valid VRF name\n\n",
                255,
            ),
            ("get", "Device and address are required arguments.\n", 1),
            (
                "get 10.0.0.5",
                "Device and address are required arguments.\n",
                1,
            ),
            (
                "get 10.0.0.77 dev va",
                "Error: Neighbour entry not found.\n",
                2,
            ),
            ("flush", "Flush requires arguments.\n", 1),
            (
                "del 10.0.0.77 dev va",
                "RTNETLINK answers: No such file or directory\n",
                2,
            ),
        ],
    );
}

#[test]
fn entries_are_added_shown_changed_and_deleted() {
    check(
        &mut lab(),
        &[
            ("a 10.0.0.5 lladdr 02:00:00:00:00:05 dev va", "", 0),
            (
                "add 10.0.0.5 ll 2:0:0:0:0:6 dev va",
                "RTNETLINK answers: File exists\n",
                2,
            ),
            ("add to 10.0.0.6 ll 2:0:0:0:0:6 dev va nud perm", "", 0),
            ("add 10.0.0.7 ll 2:0:0:0:0:7 dev va nud 4", "", 0),
            (
                "add 10.0.0.8 ll 2:0:0:0:0:7 dev va nud 0x20 proto static",
                "",
                0,
            ),
            ("add 10.0.0.11 ll 2:0:0:0:0:9 dev va managed", "", 0),
            (
                "replace fd00::5 ll 2:0:0:0:0:5 dev va nud stale router extern",
                "",
                0,
            ),
            ("repl 10.0.0.5 dev va nud noarp", "", 0),
            (
                "sh",
                "10.0.0.6 dev va lladdr 02:00:00:00:00:06 PERMANENT \n\
                 10.0.0.7 dev va lladdr 02:00:00:00:00:07 STALE \n\
                 10.0.0.8 dev va FAILED proto static \n\
                 10.0.0.11 dev va managed INCOMPLETE \n\
                 fd00::5 dev va lladdr 02:00:00:00:00:05 router extern_learn STALE \n",
                0,
            ),
            (
                "-6 list dev va",
                "fd00::5 lladdr 02:00:00:00:00:05 router extern_learn STALE \n",
                0,
            ),
            (
                "-4 show nud noarp",
                "10.0.0.5 dev va lladdr 02:00:00:00:00:05 NOARP \n",
                0,
            ),
            (
                "show 10.0.0.0/29",
                "10.0.0.6 dev va lladdr 02:00:00:00:00:06 PERMANENT \n\
                 10.0.0.7 dev va lladdr 02:00:00:00:00:07 STALE \n",
                0,
            ),
            (
                "-s -s show 10.0.0.6",
                "10.0.0.6 dev va lladdr 02:00:00:00:00:06  used 0/0/0probes 0 PERMANENT \n",
                0,
            ),
            (
                "-s -j show 10.0.0.6",
                "[{\"dst\":\"10.0.0.6\",\"dev\":\"va\",\"lladdr\":\"02:00:00:00:00:06\",\"used\":0,\
                 \"confirmed\":0,\"updated\":0,\"probes\":0,\"state\":[\"PERMANENT\"]}]\n",
                0,
            ),
            (
                "-j show 10.0.0.8",
                "[{\"dst\":\"10.0.0.8\",\"dev\":\"va\",\"state\":[\"FAILED\"],\
                 \"protocol\":\"static\"}]\n",
                0,
            ),
            (
                "-br show 10.0.0.6",
                "10.0.0.6                                va               02:00:00:00:00:06\n",
                0,
            ),
            (
                "-j get 10.0.0.6 dev va",
                "10.0.0.6 dev va lladdr 02:00:00:00:00:06 PERMANENT \n",
                0,
            ),
            ("delete 10.0.0.6 dev va", "", 0),
            (
                "change 10.0.0.6 ll 2:0:0:0:0:6 dev va",
                "RTNETLINK answers: No such file or directory\n",
                2,
            ),
            (
                "-s -s flush dev va",
                "10.0.0.7 lladdr 02:00:00:00:00:07  used 0/60/0probes 0 STALE \n\
                 10.0.0.8  used 0/60/0probes 0 FAILED proto static \n\
                 10.0.0.11 managed  ref 1 used 0/60/0probes 4 INCOMPLETE \n\
                 fd00::5 lladdr 02:00:00:00:00:05 router extern_learn  used 0/60/0probes 0 STALE \n\
                 \n*** Round 1, deleting 4 entries ***\n\
                 *** Flush is complete after 1 round ***\n",
                0,
            ),
            ("-s flush dev va nud stale", "Nothing to flush.\n", 0),
            ("flush dev va nud noarp", "", 0),
            ("show nud all", "", 0),
        ],
    );
}

#[test]
fn proxy_entries_are_listed_apart() {
    check(
        &mut lab(),
        &[
            ("add proxy 10.0.0.16", "", 0),
            ("add proxy 10.0.0.17 dev va", "", 0),
            ("add proxy 10.0.0.17 dev va", "", 0),
            ("add proxy 10.0.0.18 dev va router proto static", "", 0),
            ("show", "", 0),
            (
                "show proxy",
                "10.0.0.18 dev va router proxy proto static \n10.0.0.17 dev va proxy \n\
                 10.0.0.16 proxy \n",
                0,
            ),
            (
                "show proxy proto static",
                "10.0.0.18 dev va router proxy proto static \n",
                0,
            ),
            (
                "del proxy 10.0.0.16 dev va",
                "RTNETLINK answers: No such file or directory\n",
                2,
            ),
            ("del proxy 10.0.0.16", "", 0),
            ("flush proxy dev va", "", 0),
            ("show proxy", "", 0),
        ],
    );
}

#[test]
fn no_words_make_the_tool_panic() {
    let words = [
        "add", "proxy", "dev", "va", "10.0.0.5", "to", "nud", "all", "lladdr", "null", "",
    ];
    let mut random = Seed(4).stream("words");
    for _ in 0..2000 {
        let len = random.below(6);
        let line: Vec<&str> = (0..len)
            .map(|_| words[random.below(words.len() as u32) as usize])
            .collect();
        let mut console = Console::default();
        let _ = run(&mut lab(), &mut console, &Options::default(), &line);
    }
}
