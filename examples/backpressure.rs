//! Backpressure: a mailbox with a limit, and what becomes of senders that do not wait.
//!
//! Run it: `cargo run --release --example backpressure`.

use casty::prelude::*;
use casty::{DeadLetter, SendError};

enum Bakery {
    Bake(u32),
    /// Says so and rests until the other side is dropped, so that the mailbox fills.
    Rest(ReplyTo<()>, async_channel::Receiver<()>),
    Baked(ReplyTo<u32>),
}

fn bakery(baked: u32) -> Behavior<Bakery> {
    Behavior::receive_async(move |_ctx, message| async move {
        match message {
            Bakery::Bake(loaves) => return bakery(baked + loaves),
            Bakery::Rest(resting, until) => {
                resting.tell(());
                let _ = until.recv().await;
            }
            Bakery::Baked(reply) => reply.tell(baked),
        }
        Behavior::same()
    })
}

enum Complaints {
    Lost(DeadLetter),
    Count(ReplyTo<u32>),
}

/// Every message that no handler got is an event.
fn complaints(count: u32) -> Behavior<Complaints> {
    Behavior::receive_message(move |message| match message {
        Complaints::Lost(DeadLetter { recipient, reason, .. }) => {
            println!("a message for {recipient} was lost: {reason}");
            complaints(count + 1)
        }
        Complaints::Count(reply) => {
            reply.tell(count);
            Behavior::same()
        }
    })
}

fn main() -> casty::Result {
    casty::block_on(async {
        let system = ActorSystem::new("town");
        let complaints = system.spawn(complaints(0), "complaints")?;
        system.subscribe(&complaints.contramap(Complaints::Lost));

        let options = SpawnOptions::named("bakery").mailbox(Mailbox::bounded(2, Overflow::Reject));
        let bakery = system.spawn_with(bakery(0), options)?;

        // Who does not wait is told that there is no room, or loses the message: it becomes a dead letter.
        let (awake, rest) = async_channel::bounded(1);
        bakery.ask(|resting| Bakery::Rest(resting, rest), secs(1)).await?;
        let accepted = std::iter::from_fn(|| bakery.try_tell(Bakery::Bake(1)).ok()).count();
        let refused = bakery.try_tell(Bakery::Bake(1));
        println!("after {accepted} orders: {refused:?}");
        assert!(accepted == 2 && matches!(refused, Err(SendError::Full(Bakery::Bake(1)))));
        bakery.tell(Bakery::Bake(1));
        assert_eq!(bakery.ask(Bakery::Baked, secs(1)).await, Err(AskError::Full));

        // Who waits for room loses nothing, and goes at the bakery's pace.
        drop(awake);
        for _ in 0..1_000 {
            bakery.send(Bakery::Bake(1)).await?;
        }
        let baked = loop {
            match bakery.ask(Bakery::Baked, secs(1)).await {
                Err(AskError::Full) => system.sleep(millis(1)).await,
                answer => break answer?,
            }
        };
        println!("{baked} loaves were baked");
        assert_eq!(baked, 2 + 1_000);
        assert_eq!(complaints.ask(Complaints::Count, secs(1)).await?, 1);
        system.shutdown().await;
        Ok(())
    })
}
