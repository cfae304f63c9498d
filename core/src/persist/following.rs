//! The behavior of a projection: look, hand on, keep the position, pause.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::error::Error;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;

use super::error::{PersistCause, PersistError};
use super::event::EntityFailed;
use super::projection::{Follow, Projected, Projection};
use crate::actor::{AsyncContext, Behavior};
use crate::journal::{Answer, Encoded, Epoch, Fault, JournalError, Offset, Sequence, Snapshot, TaggedEvent};
use crate::sync::Arc;

/// A projection, and what it does with each event.
pub(super) struct Follower<E, H> {
    pub(super) projection: Projection<E>,
    pub(super) on_event: H,
}

/// Where a follower is.
#[derive(Clone, Copy)]
pub(super) struct Place {
    epoch: Epoch,
    /// The last event that is done.
    offset: Offset,
}

/// What an offset is kept as: a snapshot after that many events, with the tag in it.
const POSITION: &str = "casty.Position";
const KEY: &str = "casty.look";

type Failure = Box<dyn Error + Send + Sync>;

impl<E, F, H> Follower<E, H>
where
    E: Send + 'static,
    F: Future<Output = Result<(), Failure>> + Send + 'static,
    H: Fn(Projected<E>) -> F + Send + Sync + 'static,
{
    /// Follows on from a place; `None` is the one that the journal knows.
    pub(super) fn at(this: Arc<Self>, place: Option<Place>) -> Behavior<Follow> {
        Behavior::receive_async(move |ctx, message| {
            let this = Arc::clone(&this);
            async move {
                match this.hear(&ctx, place, message).await {
                    Ok(place) => Self::at(this, Some(place)),
                    Err(failure) => this.fail(&ctx, failure).await,
                }
            }
        })
    }

    async fn hear(
        &self,
        ctx: &AsyncContext<Follow>,
        place: Option<Place>,
        message: Follow,
    ) -> Result<Place, Failure> {
        let place = match place {
            Some(place) => place,
            None => self.open(ctx).await?,
        };
        match message {
            Follow::Now => self.look(ctx, place).await,
            Follow::Position(reply) => {
                reply.tell(place.offset);
                Ok(place)
            }
        }
    }

    /// Takes over whatever has followed under this name, and where it was.
    async fn open(&self, ctx: &AsyncContext<Follow>) -> Result<Place, Failure> {
        let (journal, entity) = (&self.projection.journal, self.projection.entity());
        let epoch = self.answer(ctx, journal.open(&entity)).await?.epoch;
        let position = self.answer(ctx, journal.load_snapshot(&entity)).await?;
        let offset = position.map_or(Ok(Offset::START), |position| self.offset(&position));
        let offset = offset.map_err(|cause| PersistError { entity, sequence: Sequence::START, cause })?;
        Ok(Place { epoch, offset })
    }

    /// The offset that a position is. That of another tag would lead past events that were never seen.
    fn offset(&self, position: &Snapshot) -> Result<Offset, PersistCause> {
        let Encoded { name, version, bytes } = &position.encoded;
        if name != POSITION || *version != 1 {
            let name = name.to_string();
            return Err(PersistCause::UnknownEvent { name, version: *version });
        }
        if bytes != self.projection.tag.as_bytes() {
            let tag = String::from_utf8_lossy(bytes);
            return Err(PersistCause::Corrupt(format!(
                "its position is among the events with the tag `{tag}`"
            )));
        }
        Ok(Offset::new(position.sequence.number()))
    }

    /// Hands on the next events; sees to it that there is another look.
    async fn look(&self, ctx: &AsyncContext<Follow>, place: Place) -> Result<Place, Failure> {
        let Projection { journal, tag, events_max, pause, .. } = &self.projection;
        let pause = *pause;
        // Set before anything can go wrong: whoever is resumed after a failure looks again.
        ctx.run(move |ctx| ctx.schedule_once(KEY, pause, Follow::Now)).await;
        let events = self.answer(ctx, journal.tagged(tag, place.offset, *events_max)).await?;
        let found = !events.is_empty();
        let place = self.hand_on(ctx, place, events).await?;
        if found {
            ctx.me().tell(Follow::Now);
        }
        Ok(place)
    }

    async fn hand_on(
        &self,
        ctx: &AsyncContext<Follow>,
        mut place: Place,
        events: Vec<TaggedEvent>,
    ) -> Result<Place, Failure> {
        if events.is_empty() {
            return Ok(place);
        }
        for TaggedEvent { offset, entity, event } in events {
            let sequence = event.sequence;
            let read = self.projection.codec.decode(&event.encoded);
            let read =
                read.map_err(|error| PersistError::of_bytes(&entity, sequence, &event.encoded, error))?;
            (self.on_event)(Projected { offset, entity, sequence, event: read }).await?;
            place.offset = offset;
        }
        self.keep(ctx, place).await?;
        Ok(place)
    }

    /// Keeps a place instead of those before.
    async fn keep(&self, ctx: &AsyncContext<Follow>, place: Place) -> Result<(), Failure> {
        let (journal, entity) = (&self.projection.journal, self.projection.entity());
        let sequence = Sequence::new(place.offset.number());
        let encoded = Encoded::new(POSITION, 1, Vec::from(self.projection.tag.as_bytes()));
        let position = Snapshot { sequence, encoded };
        self.answer(ctx, journal.save_snapshot(&entity, place.epoch, position)).await?;
        self.answer(ctx, journal.delete_snapshots(&entity, place.epoch, sequence)).await
    }

    /// What a journal answers in time.
    async fn answer<T>(&self, ctx: &AsyncContext<Follow>, answer: Answer<T>) -> Result<T, Failure> {
        let entity = self.projection.entity();
        let (mut answer, mut timer) = (answer, pin!(ctx.sleep(self.projection.timeout)));
        let answered = poll_fn(|cx| match answer.as_mut().poll(cx) {
            Poll::Ready(answer) => Poll::Ready(answer),
            Poll::Pending => timer.as_mut().poll(cx).map(|()| {
                let fault = Fault::Unknown(format!("no answer within {:?}", self.projection.timeout));
                Err(JournalError::of(entity.clone(), fault))
            }),
        });
        let answered = answered.await;
        Ok(answered.map_err(|error| PersistError::of_journal(&entity, Sequence::START, error))?)
    }

    /// Fails; but if another follows by now there is nothing to be restarted.
    async fn fail(&self, ctx: &AsyncContext<Follow>, failure: Failure) -> Behavior<Follow> {
        let Some(error) = failure.downcast_ref::<PersistError>().filter(|error| error.is_stale()).cloned()
        else {
            return Behavior::fail(failure);
        };
        ctx.run(move |ctx| {
            let path = ctx.path();
            ctx.world().events().publish(|| EntityFailed { path, error });
        })
        .await;
        Behavior::stopped()
    }
}
