//! The entity that is measured: it adds up what it is told, and keeps that.

use async_channel::Sender;
use casty::journal::Journal;
use casty::persist::{Decision, EventSourced, Stored};
use casty::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(crate) struct Added(pub(crate) u64);

impl Stored for Added {
    const NAME: &'static str = "bench.Added";
}

pub(crate) enum Command {
    /// Persists that many events, one after the other, each when the one before is durable.
    Persist {
        events: u64,
        done: Sender<()>,
    },
    Sum(ReplyTo<u64>),
}

pub(crate) fn name(number: usize) -> String {
    format!("entity-{number}")
}

/// The event of that number.
pub(crate) const fn event(number: u64) -> Added {
    Added(number % 100_000)
}

pub(crate) fn entity(name: String, journal: Box<dyn Journal>) -> Behavior<Command> {
    let kept = EventSourced::new(name, journal, 0, |sum, Added(number)| sum + number);
    Behavior::event_sourced(kept, |_sum, ctx, command| match command {
        Command::Persist { events: 0, done } => {
            // Who measures has its end of the channel for as long as it waits.
            let _ = done.try_send(());
            Decision::none()
        }
        Command::Persist { events, done } => {
            let me = ctx.me();
            let next = move |_: &u64| me.tell(Command::Persist { events: events - 1, done });
            Decision::persist(event(events)).then(next)
        }
        Command::Sum(reply) => Decision::none().reply(reply, |sum| *sum),
    })
}
