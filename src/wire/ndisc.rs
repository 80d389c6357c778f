//! Neighbour discovery messages (RFC 4861) with their options, as typed data.
//! What they make a host do is in `netns::v6`. The checksum is the caller's to verify.

use std::net::Ipv6Addr;

use super::Frame;
use super::ipv6::icmpv6_packet;
use crate::units::MacAddr;

const ROUTER_SOLICITATION: u8 = 133;
const ROUTER_ADVERTISEMENT: u8 = 134;
const NEIGHBOUR_SOLICITATION: u8 = 135;
const NEIGHBOUR_ADVERTISEMENT: u8 = 136;
const REDIRECT: u8 = 137;

const OPT_SOURCE_LLADDR: u8 = 1;
const OPT_TARGET_LLADDR: u8 = 2;
const OPT_PREFIX_INFO: u8 = 3;
const OPT_REDIRECTED: u8 = 4;
const OPT_MTU: u8 = 5;
const OPT_NONCE: u8 = 14;

/// A message without its options.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NdBody {
    /// Who is a router here?
    RouterSolicitation,
    /// I am a router.
    RouterAdvertisement {
        /// The hop limit to use; 0 for none.
        hop_limit: u8,
        /// Addresses come from DHCP.
        managed: bool,
        /// Other settings come from DHCP.
        other: bool,
        /// Preference, two bits: 0 medium, 1 high, 3 low (RFC 4191).
        preference: u8,
        /// Seconds for which it is a default router.
        lifetime_s: u16,
        /// How long a confirmation holds; 0 for unspecified.
        reachable_ms: u32,
        /// Time between two questions; 0 for unspecified.
        retrans_ms: u32,
    },
    /// Who has this address?
    NeighbourSolicitation {
        /// The address.
        target: Ipv6Addr,
    },
    /// I have this address.
    NeighbourAdvertisement {
        /// The sender is a router.
        router: bool,
        /// It answers a question.
        solicited: bool,
        /// Replace what you knew.
        over: bool,
        /// The address.
        target: Ipv6Addr,
    },
    /// Go there by another way.
    Redirect {
        /// The better next hop.
        target: Ipv6Addr,
        /// For this destination.
        destination: Ipv6Addr,
    },
}

/// A prefix that a router announces (RFC 4861, section 4.6.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NdPrefix {
    /// The prefix.
    pub prefix: Ipv6Addr,
    /// Its length.
    pub prefix_len: u8,
    /// Its addresses are on this link.
    pub on_link: bool,
    /// Hosts may make addresses of it.
    pub autonomous: bool,
    /// Seconds; all ones for ever.
    pub valid_s: u32,
    /// Seconds; all ones for ever.
    pub preferred_s: u32,
}

/// The options that the kernel looks at; of repeated ones the first, but for prefixes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NdOptions {
    /// The sender's station.
    pub source_lladdr: Option<MacAddr>,
    /// The target's station.
    pub target_lladdr: Option<MacAddr>,
    /// The prefixes.
    pub prefixes: Vec<NdPrefix>,
    /// The link's MTU.
    pub mtu: Option<u32>,
    /// Six random bytes of a probe (RFC 7527).
    pub nonce: Option<[u8; 6]>,
    /// The beginning of the packet that is redirected; only written.
    pub redirected: Vec<u8>,
}

/// A whole message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NdMessage {
    /// What it says.
    pub body: NdBody,
    /// Its options.
    pub options: NdOptions,
}

/// Why a message cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NdError {
    /// The type is not one of neighbour discovery, or the code is not 0.
    #[error("not neighbour discovery")]
    OtherType,
    /// It ends within its fixed part.
    #[error("too short")]
    TooShort,
    /// An option of length 0, cut off, or with an address of another length.
    #[error("bad options")]
    BadOptions,
}

impl NdMessage {
    /// A message without options.
    pub fn new(body: NdBody) -> Self {
        Self {
            body,
            options: NdOptions::default(),
        }
    }

    /// Reads an ICMPv6 message from its type on.
    ///
    /// # Errors
    /// See [`NdError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NdError> {
        let [kind, code] = bytes.first_chunk().copied().ok_or(NdError::TooShort)?;
        if code != 0 {
            return Err(NdError::OtherType);
        }
        let (body, fixed) = match kind {
            ROUTER_SOLICITATION => (NdBody::RouterSolicitation, 8),
            ROUTER_ADVERTISEMENT => (parse_advertisement(bytes)?, 16),
            NEIGHBOUR_SOLICITATION => {
                let target = addr_at(bytes, 8)?;
                (NdBody::NeighbourSolicitation { target }, 24)
            }
            NEIGHBOUR_ADVERTISEMENT => (parse_neighbour(bytes)?, 24),
            REDIRECT => {
                let (target, destination) = (addr_at(bytes, 8)?, addr_at(bytes, 24)?);
                let body = NdBody::Redirect {
                    target,
                    destination,
                };
                (body, 40)
            }
            _ => return Err(NdError::OtherType),
        };
        let rest = bytes.get(fixed..).ok_or(NdError::TooShort)?;
        let options = NdOptions::parse(rest).ok_or(NdError::BadOptions)?;
        Ok(Self { body, options })
    }

    /// The message as an IPv6 packet with hop limit 255.
    pub fn packet(&self, source: Ipv6Addr, target: Ipv6Addr) -> Frame {
        let mut bytes = self.body.bytes();
        self.options.write(&mut bytes);
        icmpv6_packet(source, target, 255, &bytes)
    }
}

