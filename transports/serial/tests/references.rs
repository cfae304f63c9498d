//! References in messages, where nothing brings the standard library into core.
//!
//! That is so when it is run with `-p casty-serial`: then nobody else's features are on.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod world;

use std::thread;

use casty_core::{ActorRef, Behavior, Remote, ReplyTo, Step, secs};
use serde::{Deserialize, Serialize};
use world::{Faults, Place, World, line, place};

#[derive(Serialize, Deserialize)]
enum Account {
    Deposit(u64),
    Balance(ReplyTo<u64>),
    /// Deposits so much in each of these.
    Share(Vec<(u64, Option<ActorRef<Self>>)>),
    /// Sends a reference back.
    Back {
        what: ActorRef<Self>,
        to: ReplyTo<ActorRef<Self>>,
    },
}

impl Remote for Account {
    const NAME: &'static str = "bank.Account";
}

fn account() -> Behavior<Account> {
    Behavior::fold(0, |balance, _, message| match message {
        Account::Deposit(amount) => Step::Keep(balance + amount),
        Account::Balance(reply) => {
            reply.tell(balance);
            Step::Keep(balance)
        }
        Account::Share(shares) => {
            for (amount, account) in shares {
                account.into_iter().for_each(|account| account.tell(Account::Deposit(amount)));
            }
            Step::Keep(balance)
        }
        Account::Back { what, to } => {
            to.tell(what);
            Step::Keep(balance)
        }
    })
}

async fn balance(account: &ActorRef<Account>) -> u64 {
    account.ask(Account::Balance, secs(10)).await.unwrap()
}

/// An account of the other node, found from this one.
async fn found(near: &Place, far: &Place, name: &str) -> ActorRef<Account> {
    far.node.expose(&far.system.spawn(account(), name).unwrap()).unwrap();
    near.node.lookup(far.node.address(), name, secs(10)).await.unwrap()
}

#[test]
fn references_and_answers_in_messages_are_read_without_the_standard_library() {
    let mut world = World::new();
    let bare = world.bare.clone();
    world.run(async move {
        let (near, far, _) = line(&bare, 1, Faults::default());
        let (near, far) = (place(&bare, near, "near", 1).await, place(&bare, far, "far", 2).await);
        let sharer = found(&near, &far, "sharer").await;
        // Accounts of the asker's own node, which were never exposed, and one that goes home.
        let own = ["one", "other"].map(|name| near.system.spawn(account(), name).unwrap());
        let [one, other] = own.clone().map(Some);
        sharer.tell(Account::Share(vec![(5, one), (6, None), (7, other), (8, Some(sharer.clone()))]));
        near.system.sleep(secs(1)).await;
        assert_eq!(balance(&sharer).await, 8);
        assert_eq!((balance(&own[0]).await, balance(&own[1]).await), (5, 7));
        let back = sharer.ask(|to| Account::Back { what: own[0].clone(), to }, secs(10)).await.unwrap();
        assert_eq!(back, own[0]);
        assert_eq!(back.path().to_string(), "casty://line/one");
        let back = sharer.ask(|to| Account::Back { what: sharer.clone(), to }, secs(10)).await.unwrap();
        assert_eq!(back.path().to_string(), "casty://line@far/sharer");
    });
}

#[test]
fn nodes_of_several_threads_read_references_at_once_and_each_finds_its_own() {
    let played = |seed: u64| {
        let mut world = World::new();
        let bare = world.bare.clone();
        world.run(async move {
            let (near, far, _) = line(&bare, seed, Faults::default());
            let (near, far) =
                (place(&bare, near, "near", seed).await, place(&bare, far, "far", seed + 1).await);
            let sharer = found(&near, &far, "sharer").await;
            let own = near.system.spawn(account(), "own").unwrap();
            for amount in 1..=200 {
                sharer.tell(Account::Share((0..4).map(|_| (amount, Some(own.clone()))).collect()));
            }
            while balance(&own).await < 4 * 200 * 201 / 2 {
                near.system.sleep(secs(1)).await;
            }
            balance(&own).await
        })
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|thread| scope.spawn(move || played(10 * thread + 1))).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), 4 * 200 * 201 / 2);
        }
    });
}
