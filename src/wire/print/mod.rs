//! Prints a frame as tcpdump 4.99.3 prints it.
//! Needs no world: bytes in, text out. The time before a line is the caller's.
//!
//! Each protocol has a file; a printer ends early where the captured bytes do, and the line then ends with
//! ` [|protocol]`. Application protocols beyond DNS, DHCP and the text protocols are shown as their transport.

mod arp;
mod bootp;
mod bootp_options;
mod bootp_tables;
mod checksum;
mod context;
mod demux;
mod domain;
mod domain_name;
mod domain_records;
mod domain_tables;
mod edns;
mod ether;
mod flows;
mod groups;
mod hex;
mod icmp;
mod icmp6;
mod igmp;
mod ip;
mod ip6;
mod ip6_options;
mod ip_options;
mod link;
mod llc;
mod mld;
mod names;
mod nd_options;
mod stp;
mod tables;
mod tcp;
mod tcp_options;
mod text;
mod tunnel;
mod udp;

use context::{Context, Result};
use flows::Flows;

/// Frames longer than this are not printed (`MAXIMUM_SNAPLEN`).
pub const SNAPLEN_MAX: usize = 262_144;

/// How the bytes of a frame are shown behind its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hex {
    /// `-x`: hex, without the link header.
    Bytes,
    /// `-xx`: hex, with the link header.
    LinkBytes,
    /// `-X`: hex and text, without the link header.
    BytesText,
    /// `-XX`: hex and text, with the link header.
    LinkBytesText,
    /// `-A`: text, without the link header.
    Text,
    /// `-AA`: text, with the link header.
    LinkText,
}

/// What tcpdump's options say about printing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrintOptions {
    /// `-n`: no names for addresses and ports.
    pub numeric: bool,
    /// `-e`: the link header too.
    pub ether: bool,
    /// The number of `-v`.
    pub verbose: u8,
    /// `-x`, `-X`, `-A` and their doubles.
    pub hex: Option<Hex>,
    /// The number of `-q`.
    pub quiet: u8,
    /// `-S`: TCP sequence numbers as they are.
    pub absolute_seq: bool,
    /// `-K`: checksums are not verified.
    pub no_checksums: bool,
    /// `-T`: what datagrams carry, whatever their ports.
    pub force: Option<Force>,
}

/// What datagrams are taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// VXLAN, on a port of its own.
    Vxlan,
    /// DNS.
    Domain,
}

impl PrintOptions {
    /// Whether a packet of unknown type is dumped (`ndo_suppress_default_print`).
    fn dumps_unknown(&self) -> bool {
        let shown_anyway = matches!(
            self.hex,
            Some(Hex::Bytes | Hex::LinkBytes | Hex::BytesText | Hex::LinkBytesText)
        );
        self.quiet == 0 && !shown_anyway
    }
}

/// What stands before the network header of a captured frame (`DLT_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkType {
    /// Ethernet, `DLT_EN10MB`.
    Ethernet,
    /// Nothing: an IPv4 or IPv6 packet, `DLT_RAW`.
    Raw,
    /// The cooked header of a Linux packet socket, `DLT_LINUX_SLL`.
    LinuxSll,
    /// The cooked header of `-i any`, `DLT_LINUX_SLL2`.
    LinuxSll2,
}

/// Interface names by index, for the cooked header of `-i any`.
pub type Names = std::collections::BTreeMap<u32, String>;

/// Prints frames of one capture, one after the other: TCP sequence numbers are relative to the first.
///
/// ```
/// use vethlab::wire::print::{LinkType, PrintOptions, Printer};
///
/// let arp = [
///     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 6, // Ethernet
///     0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2,
/// ];
/// let options = PrintOptions { numeric: true, ..PrintOptions::default() };
/// let mut printer = Printer::new(options);
/// assert_eq!(
///     printer.frame(&arp, arp.len(), LinkType::Ethernet),
///     "ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28"
/// );
/// ```
#[derive(Clone, Debug, Default)]
pub struct Printer {
    options: PrintOptions,
    flows: Flows,
    names: Names,
}

impl Printer {
    /// A printer that has seen no frame.
    pub fn new(options: PrintOptions) -> Self {
        Self {
            options,
            ..Self::default()
        }
    }

    /// Names for the interface indexes of cooked headers; an unknown one prints as `?`.
    pub fn with_interface_names(mut self, names: Names) -> Self {
        self.names = names;
        self
    }

    /// The name of one more interface, or its new name.
    pub fn name_interface(&mut self, ifindex: u32, name: &str) {
        if self.names.get(&ifindex).is_none_or(|known| known != name) {
            self.names.insert(ifindex, name.to_owned());
        }
    }

    /// The lines of one frame, without the time in front and without the last line feed.
    ///
    /// `original_len` is the length on the wire, `bytes` what was captured of it.
    pub fn frame(&mut self, bytes: &[u8], original_len: usize, link: LinkType) -> String {
        if let Some(complaint) = impossible(bytes.len(), original_len) {
            return complaint;
        }
        let mut cx = Context::new(bytes, &self.options, &mut self.flows, &self.names);
        if link_frame(&mut cx, original_len, bytes.len(), link).is_err() {
            cx.truncated();
            cx.link_header_len = 0;
        }
        cx.reset_end();
        // Dumping what was captured cannot run past its end.
        let _ = dump(&mut cx, bytes.len());
        cx.into_text()
    }
}

/// The lines of one frame by itself.
pub fn frame(bytes: &[u8], original_len: usize, link: LinkType, options: &PrintOptions) -> String {
    Printer::new(options.clone()).frame(bytes, original_len, link)
}

