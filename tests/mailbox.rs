//! Mailboxes: how much waits, in which order it is handled, and what becomes of the rest.
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod scene;

use casty::prelude::*;
use casty::{DeadLetter, DeadReason, Limits, SendError, Store};
use scene::{Ear, Gate, play};

/// An actor that has begun with the message 0 and waits, with an empty mailbox.
async fn busy(system: &ActorSystem, mailbox: Mailbox<u32>) -> (ActorRef<u32>, Gate<u32>) {
    let (behavior, gate) = Gate::closed();
    let actor = system.spawn_with(behavior, SpawnOptions::named("busy").mailbox(mailbox)).unwrap();
    actor.tell(0);
    assert_eq!(gate.begun().await, 0);
    (actor, gate)
}

/// What a busy actor with that mailbox handles later of 1 to 5, and the reasons of the dead letters.
fn told_five(mailbox: Mailbox<u32>) -> (Vec<u32>, Vec<DeadReason>) {
    play(async {
        let system = ActorSystem::new("five");
        let letters = Ear::<DeadLetter>::on(&system);
        let (actor, gate) = busy(&system, mailbox).await;
        (1..=5).for_each(|message| actor.tell(message));
        let handled = gate.handled_until_shutdown(&system).await;
        let letters = letters.rest();
        assert_eq!(letters.len() as u64, system.dead_letters());
        assert!(
            letters.iter().all(|letter| letter.recipient == actor.path() && letter.message_type == "u32")
        );
        (handled, letters.into_iter().map(|letter| letter.reason).collect())
    })
}

const TWO_FULL: [DeadReason; 2] = [DeadReason::MailboxFull; 2];

#[test]
fn an_unbounded_mailbox_keeps_everything_in_order() {
    assert_eq!(told_five(Mailbox::unbounded()), (vec![1, 2, 3, 4, 5], vec![]));
}

#[test]
fn a_mailbox_that_drops_the_new_keeps_the_first() {
    assert_eq!(told_five(Mailbox::bounded(3, Overflow::DropNew)), (vec![1, 2, 3], TWO_FULL.into()));
}

#[test]
fn a_mailbox_that_drops_the_oldest_keeps_the_last() {
    assert_eq!(told_five(Mailbox::bounded(3, Overflow::DropOldest)), (vec![3, 4, 5], TWO_FULL.into()));
}

#[test]
fn a_mailbox_that_rejects_makes_what_was_told_without_asking_dead_letters() {
    assert_eq!(told_five(Mailbox::bounded(3, Overflow::Reject)), (vec![1, 2, 3], TWO_FULL.into()));
}

#[test]
fn a_fixed_mailbox_holds_as_many_as_its_type_says() {
    assert_eq!(told_five(Mailbox::fixed::<3>(Overflow::DropNew)), (vec![1, 2, 3], TWO_FULL.into()));
    assert_eq!(told_five(Mailbox::fixed::<3>(Overflow::DropOldest)), (vec![3, 4, 5], TWO_FULL.into()));
}

#[test]
fn a_mailbox_without_any_room_has_room_for_one() {
    let four_full = vec![DeadReason::MailboxFull; 4];
    assert_eq!(told_five(Mailbox::bounded(0, Overflow::DropNew)), (vec![1], four_full));
}

#[test]
fn a_prioritized_mailbox_gives_the_lowest_rank_first_and_equals_in_order() {
    let odd_first =
        |limit, overflow| Mailbox::prioritized(limit, overflow, |message: &u32| (message + 1) % 2);
    assert_eq!(told_five(odd_first(5, Overflow::Reject)), (vec![1, 3, 5, 2, 4], vec![]));
    assert_eq!(told_five(odd_first(3, Overflow::DropNew)), (vec![1, 3, 2], TWO_FULL.into()));
}

#[test]
fn a_prioritized_mailbox_drops_the_oldest_of_the_highest_rank() {
    let odd_first = Mailbox::prioritized(3, Overflow::DropOldest, |message: &u32| (message + 1) % 2);
    // 2 makes room for 4, and 4 for 5.
    assert_eq!(told_five(odd_first), (vec![1, 3, 5], TWO_FULL.into()));
}

/// The newest first, three at most.
#[derive(Default)]
struct Pile(Vec<u32>);

impl Store<u32> for Pile {
    fn push(&mut self, message: u32) -> Result<(), u32> {
        if self.0.len() == 3 {
            return Err(message);
        }
        self.0.push(message);
        Ok(())
    }

    fn pop(&mut self) -> Option<u32> {
        self.0.pop()
    }

    fn evict(&mut self) -> Option<u32> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}

#[test]
fn a_store_of_ones_own_decides_on_order_room_and_who_goes() {
    assert_eq!(
        told_five(Mailbox::stored(Pile::default(), Overflow::DropNew)),
        (vec![3, 2, 1], TWO_FULL.into())
    );
    assert_eq!(
        told_five(Mailbox::stored(Pile::default(), Overflow::DropOldest)),
        (vec![5, 4, 3], TWO_FULL.into())
    );
}

