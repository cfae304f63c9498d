//! An ask ends exactly once: in a reply, in time, or with the news that nobody is there.

use casty::prelude::*;
use casty::simulation::{Host, sweep};
use casty::{DeadLetter, DeadReason};

use crate::checker;
use crate::world::{Seen, fails, patient, system};

const QUESTIONS: usize = 24;
const TIMEOUT: core::time::Duration = millis(50);

/// Which ask, and how it ended.
type Ended = (usize, Result<usize, AskError>);

#[test]
fn an_ask_by_message_ends_exactly_once() {
    sweep(|simulation| {
        let (ended, replies, late) = simulation.lag(millis(2)).run(|host| ask_all(host, asker)).value;
        all_ended(&ended, replies, late);
    });
}

#[test]
fn an_ask_inside_an_async_handler_ends_exactly_once() {
    sweep(|simulation| {
        let (ended, replies, late) = simulation.run(|host| ask_all(host, async_asker)).value;
        all_ended(&ended, replies, late);
    });
}

/// Every question has one outcome, and every reply that was given is an outcome or a dead letter.
fn all_ended(ended: &[Ended], replies: usize, late: usize) {
    let questions: Vec<usize> = ended.iter().map(|(question, _)| *question).collect();
    checker::exactly_once(&questions, 0..QUESTIONS);
    assert!(
        ended
            .iter()
            .all(|(question, outcome)| outcome.as_ref().is_ok_and(|reply| reply == question)
                || outcome.is_err())
    );
    let answered = ended.iter().filter(|(_, outcome)| outcome.is_ok()).count();
    assert_eq!(answered + late, replies, "{ended:?}");
}

async fn ask_all(
    host: Host,
    asker: impl Fn(ActorRef<Question>, Seen<Ended>) -> Behavior<Ask>,
) -> (Vec<Ended>, usize, usize) {
    let system = system(host, "ask");
    let (ended, replies, late, mut rng) = (Seen::new(), Seen::new(), Seen::new(), system.rng());
    let late_seen = late.clone();
    let letters = Behavior::receive_message(move |letter: DeadLetter| {
        if letter.reason == DeadReason::LateReply {
            late_seen.note(());
        }
        Behavior::same()
    });
    system.subscribe(&system.spawn(letters, "letters").unwrap());
    let oracle = system.spawn(oracle(replies.clone()).supervised(patient()), "oracle").unwrap();
    let asker = system.spawn(asker(oracle.clone(), ended.clone()), "asker").unwrap();
    for question in 0..QUESTIONS {
        asker.tell(Ask::Now(question));
        system.sleep(millis(rng.below(8) as u64)).await;
        if question == QUESTIONS / 2 && rng.below(3) == 0 {
            system.stop(&oracle);
        }
    }
    system.sleep(mins(1)).await;
    assert_eq!(system.timers(), 0, "an ask left its timer behind");
    let seen = (ended.all(), replies.len(), late.len());
    assert!(system.shutdown().await.is_clean());
    seen
}

enum Question {
    Of(usize, ReplyTo<usize>),
    Answered,
}

enum Ask {
    Now(usize),
    Ended(Ended),
}

/// Answers at once, late, never, or fails over it.
fn oracle(replies: Seen<usize>) -> Behavior<Question> {
    Behavior::receive(move |ctx, question| {
        let Question::Of(number, reply) = question else { return Behavior::same() };
        let mut rng = ctx.rng();
        match rng.below(6) {
            0 => drop(reply),
            1 => return fails(rng.below(2) == 0),
            2 => {
                // Around the time-out: before, after, or at that very moment.
                let (system, replies) = (ctx.system(), replies.clone());
                let pause = millis(45 + rng.below(11) as u64);
                let later = async move {
                    system.sleep(pause).await;
                    replies.note(number);
                    reply.tell(number);
                };
                ctx.pipe_to_self(later, |_| Question::Answered);
            }
            _ => {
                replies.note(number);
                reply.tell(number);
            }
        }
        Behavior::same()
    })
}

/// Asks, and hears of the outcome as a message.
fn asker(oracle: ActorRef<Question>, ended: Seen<Ended>) -> Behavior<Ask> {
    Behavior::receive(move |ctx, ask| {
        match ask {
            Ask::Now(number) => {
                ctx.ask(
                    &oracle,
                    |reply| Question::Of(number, reply),
                    TIMEOUT,
                    move |outcome| Ask::Ended((number, outcome)),
                );
            }
            Ask::Ended(how) => ended.note(how),
        }
        Behavior::same()
    })
}

/// Asks, and waits for the outcome before the next question.
fn async_asker(oracle: ActorRef<Question>, ended: Seen<Ended>) -> Behavior<Ask> {
    Behavior::receive_async(move |ctx, ask| {
        let (oracle, ended) = (oracle.clone(), ended.clone());
        async move {
            if let Ask::Now(number) = ask {
                let outcome = ctx.ask(&oracle, |reply| Question::Of(number, reply), TIMEOUT).await;
                ended.note((number, outcome));
            }
            Behavior::same()
        }
    })
}
