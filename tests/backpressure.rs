//! Awaitable sending: who waits for room gets it in turn, and loses nothing.
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod scene;

use core::pin::pin;

use casty::SendError;
use casty::prelude::*;
use futures::future::join_all;
use futures::stream::FuturesUnordered;
use futures::{Stream, StreamExt};
use futures_lite::future::poll_once;
use scene::{Ear, Gate, Token, play};

/// An actor that waits in a handler and has room for one message, which is taken.
async fn full<M: Send + 'static>(system: &ActorSystem, two: [M; 2]) -> (ActorRef<M>, Gate<M>) {
    let (behavior, gate) = Gate::closed();
    let mailbox = Mailbox::bounded(1, Overflow::Reject);
    let actor = system.spawn_with(behavior, SpawnOptions::named("full").mailbox(mailbox)).unwrap();
    let [first, second] = two;
    actor.tell(first);
    gate.begun().await;
    actor.tell(second);
    (actor, gate)
}

/// Senders of these messages, each polled only when it is called; it gives the messages that are told.
fn line<const N: usize>(actor: &ActorRef<u32>, messages: [u32; N]) -> impl Stream<Item = u32> + Unpin {
    let send = |message| {
        let send = actor.send(message);
        async move { send.await.map(|()| message).unwrap() }
    };
    messages.into_iter().map(send).collect::<FuturesUnordered<_>>()
}

#[test]
fn a_sender_waits_for_room_and_then_its_message_is_told() {
    play(async {
        let system = ActorSystem::new("room");
        let (actor, gate) = full(&system, [0, 1]).await;
        let mut send = pin!(actor.send(2));
        assert!(poll_once(&mut send).await.is_none());
        assert_eq!(gate.next().await, 1);
        assert_eq!(send.await, Ok(()));
        assert_eq!(gate.handled_until_shutdown(&system).await, [2]);
        assert_eq!(system.dead_letters(), 0);
    });
}

#[test]
fn a_sender_does_not_wait_where_there_is_room() {
    play(async {
        let system = ActorSystem::new("free");
        let (actor, ear) = Ear::of(&system);
        assert_eq!(poll_once(actor.send("at once")).await, Some(Ok(())));
        assert_eq!(ear.next().await, "at once");
    });
}

#[test]
fn senders_get_room_in_the_order_in_which_they_began_to_wait() {
    play(async {
        let system = ActorSystem::new("line");
        let (actor, gate) = full(&system, [0, 1]).await;
        let line: Vec<_> = (2..10).map(|message| actor.send(message)).collect();
        let senders = async { assert!(join_all(line).await.iter().all(Result::is_ok)) };
        let handler = async {
            for message in 1..10 {
                assert_eq!(gate.next().await, message);
            }
        };
        futures::join!(senders, handler);
    });
}

#[test]
fn a_sender_that_is_polled_out_of_turn_does_not_overtake() {
    play(async {
        let system = ActorSystem::new("turn");
        let (actor, gate) = full(&system, [0, 1]).await;
        let (mut first, mut second) = (pin!(actor.send(2)), pin!(actor.send(3)));
        assert_eq!(poll_once(&mut first).await, None);
        assert_eq!(poll_once(&mut second).await, None);
        assert_eq!(gate.next().await, 1);
        assert_eq!(poll_once(&mut second).await, None, "the room is for the first in line");
        assert_eq!(poll_once(&mut first).await, Some(Ok(())));
    });
}

#[test]
fn a_sender_that_comes_late_does_not_overtake_those_who_wait() {
    play(async {
        let system = ActorSystem::new("late");
        let (actor, gate) = full(&system, [0, 1]).await;
        let mut first = pin!(actor.send(2));
        assert_eq!(poll_once(&mut first).await, None);
        assert_eq!(gate.next().await, 1);
        let mut late = pin!(actor.send(3));
        assert_eq!(poll_once(&mut late).await, None, "the room is for the first in line");
        assert_eq!(poll_once(&mut first).await, Some(Ok(())));
    });
}

