//! `ethtool`: driver, statistics, link settings and offloads of simulated devices.
//! Other settings of a link cannot be changed: no driver here has any.

mod features;

use crate::kernel::netlink::{LinkFlags, LinkInfo, LinkKindInfo, LinkRef, OperState};
use crate::tool::{Call, Failure, Outcome};

/// What an option asks for.
#[derive(Clone, Copy)]
enum Query {
    Statistics,
    Driver,
    Features,
    Channels,
    Permanent,
    Timestamping,
    /// What no driver here supports: whether it is asked for through netlink or by ioctl, in
    /// which words, and the status.
    Unsupported(&'static str, i32),
}

use Query::Unsupported;

const NETLINK: &str = "netlink error";

/// The options that take a device, and nothing more that matters.
const OPTIONS: &[(&[&str], Query)] = &[
    (&["-S", "--statistics"], Query::Statistics),
    (&["-i", "--driver"], Query::Driver),
    (
        &["-k", "--show-features", "--show-offload"],
        Query::Features,
    ),
    (&["-l", "--show-channels"], Query::Channels),
    (&["-P", "--show-permaddr"], Query::Permanent),
    (&["-T", "--show-time-stamping"], Query::Timestamping),
    (&["-g", "--show-ring"], Unsupported(NETLINK, 1)),
    (&["-a", "--show-pause"], Unsupported(NETLINK, 1)),
    (&["-c", "--show-coalesce"], Unsupported(NETLINK, 1)),
    (
        &["-m", "--dump-module-eeprom", "--module-info"],
        Unsupported(NETLINK, 1),
    ),
    (&["--show-eee"], Unsupported(NETLINK, 1)),
    (&["--show-fec"], Unsupported(NETLINK, 1)),
    (&["--show-priv-flags"], Unsupported(NETLINK, 1)),
    (&["-A", "--pause"], Unsupported(NETLINK, 76)),
    (&["-C", "--coalesce"], Unsupported(NETLINK, 1)),
    (&["-G", "--set-ring"], Unsupported(NETLINK, 81)),
    (&["-s", "--change"], Unsupported(NETLINK, 75)),
    (
        &["-d", "--register-dump"],
        Unsupported("Cannot get register dump", 74),
    ),
    (
        &["-e", "--eeprom-dump"],
        Unsupported("Cannot get EEPROM data", 74),
    ),
    (&["-t", "--test"], Unsupported("Cannot test", 74)),
    (
        &["-p", "--identify"],
        Unsupported("Cannot identify NIC", 255),
    ),
    (
        &["-r", "--negotiate"],
        Unsupported("Cannot restart autonegotiation", 255),
    ),
    (
        &["-x", "--show-rxfh", "--show-rxfh-indir"],
        Unsupported("Cannot get RX ring count", 1),
    ),
    (
        &["-w", "--get-dump"],
        Unsupported("Can not get dump level", 1),
    ),
];

const BAD: &str = "ethtool: bad command line argument(s)\nFor more information run ethtool -h\n";

/// Runs `ethtool`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let words: Vec<&str> = argv.iter().skip(1).map(String::as_str).collect();
    answer(call, &words).unwrap_or_else(|failure| failure.report(call.console))
}

fn answer(call: &mut Call<'_>, words: &[&str]) -> Result<Outcome, Failure> {
    let words = match words {
        ["-I" | "--include-statistics", rest @ ..] => rest,
        words => words,
    };
    let text = match words {
        ["--version"] => "ethtool version 6.1\n".to_owned(),
        ["-h" | "--help"] => usage(),
        ["--json", option, ..] if !JSON.contains(option) => return Err(bad()),
        ["--json", ..] => return Err(Failure::not_simulated("ethtool --json")),
        ["-K" | "--features" | "--offload", dev, rest @ ..] => {
            return features::change(call, dev, rest);
        }
        ["-L" | "--set-channels", dev, rest @ ..] => {
            return features::set_channels(call, dev, rest);
        }
        ["-n" | "-u" | "--show-nfc" | "--show-ntuple", dev, ..] => {
            device(call, dev).ok_or_else(|| no_such_device(1))?;
            return Err(Failure::line(1, NO_CLASSIFICATION));
        }
        [option, rest @ ..] if option.starts_with('-') => query(call, option, rest)?,
        [dev, ..] => settings(call, dev)?,
        [] => return Err(bad()),
    };
    call.console.out(text);
    Ok(Outcome::Exit(0))
}

/// What ethtool 6.1 tells as JSON; of anything else it knows no such form.
const JSON: &[&str] = &[
    "-a",
    "--show-pause",
    "-c",
    "--show-coalesce",
    "-g",
    "--show-ring",
    "-k",
    "--show-features",
    "--show-eee",
    "--show-fec",
    "-l",
    "--show-channels",
];

