//! A recovery: open, the latest snapshot, then the events after it, batch by batch.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use super::deletion;
use super::error::{PersistCause, PersistError};
use super::event_sourced::{EventSourced, Form};
use super::patience::{Alarm, Patience};
use super::reading::Reading;
use super::snapshots::Since;
use crate::actor::{Sleep, World};
use crate::journal::{Answer, Epoch, Fault, Opened, Sequence, Snapshot, StoredEvent};

/// A recovery under way.
pub(super) struct Recovery<S> {
    timeout: Sleep,
    step: Step,
    /// What the recovery is to reach.
    last: Sequence,
    recovered: Recovered<S>,
    /// Whether something was found that is kept of the entity.
    found: bool,
}

enum Step {
    Opening(Answer<Opened>),
    Loading(Answer<Option<Snapshot>>),
    Replaying(Reading),
    /// Deletes what is before the mark of a deletion that was not finished, but does not wait for ever.
    Sweeping(Patience),
    Over,
    /// Whether another has taken over, and what it is about if not.
    Asking(Answer<()>, PersistError),
}

/// What has been recovered so far.
pub(super) struct Recovered<S> {
    /// Away while an event is applied: a panic there loses it.
    pub(super) state: Option<S>,
    pub(super) epoch: Epoch,
    pub(super) sequence: Sequence,
    /// The event of the snapshot it began with.
    pub(super) snapshot: Option<Sequence>,
    pub(super) since: Since,
    /// The mark of a deletion that is not finished.
    pub(super) unswept: Option<Sequence>,
}

/// How far a poll has come.
pub(super) enum Progress {
    /// A step further.
    Further,
    /// A step further, although a snapshot could not be used, or what is deleted is still there.
    Despite(PersistError),
    /// To the end.
    Done,
}

