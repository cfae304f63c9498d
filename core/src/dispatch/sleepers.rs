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
    /// The wakers of those who sleep, by worker.
    beds: Lock<Box<[Option<Waker>]>>,
    /// How many sleep, to look without the lock; changed under it.
    count: AtomicUsize,
    /// Someone was woken and has not yet found work: it will wake the next, so nobody else need be. Changed under the lock.
    searching: AtomicBool,
}

impl Sleepers {
    /// Nobody sleeps, of `workers`.
    pub(crate) fn new(workers: usize) -> Self {
        Self {
            beds: Lock::new((0..workers).map(|_| None).collect()),
            count: AtomicUsize::new(0),
            searching: AtomicBool::new(false),
        }
    }

    /// Notes that worker `index` is about to sleep; it must look at all queues once more after this.
    pub(crate) fn lie_down(&self, index: usize, waker: &Waker) {
        let waker = waker.clone();
        let before = self.beds.with(|beds| {
            self.searching.store(false, Ordering::SeqCst);
            let before = beds[index].replace(waker);
            if before.is_none() {
                self.count.fetch_add(1, Ordering::SeqCst);
            }
            before
        });
        drop(before);
    }

    /// Notes that worker `index` is up, whoever woke it.
    pub(crate) fn get_up(&self, index: usize) {
        let waker = self.beds.with(|beds| {
            let waker = beds[index].take();
            if waker.is_some() {
                self.count.fetch_sub(1, Ordering::SeqCst);
            }
            waker
        });
        drop(waker);
    }

    /// Notes that a worker found work. True when someone was woken to search: the finder then wakes the next,
    /// should there be more to run.
    #[inline]
    pub(crate) fn found(&self) -> bool {
        self.searching.load(Ordering::Relaxed) && self.end_search()
    }

    #[inline(never)]
    fn end_search(&self) -> bool {
        self.beds.with(|_| self.searching.swap(false, Ordering::SeqCst))
    }

    /// Wakes one sleeper to search, unless there is none or one is searching already.
    #[inline]
    pub(crate) fn wake_one(&self) {
        if self.count.load(Ordering::SeqCst) > 0 {
            self.wake_first();
        }
    }

    #[inline(never)]
    fn wake_first(&self) {
        let woken = self.beds.with(|beds| {
            if self.searching.load(Ordering::SeqCst) {
                return None;
            }
            let woken = self.rouse(beds);
            self.searching.store(woken.is_some(), Ordering::SeqCst);
            woken
        });
        woken.into_iter().for_each(Waker::wake);
    }

    /// Wakes every sleeper, to end.
    pub(crate) fn wake_all(&self) {
        while let Some(woken) = self.beds.with(|beds| self.rouse(beds)) {
            woken.wake();
        }
    }

    fn rouse(&self, beds: &mut [Option<Waker>]) -> Option<Waker> {
        let woken = beds.iter_mut().find_map(Option::take)?;
        self.count.fetch_sub(1, Ordering::SeqCst);
        Some(woken)
    }
}
