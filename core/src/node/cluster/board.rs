//! The board on which a node posts what it knows of its cluster, for users to read.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::mem;
use core::task::{Context, Poll, Waker};

use crate::cluster::{BarrierError, ClusterState};
use crate::sync::Lock;

/// What is known of the cluster, and who waits for it to change.
#[derive(Default)]
pub(in crate::node) struct Board(Lock<Posted>);

#[derive(Default)]
struct Posted {
    state: ClusterState,
    /// Nothing more will be posted.
    over: bool,
    line: Vec<Waker>,
    /// Those who wait at barriers, by ticket, and what they are to hear.
    tickets: BTreeMap<u64, Option<Result<(), BarrierError>>>,
    last_ticket: u64,
}

impl Board {
    pub(super) fn post(&self, state: ClusterState, over: bool) {
        let (old, line) = self.0.with(|posted| {
            posted.over |= over;
            (mem::replace(&mut posted.state, state), mem::take(&mut posted.line))
        });
        drop(old);
        line.into_iter().for_each(Waker::wake);
    }

    pub(in crate::node) fn read<T>(&self, read: impl FnOnce(&ClusterState) -> T) -> T {
        self.0.with(|posted| read(&posted.state))
    }

    /// Ready when `look` finds something, or with nothing when it will not any more.
    pub(super) fn poll<T>(
        &self,
        cx: &Context<'_>,
        look: impl FnOnce(&ClusterState) -> Option<T>,
    ) -> Poll<Option<T>> {
        self.0.with(|posted| {
            let found = look(&posted.state);
            if found.is_some() { Poll::Ready(found) } else { posted.wait(cx) }
        })
    }

    /// A ticket for somebody who waits at a barrier.
    pub(super) fn ticket(&self) -> u64 {
        self.0.with(|posted| {
            posted.last_ticket += 1;
            posted.tickets.insert(posted.last_ticket, None);
            posted.last_ticket
        })
    }

    /// Who waits with that ticket waits no more.
    pub(super) fn answer(&self, ticket: u64, answer: Result<(), BarrierError>) {
        let line = self.0.with(|posted| {
            let place = posted.tickets.get_mut(&ticket)?;
            *place = Some(answer);
            Some(mem::take(&mut posted.line))
        });
        line.into_iter().flatten().for_each(Waker::wake);
    }

    /// The answer for that ticket, or nothing when none will come.
    pub(super) fn poll_ticket(
        &self,
        cx: &Context<'_>,
        ticket: u64,
    ) -> Poll<Option<Result<(), BarrierError>>> {
        self.0.with(|posted| {
            if let Some(answer) = posted.tickets.get(&ticket).cloned().flatten() {
                return Poll::Ready(Some(answer));
            }
            posted.wait(cx)
        })
    }

    /// Nobody waits with that ticket any more; whether it was still open.
    pub(super) fn give_back(&self, ticket: u64) -> bool {
        self.0.with(|posted| matches!(posted.tickets.remove(&ticket), Some(None)))
    }
}

impl Posted {
    /// Is woken when there is something new; ready when there will be nothing any more.
    fn wait<T>(&mut self, cx: &Context<'_>) -> Poll<Option<T>> {
        if self.over {
            return Poll::Ready(None);
        }
        if !self.line.iter().any(|waker| waker.will_wake(cx.waker())) {
            self.line.push(cx.waker().clone());
        }
        Poll::Pending
    }
}
