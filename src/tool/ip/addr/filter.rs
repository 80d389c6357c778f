//! Which devices and addresses `ip link show`, `ip addr show` and `ip addr flush` are about.
//! It reads the words and judges; it prints nothing.

use crate::kernel::netlink::{AddrFlags, AddrInfo, LinkFlags, LinkInfo};
use crate::tool::Failure;
use crate::tool::glob::glob;
use crate::tool::ip::args::{Args, Family, Prefix, garbage, invalid, matches, prefix};
use crate::tool::ip::help;
use crate::tool::ip::link::show::kind_name;
use crate::tool::ip::lookup::Lookup;
use crate::tool::ip::names::{GROUPS, SCOPES};
use crate::units::IfIndex;

use super::flags;

/// What is asked for; everything where nothing is.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The family: given by an option, or by `to`.
    pub family: Family,
    /// The device, by number.
    pub ifindex: Option<IfIndex>,
    /// The device, as typed.
    pub dev: Option<String>,
    /// `up`.
    pub up: bool,
    /// `to PREFIX`.
    pub prefix: Option<Prefix>,
    /// `scope`.
    pub scope: Option<u8>,
    /// Bits of the flags that must be as in `flags`.
    pub flag_mask: u32,
    /// Flags.
    pub flags: u32,
    /// `label PATTERN`.
    pub label: Option<String>,
    /// `group`.
    pub group: Option<u32>,
    /// `master DEV`; 0 is `nomaster`.
    pub master: Option<IfIndex>,
    /// `type KIND`.
    pub kind: Option<String>,
    /// `type KIND_slave`.
    pub port_kind: Option<String>,
}

impl Filter {
    /// Reads the words.
    ///
    /// # Errors
    /// The words and statuses of iproute2.
    pub fn parse<S: AsRef<str>>(
        mut args: Args<'_, S>,
        family: Family,
        lookup: &dyn Lookup,
    ) -> Result<Self, Failure> {
        let mut filter = Self {
            family,
            ..Self::default()
        };
        while let Some(word) = args.take() {
            if filter.address_word(word, &mut args)?
                || filter.flag_word(word)
                || filter.device_word(word, &mut args, lookup)?
            {
                continue;
            }
            let dev = if word == "dev" {
                args.required()?
            } else if matches(word, "help") {
                return Err(help::address());
            } else {
                word
            };
            if filter.dev.is_some() {
                return Err(garbage("dev", dev));
            }
            filter.dev = Some(dev.to_owned());
        }
        if let Some(dev) = &filter.dev {
            filter.ifindex = lookup.ifindex(dev);
            if filter.ifindex.is_none() {
                let text = format_args!("Device \"{dev}\" does not exist.");
                return Err(Failure::line(1, text));
            }
        }
        Ok(filter)
    }

    fn address_word<S: AsRef<str>>(
        &mut self,
        word: &str,
        args: &mut Args<'_, S>,
    ) -> Result<bool, Failure> {
        match word {
            "to" => {
                let to = prefix(args.required()?, self.family)?;
                if self.family == Family::Unspec {
                    self.family = to.family;
                }
                self.prefix = Some(to);
            }
            "scope" => {
                let value = args.required()?;
                self.scope = match SCOPES.number(value) {
                    Some(scope) => u8::try_from(scope).ok(),
                    None if value == "all" => None,
                    None => return Err(invalid("invalid \"scope\"\n", value)),
                };
            }
            "label" => self.label = Some(args.required()?.to_owned()),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// `dynamic`, `primary`, `-tentative`, ... (`get_filter`).
    fn flag_word(&mut self, word: &str) -> bool {
        let (mut inverse, name) = match word.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, word),
        };
        let name = match name {
            "dynamic" => {
                inverse = !inverse;
                "permanent"
            }
            "primary" => {
                inverse = !inverse;
                "secondary"
            }
            name => name,
        };
        let Some(flag) = flags::named(name) else {
            return false;
        };
        if inverse {
            self.flags &= !flag.mask;
        } else {
            self.flags |= flag.mask;
        }
        self.flag_mask |= flag.mask;
        true
    }

