//! The lines of a traceroute: its header, and each hop as its probes are decided.
//! Nothing is decided here.

use std::net::SocketAddr;

use super::Traceroute;
use super::answer::hops_of;
use crate::kernel::World;
use crate::program::{Console, resolve};

impl Traceroute {
    /// The header; each hop begins with a newline, so it has none.
    pub(super) fn print_header(&self, world: &World, target: &str, console: &mut Console) {
        let address = resolve::numeric(world, self.netns, self.to);
        let (hops, len) = (self.options.max_hops, self.header_len + self.data_len);
        console.out(format!(
            "traceroute to {target} ({address}), {hops} hops max, {len} byte packets"
        ));
    }

    fn print_address(&self, world: &World, address: SocketAddr, console: &mut Console) {
        let numeric = resolve::numeric(world, self.netns, address);
        if self.options.numeric {
            return console.out(format!(" {numeric}"));
        }
        let name = resolve::name_of(world, self.netns, &self.hostname, address.ip());
        console.out(format!(
            " {} ({numeric})",
            name.as_deref().unwrap_or(&numeric)
        ));
    }

    /// One probe, behind those before it (`print_probe`).
    pub(super) fn print_probe(&self, world: &World, index: usize, console: &mut Console) {
        let per_hop = self.options.probes_per_hop as usize;
        let (hop, number) = (index / per_hop + 1, index % per_hop);
        if number == 0 {
            console.out(format!("\n{hop:2} "));
        }
        let probe = &self.probes[index];
        match probe.from {
            None => console.out(" *"),
            Some(from) => {
                let before = self.probes[index - number..index].iter().rev();
                let last = before.into_iter().find(|probe| probe.from.is_some());
                let same = last.is_some_and(|last| {
                    last.from.map(|from| from.ip()) == Some(from.ip())
                        && (!self.options.backward || last.received_ttl == probe.received_ttl)
                });
                if !same {
                    self.print_address(world, from, console);
                    self.print_backward(index, hop, console);
                }
            }
        }
        if let (Some(sent), Some(received)) = (probe.sent, probe.received) {
            let micros = (received.since(sent).as_nanos() + 500) / 1_000;
            console.out(format!("  {}.{:03} ms", micros / 1_000, micros % 1_000));
        }
        if !probe.words.is_empty() {
            console.out(format!(" {}", probe.words));
        }
    }

    /// The number of hops back, where it differs.
    fn print_backward(&self, index: usize, hop: usize, console: &mut Console) {
        let ttl = self.probes[index].received_ttl;
        if self.options.backward && ttl > 0 && hops_of(ttl) as usize != hop {
            console.out(format!(" '-{}'", hops_of(ttl)));
        }
    }
}
