//! Circuit breaker: a stateful companion in front of an actor, which speaks its language.
//!
//! Run it: `cargo run --release --example circuit_breaker`.
//!
//! ```text
//! closed ── failures in a row ─▶ open ── a pause ─▶ half open ── success ─▶ closed
//!                                 ▲                     │
//!                                 └────── failure ──────┘
//! ```

use casty::prelude::*;

/// What both the service and its breaker understand.
enum Service {
    Call(u32, ReplyTo<Result<u32, &'static str>>),
    /// To the breaker: how a call has ended, and who waits for the answer.
    Ended(Result<Result<u32, &'static str>, AskError>, ReplyTo<Result<u32, &'static str>>),
    /// To the breaker: time to try again.
    TryAgain,
}

use Service::{Call, Ended, TryAgain};

const FAILURES_MAX: u32 = 3;

/// Fails as long as it is asked for an odd number.
fn service() -> Behavior<Service> {
    Behavior::receive_message(|message| match message {
        Call(number, reply) => {
            reply.tell(if number.is_multiple_of(2) { Ok(number / 2) } else { Err("odd") });
            Behavior::same()
        }
        Ended(..) | TryAgain => Behavior::unhandled(),
    })
}

fn closed(service: ActorRef<Service>, failures: u32) -> Behavior<Service> {
    Behavior::receive(move |ctx, message| match message {
        Call(number, caller) => {
            let ended = |outcome| Ended(outcome, caller);
            ctx.ask(&service, |reply| Call(number, reply), millis(100), ended);
            Behavior::same()
        }
        Ended(outcome, caller) => {
            let outcome = outcome.unwrap_or(Err("no answer"));
            let failures = if outcome.is_ok() { 0 } else { failures + 1 };
            caller.tell(outcome);
            if failures < FAILURES_MAX {
                return closed(service.clone(), failures);
            }
            ctx.schedule_once("try again", millis(300), TryAgain);
            open(service.clone())
        }
        TryAgain => Behavior::unhandled(),
    })
}

/// Spares the service, and its callers the wait.
fn open(service: ActorRef<Service>) -> Behavior<Service> {
    Behavior::receive_message(move |message| match message {
        Call(_, caller) | Ended(_, caller) => {
            caller.tell(Err("the circuit is open"));
            Behavior::same()
        }
        // Half open: one more failure opens it again.
        TryAgain => closed(service.clone(), FAILURES_MAX - 1),
    })
}

fn main() -> casty::Result {
    casty::block_on(async {
        let system = ActorSystem::new("grid");
        let service = system.spawn(service(), "service")?;
        let breaker = system.spawn(closed(service, 0), "breaker")?;
        let mut outcomes = Vec::new();
        for number in [8, 1, 3, 5, 8] {
            outcomes.push(breaker.ask(|reply| Call(number, reply), secs(1)).await?);
        }
        system.sleep(millis(500)).await;
        outcomes.push(breaker.ask(|reply| Call(8, reply), secs(1)).await?);
        outcomes.iter().for_each(|outcome| println!("{outcome:?}"));
        let odd = Err("odd");
        assert_eq!(outcomes, [Ok(4), odd, odd, odd, Err("the circuit is open"), Ok(4)]);
        system.shutdown().await;
        Ok(())
    })
}
