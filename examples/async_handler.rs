//! Async handlers: `await` inside a handler, while the actor's next message waits.
//!
//! Run it: `cargo run --release --example async_handler`.

use casty::prelude::*;

/// What can be had for how much; the answer takes a while.
struct Price(&'static str, ReplyTo<Option<u32>>);

fn supplier() -> Behavior<Price> {
    Behavior::receive_async(|ctx, Price(item, reply)| async move {
        ctx.sleep(millis(10)).await;
        reply.tell(match item {
            "nails" => Some(7),
            "boards" => Some(40),
            _ => None,
        });
        Behavior::same()
    })
}

enum Shop {
    Quote(&'static [&'static str], ReplyTo<Result<u32, String>>),
    Sold(ReplyTo<u32>),
}

/// The state is an argument here too. Signals are acted on while a future is pending: a stop does not wait.
fn shop(supplier: ActorRef<Price>, sold: u32) -> Behavior<Shop> {
    Behavior::receive_async(move |ctx, message| {
        let supplier = supplier.clone();
        async move {
            match message {
                Shop::Quote(items, reply) => {
                    let mut sum = 0;
                    for item in items {
                        match ctx.ask(&supplier, |reply| Price(item, reply), secs(1)).await {
                            Ok(Some(price)) => sum += price,
                            Ok(None) => {
                                reply.tell(Err(format!("there are no {item}")));
                                return Behavior::same();
                            }
                            Err(error) => return Behavior::fail(error),
                        }
                    }
                    reply.tell(Ok(sum));
                    shop(supplier, sold + sum)
                }
                Shop::Sold(reply) => {
                    reply.tell(sold);
                    Behavior::same()
                }
            }
        }
    })
}

fn main() -> casty::Result {
    casty::block_on(async {
        let system = ActorSystem::new("market");
        let supplier = system.spawn(supplier(), "supplier")?;
        let shop = system.spawn(shop(supplier, 0), "shop")?;
        let fence = shop.ask(|reply| Shop::Quote(&["nails", "boards"], reply), secs(1));
        let castle = shop.ask(|reply| Shop::Quote(&["nails", "dragons"], reply), secs(1));
        let sold = shop.ask(Shop::Sold, secs(1)); // waits its turn behind the two

        let (fence, castle, sold) = (fence.await?, castle.await?, sold.await?);
        println!("a fence: {fence:?}\na castle: {castle:?}\nsold for {sold}");
        assert_eq!((fence, castle, sold), (Ok(47), Err("there are no dragons".into()), 47));
        system.shutdown().await;
        Ok(())
    })
}
