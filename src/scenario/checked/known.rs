//! The names that a file gives: hosts, namespaces, devices, and every word of its command lines.
//! A name that a command line mentions may be made by it, so it counts as known.

use std::collections::{BTreeMap, BTreeSet};

use crate::scenario::fault::{Fault, Place, near};
use crate::scenario::line;
use crate::scenario::names::{DevName, NetnsName};
use crate::scenario::schema::{At, Lines, Scenario};

/// What kind of device was declared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Declared {
    /// A bridge.
    Bridge,
    /// The end of a veth pair.
    Veth,
}

/// The names of a file.
pub(super) struct Known {
    hosts: Vec<String>,
    namespaces: BTreeSet<NetnsName>,
    devices: BTreeMap<DevName, Declared>,
    words: BTreeSet<String>,
}

impl Known {
    /// Reads what a scenario names, and finds names that are there twice.
    pub(super) fn of(scenario: &Scenario) -> Result<Self, Fault> {
        let hosts = scenario.hosts.iter().flat_map(|hosts| hosts.value.names());
        let mut known = Self {
            hosts: hosts.map(str::to_owned).collect(),
            namespaces: BTreeSet::new(),
            devices: BTreeMap::new(),
            words: BTreeSet::new(),
        };
        known.collect_words(&scenario.setup);
        for step in &scenario.steps {
            if let Some(run) = &step.run {
                known.collect_words(&run.value);
            }
        }
        for name in &scenario.namespaces {
            known.declare_netns(name)?;
        }
        for bridge in &scenario.bridges {
            known.declare_device(&bridge.dev, Declared::Bridge)?;
        }
        for veth in &scenario.veths {
            for end in [&veth.a, &veth.b] {
                known.declare_device(&end.value.name(end.place).cloned(), Declared::Veth)?;
            }
        }
        Ok(known)
    }

    fn collect_words(&mut self, lines: &Lines) {
        for text in &lines.0 {
            self.words
                .extend(line::words(&text.value).into_iter().flatten());
        }
    }

    fn declare_netns(&mut self, name: &At<String>) -> Result<(), Fault> {
        let netns = self.netns_of_host(name)?;
        if netns.is_root() {
            return Err(Fault::new(
                name.place,
                "the root namespace is there already",
            ));
        }
        if !self.namespaces.insert(netns) {
            let words = format!("namespace `{}` is there twice", name.value);
            return Err(Fault::new(name.place, words));
        }
        Ok(())
    }

    fn declare_device(&mut self, name: &At<String>, kind: Declared) -> Result<(), Fault> {
        let dev = DevName::parse(&name.value).map_err(|words| Fault::new(name.place, words))?;
        self.check_netns(&dev.netns, name.place)?;
        if self.devices.insert(dev, kind).is_some() {
            let words = format!("device `{}` is there twice", name.value);
            return Err(Fault::new(name.place, words));
        }
        Ok(())
    }

    fn netns_of_host(&self, name: &At<String>) -> Result<NetnsName, Fault> {
        let netns = NetnsName::parse(&name.value).map_err(|words| Fault::new(name.place, words))?;
        self.check_host(netns.host.as_deref(), name.place)?;
        Ok(netns)
    }

    /// A host that is named must be there.
    pub(super) fn check_host(&self, host: Option<&str>, place: Place) -> Result<(), Fault> {
        match host {
            Some(host) if !self.hosts.iter().any(|known| known == host) => {
                let near = near(host, self.hosts.iter().map(String::as_str));
                Err(Fault::new(place, format!("no host `{host}`{near}")))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn check_netns(&self, netns: &NetnsName, place: Place) -> Result<(), Fault> {
        self.check_host(netns.host.as_deref(), place)?;
        let made = netns.is_root() || self.words.contains(&netns.netns);
        if made || self.namespaces.contains(netns) {
            return Ok(());
        }
        let names = self.namespaces.iter().map(|known| known.netns.as_str());
        let near = near(&netns.netns, names);
        Err(Fault::new(
            place,
            format!("no namespace `{}`{near}", netns.netns),
        ))
    }

    /// The namespace that is named there; the root where none is.
    pub(super) fn netns(&self, name: Option<&At<String>>) -> Result<NetnsName, Fault> {
        let Some(name) = name else {
            return Ok(NetnsName::root());
        };
        let netns = self.netns_of_host(name)?;
        self.check_netns(&netns, name.place)?;
        Ok(netns)
    }

    /// Whether a namespace is a root namespace or one that the file declares.
    pub(super) fn is_declared(&self, netns: &NetnsName) -> bool {
        netns.is_root() || self.namespaces.contains(netns)
    }

    /// The device that is named there.
    pub(super) fn device(&self, name: &At<String>) -> Result<DevName, Fault> {
        let dev = DevName::parse(&name.value).map_err(|words| Fault::new(name.place, words))?;
        self.check_netns(&dev.netns, name.place)?;
        let made = dev.dev == "lo" || self.words.contains(&dev.dev) || !self.hosts.is_empty();
        if made || self.devices.contains_key(&dev) {
            return Ok(dev);
        }
        let names: Vec<String> = self.devices.keys().map(DevName::to_string).collect();
        let near = near(&name.value, names.iter().map(String::as_str));
        let words = format!("no device `{}` is declared{near}", name.value);
        Err(Fault::new(name.place, words))
    }

    /// The bridge that is named there, which must not be known as something else.
    pub(super) fn bridge(&self, name: &At<String>) -> Result<DevName, Fault> {
        let dev = self.device(name)?;
        match self.devices.get(&dev) {
            Some(Declared::Veth) => Err(Fault::new(
                name.place,
                format!("`{}` is the end of a veth pair, not a bridge", name.value),
            )),
            Some(Declared::Bridge) | None => Ok(dev),
        }
    }
}
