use super::*;
use crate::units::{Arena, DevId, NetnsId, SimTime, SockId};
use crate::wire::Frame;

/// Names for the devices of a test: `d0`, `d1`, ...
struct Lab {
    netns: NetnsId,
    devs: Vec<DevId>,
    socket: SockId,
    noted: Vec<Noted>,
}

impl Names for Lab {
    fn place(&self, _: NetnsId, dev: Option<DevId>) -> Place {
        Place {
            host: "host".to_owned(),
            netns: "red".to_owned(),
            dev: dev.map_or_else(String::new, |dev| self.device(dev)),
        }
    }

    fn device(&self, dev: DevId) -> String {
        let index = self.devs.iter().position(|&known| known == dev);
        format!("d{}", index.expect("a device of the lab"))
    }
}

impl Lab {
    fn new() -> Self {
        let mut arena: Arena<DevId, ()> = Arena::default();
        Self {
            netns: Arena::<NetnsId, ()>::default().insert(()),
            devs: (0..6).map(|_| arena.insert(())).collect(),
            socket: Arena::<SockId, ()>::default().insert(()),
            noted: Vec::new(),
        }
    }

    /// Notes a hop behind another; gives its number.
    fn hop(&mut self, frame: FrameId, after: HopNo, dev: usize, verdict: Verdict) -> HopNo {
        self.hop_by(frame, after, dev, verdict, None)
    }

    fn hop_by(
        &mut self,
        frame: FrameId,
        after: HopNo,
        dev: usize,
        verdict: Verdict,
        by: Option<By>,
    ) -> HopNo {
        let no = u32::try_from(self.noted.len()).unwrap() + 1;
        self.noted.push(Noted {
            no,
            hop: Hop {
                at: SimTime::from_nanos(u64::from(no) * 1000),
                frame,
                after,
                netns: self.netns,
                dev: Some(self.devs[dev]),
                verdict,
                by,
            },
            bytes: Frame::new(&arp(frame == 2)),
        });
        no
    }

    fn journeys(&self) -> Vec<Journey> {
        Journey::all(&self.noted, self)
    }
}

/// An ARP request, or a reply.
fn arp(reply: bool) -> Vec<u8> {
    let mut frame = vec![0xff; 6];
    frame.extend([2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4, 0]);
    frame.push(1 + u8::from(reply));
    frame.extend([2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2]);
    frame
}

fn names(path: Vec<&Place>) -> Vec<&str> {
    path.iter().map(|place| place.dev.as_str()).collect()
}

/// A question that is flooded to two stations, of which one answers.
fn flooded() -> Lab {
    let mut lab = Lab::new();
    let made = lab.hop(1, 0, 0, Verdict::Made(Maker::Stack));
    let out = lab.hop(1, made, 0, Verdict::Transmitted);
    let inward = lab.hop(1, out, 1, Verdict::Received);
    let ports = Box::new([lab.devs[2], lab.devs[3]]);
    let flood = lab.hop(1, inward, 1, Verdict::Flooded(ports));
    let left = lab.hop(1, flood, 2, Verdict::Transmitted);
    let right = lab.hop(1, flood, 3, Verdict::Transmitted);
    let left = lab.hop(1, left, 4, Verdict::Received);
    let taken = lab.hop(1, left, 4, Verdict::Taken(Taker::Protocol("ARP")));
    lab.hop(2, taken, 4, Verdict::Made(Maker::Stack));
    let right = lab.hop(1, right, 5, Verdict::Received);
    lab.hop(1, right, 5, Verdict::Taken(Taker::Protocol("ARP")));
    lab
}

#[test]
fn path_is_that_of_the_copy_that_was_answered() {
    let journeys = flooded().journeys();
    assert_eq!(names(journeys[0].path()), ["d0", "d1", "d2", "d4"]);
    assert!(journeys[0].loss().is_none() && journeys[0].is_taken());
}

#[test]
fn answer_knows_its_cause_and_the_cause_its_answer() {
    let journeys = flooded().journeys();
    assert_eq!(journeys[1].cause, Some(1));
    assert_eq!(journeys[1].relation, Relation::Answer);
    let answers: Vec<FrameId> = journeys[0].effects_of(Relation::Answer).collect();
    assert_eq!(answers, [2]);
}

#[test]
fn story_goes_copy_by_copy() {
    let told = flooded().journeys()[0].tell(false);
    let wanted = "\
frame 1: ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28
    0.000001 red/d0 sent by the network stack
    0.000002 red/d0 goes out
    0.000003 red/d1 comes in
    0.000004 red/d1 the bridge floods it to d2, d3
    0.000005 red/d2   goes out
    0.000007 red/d4   comes in
    0.000008 red/d4   ARP takes it
                      answered by frame 2
    0.000006 red/d3   goes out
    0.000010 red/d5   comes in
    0.000011 red/d5   ARP takes it
";
    assert_eq!(told, wanted);
}

