//! `ss` of iproute2 6.1: TCP, UDP and raw sockets, their states, timers and inner values.
//! UNIX, packet and netlink sockets are not listed.

use std::fmt::Write;
use std::net::SocketAddr;

use super::sockets::{Proto, Row, rows};
use super::ss_filter::Filter;
use crate::netns::socket::tcp::TcpState;
use crate::tool::getopt::{Opt, getopt};
use crate::tool::{Call, Failure, Outcome};
use crate::wire::services::{Transport, port_name};

/// What the options say.
#[derive(Default)]
struct Flags {
    protos: Vec<Proto>,
    kinds: u32,
    others: bool,
    headless: bool,
    all: bool,
    listening: bool,
    numeric: bool,
    timers: bool,
    info: bool,
    programs: bool,
    summary: bool,
    family: Option<bool>,
    one_line: bool,
}

/// Runs `ss`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    answer(call, argv).unwrap_or_else(|failure| failure.report(call.console))
}

fn answer(call: &mut Call<'_>, argv: &[String]) -> Result<Outcome, Failure> {
    let argv: Vec<String> = argv.iter().map(|word| short(word).to_owned()).collect();
    let (options, operands) = getopt(&argv, "hVnrHOaloemipTsEbZzN:f:D:F:K46tuwdxSMQ0A:");
    let mut flags = Flags::default();
    for option in &options {
        if let Some(text) = take(&mut flags, option)? {
            call.console.out(text);
            return Ok(Outcome::Exit(0));
        }
    }
    let filter = Filter::parse(&operands).map_err(|why| Failure {
        stderr: why,
        status: 255,
    })?;
    if flags.summary {
        let text = summary(&rows(call.world, call.netns));
        call.console.out(text);
        return Ok(Outcome::Exit(0));
    }
    if flags.kinds == 0 {
        // Of all kinds the kernel refuses one, and ss goes on.
        call.console.err("RTNETLINK answers: Invalid argument\n");
    }
    let text = list(call, &flags, &filter);
    call.console.out(text);
    Ok(Outcome::Exit(0))
}

fn short(word: &str) -> &str {
    match word {
        "--tcp" => "-t",
        "--udp" => "-u",
        "--raw" => "-w",
        "--listening" => "-l",
        "--all" => "-a",
        "--numeric" => "-n",
        "--processes" => "-p",
        "--no-header" => "-H",
        "--options" => "-o",
        "--info" => "-i",
        "--extended" => "-e",
        "--memory" => "-m",
        "--summary" => "-s",
        "--ipv4" => "-4",
        "--ipv6" => "-6",
        "--oneline" => "-O",
        "--version" => "-V",
        "--help" => "-h",
        word => word,
    }
}

/// Notes an option; gives what is printed instead of a list.
fn take(flags: &mut Flags, option: &Opt<'_>) -> Result<Option<String>, Failure> {
    match option {
        Opt::Flag('H') => flags.headless = true,
        Opt::Flag('t') => flags.want(Proto::Tcp),
        Opt::Flag('u') => flags.want(Proto::Udp),
        Opt::Flag('w') => flags.want(Proto::Raw),
        Opt::Flag('d' | 'S' | 'M') => (flags.kinds, flags.others) = (flags.kinds + 1, true),
        Opt::Flag('x' | '0') => (flags.kinds, flags.others) = (flags.kinds + 2, true),
        Opt::Flag('a') => flags.all = true,
        Opt::Flag('l') => flags.listening = true,
        Opt::Flag('n') => flags.numeric = true,
        Opt::Flag('o') => flags.timers = true,
        Opt::Flag('i') => flags.info = true,
        Opt::Flag('p') => flags.programs = true,
        Opt::Flag('s') => flags.summary = true,
        Opt::Flag('O') => flags.one_line = true,
        Opt::Flag('4') => flags.family = Some(false),
        Opt::Flag('6') => flags.family = Some(true),
        Opt::Value('f', "inet") => flags.family = Some(false),
        Opt::Value('f', "inet6") => flags.family = Some(true),
        Opt::Flag('E' | 'K') | Opt::Value('D' | 'F', _) => {
            return Err(Failure::not_simulated("this list of ss"));
        }
        Opt::Flag('V') => return Ok(Some("ss utility, iproute2-6.1.0\n".to_owned())),
        Opt::Flag('h') => return Err(usage("")),
        Opt::Flag('Z' | 'z') => return Err(Failure::line(1, "ss: SELinux is not enabled.")),
        Opt::Bad(why) => return Err(usage(&format!("ss: {why}"))),
        Opt::Flag(_) | Opt::Value(..) => {}
    }
    Ok(None)
}

