//! A session's private directory: the socket, and a link to this binary for each tool.
//! It serves nothing; it is removed when dropped.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};

/// The longest path that a socket's address holds (`sun_path`, the smaller of the systems).
const SOCKET_PATH_MAX: usize = 100;

/// A directory of mode 0700 with a name that cannot be guessed.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
}

impl Directory {
    /// Makes one below the first of `places` where that is possible.
    pub(super) fn new(places: &[PathBuf]) -> io::Result<Self> {
        let name = format!("vethlab-{}", secret()?.get(..16).unwrap_or_default());
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for place in places {
            let path = place.join(&name);
            if path.as_os_str().len() + "/socket".len() > SOCKET_PATH_MAX || !path.is_absolute() {
                continue;
            }
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// The path of the socket.
    pub(super) fn socket(&self) -> PathBuf {
        self.path.join("socket")
    }

    /// The directory of the links.
    pub(super) fn bin(&self) -> PathBuf {
        self.path.join("bin")
    }

    /// The directory itself.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Links each tool's name to `binary`.
    pub(super) fn link<'a>(
        &self,
        binary: &Path,
        tools: impl Iterator<Item = &'a str>,
    ) -> io::Result<()> {
        DirBuilder::new().mode(0o700).create(self.bin())?;
        for tool in tools {
            symlink(binary, self.bin().join(tool))?;
        }
        Ok(())
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// 128 random bits from the system, in hexadecimal digits.
pub(super) fn secret() -> io::Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn directory_is_private_and_goes_with_its_value() {
        let directory = Directory::new(&[std::env::temp_dir(), "/tmp".into()]).unwrap();
        let path = directory.path().to_owned();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o700);
        directory
            .link(Path::new("/bin/true"), ["ip", "ping"].into_iter())
            .unwrap();
        let target = fs::read_link(directory.bin().join("ping")).unwrap();
        assert_eq!(target, Path::new("/bin/true"));
        drop(directory);
        assert!(!path.exists());
    }

    #[test]
    fn place_with_a_long_name_is_passed_over() {
        let long = PathBuf::from("/tmp").join("x".repeat(100));
        let directory = Directory::new(&[long, std::env::temp_dir(), "/tmp".into()]).unwrap();
        assert!(directory.path().exists());
        assert!(Directory::new(&["/nonexistent".into()]).is_err());
    }

    #[test]
    fn secrets_differ() {
        assert_ne!(secret().unwrap(), secret().unwrap());
        assert_eq!(secret().unwrap().len(), 32);
    }
}
