//! Skynet: a tree of degree ten, whose leaves' numbers are added up on the way back.

use std::time::Instant;

use async_channel::Sender;

use crate::check::{check, say, word};
use crate::framework::{Framework, Logic, Next, Place};
use crate::outcome::Outcome;

const DEGREE: u64 = 10;

struct Node<F: Framework> {
    parent: Parent<F>,
    /// Kept, since in some frameworks an actor ends with its last address.
    children: Vec<F::Address<Self>>,
    waiting: u64,
    sum: u64,
}

enum Parent<F: Framework> {
    Node(F::Address<Node<F>>),
    Outside(Sender<u64>),
}

enum Mail {
    Grow { leaves: u64, first: u64 },
    Sum(u64),
}

impl<F: Framework> Logic<F> for Node<F> {
    type Message = Mail;

    fn receive(&mut self, context: &mut F::Context<'_, Self>, message: Mail) -> Next {
        match message {
            Mail::Grow { leaves: 1, first } => self.end(first),
            Mail::Grow { leaves, first } => {
                self.waiting = DEGREE;
                let share = leaves / DEGREE;
                // The first to grow spreads, those below stay where they are.
                let root = matches!(self.parent, Parent::Outside(_));
                let place = if root { Place::Anywhere } else { Place::Here };
                let me = F::me(context);
                for index in 0..DEGREE {
                    let child = F::child(context, place, Self::new(Parent::Node(me.clone())));
                    F::tell(&child, Mail::Grow { leaves: share, first: first + index * share });
                    self.children.push(child);
                }
                Next::Go
            }
            Mail::Sum(part) => {
                self.sum += part;
                self.waiting -= 1;
                if self.waiting == 0 { self.end(self.sum) } else { Next::Go }
            }
        }
    }
}

impl<F: Framework> Node<F> {
    const fn new(parent: Parent<F>) -> Self {
        Self { parent, children: Vec::new(), waiting: 0, sum: 0 }
    }

    fn end(&self, sum: u64) -> Next {
        match &self.parent {
            Parent::Node(parent) => F::tell(parent, Mail::Sum(sum)),
            Parent::Outside(done) => say(done, sum),
        }
        Next::Stop
    }
}

pub(crate) async fn run<F: Framework>(system: F::System, leaves: u64) -> Outcome {
    let (done, all) = async_channel::bounded(1);
    let start = Instant::now();
    let root = F::spawn(&system, Place::Here, Node::<F>::new(Parent::Outside(done)));
    F::tell(&root, Mail::Grow { leaves, first: 0 });
    check(word(&all).await, leaves * (leaves - 1) / 2);
    Outcome::time(leaves, start.elapsed())
}
