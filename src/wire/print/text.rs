//! Protocols of lines of text: HTTP, FTP, SMTP, RTSP, SIP, WHOIS, and the greeting of SSH; syslog.
//! Shows the first line, with `-v` all lines; understands nothing more.

use super::context::{Context, Result, name_of, say};
use super::hex;

/// Longer words are no method.
const WORD_MAX: usize = 128;

const HTTP: &[&str] = &[
    "GET",
    "PUT",
    "COPY",
    "HEAD",
    "LOCK",
    "MOVE",
    "POLL",
    "POST",
    "BCOPY",
    "BMOVE",
    "MKCOL",
    "TRACE",
    "LABEL",
    "MERGE",
    "DELETE",
    "SEARCH",
    "UNLOCK",
    "REPORT",
    "UPDATE",
    "NOTIFY",
    "BDELETE",
    "CONNECT",
    "OPTIONS",
    "CHECKIN",
    "PROPFIND",
    "CHECKOUT",
    "CCM_POST",
    "SUBSCRIBE",
    "PROPPATCH",
    "BPROPFIND",
    "BPROPPATCH",
    "UNCHECKOUT",
    "MKACTIVITY",
    "MKWORKSPACE",
    "UNSUBSCRIBE",
    "RPC_CONNECT",
    "VERSION-CONTROL",
    "BASELINE-CONTROL",
];

const RTSP: &[&str] = &[
    "DESCRIBE",
    "ANNOUNCE",
    "GET_PARAMETER",
    "OPTIONS",
    "PAUSE",
    "PLAY",
    "RECORD",
    "REDIRECT",
    "SETUP",
    "SET_PARAMETER",
    "TEARDOWN",
];

const SIP: &[&str] = &[
    "ACK",
    "BYE",
    "CANCEL",
    "DO",
    "INFO",
    "INVITE",
    "MESSAGE",
    "NOTIFY",
    "OPTIONS",
    "PRACK",
    "QAUTH",
    "REFER",
    "REGISTER",
    "SPRACK",
    "SUBSCRIBE",
    "UPDATE",
    "PUBLISH",
];

/// HTTP in a TCP segment.
pub(super) fn http(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    say!(cx, ": ");
    methods(cx, "http", HTTP, at, length)
}

/// RTSP in a TCP segment.
pub(super) fn rtsp(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    say!(cx, ": ");
    methods(cx, "rtsp", RTSP, at, length)
}

/// SIP in a UDP datagram.
pub(super) fn sip(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    methods(cx, "sip", SIP, at, length)
}

/// A protocol where every line is shown.
pub(super) fn plain(
    cx: &mut Context<'_>,
    protocol: &'static str,
    at: usize,
    length: usize,
) -> Result {
    cx.protocol = protocol;
    say!(cx, ": ");
    lines(cx, at, length)
}

/// A protocol where lines are shown that start with a method or hold a status of three digits.
fn methods(
    cx: &mut Context<'_>,
    protocol: &'static str,
    known: &[&str],
    at: usize,
    length: usize,
) -> Result {
    cx.protocol = protocol;
    let whole = cx.has(at, length);
    if starts_message(cx.captured(at, length), whole, known) {
        return lines(cx, at, length);
    }
    print_protocol(cx);
    Ok(())
}

fn print_protocol(cx: &mut Context<'_>) {
    let name = cx.protocol.to_ascii_uppercase();
    say!(cx, "{name}");
}

fn starts_message(bytes: &[u8], whole: bool, known: &[&str]) -> bool {
    let Some((word, rest)) = word(bytes, whole) else {
        return false;
    };
    let is_method = known
        .iter()
        .any(|method| method.as_bytes().eq_ignore_ascii_case(word));
    is_method
        || self::word(rest, whole)
            .is_some_and(|(code, _)| code.len() == 3 && code.iter().all(u8::is_ascii_digit))
}

/// The first word, and what follows the blanks behind it (`fetch_token`).
///
/// A word that reaches to the end of the captured bytes counts only if these are the whole message.
fn word(bytes: &[u8], whole: bool) -> Option<(&[u8], &[u8])> {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let end = bytes.iter().position(is_blank);
    let len = end.or(whole.then_some(bytes.len()))?;
    let (word, rest) = bytes.split_at(len);
    let printable = word.iter().all(|byte| (0x20..0x7f).contains(byte));
    if word.is_empty() || !printable || word.len() >= WORD_MAX {
        return None;
    }
    let blanks = rest.iter().take_while(|byte| matches!(byte, b' ')).count();
    Some((word, &rest[blanks..]))
}

