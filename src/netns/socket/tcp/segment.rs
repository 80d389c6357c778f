//! One segment: read from its bytes, and written into a frame with Linux's order of options.
//! Which segment is sent when is decided in `output`.

use std::net::IpAddr;

use super::seq::Seq;
use crate::wire::{Frame, TcpOption, TcpPacket, TcpSeqNumber};

/// Length of a TCP header without options.
pub const TCP_HLEN: usize = 20;
/// What the timestamps take in each segment (`TCPOLEN_TSTAMP_ALIGNED`).
pub const TIMESTAMP_LEN: usize = 12;
/// The most ranges that fit beside timestamps.
pub const SACK_RANGES_MAX: usize = 3;

/// Ranges of the sequence space: the first that is empty ends them.
pub type Ranges = [Option<(Seq, Seq)>; SACK_RANGES_MAX];

/// The options of a segment that this TCP understands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Heard {
    /// The largest segment that its sender takes.
    pub mss: Option<u16>,
    /// The shift of its sender's window.
    pub wscale: Option<u8>,
    /// Whether its sender understands selective acknowledgements.
    pub sack_ok: bool,
    /// The timestamp, and the one that it echoes.
    pub timestamp: Option<(u32, u32)>,
    /// The ranges that its sender has beyond what it acknowledges.
    pub sack: Ranges,
}

/// A segment that arrived.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Segment<'p> {
    /// The port of its sender.
    pub src_port: u16,
    /// The port that it is for.
    pub dst_port: u16,
    /// The number of its first byte.
    pub seq: Seq,
    /// What it acknowledges.
    pub ack: Option<Seq>,
    /// Whether it opens.
    pub syn: bool,
    /// Whether nothing follows.
    pub fin: bool,
    /// Whether it ends the connection at once.
    pub rst: bool,
    /// The window as written, without its shift.
    pub window: u16,
    /// Its options.
    pub options: Heard,
    /// Its data.
    pub payload: &'p [u8],
}

impl<'p> Segment<'p> {
    /// Reads a segment; nothing where it is torn. The checksum is the caller's.
    pub fn parse(bytes: &'p [u8]) -> Option<Self> {
        let packet = TcpPacket::new_checked(bytes).ok()?;
        let header = usize::from(packet.header_len());
        Some(Self {
            src_port: packet.src_port(),
            dst_port: packet.dst_port(),
            seq: Seq(packet.seq_number().0 as u32),
            ack: packet.ack().then(|| Seq(packet.ack_number().0 as u32)),
            syn: packet.syn(),
            fin: packet.fin(),
            rst: packet.rst(),
            window: packet.window_len(),
            options: read_options(bytes.get(TCP_HLEN..header)?),
            payload: bytes.get(header..)?,
        })
    }

    /// The number behind its last byte; SYN and FIN count as one each.
    pub fn end(&self) -> Seq {
        let len = self.payload.len() as u32;
        self.seq + len + u32::from(self.syn) + u32::from(self.fin)
    }
}

/// Reads options; what is malformed ends them, as in `tcp_parse_options`.
fn read_options(mut bytes: &[u8]) -> Heard {
    let mut heard = Heard::default();
    // What nearly every segment has, in its usual place.
    if let [1, 1, 8, 10, stamps @ ..] = bytes
        && let [a, b, c, d, e, f, g, h] = *stamps
    {
        let value = u32::from_be_bytes([a, b, c, d]);
        heard.timestamp = Some((value, u32::from_be_bytes([e, f, g, h])));
        return heard;
    }
    while !bytes.is_empty() {
        let Ok((rest, option)) = TcpOption::parse(bytes) else {
            break;
        };
        match option {
            TcpOption::EndOfList => break,
            TcpOption::MaxSegmentSize(mss) => heard.mss = Some(mss).filter(|&mss| mss != 0),
            TcpOption::WindowScale(shift) => heard.wscale = Some(shift.min(14)),
            TcpOption::SackPermitted => heard.sack_ok = true,
            TcpOption::TimeStamp { tsval, tsecr } => heard.timestamp = Some((tsval, tsecr)),
            TcpOption::SackRange(ranges) => {
                heard.sack = ranges.map(|range| range.map(|(start, end)| (Seq(start), Seq(end))));
            }
            TcpOption::NoOperation | TcpOption::Unknown { .. } => {}
        }
        bytes = rest;
    }
    heard
}

/// A segment to be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outgoing {
    /// The number of its first byte.
    pub seq: Seq,
    /// What it acknowledges; without it the segment has no ACK flag.
    pub ack: Option<Seq>,
    /// Whether it opens.
    pub syn: bool,
    /// Whether nothing follows.
    pub fin: bool,
    /// Whether it ends the connection at once.
    pub rst: bool,
    /// Whether the receiver's process should have it soon.
    pub psh: bool,
    /// The window as written.
    pub window: u16,
    /// MSS, and the window's shift where windows are scaled: in a SYN.
    pub opening: Option<(u16, Option<u8>)>,
    /// Whether SACK is offered, in a SYN.
    pub sack_ok: bool,
    /// Timestamps, value and echo.
    pub timestamp: Option<(u32, u32)>,
    /// What is held beyond a gap.
    pub sack: Ranges,
    /// How many bytes of data it carries.
    pub len: usize,
}

