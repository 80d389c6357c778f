//! Extension headers of IPv6 packets: options, routing, fragments (RFC 8200, section 4; exthdrs.c).
//! It says what is wrong with them; sending an error about it is for the caller.

use crate::engine::trace::DropReason;
use crate::wire::ipv6::{
    IPPROTO_DSTOPTS, IPPROTO_FRAGMENT, IPPROTO_HOPOPTS, IPPROTO_ROUTING, IPV6_HLEN, Ipv6View,
};

/// Code of a parameter problem: a field with a bad value.
pub const BAD_FIELD: u8 = 0;
/// Code of a parameter problem: a next header that nobody takes.
pub const BAD_NEXT_HEADER: u8 = 1;
/// Code of a parameter problem: an option that may not be passed over.
pub const BAD_OPTION: u8 = 2;
/// Code of a parameter problem: a first fragment without all headers (RFC 7112).
pub const INCOMPLETE_CHAIN: u8 = 3;

const OPT_PAD1: u8 = 0;
const OPT_PADN: u8 = 1;
const OPT_ROUTER_ALERT: u8 = 5;
const OPT_JUMBO: u8 = 194;
/// Padding in one place is at most this long (`ip6_parse_tlv`).
const PADDING_MAX: usize = 7;

/// Why a packet goes no further.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Its source is told: code and pointer of a parameter problem.
    Problem(u8, u32),
    /// Nobody is told.
    Dropped(DropReason),
}

const BAD: Fault = Fault::Dropped(DropReason::IpInhdr);

/// What stands behind the extension headers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Carried {
    /// A message of this protocol.
    Upper {
        /// The protocol.
        protocol: u8,
        /// Where it begins.
        at: usize,
        /// Where its number stands.
        named_at: usize,
    },
    /// A part of a packet.
    Fragment {
        /// Where the fragment header begins.
        at: usize,
        /// Where its number stands.
        named_at: usize,
    },
}

/// Looks at the hop-by-hop options, if there are any; says whether routers are to look at the
/// packet (`ipv6_parse_hopopts`). `options_max` is `max_hbh_opts_number`.
///
/// # Errors
/// What is wrong with them.
pub fn hop_by_hop(packet: &[u8], options_max: usize) -> Result<bool, Fault> {
    let view = Ipv6View::new(packet).ok_or(BAD)?;
    if view.next_header() != IPPROTO_HOPOPTS {
        return Ok(false);
    }
    let end = end_of(packet, IPV6_HLEN)?;
    options(packet, IPV6_HLEN + 2, end, options_max)
}

/// Passes over the extension headers up to a fragment header or what is carried
/// (`ip6_protocol_deliver_rcu`). An atomic fragment is passed over too.
///
/// # Errors
/// What is wrong with a header.
pub fn walk(packet: &[u8], options_max: usize) -> Result<Carried, Fault> {
    let (mut named_at, mut at) = (6, IPV6_HLEN);
    loop {
        let protocol = *packet.get(named_at).ok_or(BAD)?;
        let end = match protocol {
            IPPROTO_HOPOPTS if at == IPV6_HLEN => end_of(packet, at)?,
            IPPROTO_DSTOPTS => {
                let end = end_of(packet, at)?;
                options(packet, at + 2, end, options_max)?;
                end
            }
            IPPROTO_ROUTING => {
                let left = *packet.get(at + 3).ok_or(BAD)?;
                if left > 0 {
                    // Neither type 0 (RFC 5095) nor segments without `seg6_enabled`.
                    return Err(Fault::Problem(BAD_FIELD, narrow(at + 2)));
                }
                end_of(packet, at)?
            }
            IPPROTO_FRAGMENT => {
                let header = packet.get(at..at + 8).ok_or(BAD)?;
                if header[2] != 0 || header[3] & 0xf9 != 0 {
                    return Ok(Carried::Fragment { at, named_at });
                }
                at + 8
            }
            _ => {
                return Ok(Carried::Upper {
                    protocol,
                    at,
                    named_at,
                });
            }
        };
        (named_at, at) = (at, end);
    }
}

/// The protocol and the bytes of what a packet carries, also where it is only quoted; nothing for a
/// later fragment (`ipv6_skip_exthdr`).
pub fn upper(packet: &[u8]) -> Option<(u8, &[u8])> {
    let (mut named_at, mut at) = (6, IPV6_HLEN);
    loop {
        let protocol = *packet.get(named_at)?;
        let end = match protocol {
            IPPROTO_HOPOPTS | IPPROTO_DSTOPTS | IPPROTO_ROUTING => end_of(packet, at).ok()?,
            IPPROTO_FRAGMENT => {
                let header = packet.get(at..at + 8)?;
                if header[2] != 0 || header[3] & 0xf8 != 0 {
                    return None;
                }
                at + 8
            }
            _ => return Some((protocol, packet.get(at..)?)),
        };
        (named_at, at) = (at, end);
    }
}

/// Where what may be fragmented begins, and where its number stands (`ip6_find_1stfragopt`).
pub fn fragmentable(packet: &[u8]) -> (usize, usize) {
    let (mut named_at, mut at) = (6, IPV6_HLEN);
    while let Some(IPPROTO_HOPOPTS | IPPROTO_ROUTING) = packet.get(named_at).copied() {
        let Ok(end) = end_of(packet, at) else {
            break;
        };
        (named_at, at) = (at, end);
    }
    (at, named_at)
}

/// Where the header that begins at `at` ends.
fn end_of(packet: &[u8], at: usize) -> Result<usize, Fault> {
    let eights = *packet.get(at + 1).ok_or(BAD)?;
    let end = at + 8 + 8 * usize::from(eights);
    if end > packet.len() {
        return Err(BAD);
    }
    Ok(end)
}

