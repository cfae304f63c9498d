//! Order per sender, nothing lost or repeated, while the receiver fails.

use casty::prelude::*;
use casty::simulation::{Host, sweep};

use crate::checker;
use crate::world::{Seen, fails, patient, system};

const SENDERS: usize = 3;
const MESSAGES: usize = 40;

/// A message: who sent it, and which of theirs it is.
type Numbered = (usize, usize);

#[test]
fn order_per_sender_is_kept_across_restarts_with_backoff() {
    sweep(|simulation| {
        let handled = simulation.run(|host| hear_all(host, receiver)).value;
        checker::in_order_and_complete(&handled, SENDERS, MESSAGES);
    });
}

#[test]
fn order_per_sender_is_kept_when_failures_are_passed_over() {
    sweep(|simulation| {
        let resumed = |seen| receiver(seen).supervised(OneForOne::decide(|_| Directive::Resume));
        let handled = simulation.lag(millis(1)).run(|host| hear_all(host, resumed)).value;
        checker::in_order_and_complete(&handled, SENDERS, MESSAGES);
    });
}

#[test]
fn order_per_sender_is_kept_by_an_async_handler() {
    sweep(|simulation| {
        let handled = simulation.run(|host| hear_all(host, slow_receiver)).value;
        checker::in_order_and_complete(&handled, SENDERS, MESSAGES);
    });
}

#[test]
fn order_per_sender_is_kept_through_the_stash() {
    sweep(|simulation| {
        let handled = simulation.run(|host| hear_all(host, stashing_receiver)).value;
        checker::in_order_and_complete(&handled, SENDERS, MESSAGES);
    });
}

async fn hear_all(host: Host, receiver: impl Fn(Seen<Numbered>) -> Behavior<Numbered>) -> Vec<Numbered> {
    let system = system(host, "order");
    let handled = Seen::new();
    let receiver = system.spawn(receiver(handled.clone()).supervised(patient()), "receiver").unwrap();
    for number in 0..SENDERS {
        system.spawn(sender(number, receiver.clone()), &format!("sender-{number}")).unwrap();
    }
    while handled.len() < SENDERS * MESSAGES {
        system.sleep(secs(1)).await;
        assert!(system.now() < casty::Instant::ORIGIN + mins(10), "only {} messages came", handled.len());
    }
    assert!(system.shutdown().await.is_clean());
    handled.all()
}

/// Tells its numbers in bursts, with pauses between.
fn sender(me: usize, receiver: ActorRef<Numbered>) -> Behavior<usize> {
    let burst = Behavior::receive(move |ctx: &mut Context<usize>, from: usize| {
        let mut rng = ctx.rng();
        let until = MESSAGES.min(from + 1 + rng.below(10));
        (from..until).for_each(|number| receiver.tell((me, number)));
        if until < MESSAGES {
            ctx.schedule_once("burst", millis(rng.below(50) as u64), until);
        }
        Behavior::same()
    });
    burst.on_start(|ctx| ctx.me().tell(0))
}

/// Notes each message, and then fails at one in eight.
fn receiver(handled: Seen<Numbered>) -> Behavior<Numbered> {
    Behavior::receive(move |ctx, message| {
        handled.note(message);
        let mut rng = ctx.rng();
        if rng.below(8) == 0 { fails(rng.below(2) == 0) } else { Behavior::same() }
    })
}

/// Notes each message at once, and takes its time before the next.
fn slow_receiver(handled: Seen<Numbered>) -> Behavior<Numbered> {
    Behavior::receive_async(move |ctx, message| {
        handled.note(message);
        async move {
            let pause = ctx.run(|ctx| ctx.rng().below(3)).await;
            ctx.sleep(millis(pause as u64)).await;
            if pause == 2 { fails(false) } else { Behavior::same() }
        }
    })
}

/// Sets messages aside, to handle them later.
fn stashing_receiver(handled: Seen<Numbered>) -> Behavior<Numbered> {
    Behavior::receive(move |ctx, message| {
        if ctx.stash(message).is_err() {
            return fails(false);
        }
        if ctx.stashed() < 4 && ctx.rng().below(8) > 0 {
            ctx.schedule_once("enough", millis(20), (usize::MAX, 0));
            return Behavior::same();
        }
        ctx.unstash_all();
        unstashing_receiver(handled.clone())
    })
}

/// Handles what was set aside, for a while.
fn unstashing_receiver(handled: Seen<Numbered>) -> Behavior<Numbered> {
    Behavior::receive(move |ctx, message: Numbered| {
        if message.0 != usize::MAX {
            handled.note(message);
        }
        match ctx.rng().below(6) {
            0 => stashing_receiver(handled.clone()),
            1 => fails(false),
            _ => Behavior::same(),
        }
    })
}
