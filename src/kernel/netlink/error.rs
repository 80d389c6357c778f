//! The error of a request: an error number and, where the kernel gives one, its extended text.
//! The tools print the one or the other.

use std::borrow::Cow;
use std::fmt;

use crate::units::Errno;

/// What a request that fails gives.
pub type NlResult<T> = Result<T, NlError>;

/// Why a request failed; the network is as it was before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NlError {
    /// The error number.
    pub errno: Errno,
    /// The kernel's own words (`NLMSGERR_ATTR_MSG`), for some errors.
    pub extack: Option<Cow<'static, str>>,
}

impl NlError {
    /// An error with the kernel's own words.
    pub fn with_text(errno: Errno, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            errno,
            extack: Some(text.into()),
        }
    }
}

impl From<Errno> for NlError {
    fn from(errno: Errno) -> Self {
        Self {
            errno,
            extack: None,
        }
    }
}

impl fmt::Display for NlError {
    /// As iproute2 prints it: `Error: ..` with the kernel's words, `RTNETLINK answers: ..` without.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.extack {
            Some(text) if text.ends_with('.') => write!(f, "Error: {text}"),
            Some(text) => write!(f, "Error: {text}."),
            None => write!(f, "RTNETLINK answers: {}", self.errno),
        }
    }
}

impl std::error::Error for NlError {}
