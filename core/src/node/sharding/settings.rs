//! How entities are spread over a cluster: how many shards, where, and how much waits.

use alloc::string::String;
use core::fmt;
use core::time::Duration;

use super::singleton::Sole;
use crate::cluster::Allocation;
use crate::cluster::sharding::{Pace, Spread, hash_of, shard_of};
use crate::journal::Journal;
use crate::sync::{Arc, shared};
use crate::time::{millis, secs};

/// How entities are spread over the nodes of a cluster: a value for [`Behavior::sharded`](crate::Behavior::sharded).
///
/// All nodes need the same number of shards, and the same role.
///
/// ```
/// use casty_core::{Shards, mins, secs};
///
/// let shards = Shards::new(256)
///     .role("bank")
///     .idle_after(mins(2))
///     .entities_max(100_000)
///     .buffered_messages_max(10_000)
///     .buffer_timeout(secs(20))
///     .handoff_timeout(secs(10));
/// assert_eq!(shards.count(), 256);
/// ```
#[derive(Clone, Debug)]
pub struct Shards {
    pub(super) count: u32,
    pub(super) role: Option<String>,
    pub(super) proxy: bool,
    pub(super) idle_after: Option<Duration>,
    pub(super) entities_max: usize,
    pub(super) buffered_messages_max: usize,
    pub(super) buffer_timeout: Duration,
    pub(super) handoff_timeout: Duration,
    pub(super) pace: Pace,
    pub(super) spread: Spread,
    pub(super) remember: Option<Remember>,
    pub(super) starts_per_second_max: u32,
    pub(super) restart_pause: Duration,
    /// There is one entity, which always lives, on the oldest node.
    pub(super) sole: Option<Sole>,
}

/// The journal in which entities are remembered.
#[derive(Clone)]
pub(super) struct Remember(Arc<dyn Journal>);

/// More are only a burden: each is known to each node.
const SHARDS_MAX: u32 = 4_096;
/// Enough for a second of many senders, and few enough to fit into memory.
const BUFFERED_MESSAGES_MAX: usize = 100_000;
/// Longer than a member that is not reached is waited for by default.
const BUFFER_TIMEOUT: Duration = secs(30);
/// Longer than entities take for what is in their mailboxes, shorter than a shutdown.
const HANDOFF_TIMEOUT: Duration = secs(10);
/// A journal, and whatever entities do when they begin, keep up with so many.
const STARTS_PER_SECOND_MAX: u32 = 1_000;
/// Long enough that whatever made an entity fail may be over.
const RESTART_PAUSE: Duration = secs(10);
/// No pause is shorter: it would be a loop.
const TIME_MIN: Duration = millis(10);

