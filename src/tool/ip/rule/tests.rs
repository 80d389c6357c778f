//! Transcripts of a Linux 6.18 kernel with iproute2 6.1, played against the tool.
//! They were recorded with the same words; nothing of them is made up.

use crate::tool::ip::lab::plays;

#[test]
fn rules_order_select_and_send() {
    plays(include_str!("transcripts/rules.txt"));
}

#[test]
fn every_word_of_the_language_is_read() {
    plays(include_str!("transcripts/words.txt"));
}
