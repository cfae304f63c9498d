//! Numbers for an actor of another node, which says whether they came in their order.

use casty::Remote;
use casty::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(crate) enum Mark {
    Number(u64, Vec<u8>),
    /// How many came, and whether each was the one after the one before.
    Seen(ReplyTo<(u64, bool)>),
}

impl Remote for Mark {
    const NAME: &'static str = "test.Mark";
}

pub(crate) fn marks() -> Behavior<Mark> {
    Behavior::fold((0, true), |(count, in_order), _, mark| match mark {
        Mark::Number(number, _) => Step::Keep((count + 1, in_order && number == count)),
        Mark::Seen(reply) => {
            reply.tell((count, in_order));
            Step::Keep((count, in_order))
        }
    })
}
