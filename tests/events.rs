//! Events: who hears of what, of which type, and what a system publishes of itself.
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod scene;

use casty::prelude::*;
use casty::{
    ActorFailed, ActorRestarted, ActorStarted, ActorStopped, DeadLetter, DeadReason, Limits, Unhandled,
};
use scene::{Ear, settled, simulated, simulated_within};

#[derive(Clone, PartialEq, Debug)]
struct Sold(u32);

#[derive(Clone, PartialEq, Debug)]
struct Returned(u32);

#[test]
fn subscribers_hear_of_events_of_their_type_only() {
    simulated(async |system| {
        let (sold, returned) = (Ear::<Sold>::on(&system), Ear::<Returned>::on(&system));
        system.publish(Sold(1));
        system.publish(Returned(2));
        system.publish(Sold(3));
        system.publish("nobody listens to text");
        settled(&system).await;
        assert_eq!(sold.rest(), [Sold(1), Sold(3)]);
        assert_eq!(returned.rest(), [Returned(2)]);
    });
}

#[test]
fn all_subscribers_of_a_type_hear_of_an_event() {
    simulated(async |system| {
        let ears = [(); 3].map(|()| Ear::<Sold>::on(&system));
        assert_eq!(system.subscribers::<Sold>(), 3);
        system.publish(Sold(1));
        settled(&system).await;
        assert!(ears.iter().all(|ear| ear.rest() == [Sold(1)]));
    });
}

#[test]
fn who_has_unsubscribed_hears_no_more() {
    simulated(async |system| {
        let (actor, ear) = Ear::<Sold>::of(&system);
        system.subscribe(&actor);
        system.publish(Sold(1));
        system.unsubscribe(&actor);
        system.publish(Sold(2));
        settled(&system).await;
        assert_eq!(ear.rest(), [Sold(1)]);
        assert_eq!(system.subscribers::<Sold>(), 0);
        system.unsubscribe(&actor);
    });
}

#[test]
fn who_subscribes_twice_hears_once() {
    simulated(async |system| {
        let (actor, ear) = Ear::<Sold>::of(&system);
        system.subscribe(&actor);
        system.subscribe(&actor.clone());
        system.publish(Sold(1));
        settled(&system).await;
        assert_eq!((ear.rest(), system.subscribers::<Sold>()), (vec![Sold(1)], 1));
    });
}

#[test]
fn an_actor_subscribes_by_an_adapter_to_several_types() {
    simulated(async |system| {
        let (told, ear) = Ear::of(&system);
        let clerk = Behavior::setup(move |ctx| {
            ctx.system().subscribe(&ctx.adapter(|Sold(item)| ("sold", item)));
            ctx.system().subscribe(&ctx.adapter(|Returned(item)| ("returned", item)));
            let told = told.clone();
            Behavior::receive_message(move |message| {
                told.tell(message);
                Behavior::same()
            })
        });
        system.spawn(clerk, "clerk").unwrap();
        settled(&system).await;
        system.publish(Sold(1));
        system.publish(Returned(1));
        assert_eq!([ear.next().await, ear.next().await], [("sold", 1), ("returned", 1)]);
    });
}

#[test]
fn a_subscriber_that_has_stopped_is_forgotten() {
    simulated(async |system| {
        let (actor, _) = Ear::<Sold>::of(&system);
        system.subscribe(&actor);
        let ear = Ear::<Sold>::on(&system);
        system.stop(&actor);
        settled(&system).await;
        system.publish(Sold(1));
        assert_eq!(system.subscribers::<Sold>(), 1);
        assert_eq!(ear.next().await, Sold(1));
        assert_eq!(system.dead_letters(), 0, "an event is no letter");
    });
}

#[test]
fn a_dead_letter_says_for_whom_it_was_of_which_type_and_why() {
    simulated(async |system| {
        let letters = Ear::<DeadLetter>::on(&system);
        let (actor, _) = Ear::<Sold>::of(&system);
        system.stop(&actor);
        settled(&system).await;
        actor.tell(Sold(1));
        let expected = DeadLetter {
            recipient: actor.path(),
            message_type: core::any::type_name::<Sold>(),
            reason: DeadReason::Stopped,
        };
        assert_eq!(letters.next().await, expected);
    });
}

#[test]
fn a_message_that_nobody_handles_is_published() {
    simulated(async |system| {
        let unhandled = Ear::<Unhandled>::on(&system);
        let picky = system.spawn(Behavior::receive_message(|_: u8| Behavior::unhandled()), "picky").unwrap();
        picky.tell(1);
        assert_eq!(unhandled.next().await, Unhandled { recipient: picky.path(), message_type: "u8" });
        let fold = Behavior::fold((), |(), _, _: u16| Step::Unhandled(()));
        let fold = system.spawn(fold, "fold").unwrap();
        fold.tell(1);
        assert_eq!(unhandled.next().await, Unhandled { recipient: fold.path(), message_type: "u16" });
    });
}

