//! The workloads, by Savina's definitions where it has them; each checks its work.

mod asks;
mod bank;
mod big;
mod bounded;
mod chameneos;
mod counting;
mod memory;
mod ping_pong;
mod ring;
mod roster;
mod skynet;
mod spawn;

use crate::case::Case;
use crate::framework::{Asks, Bounded, Framework};
use crate::outcome::Outcome;
use crate::row::Row;

pub use bounded::work;
pub use memory::{Footprint, actors_in};

/// Actors in the workload `big`.
pub const BIG_ACTORS: u32 = 120;
/// Creatures in the workload `chameneos`.
pub const CREATURES: u32 = 100;
/// Accounts in the workload `bank`.
pub const ACCOUNTS: u32 = 1_000;
/// Those who ask at the same time.
pub const ASKERS: u64 = 1_000;
/// The limit of the mailbox in the workload `bounded`.
pub const ROOM: usize = 1_024;

/// Measures a row for which telling is enough.
#[must_use]
pub fn telling<F: Framework>(case: Case) -> Outcome {
    let Case { row, threads, size } = case;
    match row {
        Row::Tell => F::run(threads, move |system| counting::tell::<F>(system, case)),
        Row::TellActor => F::run(threads, move |system| counting::from_actors::<F>(system, 1, size)),
        Row::FanIn => F::run(threads, move |system| counting::from_actors::<F>(system, 4, size)),
        Row::PingPong => F::run(threads, move |system| ping_pong::run::<F>(system, size)),
        Row::Ring100 => F::run(threads, move |system| ring::run::<F>(system, 100, size)),
        Row::Ring10k => F::run(threads, move |system| ring::run::<F>(system, 10_000, size)),
        Row::Spawn => F::run(threads, move |system| spawn::run::<F>(system, case)),
        Row::Memory => F::run(threads, move |system| memory::run::<F>(system, size)),
        Row::Skynet => F::run(threads, move |system| skynet::run::<F>(system, size)),
        Row::Big => F::run(threads, move |system| big::run::<F>(system, size)),
        Row::Chameneos => F::run(threads, move |system| chameneos::run::<F>(system, size)),
        Row::Bank => F::run(threads, move |system| bank::run::<F>(system, size)),
        Row::AskActor | Row::AskTask | Row::Ask1000 | Row::Ask1000Task => Outcome::cannot("it has no ask"),
        Row::Bounded => Outcome::cannot("no sender can wait for room in its mailboxes"),
    }
}

/// Measures a row for which an actor must answer, and those of [`telling`].
#[must_use]
pub fn asking<F: Asks>(case: Case) -> Outcome {
    let Case { row, threads, size } = case;
    match row {
        Row::AskActor => F::run(threads, move |system| asks::from_actor::<F>(system, size)),
        Row::AskTask => F::run(threads, move |system| asks::from_task::<F>(system, size)),
        Row::Ask1000 if F::MANY_ACTORS => F::run(threads, move |system| asks::actors::<F>(system, size)),
        Row::Ask1000 | Row::Ask1000Task => F::run(threads, move |system| asks::tasks::<F>(system, size)),
        _ => telling::<F>(case),
    }
}

/// Measures any row.
#[must_use]
pub fn all<F: Asks + Bounded>(case: Case) -> Outcome {
    match case.row {
        Row::Bounded => F::run(case.threads, move |system| bounded::run::<F>(system, case.size)),
        _ => asking::<F>(case),
    }
}
