//! An administrator's view of the table: add, change, delete, get and dump.
//! It checks what the kernel checks; what the tool checks is the tool's work.

use super::proxy::Proxy;
use super::state::{AddrKind, NeighAddr, NeighFlags, Nud, UpdateFlags};
use super::table::{Action, Entry, Key, NeighTable, Waiting, instant, moment};
use super::update::{Update, UpdateError};
use crate::units::{Errno, IfIndex, MacAddr, SimTime};

/// `RTM_NEWNEIGH`, as typed data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NeighRequest<A> {
    /// At which device; a proxy entry may do without.
    pub ifindex: Option<IfIndex>,
    /// The address.
    pub addr: A,
    /// Its station.
    pub lladdr: Option<MacAddr>,
    /// The state to have.
    pub state: Nud,
    /// `NTF_*`.
    pub flags: NeighFlags,
    /// Who makes it, 0 for nobody in particular.
    pub protocol: u8,
    /// `NLM_F_CREATE`: make it where it is not there.
    pub create: bool,
    /// `NLM_F_EXCL`: fail where it is there.
    pub exclusive: bool,
    /// `NLM_F_REPLACE`: override its address.
    pub replace: bool,
}

/// One entry as a dump shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NeighInfo<A> {
    /// At which device.
    pub ifindex: IfIndex,
    /// The address.
    pub addr: A,
    /// Its station, where the state is valid.
    pub lladdr: Option<MacAddr>,
    /// Its state.
    pub state: Nud,
    /// Its flags.
    pub flags: NeighFlags,
    /// Who made it.
    pub protocol: u8,
    /// Questions asked since it was last reachable.
    pub probes: u32,
    /// How long ago a packet went to it, in nanoseconds.
    pub used_ns: u64,
    /// How long ago it was confirmed, in nanoseconds.
    pub confirmed_ns: u64,
    /// How long ago it changed, in nanoseconds.
    pub updated_ns: u64,
    /// Who holds it besides the table: its timer.
    pub references: u32,
}

/// Why a request fails; the extended message where the kernel gives one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NeighError {
    /// No such entry; silent in the kernel.
    #[error("no such neighbour")]
    NotFound,
    /// `RTM_GETNEIGH` finds nothing.
    #[error("neighbour entry not found")]
    GetNotFound,
    /// `RTM_GETNEIGH` finds no proxy.
    #[error("proxy neighbour entry not found")]
    GetProxyNotFound,
    /// It is there already.
    #[error("the neighbour exists")]
    Exists,
    /// The device is missing in the request.
    #[error("device not specified")]
    NoDevice,
    /// The device has no such family.
    #[error("no device with that index")]
    UnknownDevice,
    /// A valid state needs a link layer address.
    #[error("no link layer address given")]
    NoLinkLayerAddress,
    /// Flags that contradict each other.
    #[error("invalid flags")]
    FlagCombination,
    /// A managed entry cannot be permanent.
    #[error("invalid flag for a permanent entry")]
    ManagedPermanent,
    /// The table is full.
    #[error("the table is full")]
    Full,
}

impl NeighError {
    /// The error number of the answer.
    pub const fn errno(self) -> Errno {
        match self {
            Self::NotFound | Self::GetNotFound | Self::GetProxyNotFound => Errno::Enoent,
            Self::Exists => Errno::Eexist,
            Self::UnknownDevice => Errno::Enodev,
            Self::NoDevice
            | Self::NoLinkLayerAddress
            | Self::FlagCombination
            | Self::ManagedPermanent => Errno::Einval,
            Self::Full => Errno::Enobufs,
        }
    }

    /// The extended message (`NL_SET_ERR_MSG`), which the tool prints as `Error: TEXT.`
    pub const fn extack(self) -> Option<&'static str> {
        Some(match self {
            Self::GetNotFound => "Neighbour entry not found",
            Self::GetProxyNotFound => "Proxy neighbour entry not found",
            Self::NoDevice => "Device not specified",
            Self::NoLinkLayerAddress => "No link layer address given",
            Self::FlagCombination => "Invalid NTF_* flag combination",
            Self::ManagedPermanent => "Invalid NTF_* flag for permanent entry",
            Self::NotFound | Self::Exists | Self::UnknownDevice | Self::Full => return None,
        })
    }
}

impl<A: NeighAddr, P: Waiting<A>> NeighTable<A, P> {
    /// Carries out `RTM_NEWNEIGH` (`neigh_add`). `kind` is what the routing table says of
    /// the address.
    ///
    /// # Errors
    /// See [`NeighError`]. As in the kernel, an entry that was created for a request without
    /// an address stays behind, in no state.
    pub fn add(
        &mut self,
        now: SimTime,
        request: &NeighRequest<A>,
        kind: AddrKind,
        out: &mut Vec<Action<A, P>>,
    ) -> Result<(), NeighError> {
        if request.flags.has(NeighFlags::PROXY) {
            return self.add_as_proxy(request);
        }
        let ifindex = request.ifindex.ok_or(NeighError::NoDevice)?;
        let mut flags = UpdateFlags::ADMIN | UpdateFlags::OVERRIDE | UpdateFlags::OVERRIDE_ISROUTER;
        let mut key = (ifindex, request.addr);
        if self.kept.entries.contains_key(&key) {
            if request.exclusive {
                return Err(NeighError::Exists);
            }
            if !request.replace {
                flags = flags.without(UpdateFlags::OVERRIDE | UpdateFlags::OVERRIDE_ISROUTER);
            }
        } else {
            key = self.create_requested(now, ifindex, request, kind, out)?;
        }
        if let Some(entry) = self.kept.entries.get_mut(&key)
            && request.protocol != 0
        {
            entry.protocol = request.protocol;
        }
        let update = Update {
            lladdr: request.lladdr,
            state: request.state,
            flags: flags | asked_for(request.flags),
        };
        self.update_key(now, key, update, out).map_err(refused)?;
        if request.flags.has(NeighFlags::USE | NeighFlags::MANAGED) {
            self.event_send(now, key, None, true, out);
        }
        Ok(())
    }

