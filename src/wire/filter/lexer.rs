//! The words of a filter expression, cut as libpcap's scanner cuts them: the longest match wins.
//! What a word means where is the parser's.

use std::net::Ipv6Addr;

use super::FilterError;
use super::lengths::{colons_len, ipv4_len, ipv6_len, mac_len, number_len, word_len};
use super::words::{FOREIGN, KEYWORDS, Keyword, NUMBERS, PROTOCOLS, Protocol, SYMBOLS};

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Keyword(Keyword),
    /// A protocol that qualifies or stands alone.
    Protocol(Protocol),
    Number(u32),
    /// A name, or a keyword behind a backslash.
    Name(String),
    /// An IPv4 address or the start of one.
    Ipv4(String),
    Ipv6(Ipv6Addr, String),
    Mac([u8; 6]),
    /// One of the operators, brackets and the like.
    Symbol(&'static str),
}

/// All words of an expression; an error stands where it was found, so that an earlier complaint comes first.
pub(super) fn tokens(expression: &str) -> Vec<Result<Token, FilterError>> {
    let mut found = Vec::new();
    let mut rest = expression;
    loop {
        rest = rest.trim_start_matches([' ', '\r', '\n', '\t']);
        if rest.is_empty() {
            return found;
        }
        let (token, len) = next(rest);
        let failed = token.is_err();
        found.push(token);
        if failed {
            return found;
        }
        rest = rest.get(len..).unwrap_or("");
    }
}

type Lexed = (Result<Token, FilterError>, usize);

/// The length of a match, and what makes a token of its text.
type Candidate = (usize, fn(&str) -> Result<Token, FilterError>);

/// The word at the start of `text`, and its length.
fn next(text: &str) -> Lexed {
    if let Some(name) = text.strip_prefix('\\') {
        let stops = [' ', '!', '(', ')', '\n', '\t'];
        let len = name.find(stops).unwrap_or(name.len());
        if len > 0 {
            return (Ok(Token::Name(name[..len].to_owned())), len + 1);
        }
    }
    let bytes = text.as_bytes();
    let word = word_len(bytes);
    // In the order of libpcap's rules: of equal lengths the first wins.
    let candidates: [Candidate; 5] = [
        (mac_len(bytes), mac),
        (number_len(bytes), number),
        (ipv4_len(bytes), |text| Ok(Token::Ipv4(text.to_owned()))),
        (ipv6_len(text), ipv6),
        (colons_len(bytes), |text| {
            Err(FilterError::BogusMac(text.to_owned()))
        }),
    ];
    let mut best: Option<Candidate> = None;
    for candidate in candidates {
        if candidate.0 > 0 && best.is_none_or(|(len, _)| candidate.0 > len) {
            best = Some(candidate);
        }
    }
    match best {
        Some((len, lex)) if len >= word => (lex(&text[..len]), len),
        _ if word > 0 => (Ok(named(&text[..word])), word),
        _ => symbol(text),
    }
}

fn symbol(text: &str) -> Lexed {
    for (spelling, symbol) in SYMBOLS {
        if text.starts_with(spelling) {
            let token = match *symbol {
                "and" => Token::Keyword(Keyword::And),
                "or" => Token::Keyword(Keyword::Or),
                symbol => Token::Symbol(symbol),
            };
            return (Ok(token), spelling.len());
        }
    }
    (Err(FilterError::Syntax), 0)
}

/// A word of letters: a keyword, a protocol, a number's name, or a name.
fn named(word: &str) -> Token {
    fn find<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
        table
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, value)| *value)
    }
    if word == "not" {
        Token::Symbol("!")
    } else if let Some(keyword) = find(KEYWORDS, word) {
        Token::Keyword(keyword)
    } else if let Some(protocol) = find(PROTOCOLS, word) {
        Token::Protocol(protocol)
    } else if let Some(foreign) = FOREIGN.iter().find(|foreign| **foreign == word) {
        Token::Keyword(Keyword::Foreign(foreign))
    } else if let Some(value) = find(NUMBERS, word) {
        Token::Number(value)
    } else {
        Token::Name(word.to_owned())
    }
}

fn mac(text: &str) -> Result<Token, FilterError> {
    let digits: Vec<&str> = text.split([':', '-', '.']).collect();
    let mut octets = Vec::new();
    for group in digits {
        let short = group.len() <= 2;
        let pairs: Vec<&str> = if short {
            vec![group]
        } else {
            (0..group.len() / 2)
                .map(|pair| &group[pair * 2..pair * 2 + 2])
                .collect()
        };
        for pair in pairs {
            octets.push(u8::from_str_radix(pair, 16).map_err(|_| FilterError::Syntax)?);
        }
    }
    let octets = octets.try_into().map_err(|_| FilterError::Syntax)?;
    Ok(Token::Mac(octets))
}

fn ipv6(text: &str) -> Result<Token, FilterError> {
    let address = text.parse().map_err(|_| FilterError::Syntax)?;
    Ok(Token::Ipv6(address, text.to_owned()))
}

fn number(text: &str) -> Result<Token, FilterError> {
    let too_large = || FilterError::NumberTooLarge(text.to_owned());
    let hex = text.strip_prefix("0x").or(text.strip_prefix("0X"));
    let value = if let Some(digits) = hex {
        u32::from_str_radix(digits, 16).map_err(|_| too_large())?
    } else if text.len() > 1 && text.starts_with('0') {
        if text.contains(['8', '9']) {
            return Err(FilterError::NotOctal(text.to_owned()));
        }
        u32::from_str_radix(text, 8).map_err(|_| too_large())?
    } else {
        text.parse().map_err(|_| too_large())?
    };
    Ok(Token::Number(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(expression: &str) -> Vec<Token> {
        tokens(expression)
            .into_iter()
            .map(|token| token.expect("a good word"))
            .collect()
    }

    #[test]
    fn the_longest_match_wins() {
        assert_eq!(words("1-5"), [Token::Name("1-5".to_owned())]);
        assert_eq!(words("10.0.0.1"), [Token::Ipv4("10.0.0.1".to_owned())]);
        assert_eq!(words("tcp-syn"), [Token::Number(2)]);
        assert_eq!(words("1:2:3:4:5:6"), [Token::Mac([1, 2, 3, 4, 5, 6])]);
        assert_eq!(words("0200.0000.0001"), [Token::Mac([2, 0, 0, 0, 0, 1])]);
        assert_eq!(words("hosts"), [Token::Name("hosts".to_owned())]);
        assert!(matches!(words("fe80::1")[..], [Token::Ipv6(..)]));
    }

    #[test]
    fn operators_are_cut_without_blanks() {
        let cut = words("ip[6:2]&0x1fff!=0");
        assert_eq!(cut.len(), 10);
        assert_eq!(cut[6], Token::Symbol("&"));
        assert_eq!(cut[8], Token::Symbol("!="));
        assert_eq!(words("!arp")[0], Token::Symbol("!"));
    }

    #[test]
    fn a_backslash_makes_a_name_of_a_keyword() {
        assert_eq!(words("\\icmp"), [Token::Name("icmp".to_owned())]);
    }

    #[test]
    fn broken_numbers_and_addresses_are_named() {
        let error = |text| {
            tokens(text)
                .pop()
                .expect("one")
                .expect_err("bad")
                .to_string()
        };
        assert_eq!(error("4294967296"), "number 4294967296 overflows 32 bits");
        assert_eq!(error("09"), "number 09 contains non-octal digit");
        assert_eq!(error("ff:ff:ff"), "bogus ethernet address ff:ff:");
        assert_eq!(error("@"), "can't parse filter expression: syntax error");
    }
}
