//! Raw frames: addresses, a kind and a body, and what is broken in them.
//! How they are drawn is in `strategy`.

use std::fmt;
use std::net::Ipv4Addr;

use crate::units::MacAddr;
use crate::wire::{ETH_HLEN, ETH_P_ARP, ETH_P_IP};

/// A frame as it is handed to a device, valid or not.
///
/// ```
/// use vethlab::check::frame::{Body, RawFrame};
/// use vethlab::units::MacAddr;
///
/// let frame = RawFrame {
///     to: MacAddr([0xff; 6]),
///     from: MacAddr([2, 0, 0, 0, 0, 1]),
///     vlan: None,
///     body: Body::Other(0x88b5, vec![0xca, 0xfe]),
///     flips: Vec::new(),
///     cut: None,
/// };
/// assert_eq!(frame.to_string(), "ffffffffffff02000000000188b5cafe");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RawFrame {
    /// To whom.
    pub to: MacAddr,
    /// From whom, as it says.
    pub from: MacAddr,
    /// The VLAN of its tag.
    pub vlan: Option<u16>,
    /// What is in it.
    pub body: Body,
    /// Bits that are turned over: the byte, modulo the length of the frame, and which of its bits.
    pub flips: Vec<(u16, u8)>,
    /// So many bytes are left of what is behind the Ethernet header.
    pub cut: Option<u16>,
}

/// What is in a frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Body {
    /// A packet of ARP: operation, who asks, who is asked.
    Arp(u16, Ipv4Addr, Ipv4Addr),
    /// A datagram of UDP.
    Udp {
        /// From whom.
        from: Ipv4Addr,
        /// To whom.
        to: Ipv4Addr,
        /// Time to live.
        ttl: u8,
        /// The port at the far end.
        port: u16,
        /// Bytes of data.
        len: u8,
    },
    /// An ethertype, and what follows.
    Other(u16, Vec<u8>),
}

impl RawFrame {
    /// Its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut frame = [self.to.0, self.from.0].concat();
        if let Some(vlan) = self.vlan {
            frame.extend(0x8100_u16.to_be_bytes());
            frame.extend((vlan & 0xfff).to_be_bytes());
        }
        match &self.body {
            Body::Arp(operation, asks, asked) => self.arp(&mut frame, *operation, *asks, *asked),
            Body::Udp {
                from,
                to,
                ttl,
                port,
                len,
            } => udp(&mut frame, [*from, *to], *ttl, *port, *len),
            Body::Other(kind, rest) => {
                frame.extend(kind.to_be_bytes());
                frame.extend(rest);
            }
        }
        if let Some(cut) = self.cut {
            frame.truncate(ETH_HLEN + usize::from(cut));
        }
        for &(at, bit) in &self.flips {
            let at = usize::from(at) % frame.len();
            frame[at] ^= 1 << (bit & 7);
        }
        frame
    }

    fn arp(&self, frame: &mut Vec<u8>, operation: u16, asks: Ipv4Addr, asked: Ipv4Addr) {
        frame.extend(ETH_P_ARP.to_be_bytes());
        frame.extend([0, 1, 8, 0, 6, 4]);
        frame.extend(operation.to_be_bytes());
        frame.extend(self.from.0);
        frame.extend(asks.octets());
        frame.extend(self.to.0);
        frame.extend(asked.octets());
    }
}

/// A datagram whose header has the right checksum, and that has none itself.
fn udp(frame: &mut Vec<u8>, [from, to]: [Ipv4Addr; 2], ttl: u8, port: u16, len: u8) {
    frame.extend(ETH_P_IP.to_be_bytes());
    let at = frame.len();
    frame.extend([0x45, 0]);
    frame.extend((28 + u16::from(len)).to_be_bytes());
    frame.extend([0, 0, 0, 0, ttl, 17, 0, 0]);
    frame.extend(from.octets());
    frame.extend(to.octets());
    let words = frame[at..].chunks_exact(2);
    let mut sum: u32 = words
        .map(|word| u32::from(word[0]) << 8 | u32::from(word[1]))
        .sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    let [high, low, ..] = (!sum << 16).to_be_bytes();
    frame[at + 10] = high;
    frame[at + 11] = low;
    frame.extend(4000_u16.to_be_bytes());
    frame.extend(port.to_be_bytes());
    frame.extend((8 + u16::from(len)).to_be_bytes());
    frame.extend([0, 0]);
    frame.extend(std::iter::repeat_n(0x55, len.into()));
}

impl fmt::Display for RawFrame {
    /// Its bytes in hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes()
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
