//! Bridge protocol data units of the spanning tree (IEEE 802.1D-1998, clause 9), behind their LLC header.
//! Rapid spanning tree (version 2 and up) is not read; what a unit means to a bridge is decided in `device::bridge::stp`.

/// Where bridges talk to each other (802.1D-1998, table 7-9).
pub const BPDU_GROUP: [u8; 6] = [0x01, 0x80, 0xc2, 0, 0, 0];

/// LLC header in front of a unit: both service access points 0x42, unnumbered information.
pub const BPDU_LLC: [u8; 3] = [0x42, 0x42, 0x03];

/// Why bytes are no unit that a bridge takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BpduError {
    /// They end too early.
    #[error("BPDU too short")]
    Truncated,
    /// Another protocol or version, or an unknown type.
    #[error("not a spanning tree BPDU of version 0")]
    Unrecognised,
}

mod field {
    use std::ops::Range;

    pub const PROTOCOL: Range<usize> = 0..2;
    pub const VERSION: usize = 2;
    pub const TYPE: usize = 3;
    pub const FLAGS: usize = 4;
    pub const ROOT: Range<usize> = 5..13;
    pub const COST: Range<usize> = 13..17;
    pub const BRIDGE: Range<usize> = 17..25;
    pub const PORT: Range<usize> = 25..27;
    pub const MESSAGE_AGE: Range<usize> = 27..29;
    pub const MAX_AGE: Range<usize> = 29..31;
    pub const HELLO: Range<usize> = 31..33;
    pub const FORWARD_DELAY: Range<usize> = 33..35;
}

/// Length of a topology change notification.
const TCN_LEN: usize = 4;
/// Length of a configuration.
const CONFIG_LEN: usize = field::FORWARD_DELAY.end;

/// The types of units that version 0 knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BpduType {
    /// A configuration (0x00).
    Config,
    /// A topology change notification (0x80).
    Tcn,
}

/// Reads and writes a unit in a buffer that begins behind the LLC header.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BpduPacket<T: AsRef<[u8]>> {
    buffer: T,
}

impl<T: AsRef<[u8]>> BpduPacket<T> {
    /// A view of a buffer that is long enough for its type.
    pub fn new_unchecked(buffer: T) -> Self {
        Self { buffer }
    }

    /// A view of a buffer, if it holds a whole unit of version 0.
    pub fn new_checked(buffer: T) -> Result<Self, BpduError> {
        let packet = Self { buffer };
        let bytes = packet.buffer.as_ref();
        if bytes.len() < TCN_LEN {
            return Err(BpduError::Truncated);
        }
        if bytes[field::PROTOCOL] != [0, 0] || bytes[field::VERSION] != 0 {
            return Err(BpduError::Unrecognised);
        }
        match packet.kind() {
            None => Err(BpduError::Unrecognised),
            Some(BpduType::Config) if bytes.len() < CONFIG_LEN => Err(BpduError::Truncated),
            Some(_) => Ok(packet),
        }
    }

    /// The type (9.2.3).
    pub fn kind(&self) -> Option<BpduType> {
        match self.buffer.as_ref()[field::TYPE] {
            0x00 => Some(BpduType::Config),
            0x80 => Some(BpduType::Tcn),
            _ => None,
        }
    }

    /// Bit 0 is a topology change, bit 7 its acknowledgment (9.3.1).
    pub fn flags(&self) -> u8 {
        self.buffer.as_ref()[field::FLAGS]
    }

    /// The root's identifier: priority and address (9.2.5).
    pub fn root(&self) -> [u8; 8] {
        self.array(field::ROOT.start)
    }

    /// The sender's cost to the root.
    pub fn root_path_cost(&self) -> u32 {
        u32::from_be_bytes(self.array(field::COST.start))
    }

    /// The sender's identifier.
    pub fn bridge(&self) -> [u8; 8] {
        self.array(field::BRIDGE.start)
    }

    /// The sender's port.
    pub fn port(&self) -> u16 {
        self.number(field::PORT.start)
    }

    /// How old the root's word is, in 256ths of a second, as all times here (9.2.8).
    pub fn message_age(&self) -> u16 {
        self.number(field::MESSAGE_AGE.start)
    }

