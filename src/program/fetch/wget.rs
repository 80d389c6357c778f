//! `wget` 1.21: one address after another, its lines, its errors and its statuses.
//! Only HTTP is spoken; nothing is fetched recursively.

use std::net::SocketAddr;
use std::time::Duration;

use super::{Failure, Happened, Head, Job, Sink, Transfer};
use crate::kernel::World;
use crate::program::http::{civil, clock};
use crate::program::{Console, Poll};
use crate::units::{Errno, NetnsId, SimTime, SockId};

/// What the words say.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Config {
    /// `-q`.
    pub quiet: bool,
    /// `-nv`.
    pub terse: bool,
    /// `-S`.
    pub server: bool,
    /// `--spider`.
    pub spider: bool,
    /// `-T`: of connecting and of reading.
    pub timeout: Option<Duration>,
    /// `-t`; 0 tries for ever.
    pub tries: u32,
}

/// How long `wget` waits for data (`--read-timeout`).
const READ_TIMEOUT: Duration = Duration::from_secs(900);

/// A running `wget`.
#[derive(Clone, Debug)]
pub struct Wget {
    netns: NetnsId,
    config: Config,
    jobs: Vec<Job>,
    at: usize,
    address: usize,
    tried: u32,
    transfer: Option<Transfer>,
    /// When something happened last.
    last: SimTime,
    pause: Option<SimTime>,
    head: Head,
    begun: bool,
    status: i32,
}

