//! Every limit of a system, with its default and its reason, in one table.

use core::time::Duration;

use super::mailbox::Overflow;
use crate::time::secs;

/// Every limit of a system.
///
/// ```
/// use casty_core::Limits;
///
/// let small = Limits { actors_max: 100, mailbox_messages_max: Some(64), ..Limits::default() };
/// assert_eq!(small.stash_messages_max, 1_024);
/// ```
#[derive(Clone, Debug)]
pub struct Limits {
    /// Actors alive at once; beyond it a spawn is refused. By default 16,777,216, some 5 GB of idle actors.
    pub actors_max: usize,
    /// Messages waiting for an actor that is spawned without a mailbox of its own choice; `None`, the
    /// default, for as many as there is memory, as tellers cannot wait and a message dropped by default
    /// surprises more than memory used.
    pub mailbox_messages_max: Option<usize>,
    /// What happens to more, in such a mailbox. By default the oldest stay: [`Overflow::Reject`].
    pub mailbox_overflow: Overflow,
    /// Messages in the stash of an actor that does not say how many; beyond it the message comes back. By
    /// default 1,024.
    pub stash_messages_max: usize,
    /// Timers an actor may have set; beyond it a timer's message becomes a dead letter. By default 1,024.
    pub timers_per_actor_max: usize,
    /// Background tasks and blocking jobs an actor may have running; beyond it one ends at once, with an
    /// error. By default 1,024.
    pub tasks_per_actor_max: usize,
    /// How long [`shutdown`](crate::ActorSystem::shutdown) takes at most. By default 10 s, as each phase of
    /// Pekko's coordinated shutdown that stops actors.
    pub shutdown_max: Duration,
    /// Whether dead letters are published while the system shuts down. They are counted in any case. By
    /// default they are.
    pub dead_letters_at_shutdown: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            actors_max: 1 << 24,
            mailbox_messages_max: None,
            mailbox_overflow: Overflow::Reject,
            stash_messages_max: 1_024,
            timers_per_actor_max: 1_024,
            tasks_per_actor_max: 1_024,
            shutdown_max: secs(10),
            dead_letters_at_shutdown: true,
        }
    }
}
