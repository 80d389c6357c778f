//! 802.1Q devices (net/8021q): made and changed, up and down with the device below, tags on and off.
//! What is shared with other stacked devices is in `stacked`.

use crate::device::stacked::StackedKind;
use crate::device::vlan::{Vlan, VlanFlags, Vlans};
use crate::engine::trace::{DropReason, Verdict};
use crate::kernel::link::apply_at_creation;
use crate::kernel::netlink::{LinkNew, NlError, NlResult, VlanInfo, VlanOptions};
use crate::kernel::rx::ethernet_header;
use crate::kernel::stacked::{LowerEvent, check_new_mtu, inherited_flags, invalid};
use crate::kernel::world::World;
use crate::units::{DevId, Errno, NetnsId};
use crate::wire::{ETH_HLEN, ETH_P_8021AD, ETH_P_8021Q, Frame, VlanTag};

/// Numbers of VLANs from here on are none (`VLAN_VID_MASK`).
const VID_END: u16 = 4095;

/// What a report says of a vlan device.
pub(super) fn info(vlan: &Vlan) -> VlanInfo {
    let pairs = |map: &std::collections::BTreeMap<u32, u32>| {
        map.iter().map(|(from, to)| (*from, *to)).collect()
    };
    VlanInfo {
        id: vlan.vid,
        protocol: vlan.protocol,
        flags: vlan.flags,
        ingress_qos: pairs(&vlan.ingress_qos),
        egress_qos: pairs(&vlan.egress_qos),
    }
}

/// The vlan device that takes a frame.
#[inline]
pub(super) fn of_frame(vlans: &Vlans, frame: &Frame) -> Option<DevId> {
    let tag = VlanTag::of(frame.bytes())?;
    vlans.find(tag.protocol, tag.vid())
}

/// What the kernel refuses whatever the device below (`vlan_validate`).
fn validate(options: &VlanOptions) -> NlResult<()> {
    if *options == VlanOptions::default() {
        return Err(invalid("8021q: VLAN properties not specified"));
    }
    if !matches!(options.protocol, None | Some(ETH_P_8021Q | ETH_P_8021AD)) {
        let text = "8021q: Invalid VLAN protocol";
        return Err(NlError::with_text(Errno::Eprotonosupport, text));
    }
    if options.id.is_some_and(|id| id >= VID_END) {
        return Err(NlError::with_text(Errno::Erange, "8021q: Invalid VLAN id"));
    }
    Ok(())
}

/// Settings that can be changed later too (`vlan_changelink`).
fn configure(vlan: &mut Vlan, options: &VlanOptions) {
    for (flag, on) in &options.flags {
        vlan.flags = vlan.flags.with(*flag, *on);
    }
    // The tag has eight priorities; a packet's is any number, which is bounded by what a request holds.
    for (from, to) in &options.ingress_qos {
        change(&mut vlan.ingress_qos, from & 7, *to);
    }
    for (from, to) in &options.egress_qos {
        change(&mut vlan.egress_qos, *from, to & 7);
    }
}

fn change(map: &mut std::collections::BTreeMap<u32, u32>, from: u32, to: u32) {
    match to {
        0 => map.remove(&from),
        to => map.insert(from, to),
    };
}