impl Wget {
    /// A `wget` that has not begun.
    pub fn new(world: &World, netns: NetnsId, config: Config, jobs: Vec<Job>) -> Self {
        Self {
            netns,
            config,
            jobs,
            at: 0,
            address: 0,
            tried: 1,
            transfer: None,
            last: world.now(),
            pause: None,
            head: Head::default(),
            begun: false,
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

    fn say(&self, console: &mut Console, text: impl AsRef<str>) {
        if !self.config.quiet && !self.config.terse {
            console.err(text.as_ref());
        }
    }

    /// Does what can be done now.
    pub fn poll(&mut self, world: &mut World, console: &mut Console) -> Poll {
        if !std::mem::replace(&mut self.begun, true) && !self.config.spider {
            self.jobs.iter().for_each(|job| job.sink.create(console));
        }
        loop {
            if let Some(until) = self.pause {
                if until > world.now() {
                    return Poll::Wait(Some(until));
                }
                self.pause = None;
            }
            if self.at >= self.jobs.len() {
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
        let now = world.now();
        if self.address == 0 {
            let ((year, month, day), clock) = (civil(now), clock(now));
            let tried = match self.tried {
                1 => String::new(),
                tried => format!("(try:{tried:>2})  "),
            };
            let said = format!(
                "--{year}-{month:02}-{day:02} {clock}--  {tried}{}\n",
                job.url
            );
            self.say(console, said);
            self.resolved(console, &job);
        }
        let Some(&to) = job.addresses.get(self.address) else {
            if job.addresses.is_empty() {
                console.err(match self.config.quiet {
                    true => String::new(),
                    false => format!("wget: unable to resolve host address '{}'\n", job.url.host),
                });
            }
            return self.end(world, 4);
        };
        self.say(console, format!("Connecting to {}... ", place(&job, to)));
        let method = if self.config.spider { "HEAD" } else { "GET" };
        let request = format!(
            "{method} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Wget/1.21.3\r\nAccept: */*\r\nAccept-Encoding: identity\r\nConnection: Keep-Alive\r\n\r\n",
            job.url.path,
            job.url.place()
        );
        self.last = now;
        match Transfer::begin(
            world,
            self.netns,
            to,
            request.into_bytes(),
            self.config.spider,
        ) {
            Ok(transfer) => self.transfer = Some(transfer),
            Err(errno) => self.refused(world, console, errno),
        }
    }

    fn resolved(&self, console: &mut Console, job: &Job) {
        if job.url.host.parse::<std::net::IpAddr>().is_ok()
            || job
                .addresses
                .first()
                .is_some_and(|at| at.ip().to_string() == job.url.host)
        {
            return;
        }
        let host = &job.url.host;
        let addresses: Vec<String> = job.addresses.iter().map(|at| at.ip().to_string()).collect();
        let said = match addresses.is_empty() {
            true => "failed: Temporary failure in name resolution.".to_owned(),
            false => addresses.join(", "),
        };
        self.say(console, format!("Resolving {host} ({host})... {said}\n"));
    }

    fn go_on(&mut self, world: &mut World, console: &mut Console) -> Option<Poll> {
        let now = world.now();
        let transfer = self.transfer.as_mut()?;
        let connecting = !transfer.is_connected();
        let happened = transfer.look(world);
        if happened != Happened::Nothing {
            self.last = now;
        }
        match happened {
            Happened::Nothing => {
                let default = (!connecting).then_some(READ_TIMEOUT);
                let until = self.config.timeout.or(default).map(|span| self.last + span);
                if until.is_none_or(|until| until > now) {
                    return Some(Poll::Wait(until));
                }
                match connecting {
                    true => self.refused(world, console, Errno::Etimedout),
                    false => {
                        self.say(console, "Read error (Connection timed out) in headers.\n");
                        self.again(world, console);
                    }
                }
            }
            Happened::Connected => {
                self.say(
                    console,
                    "connected.\nHTTP request sent, awaiting response... ",
                );
            }
            Happened::Head(head) => self.take_head(world, console, *head),
            Happened::Body(bytes) => {
                let sink = &self.jobs[self.at].sink;
                sink.write(console, &bytes);
            }
            Happened::Done => self.done(world, console),
            Happened::Failed(Failure::Connect(errno)) => self.refused(world, console, errno),
            Happened::Failed(Failure::Empty) => {
                self.say(console, "No data received.\n");
                self.again(world, console);
            }
            Happened::Failed(Failure::Broken(errno)) => {
                self.say(console, format!("Read error ({errno}) in headers.\n"));
                self.again(world, console);
            }
            Happened::Failed(Failure::Short(_) | Failure::Weird) => self.again(world, console),
        }
        None
    }

    /// No connection: only what may pass is tried again.
    fn refused(&mut self, world: &mut World, console: &mut Console, errno: Errno) {
        self.say(console, format!("failed: {errno}.\n"));
        self.close(world);
        self.address += 1;
        if self.address < self.jobs[self.at].addresses.len() {
            return;
        }
        match errno {
            Errno::Econnrefused | Errno::Enetunreach | Errno::Ehostunreach => self.end(world, 4),
            _ => self.again(world, console),
        }
    }

    fn again(&mut self, world: &mut World, console: &mut Console) {
        self.close(world);
        if self.config.tries != 0 && self.tried >= self.config.tries {
            self.say(console, "Giving up.\n\n");
            return self.end(world, 4);
        }
        self.say(console, "Retrying.\n\n");
        self.pause = Some(world.now() + Duration::from_secs(u64::from(self.tried.min(10))));
        (self.tried, self.address) = (self.tried + 1, 0);
    }

    fn take_head(&mut self, world: &mut World, console: &mut Console, head: Head) {
        if self.config.server {
            self.say(console, "\n");
            for line in head.lines.iter().filter(|line| !line.is_empty()) {
                console.err(format!("  {line}\n"));
            }
        } else {
            self.say(console, format!("{} {}\n", head.status, head.reason));
        }
        let (status, reason) = (head.status, head.reason.clone());
        let now = world.now();
        if let Some(location) = head
            .header("location")
            .filter(|_| (301..=308).contains(&status))
            && let Some(url) = self.jobs[self.at].url.follow(location)
            && url.host == self.jobs[self.at].url.host
            && url.port() == self.jobs[self.at].url.port()
        {
            self.say(console, format!("Location: {url} [following]\n"));
            self.jobs[self.at].url = url;
            self.close(world);
            return;
        }
        if status >= 400 {
            let ((year, month, day), clock) = (civil(now), clock(now));
            self.say(
                console,
                format!("{year}-{month:02}-{day:02} {clock} ERROR {status}: {reason}.\n\n"),
            );
            return self.end(world, 8);
        }
        let length = match head.length {
            Some(length) => format!("{length}{}", human(length)),
            None => "unspecified".to_owned(),
        };
        let kind = head.header("content-type").unwrap_or_default().to_owned();
        let kind = kind.split(';').next().unwrap_or_default();
        self.say(console, format!("Length: {length} [{kind}]\n"));
        if self.config.spider {
            self.say(console, "Remote file exists.\n\n");
            return self.end(world, 0);
        }
        let name = match &self.jobs[self.at].sink {
            Sink::Out => "STDOUT".to_owned(),
            Sink::File(name) => name.clone(),
            Sink::Nowhere => "/dev/null".to_owned(),
        };
        self.say(console, format!("Saving to: '{name}'\n"));
        self.head = head;
    }

    fn done(&mut self, world: &mut World, console: &mut Console) {
        let now = world.now();
        let Some(transfer) = &self.transfer else {
            return;
        };
        let (got, span) = (transfer.body, now.since(transfer.connected.unwrap_or(now)));
        let speed = rate(got, span);
        let ((year, month, day), clock) = (civil(now), clock(now));
        self.say(console, format!("\n     0K{:>58}% {speed}=0s\n\n", "100"));
        let how = match &self.jobs[self.at].sink {
            Sink::Out => "written to stdout".to_owned(),
            Sink::File(name) => format!("'{name}' saved"),
            Sink::Nowhere => "'/dev/null' saved".to_owned(),
        };
        let all = self
            .head
            .length
            .map_or(String::new(), |length| format!("/{length}"));
        self.say(
            console,
            format!("{year}-{month:02}-{day:02} {clock} ({speed}B/s) - {how} [{got}{all}]\n\n"),
        );
        self.end(world, 0);
    }

    fn end(&mut self, world: &mut World, status: i32) {
        self.close(world);
        if status != 0 {
            self.status = match self.status {
                0 => status,
                old => old.min(status),
            };
        }
        self.at += 1;
        (self.address, self.tried) = (0, 1);
    }

    fn close(&mut self, world: &mut World) {
        if let Some(transfer) = self.transfer.take() {
            world.close_socket(transfer.socket);
        }
    }
}

/// `NAME (NAME)|ADDRESS|:PORT`, or `ADDRESS:PORT`.
fn place(job: &Job, to: SocketAddr) -> String {
    if to.ip().to_string() == job.url.host {
        return to.to_string();
    }
    let host = &job.url.host;
    format!("{host} ({host})|{}|:{}", to.ip(), to.port())
}

/// A length in larger units, behind the plain one.
fn human(length: u64) -> String {
    let Some((unit, letter)) = larger(length.into()) else {
        return String::new();
    };
    let tenths = (u128::from(length) * 10 + unit / 2) / unit;
    if tenths < 100 {
        format!(" ({}.{}{letter})", tenths / 10, tenths % 10)
    } else {
        format!(" ({}{letter})", (tenths + 5) / 10)
    }
}

/// The unit for an amount from 1 Ki on, and its letter.
fn larger(amount: u128) -> Option<(u128, char)> {
    let units = [(1 << 30, 'G'), (1 << 20, 'M'), (1 << 10, 'K')];
    units.into_iter().find(|&(unit, _)| amount >= unit)
}

/// A rate with three digits, as `wget` prints it (`1.76M`).
fn rate(bytes: u64, span: Duration) -> String {
    let us = u64::try_from(span.as_micros()).unwrap_or(u64::MAX).max(1);
    let per_second = u128::from(bytes) * 1_000_000 / u128::from(us);
    let Some((unit, letter)) = larger(per_second) else {
        return per_second.to_string();
    };
    let hundredths = per_second * 100 / unit;
    let (whole, part) = (hundredths / 100, hundredths % 100);
    if whole < 10 {
        format!("{whole}.{part:02}{letter}")
    } else if whole < 100 {
        format!("{whole}.{}{letter}", part / 10)
    } else {
        format!("{whole}{letter}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_three_digits() {
        assert_eq!(rate(6, Duration::from_micros(12)), "488K");
        assert_eq!(rate(1_000_000, Duration::from_secs(1)), "976K");
        assert_eq!(rate(1_900_000, Duration::from_secs(1)), "1.81M");
        assert_eq!(
            (human(6), human(5_000).as_str()),
            (String::new(), " (4.9K)")
        );
    }
}
