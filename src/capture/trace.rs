//! Traces: JSON lines of what went in and what happened, with a digest at the end; written as they happen.
//! The format is described in `docs/journeys.md`; who reads traces is the session's replay.

use std::io::{self, Write};

use super::json::Line;
use crate::engine::trace::{By, Digest, Maker, Names, Noted, Taker, Verdict, Wait};
use crate::units::SimTime;

/// The version of the format.
pub const TRACE_VERSION: u32 = 1;

/// What a trace begins with: all that the world was made of.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Header {
    /// The seed.
    pub seed: u64,
    /// As which Docker `docker` behaves.
    pub docker_era: String,
    /// The text of the file with the hosts, where there was one.
    pub hosts: Option<String>,
    /// The text of the scenario file, where one is run.
    pub scenario: Option<String>,
}

/// A command that goes in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Input {
    /// Its number.
    pub number: u64,
    /// The host on which it runs.
    pub host: String,
    /// The namespace in which it runs; empty for the root namespace.
    pub netns: String,
    /// Its words.
    pub argv: Vec<String>,
    /// Variables that the simulated tools look at.
    pub env: Vec<(String, String)>,
    /// The files that it read, `-` for standard input, with their content.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Writes a trace line by line.
///
/// ```
/// use vethlab::capture::{Header, TraceWriter};
///
/// let mut trace = TraceWriter::new(Vec::new(), &Header::default())?;
/// let (bytes, digest) = trace.finish(vethlab::units::SimTime::ZERO)?;
/// assert!(String::from_utf8_lossy(&bytes).starts_with("{\"vethlab_trace\":1,"));
/// assert_eq!(digest.len(), 64);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct TraceWriter<W> {
    out: W,
    digest: Digest,
    inputs: u64,
    events: u64,
}

impl<W: Write> TraceWriter<W> {
    /// Begins a trace.
    ///
    /// # Errors
    /// What the system says of the file.
    pub fn new(out: W, header: &Header) -> io::Result<Self> {
        let mut trace = Self {
            out,
            digest: Digest::default(),
            inputs: 0,
            events: 0,
        };
        let mut line = Line::new();
        line.number("vethlab_trace", TRACE_VERSION)
            .text("version", env!("CARGO_PKG_VERSION"))
            .number("seed", header.seed);
        if !header.docker_era.is_empty() {
            line.text("docker_era", &header.docker_era);
        }
        if let Some(hosts) = &header.hosts {
            line.text("hosts", hosts);
        }
        if let Some(scenario) = &header.scenario {
            line.text("scenario", scenario);
        }
        trace.line(&mut line)?;
        Ok(trace)
    }

    fn line(&mut self, line: &mut Line) -> io::Result<()> {
        let text = line.end();
        self.digest.add(text.as_bytes());
        self.out.write_all(text.as_bytes())
    }

    /// A command goes in.
    ///
    /// # Errors
    /// What the system says of the file.
    pub fn input(&mut self, at: SimTime, input: &Input) -> io::Result<()> {
        self.inputs += 1;
        let mut line = Line::new();
        line.number("in", input.number)
            .number("t", at.as_nanos())
            .text("host", &input.host)
            .text("netns", &input.netns)
            .texts("argv", &input.argv);
        let env: Vec<String> = input
            .env
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        if !env.is_empty() {
            line.texts("env", &env);
        }
        self.line(&mut line)?;
        for (path, content) in &input.files {
            let mut line = Line::new();
            line.number("file", input.number).text("path", path);
            bytes(&mut line, content);
            self.line(&mut line)?;
        }
        Ok(())
    }

    /// A running command gets a part of its standard input; an empty one is its end.
    ///
    /// # Errors
    /// What the system says of the file.
    pub fn stdin(&mut self, at: SimTime, number: u64, part: &[u8]) -> io::Result<()> {
        let mut line = Line::new();
        line.number("stdin", number).number("t", at.as_nanos());
        bytes(&mut line, part);
        self.line(&mut line)
    }

    /// A step of a scenario begins: its number, from 1, and its sentence.
    ///
    /// # Errors
    /// What the system says of the file.
    pub fn step(&mut self, at: SimTime, number: usize, say: &str) -> io::Result<()> {
        let mut line = Line::new();
        line.number("step", number)
            .number("t", at.as_nanos())
            .text("say", say);
        self.line(&mut line)
    }

    /// A command has ended, or became another one (status `None`).
    ///
    /// # Errors
    /// What the system says of the file.
    pub fn output(&mut self, at: SimTime, number: u64, status: Option<i32>) -> io::Result<()> {
        let mut line = Line::new();
        line.number("out", number).number("t", at.as_nanos());
        if let Some(status) = status {
            line.number("status", status);
        }
        self.line(&mut line)
    }

