//! What an actor asked for itself reaches it, however full its mailbox is.
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod scene;

use casty::prelude::*;
use casty::{Context, SendError, TaskError};
use scene::{Ear, settled, simulated};

/// What a crowded actor hears: strangers' numbers, and what it asked for.
#[derive(Clone, PartialEq, Debug)]
enum Msg {
    Begin,
    Stranger(u32),
    Replied(Result<u32, AskError>),
    Done(Result<u32, TaskError>),
    Tick,
    Gone,
}

/// What an actor heard that sets something going and then does not look into its mailbox for a second, while two strangers'
/// messages find a mailbox for one.
fn heard(
    overflow: Overflow,
    set_going: impl Fn(&mut Context<Msg>) + Send + Sync + Clone + 'static,
    strangers: impl Fn(&ActorRef<Msg>),
) -> Vec<Msg> {
    simulated(async |system| {
        let (told, ear) = Ear::of(&system);
        let set_going = set_going.clone();
        let crowded = Behavior::receive_async(move |ctx, message| {
            let (told, set_going) = (told.clone(), set_going.clone());
            async move {
                if message == Msg::Begin {
                    ctx.run(move |ctx| set_going(ctx)).await;
                    ctx.sleep(secs(1)).await;
                }
                told.tell(message);
                Behavior::same()
            }
        });
        let one = SpawnOptions::named("crowded").mailbox(Mailbox::bounded(1, overflow));
        let actor = system.spawn_with(crowded, one).unwrap();
        actor.tell(Msg::Begin);
        settled(&system).await;
        strangers(&actor);
        assert!(system.shutdown().await.is_clean());
        ear.rest()
    })
}

/// Two strangers: whatever the overflow, one of them finds no room.
fn two_strangers(actor: &ActorRef<Msg>) {
    [1, 2].map(Msg::Stranger).into_iter().for_each(|message| actor.tell(message));
}

/// One that replies to every question by the same number.
fn answer() -> Behavior<ReplyTo<u32>> {
    Behavior::receive_message(|reply: ReplyTo<u32>| {
        reply.tell(7);
        Behavior::same()
    })
}

fn ask(ctx: &mut Context<Msg>) {
    let answer = ctx.spawn_anonymous(answer()).unwrap();
    ctx.ask(&answer, |reply| reply, secs(9), Msg::Replied);
}

fn assert_heard_whatever_the_overflow(
    expected: &Msg,
    set_going: impl Fn(&mut Context<Msg>) + Send + Sync + Clone + 'static,
) {
    for overflow in [Overflow::DropNew, Overflow::DropOldest, Overflow::Reject] {
        let heard = heard(overflow, set_going.clone(), two_strangers);
        assert_eq!(heard.iter().filter(|heard| *heard == expected).count(), 1, "{overflow:?}: {heard:?}");
    }
}

#[test]
fn a_reply_finds_room_in_a_full_mailbox() {
    assert_heard_whatever_the_overflow(&Msg::Replied(Ok(7)), ask);
}

#[test]
fn a_reply_that_is_late_finds_room_as_a_timeout() {
    assert_heard_whatever_the_overflow(&Msg::Replied(Err(AskError::Timeout)), |ctx| {
        let mute = ctx.spawn_anonymous(mute()).unwrap();
        ctx.ask(&mute, |reply| reply, millis(500), Msg::Replied);
    });
}

/// One that keeps all questions.
fn mute() -> Behavior<ReplyTo<u32>> {
    Behavior::with_state(
        |_| Vec::new(),
        |kept, _, reply| {
            kept.push(reply);
            Behavior::same()
        },
    )
}

#[test]
fn the_result_of_a_task_finds_room_in_a_full_mailbox() {
    assert_heard_whatever_the_overflow(&Msg::Done(Ok(7)), |ctx| {
        ctx.pipe_to_self(async { 7 }, Msg::Done);
    });
}

#[test]
fn the_result_of_a_blocking_job_finds_room_in_a_full_mailbox() {
    assert_heard_whatever_the_overflow(&Msg::Done(Ok(7)), |ctx| {
        ctx.spawn_blocking(|| 7, Msg::Done);
    });
}

#[test]
fn a_timer_finds_room_in_a_full_mailbox() {
    assert_heard_whatever_the_overflow(&Msg::Tick, |ctx| ctx.schedule_once("tick", millis(500), Msg::Tick));
}

#[test]
fn the_notice_of_a_watch_finds_room_in_a_full_mailbox() {
    assert_heard_whatever_the_overflow(&Msg::Gone, |ctx| {
        let brief = ctx.spawn_anonymous(Behavior::<()>::setup(|_| Behavior::stopped())).unwrap();
        ctx.watch_with(&brief, Msg::Gone);
    });
}

#[test]
fn what_was_asked_for_leaves_strangers_their_room() {
    let heard = heard(Overflow::Reject, ask, |actor| {
        assert_eq!(actor.try_tell(Msg::Stranger(1)), Ok(()), "a reply takes no stranger's place");
        assert_eq!(actor.try_tell(Msg::Stranger(2)), Err(SendError::Full(Msg::Stranger(2))));
    });
    assert!(heard.contains(&Msg::Stranger(1)) && heard.contains(&Msg::Replied(Ok(7))));
}

#[test]
fn replies_of_one_actor_keep_their_order_in_a_full_mailbox() {
    let heard = heard(
        Overflow::Reject,
        |ctx| {
            let count = Behavior::fold(0, |count, _, reply: ReplyTo<u32>| {
                reply.tell(count);
                Step::Keep(count + 1)
            });
            let count = ctx.spawn_anonymous(count).unwrap();
            (0..3).for_each(|_| ctx.ask(&count, |reply| reply, secs(9), Msg::Replied));
        },
        |_| {},
    );
    let replies = [0, 1, 2].map(|count| Msg::Replied(Ok(count)));
    assert_eq!(heard[1..], replies);
}
