//! Shell patterns (`fnmatch`): `*`, `?`, `[a-z]`, `[!a-z]` and `\` before a character.
//! It knows no paths: a `/` or a leading `.` is a character as any other.

/// Whether a text matches a pattern.
///
/// ```
/// use vethlab::tool::glob::glob;
///
/// assert!(glob("va:*", "va:web"));
/// assert!(!glob("v[!a-c]", "vb"));
/// ```
pub fn glob(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    // Where to go on from when something behind the last `*` does not match: never recursive.
    let (mut p, mut t, mut star) = (0, 0, None);
    while let Some(c) = text.get(t) {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, t));
            p += 1;
        } else if let Some(width) = match_one(&pattern, p, *c) {
            p += width;
            t += 1;
        } else if let Some((star_p, star_t)) = star {
            star = Some((star_p, star_t + 1));
            (p, t) = (star_p + 1, star_t + 1);
        } else {
            return false;
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

/// Whether the element of a pattern at `p` takes a character: gives its width.
fn match_one(pattern: &[char], p: usize, c: char) -> Option<usize> {
    match *pattern.get(p)? {
        '?' => Some(1),
        '\\' => (*pattern.get(p + 1)? == c).then_some(2),
        '[' => class(pattern.get(p + 1..)?, c).map(|width| width + 1),
        other => (other == c).then_some(1),
    }
}

/// `a-z]`, `!a]`: the width where the character is in the class.
fn class(set: &[char], c: char) -> Option<usize> {
    let inverse = matches!(set.first(), Some('!' | '^'));
    let start = usize::from(inverse);
    let mut i = start;
    let mut found = false;
    loop {
        let low = *set.get(i)?;
        if low == ']' && i > start {
            return (found != inverse).then_some(i + 1);
        }
        match (set.get(i + 1), set.get(i + 2)) {
            (Some('-'), Some(high)) if *high != ']' => {
                found |= (low..=*high).contains(&c);
                i += 3;
            }
            _ => {
                found |= low == c;
                i += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_a_shell_matches() {
        for (pattern, text, want) in [
            ("va:web", "va:web", true),
            ("va*", "va:web", true),
            ("*web", "va:web", true),
            ("v?", "va", true),
            ("v[a-c]", "vb", true),
            ("v[!a-c]", "vb", false),
            ("v[", "v[", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("", "", true),
        ] {
            assert_eq!(glob(pattern, text), want, "{pattern} {text}");
        }
    }
}