fn addr_at(bytes: &[u8], at: usize) -> Result<Ipv6Addr, NdError> {
    let octets: [u8; 16] = bytes
        .get(at..at + 16)
        .and_then(|octets| octets.try_into().ok())
        .ok_or(NdError::TooShort)?;
    Ok(octets.into())
}

fn parse_advertisement(bytes: &[u8]) -> Result<NdBody, NdError> {
    let fixed: [u8; 16] = bytes.first_chunk().copied().ok_or(NdError::TooShort)?;
    let [_, _, _, _, hop_limit, flags, l0, l1, a, b, c, d, e, f, g, h] = fixed;
    Ok(NdBody::RouterAdvertisement {
        hop_limit,
        managed: flags & 0x80 != 0,
        other: flags & 0x40 != 0,
        preference: flags >> 3 & 3,
        lifetime_s: u16::from_be_bytes([l0, l1]),
        reachable_ms: u32::from_be_bytes([a, b, c, d]),
        retrans_ms: u32::from_be_bytes([e, f, g, h]),
    })
}

fn parse_neighbour(bytes: &[u8]) -> Result<NdBody, NdError> {
    let flags = *bytes.get(4).ok_or(NdError::TooShort)?;
    Ok(NdBody::NeighbourAdvertisement {
        router: flags & 0x80 != 0,
        solicited: flags & 0x40 != 0,
        over: flags & 0x20 != 0,
        target: addr_at(bytes, 8)?,
    })
}

impl NdBody {
    /// Its fixed part, with a checksum of zero.
    fn bytes(&self) -> Vec<u8> {
        let start = |kind: u8, word: [u8; 4]| {
            let mut bytes = vec![kind, 0, 0, 0];
            bytes.extend(word);
            bytes
        };
        match *self {
            Self::RouterSolicitation => start(ROUTER_SOLICITATION, [0; 4]),
            Self::RouterAdvertisement {
                hop_limit,
                managed,
                other,
                preference,
                lifetime_s,
                reachable_ms,
                retrans_ms,
            } => {
                let flags = u8::from(managed) << 7 | u8::from(other) << 6 | (preference & 3) << 3;
                let [high, low] = lifetime_s.to_be_bytes();
                let mut bytes = start(ROUTER_ADVERTISEMENT, [hop_limit, flags, high, low]);
                bytes.extend(reachable_ms.to_be_bytes());
                bytes.extend(retrans_ms.to_be_bytes());
                bytes
            }
            Self::NeighbourSolicitation { target } => {
                let mut bytes = start(NEIGHBOUR_SOLICITATION, [0; 4]);
                bytes.extend(target.octets());
                bytes
            }
            Self::NeighbourAdvertisement {
                router,
                solicited,
                over,
                target,
            } => {
                let flags = u8::from(router) << 7 | u8::from(solicited) << 6 | u8::from(over) << 5;
                let mut bytes = start(NEIGHBOUR_ADVERTISEMENT, [flags, 0, 0, 0]);
                bytes.extend(target.octets());
                bytes
            }
            Self::Redirect {
                target,
                destination,
            } => {
                let mut bytes = start(REDIRECT, [0; 4]);
                bytes.extend(target.octets());
                bytes.extend(destination.octets());
                bytes
            }
        }
    }
}

impl NdOptions {
    /// Reads all options; nothing where one is broken (`ndisc_parse_options`).
    fn parse(mut bytes: &[u8]) -> Option<Self> {
        let mut options = Self::default();
        while !bytes.is_empty() {
            let [kind, eights] = bytes.first_chunk().copied()?;
            let len = usize::from(eights) * 8;
            let option = bytes.get(..len).filter(|option| !option.is_empty())?;
            options.take(kind, option)?;
            bytes = bytes.get(len..)?;
        }
        Some(options)
    }

    fn take(&mut self, kind: u8, option: &[u8]) -> Option<()> {
        match kind {
            OPT_SOURCE_LLADDR if self.source_lladdr.is_none() => {
                self.source_lladdr = Some(lladdr(option)?);
            }
            OPT_TARGET_LLADDR if self.target_lladdr.is_none() => {
                self.target_lladdr = Some(lladdr(option)?);
            }
            OPT_PREFIX_INFO => self.prefixes.extend(NdPrefix::parse(option)),
            OPT_MTU if self.mtu.is_none() && option.len() == 8 => {
                let mtu = option.get(4..8)?.try_into().ok()?;
                self.mtu = Some(u32::from_be_bytes(mtu));
            }
            OPT_NONCE if option.len() == 8 => {
                self.nonce = option.get(2..8)?.try_into().ok();
            }
            _ => {}
        }
        Some(())
    }

