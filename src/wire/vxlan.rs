//! VXLAN headers (RFC 7348, section 5) with Linux's group policy bits, in smoltcp's Packet/Repr pattern.
//! What is carried behind the header is an Ethernet frame, which is not looked at here.

use std::fmt;

use crate::units::Vni;

/// Length of a VXLAN header.
pub const VXLAN_HLEN: usize = 8;
/// The port that IANA assigned (RFC 7348, section 8).
pub const VXLAN_PORT: u16 = 4789;
/// Length of a UDP header.
pub const UDP_HLEN: usize = 8;

/// The I flag: the VNI is valid.
const FLAG_VNI: u32 = 0x0800_0000;
/// The G flag: the low half of the first word is a group policy (draft-smith-vxlan-group-policy).
const FLAG_GBP: u32 = 0x8000_0000;
/// Do not learn, policy applied, and the policy's number.
const GBP_BITS: u32 = 0x0048_ffff;

/// Why a header is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum VxlanError {
    /// Shorter than a header.
    #[error("too short")]
    Truncated,
    /// The I flag is not set, or a bit is set that means nothing here.
    #[error("unknown or missing flags")]
    Flags,
}

/// A header with what it carries, on any bytes.
///
/// ```
/// use vethlab::units::Vni;
/// use vethlab::wire::{VxlanPacket, VxlanRepr};
///
/// let bytes = [0x08, 0, 0, 0, 0, 0, 42, 0, 0xaa];
/// let packet = VxlanPacket::new_checked(&bytes[..]).expect("it is long enough");
/// assert_eq!(packet.vni(), 42);
/// let repr = VxlanRepr::parse(&packet, false).expect("its flags are right");
/// assert_eq!(repr.vni, Vni::new(42).expect("24 bits"));
/// ```
#[derive(Clone, Debug)]
pub struct VxlanPacket<T: AsRef<[u8]>> {
    buffer: T,
}

impl<T: AsRef<[u8]>> VxlanPacket<T> {
    /// A header that may be cut off; its accessors may panic.
    pub const fn new_unchecked(buffer: T) -> Self {
        Self { buffer }
    }

    /// A whole header.
    ///
    /// # Errors
    /// Where there are fewer than eight bytes.
    pub fn new_checked(buffer: T) -> Result<Self, VxlanError> {
        match buffer.as_ref().len() < VXLAN_HLEN {
            true => Err(VxlanError::Truncated),
            false => Ok(Self { buffer }),
        }
    }

    fn word(&self, at: usize) -> u32 {
        let bytes = &self.buffer.as_ref()[at..at + 4];
        u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    }

    /// The flags and the reserved bits behind them.
    pub fn flags(&self) -> u32 {
        self.word(0)
    }

    /// The network identifier.
    pub fn vni(&self) -> u32 {
        self.word(4) >> 8
    }

    /// The reserved last byte.
    pub fn reserved(&self) -> u8 {
        self.buffer.as_ref()[7]
    }
}

impl<T: AsRef<[u8]> + AsMut<[u8]>> VxlanPacket<T> {
    /// Sets the flags and the reserved bits behind them.
    pub fn set_flags(&mut self, flags: u32) {
        self.buffer.as_mut()[..4].copy_from_slice(&flags.to_be_bytes());
    }

    /// Sets the network identifier; the reserved byte becomes 0.
    pub fn set_vni(&mut self, vni: Vni) {
        let word = (vni.value() << 8).to_be_bytes();
        self.buffer.as_mut()[4..8].copy_from_slice(&word);
    }
}

/// What a header says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VxlanRepr {
    /// The network.
    pub vni: Vni,
    /// The group policy with its two flags, where there is one.
    pub policy: Option<u32>,
}

