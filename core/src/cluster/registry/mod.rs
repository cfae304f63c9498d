//! What is offered in the cluster: each node says what is here, and all come to know it.
//!
//! ```text
//! offers here ─▶ the own shelf ─ pieces ─▶ partners ─ pieces ─▶ theirs ─▶ came, gone
//!                                   ▲ a hash with each round; where two differ: how much each knows
//! ```
//!
//! A shelf is written by its node alone, so that nothing has to be merged: who knows more of it is right.

mod entry;
mod shelf;
mod word;
mod book;

pub(crate) use book::{Book, FANOUT, News};
pub(crate) use entry::{ENTRIES_MAX, Entry, TEXT_BYTES_MAX};
pub(crate) use word::Said;

#[cfg(test)]
mod model;
