//! Scripts of real command lines, invented from a seed: some build, some break, some ask.
//! Whether they make sense is left to chance: what is refused must be refused in the same words.

mod lines;
mod themes;

use std::fmt::Write as _;

use self::lines::{CHANGES, CHOICES, QUESTIONS, SIX};
use self::themes::THEMES;
use crate::engine::{Random, Seed};

/// How many lines are drawn for a script, beside those that begin it.
const LINES: u32 = 22;

/// One of a list.
fn pick<'a, T>(random: &mut Random, list: &'a [T]) -> &'a T {
    let count = u32::try_from(list.len()).expect("the lists are short");
    &list[random.below(count) as usize]
}

/// One line of a list with each of its `%x` drawn.
fn line(random: &mut Random, lines: &[&str]) -> String {
    let pattern = pick(random, lines);
    let mut text = String::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        let kind = match letter {
            '%' => letters.next(),
            _ => {
                text.push(letter);
                None
            }
        };
        let words = kind.and_then(|kind| CHOICES.iter().find(|(of, _)| *of == kind));
        if let Some((_, words)) = words {
            text.push_str(pick::<&str>(random, words));
        }
    }
    text
}

/// The script of a seed and a number: the same lines for ever, in the same version.
///
/// ```
/// use vethlab::transcript::random::script;
///
/// assert_eq!(script(7, 3), script(7, 3));
/// assert_ne!(script(7, 3), script(7, 4));
/// ```
pub fn script(seed: u64, index: u64) -> Vec<String> {
    let mut label = String::from("script ");
    let _ = write!(label, "{index}");
    let mut random = Seed(seed).stream(&label);
    let six = random.below(4) == 0;
    let mut lines: Vec<String> = match six {
        // Addresses are there at once, not after a second or two.
        true => {
            ["all", "default"].map(|which| format!("sysctl -qw net.ipv6.conf.{which}.accept_dad=0"))
        }
        false => ["all", "default"]
            .map(|which| format!("sysctl -qw net.ipv6.conf.{which}.disable_ipv6=1")),
    }
    .into();
    let begin = [
        "ip link add va address 02:00:00:00:02:01 type veth peer name vb address 02:00:00:00:02:02",
        "ip link add br0 type bridge",
        "ip netns add red",
    ];
    lines.extend(begin.map(str::to_owned));
    // One script in eight is about nothing in particular.
    let themed = random.below(8) > 0;
    let theme = pick(&mut random, THEMES);
    let begin = theme.begin.iter().filter(|_| themed);
    lines.extend(begin.map(|line| (*line).to_owned()));
    for _ in 0..LINES {
        let own = themed && random.below(2) == 0;
        let list = match random.below(10) {
            0..=5 => CHANGES,
            _ => QUESTIONS,
        };
        let list = if six && random.below(3) == 0 {
            SIX
        } else {
            list
        };
        let list = if own { theme.lines } else { list };
        lines.push(line(&mut random, list));
    }
    lines.extend(["ip addr", "ip route show table all", "bridge link"].map(str::to_owned));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_placeholder_is_drawn() {
        for index in 0..200 {
            let script = script(1, index);
            assert!(script.iter().all(|line| !line.contains('%')), "{script:?}");
        }
        let lists = [CHANGES, QUESTIONS, SIX].into_iter();
        let themes = THEMES.iter().map(|theme| theme.lines);
        for pattern in lists.chain(themes).flatten() {
            for part in pattern.split('%').skip(1) {
                let kind = part.chars().next();
                assert!(CHOICES.iter().any(|(of, _)| Some(*of) == kind), "{pattern}");
            }
        }
    }
}