impl Flags {
    fn want(&mut self, proto: Proto) {
        self.kinds += 1;
        self.protos.push(proto);
    }

    /// Whether the options ask for a socket in this state (`SS_CONN`, `SS_ALL`).
    fn wants_state(&self, state: TcpState, filter: &Filter) -> bool {
        let passive = matches!(state, TcpState::Listen | TcpState::Closed);
        match filter.states() {
            Some(states) => states.contains(&state),
            None if self.all => true,
            None if self.listening => passive,
            None => !passive && !matches!(state, TcpState::TimeWait | TcpState::SynRecv),
        }
    }

    fn wants(&self, row: &Row, filter: &Filter) -> bool {
        let kind = match (self.kinds, self.others) {
            (0, _) => true,
            _ => self.protos.contains(&row.proto),
        };
        kind && self.family.is_none_or(|v6| v6 == row.v6)
            && self.wants_state(row.state, filter)
            && filter.matches(row)
    }
}

/// Cells of one line: netid, state, queues, local address and port, peer's, and what is behind.
type Cells = [String; 9];

const HEADINGS: [&str; 9] = [
    "Netid",
    "State",
    "Recv-Q",
    "Send-Q",
    "Local Address:",
    "Port",
    "Peer Address:",
    "Port",
    "Process",
];
/// Which columns stand at the right of theirs.
const RIGHT: [bool; 9] = [false, false, false, false, true, false, true, false, false];
/// What stands behind each column.
const GAPS: [&str; 9] = [" ", " ", " ", " ", "", " ", "", "", ""];

fn list(call: &Call<'_>, flags: &Flags, filter: &Filter) -> String {
    let all = rows(call.world, call.netns);
    let wanted = all.iter().filter(|row| flags.wants(row, filter));
    let mut lines: Vec<Cells> = wanted.map(|row| cells(call, flags, row)).collect();
    let only_raw = flags.kinds == 1 && flags.protos == [Proto::Raw];
    let one_state = filter.states().is_some_and(|states| states.len() == 1);
    let shown: [bool; 9] = std::array::from_fn(|column| match column {
        0 => flags.kinds != 1,
        1 => !(one_state || only_raw && lines.is_empty()),
        _ => true,
    });
    if !flags.headless {
        lines.insert(0, HEADINGS.map(str::to_owned));
    }
    let widths: [usize; 9] = std::array::from_fn(|column| {
        lines
            .iter()
            .map(|line| line[column].chars().count())
            .max()
            .unwrap_or(0)
    });
    let mut text = String::new();
    for line in &lines {
        for column in (0..9).filter(|&column| shown[column]) {
            let (cell, width) = (&line[column], widths[column]);
            let _ = match RIGHT[column] {
                true => write!(text, "{cell:>width$}"),
                false => write!(text, "{cell:<width$}"),
            };
            text.push_str(GAPS[column]);
        }
        text.push('\n');
    }
    text
}

