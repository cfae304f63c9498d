//! Children stop before their parents, and nobody works after its end.

use casty::prelude::*;
use casty::simulation::{Host, sweep};
use casty::testkit::ended;

use crate::checker;
use crate::world::{Seen, fails, system};

#[test]
fn children_stop_before_their_parents_in_reverse_order_of_birth() {
    sweep(|simulation| {
        let ends = simulation.run(grow_and_stop).value;
        checker::children_first(&ends);
    });
}

async fn grow_and_stop(host: Host) -> Vec<String> {
    let system = system(host, "family");
    let (ends, mut rng) = (Seen::new(), system.rng());
    let root = system.spawn(relative("0".into(), 3, ends.clone()), "0").unwrap();
    // In the midst of the births, or after them.
    system.sleep(millis(rng.below(4) as u64)).await;
    match rng.below(3) {
        0 => system.stop(&root),
        1 => system.drain(&root),
        _ => root.tell(()),
    }
    ended(&system, &root).await.unwrap();
    assert_eq!(system.lookup::<()>("0/0").ok(), None, "a name outlived its actor");
    assert!(system.shutdown().await.is_clean());
    assert_eq!(system.actors(), 0);
    ends.all()
}

/// Has up to three children, which have children, after a while; stops when told anything.
fn relative(name: String, generations: usize, ends: Seen<String>) -> Behavior<()> {
    let (own, born) = (name.clone(), ends.clone());
    let relative = Behavior::setup(move |ctx: &mut Context<()>| {
        let children = if generations == 0 { 0 } else { 1 + ctx.rng().below(3) };
        for number in 0..children {
            let child = relative(format!("{own}.{number}"), generations - 1, born.clone());
            ctx.spawn(child, &number.to_string()).unwrap();
        }
        Behavior::receive_message(|()| Behavior::stopped())
    });
    relative.on_stop(move |_| ends.note(name.clone()))
}

/// What was seen of one actor.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Life {
    Handled(u32),
    Heard(&'static str),
    Terminated,
}

#[test]
fn no_handler_runs_after_its_actors_end_was_heard() {
    sweep(|simulation| {
        let life = simulation.lag(millis(1)).run(work_until_stopped).value;
        let is_end = |seen: &Life| *seen == Life::Terminated;
        checker::nothing_after(&life, is_end, |seen| !is_end(seen));
    });
}

async fn work_until_stopped(host: Host) -> Vec<Life> {
    let system = system(host, "end");
    let (life, mut rng) = (Seen::new(), system.rng());
    let busy = system.spawn(busy(life.clone()).supervised(crate::world::patient()), "busy").unwrap();
    (0..50).for_each(|number| busy.tell(number));
    system.sleep(millis(rng.below(300) as u64)).await;
    let end = ended(&system, &busy);
    match rng.below(3) {
        0 => system.stop(&busy),
        1 => busy.tell(STOP),
        _ => system.drain(&busy),
    }
    (0..50).for_each(|number| busy.tell(number));
    end.await.unwrap();
    life.note(Life::Terminated);
    system.sleep(secs(5)).await;
    assert!(system.shutdown().await.is_clean());
    life.all()
}

const STOP: u32 = u32::MAX;

/// Has timers, tasks and failures going at all times.
fn busy(life: Seen<Life>) -> Behavior<u32> {
    let heard = life.clone();
    let busy = Behavior::receive(move |ctx: &mut Context<u32>, number| {
        life.note(Life::Handled(number));
        if number == STOP {
            return Behavior::stopped();
        }
        let mut rng = ctx.rng();
        match rng.below(8) {
            0 => ctx.schedule_once("later", millis(20), 100),
            1 => ctx.schedule_at_fixed_rate("often", millis(3), || 200),
            2 => ctx.set_receive_timeout(millis(10), || 300),
            3 => _ = ctx.pipe_to_self(async {}, |_| 400),
            4 => _ = ctx.spawn_blocking(|| (), |_| 500),
            5 => return fails(rng.below(2) == 0),
            _ => {}
        }
        Behavior::same()
    });
    busy.on_signal(move |_, signal| {
        heard.note(Life::Heard(match signal {
            Signal::Started => "started",
            Signal::Restarting(_) => "restarting",
            Signal::Restarted => "restarted",
            Signal::Stopped => "stopped",
            _ => "else",
        }));
        Behavior::unhandled()
    })
}
