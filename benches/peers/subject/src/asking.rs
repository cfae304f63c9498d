//! Asking in casty: from a task by a future, from an actor by a message.

use crate::{Casty, Host};
use async_channel::Sender;
use casty::prelude::*;
use casty_peers::check::{must, say};
use casty_peers::framework::Asks;

/// A question, and where its answer goes.
type Question = (u64, ReplyTo<u64>);

impl<H: Host> Asks for Casty<H> {
    const MANY_ACTORS: bool = true;

    type Answerer = ActorRef<Question>;

    fn answerer(system: &Self::System) -> ActorRef<Question> {
        let answerer = Behavior::receive_message(|(question, reply): Question| {
            reply.tell(question + 1);
            Behavior::same()
        });
        must(system.actors.spawn(answerer, "answerer"))
    }

    async fn ask(answerer: &ActorRef<Question>, question: u64) -> u64 {
        must(answerer.ask(|reply| (question, reply), mins(1)).await)
    }

    fn asker(system: &Self::System, answerer: ActorRef<Question>, count: u64, done: Sender<u64>) {
        must(system.actors.spawn_anonymous(asker(answerer, count, done))).tell(Asker::Go);
    }
}

enum Asker {
    Go,
    Answer(Option<u64>),
}

/// Asks the next question as soon as the last one is answered; its state is what it has asked.
fn asker(answerer: ActorRef<Question>, count: u64, done: Sender<u64>) -> Behavior<Asker> {
    Behavior::fold(0, move |question: u64, ctx, message| {
        let next = match message {
            Asker::Go => 0,
            Asker::Answer(Some(answer)) if answer == question + 1 => answer,
            Asker::Answer(_) => {
                say(&done, 0);
                return Step::Become(Behavior::stopped());
            }
        };
        if next == count {
            say(&done, count);
        } else {
            ctx.ask(&answerer, |reply| (next, reply), mins(1), |answer| Asker::Answer(answer.ok()));
        }
        Step::Keep(next)
    })
}
