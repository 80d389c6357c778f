//! What ping calls an ICMP or ICMPv6 message, and the numbers that it prints.
//! Which message is its own is decided elsewhere.

use std::net::Ipv4Addr;

/// The words for an ICMP message, newline included (`pr_icmph`). `info` is the MTU, the pointer
/// or the gateway; `name` prints an address.
pub(super) fn icmp4(kind: u8, code: u8, info: u32, name: impl Fn(Ipv4Addr) -> String) -> String {
    let words = match kind {
        0 => "Echo Reply",
        3 => return unreachable4(code, info),
        4 => "Source Quench",
        5 => return redirect4(code, &name(Ipv4Addr::from(info))),
        8 => "Echo Request",
        11 => match code {
            0 => "Time to live exceeded",
            1 => "Frag reassembly time exceeded",
            _ => return format!("Time exceeded, Bad Code: {code}\n"),
        },
        12 => return format!("Parameter problem: pointer = {info}\n"),
        13 => "Timestamp",
        14 => "Timestamp Reply",
        15 => "Information Request",
        16 => "Information Reply",
        17 => "Address Mask Request",
        18 => "Address Mask Reply",
        _ => return format!("Bad ICMP type: {kind}\n"),
    };
    format!("{words}\n")
}

fn unreachable4(code: u8, mtu: u32) -> String {
    let words = match code {
        0 => "Destination Net Unreachable",
        1 => "Destination Host Unreachable",
        2 => "Destination Protocol Unreachable",
        3 => "Destination Port Unreachable",
        4 => return format!("Frag needed and DF set (mtu = {mtu})\n"),
        5 => "Source Route Failed",
        6 => "Destination Net Unknown",
        7 => "Destination Host Unknown",
        8 => "Source Host Isolated",
        9 => "Destination Net Prohibited",
        10 => "Destination Host Prohibited",
        11 => "Destination Net Unreachable for Type of Service",
        12 => "Destination Host Unreachable for Type of Service",
        13 => "Packet filtered",
        14 => "Precedence Violation",
        15 => "Precedence Cutoff",
        _ => return format!("Dest Unreachable, Bad Code: {code}\n"),
    };
    format!("{words}\n")
}

fn redirect4(code: u8, gateway: &str) -> String {
    let what = match code {
        0 => "Redirect Network".to_owned(),
        1 => "Redirect Host".to_owned(),
        2 => "Redirect Type of Service and Network".to_owned(),
        3 => "Redirect Type of Service and Host".to_owned(),
        _ => format!("Redirect, Bad Code: {code}"),
    };
    format!("{what}(New nexthop: {gateway})\n")
}

/// The words for an ICMPv6 message, without a newline (`print_icmp`).
pub(super) fn icmp6(kind: u8, code: u8, info: u32) -> String {
    match kind {
        1 => format!("Destination unreachable: {}", unreachable6(code)),
        2 if code == 0 => format!("Packet too big: mtu={info}"),
        2 => format!("Packet too big: mtu={info}, code={code}"),
        3 => format!("Time exceeded: {}", exceeded6(code)),
        4 => format!("Parameter problem: {}at {info}", problem6(code)),
        128 => "Echo request".to_owned(),
        129 => "Echo reply".to_owned(),
        130 => "MLD Query".to_owned(),
        131 => "MLD Report".to_owned(),
        132 => "MLD Reduction".to_owned(),
        _ => format!("unknown icmp type: {kind}"),
    }
}

fn unreachable6(code: u8) -> String {
    match code {
        0 => "No route".to_owned(),
        1 => "Administratively prohibited".to_owned(),
        2 => "Beyond scope of source address".to_owned(),
        3 => "Address unreachable".to_owned(),
        4 => "Port unreachable".to_owned(),
        _ => format!("Unknown code {code}"),
    }
}

