//! The macvlan and ipvlan drivers: devices of containers on a device of the host.
//! The subnet's gateway is somebody else's: nothing is made for it (libnetwork/drivers/macvlan, ipvlan).

use crate::device::ipvlan::{IpvlanFlag, IpvlanMode};
use crate::device::macvlan::MacvlanMode;
use crate::docker::engine::Engine;
use crate::docker::fault::{Done, Fault};
use crate::docker::model::{Driver, DriverState, Network, short};
use crate::docker::net;
use crate::docker::sandbox::Plug;
use crate::kernel::World;
use crate::kernel::netlink::{IpvlanOptions, LinkKind, MacvlanOptions, VlanOptions};

/// Whether the default route of a network's endpoints is by device alone: ipvlan above layer 2.
pub(super) fn routes_by_device(net: &Network) -> bool {
    let mode = net.options.get("ipvlan_mode").map(String::as_str);
    net.driver == Driver::Ipvlan && matches!(mode, Some("l3" | "l3s"))
}

impl Engine {
    /// Finds or makes the parent of a network.
    pub(super) fn parent_create(
        &mut self,
        world: &mut World,
        network: &Network,
    ) -> Done<DriverState> {
        kind_of(network)?;
        let prefix = if network.driver == Driver::Macvlan {
            "dm"
        } else {
            "di"
        };
        let own = format!("{prefix}-{}", short(&network.id));
        let given = network
            .options
            .get("parent")
            .filter(|name| !name.is_empty());
        let name = given.cloned().unwrap_or_else(|| own.clone());
        let same = self.networks.values().find(|other| {
            other.driver == network.driver
                && matches!(&other.state, DriverState::Parent { name: known, .. } if *known == name)
        });
        if let Some(other) = same {
            let title = format!("{prefix}-{}", short(&other.id));
            return Err(Fault::ParentInUse {
                network: title,
                parent: name,
            });
        }
        if net::index(world, self.root, &name).is_ok() {
            return Ok(DriverState::Parent { name, made: false });
        }
        match given {
            None => {
                world.link_add(
                    self.root,
                    &net::link_new(LinkKind::Dummy, net::named(&name)?),
                )?;
            }
            Some(name) => self.make_vlan(world, network.driver, name)?,
        }
        net::set_up(world, self.root, &name, true)?;
        Ok(DriverState::Parent { name, made: true })
    }

    /// A parent `eth0.10` that there is not is made: VLAN 10 of `eth0`.
    fn make_vlan(&self, world: &mut World, driver: Driver, name: &str) -> Done<()> {
        let missing = || {
            Fault::Other(format!(
                "-o parent interface was not found on the host: {name}"
            ))
        };
        let (below, id) = name.rsplit_once('.').ok_or_else(missing)?;
        let id = id.parse::<u16>().ok().filter(|id| (1..4095).contains(id));
        let id = id.ok_or_else(|| {
            Fault::Other(format!(
                "vlan id must be between 1-4094, received: {name} for {}",
                driver.name()
            ))
        })?;
        let link = net::index(world, self.root, below).map_err(|_| {
            Fault::Other(format!(
                "failed to find master interface {below} on the Docker host: Link not found"
            ))
        })?;
        let options = VlanOptions {
            id: Some(id),
            ..VlanOptions::default()
        };
        let mut new = net::link_new(LinkKind::Vlan(Box::new(options)), net::named(name)?);
        new.link = Some(link);
        Ok(world.link_add(self.root, &new)?)
    }

    /// Takes a parent that was made for a network away.
    pub(super) fn parent_delete(&mut self, world: &mut World, network: &Network) {
        if let DriverState::Parent { name, made: true } = &network.state {
            net::delete(world, self.root, name);
        }
    }

    /// Makes the device of an endpoint.
    pub(super) fn parent_plug(
        &mut self,
        world: &mut World,
        network: &Network,
        plug: &Plug<'_>,
    ) -> Done<String> {
        let DriverState::Parent { name: parent, .. } = &network.state else {
            return Err(Fault::Other("the network has no parent".to_owned()));
        };
        let name = self.draw.veth();
        let mut new = net::link_new(kind_of(network)?, net::named(&name)?);
        new.link = Some(net::index(world, self.root, parent)?);
        world.link_add(self.root, &new)?;
        let mtu = network.mtu();
        let mut wire = || -> Done<()> {
            if mtu != 1500 {
                net::set_mtu(world, self.root, &name, mtu)?;
            }
            plug.bring_in(world, self.root, &name)
        };
        wire().inspect_err(|_| net::delete(world, self.root, &name))?;
        Ok(name)
    }
}

/// The kind of a network's devices, with the mode that its options say.
fn kind_of(network: &Network) -> Done<LinkKind> {
    let option = |name: &str| network.options.get(name).map(String::as_str);
    if network.driver == Driver::Macvlan {
        let mode = match option("macvlan_mode") {
            None | Some("" | "bridge") => MacvlanMode::Bridge,
            Some("private") => MacvlanMode::Private,
            Some("vepa") => MacvlanMode::Vepa,
            Some("passthru") => MacvlanMode::Passthru,
            Some(other) => {
                return Err(Fault::Other(format!(
                    "requested macvlan mode '{other}' is not valid, 'bridge' mode is the macvlan driver default"
                )));
            }
        };
        return Ok(LinkKind::Macvlan(MacvlanOptions {
            mode: Some(mode),
            ..MacvlanOptions::default()
        }));
    }
    let mode = match option("ipvlan_mode") {
        None | Some("" | "l2") => IpvlanMode::L2,
        Some("l3") => IpvlanMode::L3,
        Some("l3s") => IpvlanMode::L3s,
        Some(other) => {
            return Err(Fault::Other(format!(
                "requested ipvlan mode '{other}' is not valid, 'l2' mode is the ipvlan driver default"
            )));
        }
    };
    let flag = match option("ipvlan_flag") {
        None | Some("" | "bridge") => IpvlanFlag::Bridge,
        Some("private") => IpvlanFlag::Private,
        Some("vepa") => IpvlanFlag::Vepa,
        Some(other) => {
            return Err(Fault::Other(format!(
                "requested ipvlan flag '{other}' is not valid, 'bridge' is the ipvlan driver default"
            )));
        }
    };
    Ok(LinkKind::Ipvlan(IpvlanOptions {
        mode: Some(mode),
        flag: Some(flag),
    }))
}
