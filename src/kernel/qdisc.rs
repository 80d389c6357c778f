//! Requests about queueing disciplines (sch_api.c): who may replace what, handles, and what is told of them.
//! What a discipline does with a frame is in `device::qdisc`; when it is asked is in `qdisc_run`.

use crate::device::qdisc::{
    self, Fifo, FqCodel, Kind, Netem, Qdisc as Tree, ROOT, Stats, Tbf, TbfConfig, Unit, major,
    minor,
};
use crate::kernel::device::{Device, DeviceKind, Qdisc};
use crate::kernel::netlink::{
    FqCodelOptions, NetemInfo, NlError, NlResult, QdiscDelete, QdiscInfo, QdiscKind, QdiscOptions,
    QdiscRequest,
};
use crate::kernel::world::World;
use crate::units::{DevId, Errno, NetnsId};

/// How deep qdiscs may stand on one another.
const DEPTH_MAX: usize = 8;

fn refused(errno: Errno, text: &'static str) -> NlError {
    NlError::with_text(errno, text)
}

impl World {
    /// Makes, changes or replaces a qdisc (`tc_modify_qdisc`).
    ///
    /// # Errors
    /// As the kernel's.
    pub fn qdisc_modify(&mut self, netns: NetnsId, request: &QdiscRequest) -> NlResult<()> {
        let dev = self.dev_at(netns, request.ifindex).ok_or(Errno::Enodev)?;
        let old = self.qdisc_at(dev, request.parent, "Failed to find specified qdisc")?;
        if request.parent == 0 && request.handle == 0 {
            return Err(refused(Errno::Einval, "Handle cannot be zero"));
        }
        let known = |handle| self.tree(dev).and_then(|tree| find(tree, handle));
        // One that the kernel made by itself does not count.
        let target = match request.parent {
            0 => known(request.handle),
            _ => old.filter(|old| old.handle != 0),
        };
        let (handle, same_kind) = match target {
            None => (0, false),
            Some(target) => {
                let name = request.kind.as_ref().map(QdiscKind::name);
                let same = name.is_none_or(|name| name == target.kind.name());
                (target.handle, same)
            }
        };
        if request.parent != 0 && request.handle != 0 && handle != request.handle {
            if handle != 0 && !request.replace {
                return Err(refused(Errno::Eexist, "NLM_F_REPLACE needed to override"));
            }
            if minor(request.handle) != 0 {
                return Err(refused(Errno::Einval, "Invalid minor handle"));
            }
            return match known(request.handle).map(|other| other.parent) {
                None => self.qdisc_create(dev, request),
                Some(parent) if parent != request.parent => Err(refused(
                    Errno::Einval,
                    "Cannot move an existing qdisc to a different parent",
                )),
                Some(_) => Err(refused(
                    Errno::Eexist,
                    "Exclusivity flag on, cannot override",
                )),
            };
        }
        if handle == 0 {
            if request.parent == 0 {
                return Err(refused(Errno::Enoent, "Specified qdisc not found"));
            }
            return self.qdisc_create(dev, request);
        }
        if request.parent != 0 && request.handle == 0 && !same_kind {
            let exclusive = request.create && request.excl;
            let change = !request.create && !request.replace && !request.excl;
            if request.create && request.replace || exclusive {
                return self.qdisc_create(dev, request);
            }
            if change {
                return self.qdisc_graft_new(dev, request);
            }
        }
        if request.excl {
            return Err(refused(Errno::Eexist, "Exclusivity flag on, cannot modify"));
        }
        if !same_kind {
            let text = "Invalid qdisc name: must match existing qdisc";
            return Err(refused(Errno::Einval, text));
        }
        self.qdisc_change(dev, handle, request)
    }

    /// The qdisc at a place: the root's, or that of a class. Nothing where no place is named.
    fn qdisc_at(&self, dev: DevId, parent: u32, missing: &'static str) -> NlResult<Option<&Tree>> {
        match parent {
            0 => Ok(None),
            ROOT => Ok(self.tree(dev)),
            class => {
                let above = self.tree(dev).and_then(|tree| find(tree, major(class)));
                let above = above.ok_or_else(|| refused(Errno::Enoent, missing))?;
                if !above.is_classful() {
                    return Err(refused(Errno::Eopnotsupp, "Parent qdisc is not classful"));
                }
                Ok(above.child())
            }
        }
    }

