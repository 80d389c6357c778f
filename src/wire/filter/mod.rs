//! Filter expressions of tcpdump: compiled to tests on bytes, matched against frames.
//! Neither BPF code nor name resolution: names are those of a system's own tables.
//!
//! ```
//! use vethlab::wire::filter::Filter;
//!
//! let filter = Filter::compile("arp and not ether multicast")?;
//! let mut frame = [0; 42];
//! frame[12..14].copy_from_slice(&[0x08, 0x06]);
//! assert!(filter.matches(&frame, 42));
//! frame[0] = 0xff;
//! assert!(!filter.matches(&frame, 42));
//! # Ok::<(), vethlab::wire::filter::FilterError>(())
//! ```

mod addresses;
mod arithmetic;
mod frames;
mod generate;
mod lengths;
mod lexer;
mod names;
mod numbers;
mod operands;
mod parser;
mod ports;
mod program;
mod qualifier;
mod satisfiable;
mod words;

use thiserror::Error;

use super::print::LinkType;
use program::{Condition, Frame};

/// Why an expression is no filter; the words are libpcap's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FilterError {
    /// The words do not make an expression.
    #[error("can't parse filter expression: syntax error")]
    Syntax,
    /// A name or number stands where nothing says what it is.
    #[error("syntax error in filter expression")]
    NoQualifier,
    /// Too many terms, or too deep parentheses.
    #[error("can't parse filter expression: memory exhausted")]
    TooComplex,
    /// No frame can match.
    #[error("expression rejects all packets")]
    RejectsAll,
    /// A number of more than 32 bits.
    #[error("number {0} overflows 32 bits")]
    NumberTooLarge(String),
    /// A number that starts like an octal one and is none.
    #[error("number {0} contains non-octal digit")]
    NotOctal(String),
    /// Too few or too many groups.
    #[error("bogus ethernet address {0}")]
    BogusMac(String),
    /// A word of libpcap's that is not simulated.
    #[error("'{0}' is not supported by the simulated tcpdump")]
    NotSimulated(&'static str),
    /// Anything else that makes no sense, in libpcap's words.
    #[error("{0}")]
    Invalid(String),
}

/// Where the frames come from: decides where headers are, and what a filter may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// What stands in front of the network header.
    pub link: LinkType,
    /// A packet socket, not a file: the outermost VLAN tag is taken off before the filter sees the frame.
    pub live: bool,
}

impl Default for Source {
    fn default() -> Self {
        Self {
            link: LinkType::Ethernet,
            live: false,
        }
    }
}

/// A compiled filter expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    condition: Condition,
    live: bool,
}

impl Filter {
    /// Compiles an expression for the Ethernet frames of a capture file. An empty one matches all.
    pub fn compile(expression: &str) -> Result<Self, FilterError> {
        Self::compile_for(expression, Source::default())
    }

    /// Compiles an expression for the frames of a source.
    pub fn compile_for(expression: &str, source: Source) -> Result<Self, FilterError> {
        let condition = parser::parse(expression, source)?;
        if !satisfiable::satisfiable(&condition) {
            return Err(FilterError::RejectsAll);
        }
        Ok(Self {
            condition,
            live: source.live && source.link == LinkType::Ethernet,
        })
    }

    /// Whether a frame matches: what was captured of it, and its length on the wire.
    pub fn matches(&self, bytes: &[u8], original_len: usize) -> bool {
        let length = u32::try_from(original_len).unwrap_or(u32::MAX);
        let untagged = if self.live { untag(bytes) } else { None };
        let frame = match &untagged {
            Some((bytes, tag)) => Frame {
                bytes,
                length: length.saturating_sub(4),
                offloaded_tag: Some(*tag),
            },
            None => Frame {
                bytes,
                length,
                offloaded_tag: None,
            },
        };
        self.condition.holds(frame).unwrap_or(false)
    }
}

