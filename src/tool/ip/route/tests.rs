//! Transcripts of a Linux 6.18 kernel with iproute2 6.1, played against the tool.
//! They were recorded with the same words; nothing of them is made up.

use crate::tool::ip::lab::plays;

#[test]
fn what_is_wrong_is_told_in_the_words_of_iproute2_and_the_kernel() {
    plays(include_str!("transcripts/errors.txt"));
}

#[test]
fn lookups_answer_as_the_kernel_does() {
    plays(include_str!("transcripts/get.txt"));
}

#[test]
fn routes_of_several_ways_live_and_die_with_their_devices() {
    plays(include_str!("transcripts/multipath.txt"));
}

#[test]
fn selectors_choose_routes() {
    plays(include_str!("transcripts/show.txt"));
}

#[test]
fn types_scopes_metrics_and_tables_are_kept_and_printed() {
    plays(include_str!("transcripts/types.txt"));
}

#[test]
fn every_word_of_the_language_is_read() {
    plays(include_str!("transcripts/words.txt"));
}

#[test]
fn routes_of_ipv6_come_go_and_answer_as_in_the_kernel() {
    plays(include_str!("transcripts/ipv6.txt"));
}

#[test]
fn routes_follow_addresses_and_their_devices() {
    plays(include_str!("transcripts/addresses.txt"));
}

#[test]
fn a_source_that_is_gone_takes_the_routes_of_the_main_table_along() {
    plays(include_str!("transcripts/sources.txt"));
}

#[test]
fn ways_and_rules_of_ipv6_are_those_of_the_kernel() {
    plays(include_str!("transcripts/ways6.txt"));
}

#[test]
fn abbreviations_colours_and_odd_destinations_are_understood() {
    plays(include_str!("transcripts/abbreviations.txt"));
}

#[test]
fn network_zero_is_a_network_but_for_its_first_address() {
    plays(include_str!("transcripts/zeronet.txt"));
}
