//! Sockets as programs call them: opening, binding, sending, reading (af_inet.c, raw.c, udp.c, af_packet.c).
//! Which socket takes what arrives is decided by `netns::socket`; routes by the namespace's tables.

use std::net::SocketAddr;

use crate::kernel::world::World;
use crate::netns::socket::{
    Datagram, DatagramInfo, SocketError, SocketKind, SocketOption, Sockets,
};
use crate::units::{DevId, Errno, NetnsId, SockId};

impl World {
    /// Opens a socket in a namespace.
    ///
    /// # Errors
    /// ENODEV where the namespace, or the device of a packet socket, is not there.
    pub fn socket(&mut self, netns: NetnsId, kind: SocketKind) -> Result<SockId, Errno> {
        self.ns(netns)?;
        if let SocketKind::Packet {
            ifindex: Some(ifindex),
            ..
        } = kind
        {
            self.dev_at(netns, ifindex).ok_or(Errno::Enodev)?;
        }
        if kind.watches_frames() {
            self.watchers += 1;
        }
        let id = self.socket_homes.insert(netns);
        match kind.is_tcp() {
            true => self.open_stream(netns, id, kind),
            false => self.ns_mut(netns)?.sockets.open(id, kind),
        }
        Ok(id)
    }

    /// Has the device of a packet socket take every frame while the socket is open
    /// (`PACKET_ADD_MEMBERSHIP` with `PACKET_MR_PROMISC`).
    ///
    /// # Errors
    /// EINVAL for a socket that is of no device, ENODEV where the device is gone, EBADF for a closed socket.
    pub fn socket_promiscuous(&mut self, socket: SockId) -> Result<(), Errno> {
        let netns = self.home(socket)?;
        let SocketKind::Packet {
            ifindex: Some(ifindex),
            ..
        } = self.kind(socket)?
        else {
            return Err(Errno::Einval);
        };
        let dev = self.dev_at(netns, ifindex).ok_or(Errno::Enodev)?;
        if self.promiscuous.insert(socket, dev).is_none() {
            self.count_promiscuous(dev, true);
        }
        Ok(())
    }

    fn count_promiscuous(&mut self, dev: DevId, more: bool) {
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        device.promiscuity = match more {
            true => device.promiscuity + 1,
            false => device.promiscuity.saturating_sub(1),
        };
        self.bridge_listening_changed(dev);
    }

    /// Closes a socket; its id means nothing from now on.
    pub fn close_socket(&mut self, socket: SockId) {
        if let Some(dev) = self.promiscuous.remove(&socket) {
            self.count_promiscuous(dev, false);
        }
        if self.kind(socket).is_ok_and(SocketKind::watches_frames) {
            self.watchers = self.watchers.saturating_sub(1);
        }
        let stream = self.kind(socket).is_ok_and(SocketKind::is_tcp);
        let Some(netns) = self.socket_homes.remove(socket) else {
            return;
        };
        if stream {
            self.close_stream(netns, socket);
        } else if let Ok(ns) = self.ns_mut(netns) {
            ns.sockets.close(socket);
        }
    }

    /// Sets an option.
    ///
    /// # Errors
    /// EINVAL for a TTL of 0, ENODEV for a device that is not there, EBADF for a closed socket.
    pub fn socket_option(&mut self, socket: SockId, option: SocketOption) -> Result<(), Errno> {
        let netns = self.home(socket)?;
        match option {
            SocketOption::Ttl(0) if !self.kind(socket)?.is_v6() => return Err(Errno::Einval),
            SocketOption::BindToDevice(Some(dev)) | SocketOption::MulticastIf(Some(dev)) => {
                self.dev_at(netns, dev).ok_or(Errno::Enodev)?;
            }
            _ => {}
        }
        self.ns_mut(netns)?.sockets.set(socket, option)
    }

    /// Sets the options of the IPv4 header of packets that a socket sends (IP_OPTIONS).
    ///
    /// # Errors
    /// EINVAL for more than 40 bytes, EBADF for a closed socket.
    pub fn socket_ip_options(&mut self, socket: SockId, options: &[u8]) -> Result<(), Errno> {
        let netns = self.home(socket)?;
        self.ns_mut(netns)?.sockets.set_ip_options(socket, options)
    }

    /// Takes the oldest packet or frame that a socket received. An error that is pending
    /// comes first: see [`World::socket_error`].
    pub fn recv(&mut self, socket: SockId) -> Option<Datagram> {
        self.sockets_of(socket)?.recv(socket)
    }

    /// Takes the oldest entry of a socket's error queue (MSG_ERRQUEUE).
    pub fn recv_error(&mut self, socket: SockId) -> Option<SocketError> {
        self.sockets_of(socket)?.recv_error(socket)
    }

    /// Takes the error that is pending: what the next call on the socket would fail with (SO_ERROR).
    pub fn socket_error(&mut self, socket: SockId) -> Option<Errno> {
        self.sockets_of(socket)?.take_error(socket)
    }

    /// Takes what a process hears of a connection that opens when it asks instead of waiting in `connect`
    /// (`SO_ERROR`): also what does not end it.
    pub fn connect_error(&mut self, socket: SockId) -> Option<Errno> {
        let sockets = self.sockets_of(socket)?;
        let pending = sockets.take_error(socket);
        pending.or_else(|| sockets.take_soft_error(socket))
    }

    /// Whether a read would give something: a packet, or the error that is pending.
    pub fn is_readable(&self, socket: SockId) -> bool {
        self.home(socket)
            .and_then(|netns| self.ns(netns))
            .is_ok_and(|ns| ns.sockets.is_readable(socket))
    }

    /// Whether an error is pending or queued (POLLERR).
    pub fn has_socket_error(&self, socket: SockId) -> bool {
        self.home(socket)
            .and_then(|netns| self.ns(netns))
            .is_ok_and(|ns| ns.sockets.has_error(socket))
    }

    /// How many frames a packet socket lost for want of room.
    pub fn frames_lost(&self, socket: SockId) -> u64 {
        self.home(socket)
            .and_then(|netns| self.ns(netns))
            .map_or(0, |ns| ns.sockets.frames_lost(socket))
    }

    /// The address and port of this end.
    pub fn local_addr(&self, socket: SockId) -> Option<SocketAddr> {
        let netns = self.home(socket).ok()?;
        self.ns(netns).ok()?.sockets.local(socket)
    }

    /// The sockets of a namespace that are not TCP's, in the order in which they were opened.
    pub fn datagram_list(&self, netns: NetnsId) -> Vec<DatagramInfo> {
        self.ns(netns)
            .map_or_else(|_| Vec::new(), |ns| ns.sockets.datagram_list())
    }

    /// Takes the sockets that have had news since the last call, in the order of the news.
    pub fn take_woken(&mut self, out: &mut Vec<SockId>) {
        out.append(&mut self.woken);
    }

    pub(super) fn home(&self, socket: SockId) -> Result<NetnsId, Errno> {
        self.socket_homes.find(socket).copied().ok_or(Errno::Ebadf)
    }

    pub(super) fn kind(&self, socket: SockId) -> Result<SocketKind, Errno> {
        let netns = self.home(socket)?;
        self.ns(netns)?.sockets.kind(socket).ok_or(Errno::Ebadf)
    }

    fn sockets_of(&mut self, socket: SockId) -> Option<&mut Sockets> {
        let netns = self.home(socket).ok()?;
        Some(&mut self.netns.find_mut(netns)?.sockets)
    }
}
