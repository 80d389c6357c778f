//! Ports: which a socket may have, and which one it is given (inet_connection_sock.c, inet_hashtables.c).
//! Who is connected to whom is in `table`.

use std::net::{IpAddr, SocketAddr};

use super::state::TcpState;
use super::table::{TcpTable, number};
use super::tcb::Tcb;
use crate::units::{Errno, Key, TcpId};

impl TcpTable {
    /// Binds to an address that is known to be local, and to a port; port 0 draws one (`inet_csk_get_port`).
    pub(in super::super) fn bind(
        &mut self,
        id: TcpId,
        to: SocketAddr,
        range: (u16, u16),
    ) -> Result<(), Errno> {
        let tcb = self.all.find(id).ok_or(Errno::Ebadf)?;
        if tcb.local.port() != 0 || tcb.state != TcpState::Closed {
            return Err(Errno::Einval);
        }
        let port = match to.port() {
            // Ports that are bound to are those that connecting looks at last.
            0 => self
                .some_port(range, 1, |table, port| !table.conflicts(id, to.ip(), port))
                .ok_or(Errno::Eaddrinuse)?,
            port if self.conflicts(id, to.ip(), port) => return Err(Errno::Eaddrinuse),
            port => port,
        };
        if let Some(tcb) = self.all.find_mut(id) {
            tcb.local = to;
            tcb.local.set_port(port);
            tcb.port_bound = true;
        }
        self.ports.insert((port, id));
        Ok(())
    }

    /// A free port of one parity, then of the other, from a random place on (`__inet_hash_connect`).
    pub(super) fn some_port(
        &mut self,
        (low, high): (u16, u16),
        parity: u16,
        free: impl Fn(&Self, u16) -> bool,
    ) -> Option<u16> {
        let count = u32::from(high.saturating_sub(low)) + 1;
        let first = self.random.below(count) & !1;
        let wraps = (0..count).map(|step| (first + step) % count);
        let ports = wraps.map(|offset| low + offset as u16);
        let (same, other): (Vec<u16>, Vec<u16>) =
            ports.partition(|port| port.wrapping_sub(low) & 1 == parity);
        same.into_iter().chain(other).find(|&port| free(self, port))
    }

    pub(super) fn at_port(&self, port: u16) -> impl Iterator<Item = (TcpId, &Tcb)> {
        let first = TcpId::from(Key::from_bits(0));
        let from = self.ports.range((port, first)..);
        from.take_while(move |&&(other, _)| other == port)
            .filter_map(|&(_, id)| Some((id, self.all.find(id)?)))
    }

    /// Whether another one holds the port on an overlapping address and device (`inet_csk_bind_conflict`).
    fn conflicts(&self, id: TcpId, ip: IpAddr, port: u16) -> bool {
        let Some(tcb) = self.all.find(id) else {
            return false;
        };
        self.at_port(port).any(|(other_id, other)| {
            let devices = match (other.settings.bound_dev, tcb.settings.bound_dev) {
                (Some(a), Some(b)) => a == b,
                _ => true,
            };
            let both = other.settings.reuse_port && tcb.settings.reuse_port;
            let shared = both
                || other.settings.reuse_addr
                    && tcb.settings.reuse_addr
                    && other.state != TcpState::Listen;
            other_id != id && devices && !shared && overlap((tcb, ip), (other, other.local.ip()))
        })
    }
}

/// Whether two sockets would take the same segments.
pub(super) fn overlap((tcb, ip): (&Tcb, IpAddr), (other, other_ip): (&Tcb, IpAddr)) -> bool {
    let wide = |tcb: &Tcb, ip: IpAddr| ip.is_unspecified() && tcb.v6 && !tcb.settings.v6_only;
    if number(ip) == number(other_ip) {
        return tcb.v6 == other.v6 || !ip.is_unspecified();
    }
    let v4 = |ip: IpAddr| match ip {
        IpAddr::V4(_) => true,
        IpAddr::V6(ip) => ip.to_ipv4_mapped().is_some(),
    };
    match (ip.is_unspecified(), other_ip.is_unspecified()) {
        (false, false) => false,
        _ if wide(tcb, ip) || wide(other, other_ip) => true,
        _ => v4(ip) == v4(other_ip),
    }
}