const NO_CLASSIFICATION: &str = "Cannot get RX rings: Operation not supported
rxclass: Cannot get RX class rule count: Operation not supported
RX classification rule retrieval failed";

fn bad() -> Failure {
    Failure {
        stderr: BAD.to_owned(),
        status: 1,
    }
}

fn device(call: &mut Call<'_>, name: &str) -> Option<LinkInfo> {
    call.world
        .link(call.netns, &LinkRef::Name(name.to_owned()))
        .ok()
}

const NO_DEVICE: &str =
    "netlink error: no device matches name (offset 24)\nnetlink error: No such device\n";

fn no_such_device(status: u8) -> Failure {
    Failure {
        stderr: NO_DEVICE.to_owned(),
        status,
    }
}

fn query(call: &mut Call<'_>, option: &str, rest: &[&str]) -> Result<String, Failure> {
    let known = OPTIONS.iter().find(|(names, _)| names.contains(&option));
    let (Some((_, query)), Some(name)) = (known, rest.first()) else {
        return Err(bad());
    };
    let shows = !matches!(query, Unsupported(..));
    if shows && rest.len() > 1 {
        return Err(bad());
    }
    let link = device(call, name);
    match query {
        Query::Statistics => statistics(call, link),
        Query::Driver => driver(link),
        Query::Permanent => match link {
            Some(_) => Ok("Permanent address: not set\n".to_owned()),
            None => Err(Failure::line(1, "netlink error: No such device")),
        },
        Query::Features => {
            link.ok_or_else(|| no_such_device(1))?;
            features::show(call, name)
        }
        Query::Channels => features::channels(call, name),
        Query::Timestamping => {
            link.ok_or_else(|| no_such_device(1))?;
            Ok(timestamping(name))
        }
        Unsupported(what, status) => Err(unsupported(what, *status, link.is_some())),
    }
}

fn unsupported(what: &str, status: i32, exists: bool) -> Failure {
    let status = u8::try_from(status).unwrap_or(1);
    match exists {
        true => Failure::line(status, format_args!("{what}: Operation not supported")),
        false if what == NETLINK => no_such_device(status),
        false => Failure::line(status, format_args!("{what}: No such device")),
    }
}

fn statistics(call: &Call<'_>, link: Option<LinkInfo>) -> Result<String, Failure> {
    let Some(link) = link else {
        let text = "Cannot get stats strings information: No such device";
        return Err(Failure::line(96, text));
    };
    if !matches!(link.kind, Some(LinkKindInfo::Veth)) {
        return Err(Failure::line(94, "no stats available"));
    }
    let channels = call
        .world
        .channels(call.netns, &LinkRef::Index(link.ifindex))
        .unwrap_or([(1, 1); 2]);
    let mut text = format!(
        "NIC statistics:\n     peer_ifindex: {}\n",
        link.link.unwrap_or(0)
    );
    let rx = [
        "xdp_packets",
        "xdp_bytes",
        "drops",
        "xdp_redirect",
        "xdp_drops",
        "xdp_tx",
        "xdp_tx_errors",
    ];
    let [(rx_channels, _), (tx_channels, _)] = channels;
    for channel in 0..rx_channels {
        for name in rx {
            text.push_str(&format!("     rx_queue_{channel}_{name}: 0\n"));
        }
    }
    for channel in 0..tx_channels {
        for name in ["xdp_xmit", "xdp_xmit_errors"] {
            text.push_str(&format!("     tx_queue_{channel}_{name}: 0\n"));
        }
    }
    Ok(text)
}

fn driver(link: Option<LinkInfo>) -> Result<String, Failure> {
    let cannot = |why| Failure::line(71, format_args!("Cannot get driver information: {why}"));
    let link = link.ok_or_else(|| cannot("No such device"))?;
    let (name, version, other, statistics) = match link.kind {
        Some(LinkKindInfo::Veth) => ("veth", "1.0", "", "yes"),
        Some(LinkKindInfo::Bridge(_)) => ("bridge", "2.3", "N/A", "no"),
        Some(LinkKindInfo::Vxlan(_)) => ("vxlan", "0.1", "", "no"),
        Some(LinkKindInfo::Dummy) => ("dummy", "6.18.0", "", "no"),
        Some(LinkKindInfo::Vlan(_)) => ("802.1Q VLAN Support", "1.8", "N/A", "no"),
        Some(LinkKindInfo::Macvlan(_)) => ("macvlan", "0.1", "", "no"),
        Some(LinkKindInfo::Ipvlan(_)) => ("ipvlan", "0.1", "", "no"),
        None => return Err(cannot("Operation not supported")),
    };
    Ok(format!(
        "driver: {name}\nversion: {version}\nfirmware-version: {other}\nexpansion-rom-version: \nbus-info: {other}\nsupports-statistics: {statistics}\nsupports-test: no\nsupports-eeprom-access: no\nsupports-register-dump: no\nsupports-priv-flags: no\n"
    ))
}