/// The first line, or with `-v` all of them (`txtproto_print`).
fn lines(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    print_protocol(cx);
    if cx.verbose() == 0 {
        line(cx, ": ", at, length)?;
        return Ok(());
    }
    say!(cx, ", length: {length}");
    let mut offset = 0;
    while offset < length {
        match line(cx, "\n\t", at + offset, length - offset)? {
            Some(len) => offset += len,
            None => break,
        }
    }
    Ok(())
}

/// One line; gives its length with its end, or nothing where it is binary or has no end (`print_txt_line`).
fn line(cx: &mut Context<'_>, prefix: &str, at: usize, length: usize) -> Result<Option<usize>> {
    for offset in 0..length {
        let end = match cx.u8(at + offset)? {
            b'\n' => offset + 1,
            b'\r' if offset + 1 >= length => return Ok(None),
            b'\r' if cx.u8(at + offset + 1)? == b'\n' => offset + 2,
            b'\t' | 0x20..=0x7e => continue,
            _ => return Ok(None),
        };
        print_line(cx, prefix, at, offset);
        return Ok(Some(end));
    }
    print_line(cx, prefix, at, length);
    cx.truncated();
    Ok(None)
}

fn print_line(cx: &mut Context<'_>, prefix: &str, at: usize, len: usize) {
    say!(cx, "{prefix}");
    for byte in cx.captured(at, len) {
        say!(cx, "{}", char::from(*byte));
    }
}

/// The version that both ends of SSH greet with (`ssh_print_version`).
pub(super) fn ssh(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    cx.protocol = "ssh";
    for (offset, expected) in b"SSH-".iter().enumerate() {
        if cx.u8(at + offset)? != *expected {
            return Ok(());
        }
    }
    for offset in 4..length {
        let ends = match cx.u8(at + offset)? {
            b'\n' => true,
            b'\r' => offset + 1 < length && cx.u8(at + offset + 1)? == b'\n',
            0x20..=0x7e => continue,
            _ => false,
        };
        if ends {
            print_line(cx, ": SSH: ", at, offset);
        }
        break;
    }
    Ok(())
}

const FACILITIES: &[(u32, &str)] = &[
    (0, "kernel"),
    (1, "user"),
    (2, "mail"),
    (3, "daemon"),
    (4, "auth"),
    (5, "syslog"),
    (6, "lpr"),
    (7, "news"),
    (8, "uucp"),
    (9, "cron"),
    (10, "authpriv"),
    (11, "ftp"),
    (12, "ntp"),
    (13, "security"),
    (14, "console"),
    (15, "cron"),
    (16, "local0"),
    (17, "local1"),
    (18, "local2"),
    (19, "local3"),
    (20, "local4"),
    (21, "local5"),
    (22, "local6"),
    (23, "local7"),
];

const SEVERITIES: [&str; 8] = [
    "emergency",
    "alert",
    "critical",
    "error",
    "warning",
    "notice",
    "info",
    "debug",
];

/// A syslog message (RFC 3164, `syslog_print`).
pub(super) fn syslog(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    cx.protocol = "syslog";
    if cx.u8(at)? != b'<' {
        cx.invalid();
        return Ok(());
    }
    let mut offset = 1;
    let mut priority = 0;
    while offset <= 3 && cx.u8(at + offset)?.is_ascii_digit() {
        priority = priority * 10 + u32::from(cx.u8(at + offset)? - b'0');
        offset += 1;
    }
    if cx.u8(at + offset)? != b'>' {
        cx.invalid();
        return Ok(());
    }
    let facility = (priority & 0x3f8) >> 3;
    let name = name_of(FACILITIES, facility).map_or(format!("unknown ({facility})"), str::to_owned);
    let severity = priority & 7;
    let severity_name = SEVERITIES[severity as usize];
    if cx.verbose() == 0 {
        say!(cx, "SYSLOG {name}.{severity_name}, length: {length}");
        return Ok(());
    }
    say!(
        cx,
        "SYSLOG, length: {length}\n\tFacility {name} ({facility}), Severity {severity_name} ({severity})\n\tMsg: "
    );
    for offset in offset + 1..length {
        let byte = cx.u8(at + offset)?;
        cx.visible(byte);
    }
    if cx.verbose() > 1 {
        hex::unknown_data(cx, "\n\t", at, length)?;
    }
    Ok(())
}