impl Outgoing {
    /// How long its options are, padding included.
    fn options_len(&self) -> usize {
        let opening = self
            .opening
            .map_or(0, |(_, wscale)| 4 + if wscale.is_some() { 4 } else { 0 });
        let stamps = if self.timestamp.is_some() {
            TIMESTAMP_LEN
        } else {
            0
        };
        let sack_ok = match (self.sack_ok, self.timestamp) {
            (true, None) => 4,
            _ => 0,
        };
        let ranges = self.sack.iter().flatten().count();
        let sack = if ranges == 0 { 0 } else { 4 + 8 * ranges };
        opening + stamps + sack_ok + sack
    }

    /// The segment as a frame without an IP header. `write` fills in the data.
    pub fn write(
        &self,
        (src, src_port): (IpAddr, u16),
        (dst, dst_port): (IpAddr, u16),
        write: impl FnOnce(&mut [u8]),
    ) -> Frame {
        let header = TCP_HLEN + self.options_len();
        let mut frame = Frame::zeroed(header + self.len);
        let bytes = frame.bytes_mut();
        write(&mut bytes[header..]);
        let mut packet = TcpPacket::new_unchecked(bytes);
        packet.set_src_port(src_port);
        packet.set_dst_port(dst_port);
        packet.set_seq_number(TcpSeqNumber(self.seq.0 as i32));
        packet.set_header_len(header as u8);
        packet.set_syn(self.syn);
        packet.set_fin(self.fin);
        packet.set_rst(self.rst);
        packet.set_psh(self.psh);
        packet.set_window_len(self.window);
        if let Some(ack) = self.ack {
            packet.set_ack(true);
            packet.set_ack_number(TcpSeqNumber(ack.0 as i32));
        }
        self.write_options(packet.options_mut());
        packet.fill_checksum(&src.into(), &dst.into());
        frame
    }

    /// The options in Linux's order and alignment (`tcp_options_write`).
    fn write_options(&self, mut room: &mut [u8]) {
        if let Some((mss, _)) = self.opening {
            room = TcpOption::MaxSegmentSize(mss).emit(room);
        }
        if let Some((tsval, tsecr)) = self.timestamp {
            room = match self.sack_ok {
                true => TcpOption::SackPermitted.emit(room),
                false => two_nops(room),
            };
            room = TcpOption::TimeStamp { tsval, tsecr }.emit(room);
        } else if self.sack_ok {
            room = TcpOption::SackPermitted.emit(two_nops(room));
        }
        if let Some((_, Some(shift))) = self.opening {
            room = TcpOption::NoOperation.emit(room);
            room = TcpOption::WindowScale(shift).emit(room);
        }
        if self.sack.iter().any(Option::is_some) {
            let ranges = self
                .sack
                .map(|range| range.map(|(start, end)| (start.0, end.0)));
            room = TcpOption::SackRange(ranges).emit(two_nops(room));
        }
        debug_assert!(room.is_empty(), "the options fill their room");
    }
}

fn two_nops(room: &mut [u8]) -> &mut [u8] {
    TcpOption::NoOperation.emit(TcpOption::NoOperation.emit(room))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Outgoing = Outgoing {
        seq: Seq(1000),
        ack: Some(Seq(7)),
        syn: false,
        fin: false,
        rst: false,
        psh: true,
        window: 502,
        opening: None,
        sack_ok: false,
        timestamp: None,
        sack: [None; SACK_RANGES_MAX],
        len: 3,
    };

    fn written(out: &Outgoing) -> Vec<u8> {
        let (src, dst) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let frame = out.write((src, 40_000), (dst, 80), |data| data.fill(b'x'));
        let packet = TcpPacket::new_checked(frame.bytes()).unwrap();
        assert!(packet.verify_checksum(&src.into(), &dst.into()));
        frame.bytes().to_vec()
    }

    #[test]
    fn the_options_of_a_syn_stand_in_the_order_of_linux() {
        let syn = Outgoing {
            syn: true,
            opening: Some((1460, Some(7))),
            sack_ok: true,
            timestamp: Some((0x0102_0304, 0)),
            len: 0,
            ..PLAIN
        };
        assert_eq!(
            written(&syn)[TCP_HLEN..],
            [
                2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7
            ]
        );
    }

    #[test]
    fn what_is_written_is_read_again() {
        let out = Outgoing {
            timestamp: Some((5, 6)),
            sack: [Some((Seq(10), Seq(20))), Some((Seq(30), Seq(40))), None],
            ..PLAIN
        };
        let bytes = written(&out);
        let segment = Segment::parse(&bytes).unwrap();
        assert_eq!((segment.seq, segment.ack), (out.seq, out.ack));
        assert_eq!(segment.options.timestamp, out.timestamp);
        assert_eq!(segment.options.sack, out.sack);
        assert_eq!((segment.payload, segment.end()), (&b"xxx"[..], Seq(1003)));
    }

    #[test]
    fn a_torn_segment_is_none() {
        let bytes = written(&PLAIN);
        assert!(Segment::parse(&bytes[..19]).is_none());
        let mut long = bytes;
        long[12] = 0xf0;
        assert!(Segment::parse(&long).is_none());
    }
}