/// The frame without its outermost tag, and the tag (`skb_vlan_untag`).
fn untag(bytes: &[u8]) -> Option<(Vec<u8>, u16)> {
    let tag = bytes.get(12..16)?;
    if !matches!([tag[0], tag[1]], [0x81, 0x00] | [0x88, 0xa8]) {
        return None;
    }
    let mut untagged = bytes[..12].to_vec();
    untagged.extend_from_slice(&bytes[16..]);
    Some((untagged, u16::from_be_bytes([tag[2], tag[3]])))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ARP: &[u8] = &[
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 6, // Ethernet
        0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2,
    ];

    const TCP: &[u8] = &[
        2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, // Ethernet
        0x45, 0, 0, 40, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, // IPv4
        0x80, 0, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 1, 1, 0, 0, 0, 0, // TCP
    ];

    fn tagged(frame: &[u8], tag: u16) -> Vec<u8> {
        let mut bytes = frame[..12].to_vec();
        bytes.extend_from_slice(&[0x81, 0]);
        bytes.extend_from_slice(&tag.to_be_bytes());
        bytes.extend_from_slice(&frame[12..]);
        bytes
    }

    fn matches(expression: &str, frame: &[u8]) -> bool {
        let filter = Filter::compile(expression).expect("a good expression");
        filter.matches(frame, frame.len())
    }

    #[test]
    fn words_choose_frames() {
        let cases = [
            ("", true, true),
            ("arp", true, false),
            ("tcp port 80", false, true),
            ("port 81 or 80", false, true),
            ("not port 80", true, false),
            ("host 10.0.0.1", true, true),
            ("src host 10.0.0.2", false, false),
            ("dst net 10.0.0.0/24 and tcp", false, true),
            ("ether broadcast", true, false),
            ("ether src 02:00:00:00:00:01", true, true),
            ("arp[6:2] = 1", true, false),
            ("tcp[tcpflags] & tcp-syn != 0", false, true),
            ("ip[6:2] & 0x1fff = 0", false, true),
            ("ether[0] & 1 = 1 and arp", true, false),
            ("greater 50", false, true),
            ("less 42", true, false),
            ("icmp or (arp and host (10.0.0.2 or 10.0.0.3))", true, false),
            ("ether proto \\arp or ip proto 6", true, true),
        ];
        for (expression, arp, tcp) in cases {
            let found = (matches(expression, ARP), matches(expression, TCP));
            assert_eq!(found, (arp, tcp), "{expression}");
        }
    }

    #[test]
    fn a_frame_too_short_for_a_test_does_not_match_its_negation_either() {
        assert!(!matches("ether[1000] = 1", ARP));
        assert!(!matches("not ether[1000] = 1", ARP));
        assert!(matches("arp or ether[1000] = 1", ARP));
    }

    #[test]
    fn what_follows_vlan_is_looked_for_behind_the_tag() {
        let frame = tagged(ARP, 10);
        assert!(matches("vlan 10 and arp", &frame));
        assert!(!matches("vlan 11", &frame));
        assert!(!matches("arp", &frame));
        assert!(!matches("vlan", ARP));
    }

    #[test]
    fn a_packet_socket_sees_the_frame_without_its_tag() {
        let live = Source {
            live: true,
            ..Source::default()
        };
        let frame = tagged(ARP, 10);
        for expression in ["arp", "vlan", "vlan 10 and arp", "not vlan 11"] {
            let filter = Filter::compile_for(expression, live).expect("a good expression");
            assert!(filter.matches(&frame, frame.len()), "{expression}");
        }
    }

    #[test]
    fn errors_are_in_the_words_of_libpcap() {
        let cases = [
            ("tcp 80", "can't parse filter expression: syntax error"),
            ("host", "can't parse filter expression: syntax error"),
            (
                "ip proto icmp",
                "can't parse filter expression: syntax error",
            ),
            ("arp and 10.0.0.1", "syntax error in filter expression"),
            ("host nowhere", "unknown host 'nowhere'"),
            ("port nothing", "unknown port 'nothing'"),
            ("port 70000", "illegal port number 70000 > 65535"),
            ("udp port http", "port 'http' is tcp"),
            ("net 10.0.0.1/24", "non-network bits set in \"10.0.0.1/24\""),
            ("host 300.1.1.1", "invalid IPv4 address '300.1.1.1'"),
            ("icmp and arp", "expression rejects all packets"),
            ("icmp[0:3] = 1", "data size must be 1, 2, or 4"),
            (
                "inbound",
                "inbound/outbound not supported on Ethernet when reading savefiles",
            ),
        ];
        for (expression, words) in cases {
            let error = Filter::compile(expression).expect_err(expression);
            assert_eq!(error.to_string(), words, "{expression}");
        }
    }

    #[test]
    fn deep_and_long_expressions_are_refused() {
        let deep = format!("{}arp{}", "(".repeat(5000), ")".repeat(5000));
        let long = vec!["arp"; 5000].join(" or ");
        let minus = format!("{}1 = 1", "- ".repeat(5000));
        for expression in [deep, long, minus] {
            assert_eq!(Filter::compile(&expression), Err(FilterError::TooComplex));
        }
    }

    proptest! {
        #[test]
        fn any_words_compile_or_do_not(
            words in prop::collection::vec(prop::sample::select(WORDS), 0..12),
            link in prop::sample::select(LINKS),
            live in any::<bool>(),
            bytes in prop::collection::vec(any::<u8>(), 0..80),
        ) {
            let expression = words.join(" ");
            if let Ok(filter) = Filter::compile_for(&expression, Source { link, live }) {
                filter.matches(&bytes, bytes.len());
            }
        }

        #[test]
        fn any_text_compiles_or_does_not(expression in "\\PC{0,40}") {
            let _ = Filter::compile(&expression);
        }
    }

    const LINKS: &[LinkType] = &[
        LinkType::Ethernet,
        LinkType::Raw,
        LinkType::LinuxSll,
        LinkType::LinuxSll2,
    ];

    const WORDS: &[&str] = &[
        "arp",
        "ip",
        "tcp",
        "icmp",
        "ether",
        "host",
        "net",
        "port",
        "portrange",
        "proto",
        "src",
        "dst",
        "and",
        "or",
        "not",
        "(",
        ")",
        "[",
        "]",
        ":",
        "=",
        "&",
        "<<",
        "%",
        "^",
        "-",
        "/",
        "1",
        "2",
        "80",
        "10.0.0.1",
        "10.0.0.0",
        "24",
        "fe80::1",
        "02:00:00:00:00:01",
        "vlan",
        "len",
        "less",
        "broadcast",
        "multicast",
        "foo",
        "0xffffffff",
        "\\icmp",
        "1-5",
        "mask",
    ];
}