    fn tree(&self, dev: DevId) -> Option<&Tree> {
        self.devices.find(dev)?.queue.as_deref()
    }

    fn qdisc_create(&mut self, dev: DevId, request: &QdiscRequest) -> NlResult<()> {
        if !request.create {
            return Err(refused(
                Errno::Enoent,
                "Qdisc not found. To create specify NLM_F_CREATE flag",
            ));
        }
        self.qdisc_graft_new(dev, request)
    }

    /// Makes a qdisc and puts it in its place (`qdisc_create`, `qdisc_graft`).
    fn qdisc_graft_new(&mut self, dev: DevId, request: &QdiscRequest) -> NlResult<()> {
        let unknown = || refused(Errno::Enoent, "Specified qdisc kind is unknown");
        let kind = request.kind.as_ref().ok_or_else(unknown)?;
        if matches!(kind, QdiscKind::Unknown(_)) {
            return Err(unknown());
        }
        let handle = match request.handle {
            0 => self.qdisc_handle(dev),
            handle => handle,
        };
        let kind = self.qdisc_kind(dev, kind)?;
        if request.parent != ROOT && matches!(kind, Kind::Noqueue) {
            return Err(refused(Errno::Einval, "Cannot assign noqueue to a class"));
        }
        let new = Tree::new(handle, request.parent, kind);
        if request.parent == ROOT {
            self.set_queue(dev, Some(new));
            return Ok(());
        }
        let depth = self
            .tree(dev)
            .map_or(0, |tree| depth_of(tree, major(request.parent)));
        if depth >= DEPTH_MAX {
            return Err(refused(Errno::E2big, "Qdisc hierarchy is too deep"));
        }
        let lost = self.graft_child(dev, major(request.parent), Some(new));
        self.lose_queued(dev, lost);
        Ok(())
    }

    /// The next handle that nothing has (`qdisc_alloc_handle`): the counter is the machine's.
    fn qdisc_handle(&mut self, dev: DevId) -> u32 {
        let host = self
            .devices
            .find(dev)
            .and_then(|device| self.netns.find(device.netns))
            .map(|ns| ns.host);
        let taken = |world: &Self, handle| {
            world
                .tree(dev)
                .is_some_and(|tree| find(tree, handle).is_some())
        };
        let mut handle = host
            .and_then(|host| self.hosts.find(host))
            .map_or(0, |host| host.qdisc_handle);
        loop {
            handle = match handle {
                0 | 0xfffe_0000.. => 0x8001_0000,
                handle => handle + 0x1_0000,
            };
            if !taken(self, handle) {
                break;
            }
        }
        if let Some(host) = host.and_then(|host| self.hosts.find_mut(host)) {
            host.qdisc_handle = handle;
        }
        handle
    }

    fn qdisc_kind(&mut self, dev: DevId, kind: &QdiscKind) -> NlResult<Kind> {
        let now = self.now;
        let device = self.devices.find_mut(dev).ok_or(Errno::Enodev)?;
        device.seldom.queue_births += 1;
        let (births, mtu, txqlen) = (device.seldom.queue_births, device.mtu, device.txqlen);
        Ok(match kind {
            QdiscKind::Noqueue => Kind::Noqueue,
            QdiscKind::PfifoFast => Kind::PfifoFast(Fifo::new(Unit::Packets, txqlen.max(1))),
            QdiscKind::Fifo(unit, limit) => {
                let unit_limit = match unit {
                    Unit::Packets => txqlen,
                    Unit::Bytes => txqlen.saturating_mul(mtu.saturating_add(14)),
                };
                Kind::Fifo(Fifo::new(*unit, limit.unwrap_or(unit_limit)))
            }
            QdiscKind::FqCodel(options) => {
                let mut queue = FqCodel::new(mtu);
                set_fq_codel(&mut queue, options);
                Kind::FqCodel(Box::new(queue))
            }
            QdiscKind::Tbf(config) => {
                check_tbf(config)?;
                Kind::Tbf(Box::new(Tbf::new(now, *config)))
            }
            QdiscKind::Netem(change) => {
                let device = self.devices.find(dev).ok_or(Errno::Enodev)?;
                let random = self.device_stream(device, &format!("netem {births}"));
                Kind::Netem(Box::new(Netem::new(now, (**change).clone(), random)))
            }
            QdiscKind::Unknown(_) => {
                return Err(refused(Errno::Enoent, "Specified qdisc kind is unknown"));
            }
        })
    }

