//! POSIX extended regular expressions, as `sysctl -r` takes them: `.`, `[..]`, `*`, `+`, `?`, `|`, `()`, `^`, `$`.
//! No intervals, no classes by name, no captures: whether a text has a match is all that it tells.

/// A compiled expression.
#[derive(Clone, Debug)]
pub struct Regex {
    alternatives: Vec<Vec<Piece>>,
}

#[derive(Clone, Debug)]
struct Piece {
    atom: Atom,
    min: u32,
    many: bool,
}

#[derive(Clone, Debug)]
enum Atom {
    Any,
    Char(char),
    Set {
        inverse: bool,
        ranges: Vec<(char, char)>,
    },
    Start,
    End,
    Group(Vec<Vec<Piece>>),
}

/// How deep groups may nest.
const DEPTH_MAX: u32 = 32;
/// How many steps a match may take before it is given up as none.
const STEPS_MAX: u32 = 1_000_000;

impl Regex {
    /// Compiles an expression; nothing where it is malformed.
    ///
    /// ```
    /// use vethlab::tool::regex::Regex;
    ///
    /// let regex = Regex::new("ipv4.conf.*.rp_filter$").unwrap();
    /// assert!(regex.is_match("net.ipv4.conf.all.rp_filter"));
    /// assert!(Regex::new("(").is_none());
    /// ```
    pub fn new(text: &str) -> Option<Self> {
        let chars: Vec<char> = text.chars().collect();
        let mut at = 0;
        let alternatives = alternatives(&chars, &mut at, 0)?;
        (at == chars.len()).then_some(Self { alternatives })
    }

    /// Whether it matches anywhere in a text.
    pub fn is_match(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let mut steps = STEPS_MAX;
        (0..=text.len()).any(|start| {
            let mut matcher = Matcher {
                text: &text,
                steps: &mut steps,
            };
            matcher.any(&self.alternatives, start, &mut |_, _| true)
        })
    }
}

fn alternatives(chars: &[char], at: &mut usize, depth: u32) -> Option<Vec<Vec<Piece>>> {
    let mut all = Vec::new();
    loop {
        all.push(sequence(chars, at, depth)?);
        match chars.get(*at) {
            Some('|') => *at += 1,
            _ => return Some(all),
        }
    }
}

fn sequence(chars: &[char], at: &mut usize, depth: u32) -> Option<Vec<Piece>> {
    let mut pieces: Vec<Piece> = Vec::new();
    while let Some(&c) = chars.get(*at) {
        let repeat = |min, many| (min, many);
        let repetition = match c {
            '|' | ')' => break,
            '*' => Some(repeat(0, true)),
            '+' => Some(repeat(1, true)),
            '?' => Some(repeat(0, false)),
            _ => None,
        };
        *at += 1;
        match repetition {
            Some((min, many)) => {
                let last = pieces.last_mut()?;
                (last.min, last.many) = (min.min(last.min), many || last.many);
            }
            None => {
                let atom = atom(c, chars, at, depth)?;
                pieces.push(Piece {
                    atom,
                    min: 1,
                    many: false,
                });
            }
        }
    }
    Some(pieces)
}

fn atom(c: char, chars: &[char], at: &mut usize, depth: u32) -> Option<Atom> {
    Some(match c {
        '.' => Atom::Any,
        '^' => Atom::Start,
        '$' => Atom::End,
        '[' => set(chars, at)?,
        '(' => {
            let inner = (depth < DEPTH_MAX).then(|| alternatives(chars, at, depth + 1))??;
            let closed = chars.get(*at) == Some(&')');
            *at += 1;
            closed.then_some(Atom::Group(inner))?
        }
        '\\' => {
            let escaped = *chars.get(*at)?;
            *at += 1;
            Atom::Char(escaped)
        }
        c => Atom::Char(c),
    })
}

fn set(chars: &[char], at: &mut usize) -> Option<Atom> {
    let inverse = chars.get(*at) == Some(&'^');
    *at += usize::from(inverse);
    let start = *at;
    let mut ranges = Vec::new();
    loop {
        let low = *chars.get(*at)?;
        if low == ']' && *at > start {
            *at += 1;
            return Some(Atom::Set { inverse, ranges });
        }
        match (chars.get(*at + 1), chars.get(*at + 2)) {
            (Some('-'), Some(&high)) if high != ']' => {
                ranges.push((low, high));
                *at += 3;
            }
            _ => {
                ranges.push((low, low));
                *at += 1;
            }
        }
    }
}

struct Matcher<'t, 's> {
    text: &'t [char],
    steps: &'s mut u32,
}

type Then<'f, 't, 's> = &'f mut dyn FnMut(&mut Matcher<'t, 's>, usize) -> bool;

impl<'t, 's> Matcher<'t, 's> {
    fn any(&mut self, all: &[Vec<Piece>], at: usize, then: Then<'_, 't, 's>) -> bool {
        all.iter().any(|pieces| self.sequence(pieces, at, 0, then))
    }

    /// Matches the pieces from `at` on, the first having matched `done` times already.
    fn sequence(&mut self, pieces: &[Piece], at: usize, done: u32, then: Then<'_, 't, 's>) -> bool {
        let Some((piece, rest)) = pieces.split_first() else {
            return then(self, at);
        };
        let Some(left) = self.steps.checked_sub(1) else {
            return false;
        };
        *self.steps = left;
        let more = piece.many || done == 0;
        let again = more
            && self.atom(&piece.atom, at, &mut |matcher, next| {
                (next > at || done == 0) && matcher.sequence(pieces, next, done + 1, then)
            });
        again || (done >= piece.min && self.sequence(rest, at, 0, then))
    }

    fn atom(&mut self, atom: &Atom, at: usize, then: Then<'_, 't, 's>) -> bool {
        let c = self.text.get(at).copied();
        match atom {
            Atom::Start => at == 0 && then(self, at),
            Atom::End => c.is_none() && then(self, at),
            Atom::Any => c.is_some() && then(self, at + 1),
            Atom::Char(want) => c == Some(*want) && then(self, at + 1),
            Atom::Set { inverse, ranges } => {
                let in_set = |c: char| ranges.iter().any(|(low, high)| (*low..=*high).contains(&c));
                c.is_some_and(|c| in_set(c) != *inverse) && then(self, at + 1)
            }
            Atom::Group(inner) => self.any(inner, at, then),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_match_as_regcomp_has_them() {
        for (pattern, text, want) in [
            ("ip_forw", "net.ipv4.ip_forward", true),
            ("^net.ipv4.ip_forward$", "net.ipv4.ip_forward_use", false),
            ("conf.(all|lo).rp", "net.conf.lo.rp_filter", true),
            ("conf.(all|lo).rp", "net.conf.va.rp_filter", false),
            ("a+b?c*$", "xaab", true),
            ("[0-9]+$", "veth12", true),
            ("[^a-z]", "veth", false),
            ("\\.", "a", false),
            ("(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaac", false),
            ("", "x", true),
        ] {
            let regex = Regex::new(pattern).unwrap();
            assert_eq!(regex.is_match(text), want, "{pattern} {text}");
        }
        for pattern in ["(", "[a", "*a", "a)", "\\"] {
            assert!(Regex::new(pattern).is_none(), "{pattern}");
        }
    }
}
