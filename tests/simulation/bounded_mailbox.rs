//! A bounded mailbox never holds more than its bound, and what it drops is a dead letter.

use core::time::Duration;

use casty::prelude::*;
use casty::simulation::{Host, sweep};
use casty::{DeadLetter, DeadReason, Rng};

use crate::checker;
use crate::world::{Seen, fails, patient, system};

const MESSAGES: usize = 200;

/// Messages told, begun to be handled, and dropped, at one moment.
type Counts = (usize, usize, usize);

#[test]
fn a_bounded_mailbox_keeps_its_bound_and_makes_the_rest_dead_letters() {
    sweep(|simulation| {
        let (counts, messages_max) = simulation.run(flood).value;
        checker::within_bound(&counts, messages_max);
        let (told, begun, dropped) = counts.last().copied().unwrap();
        assert_eq!(told, begun + dropped, "everything told was handled or is a dead letter");
    });
}

async fn flood(host: Host) -> (Vec<Counts>, usize) {
    let system = system(host, "flood");
    let (begun, counts, mut rng) = (Seen::new(), Seen::new(), system.rng());
    let messages_max = 1 + rng.below(4);
    let options = SpawnOptions::named("slow").mailbox(mailbox(messages_max, &mut rng));
    let slow = if rng.below(2) == 0 { slow(begun.clone()) } else { slow_async(begun.clone()) };
    let slow = system.spawn_with(slow.supervised(patient()), options).unwrap();
    for told in 0..MESSAGES {
        slow.tell(told);
        counts.note((told + 1, begun.len(), system.dead_letters() as usize));
        if rng.below(3) == 0 {
            system.sleep(millis(rng.below(10) as u64)).await;
        }
    }
    system.sleep(mins(10)).await;
    counts.note((MESSAGES, begun.len(), system.dead_letters() as usize));
    assert!(system.shutdown().await.is_clean());
    (counts.all(), messages_max)
}

fn mailbox(messages_max: usize, rng: &mut Rng) -> Mailbox<usize> {
    let overflow = [Overflow::DropNew, Overflow::DropOldest, Overflow::Reject][rng.below(3)];
    match rng.below(3) {
        0 => Mailbox::prioritized(messages_max, overflow, |message| (message % 3) as u32),
        1 if messages_max == 2 => Mailbox::fixed::<2>(overflow),
        _ => Mailbox::bounded(messages_max, overflow),
    }
}

fn slow(begun: Seen<usize>) -> Behavior<usize> {
    Behavior::receive(move |ctx, message| {
        begun.note(message);
        let mut rng = ctx.rng();
        if rng.below(5) == 0 { fails(rng.below(2) == 0) } else { Behavior::same() }
    })
}

fn slow_async(begun: Seen<usize>) -> Behavior<usize> {
    Behavior::receive_async(move |ctx, message| {
        begun.note(message);
        async move {
            ctx.sleep(millis(4)).await;
            Behavior::same()
        }
    })
}

#[test]
fn senders_who_wait_for_room_lose_nothing_and_keep_their_order() {
    sweep(|simulation| {
        let handled = simulation.run(send_with_backpressure).value;
        checker::in_order_and_complete(&handled, SENDERS, SENT);
    });
}

const SENDERS: usize = 4;
const SENT: usize = 12;

async fn send_with_backpressure(host: Host) -> Vec<(usize, usize)> {
    let system = system(host, "pressure");
    let handled = Seen::new();
    let keep = handled.clone();
    let sink = Behavior::receive_async(move |ctx, message| {
        keep.note(message);
        async move {
            ctx.sleep(millis(3)).await;
            Behavior::same()
        }
    });
    let narrow = SpawnOptions::named("sink").mailbox(Mailbox::bounded(2, Overflow::Reject));
    let sink = system.spawn_with(sink, narrow).unwrap();
    for me in 0..SENDERS {
        let sink = sink.clone();
        let sender = Behavior::receive_async(move |ctx, number| {
            let sink = sink.clone();
            async move {
                sink.send((me, number)).await.unwrap();
                if number + 1 < SENT {
                    ctx.me().tell(number + 1);
                }
                Behavior::same()
            }
        });
        system.spawn(sender, &format!("sender-{me}")).unwrap().tell(0);
    }
    system.sleep(secs(10)).await;
    assert_eq!(system.dead_letters(), 0);
    assert!(system.shutdown().await.is_clean());
    handled.all()
}

#[test]
fn what_waits_for_a_stopped_actor_becomes_dead_letters() {
    sweep(|simulation| {
        let (handled, letters) = simulation.lag(millis(1)).run(stop_in_the_midst).value;
        assert_eq!(handled + letters, MESSAGES);
    });
}

async fn stop_in_the_midst(host: Host) -> (usize, usize) {
    let system = system(host, "letters");
    let (begun, letters, mut rng) = (Seen::new(), Seen::new(), system.rng());
    let keep = letters.clone();
    let reader = Behavior::receive_message(move |letter: DeadLetter| {
        assert_eq!(letter.reason, DeadReason::Stopped);
        keep.note(letter.recipient);
        Behavior::same()
    });
    system.subscribe(&system.spawn(reader, "reader").unwrap());
    let slow = system.spawn(slow(begun.clone()).supervised(patient()), "slow").unwrap();
    let stop_at = rng.below(MESSAGES);
    for message in 0..MESSAGES {
        slow.tell(message);
        if message == stop_at {
            system.stop(&slow);
        }
        if rng.below(10) == 0 {
            system.sleep(millis(1)).await;
        }
    }
    system.sleep(secs(10)).await;
    assert!(system.shutdown().await.is_clean());
    (begun.len(), letters.len())
}

#[test]
fn an_event_never_takes_the_place_of_a_message() {
    sweep(|simulation| {
        simulation.run(|host| async move {
            let system = system(host, "events");
            let listens: Behavior<u8> = Behavior::setup(|ctx| {
                ctx.system().subscribe::<Duration>(&ctx.adapter(|_| 0));
                Behavior::ignore()
            });
            let narrow = SpawnOptions::named("listens").mailbox(Mailbox::bounded(1, Overflow::DropOldest));
            let listens = system.spawn_with(listens, narrow).unwrap();
            system.sleep(millis(1)).await;
            listens.tell(1);
            system.publish(secs(1));
            assert!(system.shutdown().await.is_clean());
            assert_eq!(system.dead_letters(), 0);
        });
    });
}
