//! What an actor takes of the heap: its parts, each with the lists that belong to it.

use super::any_ref::AnyRef;
use super::cell::Cell;
use super::clock::{Due, TimerId};
use super::ext::Ext;
use super::home::Home;
use super::inbox::Inbox;
use super::layer::{Layer, Layered, Supervised};
use super::mailbox::Ring;
use super::names::Key;
use super::supervision::{History, Supervision};
use super::timers::Timers;
use super::world::World;
use crate::dispatch::Queues;
use crate::footprint::Footprint;
use crate::id::ActorId;
use crate::path::NAME_BYTES_MAX;
use crate::sync::Arc;
use crate::time::Instant;

impl Footprint {
    /// An actor with a [fixed](crate::Mailbox::fixed) mailbox of `N` places, whose behavior is a handler or a state, perhaps with a
    /// set up before it.
    ///
    /// `captured` is what its functions capture and its state holds, in bytes; what they own on the heap is for
    /// [`block`](Self::block). An actor with a name needs its [`name`](Self::name) too.
    ///
    /// ```
    /// use casty_core::Footprint;
    ///
    /// let (narrow, wide) = (Footprint::actor::<u32, 1>(0), Footprint::actor::<u32, 33>(0));
    /// assert_eq!(wide.bytes(8) - narrow.bytes(8), 32 * 4);
    /// ```
    #[must_use]
    pub const fn actor<M: Send + 'static, const N: usize>(captured: usize) -> Self {
        // Its function or blueprint, one that sets up, and the instance.
        let behavior = Self::block(captured + 4 * size_of::<usize>()).and(Self::erased());
        Self::shared::<Inbox<M>>()
            .and(Self::boxed::<Cell<M>>())
            .and(Self::boxed::<Ring<M, N>>())
            .and(Inbox::<M>::rarities())
            // Its parent knows it, and so does a table of names.
            .and(Self::erased().times(2))
            .and(behavior.times(3))
    }

    /// That an actor has a name of so many bytes.
    ///
    /// ```
    /// use casty_core::Footprint;
    ///
    /// const LAMP: Footprint = Footprint::actor::<u8, 4>(0).and(Footprint::name("lamp".len()));
    /// assert!(LAMP.bytes(0) > Footprint::actor::<u8, 4>(0).bytes(0) + 2 * 4);
    /// ```
    #[must_use]
    pub const fn name(bytes: usize) -> Self {
        Self::shared::<Home>().and(Self::block(bytes).times(2)).and(Self::erased())
    }

    /// That an actor is [`supervised`](crate::Behavior::supervised), and restarts so often within the window of its strategy.
    ///
    /// ```
    /// use casty_core::Footprint;
    ///
    /// // What is remembered is when.
    /// let (few, many) = (Footprint::supervision::<u8>(4), Footprint::supervision::<u8>(64));
    /// assert!(many.bytes(0) >= few.bytes(0) + 60 * 8);
    /// ```
    #[must_use]
    pub const fn supervision<M: Send + 'static>(restarts_max: u32) -> Self {
        Cell::<M>::rarities()
            .and(Self::list::<Arc<dyn Layer<M>>>(1))
            .and(Self::list::<History>(1))
            .and(Self::list::<Instant>(restarts_max as usize))
            .and(Self::shared::<Layered<M>>())
            .and(Self::shared::<Supervised<Supervision>>())
    }

    /// That an actor has so many timers at once.
    ///
    /// ```
    /// use casty_core::Footprint;
    ///
    /// assert!(Footprint::timers::<u8>(16).bytes(0) < 16 * Footprint::timers::<u8>(1).bytes(0));
    /// ```
    #[must_use]
    pub const fn timers<M: Send + 'static>(count: usize) -> Self {
        Self::boxed::<Ext<M>>()
            .and(Timers::<M>::footprint(count))
            .and(Self::list::<u64>(count))
            .and(Self::erased().times(count))
    }

    /// What all actors of one system share, with its lists of actors and timers.
    pub(crate) const fn world(actors_max: usize, timers_max: usize) -> Self {
        Self::shared::<World>()
            .and(Self::block(NAME_BYTES_MAX))
            .and(Self::shared::<Home>())
            .and(Queues::footprint(actors_max))
            .and(World::asks_footprint())
            .and(Self::list::<(ActorId, Option<AnyRef>)>(actors_max))
            .and(Self::sorted::<Key, AnyRef>(actors_max))
            .and(Self::sorted::<TimerId, Due>(timers_max))
    }

    /// A sorted table of so many things.
    const fn sorted<K, V>(len: usize) -> Self {
        Self::list::<[usize; 2]>(len).and(Self::list::<Option<(K, V)>>(len))
    }
}
