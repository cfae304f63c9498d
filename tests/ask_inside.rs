//! Asking inside an actor: outcomes as messages, adapters, and circles of those who wait.
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod scene;

use casty::prelude::*;
use casty::{ActorFailed, ActorStopped, DeadLetter, DeadReason};
use scene::{Ear, Token, settled, simulated};

type Question = ReplyTo<u32>;
type Outcome = Result<u32, AskError>;

/// Tells `told` the outcome of one question to `asked`.
fn asker(asked: ActorRef<Question>, told: ActorRef<Outcome>) -> Behavior<Outcome> {
    Behavior::setup(move |ctx| {
        ctx.ask(&asked, |reply| reply, secs(2), |outcome| outcome);
        let told = told.clone();
        Behavior::receive_message(move |outcome| {
            told.tell(outcome);
            Behavior::same()
        })
    })
}

/// Replies by 7 after `time`.
fn slow(time: core::time::Duration) -> Behavior<Question> {
    Behavior::receive_async(move |ctx, reply: Question| async move {
        ctx.sleep(time).await;
        reply.tell(7);
        Behavior::same()
    })
}

/// All outcomes that an actor hears of one question, and the reasons of the dead letters.
fn outcomes(asked: impl Fn(&ActorSystem) -> ActorRef<Question>) -> (Vec<Outcome>, Vec<DeadReason>) {
    simulated(async |system| {
        let letters = Ear::<DeadLetter>::on(&system);
        let (told, outcomes) = Ear::of(&system);
        let asked = asked(&system);
        settled(&system).await;
        system.spawn(asker(asked, told), "asker").unwrap();
        system.sleep(mins(1)).await;
        assert_eq!(system.timers(), 0);
        (outcomes.rest(), letters.rest().into_iter().map(|letter| letter.reason).collect())
    })
}

#[test]
fn an_actor_hears_of_a_reply_once() {
    let answer = |system: &ActorSystem| system.spawn(slow(secs(1)), "answer").unwrap();
    assert_eq!(outcomes(answer), (vec![Ok(7)], vec![]));
}

#[test]
fn an_actor_hears_of_a_timeout_once_and_the_reply_is_a_dead_letter() {
    let slow = |system: &ActorSystem| system.spawn(slow(secs(3)), "slow").unwrap();
    assert_eq!(outcomes(slow), (vec![Err(AskError::Timeout)], vec![DeadReason::LateReply]));
}

#[test]
fn an_actor_hears_once_that_its_question_was_let_go_of() {
    let silent = |system: &ActorSystem| system.spawn(Behavior::ignore(), "silent").unwrap();
    assert_eq!(outcomes(silent), (vec![Err(AskError::Unanswered)], vec![]));
}

#[test]
fn an_actor_hears_once_that_the_other_has_stopped() {
    let stopping =
        |system: &ActorSystem| system.spawn(Behavior::setup(|_| Behavior::stopped()), "stopping").unwrap();
    assert_eq!(outcomes(stopping), (vec![Err(AskError::Stopped)], vec![]));
}

#[test]
fn an_actor_hears_once_that_the_others_mailbox_is_full() {
    let full = |system: &ActorSystem| {
        let nobody = system.spawn(Behavior::ignore(), "nobody").unwrap();
        let question = nobody.clone();
        // Fills its own mailbox, and waits.
        let full = Behavior::receive_async(move |ctx, _| {
            ctx.me().tell(question.clone().into());
            core::future::pending()
        });
        let one = SpawnOptions::named("full").mailbox(Mailbox::bounded(1, Overflow::Reject));
        let full = system.spawn_with(full, one).unwrap();
        full.tell(nobody.into());
        full
    };
    assert_eq!(outcomes(full), (vec![Err(AskError::Full)], vec![]));
}

#[test]
fn an_outcome_survives_a_restart_of_the_asker() {
    simulated(async |system| {
        let (told, outcomes) = Ear::of(&system);
        let slow = system.spawn(slow(secs(1)), "slow").unwrap();
        let asker = Behavior::receive(move |ctx, message: Option<Outcome>| match message {
            Some(outcome) => {
                told.tell(outcome);
                Behavior::same()
            }
            None => {
                ctx.ask(&slow, |reply| reply, secs(2), Some);
                Behavior::restart()
            }
        });
        system.spawn(asker, "asker").unwrap().tell(None);
        assert_eq!(outcomes.next().await, Ok(7));
    });
}

