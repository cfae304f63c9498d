//! Several systems in one process do not take one for another's.

use casty::AnyRef;
use casty::prelude::*;
use casty::simulation::sweep;
use casty::testkit::Probe;

use crate::world::system;

#[test]
fn actors_of_two_systems_are_watched_apart() {
    sweep(|simulation| {
        simulation.run(|host| async move {
            let [one, two, three] = ["one", "two", "three"].map(|name| system(host.clone(), name));
            // The first actor of each system: their numbers are the same.
            let [here, there] =
                [&one, &two].map(|system| system.spawn(Behavior::<u8>::ignore(), "twin").unwrap());
            let probe = Probe::<AnyRef>::new(&three, "probe").unwrap();
            let (told, targets) = (probe.actor().clone(), [here.clone(), there.clone()]);
            let watcher: Behavior<u8> = Behavior::setup(move |ctx| {
                targets.iter().for_each(|target| ctx.watch(target));
                Behavior::ignore()
            });
            let watcher = watcher.on_signal(move |_, signal| {
                if let Signal::Terminated(actor) = signal {
                    told.tell(actor.clone());
                }
                Behavior::same()
            });
            three.spawn(watcher, "watcher").unwrap();
            three.sleep(millis(1)).await;
            one.stop(&here);
            assert_eq!(probe.recv().await, here.to_any());
            probe.expect_silence(secs(1)).await;
            two.stop(&there);
            assert_eq!(probe.recv().await, there.to_any());
        });
    });
}

#[test]
fn an_ask_of_another_system_is_no_circle() {
    sweep(|simulation| {
        simulation.run(|host| async move {
            let (one, two) = (system(host.clone(), "one"), system(host, "two"));
            let answers = Behavior::receive_message(|reply: ReplyTo<u8>| {
                reply.tell(7);
                Behavior::same()
            });
            let answers = two.spawn(answers, "answers").unwrap();
            let asks = Behavior::receive_async(move |ctx, reply: ReplyTo<Result<u8, AskError>>| {
                let answers = answers.clone();
                async move {
                    reply.tell(ctx.ask(&answers, |reply| reply, secs(1)).await);
                    Behavior::same()
                }
            });
            let asks = one.spawn(asks, "asks").unwrap();
            assert_eq!(asks.ask(|reply| reply, secs(5)).await, Ok(Ok(7)));
        });
    });
}

#[test]
fn the_end_of_one_system_is_no_end_for_another() {
    sweep(|simulation| {
        simulation.run(|host| async move {
            let (one, two) = (system(host.clone(), "one"), system(host, "two"));
            let probe = Probe::new(&two, "probe").unwrap();
            let relay = {
                let to = probe.actor().clone();
                Behavior::receive_message(move |number: u8| {
                    to.tell(number);
                    Behavior::same()
                })
            };
            let relay = one.spawn(relay, "relay").unwrap();
            relay.tell(1);
            assert!(one.shutdown().await.is_clean());
            assert_eq!(probe.recv().await, 1);
            relay.tell(2);
            probe.expect_silence(secs(1)).await;
            assert_eq!((one.dead_letters(), two.dead_letters()), (1, 0));
        });
    });
}