#[test]
fn a_tunnel_is_indented() {
    let mut lab = Lab::new();
    let local = "192.0.2.1:40000".parse().unwrap();
    let remote = "192.0.2.2:4789".parse().unwrap();
    let verdict = Verdict::Encapsulated {
        vni: 42,
        local,
        remote,
    };
    let into = lab.hop(1, 0, 0, verdict);
    let inside = lab.hop(1, into, 1, Verdict::Transmitted);
    let out = lab.hop(1, inside, 2, Verdict::Decapsulated { vni: 42 });
    lab.hop(1, out, 3, Verdict::Received);
    let journey = &lab.journeys()[0];
    let tunnels: Vec<u32> = journey.stations.iter().map(|s| s.tunnels).collect();
    assert_eq!(tunnels, [0, 1, 0, 0]);
    let told = journey.tell(true);
    let wrapped = "host:red/d0 wrapped into VXLAN 42, for the tunnel's end 192.0.2.2: UDP 192.0.2.1.40000 > 192.0.2.2.4789";
    assert!(told.contains(wrapped), "{told}");
    assert!(told.contains("host:red/d1   goes out"), "{told}");
}

#[test]
fn a_loss_tells_reason_kernel_name_and_what_decided() {
    let addr = "10.0.0.9".parse().unwrap();
    let cases = [
        (
            DropReason::IpRpfilter,
            Some(By::Setting("net.ipv4.conf.{dev}.rp_filter", 1)),
            "LOST, an answer to it would leave by another device (IP_RPFILTER): net.ipv4.conf.d0.rp_filter = 1",
        ),
        (
            DropReason::DevReady,
            Some(By::Link("has no carrier")),
            "LOST, the device is down or has no carrier (DEV_READY): d0 has no carrier",
        ),
        (
            DropReason::NeighFailed,
            Some(By::Neighbour(addr)),
            "LOST, the neighbour does not answer (NEIGH_FAILED): 10.0.0.9 did not answer",
        ),
        (
            DropReason::BridgeIngressStpState,
            Some(By::PortState("blocking")),
            "LOST, the bridge port takes no frames in its state (BRIDGE_INGRESS_STP_STATE): the port is blocking",
        ),
        (
            DropReason::NetfilterDrop,
            Some(By::Rule("-A FORWARD -j DROP".into())),
            "LOST, a rule of the packet filter drops it (NETFILTER_DROP): -A FORWARD -j DROP",
        ),
        (
            DropReason::NoSocket,
            None,
            "LOST, no socket takes it (NO_SOCKET)",
        ),
    ];
    for (reason, by, told) in cases {
        let mut lab = Lab::new();
        lab.hop_by(1, 0, 0, Verdict::Dropped(reason), by);
        let journeys = lab.journeys();
        assert_eq!(journeys[0].stations[0].told(), told);
        assert_eq!(journeys[0].loss().map(|loss| loss.reason), Some(reason));
    }
}

#[test]
fn every_verdict_has_a_sentence() {
    let lab = Lab::new();
    let (dev, addr) = (lab.devs[1], "10.0.0.9".parse().unwrap());
    let cases = [
        (
            Verdict::Made(Maker::Socket(lab.socket)),
            "sent by a program",
        ),
        (Verdict::Made(Maker::Stack), "sent by the network stack"),
        (Verdict::Made(Maker::Device), "sent by the device itself"),
        (Verdict::Received, "comes in"),
        (Verdict::Transmitted, "goes out"),
        (
            Verdict::Learned,
            "the bridge learns that its source is behind this port",
        ),
        (Verdict::ForwardedTo(dev), "the bridge forwards it to d1"),
        (
            Verdict::Flooded(Box::new([dev])),
            "the bridge floods it, to d1 only",
        ),
        (
            Verdict::Routed {
                dev,
                gateway: Some(addr),
                table: 100,
            },
            "routed to the gateway 10.0.0.9, through d1 (table 100)",
        ),
        (
            Verdict::Routed {
                dev,
                gateway: None,
                table: 254,
            },
            "routed through d1, the destination is on that link (table main)",
        ),
        (Verdict::Delivered, "it is for this namespace"),
        (
            Verdict::Taken(Taker::Socket(lab.socket)),
            "a program gets it",
        ),
        (
            Verdict::Taken(Taker::Device("dummy")),
            "the device takes it (dummy)",
        ),
        (Verdict::Decapsulated { vni: 7 }, "unwrapped from VXLAN 7"),
        (
            Verdict::Queued(Wait::Neighbour(addr)),
            "waits until the station of 10.0.0.9 is known",
        ),
        (
            Verdict::Queued(Wait::Fragments),
            "waits for the other fragments",
        ),
        (Verdict::Fragmented(3), "cut into 3 fragments"),
        (
            Verdict::Reassembled,
            "the last fragment is there: whole again",
        ),
        (
            Verdict::Translated("10.0.0.1:80".into(), "192.0.2.1:8080".into()),
            "translated: 10.0.0.1:80 becomes 192.0.2.1:8080",
        ),
    ];
    for (verdict, told) in cases {
        let mut lab = Lab::new();
        lab.hop(1, 0, 0, verdict);
        assert_eq!(lab.journeys()[0].stations[0].told(), told);
    }
}

#[test]
fn a_story_of_a_storm_ends() {
    let mut lab = Lab::new();
    let mut last = 0;
    for _ in 0..3000 {
        last = lab.hop(1, last, 1, Verdict::Flooded(Box::new([lab.devs[1]])));
    }
    assert!(lab.journeys()[0].tell(false).len() < 3000 * 120);
}
