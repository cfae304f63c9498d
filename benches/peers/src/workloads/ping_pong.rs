//! Ping-pong: two actors send one ball to and fro.

use std::time::Instant;

use async_channel::Sender;

use crate::check::{check, say, word};
use crate::framework::{Framework, Logic, Next, Place};
use crate::outcome::Outcome;

struct Player<F: Framework> {
    partner: Option<F::Address<Self>>,
    received: u64,
    done: Sender<u64>,
}

enum Mail<F: Framework> {
    Partner(F::Address<Player<F>>),
    /// How often it is still to be sent back.
    Ball(u64),
}

impl<F: Framework> Logic<F> for Player<F> {
    type Message = Mail<F>;

    fn receive(&mut self, _: &mut F::Context<'_, Self>, message: Mail<F>) -> Next {
        match (message, &self.partner) {
            (Mail::Partner(partner), _) => {
                self.partner = Some(partner);
                say(&self.done, 0);
            }
            (Mail::Ball(left), Some(partner)) if left > 0 => {
                self.received += 1;
                F::tell(partner, Mail::Ball(left - 1));
            }
            (Mail::Ball(_), _) => say(&self.done, self.received),
        }
        Next::Go
    }
}

pub(crate) async fn run<F: Framework>(system: F::System, rounds: u64) -> Outcome {
    let (done, all) = async_channel::unbounded();
    let player = |index| {
        let player = Player::<F> { partner: None, received: 0, done: done.clone() };
        F::spawn(&system, Place::Part(index, 2), player)
    };
    let (ping, pong) = (player(0), player(1));
    F::tell(&ping, Mail::Partner(pong.clone()));
    F::tell(&pong, Mail::Partner(ping.clone()));
    check(word(&all).await + word(&all).await, 0);
    let start = Instant::now();
    F::tell(&ping, Mail::Ball(2 * rounds));
    check(word(&all).await, rounds);
    Outcome::time(rounds, start.elapsed())
}
