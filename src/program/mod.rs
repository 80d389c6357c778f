//! F6: programs that run in a namespace in virtual time, polled like a socket.
//! They use the kernel floor's requests and sockets as a process uses system calls.

pub mod arping;
pub mod explain;
pub mod fetch;
pub mod http;
pub mod iperf;
pub mod nc;
pub mod ping;
pub mod resolve;
pub mod sleep;
pub mod tcpdump;
#[cfg(test)]
pub(crate) mod tests;
pub mod traceroute;

use crate::kernel::World;
use crate::units::{SimTime, SockId};

/// What runs in a namespace in virtual time: `ping`, `tcpdump`, `nc`, ...
///
/// It acts only when it is polled or signalled: it uses the world's sockets as a process uses
/// system calls, and says when it wants to be polled again.
#[derive(Clone, Debug)]
pub enum Program {
    /// `arping`.
    Arping(Box<arping::Arping>),
    /// Another program, whose frames are told at its end.
    Explained(Box<explain::Explained>),
    /// `curl`.
    Curl(Box<fetch::curl::Curl>),
    /// A web server.
    Http(Box<http::Http>),
    /// `iperf3 -c`.
    IperfClient(Box<iperf::client::Client>),
    /// `iperf3 -s`.
    IperfServer(Box<iperf::server::Server>),
    /// `nc`.
    Nc(Box<nc::Nc>),
    /// `ping`.
    Ping(Box<ping::Ping>),
    /// `traceroute`.
    Traceroute(Box<traceroute::Traceroute>),
    /// `sleep`.
    Sleep(sleep::Sleep),
    /// `tcpdump`, capturing.
    Tcpdump(Box<tcpdump::Capture>),
    /// `wget`.
    Wget(Box<fetch::wget::Wget>),
}

impl Program {
    /// Does what can be done now. To be called once at the start, when one of its sockets has
    /// news ([`World::take_woken`]), and at the time that it asked for.
    pub fn poll(&mut self, world: &mut World, console: &mut Console) -> Poll {
        match self {
            Self::Arping(arping) => arping.poll(world, console),
            Self::Explained(explained) => explained.poll(world, console),
            Self::Curl(curl) => curl.poll(world, console),
            Self::Http(http) => http.poll(world, console),
            Self::IperfClient(client) => client.poll(world, console),
            Self::IperfServer(server) => server.poll(world, console),
            Self::Nc(nc) => nc.poll(world, console),
            Self::Ping(ping) => ping.poll(world, console),
            Self::Traceroute(traceroute) => traceroute.poll(world, console),
            Self::Sleep(sleep) => sleep.poll(world),
            Self::Tcpdump(capture) => capture.poll(world, console),
            Self::Wget(wget) => wget.poll(world, console),
        }
    }

    /// A signal that it handles (see [`Program::signals`]) has come.
    pub fn signal(&mut self, world: &mut World, console: &mut Console, signal: Signal) -> Poll {
        match self {
            Self::Arping(arping) => arping.signal(),
            Self::Explained(explained) => return explained.signal(world, console, signal),
            Self::Ping(ping) => ping.signal(signal),
            Self::IperfClient(client) => return client.interrupt(world, console),
            Self::IperfServer(_) => {
                console.err("iperf3: interrupt - the server has terminated\n");
                return Poll::Exit(1);
            }
            Self::Nc(nc) => nc.signal(console),
            Self::Curl(_)
            | Self::Http(_)
            | Self::Traceroute(_)
            | Self::Sleep(_)
            | Self::Wget(_) => {}
            Self::Tcpdump(capture) => return capture.signal(world, console, signal),
        }
        self.poll(world, console)
    }

