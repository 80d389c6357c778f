//! The name of a device: what the kernel takes for one, held inline.
//! It does not know which names are in use.

use std::fmt;
use std::str::FromStr;

/// A device name: 1 to 15 bytes without space, slash or colon, and neither `.`
/// nor `..` (`dev_valid_name`).
///
/// ```
/// use vethlab::units::IfName;
///
/// let name: IfName = "veth1".parse().expect("a fine name");
/// assert_eq!(name.as_str(), "veth1");
/// assert!("a name that is far too long".parse::<IfName>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IfName {
    bytes: [u8; 16],
}

/// Why a string is no device name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IfNameError {
    /// It is empty, has a character that names may not have, or is `.` or `..`.
    #[error("not a valid ifname")]
    Invalid,
    /// It has more than 15 bytes.
    #[error("name is longer than 15 bytes")]
    TooLong,
}

impl IfName {
    /// The name as a string.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or("?")
    }

    /// The bytes of the name.
    pub fn as_bytes(&self) -> &[u8] {
        let len = self.bytes.iter().position(|&b| b == 0).unwrap_or(16);
        &self.bytes[..len]
    }
}

impl FromStr for IfName {
    type Err = IfNameError;

    fn from_str(name: &str) -> Result<Self, IfNameError> {
        let odd =
            |c: char| c == '/' || c == ':' || c == '\0' || c.is_ascii_whitespace() || c == '\x0b';
        if name.is_empty() || name == "." || name == ".." || name.contains(odd) {
            return Err(IfNameError::Invalid);
        }
        if name.len() > 15 {
            return Err(IfNameError::TooLong);
        }
        let mut bytes = [0; 16];
        bytes[..name.len()].copy_from_slice(name.as_bytes());
        Ok(Self { bytes })
    }
}

impl fmt::Display for IfName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for IfName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_bytes_fit_and_sixteen_do_not() {
        assert!("123456789012345".parse::<IfName>().is_ok());
        assert_eq!(
            "1234567890123456".parse::<IfName>(),
            Err(IfNameError::TooLong)
        );
    }

    #[test]
    fn slashes_colons_spaces_and_dots_are_refused() {
        for name in ["a/b", "a:b", "a b", ".", "..", "", "a\tb"] {
            assert_eq!(
                name.parse::<IfName>(),
                Err(IfNameError::Invalid),
                "{name:?}"
            );
        }
    }
}
