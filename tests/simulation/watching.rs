//! A watch is answered exactly once: alive, dead before, dying just now, taken back.

use casty::prelude::*;
use casty::simulation::{Host, sweep};
use casty::{AnyRef, Rng};

use crate::checker;
use crate::world::{Seen, system};

/// Which watcher heard of the end of which target.
type Heard = (usize, String);

const WATCHERS: usize = 4;
const TARGETS: [&str; 4] = ["long-lived", "dead-before", "dying-now", "stops-itself"];

#[test]
fn a_watch_is_answered_exactly_once_whenever_the_end_comes() {
    sweep(|simulation| {
        let heard = simulation.run(|host| watch_all(host, false)).value;
        let everyone = (0..WATCHERS).flat_map(|one| TARGETS.map(|target| (one, String::from(target))));
        checker::exactly_once(&heard, everyone);
    });
}

#[test]
fn a_watch_is_answered_exactly_once_when_time_passes_between_steps() {
    sweep(|simulation| {
        let heard = simulation.lag(millis(3)).run(|host| watch_all(host, false)).value;
        let everyone = (0..WATCHERS).flat_map(|one| TARGETS.map(|target| (one, String::from(target))));
        checker::exactly_once(&heard, everyone);
    });
}

#[test]
fn a_watch_taken_back_is_not_answered() {
    sweep(|simulation| {
        let heard = simulation.run(|host| watch_all(host, true)).value;
        checker::exactly_once(&heard, []);
    });
}

async fn watch_all(host: Host, take_back: bool) -> Vec<Heard> {
    let system = system(host, "watch");
    let mut rng = system.rng();
    let targets = TARGETS.map(|name| system.spawn(target(), name).unwrap());
    system.stop(&targets[1]);
    let pause = millis(rng.below(2) as u64);
    system.sleep(pause).await;

    let heard = Seen::new();
    let watchers: Vec<ActorRef<Order>> = (0..WATCHERS)
        .map(|number| system.spawn(watcher(number, heard.clone()), &format!("watcher-{number}")).unwrap())
        .collect();
    let mut orders: Vec<Act> = (0..WATCHERS * TARGETS.len()).map(Act::Watch).collect();
    orders.extend([Act::StopTarget, Act::TellTarget]);
    shuffle(&mut orders, &mut rng);
    for act in orders {
        match act {
            Act::Watch(at) => {
                let (watcher, target) = (&watchers[at / TARGETS.len()], &targets[at % TARGETS.len()]);
                watcher.tell(Order::Watch(target.to_any()));
                if take_back {
                    watcher.tell(Order::Unwatch(target.to_any()));
                }
            }
            Act::StopTarget => system.stop(&targets[2]),
            Act::TellTarget => targets[3].tell(()),
        }
        if rng.below(4) == 0 {
            system.sleep(millis(0)).await;
        }
    }
    system.sleep(secs(1)).await;
    system.stop(&targets[0]);
    system.sleep(secs(1)).await;
    assert!(system.shutdown().await.is_clean());
    heard.all()
}

enum Act {
    Watch(usize),
    StopTarget,
    TellTarget,
}

enum Order {
    Watch(AnyRef),
    Unwatch(AnyRef),
    Ended(String),
}

fn shuffle<T>(items: &mut [T], rng: &mut Rng) {
    for at in (1..items.len()).rev() {
        items.swap(at, rng.below(at + 1));
    }
}

fn target() -> Behavior<()> {
    Behavior::receive_message(|()| Behavior::stopped())
}

/// Watches in one of the two ways, sometimes twice.
fn watcher(me: usize, heard: Seen<Heard>) -> Behavior<Order> {
    let by_message = heard.clone();
    let watcher = Behavior::receive(move |ctx: &mut Context<Order>, order| {
        match order {
            Order::Watch(target) if me.is_multiple_of(2) => {
                ctx.watch_with(&target, Order::Ended(target.path().name().into()));
                ctx.watch_with(&target, Order::Ended(target.path().name().into()));
            }
            Order::Watch(target) => (0..=ctx.rng().below(2)).for_each(|_| ctx.watch(&target)),
            Order::Unwatch(target) => ctx.unwatch(&target),
            Order::Ended(target) => by_message.note((me, target)),
        }
        Behavior::same()
    });
    watcher.on_signal(move |_, signal| match signal {
        Signal::Terminated(target) => {
            heard.note((me, target.path().name().into()));
            Behavior::same()
        }
        _ => Behavior::unhandled(),
    })
}
