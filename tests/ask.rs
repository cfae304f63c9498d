//! Asking: every question has one outcome, and leaves nothing behind.
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod scene;

use core::pin::pin;

use casty::prelude::*;
use casty::{DeadLetter, DeadReason};
use futures::future::join_all;
use futures_lite::future::poll_once;
use scene::{Ear, settled, simulated};

type Question = ReplyTo<u32>;

/// Replies to the n-th question by n.
fn count() -> Behavior<Question> {
    Behavior::fold(0, |count, _, reply: Question| {
        reply.tell(count);
        Step::Keep(count + 1)
    })
}

/// Keeps every question in its state.
fn keep() -> Behavior<Question> {
    Behavior::with_state(
        |_| Vec::new(),
        |kept, _, reply| {
            kept.push(reply);
            Behavior::same()
        },
    )
}

/// Replies by 7, but takes its time.
fn slow(time: core::time::Duration) -> Behavior<Question> {
    Behavior::receive_async(move |ctx, reply: Question| async move {
        ctx.sleep(time).await;
        reply.tell(7);
        Behavior::same()
    })
}

#[test]
fn a_question_is_answered() {
    simulated(async |system| {
        let count = system.spawn(count(), "count").unwrap();
        assert_eq!(count.ask(|reply| reply, secs(1)).await, Ok(0));
        assert_eq!(count.ask(|reply| reply, secs(1)).await, Ok(1));
        assert_eq!(system.timers(), 0);
    });
}

