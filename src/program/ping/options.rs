//! What packets record on their way: the options that a ping sends, and how it prints those that come back.
//! The nodes on the way write them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::{Ping, Record};
use crate::kernel::World;
use crate::program::Console;

const RECORD_ROUTE: u8 = 7;
const TIMESTAMP: u8 = 68;

impl Record {
    /// The options of a header that asks for it, with room for as much as fits.
    pub(super) fn header_options(self) -> Vec<u8> {
        let mut options = vec![0; 40];
        match self {
            Self::Route => options[..4].copy_from_slice(&[1, RECORD_ROUTE, 39, 4]),
            Self::Time => options[..4].copy_from_slice(&[TIMESTAMP, 40, 5, 0]),
            Self::AddressAndTime => {
                options.truncate(36);
                options[..4].copy_from_slice(&[TIMESTAMP, 36, 5, 1]);
            }
        }
        options
    }
}

/// The address at a place.
fn address(bytes: &[u8], at: usize) -> Option<Ipv4Addr> {
    let bytes = bytes.get(at..)?.first_chunk::<4>()?;
    Some(Ipv4Addr::from(*bytes))
}

impl Ping {
    /// Prints what a reply's header recorded (`pr_options`).
    pub(super) fn print_options(&mut self, world: &World, console: &mut Console, packet: &[u8]) {
        let len = 4 * usize::from(packet.first().map_or(0, |first| first & 0x0f));
        let mut rest = packet.get(20..len).unwrap_or(&[]);
        while let Some(&kind) = rest.first().filter(|&&kind| kind != 0) {
            if kind == 1 {
                console.out("\nNOP");
                rest = &rest[1..];
                continue;
            }
            let len = usize::from(rest.get(1).copied().unwrap_or(0));
            let Some((option, behind)) = rest.split_at_checked(len).filter(|_| len >= 3) else {
                return;
            };
            match kind {
                RECORD_ROUTE => self.print_route(world, console, option),
                TIMESTAMP => self.print_times(world, console, option),
                _ => console.out(format!("\nunknown option {kind:x}")),
            }
            rest = behind;
        }
    }

    /// The bytes that are written, from the first place for them on.
    fn written(option: &[u8], first: usize) -> &[u8] {
        let end = usize::from(option[2])
            .min(option.len() + 1)
            .saturating_sub(1);
        option.get(first..end).unwrap_or(&[])
    }

    fn print_route(&mut self, world: &World, console: &mut Console, option: &[u8]) {
        let written = Self::written(option, 3);
        if written.is_empty() {
            return;
        }
        if written == self.old_route && !self.options.flood {
            return console.out("\t(same route)");
        }
        self.old_route = written.to_vec();
        console.out("\nRR: ");
        for at in (0..written.len()).step_by(4) {
            let Some(node) = address(written, at) else {
                return;
            };
            let shown = self.node(world, node);
            console.out(format!("\t{shown}\n"));
        }
    }

    fn node(&self, world: &World, node: Ipv4Addr) -> String {
        match node.is_unspecified() {
            true => "0.0.0.0".to_owned(),
            false => self.name(world, SocketAddr::new(IpAddr::V4(node), 0)),
        }
    }

    /// The first time as it is, the others as what passed since.
    fn print_times(&self, world: &World, console: &mut Console, option: &[u8]) {
        let flags = option.get(3).copied().unwrap_or(0);
        let written = Self::written(option, 4);
        if written.is_empty() {
            return;
        }
        console.out("\nTS: ");
        let with_address = flags & 0x0f != 0;
        let step = if with_address { 8 } else { 4 };
        let mut last: Option<i64> = None;
        for at in (0..written.len()).step_by(step) {
            if with_address {
                let Some(node) = address(written, at) else {
                    break;
                };
                let shown = self.node(world, node);
                console.out(format!("\t{shown}"));
            }
            let Some(time) = address(written, at + step - 4) else {
                break;
            };
            let time = i64::from(u32::from(time));
            match last {
                None => console.out(format!("\t{time} absolute\n")),
                Some(last) => console.out(format!("\t{}\n", time - last)),
            }
            last = Some(time);
        }
        if flags >> 4 != 0 {
            console.out(format!("Unrecorded hops: {}\n", flags >> 4));
        }
    }
}