    /// When it is too old.
    pub fn max_age(&self) -> u16 {
        self.number(field::MAX_AGE.start)
    }

    /// The time between configurations.
    pub fn hello_time(&self) -> u16 {
        self.number(field::HELLO.start)
    }

    /// The time in each of listening and learning.
    pub fn forward_delay(&self) -> u16 {
        self.number(field::FORWARD_DELAY.start)
    }

    fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        let mut array = [0; N];
        array.copy_from_slice(&self.buffer.as_ref()[at..at + N]);
        array
    }

    fn number(&self, at: usize) -> u16 {
        u16::from_be_bytes(self.array(at))
    }
}

impl<T: AsRef<[u8]> + AsMut<[u8]>> BpduPacket<T> {
    /// Sets protocol and version to 0, and the type.
    pub fn set_kind(&mut self, kind: BpduType) {
        let bytes = self.buffer.as_mut();
        bytes[..field::TYPE].fill(0);
        bytes[field::TYPE] = match kind {
            BpduType::Config => 0x00,
            BpduType::Tcn => 0x80,
        };
    }

    fn set(&mut self, at: usize, value: &[u8]) {
        self.buffer.as_mut()[at..at + value.len()].copy_from_slice(value);
    }
}

/// A configuration in the host's terms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BpduConfig {
    /// The topology changes just now.
    pub topology_change: bool,
    /// The receiver's notification was heard.
    pub topology_change_ack: bool,
    /// The root's identifier.
    pub root: [u8; 8],
    /// The sender's cost to it.
    pub root_path_cost: u32,
    /// The sender's identifier.
    pub bridge: [u8; 8],
    /// The sender's port.
    pub port: u16,
    /// How old the root's word is, in 256ths of a second.
    pub message_age: u16,
    /// When it is too old.
    pub max_age: u16,
    /// The time between configurations.
    pub hello_time: u16,
    /// The time in each of listening and learning.
    pub forward_delay: u16,
}

/// A unit in the host's terms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BpduRepr {
    /// A configuration.
    Config(BpduConfig),
    /// A topology change notification.
    Tcn,
}

impl BpduRepr {
    /// What a unit says.
    pub fn parse<T: AsRef<[u8]>>(packet: &BpduPacket<T>) -> Result<Self, BpduError> {
        match packet.kind().ok_or(BpduError::Unrecognised)? {
            BpduType::Tcn => Ok(Self::Tcn),
            BpduType::Config => Ok(Self::Config(BpduConfig {
                topology_change: packet.flags() & 0x01 != 0,
                topology_change_ack: packet.flags() & 0x80 != 0,
                root: packet.root(),
                root_path_cost: packet.root_path_cost(),
                bridge: packet.bridge(),
                port: packet.port(),
                message_age: packet.message_age(),
                max_age: packet.max_age(),
                hello_time: packet.hello_time(),
                forward_delay: packet.forward_delay(),
            })),
        }
    }

    /// How many bytes it takes.
    pub const fn buffer_len(&self) -> usize {
        match self {
            Self::Config(_) => CONFIG_LEN,
            Self::Tcn => TCN_LEN,
        }
    }

    /// Writes it into a buffer of [`BpduRepr::buffer_len`] bytes.
    pub fn emit<T: AsRef<[u8]> + AsMut<[u8]>>(&self, packet: &mut BpduPacket<T>) {
        let config = match self {
            Self::Tcn => return packet.set_kind(BpduType::Tcn),
            Self::Config(config) => config,
        };
        packet.set_kind(BpduType::Config);
        let flags = u8::from(config.topology_change) | u8::from(config.topology_change_ack) << 7;
        packet.set(field::FLAGS, &[flags]);
        packet.set(field::ROOT.start, &config.root);
        packet.set(field::COST.start, &config.root_path_cost.to_be_bytes());
        packet.set(field::BRIDGE.start, &config.bridge);
        packet.set(field::PORT.start, &config.port.to_be_bytes());
        packet.set(field::MESSAGE_AGE.start, &config.message_age.to_be_bytes());
        packet.set(field::MAX_AGE.start, &config.max_age.to_be_bytes());
        packet.set(field::HELLO.start, &config.hello_time.to_be_bytes());
        packet.set(
            field::FORWARD_DELAY.start,
            &config.forward_delay.to_be_bytes(),
        );
    }

