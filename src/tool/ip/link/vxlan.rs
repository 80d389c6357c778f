//! The options of `type vxlan`: reading them (with the warnings of iproute2).
//! What the kernel makes of a value is not decided here.

use std::net::IpAddr;

use crate::kernel::netlink::VxlanOptions;
use crate::tool::ip::args::{Args, Family, Prefix, address, garbage, invalid, matches, no_device};
use crate::tool::ip::help;
use crate::tool::ip::lookup::Lookup;
use crate::tool::ip::names::DSFIELDS;
use crate::tool::print::Printer;
use crate::tool::{Failure, number};
use crate::units::{IfIndex, Vni};

use super::bridge::hex;

type Switch = fn(&mut VxlanOptions) -> &mut Option<bool>;

/// Switches: `word` turns on, `noword` off. The order is that of iproute2.
const SWITCHES: &[(&str, Switch)] = &[
    ("learning", |o| &mut o.learning),
    ("proxy", |o| &mut o.proxy),
    ("rsc", |o| &mut o.rsc),
    ("l2miss", |o| &mut o.l2miss),
    ("l3miss", |o| &mut o.l3miss),
    ("udpcsum", |o| &mut o.udpcsum),
    ("udp6zerocsumtx", |o| &mut o.udp6zerocsumtx),
    ("udp6zerocsumrx", |o| &mut o.udp6zerocsumrx),
    ("remcsumtx", |o| &mut o.remcsumtx),
    ("remcsumrx", |o| &mut o.remcsumrx),
    ("external", |o| &mut o.external),
    ("gbp", |o| &mut o.gbp),
    ("gpe", |o| &mut o.gpe),
    ("vnifilter", |o| &mut o.vnifilter),
];

/// What iproute2 says where no port is given.
const NO_PORT: &str = "vxlan: destination port not specified
Will use Linux kernel default (non-standard value)
Use 'dstport 4789' to get the IANA assigned value
Use 'dstport 0' to get default and quiet this message
";

/// Reads the options of a vxlan device, and gives what is to be said on standard error.
///
/// # Errors
/// The words of iproute2: 255 for a malformed value, 1 for what does not fit together.
pub fn parse<S: AsRef<str>>(
    args: &mut Args<'_, S>,
    create: bool,
    family: Family,
    lookup: &dyn Lookup,
) -> Result<(VxlanOptions, String), Failure> {
    let mut reader = Reader::default();
    while let Some(word) = args.take() {
        if reader.endpoint(word, args, lookup)?
            || reader.header(word, args)?
            || reader.limits(word, args)?
            || reader.switch(word)?
        {
            continue;
        }
        if matches(word, "help") {
            return Err(explain(""));
        }
        return Err(explain(&format!("vxlan: unknown command \"{word}\"?\n")));
    }
    reader.finish(create, family)
}

/// The options so far, and which were seen.
#[derive(Default)]
struct Reader {
    options: VxlanOptions,
    seen: Vec<&'static str>,
    destination: Option<Prefix>,
    local: Option<Prefix>,
    dstport: Option<u16>,
}

impl Reader {
    /// Notes an option; a second time is an error (`check_duparg`).
    fn once(&mut self, option: &'static str, key: &str, value: &str) -> Result<(), Failure> {
        if self.seen.contains(&option) {
            return Err(garbage(key, value));
        }
        self.seen.push(option);
        Ok(())
    }

    fn has(&self, option: &str) -> bool {
        self.seen.contains(&option)
    }

