//! What the world does with a bridge's decisions (br_if.c, br_device.c).
//! The decisions are in `device::bridge`.

use crate::device::bridge::Bridge;
use crate::kernel::device::DeviceKind;
use crate::kernel::netlink::{
    BridgeInfo, BridgeOptions, BridgePortInfo, BridgePortOptions, NlResult,
};
use crate::kernel::world::World;
use crate::units::{DevId, Errno, MacAddr};

impl World {
    pub(crate) fn new_bridge(&self, address: MacAddr) -> DeviceKind {
        DeviceKind::Bridge(Box::new(Bridge::new(address)))
    }
    pub(crate) fn open_bridge(&mut self, _dev: DevId) {}
    pub(crate) fn close_bridge(&mut self, _dev: DevId) {}
    pub(crate) fn release_ports(&mut self, _dev: DevId) {}
    pub(crate) fn set_master(&mut self, _dev: DevId, _master: Option<DevId>) {}
    pub(crate) fn enslave(&mut self, _dev: DevId, _master: DevId) -> NlResult<()> {
        Err(Errno::Eopnotsupp.into())
    }
    pub(crate) fn configure_bridge(
        &mut self,
        _dev: DevId,
        _options: &BridgeOptions,
    ) -> NlResult<()> {
        Ok(())
    }
    pub(crate) fn configure_bridge_port(
        &mut self,
        _dev: DevId,
        _options: &BridgePortOptions,
    ) -> NlResult<()> {
        Err(Errno::Eopnotsupp.into())
    }
    pub(crate) fn bridge_port_changed(&mut self, _dev: DevId) {}
    pub(crate) fn bridge_port_info(&self, _dev: DevId) -> Option<Box<BridgePortInfo>> {
        None
    }
    pub(crate) fn bridge_info(&self, _bridge: &Bridge) -> BridgeInfo {
        unreachable!()
    }
}
