//! Actors whose entities are kept on a server, on an executor of their own.

use std::time::Duration;

use casty_core::persist::{Decision, EventSourced, Snapshots, Stored};
use casty_core::{ActorSystem, Behavior, ReplyTo};
use casty_postgres::PostgresJournal;
use casty_smol::{OnSmol, block_on};
use serde::{Deserialize, Serialize};

use crate::connect;
use crate::server::Server;

#[derive(Serialize, Deserialize)]
struct Deposited(u64);

impl Stored for Deposited {
    const NAME: &'static str = "bank.Deposited";
}

#[derive(Clone, Serialize, Deserialize)]
struct Balance(u64);

impl Stored for Balance {
    const NAME: &'static str = "bank.Balance";
}

fn account(id: &str, journal: &PostgresJournal) -> Behavior<(u64, ReplyTo<u64>)> {
    let apply = |Balance(balance), Deposited(amount): &Deposited| Balance(balance + amount);
    let kept = EventSourced::new(id, journal.clone(), Balance(0), apply);
    let kept = kept.snapshots(Snapshots::every(3).deleting_events());
    Behavior::event_sourced(kept, |_balance, _ctx, (amount, reply)| {
        Decision::persist(Deposited(amount)).reply(reply, |Balance(balance)| *balance)
    })
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn an_entity_goes_on_through_a_crash_of_the_server_and_in_another_system() {
    const LONG: Duration = Duration::from_secs(60);
    let server = Server::start(&["fsync=off"]);
    let settings = server.fresh();
    let journal = connect(settings.clone());
    block_on(async {
        let system = ActorSystem::new("first");
        let alice = system.spawn(account("alice", &journal), "alice").unwrap();
        for number in 1..=10 {
            if number == 5 {
                server.crash();
                server.again();
            }
            assert_eq!(alice.ask(|reply| (1, reply), LONG).await.unwrap(), number);
        }
        system.shutdown().await;
        let elsewhere = connect(settings);
        let system = ActorSystem::new("second");
        let alice = system.spawn(account("alice", &elsewhere), "alice").unwrap();
        assert_eq!(alice.ask(|reply| (1, reply), LONG).await.unwrap(), 11);
        system.shutdown().await;
    });
}
