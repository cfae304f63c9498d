//! What the actors of users do meanwhile: they write to each other, and ask.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use casty::prelude::*;
use casty::simulation::Pausable;
use casty::{Executor, Node, NodeId, Remote, Rng};
use serde::{Deserialize, Serialize};

/// What an actor of one node says to that of another. Incarnations say which.
#[derive(Serialize, Deserialize)]
pub(crate) enum Letter {
    /// From whom, and the how many-th it is.
    Number(u64, u64),
    /// Who reads this, and the last number that came from that one: zero when none has.
    Last(u64, ReplyTo<(u64, u64)>),
}

impl Remote for Letter {
    const NAME: &'static str = "swarm.Letter";
}

/// One thing that happened to letters.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Post {
    /// To whom, from whom, and which.
    Came { to: u64, from: u64, number: u64 },
    /// Who asked had told as many before, and was answered that so many had come.
    Answered { to: u64, from: u64, told: u64, came: u64 },
}

/// All that happened, in its order.
pub(crate) type Book = Arc<Mutex<Vec<Post>>>;

fn note(book: &Book, post: Post) {
    book.lock().unwrap_or_else(PoisonError::into_inner).push(post);
}

/// Where it is found.
const PATH: &str = "reader";
/// One in so many is a question.
const QUESTIONS: usize = 4;

/// Takes letters to that node.
fn reader(to: u64, book: Book) -> Behavior<Letter> {
    Behavior::fold(BTreeMap::new(), move |mut last: BTreeMap<u64, u64>, _, letter| {
        match letter {
            Letter::Number(from, number) => {
                last.insert(from, number);
                note(&book, Post::Came { to, from, number });
            }
            Letter::Last(from, reply) => reply.tell((to, last.get(&from).copied().unwrap_or(0))),
        }
        Step::Keep(last)
    })
}

/// Lets a node read, and write to any member by chance until `alive` is dropped.
pub(crate) fn correspond(
    (system, node, machine): (&ActorSystem, &Node, &Pausable),
    book: &Book,
    alive: Weak<()>,
) -> casty::Result {
    let me = node.id().incarnation;
    node.expose(&system.spawn(reader(me, Arc::clone(book)), PATH)?)?;
    let writer = Writer { node: node.clone(), book: Arc::clone(book), friends: BTreeMap::new() };
    machine.spawn(Box::pin(writer.write(machine.clone(), alive)));
    Ok(())
}

struct Writer {
    node: Node,
    book: Book,
    friends: BTreeMap<NodeId, Friend>,
}

/// An actor that is written to.
struct Friend {
    actor: ActorRef<Letter>,
    /// How many letters it was told.
    told: u64,
}

impl Writer {
    async fn write(mut self, machine: Pausable, alive: Weak<()>) {
        let mut rng = Rng::new(machine.seed());
        while alive.upgrade().is_some() {
            machine.sleep_until(machine.now() + rng.lengthen(millis(50), 5.0)).await;
            let state = self.node.cluster().map(casty::Cluster::state).unwrap_or_default();
            let others: Vec<_> = state.up().filter(|member| member.id != *self.node.id()).collect();
            if others.is_empty() {
                continue;
            }
            let other = others[rng.below(others.len())];
            if let Some(friend) = self.friends.get_mut(&other.id) {
                let question = rng.below(QUESTIONS) == 0;
                let (from, to) = (self.node.id().incarnation, other.id.incarnation);
                friend.go_on((from, to), question, &self.book).await;
            } else if let Ok(actor) = self.node.lookup(&other.address, PATH, secs(2)).await {
                self.meet(other.id.clone(), actor).await;
            }
        }
    }

    /// Whoever is at the address by now may be a later incarnation.
    async fn meet(&mut self, other: NodeId, actor: ActorRef<Letter>) {
        let me = self.node.id().incarnation;
        let answer = actor.ask(|reply| Letter::Last(me, reply), secs(2)).await;
        if answer == Ok((other.incarnation, 0)) {
            self.friends.insert(other, Friend { actor, told: 0 });
        }
    }
}

impl Friend {
    async fn go_on(&mut self, (from, to): (u64, u64), question: bool, book: &Book) {
        if question {
            if let Ok((_, came)) = self.actor.ask(|reply| Letter::Last(from, reply), secs(2)).await {
                note(book, Post::Answered { to, from, told: self.told, came });
            }
        } else {
            self.told += 1;
            self.actor.tell(Letter::Number(from, self.told));
        }
    }
}
