//! The commonest decision of a bridge, in few steps: a known station sends to another one that is known.
//! Whatever asks for more is left to `forward`, which decides everything.

use crate::units::{DevId, MacAddr, SimTime};

use super::Bridge;
use super::fdb::FdbFlags;
use super::port::{PortFlags, PortNo, PortState};
use super::ticks::Ticks;

impl Bridge {
    /// The device by which a frame leaves that came in at the port `port_no` of `dev`, where its source is known
    /// there, its destination at another port, and nothing but that counts. Else nothing: then
    /// [`Bridge::receive`] is to be asked, and whatever happened here would happen there too.
    #[inline]
    pub fn express(
        &mut self,
        now: SimTime,
        dev: DevId,
        port_no: PortNo,
        frame: &[u8],
    ) -> Option<DevId> {
        #[cfg(feature = "proptest")]
        if self.mutant.is_some() {
            return None;
        }
        let [a, b, c, d, e, f, g, h, i, j, k, l, _, _] = *frame.first_chunk::<14>()?;
        let destination = MacAddr([a, b, c, d, e, f]);
        let source = MacAddr([g, h, i, j, k, l]);
        if self.options.vlan_filtering || self.promisc || self.timer_moved || self.answers() {
            return None;
        }
        if destination.is_multicast() || !source.is_station() || self.hold_time() == Ticks::ZERO {
            return None;
        }
        let from = self.slots.get(usize::from(port_no))?.as_deref()?;
        let special = PortFlags::LOCKED.union(PortFlags::ISOLATED);
        if from.dev != dev
            || from.state != PortState::Forwarding
            || !from.flags.has(PortFlags::LEARNING)
            || from.flags.has_any(special)
        {
            return None;
        }
        let heard = self.fdb.find_mut(source, 0)?;
        if heard.port_no != port_no || heard.flags.has(FdbFlags::LOCAL) {
            return None;
        }
        heard.updated = now;
        let sought = self.fdb.find_mut(destination, 0)?;
        if sought.port_no == port_no || sought.flags.has(FdbFlags::LOCAL) {
            return None;
        }
        let to = self.slots.get(usize::from(sought.port_no))?.as_deref()?;
        if to.state != PortState::Forwarding || to.backup.is_some() {
            return None;
        }
        sought.used = now;
        Some(to.dev)
    }
}