#[test]
fn a_message_that_finds_no_room_comes_back() {
    play(async {
        let system = ActorSystem::new("back");
        let (actor, gate) = busy(&system, Mailbox::bounded(1, Overflow::Reject)).await;
        assert_eq!(actor.try_tell(1), Ok(()));
        assert_eq!(actor.try_tell(2), Err(SendError::Full(2)));
        assert_eq!(gate.next().await, 1);
        assert_eq!(actor.try_tell(3), Ok(()));
        assert_eq!(gate.handled_until_shutdown(&system).await, [3]);
        assert_eq!(actor.try_tell(4), Err(SendError::Stopped(4)));
        assert_eq!(system.dead_letters(), 0, "what comes back is no dead letter");
    });
}

#[test]
fn a_mailbox_holds_no_more_than_its_limit_before_and_while_its_actor_is_idle() {
    scene::simulated(async |system| {
        let mailbox = || Mailbox::bounded(2, Overflow::Reject);
        let told = |actor: &ActorRef<u32>| (0..5).filter(|number| actor.try_tell(*number).is_ok()).count();
        let quiet = SpawnOptions::anonymous().mailbox(mailbox());
        let quiet = system.spawn_with(Behavior::ignore(), quiet).unwrap();
        assert_eq!(told(&quiet), 2, "before it has begun");
        scene::settled(&system).await;
        assert_eq!(told(&quiet), 2, "while it is idle");
    });
}

#[test]
fn a_message_to_a_mailbox_that_drops_counts_as_told() {
    play(async {
        let system = ActorSystem::new("told");
        let (actor, gate) = busy(&system, Mailbox::bounded(1, Overflow::DropNew)).await;
        assert_eq!(actor.try_tell(1), Ok(()));
        assert_eq!(actor.try_tell(2), Ok(()));
        assert_eq!(system.dead_letters(), 1);
        assert_eq!(gate.handled_until_shutdown(&system).await, [1]);
    });
}

#[test]
fn what_waits_when_an_actor_stops_becomes_dead_letters() {
    play(async {
        let system = ActorSystem::new("leftovers");
        let letters = Ear::<DeadLetter>::on(&system);
        let (actor, _gate) = busy(&system, Mailbox::unbounded()).await;
        (1..=3).for_each(|message| actor.tell(message));
        system.stop(&actor);
        for _ in 1..=3 {
            let letter = letters.next().await;
            assert_eq!((letter.recipient, letter.reason), (actor.path(), DeadReason::Stopped));
        }
        actor.tell(4);
        assert_eq!(letters.next().await.reason, DeadReason::Stopped);
        assert_eq!(system.dead_letters(), 4);
    });
}

#[test]
fn a_stop_overtakes_a_full_mailbox() {
    play(async {
        let system = ActorSystem::new("overtaken");
        let ends = Ear::<casty::ActorStopped>::on(&system);
        let (actor, gate) = busy(&system, Mailbox::bounded(2, Overflow::Reject)).await;
        (1..=2).for_each(|message| actor.tell(message));
        system.stop(&actor);
        assert_eq!(ends.next().await.path, actor.path());
        assert_eq!(system.dead_letters(), 2);
        assert!(gate.handled_until_shutdown(&system).await.is_empty(), "nothing is handled after a stop");
    });
}

#[test]
fn an_actor_with_a_full_mailbox_can_be_watched() {
    play(async {
        let system = ActorSystem::new("watched");
        let (told, ear) = Ear::of(&system);
        let (actor, _gate) = busy(&system, Mailbox::bounded(1, Overflow::Reject)).await;
        actor.tell(1);
        let watched = actor.clone();
        let watcher = Behavior::<()>::setup(move |ctx| {
            ctx.watch(&watched);
            let told = told.clone();
            Behavior::ignore().on_signal(move |_, signal| {
                if let Signal::Terminated(who) = signal {
                    told.tell(who.path());
                }
                Behavior::same()
            })
        });
        system.spawn(watcher, "watcher").unwrap();
        system.stop(&actor);
        assert_eq!(ear.next().await, actor.path());
    });
}

#[test]
fn the_limits_of_a_system_are_the_mailbox_of_those_who_do_not_choose() {
    play(async {
        let limits = Limits {
            mailbox_messages_max: Some(2),
            mailbox_overflow: Overflow::DropOldest,
            ..Limits::default()
        };
        let system = ActorSystem::builder("limits").limits(limits).start().unwrap();
        let (behavior, gate) = Gate::closed();
        let actor = system.spawn(behavior, "default").unwrap();
        actor.tell(0);
        assert_eq!(gate.begun().await, 0);
        (1..=5).for_each(|message| actor.tell(message));
        assert_eq!(gate.handled_until_shutdown(&system).await, [4, 5]);
        assert_eq!(system.dead_letters(), 3);
    });
}

#[test]
fn messages_of_each_of_many_threads_arrive_in_its_order() {
    const SENDERS: usize = 8;
    const MESSAGES: usize = 5_000;
    play(async {
        let system = ActorSystem::new("threads");
        let (actor, ear) = Ear::<(usize, usize)>::of(&system);
        std::thread::scope(|scope| {
            for sender in 0..SENDERS {
                let actor = actor.clone();
                scope.spawn(move || (0..MESSAGES).for_each(|message| actor.tell((sender, message))));
            }
        });
        assert!(system.shutdown().await.is_clean());
        let mut next = [0; SENDERS];
        for (sender, message) in ear.rest() {
            assert_eq!(message, next[sender], "of sender {sender}");
            next[sender] += 1;
        }
        assert_eq!(next, [MESSAGES; SENDERS]);
    });
}
