//! A declared network as the commands that it means, in an order in which each of them succeeds.
//! It judges what no command would: names, and what is said twice.

use std::net::IpAddr;

use super::known::Known;
use super::{Command, line};
use crate::scenario::fault::{Fault, Place};
use crate::scenario::names::{DevName, NetnsName};
use crate::scenario::schema::{At, Bridge, End, Lines, Neighbour, Scenario, Veth};
use crate::units::MacAddr;

/// The commands that build a scenario's network.
pub(super) fn commands(scenario: &Scenario, known: &Known) -> Result<Vec<Command>, Fault> {
    let mut builder = Builder {
        known,
        commands: Vec::new(),
    };
    for name in &scenario.namespaces {
        builder.namespace(name)?;
    }
    for bridge in &scenario.bridges {
        builder.bridge(bridge)?;
    }
    for veth in &scenario.veths {
        builder.veth(veth)?;
    }
    builder.ports(scenario)?;
    // Settings come first: some of them say what happens when a device goes up.
    for sysctl in &scenario.sysctls {
        let netns = known.netns(sysctl.netns.as_ref())?;
        for set in &sysctl.set.0 {
            builder.sysctl(&netns, set)?;
        }
    }
    builder.addresses(scenario)?;
    builder.ups(scenario)?;
    for neighbour in &scenario.neighbours {
        builder.neighbour(neighbour)?;
    }
    for route in &scenario.routes {
        let netns = known.netns(route.netns.as_ref())?;
        for add in &route.add.0 {
            builder.route(&netns, add)?;
        }
    }
    builder.lines(&scenario.setup)?;
    Ok(builder.commands)
}

struct Builder<'k> {
    known: &'k Known,
    commands: Vec<Command>,
}

impl Builder<'_> {
    fn ip(&mut self, netns: &NetnsName, text: &str, place: Place) {
        self.commands.push(Command::aimed(netns, "ip", text, place));
    }

    fn namespace(&mut self, name: &At<String>) -> Result<(), Fault> {
        let netns = self.known.netns(Some(name))?;
        let root = NetnsName {
            host: netns.host.clone(),
            netns: String::new(),
        };
        self.ip(&root, &format!("netns add {}", netns.netns), name.place);
        self.ip(&netns, "link set lo up", name.place);
        Ok(())
    }

    fn bridge(&mut self, bridge: &Bridge) -> Result<(), Fault> {
        let dev = self.known.device(&bridge.dev)?;
        let place = bridge.dev.place;
        let mut add = format!("link add {}", dev.dev);
        if let Some(mac) = &bridge.mac {
            add += &format!(" address {}", station(mac)?);
        }
        self.ip(&dev.netns, &format!("{add} type bridge"), place);
        let options = bridge_options(bridge)?;
        if !options.is_empty() {
            let set = format!("link set {} type bridge{options}", dev.dev);
            self.ip(&dev.netns, &set, place);
        }
        Ok(())
    }

    fn veth(&mut self, veth: &Veth) -> Result<(), Fault> {
        let a = self
            .known
            .device(&veth.a.value.name(veth.a.place).cloned())?;
        let b = self
            .known
            .device(&veth.b.value.name(veth.b.place).cloned())?;
        if a.netns.host != b.netns.host {
            let words = "the two ends of a veth pair are on one host: hosts have links";
            return Err(Fault::new(veth.b.place, words));
        }
        let root = NetnsName {
            host: a.netns.host.clone(),
            netns: String::new(),
        };
        let near = end_words(&veth.a.value, &a)?;
        let far = end_words(&veth.b.value, &b)?;
        self.ip(
            &root,
            &format!("link add {near} type veth peer name {far}"),
            veth.a.place,
        );
        Ok(())
    }

    fn master(&mut self, dev: &DevName, bridge: &DevName, place: Place) -> Result<(), Fault> {
        if dev.netns != bridge.netns {
            let words = format!("`{dev}` and its bridge `{bridge}` are not in one namespace");
            return Err(Fault::new(place, words));
        }
        let set = format!("link set {} master {}", dev.dev, bridge.dev);
        self.ip(&dev.netns, &set, place);
        Ok(())
    }

    fn ports(&mut self, scenario: &Scenario) -> Result<(), Fault> {
        for bridge in &scenario.bridges {
            let master = self.known.device(&bridge.dev)?;
            for port in &bridge.ports {
                let dev = self.known.device(port)?;
                self.master(&dev, &master, port.place)?;
            }
        }
        for end in ends(scenario) {
            if let Some(master) = &end.value.master {
                let dev = self.known.device(&end.value.name(end.place).cloned())?;
                let bridge = self.known.bridge(master)?;
                self.master(&dev, &bridge, master.place)?;
            }
        }
        Ok(())
    }

    fn addresses(&mut self, scenario: &Scenario) -> Result<(), Fault> {
        for bridge in &scenario.bridges {
            self.addresses_of(&bridge.dev, &bridge.address.0)?;
        }
        for end in ends(scenario) {
            self.addresses_of(&end.value.name(end.place).cloned(), &end.value.address)?;
        }
        for address in &scenario.addresses {
            self.addresses_of(&address.dev, &address.address.0)?;
        }
        Ok(())
    }

    fn addresses_of(&mut self, dev: &At<String>, addresses: &[At<String>]) -> Result<(), Fault> {
        let dev = self.known.device(dev)?;
        for address in addresses {
            let text = address.value.trim();
            let (prefix, more) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
            if prefix.parse::<ipnet::IpNet>().is_err() {
                let words = format!("`{}` is no address with a prefix length", shortened(prefix));
                return Err(Fault::new(address.place, words));
            }
            let add = format!("address add {prefix} dev {} {more}", dev.dev);
            self.ip(&dev.netns, &add, address.place);
        }
        Ok(())
    }

    fn ups(&mut self, scenario: &Scenario) -> Result<(), Fault> {
        for bridge in &scenario.bridges {
            if bridge.up != Some(false) {
                self.up(&bridge.dev)?;
            }
        }
        for end in ends(scenario) {
            if end.value.up {
                self.up(&end.value.name(end.place).cloned())?;
            }
        }
        Ok(())
    }

    fn up(&mut self, dev: &At<String>) -> Result<(), Fault> {
        let name = self.known.device(dev)?;
        self.ip(&name.netns, &format!("link set {} up", name.dev), dev.place);
        Ok(())
    }

    fn sysctl(&mut self, netns: &NetnsName, set: &At<String>) -> Result<(), Fault> {
        match set.value.split_once('=') {
            Some((name, _)) if !name.trim().is_empty() => {}
            _ => {
                let words = format!("`{}` is not NAME=VALUE", shortened(&set.value));
                return Err(Fault::new(set.place, words));
            }
        }
        let (name, value) = set.value.split_once('=').unwrap_or_default();
        let set_to = format!("{}={}", name.trim(), value.trim());
        let words = vec!["sysctl".to_owned(), "-w".to_owned(), set_to];
        self.commands.push(Command::inside(netns, words, set.place));
        Ok(())
    }

    fn neighbour(&mut self, neighbour: &Neighbour) -> Result<(), Fault> {
        let dev = self.known.device(&neighbour.dev)?;
        let address = &neighbour.address;
        if address.value.parse::<IpAddr>().is_err() {
            let words = format!("`{}` is no IP address", shortened(&address.value));
            return Err(Fault::new(address.place, words));
        }
        let mac = station(&neighbour.mac)?;
        let add = format!("neigh add {} lladdr {mac} dev {}", address.value, dev.dev);
        self.ip(&dev.netns, &add, address.place);
        Ok(())
    }

    fn route(&mut self, netns: &NetnsName, add: &At<String>) -> Result<(), Fault> {
        let words = line::words(&add.value).map_err(|words| Fault::new(add.place, words))?;
        if words.is_empty() {
            return Err(Fault::new(add.place, "a route says where to"));
        }
        // A prefix with a colon is one of IPv6, which `ip route` would not take for `default`.
        let six = words.iter().any(|word| word.contains(':'));
        let mut command = Command::aimed(netns, "ip", "", add.place);
        command.words.extend(six.then(|| "-6".to_owned()));
        command.words.extend(["route", "add"].map(str::to_owned));
        command.words.extend(words);
        self.commands.push(command);
        Ok(())
    }

    fn lines(&mut self, lines: &Lines) -> Result<(), Fault> {
        for text in &lines.0 {
            let words = line::words(&text.value).map_err(|words| Fault::new(text.place, words))?;
            self.commands
                .push(Command::inside(&NetnsName::root(), words, text.place));
        }
        Ok(())
    }
}

