//! What machines share in PostgreSQL: the events of casty's entities, and leases.
//!
//! ```text
//! entities ─▶ Gate ─▶ Writer ── one statement for many ──▶ server      a thread of its own,
//!             Gate ─▶ Reader ── one question at a time ──▶ server      without a runtime
//! ```
#![doc = ""]
#![doc = include_str!("../README.md")]

mod settings_error;
mod settings;
mod refused;
mod fault;
mod backoff;
mod dialing;
mod schema;
mod statements;
mod line;
mod gate;
mod numbers;
mod change;
mod batch;
mod doubt;
mod writer;
mod question;
mod reader;
mod journal;
mod leases;

pub use journal::PostgresJournal;
pub use leases::PostgresLeases;
pub use refused::ConnectError;
pub use settings::Settings;
pub use settings_error::SettingsError;
