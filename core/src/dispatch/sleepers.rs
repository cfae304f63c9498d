//! Workers that found nothing to run, and how a push wakes one of them.
//!
//! No wake is lost: a worker says that it sleeps *before* it looks at the queues a last time, and a push
//! looks for sleepers *after* it has left its runnable in a queue. Both go through the lock of that queue, so
//! one of them sees the other. Loom checks it (`loom.rs`).

use alloc::boxed::Box;
use core::task::Waker;

use crate::sync::{AtomicBool, AtomicUsize, Lock, Ordering};

/// The sleeping workers of one system.
pub(crate) struct Sleepers {
    wakers: Box<[Lock<Option<Waker>>]>,
    count: AtomicUsize,
    /// Someone was woken and has not yet found work: it will wake the next, so nobody else need be.
    searching: AtomicBool,
}

impl Sleepers {
    /// Nobody sleeps, of `workers`.
    pub(crate) fn new(workers: usize) -> Self {
        Self {
            wakers: (0..workers).map(|_| Lock::new(None)).collect(),
            count: AtomicUsize::new(0),
            searching: AtomicBool::new(false),
        }
    }

    /// Notes that worker `index` is about to sleep; it must look at all queues once more after this.
    pub(crate) fn lie_down(&self, index: usize, waker: &Waker) {
        self.searching.store(false, Ordering::SeqCst);
        let waker = waker.clone();
        let before = self.wakers[index].with(|slot| slot.replace(waker));
        if before.is_none() {
            self.count.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Notes that worker `index` is up, whoever woke it. True when it had been lying down until now.
    pub(crate) fn get_up(&self, index: usize) -> bool {
        let waker = self.wakers[index].with(Option::take);
        if waker.is_some() {
            self.count.fetch_sub(1, Ordering::SeqCst);
        }
        waker.is_some()
    }

    /// Notes that a worker found work. True when someone was woken to search: the finder then wakes the next,
    /// should there be more to run.
    #[inline]
    pub(crate) fn found(&self) -> bool {
        self.searching.load(Ordering::Relaxed) && self.searching.swap(false, Ordering::SeqCst)
    }

    /// Wakes one sleeper to search, unless there is none or one is searching already.
    #[inline]
    pub(crate) fn wake_one(&self) {
        while self.count.load(Ordering::SeqCst) != 0 {
            if self.searching.swap(true, Ordering::SeqCst) || self.wake_any() {
                return;
            }
            // The one who was counted is up already. Another may have lain down since, and a push relied on this search.
            self.searching.store(false, Ordering::SeqCst);
        }
    }

    /// Wakes every sleeper, to end.
    pub(crate) fn wake_all(&self) {
        while self.wake_any() {}
    }

    fn wake_any(&self) -> bool {
        let waker = self.wakers.iter().find_map(|slot| slot.with(Option::take));
        let Some(waker) = waker else { return false };
        self.count.fetch_sub(1, Ordering::SeqCst);
        waker.wake();
        true
    }
}