#[test]
fn an_outcome_for_an_asker_that_has_stopped_is_a_dead_letter() {
    simulated(async |system| {
        let letters = Ear::<DeadLetter>::on(&system);
        let (told, _) = Ear::of(&system);
        let slow = system.spawn(slow(secs(1)), "slow").unwrap();
        let asker = system.spawn(asker(slow, told), "asker").unwrap();
        settled(&system).await;
        system.stop(&asker);
        let letter = letters.next().await;
        assert_eq!((letter.recipient, letter.reason), (asker.path(), DeadReason::Stopped));
        settled(&system).await;
        assert_eq!((system.timers(), system.dead_letters()), (0, 1));
    });
}

#[test]
fn an_asker_whose_adapter_panics_fails() {
    simulated(async |system| {
        let failures = Ear::<ActorFailed>::on(&system);
        let slow = system.spawn(slow(secs(1)), "slow").unwrap();
        let asker: Behavior<()> = Behavior::setup(move |ctx| {
            ctx.ask(&slow, |reply| reply, secs(2), |_| panic!("no"));
            Behavior::ignore()
        });
        let asker = system.spawn(asker, "asker").unwrap();
        let failed = failures.next().await;
        assert_eq!(failed.path, asker.path());
        assert_eq!(failed.failure.as_panic().unwrap().message, "no");
    });
}

#[test]
fn what_an_ask_has_captured_is_freed_by_its_end() {
    for time in [secs(1), secs(3)] {
        simulated(async |system| {
            let (slow, token) = (system.spawn(slow(time), "slow").unwrap(), Token::default());
            let captured = token.clone();
            let asker: Behavior<()> = Behavior::setup(move |ctx| {
                let (question, adapt) = (captured.clone(), captured.clone());
                let question = move |reply| {
                    drop(question);
                    reply
                };
                ctx.ask(&slow, question, secs(2), move |_| drop(adapt));
                Behavior::ignore()
            });
            system.spawn(asker, "asker").unwrap();
            settled(&system).await;
            assert_eq!(token.copies(), 2, "the blueprint's, and the adapter's");
            system.sleep(secs(2)).await;
            assert_eq!(token.copies(), 1, "the blueprint's");
        });
    }
}

#[test]
fn what_is_told_through_an_adapter_after_the_end_is_a_dead_letter() {
    simulated(async |system| {
        let letters = Ear::<DeadLetter>::on(&system);
        let (actor, heard) = Ear::<u32>::of(&system);
        let lengths = actor.contramap(|word: &'static str| word.len() as u32);
        lengths.tell("four");
        assert_eq!(heard.next().await, 4);
        assert_eq!(lengths.path(), actor.path());
        system.stop(&actor);
        settled(&system).await;
        assert!(lengths.is_stopped());
        lengths.tell("late");
        let letter = letters.next().await;
        assert_eq!((letter.recipient, letter.message_type), (actor.path(), "&str"));
        assert_eq!(letter.reason, DeadReason::Stopped);
    });
}

#[test]
fn an_actor_whose_own_adapter_panics_fails_and_the_message_is_a_dead_letter() {
    simulated(async |system| {
        let (letters, ends) = (Ear::<DeadLetter>::on(&system), Ear::<ActorStopped>::on(&system));
        let (told, adapters) = Ear::<ActorRef<u8>>::of(&system);
        let fragile: Behavior<()> = Behavior::setup(move |ctx| {
            told.tell(ctx.adapter(|_| panic!("no")));
            Behavior::ignore()
        });
        let fragile = system.spawn(fragile, "fragile").unwrap();
        adapters.next().await.tell(1);
        let letter = letters.next().await;
        assert_eq!((letter.recipient, letter.message_type), (fragile.path(), "u8"));
        assert_eq!(letter.reason, DeadReason::AdapterPanicked);
        assert!(ends.next().await.failure.is_some());
        assert!(fragile.is_stopped());
    });
}

#[test]
fn an_adapter_of_someone_else_that_panics_harms_nobody() {
    simulated(async |system| {
        let (actor, heard) = Ear::<u32>::of(&system);
        let few = actor.contramap(|number: u32| if number < 3 { number } else { panic!("too many") });
        [1, 3, 4, 2].into_iter().for_each(|number| few.tell(number));
        assert_eq!([heard.next().await, heard.next().await], [1, 2]);
        assert_eq!(system.dead_letters(), 2);
        assert!(!actor.is_stopped());
    });
}

#[test]
fn an_adapter_frees_what_it_has_captured() {
    simulated(async |system| {
        let (actor, _) = Ear::<u32>::of(&system);
        let token = Token::default();
        let captured = token.clone();
        let adapter = actor.contramap(move |_: u8| captured.copies() as u32);
        let copy = adapter.clone();
        drop(adapter);
        assert_eq!(token.copies(), 1);
        drop(copy);
        assert_eq!(token.copies(), 0);
    });
}
