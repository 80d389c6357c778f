//! Bridge protocol data units of IEEE 802.1D and 802.1w.
//! Of the units of MSTP and SPB only the head is shown.

use super::context::{Context, Result, bit_names, name_of, say};

const VERSIONS: &[(u32, &str)] = &[(0, "802.1d"), (2, "802.1w"), (3, "802.1s"), (4, "802.1aq")];

const TYPES: &[(u32, &str)] = &[
    (0x00, "Config"),
    (0x02, "Rapid STP"),
    (0x80, "Topology Change"),
];

const FLAGS: &[(u32, &str)] = &[
    (0x01, "Topology change"),
    (0x02, "Proposal"),
    (0x10, "Learn"),
    (0x20, "Forward"),
    (0x40, "Agreement"),
    (0x80, "Topology change ACK"),
];

const ROLES: &[(u32, &str)] = &[
    (0, "Unknown"),
    (1, "Alternate"),
    (2, "Root"),
    (3, "Designated"),
];

const RAPID: u8 = 2;
const CONFIG_LEN: usize = 35;

/// A BPDU (`stp_print`).
pub(super) fn stp(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    cx.protocol = "stp";
    if length < 4 {
        cx.invalid();
        return Ok(());
    }
    if cx.be16(at)? != 0 {
        say!(cx, "unknown STP version, length {length}");
        return Ok(());
    }
    let version = cx.u8(at + 2)?;
    match name_of(VERSIONS, u32::from(version)) {
        Some(name) => say!(cx, "STP {name}"),
        None => say!(cx, "STP Unknown STP protocol (0x{version:02x})"),
    }
    if !matches!(version, 0 | 2 | 3 | 4) {
        return Ok(());
    }
    let kind = cx.u8(at + 3)?;
    match name_of(TYPES, u32::from(kind)) {
        Some(name) => say!(cx, ", {name}"),
        None => say!(cx, ", Unknown BPDU Type (0x{kind:02x})"),
    }
    let (needed, prints) = match (kind, version) {
        (0x00, _) => (CONFIG_LEN, true),
        (0x02, RAPID) => (CONFIG_LEN + 1, true),
        (0x02, 3 | 4) => (102, false),
        _ => return Ok(()),
    };
    if length < needed {
        cx.invalid();
        return Ok(());
    }
    if prints {
        config(cx, at, length, version)
    } else {
        multiple(cx, at, length)
    }
}

/// A configuration BPDU, or a rapid one (`stp_print_config_bpdu`).
fn config(cx: &mut Context<'_>, at: usize, length: usize, version: u8) -> Result {
    let flags = u32::from(cx.u8(at + 4)?);
    say!(cx, ", Flags [{}]", bit_names(FLAGS, flags, ", ", "none"));
    say!(
        cx,
        ", bridge-id {}.{:04x}, length {length}",
        bridge_id(cx, at + 17)?,
        cx.be16(at + 25)?
    );
    if cx.verbose() == 0 {
        return Ok(());
    }
    say!(
        cx,
        "\n\tmessage-age {}, max-age {}, hello-time {}, forwarding-delay {}",
        seconds(cx.be16(at + 27)?),
        seconds(cx.be16(at + 29)?),
        seconds(cx.be16(at + 31)?),
        seconds(cx.be16(at + 33)?)
    );
    say!(
        cx,
        "\n\troot-id {}, root-pathcost {}",
        bridge_id(cx, at + 5)?,
        cx.be32(at + 13)?
    );
    if version == RAPID {
        let role = name_of(ROLES, (flags & 0x0c) >> 2).unwrap_or("Unknown");
        say!(cx, ", port-role {role}");
    }
    Ok(())
}

/// The head of a BPDU of multiple spanning trees (`stp_print_mstp_bpdu`).
fn multiple(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    if cx.u8(at + 35)? != 0 {
        cx.invalid();
        return Ok(());
    }
    let flags = u32::from(cx.u8(at + 4)?);
    say!(
        cx,
        ", CIST Flags [{}], length {length}",
        bit_names(FLAGS, flags, ", ", "none")
    );
    Ok(())
}

/// Priority and address of a bridge.
fn bridge_id(cx: &Context<'_>, at: usize) -> Result<String> {
    let priority = cx.be16(at)?;
    let address = super::names::hex_with_colons(cx.bytes(at + 2, 6)?);
    Ok(format!("{priority:04x}.{address}"))
}

/// A time in 256ths of a second, with two decimals.
fn seconds(ticks: u16) -> String {
    // Rounds half to even, as printf does; a 256th has at most eight decimals, so this is exact.
    let scaled = u32::from(ticks) * 100;
    let (whole, rest) = (scaled / 256, scaled % 256);
    let up = rest > 128 || (rest == 128 && whole % 2 == 1);
    let hundredths = whole + u32::from(up);
    format!("{}.{:02}s", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_rounded_as_printf_rounds() {
        assert_eq!(seconds(512), "2.00s");
        assert_eq!(seconds(1), "0.00s");
        assert_eq!(seconds(2), "0.01s");
        assert_eq!(seconds(32), "0.12s");
        assert_eq!(seconds(96), "0.38s");
    }
}