    /// The signals that it handles; of any other it dies.
    pub fn signals(&self) -> &'static [Signal] {
        match self {
            Self::Arping(_) => &[Signal::Interrupt, Signal::Quit, Signal::Terminate],
            Self::Explained(explained) => explained.inner().signals(),
            Self::Ping(_) => &[Signal::Interrupt, Signal::Quit, Signal::Alarm],
            Self::IperfClient(_) | Self::IperfServer(_) => &[Signal::Interrupt, Signal::Terminate],
            Self::Nc(_) => nc::Nc::SIGNALS,
            Self::Curl(_)
            | Self::Http(_)
            | Self::Traceroute(_)
            | Self::Sleep(_)
            | Self::Wget(_) => &[],
            Self::Tcpdump(_) => tcpdump::Capture::SIGNALS,
        }
    }

    /// Whether it drives the clock, as `ping` does; one that only listens (`tcpdump`, `nc -l`)
    /// does not.
    pub fn is_active(&self) -> bool {
        match self {
            Self::Arping(_) | Self::Ping(_) | Self::Traceroute(_) | Self::Sleep(_) => true,
            Self::Explained(explained) => explained.inner().is_active(),
            Self::Curl(_) | Self::Wget(_) | Self::IperfClient(_) => true,
            Self::Nc(nc) => nc.is_active(),
            Self::Tcpdump(_) | Self::Http(_) | Self::IperfServer(_) => false,
        }
    }

    /// The sockets whose news it waits for.
    pub fn sockets(&self) -> Vec<SockId> {
        match self {
            Self::Arping(arping) => vec![arping.socket()],
            Self::Explained(explained) => explained.inner().sockets(),
            Self::Curl(curl) => curl.sockets(),
            Self::Http(http) => http.sockets(),
            Self::IperfClient(client) => client.sockets(),
            Self::IperfServer(server) => server.sockets(),
            Self::Nc(nc) => nc.sockets(),
            Self::Wget(wget) => wget.sockets(),
            Self::Ping(ping) => vec![ping.socket()],
            Self::Traceroute(traceroute) => traceroute.sockets(),
            Self::Sleep(_) => Vec::new(),
            Self::Tcpdump(capture) => vec![capture.socket()],
        }
    }

    /// Whether it reads standard input.
    pub fn reads_stdin(&self) -> bool {
        match self {
            Self::Nc(nc) => nc.reads_stdin(),
            Self::Explained(explained) => explained.inner().reads_stdin(),
            _ => false,
        }
    }

    /// A part of standard input has come; an empty one is its end.
    pub fn stdin(&mut self, world: &mut World, console: &mut Console, bytes: &[u8]) -> Poll {
        self.take_input(bytes);
        self.poll(world, console)
    }

    fn take_input(&mut self, bytes: &[u8]) {
        match self {
            Self::Nc(nc) => nc.stdin(bytes),
            Self::Explained(explained) => explained.inner_mut().take_input(bytes),
            _ => {}
        }
    }

    /// Closes its sockets: it has ended, or was killed.
    pub fn close(&mut self, world: &mut World) {
        for socket in self.sockets() {
            world.close_socket(socket);
        }
    }
}

/// A signal that a program can handle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGQUIT: Ctrl-\\, at which `ping` prints a line of statistics and goes on.
    Quit,
    /// SIGTERM: what `kill` sends.
    Terminate,
    /// SIGHUP: the terminal is gone.
    Hangup,
    /// SIGALRM.
    Alarm,
    /// SIGUSR1, at which `tcpdump` prints its counts.
    User1,
    /// SIGUSR2.
    User2,
}

/// What a program says when it has been polled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Poll {
    /// It has ended with this exit status.
    Exit(i32),
    /// It waits for its sockets, and for this time where there is one.
    Wait(Option<SimTime>),
}

/// What a program or tool printed, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Console {
    /// The pieces, in the order in which they were printed.
    pub pieces: Vec<Piece>,
}

/// A piece of output.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    /// For standard output.
    Out(Vec<u8>),
    /// For standard error.
    Err(Vec<u8>),
    /// To be written to a file: created and emptied first where `fresh`.
    File {
        /// The path as typed.
        path: String,
        /// Whether the file begins with this piece.
        fresh: bool,
        /// What to write.
        bytes: Vec<u8>,
    },
}

impl Console {
    /// Prints to standard output.
    pub fn out(&mut self, text: impl AsRef<[u8]>) {
        let text = text.as_ref();
        match self.pieces.last_mut() {
            _ if text.is_empty() => {}
            Some(Piece::Out(bytes)) => bytes.extend_from_slice(text),
            _ => self.pieces.push(Piece::Out(text.to_vec())),
        }
    }

    /// Prints to standard error.
    pub fn err(&mut self, text: impl AsRef<[u8]>) {
        let text = text.as_ref();
        match self.pieces.last_mut() {
            _ if text.is_empty() => {}
            Some(Piece::Err(bytes)) => bytes.extend_from_slice(text),
            _ => self.pieces.push(Piece::Err(text.to_vec())),
        }
    }

    /// Writes to a file of the caller's.
    pub fn file(&mut self, path: &str, fresh: bool, bytes: Vec<u8>) {
        self.pieces.push(Piece::File {
            path: path.to_owned(),
            fresh,
            bytes,
        });
    }

    /// Takes everything printed so far.
    pub fn take(&mut self) -> Vec<Piece> {
        std::mem::take(&mut self.pieces)
    }
}