fn timestamping(name: &str) -> String {
    format!(
        "Time stamping parameters for {name}:\nCapabilities:\n\tsoftware-transmit\n\tsoftware-receive\n\tsoftware-system-clock\nPTP Hardware Clock: none\nHardware Transmit Timestamp Modes: none\nHardware Receive Filter Modes: none\n"
    )
}

/// The bare form: what is known of the link.
fn settings(call: &mut Call<'_>, name: &str) -> Result<String, Failure> {
    let Some(link) = device(call, name) else {
        return Err(Failure::line(
            75,
            format_args!("{}No data available", NO_DEVICE.repeat(5)),
        ));
    };
    let up = link.flags.has(LinkFlags::UP | LinkFlags::LOWER_UP);
    let detected = if up { "yes" } else { "no" };
    let mut text = format!("Settings for {name}:\n");
    let details = match link.kind {
        _ if is_as_a_wire(&link) => {
            Some(("10000Mb/s", "Full", "Twisted Pair", "\tMDI-X: Unknown\n"))
        }
        Some(LinkKindInfo::Bridge(_)) if has_fast_port(call, &link) => {
            Some(("10000Mb/s", "Unknown! (255)", "Other", ""))
        }
        Some(LinkKindInfo::Bridge(_) | LinkKindInfo::Vxlan(_)) => {
            Some(("Unknown!", "Unknown! (255)", "Other", ""))
        }
        Some(LinkKindInfo::Dummy) => {
            return Err(Failure::line(75, "No data available"));
        }
        Some(_) | None => None,
    };
    if let Some((speed, duplex, port, mdix)) = details {
        text.push_str(NO_MODES);
        text.push_str(&format!(
            "\tSpeed: {speed}\n\tDuplex: {duplex}\n\tAuto-negotiation: off\n\tPort: {port}\n\tPHYAD: 0\n\tTransceiver: internal\n{mdix}"
        ));
    }
    text.push_str(&format!("\tLink detected: {detected}\n"));
    Ok(text)
}

const NO_MODES: &str = "\tSupported ports: [  ]
\tSupported link modes:   Not reported
\tSupported pause frame use: No
\tSupports auto-negotiation: No
\tSupported FEC modes: Not reported
\tAdvertised link modes:  Not reported
\tAdvertised pause frame use: No
\tAdvertised auto-negotiation: No
\tAdvertised FEC modes: Not reported
";

/// A bridge is as fast as its fastest port that is up (`br_get_link_ksettings`).
pub(super) fn has_fast_port(call: &mut Call<'_>, bridge: &LinkInfo) -> bool {
    call.world.links(call.netns).iter().any(|port| {
        port.master == Some(bridge.ifindex)
            && is_as_a_wire(port)
            && matches!(port.operstate, OperState::Up | OperState::Unknown)
    })
}

/// Whether it tells what a veth tells: it is one, or a tunnel on a device (`vxlan_get_link_ksettings`).
pub(super) fn is_as_a_wire(link: &LinkInfo) -> bool {
    match &link.kind {
        Some(LinkKindInfo::Veth) => true,
        Some(LinkKindInfo::Vxlan(options)) => options.dev.is_some_and(|dev| dev != 0),
        Some(_) | None => false,
    }
}

fn usage() -> String {
    let mut text = "ethtool version 6.1\nUsage:\n        ethtool [ FLAGS ]  DEVNAME\tDisplay standard information about device\n".to_owned();
    for (names, query) in OPTIONS {
        if !matches!(query, Unsupported(..)) {
            text.push_str(&format!(
                "        ethtool [ FLAGS ] {} DEVNAME\n",
                names.join("|")
            ));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::World;
    use crate::tool::Shell;

    #[test]
    fn a_veth_names_its_peer_and_others_have_no_statistics() {
        let mut world = World::new(0);
        let mut shell = Shell::new(&mut world);
        assert_eq!(shell.run("ip link add va type veth peer name vb").status, 0);
        let done = shell.run("ethtool -S va");
        assert!(
            done.stdout
                .starts_with("NIC statistics:\n     peer_ifindex: 2\n")
        );
        let done = shell.run("ethtool -S lo");
        assert_eq!(
            (done.stderr.as_str(), done.status),
            ("no stats available\n", 94)
        );
        assert_eq!(shell.run("ethtool -i lo").status, 71);
        assert_eq!(shell.run("ethtool nosuch").status, 75);
        assert_eq!(
            shell.run("ethtool -g va").stderr,
            "netlink error: Operation not supported\n"
        );
        assert!(
            shell
                .run("ethtool va")
                .stdout
                .ends_with("\tLink detected: no\n")
        );
        assert_eq!(shell.run("ethtool -Z va").stderr, BAD);
    }
}
