//! A directory with a capture of each device that sent or got a frame; few files are open at a time.
//! The bytes of a file are `pcapng`'s.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use super::pcapng::{self, Direction};
use crate::engine::trace::{Loss, Names, Noted, Place, Verdict};
use crate::kernel::World;

/// How many files are open at most.
const OPEN_MAX: usize = 64;
/// How many bytes wait for one file.
const WAITING_MAX: usize = 64 << 10;

/// The name of a device's file: `HOST.NETNS.DEV.pcapng`. Characters that are no letter, digit, `-` or `_`
/// are written as `%XX`; the root namespace is `root`, and a namespace of that name `%72oot`.
///
/// ```
/// use vethlab::capture::file_name;
/// use vethlab::engine::trace::Place;
///
/// let place = |netns: &str, dev: &str| Place { host: "host".into(), netns: netns.into(), dev: dev.into() };
/// assert_eq!(file_name(&place("red", "eth0.10")), "host.red.eth0%2E10.pcapng");
/// assert_eq!(file_name(&place("", "br0")), "host.root.br0.pcapng");
/// assert_eq!(file_name(&place("root", "../x")), "host.%72oot.%2E%2E%2Fx.pcapng");
/// ```
pub fn file_name(place: &Place) -> String {
    let netns = match place.netns.as_str() {
        "" => "root".to_owned(),
        "root" => "%72oot".to_owned(),
        name => escaped(name),
    };
    format!(
        "{}.{netns}.{}.pcapng",
        escaped(&place.host),
        escaped(&place.dev)
    )
}

fn escaped(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// One file of the folder.
#[derive(Debug, Default)]
struct Capture {
    waiting: Vec<u8>,
    file: Option<File>,
    /// Whether it was there before, so that more is added to it.
    begun: bool,
    /// When it was used last.
    used: u64,
}

/// A directory of captures.
#[derive(Debug)]
pub struct CaptureFolder {
    directory: PathBuf,
    captures: BTreeMap<String, Capture>,
    clock: u64,
}

impl CaptureFolder {
    /// A folder, which is made where it is not there. Files of the same name are written anew.
    ///
    /// # Errors
    /// What the system says of the directory.
    pub fn new(directory: impl Into<PathBuf>) -> io::Result<Self> {
        let directory = directory.into();
        std::fs::create_dir_all(&directory)?;
        Ok(Self {
            directory,
            captures: BTreeMap::new(),
            clock: 0,
        })
    }

    /// Writes the frames of hops that were taken at once, all that one event led to among them.
    ///
    /// # Errors
    /// What the system says of a file.
    pub fn add(&mut self, noted: &[Noted], world: &World) -> io::Result<()> {
        for (index, one) in noted.iter().enumerate() {
            let direction = match one.hop.verdict {
                Verdict::Received => Direction::In,
                Verdict::Transmitted => Direction::Out,
                _ => continue,
            };
            let Some(dev) = one.hop.dev else {
                continue;
            };
            // As on Linux a frame is seen once on the loopback: as it comes in.
            if direction == Direction::Out && world.is_loopback(dev) {
                continue;
            }
            let place = world.place(one.hop.netns, Some(dev));
            let comment = comment(&noted[index..], world);
            let at = one.hop.at.as_nanos();
            self.packet(&place, at, direction, one.bytes.bytes(), comment.as_deref())?;
        }
        Ok(())
    }

    fn packet(
        &mut self,
        place: &Place,
        time_ns: u64,
        direction: Direction,
        frame: &[u8],
        comment: Option<&str>,
    ) -> io::Result<()> {
        self.clock += 1;
        let clock = self.clock;
        let name = file_name(place);
        if !self.captures.contains_key(&name) {
            let netns = place.netns_word();
            let description = format!("namespace {netns} of host {}", place.host);
            let capture = Capture {
                waiting: pcapng::head(&place.dev, &description),
                ..Capture::default()
            };
            self.captures.insert(name.clone(), capture);
        }
        let Some(capture) = self.captures.get_mut(&name) else {
            return Ok(());
        };
        capture.used = clock;
        pcapng::packet(&mut capture.waiting, time_ns, direction, frame, comment);
        match capture.waiting.len() >= WAITING_MAX {
            true => self.write(&name),
            false => Ok(()),
        }
    }

    /// Writes what waits for a file; the one that was used least recently is closed where too many are open.
    fn write(&mut self, name: &str) -> io::Result<()> {
        let open = self.captures.values().filter(|one| one.file.is_some());
        if open.count() >= OPEN_MAX {
            let oldest = self.captures.values_mut().filter(|one| one.file.is_some());
            if let Some(oldest) = oldest.min_by_key(|one| one.used) {
                oldest.file = None;
            }
        }
        let Some(capture) = self.captures.get_mut(name) else {
            return Ok(());
        };
        if capture.file.is_none() {
            let path = self.directory.join(name);
            let opened = match capture.begun {
                true => OpenOptions::new().append(true).open(&path),
                false => File::create(&path),
            };
            let named = |error: io::Error| {
                io::Error::new(error.kind(), format!("{}: {error}", path.display()))
            };
            capture.file = Some(opened.map_err(named)?);
            capture.begun = true;
        }
        if let Some(file) = &mut capture.file {
            file.write_all(&capture.waiting)?;
        }
        capture.waiting.clear();
        Ok(())
    }

    /// Writes everything that waits.
    ///
    /// # Errors
    /// What the system says of a file.
    pub fn finish(&mut self) -> io::Result<()> {
        let names: Vec<String> = self.captures.keys().cloned().collect();
        for name in names {
            self.write(&name)?;
        }
        Ok(())
    }
}

/// The loss of the copy that a hop begins with, where it is lost within the same event and at the same device.
fn comment(following: &[Noted], world: &World) -> Option<String> {
    let (first, rest) = following.split_first()?;
    let same = |noted: &&Noted| {
        let (a, b) = (&noted.hop, &first.hop);
        a.frame == b.frame && a.dev == b.dev && a.at == b.at
    };
    let here = rest
        .iter()
        .filter(same)
        .take_while(|noted| !matches!(noted.hop.verdict, Verdict::Received | Verdict::Transmitted));
    let lost = here.into_iter().find_map(|noted| match noted.hop.verdict {
        Verdict::Dropped(reason) => Some((noted, reason)),
        _ => None,
    });
    let (noted, reason) = lost?;
    let place = world.place(noted.hop.netns, noted.hop.dev);
    let loss = Loss {
        reason,
        by: noted.hop.by.as_ref(),
        place: &place,
        at: noted.hop.at,
    };
    Some(loss.told())
}
