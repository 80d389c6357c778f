//! `curl` 7.88: requests, redirections, its lines, its errors and its statuses.
//! Only HTTP is spoken; a server of HTTPS is taken for one that speaks HTTP.

use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Duration;

use super::{Failure, Happened, Head, Job, Sink, Transfer, Url, millis};
use crate::kernel::World;
use crate::program::{Console, Poll, resolve};
use crate::units::{Errno, HostId, NetnsId, SimTime, SockId};

/// What the words say.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Config {
    /// `-s`.
    pub silent: bool,
    /// `-S`.
    pub show_error: bool,
    /// `-v`.
    pub verbose: bool,
    /// `-i`.
    pub include: bool,
    /// `-I`.
    pub head: bool,
    /// `-f`.
    pub fail: bool,
    /// `-L`.
    pub follow: bool,
    /// `-w`.
    pub write_out: String,
    /// `-m`.
    pub max_time: Option<Duration>,
    /// `--connect-timeout`.
    pub connect_timeout: Option<Duration>,
    /// `-4` is false, `-6` is true.
    pub family: Option<bool>,
    /// `-X`.
    pub method: Option<String>,
    /// `-d`.
    pub data: Option<Vec<u8>>,
    /// `-H`.
    pub headers: Vec<String>,
    /// `-A`.
    pub agent: Option<String>,
    /// `--resolve`: host, port, addresses.
    pub resolve: Vec<(String, u16, SocketAddr)>,
    /// Whether the meter is shown: the output is no terminal.
    pub meter: bool,
}

/// The most redirections that are followed.
const REDIRECTS_MAX: u32 = 50;
const METER: &str = "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n";
const METER_START: &str =
    "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0";

/// A running `curl`.
#[derive(Clone, Debug)]
pub struct Curl {
    netns: NetnsId,
    host: HostId,
    config: Config,
    jobs: Vec<Job>,
    at: usize,
    address: usize,
    redirects: u32,
    transfer: Option<Transfer>,
    began: SimTime,
    head: Head,
    last_errno: Option<Errno>,
    created: bool,
    /// What standard output has not got yet: the C library writes it out at the end, or when there is much.
    pending: Vec<u8>,
    status: i32,
}

impl Curl {
    /// A `curl` that has not begun.
    pub fn new(
        world: &World,
        netns: NetnsId,
        host: HostId,
        config: Config,
        jobs: Vec<Job>,
    ) -> Self {
        Self {
            netns,
            host,
            config,
            jobs,
            at: 0,
            address: 0,
            redirects: 0,
            transfer: None,
            began: world.now(),
            head: Head::default(),
            last_errno: None,
            created: false,
            pending: Vec::new(),
            status: 0,
        }
    }

    /// The sockets whose news it waits for.
    pub fn sockets(&self) -> Vec<SockId> {
        self.transfer
            .iter()
            .map(|transfer| transfer.socket)
            .collect()
    }

    /// Does what can be done now.
    pub fn poll(&mut self, world: &mut World, console: &mut Console) -> Poll {
        if !std::mem::replace(&mut self.created, true) {
            self.jobs.iter().for_each(|job| job.sink.create(console));
        }
        loop {
            if self.at >= self.jobs.len() {
                console.out(std::mem::take(&mut self.pending));
                return Poll::Exit(self.status);
            }
            if self.transfer.is_none() {
                self.begin(world, console);
                continue;
            }
            if let Some(wait) = self.go_on(world, console) {
                return wait;
            }
        }
    }

    fn begin(&mut self, world: &mut World, console: &mut Console) {
        let job = self.jobs[self.at].clone();
        if self.address == 0 && self.redirects == 0 {
            self.began = world.now();
            self.last_errno = None;
            if self.shows_meter() {
                console.err(METER);
                console.err(METER_START);
            }
        }
        if !matches!(job.url.scheme.as_str(), "http" | "https") {
            let said = format!(
                "Protocol \"{}\" not supported or disabled in libcurl",
                job.url.scheme
            );
            return self.end(world, console, 1, &said);
        }
        if job.addresses.is_empty() {
            let said = format!("Could not resolve host: {}", job.url.host);
            self.note(console, &said);
            return self.end(world, console, 6, &said);
        }
        let fits = |at: &&SocketAddr| self.config.family.is_none_or(|v6| v6 == at.is_ipv6());
        let Some(&to) = job.addresses.iter().filter(fits).nth(self.address) else {
            let said = match self.last_errno {
                None => "Couldn't connect to server".to_owned(),
                Some(_) => {
                    let said = self.connect_failed(world.now(), &job.url);
                    self.note(console, &said);
                    said
                }
            };
            return self.end(world, console, 7, &said);
        };
        self.note(console, &format!("  Trying {to}..."));
        let request = self.request(&job.url);
        match Transfer::begin(world, self.netns, to, request, self.config.head) {
            Ok(transfer) => self.transfer = Some(transfer),
            Err(errno) => {
                self.note(
                    console,
                    &format!("Immediate connect fail for {}: {errno}", to.ip()),
                );
                self.last_errno = Some(errno);
                self.address += 1;
            }
        }
    }

