//! A background future of the system: it runs on the workers, beside the actors.

use alloc::boxed::Box;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use super::run::{Run, Runnable, Turn};
use crate::executor::Panic;
use crate::sync::{Arc, Lock, wakes};

/// Puts a runnable in a queue.
pub(crate) trait Schedule: Send + Sync + 'static {
    /// Runs `runnable` soon.
    fn schedule(&self, runnable: Runnable);
}

/// How a background future came to its end.
pub(crate) enum End {
    /// By itself.
    Done,
    /// It panicked.
    Panicked(Panic),
    /// Its handle cancelled it.
    Cancelled,
}

/// A background future and what shall happen at its end, with one owner.
pub(crate) struct Spawned<S: Schedule> {
    future: Pin<Box<dyn Future<Output = ()> + Send>>,
    at_end: Option<Box<dyn FnOnce(End) + Send>>,
    home: Arc<Home<S>>,
    number: u64,
}

/// Cancels a piece of background work when dropped; then nobody hears of its end.
pub(crate) struct TaskHandle(Option<Box<dyn FnOnce(Cancel) + Send>>);

/// Whether the end of cancelled work is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cancel {
    /// It is: [`End::Cancelled`].
    Loudly,
    /// It is not.
    Quietly,
}

/// Where the future rests between two polls.
struct Home<S: Schedule> {
    scheduler: Arc<S>,
    state: Lock<State<S>>,
}

struct State<S: Schedule> {
    parked: Option<Box<Spawned<S>>>,
    woken: bool,
    cancelled: Option<Cancel>,
}

impl<S: Schedule> Spawned<S> {
    /// Runs `future` on the workers of `scheduler`; `at_end` is called exactly once.
    pub(crate) fn start(
        scheduler: Arc<S>,
        number: u64,
        future: Pin<Box<dyn Future<Output = ()> + Send>>,
        at_end: Box<dyn FnOnce(End) + Send>,
    ) -> TaskHandle {
        let state = Lock::new(State { parked: None, woken: false, cancelled: None });
        let home = Arc::new(Home { scheduler, state });
        let spawned = Box::new(Self { future, at_end: Some(at_end), home: Arc::clone(&home), number });
        home.scheduler.schedule(spawned);
        TaskHandle::new(move |cancel| home.cancel(cancel))
    }
}

impl<S: Schedule> Run for Spawned<S> {
    fn run(mut self: Box<Self>, turn: &mut Turn<'_>) -> Option<Runnable> {
        let home = Arc::clone(&self.home);
        let cancelled = home.state.with(|state| {
            state.woken = false;
            state.cancelled
        });
        turn.spend();
        let waker = Waker::from(Arc::clone(&home));
        let mut polled = Poll::Pending;
        let guarded = turn.executor().guard(&mut || {
            if cancelled.is_none() {
                polled = self.future.as_mut().poll(&mut Context::from_waker(&waker));
            }
        });
        let end = match (guarded, polled) {
            (Err(panic), _) => End::Panicked(panic),
            (Ok(()), Poll::Ready(())) => End::Done,
            (Ok(()), Poll::Pending) if cancelled.is_some() => End::Cancelled,
            (Ok(()), Poll::Pending) => return home.park(self),
        };
        // What the future leaves behind, and the code told of its end, are a user's: they may panic.
        let told = cancelled != Some(Cancel::Quietly);
        let mut news = if told { self.at_end.take().zip(Some(end)) } else { None };
        let _ = turn.executor().guard(&mut || {
            if let Some((at_end, end)) = news.take() {
                at_end(end);
            }
        });
        let mut rest = Some(self);
        let _ = turn.executor().guard(&mut || drop(rest.take()));
        None
    }

    fn who(&self) -> u64 {
        self.number
    }
}

impl<S: Schedule> Home<S> {
    /// Rests until woken; returns the future when it was woken meanwhile.
    fn park(&self, spawned: Box<Spawned<S>>) -> Option<Runnable> {
        let back = self.state.with(|state| {
            if state.woken || state.cancelled.is_some() {
                return Some(spawned);
            }
            state.parked = Some(spawned);
            None
        });
        back.map(|spawned| spawned as Runnable)
    }

    fn rouse(&self, change: impl FnOnce(&mut State<S>)) {
        let parked = self.state.with(|state| {
            change(state);
            state.parked.take()
        });
        if let Some(spawned) = parked {
            self.scheduler.schedule(spawned);
        }
    }

    fn woken(&self) {
        self.rouse(|state| state.woken = true);
    }

    fn cancel(&self, cancel: Cancel) {
        self.rouse(|state| state.cancelled = Some(cancel));
    }
}

wakes!([S: Schedule] Home<S>, woken);

impl TaskHandle {
    /// A handle that cancels by calling `cancel`.
    pub(crate) fn new(cancel: impl FnOnce(Cancel) + Send + 'static) -> Self {
        Self(Some(Box::new(cancel)))
    }

    /// Cancels the work, whose end is told. True, as it was not known to have ended.
    pub(crate) fn cancel(mut self) -> bool {
        self.0.take().map(|cancel| cancel(Cancel::Loudly)).is_some()
    }
}

impl Drop for TaskHandle {
    fn drop(&mut self) {
        if let Some(cancel) = self.0.take() {
            cancel(Cancel::Quietly);
        }
    }
}