impl World {
    /// Makes a vlan device (`vlan_newlink`).
    pub(crate) fn add_vlan(
        &mut self,
        netns: NetnsId,
        target: NetnsId,
        new: &LinkNew,
        options: &VlanOptions,
    ) -> NlResult<DevId> {
        validate(options)?;
        let vid = options
            .id
            .ok_or_else(|| invalid("8021q: VLAN id not specified"))?;
        let lower = self
            .asked_lower(netns, new)
            .map_err(|_| NlError::with_text(Errno::Enodev, "8021q: link does not exist"))?
            .ok_or_else(|| invalid("8021q: link not specified"))?;
        let protocol = options.protocol.unwrap_or(ETH_P_8021Q);
        let device = self.devices.find(lower).ok_or(Errno::Enodev)?;
        if device.is_loopback() {
            let text = "8021q: VLANs not supported on device";
            return Err(NlError::with_text(Errno::Eopnotsupp, text));
        }
        let taken = |above: &crate::device::stacked::Above| above.vlans.find(protocol, vid);
        if self.above(lower).and_then(taken).is_some() {
            let text = "8021q: VLAN device already exists";
            return Err(NlError::with_text(Errno::Eexist, text));
        }
        self.check_height(lower)?;
        let mut vlan = Vlan {
            lower,
            protocol,
            vid,
            flags: VlanFlags::REORDER_HDR,
            ingress_qos: Default::default(),
            egress_qos: Default::default(),
            lower_address: device.address,
            inherits: new.attributes.address.is_none(),
        };
        configure(&mut vlan, options);
        let (flags, address, broadcast) =
            (inherited_flags(device), device.address, device.broadcast);
        let kind = ("vlan%d", StackedKind::Vlan(vlan));
        let mut device = self.new_stacked(target, new, kind, Some(address))?;
        (device.flags, device.broadcast) = (flags, broadcast);
        (device.min_mtu, device.max_mtu) = (0, 65535);
        device.address_set = false;
        check_new_mtu(&device, new)?;
        apply_at_creation(&mut device, &new.attributes)?;
        let dev = self.register(device, new.ifindex)?;
        if let Some(above) = self.above_mut(lower) {
            above.vlans.insert(protocol, vid, dev);
        }
        self.follow_lower(dev);
        self.linkwatch_fire(dev);
        Ok(dev)
    }

    /// Changes a vlan device (`vlan_changelink`); its number and protocol stay what they are.
    pub(crate) fn configure_vlan(&mut self, dev: DevId, options: &VlanOptions) -> NlResult<()> {
        validate(options)?;
        match self.stacked_mut(dev).map(|stacked| &mut stacked.kind) {
            Some(StackedKind::Vlan(vlan)) => {
                configure(vlan, options);
                Ok(())
            }
            _ => Err(Errno::Eopnotsupp.into()),
        }
    }

    fn vlan(&self, dev: DevId) -> Option<&Vlan> {
        match &self.stacked(dev)?.kind {
            StackedKind::Vlan(vlan) => Some(vlan),
            StackedKind::Macvlan(_) | StackedKind::Ipvlan(_) => None,
        }
    }

    /// `vlan_dev_open`.
    pub(super) fn open_vlan(&mut self, dev: DevId) -> NlResult<()> {
        let vlan = self.vlan(dev).ok_or(Errno::Enodev)?;
        let (lower, flags) = (vlan.lower, vlan.flags);
        let below = self.devices.find(lower).ok_or(Errno::Enodev)?;
        if !below.is_up() && !flags.has(VlanFlags::LOOSE_BINDING) {
            return Err(Errno::Enetdown.into());
        }
        let carrier = below.carrier;
        self.vlan_sync_address(dev, lower);
        if carrier && !flags.has(VlanFlags::BRIDGE_BINDING) {
            self.carrier_on(dev);
        }
        Ok(())
    }

    /// `vlan_dev_stop`.
    pub(super) fn close_vlan(&mut self, dev: DevId) {
        let bound = self
            .vlan(dev)
            .is_some_and(|v| v.flags.has(VlanFlags::BRIDGE_BINDING));
        if !bound {
            self.carrier_off(dev);
        }
    }

    /// Follows the address of the device below, where it was never given another (`vlan_sync_address`).
    fn vlan_sync_address(&mut self, dev: DevId, lower: DevId) {
        let Some(address) = self.devices.find(lower).map(|lower| lower.address) else {
            return;
        };
        let own = self.devices.find(dev).map(|device| device.address);
        let Some(StackedKind::Vlan(vlan)) = self.stacked_mut(dev).map(|s| &mut s.kind) else {
            return;
        };
        vlan.lower_address = address;
        if vlan.inherits && own != Some(address) {
            self.inherit_address(dev, address);
        }
        self.sync_lower(dev);
    }

