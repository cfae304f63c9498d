//! The one actor, on one node at a time, that all nodes tell and ask.

use std::sync::Weak;

use casty::prelude::*;
use casty::simulation::Pausable;
use casty::{Executor, Node, Remote, Rng, Singleton};
use serde::{Deserialize, Serialize};

use super::deeds::{Deed, Life, Log};

/// What the one understands.
#[derive(Serialize, Deserialize)]
pub(crate) enum Word {
    /// From whom, and the how many-th it is.
    Note(u64, u64),
    Ask(ReplyTo<()>),
}

impl Remote for Word {
    const NAME: &'static str = "swarm.Word";
}

/// What it is called.
pub(crate) const NAME: &str = "the-one";

fn one(log: &Log, node: u64) -> Behavior<Word> {
    let log = log.clone();
    Behavior::setup(move |_| {
        let (life, log) = (Life::begins(&log, NAME, node), log.clone());
        Behavior::receive_message(move |word| {
            // It is there as long as its life.
            let _ = &life;
            match word {
                Word::Note(from, number) => {
                    log.note(Deed::Noted { entity: NAME.into(), node, from, number });
                }
                Word::Ask(reply) => reply.tell(()),
            }
            Behavior::same()
        })
    })
}

/// Opens the way of a node to the one, where somebody writes to it until `alive` is dropped.
pub(crate) fn open(
    log: &Log,
    (system, node, machine): (&ActorSystem, &Node, &Pausable),
    alive: Weak<()>,
) -> casty::Result<ActorRef<Word>> {
    let (me, there) = (node.id().incarnation, log.clone());
    let settings = Singleton::new().handoff_timeout(secs(5));
    let one = system.spawn(Behavior::singleton(move || one(&there, me), settings), "one")?;
    let (log, told, clock) = (log.clone(), one.clone(), machine.clone());
    machine.spawn(Box::pin(async move { write(&log, &told, me, clock, alive).await }));
    Ok(one)
}

async fn write(log: &Log, one: &ActorRef<Word>, me: u64, machine: Pausable, alive: Weak<()>) {
    let (mut rng, mut told) = (Rng::new(machine.seed()), 0);
    while alive.upgrade().is_some() {
        machine.sleep_until(machine.now() + rng.lengthen(millis(200), 5.0)).await;
        if rng.below(2) == 0 {
            told += 1;
            one.tell(Word::Note(me, told));
            continue;
        }
        _ = log.asks((me, &machine), secs(2), one.ask(Word::Ask, secs(2))).await;
    }
}

/// What is wrong when the one does not answer, though all is well.
pub(crate) async fn silent(one: &ActorRef<Word>) -> Option<String> {
    let error = one.ask(Word::Ask, secs(20)).await.err()?;
    Some(format!("{NAME} does not answer: {error}"))
}
