//! Big: many actors, each with one ping on its way to a random other, all to all.

use std::time::Instant;

use async_channel::Sender;

use crate::check::{check, say, word};
use crate::framework::{Framework, Logic, Next, Place};
use crate::outcome::Outcome;
use crate::workloads::BIG_ACTORS;
use crate::workloads::roster::Roster;

struct Member<F: Framework> {
    index: u32,
    everyone: Roster<F::Address<Self>>,
    random: u64,
    asked: u32,
    left: u64,
    pongs: u64,
    done: Sender<u64>,
}

enum Mail {
    Begin,
    Ping(u32),
    Pong(u32),
}

impl<F: Framework> Logic<F> for Member<F> {
    type Message = Mail;

    fn receive(&mut self, _: &mut F::Context<'_, Self>, message: Mail) -> Next {
        match message {
            Mail::Begin => self.ping(),
            Mail::Ping(from) => F::tell(self.everyone.at(from), Mail::Pong(self.index)),
            Mail::Pong(from) => {
                self.pongs += u64::from(from == self.asked);
                self.ping();
            }
        }
        Next::Go
    }
}

impl<F: Framework> Member<F> {
    fn ping(&mut self) {
        if self.left == 0 {
            return say(&self.done, self.pongs);
        }
        self.left -= 1;
        self.asked = self.random_other();
        F::tell(self.everyone.at(self.asked), Mail::Ping(self.index));
    }

    /// Anybody else, by xorshift.
    fn random_other(&mut self) -> u32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        // The remainder is below a number of 32 bits.
        let step = (self.random % u64::from(BIG_ACTORS - 1)) as u32;
        (self.index + 1 + step) % BIG_ACTORS
    }
}

pub(crate) async fn run<F: Framework>(system: F::System, size: u64) -> Outcome {
    let (done, all) = async_channel::unbounded();
    let pings = size / u64::from(BIG_ACTORS);
    let everyone = Roster::new();
    let spawn = |index: u32| {
        let member = Member::<F> {
            index,
            everyone: everyone.clone(),
            random: 0x9e37_79b9_7f4a_7c15 ^ u64::from(index + 1),
            asked: 0,
            left: pings,
            pongs: 0,
            done: done.clone(),
        };
        F::spawn(&system, Place::Part(index.into(), BIG_ACTORS.into()), member)
    };
    everyone.fill((0..BIG_ACTORS).map(spawn));
    let start = Instant::now();
    everyone.all().iter().for_each(|member| F::tell(member, Mail::Begin));
    let mut pongs = 0;
    for _ in 0..BIG_ACTORS {
        pongs += word(&all).await;
    }
    check(pongs, pings * u64::from(BIG_ACTORS));
    Outcome::time(pongs, start.elapsed())
}
