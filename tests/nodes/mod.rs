//! Nodes within one simulation, and an actor that is reached from elsewhere.

#![allow(dead_code, reason = "each test binary uses its part of it")]

use casty::prelude::*;
use casty::remote::Secret;
use casty::simulation::{Host, Simulation, sweep_over};
use casty::{MemoryNetwork, Network, Node, Remote, RemoteLimits};
use serde::{Deserialize, Serialize};

/// A system and its node.
pub(crate) struct Place {
    pub(crate) system: ActorSystem,
    pub(crate) node: Node,
}

/// What an account of another node understands.
#[derive(Serialize, Deserialize, Debug)]
pub(crate) enum Account {
    Deposit(u64),
    Balance(ReplyTo<u64>),
    /// Says everything that was deposited, in its order.
    History(ReplyTo<Vec<u64>>),
    /// Deposits in that one as much as here.
    Share(u64, ActorRef<Self>),
    /// Lets go of the question.
    Silence(ReplyTo<u64>),
    Padding(Vec<u8>),
    Close,
}

impl Remote for Account {
    const NAME: &'static str = "bank.Account";
}

pub(crate) fn account() -> Behavior<Account> {
    Behavior::fold(Vec::new(), |history: Vec<u64>, _, message| match message {
        Account::Deposit(amount) => {
            let mut history = history;
            history.push(amount);
            Step::Keep(history)
        }
        Account::Balance(reply) => {
            reply.tell(history.iter().sum());
            Step::Keep(history)
        }
        Account::History(reply) => {
            reply.tell(history.clone());
            Step::Keep(history)
        }
        Account::Share(amount, other) => {
            other.tell(Account::Deposit(amount));
            Step::Keep(history)
        }
        Account::Silence(_) | Account::Padding(_) => Step::Keep(history),
        Account::Close => Step::Become(Behavior::stopped()),
    })
}

pub(crate) async fn balance(account: &ActorRef<Account>) -> Result<u64, AskError> {
    account.ask(Account::Balance, secs(10)).await
}

/// A node of the system `bank`.
pub(crate) async fn place(host: &Host, network: &MemoryNetwork, name: &str) -> Place {
    place_with(host, network, name, RemoteLimits::default()).await
}

pub(crate) async fn place_with(
    host: &Host,
    network: &MemoryNetwork,
    name: &str,
    limits: RemoteLimits,
) -> Place {
    place_as(host, network, name, |joining| joining.limits(limits)).await
}

/// A node that is like the others but for what is set.
pub(crate) async fn place_as(
    host: &Host,
    network: &MemoryNetwork,
    name: &str,
    set: impl FnOnce(Network) -> Network,
) -> Place {
    let system = ActorSystem::on(host.clone()).name("bank").start().unwrap();
    let joining = Network::over(network.clone()).node(name).listen(name).secret(Secret::new("secret"));
    let node = set(joining).start(&system).await.unwrap();
    Place { system, node }
}

impl Place {
    /// Spawns an account that others may find.
    pub(crate) fn open(&self, name: &str) -> ActorRef<Account> {
        let account = self.system.spawn(account(), name).unwrap();
        self.node.expose(&account).unwrap();
        account
    }

    /// Finds an account of another node.
    pub(crate) async fn find(&self, node: &str, name: &str) -> ActorRef<Account> {
        self.node.lookup(node, name, secs(10)).await.unwrap()
    }
}

/// Plays a scene in many orders.
pub(crate) fn played(scene: impl AsyncFn(Host, MemoryNetwork)) {
    sweep_over(0..16, |simulation: Simulation| {
        simulation.run(|host| scene(host, MemoryNetwork::new()));
    });
}

/// Plays a scene with two nodes.
pub(crate) fn two(scene: impl AsyncFn(Place, Place)) {
    played(async |host, network| {
        let one = place(&host, &network, "one").await;
        let other = place(&host, &network, "other").await;
        scene(one, other).await;
    });
}
