//! `mausezahn` of netsniff-ng, for raw frames: bytes as hexadecimal digits, sent by a packet socket.
//! Its builders of packets (`-t`, `-a`, `-b`, ...) and its interactive mode are not simulated.

use super::getopt::{Opt, getopt};
use super::{Call, Failure, Outcome};
use crate::netns::socket::SocketKind;
use crate::units::NetnsId;

/// Frames that one call sends at most.
const COUNT_MAX: u32 = 100_000;
/// What is shorter is filled up with zeros.
const SHORTEST: usize = 15;

/// Runs `mausezahn DEV HEX`: sends the frame as it stands, however broken it is.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    send(call, argv).unwrap_or_else(|failure| failure.report(call.console))
}

fn send(call: &mut Call<'_>, argv: &[String]) -> Result<Outcome, Failure> {
    let (options, operands) = getopt(argv, "qc:");
    let (mut quiet, mut count) = (false, 1);
    for option in &options {
        match option {
            Opt::Flag('q') => quiet = true,
            Opt::Value('c', word) => count = word.parse().map_err(|_| invalid())?,
            Opt::Flag(_) | Opt::Value(..) | Opt::Bad(_) => {
                return Err(Failure::not_simulated("mausezahn with more than -c and -q"));
            }
        }
    }
    let [device, digits @ ..] = operands.as_slice() else {
        return Err(invalid());
    };
    if count == 0 || count > COUNT_MAX {
        return Err(Failure::not_simulated("mausezahn without an end"));
    }
    let mut frame = bytes(&digits.concat()).ok_or_else(invalid)?;
    frame.resize(frame.len().max(SHORTEST), 0);
    let ifindex = call
        .world
        .ifindex(call.netns, device)
        .ok_or_else(no_device)?;
    transmit(call, call.netns, ifindex, &frame, count)?;
    if !quiet {
        call.console.err("0.00 seconds\n");
    }
    Ok(Outcome::Exit(0))
}

fn transmit(
    call: &mut Call<'_>,
    netns: NetnsId,
    ifindex: u32,
    frame: &[u8],
    count: u32,
) -> Result<(), Failure> {
    let kind = SocketKind::Packet {
        ifindex: Some(ifindex),
        // Nothing comes in by it.
        ethertype: 0,
    };
    let refused = |errno| Failure::line(1, format_args!("mausezahn: {errno}"));
    let socket = call.world.socket(netns, kind).map_err(refused)?;
    let done = (0..count).try_for_each(|_| call.world.send_frame(socket, ifindex, frame).map(drop));
    call.world.close_socket(socket);
    done.map_err(refused)
}

/// Pairs of hexadecimal digits, with colons or spaces between them or without.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = digits
        .bytes()
        .filter(|byte| !matches!(byte, b':' | b' ' | b'-'))
        .map(|byte| char::from(byte).to_digit(16))
        .map(|digit| digit.and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    if digits.is_empty() || !pairs.remainder().is_empty() {
        return None;
    }
    Some(pairs.map(|pair| pair[0] << 4 | pair[1]).collect())
}

fn invalid() -> Failure {
    Failure::line(1, "Invalid command line parameters!")
}

fn no_device() -> Failure {
    Failure::line(
        1,
        " mz/getopts: libnet_init() failed (libnet_check_iface() ioctl: No such device\n) Invalid command line parameters!",
    )
}

#[cfg(test)]
mod tests {
    use crate::kernel::World;
    use crate::tool::Shell;

    fn pair(world: &mut World) -> Shell<'_> {
        let mut shell = Shell::new(world);
        for line in [
            "ip link add va type veth peer name vb",
            "ip link set va up",
            "ip link set vb up",
        ] {
            assert_eq!(shell.run(line).status, 0);
        }
        shell
    }

    #[test]
    fn frame_goes_out_as_it_was_typed() {
        let mut world = World::new(0);
        let mut shell = pair(&mut world);
        shell.world().watch();
        let done =
            shell.run("mausezahn va -q -c 2 'ff:ff:ff:ff:ff:ff 02:00:00:00:00:01 88:b5 ca fe'");
        assert_eq!(done.status, 0, "{done:?}");
        let noted = shell.world().take_noted();
        let sent = noted.iter().filter(|noted| {
            noted
                .bytes
                .bytes()
                .ends_with(&[0, 0, 0, 0, 1, 0x88, 0xb5, 0xca, 0xfe])
        });
        assert!(sent.count() >= 2, "{noted:?}");
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        let mut world = World::new(0);
        let mut shell = pair(&mut world);
        for line in [
            "mausezahn",
            "mausezahn va zz",
            "mausezahn va abc",
            "mausezahn nobody aa",
        ] {
            assert_eq!(shell.run(line).status, 1, "{line}");
        }
        let long = "aa".repeat(1600);
        assert_eq!(shell.run(&format!("mausezahn va {long}")).status, 1);
        assert_eq!(shell.run("mausezahn va -t arp aa").status, 3);
    }
}
