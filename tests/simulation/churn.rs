//! Actors come and go by the hundred, whole systems too, and nothing of them stays.

use std::sync::Arc;

use casty::prelude::*;
use casty::simulation::{Host, sweep};

use crate::world::{fails, patient, system};

#[test]
fn a_churn_of_actors_leaves_nothing_behind() {
    sweep(|simulation| simulation.lag(millis(1)).run(churn).value);
}

async fn churn(host: Host) {
    let system = system(host, "churn");
    let mut rng = system.rng();
    let nursery = system.spawn(nursery(), "nursery").unwrap();
    for number in 0..60 {
        nursery.tell(number);
        if rng.below(3) == 0 {
            system.sleep(millis(rng.below(5) as u64)).await;
        }
    }
    system.sleep(secs(30)).await;
    assert_eq!(system.actors(), 1, "only the nursery is left");
    assert_eq!(system.timers(), 0);
    // Every name is free again.
    nursery.tell(usize::MAX);
    system.sleep(secs(1)).await;
    assert!(!nursery.is_stopped(), "a name was still taken");
    system.stop(&nursery);
    system.sleep(secs(1)).await;
    assert_eq!((system.actors(), system.timers()), (0, 0));
    assert!(system.shutdown().await.is_clean());
}

/// Spawns a child for each number, and stops one now and then.
fn nursery() -> Behavior<usize> {
    Behavior::receive(|ctx: &mut Context<usize>, number| {
        if number == usize::MAX {
            let again = (0..60)
                .all(|number| ctx.spawn(Behavior::<usize>::ignore(), &format!("child-{number}")).is_ok());
            return if again { Behavior::same() } else { Behavior::stopped() };
        }
        let child = ctx.spawn(child().supervised(patient()), &format!("child-{number}")).unwrap();
        ctx.watch(&child);
        child.tell(number);
        let mut rng = ctx.rng();
        let children: Vec<_> = ctx.children().collect();
        if rng.below(4) == 0 {
            let one = &children[rng.below(children.len())];
            ctx.stop(one).unwrap();
        }
        Behavior::same()
    })
    .on_signal(|_, _| Behavior::same())
}

/// Does something with timers, tasks, children or failures, and ends by itself.
fn child() -> Behavior<usize> {
    Behavior::receive(|ctx: &mut Context<usize>, number| {
        let mut rng = ctx.rng();
        match rng.below(7) {
            0 => return fails(number % 2 == 0),
            1 => return Behavior::restart(),
            2 => _ = ctx.pipe_to_self(async {}, move |_| number),
            3 => _ = ctx.spawn_blocking(|| (), move |_| number),
            4 => drop(ctx.spawn_anonymous(Behavior::<()>::ignore())),
            5 => ctx.set_receive_timeout(millis(9), move || number),
            _ => {}
        }
        ctx.schedule_once("next", millis(rng.below(20) as u64), number + 1);
        if number > 80 || rng.below(6) == 0 { Behavior::stopped() } else { Behavior::same() }
    })
    // A child that failed forgets its timer: it must be woken.
    .after_restart(|ctx| ctx.me().tell(50))
}

#[test]
fn an_actor_whose_setup_never_succeeds_holds_nobody_up() {
    for directive in [Directive::Resume, Directive::Restart { after: millis(0) }] {
        sweep(|simulation| {
            simulation.lag(millis(1)).run(|host| async move {
                let system = system(host, "setup");
                let hopeless: Behavior<u8> = Behavior::setup(|ctx| fails(ctx.rng().below(2) == 0));
                let hopeless = hopeless.supervised(OneForOne::decide(move |_| directive));
                let hopeless = system.spawn(hopeless, "hopeless").unwrap();
                system.sleep(millis(20)).await;
                assert!(!hopeless.is_stopped());
                assert!(system.shutdown_within(millis(80)).await.is_clean());
            });
        });
    }
}

#[test]
fn a_system_that_ended_has_dropped_everything() {
    sweep(|simulation| {
        let token = Arc::new(());
        let held = Arc::clone(&token);
        let system = simulation.lag(millis(1)).run(|host| fill(host, held)).value;
        drop(system);
        assert_eq!(Arc::strong_count(&token), 1, "something was left behind");
    });
}

/// Puts `token` in every place that a system has, and ends it in one of three ways.
async fn fill(host: Host, token: Arc<()>) -> Option<ActorSystem> {
    let system = system(host, "full");
    let mut rng = system.rng();
    for name in ["one", "two", "three"] {
        let actor = system.spawn(holder(Arc::clone(&token)).supervised(patient()), name).unwrap();
        (0..rng.below(40)).for_each(|_| actor.tell(Arc::clone(&token)));
    }
    if rng.below(3) > 0 {
        system.sleep(millis(rng.below(60) as u64)).await;
    }
    match rng.below(3) {
        0 => {
            assert!(system.shutdown().await.is_clean());
            assert_eq!((system.actors(), system.timers()), (0, 0));
            Some(system)
        }
        1 => Some(system),
        _ => None,
    }
}

/// Keeps `token` in timers, tasks, watches, the stash, questions and children.
fn holder(token: Arc<()>) -> Behavior<Arc<()>> {
    Behavior::with_state(
        |_| Vec::new(),
        move |kept, ctx: &mut Context<Arc<()>>, message| {
            let (mut rng, system, token) = (ctx.rng(), ctx.system(), Arc::clone(&token));
            match rng.below(12) {
                0 => kept.push(message),
                1 => ctx.schedule_once("once", secs(60), message),
                2 => ctx.schedule_at_fixed_rate("rate", millis(5), move || Arc::clone(&message)),
                3 => ctx.set_receive_timeout(secs(9), move || Arc::clone(&message)),
                4 => {
                    _ = ctx
                        .pipe_to_self(async move { drop((system.sleep(secs(60)).await, message)) }, |_| token)
                }
                5 => _ = ctx.pipe_to_self(core::future::pending::<()>(), move |_| message),
                6 => _ = ctx.spawn_blocking(move || drop(message), move |_| token),
                7 => drop(ctx.stash(message)),
                8 => drop(ctx.spawn_anonymous(holder(token)).map(|child| child.tell(message))),
                9 => ctx.watch_with(&ctx.me(), message),
                10 => {
                    let mute = ctx.spawn_anonymous(Behavior::<ReplyTo<()>>::with_state(
                        |_| Vec::new(),
                        |kept, _, reply| {
                            kept.push(reply);
                            Behavior::same()
                        },
                    ));
                    ctx.ask(&mute.unwrap(), |reply| reply, secs(60), move |_| message);
                }
                _ => return fails(rng.below(2) == 0),
            }
            Behavior::same()
        },
    )
}
