//! Stash: what comes too early is set aside, and handled when the time has come.
//!
//! Run it: `cargo run --release --example stash`.

use std::collections::BTreeMap;
use std::time::Duration;

use casty::TaskError;
use casty::prelude::*;

type Table = BTreeMap<&'static str, u32>;

enum Prices {
    Loaded(Result<Table, TaskError>),
    Of(&'static str, ReplyTo<Option<u32>>),
}

/// Begins to load the prices, and cannot answer until they are there.
fn prices() -> Behavior<Prices> {
    Behavior::setup(|ctx| {
        ctx.spawn_blocking(load, Prices::Loaded);
        loading()
    })
    .stash(100)
}

fn loading() -> Behavior<Prices> {
    Behavior::receive(|ctx, message| match message {
        Prices::Loaded(Ok(table)) => {
            println!("the prices are there; {} questions wait", ctx.stashed());
            ctx.unstash_all();
            ready(table)
        }
        Prices::Loaded(Err(error)) => Behavior::fail(error),
        early @ Prices::Of(..) => {
            // A full stash gives the message back. Letting go of it tells the asker that there is no answer.
            let _ = ctx.stash(early);
            Behavior::same()
        }
    })
}

fn ready(table: Table) -> Behavior<Prices> {
    Behavior::receive_message(move |message| match message {
        Prices::Of(item, reply) => {
            reply.tell(table.get(item).copied());
            Behavior::same()
        }
        Prices::Loaded(_) => Behavior::unhandled(),
    })
}

fn load() -> Table {
    std::thread::sleep(Duration::from_millis(50)); // a slow disk
    BTreeMap::from([("tea", 3), ("cake", 5)])
}

fn main() -> casty::Result {
    casty::block_on(async {
        let system = ActorSystem::new("cafe");
        let prices = system.spawn(prices(), "prices")?;
        let items = ["tea", "cake", "soup"];
        let asked = items.map(|item| prices.ask(move |reply| Prices::Of(item, reply), secs(1)));
        let mut answers = Vec::new();
        for (item, answer) in items.into_iter().zip(asked) {
            let price = answer.await?;
            println!("{item}: {price:?}");
            answers.push(price);
        }
        assert_eq!(answers, [Some(3), Some(5), None]);
        system.shutdown().await;
        Ok(())
    })
}
