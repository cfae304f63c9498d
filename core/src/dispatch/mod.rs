//! Core's own scheduler: which actor runs next, on which worker.
//!
//! ```text
//!            tell to an idle actor                     the executor polls
//!                     │                                        │
//!  on a worker ───────┼──▶ its slot ──▶ its queue ──┐          ▼
//!                     │                             ├──▶ Worker ──▶ Run::run ──▶ parked, or queued again
//!  elsewhere ─────────┴──▶ shared queue ────────────┘          │
//!                                                              ▼
//!                                       nothing to run: Sleepers, until a push wakes one
//! ```
//!
//! An actor is at any moment in exactly one place: parked in its own mailbox, in a queue, or on a worker's
//! stack. So it has one owner, and no state of its own says whether it runs.

mod run;
mod chance;
mod crew;
mod local;
mod queues;
mod sleepers;
mod worker;
mod lookout;
mod task;
#[cfg(all(test, loom))]
mod loom;

pub(crate) use crew::Crew;
pub(crate) use lookout::Lookout;
pub(crate) use queues::Queues;
pub(crate) use run::{Rest, Run, Runnable, Turn, Visit};
pub(crate) use task::{End, Schedule, Spawned, TaskHandle};
pub(crate) use worker::{Employer, Worker};