    fn device_word<S: AsRef<str>>(
        &mut self,
        word: &str,
        args: &mut Args<'_, S>,
        lookup: &dyn Lookup,
    ) -> Result<bool, Failure> {
        match word {
            "up" => self.up = true,
            "group" => {
                let value = args.required()?;
                let group = GROUPS.number(value);
                let wrong = || invalid("Invalid \"group\" value\n", value);
                self.group = Some(group.ok_or_else(wrong)?);
            }
            "master" => {
                let dev = args.required()?;
                let index = lookup.ifindex(dev);
                let wrong = || invalid("Device does not exist\n", dev);
                self.master = Some(index.ok_or_else(wrong)?);
            }
            "vrf" => return Err(invalid("Not a valid VRF name\n", args.required()?)),
            "nomaster" => self.master = Some(0),
            "type" => {
                let kind = args.required()?;
                match kind.strip_suffix("_slave") {
                    Some(kind) => self.port_kind = Some(kind.to_owned()),
                    None => self.kind = Some(kind.to_owned()),
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Whether the kernel sends the device at all: of another master or type it does not.
    pub fn is_dumped(&self, link: &LinkInfo) -> bool {
        let master = match self.master {
            None => true,
            Some(0) => link.master.is_none(),
            Some(master) => link.master == Some(master),
        };
        let of_kind = match self.kind.as_deref() {
            Some(kind @ ("veth" | "bridge" | "dummy" | "vxlan")) => is_kind(link, kind),
            _ => true,
        };
        self.ifindex.is_none_or(|index| index == link.ifindex) && master && of_kind
    }

    /// Whether a device that was sent is printed (the first lines of `print_linkinfo`).
    pub fn shows_link(&self, link: &LinkInfo) -> bool {
        let up = !self.up || link.flags.has(LinkFlags::UP);
        let group = self.group.is_none_or(|group| group == link.group);
        let master = match self.master {
            None | Some(0) => true,
            master => link.master == master,
        };
        let kind = self.kind.as_deref().is_none_or(|kind| is_kind(link, kind));
        let port = self.port_kind.as_deref();
        let port = port.is_none_or(|kind| kind == "bridge" && link.bridge_port.is_some());
        up && group && master && kind && port
    }

    /// The same of a device in a dump of IPv6, which tells neither group, master nor type.
    pub fn shows_short(&self, link: &LinkInfo) -> bool {
        let up = !self.up || link.flags.has(LinkFlags::UP);
        let master = self.master.is_none_or(|master| master == 0);
        up && master && self.kind.is_none() && self.port_kind.is_none()
    }

    /// Whether an address is meant.
    pub fn shows_address(&self, addr: &AddrInfo) -> bool {
        let family = self.family == Family::Unspec || self.family == Family::of(addr.local);
        let scope = self.scope.is_none_or(|scope| scope == addr.scope);
        let flags = (self.flags ^ addr.flags) & self.flag_mask == 0;
        let label = self.label.as_deref().is_none_or(|pattern| {
            let dev = addr.dev.to_string();
            glob(pattern, addr.label.as_deref().unwrap_or(&dev))
        });
        let prefix = self.prefix.is_none_or(|prefix| prefix.contains(addr.local));
        let device = self.ifindex.is_none_or(|index| index == addr.ifindex);
        family && scope && flags && label && prefix && device
    }

    /// Whether only addresses that are no secondaries are meant.
    pub fn is_primary_only(&self) -> bool {
        let secondary = AddrFlags::SECONDARY;
        self.flag_mask & secondary != 0 && self.flags & secondary == 0
    }
}

fn is_kind(link: &LinkInfo, kind: &str) -> bool {
    link.kind
        .as_ref()
        .is_some_and(|known| kind_name(known) == kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::ip::link::tests::Table;

    #[test]
    fn flags_can_be_asked_for_and_excluded() {
        let table = Table::with_devices(&[("va", 3)]);
        let words = [
            "dev",
            "va",
            "primary",
            "-tentative",
            "dynamic",
            "up",
            "nomaster",
        ];
        let filter = Filter::parse(Args::new(&words), Family::Unspec, &table).unwrap();
        assert_eq!(filter.ifindex, Some(3));
        assert!(filter.up && filter.is_primary_only());
        assert_eq!(filter.flags, 0);
        let mask = AddrFlags::SECONDARY | AddrFlags::TENTATIVE | AddrFlags::PERMANENT;
        assert_eq!(filter.flag_mask, mask);
        assert_eq!(filter.master, Some(0));
    }

    #[test]
    fn unknown_devices_and_second_devices_are_refused() {
        let table = Table::with_devices(&[("va", 3)]);
        let parse = |words: &[&str]| Filter::parse(Args::new(words), Family::Unspec, &table);
        assert_eq!(
            parse(&["nosuch"]).unwrap_err(),
            Failure::line(1, "Device \"nosuch\" does not exist.")
        );
        assert_eq!(parse(&["va", "vb"]).unwrap_err().status, 255);
        assert_eq!(parse(&["master", "nosuch"]).unwrap_err().status, 255);
    }
}
