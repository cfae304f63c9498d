//! How entities are spread over a cluster: how many shards, where, and how much waits.

use alloc::string::String;
use core::time::Duration;

use crate::cluster::sharding::Pace;
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
}

/// More are only a burden: each is known to each node.
const SHARDS_MAX: u32 = 4_096;
/// Enough for a second of many senders, and few enough to fit into memory.
const BUFFERED_MESSAGES_MAX: usize = 100_000;
/// Longer than a member that is not reached is waited for by default.
const BUFFER_TIMEOUT: Duration = secs(30);
/// Longer than entities take for what is in their mailboxes, shorter than a shutdown.
const HANDOFF_TIMEOUT: Duration = secs(10);
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
    /// By default they stay.
    #[must_use]
    pub fn idle_after(mut self, duration: Duration) -> Self {
        self.idle_after = Some(duration.max(4 * TIME_MIN));
        self
    }

    /// With more entities than that on this node, a tenth of them stop as if they were idle: those that were told something longest ago. By default there is no such
    /// limit, but that of all actors.
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

    /// A message waits so long for its shard to be somewhere, then it is a dead letter; the default is thirty seconds.
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

    /// So many shards move at a time to spread them evenly; the default is 16. They are spread evenly when no node has two more than another.
    #[must_use]
    pub fn moves_max(mut self, shards: usize) -> Self {
        self.pace.moves_max = shards.max(1);
        self
    }

    /// Looking so often whether shards are spread evenly, after something has changed; the default is a second.
    #[must_use]
    pub fn moves_pause(mut self, duration: Duration) -> Self {
        self.pace.pause = duration.max(TIME_MIN);
        self
    }
}
