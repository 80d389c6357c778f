//! The macvlan and ipvlan drivers: devices of containers on a device of the host.
//! The subnet's gateway is somebody else's: nothing is made for it (libnetwork/drivers/macvlan, ipvlan).

use crate::docker::engine::Engine;
use crate::docker::fault::{Done, Fault};
use crate::docker::model::{Driver, DriverState, Network};
use crate::docker::sandbox::Plug;
use crate::kernel::World;

/// Whether the default route of a network's endpoints is by device alone: ipvlan above layer 2.
pub(super) fn routes_by_device(net: &Network) -> bool {
    let mode = net.options.get("ipvlan_mode").map(String::as_str);
    net.driver == Driver::Ipvlan && matches!(mode, Some("l3" | "l3s"))
}

impl Engine {
    /// Finds or makes the parent of a network.
    pub(super) fn parent_create(
        &mut self,
        _world: &mut World,
        network: &Network,
    ) -> Done<DriverState> {
        Err(Fault::Other(format!(
            "{} is not simulated yet",
            network.driver.name()
        )))
    }

    /// Takes a parent that was made for a network away.
    pub(super) fn parent_delete(&mut self, _world: &mut World, _network: &Network) {}

    /// Makes the device of an endpoint.
    pub(super) fn parent_plug(
        &mut self,
        _world: &mut World,
        network: &Network,
        _plug: &Plug<'_>,
    ) -> Done<String> {
        Err(Fault::Other(format!(
            "{} is not simulated yet",
            network.driver.name()
        )))
    }
}