    /// Gives a qdisc other settings (`qdisc_change`); without any it stays as it is.
    fn qdisc_change(&mut self, dev: DevId, handle: u32, request: &QdiscRequest) -> NlResult<()> {
        let now = self.now;
        let tree = self
            .devices
            .find_mut(dev)
            .and_then(|device| device.queue.as_deref_mut());
        let Some(qdisc) = tree.and_then(|tree| tree.find_mut(handle)) else {
            return Err(refused(Errno::Enoent, "Specified qdisc not found"));
        };
        match (&mut qdisc.kind, &request.kind) {
            (Kind::Fifo(fifo), Some(QdiscKind::Fifo(_, Some(limit)))) => fifo.limit = *limit,
            (Kind::FqCodel(queue), Some(QdiscKind::FqCodel(options))) => {
                set_fq_codel(queue, options)
            }
            (Kind::Tbf(tbf), Some(QdiscKind::Tbf(config))) => {
                check_tbf(config)?;
                tbf.change(*config);
            }
            (Kind::Netem(netem), Some(QdiscKind::Netem(change))) => {
                netem.change(now, (**change).clone());
            }
            _ => {}
        }
        self.run_qdisc(dev);
        Ok(())
    }

    /// Takes a qdisc away (`tc_get_qdisc` with RTM_DELQDISC).
    ///
    /// # Errors
    /// As the kernel's.
    pub fn qdisc_delete(&mut self, netns: NetnsId, request: &QdiscDelete) -> NlResult<()> {
        let dev = self.dev_at(netns, request.ifindex).ok_or(Errno::Enodev)?;
        let missing = "Failed to find qdisc with specified classid";
        let found = match request.parent {
            0 => {
                let tree = self.tree(dev);
                let found = tree.and_then(|tree| find(tree, request.handle));
                let missing = "Failed to find qdisc with specified handle";
                Some(found.ok_or_else(|| refused(Errno::Enoent, missing))?)
            }
            parent => self.qdisc_at(dev, parent, missing)?,
        };
        let (handle, name) = match found {
            Some(found) => (found.handle, found.kind.name()),
            None if request.parent == ROOT => (0, self.default_qdisc(dev).name()),
            None => {
                let text = "Cannot find specified qdisc on specified device";
                return Err(refused(Errno::Enoent, text));
            }
        };
        if request.parent != 0 && request.handle != 0 && handle != request.handle {
            return Err(refused(Errno::Einval, "Invalid handle"));
        }
        if request.kind.as_ref().is_some_and(|kind| kind != name) {
            let text = "Invalid qdisc name: must match existing qdisc";
            return Err(refused(Errno::Einval, text));
        }
        if request.parent == 0 {
            return Err(refused(Errno::Einval, "Classid cannot be zero"));
        }
        if handle == 0 {
            return Err(refused(
                Errno::Enoent,
                "Cannot delete qdisc with handle of zero",
            ));
        }
        if request.parent == ROOT {
            self.set_queue(dev, None);
        } else {
            let lost = self.graft_child(dev, major(request.parent), None);
            self.lose_queued(dev, lost);
        }
        Ok(())
    }

    fn default_qdisc(&self, dev: DevId) -> Qdisc {
        self.devices
            .find(dev)
            .map_or(Qdisc::Noop, |device| device.qdisc)
    }

    /// All qdiscs of a namespace, by device; those that the kernel made below others are not told of.
    pub fn qdiscs(&self, netns: NetnsId) -> Vec<QdiscInfo> {
        let Some(ns) = self.netns.find(netns) else {
            return Vec::new();
        };
        let mut all = Vec::new();
        for interface in ns.interfaces.values() {
            let Some(device) = self.devices.find(interface.dev) else {
                continue;
            };
            match &device.queue {
                None => all.extend(default_info(device)),
                Some(tree) => tell(device, tree, 1 + device.queues.1, &mut all),
            }
        }
        all
    }
}

/// The qdisc of a handle; nothing has the handle 0 (`qdisc_lookup`).
fn find(tree: &Tree, handle: u32) -> Option<&Tree> {
    tree.find(handle).filter(|_| handle != 0)
}

fn depth_of(tree: &Tree, handle: u32) -> usize {
    match tree.child() {
        Some(_) if tree.handle == handle => 1,
        Some(child) => 1 + depth_of(child, handle),
        None => 1,
    }
}

