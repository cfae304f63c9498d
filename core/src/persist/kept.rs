//! An entity: its state, and what it is about, recovering, writing or neither.

use alloc::collections::VecDeque;
use core::mem;
use core::task::{Context, Poll, ready};

use super::chores::Chores;
use super::codec::EncodeError;
use super::decision::{Change, Decision, End, Outcome};
use super::error::{PersistCause, PersistError};
use super::event_sourced::{EventSourced, Form};
use super::patience::Alarm;
use super::recovery::{Progress, Recovery};
use super::snapshots::{Since, Snapshots};
use super::writing::{Writing, Written};
use crate::actor::{Sleep, World};
use crate::journal::{Epoch, Fault, JournalError, Sequence, Snapshot};

/// An entity, as one actor keeps it.
pub(super) struct Kept<E, S> {
    mode: Mode<E, S>,
    /// Away during a recovery, and while an event is applied.
    state: Option<S>,
    epoch: Epoch,
    sequence: Sequence,
    since: Since,
    /// The snapshots that are known to be there, the oldest first.
    snapshots: VecDeque<Sequence>,
    /// The mark of a deletion that is not finished. No snapshot hides it until it is.
    unswept: Option<Sequence>,
    /// What becomes of the actor after the last write, when all that follows it is done.
    end: End,
    alarm: Alarm,
}

enum Mode<E, S> {
    Recovering(Recovery<S>),
    Ready,
    Writing(Writing<E, S>),
    /// Ready, but for what follows a snapshot.
    Tidying(Chores),
    /// Something went wrong, and what the journal has is not what is here: only a recovery helps.
    Broken,
}

/// How many states of one entity the journal keeps at most: a deletion for each write would be half of all work.
const STATES_MAX: u64 = 16;

/// What has come of something.
pub(super) enum News {
    /// There is more to do before the next command.
    Busy,
    /// It has recovered.
    Recovered { sequence: Sequence, replayed: u64 },
    /// A command is done.
    Done(End),
    /// There is no snapshot, and it goes on without, or comes to its end.
    SnapshotFailed(PersistError, End),
    /// It cannot go on like this.
    Failed(PersistError, Remedy),
}

/// What helps after a failure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Remedy {
    /// Whatever the user has chosen.
    Chosen,
    /// Another recovery, which shows what has been written.
    StartAnew,
    /// Leaving the entity to its new writer.
    Stop,
}

impl<E: 'static, S: Clone + 'static> Kept<E, S> {
    pub(super) fn recovering(plan: &EventSourced<E, S>, timeout: Sleep) -> Self {
        Self {
            mode: Mode::Recovering(Recovery::begin(plan, timeout)),
            state: None,
            epoch: Epoch::START,
            sequence: Sequence::START,
            since: Since::default(),
            snapshots: VecDeque::new(),
            unswept: None,
            end: End::GoesOn,
            alarm: Alarm::default(),
        }
    }

    /// The state, for a command.
    pub(super) const fn state(&self) -> Option<&S> {
        match &self.mode {
            // What follows a snapshot can be given up; nothing else can.
            Mode::Ready | Mode::Tidying(_) => self.state.as_ref(),
            Mode::Recovering(_) | Mode::Writing(_) | Mode::Broken => None,
        }
    }

    pub(super) const fn is_busy(&self) -> bool {
        match &self.mode {
            Mode::Recovering(_) | Mode::Writing(_) | Mode::Tidying(_) => true,
            Mode::Ready | Mode::Broken => false,
        }
    }

    /// Begins to do what a command has come to.
    pub(super) fn decided(&mut self, plan: &EventSourced<E, S>, decision: Decision<E, S>) -> News {
        self.mode = Mode::Ready;
        let nothing = match &decision.change {
            Change::Events(events) => events.is_empty(),
            Change::Deletion => self.sequence == Sequence::START,
        };
        if nothing {
            let happen = |state| decision.outcome.happen(state);
            return News::Done(self.state.as_ref().map_or(End::GoesOn, happen));
        }
        match Writing::begin(plan, self.epoch, self.sequence, decision) {
            Ok(writing) => {
                self.mode = Mode::Writing(writing);
                News::Busy
            }
            Err(EncodeError(cause)) => {
                let (entity, sequence) = (plan.entity.clone(), self.sequence.plus(1));
                let cause = PersistCause::Unencodable(cause);
                News::Failed(PersistError { entity, sequence, cause }, Remedy::Chosen)
            }
        }
    }

    /// Goes on with what it is about.
    pub(super) fn poll(
        &mut self,
        plan: &EventSourced<E, S>,
        world: &World,
        cx: &mut Context<'_>,
    ) -> Poll<News> {
        Poll::Ready(match &mut self.mode {
            Mode::Recovering(recovery) => match ready!(recovery.poll(plan, (world, &mut self.alarm), cx)) {
                Ok(Progress::Further) => News::Busy,
                Ok(Progress::Despite(error)) => News::SnapshotFailed(error, End::GoesOn),
                Ok(Progress::Done) => self.recovered(),
                Err(error) => {
                    let remedy = if error.is_stale() { Remedy::Stop } else { Remedy::Chosen };
                    self.broken(error, remedy)
                }
            },
            Mode::Writing(writing) => {
                let answer = ready!(writing.poll(plan, (world, &mut self.alarm), cx));
                self.wrote(plan, answer)
            }
            Mode::Tidying(chores) => {
                let answer = ready!(chores.poll(plan, (world, &mut self.alarm), &mut self.snapshots, cx));
                self.tidied(plan, answer)
            }
            Mode::Ready | Mode::Broken => News::Done(End::GoesOn),
        })
    }

