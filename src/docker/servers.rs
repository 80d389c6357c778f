//! What runs in containers of known server images: web servers in virtual time, polled beside the callers' programs.
//! Other commands of containers that are not in the foreground do not run.

use std::net::{Ipv4Addr, SocketAddr};

use crate::docker::Engines;
use crate::docker::engine::Engine;
use crate::docker::image::{Image, Kind};
use crate::docker::model::Container;
use crate::kernel::World;
use crate::program::http::{Http, Site};
use crate::program::{Console, Piece, Poll, Program};
use crate::units::{SimTime, SockId};

/// A program that runs in a container.
#[derive(Clone, Debug)]
pub struct Server {
    program: Program,
    wake: Option<SimTime>,
}

impl Server {
    /// The name of its process, where it has that socket.
    pub(super) fn owner(&self, image: &str, socket: SockId) -> Option<String> {
        let has = self.program.sockets().contains(&socket);
        let command = Image::of(image).command.first().copied().unwrap_or("httpd");
        let name = match command {
            "/docker-entrypoint.sh" => "nginx",
            "httpd-foreground" => "httpd",
            path => path.rsplit('/').next().unwrap_or(path),
        };
        has.then(|| name.to_owned())
    }
}

impl Engine {
    /// Starts the server of a container, where its image is known to have one.
    pub(super) fn serve(&mut self, world: &mut World, id: &str) {
        let Some(container) = self.containers.get(id) else {
            return;
        };
        let (Some(site), Some(netns)) = (site_of(container), self.netns_of(container)) else {
            return;
        };
        let port = Image::of(&container.spec.image).port.unwrap_or(80);
        let any = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port);
        let server = Http::listen(world, netns, port, site.clone())
            .or_else(|_| Http::listen_at(world, netns, any, site));
        if let Ok(server) = server {
            let program = Program::Http(Box::new(server));
            // It is polled at once, so that it waits for its first connection.
            let wake = Some(world.now());
            self.servers.insert(id.to_owned(), Server { program, wake });
        }
    }

    /// Ends the server of a container.
    pub(super) fn unserve(&mut self, world: &mut World, id: &str) {
        if let Some(mut server) = self.servers.shift_remove(id) {
            server.program.close(world);
        }
    }
}

/// What the server of a container answers, where it has one.
fn site_of(container: &Container) -> Option<Site> {
    let spec = &container.spec;
    let image = Image::of(&spec.image);
    if image.kind != Kind::Http || spec.entrypoint.is_some() {
        return None;
    }
    let name = image.command.first().copied().unwrap_or_default();
    if !spec.command.is_empty() && !name.contains("http-echo") {
        return None;
    }
    Some(match name {
        "/docker-entrypoint.sh" => Site::nginx(),
        "httpd-foreground" => Site::httpd(),
        "/http-echo" => {
            let text = spec
                .command
                .iter()
                .find_map(|word| word.strip_prefix("-text="));
            let text = text.unwrap_or("hello-world").trim_matches('"');
            Site::page("", "text/plain; charset=utf-8", format!("{text}\n"))
        }
        _ => Site::Whoami {
            hostname: container.hostname().to_owned(),
        },
    })
}

impl Engines {
    /// Polls the servers in containers whose sockets have news, or whose time has come.
    pub fn poll_servers(&mut self, world: &mut World, woken: &[SockId]) {
        for engine in self.engines.values_mut() {
            engine.announce_due(world);
            engine.poll_proxies(world, woken);
            engine.poll_nameservers(world, woken);
            if engine.servers.is_empty() {
                continue;
            }
            for (id, server) in &mut engine.servers {
                let due = server.wake.is_some_and(|wake| wake <= world.now());
                let news = || {
                    server
                        .program
                        .sockets()
                        .iter()
                        .any(|socket| woken.contains(socket))
                };
                if !due && (woken.is_empty() || !news()) {
                    continue;
                }
                let mut console = Console::default();
                server.wake = match server.program.poll(world, &mut console) {
                    Poll::Wait(wake) => wake,
                    Poll::Exit(_) => None,
                };
                let Some(container) = engine.containers.get_mut(id) else {
                    continue;
                };
                for piece in console.take() {
                    match piece {
                        Piece::Out(bytes) | Piece::Err(bytes) => container.log.extend(bytes),
                        Piece::File { .. } => {}
                    }
                }
            }
        }
    }

    /// When a server wants to be polled next.
    pub fn next_wake(&self) -> Option<SimTime> {
        let servers = self
            .engines
            .values()
            .flat_map(|engine| engine.servers.values());
        let announced = self.engines.values().filter_map(Engine::next_announcement);
        let served = servers.filter_map(|server| server.wake);
        served.chain(announced).min()
    }
}
