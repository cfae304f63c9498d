//! The clerk: an entity that knows how many transfers are settled.

use casty::persist::{Decision, EventSourced, Stored};
use casty::prelude::*;
use casty::sqlite::SqliteJournal;
use serde::{Deserialize, Serialize};

pub(crate) enum Clerk {
    /// How many transfers are settled, from the first one on.
    Settled(ReplyTo<u64>),
    /// All before `end` are.
    Settle { end: u64, reply: ReplyTo<u64> },
}

#[derive(Serialize, Deserialize)]
struct Settled(u64);

impl Stored for Settled {
    const NAME: &'static str = "bank.Settled";
}

pub(crate) fn clerk(journal: &SqliteJournal) -> Behavior<Clerk> {
    let kept = EventSourced::new("clerk", journal.clone(), 0, |_, Settled(end)| *end);
    Behavior::event_sourced(kept, |_settled, _ctx, command| match command {
        Clerk::Settled(reply) => Decision::none().reply(reply, |settled| *settled),
        Clerk::Settle { end, reply } => Decision::persist(Settled(end)).reply(reply, |settled| *settled),
    })
}
