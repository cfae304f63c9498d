//! Casty beside its rivals: the workloads, how to run them, what to make of figures.
//!
//! ```text
//! driver ─▶ one fresh process for each (contender, row, threads): bin/NAME ─▶ workloads ─▶ framework
//! ```
//!
//! Casty itself is a contender in the package `subject`, so that the rivals are not built anew when it changes.
//! A workload is written once, as [`Logic`](framework::Logic), and runs on whatever implements
//! [`Framework`](framework::Framework): what differs between two columns of a table is the framework.

mod allocator;
pub mod case;
pub mod census;
pub mod check;
pub mod driver;
pub mod framework;
pub mod on_smol;
pub mod on_tokio;
pub mod outcome;
pub mod pace;
pub mod raw;
pub mod row;
pub mod workloads;
