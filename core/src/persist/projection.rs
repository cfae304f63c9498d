//! A reader that follows the events with a tag, and knows after a crash where it was.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::error::Error;
use core::fmt;
use core::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec::{Codec, Postcard, Stored};
use super::following::Follower;
use super::upcasting::Upcasting;
use crate::actor::{Behavior, ReplyTo};
use crate::journal::{EntityId, Journal, Offset, Sequence};
use crate::sync::{Arc, shared};
use crate::time::{millis, secs};

/// How events are followed: under which name, in which journal, and by which tag.
///
/// It is a value for [`Behavior::projection`]. Where it has come to is kept in the same journal, as the entity
/// `projection/NAME`, whose epoch sees to it that of two readers with one name only the newer goes on.
///
/// ```
/// use casty_core::journal::MemoryJournal;
/// use casty_core::millis;
/// use casty_core::persist::{Projection, Stored};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Sold(u64);
/// impl Stored for Sold { const NAME: &str = "shop.Sold"; }
///
/// let turnover = Projection::<Sold>::new("turnover", MemoryJournal::new(), "sale").every(millis(50));
/// assert_eq!(format!("{turnover:?}"), r#"Projection { name: "turnover", tag: "sale" }"#);
/// ```
pub struct Projection<E> {
    pub(super) name: String,
    pub(super) tag: String,
    pub(super) journal: Arc<dyn Journal>,
    pub(super) codec: Arc<dyn Codec<E>>,
    pub(super) pause: Duration,
    pub(super) timeout: Duration,
    pub(super) events_max: usize,
}

/// An event that a projection has come to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Projected<E> {
    /// Its place among those with the tag: what a reader that must not count twice keeps beside its own results.
    pub offset: Offset,
    /// Whose it is.
    pub entity: EntityId,
    /// Its place among those of its entity.
    pub sequence: Sequence,
    /// The event.
    pub event: E,
}

/// What can be told to a projection.
#[derive(Debug)]
pub enum Follow {
    /// To look for new events now, and not only after the pause.
    Now,
    /// To say which event was the last one that is done, durably.
    Position(ReplyTo<Offset>),
}

/// How long nothing happens after a look that found nothing: short for who reads the result, long for a journal.
const PAUSE: Duration = millis(500);
/// As long as a write of an entity may take.
const TIMEOUT: Duration = secs(10);
/// How many events are read at once, and are seen again at most after a crash.
const EVENTS_MAX: usize = 128;

impl<E: Stored + Serialize + DeserializeOwned + 'static> Projection<E> {
    /// Follows the events with `tag`, which are kept by their [`Stored`] name.
    pub fn new(name: impl Into<String>, journal: impl Journal, tag: impl Into<String>) -> Self {
        Self::coded(name, journal, tag, Postcard)
    }
}

impl<E: 'static> Projection<E> {
    /// Follows the events with `tag`, which are read by `codec`.
    pub fn coded(
        name: impl Into<String>,
        journal: impl Journal,
        tag: impl Into<String>,
        codec: impl Codec<E>,
    ) -> Self {
        Self {
            name: name.into(),
            tag: tag.into(),
            journal: shared!(journal => dyn Journal),
            codec: shared!(codec => dyn Codec<E>),
            pause: PAUSE,
            timeout: TIMEOUT,
            events_max: EVENTS_MAX,
        }
    }

    /// Also reads events in an older form, which `upcast` turns into the form of today.
    #[must_use]
    pub fn upcasting<Old: Stored + DeserializeOwned + 'static>(
        mut self,
        upcast: impl Fn(Old) -> E + Send + Sync + 'static,
    ) -> Self {
        let upcasting = Upcasting::new(self.codec, upcast);
        self.codec = shared!(upcasting => dyn Codec<E>);
        self
    }

    /// How long it waits after a look that found nothing; the default is half a second.
    #[must_use]
    pub const fn every(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// How long the journal may take for an answer; the default is 10 seconds.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many events are read at once, after which the position is kept; the default, and the most that is seen again
    /// after a crash, is 128.
    #[must_use]
    pub const fn events_max(mut self, events_max: usize) -> Self {
        self.events_max = if events_max == 0 { 1 } else { events_max };
        self
    }

    /// The entity that its position is kept as.
    pub(super) fn entity(&self) -> EntityId {
        EntityId::new(format!("projection/{}", self.name))
    }
}

impl Behavior<Follow> {
    /// Gives each event that a projection comes to to `on_event`, one after the other, and goes on where it was after a crash.
    ///
    /// Events come at least once, those of one entity in their order: the position is kept after each batch, so that up to a
    /// batch comes again after a crash. If `on_event` fails, or an event cannot be read, or the journal fails, the actor
    /// fails, and supervision decides; restarted, it goes on from the kept position. If another actor follows under the same
    /// name, it stops.
    ///
    /// ```
    /// use casty_core::journal::MemoryJournal;
    /// use casty_core::persist::{Decision, EventSourced, Projection, Stored};
    /// use casty_core::{ActorSystem, Behavior};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    ///
    /// #[derive(serde::Serialize, serde::Deserialize, PartialEq, Debug)]
    /// struct Sold(u64);
    /// impl Stored for Sold { const NAME: &str = "shop.Sold"; }
    ///
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let journal = MemoryJournal::new();
    /// let kept = EventSourced::new("shop-1", journal.clone(), 0, |sum, Sold(price)| sum + price);
    /// let kept = kept.tagged(|_| vec!["sale".into()]);
    /// let shop = Behavior::event_sourced(kept, |_, _, price| Decision::persist(Sold(price)));
    /// system.spawn(shop, "shop").unwrap().tell(40);
    ///
    /// let probe = Probe::new(&system, "turnover-probe").unwrap();
    /// let turnover = probe.actor().clone();
    /// let sales = Behavior::projection(Projection::new("turnover", journal, "sale"), move |sale| {
    ///     let Sold(price) = sale.event;
    ///     turnover.tell(price);
    ///     async { Ok(()) }
    /// });
    /// system.spawn(sales, "turnover").unwrap();
    /// assert_eq!(probe.recv().await, 40);
    /// # });
    /// ```
    pub fn projection<E: Send + 'static, F>(
        projection: Projection<E>,
        on_event: impl Fn(Projected<E>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        let follower = Arc::new(Follower { projection, on_event });
        Self::setup(move |ctx| {
            ctx.me().tell(Follow::Now);
            Follower::at(Arc::clone(&follower), None)
        })
    }
}

impl<E> Clone for Projection<E> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            tag: self.tag.clone(),
            journal: Arc::clone(&self.journal),
            codec: Arc::clone(&self.codec),
            ..*self
        }
    }
}

impl<E> fmt::Debug for Projection<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Projection").field("name", &self.name).field("tag", &self.tag).finish()
    }
}