fn exceeded6(code: u8) -> String {
    match code {
        0 => "Hop limit".to_owned(),
        1 => "Defragmentation failure".to_owned(),
        _ => format!("code {code}"),
    }
}

fn problem6(code: u8) -> String {
    match code {
        0 => "Wrong header field ".to_owned(),
        1 => "Unknown header ".to_owned(),
        2 => "Unknown option ".to_owned(),
        _ => format!("code {code} "),
    }
}

/// A round trip as a reply shows it: three decimals below 1 ms, two below 10, one below 100.
pub(super) fn round_trip(us: i64) -> String {
    match us {
        99_950.. => format!(" time={} ms", (us + 500) / 1_000),
        9_995.. => {
            let us = us + 50;
            format!(" time={}.{} ms", us / 1_000, us % 1_000 / 100)
        }
        1_000.. => {
            let us = us + 5;
            format!(" time={}.{:02} ms", us / 1_000, us % 1_000 / 10)
        }
        _ => format!(" time={}.{:03} ms", us / 1_000, us % 1_000),
    }
}

/// Microseconds as milliseconds with three decimals.
pub(super) fn millis(us: i64) -> String {
    format!("{}.{:03}", us / 1_000, us % 1_000)
}

/// The share `part` of `whole` in percent, as C's `%g` prints it: six digits, no zeros at the end.
pub(super) fn percent(part: u64, whole: u64) -> String {
    let (part, whole) = (u128::from(part) * 100, u128::from(whole.max(1)));
    let int_digits = (part / whole).to_string().len();
    // Zeros behind the point do not count as digits.
    let mut decimals = 6_usize.saturating_sub(int_digits);
    if part > 0 && part < whole {
        let mut scaled = part * 10;
        decimals = 6;
        while scaled < whole && decimals < 20 {
            scaled *= 10;
            decimals += 1;
        }
    }
    let scale = 10_u128.pow(u32::try_from(decimals).unwrap_or(20));
    let rounded = (part * scale * 2 + whole) / (whole * 2);
    let text = format!("{}.{:0decimals$}", rounded / scale, rounded % scale);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_lose_decimals_as_they_grow() {
        let shown = [
            (56, " time=0.056 ms"),
            (999, " time=0.999 ms"),
            (1_018, " time=1.02 ms"),
            (9_994, " time=9.99 ms"),
            (9_995, " time=10.0 ms"),
            (99_949, " time=99.9 ms"),
            (99_950, " time=100 ms"),
            (1_000_499, " time=1000 ms"),
        ];
        for (us, want) in shown {
            assert_eq!(round_trip(us), want);
        }
    }

    #[test]
    fn percentages_have_six_digits() {
        let shown = [
            (0, 3, "0"),
            (1, 3, "33.3333"),
            (2, 3, "66.6667"),
            (3, 3, "100"),
            (1, 7, "14.2857"),
            (1, 8, "12.5"),
            (1, 1_000, "0.1"),
            (1, 700, "0.142857"),
            (1, 7_000, "0.0142857"),
        ];
        for (part, whole, want) in shown {
            assert_eq!(percent(part, whole), want);
        }
    }

    #[test]
    fn messages_are_called_as_ping_calls_them() {
        let plain = |ip: Ipv4Addr| ip.to_string();
        assert_eq!(
            icmp4(3, 4, 1_400, plain),
            "Frag needed and DF set (mtu = 1400)\n"
        );
        let gateway = u32::from(Ipv4Addr::new(10, 0, 0, 254));
        assert_eq!(
            icmp4(5, 1, gateway, plain),
            "Redirect Host(New nexthop: 10.0.0.254)\n"
        );
        assert_eq!(
            icmp6(1, 3, 0),
            "Destination unreachable: Address unreachable"
        );
        assert_eq!(icmp6(3, 0, 0), "Time exceeded: Hop limit");
        assert_eq!(icmp6(4, 1, 40), "Parameter problem: Unknown header at 40");
    }
}
