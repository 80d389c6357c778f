//! Names of namespaces and devices as a scenario writes them: `red`, `h2:red`, `red/eth0`, `h2:eth0`.
//! Whether there is such a thing is not asked here.

use std::fmt;

/// A namespace of a host.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct NetnsName {
    /// The host; the first where none is named.
    pub host: Option<String>,
    /// The namespace's name; empty for the root.
    pub netns: String,
}

/// A device of a namespace.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DevName {
    /// Where it is.
    pub netns: NetnsName,
    /// Its name.
    pub dev: String,
}

/// The longest name of a namespace: it is a file's.
const NETNS_NAME_MAX: usize = 255;
/// The longest name of a device (`IFNAMSIZ` less its end).
const DEV_NAME_MAX: usize = 15;

impl NetnsName {
    /// The root namespace of the first host.
    pub fn root() -> Self {
        Self::default()
    }

    /// Reads `NAME`, `HOST:NAME` or `HOST:`.
    ///
    /// # Errors
    /// Where it cannot be a name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (host, netns) = match text.split_once(':') {
            Some(("", _)) => return Err(format!("`{text}`: no host before the colon")),
            Some((host, netns)) => (Some(host.to_owned()), netns),
            None => (None, text),
        };
        let bad = netns.contains('/') || netns == "." || netns == "..";
        let bad = bad || netns.len() > NETNS_NAME_MAX || netns.starts_with('-');
        let bad = bad || netns.chars().any(|c| c.is_control() || c.is_whitespace());
        if bad || (netns.is_empty() && host.is_none()) {
            let short: String = text.chars().take(60).collect();
            return Err(format!("`{short}` cannot be the name of a namespace"));
        }
        Ok(Self {
            host,
            netns: netns.to_owned(),
        })
    }

    /// Whether it is the root namespace of its host.
    pub fn is_root(&self) -> bool {
        self.netns.is_empty()
    }
}

impl DevName {
    /// Reads `DEV`, `NETNS/DEV`, `HOST:DEV` or `HOST:NETNS/DEV`.
    ///
    /// # Errors
    /// Where it cannot be a device's name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (host, rest) = match text.split_once(':') {
            Some((host, rest)) => (Some(host), rest),
            None => (None, text),
        };
        let (netns, dev) = match rest.split_once('/') {
            Some(("", _)) => return Err(format!("`{text}`: no namespace before the slash")),
            Some((netns, dev)) => (netns, dev),
            None => ("", rest),
        };
        let bad = dev.is_empty() || dev == "." || dev == ".." || dev.starts_with('-');
        let bad = bad || dev.len() > DEV_NAME_MAX;
        if bad
            || dev
                .chars()
                .any(|c| c == '/' || c == ':' || c.is_whitespace() || c.is_control())
        {
            let short: String = text.chars().take(60).collect();
            return Err(format!("`{short}` cannot be the name of a device"));
        }
        let netns = match (host, netns) {
            (None, "") => NetnsName::root(),
            (None, netns) => NetnsName::parse(netns)?,
            (Some(host), netns) => NetnsName::parse(&format!("{host}:{netns}"))?,
        };
        Ok(Self {
            netns,
            dev: dev.to_owned(),
        })
    }
}

impl fmt::Display for NetnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.host, self.netns.as_str()) {
            (Some(host), netns) => write!(f, "{host}:{netns}"),
            (None, "") => f.write_str("the root namespace"),
            (None, netns) => f.write_str(netns),
        }
    }
}

impl fmt::Display for DevName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(host) = &self.netns.host {
            write!(f, "{host}:")?;
        }
        if !self.netns.is_root() {
            write!(f, "{}/", self.netns.netns)?;
        }
        f.write_str(&self.dev)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_written_back_as_it_was_read() {
        for text in ["eth0", "red/eth0", "h2:eth0", "h2:red/eth0"] {
            assert_eq!(DevName::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "/eth0",
            "red/",
            "a/b/c",
            "a b",
            "sixteen-letters-x",
            "h:",
            ":x",
            "-x",
        ] {
            assert!(DevName::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_host_with_a_colon_is_its_root_namespace() {
        assert!(NetnsName::parse("h2:").unwrap().is_root());
        for text in ["", "a/b", "..", ":x", "a b"] {
            assert!(NetnsName::parse(text).is_err(), "{text}");
        }
    }
}