fn cells(call: &Call<'_>, flags: &Flags, row: &Row) -> Cells {
    let netid = match (row.proto, row.protocol) {
        (Proto::Tcp, _) => "tcp",
        (Proto::Udp, _) => "udp",
        (Proto::Raw, 58) => "icmp6",
        (Proto::Raw, _) => "???",
    };
    let netid = if row.proto == Proto::Raw {
        "raw"
    } else {
        netid
    };
    let (local, local_port) = end(call, flags, row, Some(row.local), true);
    let (peer, peer_port) = end(call, flags, row, row.remote, false);
    [
        netid.to_owned(),
        row.state.ss_name().to_owned(),
        format!("{:<6}", row.receive_queue),
        format!("{:<6}", row.send_queue),
        format!("{local}:"),
        local_port,
        format!("{peer}:"),
        peer_port,
        behind(call, flags, row),
    ]
}

/// An end: its address in brackets where it is IPv6, `*` for all of both families.
fn end(
    call: &Call<'_>,
    flags: &Flags,
    row: &Row,
    at: Option<SocketAddr>,
    local: bool,
) -> (String, String) {
    let unspecified = at.is_none_or(|at| at.ip().is_unspecified());
    let mut address = match at {
        _ if unspecified && row.v6 && !row.v6_only => "*".to_owned(),
        _ if unspecified && row.v6 => "[::]".to_owned(),
        Some(at) => match row.shown(at.ip()) {
            ip if ip.is_ipv6() => format!("[{ip}]"),
            ip => ip.to_string(),
        },
        None => "0.0.0.0".to_owned(),
    };
    let scope = match at {
        Some(SocketAddr::V6(v6)) if v6.ip().is_unicast_link_local() => Some(v6.scope_id()),
        _ => None,
    };
    let device = row
        .bound_dev
        .filter(|_| local)
        .or(scope.filter(|&scope| scope != 0));
    if let Some(name) = device.and_then(|dev| call.world.ifname(call.netns, dev)) {
        let _ = write!(address, "%{name}");
    }
    let port = match at.map_or(0, |at| at.port()) {
        _ if row.proto == Proto::Raw => match (local, row.protocol) {
            (false, _) => "*".to_owned(),
            (_, 1) if !flags.numeric => "icmp".to_owned(),
            (_, 58) if !flags.numeric => "ipv6-icmp".to_owned(),
            (_, protocol) => protocol.to_string(),
        },
        0 => "*".to_owned(),
        port => service(flags, row.proto, port),
    };
    (address, port)
}

fn service(flags: &Flags, proto: Proto, port: u16) -> String {
    let transport = match proto {
        Proto::Udp => Transport::Udp,
        _ => Transport::Tcp,
    };
    match port_name(port, transport).filter(|_| !flags.numeric) {
        Some(name) => name.to_owned(),
        None => port.to_string(),
    }
}

/// Users, timer, and the inner values on a line of their own.
fn behind(call: &Call<'_>, flags: &Flags, row: &Row) -> String {
    let mut text = String::new();
    if flags.programs
        && let Some((name, pid)) = row.socket.and_then(|socket| {
            let own = call.env.owners.get(&socket).cloned();
            own.or_else(|| call.docker.owner_of(socket))
        })
    {
        let _ = write!(text, " users:((\"{name}\",pid={pid},fd=3))");
    }
    if flags.timers
        && let Some((name, at, times)) = row.timer
    {
        let left = at.since(call.world.now());
        let _ = write!(
            text,
            " timer:({name},{},{times})",
            span(left.as_millis() as u64)
        );
    }
    if flags.info
        && let Some(detail) = row.detail.filter(|_| row.state != TcpState::TimeWait)
    {
        text.push_str(if flags.one_line { " " } else { "\n\t " });
        text.push_str(&inner(call, row.state, &detail));
    }
    text
}

