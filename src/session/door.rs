//! Who comes into a session, and how bytes move: polling, accepting, the first message.
//! What is done with a message is the server's business.

use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};

use super::backend::{Backend, Invocation};
use super::connection::{Connection, timespec};
use super::proto::{Hello, Reply, Request};
use super::server::{Client, Server, State};

/// How long a connection may take to say what it wants.
const GREETING_MAX: Duration = Duration::from_secs(10);

impl<B: Backend> Server<B> {
    /// Waits for somebody to speak, up to `timeout`, and moves bytes. Whether something came.
    pub(super) fn pump(&mut self, timeout: Option<Duration>) -> bool {
        let ready = self.wait_ready(timeout);
        let mut progress = false;
        for (id, flags) in ready.clients {
            progress |= self.exchange(id, flags);
        }
        if ready.listener {
            progress |= self.accept();
        }
        self.alarmed |= ready.alarmed;
        progress |= self.greet();
        self.clients.retain(|_, client| {
            !(client.connection.is_gone() && matches!(client.state, State::Leaving))
        });
        progress || ready.alarmed
    }

    fn wait_ready(&self, timeout: Option<Duration>) -> Ready {
        let full = self.clients.len() >= self.clients_max;
        let listen = if full {
            PollFlags::empty()
        } else {
            PollFlags::IN
        };
        let mut fds = vec![PollFd::new(&self.listener, listen)];
        if let Some(caught) = &self.caught {
            let interest = if self.alarmed {
                PollFlags::empty()
            } else {
                PollFlags::IN
            };
            fds.push(PollFd::new(caught, interest));
        }
        let others = fds.len();
        let present: Vec<_> = self
            .clients
            .iter()
            .filter(|(_, client)| !client.connection.is_gone())
            .collect();
        for (_, client) in &present {
            fds.push(PollFd::new(
                &client.connection,
                client.connection.interest(),
            ));
        }
        // A full house looks from time to time whether a silent guest is to be shown out.
        let timeout = match full {
            true => Some(timeout.unwrap_or(Duration::MAX).min(Duration::from_secs(1))),
            false => timeout,
        };
        if poll(&mut fds, timeout.map(timespec).as_ref()).is_err() {
            return Ready::default();
        }
        let is_ready = |fd: Option<&PollFd<'_>>| fd.is_some_and(|fd| !fd.revents().is_empty());
        Ready {
            listener: is_ready(fds.first()),
            alarmed: self.caught.is_some() && is_ready(fds.get(1)),
            clients: present
                .iter()
                .zip(&fds[others..])
                .filter(|(_, fd)| !fd.revents().is_empty())
                .map(|((id, _), fd)| (**id, fd.revents()))
                .collect(),
        }
    }

    /// Moves bytes for one client. Whether it said something.
    fn exchange(&mut self, id: u64, flags: PollFlags) -> bool {
        let Some(client) = self.clients.get_mut(&id) else {
            return false;
        };
        if flags.contains(PollFlags::OUT) {
            client.connection.flush();
        }
        if flags.intersects(PollFlags::IN | PollFlags::HUP | PollFlags::ERR) {
            client.connection.receive();
            if flags.intersects(PollFlags::ERR) {
                client.connection.give_up();
            }
            return true;
        }
        false
    }

    /// Takes in whoever knocks, if it is the same user.
    fn accept(&mut self) -> bool {
        let mut progress = false;
        while self.clients.len() < self.clients_max {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return progress,
            };
            let Some(pid) = peer_of(&stream) else {
                continue;
            };
            let Ok(mut connection) = Connection::new(stream) else {
                continue;
            };
            connection.receive();
            self.next_connection += 1;
            let client = Client {
                connection,
                pid,
                turn: None,
                state: State::Greeting(Instant::now()),
                call: None,
                tool: String::new(),
                fetched: Vec::new(),
                next_handle: 0,
                reads_stdin: false,
                stalled: false,
            };
            self.clients.insert(self.next_connection, client);
            progress = true;
        }
        progress
    }

    /// Hears what new connections want, and shows out who says nothing or the wrong word.
    fn greet(&mut self) -> bool {
        let mut progress = false;
        for client in self.clients.values_mut() {
            let State::Greeting(since) = client.state else {
                continue;
            };
            match client.connection.take() {
                Some(Request::Hello(hello)) if hello.token == self.token => {
                    let call = invocation_of(hello, client.pid);
                    client.tool = call.tool().to_owned();
                    client.state = State::Called(Box::new(call));
                    progress = true;
                }
                Some(_) => {
                    let words = "this is not the session's token".to_owned();
                    client.connection.send(&Reply::Refuse(words));
                    client.connection.flush();
                    client.state = State::Leaving;
                }
                None if client.connection.is_gone() || since.elapsed() > GREETING_MAX => {
                    client.connection.give_up();
                    client.state = State::Leaving;
                }
                None => {}
            }
        }
        progress
    }
}

/// What `poll` found.
#[derive(Default)]
struct Ready {
    listener: bool,
    alarmed: bool,
    clients: Vec<(u64, PollFlags)>,
}

/// The process on the other side, if it belongs to the same user.
#[cfg(target_os = "linux")]
fn peer_of(stream: &UnixStream) -> Option<u32> {
    let peer = rustix::net::sockopt::socket_peercred(stream).ok()?;
    let same = peer.uid == rustix::process::geteuid();
    same.then(|| peer.pid.as_raw_nonzero().get().unsigned_abs())
}

/// The directory's mode keeps other users out; the process is not known.
#[cfg(not(target_os = "linux"))]
fn peer_of(_: &UnixStream) -> Option<u32> {
    Some(0)
}

fn invocation_of(hello: Hello, pid: u32) -> Invocation {
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    let pair = |bytes: &Vec<u8>| {
        let pair = text(bytes);
        let (name, value) = pair.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    };
    Invocation {
        argv: hello.argv.iter().map(text).collect(),
        env: hello.env.iter().filter_map(pair).collect(),
        cwd: PathBuf::from(text(&hello.cwd)),
        pid,
        stdin_tty: hello.terminals & 1 != 0,
        stdout_tty: hello.terminals & 2 != 0,
        stderr_tty: hello.terminals & 4 != 0,
        columns: (hello.columns > 0).then_some(hello.columns),
    }
}
