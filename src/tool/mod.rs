//! F7: the command languages: argv to typed requests, and typed replies to the tool's text or JSON.
//! It changes no network itself: requests go to the kernel floor, words come back.

pub mod arping;
pub mod brctl;
pub mod bridge;
mod call;
pub mod conntrack;
pub mod curl;
pub mod docker;
pub mod ethtool;
pub mod explain;
mod files;
pub mod getopt;
pub mod glob;
pub mod httpd;
pub mod ip;
pub mod iperf3;
pub mod iptables;
mod iputils;
pub mod json;
pub mod mausezahn;
pub mod misc;
pub mod nc;
pub mod nettools;
pub mod number;
pub mod on;
pub mod ping;
pub mod print;
pub mod python;
pub mod regex;
mod shell;
pub mod sleep;
mod sockets;
pub mod ss;
mod ss_filter;
pub mod sysctl;
pub mod tc;
pub mod tcpdump;
pub mod traceroute;
pub mod wget;

pub use call::{Call, Env, ExecRequest, FileError, Files, NoFiles, Outcome, STATUS_WORD};
pub use files::stays_real;
pub use shell::{Docker, Finished, Shell, split_words};

use crate::kernel::netlink::NlError;
use crate::program::Console;

/// What runs a tool: `argv` begins with the name by which it was called.
pub type Tool = fn(&mut Call<'_>, argv: &[String]) -> Outcome;

/// The simulated tools by name.
const TOOLS: &[(&str, Tool)] = &[
    ("arp", nettools::arp),
    ("arping", arping::run),
    ("brctl", brctl::run),
    ("bridge", bridge::run),
    ("cat", files::cat),
    ("conntrack", conntrack::run),
    ("curl", curl::run),
    ("docker", docker::run),
    ("dmesg", conntrack::dmesg),
    ("ethtool", ethtool::run),
    ("explain", explain::run),
    ("hostname", misc::hostname),
    ("httpd", httpd::run),
    ("ifconfig", nettools::ifconfig),
    ("ip", ip::run),
    ("iperf3", iperf3::run),
    ("ip6tables", iptables::run),
    ("ip6tables-legacy", iptables::run),
    ("ip6tables-legacy-restore", iptables::run_restore),
    ("ip6tables-legacy-save", iptables::run_save),
    ("ip6tables-nft", iptables::run),
    ("ip6tables-nft-restore", iptables::run_restore),
    ("ip6tables-nft-save", iptables::run_save),
    ("ip6tables-restore", iptables::run_restore),
    ("ip6tables-save", iptables::run_save),
    ("iptables", iptables::run),
    ("iptables-legacy", iptables::run),
    ("iptables-legacy-restore", iptables::run_restore),
    ("iptables-legacy-save", iptables::run_save),
    ("iptables-nft", iptables::run),
    ("iptables-nft-restore", iptables::run_restore),
    ("iptables-nft-save", iptables::run_save),
    ("iptables-restore", iptables::run_restore),
    ("iptables-save", iptables::run_save),
    ("ln", files::ln),
    ("ls", files::ls),
    ("mausezahn", mausezahn::run),
    ("mkdir", files::mkdir),
    ("modprobe", misc::modprobe),
    ("mount", files::mount),
    ("nc", nc::run),
    ("netcat", nc::run),
    ("netstat", nettools::netstat),
    ("nsenter", misc::nsenter),
    ("on", on::run),
    ("ping", ping::run),
    ("ping4", ping::run),
    ("ping6", ping::run),
    ("python", python::run),
    ("python3", python::run),
    ("readlink", files::readlink),
    ("rm", files::rm),
    ("route", nettools::route),
    ("sleep", sleep::run),
    ("ss", ss::run),
    ("sudo", misc::sudo),
    ("sysctl", sysctl::run),
    ("tc", tc::run),
    ("tcpdump", tcpdump::run),
    ("tcptraceroute", traceroute::run),
    ("tee", files::tee),
    ("touch", files::touch),
    ("traceroute", traceroute::run),
    ("traceroute6", traceroute::run),
    ("umount", files::umount),
    ("unshare", misc::unshare),
    ("wget", wget::run),
];

/// The tool of that name; a directory before the name is passed over.
pub fn find(name: &str) -> Option<Tool> {
    let name = name.rsplit('/').next().unwrap_or(name);
    let found = TOOLS.iter().find(|(known, _)| *known == name);
    found.map(|(_, tool)| *tool)
}

/// The names of all tools, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    TOOLS.iter().map(|(name, _)| *name)
}

/// Runs a command; nothing where it is no simulated tool.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Option<Outcome> {
    let tool = find(argv.first()?)?;
    Some(tool(call, argv))
}

/// Runs a command in its namespace to its end, where that needs no time: gives its
/// status. Nothing where it is no simulated tool, or would go on.
pub fn run_now(call: &mut Call<'_>, request: &ExecRequest) -> Option<i32> {
    let mut inner = Call {
        world: call.world,
        docker: call.docker,
        host: request.host,
        netns: request.netns,
        console: call.console,
        files: call.files,
        env: call.env,
    };
    match run(&mut inner, &request.argv)? {
        Outcome::Exit(status) => Some(status),
        Outcome::Exec(next) => run_now(&mut inner, &next),
        Outcome::Start(_) | Outcome::Each(_) | Outcome::Then(_) | Outcome::Wait => None,
    }
}

/// How a tool ends early: what it says on standard error, and its exit status.
///
/// iproute2 leaves with `exit(-1)`, 255, where the command line is malformed, with 1 where an
/// object is not found, and with 2 where the kernel refuses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The whole text, newlines included.
    pub stderr: String,
    /// The exit status.
    pub status: u8,
}

impl Failure {
    /// A failure that says `text`, a newline added, and exits with `status`.
    pub fn line(status: u8, text: impl std::fmt::Display) -> Self {
        Self {
            stderr: format!("{text}\n"),
            status,
        }
    }

    /// Says it, and gives the outcome.
    pub fn report(self, console: &mut Console) -> Outcome {
        console.err(self.stderr);
        Outcome::Exit(self.status.into())
    }

    /// What Linux has and the simulator has not: one line, status 3.
    pub fn not_simulated(what: impl std::fmt::Display) -> Self {
        Self::line(3, format_args!("vethlab: {what} is not simulated"))
    }
}

impl From<NlError> for Failure {
    /// The kernel refused: its answer in iproute2's words, status 2.
    fn from(error: NlError) -> Self {
        Self::line(2, error)
    }
}