#[test]
fn a_reply_can_be_an_error_of_ones_own() {
    enum Account {
        Withdraw(u64, ReplyTo<Result<u64, &'static str>>),
    }
    simulated(async |system| {
        let account = Behavior::receive_message(|Account::Withdraw(amount, reply)| {
            reply.tell(100_u64.checked_sub(amount).ok_or("too little money"));
            Behavior::same()
        });
        let account = system.spawn(account, "account").unwrap();
        let withdraw = |amount| account.ask(move |reply| Account::Withdraw(amount, reply), secs(1));
        assert_eq!(withdraw(40).await, Ok(Ok(60)));
        assert_eq!(withdraw(400).await, Ok(Err("too little money")));
    });
}

#[test]
fn a_question_without_reply_in_time_ends_then_and_the_late_reply_is_a_dead_letter() {
    simulated(async |system| {
        let letters = Ear::<DeadLetter>::on(&system);
        let slow = system.spawn(slow(secs(3)), "slow").unwrap();
        let asked = system.now();
        assert_eq!(slow.ask(|reply| reply, secs(2)).await, Err(AskError::Timeout));
        assert_eq!(system.now() - asked, secs(2));
        assert_eq!((system.timers(), system.dead_letters()), (0, 0));
        let late = letters.next().await;
        assert_eq!(system.now() - asked, secs(3));
        assert_eq!((late.recipient, late.message_type), (slow.path(), "u32"));
        assert_eq!(late.reason, DeadReason::LateReply);
    });
}

#[test]
fn a_question_with_no_time_at_all_times_out() {
    simulated(async |system| {
        let count = system.spawn(count(), "count").unwrap();
        assert_eq!(count.ask(|reply| reply, secs(0)).await, Err(AskError::Timeout));
    });
}

#[test]
fn the_time_for_a_reply_runs_from_the_first_poll() {
    simulated(async |system| {
        let slow = system.spawn(slow(secs(3)), "slow").unwrap();
        let ask = slow.ask(|reply| reply, secs(2));
        system.sleep(secs(2)).await;
        assert_eq!(ask.await, Ok(7), "it was told at once, so one second is left to wait");
    });
}

#[test]
fn a_question_to_an_actor_that_has_stopped_ends_at_once() {
    simulated(async |system| {
        let count = system.spawn(count(), "count").unwrap();
        system.stop(&count);
        settled(&system).await;
        let outcome = poll_once(count.ask(|reply| reply, secs(1))).await;
        assert_eq!(outcome, Some(Err(AskError::Stopped)));
    });
}

/// What becomes of two questions, in no time, when the one that was asked is stopped before it replies.
fn outcomes_of_a_stop(asked: Behavior<Question>) -> [Result<u32, AskError>; 2] {
    simulated(async |system| {
        let asked = system.spawn(asked.clone(), "asked").unwrap();
        let ask = || asked.ask(|reply| reply, secs(60));
        let stop = async {
            settled(&system).await;
            system.stop(&asked);
            system.now()
        };
        let (first, second, stopped) = futures::join!(ask(), ask(), stop);
        assert_eq!(system.now(), stopped, "nobody waits for the end of the time");
        [first, second]
    })
}

#[test]
fn a_question_that_waits_in_the_mailbox_ends_with_the_actor() {
    let [_, waiting] = outcomes_of_a_stop(slow(secs(30)));
    assert_eq!(waiting, Err(AskError::Stopped));
}

#[test]
fn a_question_in_an_async_handler_ends_with_the_actor() {
    let [in_handler, _] = outcomes_of_a_stop(slow(secs(30)));
    assert_eq!(in_handler, Err(AskError::Stopped));
}

#[test]
fn a_question_in_the_stash_ends_with_the_actor() {
    let stash = Behavior::receive(|ctx, reply| {
        ctx.stash(reply).unwrap();
        Behavior::same()
    });
    assert_eq!(outcomes_of_a_stop(stash), [Err(AskError::Stopped), Err(AskError::Stopped)]);
}

#[test]
fn a_question_that_was_kept_for_later_ends_with_the_actor() {
    assert_eq!(outcomes_of_a_stop(keep()), [Err(AskError::Stopped), Err(AskError::Stopped)]);
}

#[test]
fn a_question_let_go_of_is_unanswered_at_once() {
    let ways: [Behavior<Question>; 4] = [
        Behavior::ignore(),
        Behavior::receive_message(|_| Behavior::same()),
        Behavior::receive_message(|_| Behavior::fail("no")).supervised(OneForOne::restarts(1, secs(1))),
        Behavior::receive_message(|_| panic!("no")).supervised(OneForOne::restarts(1, secs(1))),
    ];
    for way in ways {
        simulated(async |system| {
            let actor = system.spawn(way.clone(), "silent").unwrap();
            assert_eq!(actor.ask(|reply| reply, secs(1)).await, Err(AskError::Unanswered));
            assert_eq!(system.now(), casty::Instant::ORIGIN);
        });
    }
}

#[test]
fn a_question_that_finds_no_room_says_so() {
    for overflow in [Overflow::Reject, Overflow::DropNew] {
        simulated(async |system| {
            let one = SpawnOptions::anonymous().mailbox(Mailbox::bounded(1, overflow));
            let busy = system.spawn_with(slow(secs(30)), one).unwrap();
            let _in_handler = busy.ask(|reply| reply, secs(1));
            settled(&system).await;
            let _in_mailbox = busy.ask(|reply| reply, secs(1));
            assert_eq!(busy.ask(|reply| reply, secs(1)).await, Err(AskError::Full), "{overflow:?}");
        });
    }
}

#[test]
fn an_asker_that_has_gone_can_be_noticed_and_its_reply_is_a_dead_letter() {
    simulated(async |system| {
        let (asked, questions) = Ear::<Question>::of(&system);
        let mut ask = Box::pin(asked.ask(|reply| reply, secs(60)));
        assert_eq!(poll_once(&mut ask).await, None);
        let question = questions.next().await;
        assert!(!question.is_over());
        assert_eq!(system.timers(), 1);
        drop(ask);
        assert_eq!(system.timers(), 0);
        assert!(question.is_over());
        question.tell(7);
        assert_eq!(system.dead_letters(), 1);
    });
}

#[test]
fn a_reply_to_an_actor_is_a_message() {
    simulated(async |system| {
        let (asker, replies) = Ear::of(&system);
        let count = system.spawn(count(), "count").unwrap();
        count.tell(asker.clone().into());
        count.tell(asker.clone().into());
        assert_eq!([replies.next().await, replies.next().await], [0, 1]);
        system.stop(&asker);
        settled(&system).await;
        assert!(ReplyTo::from(asker).is_over());
    });
}

#[test]
fn a_thousand_questions_in_flight_get_each_its_own_reply() {
    simulated(async |system| {
        let double = Behavior::receive_message(|(number, reply): (u32, ReplyTo<u32>)| {
            reply.tell(2 * number);
            Behavior::same()
        });
        let double = system.spawn(double, "double").unwrap();
        let asks = (0..1_000).map(|number| double.ask(move |reply| (number, reply), secs(1)));
        let replies = join_all(asks).await;
        assert!(replies.into_iter().eq((0..1_000).map(|number| Ok(2 * number))));
        assert_eq!((system.timers(), system.dead_letters()), (0, 0));
    });
}

#[test]
fn a_question_through_an_adapter_is_answered() {
    simulated(async |system| {
        let count = system.spawn(count(), "count").unwrap();
        let spelled = count.contramap(|(_, reply): (&str, Question)| reply);
        assert_eq!(spelled.ask(|reply| ("how many?", reply), secs(1)).await, Ok(0));
        system.stop(&count);
        settled(&system).await;
        let outcome = spelled.ask(|reply| ("and now?", reply), secs(1)).await;
        assert_eq!(outcome, Err(AskError::Stopped));
    });
}

#[test]
fn a_question_that_someone_outside_still_holds_ends_with_the_system() {
    simulated(async |system| {
        let (asked, questions) = Ear::<Question>::of(&system);
        let mut ask = pin!(asked.ask(|reply| reply, secs(60)));
        assert_eq!(poll_once(&mut ask).await, None);
        let _held = questions.next().await;
        assert!(system.shutdown().await.is_clean());
        assert_eq!(ask.await, Err(AskError::Stopped));
        assert_eq!(system.now(), casty::Instant::ORIGIN);
    });
}
