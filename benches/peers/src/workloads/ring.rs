//! Thread ring: a token goes round, one hop after the other.

use std::time::Instant;

use async_channel::Sender;

use crate::check::{check, say, word};
use crate::framework::{Framework, Logic, Next, Place};
use crate::outcome::Outcome;

struct Member<F: Framework> {
    index: u64,
    next: Option<F::Address<Self>>,
    done: Sender<u64>,
}

enum Mail<F: Framework> {
    Next(F::Address<Member<F>>),
    /// How many hops are left.
    Token(u64),
}

impl<F: Framework> Logic<F> for Member<F> {
    type Message = Mail<F>;

    fn receive(&mut self, _: &mut F::Context<'_, Self>, message: Mail<F>) -> Next {
        match (message, &self.next) {
            (Mail::Next(next), _) => {
                self.next = Some(next);
                say(&self.done, self.index);
            }
            (Mail::Token(left), Some(next)) if left > 0 => F::tell(next, Mail::Token(left - 1)),
            (Mail::Token(_), _) => say(&self.done, self.index),
        }
        Next::Go
    }
}

pub(crate) async fn run<F: Framework>(system: F::System, members: u64, hops: u64) -> Outcome {
    let (done, all) = async_channel::bounded(1);
    let spawn = |index, next| {
        F::spawn(&system, Place::Part(index, members), Member::<F> { index, next, done: done.clone() })
    };
    let last = spawn(members - 1, None);
    let first = (0..members - 1).rev().fold(last.clone(), |next, index| spawn(index, Some(next)));
    F::tell(&last, Mail::Next(first.clone()));
    check(word(&all).await, members - 1);
    // Once round, so that all have started.
    F::tell(&first, Mail::Token(members));
    check(word(&all).await, 0);
    let start = Instant::now();
    F::tell(&first, Mail::Token(hops));
    check(word(&all).await, hops % members);
    Outcome::time(hops, start.elapsed())
}