/// A time left, as `ss` prints it (`print_ms_timer`).
fn span(ms: u64) -> String {
    let (minutes, seconds, rest) = (ms / 60_000, ms / 1_000 % 60, ms % 1_000);
    let mut text = String::new();
    if minutes > 0 {
        let _ = write!(text, "{minutes}min");
    }
    if seconds > 0 && minutes < 10 {
        let _ = write!(text, "{seconds}{}", if minutes > 0 { "sec" } else { "." });
    }
    if minutes == 0 {
        match seconds {
            0 => drop(write!(text, "{rest}ms")),
            1..9 => drop(write!(text, "{rest:03}ms")),
            _ => drop(write!(text, "{:03}ms", rest)),
        }
    }
    if minutes == 0 && seconds >= 10 {
        return format!("{seconds}sec");
    }
    text
}

fn inner(call: &Call<'_>, state: TcpState, detail: &crate::netns::socket::tcp::Detail) -> String {
    let mut text = String::new();
    let mut put = |word: String| {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&word);
    };
    if state == TcpState::Listen {
        return "reno cwnd:10".to_owned();
    }
    if detail.timestamps {
        put("ts".to_owned());
    }
    if detail.sack {
        put("sack".to_owned());
    }
    put("reno".to_owned());
    if detail.snd_wscale != 0 || detail.rcv_wscale != 0 {
        put(format!(
            "wscale:{},{}",
            detail.snd_wscale, detail.rcv_wscale
        ));
    }
    put(format!("rto:{}", detail.rto_ms));
    if detail.backoff > 0 {
        put(format!("backoff:{}", detail.backoff));
    }
    if detail.rtt_us > 0 {
        put(format!(
            "rtt:{}/{}",
            thousandths(detail.rtt_us),
            thousandths(detail.rttvar_us)
        ));
    }
    if detail.ato_ms > 0 {
        put(format!("ato:{}", detail.ato_ms));
    }
    put(format!("mss:{}", detail.mss));
    put(format!("pmtu:{}", detail.pmtu));
    put(format!("rcvmss:{}", detail.rcv_mss));
    put(format!("advmss:{}", detail.adv_mss));
    put(format!("cwnd:{}", detail.cwnd));
    if let Some(threshold) = detail.ssthresh {
        put(format!("ssthresh:{threshold}"));
    }
    let counts = &detail.counts;
    for (name, value) in [
        ("bytes_sent", counts.bytes_sent),
        ("bytes_retrans", counts.bytes_retrans),
        ("bytes_acked", counts.bytes_acked),
        ("bytes_received", counts.bytes_received),
        ("segs_out", counts.segs_out),
        ("segs_in", counts.segs_in),
        ("data_segs_out", counts.data_segs_out),
        ("data_segs_in", counts.data_segs_in),
    ] {
        if value > 0 {
            put(format!("{name}:{value}"));
        }
    }
    if let Some(rate) =
        (u64::from(detail.cwnd) * u64::from(detail.mss) * 8_000_000).checked_div(detail.rtt_us)
    {
        put(format!("send {rate}bps"));
    }
    let now = call.world.now();
    put(format!(
        "lastsnd:{}",
        now.since(detail.last_sent).as_millis()
    ));
    if counts.data_segs_in > 0 {
        put(format!(
            "lastrcv:{}",
            now.since(detail.last_received).as_millis()
        ));
    }
    for (name, value) in [
        ("unacked", detail.unacked),
        ("retrans_out", detail.retrans_out),
        ("lost", detail.lost),
        ("sacked", detail.sacked),
    ] {
        if value > 0 && name != "retrans_out" {
            put(format!("{name}:{value}"));
        }
    }
    if counts.retrans > 0 {
        put(format!("retrans:{}/{}", detail.retrans_out, counts.retrans));
    }
    put(format!("rcv_space:{}", detail.rcv_space));
    put(format!("rcv_ssthresh:{}", detail.rcv_ssthresh));
    put(format!("snd_wnd:{}", detail.snd_wnd));
    text
}

