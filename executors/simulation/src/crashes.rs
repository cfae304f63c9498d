//! Crashes of a machine, which end all that is under way on it.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
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
    /// Who waits for the next one, by the number of its watch.
    wakers: BTreeMap<u64, Waker>,
    watches: u64,
}

/// Somebody who waits for the next crash, as long as this is there.
pub(crate) struct Watch {
    crashes: Crashes,
    number: u64,
    /// Of so many it knows.
    begun: u64,
}

impl Crashes {
    /// Ends all that is under way.
    pub(crate) fn crash(&self) {
        let wakers = self.with(|state| {
            state.count += 1;
            core::mem::take(&mut state.wakers)
        });
        wakers.into_values().for_each(Waker::wake);
    }

    /// What comes of `work`, unless there is a crash first.
    pub(crate) async fn ending<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let watch = self.watch();
        let mut work = pin!(work);
        poll_fn(|cx| match watch.poll(cx) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => work.as_mut().poll(cx).map(Some),
        })
        .await
    }

    /// Waits for the next one from now on.
    pub(crate) fn watch(&self) -> Watch {
        self.with(|state| {
            state.watches += 1;
            Watch { crashes: self.clone(), number: state.watches, begun: state.count }
        })
    }

    /// Lets all that is under way look again, although there was no crash.
    pub(crate) fn stir(&self) {
        let wakers = self.with(|state| core::mem::take(&mut state.wakers));
        wakers.into_values().for_each(Waker::wake);
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Watch {
    /// Ready when there has been one since it began. Who is stirred looks again.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        let (polled, old) = self.crashes.with(|state| {
            if state.count > self.begun {
                return (Poll::Ready(()), None);
            }
            let same = state.wakers.get(&self.number).is_some_and(|waker| waker.will_wake(cx.waker()));
            let old = if same { None } else { state.wakers.insert(self.number, cx.waker().clone()) };
            (Poll::Pending, old)
        });
        drop(old);
        polled
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let waker = self.crashes.with(|state| state.wakers.remove(&self.number));
        drop(waker);
    }
}