    fn endpoint<S: AsRef<str>>(
        &mut self,
        word: &str,
        args: &mut Args<'_, S>,
        lookup: &dyn Lookup,
    ) -> Result<bool, Failure> {
        if matches(word, "id") || matches(word, "vni") {
            let value = args.required()?;
            self.once("id", "id", value)?;
            let vni = number::u32_in(value, 0).and_then(Vni::new);
            self.options.id = Some(vni.ok_or_else(|| invalid("invalid id", value))?);
        } else if matches(word, "group") {
            self.destination("group", args)?;
        } else if matches(word, "remote") {
            self.destination("remote", args)?;
        } else if matches(word, "local") {
            let value = args.required()?;
            self.once("local", "local", value)?;
            let family = self.destination.map_or(Family::Unspec, |p| p.family);
            let local = address(value, family)?;
            if local.is_multicast() || local.addr.is_none() {
                return Err(invalid("invalid local address", value));
            }
            self.local = Some(local);
        } else if matches(word, "dev") {
            let value = args.required()?;
            self.once("dev", "dev", value)?;
            let index = lookup.ifindex(value).ok_or_else(|| Failure {
                status: 255,
                ..no_device(value)
            })?;
            self.options.dev = Some(index);
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// `group` takes a multicast address, `remote` any other.
    fn destination<S: AsRef<str>>(
        &mut self,
        key: &'static str,
        args: &mut Args<'_, S>,
    ) -> Result<(), Failure> {
        let group = key == "group";
        if self.destination.is_some_and(|p| p.is_multicast() != group) {
            return Err(Failure::line(
                1,
                "vxlan: both group and remote cannot be specified",
            ));
        }
        let value = args.required()?;
        self.once("group", key, value)?;
        let family = self.local.map_or(Family::Unspec, |p| p.family);
        let found = address(value, family)?;
        if found.is_multicast() != group || found.addr.is_none() {
            return Err(invalid(format_args!("invalid {key} address"), value));
        }
        self.destination = Some(found);
        Ok(())
    }

    fn header<S: AsRef<str>>(
        &mut self,
        word: &str,
        args: &mut Args<'_, S>,
    ) -> Result<bool, Failure> {
        if matches(word, "ttl") || matches(word, "hoplimit") {
            let value = args.required()?;
            self.once("ttl", "ttl", value)?;
            self.ttl(value)?;
        } else if matches(word, "tos") || matches(word, "dsfield") {
            let value = args.required()?;
            self.once("tos", "tos", value)?;
            self.options.tos = Some(tos(value)?);
        } else if matches(word, "df") {
            let value = args.required()?;
            self.once("df", "df", value)?;
            self.options.df = Some(match value {
                "unset" => 0,
                "set" => 1,
                "inherit" => 2,
                _ => return Err(invalid("DF must be 'unset', 'set' or 'inherit'", value)),
            });
        } else if word != "l" && (matches(word, "label") || matches(word, "flowlabel")) {
            let value = args.required()?;
            self.once("label", "flowlabel", value)?;
            let label = number::u32_in(value, 0).filter(|label| *label < 1 << 20);
            let label = label.ok_or_else(|| invalid("invalid flowlabel", value))?;
            self.options.flowlabel = Some(label);
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn ttl(&mut self, value: &str) -> Result<(), Failure> {
        match value {
            "inherit" => self.options.ttl_inherit = Some(true),
            "auto" => self.options.ttl = Some(0),
            _ => {
                let ttl = number::u32_in(value, 0).ok_or_else(|| invalid("invalid TTL", value))?;
                let ttl = u8::try_from(ttl);
                self.options.ttl = Some(ttl.map_err(|_| invalid("TTL must be <= 255", value))?);
            }
        }
        Ok(())
    }

    fn limits<S: AsRef<str>>(
        &mut self,
        word: &str,
        args: &mut Args<'_, S>,
    ) -> Result<bool, Failure> {
        if matches(word, "ageing") {
            let value = args.required()?;
            self.once("ageing", "ageing", value)?;
            self.options.ageing = Some(word_or("none", value, "ageing timer")?);
        } else if matches(word, "maxaddress") {
            let value = args.required()?;
            self.once("maxaddress", "maxaddress", value)?;
            self.options.maxaddress = Some(word_or("unlimited", value, "max addresses")?);
        } else if word != "p" && matches(word, "port") || matches(word, "srcport") {
            let low = args.required()?;
            self.once("srcport", "srcport", low)?;
            let from = number::u16_in(low, 0).ok_or_else(|| invalid("min port", low))?;
            let high = args.required()?;
            let to = number::u16_in(high, 0).ok_or_else(|| invalid("max port", high))?;
            self.options.srcport = (from != 0 || to != 0).then_some((from, to));
        } else if matches(word, "dstport") && !matches(word, "dsfield") {
            let value = args.required()?;
            self.once("dstport", "dstport", value)?;
            let port = number::u16_in(value, 0).ok_or_else(|| invalid("dst port", value))?;
            self.dstport = Some(port);
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn switch(&mut self, word: &str) -> Result<bool, Failure> {
        for (name, place) in SWITCHES {
            let exact = *name == "vnifilter";
            let off = word
                .strip_prefix("no")
                .filter(|_| !matches!(*name, "gbp" | "gpe"));
            let is = |word: &str| {
                if exact {
                    word == *name
                } else {
                    matches(word, name)
                }
            };
            let on = if is(word) {
                true
            } else if off.is_some_and(is) {
                false
            } else {
                continue;
            };
            self.once(name, word, word)?;
            *place(&mut self.options) = Some(on);
            return Ok(true);
        }
        Ok(false)
    }

    /// What must fit together, and the defaults of iproute2.
    fn finish(mut self, create: bool, family: Family) -> Result<(VxlanOptions, String), Failure> {
        let external = self.options.external == Some(true);
        let filter = self.options.vnifilter == Some(true);
        let wrong = |text: &str| Err(Failure::line(1, text));
        if filter && !external {
            return wrong("vxlan: vnifilter is valid only when 'external' is set");
        }
        if external && self.has("id") {
            return wrong("vxlan: both 'external' and vni cannot be specified");
        }
        if !external && !filter && !self.has("id") && create {
            return wrong("vxlan: missing virtual network identifier");
        }
        if self.destination.is_some_and(|p| p.is_multicast()) && !self.has("dev") {
            return wrong("vxlan: 'group' requires 'dev' to be specified");
        }
        let mut said = String::new();
        if self.dstport.is_none() && self.options.gpe == Some(true) {
            self.dstport = Some(4790);
        } else if self.dstport.is_none() && create {
            NO_PORT.clone_into(&mut said);
        }
        self.options.dstport = self.dstport.filter(|port| *port != 0);
        self.place_addresses(family);
        if create && self.options.learning.is_none() {
            self.options.learning = Some(!external);
        }
        if external {
            self.options.learning = Some(false);
        }
        Ok((self.options, said))
    }

    fn place_addresses(&mut self, family: Family) {
        let given = |prefix: Option<Prefix>| prefix.and_then(|p| p.addr);
        self.options.local = given(self.local);
        match given(self.destination) {
            Some(group) if group.is_multicast() => self.options.group = Some(group),
            remote => self.options.remote = remote,
        }
        if self.local.is_none() && self.destination.is_none() && family == Family::Inet6 {
            self.options.remote = Some(std::net::Ipv6Addr::UNSPECIFIED.into());
        }
    }
}

fn tos(value: &str) -> Result<u8, Failure> {
    if value == "inherit" {
        return Ok(1);
    }
    DSFIELDS
        .number(value)
        .and_then(|tos| u8::try_from(tos).ok())
        .ok_or_else(|| invalid("bad TOS value", value))
}

fn word_or(zero: &str, value: &str, what: &str) -> Result<u32, Failure> {
    if value == zero {
        return Ok(0);
    }
    number::u32_in(value, 0).ok_or_else(|| invalid(what, value))
}

fn explain(why: &str) -> Failure {
    Failure {
        stderr: format!("{why}{}", usage()),
        status: 1,
    }
}

/// The help of the type.
pub fn usage() -> String {
    let words = [
        "id VNI",
        "[ { group | remote } IP_ADDRESS ]",
        "[ local ADDR ]",
        "[ ttl TTL ]",
        "[ tos TOS ]",
        "[ df DF ]",
        "[ flowlabel LABEL ]",
        "[ dev PHYS_DEV ]",
        "[ dstport PORT ]",
        "[ srcport MIN MAX ]",
        "[ [no]learning ]",
        "[ [no]proxy ]",
        "[ [no]rsc ]",
        "[ [no]l2miss ]",
        "[ [no]l3miss ]",
        "[ ageing SECONDS ]",
        "[ maxaddress NUMBER ]",
        "[ [no]udpcsum ]",
        "[ [no]udp6zerocsumtx ]",
        "[ [no]udp6zerocsumrx ]",
        "[ [no]remcsumtx ] [ [no]remcsumrx ]",
        "[ [no]external ] [ gbp ] [ gpe ]",
        "[ [no]vnifilter ]",
    ];
    let options = help::kind("vxlan", "\n\t\t", &words);
    format!(
        "{options}\nWhere:\tVNI\t:= 0-16777215\n\tADDR\t:= {{ IP_ADDRESS | any }}\n\tTOS\t:= {{ NUMBER | inherit }}\n\tTTL\t:= {{ 1..255 | auto | inherit }}\n\tDF\t:= {{ unset | set | inherit }}\n\tLABEL := 0-1048575\n"
    )
}

/// Prints the options of a device (`vxlan_print_opt`); `name` finds a device's name.
pub fn print(out: &mut Printer, info: &VxlanOptions, name: &dyn Fn(IfIndex) -> String) {
    let on = |switch: Option<bool>| switch == Some(true);
    for (key, set) in [("external", info.external), ("vnifilter", info.vnifilter)] {
        if on(set) {
            let space = if key == "external" { " " } else { "" };
            out.any(key, true, format_args!("{key}{space}"));
        }
    }
    if let Some(id) = info.id {
        out.number("id", "id", id.value());
    }
    print_endpoints(out, info, name);
    if let Some((low, high)) = info.srcport {
        out.open_object(Some("port_range"));
        out.json_only("low", low);
        out.json_only("high", high);
        out.close_object();
        out.fp(format_args!("srcport {low} {high} "));
    }
    if let Some(port) = info.dstport {
        out.number("port", "dstport", port);
    }
    if let Some(learning) = info.learning {
        out.json_only("learning", learning);
        if !learning {
            out.word("nolearning ");
        }
    }
    for (key, set) in [
        ("proxy", info.proxy),
        ("rsc", info.rsc),
        ("l2miss", info.l2miss),
        ("l3miss", info.l3miss),
    ] {
        if on(set) {
            out.any(key, true, format_args!("{key} "));
        }
    }
    print_header(out, info);
    print_limits(out, info);
}

fn print_endpoints(out: &mut Printer, info: &VxlanOptions, name: &dyn Fn(IfIndex) -> String) {
    let remote = info
        .group
        .or(info.remote)
        .filter(|addr| !addr.is_unspecified());
    if let Some(addr) = remote {
        let word = if addr.is_multicast() {
            "group"
        } else {
            "remote"
        };
        endpoint(out, word, addr);
    }
    if let Some(addr) = info.local.filter(|addr| !addr.is_unspecified()) {
        endpoint(out, "local", addr);
    }
    if let Some(link) = info.dev.filter(|link| *link != 0) {
        let dev = name(link);
        out.any("link", &dev, format_args!("dev {dev} "));
    }
}

/// An address; in JSON the key says whether it is IPv6.
fn endpoint(out: &mut Printer, word: &str, addr: IpAddr) {
    let six = if addr.is_ipv6() { "6" } else { "" };
    out.shown(
        &format!("{word}{six}"),
        addr,
        format_args!("{word} {addr} "),
    );
}

fn print_header(out: &mut Printer, info: &VxlanOptions) {
    match info.tos {
        None | Some(0) => {}
        Some(1) if !out.is_json() => out.word("tos inherit "),
        Some(tos) => hex(out, "tos", "tos", tos.into()),
    }
    match info.ttl {
        _ if info.ttl_inherit == Some(true) => out.word("ttl inherit "),
        None => {}
        Some(0) if !out.is_json() => out.word("ttl auto "),
        Some(ttl) => out.number("ttl", "ttl", ttl),
    }
    match info.df {
        Some(0) => out.json_only("df", "unset"),
        Some(1) => out.any("df", "set", format_args!("df set ")),
        Some(2) => out.any("df", "inherit", format_args!("df inherit ")),
        _ => {}
    }
    if let Some(label) = info.flowlabel.filter(|label| *label != 0) {
        hex(out, "label", "flowlabel", label.into());
    }
}

fn print_limits(out: &mut Printer, info: &VxlanOptions) {
    match info.ageing {
        None => {}
        Some(0) => out.any("ageing", 0u32, format_args!("ageing none ")),
        Some(ageing) => out.number("ageing", "ageing", ageing),
    }
    if let Some(limit) = info.maxaddress.filter(|limit| *limit != 0) {
        out.number("limit", "maxaddr", limit);
    }
    for (key, word, set) in [
        ("udp_csum", "udpcsum", info.udpcsum),
        ("udp_zero_csum6_tx", "udp6zerocsumtx", info.udp6zerocsumtx),
        ("udp_zero_csum6_rx", "udp6zerocsumrx", info.udp6zerocsumrx),
    ] {
        if let Some(set) = set {
            let no = if set { "" } else { "no" };
            out.any(key, set, format_args!("{no}{word} "));
        }
    }
    for (key, word, set) in [
        ("remcsum_tx", "remcsumtx", info.remcsumtx),
        ("remcsum_rx", "remcsumrx", info.remcsumrx),
        ("gbp", "gbp", info.gbp),
        ("gpe", "gpe", info.gpe),
    ] {
        if set == Some(true) {
            out.any(key, true, format_args!("{word} "));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::ip::link::tests::Table;

    fn read(words: &[&str]) -> Result<(VxlanOptions, String), Failure> {
        let table = Table::with_devices(&[("eth0", 2)]);
        parse(&mut Args::new(words), true, Family::Unspec, &table)
    }

    #[test]
    fn a_tunnel_with_a_group_needs_a_device() {
        let (options, said) = read(&[
            "id",
            "42",
            "group",
            "239.1.1.1",
            "dev",
            "eth0",
            "dstport",
            "4789",
        ])
        .unwrap();
        assert_eq!(options.id, Vni::new(42));
        assert_eq!(options.group, Some([239, 1, 1, 1].into()));
        assert_eq!((options.dev, options.dstport), (Some(2), Some(4789)));
        assert_eq!(options.learning, Some(true));
        assert_eq!(said, "");
        assert_eq!(
            read(&["id", "42", "group", "239.1.1.1", "dstport", "4789"]).unwrap_err(),
            Failure::line(1, "vxlan: 'group' requires 'dev' to be specified")
        );
    }

    #[test]
    fn a_missing_port_is_warned_of_and_a_missing_id_refused() {
        let (options, said) = read(&["vni", "7", "nolearning", "local", "10.0.0.1"]).unwrap();
        assert_eq!(options.learning, Some(false));
        assert_eq!(options.dstport, None);
        assert!(said.starts_with("vxlan: destination port not specified\n"));
        assert_eq!(
            read(&["dstport", "0"]).unwrap_err(),
            Failure::line(1, "vxlan: missing virtual network identifier")
        );
        assert_eq!(read(&["id", "16777216"]).unwrap_err().status, 255);
        assert_eq!(
            read(&["id", "1", "remote", "239.1.1.1"])
                .unwrap_err()
                .status,
            255
        );
    }
}
