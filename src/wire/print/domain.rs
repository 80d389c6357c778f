//! DNS messages (RFC 1035), over UDP, TCP and multicast.
//! Of EDNS options those of DNSSEC's algorithms are shown as bytes.

use super::context::{Context, Result, name_of, say};
use super::names;

const HEADER_LEN: usize = 12;
const NAME_MAX: usize = 255;
const CLASS_IN: u16 = 1;
const TYPE_OPT: u16 = 41;
const MULTICAST_BIT: u16 = 0x8000;

const OPERATIONS: [&str; 16] = [
    "",
    " inv_q",
    " stat",
    " op3",
    " notify",
    " update",
    " op6",
    " op7",
    " op8",
    " updateA",
    " updateD",
    " updateDA",
    " updateM",
    " updateMA",
    " zoneInit",
    " zoneRef",
];

const RESPONSES: [&str; 24] = [
    "",
    " FormErr",
    " ServFail",
    " NXDomain",
    " NotImp",
    " Refused",
    " YXDomain",
    " YXRRSet",
    " NXRRSet",
    " NotAuth",
    " NotZone",
    " Resp11",
    " Resp12",
    " Resp13",
    " Resp14",
    " NoChange",
    " BadVers",
    "Resp17",
    " Resp18",
    " Resp19",
    " Resp20",
    "Resp21",
    " Resp22",
    " BadCookie",
];

const TYPES: &[(u32, &str)] = &[
    (1, "A"),
    (2, "NS"),
    (3, "MD"),
    (4, "MF"),
    (5, "CNAME"),
    (6, "SOA"),
    (7, "MB"),
    (8, "MG"),
    (9, "MR"),
    (10, "NULL"),
    (11, "WKS"),
    (12, "PTR"),
    (13, "HINFO"),
    (14, "MINFO"),
    (15, "MX"),
    (16, "TXT"),
    (17, "RP"),
    (18, "AFSDB"),
    (19, "X25"),
    (20, "ISDN"),
    (21, "RT"),
    (22, "NSAP"),
    (23, "NSAP_PTR"),
    (24, "SIG"),
    (25, "KEY"),
    (26, "PX"),
    (27, "GPOS"),
    (28, "AAAA"),
    (29, "LOC"),
    (30, "NXT"),
    (31, "EID"),
    (32, "NIMLOC"),
    (33, "SRV"),
    (34, "ATMA"),
    (35, "NAPTR"),
    (36, "KX"),
    (37, "CERT"),
    (38, "A6"),
    (39, "DNAME"),
    (40, "SINK"),
    (41, "OPT"),
    (42, "APL"),
    (43, "DS"),
    (44, "SSHFP"),
    (45, "IPSECKEY"),
    (46, "RRSIG"),
    (47, "NSEC"),
    (48, "DNSKEY"),
    (99, "SPF"),
    (100, "UINFO"),
    (101, "UID"),
    (102, "GID"),
    (103, "UNSPEC"),
    (104, "UNSPECA"),
    (249, "TKEY"),
    (250, "TSIG"),
    (251, "IXFR"),
    (252, "AXFR"),
    (253, "MAILB"),
    (254, "MAILA"),
    (255, "ANY"),
    (256, "URI"),
];

const CLASSES: &[(u32, &str)] = &[(1, "IN"), (3, "CHAOS"), (4, "HS"), (255, "ANY")];

const EDNS_OPTIONS: &[(u32, &str)] = &[
    (1, "LLQ"),
    (2, "UL"),
    (3, "NSID"),
    (5, "DAU"),
    (6, "DHU"),
    (7, "N3U"),
    (8, "ECS"),
    (9, "EXPIRE"),
    (10, "COOKIE"),
    (11, "KEEPALIVE"),
    (12, "PADDING"),
    (13, "CHAIN"),
    (14, "KEY-TAG"),
    (16, "CLIENT-TAG"),
    (17, "SERVER-TAG"),
];

/// What brought the message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Carrier {
    /// A datagram to port 53.
    Udp,
    /// A stream, with the length in front.
    Tcp,
    /// A datagram to port 5353.
    MulticastDns,
}

