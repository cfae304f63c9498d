//! A shutdown lets what was told be handled, and ends in time whatever the handlers do.

use casty::prelude::*;
use casty::simulation::{Host, sweep};

use crate::world::{Seen, fails, patient, system};

const MESSAGES: usize = 30;

#[test]
fn a_shutdown_lets_everything_told_before_be_handled() {
    sweep(|simulation| {
        let outcome = simulation.run(drain_a_chain);
        assert_eq!(outcome.value, MESSAGES);
    });
}

/// A chain of actors, the youngest first in it: what is told to the first comes to the last, the oldest.
async fn drain_a_chain(host: Host) -> usize {
    let system = system(host, "drain");
    let (arrived, mut rng) = (Seen::new(), system.rng());
    let keep = arrived.clone();
    let end = Behavior::receive_message(move |number| {
        keep.note(number);
        Behavior::same()
    });
    let mut next: ActorRef<usize> = system.spawn(end, "end").unwrap();
    for link in 0..4 {
        next = system.spawn(link_to(next.clone()), &format!("link-{link}")).unwrap();
    }
    for number in 0..MESSAGES {
        next.tell(number);
        if rng.below(8) == 0 {
            system.sleep(millis(0)).await;
        }
    }
    assert!(system.shutdown().await.is_clean());
    assert_eq!((system.actors(), system.dead_letters()), (0, 0));
    assert!(system.spawn(Behavior::<u8>::ignore(), "late").is_err());
    arrived.len()
}

/// Passes numbers on, some through a child, which passes them on in its time.
fn link_to(next: ActorRef<usize>) -> Behavior<usize> {
    Behavior::setup(move |ctx| {
        let passed_on = next.clone();
        let child = Behavior::receive_async(move |ctx, number| {
            let next = passed_on.clone();
            async move {
                ctx.sleep(millis(2)).await;
                next.tell(number);
                Behavior::same()
            }
        });
        let (child, next) = (ctx.spawn(child, "child").unwrap(), next.clone());
        Behavior::receive(move |ctx, number| {
            if ctx.rng().below(3) == 0 {
                child.tell(number)
            } else {
                next.tell(number)
            }
            Behavior::same()
        })
    })
}

#[test]
fn a_shutdown_ends_within_its_deadline_whatever_the_handlers_do() {
    sweep(|simulation| {
        // Time must pass although someone always has one more message.
        let outcome = simulation.lag(millis(1)).run(|host| async move {
            let system = system(host, "stuck");
            for (number, behavior) in stubborn().into_iter().enumerate() {
                let actor = system.spawn(behavior, &format!("stubborn-{number}")).unwrap();
                (0..3).for_each(|message| actor.tell(message));
            }
            let pause = millis(system.rng().below(30) as u64);
            system.sleep(pause).await;
            let begun = system.now();
            assert!(system.shutdown_within(secs(2)).await.is_clean());
            assert_eq!(system.actors(), 0);
            system.now() - begun
        });
        assert!(outcome.value <= secs(2), "it took {:?}", outcome.value);
    });
}

/// Those who do not want to stop.
fn stubborn() -> Vec<Behavior<u32>> {
    vec![
        // Awaits what never comes.
        Behavior::receive_async(|_, _| core::future::pending()),
        // Always has one more message.
        Behavior::receive(|ctx, number| {
            ctx.me().tell(number);
            Behavior::same()
        }),
        // Is started anew for ever.
        Behavior::receive(|ctx, number| {
            ctx.schedule_once("again", millis(1), number);
            fails(number % 2 == 0)
        })
        .supervised(patient()),
        // Has a child that has a child, which awaits what never comes.
        Behavior::setup(|ctx| {
            let grandchild = || Behavior::<u32>::receive_async(|_, _| core::future::pending());
            let child = Behavior::<u32>::setup(move |ctx| {
                ctx.spawn(grandchild(), "grandchild").unwrap().tell(1);
                Behavior::ignore()
            });
            ctx.spawn(child, "child").unwrap();
            Behavior::ignore()
        }),
        // Begins a task at each of its ends.
        Behavior::<u32>::ignore().on_stop(|ctx| {
            ctx.pipe_to_self(core::future::pending(), |_: Result<(), _>| 1);
        }),
        // Ticks.
        Behavior::setup(|ctx| {
            ctx.schedule_at_fixed_rate("tick", millis(1), || 7);
            Behavior::ignore()
        }),
    ]
}

#[test]
fn a_system_let_go_of_stops_its_actors() {
    sweep(|simulation| {
        let stops = Seen::new();
        let seen = stops.clone();
        simulation.run(|host| async move {
            let system = system(host, "leaked");
            for number in 0..3 {
                let seen = seen.clone();
                let actor = Behavior::<u32>::ignore().on_stop(move |_| seen.note(number));
                system.spawn(actor, &format!("actor-{number}")).unwrap();
            }
            system.sleep(millis(1)).await;
            // It is dropped here, and the simulation ends with the workers still at it.
        });
        assert_eq!(stops.len(), 3);
    });
}

#[test]
fn a_system_without_actors_is_shut_down_too() {
    sweep(|simulation| {
        simulation.run(|host| async move {
            let system = system(host, "empty");
            assert!(system.shutdown().await.is_clean());
            assert!(system.spawn(Behavior::<u8>::ignore(), "late").is_err());
        });
    });
}

#[test]
fn who_waits_on_the_clock_of_a_system_that_ended_does_not_wait_for_ever() {
    sweep(|simulation| {
        simulation.run(|host| async move {
            let (one, two) = (system(host.clone(), "one"), system(host, "two"));
            let keeps = Behavior::with_state(
                |_| Vec::new(),
                |kept, _, reply: ReplyTo<u8>| {
                    kept.push(reply);
                    Behavior::same()
                },
            );
            let keeps = two.spawn(keeps, "keeps").unwrap();
            let passes_on = Behavior::receive_message(move |reply| {
                keeps.tell(reply);
                Behavior::same()
            });
            let ask = one.spawn(passes_on, "passes-on").unwrap().ask(|reply| reply, secs(1));
            assert!(one.shutdown().await.is_clean());
            assert!(ask.await.is_err());
            one.sleep(secs(1)).await;
        });
    });
}
