//! Bank cluster: accounts on three nodes; one is killed, one joins, one leaves.
//!
//! ```text
//! cargo run --release --example bank_cluster
//! ```
//!
//! The nodes are in one process and talk over TCP. An account lives on one of them, wherever its shard is, and keeps its events in a journal
//! that all share; when its node is killed, it lives on another one, with all that it had acknowledged. At the end the money is
//! counted: the exit status is 1 if any was lost or made.
//!
//! A transfer is a debit, then a credit, each asked for until it is answered. It has a number, which both accounts keep, so that a
//! question that is asked again is answered again and does nothing.

mod account;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use casty::journal::MemoryJournal;
use casty::prelude::*;
use casty::remote::Secret;
use casty::{Membership, Network, Node, ShardEnvelope, Shards, Tcp};
use futures::future::join_all;

use account::{Account, OPENING, account};

const ADDRESSES: [&str; 4] = ["127.0.0.1:25531", "127.0.0.1:25532", "127.0.0.1:25533", "127.0.0.1:25534"];
const ACCOUNTS: u64 = 100;
const CLERKS: u64 = 8;

/// A node of the bank.
struct Branch {
    number: usize,
    system: ActorSystem,
    node: Node,
    accounts: ActorRef<ShardEnvelope<Account>>,
}

impl Branch {
    async fn open(number: usize, journal: &MemoryJournal) -> casty::Result<Self> {
        let system = ActorSystem::new("bank");
        let network = Network::over(Tcp).node(&format!("node-{number}")).listen(ADDRESSES[number - 1]);
        let network = network.secret(Secret::new("only for examples"));
        let node = network.cluster(Membership::seeds(ADDRESSES[..3].iter().copied())).start(&system).await?;
        let journal = journal.clone();
        let shards = Shards::new(40).moves_pause(millis(200));
        let accounts =
            system.spawn(Behavior::sharded(move |id: &str| account(id, &journal), shards), "accounts")?;
        Ok(Self { number, system, node, accounts })
    }
}

/// What all clerks have done.
#[derive(Default)]
struct Work {
    closing: AtomicBool,
    settled: AtomicU64,
    declined: AtomicU64,
    /// Questions that had to be asked again.
    repeated: AtomicU64,
    /// The longest that a question took, with all its repetitions, in microseconds.
    longest: AtomicU64,
}

impl Work {
    /// Asks an account until it answers.
    async fn ask<R: Send + 'static>(
        &self,
        accounts: &ActorRef<ShardEnvelope<Account>>,
        id: u64,
        question: impl Fn(ReplyTo<R>) -> Account,
    ) -> R {
        let (account, start) = (accounts.entity(format!("account-{id}")), Instant::now());
        loop {
            if let Ok(answer) = account.ask(&question, millis(500)).await {
                let took = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
                self.longest.fetch_max(took, Ordering::Relaxed);
                return answer;
            }
            self.repeated.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// One clerk makes transfers, until the bank closes.
    async fn clerk(&self, clerk: u64, accounts: ActorRef<ShardEnvelope<Account>>) {
        let mut chance = clerk;
        let mut below = |bound: u64| {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (chance >> 33) % bound
        };
        for count in 0_u64.. {
            if self.closing.load(Ordering::Relaxed) {
                return;
            }
            let transfer = count * CLERKS + clerk;
            let (from, amount) = (below(ACCOUNTS), 1 + below(60));
            let to = (from + 1 + below(ACCOUNTS - 1)) % ACCOUNTS;
            if self.ask(&accounts, from, |reply| Account::Debit(transfer, amount, reply)).await {
                self.ask(&accounts, to, |reply| Account::Credit(transfer, amount, reply)).await;
                self.settled.fetch_add(1, Ordering::Relaxed);
            } else {
                self.declined.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn print(&self, what: &str) {
        let [settled, declined, repeated] =
            [&self.settled, &self.declined, &self.repeated].map(|count| count.load(Ordering::Relaxed));
        let longest = Duration::from_micros(self.longest.swap(0, Ordering::Relaxed));
        println!(
            "{what:<28} {settled:>7} settled, {declined} declined, {repeated} questions asked again, longest {longest:?}"
        );
    }
}

/// What happens to the bank while the clerks work.
async fn day(work: &Work, branches: &mut Vec<Branch>, journal: &MemoryJournal) -> casty::Result {
    let clock = branches[0].system.clone();
    clock.sleep(secs(2)).await;
    work.print("three nodes");

    // As if its process were killed: nothing is handed over, and nobody is told.
    let killed = branches.remove(2);
    let (name, number) = (killed.node.id().name.clone(), killed.number);
    drop(killed);
    clock.sleep(secs(3)).await;
    work.print(&format!("{name} was killed"));
    assert_eq!(number, 3);

    branches.push(Branch::open(4, journal).await?);
    clock.sleep(secs(3)).await;
    work.print("node-4 has joined");

    // One leaves as it should: its accounts go elsewhere first.
    let leaver = branches.remove(1);
    leaver.system.shutdown().await;
    drop(leaver.node);
    clock.sleep(secs(1)).await;
    work.print("node-2 has left");
    work.closing.store(true, Ordering::Relaxed);
    Ok(())
}

fn main() -> casty::Result {
    casty::block_on(async {
        let journal = MemoryJournal::new();
        let mut branches = Vec::new();
        for number in 1..=3 {
            branches.push(Branch::open(number, &journal).await?);
        }
        let cluster = branches[0].node.cluster().ok_or("it was started with one")?;
        cluster.wait_for(3).await?;

        // The clerks work at the first node.
        let accounts = branches[0].accounts.clone();
        let work = Arc::new(Work::default());
        let clerks = join_all((0..CLERKS).map(|clerk| work.clerk(clerk, accounts.clone())));
        let (_, day) = futures::join!(clerks, day(&work, &mut branches, &journal));
        day?;

        let balances = join_all((0..ACCOUNTS).map(|id| work.ask(&accounts, id, Account::Balance))).await;
        let (sum, expected) = (balances.iter().sum::<u64>(), ACCOUNTS * OPENING);
        for branch in branches.into_iter().rev() {
            branch.system.shutdown().await;
        }
        if sum != expected || work.settled.load(Ordering::Relaxed) == 0 {
            return Err(format!("there are {sum}, and there should be {expected}").into());
        }
        println!("verified: {ACCOUNTS} accounts have {sum}, as at the beginning");
        Ok(())
    })
}
