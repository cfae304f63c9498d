//! Messages told by one actor to another, to each kind of handler and mailbox.

use casty::prelude::*;

use crate::{Bench, done, done_in_all};

/// Messages told before the one who is told has its turn.
pub(crate) const BURST: u64 = 256;
/// What a limited mailbox holds: never full, as a burst fits.
const MESSAGES_MAX: usize = 1_024;
/// How many there are where there are many, and the messages that all of them are told before they have their turn.
pub(crate) const CROWD: usize = 1_000;
pub(crate) const CROWD_BURST: u64 = 8_192;

/// To a handler that keeps its behavior.
pub(crate) fn tell(bench: &Bench, count: u64) -> casty::Result {
    in_bursts(bench, count, handler(), SpawnOptions::anonymous())
}

/// The same, to a mailbox with a limit.
pub(crate) fn tell_bounded(bench: &Bench, count: u64) -> casty::Result {
    let mailbox = Mailbox::bounded(MESSAGES_MAX, Overflow::Reject);
    in_bursts(bench, count, handler(), SpawnOptions::anonymous().mailbox(mailbox))
}

/// To a state that moves through a function.
pub(crate) fn fold(bench: &Bench, count: u64) -> casty::Result {
    let folding = Behavior::fold(0, |sum, _, message| {
        done_in_all(sum + message);
        Step::Keep(sum + message)
    });
    in_bursts(bench, count, folding, SpawnOptions::anonymous())
}

/// To a state that is changed in place.
pub(crate) fn with_state(bench: &Bench, count: u64) -> casty::Result {
    let changing = Behavior::with_state(
        |_| 0,
        |sum, _, message| {
            *sum += message;
            done_in_all(*sum);
            Behavior::same()
        },
    );
    in_bursts(bench, count, changing, SpawnOptions::anonymous())
}

/// To a handler that returns another behavior for each message: a state by recursion.
pub(crate) fn r#become(bench: &Bench, count: u64) -> casty::Result {
    in_bursts(bench, count, becoming(0), SpawnOptions::anonymous())
}

/// To each of a thousand, in turns.
pub(crate) fn crowd(bench: &Bench, count: u64) -> casty::Result {
    let crowd: Vec<_> =
        (0..CROWD).map(|_| bench.system.spawn_anonymous(handler())).collect::<Result<_, _>>()?;
    let teller = Behavior::receive_message(move |burst: u64| {
        (0..burst).zip(crowd.iter().cycle()).for_each(|(_, told)| told.tell(1));
        Behavior::same()
    });
    let teller = bench.system.spawn(teller, "teller")?;
    for_all(count, CROWD_BURST, |burst| {
        teller.tell(burst);
        bench.host.run();
    });
    Ok(())
}

fn becoming(sum: u64) -> Behavior<u64> {
    Behavior::receive(move |_, message| {
        done_in_all(sum + message);
        becoming(sum + message)
    })
}

fn handler() -> Behavior<u64> {
    Behavior::receive(|_, message| {
        done(message);
        Behavior::same()
    })
}

fn in_bursts(bench: &Bench, count: u64, told: Behavior<u64>, options: SpawnOptions<u64>) -> casty::Result {
    let told = bench.system.spawn_with(told, options)?;
    let teller = Behavior::receive_message(move |burst: u64| {
        (0..burst).for_each(|_| told.tell(1));
        Behavior::same()
    });
    let teller = bench.system.spawn(teller, "teller")?;
    for_all(count, BURST, |burst| {
        teller.tell(burst);
        bench.host.run();
    });
    Ok(())
}

/// Tells so many messages, in bursts.
pub(crate) fn for_all(count: u64, burst_max: u64, mut tell: impl FnMut(u64)) {
    let mut left = count;
    while left > 0 {
        let burst = left.min(burst_max);
        tell(burst);
        left -= burst;
    }
}

/// A message that goes back and forth, and says to whom.
struct Ball {
    left: u64,
    from: ActorRef<Self>,
}

/// To an actor that has nothing else to do, and tells it back.
pub(crate) fn hop(bench: &Bench, count: u64) -> casty::Result {
    let ping = bench.system.spawn(player(), "ping")?;
    let pong = bench.system.spawn(player(), "pong")?;
    ping.tell(Ball { left: count, from: pong });
    bench.host.run();
    Ok(())
}

fn player() -> Behavior<Ball> {
    Behavior::receive(|ctx, Ball { left, from }: Ball| {
        if left > 0 {
            done(1);
            from.tell(Ball { left: left - 1, from: ctx.me() });
        }
        Behavior::same()
    })
}
