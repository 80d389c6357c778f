//! A bridge against a naive one, over random frames, moves and pauses.
//! The naive one is a list and no more; STP and flags stay out.

use proptest::prelude::*;

use super::super::*;
use super::*;

const PORTS: usize = 4;
const AGEING_SECS: u64 = 300;

/// Where stations were heard last, and when.
#[derive(Default)]
struct Naive {
    heard: Vec<(MacAddr, usize, u64)>,
}

impl Naive {
    /// The ports that a frame leaves by, and whether the bridge gets it.
    fn receive(
        &mut self,
        secs: u64,
        port: usize,
        to: MacAddr,
        from: MacAddr,
    ) -> (Vec<usize>, bool) {
        self.heard
            .retain(|(mac, _, when)| *mac != from && when + AGEING_SECS > secs);
        self.heard.push((from, port, secs));
        let others = || (0..PORTS).rev().filter(|other| *other != port).collect();
        if to.is_multicast() {
            return (others(), true);
        }
        match self.heard.iter().find(|(mac, ..)| *mac == to) {
            Some((_, known, _)) if *known == port => (vec![], false),
            Some((_, known, _)) => (vec![*known], false),
            None => (others(), false),
        }
    }

    fn port_down(&mut self, port: usize) {
        self.heard.retain(|(_, at, _)| *at != port);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Frame { port: usize, to: u8, from: u8 },
    Broadcast { port: usize, from: u8 },
    Pause(u64),
    Flap(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0..PORTS, 0..6u8, 0..6u8).prop_map(|(port, to, from)| Step::Frame { port, to, from }),
        2 => (0..PORTS, 0..6u8).prop_map(|(port, from)| Step::Broadcast { port, from }),
        2 => (1..200u64).prop_map(Step::Pause),
        1 => (0..PORTS).prop_map(Step::Flap),
    ];
    prop::collection::vec(step, 1..80)
}

fn flat(forward: Forward, out: &[DevId], devs: &[DevId]) -> (Vec<usize>, bool) {
    let index = |dev: &DevId| devs.iter().position(|other| other == dev).unwrap();
    match forward {
        Forward::Unicast { to, local } => (vec![index(&to)], local),
        Forward::Flood { local } => (out.iter().map(index).collect(), local),
        Forward::Local => (vec![], true),
        Forward::Drop(_) | Forward::Pass => (vec![], false),
    }
}

proptest! {
    #[test]
    fn the_bridge_does_what_the_naive_one_does(steps in steps()) {
        let (mut bridge, devs) = bridge_of(PORTS);
        let mut naive = Naive::default();
        let mut secs = 1;
        for step in steps {
            let (port, to, from) = match step {
                Step::Frame { port, to, from } => (port, station(to), station(from)),
                Step::Broadcast { port, from } => (port, MacAddr::BROADCAST, station(from)),
                Step::Pause(pause) => {
                    secs += pause;
                    bridge.handle_timers(at(secs));
                    continue;
                }
                Step::Flap(port) => {
                    let device = bridge.port_of(devs[port]).unwrap().device;
                    bridge.port_changed(at(secs), devs[port], PortDevice { up: false, ..device });
                    bridge.port_changed(at(secs), devs[port], device);
                    naive.port_down(port);
                    continue;
                }
            };
            let (forward, out) = receive(&mut bridge, at(secs), devs[port], to, from);
            let want = naive.receive(secs, port, to, from);
            prop_assert_eq!(flat(forward, &out, &devs), want);
            prop_assert_eq!(bridge.fdb.learned() as usize, bridge.fdb.len() - PORTS);
        }
    }

    #[test]
    fn no_frame_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let (mut bridge, devs) = bridge_of(2);
        let _ = bridge.change(at(0), &BridgeChange { stp_state: Some(1), ..Default::default() });
        let mut out = Vec::new();
        bridge.receive(at(1), devs[0], &bytes, &mut out);
        bridge.transmit(at(1), &bytes, &mut out);
        let group = MacAddr(crate::wire::BPDU_GROUP);
        bridge.receive_bpdu(at(1), devs[0], group, &bytes);
        bridge.handle_timers(at(100));
    }
}