impl<S: Clone + 'static> Recovery<S> {
    pub(super) fn begin<E: 'static>(plan: &EventSourced<E, S>, timeout: Sleep) -> Self {
        let recovered = Recovered {
            state: Some(plan.initial.clone()),
            epoch: Epoch::START,
            sequence: Sequence::START,
            snapshot: None,
            since: Since::default(),
            unswept: None,
        };
        let step = Step::Opening(plan.journal.open(&plan.entity));
        Self { timeout, step, last: Sequence::START, recovered, found: false }
    }

    /// What has been recovered, at the end.
    pub(super) fn end(self) -> Recovered<S> {
        self.recovered
    }

    /// Goes one step further.
    pub(super) fn poll<E: 'static>(
        &mut self,
        plan: &EventSourced<E, S>,
        timing: (&World, &mut Alarm),
        cx: &mut Context<'_>,
    ) -> Poll<Result<Progress, PersistError>> {
        let recovers = !matches!(self.step, Step::Sweeping(_) | Step::Over);
        if recovers && Pin::new(&mut self.timeout).poll(cx).is_ready() {
            return Poll::Ready(Err(self.error(plan, self.recovered.sequence, PersistCause::Timeout)));
        }
        let here = self.recovered.sequence;
        let of_journal = |error| PersistError::of_journal(&plan.entity, here, error);
        Poll::Ready(match &mut self.step {
            Step::Opening(answer) => {
                let opened = ready!(answer.as_mut().poll(cx)).map_err(of_journal)?;
                (self.recovered.epoch, self.last) = (opened.epoch, opened.last);
                self.step = match (plan.form, &plan.snapshots) {
                    (Form::Events, None) => self.replaying(plan),
                    _ => Step::Loading(plan.journal.load_snapshot(&plan.entity)),
                };
                Ok(Progress::Further)
            }
            Step::Loading(answer) if plan.form == Form::State => {
                let state = ready!(answer.as_mut().poll(cx)).map_err(of_journal)?;
                if let Err(error) = self.begin_with(plan, state) {
                    return Poll::Ready(self.ask(plan, error));
                }
                self.step = self.replaying(plan);
                Ok(Progress::Further)
            }
            Step::Loading(answer) => {
                let snapshot = ready!(answer.as_mut().poll(cx)).map_err(of_journal);
                self.loaded(plan, snapshot)
            }
            Step::Asking(answer, error) => match ready!(answer.as_mut().poll(cx)) {
                Err(stale) if matches!(stale.fault, Fault::StaleEpoch { .. }) => Err(of_journal(stale)),
                Ok(()) | Err(_) => Err(error.clone()),
            },
            Step::Replaying(_) if here == self.last => Ok(self.replayed(plan)),
            Step::Over => Ok(Progress::Done),
            Step::Sweeping(answer) => {
                let swept = ready!(answer.poll(plan, timing, cx)).map_err(of_journal);
                self.swept(swept)
            }
            Step::Replaying(reading) => {
                let events = ready!(reading.poll(&*plan.journal, &plan.entity, cx)).map_err(of_journal)?;
                if let Err(error) = self.apply(plan, &events) {
                    return Poll::Ready(self.ask(plan, error));
                }
                Ok(Progress::Further)
            }
        })
    }

    /// A snapshot has been loaded, or cannot be.
    fn loaded<E: 'static>(
        &mut self,
        plan: &EventSourced<E, S>,
        snapshot: Result<Option<Snapshot>, PersistError>,
    ) -> Result<Progress, PersistError> {
        if let Ok(Some(foreign)) = &snapshot
            && self.last == Sequence::START
        {
            // Without events there is no snapshot of them: it is a state that is kept in another way.
            let missing = self.error(plan, foreign.sequence, PersistCause::Missing);
            return self.ask(plan, missing);
        }
        self.found = !matches!(snapshot, Ok(None));
        let unusable = snapshot.and_then(|snapshot| self.take(plan, snapshot)).err();
        self.step = self.replaying(plan);
        Ok(unusable.map_or(Progress::Further, Progress::Despite))
    }

    /// All has been replayed: what is deleted goes at last.
    fn replayed<E: 'static>(&mut self, plan: &EventSourced<E, S>) -> Progress {
        let Some(mark) = self.recovered.unswept else { return Progress::Done };
        self.step = Step::Sweeping(Patience::new(deletion::sweep(plan, self.recovered.epoch, mark)));
        Progress::Further
    }

    /// What is deleted is gone, or cannot be deleted at the moment.
    fn swept(&mut self, swept: Result<(), PersistError>) -> Result<Progress, PersistError> {
        self.step = Step::Over;
        match swept {
            Ok(()) => {
                self.recovered.unswept = None;
                Ok(Progress::Further)
            }
            Err(error) if error.is_stale() => Err(error),
            Err(error) => Ok(Progress::Despite(error)),
        }
    }

    /// Something is missing, or damaged: unless another has taken the entity over meanwhile, and has deleted it. A change that
    /// changes nothing shows whether that is so.
    fn ask<E: 'static>(
        &mut self,
        plan: &EventSourced<E, S>,
        error: PersistError,
    ) -> Result<Progress, PersistError> {
        let answer = plan.journal.delete_snapshots(&plan.entity, self.recovered.epoch, Sequence::START);
        self.step = Step::Asking(answer, error);
        Ok(Progress::Further)
    }

    /// Begins, and ends, with a state.
    fn begin_with<E: 'static>(
        &mut self,
        plan: &EventSourced<E, S>,
        state: Option<Snapshot>,
    ) -> Result<(), PersistError> {
        if let Some(Snapshot { sequence, encoded }) = state {
            if deletion::is_mark(&encoded) {
                self.recovered.unswept = Some(sequence);
            } else {
                let state = plan.codec.decode(&encoded);
                let state =
                    state.map_err(|error| PersistError::of_bytes(&plan.entity, sequence, &encoded, error))?;
                self.recovered.state = Some((plan.on_event)(plan.initial.clone(), &state));
            }
            self.recovered.sequence = sequence;
        }
        if self.recovered.sequence == Sequence::START && self.last > Sequence::START {
            // There are events: it is an entity that is kept in another way.
            return Err(self.error(plan, self.last, PersistCause::Missing));
        }
        self.last = self.recovered.sequence;
        Ok(())
    }

    /// Begins with a snapshot.
    fn take<E: 'static>(
        &mut self,
        plan: &EventSourced<E, S>,
        snapshot: Option<Snapshot>,
    ) -> Result<(), PersistError> {
        let (Some(snapshots), Some(Snapshot { sequence, encoded })) = (&plan.snapshots, snapshot) else {
            return Ok(());
        };
        if sequence > self.last {
            return Err(self.error(plan, sequence, PersistCause::Missing));
        }
        let state = snapshots.codec.decode(&encoded);
        let state = state.map_err(|error| PersistError::of_bytes(&plan.entity, sequence, &encoded, error))?;
        self.recovered.state = Some(state);
        self.recovered.sequence = sequence;
        self.recovered.snapshot = Some(sequence);
        Ok(())
    }

    const fn replaying<E: 'static>(&self, plan: &EventSourced<E, S>) -> Step {
        Step::Replaying(Reading::new(self.recovered.sequence, self.last, plan.replay_events_max))
    }

    /// Applies a batch, which must go on without a gap.
    fn apply<E: 'static>(
        &mut self,
        plan: &EventSourced<E, S>,
        events: &[StoredEvent],
    ) -> Result<(), PersistError> {
        if events.is_empty() {
            return Err(self.error(plan, self.recovered.sequence.plus(1), PersistCause::Missing));
        }
        for StoredEvent { sequence, encoded } in events {
            let next = self.recovered.sequence.plus(1);
            if *sequence > self.last && next > self.last {
                // Another has opened the entity since, and goes on: that is heard at the first write.
                break;
            }
            if *sequence <= self.last && deletion::is_mark(encoded) {
                self.begin_anew(plan, *sequence);
                continue;
            }
            if *sequence != next {
                return Err(self.error(plan, next, PersistCause::Missing));
            }
            let event = plan.codec.decode(encoded);
            let event = event.map_err(|error| PersistError::of_bytes(&plan.entity, next, encoded, error))?;
            let state = self.recovered.state.take().unwrap_or_else(|| plan.initial.clone());
            self.recovered.state = Some((plan.on_event)(state, &event));
            self.recovered.sequence = next;
            self.recovered.since.add(1, encoded.bytes.len());
            self.found = true;
        }
        Ok(())
    }

    /// All before `mark` was deleted, or is to be.
    fn begin_anew<E: 'static>(&mut self, plan: &EventSourced<E, S>, mark: Sequence) {
        self.recovered.unswept = self.found.then_some(mark);
        self.recovered.state = Some(plan.initial.clone());
        self.recovered.sequence = mark;
        self.recovered.snapshot = None;
        self.recovered.since = Since::default();
    }

    fn error<E>(&self, plan: &EventSourced<E, S>, sequence: Sequence, cause: PersistCause) -> PersistError {
        PersistError { entity: plan.entity.clone(), sequence, cause }
    }
}
