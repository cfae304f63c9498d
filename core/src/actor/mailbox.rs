//! How much a mailbox holds, in which order, and what happens when it is full.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use core::fmt;

use heapless::Deque;

/// What happens to a message told to an actor whose mailbox is full.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Overflow {
    /// It is not queued and becomes a dead letter; to [`try_tell`](crate::ActorRef::try_tell) it counts as
    /// told.
    DropNew,
    /// It is queued, and the oldest message waiting becomes a dead letter.
    DropOldest,
    /// It is refused: `try_tell` gives it back, `tell` makes it a dead letter.
    Reject,
}

/// The mailbox of an actor to be spawned: by default unbounded, first in first out.
///
/// Signals (stop, watch, supervision, timers) have a lane of their own: they never wait behind messages, and
/// no limit drops them. The limits are on messages. In a mailbox with a limit the count is exact: a message
/// counts from the moment it is told until its handler starts.
///
/// ```
/// use casty_core::{Mailbox, Overflow};
///
/// let orders = Mailbox::<u32>::bounded(1_000, Overflow::Reject);
/// let urgent_first = Mailbox::prioritized(1_000, Overflow::DropOldest, |order: &u32| order % 10);
/// let on_a_device = Mailbox::<u32>::fixed::<16>(Overflow::DropNew);
/// # let _ = (orders, urgent_first, on_a_device);
/// ```
pub struct Mailbox<M> {
    pub(crate) shape: Shape<M>,
    pub(crate) overflow: Overflow,
}

/// What a mailbox is made of.
pub(crate) enum Shape<M> {
    /// A buffer that grows, up to so many messages.
    Growing(u32),
    /// What the user chose.
    Stored(Box<dyn Store<M>>),
}

impl<M: Send + 'static> Mailbox<M> {
    /// Holds as many messages as there is memory.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, Mailbox, SpawnOptions};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let options = SpawnOptions::named("idle").mailbox(Mailbox::unbounded());
    /// let idle = system.spawn_with(Behavior::<u8>::ignore(), options).unwrap();
    /// (1..=3).for_each(|number| idle.tell(number));
    /// assert_eq!(system.dead_letters(), 0);
    /// # });
    /// ```
    #[must_use]
    pub const fn unbounded() -> Self {
        Self { shape: Shape::Growing(u32::MAX), overflow: Overflow::Reject }
    }

    /// Holds at most `messages_max` waiting messages, at least one, in a buffer that grows as needed.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, Mailbox, Overflow, SpawnOptions};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let options = SpawnOptions::named("idle").mailbox(Mailbox::bounded(2, Overflow::DropNew));
    /// let idle = system.spawn_with(Behavior::<u8>::ignore(), options).unwrap();
    /// (1..=3).for_each(|number| idle.tell(number));
    /// assert_eq!(system.dead_letters(), 1);
    /// # });
    /// ```
    #[must_use]
    pub fn bounded(messages_max: usize, overflow: Overflow) -> Self {
        let capacity = u32::try_from(messages_max).unwrap_or(u32::MAX).clamp(1, u32::MAX - 2);
        Self { shape: Shape::Growing(capacity), overflow }
    }

    /// Holds at most `N` waiting messages, in a ring buffer allocated whole when the actor is spawned.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, Mailbox, Overflow, SpawnOptions};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let options = SpawnOptions::named("idle").mailbox(Mailbox::fixed::<2>(Overflow::DropOldest));
    /// let idle = system.spawn_with(Behavior::<u8>::ignore(), options).unwrap();
    /// (1..=3).for_each(|number| idle.tell(number));
    /// assert_eq!(system.dead_letters(), 1);
    /// # });
    /// ```
    #[must_use]
    pub fn fixed<const N: usize>(overflow: Overflow) -> Self {
        Self::stored(Ring::<M, N>(Deque::new()), overflow)
    }

    /// Gives the message with the lowest `rank` first, and those of one rank in the order they were told.
    ///
    /// With [`Overflow::DropOldest`] the oldest message of the highest rank makes room. `rank` is called once
    /// for each message, by the teller; it must not panic. As messages overtake each other, the end of a
    /// watched actor may be heard before a message of a high rank that it had told.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, Mailbox, Overflow, SpawnOptions};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let probe = Probe::new(&system, "probe").unwrap();
    /// let to = probe.actor().clone();
    /// let forward = Behavior::receive_message(move |number| {
    ///     to.tell(number);
    ///     Behavior::same()
    /// });
    /// let mailbox = Mailbox::prioritized(10, Overflow::Reject, |n| n % 10);
    /// let actor = system.spawn_with(forward, SpawnOptions::anonymous().mailbox(mailbox)).unwrap();
    /// [31, 22, 11].map(|number: u32| actor.tell(number));
    /// assert_eq!([probe.recv().await, probe.recv().await, probe.recv().await], [31, 11, 22]);
    /// # });
    /// ```
    #[must_use]
    pub fn prioritized(
        messages_max: usize,
        overflow: Overflow,
        rank: impl Fn(&M) -> u32 + Send + 'static,
    ) -> Self {
        let queue = BTreeMap::new();
        Self::stored(Ranked { queue, rank, count: 0, messages_max: messages_max.max(1) }, overflow)
    }

    /// Holds messages in `store`.
    #[must_use]
    pub fn stored(store: impl Store<M> + 'static, overflow: Overflow) -> Self {
        Self { shape: Shape::Stored(Box::new(store)), overflow }
    }
}

