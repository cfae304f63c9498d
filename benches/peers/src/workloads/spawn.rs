//! Spawning: actors that get one message and end, until the state of the last is dropped.

use std::time::Instant;

use crate::case::Case;
use crate::census::{Census, Resident};
use crate::check::check;
use crate::framework::{Framework, Logic, Next, Place};
use crate::outcome::Outcome;
use crate::pace::Pace;

struct Once(Resident);

impl<F: Framework> Logic<F> for Once {
    type Message = ();

    fn receive(&mut self, _: &mut F::Context<'_, Self>, (): ()) -> Next {
        self.0.handled();
        Next::Stop
    }
}

pub(crate) async fn run<F: Framework>(system: F::System, Case { threads, size, .. }: Case) -> Outcome {
    let census = Census::of(size);
    let pace = Pace::outside(threads);
    let start = Instant::now();
    for index in 0..size {
        F::tell(&F::spawn(&system, Place::Anywhere, Once(census.resident())), ());
        pace.after(index).await;
    }
    check(census.ended().await, size);
    Outcome::time(size, start.elapsed())
}
