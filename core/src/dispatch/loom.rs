//! Pushes race with workers that lie down: no runnable is left while all sleep.

extern crate std;

use alloc::boxed::Box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Wake, Waker};

use super::local::Rotation;
use super::run::{Rest, Run, Runnable, Turn};
use super::{Crew, Queues};
use crate::executor::Panic;

struct Idle;

impl Run for Idle {
    fn run(&mut self, _: &mut Turn) -> Rest {
        Rest::Ended
    }

    fn settle(self: Box<Self>, _: Rest) -> Option<Runnable> {
        None
    }

    fn broken(&mut self, _: Panic) {}

    fn who(&self) -> u64 {
        0
    }
}

/// A worker's waker, which only remembers.
#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

struct Model {
    queues: Queues,
    flags: [Arc<Flag>; 2],
    ran: AtomicUsize,
}

impl Model {
    fn new(workers: usize) -> Arc<Self> {
        Arc::new(Self {
            queues: Queues::new(Crew { workers, steal: Some(Queues::steal), chance: None }),
            flags: <[Arc<Flag>; 2]>::default(),
            ran: AtomicUsize::new(0),
        })
    }

    /// What a worker does in one poll: all it finds, then it lies down and looks once more.
    fn work(&self, index: usize) {
        let mut rotation = Rotation::default();
        self.queues.sleepers().get_up(index);
        loop {
            while self.queues.pick(index, &mut rotation).is_some() {
                self.ran.fetch_add(1, Ordering::SeqCst);
            }
            self.queues.sleepers().lie_down(index, &Waker::from(Arc::clone(&self.flags[index])));
            if self.queues.look_again(index, &mut rotation).is_none() {
                return;
            }
            self.ran.fetch_add(1, Ordering::SeqCst);
            self.queues.sleepers().get_up(index);
        }
    }

    /// Everything ran, or someone was woken who will run it.
    fn check(&self, pushed: usize) {
        let woken = self.flags.iter().any(|flag| flag.0.load(Ordering::SeqCst));
        let ran = self.ran.load(Ordering::SeqCst);
        assert!(ran == pushed || (ran < pushed && woken), "{ran} of {pushed} ran and nobody was woken");
    }
}

#[test]
fn what_is_pushed_while_a_worker_lies_down_is_seen_or_wakes_it() {
    loom::model(|| {
        let model = Model::new(1);
        let worker = Arc::clone(&model);
        let other = loom::thread::spawn(move || worker.work(0));
        model.queues.push_shared(Box::new(Idle));
        other.join().unwrap();
        model.check(1);
    });
}

#[test]
fn what_waits_in_a_workers_queue_wakes_one_who_could_steal_it() {
    loom::model(|| {
        let model = Model::new(2);
        let worker = Arc::clone(&model);
        let other = loom::thread::spawn(move || worker.work(1));
        // Worker 0 is busy: it wakes two actors and does not come to either.
        model.queues.push(0, Box::new(Idle));
        model.queues.push(0, Box::new(Idle));
        other.join().unwrap();
        let ran = model.ran.load(Ordering::SeqCst);
        let woken = model.flags[1].0.load(Ordering::SeqCst);
        assert!(ran >= 1 || woken, "nobody came for the one that waits");
    });
}

#[test]
fn two_pushes_and_two_workers_leave_nothing_behind() {
    loom::model(|| {
        let model = Model::new(2);
        let workers = [0, 1].map(|index| {
            let worker = Arc::clone(&model);
            loom::thread::spawn(move || worker.work(index))
        });
        model.queues.push_shared(Box::new(Idle));
        model.queues.push_shared(Box::new(Idle));
        let _ = workers.map(|worker| worker.join().unwrap());
        model.check(2);
    });
}
