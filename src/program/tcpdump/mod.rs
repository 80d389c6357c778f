//! tcpdump: captures frames of a device and prints them or writes them to a file; reads such files too.
//! What its words mean is found out in `tool::tcpdump`; what a frame says, in `wire::print`.

mod capture;
mod cooked;
mod devices;
mod lines;
mod ring;
mod savefile;
mod words;

pub use capture::{Capture, Place};
pub use lines::{Lines, TimeStyle};
pub use savefile::read;
/// What `-D` prints in a namespace.
pub fn interface_list_of(world: &crate::kernel::World, netns: crate::units::NetnsId) -> String {
    interface_list(&devices::interfaces(world, netns))
}

/// The interface names of a namespace by number.
pub fn interface_names(
    world: &crate::kernel::World,
    netns: crate::units::NetnsId,
) -> crate::wire::print::Names {
    let Ok(ns) = world.ns(netns) else {
        return crate::wire::print::Names::new();
    };
    ns.interfaces
        .values()
        .filter_map(|interface| world.devices.find(interface.dev))
        .map(|device| (device.ifindex, device.name.as_str().to_owned()))
        .collect()
}

pub use words::{
    Interface, interface_list, link_types, listening, reading, short_statistics, statistics,
};

use crate::wire::print::PrintOptions;

/// What the words of a tcpdump call mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// `-i`: the device, its number in the list of `-D`, or `any`; the first device where nothing is said.
    pub interface: Option<String>,
    /// `-r`: the file to read instead; `-` is standard input.
    pub read: Option<String>,
    /// `-w`: the file to write to; `-` is standard output.
    pub write: Option<String>,
    /// `--print`: print what is written too.
    pub print_too: bool,
    /// The filter expression.
    pub filter: String,
    /// `-F`: the file that the filter expression is in instead.
    pub filter_file: Option<String>,
    /// `-c`: how many frames.
    pub count: Option<u32>,
    /// `--count`: only how many frames there are in a file.
    pub count_only: bool,
    /// `-s`: how many bytes of a frame.
    pub snaplen: u32,
    /// `-p` leaves promiscuous mode off.
    pub promiscuous: bool,
    /// `-Q`: frames of which direction.
    pub direction: Direction,
    /// `-t` and its multiples.
    pub time: TimeStyle,
    /// `--nano`: times with nine digits, and files with nanoseconds.
    pub nanoseconds: bool,
    /// `-#`: lines are numbered.
    pub numbered: bool,
    /// `-U`: each frame is written at once.
    pub packet_buffered: bool,
    /// `-l`: each line is printed at once.
    pub line_buffered: bool,
    /// How frames are printed.
    pub print: PrintOptions,
    /// `-y`: the link type.
    pub link_type: Option<&'static str>,
    /// `--immediate-mode`: frames are handed over at once.
    pub immediate: bool,
    /// What to do.
    pub action: Action,
}

/// Frames of which direction are captured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// `inout`.
    #[default]
    Both,
    /// `in`.
    In,
    /// `out`.
    Out,
}

/// What a call of tcpdump does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Action {
    /// Captures, or reads a file.
    #[default]
    Frames,
    /// `-D`: lists the devices.
    ListInterfaces,
    /// `-L`: lists the link types of the device.
    ListLinkTypes,
    /// `-J`: lists the time stamp types of the device.
    ListTimeStampTypes,
}

impl Default for Options {
    /// As without any word.
    fn default() -> Self {
        Self {
            interface: None,
            read: None,
            write: None,
            print_too: false,
            filter: String::new(),
            filter_file: None,
            count: None,
            count_only: false,
            snaplen: crate::wire::pcap::SNAPLEN_DEFAULT,
            promiscuous: true,
            direction: Direction::Both,
            time: TimeStyle::Clock,
            nanoseconds: false,
            numbered: false,
            packet_buffered: false,
            line_buffered: false,
            print: PrintOptions::default(),
            link_type: None,
            immediate: false,
            action: Action::Frames,
        }
    }
}

impl Options {
    /// Whether frames are printed.
    fn prints(&self) -> bool {
        self.write.is_none() || self.print_too
    }
}
