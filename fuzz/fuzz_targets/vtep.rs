//! libFuzzer's way to the target `vtep`, which `tests/fuzz/entry` has.
#![no_main]

#[path = "../../tests/fuzz/entry/mod.rs"]
mod entry;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entry::run("vtep", bytes));
