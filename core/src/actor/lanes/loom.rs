//! Every interleaving of pushes and of an actor that goes idle: nothing is left lying.

extern crate std;

use alloc::boxed::Box;
use alloc::vec::Vec;
use std::sync::Arc;
use std::sync::Mutex;

use super::{Lanes, Pushed, Settled, Tenant};
use crate::actor::few::Few;
use crate::actor::mailbox::{Mailbox, Overflow};

/// An actor that notes what it gets.
struct Noter {
    hands: Few<u8>,
    seen: Arc<Mutex<Vec<u8>>>,
}

impl Tenant<u8> for Noter {
    fn hands(&mut self) -> &mut Few<u8> {
        &mut self.hands
    }
}

/// What a worker does with a woken actor: all there is, until it parks.
fn run(lanes: &Lanes<Noter, u8, u8>, mut noter: Box<Noter>) {
    loop {
        if lanes.urgent() {
            noter.seen.lock().unwrap().extend(core::iter::from_fn(|| lanes.next_signal()));
        }
        while let Some(message) = noter.hands.pop() {
            noter.seen.lock().unwrap().push(message);
        }
        match lanes.settle(noter) {
            Settled::Parked => return,
            Settled::Busy(more) => noter = more,
        }
    }
}

fn push(lanes: &Lanes<Noter, u8, u8>, message: u8) {
    if let Pushed::Woke(noter) = lanes.push(message) {
        run(lanes, noter);
    }
}

fn parked(mailbox: Mailbox<u8>) -> (Arc<Lanes<Noter, u8, u8>>, Arc<Mutex<Vec<u8>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let lanes = Arc::new(Lanes::new(mailbox, false));
    run(&lanes, Box::new(Noter { hands: Few::Nothing, seen: Arc::clone(&seen) }));
    (lanes, seen)
}

#[test]
fn every_message_and_every_signal_is_seen_once_and_in_order() {
    loom::model(|| {
        let (lanes, seen) = parked(Mailbox::unbounded());
        let theirs = Arc::clone(&lanes);
        let other = loom::thread::spawn(move || {
            push(&theirs, 1);
            push(&theirs, 2);
        });
        if let Ok(Some(noter)) = lanes.signal(9, |_| false) {
            run(&lanes, noter);
        }
        push(&lanes, 5);
        other.join().unwrap();
        let mut seen = seen.lock().unwrap().clone();
        let order: Vec<u8> = seen.iter().copied().filter(|message| *message < 5).collect();
        assert_eq!(order, [1, 2]);
        seen.sort_unstable();
        assert_eq!(seen, [1, 2, 5, 9]);
    });
}

#[test]
fn a_sender_that_waits_for_room_is_woken_when_there_is_some() {
    loom::model(|| {
        let (lanes, seen) = parked(Mailbox::bounded(1, Overflow::Reject));
        let flag = Arc::new(Flag::default());
        let theirs = Arc::clone(&lanes);
        let other = loom::thread::spawn(move || {
            push(&theirs, 1);
            push(&theirs, 2);
        });
        let (mut ticket, waker) = (None, std::task::Waker::from(Arc::clone(&flag)));
        let waits = match lanes.push_or_wait(7, None, &mut ticket, &waker) {
            Pushed::Woke(noter) => {
                run(&lanes, noter);
                false
            }
            Pushed::Full(..) => true,
            Pushed::Queued | Pushed::Evicted(_) | Pushed::Closed(_) | Pushed::Unsaid(_) => false,
        };
        other.join().unwrap();
        let count = seen.lock().unwrap().iter().filter(|message| **message == 7).count();
        assert!(if waits { flag.woken() && count == 0 } else { count == 1 });
    });
}

/// Remembers that it was woken.
#[derive(Default)]
struct Flag(std::sync::atomic::AtomicBool);

impl Flag {
    fn woken(&self) -> bool {
        self.0.load(std::sync::atomic::Ordering::SeqCst)
    }
}

impl std::task::Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, std::sync::atomic::Ordering::SeqCst);
    }
}
