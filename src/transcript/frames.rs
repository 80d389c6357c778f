//! The frames that devices saw, as `tcpdump -i any -nn -v` prints them, and which of two lists are not in the other.
//! Who listens, and where, is not its business.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

/// Between the steps of a transcript and the frames of a namespace, whose name follows: `.` is the first.
pub const MARK: &str = "\u{1e}frames ";
/// No more lines of a difference are shown.
const SHOWN_MAX: usize = 4;

/// `TIME DEVICE In|Out|B|M|P TEXT`.
static LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[0-9:]{8}\.[0-9]+ (\S+)\s+((?:In|Out|B|M|P)\s.*)$").expect("a constant pattern")
});

/// What two honest runs may differ in, and what stands there instead: random addresses and ports, identifiers,
/// sequence numbers, checksums that a card would fill in, what follows from the memory of the machine.
static BLANKS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let blanks = [
        (r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", "<mac>"),
        (r"fe80::[0-9a-f:]+", "fe80::<id>"),
        (r"ff02::1:ff[0-9a-f:]+", "ff02::1:ff<id>"),
        (r"\bid (?:0x)?[0-9a-f]+", "id <id>"),
        (r"\bcksum 0x[0-9a-f]+ \([^)]*\)", "cksum"),
        (
            r"\[(?:bad )?(?:udp|tcp|icmp6?) (?:sum|cksum) [^\]]*\]",
            "[sum]",
        ),
        (r"\b(seq|ack) [0-9]{5,}(?::[0-9]+)?", "$1 <n>"),
        (r"TS val [0-9]+ ecr [0-9]+", "TS"),
        (r"wscale [0-9]+", "wscale"),
        (
            r"\.(?:3[2-9][0-9]{3}|[45][0-9]{4}|6[0-5][0-9]{3})\b",
            ".<port>",
        ),
        (r"0x0000:  [0-9a-f ]+", "<bytes>"),
        (r"\s+", " "),
    ];
    let compiled = blanks
        .map(|(pattern, instead)| (Regex::new(pattern).expect("a constant pattern"), instead));
    compiled.into()
});

/// What is sent again by random or running timers: whether it was seen is compared, not how often.
const REPEATED: [&str; 5] = [
    "listener report",
    "igmp",
    "router solicitation",
    "STP 802.1d",
    "who has fe80::",
];

/// The frames of each device, in order; the key is `NETNS DEVICE`.
pub type Frames = BTreeMap<String, Vec<String>>;

/// Takes the frames off a transcript: what stands before them, and they.
///
/// ```
/// use vethlab::transcript::frames::split;
///
/// let text = "$ ip link\n\u{1e}frames red\n10:00:00.000001 eth0  In  ARP, Request who-has 10.0.0.2\n";
/// let (steps, frames) = split(text);
/// assert_eq!(steps, "$ ip link\n");
/// assert_eq!(frames["red eth0"], ["In ARP, Request who-has 10.0.0.2"]);
/// ```
pub fn split(text: &str) -> (&str, Frames) {
    let (steps, rest) = text.split_once(MARK).unwrap_or((text, ""));
    let mut frames = Frames::new();
    for part in rest.split(MARK) {
        let mut lines = part.lines();
        let netns = lines.next().unwrap_or_default();
        add(netns, lines, &mut frames);
    }
    (steps, frames)
}

fn add<'a>(netns: &str, lines: impl Iterator<Item = &'a str>, frames: &mut Frames) {
    let mut last: Option<(String, String)> = None;
    let mut done = |one: Option<(String, String)>| {
        if let Some((device, text)) = one {
            let list = frames.entry(format!("{netns} {device}")).or_default();
            list.push(blank(&text));
        }
    };
    for line in lines {
        match (LINE.captures(line), &mut last) {
            (Some(found), _) => {
                done(last.take());
                last = Some((found[1].to_owned(), found[2].to_owned()));
            }
            (None, Some((_, text))) if line.starts_with([' ', '\t']) => text.push_str(line),
            (None, _) => {}
        }
    }
    done(last);
}

fn blank(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, instead) in BLANKS.iter() {
        text = pattern.replace_all(&text, *instead).into_owned();
    }
    text.trim_end().to_owned()
}

/// A device that saw other frames.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FrameDifference {
    /// `NETNS DEVICE`.
    pub device: String,
    /// Frames, in order, that only the kernel's device saw.
    pub kernel: Vec<String>,
    /// Frames, in order, that only the simulator's device saw.
    pub simulator: Vec<String>,
}

