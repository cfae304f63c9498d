//! A journal in a SQLite file: it survives the process, and the loss of power.
//!
//! ```text
//! open, append, snapshots, deletions ─▶ queue ─▶ the writer: all that waits, in one transaction ─▶ file
//! replay, load, entities, tagged ─────▶ queue ─▶ the readers, a page at a time ◀────────────────── file
//! ```
//!
//! It needs no runtime: its threads complete the futures that it gives, and any executor polls them. With the crate `casty` and
//! its feature `sqlite`, this crate is `casty::sqlite`.

mod open_error;
mod options;
mod schema;
mod file;

mod number;
mod recent;
mod names;
mod kinds;

mod request;
mod book;
mod writer;
mod gathering;
mod pages;
mod reader;
mod threads;
mod journal;

pub use journal::SqliteJournal;
pub use open_error::{OpenCause, OpenError};
pub use options::{Check, Durability, SqliteOptions};
