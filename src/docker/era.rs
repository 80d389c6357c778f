//! The generations of Docker that differ in what they build and print.
//! What follows from the differences is in the modules that ask.

/// A generation of Docker, each standing for one release.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Era {
    /// 17.06, whose containers have the VIP of their service on `eth0`.
    Article,
    /// 24.0: load balancer sandboxes, isolation in two stages.
    Classic,
    /// 29: random MACs, no isolation chains.
    #[default]
    Current,
}

impl std::str::FromStr for Era {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "article" => Ok(Self::Article),
            "classic" => Ok(Self::Classic),
            "current" => Ok(Self::Current),
            _ => Err("article, classic or current".to_owned()),
        }
    }
}