/// Whether the lengths of a record make no frame, and what tcpdump says then instead of all else
/// (`pretty_print_packet`).
pub fn impossible(captured: usize, original: usize) -> Option<String> {
    let mut complaints = Vec::new();
    if captured == 0 {
        complaints.push(" caplen==0".to_owned());
    }
    if original == 0 {
        complaints.push(" len==0".to_owned());
    } else if original < captured {
        complaints.push(format!(" len({original}) < caplen({captured})"));
    }
    if captured > SNAPLEN_MAX {
        complaints.push(format!(" caplen({captured}) > {SNAPLEN_MAX}"));
    }
    if original > SNAPLEN_MAX {
        complaints.push(format!(" len({original}) > {SNAPLEN_MAX}"));
    }
    if complaints.is_empty() {
        return None;
    }
    Some(format!("[Invalid header:{}]", complaints.join(",")))
}

fn link_frame(cx: &mut Context<'_>, length: usize, captured: usize, link: LinkType) -> Result {
    match link {
        LinkType::Ethernet => {
            cx.protocol = "ether";
            let header = ether::ether(cx, 0, length, captured)?;
            cx.link_header_len = header;
            Ok(())
        }
        LinkType::Raw => link::raw(cx, length),
        LinkType::LinuxSll => link::sll(cx, length, captured),
        LinkType::LinuxSll2 => link::sll2(cx, length, captured),
    }
}

fn dump(cx: &mut Context<'_>, captured: usize) -> Result {
    let Some(kind) = cx.options.hex else {
        return Ok(());
    };
    let skipped = match kind {
        Hex::Bytes | Hex::BytesText | Hex::Text => cx.link_header_len,
        Hex::LinkBytes | Hex::LinkBytesText | Hex::LinkText => 0,
    };
    if captured <= skipped {
        return Ok(());
    }
    match kind {
        Hex::Bytes | Hex::LinkBytes => hex::hex(cx, "\n\t", skipped, captured - skipped),
        Hex::BytesText | Hex::LinkBytesText => {
            hex::hex_and_ascii(cx, "\n\t", skipped, captured - skipped)
        }
        Hex::Text | Hex::LinkText => hex::ascii(cx, skipped, captured - skipped),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A VXLAN packet around TCP, with a tag: most printers are a flipped byte away.
    const SEED: &[u8] = &[
        2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00, // Ethernet
        0x45, 0, 0, 0x66, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, // IPv4
        0xb0, 0, 0x12, 0xb5, 0, 0x52, 0, 0, // UDP
        8, 0, 0, 0, 0, 0, 7, 0, // VXLAN
        2, 66, 0, 0, 0, 2, 2, 66, 0, 0, 0, 1, 0x81, 0, 0, 5, 0x08, 0x00, // tagged Ethernet
        0x45, 0, 0, 0x34, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 1, 0, 1, 10, 1, 0, 2, // IPv4
        0x80, 0, 0, 80, 0, 0, 0, 1, 0, 0, 0, 1, 0x80, 0x18, 1, 1, 0, 0, 0, 0, // TCP
        1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2,
    ];

    fn any_options() -> impl Strategy<Value = PrintOptions> {
        let hex = prop_oneof![
            Just(None),
            Just(Some(Hex::Bytes)),
            Just(Some(Hex::LinkBytesText)),
            Just(Some(Hex::Text)),
        ];
        (any::<bool>(), any::<bool>(), 0u8..4, 0u8..3, hex).prop_map(
            |(numeric, ether, verbose, quiet, hex)| PrintOptions {
                numeric,
                ether,
                verbose,
                hex,
                quiet,
                ..PrintOptions::default()
            },
        )
    }

    fn any_link() -> impl Strategy<Value = LinkType> {
        prop_oneof![
            Just(LinkType::Ethernet),
            Just(LinkType::Raw),
            Just(LinkType::LinuxSll),
            Just(LinkType::LinuxSll2),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn random_bytes_print(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            more in 0usize..2000,
            options in any_options(),
            link in any_link(),
        ) {
            frame(&bytes, bytes.len() + more, link, &options);
        }

        #[test]
        fn damaged_frames_print(
            flips in prop::collection::vec((12..SEED.len(), any::<u8>()), 0..6),
            cut in 0..SEED.len(),
            cuts in any::<bool>(),
            tail in prop::collection::vec(any::<u8>(), 0..40),
            options in any_options(),
        ) {
            let mut bytes = SEED.to_vec();
            for (at, byte) in flips {
                bytes[at] = byte;
            }
            if cuts {
                bytes.truncate(cut + 1);
            } else {
                bytes.extend(tail);
            }
            frame(&bytes, SEED.len().max(bytes.len()), LinkType::Ethernet, &options);
        }
    }

    #[test]
    fn tunnels_in_tunnels_end_somewhere() {
        let mut bytes = vec![0; 12];
        bytes.extend_from_slice(&[0x08, 0x00]);
        for depth in (0..3000u16).rev() {
            let [high, low] = (20 * (depth + 1)).to_be_bytes();
            bytes.extend_from_slice(&[0x45, 0, high, low, 0, 0, 0, 0, 64, 4, 0, 0]);
            bytes.extend_from_slice(&[10, 0, 0, 1, 10, 0, 0, 2]);
        }
        let text = frame(
            &bytes,
            bytes.len(),
            LinkType::Ethernet,
            &PrintOptions::default(),
        );
        assert!(text.ends_with(" [|ip]"), "{}", &text[text.len() - 40..]);
    }

    #[test]
    fn lengths_that_make_no_frame_are_named() {
        let options = PrintOptions::default();
        assert_eq!(
            frame(&[], 60, LinkType::Ethernet, &options),
            "[Invalid header: caplen==0]"
        );
        assert_eq!(
            frame(&[1, 2], 1, LinkType::Ethernet, &options),
            "[Invalid header: len(1) < caplen(2)]"
        );
    }
}
