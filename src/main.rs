//! The command `vethlab`.

fn main() {}
