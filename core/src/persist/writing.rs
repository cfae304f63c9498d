//! A write under way: what a decision has come to, on its way into the journal.

use alloc::vec::Vec;
use core::task::{Context, Poll};

use super::codec::EncodeError;
use super::decision::{Change, Decision, Outcome};
use super::deletion;
use super::event_sourced::{EventSourced, Form};
use super::patience::{Alarm, Patience};
use crate::actor::World;
use crate::journal::{Answer, Epoch, JournalError, NewEvent, Sequence, Snapshot, Write};

/// A write under way.
pub(super) struct Writing<E, S> {
    answer: Patience,
    /// What has happened if it goes well.
    pub(super) written: Written<E, S>,
}

/// What has happened once a write is durable.
pub(super) struct Written<E, S> {
    pub(super) change: Change<E>,
    pub(super) bytes: usize,
    /// The last sequence there is then.
    pub(super) last: Sequence,
    pub(super) outcome: Outcome<S>,
}

impl<E: 'static, S> Writing<E, S> {
    /// Begins to write what a decision that changes something has come to.
    pub(super) fn begin(
        plan: &EventSourced<E, S>,
        epoch: Epoch,
        after: Sequence,
        decision: Decision<E, S>,
    ) -> Result<Self, EncodeError> {
        let Decision { mut change, outcome } = decision;
        let ((answer, bytes), count) = match (&mut change, plan.form) {
            (Change::Deletion, _) => ((deletion::delete(plan, epoch, after), 0), 1),
            (Change::Events(events), Form::Events) => (append(plan, epoch, after, events)?, events.len()),
            (Change::Events(events), Form::State) => {
                // There is one at least, and all but the last are states that nobody will ever see.
                events.drain(..events.len() - 1);
                (replace(plan, epoch, after.plus(1), &events[0])?, 1)
            }
        };
        let last = after.plus(count as u64);
        Ok(Self { answer: Patience::new(answer), written: Written { change, bytes, last, outcome } })
    }

    pub(super) fn poll(
        &mut self,
        plan: &EventSourced<E, S>,
        timing: (&World, &mut Alarm),
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), JournalError>> {
        self.answer.poll(plan, timing, cx)
    }
}

/// Appends events; says how many bytes they have.
fn append<E: 'static, S>(
    plan: &EventSourced<E, S>,
    epoch: Epoch,
    after: Sequence,
    events: &[E],
) -> Result<(Answer<()>, usize), EncodeError> {
    let encode = |event: &E| {
        let tags = plan.tags.as_ref().map_or_else(Vec::new, |tags| tags(event));
        Ok(NewEvent { encoded: plan.codec.encode(event)?, tags })
    };
    let events: Vec<NewEvent> = events.iter().map(encode).collect::<Result<_, _>>()?;
    let bytes = events.iter().map(|event| event.encoded.bytes.len()).sum();
    let write = Write { entity: plan.entity.clone(), epoch, after, events };
    Ok((plan.journal.append(write), bytes))
}

/// Writes a state, of which the journal loads the last one.
fn replace<E: 'static, S>(
    plan: &EventSourced<E, S>,
    epoch: Epoch,
    sequence: Sequence,
    state: &E,
) -> Result<(Answer<()>, usize), EncodeError> {
    let encoded = plan.codec.encode(state)?;
    let bytes = encoded.bytes.len();
    Ok((plan.journal.save_snapshot(&plan.entity, epoch, Snapshot { sequence, encoded }), bytes))
}
