//! TCP sockets of processes: which connection or listener a socket has.
//! What a connection does is in `tcp`; routes and local addresses are the kernel's.

use std::net::{IpAddr, SocketAddr};

use super::kinds::SocketKind;
use super::table::{Socket, Sockets};
use super::tcp::{Params, TcpState};
use crate::units::{Errno, SimTime, SockId, TcpId};

impl Sockets {
    /// Gives a TCP socket that was opened its connection, which is none yet.
    pub fn open_stream(&mut self, id: SockId, kind: SocketKind, params: Params) {
        let mut socket = Socket::new(kind);
        socket.tcp = Some(self.tcp.open(id, kind.is_v6(), params));
        self.sockets.insert(id, socket);
    }

    /// The connection or listener of a socket.
    pub fn stream(&self, id: SockId) -> Option<TcpId> {
        self.sockets.get(&id)?.tcp
    }

    fn stream_of(&self, id: SockId) -> Result<TcpId, Errno> {
        let socket = self.sockets.get(&id).ok_or(Errno::Ebadf)?;
        socket.tcp.ok_or(Errno::Eopnotsupp)
    }

    pub(super) fn tcb(&self, id: SockId) -> Option<&super::tcp::Tcb> {
        self.tcp.find(self.stream(id)?)
    }

    pub(super) fn tcb_mut(&mut self, id: SockId) -> Option<&mut super::tcp::Tcb> {
        let stream = self.stream(id)?;
        self.tcp.find_mut(stream)
    }

    /// The options of a socket have changed.
    pub(super) fn settings_changed(&mut self, id: SockId) {
        let Some(socket) = self.sockets.get(&id) else {
            return;
        };
        let settings = (&socket.options).into();
        if let Some(tcb) = self.tcb_mut(id) {
            tcb.settings = settings;
        }
    }

    /// The state of a TCP socket.
    pub fn stream_state(&self, id: SockId) -> Option<TcpState> {
        Some(self.tcb(id)?.state)
    }

    /// How many bytes a TCP socket takes now.
    pub fn stream_room(&self, id: SockId) -> usize {
        self.tcb(id)
            .filter(|tcb| tcb.state.may_send())
            .map_or(0, |tcb| tcb.room())
    }

    /// Binds a TCP socket to an address that is known to be local; port 0 draws one from `range`.
    ///
    /// # Errors
    /// EADDRINUSE where another socket has the port, EINVAL where the socket has one or is connected.
    pub fn bind_stream(
        &mut self,
        id: SockId,
        to: SocketAddr,
        range: (u16, u16),
    ) -> Result<(), Errno> {
        let stream = self.stream_of(id)?;
        self.tcp.bind(stream, to, range)
    }

    /// Has a TCP socket take connections, of which `backlog` and one may wait.
    ///
    /// # Errors
    /// EADDRINUSE where another socket listens at the port, EINVAL where it is connected.
    pub fn listen(&mut self, id: SockId, backlog: u32, range: (u16, u16)) -> Result<(), Errno> {
        let stream = self.stream_of(id)?;
        self.tcp.listen(stream, backlog, range)
    }

    /// Whether a TCP socket can be connected now.
    ///
    /// # Errors
    /// EALREADY while it is being connected, EISCONN where it is, and the error that ended the attempt.
    pub fn may_connect(&mut self, id: SockId) -> Result<(), Errno> {
        let tcb = self.tcb_mut(id).ok_or(Errno::Ebadf)?;
        tcb.told = false;
        if let Some(error) = tcb.error.take() {
            return Err(error);
        }
        match tcb.state {
            TcpState::Closed if tcb.remote.is_none() => Ok(()),
            TcpState::Closed => Err(Errno::Econnaborted),
            TcpState::SynSent | TcpState::SynRecv => Err(Errno::Ealready),
            _ => Err(Errno::Eisconn),
        }
    }

