//! How long a word, a number or an address at the start of a text is; zero where there is none.
//! What it means is the lexer's.

use std::net::Ipv6Addr;

/// `[A-Za-z0-9]([-_.A-Za-z0-9]*[.A-Za-z0-9])?`
pub(super) fn word_len(bytes: &[u8]) -> usize {
    if !bytes.first().is_some_and(u8::is_ascii_alphanumeric) {
        return 0;
    }
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let run = bytes.iter().take_while(|byte| inner(byte)).count();
    let ends = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'.';
    bytes[..run]
        .iter()
        .rposition(ends)
        .map_or(0, |last| last + 1)
}

fn run(bytes: &[u8], of: fn(&u8) -> bool, most: usize) -> usize {
    bytes.iter().take(most).take_while(|byte| of(byte)).count()
}

/// `[0-9]+` or `0x[0-9A-Fa-f]+`
pub(super) fn number_len(bytes: &[u8]) -> usize {
    if matches!(bytes, [b'0', b'x' | b'X', ..]) {
        let digits = run(&bytes[2..], u8::is_ascii_hexdigit, bytes.len());
        if digits > 0 {
            return digits + 2;
        }
    }
    run(bytes, u8::is_ascii_digit, bytes.len())
}

/// Two to four numbers with dots between.
pub(super) fn ipv4_len(bytes: &[u8]) -> usize {
    let mut len = number_len(bytes);
    let mut parts = 1;
    while len > 0 && parts < 4 && bytes.get(len) == Some(&b'.') {
        let more = number_len(&bytes[len + 1..]);
        if more == 0 {
            break;
        }
        len += more + 1;
        parts += 1;
    }
    if parts > 1 { len } else { 0 }
}

/// An Ethernet address in one of its spellings.
pub(super) fn mac_len(bytes: &[u8]) -> usize {
    let octets = [b':', b'-', b'.'].map(|separator| groups_len(bytes, separator, 6, 1, 2));
    let words = groups_len(bytes, b'.', 3, 4, 4);
    let plain = match run(bytes, u8::is_ascii_hexdigit, 12) {
        12 => 12,
        _ => 0,
    };
    octets
        .into_iter()
        .chain([words, plain])
        .max()
        .unwrap_or_default()
}

/// `count` groups of hex digits with a separator between.
fn groups_len(bytes: &[u8], separator: u8, count: usize, least: usize, most: usize) -> usize {
    let mut len = 0;
    for group in 0..count {
        if group > 0 {
            if bytes.get(len) != Some(&separator) {
                return 0;
            }
            len += 1;
        }
        let digits = run(&bytes[len.min(bytes.len())..], u8::is_ascii_hexdigit, most);
        if digits < least {
            return 0;
        }
        len += digits;
    }
    len
}

/// The longest start that is an IPv6 address.
pub(super) fn ipv6_len(text: &str) -> usize {
    let of = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let longest = run(text.as_bytes(), of, 46);
    (2..=longest)
        .rev()
        .find(|len| text[..*len].parse::<Ipv6Addr>().is_ok())
        .unwrap_or(0)
}

/// Pairs of digits with colons behind each: a broken Ethernet address.
pub(super) fn colons_len(bytes: &[u8]) -> usize {
    let mut len = 0;
    let mut groups = 0;
    loop {
        let digits = run(&bytes[len..], u8::is_ascii_hexdigit, 2);
        let colons = run(&bytes[len + digits..], |byte| *byte == b':', bytes.len());
        if digits == 0 || colons == 0 {
            break;
        }
        len += digits + colons;
        groups += 1;
    }
    if groups > 1 { len } else { 0 }
}
