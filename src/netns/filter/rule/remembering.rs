//! The matches `owner`, `connlimit` and `recent` as data, and in words (`xt_owner.h`, `xt_connlimit.h`, `xt_recent.h`).
//! What they mean for a packet is in `eval`.

use std::fmt::Write;

use super::{Family, Maybe};

/// What is asked of the process whose socket sends a packet.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash, Debug)]
pub struct Owner {
    /// First and last of its users.
    pub uid: Option<Maybe<(u32, u32)>>,
    /// First and last of its groups.
    pub gid: Option<Maybe<(u32, u32)>>,
    /// Whether there is a socket.
    pub socket: Option<bool>,
}

/// How many connections there may be of one network.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ConnLimit {
    /// So many are not too many.
    pub limit: u32,
    /// Whether it holds up to the limit, and not above it.
    pub upto: bool,
    /// Leading bits of an address that make a network; 255 is all of it.
    pub bits: u8,
    /// Whether the destinations are counted.
    pub of_destination: bool,
}

/// What is done with a list of addresses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RecentDo {
    /// `--set`: noted.
    Set,
    /// `--rcheck`: looked for.
    Check,
    /// `--update`: looked for and noted again.
    Update,
    /// `--remove`: taken off.
    Remove,
}

/// A list of addresses that were seen.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Recent {
    /// What is done; nothing while the options are being read.
    pub what: Option<Maybe<RecentDo>>,
    /// Seen within so many seconds; 0 is ever.
    pub seconds: u32,
    /// Whether the oldest is taken off once it is older than that.
    pub reap: bool,
    /// Seen so many times; 0 is once.
    pub hits: u32,
    /// Whether the TTL has to be the same.
    pub ttl: bool,
    /// The name of the list.
    pub name: String,
    /// The mask of the addresses; all ones is the whole of either family.
    pub mask: u128,
    /// Whether destinations are noted.
    pub of_destination: bool,
}

fn span((first, last): (u32, u32)) -> String {
    match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    }
}

fn bang(not: bool) -> &'static str {
    if not { "! " } else { "" }
}

impl Owner {
    /// As `-S` prints it.
    pub fn saved(&self) -> String {
        let mut out = " -m owner".to_owned();
        for (name, ids) in [("uid", self.uid), ("gid", self.gid)] {
            if let Some(ids) = ids {
                let _ = write!(out, " {}--{name}-owner {}", bang(ids.not), span(ids.value));
            }
        }
        if let Some(is) = self.socket {
            let _ = write!(out, " {}--socket-exists", bang(!is));
        }
        out
    }

    /// As `-L` prints it.
    pub fn listed(&self, numeric: bool) -> String {
        let mut parts = Vec::new();
        for (name, ids) in [("UID", self.uid), ("GID", self.gid)] {
            if let Some(ids) = ids {
                let who = match ids.value {
                    (0, 0) if !numeric => "root".to_owned(),
                    value => span(value),
                };
                parts.push(format!("{}owner {name} match {who}", bang(ids.not)));
            }
        }
        if let Some(is) = self.socket {
            parts.push(format!("{}owner socket exists", bang(!is)));
        }
        parts.join(" ")
    }
}

impl Default for ConnLimit {
    fn default() -> Self {
        Self {
            limit: 0,
            upto: false,
            bits: u8::MAX,
            of_destination: false,
        }
    }
}

impl ConnLimit {
    /// As `-S` prints it.
    pub fn saved(&self, family: Family) -> String {
        let how = if self.upto { "upto" } else { "above" };
        let of = if self.of_destination {
            "daddr"
        } else {
            "saddr"
        };
        let (limit, bits) = (self.limit, self.bits.min(family.bits()));
        format!(" -m connlimit --connlimit-{how} {limit} --connlimit-mask {bits} --connlimit-{of}")
    }

    /// As `-L` prints it.
    pub fn listed(&self, family: Family) -> String {
        let bits = self.bits.min(family.bits());
        let how = if self.upto { "<=" } else { ">" };
        let of = if self.of_destination { "dst" } else { "src" };
        format!("#conn {of}/{bits} {how} {}", self.limit)
    }
}

impl Default for Recent {
    fn default() -> Self {
        Self {
            what: None,
            seconds: 0,
            reap: false,
            hits: 0,
            ttl: false,
            name: "DEFAULT".to_owned(),
            mask: u128::MAX,
            of_destination: false,
        }
    }
}

impl Recent {
    /// As `-S` prints it.
    pub fn saved(&self, family: Family) -> String {
        let mut out = " -m recent".to_owned();
        if let Some(what) = self.what {
            let word = match what.value {
                RecentDo::Set => "set",
                RecentDo::Check => "rcheck",
                RecentDo::Update => "update",
                RecentDo::Remove => "remove",
            };
            let _ = write!(out, " {}--{word}", bang(what.not));
        }
        if self.seconds != 0 {
            let _ = write!(out, " --seconds {}", self.seconds);
        }
        out.push_str(if self.reap { " --reap" } else { "" });
        if self.hits != 0 {
            let _ = write!(out, " --hitcount {}", self.hits);
        }
        out.push_str(if self.ttl { " --rttl" } else { "" });
        let _ = write!(
            out,
            " --name {} --mask {}",
            self.name,
            family.addr(self.mask)
        );
        out.push_str(if self.of_destination {
            " --rdest"
        } else {
            " --rsource"
        });
        out
    }

    /// As `-L` prints it.
    pub fn listed(&self, family: Family) -> String {
        let mut out = String::new();
        if let Some(what) = self.what {
            let word = match what.value {
                RecentDo::Set => "SET",
                RecentDo::Check => "CHECK",
                RecentDo::Update => "UPDATE",
                RecentDo::Remove => "REMOVE",
            };
            let _ = write!(out, "{}recent: {word}", bang(what.not));
        }
        if self.seconds != 0 {
            let _ = write!(out, " seconds: {}", self.seconds);
        }
        out.push_str(if self.reap { " reap" } else { "" });
        if self.hits != 0 {
            let _ = write!(out, " hit_count: {}", self.hits);
        }
        out.push_str(if self.ttl { " TTL-Match" } else { "" });
        let side = if self.of_destination {
            "dest"
        } else {
            "source"
        };
        let mask = family.addr(self.mask);
        let _ = write!(out, " name: {} side: {side} mask: {mask}", self.name);
        out
    }

    /// Whether it may stand in a rule (`recent_mt_check`).
    pub fn is_sound(&self) -> bool {
        let looks = matches!(
            self.what.map(|what| what.value),
            Some(RecentDo::Check | RecentDo::Update)
        );
        let asks = self.seconds != 0 || self.hits != 0 || self.ttl || self.reap;
        (looks || !asks) && (!self.reap || self.seconds != 0) && !self.name.is_empty()
    }
}
