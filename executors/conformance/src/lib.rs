//! What every executor must do, as sentences that any executor can be put to.
//!
//! A [`Sentence`] is an async function that takes an executor and says whether it holds. A test file says how to play one:
//!
//! ```
//! use casty_conformance::{Scene, Verdict, drive, executor_passes};
//! use casty_smol::Smol;
//!
//! fn threads(scene: Scene<Smol>) -> Verdict {
//!     drive(scene(Smol::threads(2)))
//! }
//! executor_passes!(threads: unwinding, other_threads, real_time, blocking);
//! # // The macro made tests, which do not run here; one sentence does.
//! # threads(casty_conformance::everywhere::SENTENCES[0].scene()).unwrap();
//! ```
//!
//! That makes a test of each sentence in [`everywhere`], and of those in the groups that are named: leave out what your executor has
//! not. Without the feature `hosted` the crate is `no_std` and has `everywhere` alone.

#![no_std]
#![warn(clippy::alloc_instead_of_core, clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

extern crate alloc;

mod scene;
mod stage;
mod ear;
mod yielding;
mod groups;

pub mod everywhere;

#[cfg(feature = "hosted")]
mod hosted;

#[cfg(feature = "hosted")]
pub use hosted::{blocking, drive, hold, other_threads, real_time, unwinding, verdict};
pub use scene::{Failure, Playing, Put, Scene, Sentence, Subject, Verdict};

use groups::__table;
