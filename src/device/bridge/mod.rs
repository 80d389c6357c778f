//! A learning bridge (IEEE 802.1D).
//! It decides where frames go; it sends nothing.

/// To come.
#[derive(Clone, Debug, Default)]
pub struct Bridge;
