//! The board on which a node posts what it knows of its cluster, for users to read.

use alloc::vec::Vec;
use core::mem;
use core::task::{Context, Poll, Waker};

use crate::cluster::ClusterState;
use crate::sync::Lock;

/// What is known of the cluster, and who waits for it to change.
#[derive(Default)]
pub(super) struct Board(Lock<Posted>);

#[derive(Default)]
struct Posted {
    state: ClusterState,
    /// Nothing more will be posted.
    over: bool,
    line: Vec<Waker>,
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

    pub(super) fn read<T>(&self, read: impl FnOnce(&ClusterState) -> T) -> T {
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
            if found.is_some() || posted.over {
                return Poll::Ready(found);
            }
            if !posted.line.iter().any(|waker| waker.will_wake(cx.waker())) {
                posted.line.push(cx.waker().clone());
            }
            Poll::Pending
        })
    }
}