    /// User space gave the device an address of its own.
    pub(crate) fn vlan_has_own_address(&mut self, dev: DevId) {
        if let Some(StackedKind::Vlan(vlan)) = self.stacked_mut(dev).map(|s| &mut s.kind) {
            vlan.inherits = false;
        }
    }

    /// `vlan_device_event`.
    pub(super) fn vlan_event(&mut self, dev: DevId, lower: DevId, event: LowerEvent) {
        let (Some(vlan), Some(device)) = (self.vlan(dev), self.devices.find(dev)) else {
            return;
        };
        let (loose, up) = (vlan.flags.has(VlanFlags::LOOSE_BINDING), device.is_up());
        match event {
            LowerEvent::Up if up => {}
            LowerEvent::Up => {
                if !loose {
                    // What cannot go up stays down, without a word.
                    let _ = self.open(dev);
                }
                self.follow_lower(dev);
            }
            LowerEvent::Down => {
                if up && !loose {
                    self.close(dev);
                    self.follow_lower(dev);
                }
            }
            LowerEvent::Change => self.follow_lower(dev),
            LowerEvent::Address => {
                if up {
                    self.vlan_sync_address(dev, lower);
                }
            }
            LowerEvent::Mtu => {
                let mtu = self.devices.find(lower).map_or(0, |lower| lower.mtu);
                self.clamp_mtu(dev, mtu, true);
            }
        }
    }

    /// A frame with the tag of a vlan device has come to the device below (`vlan_do_receive`).
    pub(super) fn receive_vlan(&mut self, dev: DevId, mut frame: Frame) {
        let reorders = self
            .vlan(dev)
            .is_some_and(|v| v.flags.has(VlanFlags::REORDER_HDR));
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        if !device.is_up() {
            return self.lose(dev, &frame, DropReason::DevDown);
        }
        let shown = (!reorders).then(|| frame.clone());
        VlanTag::pop(&mut frame);
        device.stats.rx_packets += 1;
        device.stats.rx_bytes += frame.len().saturating_sub(ETH_HLEN) as u64;
        let group = ethernet_header(frame.bytes())
            .is_some_and(|(dst, _, _)| dst.is_multicast() && !dst.is_broadcast());
        if group {
            device.stats.more.multicast += 1;
        }
        self.pass(dev, &mut frame, |_| Verdict::Received);
        if self.watchers > 0 {
            self.capture(dev, shown.as_ref().unwrap_or(&frame), false);
        }
        self.hand_on(dev, frame);
    }

    /// A frame leaves by a vlan device, tagged, through the one below (`vlan_dev_hard_start_xmit`).
    pub(super) fn transmit_vlan(&mut self, dev: DevId, mut frame: Frame) {
        let Some(vlan) = self.vlan(dev) else {
            return;
        };
        let lower = vlan.lower;
        vlan.tag(frame.bytes()).push(&mut frame);
        self.transmit(lower, frame);
    }

    /// A tagged frame that no vlan device takes: of no use to this machine unless the tag is of priority
    /// only, which is taken off (`__netif_receive_skb_core`).
    #[cold]
    pub(crate) fn receive_tagged(&mut self, dev: DevId, mut frame: Frame) {
        while let Some(tag) = VlanTag::of(frame.bytes()) {
            if tag.vid() != 0 {
                return self.lose(dev, &frame, DropReason::VlanNoDevice);
            }
            VlanTag::pop(&mut frame);
            let above = self.above(dev);
            if let Some(vlan) = above.and_then(|above| of_frame(&above.vlans, &frame)) {
                return self.receive_vlan(vlan, frame);
            }
        }
        match ethernet_header(frame.bytes()) {
            Some((_, _, ETH_P_8021Q | ETH_P_8021AD)) | None => {
                self.lose(dev, &frame, DropReason::PktTooSmall);
            }
            Some(_) => self.receive_local(dev, frame),
        }
    }
}
