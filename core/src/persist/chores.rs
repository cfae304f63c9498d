//! Keeping the state itself, and deleting what that makes superfluous.

use alloc::collections::VecDeque;
use core::task::{Context, Poll, ready};

use super::event_sourced::EventSourced;
use super::snapshots::Snapshots;
use crate::journal::{Answer, Epoch, JournalError, Sequence, Snapshot};

/// A snapshot under way. Nothing is deleted before it is durable.
pub(super) struct Chores {
    step: Step,
    answer: Answer<()>,
}

#[derive(Clone, Copy)]
enum Step {
    /// Saves the snapshot of this event.
    Saving(Sequence),
    /// Deletes the snapshots before this one.
    DeletingSnapshots(Sequence),
    DeletingEvents,
}

impl Chores {
    pub(super) fn begin<E, S>(plan: &EventSourced<E, S>, epoch: Epoch, snapshot: Snapshot) -> Self {
        let step = Step::Saving(snapshot.sequence);
        Self { step, answer: plan.journal.save_snapshot(&plan.entity, epoch, snapshot) }
    }

    /// Goes on; `durable` are the snapshots that are known to be there, which grow by this one.
    pub(super) fn poll<E, S: 'static>(
        &mut self,
        plan: &EventSourced<E, S>,
        epoch: Epoch,
        durable: &mut VecDeque<Sequence>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), JournalError>> {
        let Some(policy) = &plan.snapshots else { return Poll::Ready(Ok(())) };
        loop {
            ready!(self.answer.as_mut().poll(cx))?;
            (self.step, self.answer) = match self.step {
                Step::Saving(saved) => {
                    durable.push_back(saved);
                    let Some(oldest) = superfluous(policy, durable) else { return Poll::Ready(Ok(())) };
                    let answer = plan.journal.delete_snapshots(&plan.entity, epoch, oldest);
                    (Step::DeletingSnapshots(oldest), answer)
                }
                Step::DeletingSnapshots(oldest) if policy.deletes_events => {
                    (Step::DeletingEvents, plan.journal.delete_events(&plan.entity, epoch, oldest))
                }
                Step::DeletingSnapshots(_) | Step::DeletingEvents => return Poll::Ready(Ok(())),
            };
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