impl Shards {
    /// So many shards, between 1 and 4,096: ten for each node that there may ever be is a good number. It cannot be changed while any
    /// node runs.
    #[must_use]
    pub fn new(count: u32) -> Self {
        Self {
            count: count.clamp(1, SHARDS_MAX),
            role: None,
            proxy: false,
            idle_after: None,
            entities_max: usize::MAX,
            buffered_messages_max: BUFFERED_MESSAGES_MAX,
            buffer_timeout: BUFFER_TIMEOUT,
            handoff_timeout: HANDOFF_TIMEOUT,
            pace: Pace { moves_max: 16, pause: secs(1) },
            spread: Spread { moves_percent_max: 10, ..Spread::default() },
            remember: None,
            starts_per_second_max: STARTS_PER_SECOND_MAX,
            restart_pause: RESTART_PAUSE,
            sole: None,
        }
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Entities live on the members with that role alone, and every one of these has to spawn the behavior: nothing is given out
    /// before all have said what they have. Without a role that is so for all members. On another node the behavior is a way to the entities.
    #[must_use]
    pub fn role(mut self, role: &str) -> Self {
        self.role = Some(String::from(role));
        self
    }

    /// No entities live on this node; it is a way to those of others.
    #[must_use]
    pub const fn proxy(mut self) -> Self {
        self.proxy = true;
        self
    }

    /// Entities that were told nothing for so long, and at most half as long again, stop when they have handled what they were told; the next message starts them anew.
    /// By default they stay, and so do those that are [remembered](Self::remember).
    #[must_use]
    pub fn idle_after(mut self, duration: Duration) -> Self {
        self.idle_after = Some(duration.max(4 * TIME_MIN));
        self
    }

    /// Remembers in `journal` which entities have been started and have not stopped by themselves: these are started again
    /// without a message when their shard moves, when their node is lost, and when the whole cluster is started again.
    ///
    /// The journal is one that all nodes reach. An entity begins, and gets its first message, when the journal has said that it is
    /// remembered; meanwhile messages wait, in their order, as those for a shard that is on its way do: as many, and
    /// as long. One that stops by itself is forgotten, and started by the next message; so nothing but an entity itself
    /// puts an end to it, with all that is kept of it if it [deletes](crate::persist::Decision::delete) that first. One that fails, or is stopped by somebody else, is started again by the next message, or after
    /// [a pause](Self::restart_pause). After a move or a crash [so many a second](Self::starts_per_second_max) are started on each node,
    /// those first that are told something. [`idle_after`](Self::idle_after) and [`entities_max`](Self::entities_max) have no effect: who is remembered is to live.
    ///
    /// The shards of the region at `/accounts` are kept as the entities `casty.shards/accounts/256/0`, `.../1` and so on: with another number of shards, nothing is
    /// remembered of the former. Whoever has a shard is the one who writes it. A node that has lost it to another, and does not know yet, is refused by the
    /// journal and stops its entities, which begin anew after the pause if the shard is here all the same; that, and each failure of the journal, is published as an [`EntityFailed`](crate::persist::EntityFailed).
    ///
    /// ```
    /// use casty_core::Shards;
    /// use casty_core::journal::MemoryJournal;
    ///
    /// let shards = Shards::new(256).remember(MemoryJournal::new()).starts_per_second_max(200);
    /// # assert_eq!(shards.count(), 256);
    /// ```
    #[must_use]
    pub fn remember(mut self, journal: impl Journal) -> Self {
        self.remember = Some(Remember(shared!(journal => dyn Journal)));
        self
    }

    /// Of the entities that are [remembered](Self::remember), at most about so many are started in a second on each node without a message; the default is
    /// 1,000. Those that are told something do not wait for that.
    #[must_use]
    pub fn starts_per_second_max(mut self, entities: u32) -> Self {
        self.starts_per_second_max = entities.max(1);
        self
    }

    /// An entity that is [remembered](Self::remember) and has failed, or was stopped by another, is started again after so long; the default is ten seconds.
    #[must_use]
    pub fn restart_pause(mut self, duration: Duration) -> Self {
        self.restart_pause = duration.max(TIME_MIN);
        self
    }

    /// With more entities than that on this node, a tenth of them stop as if they were idle: those that were told something longest ago. By default there is no such
    /// limit, but that of all actors; nor is there for those that are [remembered](Self::remember).
    #[must_use]
    pub const fn entities_max(mut self, entities: usize) -> Self {
        self.entities_max = if entities == 0 { 1 } else { entities };
        self
    }

    /// So many messages wait on this node, in all, for shards that are on their way and for entities that start; more are dead letters, and their
    /// questions end with [`AskError::Full`](crate::AskError::Full). The default is 100,000.
    #[must_use]
    pub const fn buffered_messages_max(mut self, messages: usize) -> Self {
        self.buffered_messages_max = messages;
        self
    }

    /// A message waits so long for its shard to be somewhere, then it is a dead letter, and a question [unanswered](crate::AskError::Unanswered); the default is thirty seconds.
    #[must_use]
    pub fn buffer_timeout(mut self, duration: Duration) -> Self {
        self.buffer_timeout = duration.max(TIME_MIN);
        self
    }

    /// Entities of a shard that moves have so long for what they were told before they are stopped ([movable](crate::Behavior::movable) ones go on elsewhere with it), and a node that leaves
    /// for handing over what it has, of which its entities have half; the default is ten seconds.
    #[must_use]
    pub fn handoff_timeout(mut self, duration: Duration) -> Self {
        self.handoff_timeout = duration.max(TIME_MIN);
        self
    }

    /// Which node gets which shard; the default is [whoever has the fewest](Allocation::least_shards).
    #[must_use]
    pub fn allocation(mut self, allocation: Allocation) -> Self {
        self.spread.allocation = allocation;
        self
    }

    /// The shard of an entity: the same on every machine, for that number of shards.
    ///
    /// ```
    /// use casty_core::Shards;
    ///
    /// assert_eq!(Shards::new(256).shard_of("alice"), 117);
    /// ```
    #[must_use]
    pub fn shard_of(&self, entity: &str) -> u32 {
        shard_of(hash_of(entity), self.count)
    }

    /// So many shards move at a time because they are better elsewhere; the default is 16. The next do when these have moved, and after a
    /// [pause](Self::moves_pause). Who leaves gives up all it has at once.
    #[must_use]
    pub fn moves_max(mut self, shards: usize) -> Self {
        self.pace.moves_max = shards.max(1);
        self
    }

    /// So many percent of all shards move at a time, but at least one; the default is ten. The smaller of both limits counts.
    #[must_use]
    pub fn moves_percent_max(mut self, percent: u32) -> Self {
        self.spread.moves_percent_max = percent.min(100);
        self
    }

    /// Shards are spread evenly enough when no node has more than another by more than so many percent of what nodes have on average, or by more
    /// than one. The default is zero: then no node has two more than another.
    #[must_use]
    pub const fn skew_percent_max(mut self, percent: u32) -> Self {
        self.spread.skew_percent_max = percent;
        self
    }

    /// Looking so often whether shards are where they are to be, after something has changed; the default is a second.
    #[must_use]
    pub fn moves_pause(mut self, duration: Duration) -> Self {
        self.pace.pause = duration.max(TIME_MIN);
        self
    }
}

impl Remember {
    pub(super) fn journal(&self) -> Arc<dyn Journal> {
        Arc::clone(&self.0)
    }
}

impl fmt::Debug for Remember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Remember")
    }
}