/// A message (`domain_print`).
pub(super) fn domain(
    cx: &mut Context<'_>,
    mut at: usize,
    mut length: usize,
    carrier: Carrier,
) -> Result {
    cx.protocol = "domain";
    if carrier == Carrier::Tcp {
        if length < 2 {
            say!(cx, " [DNS over TCP: length {length} < 2]");
            cx.invalid();
            return Ok(());
        }
        length -= 2;
        let stated = cx.be16(at)?;
        if usize::from(stated) != length {
            say!(cx, " [prefix length({stated}) != length({length})]");
            cx.invalid();
            return Ok(());
        }
        at += 2;
        say!(cx, " ");
    }
    if length < HEADER_LEN {
        say!(cx, "domain [length {length} < {HEADER_LEN}]");
        cx.invalid();
        return Ok(());
    }
    if cx.lacks(at, HEADER_LEN) {
        return Ok(());
    }
    let message = Message {
        start: at,
        multicast: carrier == Carrier::MulticastDns,
        flags: cx.be16(at + 2)?,
        questions: cx.be16(at + 4)?,
        answers: cx.be16(at + 6)?,
        authorities: cx.be16(at + 8)?,
        additionals: cx.be16(at + 10)?,
    };
    let whole = if message.flags & 0x8000 != 0 {
        message.response(cx)?
    } else {
        message.request(cx)?
    };
    match whole {
        Some(_) => say!(cx, " ({length})"),
        None => cx.truncated(),
    }
    Ok(())
}

struct Message {
    start: usize,
    multicast: bool,
    flags: u16,
    questions: u16,
    answers: u16,
    authorities: u16,
    additionals: u16,
}

/// Where the next thing in a message starts; `None` where the message is cut off.
type Next = Result<Option<usize>>;

/// Continues behind the thing, or gives up where it was cut off.
macro_rules! some {
    ($next:expr) => {
        match $next {
            Some(next) => next,
            None => return Ok(None),
        }
    };
}

impl Message {
    fn response(&self, cx: &mut Context<'_>) -> Next {
        let rcode = self.response_code(cx)?;
        let flag = |bit, set, unset| if self.flags & bit != 0 { set } else { unset };
        let rcode = match RESPONSES.get(usize::from(rcode)) {
            Some(name) => (*name).to_owned(),
            None => format!(" Resp{}", rcode & 0xfff),
        };
        say!(
            cx,
            "{}{}{rcode}{}{}{}{}",
            cx.be16(self.start)?,
            self.operation(),
            flag(0x0400, "*", ""),
            flag(0x0080, "", "-"),
            flag(0x0200, "|", ""),
            flag(0x0020, "$", "")
        );
        if self.questions != 1 {
            say!(cx, " [{}q]", self.questions);
        }
        let mut at = self.start + HEADER_LEN;
        for index in 0..self.questions {
            if index > 0 {
                say!(cx, ",");
            }
            if cx.verbose() > 1 {
                say!(cx, " q:");
                at = some!(self.question(cx, at)?);
            } else {
                at = some!(skip_name(cx, at)?) + 4;
            }
        }
        say!(
            cx,
            " {}/{}/{}",
            self.answers,
            self.authorities,
            self.additionals
        );
        at = some!(self.records(cx, at, self.answers)?);
        if cx.verbose() > 1 {
            at = some!(self.section(cx, at, " ns:", self.authorities)?);
            at = some!(self.section(cx, at, " ar:", self.additionals)?);
        }
        Ok(Some(at))
    }

    fn request(&self, cx: &mut Context<'_>) -> Next {
        say!(
            cx,
            "{}{}{}{}",
            cx.be16(self.start)?,
            self.operation(),
            if self.flags & 0x0100 != 0 { "+" } else { "" },
            if self.flags & 0x0010 != 0 { "%" } else { "" }
        );
        if self.flags & 0x6cf != 0 {
            say!(cx, " [b2&3=0x{:x}]", self.flags);
        }
        self.odd_counts(cx);
        let mut at = self.start + HEADER_LEN;
        let mut left = self.questions;
        while left > 0 {
            if left != self.questions && at >= cx.end() {
                return Ok(None);
            }
            at = some!(self.question(cx, at)?);
            left -= 1;
        }
        if cx.verbose() > 1 {
            at = some!(self.records(cx, at, self.answers)?);
            at = some!(self.section(cx, at, " ns:", self.authorities)?);
            at = some!(self.section(cx, at, " ar:", self.additionals)?);
        }
        Ok(Some(at))
    }

