//! One HTTP exchange over one connection: connect, ask, read the head and the body.
//! What is printed of it is in `curl` and `wget`.

use std::net::SocketAddr;

use crate::kernel::World;
use crate::netns::socket::SocketKind;
use crate::netns::socket::tcp::TcpState;
use crate::units::{Errno, NetnsId, SimTime, SockId};

/// The longest head that is read.
const HEAD_MAX: usize = 300 * 1024;
/// The most that is read at once.
const PIECE: usize = 65_536;

/// The head of an answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Head {
    /// Its lines without their ends.
    pub lines: Vec<String>,
    /// The status.
    pub status: u16,
    /// What follows the status.
    pub reason: String,
    /// Whether it is of HTTP/1.0.
    pub old: bool,
    /// How long the body is, where that is said.
    pub length: Option<u64>,
}

impl Head {
    fn read(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut words = lines.first()?.splitn(3, ' ');
        let version = words.next()?;
        if !version.starts_with("HTTP/") {
            return None;
        }
        let status = words.next()?.parse().ok()?;
        let reason = words.next().unwrap_or_default().trim().to_owned();
        let old = version == "HTTP/1.0";
        let mut head = Self {
            lines,
            status,
            reason,
            old,
            length: None,
        };
        head.length = head
            .header("content-length")
            .and_then(|value| value.parse().ok());
        Some(head)
    }

    /// The value of a header.
    pub fn header(&self, wanted: &str) -> Option<&str> {
        let mut found = self
            .lines
            .iter()
            .skip(1)
            .filter_map(|line| line.split_once(':'));
        let found = found.find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.trim())
    }
}

/// Why an exchange did not come to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// No connection.
    Connect(Errno),
    /// The connection broke.
    Broken(Errno),
    /// It was closed before anything was answered.
    Empty,
    /// It was closed in the body: so many bytes were missing.
    Short(u64),
    /// The answer is none of HTTP.
    Weird,
}

/// What happened at a look.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Happened {
    /// Nothing: there will be news.
    Nothing,
    /// The connection stands.
    Connected,
    /// The head of the answer is there.
    Head(Box<Head>),
    /// A part of the body is there.
    Body(Vec<u8>),
    /// All is there.
    Done,
    /// It has failed.
    Failed(Failure),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Connecting,
    Asking,
    Body { left: Option<u64>, chunked: bool },
    Over,
}

/// An exchange that was begun.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// Its socket.
    pub socket: SockId,
    stage: Stage,
    /// Whether the answer has no body (HEAD).
    bodiless: bool,
    request: Vec<u8>,
    input: Vec<u8>,
    ended: bool,
    /// When it began.
    pub began: SimTime,
    /// When the connection stood.
    pub connected: Option<SimTime>,
    /// Bytes of the body so far.
    pub body: u64,
}

impl Transfer {
    /// Begins to connect.
    ///
    /// # Errors
    /// What the system says at once.
    pub fn begin(
        world: &mut World,
        netns: NetnsId,
        to: SocketAddr,
        request: Vec<u8>,
        bodiless: bool,
    ) -> Result<Self, Errno> {
        let kind = match to.is_ipv6() {
            true => SocketKind::Tcp6,
            false => SocketKind::Tcp4,
        };
        let socket = world.socket(netns, kind)?;
        match world.connect(socket, to) {
            Ok(()) | Err(Errno::Einprogress) => Ok(Self {
                socket,
                stage: Stage::Connecting,
                bodiless,
                request,
                input: Vec::new(),
                ended: false,
                began: world.now(),
                connected: None,
                body: 0,
            }),
            Err(errno) => {
                world.close_socket(socket);
                Err(errno)
            }
        }
    }

    /// Whether the connection stands.
    pub fn is_connected(&self) -> bool {
        self.stage != Stage::Connecting
    }

    /// Does the next thing that can be done.
    pub fn look(&mut self, world: &mut World) -> Happened {
        match self.stage {
            Stage::Connecting => self.connecting(world),
            Stage::Over => Happened::Done,
            Stage::Asking | Stage::Body { .. } => {
                if let Err(errno) = self.exchange(world) {
                    self.stage = Stage::Over;
                    return Happened::Failed(Failure::Broken(errno));
                }
                match self.stage {
                    Stage::Body { left, chunked } => self.read_body(left, chunked),
                    _ => self.read_head(),
                }
            }
        }
    }

    fn connecting(&mut self, world: &mut World) -> Happened {
        if let Some(errno) = world.connect_error(self.socket) {
            self.stage = Stage::Over;
            return Happened::Failed(Failure::Connect(errno));
        }
        match world.tcp_state(self.socket) {
            Some(TcpState::SynSent | TcpState::SynRecv) => Happened::Nothing,
            _ => {
                self.stage = Stage::Asking;
                self.connected = Some(world.now());
                Happened::Connected
            }
        }
    }

