//! The files that the options want written, and the replay of a trace.
//! Formats are the library's.

use std::io::Write;

use super::{Options, WRONG, fail, hosts_world};

/// The files that the options want written.
pub(super) fn sinks(options: &Options) -> Result<vethlab::session::Sinks, String> {
    use vethlab::capture::Header;

    let mut sinks = vethlab::session::Sinks::default();
    let hosts = match &options.hosts {
        Some(path) => std::fs::read_to_string(path).ok(),
        None => None,
    };
    let wrong = |path: &std::path::Path, error: std::io::Error| {
        format!("failed to write {}: {error}", path.display())
    };
    if let Some(path) = &options.trace {
        let header = Header {
            seed: options.seed,
            docker_era: options.docker_era.to_string(),
            hosts: hosts.clone(),
            scenario: None,
        };
        sinks
            .trace(path, &header)
            .map_err(|error| wrong(path, error))?;
    }
    if let Some(path) = &options.pcap {
        sinks.captures(path).map_err(|error| wrong(path, error))?;
    }
    if let Some(path) = &options.record {
        let recorded = sinks.record(path, options.seed, options.docker_era, hosts.as_deref());
        recorded.map_err(|error| wrong(path, error))?;
    }
    Ok(sinks)
}

/// `vethlab replay`: 0 where everything came again, 1 where something differs, 2 where the file is wrong.
pub(super) fn replay(trace: &std::path::Path) -> i32 {
    use vethlab::session::{Lab, Replayed};

    let replayed = vethlab::session::replay(trace, |header| {
        let world = match &header.hosts {
            Some(text) => {
                hosts_world(text.as_bytes(), header.seed).map_err(|mut all| all.remove(0))?
            }
            None => vethlab::kernel::World::new(header.seed),
        };
        let era = header.docker_era.parse().unwrap_or_default();
        Ok(Lab::new(world).with_docker(vethlab::docker::Engines::new(era)))
    });
    let mut out = std::io::stdout();
    match replayed {
        Ok(Replayed::Same(digest)) => {
            let _ = writeln!(out, "{}: the same again, sha256 {digest}", trace.display());
            0
        }
        Ok(Replayed::Differs {
            line,
            expected,
            got,
        }) => {
            let shown = trace.display();
            let _ = writeln!(
                out,
                "{shown}:{line}: the first difference\n- {expected}\n+ {got}"
            );
            1
        }
        Err(words) => {
            fail(&words);
            WRONG
        }
    }
}