/// The options from `at` to `end` (`ip6_parse_tlv`).
fn options(packet: &[u8], mut at: usize, end: usize, most: usize) -> Result<bool, Fault> {
    let (mut padding, mut count, mut alert) = (0, 0, false);
    while at < end {
        let kind = *packet.get(at).ok_or(BAD)?;
        let len = match kind {
            OPT_PAD1 => 1,
            _ => 2 + usize::from(*packet.get(at + 1).ok_or(BAD)?),
        };
        let option = packet
            .get(at..at + len)
            .filter(|_| at + len <= end)
            .ok_or(BAD)?;
        match kind {
            OPT_PAD1 | OPT_PADN => {
                padding += len;
                let filled = option.iter().skip(2).any(|&byte| byte != 0);
                if padding > PADDING_MAX || filled {
                    return Err(BAD);
                }
            }
            _ => {
                (padding, count) = (0, count + 1);
                if count > most {
                    return Err(BAD);
                }
                alert |= option_is_alert(packet, kind, len, at)?;
            }
        }
        at += len;
    }
    Ok(alert)
}

/// One option; those that are not known say themselves what is to be done (`ip6_tlvopt_unknown`).
fn option_is_alert(packet: &[u8], kind: u8, len: usize, at: usize) -> Result<bool, Fault> {
    match (kind, kind >> 6) {
        (OPT_ROUTER_ALERT, _) if len == 4 => Ok(true),
        (OPT_ROUTER_ALERT | OPT_JUMBO, _) | (_, 1) => Err(BAD),
        (_, 0) => Ok(false),
        (_, 3) if Ipv6View::new(packet).is_some_and(|view| view.dst().is_multicast()) => Err(BAD),
        _ => Err(Fault::Problem(BAD_OPTION, narrow(at))),
    }
}

fn narrow(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Frame;
    use crate::wire::ipv6::Ipv6Header;
    use proptest::prelude::*;

    fn packet(next_header: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = Frame::new(payload);
        let header = Ipv6Header {
            src: "fd00::1".parse().unwrap(),
            dst: "fd00::2".parse().unwrap(),
            next_header,
            hop_limit: 64,
            traffic_class: 0,
        };
        header.push(&mut frame);
        frame.bytes().to_vec()
    }

    #[test]
    fn a_router_alert_is_seen_and_passed_over() {
        let bytes = packet(0, &[58, 0, 5, 2, 0, 0, 1, 0, 143, 0, 0, 0]);
        assert_eq!(hop_by_hop(&bytes, 8), Ok(true));
        let upper = Carried::Upper {
            protocol: 58,
            at: 48,
            named_at: 40,
        };
        assert_eq!(walk(&bytes, 8), Ok(upper));
    }

    #[test]
    fn an_unknown_option_says_itself_what_it_does_to_the_packet() {
        let with = |kind| packet(0, &[58, 0, kind, 2, 0, 0, 1, 0]);
        assert_eq!(hop_by_hop(&with(0x1e), 8), Ok(false));
        assert_eq!(hop_by_hop(&with(0x5e), 8), Err(BAD));
        let told = Err(Fault::Problem(BAD_OPTION, 42));
        assert_eq!(hop_by_hop(&with(0x9e), 8), told);
        assert_eq!(hop_by_hop(&with(0xde), 8), told);
    }

    #[test]
    fn options_are_bounded_in_number_and_padding() {
        let bytes = packet(0, &[58, 0, 0x1e, 0, 0x1e, 0, 0x1e, 0]);
        assert_eq!(hop_by_hop(&bytes, 3), Ok(false));
        assert_eq!(hop_by_hop(&bytes, 2), Err(BAD));
        let padded = packet(0, &[58, 1, 1, 6, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0]);
        assert_eq!(hop_by_hop(&padded, 8), Err(BAD));
        let filled = packet(0, &[58, 0, 1, 4, 0, 0, 0, 7]);
        assert_eq!(hop_by_hop(&filled, 8), Err(BAD));
    }

    #[test]
    fn a_routing_header_with_segments_left_is_refused() {
        let bytes = packet(43, &[58, 0, 0, 1, 0, 0, 0, 0, 128, 0]);
        assert_eq!(walk(&bytes, 8), Err(Fault::Problem(BAD_FIELD, 42)));
        let spent = packet(43, &[58, 0, 0, 0, 0, 0, 0, 0, 128, 0]);
        assert!(matches!(
            walk(&spent, 8),
            Ok(Carried::Upper {
                protocol: 58,
                at: 48,
                ..
            })
        ));
    }

    proptest! {
        #[test]
        fn no_headers_make_the_walk_panic(
            next in prop::sample::select(vec![0_u8, 43, 44, 60, 58]),
            mut bytes in prop::collection::vec(any::<u8>(), 0..100),
            links in prop::collection::vec(prop::sample::select(vec![0_u8, 43, 44, 60]), 4),
        ) {
            for (index, link) in links.iter().enumerate() {
                if let Some(byte) = bytes.get_mut(index * 8) {
                    *byte = *link;
                }
                if let Some(byte) = bytes.get_mut(index * 8 + 1) {
                    *byte = 0;
                }
            }
            let packet = packet(next, &bytes);
            let _ = walk(&packet, 8);
            let _ = hop_by_hop(&packet, 8);
            let _ = upper(&packet);
            let (at, _) = fragmentable(&packet);
            prop_assert!(at <= packet.len());
        }
    }
}
