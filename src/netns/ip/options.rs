//! Options of IPv4 headers that record the way of a packet: Record Route and Internet Timestamp (RFC 791, 3.1).
//! Other options pass as they are; source routes are not followed.

use std::net::Ipv4Addr;

use crate::units::SimTime;

/// Length of a header without options.
const HEADER: usize = 20;
const END: u8 = 0;
const NOP: u8 = 1;
const RECORD_ROUTE: u8 = 7;
const TIMESTAMP: u8 = 68;
/// Milliseconds of a day: timestamps count from midnight.
const DAY_MS: u64 = 86_400_000;

/// The packet with options behind its header of 20 bytes, padded to whole words; as it was
/// where they are too long.
pub fn insert(packet: &[u8], options: &[u8]) -> Vec<u8> {
    let padded = options.len().next_multiple_of(4);
    let total = u16::try_from(packet.len() + padded);
    let (Some((header, payload)), Ok(total)) = (packet.split_at_checked(HEADER), total) else {
        return packet.to_vec();
    };
    if padded == 0 || padded > 40 {
        return packet.to_vec();
    }
    let mut longer = Vec::with_capacity(packet.len() + padded);
    longer.extend_from_slice(header);
    longer.extend_from_slice(options);
    longer.resize(HEADER + padded, END);
    longer.extend_from_slice(payload);
    longer[0] = 0x40 | ((HEADER + padded) / 4) as u8;
    longer[2..4].copy_from_slice(&total.to_be_bytes());
    longer
}

/// The options of a packet, where it has any.
pub fn of(packet: &[u8]) -> Option<&[u8]> {
    let len = 4 * usize::from(packet.first()? & 0x0f);
    packet
        .get(HEADER..len)
        .filter(|options| !options.is_empty())
}

/// Writes this node's address and time where the options have room for them
/// (`ip_options_compile`, `ip_options_build`, `ip_forward_options`). The checksum is left to mend.
pub fn record(packet: &mut [u8], here: Ipv4Addr, now: SimTime) {
    record_both(packet, here, here, now);
}

/// The same where a node in between has another address for the record of the route, that of the
/// device out, than for the timestamp, that of the device in.
pub fn record_both(packet: &mut [u8], here: Ipv4Addr, stamped: Ipv4Addr, now: SimTime) {
    let len = 4 * usize::from(packet.first().map_or(0, |first| first & 0x0f));
    let Some(options) = packet.get_mut(HEADER..len) else {
        return;
    };
    let mut at = 0;
    while let Some(&kind) = options.get(at) {
        if kind == END {
            return;
        }
        if kind == NOP {
            at += 1;
            continue;
        }
        let len = usize::from(options.get(at + 1).copied().unwrap_or(0));
        let Some(option) = options
            .get_mut(at..at + len)
            .filter(|option| option.len() >= 4)
        else {
            return;
        };
        match kind {
            RECORD_ROUTE => record_route(option, here),
            TIMESTAMP => record_time(option, stamped, now),
            _ => {}
        }
        at += len;
    }
}

/// Puts bytes where the pointer of an option points, and moves it; false where there is no room.
fn put(option: &mut [u8], bytes: &[u8]) -> bool {
    let Some(start) = usize::from(option[2])
        .checked_sub(1)
        .filter(|&start| start >= 3)
    else {
        return false;
    };
    let Some(room) = option.get_mut(start..start + bytes.len()) else {
        return false;
    };
    room.copy_from_slice(bytes);
    option[2] = option[2].saturating_add(bytes.len() as u8);
    true
}

fn record_route(option: &mut [u8], here: Ipv4Addr) {
    put(option, &here.octets());
}

/// By the flags: the time only, address and time, or the time of the nodes that the sender named.
fn record_time(option: &mut [u8], here: Ipv4Addr, now: SimTime) {
    let time = u32::try_from(now.as_millis() % DAY_MS)
        .unwrap_or(0)
        .to_be_bytes();
    let both = [here.octets(), time].concat();
    let done = match option[3] & 0x0f {
        0 => put(option, &time),
        1 => put(option, &both),
        3 => {
            let start = usize::from(option[2]).saturating_sub(1);
            match option.get(start..start + 4) {
                Some(named) if named == here.octets() => put(option, &both),
                Some(_) => true,
                None => false,
            }
        }
        _ => true,
    };
    if !done {
        // Nodes that found no room are counted in the upper four bits.
        let missed = (option[3] >> 4).saturating_add(1).min(15);
        option[3] = (option[3] & 0x0f) | (missed << 4);
    }
}

/// The options of an answer to a packet with these: the records go back and are continued
/// (`__ip_options_echo`).
pub fn echo(options: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    let mut at = 0;
    while let Some(&kind) = options.get(at) {
        let len = match kind {
            END => break,
            NOP => 1,
            _ => usize::from(options.get(at + 1).copied().unwrap_or(0)),
        };
        let Some(option) = options.get(at..at + len).filter(|_| len > 0) else {
            break;
        };
        if matches!(kind, RECORD_ROUTE | TIMESTAMP) {
            answer.extend_from_slice(option);
        }
        at += len;
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

    fn packet(options: &[u8]) -> Vec<u8> {
        let mut bare = vec![0; 28];
        bare[0] = 0x45;
        insert(&bare, options)
    }

    #[test]
    fn each_node_writes_its_address_until_the_room_is_used_up() {
        let mut packet = packet(&[NOP, RECORD_ROUTE, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!((packet[0], packet.len()), (0x48, 40));
        for last in 1..=3 {
            record(&mut packet, Ipv4Addr::new(10, 0, 0, last), SimTime::ZERO);
        }
        let want = [NOP, RECORD_ROUTE, 11, 12, 10, 0, 0, 1, 10, 0, 0, 2];
        assert_eq!(of(&packet), Some(&want[..]));
        assert_eq!(echo(&want), &want[1..]);
    }

    #[test]
    fn times_count_from_midnight_and_those_without_room_are_counted() {
        let mut packet = packet(&[TIMESTAMP, 8, 5, 0, 0, 0, 0, 0]);
        let now = SimTime::from_nanos(86_400_007 * 1_000_000);
        record(&mut packet, HERE, now);
        record(&mut packet, HERE, now);
        assert_eq!(of(&packet), Some(&[TIMESTAMP, 8, 9, 0x10, 0, 0, 0, 7][..]));
    }

    #[test]
    fn broken_options_change_nothing() {
        for options in [
            &[RECORD_ROUTE, 0, 4, 0][..],
            &[RECORD_ROUTE, 99, 4, 0],
            &[RECORD_ROUTE, 3, 4, 0],
            &[RECORD_ROUTE, 7, 0, 0, 0, 0, 0, 0],
            &[TIMESTAMP, 7, 255, 3, 0, 0, 0, 0],
        ] {
            let before = packet(options);
            let mut after = before.clone();
            record(&mut after, HERE, SimTime::ZERO);
            assert_eq!(after[..22], before[..22]);
            let _ = echo(options);
        }
        record(&mut [0x4f], HERE, SimTime::ZERO);
    }
}
