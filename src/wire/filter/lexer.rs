//! The words of a filter expression, cut as libpcap's scanner cuts them: the longest match wins.
//! What a word means where is the parser's.

use std::net::Ipv6Addr;

use super::FilterError;

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

/// Words that are no names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Source,
    Destination,
    Host,
    Net,
    Mask,
    Port,
    PortRange,
    Proto,
    ProtoChain,
    Gateway,
    Less,
    Greater,
    Byte,
    Broadcast,
    Multicast,
    And,
    Or,
    Length,
    Inbound,
    Outbound,
    IfIndex,
    Vlan,
    /// A word of libpcap's that is not understood here.
    Foreign(&'static str),
}

/// Protocols that libpcap's qualifiers name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Link,
    Ip,
    Arp,
    Rarp,
    Sctp,
    Tcp,
    Udp,
    Icmp,
    Igmp,
    Igrp,
    Pim,
    Vrrp,
    Carp,
    Ip6,
    Icmp6,
    Ah,
    Esp,
    Atalk,
    Aarp,
    Decnet,
    Lat,
    Sca,
    Moprc,
    Mopdl,
    Iso,
    Stp,
    Ipx,
    Netbeui,
    Radio,
}

const PROTOCOLS: &[(&str, Protocol)] = &[
    ("link", Protocol::Link),
    ("ether", Protocol::Link),
    ("ppp", Protocol::Link),
    ("slip", Protocol::Link),
    ("fddi", Protocol::Link),
    ("tr", Protocol::Link),
    ("wlan", Protocol::Link),
    ("arp", Protocol::Arp),
    ("rarp", Protocol::Rarp),
    ("ip", Protocol::Ip),
    ("sctp", Protocol::Sctp),
    ("tcp", Protocol::Tcp),
    ("udp", Protocol::Udp),
    ("icmp", Protocol::Icmp),
    ("igmp", Protocol::Igmp),
    ("igrp", Protocol::Igrp),
    ("pim", Protocol::Pim),
    ("vrrp", Protocol::Vrrp),
    ("carp", Protocol::Carp),
    ("radio", Protocol::Radio),
    ("ip6", Protocol::Ip6),
    ("icmp6", Protocol::Icmp6),
    ("ah", Protocol::Ah),
    ("esp", Protocol::Esp),
    ("atalk", Protocol::Atalk),
    ("aarp", Protocol::Aarp),
    ("decnet", Protocol::Decnet),
    ("lat", Protocol::Lat),
    ("sca", Protocol::Sca),
    ("moprc", Protocol::Moprc),
    ("mopdl", Protocol::Mopdl),
    ("iso", Protocol::Iso),
    ("stp", Protocol::Stp),
    ("ipx", Protocol::Ipx),
    ("netbeui", Protocol::Netbeui),
];

const KEYWORDS: &[(&str, Keyword)] = &[
    ("src", Keyword::Source),
    ("dst", Keyword::Destination),
    ("host", Keyword::Host),
    ("net", Keyword::Net),
    ("mask", Keyword::Mask),
    ("port", Keyword::Port),
    ("portrange", Keyword::PortRange),
    ("proto", Keyword::Proto),
    ("protochain", Keyword::ProtoChain),
    ("gateway", Keyword::Gateway),
    ("less", Keyword::Less),
    ("greater", Keyword::Greater),
    ("byte", Keyword::Byte),
    ("broadcast", Keyword::Broadcast),
    ("multicast", Keyword::Multicast),
    ("and", Keyword::And),
    ("or", Keyword::Or),
    ("len", Keyword::Length),
    ("length", Keyword::Length),
    ("inbound", Keyword::Inbound),
    ("outbound", Keyword::Outbound),
    ("ifindex", Keyword::IfIndex),
    ("vlan", Keyword::Vlan),
];

/// Words of other link types and of packet filters.
const FOREIGN: &[&str] = &[
    "esis",
    "es-is",
    "isis",
    "is-is",
    "l1",
    "l2",
    "iih",
    "lsp",
    "snp",
    "csnp",
    "psnp",
    "clnp",
    "type",
    "subtype",
    "direction",
    "dir",
    "address1",
    "addr1",
    "address2",
    "addr2",
    "address3",
    "addr3",
    "address4",
    "addr4",
    "ra",
    "ta",
    "mpls",
    "pppoed",
    "pppoes",
    "geneve",
    "lane",
    "llc",
    "metac",
    "bcc",
    "oam",
    "oamf4",
    "oamf4ec",
    "oamf4sc",
    "sc",
    "ilmic",
    "vpi",
    "vci",
    "connectmsg",
    "metaconnect",
    "on",
    "ifname",
    "rset",
    "ruleset",
    "rnr",
    "rulenum",
    "srnr",
    "subrulenum",
    "reason",
    "action",
    "fisu",
    "lssu",
    "lsu",
    "msu",
    "hfisu",
    "hlssu",
    "hmsu",
    "sio",
    "opc",
    "dpc",
    "sls",
    "hsio",
    "hopc",
    "hdpc",
    "hsls",
];

