//! A stop, a restart or a timer meets a handler that is in the midst of its work.

use casty::AsyncContext;
use casty::prelude::*;
use casty::simulation::{Host, sweep};
use casty::testkit::ended;
use futures::stream::{FuturesUnordered, StreamExt};

use crate::checker;
use crate::world::{Seen, fails, patient, system};

/// What was seen of one handler.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Work {
    Begun(usize),
    Done(usize),
    Dropped(usize),
    Stopped,
    Terminated,
}

const MESSAGES: usize = 20;

#[test]
fn a_stop_drops_the_handler_at_its_await_and_nothing_of_it_runs_on() {
    sweep(|simulation| {
        let work = simulation.lag(millis(1)).run(stop_a_handler).value;
        // Whoever was stopped before it began has nothing to say of it.
        if work.len() == 1 {
            return assert_eq!(work, [Work::Terminated]);
        }
        checker::nothing_after(
            &work,
            |seen| *seen == Work::Stopped,
            |seen| matches!(seen, Work::Begun(_) | Work::Done(_)),
        );
        checker::nothing_after(&work, |seen| *seen == Work::Terminated, |seen| *seen != Work::Terminated);
        alone(&work);
    });
}

/// A handler begins when the one before it is over, and each is over once.
fn alone(work: &[Work]) {
    let mut at_work = None;
    for seen in work {
        match seen {
            Work::Begun(number) => assert_eq!(at_work.replace(*number), None, "two at once: {work:?}"),
            Work::Done(number) | Work::Dropped(number) => {
                assert_eq!(at_work.take(), Some(*number), "{work:?}")
            }
            Work::Stopped | Work::Terminated => assert_eq!(at_work, None, "the end came too early: {work:?}"),
        }
    }
}

/// Says that the handler was dropped, unless it was done.
struct Guard {
    number: usize,
    done: bool,
    work: Seen<Work>,
}

impl Guard {
    fn done(mut self) {
        self.done = true;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.work.note(if self.done { Work::Done(self.number) } else { Work::Dropped(self.number) });
    }
}

async fn stop_a_handler(host: Host) -> Vec<Work> {
    let system = system(host, "handler");
    let (work, mut rng) = (Seen::new(), system.rng());
    let last = work.clone();
    let worker = worker(work.clone()).supervised(patient()).on_stop(move |_| last.note(Work::Stopped));
    let worker = system.spawn(worker, "worker").unwrap();
    (0..MESSAGES).for_each(|number| worker.tell(number));
    system.sleep(millis(rng.below(100) as u64)).await;
    system.stop(&worker);
    ended(&system, &worker).await.unwrap();
    work.note(Work::Terminated);
    system.sleep(secs(10)).await;
    let begun = work.all().iter().filter(|seen| matches!(seen, Work::Begun(_))).count();
    assert_eq!(begun + system.dead_letters() as usize, MESSAGES);
    assert_eq!(system.timers(), 0, "the sleep of a dropped handler is still set");
    assert!(system.shutdown().await.is_clean());
    work.all()
}

fn worker(work: Seen<Work>) -> Behavior<usize> {
    Behavior::receive_async(move |ctx, number| {
        work.note(Work::Begun(number));
        let guard = Guard { number, done: false, work: work.clone() };
        async move {
            let steps = ctx.run(|ctx| ctx.rng().below(4)).await;
            for _ in 0..steps {
                ctx.sleep(millis(5)).await;
            }
            if steps == 3 {
                return fails(number % 2 == 0);
            }
            guard.done();
            Behavior::same()
        }
    })
}

#[test]
fn actors_that_would_wait_for_one_another_are_told_so() {
    sweep(|simulation| {
        simulation.run(|host| async move {
            let system = system(host, "circle");
            let one = system.spawn(asks_on(), "one").unwrap();
            let two = system.spawn(asks_on(), "two").unwrap();
            let (to_two, to_one) = (vec![two.clone(), one.clone()], vec![one.clone(), two.clone()]);
            let first = one.ask(|reply| Hop { route: to_two, reply }, secs(60));
            let second = two.ask(|reply| Hop { route: to_one, reply }, secs(60));
            let outcomes = [first.await.unwrap(), second.await.unwrap()];
            assert!(outcomes.contains(&false), "nobody was told of the circle");
            assert!(system.now() < casty::Instant::ORIGIN + secs(60), "it took a time-out to notice");
            assert!(system.shutdown().await.is_clean());
        });
    });
}

/// A question to be passed on along a route.
struct Hop {
    route: Vec<ActorRef<Self>>,
    reply: ReplyTo<bool>,
}

/// Asks the next on the route, and replies whether that went well.
fn asks_on() -> Behavior<Hop> {
    Behavior::receive_async(|ctx, mut hop: Hop| async move {
        let well = if hop.route.is_empty() {
            true
        } else {
            let next = hop.route.remove(0);
            let route = hop.route;
            ctx.ask(&next, |reply| Hop { route, reply }, secs(60)).await.unwrap_or(false)
        };
        hop.reply.tell(well);
        Behavior::same()
    })
}

#[test]
fn a_call_to_the_context_wakes_whoever_polls_it() {
    sweep(|simulation| {
        simulation.run(|host| async move {
            let system = system(host, "calls");
            // `FuturesUnordered` polls only what was woken.
            let counts = Behavior::receive_async(
                |ctx: AsyncContext<ReplyTo<usize>>, reply: ReplyTo<usize>| async move {
                    let mut calls: FuturesUnordered<_> =
                        (0..5).map(|number| ctx.run(move |_| number)).collect();
                    let mut sum = 0;
                    while let Some(number) = calls.next().await {
                        sum += number;
                    }
                    reply.tell(sum);
                    Behavior::same()
                },
            );
            let counts = system.spawn(counts, "counts").unwrap();
            assert_eq!(counts.ask(|reply| reply, secs(1)).await, Ok(10));
        });
    });
}
