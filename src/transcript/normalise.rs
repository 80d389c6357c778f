//! Blanks in a transcript what two honest runs may differ in: random addresses, times, ids, hash order.
//! Every word, number, order and exit status that the network decides stays.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::Step;

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the patterns below are valid")
}

static MAC: LazyLock<Regex> = LazyLock::new(|| regex(r"\b([0-9a-f]{2}(?::[0-9a-f]{2}){5})\b"));
static HASH_ORDERED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^\$ .*\b(bridge (-\S+ )*(-n \S+ )?(fdb|mdb)|brctl showmacs|ip (-\S+ )*(-n \S+ )?neigh)\b",
    )
});
static BRIDGE_ID: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"\b([0-9a-f]{4})\.([0-9a-f]{12}|(?:[0-9a-f]{1,2}:){5}[0-9a-f]{1,2})\b")
});
static BLANKS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let pairs = [
        (r"\b33:33:ff:[0-9a-f:]{8}\b", "<snmac>"),
        (r"\bff02::1:ff[0-9a-f]{2}:[0-9a-f]{1,4}\b", "<sngroup>"),
        (
            r"\bfe80::[0-9a-f:]*ff:fe[0-9a-f]{2}:[0-9a-f]{1,4}\b",
            "<lladdr>",
        ),
        (r"\b(time[=<]?\s?)[0-9.]+ ?ms", "$1# ms"),
        (
            r"(rtt min/avg/max/mdev = )\S+ ms(, pipe \d+)?(, ipg/ewma \S+ ms)?",
            "$1# ms",
        ),
        (r"\b\d+\.\d{3} ?ms\b", "# ms"),
        (r"\b(\w+_timer) +[0-9.]+", "$1 #"),
        (r"^(\s*\d+\s+\S+\s+(?:yes|no)\s+)[0-9.]+$", "$1#"),
        (r"\b\d{2}:\d{2}:\d{2}\.\d{6}\b", "<clock>"),
        (r"\bused \d+(/\d+)+\b", "used #"),
        (r"\bid \d+,", "id #,"),
        (r"\b(qdisc \w+) 8[0-9a-f]{3}:", "$1 #:"),
        (r#""handle":"8[0-9a-f]{3}:""#, r##""handle":"#:""##),
        (r"\b(valid_lft|preferred_lft) \d+sec", "$1 #sec"),
    ];
    pairs
        .into_iter()
        .map(|(pattern, instead)| (regex(pattern), instead))
        .collect()
});

/// Prefixes of addresses that a case sets or that are groups: they stay.
const GIVEN: [&str; 5] = ["33:33", "01:00:5e", "01:80:c2", "02:00:00:00", "02:42"];
/// Starts of bridge ids that a case decides.
const GIVEN_IDS: [&str; 4] = ["2:0:0:0:", "2:42:", "02000000", "0242"];

fn steps(text: &str) -> Vec<Step> {
    let mut found: Vec<Step> = Vec::new();
    for line in text.lines() {
        if line.starts_with("$ ") {
            found.push(Step {
                command: line.to_owned(),
                output: Vec::new(),
            });
        } else if let Some(step) = found.last_mut() {
            step.output.push(line.trim_end().to_owned());
        }
    }
    found
}

fn without_ids(line: &str) -> String {
    let blank = |found: &Captures<'_>| {
        if GIVEN_IDS.iter().any(|start| found[2].starts_with(start)) {
            found[0].to_owned()
        } else {
            format!("{}.<id>", &found[1])
        }
    };
    BRIDGE_ID.replace_all(line, blank).into_owned()
}

/// The steps of a transcript, with all that may honestly differ blanked.
///
/// ```
/// use vethlab::transcript::blank;
///
/// let a = blank("$ ip link show va\n    link/ether 5a:01:02:03:04:05 brd ff:ff:ff:ff:ff:ff\n");
/// let b = blank("$ ip link show va\n    link/ether 0e:aa:bb:cc:dd:ee brd ff:ff:ff:ff:ff:ff\n");
/// assert_eq!(a, b);
/// ```
pub fn blank(text: &str) -> Vec<Step> {
    let mut found = steps(text);
    let mut keep: HashSet<String> = ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"]
        .map(str::to_owned)
        .into();
    for step in &found {
        let lower = step.command.to_lowercase();
        keep.extend(MAC.find_iter(&lower).map(|mac| mac.as_str().to_owned()));
    }
    let random =
        |mac: &str| !keep.contains(mac) && !GIVEN.iter().any(|start| mac.starts_with(start));
    let anonymous = |line: &str| {
        let blank = |mac: &Captures<'_>| {
            if random(&mac[1]) {
                "<mac>".to_owned()
            } else {
                mac[1].to_owned()
            }
        };
        MAC.replace_all(line, blank).into_owned()
    };
    let mut seen: HashMap<String, usize> = HashMap::new();
    for step in &mut found {
        if HASH_ORDERED.is_match(&step.command) {
            step.output.sort_by_key(|line| anonymous(line));
        }
        for line in &mut step.output {
            let mut text = without_ids(line);
            let mut number = |mac: &Captures<'_>| {
                if !random(&mac[1]) {
                    return mac[1].to_owned();
                }
                let next = seen.len() + 1;
                format!("<mac{}>", seen.entry(mac[1].to_owned()).or_insert(next))
            };
            text = MAC.replace_all(&text, &mut number).into_owned();
            for (pattern, instead) in BLANKS.iter() {
                text = pattern.replace_all(&text, *instead).into_owned();
            }
            *line = text;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_addresses_stay_equal_and_different_ones_different() {
        let text = |first: &str, second: &str| {
            format!("$ ip link\nlink/ether {first}\nlink/ether {second}\n")
        };
        let (a, b) = ("5a:00:00:00:00:01", "5a:00:00:00:00:02");
        assert_eq!(blank(&text(a, b)), blank(&text(b, a)));
        assert_ne!(blank(&text(a, a)), blank(&text(a, b)));
    }

    #[test]
    fn addresses_that_the_script_gives_stay() {
        let text = |mac: &str| {
            format!("$ ip link set va address 5a:00:00:00:00:01\n$ ip link\nlink/ether {mac}\n")
        };
        assert_ne!(
            blank(&text("5a:00:00:00:00:01")),
            blank(&text("5a:00:00:00:00:02"))
        );
    }

    #[test]
    fn exit_statuses_and_counts_stay() {
        assert_ne!(blank("$ ping\n[exit 1]\n"), blank("$ ping\n[exit 2]\n"));
        assert_ne!(blank("$ ping\n1 received\n"), blank("$ ping\n0 received\n"));
    }
}