#[test]
fn senders_whose_room_was_taken_by_a_tell_keep_their_places() {
    play(async {
        let system = ActorSystem::new("places");
        let (actor, gate) = full(&system, [0, 1]).await;
        let mut line = line(&actor, [10, 20]);
        assert_eq!(poll_once(line.next()).await, None);
        // Both are called, and both times someone who does not wait is quicker.
        for message in [2, 3] {
            gate.next().await;
            actor.tell(message);
        }
        assert_eq!(poll_once(line.next()).await, None);
        for message in [10, 20] {
            gate.next().await;
            assert_eq!(poll_once(line.next()).await, Some(Some(message)));
        }
    });
}

#[test]
fn a_send_that_is_dropped_was_not_told_and_its_place_is_free() {
    play(async {
        let system = ActorSystem::new("gone");
        let (actor, gate) = full(&system, [0, 1]).await;
        let mut leaving = Box::pin(actor.send(2));
        let mut staying = pin!(actor.send(3));
        assert_eq!(poll_once(&mut leaving).await, None);
        assert_eq!(poll_once(&mut staying).await, None);
        drop(leaving);
        assert_eq!(gate.next().await, 1);
        assert_eq!(staying.await, Ok(()));
        assert_eq!(gate.handled_until_shutdown(&system).await, [3]);
    });
}

#[test]
fn a_turn_that_has_come_passes_on_when_its_sender_has_gone() {
    play(async {
        let system = ActorSystem::new("passed-on");
        let (actor, gate) = full(&system, [0, 1]).await;
        let mut leaving = Box::pin(actor.send(2));
        let mut staying = line(&actor, [3]);
        assert_eq!(poll_once(&mut leaving).await, None);
        assert_eq!(poll_once(staying.next()).await, None);
        assert_eq!(gate.next().await, 1);
        drop(leaving);
        assert_eq!(staying.next().await, Some(3));
        assert_eq!(gate.handled_until_shutdown(&system).await, [3]);
    });
}

#[test]
fn every_sender_gets_its_message_back_when_the_actor_stops() {
    play(async {
        let system = ActorSystem::new("stopped");
        let (actor, _gate) = full(&system, [0, 1]).await;
        let waiting = join_all((2..5).map(|message| actor.send(message)));
        let stop = async { system.stop(&actor) };
        let (told, ()) = futures::join!(waiting, stop);
        assert_eq!(told, [2, 3, 4].map(|message| Err(SendError::Stopped(message))));
        assert_eq!(actor.send(5).await, Err(SendError::Stopped(5)));
        assert!(system.shutdown().await.is_clean());
        assert_eq!(system.dead_letters(), 1, "what comes back is no dead letter");
    });
}

#[test]
fn a_dropped_send_drops_its_message() {
    play(async {
        let (system, token) = (ActorSystem::new("dropped"), Token::default());
        let (actor, _gate) = full(&system, [None, None]).await;
        let mut send = Box::pin(actor.send(Some(token.clone())));
        assert!(poll_once(&mut send).await.is_none());
        assert_eq!(token.copies(), 1);
        drop(send);
        assert_eq!(token.copies(), 0);
    });
}

#[test]
fn many_senders_that_wait_or_give_up_lose_nothing_and_repeat_nothing() {
    const SENDERS: u32 = 16;
    const MESSAGES: u32 = 200;
    play(async {
        let system = ActorSystem::new("many");
        let (ear, heard) = Ear::of(&system);
        let forward = Behavior::receive_message(move |message: (u32, u32)| {
            ear.tell(message);
            Behavior::same()
        });
        let two = SpawnOptions::named("narrow").mailbox(Mailbox::bounded(2, Overflow::Reject));
        let narrow = system.spawn_with(forward, two).unwrap();
        let sender = |sender| {
            let narrow = narrow.clone();
            smol::spawn(async move {
                for message in 0..MESSAGES {
                    // Each message is given up once while it waits, and then sent in earnest.
                    let gave_up = poll_once(narrow.send((sender, message))).await.is_none();
                    if gave_up {
                        narrow.send((sender, message)).await.unwrap();
                    }
                }
            })
        };
        join_all((0..SENDERS).map(sender)).await;
        assert!(system.shutdown().await.is_clean());
        let mut heard = heard.rest();
        heard.sort_by_key(|(sender, _)| *sender);
        let all = (0..SENDERS).flat_map(|sender| (0..MESSAGES).map(move |message| (sender, message)));
        assert_eq!(heard, all.collect::<Vec<_>>());
    });
}
