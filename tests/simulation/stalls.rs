//! A scenario that does not come to its end is noticed, and the report says where it is.

use casty::prelude::*;
use casty::simulation::{Simulation, StallKind};

use crate::world::system;

#[test]
fn a_deadlock_is_noticed() {
    let stalled = Simulation::new(7).try_run(|host| async move {
        let system = system(host, "deadlock");
        let mute = system.spawn(Behavior::<ReplyTo<u8>>::ignore(), "mute").unwrap();
        system.sleep(secs(3)).await;
        mute.tell(ReplyTo::from(system.spawn(Behavior::<u8>::ignore(), "ear").unwrap()));
        core::future::pending::<()>().await;
    });
    let stall = stalled.unwrap_err();
    assert_eq!((stall.kind, stall.seed, stall.elapsed), (StallKind::Deadlock, 7, secs(3)));
    assert!(!stall.latest.is_empty());
}

#[test]
fn a_livelock_is_noticed() {
    let stalled = Simulation::new(7).steps_max(10_000).try_run(|host| async move {
        let system = system(host, "livelock");
        let (ping, pong) =
            (system.spawn(returns(), "ping").unwrap(), system.spawn(returns(), "pong").unwrap());
        ping.tell(Ball { from: pong });
        core::future::pending::<()>().await;
    });
    let stall = stalled.unwrap_err();
    assert_eq!(stall.kind, StallKind::Livelock);
    assert!(stall.steps >= 10_000);
    assert!(stall.to_string().contains("seed 7"), "{stall}");
}

struct Ball {
    from: ActorRef<Self>,
}

fn returns() -> Behavior<Ball> {
    Behavior::receive(|ctx: &mut Context<Ball>, ball: Ball| {
        ball.from.tell(Ball { from: ctx.me() });
        Behavior::same()
    })
}

#[test]
fn a_scenario_that_takes_too_long_is_noticed() {
    let stalled = Simulation::new(7).elapsed_max(mins(1)).try_run(|host| async move {
        let system = system(host, "overtime");
        system.sleep(mins(2)).await;
    });
    assert_eq!(stalled.unwrap_err().kind, StallKind::Overtime);
}

#[test]
#[should_panic(expected = "deadlock: nothing can run, and nobody sleeps\n  seed 9")]
fn a_stalled_run_panics_with_its_seed() {
    Simulation::new(9).run(|_| core::future::pending::<()>());
}
