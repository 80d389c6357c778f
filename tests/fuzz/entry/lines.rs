//! Command lines into every tool, and filter expressions of tcpdump.
//! What a shell does with a line is not tried: words are split as `sh` splits them.

use std::sync::OnceLock;
use std::time::Duration;

use vethlab::kernel::World;
use vethlab::tool::{self, FileError, Files, Shell, split_words};
use vethlab::wire::filter::{Filter, Source};
use vethlab::wire::print::LinkType;

use super::frames;

/// No more lines of an input are run, and none that is longer.
const LINES_MAX: usize = 12;
const LINE_MAX_BYTES: usize = 400;
/// A program of a line is ended after so much virtual time.
const PROGRAM_MAX: Duration = Duration::from_secs(20);

const LAB: &str = "
    ip netns add red
    ip netns add blue
    ip link add br0 type bridge
    ip link add va type veth peer name e0 netns red
    ip link add vb type veth peer name e0 netns blue
    ip link set va master br0 up
    ip link set vb master br0 up
    ip link set br0 up
    ip addr add 10.0.0.254/24 dev br0
    ip addr add fd00::fe/64 dev br0 nodad
    ip -n red addr add 10.0.0.1/24 dev e0
    ip -n red link set e0 up
    ip -n blue addr add 10.0.0.2/24 dev e0
    ip -n blue link set e0 up
    ip link add vx0 type vxlan id 42 dstport 4789 remote 10.0.0.1
";

/// Standard input and every file: a few lines that some tool understands.
struct Lent(Vec<u8>);

impl Files for Lent {
    fn read(&mut self, _path: &str) -> Result<Vec<u8>, FileError> {
        Ok(self.0.clone())
    }

    fn stdin(&mut self) -> Result<Vec<u8>, FileError> {
        Ok(self.0.clone())
    }
}

/// Lines into the tools that their first words name. The part after a NUL is what files have in them.
pub fn commands(bytes: &[u8]) {
    static WORLD: OnceLock<World> = OnceLock::new();
    let world = WORLD.get_or_init(|| {
        let mut world = World::new(0);
        frames::run(&mut world, LAB);
        world
    });
    let mut world = world.clone();
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let text = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let mut files = Lent(parts.next().unwrap_or_default().to_vec());
    let mut shell = Shell::new(&mut world).with_program_max(PROGRAM_MAX);
    for line in text
        .lines()
        .take(LINES_MAX)
        .filter(|line| line.len() <= LINE_MAX_BYTES)
    {
        let Some(words) = split_words(line) else {
            continue;
        };
        // A line that begins with no tool goes to all of them in turn: which one is told by its length.
        let known = words.first().is_some_and(|word| tool::find(word).is_some());
        if known {
            shell.run_words(&words, &mut files);
        } else if !words.is_empty() {
            let names: Vec<_> = tool::names().collect();
            let mut words = words;
            words.insert(0, names[line.len() % names.len()].to_owned());
            shell.run_words(&words, &mut files);
        }
    }
    let until = world.now() + Duration::from_secs(3);
    // What lines built may well be a loop: that ends in a budget.
    let _ = world.run_until(until);
    frames::show(&mut world, &["red"]);
}

/// A filter expression, and after a NUL a frame that is matched with it.
pub fn filter(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let text = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let frame = parts.next().unwrap_or_default();
    for link in [LinkType::Ethernet, LinkType::Raw, LinkType::LinuxSll] {
        for live in [false, true] {
            if let Ok(filter) = Filter::compile_for(&text, Source { link, live }) {
                filter.matches(frame, frame.len());
            }
        }
    }
}
