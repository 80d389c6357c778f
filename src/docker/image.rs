//! What is known of images by their names: the command that they run and the ports that they name.
//! There are no layers and no files: any name is an image.

/// What an image would run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Image {
    /// The command, as `docker ps` shows it.
    pub command: &'static [&'static str],
    /// The port of TCP that it names.
    pub port: Option<u16>,
    /// What runs in it.
    pub kind: Kind,
}

/// What runs in a container whose command is the image's own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A shell, which ends at once where nobody types.
    Shell,
    /// A server of web pages.
    Http,
    /// Something that goes on.
    Service,
    /// One that prints and ends.
    Once,
}

const IMAGES: &[(&str, Image)] = &[
    ("alpine", Image::new(&["/bin/sh"], None, Kind::Shell)),
    (
        "bash",
        Image::new(&["docker-entrypoint.sh", "bash"], None, Kind::Shell),
    ),
    ("busybox", Image::new(&["sh"], None, Kind::Shell)),
    ("centos", Image::new(&["/bin/bash"], None, Kind::Shell)),
    ("debian", Image::new(&["bash"], None, Kind::Shell)),
    ("fedora", Image::new(&["/bin/bash"], None, Kind::Shell)),
    ("ubuntu", Image::new(&["/bin/bash"], None, Kind::Shell)),
    ("netshoot", Image::new(&["zsh"], None, Kind::Shell)),
    ("python", Image::new(&["python3"], None, Kind::Shell)),
    (
        "node",
        Image::new(&["docker-entrypoint.sh", "node"], None, Kind::Shell),
    ),
    ("hello-world", Image::new(&["/hello"], None, Kind::Once)),
    (
        "nginx",
        Image::new(
            &["/docker-entrypoint.sh", "nginx", "-g", "daemon off;"],
            Some(80),
            Kind::Http,
        ),
    ),
    (
        "httpd",
        Image::new(&["httpd-foreground"], Some(80), Kind::Http),
    ),
    ("whoami", Image::new(&["/whoami"], Some(80), Kind::Http)),
    (
        "http-echo",
        Image::new(&["/http-echo"], Some(5678), Kind::Http),
    ),
    (
        "traefik",
        Image::new(&["/entrypoint.sh", "traefik"], Some(80), Kind::Http),
    ),
    (
        "redis",
        Image::new(
            &["docker-entrypoint.sh", "redis-server"],
            Some(6379),
            Kind::Service,
        ),
    ),
    (
        "postgres",
        Image::new(
            &["docker-entrypoint.sh", "postgres"],
            Some(5432),
            Kind::Service,
        ),
    ),
    (
        "mysql",
        Image::new(
            &["docker-entrypoint.sh", "mysqld"],
            Some(3306),
            Kind::Service,
        ),
    ),
    (
        "memcached",
        Image::new(
            &["docker-entrypoint.sh", "memcached"],
            Some(11211),
            Kind::Service,
        ),
    ),
    (
        "mongo",
        Image::new(
            &["docker-entrypoint.sh", "mongod"],
            Some(27017),
            Kind::Service,
        ),
    ),
];

impl Image {
    const fn new(command: &'static [&'static str], port: Option<u16>, kind: Kind) -> Self {
        Self {
            command,
            port,
            kind,
        }
    }

    /// What is known of an image; one that nobody knows goes on and names no port.
    ///
    /// ```
    /// use vethlab::docker::image::{Image, Kind};
    ///
    /// assert_eq!(Image::of("docker.io/library/nginx:1.25").port, Some(80));
    /// assert_eq!(Image::of("mine").kind, Kind::Service);
    /// ```
    pub fn of(reference: &str) -> Self {
        let name = reference.split('@').next().unwrap_or(reference);
        let name = name.rsplit('/').next().unwrap_or(name);
        let name = name.split(':').next().unwrap_or(name);
        let known = IMAGES.iter().find(|(known, _)| *known == name);
        known.map_or(
            Self::new(&["/bin/sh"], None, Kind::Service),
            |(_, image)| *image,
        )
    }
}

/// When and how a command ends by itself, where that is known: seconds and status.
pub fn ends(words: &[&str]) -> Option<(u64, i32)> {
    let (command, rest) = words.split_first()?;
    match command.rsplit('/').next().unwrap_or(command) {
        "true" | "echo" | "date" | "ls" | "cat" | "env" | "hostname" | "uname" | "id" | "pwd" => {
            Some((0, 0))
        }
        "false" => Some((0, 1)),
        "sleep" => {
            let seconds = rest.iter().map(|word| seconds(word));
            seconds.sum::<Option<u64>>().map(|sum| (sum, 0))
        }
        _ => None,
    }
}

/// `30`, `5m`, `1h`, `2d`; nothing for `infinity`.
fn seconds(word: &str) -> Option<u64> {
    let (digits, unit) = match word.strip_suffix(['s', 'm', 'h', 'd']) {
        Some(digits) => (digits, word.get(digits.len()..).unwrap_or("s")),
        None => (word, "s"),
    };
    let unit = match unit {
        "m" => 60,
        "h" => 3600,
        "d" => 86400,
        _ => 1,
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_known_by_the_last_part_of_their_name() {
        for name in [
            "alpine",
            "alpine:3.19",
            "library/alpine",
            "docker.io/library/alpine@sha256:00",
        ] {
            assert_eq!(Image::of(name).kind, Kind::Shell, "{name}");
        }
        assert_eq!(Image::of("traefik/whoami").command, ["/whoami"]);
    }

    #[test]
    fn commands_that_end_are_known() {
        assert_eq!(ends(&["sleep", "2m"]), Some((120, 0)));
        assert_eq!(ends(&["sleep", "infinity"]), None);
        assert_eq!(ends(&["/bin/false"]), Some((0, 1)));
        assert_eq!(ends(&["top"]), None);
        assert_eq!(ends(&[]), None);
    }
}
