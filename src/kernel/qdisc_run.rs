//! Frames through queueing disciplines: in at `transmit`, out to the driver, and the watchdog between (dev.c,
//! sch_generic.c).
//! A device without a qdisc of its own never comes here.

use crate::device::qdisc::{Dequeued, Fifo, Kind, Qdisc as Tree, Unit};
use crate::engine::trace::{DropReason, Verdict, Wait};
use crate::kernel::device::Qdisc;
use crate::kernel::timer::Timer;
use crate::kernel::world::World;
use crate::units::DevId;
use crate::wire::Frame;

impl World {
    /// Hands a frame to the qdisc of a device, and what it lets out to the driver (`__dev_xmit_skb`).
    #[cold]
    pub(crate) fn transmit_queued(&mut self, dev: DevId, mut frame: Frame) {
        let now = self.now;
        let tree = self
            .devices
            .find(dev)
            .and_then(|device| device.queue.as_deref());
        match tree.map(|tree| &tree.kind) {
            None | Some(Kind::Noqueue) => return self.start_xmit(dev, frame),
            Some(Kind::Tbf(_) | Kind::Netem(_)) => {
                self.pass(dev, &mut frame, |_| Verdict::Queued(Wait::Qdisc));
            }
            Some(Kind::PfifoFast(_) | Kind::FqCodel(_) | Kind::Fifo(_)) => {}
        }
        let mut lost = Vec::new();
        let device = self.devices.find_mut(dev);
        let Some(tree) = device.and_then(|device| device.queue.as_deref_mut()) else {
            return;
        };
        let done = tree.enqueue(now, frame, &mut lost);
        self.xmit_dropped |= done.refused;
        self.lose_queued(dev, lost);
        self.run_qdisc(dev);
    }

    /// Lets out what may leave now, and looks again when the next frame may (`__qdisc_run`).
    pub(crate) fn run_qdisc(&mut self, dev: DevId) {
        let now = self.now;
        loop {
            let Some(device) = self.devices.find_mut(dev) else {
                return;
            };
            let ready = device.is_up() && device.carrier;
            let Some(tree) = device.queue.as_deref_mut().filter(|_| ready) else {
                return;
            };
            let mut lost = Vec::new();
            let next = tree.dequeue(now, &mut lost);
            self.lose_queued(dev, lost);
            match next {
                Dequeued::Frame(frame) => self.start_xmit(dev, frame),
                Dequeued::Later(at) => return self.arm(at, Timer::Qdisc(dev)),
                Dequeued::Empty => return,
            }
        }
    }

    pub(crate) fn lose_queued(&mut self, dev: DevId, lost: Vec<Frame>) {
        for frame in lost {
            self.lose(dev, &frame, DropReason::QdiscDrop);
        }
    }

    /// Lets go of what waits: the device is down, or without a carrier (`dev_deactivate`).
    pub(crate) fn reset_queue(&mut self, dev: DevId) {
        let device = self.devices.find_mut(dev);
        let Some(tree) = device.and_then(|device| device.queue.as_deref_mut()) else {
            return;
        };
        let mut lost = Vec::new();
        tree.reset(&mut lost);
        for frame in lost {
            self.lose(dev, &frame, DropReason::DevReady);
        }
    }

    /// Gives a device another root qdisc, or that which it has by itself; what waits is lost.
    pub(crate) fn set_queue(&mut self, dev: DevId, new: Option<Tree>) {
        let mut lost = Vec::new();
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        if let Some(mut old) = device.queue.take() {
            old.reset(&mut lost);
        }
        device.qdisc = match device.is_up() || new.is_some() {
            true => device.own_qdisc(),
            false => Qdisc::Noop,
        };
        device.queue = new.map(Box::new);
        self.lose_queued(dev, lost);
    }

    /// Puts a qdisc below the one of a handle, or takes the one there away; gives what waited in it.
    pub(crate) fn graft_child(&mut self, dev: DevId, above: u32, new: Option<Tree>) -> Vec<Frame> {
        let mut lost = Vec::new();
        let tree = self
            .devices
            .find_mut(dev)
            .and_then(|device| device.queue.as_deref_mut());
        let Some(above) = tree.and_then(|tree| tree.find_mut(above)) else {
            return lost;
        };
        match &mut above.kind {
            Kind::Tbf(tbf) => {
                // Without a child everything is lost (`noop_qdisc`).
                let noop = || Tree::new(0, 0, Kind::Fifo(Fifo::new(Unit::Bytes, 0)));
                let mut old = std::mem::replace(&mut tbf.child, new.unwrap_or_else(noop));
                old.reset(&mut lost);
            }
            Kind::Netem(netem) => {
                let old = std::mem::replace(&mut netem.child, new.map(Box::new));
                if let Some(mut old) = old {
                    old.reset(&mut lost);
                }
            }
            Kind::Noqueue | Kind::PfifoFast(_) | Kind::FqCodel(_) | Kind::Fifo(_) => {}
        }
        lost
    }
}
