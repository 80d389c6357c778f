//! `ip neigh`: its words become requests, and dumps of neighbours become its text or JSON.
//! Reading is in `read`, printing in `show`; it changes nothing but through [`NeighPort`].

mod read;
mod show;

#[cfg(test)]
mod tests;

use crate::kernel::World;
use crate::kernel::netlink::{NeighDump, NeighInfo, NeighNew, NeighRef, NlResult};
use crate::program::Console;
use crate::tool::Failure;
use crate::tool::ip::lookup::index_in_name;
use crate::tool::ip::options::Options;
use crate::units::{IfIndex, NetnsId};

pub use read::{Command, Filter, link_address, read};
pub use show::print;

/// How many rounds a flush goes at most (`MAX_ROUNDS`).
const ROUNDS_MAX: u32 = 10;

/// The requests about neighbours in one namespace.
pub trait NeighPort {
    /// The number of a device by name, alternative name or `if7`.
    fn ifindex(&self, name: &str) -> Option<IfIndex>;

    /// RTM_NEWNEIGH.
    ///
    /// # Errors
    /// As the kernel refuses it.
    fn neigh_add(&mut self, request: &NeighNew) -> NlResult<()>;

    /// RTM_DELNEIGH.
    ///
    /// # Errors
    /// As the kernel refuses it.
    fn neigh_delete(&mut self, request: &NeighRef) -> NlResult<()>;

    /// RTM_GETNEIGH of one entry.
    ///
    /// # Errors
    /// Where there is none.
    fn neigh_get(&self, request: &NeighRef) -> NlResult<NeighInfo>;

    /// RTM_GETNEIGH of all entries.
    fn neigh_dump(&self, request: &NeighDump) -> Vec<NeighInfo>;
}

/// One namespace of a world.
pub struct InNetns<'a> {
    /// The world.
    pub world: &'a mut World,
    /// The namespace.
    pub netns: NetnsId,
}

impl NeighPort for InNetns<'_> {
    fn ifindex(&self, name: &str) -> Option<IfIndex> {
        let known = self.world.ifindex(self.netns, name);
        known.or_else(|| index_in_name(name))
    }

    fn neigh_add(&mut self, request: &NeighNew) -> NlResult<()> {
        self.world.neigh_add(self.netns, request)
    }

    fn neigh_delete(&mut self, request: &NeighRef) -> NlResult<()> {
        self.world.neigh_delete(self.netns, request)
    }

    fn neigh_get(&self, request: &NeighRef) -> NlResult<NeighInfo> {
        self.world.neigh_get(self.netns, request)
    }

    fn neigh_dump(&self, request: &NeighDump) -> Vec<NeighInfo> {
        self.world.neigh_dump(self.netns, request)
    }
}

/// Runs `ip neigh`; `words` follow the object's name. Gives the exit status.
///
/// # Errors
/// What it says on standard error, and its status.
pub fn run(
    port: &mut impl NeighPort,
    console: &mut Console,
    options: &Options,
    words: &[&str],
) -> Result<i32, Failure> {
    match read(words, options, &|name| port.ifindex(name))? {
        Command::Add(request) => port.neigh_add(&request)?,
        Command::Delete(request) => port.neigh_delete(&request)?,
        Command::Get(request) => {
            // It never prints JSON: iproute2 opens no JSON object here.
            let info = port.neigh_get(&request)?;
            let text = Options {
                json: false,
                ..options.clone()
            };
            console.out(print(&[info], &Filter::everything(), &text));
        }
        Command::Show(filter) => {
            let all = port.neigh_dump(&filter.dump());
            let shown: Vec<_> = all.into_iter().filter(|info| filter.takes(info)).collect();
            console.out(print(&shown, &filter, options));
        }
        Command::Flush(filter) => return Ok(flush(port, console, options, filter)),
    }
    Ok(0)
}

/// Deletes what the filter takes, round by round, until nothing is left of it.
fn flush(
    port: &mut impl NeighPort,
    console: &mut Console,
    options: &Options,
    mut filter: Filter,
) -> i32 {
    let text = Options {
        json: false,
        ..options.clone()
    };
    for round in 0..ROUNDS_MAX {
        let all = port.neigh_dump(&filter.dump());
        let gone: Vec<_> = all.into_iter().filter(|info| filter.takes(info)).collect();
        if gone.is_empty() {
            if options.stats > 0 {
                console.out(flushed(round));
            }
            return 0;
        }
        if options.stats > 1 {
            console.out(print(&gone, &filter, &text));
        }
        for info in &gone {
            // An entry that went meanwhile is no error: the next dump tells.
            let _ = port.neigh_delete(&NeighRef {
                ifindex: (info.ifindex != 0).then_some(info.ifindex),
                addr: info.addr,
                proxy: filter.proxy,
            });
        }
        if options.stats > 0 {
            let (round, count) = (round + 1, gone.len());
            console.out(format!(
                "\n*** Round {round}, deleting {count} entries ***\n"
            ));
        }
        filter.forget_failed();
    }
    console.out(format!(
        "*** Flush not complete bailing out after {ROUNDS_MAX} rounds\n"
    ));
    1
}

fn flushed(rounds: u32) -> String {
    match rounds {
        0 => "Nothing to flush.\n".to_owned(),
        1 => "*** Flush is complete after 1 round ***\n".to_owned(),
        many => format!("*** Flush is complete after {many} rounds ***\n"),
    }
}
