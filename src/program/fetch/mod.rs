//! `curl` and `wget`: HTTP requests one after another, and what came of them.
//! Their words are read in `tool::curl` and `tool::wget`; a single exchange is in `transfer`.

pub mod curl;
mod transfer;
pub mod wget;

use std::net::SocketAddr;

use super::Console;
use crate::units::SimTime;
pub use transfer::{Failure, Happened, Head, Transfer};

/// Where the body goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sink {
    /// Standard output.
    Out,
    /// A file.
    File(String),
    /// Nowhere (`/dev/null`).
    Nowhere,
}

impl Sink {
    /// The file of this name; `-` is standard output.
    pub fn named(name: &str) -> Self {
        match name {
            "-" => Self::Out,
            "/dev/null" => Self::Nowhere,
            name => Self::File(name.to_owned()),
        }
    }

    /// Creates the file.
    pub fn create(&self, console: &mut Console) {
        if let Self::File(path) = self {
            console.file(path, true, Vec::new());
        }
    }

    /// Writes to its end.
    pub fn write(&self, console: &mut Console, bytes: &[u8]) {
        match self {
            Self::Out => console.out(bytes),
            Self::File(path) => console.file(path, false, bytes.to_vec()),
            Self::Nowhere => {}
        }
    }
}

/// An address on the web, as far as it is understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Url {
    /// `http` or another.
    pub scheme: String,
    /// The host, without brackets.
    pub host: String,
    /// The port, where it was written.
    pub port: Option<u16>,
    /// The path with the query; begins with a slash.
    pub path: String,
}

impl Url {
    /// Reads an address; without a scheme it is one of HTTP.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (place, path) = rest.split_at(end);
        let place = place.rsplit('@').next().unwrap_or_default();
        let (host, port) = match place.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']')?;
                (host, port.strip_prefix(':'))
            }
            None => match place.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (place, None),
            },
        };
        let port = match port {
            Some("") | None => None,
            Some(port) => Some(port.parse().ok()?),
        };
        if host.is_empty() || host.contains(char::is_whitespace) {
            return None;
        }
        let path = match path.strip_prefix('/') {
            Some(_) => path.to_owned(),
            None => format!("/{path}"),
        };
        Some(Self {
            scheme: scheme.to_ascii_lowercase(),
            host: host.to_owned(),
            port,
            path,
        })
    }

    /// The port that is meant.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.scheme.as_str() {
            "https" => 443,
            "ftp" => 21,
            _ => 80,
        })
    }

    /// As it stands in the header `Host`.
    pub fn place(&self) -> String {
        let host = match self.host.contains(':') {
            true => format!("[{}]", self.host),
            false => self.host.clone(),
        };
        match self.port {
            Some(port) if port != 80 => format!("{host}:{port}"),
            _ => host,
        }
    }

    /// Where a redirection leads from here.
    pub fn follow(&self, location: &str) -> Option<Self> {
        if location.contains("://") {
            return Self::parse(location);
        }
        let mut next = self.clone();
        next.path = match location.strip_prefix('/') {
            Some(_) => location.to_owned(),
            None => {
                let folder = self.path.rfind('/').map_or(0, |at| at + 1);
                format!("{}{location}", &self.path[..folder])
            }
        };
        Some(next)
    }
}

impl std::fmt::Display for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.place(), self.path)
    }
}

/// One thing to fetch: where, and the addresses that its host was found to have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Job {
    /// The address as it was typed.
    pub url: Url,
    /// Where to connect, with ports; empty where the host is not known.
    pub addresses: Vec<SocketAddr>,
    /// Where the body goes.
    pub sink: Sink,
}

/// Milliseconds between two instants, at least those of `least`.
fn millis(from: SimTime, to: SimTime) -> u64 {
    u64::try_from(to.since(from).as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart_as_they_are_typed() {
        let url = Url::parse("10.0.0.2:8000").unwrap();
        assert_eq!(url.to_string(), "http://10.0.0.2:8000/");
        let url = Url::parse("http://[fd00::1]:81/a/b?c#d").unwrap();
        assert_eq!(
            (url.host.as_str(), url.port(), url.path.as_str()),
            ("fd00::1", 81, "/a/b?c")
        );
        assert_eq!(url.follow("x").unwrap().path, "/a/x");
        assert_eq!(url.follow("http://web/").unwrap().host, "web");
        assert!(Url::parse("http://").is_none() && Url::parse("http://a:b/").is_none());
    }
}
