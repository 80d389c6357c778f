//! One network card: its name, station address, MTU, addresses and wires.
//! Which network it is plugged into is judged with all of them.

use std::time::Duration;

use ipnet::IpNet;

use super::{Card, Judge, NICS_MAX};
use crate::device::underlay::{QUEUE_BYTES, WireSpec};
use crate::kernel::nic::CABLE_CROSSING;
use crate::scenario::hosts::{Bytes, HostSpec, NetworkSpec, NicSpec, Part, Speed};
use crate::scenario::schema::{At, Span};
use crate::units::{IfName, MacAddr};

impl Judge {
    /// The network cards that a host says it has: `eth0` where it says nothing of any.
    pub(super) fn nics_of(
        &mut self,
        name: &At<String>,
        spec: &HostSpec,
        cabled: bool,
    ) -> Vec<(At<String>, NicSpec)> {
        let eth0 = NicSpec {
            network: spec.network.clone(),
            address: spec.address.clone(),
            mac: spec.mac.clone(),
            mtu: spec.mtu.clone(),
            latency: spec.latency.clone(),
            rate: spec.rate.clone(),
            loss: spec.loss.clone(),
            queue: spec.queue.clone(),
        };
        let silent = eth0 == NicSpec::default();
        match &spec.nics {
            Some(nics) => {
                if !silent {
                    self.fault(
                        name.place,
                        "say of each of the `nics` what is said beside them",
                    );
                }
                if nics.0.len() > NICS_MAX {
                    let words = format!("{} network cards: at most {NICS_MAX}", nics.0.len());
                    self.fault(name.place, words);
                    return Vec::new();
                }
                nics.0.clone()
            }
            // A machine whose eth0 is the end of a cable is in no network by itself.
            None if silent && cabled => Vec::new(),
            None => vec![(
                At {
                    value: "eth0".to_owned(),
                    place: name.place,
                },
                eth0,
            )],
        }
    }

    pub(super) fn card(&mut self, dev: &At<String>, nic: &NicSpec) -> Option<Card> {
        let name = self.ifname(dev)?;
        let network = self.network(nic.network.as_ref())?;
        let found = self.plan.networks.get(network)?;
        let (up, down) = wires(&found.spec, nic);
        let mtu = found.mtu;
        Some(Card {
            name,
            place: dev.place,
            mac: nic.mac.as_ref().and_then(|mac| self.mac(mac)),
            mtu: self.mtu(nic.mtu.as_ref(), mtu),
            up: true,
            addresses: self.parse_addresses(&nic.address.0),
            plug: Some((network, up, down)),
        })
    }

    pub(super) fn ifname(&mut self, dev: &At<String>) -> Option<IfName> {
        let name = self.parse::<IfName>(dev, "name of a device")?;
        if name.as_str() == "lo" || name.as_str().contains('%') {
            self.fault(
                dev.place,
                format!("a network card cannot be called `{name}`"),
            );
            return None;
        }
        Some(name)
    }

    pub(super) fn mac(&mut self, mac: &At<String>) -> Option<MacAddr> {
        let parsed = self.parse::<MacAddr>(mac, "station address")?;
        if !parsed.is_station() {
            self.fault(mac.place, format!("`{parsed}` is no address of a station"));
        }
        Some(parsed)
    }

    pub(super) fn parse_addresses(&mut self, texts: &[At<String>]) -> Vec<At<IpNet>> {
        let what = "address with a prefix length: write 192.168.0.11/24";
        let mut all = Vec::new();
        for text in texts {
            if let Some(value) = self.parse(text, what) {
                all.push(At {
                    value,
                    place: text.place,
                });
            }
        }
        all
    }
}

/// The wires of a card in a network: the network's latency and loss are met once, on the way to the receiver,
/// and the card's own on both ways.
pub(super) fn wires(network: &NetworkSpec, nic: &NicSpec) -> (WireSpec, WireSpec) {
    let own = nic
        .latency
        .as_ref()
        .map_or(Duration::ZERO, |span| span.value.0);
    let (up, down) = match &network.latency {
        Some(At {
            value: Span(latency),
            ..
        }) => (Duration::ZERO, *latency),
        None => (CABLE_CROSSING, CABLE_CROSSING),
    };
    let ppm = |loss: &Option<At<Part>>| loss.as_ref().map_or(0, |part| part.value.0);
    let wire = |latency: Duration, loss_ppm: u32| WireSpec {
        latency: latency.saturating_add(own),
        rate_bps: rate(&[&nic.rate, &network.rate]),
        loss_ppm,
        queue_bytes: queue(&[&nic.queue, &network.queue]),
    };
    let lossy = either(ppm(&nic.loss), ppm(&network.loss));
    (wire(up, ppm(&nic.loss)), wire(down, lossy))
}

/// The part that one loss or another takes.
fn either(one: u32, other: u32) -> u32 {
    let both = u64::from(one) * u64::from(other) / 1_000_000;
    u32::try_from(u64::from(one) + u64::from(other) - both).unwrap_or(1_000_000)
}

pub(super) fn rate(given: &[&Option<At<Speed>>]) -> Option<u64> {
    given
        .iter()
        .find_map(|rate| rate.as_ref().map(|rate| rate.value.0))
}

pub(super) fn queue(given: &[&Option<At<Bytes>>]) -> u32 {
    let given = given.iter().find_map(|queue| queue.as_ref());
    given.map_or(QUEUE_BYTES, |queue| queue.value.0)
}
