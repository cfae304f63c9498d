//! State: by recursion, folded, or changed in place; and a question with its answer.
//!
//! Run it: `cargo run --release --example account`.

use casty::prelude::*;

enum Account {
    Deposit(u64),
    Withdraw(u64, ReplyTo<Result<u64, Overdrawn>>),
    Balance(ReplyTo<u64>),
}

/// By how much an account would have been overdrawn.
#[derive(Debug, PartialEq)]
struct Overdrawn(u64);

/// The state is an argument, and the transition is the call.
fn account(balance: u64) -> Behavior<Account> {
    Behavior::receive_message(move |message| match message {
        Account::Deposit(amount) => account(balance + amount),
        Account::Withdraw(amount, reply) => match balance.checked_sub(amount) {
            Some(rest) => {
                reply.tell(Ok(rest));
                account(rest)
            }
            None => {
                reply.tell(Err(Overdrawn(amount - balance)));
                Behavior::same()
            }
        },
        Account::Balance(reply) => {
            reply.tell(balance);
            Behavior::same()
        }
    })
}

/// The same without an allocation for each transition: the state moves through one function.
fn folded() -> Behavior<Account> {
    Behavior::fold(0, |balance: u64, _ctx, message| match message {
        Account::Deposit(amount) => Step::Keep(balance + amount),
        Account::Withdraw(amount, reply) => {
            let rest = balance.checked_sub(amount).ok_or_else(|| Overdrawn(amount - balance));
            let kept = *rest.as_ref().unwrap_or(&balance);
            reply.tell(rest);
            Step::Keep(kept)
        }
        Account::Balance(reply) => {
            reply.tell(balance);
            Step::Keep(balance)
        }
    })
}

fn main() -> casty::Result {
    casty::block_on(async {
        let system = ActorSystem::new("bank");
        for (name, behavior) in [("alice", account(0)), ("bob", folded())] {
            let account = system.spawn(behavior, name)?;
            account.tell(Account::Deposit(70));
            account.tell(Account::Deposit(30));

            // A variant with one field is the question itself; one with more is a closure around the reply.
            let rest = account.ask(|reply| Account::Withdraw(60, reply), secs(1)).await?;
            let refused = account.ask(|reply| Account::Withdraw(60, reply), secs(1)).await?;
            let balance = account.ask(Account::Balance, secs(1)).await?;
            println!("{name} withdraws 60: {rest:?}, 60 again: {refused:?}, and has {balance}");
            assert_eq!((rest, refused, balance), (Ok(40), Err(Overdrawn(20)), 40));
        }
        system.shutdown().await;
        Ok(())
    })
}