    fn connect_failed(&self, now: SimTime, url: &Url) -> String {
        let (host, port) = (&url.host, url.port());
        let after = millis(self.began, now);
        format!(
            "Failed to connect to {host} port {port} after {after} ms: Couldn't connect to server"
        )
    }

    /// The request, as it is sent.
    fn request(&self, url: &Url) -> Vec<u8> {
        let config = &self.config;
        let default = match (&config.data, config.head) {
            (Some(_), _) => "POST",
            (None, true) => "HEAD",
            (None, false) => "GET",
        };
        let method = config.method.as_deref().unwrap_or(default);
        let own = |name: &str| {
            config.headers.iter().any(|line| {
                let given = line.split([':', ';']).next().unwrap_or_default();
                given.eq_ignore_ascii_case(name)
            })
        };
        let mut text = format!("{method} {} HTTP/1.1\r\n", url.path);
        let agent = config.agent.as_deref().unwrap_or("curl/7.88.1");
        for (name, value) in [
            ("Host", url.place().as_str()),
            ("User-Agent", agent),
            ("Accept", "*/*"),
        ] {
            if !own(name) {
                let _ = write!(text, "{name}: {value}\r\n");
            }
        }
        for line in config.headers.iter().filter(|line| !line.ends_with(':')) {
            let _ = write!(text, "{line}\r\n");
        }
        if let Some(data) = &config.data {
            let _ = write!(text, "Content-Length: {}\r\n", data.len());
            if !own("Content-Type") {
                text.push_str("Content-Type: application/x-www-form-urlencoded\r\n");
            }
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(config.data.as_deref().unwrap_or_default());
        bytes
    }

    /// Looks at the exchange; gives how to wait where nothing can be done.
    fn go_on(&mut self, world: &mut World, console: &mut Console) -> Option<Poll> {
        let now = world.now();
        let transfer = self.transfer.as_mut()?;
        let connecting = !transfer.is_connected();
        let happened = transfer.look(world);
        match happened {
            Happened::Nothing => {
                let until = self.deadline(connecting);
                if until.is_none_or(|until| until > now) {
                    return Some(Poll::Wait(until));
                }
                self.timed_out(world, console, connecting);
            }
            Happened::Connected => self.connected(world, console),
            Happened::Head(head) => self.take_head(world, console, *head),
            Happened::Body(bytes) => self.take_body(console, &bytes),
            Happened::Done => self.done(world, console),
            Happened::Failed(failure) => self.failed(world, console, failure),
        }
        None
    }

    fn deadline(&self, connecting: bool) -> Option<SimTime> {
        let all = self.config.max_time.map(|span| self.began + span);
        let connect = self
            .config
            .connect_timeout
            .filter(|_| connecting)
            .map(|span| self.began + span);
        match (all, connect) {
            (Some(all), Some(connect)) => Some(all.min(connect)),
            (all, connect) => all.or(connect),
        }
    }

    fn timed_out(&mut self, world: &mut World, console: &mut Console, connecting: bool) {
        let now = world.now();
        let after = millis(self.began, now);
        let url = self.jobs[self.at].url.clone();
        let all = self
            .config
            .max_time
            .is_some_and(|span| self.began + span <= now);
        let said = match (connecting, all) {
            (true, true) => format!("Connection timed out after {after} milliseconds"),
            (true, false) => format!(
                "Failed to connect to {} port {} after {after} ms: Timeout was reached",
                url.host,
                url.port()
            ),
            (false, _) => {
                let transfer = self.transfer.as_ref();
                let got = transfer.map_or(0, |transfer| transfer.body);
                match self.head.length {
                    Some(length) => format!(
                        "Operation timed out after {after} milliseconds with {got} out of {length} bytes received"
                    ),
                    None => format!(
                        "Operation timed out after {after} milliseconds with {got} bytes received"
                    ),
                }
            }
        };
        self.note(console, &said);
        self.end(world, console, 28, &said);
    }

    fn connected(&mut self, world: &mut World, console: &mut Console) {
        let Some(transfer) = &self.transfer else {
            return;
        };
        let url = &self.jobs[self.at].url;
        let to = world
            .peer_addr(transfer.socket)
            .map(|at| at.ip().to_string());
        let said = format!(
            "Connected to {} ({}) port {} (#0)",
            url.host,
            to.unwrap_or_default(),
            url.port()
        );
        let (https, request) = (url.scheme == "https", self.request(url));
        self.note(console, &said);
        if https {
            let said = "OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number";
            return self.end(world, console, 35, said);
        }
        if self.config.verbose {
            let text = String::from_utf8_lossy(&request);
            let head = text.split("\r\n\r\n").next().unwrap_or_default();
            for line in head.split("\r\n") {
                console.err(format!("> {line}\n"));
            }
            console.err("> \n");
        }
    }

    fn take_head(&mut self, world: &mut World, console: &mut Console, head: Head) {
        if self.config.verbose {
            let said = match head.old {
                true => "HTTP 1.0, assume close after body",
                false => "Mark bundle as not supporting multiuse",
            };
            self.note(console, said);
            for line in &head.lines {
                if !line.is_empty() {
                    console.err(format!("< {line}\n"));
                }
            }
            console.err("< \n");
        }
        let follows = self.config.follow && matches!(head.status, 301 | 302 | 303 | 307 | 308);
        if self.config.include || self.config.head {
            let text = head.lines.iter().filter(|line| !line.is_empty());
            let text: String = text.map(|line| format!("{line}\r\n")).collect();
            self.put(console, format!("{text}\r\n").as_bytes());
        }
        let failed = self.config.fail && head.status >= 400;
        let status = head.status;
        let location = head.header("location").map(str::to_owned);
        self.head = head;
        if failed {
            let said = format!("The requested URL returned error: {status}");
            return self.end(world, console, 22, &said);
        }
        if let Some(location) = location.filter(|_| follows) {
            self.redirect(world, console, &location);
        }
    }

    fn redirect(&mut self, world: &mut World, console: &mut Console, location: &str) {
        self.redirects += 1;
        if self.redirects > REDIRECTS_MAX {
            let said = format!("Maximum ({REDIRECTS_MAX}) redirects followed");
            return self.end(world, console, 47, &said);
        }
        let Some(url) = self.jobs[self.at].url.follow(location) else {
            return self.end(
                world,
                console,
                3,
                "URL using bad/illegal format or missing URL",
            );
        };
        self.close(world);
        let host = world.host(self.host).name.clone();
        let mut found = resolve::lookup(world, self.netns, &host, &url.host).unwrap_or_default();
        found.iter_mut().for_each(|at| at.set_port(url.port()));
        let job = &mut self.jobs[self.at];
        (job.url, job.addresses) = (url, found);
        self.address = 0;
    }

    /// A part of what is fetched.
    fn put(&mut self, console: &mut Console, bytes: &[u8]) {
        match &self.jobs[self.at].sink {
            Sink::Out => self.print(console, bytes),
            sink => sink.write(console, bytes),
        }
    }

    /// To standard output, which is a file or a pipe where the meter is shown.
    fn print(&mut self, console: &mut Console, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
        if !self.config.meter || self.pending.len() >= 4_096 {
            console.out(std::mem::take(&mut self.pending));
        }
    }

    fn take_body(&mut self, console: &mut Console, bytes: &[u8]) {
        if self.config.verbose && self.config.meter {
            console.err(format!("{{ [{} bytes data]\n", bytes.len()));
        }
        self.put(console, bytes);
    }

    fn done(&mut self, world: &mut World, console: &mut Console) {
        if self.shows_meter() {
            let body = self.transfer.as_ref().map_or(0, |transfer| transfer.body);
            let ms = millis(self.began, world.now()).max(1);
            let speed = body * 1_000 / ms;
            console.err(format!(
                "\r100 {body:>5}  100 {body:>5}    0     0 {speed:>6}      0 --:--:-- --:--:-- --:--:-- {speed:>5}\n"
            ));
        }
        let said = match self.head.old {
            true => "Closing connection 0".to_owned(),
            false => format!(
                "Connection #0 to host {} left intact",
                self.jobs[self.at].url.host
            ),
        };
        self.note(console, &said);
        self.finish(world, console);
        self.status = 0;
    }

    fn failed(&mut self, world: &mut World, console: &mut Console, failure: Failure) {
        let (status, said) = match failure {
            Failure::Connect(errno) => {
                let to = self
                    .transfer
                    .as_ref()
                    .and_then(|transfer| world.peer_addr(transfer.socket));
                let place =
                    to.map_or_else(String::new, |at| format!("{} port {}", at.ip(), at.port()));
                self.note(console, &format!("connect to {place} failed: {errno}"));
                self.last_errno = Some(errno);
                self.close(world);
                self.address += 1;
                return;
            }
            Failure::Broken(errno) => (56, format!("Recv failure: {errno}")),
            Failure::Empty => (52, "Empty reply from server".to_owned()),
            Failure::Short(left) => (
                18,
                format!("transfer closed with {left} bytes remaining to read"),
            ),
            Failure::Weird => (1, "Received HTTP/0.9 when not allowed".to_owned()),
        };
        self.note(console, &said);
        self.end(world, console, status, &said);
    }

    fn shows_meter(&self) -> bool {
        self.config.meter && !self.config.silent
    }

    /// A line of `-v`.
    fn note(&self, console: &mut Console, said: &str) {
        if self.config.verbose {
            console.err(format!("* {said}\n"));
        }
    }

    /// A job ends with an error.
    fn end(&mut self, world: &mut World, console: &mut Console, status: i32, said: &str) {
        if self.shows_meter() {
            console.err(format!("{METER_START}\n"));
        }
        if self.transfer.is_some() || self.last_errno.is_some() {
            self.note(console, "Closing connection 0");
        }
        if !self.config.silent || self.config.show_error {
            console.err(format!("curl: ({status}) {said}\n"));
        }
        self.finish(world, console);
        self.status = status;
    }

    fn finish(&mut self, world: &mut World, console: &mut Console) {
        let text = self.written(world);
        self.print(console, text.as_bytes());
        self.close(world);
        self.at += 1;
        (self.address, self.redirects) = (0, 0);
        self.head = Head::default();
    }

    fn close(&mut self, world: &mut World) {
        if let Some(transfer) = self.transfer.take() {
            world.close_socket(transfer.socket);
        }
    }

    /// What `-w` asks for.
    fn written(&self, world: &World) -> String {
        let mut text = String::new();
        let mut rest = self.config.write_out.as_str();
        while let Some(at) = rest.find(['%', '\\']) {
            text.push_str(&rest[..at]);
            rest = &rest[at..];
            if let Some(inner) = rest.strip_prefix("%{")
                && let Some((name, after)) = inner.split_once('}')
            {
                text.push_str(&self.variable(world, name));
                rest = after;
                continue;
            }
            let (plain, len) = match &rest[..rest.len().min(2)] {
                "\\n" => ("\n", 2),
                "\\t" => ("\t", 2),
                "\\r" => ("\r", 2),
                "%%" => ("%", 2),
                _ => (&rest[..1], 1),
            };
            text.push_str(plain);
            rest = &rest[len..];
        }
        text + rest
    }

    fn variable(&self, world: &World, name: &str) -> String {
        let transfer = self.transfer.as_ref();
        let socket = transfer.map(|transfer| transfer.socket);
        let remote = socket.and_then(|socket| world.peer_addr(socket));
        let local = socket.and_then(|socket| world.local_addr(socket));
        let seconds = |at: Option<SimTime>| {
            let us = at.map_or(0, |at| at.since(self.began).as_micros());
            format!("{}.{:06}", us / 1_000_000, us % 1_000_000)
        };
        let ip = |at: Option<SocketAddr>| at.map_or(String::new(), |at| at.ip().to_string());
        let port = |at: Option<SocketAddr>| at.map_or("0".to_owned(), |at| at.port().to_string());
        match name {
            "http_code" | "response_code" => format!("{:03}", self.head.status),
            "size_download" => transfer.map_or(0, |transfer| transfer.body).to_string(),
            "remote_ip" => ip(remote),
            "remote_port" => port(remote),
            "local_ip" => ip(local),
            "local_port" => port(local),
            "time_total" | "time_starttransfer" => seconds(Some(world.now())),
            "time_connect" => seconds(transfer.and_then(|transfer| transfer.connected)),
            "time_namelookup" => seconds(None),
            "url_effective" | "url" => self.jobs[self.at].url.to_string(),
            "content_type" => self
                .head
                .header("content-type")
                .unwrap_or_default()
                .to_owned(),
            "num_redirects" => self.redirects.to_string(),
            "http_version" => if self.head.old { "1" } else { "1.1" }.to_owned(),
            "exitcode" => self.status.to_string(),
            _ => String::new(),
        }
    }
}