    /// Counts that a plain query does not have.
    fn odd_counts(&self, cx: &mut Context<'_>) {
        let inverse = self.flags >> 11 & 0xf == 1;
        if inverse {
            if self.questions != 0 {
                say!(cx, " [{}q]", self.questions);
            }
            if self.answers != 1 {
                say!(cx, " [{}a]", self.answers);
            }
        } else {
            if self.answers != 0 {
                say!(cx, " [{}a]", self.answers);
            }
            if self.questions != 1 {
                say!(cx, " [{}q]", self.questions);
            }
        }
        if self.authorities != 0 {
            say!(cx, " [{}n]", self.authorities);
        }
        if self.additionals != 0 {
            say!(cx, " [{}au]", self.additionals);
        }
    }

    fn operation(&self) -> &'static str {
        OPERATIONS[usize::from(self.flags >> 11 & 0xf)]
    }

    /// The code of the header, with the upper bits of an OPT record (RFC 6891 section 6.1.3).
    fn response_code(&self, cx: &Context<'_>) -> Result<u16> {
        let code = self.flags & 0xf;
        let extended = self.opt_record(cx)?;
        let Some(ttl) = extended else {
            return Ok(code);
        };
        Ok(code | u16::from(cx.u8(ttl)?) << 4)
    }

    /// Where the first byte of the OPT record's TTL is.
    fn opt_record(&self, cx: &Context<'_>) -> Next {
        let mut at = self.start + HEADER_LEN;
        for _ in 0..self.questions {
            at = some!(skip_name(cx, at)?) + 4;
            if at >= cx.end() {
                return Ok(None);
            }
        }
        for _ in 0..u32::from(self.answers) + u32::from(self.authorities) {
            at = some!(skip_name(cx, at)?) + 8;
            if at + 2 > cx.end() {
                return Ok(None);
            }
            at += 2 + usize::from(cx.be16(at)?);
            if at >= cx.end() {
                return Ok(None);
            }
        }
        for _ in 0..self.additionals {
            at = some!(skip_name(cx, at)?);
            if at + 2 > cx.end() {
                return Ok(None);
            }
            let kind = cx.be16(at)?;
            at += 4;
            if at + 1 > cx.end() {
                return Ok(None);
            }
            if kind == TYPE_OPT {
                return Ok(Some(at));
            }
            at += 4;
            if at + 2 > cx.end() {
                return Ok(None);
            }
            at += 2 + usize::from(cx.be16(at)?);
            if at >= cx.end() {
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// A section with its name, if anything of it is there.
    fn section(&self, cx: &mut Context<'_>, at: usize, title: &str, count: u16) -> Next {
        if count == 0 {
            return Ok(Some(at));
        }
        if at >= cx.end() {
            return Ok(None);
        }
        say!(cx, "{title}");
        self.records(cx, at, count)
    }

    fn records(&self, cx: &mut Context<'_>, mut at: usize, count: u16) -> Next {
        for index in 0..count {
            if index > 0 {
                if at >= cx.end() {
                    return Ok(None);
                }
                say!(cx, ",");
            }
            at = some!(self.record(cx, at)?);
        }
        Ok(Some(at))
    }

    /// A question (`ns_qprint`).
    fn question(&self, cx: &mut Context<'_>, at: usize) -> Next {
        let fields = some!(skip_name(cx, at)?);
        if !cx.has(fields, 4) {
            return Ok(None);
        }
        let kind = cx.be16(fields)?;
        say!(cx, " {}", type_name(kind));
        let class = cx.be16(fields + 2)?;
        self.print_class(cx, class);
        if self.multicast {
            let unicast = class & MULTICAST_BIT != 0;
            say!(cx, "{}", if unicast { " (QU)" } else { " (QM)" });
        }
        say!(cx, "? ");
        let end = some!(name(cx, at, self.start)?);
        Ok(Some(end + 4))
    }

    fn class(&self, class: u16) -> u16 {
        if self.multicast {
            class & !MULTICAST_BIT
        } else {
            class
        }
    }

    fn print_class(&self, cx: &mut Context<'_>, class: u16) {
        let class = self.class(class);
        if class == CLASS_IN {
            return;
        }
        match name_of(CLASSES, u32::from(class)) {
            Some(name) => say!(cx, " {name}"),
            None => say!(cx, " (Class {class})"),
        }
    }

    /// A resource record (`ns_rprint`).
    fn record(&self, cx: &mut Context<'_>, at: usize) -> Next {
        let fields = if cx.verbose() > 0 {
            say!(cx, " ");
            Some(some!(name(cx, at, self.start)?))
        } else {
            skip_name(cx, at)?
        };
        let Some(fields) = fields.filter(|fields| cx.has(*fields, 10)) else {
            return Ok(Some(cx.end()));
        };
        let (kind, class) = (cx.be16(fields)?, cx.be16(fields + 2)?);
        if kind != TYPE_OPT {
            self.print_class(cx, class);
        }
        if self.multicast && class & MULTICAST_BIT != 0 {
            say!(cx, " (Cache flush)");
        }
        if kind != TYPE_OPT && cx.verbose() > 2 {
            say!(cx, " [");
            let ttl = cx.be32(fields + 4)?;
            cx.duration(ttl);
            say!(cx, "]");
        }
        let len = usize::from(cx.be16(fields + 8)?);
        let data = fields + 10;
        say!(cx, " {}", type_name(kind));
        if data + len > cx.end() {
            return Ok(None);
        }
        if kind == TYPE_OPT {
            let flags = cx.be16(fields + 6)?;
            say!(cx, " UDPsize={}", self.class(class));
            if flags & 0x8000 != 0 {
                say!(cx, " DO");
            }
            some!(edns_options(cx, data, data + len)?);
        } else {
            some!(self.data(cx, kind, data, len)?);
        }
        Ok(Some(data + len))
    }

    /// What a record says.
    fn data(&self, cx: &mut Context<'_>, kind: u16, at: usize, len: usize) -> Next {
        match kind {
            1 => {
                if !cx.has(at, 4) {
                    return Ok(None);
                }
                // Never by name, not even localhost.
                let [a, b, c, d] = cx.be32(at)?.to_be_bytes();
                say!(cx, " {a}.{b}.{c}.{d}");
            }
            2 | 5 | 12 | 39 => {
                say!(cx, " ");
                some!(name(cx, at, self.start)?);
            }
            6 if cx.verbose() > 0 => some!(self.start_of_authority(cx, at)?),
            15 => {
                say!(cx, " ");
                if !cx.has(at, 2) {
                    return Ok(None);
                }
                some!(name(cx, at + 2, self.start)?);
                say!(cx, " {}", cx.be16(at)?);
            }
            16 => some!(strings(cx, at, at + len)?),
            28 => {
                if !cx.has(at, 16) {
                    return Ok(None);
                }
                say!(cx, " {}", cx.ipv6(at)?);
            }
            33 => {
                say!(cx, " ");
                if !cx.has(at, 6) {
                    return Ok(None);
                }
                some!(name(cx, at + 6, self.start)?);
                say!(
                    cx,
                    ":{} {} {}",
                    cx.be16(at + 4)?,
                    cx.be16(at)?,
                    cx.be16(at + 2)?
                );
            }
            104 => {
                cx.visible_n(at, len);
            }
            256 => {
                say!(cx, " {} {} ", cx.be16(at)?, cx.be16(at + 2)?);
                cx.visible_n(at + 4, len.saturating_sub(4));
            }
            _ => {}
        }
        Ok(Some(at))
    }

    fn start_of_authority(&self, cx: &mut Context<'_>, at: usize) -> Result<Option<()>> {
        let mut at = at;
        for _ in 0..2 {
            say!(cx, " ");
            at = some!(name(cx, at, self.start)?);
        }
        if !cx.has(at, 20) {
            return Ok(None);
        }
        for index in 0..5 {
            say!(cx, " {}", cx.be32(at + index * 4)?);
        }
        Ok(Some(()))
    }
}

fn type_name(kind: u16) -> String {
    name_of(TYPES, u32::from(kind)).map_or(format!("Type{kind}"), str::to_owned)
}

/// The strings of a TXT record.
fn strings(cx: &mut Context<'_>, mut at: usize, end: usize) -> Result<Option<()>> {
    while at < end {
        say!(cx, " \"");
        if !cx.has(at, 1) {
            return Ok(None);
        }
        let len = usize::from(cx.u8(at)?);
        if cx.visible_n(at + 1, len) {
            return Ok(None);
        }
        at += 1 + len;
        say!(cx, "\"");
    }
    Ok(Some(()))
}

/// The options of an OPT record (`eopt_print`).
fn edns_options(cx: &mut Context<'_>, mut at: usize, end: usize) -> Result<Option<()>> {
    if at >= end {
        return Ok(Some(()));
    }
    say!(cx, " [");
    while at < end {
        if !cx.has(at, 2) {
            return Ok(None);
        }
        let option = cx.be16(at)?;
        match name_of(EDNS_OPTIONS, u32::from(option)) {
            Some(name) => say!(cx, "{name}"),
            None => say!(cx, "Opt{option}"),
        }
        if !cx.has(at + 2, 2) {
            return Ok(None);
        }
        let len = usize::from(cx.be16(at + 2)?);
        at += 4;
        if !cx.has(at, len) {
            return Ok(None);
        }
        if len > 0 {
            say!(cx, " ");
            edns_option(cx, option, at, len)?;
        }
        at += len;
        if at < end {
            say!(cx, ",");
        }
    }
    say!(cx, "]");
    Ok(Some(()))
}

fn edns_option(cx: &mut Context<'_>, option: u16, at: usize, len: usize) -> Result {
    match option {
        8 => client_subnet(cx, at, len)?,
        9 if len == 4 => say!(cx, "{} sec", cx.be32(at)?),
        10 if len == 8 || (16..=40).contains(&len) => {
            hex(cx, at, 8)?;
            if len > 8 {
                say!(cx, " ");
            }
            hex(cx, at + 8, len - 8)?;
        }
        11 if len == 2 => {
            let tenths = cx.be16(at)?;
            say!(cx, "{}.{} sec", tenths / 10, tenths % 10);
        }
        12 => say!(cx, "({len})"),
        14 if len.is_multiple_of(2) => {
            for offset in (0..len).step_by(2) {
                let separator = if offset > 0 { " " } else { "" };
                say!(cx, "{separator}{}", cx.be16(at + offset)?);
            }
        }
        9..=11 | 14 => cx.invalid(),
        _ => hex(cx, at, len)?,
    }
    Ok(())
}

fn hex(cx: &mut Context<'_>, at: usize, len: usize) -> Result {
    for byte in cx.bytes(at, len)? {
        say!(cx, "{byte:02x}");
    }
    Ok(())
}

/// RFC 7871.
fn client_subnet(cx: &mut Context<'_>, at: usize, len: usize) -> Result {
    if len < 4 {
        cx.invalid();
        return Ok(());
    }
    let (family, source, scope) = (cx.be16(at)?, cx.u8(at + 2)?, cx.u8(at + 3)?);
    let bits = match family {
        1 => 32,
        2 => 128,
        _ => {
            cx.invalid();
            return Ok(());
        }
    };
    let given = len - 4;
    let fits = given <= bits / 8
        && usize::from(source) <= bits
        && usize::from(scope) <= bits
        && usize::from(source).div_ceil(8) == given;
    if !fits {
        cx.invalid();
        return Ok(());
    }
    let mut padded = [0; 16];
    padded[..given].copy_from_slice(cx.bytes(at + 4, given)?);
    let text = if family == 1 {
        let [a, b, c, d, ..] = padded;
        names::ipv4([a, b, c, d], true)
    } else {
        names::ipv6(padded)
    };
    say!(cx, "{text}/{source}/{scope}");
    Ok(())
}

// --- Names ---------------------------------------------------------------------------------

/// What the first byte of a label says.
enum Label {
    End,
    Text(usize),
    Pointer(u8),
    Bits(usize),
}

/// The label at `at`, or the words for one that is none.
fn label(cx: &Context<'_>, at: usize) -> Result<std::result::Result<Label, String>> {
    let first = cx.u8(at)?;
    Ok(match first & 0xc0 {
        0x00 if first == 0 => Ok(Label::End),
        0x00 => Ok(Label::Text(usize::from(first))),
        0xc0 => Ok(Label::Pointer(first)),
        0x40 if first == 0x41 => match cx.u8(at + 1)? {
            0 => Ok(Label::Bits(256)),
            bits => Ok(Label::Bits(usize::from(bits))),
        },
        0x40 => Err(format!("<ELT {}>", first & 0x3f)),
        _ => Err("<BAD LABEL TYPE>".to_owned()),
    })
}

/// Behind the name at `at`, without printing it (`ns_nskip`).
fn skip_name(cx: &Context<'_>, mut at: usize) -> Next {
    loop {
        if !cx.has(at, 1) {
            return Ok(None);
        }
        match label(cx, at) {
            Ok(Ok(Label::End)) => return Ok(Some(at + 1)),
            Ok(Ok(Label::Text(len))) => at += 1 + len,
            Ok(Ok(Label::Pointer(_))) => return Ok(Some(at + 2)),
            Ok(Ok(Label::Bits(bits))) => at += 2 + bits.div_ceil(8),
            Ok(Err(_)) | Err(_) => return Ok(None),
        }
    }
}

/// Prints the name at `at` of the message at `start`; gives where it ends (`fqdn_print`).
pub(super) fn name(cx: &mut Context<'_>, at: usize, start: usize) -> Next {
    let mut at = at;
    let mut end = None;
    let mut limit = at.saturating_sub(start);
    let mut printed = 0;
    let mut first = true;
    loop {
        if !cx.has(at, 1) {
            return Ok(None);
        }
        // A label whose text was not captured at all ends the name without a word.
        let first_byte = cx.u8(at)?;
        if first_byte != 0 && at + 1 >= cx.end() {
            return Ok(end.or(Some(at + 1 + usize::from(first_byte))));
        }
        let label = match label(cx, at) {
            Ok(Ok(label)) => label,
            Ok(Err(complaint)) => {
                say!(cx, "{complaint}");
                return Ok(None);
            }
            Err(_) => return Ok(None),
        };
        match label {
            Label::End => break,
            Label::Pointer(high) => {
                if !cx.has(at + 1, 1) {
                    return Ok(None);
                }
                let low = cx.u8(at + 1)?;
                end = end.or(Some(at + 2));
                let offset = usize::from(high & 0x3f) << 8 | usize::from(low);
                if offset >= limit {
                    say!(cx, "<BAD PTR>");
                    return Ok(None);
                }
                limit = offset;
                at = start + offset;
                first = false;
                continue;
            }
            Label::Bits(bits) => {
                bit_label(cx, at + 2, bits)?;
                at += 2 + bits.div_ceil(8);
            }
            Label::Text(len) => {
                let shown = len.min(NAME_MAX.saturating_sub(printed));
                if cx.visible_n(at + 1, shown) {
                    return Ok(None);
                }
                printed += len;
                at += 1 + len;
            }
        }
        first = false;
        if printed <= NAME_MAX {
            say!(cx, ".");
        }
        printed += 1;
    }
    if first {
        say!(cx, ".");
    }
    if printed > NAME_MAX {
        say!(cx, "<DOMAIN NAME TOO LONG>");
    }
    Ok(end.or(Some(at + 1)))
}

/// RFC 2673.
fn bit_label(cx: &mut Context<'_>, at: usize, bits: usize) -> Result {
    say!(cx, "\\[x");
    for byte in cx.bytes(at, bits.div_ceil(8))? {
        say!(cx, "{byte:02x}");
    }
    say!(cx, "/{bits}]");
    Ok(())
}
