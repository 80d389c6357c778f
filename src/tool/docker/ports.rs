//! Ports as `-p` takes them and as `docker ps` and `docker port` show them.
//! Which port is free is the engine's business.

use std::net::IpAddr;

use crate::docker::image::Image;
use crate::docker::{Container, Era, Port};

/// The ports that one `-p` publishes.
///
/// # Errors
/// The words of the complaint.
pub(super) fn publish(text: &str) -> Result<Vec<Port>, String> {
    let (rest, proto) = protocol(text)?;
    let (head, inside) = match rest.rsplit_once(':') {
        Some((head, inside)) => (Some(head), inside),
        None => (None, rest),
    };
    let (address, outside) = match head {
        None => (None, ""),
        Some(head) => host_part(head)?,
    };
    let inside = range(inside).ok_or_else(|| format!("invalid containerPort: {inside}"))?;
    let outside = match outside {
        "" => None,
        text => Some(range(text).ok_or_else(|| format!("invalid hostPort: {text}"))?),
    };
    let count = inside.1 - inside.0;
    if outside.is_some_and(|outside| outside.1 - outside.0 != count) && count > 0 {
        return Err(
            "invalid ranges specified for container and host Ports: lengths differ".to_owned(),
        );
    }
    let port = |step: u16| Port {
        proto,
        inside: inside.0 + step,
        outside: Some((address, outside.map_or(0, |outside| outside.0 + step))),
    };
    Ok((0..=count).map(port).collect())
}

/// The ports that one `--expose` names.
pub(super) fn expose(text: &str) -> Result<Vec<Port>, String> {
    let (rest, proto) = protocol(text)?;
    let (first, last) =
        range(rest).ok_or_else(|| format!("invalid range format for --expose: {text}"))?;
    let port = |inside| Port {
        proto,
        inside,
        outside: None,
    };
    Ok((first..=last).map(port).collect())
}

fn protocol(text: &str) -> Result<(&str, &'static str), String> {
    match text.split_once('/') {
        None => Ok((text, "tcp")),
        Some((rest, proto)) => match proto.to_lowercase().as_str() {
            "tcp" => Ok((rest, "tcp")),
            "udp" => Ok((rest, "udp")),
            other => Err(format!("invalid proto: {other}")),
        },
    }
}

/// `8080`, `127.0.0.1:8080`, `127.0.0.1:`, `[::1]:8080`.
fn host_part(head: &str) -> Result<(Option<IpAddr>, &str), String> {
    let Some((address, port)) = head.rsplit_once(':') else {
        return match head.parse() {
            // `127.0.0.1::80` leaves the address alone here, cut at its first colon.
            Ok(address) => Ok((Some(address), "")),
            Err(_) => Ok((None, head)),
        };
    };
    let plain = address.trim_start_matches('[').trim_end_matches(']');
    let parsed = plain
        .parse()
        .map_err(|_| format!("invalid IP address: {plain}"))?;
    Ok((Some(parsed), port))
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first > 0 && first <= last).then_some((first, last))
}

/// The column PORTS.
pub(super) fn shown(era: Era, container: &Container) -> String {
    if !container.is_running() {
        return String::new();
    }
    let mut found: Vec<(u16, &str, String)> = Vec::new();
    for bound in &container.bound {
        let to = format!("{}->{}/{}", bound.outside, bound.inside, bound.proto);
        let text = match (bound.address, era) {
            (Some(IpAddr::V6(address)), _) => format!("[{address}]:{to}"),
            (Some(address), _) => format!("{address}:{to}"),
            (None, Era::Article) => format!("0.0.0.0:{to}"),
            (None, Era::Classic) => format!("0.0.0.0:{to}, :::{to}"),
            (None, Era::Current) => format!("0.0.0.0:{to}, [::]:{to}"),
        };
        found.push((bound.inside, bound.proto, text));
    }
    for (inside, proto) in exposed(container) {
        if !container
            .bound
            .iter()
            .any(|bound| (bound.inside, bound.proto) == (inside, proto))
        {
            found.push((inside, proto, format!("{inside}/{proto}")));
        }
    }
    found.sort();
    let texts: Vec<String> = found.into_iter().map(|(_, _, text)| text).collect();
    texts.join(", ")
}

/// The ports that a container and its image name.
pub(super) fn exposed(container: &Container) -> Vec<(u16, &'static str)> {
    let own = container
        .spec
        .ports
        .iter()
        .map(|port| (port.inside, port.proto));
    let image = Image::of(&container.spec.image)
        .port
        .map(|port| (port, "tcp"));
    let mut all: Vec<_> = own.chain(image).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_ports_have_all_their_forms() {
        let one = |text: &str| publish(text).map(|ports| ports[0].clone());
        let outside = |text: &str| one(text).unwrap().outside;
        assert_eq!(outside("8080:80"), Some((None, 8080)));
        assert_eq!(outside("80"), Some((None, 0)));
        assert_eq!(
            outside("127.0.0.1:8080:80/udp"),
            Some(("127.0.0.1".parse().ok(), 8080))
        );
        assert_eq!(
            outside("127.0.0.1::80"),
            Some(("127.0.0.1".parse().ok(), 0))
        );
        assert_eq!(outside("[::1]:8080:80"), Some(("::1".parse().ok(), 8080)));
        assert_eq!(one("53:53/udp").unwrap().proto, "udp");
        assert_eq!(publish("8000-8002:80-82").unwrap().len(), 3);
        for text in [
            "",
            "a:80",
            "80:a",
            "1.2.3:80:80",
            "8000-8001:80-83",
            "80:70000",
            "80/xyz",
        ] {
            assert!(publish(text).is_err(), "{text}");
        }
    }
}
