//! Questions and their answers, one after the other.

use casty::Executor;
use casty::prelude::*;

use crate::{Bench, done};

enum Asker {
    Go(u64),
    Answer { left: u64, answer: u64 },
}

/// Asked by an actor, which hears the answer as a message.
pub(crate) fn ask(bench: &Bench, count: u64) -> casty::Result {
    let answerer = bench.system.spawn(answerer(), "answerer")?;
    let asker = Behavior::receive(move |ctx, message| {
        let left = match message {
            Asker::Go(count) => count,
            Asker::Answer { left, answer } => {
                done(answer);
                left - 1
            }
        };
        if left > 0 {
            let heard = move |answer: Result<u64, _>| Asker::Answer { left, answer: answer.unwrap_or(0) };
            ctx.ask(&answerer, |reply| reply, secs(10), heard);
        }
        Behavior::same()
    });
    bench.system.spawn(asker, "asker")?.tell(Asker::Go(count));
    bench.host.run();
    Ok(())
}

/// Asked by a task of the same thread, which awaits the answer.
pub(crate) fn ask_future(bench: &Bench, count: u64) -> casty::Result {
    let answerer = bench.system.spawn(answerer(), "answerer")?;
    bench.host.spawn(Box::pin(async move {
        for _ in 0..count {
            done(answerer.ask(|reply| reply, secs(10)).await.unwrap_or(0));
        }
    }));
    bench.host.run();
    Ok(())
}

fn answerer() -> Behavior<ReplyTo<u64>> {
    Behavior::receive_message(|reply: ReplyTo<u64>| {
        reply.tell(1);
        Behavior::same()
    })
}