    fn exchange(&mut self, world: &mut World) -> Result<(), Errno> {
        while !self.request.is_empty() {
            match world.send(self.socket, None, &self.request) {
                Ok(count) => drop(self.request.drain(..count)),
                Err(Errno::Eagain) => break,
                Err(errno) => return Err(errno),
            }
        }
        if self.input.len() > HEAD_MAX {
            return Ok(());
        }
        match world.recv_stream(self.socket, &mut self.input, PIECE) {
            Ok(0) => self.ended = true,
            Ok(_) | Err(Errno::Eagain) => {}
            Err(errno) => return Err(errno),
        }
        Ok(())
    }

    fn read_head(&mut self) -> Happened {
        let end = self
            .input
            .windows(4)
            .position(|window| window == b"\r\n\r\n");
        let Some(end) = end else {
            let failure = match (self.ended, self.input.is_empty()) {
                (true, true) => Failure::Empty,
                (true, false) => Failure::Weird,
                (false, _) if self.input.len() > HEAD_MAX => Failure::Weird,
                (false, _) => return Happened::Nothing,
            };
            self.stage = Stage::Over;
            return Happened::Failed(failure);
        };
        let rest = self.input.split_off(end + 4);
        let bytes = std::mem::replace(&mut self.input, rest);
        let Some(head) = Head::read(&bytes) else {
            self.stage = Stage::Over;
            return Happened::Failed(Failure::Weird);
        };
        let encoding = head.header("transfer-encoding").unwrap_or_default();
        let chunked = encoding.eq_ignore_ascii_case("chunked");
        let none = self.bodiless || matches!(head.status, 204 | 304);
        self.stage = match none {
            true => Stage::Over,
            false => Stage::Body {
                left: if chunked { Some(0) } else { head.length },
                chunked,
            },
        };
        Happened::Head(Box::new(head))
    }

    fn read_body(&mut self, left: Option<u64>, chunked: bool) -> Happened {
        if chunked {
            return self.read_chunk(left.unwrap_or(0));
        }
        let take = left.map_or(self.input.len(), |left| {
            self.input
                .len()
                .min(usize::try_from(left).unwrap_or(usize::MAX))
        });
        if take > 0 {
            let rest = self.input.split_off(take);
            let bytes = std::mem::replace(&mut self.input, rest);
            self.body += take as u64;
            let left = left.map(|left| left - take as u64);
            self.stage = Stage::Body { left, chunked };
            return Happened::Body(bytes);
        }
        match (left, self.ended) {
            (Some(0), _) | (None, true) => self.over(),
            (Some(left), true) => {
                self.stage = Stage::Over;
                Happened::Failed(Failure::Short(left))
            }
            (_, false) => Happened::Nothing,
        }
    }

    fn over(&mut self) -> Happened {
        self.stage = Stage::Over;
        Happened::Done
    }

    /// A body in pieces (RFC 9112, section 7.1): `left` of the piece is to come.
    fn read_chunk(&mut self, left: u64) -> Happened {
        if left > 0 {
            let take = self
                .input
                .len()
                .min(usize::try_from(left).unwrap_or(usize::MAX));
            if take == 0 {
                return match self.ended {
                    true => {
                        self.stage = Stage::Over;
                        Happened::Failed(Failure::Short(left))
                    }
                    false => Happened::Nothing,
                };
            }
            let rest = self.input.split_off(take);
            let bytes = std::mem::replace(&mut self.input, rest);
            self.body += take as u64;
            let left = Some(left - take as u64);
            self.stage = Stage::Body {
                left,
                chunked: true,
            };
            return Happened::Body(bytes);
        }
        let from = if self.input.starts_with(b"\r\n") {
            2
        } else {
            0
        };
        let line = self
            .input
            .get(from..)
            .and_then(|rest| rest.windows(2).position(|w| w == b"\r\n"));
        let Some(end) = line else {
            return match self.ended {
                true => self.over(),
                false => Happened::Nothing,
            };
        };
        let text = String::from_utf8_lossy(&self.input[from..from + end]).into_owned();
        let size = u64::from_str_radix(text.split(';').next().unwrap_or_default().trim(), 16);
        self.input.drain(..from + end + 2);
        match size {
            Ok(0) | Err(_) => self.over(),
            Ok(size) => {
                self.stage = Stage::Body {
                    left: Some(size),
                    chunked: true,
                };
                self.read_chunk(size)
            }
        }
    }
}
