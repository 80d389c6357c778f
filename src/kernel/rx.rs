//! The way of a frame into a namespace: counted, captured, given to its master or to IP (dev.c).
//! What IP does with it is in `ipv4` and `ipv6`.

use crate::kernel::world::World;
use crate::units::DevId;
use crate::wire::Frame;

impl World {
    pub(crate) fn receive(&mut self, _dev: DevId, _frame: Frame) {}
}
