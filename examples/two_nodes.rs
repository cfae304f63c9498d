//! Two nodes over TCP: a bank, and a teller who finds an account there and uses it.
//!
//! ```text
//! cargo run --example two_nodes                                        both in one process
//! cargo run --example two_nodes -- bank 127.0.0.1:25520                in one terminal,
//! cargo run --example two_nodes -- teller 127.0.0.1:25520              and in another
//! ```

use casty::prelude::*;
use casty::remote::Secret;
use casty::{Network, Node, Remote, Tcp};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
enum Account {
    Deposit(u64),
    Balance(ReplyTo<u64>),
    /// Sends that one the balance after each deposit.
    Follow(ActorRef<Balance>),
    Close,
}

/// Both ends know a message by this name, whatever the types are called.
impl Remote for Account {
    const NAME: &'static str = "bank.Account";
}

#[derive(Serialize, Deserialize)]
struct Balance(u64);

impl Remote for Balance {
    const NAME: &'static str = "bank.Balance";
}

fn account(balance: u64, followers: Vec<ActorRef<Balance>>) -> Behavior<Account> {
    Behavior::receive(move |_, message| match message {
        Account::Deposit(amount) => {
            followers.iter().for_each(|follower| follower.tell(Balance(balance + amount)));
            account(balance + amount, followers.clone())
        }
        Account::Balance(reply) => {
            reply.tell(balance);
            Behavior::same()
        }
        Account::Follow(follower) => account(balance, [followers.clone(), vec![follower]].concat()),
        Account::Close => Behavior::stopped(),
    })
}

/// A node of the system `bank`. Only those that know the secret may talk to it.
async fn node(name: &str, listen: &str) -> casty::Result<(ActorSystem, Node)> {
    let system = ActorSystem::new("bank");
    let network = Network::over(Tcp).node(name).listen(listen).secret(Secret::new("only for examples"));
    let node = network.start(&system).await?;
    Ok((system, node))
}

/// Opens an account that others find as `alice`.
async fn bank(listen: &str) -> casty::Result<(ActorSystem, Node)> {
    let (system, node) = node("bank", listen).await?;
    node.expose(&system.spawn(account(0, Vec::new()), "alice")?)?;
    println!("the bank is at {}", node.address());
    Ok((system, node))
}

/// Hears balances, and at last that the account is closed.
fn follower(alice: ActorRef<Account>, done: async_channel::Sender<()>) -> Behavior<Balance> {
    Behavior::receive_message(|Balance(balance)| {
        println!("the balance is {balance}");
        Behavior::same()
    })
    .on_start(move |ctx| ctx.watch(&alice))
    .on_signal(move |_, signal| {
        if let Signal::Terminated(actor) = signal {
            println!("{} is closed", actor.path());
            // Nobody waits any more: that is all right, too.
            let _ = done.try_send(());
        }
        Behavior::same()
    })
}

async fn teller(bank: &str) -> casty::Result {
    let (system, node) = node("teller", "127.0.0.1:0").await?;
    let alice = node.lookup::<Account>(bank, "alice", secs(10)).await?;
    let (done, closed) = async_channel::bounded(1);
    let follower = system.spawn(follower(alice.clone(), done), "follower")?;
    // What one sender tells arrives in its order: first the follower, then the deposits, then the question.
    alice.tell(Account::Follow(follower));
    for amount in [50, 30, 20] {
        alice.tell(Account::Deposit(amount));
    }
    let balance = alice.ask(Account::Balance, secs(5)).await?;
    println!("asked: {balance}");
    alice.tell(Account::Close);
    closed.recv().await?;
    assert_eq!(balance, 100);
    assert!(alice.is_stopped());
    system.shutdown().await;
    Ok(())
}

fn main() -> casty::Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    casty::block_on(async {
        match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => {
                let (system, node) = bank("127.0.0.1:0").await?;
                teller(node.address()).await?;
                system.shutdown().await;
                Ok(())
            }
            ["bank", address] => {
                let _bank = bank(address).await?;
                std::future::pending().await
            }
            ["teller", address] => teller(address).await,
            _ => Err("nothing, `bank ADDRESS` or `teller ADDRESS`".into()),
        }
    })
}
