//! Who types a scenario's commands: it finds hosts and namespaces by name, and keeps the files that tools write.
//! It judges nothing of what comes of them.

use std::collections::BTreeMap;

use crate::docker::{Engines, Era};
use crate::kernel::World;
use crate::program::Console;
use crate::scenario::checked::Command;
use crate::scenario::names::{DevName, NetnsName};
use crate::tool::{self, Call, Env, ExecRequest, FileError, Files, Finished, Shell};
use crate::units::{Errno, HostId, IfIndex, NetnsId};

/// The one who types.
#[derive(Clone, Debug, Default)]
pub struct Actor {
    /// Files that tools wrote, for those that read them later.
    files: BTreeMap<String, Vec<u8>>,
    /// The Docker engines of the hosts.
    docker: Engines,
}

/// The files of a scenario: nothing of the real machine.
struct Memory<'f>(&'f BTreeMap<String, Vec<u8>>);

impl Files for Memory<'_> {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, FileError> {
        self.0.get(path).cloned().ok_or(Errno::Enoent.into())
    }

    fn stdin(&mut self) -> Result<Vec<u8>, FileError> {
        Ok(Vec::new())
    }
}

/// The host of a name; the first where none is named.
pub fn host(world: &World, name: Option<&str>) -> Option<HostId> {
    match name {
        None => Some(world.default_host()),
        Some(name) => world.host_named(name),
    }
}

/// The namespace of a name.
pub fn netns(world: &World, name: &NetnsName) -> Option<NetnsId> {
    let host = host(world, name.host.as_deref())?;
    match name.netns.as_str() {
        "" => Some(world.host(host).root),
        netns => world.netns_named(host, netns),
    }
}

/// The device of a name.
pub fn device(world: &World, name: &DevName) -> Option<(NetnsId, IfIndex)> {
    let netns = netns(world, &name.netns)?;
    Some((netns, world.ifindex(netns, &name.dev)?))
}

impl Actor {
    /// Somebody on whose hosts `docker` is of this era.
    pub fn new(era: Era) -> Self {
        Self {
            files: BTreeMap::new(),
            docker: Engines::new(era),
        }
    }

    /// Types a command and lets it run to its end.
    pub fn run(&mut self, world: &mut World, command: &Command) -> Finished {
        let Some(host) = host(world, command.host.as_deref()) else {
            return Finished {
                stderr: format!(
                    "vethlab: no host {}\n",
                    command.host.as_deref().unwrap_or("")
                ),
                status: 3,
                ..Finished::default()
            };
        };
        let root = world.host(host).root;
        let mut shell = Shell::in_netns(world, host, root).with_docker(&mut self.docker);
        let finished = shell.run_words(&command.words, &mut Memory(&self.files));
        for (path, bytes) in &finished.files {
            self.files.insert(path.clone(), bytes.clone());
        }
        finished
    }

    /// What a tool prints that only looks, without any time passing.
    ///
    /// # Errors
    /// What it says on standard error.
    pub fn look(
        &mut self,
        world: &mut World,
        name: &NetnsName,
        words: &[&str],
    ) -> Result<String, String> {
        let netns = netns(world, name).ok_or_else(|| format!("there is no namespace {name}"))?;
        let host = host(world, name.host.as_deref()).ok_or("there is no such host")?;
        let mut console = Console::default();
        let env = Env::default();
        let mut files = Memory(&self.files);
        let mut call = Call {
            world,
            host,
            netns,
            console: &mut console,
            files: &mut files,
            env: &env,
            docker: &mut self.docker,
        };
        let request = ExecRequest {
            host,
            netns,
            netns_name: None,
            argv: words.iter().map(|&word| word.to_owned()).collect(),
            failure: String::new(),
            failure_status: 127,
        };
        let status = tool::run_now(&mut call, &request);
        let (mut out, mut err) = (Vec::new(), Vec::new());
        for piece in console.take() {
            match piece {
                crate::program::Piece::Out(bytes) => out.extend(bytes),
                crate::program::Piece::Err(bytes) => err.extend(bytes),
                crate::program::Piece::File { .. } => {}
            }
        }
        match status {
            Some(0) => Ok(String::from_utf8_lossy(&out).into_owned()),
            Some(_) | None => Err(String::from_utf8_lossy(&err).trim_end().to_owned()),
        }
    }
}
