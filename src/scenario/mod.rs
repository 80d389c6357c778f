//! F8: scenarios: a file that builds a network, drives traffic through it and says what must hold.
//! It opens no file and starts no thread: text comes in, a world runs, and what held goes out.
//!
//! The way of a file: [`read`] makes a [`schema::Scenario`] of its text, without judging it; the
//! judged form says what it means, and every fault of either is a [`Fault`] with a place.

pub mod checked;
mod expect;
mod fault;
pub mod hosts;
pub mod line;
pub mod names;
mod read;
pub mod report;
pub mod run;
pub mod schema;

pub use checked::{Checked, check};
pub use fault::{Fault, Place};
pub use read::{FILE_MAX, read};
pub use run::{Options, Report, run};