/// The devices that saw other frames, by name. In which order a device saw them is not compared, and no frame counts
/// in the number of which two runs of the kernel, `kernel` and `again`, do not agree.
pub fn frame_differences(
    kernel: &Frames,
    again: &Frames,
    simulator: &Frames,
) -> Vec<FrameDifference> {
    let none = Vec::new();
    let mut devices: Vec<&String> = kernel.keys().chain(simulator.keys()).collect();
    devices.sort();
    devices.dedup();
    let compared = devices.into_iter().map(|device| {
        let list = |frames: &'_ Frames| frames.get(device).unwrap_or(&none).clone();
        let (first, second, ours) = (list(kernel), list(again), list(simulator));
        let steady = |text: &String| count(&first, text) == count(&second, text);
        FrameDifference {
            device: device.clone(),
            kernel: left(&first, &ours).filter(|text| steady(text)).collect(),
            simulator: left(&ours, &first).filter(|text| steady(text)).collect(),
        }
    });
    compared
        .filter(|one| !one.kernel.is_empty() || !one.simulator.is_empty())
        .collect()
}

fn count(list: &[String], text: &str) -> usize {
    let count = list.iter().filter(|one| *one == text).count();
    match REPEATED.iter().any(|word| text.contains(word)) {
        true => count.min(1),
        false => count,
    }
}

/// What is in a list and, that often, not in the other.
fn left<'a>(list: &'a [String], other: &'a [String]) -> impl Iterator<Item = String> + 'a {
    list.iter().enumerate().filter_map(|(index, text)| {
        let nth = count(&list[..=index], text);
        (nth > count(other, text)).then(|| text.clone())
    })
}

impl fmt::Display for FrameDifference {
    /// The first frames that one side only saw, behind the name of the side.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (who, frames) in [("kernel", &self.kernel), ("simulator", &self.simulator)] {
            writeln!(f, "  {who} only:")?;
            if frames.is_empty() {
                writeln!(f, "    (nothing)")?;
            }
            for text in frames.iter().take(SHOWN_MAX) {
                writeln!(f, "    {text}")?;
            }
            if frames.len() > SHOWN_MAX {
                writeln!(f, "    ({} more)", frames.len() - SHOWN_MAX)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(lines: &str) -> Frames {
        split(&format!("{MARK}.\n{lines}")).1
    }

    const SYN: &str = "09:00:00.000001 va    Out IP (tos 0x0, ttl 64, id 7, offset 0, flags [DF], proto TCP (6), length 60)
    10.0.0.1.35036 > 10.0.0.2.99: Flags [S], cksum 0x1431 (incorrect -> 0x54fc), seq 2673145717, win 64240, options [TS val 39 ecr 0,wscale 10], length 0
";

    #[test]
    fn what_is_random_in_a_frame_is_no_difference() {
        let other = SYN
            .replace("id 7", "id 0")
            .replace("35036", "49370")
            .replace("0x1431 (incorrect -> 0x54fc)", "0xe3e6 (correct)")
            .replace("2673145717", "954968399")
            .replace("val 39", "val 1716669275")
            .replace("wscale 10", "wscale 7");
        assert_eq!(frames(SYN), frames(&other));
        assert_eq!(frames(SYN)[". va"].len(), 1);
    }

    #[test]
    fn what_is_not_random_is_a_difference() {
        for (from, to) in [
            ("ttl 64", "ttl 63"),
            ("[S]", "[S.]"),
            (".99:", ".98:"),
            ("Out", "In"),
        ] {
            let other = frames(&SYN.replace(from, to));
            let found = frame_differences(&frames(SYN), &frames(SYN), &other);
            assert_eq!(found.len(), 1, "{from}");
            assert_eq!((found[0].kernel.len(), found[0].simulator.len()), (1, 1));
        }
    }

    #[test]
    fn how_often_a_timer_ran_is_no_difference_but_whether_is() {
        let report =
            "09:00:00.000001 va    Out IP (proto IGMP (2)) 10.0.0.1 > 224.0.0.22: igmp v3 report\n";
        let (none, once, twice) = (frames(""), frames(report), frames(&report.repeat(2)));
        assert_eq!(frame_differences(&once, &once, &twice), []);
        assert_eq!(frame_differences(&once, &once, &none).len(), 1);
    }

    #[test]
    fn a_frame_too_many_is_found_and_an_unsteady_one_is_not() {
        let (once, twice) = (frames(SYN), frames(&SYN.repeat(2)));
        assert_eq!(
            frame_differences(&once, &once, &twice)[0].simulator.len(),
            1
        );
        assert_eq!(frame_differences(&twice, &twice, &once)[0].kernel.len(), 1);
        assert_eq!(frame_differences(&once, &twice, &twice), []);
    }
}