fn ends(scenario: &Scenario) -> impl Iterator<Item = &At<End>> {
    scenario.veths.iter().flat_map(|veth| [&veth.a, &veth.b])
}

fn end_words(end: &End, dev: &DevName) -> Result<String, Fault> {
    let mut words = dev.dev.clone();
    if let Some(mac) = &end.mac {
        words += &format!(" address {}", station(mac)?);
    }
    if let Some(mtu) = &end.mtu {
        if !(68..=65535).contains(&mtu.value) {
            return Err(Fault::new(mtu.place, "a veth's MTU is from 68 to 65535"));
        }
        words += &format!(" mtu {}", mtu.value);
    }
    if !dev.netns.is_root() {
        words += &format!(" netns {}", dev.netns.netns);
    }
    Ok(words)
}

fn bridge_options(bridge: &Bridge) -> Result<String, Fault> {
    let mut options = String::new();
    if bridge.stp {
        options += " stp_state 1";
    }
    if let Some(priority) = &bridge.priority {
        if priority.value > 65535 {
            return Err(Fault::new(priority.place, "a priority is from 0 to 65535"));
        }
        options += &format!(" priority {}", priority.value);
    }
    for (name, time) in [
        ("ageing_time", &bridge.ageing),
        ("forward_delay", &bridge.forward_delay),
    ] {
        if let Some(time) = time {
            super::step::check_time(time)?;
            // Hundredths of a second, as `ip link` takes them.
            options += &format!(" {name} {}", time.value.0.as_millis() / 10);
        }
    }
    if bridge.vlan_filtering {
        options += " vlan_filtering 1";
    }
    Ok(options)
}

fn station(mac: &At<String>) -> Result<MacAddr, Fault> {
    let parsed: Option<MacAddr> = mac.value.parse().ok();
    match parsed.filter(|parsed| parsed.is_station()) {
        Some(station) => Ok(station),
        None => {
            let words = format!("`{}` is no station's address", shortened(&mac.value));
            Err(Fault::new(mac.place, words))
        }
    }
}

pub(super) fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}