    /// Opens a connection: its SYN is due.
    ///
    /// # Errors
    /// EADDRNOTAVAIL where no port is left, or this connection is there already.
    pub fn connect_stream(
        &mut self,
        id: SockId,
        to: SocketAddr,
        (source, mtu): (IpAddr, u32),
        range: (u16, u16),
    ) -> Result<(), Errno> {
        let stream = self.stream_of(id)?;
        self.tcp.connect(stream, to, source, mtu, range)
    }

    /// Takes the oldest connection that waits at a listener, as the socket `new`.
    ///
    /// # Errors
    /// EAGAIN where none waits, EINVAL where the socket does not listen.
    pub fn accept(
        &mut self,
        listener: SockId,
        new: impl FnOnce() -> SockId,
    ) -> Result<SockId, Errno> {
        let at = self.stream_of(listener)?;
        let stream = self.tcp.accept(at)?;
        let from = self.sockets.get(&listener).ok_or(Errno::Ebadf)?;
        let mut socket = Socket::new(from.kind);
        socket.options = from.options.clone();
        socket.tcp = Some(stream);
        let id = new();
        if let Some(tcb) = self.tcp.find_mut(stream) {
            tcb.owner = Some(id);
        }
        self.sockets.insert(id, socket);
        Ok(id)
    }

    /// Writes to a connection; says how many bytes it took.
    ///
    /// # Errors
    /// EAGAIN without room, EPIPE where it is closed for writing, and the error that is pending.
    pub fn write(&mut self, id: SockId, bytes: &[u8]) -> Result<usize, Errno> {
        self.stream_of(id)?;
        self.tcb_mut(id).ok_or(Errno::Ebadf)?.write(bytes)
    }

    /// Reads from a connection, or throws away without `into`; 0 bytes are its end.
    ///
    /// # Errors
    /// EAGAIN without bytes, ENOTCONN without a connection, and the error that is pending.
    pub fn read(
        &mut self,
        now: SimTime,
        id: SockId,
        into: Option<&mut Vec<u8>>,
        limit: usize,
    ) -> Result<usize, Errno> {
        self.stream_of(id)?;
        self.tcb_mut(id).ok_or(Errno::Ebadf)?.take(now, into, limit)
    }

    /// Shuts a connection down for reading, writing or both.
    ///
    /// # Errors
    /// ENOTCONN without a connection.
    pub fn shut_down(&mut self, id: SockId, reading: bool, writing: bool) -> Result<(), Errno> {
        self.stream_of(id)?;
        let tcb = self.tcb_mut(id).ok_or(Errno::Ebadf)?;
        tcb.shut_down(reading, writing)
    }

    /// Closes a TCP socket; gives the connections that may have something to send.
    pub fn close_stream(&mut self, now: SimTime, id: SockId) -> Vec<TcpId> {
        let stream = self.stream(id);
        self.sockets.remove(&id);
        stream.map_or_else(Vec::new, |stream| self.tcp.close(now, stream))
    }

    /// How the packets of a connection are to leave: its ends, and what its socket says of them.
    pub fn stream_way(&self, id: TcpId) -> Option<(IpAddr, SocketAddr, super::tcp::Settings)> {
        let tcb = self.tcp.find(id)?;
        Some((tcb.local.ip(), tcb.remote?, tcb.settings))
    }

    /// The path of a connection takes packets of this length.
    pub fn stream_path_takes(&mut self, id: TcpId, mtu: u32) {
        if let Some(tcb) = self.tcp.find_mut(id) {
            tcb.path_takes(mtu);
        }
    }

    /// What was said of a connection that opens, and did not end it; it is forgotten by that (`SO_ERROR`).
    pub fn take_soft_error(&mut self, id: SockId) -> Option<Errno> {
        self.tcb_mut(id)?.soft_error.take()
    }

    /// Segments of a connection do not arrive, an ICMP message or the route says.
    pub fn stream_unreachable(&mut self, now: SimTime, id: TcpId, errno: Errno) {
        if let Some(tcb) = self.tcp.find_mut(id) {
            tcb.unreachable(now, errno);
        }
    }
}
