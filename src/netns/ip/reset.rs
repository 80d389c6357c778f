//! The answer to a TCP segment that no socket takes (RFC 9293, 3.10.7.1).
//! Connections are the sockets' business.

use std::net::IpAddr;

use crate::wire::{Frame, IpProtocol, TcpPacket};

const TCP_HLEN: usize = 20;

/// The reset for a segment from `src` to `dst`, without an IP header; none for a reset or a torn segment.
pub fn answer(src: IpAddr, dst: IpAddr, segment: &[u8]) -> Option<Frame> {
    let got = TcpPacket::new_checked(segment).ok()?;
    if got.rst() || !got.verify_checksum(&src.into(), &dst.into()) {
        return None;
    }
    let mut frame = Frame::zeroed(TCP_HLEN);
    let mut reset = TcpPacket::new_unchecked(frame.bytes_mut());
    reset.set_src_port(got.dst_port());
    reset.set_dst_port(got.src_port());
    reset.set_header_len(TCP_HLEN as u8);
    reset.set_rst(true);
    if got.ack() {
        reset.set_seq_number(got.ack_number());
    } else {
        reset.set_ack(true);
        reset.set_ack_number(got.seq_number() + got.segment_len());
    }
    reset.fill_checksum(&dst.into(), &src.into());
    debug_assert_eq!(IpProtocol::Tcp, IpProtocol::from(6));
    Some(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(flags: impl Fn(&mut TcpPacket<&mut [u8]>)) -> Vec<u8> {
        let mut bytes = vec![0; TCP_HLEN];
        let mut packet = TcpPacket::new_unchecked(&mut bytes[..]);
        packet.set_src_port(40000);
        packet.set_dst_port(80);
        packet.set_header_len(20);
        packet.set_seq_number(smoltcp::wire::TcpSeqNumber(1000));
        flags(&mut packet);
        packet.fill_checksum(&src().into(), &dst().into());
        bytes
    }

    fn src() -> IpAddr {
        "10.0.0.1".parse().unwrap()
    }

    fn dst() -> IpAddr {
        "10.0.0.2".parse().unwrap()
    }

    #[test]
    fn a_syn_is_refused_with_its_sequence_number_acknowledged() {
        let reset = answer(src(), dst(), &segment(|p| p.set_syn(true))).unwrap();
        let reset = TcpPacket::new_checked(reset.bytes()).unwrap();
        assert!(reset.rst() && reset.ack());
        assert_eq!(reset.ack_number().0, 1001);
        assert_eq!((reset.src_port(), reset.dst_port()), (80, 40000));
        assert!(reset.verify_checksum(&dst().into(), &src().into()));
    }

    #[test]
    fn a_reset_is_not_answered() {
        assert!(answer(src(), dst(), &segment(|p| p.set_rst(true))).is_none());
    }
}