#[test]
fn the_life_of_an_actor_is_published() {
    simulated(async |system| {
        let (started, stopped) = (Ear::<ActorStarted>::on(&system), Ear::<ActorStopped>::on(&system));
        let (failed, restarted) = (Ear::<ActorFailed>::on(&system), Ear::<ActorRestarted>::on(&system));
        let fragile = Behavior::receive_message(|()| Behavior::fail("no"));
        let fragile = fragile.supervised(OneForOne::restarts(1, mins(1)));
        let fragile = system.spawn(fragile, "fragile").unwrap();
        let path = fragile.path();
        fragile.tell(());
        fragile.tell(());
        settled(&system).await;
        // The ears themselves have started as well, the last of them before the first failure at the latest.
        assert!(started.rest().contains(&ActorStarted { path: path.clone() }));
        assert_eq!(restarted.rest(), [ActorRestarted { path: path.clone() }]);
        let directives: Vec<_> = failed.rest().into_iter().map(|failed| failed.directive).collect();
        assert_eq!(directives, [Some(Directive::Restart { after: secs(0) }), Some(Directive::Stop)]);
        let [end] = stopped.rest().try_into().unwrap();
        assert_eq!((end.path, end.failure.unwrap().to_string()), (path, "no".into()));
    });
}

/// A subscriber that looks at one event, and has room for one more.
fn crowded<E: Clone + Send + 'static>(system: &ActorSystem) -> ActorRef<E> {
    let busy = Behavior::receive_async(|_, _| core::future::pending());
    let one = SpawnOptions::named("crowded").mailbox(Mailbox::bounded(1, Overflow::Reject));
    let crowded = system.spawn_with(busy, one).unwrap();
    system.subscribe(&crowded);
    crowded
}

#[test]
fn an_event_that_finds_a_full_mailbox_is_lost_without_a_dead_letter() {
    simulated(async |system| {
        crowded::<Sold>(&system);
        for item in 0..10 {
            system.publish(Sold(item));
            settled(&system).await;
        }
        assert_eq!(system.dead_letters(), 0);
    });
}

#[test]
fn dead_letters_that_find_a_full_mailbox_breed_no_dead_letters() {
    simulated(async |system| {
        crowded::<DeadLetter>(&system);
        let (actor, _) = Ear::of(&system);
        system.stop(&actor);
        settled(&system).await;
        for message in 0..10 {
            actor.tell(message);
            settled(&system).await;
        }
        assert_eq!(system.dead_letters(), 10);
    });
}

#[test]
fn dead_letters_that_an_adapter_cannot_take_breed_no_dead_letters() {
    simulated(async |system| {
        let (listener, _) = Ear::<()>::of(&system);
        system.subscribe(&listener.contramap(|_: DeadLetter| panic!("no")));
        let (actor, _) = Ear::of(&system);
        system.stop(&actor);
        settled(&system).await;
        actor.tell(1);
        settled(&system).await;
        assert_eq!(system.dead_letters(), 1);
    });
}

/// The dead letters heard of when an actor tells another one, that has stopped, while the system shuts down.
fn dead_letters_heard_at_shutdown(dead_letters_at_shutdown: bool) -> usize {
    let limits = Limits { dead_letters_at_shutdown, ..Limits::default() };
    simulated_within(&limits, async |system| {
        let letters = Ear::<DeadLetter>::on(&system);
        let gone = system.spawn(Behavior::<()>::setup(|_| Behavior::stopped()), "gone").unwrap();
        let late = Behavior::receive_async(move |ctx, ()| {
            let gone = gone.clone();
            async move {
                ctx.sleep(secs(1)).await;
                gone.tell(());
                Behavior::same()
            }
        });
        system.spawn(late, "late").unwrap().tell(());
        assert!(system.shutdown().await.is_clean());
        assert_eq!(system.dead_letters(), 1, "they are counted in any case");
        letters.rest().len()
    })
}

#[test]
fn dead_letters_at_a_shutdown_are_published_unless_the_limits_say_no() {
    assert_eq!(dead_letters_heard_at_shutdown(true), 1);
    assert_eq!(dead_letters_heard_at_shutdown(false), 0);
}

#[test]
fn dead_letters_before_a_shutdown_are_published_whatever_the_limits_say() {
    let limits = Limits { dead_letters_at_shutdown: false, ..Limits::default() };
    simulated_within(&limits, async |system| {
        let letters = Ear::<DeadLetter>::on(&system);
        let (actor, _) = Ear::of(&system);
        system.stop(&actor);
        settled(&system).await;
        actor.tell(1);
        settled(&system).await;
        assert_eq!(letters.rest().len(), 1);
    });
}
