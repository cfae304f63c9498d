//! Keeping the state itself, and deleting what that makes superfluous.

use alloc::collections::VecDeque;
use core::task::{Context, Poll, ready};

use super::deletion;
use super::event_sourced::EventSourced;
use super::patience::{Alarm, Patience};
use super::snapshots::Snapshots;
use crate::actor::World;
use crate::journal::{Answer, Epoch, JournalError, Sequence, Snapshot};

/// A snapshot under way. Nothing is deleted before it is durable.
pub(super) struct Chores {
    epoch: Epoch,
    step: Step,
    answer: Patience,
}

#[derive(Clone, Copy)]
enum Step {
    /// Saves the snapshot of this event.
    Saving(Sequence),
    /// Deletes the snapshots before this one.
    DeletingSnapshots(Sequence),
    DeletingEvents,
    /// Deletes what is left of a deletion.
    Sweeping,
}

impl Chores {
    pub(super) fn begin<E, S>(plan: &EventSourced<E, S>, epoch: Epoch, snapshot: Snapshot) -> Self {
        let step = Step::Saving(snapshot.sequence);
        Self::at(step, epoch, plan.journal.save_snapshot(&plan.entity, epoch, snapshot))
    }

    /// Only deletes what is before `oldest`.
    pub(super) fn forgetting<E, S>(plan: &EventSourced<E, S>, epoch: Epoch, oldest: Sequence) -> Self {
        let answer = plan.journal.delete_snapshots(&plan.entity, epoch, oldest);
        Self::at(Step::DeletingSnapshots(oldest), epoch, answer)
    }

    /// Only deletes what is before a mark.
    pub(super) fn sweeping<E, S>(plan: &EventSourced<E, S>, epoch: Epoch, mark: Sequence) -> Self {
        Self::at(Step::Sweeping, epoch, deletion::sweep(plan, epoch, mark))
    }

    const fn at(step: Step, epoch: Epoch, answer: Answer<()>) -> Self {
        Self { epoch, step, answer: Patience::new(answer) }
    }

    /// Goes on; `durable` are the snapshots that are known to be there, which grow by this one.
    pub(super) fn poll<E, S: 'static>(
        &mut self,
        plan: &EventSourced<E, S>,
        (world, alarm): (&World, &mut Alarm),
        durable: &mut VecDeque<Sequence>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), JournalError>> {
        loop {
            ready!(self.answer.poll(plan, (world, &mut *alarm), cx))?;
            let Some(policy) = &plan.snapshots else { return Poll::Ready(Ok(())) };
            let (journal, entity, epoch) = (&plan.journal, &plan.entity, self.epoch);
            let (step, answer) = match self.step {
                Step::Saving(saved) => {
                    durable.push_back(saved);
                    let Some(oldest) = superfluous(policy, durable) else { return Poll::Ready(Ok(())) };
                    (Step::DeletingSnapshots(oldest), journal.delete_snapshots(entity, epoch, oldest))
                }
                Step::DeletingSnapshots(oldest) if policy.deletes_events => {
                    (Step::DeletingEvents, journal.delete_events(entity, epoch, oldest))
                }
                Step::DeletingSnapshots(_) | Step::DeletingEvents | Step::Sweeping => {
                    return Poll::Ready(Ok(()));
                }
            };
            *self = Self::at(step, epoch, answer);
        }
    }
}

/// Forgets the snapshots that are too many; the oldest one left, if there were any.
fn superfluous<S: 'static>(policy: &Snapshots<S>, durable: &mut VecDeque<Sequence>) -> Option<Sequence> {
    let enough = durable.len() >= policy.kept;
    while durable.len() > policy.kept {
        durable.pop_front();
    }
    enough.then(|| durable.front().copied()).flatten()
}
