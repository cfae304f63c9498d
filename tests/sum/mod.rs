//! An entity that sums up, and a journal that can be made to fail.

#![allow(dead_code, reason = "each test binary uses its part of it")]

use casty::journal::{EntityId, Journal, MemoryJournal, Sequence};
use casty::persist::{Decision, EventSourced, Stored};
use casty::prelude::*;
use casty::simulation::{Faults, FaultyJournal, Host, Simulation, sweep_over};
use serde::{Deserialize, Serialize};

#[derive(Debug)]
pub(crate) enum Sum {
    Add(u64, ReplyTo<u64>),
    Total(ReplyTo<u64>),
    Fail,
}

#[derive(Serialize, Deserialize, Clone)]
pub(crate) struct Added(pub(crate) u64);

impl Stored for Added {
    const NAME: &'static str = "sum.Added";
}

#[derive(Serialize, Deserialize, Clone, Default, PartialEq, Debug)]
pub(crate) struct Total(pub(crate) u64);

impl Stored for Total {
    const NAME: &'static str = "sum.Total";
}

pub(crate) fn kept(journal: impl Journal) -> EventSourced<Added, Total> {
    EventSourced::new("sum", journal, Total(0), |Total(sum), Added(number)| Total(sum + number))
}

pub(crate) fn sum(kept: EventSourced<Added, Total>) -> Behavior<Sum> {
    Behavior::event_sourced(kept, |_, _, command| match command {
        Sum::Add(number, reply) => Decision::persist(Added(number)).reply(reply, |total: &Total| total.0),
        Sum::Total(reply) => Decision::none().reply(reply, |total: &Total| total.0),
        Sum::Fail => std::panic::resume_unwind(Box::new("planned")),
    })
}

/// Plays a scene in many orders, with a journal that can be made to fail, and the one that is in it.
pub(crate) fn played(scene: impl AsyncFn(ActorSystem, FaultyJournal<MemoryJournal>, MemoryJournal)) {
    sweep_over(0..16, |simulation: Simulation| {
        simulation.run(|host: Host| {
            let memory = MemoryJournal::new();
            let faulty = FaultyJournal::new(host.clone(), memory.clone());
            scene(ActorSystem::on(host).name("test").start().unwrap(), faulty, memory)
        });
    });
}

/// Outlasts a journal that fails for a while.
pub(crate) fn patient() -> Supervision {
    OneForOne::restarts(u32::MAX, mins(1)).backoff(Backoff::new(millis(10), secs(1)))
}

/// Answers after a while.
pub(crate) const SLOW: Faults =
    Faults { failed_permille: 0, unknown_permille: 0, late_permille: 0, delay_max: millis(5) };

pub(crate) const FAILING: Faults =
    Faults { failed_permille: 1_000, unknown_permille: 0, late_permille: 0, delay_max: millis(0) };

pub(crate) async fn add(actor: &ActorRef<Sum>, number: u64) -> Result<u64, AskError> {
    actor.ask(|reply| Sum::Add(number, reply), secs(10)).await
}

pub(crate) async fn total(actor: &ActorRef<Sum>) -> Result<u64, AskError> {
    actor.ask(Sum::Total, secs(10)).await
}

pub(crate) async fn events(memory: &MemoryJournal) -> usize {
    memory.replay(&EntityId::new("sum"), Sequence::START, 1_000).await.unwrap().len()
}