    /// A running command gets a signal, or is gone (`word` is `gone`).
    ///
    /// # Errors
    /// What the system says of the file.
    pub fn signal(&mut self, at: SimTime, number: u64, word: &str) -> io::Result<()> {
        let mut line = Line::new();
        line.number("signal", number)
            .number("t", at.as_nanos())
            .text("name", word);
        self.line(&mut line)
    }

    /// What happened to frames.
    ///
    /// # Errors
    /// What the system says of the file.
    pub fn events(&mut self, noted: &[Noted], names: &impl Names) -> io::Result<()> {
        for one in noted {
            self.events += 1;
            let mut line = event(one, names);
            self.line(&mut line)?;
        }
        Ok(())
    }

    /// Ends the trace at a time; gives the file and the digest of all lines before the last.
    ///
    /// # Errors
    /// What the system says of the file.
    pub fn finish(mut self, at: SimTime) -> io::Result<(W, String)> {
        let mut line = Line::new();
        line.number("end", at.as_nanos())
            .number("inputs", self.inputs)
            .number("events", self.events);
        self.line(&mut line)?;
        let digest = self.digest.hex();
        let mut line = Line::new();
        let text = line.text("sha256", &digest).end();
        self.out.write_all(text.as_bytes())?;
        self.out.flush()?;
        Ok((self.out, digest))
    }
}

/// Bytes as text, where they are, or else as hexadecimal digits.
fn bytes(line: &mut Line, content: &[u8]) {
    match std::str::from_utf8(content) {
        Ok(text) => line.text("text", text),
        Err(_) => line.text("hex", &hex(content)),
    };
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One hop as a line.
fn event(noted: &Noted, names: &impl Names) -> Line {
    let hop = &noted.hop;
    let place = names.place(hop.netns, hop.dev);
    let mut line = Line::new();
    line.number("t", hop.at.as_nanos())
        .number("hop", noted.no)
        .number("frame", hop.frame);
    if hop.after != 0 {
        line.number("after", hop.after);
    }
    line.text("host", &place.host).text("netns", &place.netns);
    if !place.dev.is_empty() {
        line.text("dev", &place.dev);
    }
    match hop.verdict {
        Verdict::Received => line.text("dir", "in"),
        Verdict::Transmitted => line.text("dir", "out"),
        _ => &mut line,
    };
    line.text("verdict", hop.verdict.name());
    details(&mut line, &hop.verdict.map(|&dev| names.device(dev)));
    if let Some(by) = &hop.by {
        line.text("by", &told(by, &place.dev));
    }
    line
}

fn told(by: &By, dev: &str) -> String {
    by.told(dev)
}

fn details(line: &mut Line, verdict: &Verdict<String>) {
    match verdict {
        Verdict::Made(Maker::Socket(_)) => {
            line.text("maker", "socket");
        }
        Verdict::Made(Maker::Stack) => {
            line.text("maker", "stack");
        }
        Verdict::Made(Maker::Device) => {
            line.text("maker", "device");
        }
        Verdict::ForwardedTo(dev) => {
            line.text("to", dev);
        }
        Verdict::Flooded(devs) => {
            line.texts("to", devs);
        }
        Verdict::Routed {
            dev,
            gateway,
            table,
        } => {
            line.text("to", dev);
            if let Some(gateway) = gateway {
                line.text("via", &gateway.to_string());
            }
            line.number("table", table);
        }
        Verdict::Taken(Taker::Socket(_)) => {
            line.text("taker", "socket");
        }
        Verdict::Taken(Taker::Protocol(name) | Taker::Device(name)) => {
            line.text("taker", name);
        }
        Verdict::Encapsulated { vni, local, remote } => {
            line.number("vni", vni)
                .text("remote", &remote.ip().to_string())
                .text("local", &local.ip().to_string())
                .number("sport", local.port())
                .number("dport", remote.port());
        }
        Verdict::Decapsulated { vni } => {
            line.number("vni", vni);
        }
        Verdict::Queued(Wait::Neighbour(addr)) => {
            line.text("wait", "neighbour")
                .text("for", &addr.to_string());
        }
        Verdict::Queued(Wait::Fragments) => {
            line.text("wait", "fragments");
        }
        Verdict::Queued(Wait::Proxy) => {
            line.text("wait", "proxy");
        }
        Verdict::Queued(Wait::Qdisc) => {
            line.text("wait", "qdisc");
        }
        Verdict::Fragmented(parts) => {
            line.number("parts", parts);
        }
        Verdict::Translated(from, to) => {
            line.text("from", from).text("to", to);
        }
        Verdict::Dropped(reason) => {
            line.text("reason", reason.name());
        }
        Verdict::Received
        | Verdict::Transmitted
        | Verdict::Learned
        | Verdict::Delivered
        | Verdict::Reassembled => {}
    }
}
