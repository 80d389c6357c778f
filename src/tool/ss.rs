//! `ss`: the headings of socket lists.
//! Sockets are not listed.

use crate::tool::getopt::{Opt, getopt};
use crate::tool::{Call, Failure, Outcome};

/// Runs `ss`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    answer(call, argv).unwrap_or_else(|failure| failure.report(call.console))
}

fn answer(call: &mut Call<'_>, argv: &[String]) -> Result<Outcome, Failure> {
    let (options, operands) = getopt(argv, "hVnrHOaloemipTsEbZzN:f:D:F:K46tuwdxSMQ0A:");
    let (mut heading, mut kinds, mut raw_only) = (true, 0u32, false);
    let mut state = operands.first().is_none_or(|word| *word != "state");
    for option in &options {
        match option {
            Opt::Flag('H') => heading = false,
            Opt::Flag('t' | 'u' | 'd' | 'S' | 'M') => kinds += 1,
            Opt::Flag('w') => (kinds, raw_only) = (kinds + 1, true),
            Opt::Flag('x' | '0') => kinds += 2,
            Opt::Flag('s' | 'E' | 'K') | Opt::Value('D' | 'F', _) => {
                return Err(Failure::not_simulated("this list of ss"));
            }
            Opt::Flag('V') => {
                call.console.out("ss utility, iproute2-6.1.0\n");
                return Ok(Outcome::Exit(0));
            }
            Opt::Flag('h') => return Err(usage("")),
            Opt::Flag('Z' | 'z') => return Err(Failure::line(1, "ss: SELinux is not enabled.")),
            Opt::Bad(why) => return Err(usage(&format!("ss: {why}"))),
            Opt::Flag(_) | Opt::Value(..) => {}
        }
    }
    state &= !(raw_only && kinds == 1);
    if kinds == 0 {
        // Of all kinds the kernel refuses one, and ss goes on.
        call.console.err("RTNETLINK answers: Invalid argument\n");
    }
    if heading {
        let netid = if kinds == 1 { "" } else { "Netid " };
        let state = if state { "State " } else { "" };
        call.console.out(format!(
            "{netid}{state}Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n"
        ));
    }
    Ok(Outcome::Exit(0))
}

fn usage(why: &str) -> Failure {
    Failure {
        stderr: format!("{why}Usage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]\n"),
        status: 255,
    }
}

#[cfg(test)]
mod tests {
    use crate::kernel::World;
    use crate::tool::Shell;

    #[test]
    fn the_heading_has_the_columns_that_are_asked_for() {
        let mut world = World::new(0);
        let mut shell = Shell::new(&mut world);
        let columns = "Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n";
        assert_eq!(shell.run("ss -tln").stdout, format!("State {columns}"));
        assert_eq!(
            shell.run("ss -tulpn").stdout,
            format!("Netid State {columns}")
        );
        assert_eq!(shell.run("ss -nt state established").stdout, columns);
        assert_eq!(shell.run("ss -H -t").stdout, "");
    }
}