    fn recovered(&mut self) -> News {
        let Mode::Recovering(recovery) = mem::replace(&mut self.mode, Mode::Ready) else {
            return News::Busy;
        };
        let recovered = recovery.end();
        self.state = recovered.state;
        self.epoch = recovered.epoch;
        self.sequence = recovered.sequence;
        self.since = recovered.since;
        self.snapshots.extend(recovered.snapshot);
        self.unswept = recovered.unswept;
        News::Recovered { sequence: self.sequence, replayed: self.since.events }
    }

    fn wrote(&mut self, plan: &EventSourced<E, S>, answer: Result<(), JournalError>) -> News {
        let Mode::Writing(writing) = mem::replace(&mut self.mode, Mode::Broken) else { return News::Busy };
        match answer {
            Ok(()) => self.apply(plan, writing.written),
            Err(error) => {
                let remedy = remedy(&error.fault);
                let error = PersistError::of_journal(&plan.entity, self.sequence.plus(1), error);
                if remedy == Remedy::Chosen {
                    // Nothing was written, so that what is here is still what the journal has.
                    self.mode = Mode::Ready;
                }
                News::Failed(error, remedy)
            }
        }
    }

    /// Applies events that are durable, and only then lets happen what waited for that.
    fn apply(&mut self, plan: &EventSourced<E, S>, written: Written<E, S>) -> News {
        let Written { change, bytes, last, outcome } = written;
        let Some(state) = self.state.take() else { return News::Done(End::GoesOn) };
        self.sequence = last;
        let events = match change {
            Change::Events(events) => events,
            Change::Deletion => return self.deleted(plan, outcome),
        };
        self.since.add(events.len(), bytes);
        let state = events.iter().fold(state, |state, event| (plan.on_event)(state, event));
        let state = self.state.insert(state);
        self.mode = Mode::Ready;
        // What follows a snapshot is done before the actor stops, too: it may stop after each command.
        self.end = outcome.happen(state);
        match (plan.form, &plan.snapshots) {
            (Form::State, _) if self.unswept.is_some() || last.number() % STATES_MAX == 0 => {
                self.forget(plan)
            }
            (Form::Events, Some(snapshots)) if snapshots.due(state, last, self.since) => match self.unswept {
                Some(mark) => self.sweep(plan, mark),
                None => self.snapshot(plan, snapshots),
            },
            _ => News::Done(self.end),
        }
    }

    /// Begins anew: nothing is kept of what was.
    fn deleted(&mut self, plan: &EventSourced<E, S>, outcome: Outcome<S>) -> News {
        self.since = Since::default();
        self.snapshots.clear();
        self.unswept = None;
        let state = self.state.insert(plan.initial.clone());
        self.mode = Mode::Ready;
        News::Done(outcome.happen(state))
    }

    /// Deletes what a deletion has left.
    fn sweep(&mut self, plan: &EventSourced<E, S>, mark: Sequence) -> News {
        self.mode = Mode::Tidying(Chores::sweeping(plan, self.epoch, mark));
        News::Busy
    }

    /// Deletes the states before this one.
    fn forget(&mut self, plan: &EventSourced<E, S>) -> News {
        self.mode = Mode::Tidying(Chores::forgetting(plan, self.epoch, self.sequence));
        News::Busy
    }

    fn snapshot(&mut self, plan: &EventSourced<E, S>, snapshots: &Snapshots<S>) -> News {
        let Some(state) = &self.state else { return News::Done(self.end) };
        // Also where it fails: the next attempt is not to come with the next event.
        self.since = Since::default();
        match snapshots.codec.encode(state) {
            Ok(encoded) => {
                let snapshot = Snapshot { sequence: self.sequence, encoded };
                self.mode = Mode::Tidying(Chores::begin(plan, self.epoch, snapshot));
                News::Busy
            }
            Err(EncodeError(cause)) => {
                let cause = PersistCause::Unencodable(cause);
                let (entity, sequence) = (plan.entity.clone(), self.sequence);
                News::SnapshotFailed(PersistError { entity, sequence, cause }, self.end)
            }
        }
    }

    fn tidied(&mut self, plan: &EventSourced<E, S>, answer: Result<(), JournalError>) -> News {
        self.mode = Mode::Ready;
        let Err(error) = answer else {
            // Whatever it was, all that was deleted is gone, and the snapshot that waited for that is taken.
            let swept = self.unswept.take().is_some();
            return match &plan.snapshots {
                Some(snapshots) if swept && plan.form == Form::Events => self.snapshot(plan, snapshots),
                _ => News::Done(self.end),
            };
        };
        // The next attempt is not to come with the next event.
        self.since = Since::default();
        let stale = remedy(&error.fault) == Remedy::Stop;
        let error = PersistError::of_journal(&plan.entity, self.sequence, error);
        if stale { self.broken(error, Remedy::Stop) } else { News::SnapshotFailed(error, self.end) }
    }

    fn broken(&mut self, error: PersistError, remedy: Remedy) -> News {
        self.mode = Mode::Broken;
        News::Failed(error, remedy)
    }
}

/// What helps after a write that failed like this.
const fn remedy(fault: &Fault) -> Remedy {
    match fault {
        Fault::Failed(_) => Remedy::Chosen,
        Fault::Unknown(_) | Fault::StaleSequence { .. } => Remedy::StartAnew,
        Fault::StaleEpoch { .. } => Remedy::Stop,
    }
}
