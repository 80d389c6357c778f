//! A small HTTP/1.1 server: fixed pages, as `httpd`, and as the images nginx, httpd and whoami have them.
//! It knows no ranges, no compression, no TLS, and reads no request body but to pass over it.
//!
//! ```
//! use vethlab::kernel::World;
//! use vethlab::program::Program;
//! use vethlab::program::http::{Http, Site};
//!
//! let mut world = World::new(0);
//! let netns = world.host(world.default_host()).root;
//! let server = Http::listen(&mut world, netns, 80, Site::nginx()).expect("port 80 is free");
//! let program = Program::Http(Box::new(server));
//! assert_eq!(program.sockets().len(), 1);
//! ```

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{Console, Poll};
use crate::kernel::World;
use crate::netns::socket::{SocketKind, SocketOption};
use crate::units::{Errno, NetnsId, SimTime, SockId};

/// The longest head of a request.
const HEAD_MAX: usize = 65_536;
/// Connections that are served at one time.
const CONNECTIONS_MAX: usize = 1_024;

/// What a server answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Site {
    /// These pages by path; others are not found.
    Pages {
        /// The `Server` header.
        server: String,
        /// Path, type and content.
        pages: Vec<(String, String, Vec<u8>)>,
    },
    /// What it knows of the request and of itself, as the image `traefik/whoami` does.
    Whoami {
        /// The name of its host.
        hostname: String,
    },
}

const NGINX: &str = "<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href=\"http://nginx.org/\">nginx.org</a>.<br/>
Commercial support is available at
<a href=\"http://nginx.com/\">nginx.com</a>.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
";

impl Site {
    /// One page at `/`.
    pub fn page(server: &str, kind: &str, content: impl Into<Vec<u8>>) -> Self {
        Self::Pages {
            server: server.to_owned(),
            pages: vec![("/".to_owned(), kind.to_owned(), content.into())],
        }
    }

    /// What a fresh `nginx` image answers.
    pub fn nginx() -> Self {
        Self::page("nginx/1.27.0", "text/html", NGINX)
    }

    /// What a fresh `httpd` image answers.
    pub fn httpd() -> Self {
        let content = "<html><body><h1>It works!</h1></body></html>\n";
        Self::page("Apache/2.4.62 (Unix)", "text/html", content)
    }
}

/// How a server tells of its requests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Log {
    /// Who asked for what, on standard output.
    Short,
    /// As `http.server` of Python writes it to standard error.
    Python,
}

/// One connection.
#[derive(Clone, Debug, Default)]
struct Client {
    head: Vec<u8>,
    /// Bytes of a request's body that are to come.
    body_left: usize,
    out: Vec<u8>,
    ends: bool,
}

/// A running server.
#[derive(Clone, Debug)]
pub struct Http {
    listener: SockId,
    site: Site,
    clients: BTreeMap<SockId, Client>,
    log: Option<Log>,
}

impl Http {
    /// A server at a port of all addresses, of both families.
    ///
    /// # Errors
    /// EADDRINUSE where the port is taken.
    pub fn listen(world: &mut World, netns: NetnsId, port: u16, site: Site) -> Result<Self, Errno> {
        let any = SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port);
        Self::listen_at(world, netns, any, site)
    }

    /// A server at an address and a port.
    ///
    /// # Errors
    /// EADDRINUSE where the port is taken, EADDRNOTAVAIL where the address is not here.
    pub fn listen_at(
        world: &mut World,
        netns: NetnsId,
        at: SocketAddr,
        site: Site,
    ) -> Result<Self, Errno> {
        let kind = match at.is_ipv6() {
            true => SocketKind::Tcp6,
            false => SocketKind::Tcp4,
        };
        let listener = world.socket(netns, kind)?;
        let ready = world
            .socket_option(listener, SocketOption::ReuseAddr(true))
            .and_then(|()| world.bind(listener, at))
            .and_then(|()| world.listen(listener, 128));
        if let Err(errno) = ready {
            world.close_socket(listener);
            return Err(errno);
        }
        Ok(Self {
            listener,
            site,
            clients: BTreeMap::new(),
            log: None,
        })
    }

    /// Has it print a line for each request.
    pub fn with_log(mut self, log: Log) -> Self {
        self.log = Some(log);
        self
    }

    /// The sockets whose news it waits for.
    pub fn sockets(&self) -> Vec<SockId> {
        std::iter::once(self.listener)
            .chain(self.clients.keys().copied())
            .collect()
    }

    /// Takes connections, reads requests, writes answers.
    pub fn poll(&mut self, world: &mut World, console: &mut Console) -> Poll {
        while self.clients.len() < CONNECTIONS_MAX
            && let Ok((socket, _)) = world.accept(self.listener)
        {
            self.clients.insert(socket, Client::default());
        }
        let sockets: Vec<SockId> = self.clients.keys().copied().collect();
        for socket in sockets {
            if !self.serve(world, console, socket) {
                world.close_socket(socket);
                self.clients.remove(&socket);
            }
        }
        Poll::Wait(None)
    }

    /// Goes on with one connection; whether it stands.
    fn serve(&mut self, world: &mut World, console: &mut Console, socket: SockId) -> bool {
        let Some(client) = self.clients.get_mut(&socket) else {
            return false;
        };
        let mut bytes = Vec::new();
        let open = loop {
            match world.recv_stream(socket, &mut bytes, HEAD_MAX) {
                Ok(0) => break false,
                Ok(_) => {}
                Err(Errno::Eagain) => break true,
                Err(_) => return false,
            }
        };
        client.take(&bytes);
        while let Some(head) = client.next_head() {
            let request = Request::read(&head);
            client.body_left = request.length;
            client.skip_body();
            let from = world
                .peer_addr(socket)
                .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |a| a.ip());
            let (status, answer) = answer(&self.site, &request, world, socket);
            match self.log {
                None => {}
                Some(Log::Short) => {
                    console.out(format!("{from} {} {}\n", request.method, request.path))
                }
                Some(Log::Python) => console.err(python_line(world.now(), from, &request, status)),
            }
            client.out.extend_from_slice(&answer);
            client.ends |= !request.keep;
        }
        client.ends |= !open || client.head.len() > HEAD_MAX;
        client.write(world, socket)
    }
}