/// Names that stand for numbers: fields, message types and flags.
const NUMBERS: &[(&str, u32)] = &[
    ("icmptype", 0),
    ("icmpcode", 1),
    ("icmp-echoreply", 0),
    ("icmp-unreach", 3),
    ("icmp-sourcequench", 4),
    ("icmp-redirect", 5),
    ("icmp-echo", 8),
    ("icmp-routeradvert", 9),
    ("icmp-routersolicit", 10),
    ("icmp-timxceed", 11),
    ("icmp-paramprob", 12),
    ("icmp-tstamp", 13),
    ("icmp-tstampreply", 14),
    ("icmp-ireq", 15),
    ("icmp-ireqreply", 16),
    ("icmp-maskreq", 17),
    ("icmp-maskreply", 18),
    ("icmp6type", 0),
    ("icmp6code", 1),
    ("icmp6-destinationunreach", 1),
    ("icmp6-packettoobig", 2),
    ("icmp6-timeexceeded", 3),
    ("icmp6-parameterproblem", 4),
    ("icmp6-echo", 128),
    ("icmp6-echoreply", 129),
    ("icmp6-multicastlistenerquery", 130),
    ("icmp6-multicastlistenerreportv1", 131),
    ("icmp6-multicastlistenerdone", 132),
    ("icmp6-routersolicit", 133),
    ("icmp6-routeradvert", 134),
    ("icmp6-neighborsolicit", 135),
    ("icmp6-neighboradvert", 136),
    ("icmp6-redirect", 137),
    ("icmp6-routerrenum", 138),
    ("icmp6-nodeinformationquery", 139),
    ("icmp6-nodeinformationresponse", 140),
    ("icmp6-ineighbordiscoverysolicit", 141),
    ("icmp6-ineighbordiscoveryadvert", 142),
    ("icmp6-multicastlistenerreportv2", 143),
    ("icmp6-homeagentdiscoveryrequest", 144),
    ("icmp6-homeagentdiscoveryreply", 145),
    ("icmp6-mobileprefixsolicit", 146),
    ("icmp6-mobileprefixadvert", 147),
    ("icmp6-certpathsolicit", 148),
    ("icmp6-certpathadvert", 149),
    ("icmp6-multicastrouteradvert", 151),
    ("icmp6-multicastroutersolicit", 152),
    ("icmp6-multicastrouterterm", 153),
    ("tcpflags", 13),
    ("tcp-fin", 0x01),
    ("tcp-syn", 0x02),
    ("tcp-rst", 0x04),
    ("tcp-push", 0x08),
    ("tcp-ack", 0x10),
    ("tcp-urg", 0x20),
    ("tcp-ece", 0x40),
    ("tcp-cwr", 0x80),
];

/// Longer operators first.
const SYMBOLS: &[(&str, &str)] = &[
    (">=", ">="),
    ("<=", "<="),
    ("!=", "!="),
    ("==", "="),
    ("<<", "<<"),
    (">>", ">>"),
    ("&&", "and"),
    ("||", "or"),
    ("+", "+"),
    ("-", "-"),
    ("*", "*"),
    ("/", "/"),
    ("%", "%"),
    (":", ":"),
    ("[", "["),
    ("]", "]"),
    ("!", "!"),
    ("<", "<"),
    (">", ">"),
    ("(", "("),
    (")", ")"),
    ("&", "&"),
    ("|", "|"),
    ("^", "^"),
    ("=", "="),
];

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

/// `[A-Za-z0-9]([-_.A-Za-z0-9]*[.A-Za-z0-9])?`
fn word_len(bytes: &[u8]) -> usize {
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
fn number_len(bytes: &[u8]) -> usize {
    if matches!(bytes, [b'0', b'x' | b'X', ..]) {
        let digits = run(&bytes[2..], u8::is_ascii_hexdigit, bytes.len());
        if digits > 0 {
            return digits + 2;
        }
    }
    run(bytes, u8::is_ascii_digit, bytes.len())
}

/// Two to four numbers with dots between.
fn ipv4_len(bytes: &[u8]) -> usize {
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
fn mac_len(bytes: &[u8]) -> usize {
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
fn ipv6_len(text: &str) -> usize {
    let of = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let longest = run(text.as_bytes(), of, 46);
    (2..=longest)
        .rev()
        .find(|len| text[..*len].parse::<Ipv6Addr>().is_ok())
        .unwrap_or(0)
}

/// Pairs of digits with colons behind each: a broken Ethernet address.
fn colons_len(bytes: &[u8]) -> usize {
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
