//! What network cards are plugged into: a learning switch, or a cable between two of them.
//! Its decisions name ports; the frames themselves go through [`Lane`](super::Lane)s.

use std::time::Duration;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::units::{DevId, MacAddr, SimTime};

/// A station that was silent for so long is forgotten (IEEE 802.1Q, 8.8.3: the ageing time).
const AGEING: Duration = Duration::from_secs(300);
/// Stations that the switch knows at most; a frame to one more is flooded.
const STATIONS_MAX: usize = 16_384;

/// A switch with any number of ports, or a cable with two ends.
#[derive(Clone, Debug)]
pub struct Segment {
    /// How people call it.
    pub name: String,
    /// Whether it is a cable: what goes in at one end comes out at the other, and nothing is learned.
    pub cable: bool,
    ports: Vec<DevId>,
    stations: HashMap<MacAddr, (DevId, SimTime), FixedState>,
}

impl Segment {
    /// A segment without ports.
    pub fn new(name: &str, cable: bool) -> Self {
        Self {
            name: name.to_owned(),
            cable,
            ports: Vec::new(),
            stations: HashMap::default(),
        }
    }

    /// The network cards that are plugged in, in the order in which they came.
    pub fn ports(&self) -> &[DevId] {
        &self.ports
    }

    /// Plugs a network card in; says whether there was a place for it.
    pub fn plug(&mut self, dev: DevId) -> bool {
        if self.cable && self.ports.len() >= 2 || self.ports.contains(&dev) {
            return false;
        }
        self.ports.push(dev);
        true
    }

    /// Takes a network card off.
    pub fn unplug(&mut self, dev: DevId) {
        self.ports.retain(|&port| port != dev);
        self.forget(dev);
    }

    /// The port of a network card has lost its link: the stations behind it are forgotten.
    pub fn forget(&mut self, dev: DevId) {
        self.stations.retain(|_, (at, _)| *at != dev);
    }

    /// The other end of a cable.
    pub fn far_end(&self, dev: DevId) -> Option<DevId> {
        self.ports.iter().copied().find(|&port| port != dev)
    }

    /// A frame from a network card has come to the switch: notes where its sender is, and puts
    /// into `out` the network cards to which it goes on, in their order.
    pub fn forward(
        &mut self,
        now: SimTime,
        from: DevId,
        (dst, src): (MacAddr, MacAddr),
        out: &mut Vec<DevId>,
    ) {
        out.clear();
        if src.is_station()
            && (self.stations.len() < STATIONS_MAX || self.stations.contains_key(&src))
        {
            self.stations.insert(src, (from, now));
        }
        let known = self.stations.get(&dst);
        let known = known.filter(|(_, seen)| now.since(*seen) < AGEING);
        match known {
            Some(&(to, _)) => out.extend((to != from).then_some(to)),
            None => out.extend(self.ports.iter().filter(|&&port| port != from)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Arena;

    const A: MacAddr = MacAddr([2, 0, 0, 0, 0, 0xa]);
    const B: MacAddr = MacAddr([2, 0, 0, 0, 0, 0xb]);

    fn devices() -> [DevId; 3] {
        let mut arena: Arena<DevId, ()> = Arena::default();
        [(); 3].map(|()| arena.insert(()))
    }

    fn switch(devices: &[DevId]) -> Segment {
        let mut segment = Segment::new("lan", false);
        for &dev in devices {
            assert!(segment.plug(dev));
        }
        segment
    }

    fn forward(
        segment: &mut Segment,
        at: u64,
        from: DevId,
        to: MacAddr,
        src: MacAddr,
    ) -> Vec<DevId> {
        let mut out = Vec::new();
        let now = SimTime::ZERO + Duration::from_secs(at);
        segment.forward(now, from, (to, src), &mut out);
        out
    }

    #[test]
    fn switch_floods_what_it_does_not_know_and_learns_where_stations_are() {
        let [one, two, three] = devices();
        let mut lan = switch(&[one, two, three]);
        assert_eq!(forward(&mut lan, 0, one, B, A), [two, three]);
        assert_eq!(forward(&mut lan, 0, two, A, B), [one]);
        assert_eq!(forward(&mut lan, 0, one, B, A), [two]);
        assert_eq!(forward(&mut lan, 0, three, A, B), [one], "it moved");
        assert_eq!(forward(&mut lan, 0, one, B, A), [three]);
        assert_eq!(forward(&mut lan, 0, three, B, B), [], "where it came from");
        assert_eq!(forward(&mut lan, 400, one, B, A), [two, three], "aged");
        let group = MacAddr([1, 0, 0x5e, 0, 0, 1]);
        forward(&mut lan, 400, one, B, group);
        assert_eq!(forward(&mut lan, 400, one, group, A), [two, three]);
    }

    #[test]
    fn stations_behind_a_lost_link_are_forgotten() {
        let [one, two, three] = devices();
        let mut lan = switch(&[one, two, three]);
        forward(&mut lan, 0, two, A, B);
        lan.forget(two);
        assert_eq!(forward(&mut lan, 0, one, B, A), [two, three]);
        forward(&mut lan, 0, two, A, B);
        lan.unplug(two);
        assert_eq!(forward(&mut lan, 0, one, B, A), [three]);
    }

    #[test]
    fn cable_has_two_ends() {
        let [one, two, three] = devices();
        let mut cable = Segment::new("c", true);
        assert!(cable.plug(one) && !cable.plug(one));
        assert_eq!(cable.far_end(one), None);
        assert!(cable.plug(two) && !cable.plug(three));
        assert_eq!(cable.far_end(one), Some(two));
    }

    #[test]
    fn table_of_stations_is_bounded() {
        let [one, two, _] = devices();
        let mut lan = switch(&[one, two]);
        for number in 0..STATIONS_MAX as u32 + 100 {
            let [a, b, c, d] = number.to_be_bytes();
            forward(&mut lan, 0, one, B, MacAddr([2, 1, a, b, c, d]));
        }
        assert_eq!(lan.stations.len(), STATIONS_MAX);
    }
}