    /// Writes them in the order of the kernel.
    fn write(&self, bytes: &mut Vec<u8>) {
        let mut put = |kind: u8, body: &[u8]| {
            let eights = u8::try_from((body.len() + 2) / 8).unwrap_or(0);
            bytes.extend([kind, eights]);
            bytes.extend(body);
        };
        if let Some(mac) = self.source_lladdr {
            put(OPT_SOURCE_LLADDR, &mac.0);
        }
        if let Some(mac) = self.target_lladdr {
            put(OPT_TARGET_LLADDR, &mac.0);
        }
        for prefix in &self.prefixes {
            put(OPT_PREFIX_INFO, &prefix.bytes());
        }
        if let Some(mtu) = self.mtu {
            let [a, b, c, d] = mtu.to_be_bytes();
            put(OPT_MTU, &[0, 0, a, b, c, d]);
        }
        if let Some(nonce) = self.nonce {
            put(OPT_NONCE, &nonce);
        }
        if !self.redirected.is_empty() {
            let quoted = self.redirected.len() & !7;
            let mut body = vec![0; 6];
            body.extend(self.redirected.get(..quoted).unwrap_or_default());
            put(OPT_REDIRECTED, &body);
        }
    }
}

fn lladdr(option: &[u8]) -> Option<MacAddr> {
    let bytes: [u8; 8] = option.try_into().ok()?;
    let [_, _, mac @ ..] = bytes;
    Some(MacAddr(mac))
}

impl NdPrefix {
    fn parse(option: &[u8]) -> Option<Self> {
        let bytes: [u8; 32] = option.try_into().ok()?;
        let [_, _, prefix_len, flags, v0, v1, v2, v3, p0, p1, p2, p3, ..] = bytes;
        let prefix: [u8; 16] = bytes.last_chunk().copied()?;
        Some(Self {
            prefix: prefix.into(),
            prefix_len,
            on_link: flags & 0x80 != 0,
            autonomous: flags & 0x40 != 0,
            valid_s: u32::from_be_bytes([v0, v1, v2, v3]),
            preferred_s: u32::from_be_bytes([p0, p1, p2, p3]),
        })
    }

    fn bytes(&self) -> Vec<u8> {
        let flags = u8::from(self.on_link) << 7 | u8::from(self.autonomous) << 6;
        let mut bytes = vec![self.prefix_len, flags];
        bytes.extend(self.valid_s.to_be_bytes());
        bytes.extend(self.preferred_s.to_be_bytes());
        bytes.extend([0; 4]);
        bytes.extend(self.prefix.octets());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_probe_is_written_as_the_kernel_writes_it() {
        let target: Ipv6Addr = "fe80::ff:fe00:1".parse().unwrap();
        let mut message = NdMessage::new(NdBody::NeighbourSolicitation { target });
        message.options.nonce = Some([1, 2, 3, 4, 5, 6]);
        let group = crate::wire::solicited_node(target);
        let packet = message.packet(Ipv6Addr::UNSPECIFIED, group);
        assert_eq!(packet.len(), 72);
        let bytes = packet.bytes();
        assert_eq!((bytes[7], bytes[6]), (255, 58));
        assert_eq!(bytes[64..72], [14, 1, 1, 2, 3, 4, 5, 6]);
        assert_eq!(NdMessage::parse(&bytes[40..]), Ok(message));
    }

    #[test]
    fn an_option_of_length_zero_spoils_the_message() {
        let mut bytes = vec![133, 0, 0, 0, 0, 0, 0, 0, 1, 0];
        assert_eq!(NdMessage::parse(&bytes), Err(NdError::BadOptions));
        bytes.truncate(7);
        assert_eq!(NdMessage::parse(&bytes), Err(NdError::TooShort));
        assert_eq!(NdMessage::parse(&[128, 0, 0, 0]), Err(NdError::OtherType));
    }

    #[test]
    fn a_router_advertisement_with_a_prefix_comes_back() {
        let mut message = NdMessage::new(NdBody::RouterAdvertisement {
            hop_limit: 64,
            managed: false,
            other: true,
            preference: 3,
            lifetime_s: 1800,
            reachable_ms: 30_000,
            retrans_ms: 1_000,
        });
        message.options.mtu = Some(1400);
        message.options.source_lladdr = Some(MacAddr([2, 0, 0, 0, 0, 9]));
        message.options.prefixes.push(NdPrefix {
            prefix: "fd00:5::".parse().unwrap(),
            prefix_len: 64,
            on_link: true,
            autonomous: true,
            valid_s: u32::MAX,
            preferred_s: 3600,
        });
        let packet = message.packet("fe80::1".parse().unwrap(), "ff02::1".parse().unwrap());
        assert_eq!(NdMessage::parse(&packet.bytes()[40..]), Ok(message));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(
            kind in 130..140u8,
            mut bytes in proptest::collection::vec(any::<u8>(), 0..120),
        ) {
            if let Some(first) = bytes.first_mut() {
                *first = kind;
            }
            if let Some(code) = bytes.get_mut(1) {
                *code = 0;
            }
            let _ = NdMessage::parse(&bytes);
        }
    }
}
