//! The tally: adds up what the workers have counted.

use casty::prelude::*;

use crate::counts::Counts;
use crate::report::grouped;

/// What the tally hears.
pub(crate) enum Tally {
    /// What one batch came to.
    Add(Counts),
    /// Asks for all of it. The tally begins again.
    Total(ReplyTo<Counts>),
    /// Time to say how far it is.
    Progress,
}

/// Counts that wait for the tally; beyond it seats wait.
pub(crate) const WAITING_MAX: usize = 16;

/// Adds up counts. On a long way it says every second how far it is.
pub(crate) fn tally() -> Behavior<Tally> {
    Behavior::with_state(
        |ctx| {
            ctx.schedule_at_fixed_rate("progress", secs(1), || Tally::Progress);
            Counts::default()
        },
        |sum, _ctx, message| {
            match message {
                Tally::Add(counts) => sum.merge(counts),
                Tally::Total(reply) => reply.tell(std::mem::take(sum)),
                Tally::Progress => eprintln!("  {:>15} lines so far", grouped(sum.lines)),
            }
            Behavior::same()
        },
    )
}