    /// Carries out `RTM_DELNEIGH` (`neigh_delete`).
    ///
    /// # Errors
    /// [`NeighError::NotFound`], or [`NeighError::NoDevice`].
    pub fn delete(
        &mut self,
        now: SimTime,
        ifindex: Option<IfIndex>,
        addr: A,
        proxy: bool,
        out: &mut Vec<Action<A, P>>,
    ) -> Result<(), NeighError> {
        if proxy {
            let deleted = self.delete_proxy(ifindex, addr);
            return deleted.then_some(()).ok_or(NeighError::NotFound);
        }
        let ifindex = ifindex.ok_or(NeighError::NoDevice)?;
        let key = (ifindex, addr);
        let failed = Update {
            lladdr: None,
            state: Nud::Failed,
            flags: UpdateFlags::ADMIN | UpdateFlags::OVERRIDE,
        };
        self.update_key(now, key, failed, out).map_err(refused)?;
        self.remove(key, out);
        Ok(())
    }

    /// Answers `RTM_GETNEIGH` for one address.
    ///
    /// # Errors
    /// [`NeighError::GetNotFound`].
    pub fn get(&self, now: SimTime, ifindex: IfIndex, addr: A) -> Result<NeighInfo<A>, NeighError> {
        let key = (ifindex, addr);
        let entry = self.kept.entries.get(&key).ok_or(NeighError::GetNotFound)?;
        let mut found = info(now, &key, entry);
        // Whoever looks holds it.
        found.references += 1;
        Ok(found)
    }

    /// Answers `RTM_GETNEIGH` for one proxy entry.
    ///
    /// # Errors
    /// [`NeighError::GetProxyNotFound`].
    pub fn get_proxy(&self, ifindex: Option<IfIndex>, addr: A) -> Result<Proxy<A>, NeighError> {
        let fits = |proxy: &&Proxy<A>| {
            proxy.addr == addr && (proxy.ifindex.is_none() || proxy.ifindex == ifindex)
        };
        let found = self.kept.proxies.iter().find(fits);
        found.cloned().ok_or(NeighError::GetProxyNotFound)
    }

    /// All entries, by device and address. (The kernel's order is that of a hash
    /// whose seed changes at every boot.)
    pub fn dump(&self, now: SimTime) -> Vec<NeighInfo<A>> {
        let mut all: Vec<_> = self
            .kept
            .entries
            .iter()
            .map(|(key, entry)| info(now, key, entry))
            .collect();
        all.sort_unstable_by_key(|info| (info.ifindex, info.addr));
        all
    }

    fn add_as_proxy(&mut self, request: &NeighRequest<A>) -> Result<(), NeighError> {
        if request.flags.has(NeighFlags::MANAGED) {
            return Err(NeighError::FlagCombination);
        }
        self.add_proxy(Proxy {
            addr: request.addr,
            ifindex: request.ifindex,
            flags: request.flags,
            protocol: request.protocol,
            permanent: request.state == Nud::Permanent,
        });
        Ok(())
    }

    fn create_requested(
        &mut self,
        now: SimTime,
        ifindex: IfIndex,
        request: &NeighRequest<A>,
        kind: AddrKind,
        out: &mut Vec<Action<A, P>>,
    ) -> Result<Key<A>, NeighError> {
        if !request.create {
            return Err(NeighError::NotFound);
        }
        let permanent = request.state == Nud::Permanent;
        if permanent && request.flags.has(NeighFlags::MANAGED) {
            return Err(NeighError::ManagedPermanent);
        }
        if self.port(ifindex).is_none() {
            return Err(NeighError::UnknownDevice);
        }
        let exempt = permanent || request.flags.has(NeighFlags::EXT_LEARNED);
        self.create(now, ifindex, request.addr, kind, exempt, out)
            .map_err(|_| NeighError::Full)
    }
}

fn asked_for(flags: NeighFlags) -> UpdateFlags {
    let pairs = [
        (NeighFlags::EXT_LEARNED, UpdateFlags::EXT_LEARNED),
        (NeighFlags::ROUTER, UpdateFlags::ISROUTER),
        (NeighFlags::MANAGED, UpdateFlags::MANAGED),
        (NeighFlags::USE, UpdateFlags::USE),
    ];
    let asked = pairs.into_iter().filter(|(flag, _)| flags.has(*flag));
    asked.fold(UpdateFlags::EMPTY, |all, (_, update)| all.with(update))
}

fn refused(error: UpdateError) -> NeighError {
    match error {
        UpdateError::NoLinkLayerAddress => NeighError::NoLinkLayerAddress,
        UpdateError::NoEntry | UpdateError::Static => NeighError::NotFound,
    }
}

fn info<A: NeighAddr, P>(now: SimTime, key: &Key<A>, entry: &Entry<P>) -> NeighInfo<A> {
    let ago = |then: i64| {
        let span = moment(now).saturating_sub(then);
        instant(span).as_nanos()
    };
    NeighInfo {
        ifindex: key.0,
        addr: key.1,
        lladdr: entry.state.is_valid().then_some(entry.mac),
        state: entry.state,
        flags: entry.flags,
        protocol: entry.protocol,
        probes: entry.probes,
        used_ns: ago(entry.used),
        confirmed_ns: ago(entry.confirmed),
        updated_ns: ago(entry.updated),
        references: u32::from(entry.deadline.is_some()),
    }
}
