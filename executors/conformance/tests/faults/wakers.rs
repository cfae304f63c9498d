//! Tasks whose wakes get lost, or count for too much.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};
use std::thread::{self, ThreadId};

use casty_core::Task;

/// When wakes get lost.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum During {
    Polls,
    Pauses,
}

struct Losing {
    waker: Waker,
    when: During,
    polling: Arc<AtomicBool>,
}

impl Wake for Losing {
    fn wake(self: Arc<Self>) {
        let polling = self.polling.load(Ordering::SeqCst);
        if polling != (self.when == During::Polls) {
            self.waker.wake_by_ref();
        }
    }
}

/// Loses the wakes that come during polls, or those that come between them.
pub(crate) fn losing(mut task: Task, when: During) -> Task {
    let polling = Arc::new(AtomicBool::new(false));
    Box::pin(poll_fn(move |cx| {
        let waker = Arc::new(Losing { waker: cx.waker().clone(), when, polling: Arc::clone(&polling) });
        polling.store(true, Ordering::SeqCst);
        let poll = task.as_mut().poll(&mut Context::from_waker(&waker.into()));
        polling.store(false, Ordering::SeqCst);
        poll
    }))
}

struct LosingOthers {
    waker: Waker,
    thread: ThreadId,
}

impl Wake for LosingOthers {
    fn wake(self: Arc<Self>) {
        if thread::current().id() == self.thread {
            self.waker.wake_by_ref();
        }
    }
}

/// Loses the wakes that do not come from the thread that polled.
pub(crate) fn losing_others(mut task: Task) -> Task {
    Box::pin(poll_fn(move |cx| {
        let waker = LosingOthers { waker: cx.waker().clone(), thread: thread::current().id() };
        task.as_mut().poll(&mut Context::from_waker(&Arc::new(waker).into()))
    }))
}

struct Noting {
    waker: Waker,
    woken: Arc<AtomicBool>,
}

impl Wake for Noting {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Ordering::SeqCst);
        self.waker.wake_by_ref();
    }
}

/// Polls one task again and again while it wakes itself, until it is `enough`.
pub(crate) fn greedy(mut task: Task, enough: Arc<AtomicBool>) -> Task {
    let woken = Arc::new(AtomicBool::new(false));
    Box::pin(poll_fn(move |cx| {
        let waker = Arc::new(Noting { waker: cx.waker().clone(), woken: Arc::clone(&woken) });
        let waker = waker.into();
        loop {
            woken.store(false, Ordering::SeqCst);
            let poll = task.as_mut().poll(&mut Context::from_waker(&waker));
            if poll.is_ready() || !woken.load(Ordering::SeqCst) || enough.load(Ordering::SeqCst) {
                return poll;
            }
        }
    }))
}
