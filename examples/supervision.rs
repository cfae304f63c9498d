//! Supervision: what becomes of an actor that fails is decided outside of it.
//!
//! Run it: `cargo run --release --example supervision`.

use std::fmt;

use casty::Supervision;
use casty::prelude::*;

enum Till {
    Pay(i64),
    Total(ReplyTo<i64>),
}

/// An error that nothing can be done about, as opposed to a panic.
#[derive(Debug)]
struct Counterfeit;

fn till(total: i64) -> Behavior<Till> {
    Behavior::receive_message(move |message| match message {
        Till::Pay(0) => panic!("nothing was paid"),
        Till::Pay(amount) if amount < 0 => Behavior::fail(Counterfeit),
        Till::Pay(amount) => till(total + amount),
        Till::Total(reply) => {
            reply.tell(total);
            Behavior::same()
        }
    })
}

/// A panic restarts the till after a growing pause; counterfeit money closes it for good.
fn careful() -> Supervision {
    let backoff = Backoff::new(millis(10), millis(200));
    OneForOne::restarts(3, mins(1)).backoff(backoff).decider(|failure| {
        let for_good = failure.as_error::<Counterfeit>().is_some();
        if for_good { Directive::Stop } else { Directive::Restart { after: millis(0) } }
    })
}

/// Asks for the tills of a shop.
struct Tills(ReplyTo<[ActorRef<Till>; 2]>);

/// Two tills that share one fate: when one is restarted, so is the other.
fn shop() -> Behavior<Tills> {
    let shop = Behavior::setup(|ctx| match [ctx.spawn(till(0), "left"), ctx.spawn(till(0), "right")] {
        [Ok(left), Ok(right)] => Behavior::receive_message(move |Tills(reply)| {
            reply.tell([left.clone(), right.clone()]);
            Behavior::same()
        }),
        [Err(error), _] | [_, Err(error)] => Behavior::fail(error),
    });
    shop.supervising(AllForOne::restarts(3, mins(1)))
}

fn main() -> casty::Result {
    // The panics are on purpose, so their messages would only disturb.
    std::panic::set_hook(Box::new(|_| {}));
    casty::block_on(async {
        let system = ActorSystem::new("shops");
        let till = system.spawn(till(0).supervised(careful()), "till")?;
        [5, 0, 2].into_iter().for_each(|amount| till.tell(Till::Pay(amount)));
        let total = till.ask(Till::Total, secs(1)).await?;
        println!("paid 5, then a panic, then 2: the restart kept the mailbox and dropped the state: {total}");
        assert_eq!(total, 2);

        till.tell(Till::Pay(-1));
        let gone = till.ask(Till::Total, secs(1)).await;
        println!("paid with counterfeit money: {gone:?}");
        assert_eq!(gone, Err(AskError::Stopped));

        let shop = system.spawn(shop(), "shop")?;
        let [left, right] = shop.ask(Tills, secs(1)).await?;
        right.tell(Till::Pay(7));
        assert_eq!(right.ask(Till::Total, secs(1)).await?, 7);
        left.tell(Till::Pay(0));
        while right.ask(Till::Total, secs(1)).await? != 0 {}
        println!("a panic of the left till restarted the right one too");
        system.shutdown().await;
        Ok(())
    })
}

impl fmt::Display for Counterfeit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("counterfeit money")
    }
}

impl std::error::Error for Counterfeit {}
