//! A branch of the bank: a node of the cluster, and the accounts that live on it.

use std::sync::Arc;
use std::time::Instant;

use casty::cluster::ClusterEvent;
use casty::journal::Journal;
use casty::prelude::*;
use casty::remote::Secret;
use casty::{Cluster, Entities, Membership, Network, Node, Shards, Tcp};

use crate::account::{Account, account};

/// All accounts, wherever they live.
pub(crate) type Accounts = Entities<Account>;

pub(crate) struct Branch {
    pub(crate) number: usize,
    pub(crate) system: ActorSystem,
    pub(crate) node: Node,
    pub(crate) accounts: Accounts,
    lives: Arc<()>,
}

impl Branch {
    /// Opens the branch of that number, which listens there and finds the others at those addresses.
    pub(crate) async fn open(
        number: usize,
        address: &str,
        others: &[String],
        journal: &(impl Journal + Clone),
    ) -> casty::Result<Self> {
        let system = ActorSystem::new("bank");
        let membership = if others.is_empty() { Membership::form() } else { Membership::seeds(others) };
        let network = Network::over(Tcp).node(&format!("node-{number}")).listen(address);
        let network = network.secret(Secret::new("only for examples"));
        let node = network.cluster(membership).start(&system).await?;
        let (journal, lives) = (journal.clone(), Arc::new(()));
        let life = Arc::clone(&lives);
        let entity = move |id: &str| account(id, journal.clone(), Arc::clone(&life));
        // Spread anew five times in a second: by default it is once.
        let shards = Shards::new(60).moves_max(4).moves_pause(millis(200));
        let accounts = system.spawn(Behavior::sharded(entity, shards), "accounts")?;
        Ok(Self { number, system, node, accounts, lives })
    }

    pub(crate) fn cluster(&self) -> casty::Result<&Cluster> {
        Ok(self.node.cluster().ok_or("it was started with one")?)
    }

    /// How many accounts live here.
    pub(crate) fn lives(&self) -> usize {
        // One is here, and one is what makes them.
        Arc::strong_count(&self.lives).saturating_sub(2)
    }

    /// Prints what this node hears of the others.
    pub(crate) fn announce(&self, news: News) -> casty::Result {
        let ear = Behavior::receive_message(move |event: ClusterEvent| {
            match event {
                ClusterEvent::MemberUp(member) => news.say(&format!("{} is up", member.id.name)),
                ClusterEvent::MemberDowned(member) => news.say(&format!("{} is down", member.id.name)),
                ClusterEvent::MemberLeft(member) => news.say(&format!("{} wants to leave", member.id.name)),
                ClusterEvent::MemberExited(member) => news.say(&format!("{} has left", member.id.name)),
                _ => {}
            }
            Behavior::same()
        });
        self.cluster()?.subscribe(&self.system.spawn(ear, "ear")?);
        Ok(())
    }
}

/// Prints what happens, and when.
#[derive(Clone, Copy)]
pub(crate) struct News(Instant);

impl News {
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn say(self, what: &str) {
        println!("{:7.2} s  {what}", self.0.elapsed().as_secs_f64());
    }
}
