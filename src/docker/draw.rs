//! Everything that an engine draws: ids, names of devices and containers, MAC addresses, ports.
//! Each kind has its own stream, so that one more container shifts no MAC of another network.

use crate::engine::{Random, Seed};
use crate::units::MacAddr;

/// The random streams of one engine.
#[derive(Clone, Debug)]
pub struct Draw {
    ids: Random,
    devices: Random,
    macs: Random,
    names: Random,
    swarm: Random,
    pub(super) pid: Random,
}

const HEX: &[u8; 16] = b"0123456789abcdef";
const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// Words that container names are made of, all of ours.
const ADJECTIVES: [&str; 32] = [
    "amber", "bold", "brave", "calm", "clever", "crisp", "deft", "eager", "fair", "fond", "gentle",
    "happy", "hardy", "keen", "kind", "lively", "lucid", "merry", "modest", "neat", "noble",
    "patient", "proud", "quick", "quiet", "sharp", "silent", "steady", "swift", "tender", "vivid",
    "wise",
];
/// People who made networks and machines what they are.
const SURNAMES: [&str; 32] = [
    "baran",
    "boggs",
    "cerf",
    "clark",
    "davies",
    "dijkstra",
    "estrin",
    "feinler",
    "floyd",
    "hamming",
    "hopper",
    "jacobson",
    "kahn",
    "karn",
    "kleinrock",
    "lamport",
    "licklider",
    "liskov",
    "lovelace",
    "metcalfe",
    "mockapetris",
    "nyquist",
    "perlman",
    "postel",
    "pouzin",
    "ritchie",
    "roberts",
    "shannon",
    "taylor",
    "thompson",
    "turing",
    "zimmermann",
];

impl Draw {
    /// The streams of the engine on a host of that name.
    pub fn new(seed: Seed, host: &str) -> Self {
        let stream = |what: &str| seed.stream(&format!("docker/{host}/{what}"));
        Self {
            ids: stream("ids"),
            devices: stream("devices"),
            macs: stream("macs"),
            names: stream("names"),
            swarm: stream("swarm"),
            pid: stream("pids"),
        }
    }

    /// An id of a container, network or endpoint: 64 hexadecimal digits.
    pub fn id(&mut self) -> String {
        text(&mut self.ids, HEX, 64)
    }

    /// An id of a swarm's object: 25 digits of base 36.
    pub fn swarm_id(&mut self) -> String {
        text(&mut self.swarm, BASE36, 25)
    }

    /// A secret of a swarm's token: `length` digits of base 36.
    pub fn secret(&mut self, length: usize) -> String {
        text(&mut self.swarm, BASE36, length)
    }

    /// The name of one end of a pair: `veth` and seven hexadecimal digits.
    pub fn veth(&mut self) -> String {
        format!("veth{}", text(&mut self.devices, HEX, 7))
    }

    /// A random MAC address, local and unicast.
    pub fn mac(&mut self) -> MacAddr {
        self.macs.mac()
    }

    /// A MAC address `02:42` with four random bytes.
    pub fn docker_mac(&mut self) -> MacAddr {
        let [a, b, c, d] = self.macs.next_u32().to_be_bytes();
        MacAddr([0x02, 0x42, a, b, c, d])
    }

    /// A name for a container that was given none.
    pub fn name(&mut self) -> String {
        let mut word = |words: &[&'static str; 32]| words[self.names.below(32) as usize];
        format!("{}_{}", word(&ADJECTIVES), word(&SURNAMES))
    }

    /// A port of the range from which the system gives free ones (32768 to 60999).
    pub fn port(&mut self) -> u16 {
        32768 + self.devices.below(60999 - 32768 + 1) as u16
    }
}

fn text(random: &mut Random, digits: &[u8], length: usize) -> String {
    let bound = digits.len() as u32;
    let digit = |_| char::from(digits[random.below(bound) as usize]);
    (0..length).map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_has_its_form_and_repeats() {
        let (mut a, mut b) = (Draw::new(Seed(1), "h"), Draw::new(Seed(1), "h"));
        let id = a.id();
        assert!(id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit()));
        assert_eq!(id, b.id());
        assert_eq!(a.swarm_id().len(), 25);
        assert_eq!(a.veth().len(), 11);
        assert_eq!(a.docker_mac().0[..2], [0x02, 0x42]);
        assert!(a.name().contains('_'));
        assert!((32768..=60999).contains(&a.port()));
        assert_ne!(Draw::new(Seed(2), "h").id(), id);
    }
}
