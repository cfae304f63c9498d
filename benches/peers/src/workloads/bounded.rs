//! Bounded buffer: producers wait for room in the mailbox of a slower consumer.

use std::hint::black_box;
use std::time::Instant;

use async_channel::Sender;

use crate::check::{check, say, word};
use crate::framework::{Bounded, Framework, Logic, Next, Place};
use crate::outcome::Outcome;
use crate::workloads::ROOM;

const PRODUCERS: u64 = 4;
/// Rounds of work for one item: some tens of nanoseconds.
const ROUNDS: u64 = 32;

struct Consumer {
    left: u64,
    sum: u64,
    done: Sender<u64>,
}

impl<F: Framework> Logic<F> for Consumer {
    type Message = u64;

    fn receive(&mut self, _: &mut F::Context<'_, Self>, item: u64) -> Next {
        work(item);
        self.sum += item;
        self.left -= 1;
        if self.left == 0 {
            say(&self.done, self.sum);
        }
        Next::Go
    }
}

/// What makes the consumer slower than the producers.
pub fn work(item: u64) {
    let mut random = item | 1;
    for _ in 0..ROUNDS {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
    }
    black_box(random);
}

async fn produce<F: Bounded>(consumer: F::Narrow<Consumer>, count: u64) {
    for item in 0..count {
        F::send(&consumer, item).await;
    }
}

pub(crate) async fn run<F: Bounded>(system: F::System, size: u64) -> Outcome {
    let (done, all) = async_channel::bounded(1);
    let share = size / PRODUCERS;
    let consumer = F::narrow(&system, ROOM, Consumer { left: share * PRODUCERS, sum: 0, done });
    let start = Instant::now();
    for index in 0..PRODUCERS {
        F::task(&system, Place::Part(index, PRODUCERS), produce::<F>(consumer.clone(), share));
    }
    check(word(&all).await, PRODUCERS * (share * (share - 1) / 2));
    Outcome::time(share * PRODUCERS, start.elapsed())
}