impl Client {
    fn take(&mut self, bytes: &[u8]) {
        let skip = self.body_left.min(bytes.len());
        self.body_left -= skip;
        self.head.extend_from_slice(&bytes[skip..]);
    }

    /// A body that came with its head.
    fn skip_body(&mut self) {
        let skip = self.body_left.min(self.head.len());
        self.head.drain(..skip);
        self.body_left -= skip;
    }

    /// The head of the next request, where all of it is there.
    fn next_head(&mut self) -> Option<Vec<u8>> {
        if self.ends {
            return None;
        }
        let (end, gap) = match find(&self.head, b"\r\n\r\n") {
            Some(end) => (end, 4),
            None => (find(&self.head, b"\n\n")?, 2),
        };
        let rest = self.head.split_off(end + gap);
        Some(std::mem::replace(&mut self.head, rest))
    }

    /// Writes what there is room for; whether the connection stands.
    fn write(&mut self, world: &mut World, socket: SockId) -> bool {
        while !self.out.is_empty() {
            match world.send(socket, None, &self.out) {
                Ok(count) => drop(self.out.drain(..count)),
                Err(Errno::Eagain) => return true,
                Err(_) => return false,
            }
        }
        !self.ends
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// What a request says.
struct Request {
    method: String,
    path: String,
    version: String,
    headers: Vec<(String, String)>,
    length: usize,
    keep: bool,
}

impl Request {
    fn read(head: &[u8]) -> Self {
        let text = String::from_utf8_lossy(head);
        let mut lines = text.lines();
        let mut words = lines.next().unwrap_or_default().split_whitespace();
        let mut word = || words.next().unwrap_or_default().to_owned();
        let (method, path, version) = (word(), word(), word());
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
            .collect();
        let header = |wanted: &str| {
            let found = headers
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.map(|(_, value)| value.to_ascii_lowercase())
        };
        let connection = header("connection").unwrap_or_default();
        let keep = match version.as_str() {
            "HTTP/1.1" => connection != "close",
            _ => connection == "keep-alive",
        };
        let length = header("content-length").and_then(|value| value.parse().ok());
        Self {
            length: length.unwrap_or(0),
            method,
            path,
            version,
            headers,
            keep,
        }
    }
}

/// The status of the answer to a request, and all of it.
fn answer(site: &Site, request: &Request, world: &World, socket: SockId) -> (u16, Vec<u8>) {
    let path = request.path.split(['?', '#']).next().unwrap_or_default();
    let (status, server, kind, body) = match site {
        _ if !matches!(request.version.as_str(), "HTTP/1.0" | "HTTP/1.1" | "") => (
            "400 Bad Request",
            "",
            "text/plain",
            b"Bad Request\n".to_vec(),
        ),
        Site::Whoami { hostname } => {
            let body = whoami(hostname, request, world, socket);
            ("200 OK", "", "text/plain; charset=utf-8", body.into_bytes())
        }
        Site::Pages { server, pages } => {
            let wanted = |(known, ..): &&(String, String, Vec<u8>)| {
                known == path || (known == "/" && path == "/index.html")
            };
            match pages.iter().find(wanted) {
                _ if !matches!(request.method.as_str(), "GET" | "HEAD" | "POST") => {
                    let body = b"Method Not Allowed\n".to_vec();
                    (
                        "405 Method Not Allowed",
                        server.as_str(),
                        "text/plain",
                        body,
                    )
                }
                Some((_, kind, content)) => {
                    ("200 OK", server.as_str(), kind.as_str(), content.clone())
                }
                None => {
                    let body = not_found(server).into_bytes();
                    ("404 Not Found", server.as_str(), "text/html", body)
                }
            }
        }
    };
    let mut head = format!("HTTP/1.1 {status}\r\n");
    if !server.is_empty() {
        let _ = write!(head, "Server: {server}\r\n");
    }
    let _ = write!(
        head,
        "Date: {}\r\nContent-Type: {kind}\r\n",
        date(world.now())
    );
    let connection = if request.keep { "keep-alive" } else { "close" };
    let _ = write!(
        head,
        "Content-Length: {}\r\nConnection: {connection}\r\n\r\n",
        body.len()
    );
    let mut bytes = head.into_bytes();
    if request.method != "HEAD" {
        bytes.extend_from_slice(&body);
    }
    let number = status
        .split(' ')
        .next()
        .and_then(|number| number.parse().ok());
    (number.unwrap_or(0), bytes)
}

fn python_line(now: SimTime, from: IpAddr, request: &Request, status: u16) -> String {
    let (year, month, day) = civil(now);
    let (month, clock) = (MONTHS[(month - 1) as usize], clock(now));
    let head = format!("{from} - - [{day:02}/{month}/{year} {clock}]");
    let Request {
        method,
        path,
        version,
        ..
    } = request;
    let why = match status {
        404 => format!("{head} code 404, message File not found\n"),
        _ => String::new(),
    };
    format!("{why}{head} \"{method} {path} {version}\" {status} -\n")
}

fn not_found(server: &str) -> String {
    format!(
        "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n\
         <hr><center>{server}</center>\r\n</body>\r\n</html>\r\n"
    )
}

fn whoami(hostname: &str, request: &Request, world: &World, socket: SockId) -> String {
    let mut text = format!("Hostname: {hostname}\n");
    if let Some(here) = world.local_addr(socket) {
        let _ = writeln!(text, "IP: {}", here.ip());
    }
    if let Some(from) = world.peer_addr(socket) {
        let _ = writeln!(text, "RemoteAddr: {from}");
    }
    let _ = write!(
        text,
        "{} {} {}\r\n",
        request.method, request.path, request.version
    );
    let mut headers = request.headers.clone();
    // Go prints the host first and the rest in order of their names.
    headers.sort_by_key(|(name, _)| (!name.eq_ignore_ascii_case("host"), name.clone()));
    for (name, value) in headers {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    text + "\r\n"
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A date as HTTP writes it. The world begins with the year 1970, as captures have it.
pub fn date(now: SimTime) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let (year, month, day) = civil(now);
    let seconds = now.as_millis() / 1_000;
    let weekday = DAYS[(seconds / 86_400 % 7) as usize];
    let clock = clock(now);
    format!(
        "{weekday}, {day:02} {} {year} {clock} GMT",
        MONTHS[(month - 1) as usize]
    )
}

/// Hours, minutes and seconds of a day.
pub fn clock(now: SimTime) -> String {
    let second = now.as_millis() / 1_000 % 86_400;
    format!(
        "{:02}:{:02}:{:02}",
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

/// Year, month and day of the Gregorian calendar.
pub fn civil(now: SimTime) -> (u64, u64, u64) {
    let mut left = now.as_millis() / 86_400_000;
    let mut year = 1970;
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    while left >= 365 + u64::from(leap(year)) {
        left -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    (year, month, left + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_follows_the_virtual_clock() {
        assert_eq!(date(SimTime::ZERO), "Thu, 01 Jan 1970 00:00:00 GMT");
        let later = SimTime::ZERO + std::time::Duration::from_secs(1_709_168_461);
        assert_eq!(date(later), "Thu, 29 Feb 2024 01:01:01 GMT");
    }

    #[test]
    fn a_request_names_its_method_path_and_whether_it_is_the_last() {
        let request = Request::read(b"GET /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n");
        assert_eq!(
            (request.method.as_str(), request.path.as_str()),
            ("GET", "/a?b")
        );
        assert_eq!((request.length, request.keep), (4, true));
        assert!(!Request::read(b"GET / HTTP/1.0\r\n\r\n").keep);
    }
}
