//! Actors that wait for one another: a circle is noticed, and only a circle.
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod scene;

use casty::prelude::*;
use casty::{AsyncContext, Path};
use scene::simulated;

type Outcome = Result<u32, AskError>;

/// What is asked: to reply at once, or to ask the first of these to ask the rest.
enum Relay {
    Reply(ReplyTo<Outcome>),
    Ask(Vec<ActorRef<Self>>, ReplyTo<Outcome>),
}

/// Awaits the reply of the next one before it replies.
fn relay() -> Behavior<Relay> {
    Behavior::receive_async(|ctx, relay| async move {
        match relay {
            Relay::Reply(reply) => reply.tell(Ok(7)),
            Relay::Ask(route, reply) => reply.tell(ask(&ctx, route).await),
        }
        Behavior::same()
    })
}

async fn ask(ctx: &AsyncContext<Relay>, mut route: Vec<ActorRef<Relay>>) -> Outcome {
    let next = route.remove(0);
    let question = |reply| if route.is_empty() { Relay::Reply(reply) } else { Relay::Ask(route, reply) };
    ctx.ask(&next, question, secs(10)).await?
}

/// What the first of a ring of that many actors hears when each asks the next one; and their paths.
fn around(count: usize) -> (Outcome, Vec<Path>) {
    simulated(async |system| {
        let spawn = |number| system.spawn(relay(), &format!("relay-{number}")).unwrap();
        let ring: Vec<_> = (0..count).map(spawn).collect();
        let paths = ring.iter().map(ActorRef::path).collect();
        let first = ring[0].clone();
        let route = ring.into_iter().skip(1).chain([first.clone()]).collect();
        let outcome = first.ask(|reply| Relay::Ask(route, reply), mins(1)).await;
        assert_eq!(system.now(), casty::Instant::ORIGIN, "nobody waits for the end of the time");
        (outcome.unwrap(), paths)
    })
}

/// The circle, wherever it was noticed.
fn circle(outcome: Outcome) -> Vec<Path> {
    match outcome {
        Err(AskError::Cycle(mut paths)) => {
            paths.sort();
            paths
        }
        other => panic!("no circle: {other:?}"),
    }
}

#[test]
fn an_actor_that_waits_for_itself_is_told_so() {
    let (outcome, paths) = around(1);
    assert_eq!(circle(outcome), paths);
}

#[test]
fn two_actors_that_wait_for_each_other_are_told_so() {
    let (outcome, paths) = around(2);
    assert_eq!(circle(outcome), paths);
}

#[test]
fn three_actors_that_wait_in_a_circle_are_told_so() {
    let (outcome, paths) = around(3);
    assert_eq!(circle(outcome), paths);
}

#[test]
fn a_chain_that_does_not_close_is_answered() {
    simulated(async |system| {
        let mut route: Vec<_> = (0..5).map(|_| system.spawn_anonymous(relay()).unwrap()).collect();
        let first = route.remove(0);
        let outcome = first.ask(|reply| Relay::Ask(route, reply), secs(1)).await;
        assert_eq!(outcome, Ok(Ok(7)));
        assert_eq!(system.timers(), 0);
    });
}

#[test]
fn one_who_has_been_answered_waits_no_more() {
    simulated(async |system| {
        // Replies first, and then asks the asker, which can take that as soon as it has looked at its reply.
        let eager = Behavior::receive_async(|ctx, (asker, reply, outcome): Eager| async move {
            reply.tell(1);
            outcome.tell(ctx.ask(&asker, Relay::Reply, secs(10)).await.and_then(|outcome| outcome));
            Behavior::same()
        });
        let eager = system.spawn(eager, "eager").unwrap();
        let (told, outcome) = scene::Ear::of(&system);
        let asker = Behavior::receive_async(move |ctx, relay| {
            let (eager, told) = (eager.clone(), told.clone());
            async move {
                match relay {
                    Relay::Reply(reply) => reply.tell(Ok(7)),
                    Relay::Ask(..) => {
                        let me = ctx.me();
                        let asked = ctx.ask(&eager, |reply| (me, reply, told), secs(10)).await;
                        assert_eq!(asked, Ok(1));
                    }
                }
                Behavior::same()
            }
        });
        let asker = system.spawn(asker, "asker").unwrap();
        let nobody = system.spawn(Behavior::ignore(), "nobody").unwrap();
        asker.tell(Relay::Ask(vec![], nobody.into()));
        assert_eq!(outcome.next().await, Ok(7));
    });
}

type Eager = (ActorRef<Relay>, ReplyTo<u32>, ActorRef<Outcome>);

#[test]
fn a_circle_names_only_those_in_it() {
    simulated(async |system| {
        let bystander = system.spawn(keep(), "bystander").unwrap();
        let closing = system.spawn(relay(), "closing").unwrap();
        let (ask_closing, ask_bystander) = (closing.clone(), bystander.clone());
        let forked = Behavior::receive_async(move |ctx: AsyncContext<Relay>, relay| {
            let (closing, bystander) = (ask_closing.clone(), ask_bystander.clone());
            async move {
                let Relay::Ask(_, reply) = relay else { return Behavior::same() };
                let me = ctx.me();
                let aside = ctx.ask(&bystander, Relay::Reply, secs(10));
                let closed = ctx.ask(&closing, |reply| Relay::Ask(vec![me], reply), secs(10)).await;
                drop(aside);
                reply.tell(closed.and_then(|outcome| outcome));
                Behavior::same()
            }
        });
        let forked = system.spawn(forked, "forked").unwrap();
        let outcome = forked.ask(|reply| Relay::Ask(vec![], reply), mins(1)).await.unwrap();
        assert_eq!(circle(outcome), [closing.path(), forked.path()]);
    });
}

/// Keeps every question.
fn keep() -> Behavior<Relay> {
    Behavior::with_state(
        |_| Vec::new(),
        |kept, _, relay| {
            kept.push(relay);
            Behavior::same()
        },
    )
}

#[test]
fn one_who_gave_up_waiting_waits_no_more() {
    simulated(async |system| {
        let keeper = system.spawn(keep(), "keeper").unwrap();
        let other = keeper.clone();
        let impatient = Behavior::receive_async(move |ctx: AsyncContext<Relay>, relay| {
            let other = other.clone();
            async move {
                match relay {
                    Relay::Reply(reply) => reply.tell(Ok(7)),
                    Relay::Ask(_, reply) => {
                        let outcome = ctx.ask(&other, Relay::Reply, secs(1)).await;
                        reply.tell(outcome.and_then(|outcome| outcome));
                    }
                }
                Behavior::same()
            }
        });
        let impatient = system.spawn(impatient, "impatient").unwrap();
        let outcome = impatient.ask(|reply| Relay::Ask(vec![], reply), mins(1)).await;
        assert_eq!(outcome, Ok(Err(AskError::Timeout)));
        let outcome = impatient.ask(Relay::Reply, mins(1)).await;
        assert_eq!(outcome, Ok(Ok(7)), "it is free again");
    });
}