/// Thousandths without zeros at the end (`%g` of milliseconds).
fn thousandths(us: u64) -> String {
    let text = format!("{}.{:03}", us / 1_000, us % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `ss -s`: how many there are.
fn summary(rows: &[Row]) -> String {
    let count = |proto: Proto, v6: bool| {
        let of = |row: &&Row| row.proto == proto && row.v6 == v6 && row.state != TcpState::TimeWait;
        rows.iter().filter(of).count()
    };
    let state = |state: TcpState| {
        rows.iter()
            .filter(|row| row.proto == Proto::Tcp && row.state == state)
            .count()
    };
    let waiting = state(TcpState::TimeWait);
    let all: usize = rows.len() - waiting;
    let tcp = count(Proto::Tcp, false) + count(Proto::Tcp, true);
    let orphans = rows.iter().filter(|row| {
        row.proto == Proto::Tcp && row.socket.is_none() && row.state != TcpState::TimeWait
    });
    let mut text = format!(
        "Total: {all}\nTCP:   {} (estab {}, closed {waiting}, orphaned {}, timewait {waiting})\n\nTransport Total     IP        IPv6\n",
        tcp + waiting,
        state(TcpState::Established),
        orphans.count(),
    );
    let mut sums = (0, 0);
    for (name, proto) in [
        ("RAW", Proto::Raw),
        ("UDP", Proto::Udp),
        ("TCP", Proto::Tcp),
    ] {
        let (v4, v6) = (count(proto, false), count(proto, true));
        sums = (sums.0 + v4, sums.1 + v6);
        let _ = writeln!(text, "{name}\t  {:<9} {v4:<9} {v6:<9}", v4 + v6);
    }
    let _ = writeln!(
        text,
        "INET\t  {:<9} {:<9} {:<9}",
        sums.0 + sums.1,
        sums.0,
        sums.1
    );
    text + "FRAG\t  0         0         0        \n\n"
}

fn usage(why: &str) -> Failure {
    Failure {
        stderr: format!("{why}Usage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]\n"),
        status: 255,
    }
}

#[cfg(test)]
mod tests {
    use crate::kernel::World;
    use crate::netns::socket::SocketKind;
    use crate::tool::Shell;

    #[test]
    fn the_heading_has_the_columns_that_are_asked_for() {
        let mut world = World::new(0);
        let mut shell = Shell::new(&mut world);
        let columns = "Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n";
        assert_eq!(shell.run("ss -tln").stdout, format!("State {columns}"));
        assert_eq!(
            shell.run("ss -tulpn").stdout,
            format!("Netid State {columns}")
        );
        assert_eq!(shell.run("ss -nt state established").stdout, columns);
        assert_eq!(shell.run("ss -H -t").stdout, "");
    }

    #[test]
    fn listeners_stand_in_columns_as_wide_as_they_need() {
        let mut world = World::new(0);
        let netns = world.host(world.default_host()).root;
        for (kind, at, backlog) in [
            (SocketKind::Tcp4, "0.0.0.0:80", 1),
            (SocketKind::Tcp6, "[::]:8000", 128),
        ] {
            let socket = world.socket(netns, kind).unwrap();
            world.bind(socket, at.parse().unwrap()).unwrap();
            world.listen(socket, backlog).unwrap();
        }
        let mut shell = Shell::new(&mut world);
        assert_eq!(
            shell.run("ss -tln4").stdout,
            "State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n\
             LISTEN 0      1            0.0.0.0:80        0.0.0.0:*          \n"
        );
        assert_eq!(
            shell.run("ss -tlnH4").stdout,
            "LISTEN 0      1      0.0.0.0:80 0.0.0.0:*\n"
        );
        assert_eq!(
            shell.run("ss -tlnH6").stdout,
            "LISTEN 0      128    *:8000 *:*\n"
        );
        assert_eq!(shell.run("ss -tlnH sport = :80").stdout.lines().count(), 1);
        assert_eq!(shell.run("ss -tlnH sport = :81").stdout, "");
    }
}