    /// The whole Ethernet frame: header with the length, LLC header, unit (`br_send_bpdu`).
    pub fn frame(&self, destination: [u8; 6], source: [u8; 6]) -> Vec<u8> {
        let payload = BPDU_LLC.len() + self.buffer_len();
        let mut frame = Vec::with_capacity(14 + payload);
        frame.extend_from_slice(&destination);
        frame.extend_from_slice(&source);
        frame.extend_from_slice(&[0, payload as u8]);
        frame.extend_from_slice(&BPDU_LLC);
        let start = frame.len();
        frame.resize(start + self.buffer_len(), 0);
        self.emit(&mut BpduPacket::new_unchecked(&mut frame[start..]));
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static CONFIG_BYTES: [u8; 35] = [
        0x00, 0x00, 0x00, 0x00, 0x81, // protocol, version, type, flags
        0x80, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0xf0, // root
        0x00, 0x00, 0x00, 0x02, // cost
        0x80, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0xf1, // bridge
        0x80, 0x02, // port
        0x00, 0x01, 0x14, 0x00, 0x02, 0x00, 0x0f, 0x00, // times
    ];
    static TCN_BYTES: [u8; 4] = [0x00, 0x00, 0x00, 0x80];

    fn config() -> BpduRepr {
        BpduRepr::Config(BpduConfig {
            topology_change: true,
            topology_change_ack: true,
            root: [0x80, 0, 2, 0, 0, 0, 0, 0xf0],
            root_path_cost: 2,
            bridge: [0x80, 0, 2, 0, 0, 0, 0, 0xf1],
            port: 0x8002,
            message_age: 1,
            max_age: 20 * 256,
            hello_time: 2 * 256,
            forward_delay: 15 * 256,
        })
    }

    #[test]
    fn deconstruct() {
        let packet = BpduPacket::new_checked(&CONFIG_BYTES[..]).unwrap();
        assert_eq!(packet.kind(), Some(BpduType::Config));
        assert_eq!(packet.flags(), 0x81);
        assert_eq!(packet.root_path_cost(), 2);
        assert_eq!(packet.port(), 0x8002);
        assert_eq!(packet.max_age(), 5120);
    }

    #[test]
    fn parse() {
        let packet = BpduPacket::new_checked(&CONFIG_BYTES[..]).unwrap();
        assert_eq!(BpduRepr::parse(&packet), Ok(config()));
        let packet = BpduPacket::new_checked(&TCN_BYTES[..]).unwrap();
        assert_eq!(BpduRepr::parse(&packet), Ok(BpduRepr::Tcn));
    }

    #[test]
    fn emit() {
        for (repr, want) in [
            (config(), &CONFIG_BYTES[..]),
            (BpduRepr::Tcn, &TCN_BYTES[..]),
        ] {
            let mut bytes = vec![0xa5; repr.buffer_len()];
            repr.emit(&mut BpduPacket::new_unchecked(&mut bytes[..]));
            assert_eq!(bytes, want);
        }
    }

    #[test]
    fn a_frame_has_its_length_and_the_llc_header() {
        let frame = config().frame(BPDU_GROUP, [2, 0, 0, 0, 0, 1]);
        assert_eq!(frame.len(), 52);
        assert_eq!(frame[12..17], [0, 38, 0x42, 0x42, 0x03]);
        assert_eq!(
            BpduRepr::Tcn.frame(BPDU_GROUP, [2, 0, 0, 0, 0, 1]).len(),
            21
        );
    }

    #[test]
    fn short_and_foreign_units_are_refused() {
        let refused = |bytes: &[u8]| BpduPacket::new_checked(bytes).unwrap_err();
        assert_eq!(refused(&[]), BpduError::Truncated);
        assert_eq!(refused(&CONFIG_BYTES[..34]), BpduError::Truncated);
        assert_eq!(refused(&[0, 0, 2, 2]), BpduError::Unrecognised);
        assert_eq!(refused(&[0, 1, 0, 0]), BpduError::Unrecognised);
        assert_eq!(refused(&[0, 0, 0, 7]), BpduError::Unrecognised);
    }
}
