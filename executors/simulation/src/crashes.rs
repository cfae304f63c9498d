//! Crashes of a machine, which end all that is under way on it.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::future::poll_fn;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::sync::{Mutex, PoisonError};

/// The crashes of one machine. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Crashes(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    count: u64,
    /// Who waits for the next one.
    wakers: Vec<Waker>,
}

impl Crashes {
    /// Ends all that is under way.
    pub(crate) fn crash(&self) {
        let wakers = self.with(|state| {
            state.count += 1;
            core::mem::take(&mut state.wakers)
        });
        wakers.into_iter().for_each(Waker::wake);
    }

    /// What comes of `work`, unless there is a crash first.
    pub(crate) async fn ending<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let begun = self.with(|state| state.count);
        let mut work = pin!(work);
        poll_fn(|cx| match self.since(begun, cx) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => work.as_mut().poll(cx).map(Some),
        })
        .await
    }

    /// How many there have been.
    pub(crate) fn count(&self) -> u64 {
        self.with(|state| state.count)
    }

    /// Lets all that is under way look again, although there was no crash.
    pub(crate) fn stir(&self) {
        let wakers = self.with(|state| core::mem::take(&mut state.wakers));
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Ready when there has been one since there were so many.
    pub(crate) fn since(&self, begun: u64, cx: &Context<'_>) -> Poll<()> {
        self.with(|state| {
            if state.count > begun {
                return Poll::Ready(());
            }
            if !state.wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
                state.wakers.push(cx.waker().clone());
            }
            Poll::Pending
        })
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