impl VxlanRepr {
    /// Reads a header; `policies` says whether group policies are known here.
    ///
    /// # Errors
    /// Where the I flag is missing, or where a bit is set that means nothing (`vxlan_rcv`).
    pub fn parse<T: AsRef<[u8]>>(
        packet: &VxlanPacket<T>,
        policies: bool,
    ) -> Result<Self, VxlanError> {
        let flags = packet.flags();
        if flags & FLAG_VNI == 0 || packet.reserved() != 0 {
            return Err(VxlanError::Flags);
        }
        let (mut rest, mut policy) = (flags & !FLAG_VNI, None);
        if policies && rest & FLAG_GBP != 0 {
            policy = Some(rest & GBP_BITS);
            rest &= !(FLAG_GBP | GBP_BITS);
        }
        match (rest, Vni::new(packet.vni())) {
            (0, Some(vni)) => Ok(Self { vni, policy }),
            _ => Err(VxlanError::Flags),
        }
    }

    /// Writes the header.
    pub fn emit<T: AsRef<[u8]> + AsMut<[u8]>>(&self, packet: &mut VxlanPacket<T>) {
        let policy = self.policy.map_or(0, |policy| FLAG_GBP | policy & GBP_BITS);
        packet.set_flags(FLAG_VNI | policy);
        packet.set_vni(self.vni);
    }

    /// The headers of UDP and VXLAN in front of `inner` bytes of a frame, the checksum still 0.
    pub fn behind_udp(
        &self,
        source: u16,
        target: u16,
        inner: usize,
    ) -> [u8; UDP_HLEN + VXLAN_HLEN] {
        let mut bytes = [0; UDP_HLEN + VXLAN_HLEN];
        let len = u16::try_from(bytes.len() + inner).unwrap_or(u16::MAX);
        bytes[..2].copy_from_slice(&source.to_be_bytes());
        bytes[2..4].copy_from_slice(&target.to_be_bytes());
        bytes[4..6].copy_from_slice(&len.to_be_bytes());
        self.emit(&mut VxlanPacket::new_unchecked(&mut bytes[UDP_HLEN..]));
        bytes
    }
}

impl fmt::Display for VxlanRepr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VXLAN vni {}", self.vni.value())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static BYTES: [u8; 8] = [0x08, 0, 0, 0, 0x00, 0x10, 0x01, 0];

    fn repr() -> VxlanRepr {
        VxlanRepr {
            vni: Vni::new(4097).unwrap(),
            policy: None,
        }
    }

    #[test]
    fn a_header_is_deconstructed() {
        let packet = VxlanPacket::new_checked(&BYTES[..]).unwrap();
        assert_eq!((packet.flags(), packet.vni()), (0x0800_0000, 4097));
        assert_eq!(packet.reserved(), 0);
    }

    #[test]
    fn a_header_is_constructed_and_emitted() {
        let mut bytes = [0xff; 8];
        repr().emit(&mut VxlanPacket::new_unchecked(&mut bytes[..]));
        assert_eq!(bytes, BYTES);
    }

    #[test]
    fn a_header_is_parsed() {
        let packet = VxlanPacket::new_checked(&BYTES[..]).unwrap();
        assert_eq!(VxlanRepr::parse(&packet, false), Ok(repr()));
    }

    #[test]
    fn reserved_bits_and_a_missing_flag_are_refused() {
        for (at, bits) in [(0, 0x00), (0, 0x0c), (1, 1), (3, 1), (7, 1)] {
            let mut bytes = BYTES;
            bytes[at] = bits;
            let packet = VxlanPacket::new_checked(&bytes[..]).unwrap();
            assert_eq!(
                VxlanRepr::parse(&packet, false),
                Err(VxlanError::Flags),
                "{at}"
            );
        }
        assert_eq!(
            VxlanPacket::new_checked(&BYTES[..7]).unwrap_err(),
            VxlanError::Truncated
        );
    }

    #[test]
    fn a_group_policy_is_read_where_it_is_known_only() {
        let with_policy = VxlanRepr {
            policy: Some(0x8_0007),
            ..repr()
        };
        let mut bytes = [0; 8];
        with_policy.emit(&mut VxlanPacket::new_unchecked(&mut bytes[..]));
        let packet = VxlanPacket::new_checked(&bytes[..]).unwrap();
        assert_eq!(VxlanRepr::parse(&packet, true), Ok(with_policy));
        assert_eq!(VxlanRepr::parse(&packet, false), Err(VxlanError::Flags));
    }
}
