//! A background future of the system: it runs on the workers, beside the actors.

use alloc::boxed::Box;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Waker};

use super::run::{Rest, Run, Runnable, Turn};
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
    /// How it ended: then it is not polled any more.
    end: Option<End>,
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
        let spawned =
            Box::new(Self { future, end: None, at_end: Some(at_end), home: Arc::clone(&home), number });
        home.scheduler.schedule(spawned);
        TaskHandle::new(move |cancel| home.cancel(cancel))
    }
}

impl<S: Schedule> Run for Spawned<S> {
    fn run(&mut self, turn: &mut Turn) -> Rest {
        let cancelled = self.home.state.with(|state| {
            state.woken = false;
            state.cancelled
        });
        turn.spend();
        if self.end.is_none() {
            self.end = match cancelled {
                Some(_) => Some(End::Cancelled),
                None => self.poll(),
            };
        }
        let Some(end) = self.end.take() else { return Rest::Paused };
        // Should the code that is told of the end panic, it has been told.
        let at_end = self.at_end.take();
        self.end = Some(End::Done);
        if cancelled != Some(Cancel::Quietly)
            && let Some(at_end) = at_end
        {
            at_end(end);
        }
        Rest::Ended
    }

    fn settle(self: Box<Self>, rest: Rest) -> Option<Runnable> {
        if rest == Rest::Ended {
            return None;
        }
        let home = Arc::clone(&self.home);
        home.park(self)
    }

    fn broken(&mut self, panic: Panic) {
        if self.end.is_none() {
            self.end = Some(End::Panicked(panic));
        }
    }

    fn who(&self) -> u64 {
        self.number
    }
}

impl<S: Schedule> Spawned<S> {
    fn poll(&mut self) -> Option<End> {
        let waker = Waker::from(Arc::clone(&self.home));
        let polled = self.future.as_mut().poll(&mut Context::from_waker(&waker));
        polled.is_ready().then_some(End::Done)
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
