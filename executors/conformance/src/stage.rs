//! What scenes are played with: a system, and actors that do little.

use core::time::Duration;

use casty_core::{ActorRef, ActorSystem, Behavior, Context, Executor, ReplyTo, TaskError, secs};

use crate::ear::word;
use crate::scene::{Failure, Verdict, ensure};

/// How long an answer may take before it counts as lost. It only turns a hang into a failure.
pub(crate) const PATIENCE: Duration = secs(30);

/// A system on `executor`.
pub(crate) fn start(executor: impl Executor) -> Result<ActorSystem, Failure> {
    Ok(ActorSystem::on(executor).name("scene").start()?)
}

/// An actor that answers with what it was asked.
pub(crate) fn echo(system: &ActorSystem) -> Result<ActorRef<(u32, ReplyTo<u32>)>, Failure> {
    let echo = Behavior::receive_message(|(word, reply): (u32, ReplyTo<u32>)| {
        reply.tell(word);
        Behavior::same()
    });
    Ok(system.spawn_anonymous(echo)?)
}

/// An actor that passes on what it is told.
pub(crate) fn telling(told: ActorRef<usize>) -> Behavior<usize> {
    Behavior::receive_message(move |word| {
        told.tell(word);
        Behavior::same()
    })
}

/// An actor that tells how its work beside it, which it begins with, ended: well, as it was `expected`.
pub(crate) fn working(
    told: ActorRef<usize>,
    expected: Ended,
    begin: impl Fn(&mut Context<Ended>) + Send + Sync + 'static,
) -> Behavior<Ended> {
    let working = Behavior::receive_message(move |ended| {
        told.tell(word(ended == expected));
        Behavior::same()
    });
    working.on_start(begin)
}

/// How work beside an actor ended.
pub(crate) type Ended = Result<u32, TaskError>;

/// Asks an echo, and fails unless it answers rightly.
pub(crate) async fn call(echo: &ActorRef<(u32, ReplyTo<u32>)>, word: u32) -> Result<(), Failure> {
    let answer = echo.ask(|reply| (word, reply), PATIENCE).await?;
    ensure(answer == word, "an actor answered something else")
}

/// Actors that tell themselves the next message at each one, enough to keep every worker busy.
pub(crate) fn flood(system: &ActorSystem, workers: usize) -> Result<(), Failure> {
    for _ in 0..=workers {
        let busy = Behavior::receive(|ctx, ()| {
            ctx.me().tell(());
            Behavior::same()
        });
        system.spawn_anonymous(busy)?.tell(());
    }
    Ok(())
}

/// Fails unless each sender's words arrived in its order: sender `n` of `senders` has told the `n`th share of the numbers.
pub(crate) fn ensure_order(heard: &[usize], senders: usize) -> Verdict {
    let share = heard.len() / senders;
    let in_order = |sender| {
        let numbers = heard.iter().filter(|number| *number / share == sender).copied();
        numbers.eq(sender * share..(sender + 1) * share)
    };
    ensure((0..senders).all(in_order), "messages arrived in another order, or not once each")
}
