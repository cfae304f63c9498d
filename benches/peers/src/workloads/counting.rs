//! Counting: one actor adds up what it is told, by the outside or by other actors.

use std::time::Instant;

use async_channel::Sender;

use crate::case::Case;
use crate::check::{check, say, word};
use crate::framework::{Framework, Logic, Next, Place};
use crate::outcome::Outcome;
use crate::pace::{BURST, Pace};

/// Adds up, and says the sum when it has seen all.
struct Counter {
    left: u64,
    sum: u64,
    done: Sender<u64>,
}

impl<F: Framework> Logic<F> for Counter {
    type Message = u64;

    fn receive(&mut self, _: &mut F::Context<'_, Self>, message: u64) -> Next {
        self.sum += message;
        self.left -= 1;
        if self.left == 0 {
            say(&self.done, self.sum);
        }
        Next::Go
    }
}

/// Tells a burst, then itself how many are left.
struct Teller<F: Framework> {
    counter: F::Address<Counter>,
}

impl<F: Framework> Logic<F> for Teller<F> {
    type Message = u64;

    fn receive(&mut self, context: &mut F::Context<'_, Self>, left: u64) -> Next {
        let burst = left.min(BURST);
        (0..burst).for_each(|_| F::tell(&self.counter, 1));
        if left > burst {
            F::tell(&F::me(context), left - burst);
        }
        Next::Go
    }
}

pub(crate) async fn tell<F: Framework>(system: F::System, Case { threads, size, .. }: Case) -> Outcome {
    let (done, all) = async_channel::bounded(1);
    let counter = F::spawn(&system, Place::Here, Counter { left: size, sum: 0, done });
    let pace = Pace::outside(threads);
    let start = Instant::now();
    for index in 0..size {
        F::tell(&counter, 1);
        pace.after(index).await;
    }
    check(word(&all).await, size);
    Outcome::time(size, start.elapsed())
}

pub(crate) async fn from_actors<F: Framework>(system: F::System, tellers: u64, size: u64) -> Outcome {
    let (done, all) = async_channel::bounded(1);
    let share = size / tellers;
    let counter = F::spawn(&system, Place::Here, Counter { left: share * tellers, sum: 0, done });
    let spawn = |index| {
        // The last part is not on the thread of the counter, which is in the first.
        let place = Place::Part(tellers - index, tellers + 1);
        F::spawn(&system, place, Teller::<F> { counter: counter.clone() })
    };
    let tellers: Vec<_> = (0..tellers).map(spawn).collect();
    let start = Instant::now();
    tellers.iter().for_each(|teller| F::tell(teller, share));
    check(word(&all).await, share * tellers.len() as u64);
    Outcome::time(share * tellers.len() as u64, start.elapsed())
}