fn check_tbf(config: &TbfConfig) -> NlResult<()> {
    let too_slow = config.peakrate != 0 && config.peakrate <= config.rate;
    if config.rate == 0 || config.burst == 0 || too_slow || config.peakrate != 0 && config.mtu == 0
    {
        return Err(Errno::Einval.into());
    }
    Ok(())
}

fn set_fq_codel(queue: &mut FqCodel, options: &FqCodelOptions) {
    queue.fifo.limit = options.limit.unwrap_or(queue.fifo.limit);
    queue.flows = options.flows.unwrap_or(queue.flows);
    // The least that the kernel takes.
    queue.quantum = options
        .quantum
        .map_or(queue.quantum, |quantum| quantum.max(256));
    queue.target = options.target_us.map_or(queue.target, qdisc::ticks);
    queue.interval = options.interval_us.map_or(queue.interval, qdisc::ticks);
    queue.memory_limit = options.memory_limit.unwrap_or(queue.memory_limit);
    queue.ecn = options.ecn.unwrap_or(queue.ecn);
    queue.drop_batch = options.drop_batch.unwrap_or(queue.drop_batch);
}

/// The qdisc that a device has by itself. Nothing of one that was never up.
fn default_info(device: &Device) -> Option<QdiscInfo> {
    let (options, stats) = match device.qdisc {
        Qdisc::Noop => return None,
        Qdisc::Noqueue => (QdiscOptions::Noqueue, Stats::default()),
        Qdisc::PfifoFast => {
            // It never holds anything: what the device sent is what went through it.
            let stats = Stats {
                bytes: device.stats.tx_bytes,
                packets: device.stats.tx_packets,
                ..Stats::default()
            };
            (QdiscOptions::PfifoFast, stats)
        }
    };
    Some(QdiscInfo {
        ifindex: device.ifindex,
        dev: device.name,
        handle: 0,
        parent: ROOT,
        refcnt: 2,
        options,
        stats,
    })
}

fn tell(device: &Device, tree: &Tree, refcnt: u32, all: &mut Vec<QdiscInfo>) {
    if tree.handle != 0 {
        all.push(QdiscInfo {
            ifindex: device.ifindex,
            dev: device.name,
            handle: tree.handle,
            parent: tree.parent,
            refcnt,
            options: options_of(tree),
            stats: tree.stats,
        });
    }
    if let Some(child) = tree.child() {
        tell(device, child, 1, all);
    }
}

fn options_of(tree: &Tree) -> QdiscOptions {
    match &tree.kind {
        Kind::Noqueue => QdiscOptions::Noqueue,
        Kind::PfifoFast(_) => QdiscOptions::PfifoFast,
        Kind::Fifo(fifo) => QdiscOptions::Fifo(fifo.unit, fifo.limit),
        Kind::FqCodel(queue) => QdiscOptions::FqCodel {
            limit: queue.fifo.limit,
            flows: queue.flows,
            quantum: queue.quantum,
            target_us: qdisc::micros(queue.target),
            interval_us: qdisc::micros(queue.interval),
            memory_limit: queue.memory_limit,
            ecn: queue.ecn,
            drop_batch: queue.drop_batch,
        },
        Kind::Tbf(tbf) => QdiscOptions::Tbf(tbf.config, tbf.buffer_ns(), tbf.peak_buffer_ns()),
        Kind::Netem(netem) => QdiscOptions::Netem(Box::new(NetemInfo {
            config: netem.config.clone(),
            delay_corr: netem.delay_cor.rho,
            loss_corr: netem.loss_cor.rho,
            dup_corr: netem.dup_cor.rho,
            reorder_corr: netem.reorder_cor.rho,
            corrupt_corr: netem.corrupt_cor.rho,
        })),
    }
}

impl Device {
    /// The name of its root qdisc, as `ip link` prints it.
    pub fn qdisc_name(&self) -> &'static str {
        match &self.queue {
            Some(tree) => tree.kind.name(),
            None => self.qdisc.name(),
        }
    }

    /// The qdisc that it gets by itself (`attach_one_default_qdisc`).
    pub(crate) fn own_qdisc(&self) -> Qdisc {
        match self.kind {
            DeviceKind::Nic(_) => Qdisc::PfifoFast,
            _ => Qdisc::Noqueue,
        }
    }
}
