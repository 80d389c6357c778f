//! The overlay driver: a namespace with `br0` and `vxlan0` for each network, and a pair for each endpoint.
//! Who is where on the other nodes is told by the swarm (libnetwork/drivers/overlay).

use crate::docker::engine::Engine;
use crate::docker::fault::{Done, Fault};
use crate::docker::model::{Endpoint, Network};
use crate::docker::sandbox::Plug;
use crate::kernel::World;

impl Engine {
    /// Makes the pair of an endpoint, and the network's namespace where there is none yet.
    pub(super) fn overlay_plug(
        &mut self,
        _world: &mut World,
        _network: &str,
        _plug: &Plug<'_>,
    ) -> Done<String> {
        Err(Fault::Other("overlay is not simulated yet".to_owned()))
    }

    /// Takes the pair of an endpoint away, and the namespace with the last one.
    pub(super) fn overlay_unplug(
        &mut self,
        _world: &mut World,
        _network: &str,
        _endpoint: &Endpoint,
    ) {
    }

    /// Takes the network's namespace away.
    pub(super) fn overlay_delete(&mut self, _world: &mut World, _network: &Network) {}
}
