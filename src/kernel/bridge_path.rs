//! The way of a frame through a bridge (br_input.c, br_forward.c, br_device.c).
//! Where it goes is decided in `device::bridge`.

use crate::kernel::world::World;
use crate::units::DevId;
use crate::wire::Frame;

impl World {
    /// The bridge sends a frame of its own out of a port.
    pub(crate) fn send_from_bridge(&mut self, _dev: DevId, _frame: Frame) {}
}
