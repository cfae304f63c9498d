//! The board on which a node posts what it knows of its cluster, for all to read.

use alloc::vec::Vec;
use core::mem;
use core::task::{Context, Poll, Waker};

use crate::cluster::ClusterState;
use crate::sync::Lock;

/// What is known of the cluster, and who waits for it to change.
#[derive(Default)]
pub(crate) struct Board(Lock<Posted>);

#[derive(Default)]
struct Posted {
    state: ClusterState,
    /// Nothing more will be posted.
    over: bool,
    line: Vec<Waker>,
    /// How often something was posted.
    posts: u64,
}

impl Board {
    pub(crate) fn post(&self, state: ClusterState, over: bool) {
        let (old, line) = self.0.with(|posted| {
            posted.over |= over;
            posted.posts += 1;
            (mem::replace(&mut posted.state, state), mem::take(&mut posted.line))
        });
        drop(old);
        line.into_iter().for_each(Waker::wake);
    }

    pub(crate) fn read<T>(&self, read: impl FnOnce(&ClusterState) -> T) -> T {
        self.0.with(|posted| read(&posted.state))
    }

    /// Whether nothing more will be posted.
    pub(crate) fn is_over(&self) -> bool {
        self.0.with(|posted| posted.over)
    }

    /// Ready when more was posted than that, with how much, or with nothing when nothing will be any more.
    pub(crate) fn poll_more(&self, cx: &Context<'_>, seen: u64) -> Poll<Option<u64>> {
        self.0.with(|posted| {
            if posted.posts == seen && !posted.over {
                posted.wait(cx);
                return Poll::Pending;
            }
            Poll::Ready((posted.posts != seen).then_some(posted.posts))
        })
    }

    /// Ready when `look` finds something, or with nothing when it will not any more.
    pub(crate) fn poll<T>(
        &self,
        cx: &Context<'_>,
        look: impl FnOnce(&ClusterState) -> Option<T>,
    ) -> Poll<Option<T>> {
        self.0.with(|posted| {
            let found = look(&posted.state);
            if found.is_some() || posted.over {
                return Poll::Ready(found);
            }
            posted.wait(cx);
            Poll::Pending
        })
    }
}

impl Posted {
    fn wait(&mut self, cx: &Context<'_>) {
        if !self.line.iter().any(|waker| waker.will_wake(cx.waker())) {
            self.line.push(cx.waker().clone());
        }
    }
}
