//! Shopping cart: an entity whose events are kept, so that it outlives a crash.
//!
//! Run it: `cargo run --release --example shopping_cart`.

use std::collections::BTreeMap;

use casty::journal::{Journal, MemoryJournal, Offset};
use casty::persist::{Decision, EntityRecovered, EventSourced, Snapshots, Stored};
use casty::prelude::*;
use serde::{Deserialize, Serialize};

enum Command {
    Add { item: String, count: u32, reply: ReplyTo<Result<u32, Refused>> },
    CheckOut(ReplyTo<Result<u32, Refused>>),
    Contents(ReplyTo<Cart>),
    Crash,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Refused {
    Empty,
    CheckedOut,
}

/// What has happened: this is what the journal keeps, under a name of its own.
#[derive(Serialize, Deserialize)]
enum Event {
    Added { item: String, count: u32 },
    CheckedOut,
}

impl Stored for Event {
    const NAME: &'static str = "shop.CartEvent";
}

/// What the events come to.
#[derive(Serialize, Deserialize, Clone, PartialEq, Default, Debug)]
struct Cart {
    items: BTreeMap<String, u32>,
    checked_out: bool,
}

impl Stored for Cart {
    const NAME: &'static str = "shop.Cart";
}

impl Cart {
    fn count(&self) -> u32 {
        self.items.values().sum()
    }

    /// The state after an event: nothing else happens here, as it runs again at each recovery.
    fn after(mut self, event: &Event) -> Self {
        match event {
            Event::Added { item, count } => *self.items.entry(item.clone()).or_default() += count,
            Event::CheckedOut => self.checked_out = true,
        }
        self
    }

    /// What a command comes to: rules here, replies only when the events are durable.
    fn decide(&self, command: Command) -> Decision<Event, Self> {
        match command {
            Command::Add { reply, .. } | Command::CheckOut(reply) if self.checked_out => {
                Decision::none().reply(reply, |_| Err(Refused::CheckedOut))
            }
            Command::Add { item, count, reply } => {
                Decision::persist(Event::Added { item, count }).reply(reply, |cart: &Self| Ok(cart.count()))
            }
            Command::CheckOut(reply) if self.items.is_empty() => {
                Decision::none().reply(reply, |_| Err(Refused::Empty))
            }
            Command::CheckOut(reply) => {
                Decision::persist(Event::CheckedOut).reply(reply, |cart: &Self| Ok(cart.count()))
            }
            Command::Contents(reply) => Decision::none().reply(reply, Self::clone),
            // The panic leaves no trace on the standard error.
            Command::Crash => std::panic::resume_unwind(Box::new("planned")),
        }
    }
}

fn cart(id: &str, journal: &MemoryJournal) -> Behavior<Command> {
    let tags = |event: &Event| match event {
        Event::Added { .. } => vec![],
        Event::CheckedOut => vec!["orders".into()],
    };
    let kept = EventSourced::new(id, journal.clone(), Cart::default(), Cart::after)
        .tagged(tags)
        .snapshots(Snapshots::every(100));
    Behavior::event_sourced(kept, |cart: &Cart, _ctx, command| cart.decide(command))
        .supervised(OneForOne::restarts(3, mins(1)).backoff(Backoff::new(millis(1), secs(1))))
}

async fn add(cart: &ActorRef<Command>, item: &str, count: u32) -> casty::Result<Result<u32, Refused>> {
    let item = item.to_string();
    Ok(cart.ask(|reply| Command::Add { item, count, reply }, secs(5)).await?)
}

fn main() -> casty::Result {
    casty::block_on(async {
        let journal = MemoryJournal::new(); // one on a disk is a value like this
        let system = ActorSystem::new("shop");
        let recoveries = Behavior::receive_message(|EntityRecovered { entity, replayed, .. }| {
            println!("{entity} is there again, after {replayed} events");
            Behavior::same()
        });
        system.subscribe(&system.spawn(recoveries, "recoveries")?);

        let mine = system.spawn(cart("cart-1", &journal), "cart")?;
        assert_eq!(add(&mine, "tea", 2).await?, Ok(2));
        assert_eq!(add(&mine, "cake", 1).await?, Ok(3));
        mine.tell(Command::Crash);
        assert_eq!(mine.ask(Command::CheckOut, secs(5)).await?, Ok(3));
        system.shutdown().await;

        // Another system, another day; the same journal.
        let system = ActorSystem::new("shop");
        let mine = system.spawn(cart("cart-1", &journal), "cart")?;
        let contents = mine.ask(Command::Contents, secs(5)).await?;
        println!("{contents:?}");
        assert_eq!((contents.items["tea"], contents.checked_out), (2, true));
        assert_eq!(add(&mine, "tea", 1).await?, Err(Refused::CheckedOut));
        let orders = journal.tagged("orders", Offset::START, 10).await?;
        assert_eq!(orders[0].entity.as_str(), "cart-1");
        system.shutdown().await;
        Ok(())
    })
}