impl<M> fmt::Debug for Mailbox<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let messages_max = match &self.shape {
            Shape::Growing(u32::MAX) => None,
            Shape::Growing(messages_max) => Some(*messages_max),
            Shape::Stored(_) => None,
        };
        f.debug_struct("Mailbox")
            .field("messages_max", &messages_max)
            .field("overflow", &self.overflow)
            .finish_non_exhaustive()
    }
}

/// Where the messages of a mailbox wait, for orders and bounds of one's own.
///
/// Every method is called with the mailbox's lock held: it must be quick, must not panic and must not tell.
///
/// ```
/// # use casty_core::{ActorSystem, Behavior, Mailbox, Overflow, SendError, SpawnOptions, Store};
/// # use casty_simulation::Simulation;
/// # use casty_testkit::Probe;
/// # Simulation::new(1).run(|host| async move {
/// # let system = ActorSystem::on(host).start().unwrap();
/// /// Hands out the newest message first, and holds two.
/// struct Newest(Vec<u32>);
///
/// impl Store<u32> for Newest {
///     fn push(&mut self, message: u32) -> Result<(), u32> {
///         if self.0.len() < 2 { Ok(self.0.push(message)) } else { Err(message) }
///     }
///     fn pop(&mut self) -> Option<u32> { self.0.pop() }
///     fn len(&self) -> usize { self.0.len() }
/// }
/// # let probe = Probe::new(&system, "probe").unwrap();
/// # let to = probe.actor().clone();
/// # let forward = Behavior::receive_message(move |number| { to.tell(number); Behavior::same() });
/// let newest = Mailbox::stored(Newest(Vec::new()), Overflow::Reject);
/// let actor = system.spawn_with(forward, SpawnOptions::anonymous().mailbox(newest)).unwrap();
/// assert_eq!([1, 2, 3].map(|number| actor.try_tell(number)), [Ok(()), Ok(()), Err(SendError::Full(3))]);
/// assert_eq!([probe.recv().await, probe.recv().await], [2, 1]);
/// # });
/// ```
pub trait Store<M>: Send {
    /// Adds a message, or gives it back when there is no room.
    ///
    /// # Errors
    /// The message, unchanged, when the store is full.
    fn push(&mut self, message: M) -> Result<(), M>;

    /// Takes the message to be handled next.
    fn pop(&mut self) -> Option<M>;

    /// Takes the message that is to make room for a new one.
    fn evict(&mut self) -> Option<M> {
        self.pop()
    }

    /// The number of messages waiting.
    fn len(&self) -> usize;

    /// Whether no message is waiting.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Messages in a ring of so many places.
pub(super) struct Ring<M, const N: usize>(Deque<M, N>);

impl<M: Send, const N: usize> Store<M> for Ring<M, N> {
    fn push(&mut self, message: M) -> Result<(), M> {
        self.0.push_back(message)
    }

    fn pop(&mut self) -> Option<M> {
        self.0.pop_front()
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}

struct Ranked<M, F> {
    queue: BTreeMap<(u32, u64), M>,
    rank: F,
    count: u64,
    messages_max: usize,
}

impl<M: Send, F: Fn(&M) -> u32 + Send> Store<M> for Ranked<M, F> {
    fn push(&mut self, message: M) -> Result<(), M> {
        if self.queue.len() >= self.messages_max {
            return Err(message);
        }
        self.count += 1;
        self.queue.insert(((self.rank)(&message), self.count), message);
        Ok(())
    }

    fn pop(&mut self) -> Option<M> {
        self.queue.pop_first().map(|(_, message)| message)
    }

    fn evict(&mut self) -> Option<M> {
        let (last_rank, _) = *self.queue.last_key_value()?.0;
        let oldest = *self.queue.range((last_rank, 0)..).next()?.0;
        self.queue.remove(&oldest)
    }

    fn len(&self) -> usize {
        self.queue.len()
    }
}
