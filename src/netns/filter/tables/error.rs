//! Why a table could not be changed, as `iptables` says it.
//! What is refused when is in `change`.

use std::fmt;

/// Why a table could not be changed, in the words of `iptables`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FilterError {
    /// There is no such chain.
    NoChain,
    /// There is a chain of that name.
    ChainExists,
    /// There is a chain of the new name.
    FileExists,
    /// Rules go there, or it has rules.
    Busy(String),
    /// The chain of a hook whose policy drops is not removed.
    NotEmpty,
    /// The counters of a chain that is not there cannot be zeroed together with a listing.
    NotZeroed(String),
    /// Only a chain of a hook has a policy.
    BadBuiltin,
    /// Neither `ACCEPT` nor `DROP`.
    BadPolicy,
    /// There is no such place.
    InsertIndex,
    /// There is no such rule.
    ReplaceIndex,
    /// There is no such rule.
    DeleteIndex,
    /// No rule is equal.
    BadRule,
    /// The kernel refuses a rule: what was done, the words of the error, the chain.
    Refused(&'static str, &'static str, String),
    /// The chain that a rule goes on in is not there.
    NoTarget(String),
    /// There is no such table.
    NoTable(String),
    /// It cannot be listed: why.
    Unlisted(String),
}

impl FilterError {
    /// The exit status of `iptables`.
    pub fn status(&self) -> u8 {
        match self {
            Self::Busy(_) | Self::NotZeroed(_) | Self::Refused(..) => 4,
            Self::NoTarget(_) => 2,
            Self::NoTable(_) => 3,
            _ => 1,
        }
    }

    /// Whether the tool's version stands in front of the text.
    pub fn is_versioned(&self) -> bool {
        self.status() != 1 || matches!(self, Self::Unlisted(_))
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoChain => "No chain/target/match by that name.",
            Self::ChainExists => "Chain already exists.",
            Self::FileExists => "File exists.",
            Self::BadBuiltin => "Bad built-in chain name.",
            Self::BadPolicy => "Bad policy name. Run `dmesg' for more information.",
            Self::InsertIndex => "Index of insertion too big.",
            Self::ReplaceIndex => "Index of replacement too big.",
            Self::DeleteIndex => "Index of deletion too big.",
            Self::BadRule => "Bad rule (does a matching rule exist in that chain?).",
            Self::NotEmpty => "Directory not empty.",
            Self::NotZeroed(chain) => {
                return write!(
                    f,
                    " CHAIN_ZERO failed (No such file or directory): chain {chain}"
                );
            }
            Self::Busy(chain) => {
                return write!(
                    f,
                    " CHAIN_DEL failed (Device or resource busy): chain {chain}"
                );
            }
            Self::Refused(what, why, chain) => {
                return write!(f, " {what} failed ({why}): rule in chain {chain}");
            }
            Self::NoTarget(chain) => return write!(f, "Chain '{chain}' does not exist"),
            Self::Unlisted(text) => text,
            Self::NoTable(table) => {
                return write!(
                    f,
                    "table '{table}' does not exist\nPerhaps iptables or your kernel needs to be upgraded."
                );
            }
        })
    }
}

impl std::error::Error for FilterError {}
