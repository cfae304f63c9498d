//! One program on every executor: which one is a line of configuration.
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

use std::thread;

use casty::bare::Bare;
use casty::prelude::*;
use casty::{Executor, Global, Smol, Tokio};
use casty_conformance::drive;
use casty_hosted::Clock;

/// The executor of that name, as a program with a configuration would choose it.
fn executor(name: &str) -> Box<dyn Executor> {
    match name {
        "smol" => Box::new(Smol::threads(2)),
        "tokio" => Box::new(Tokio::threads(2)),
        "global" => Box::new(Global::new()),
        "bare" => Box::new(in_a_loop()),
        _ => panic!("there is no executor {name}"),
    }
}

/// A loop on a thread, which ends with the systems on it. Its timers are another executor's.
fn in_a_loop() -> Bare {
    let clock = Clock::new();
    let timers = Smol::executor(std::sync::Arc::default(), 1);
    let (bare, superloop) = Bare::with_clock(move || clock.now());
    let sleep_until = move |deadline| timers.sleep_until(casty::Instant::ORIGIN + (deadline - clock.now()));
    thread::spawn(move || casty::block_on(superloop.run(move || clock.now(), sleep_until)));
    bare.guarded(casty_hosted::guard)
}

enum Account {
    Deposit(u64),
    Audit,
    Balance(ReplyTo<u64>),
}

fn account(balance: u64) -> Behavior<Account> {
    Behavior::receive(move |ctx, message| match message {
        Account::Deposit(0) => panic!("a deposit of nothing"),
        Account::Deposit(amount) => account(balance + amount),
        Account::Audit => {
            ctx.schedule_once("fee", millis(1), Account::Deposit(7));
            Behavior::same()
        }
        Account::Balance(reply) => {
            reply.tell(balance);
            Behavior::same()
        }
    })
}

/// Deposits, a failure, a timer: what comes of it is the same everywhere.
async fn program(executor: Box<dyn Executor>) -> casty::Result<u64> {
    let system = ActorSystem::on(executor).name("bank").start()?;
    let bank = system.spawn(account(0).supervised(OneForOne::restarts(1, mins(1))), "account")?;
    bank.tell(Account::Deposit(100));
    bank.tell(Account::Deposit(0));
    (1..=10).for_each(|amount| bank.tell(Account::Deposit(amount)));
    bank.tell(Account::Audit);
    let mut balance = 0;
    while balance < 62 {
        balance = bank.ask(Account::Balance, secs(20)).await?;
        system.sleep(millis(1)).await;
    }
    assert!(system.shutdown().await.is_clean());
    Ok(balance)
}

#[test]
fn the_same_program_runs_on_whatever_executor_its_configuration_names() {
    std::panic::set_hook(Box::new(|_| {})); // the deposit of nothing is on purpose
    for name in ["smol", "tokio", "global", "bare"] {
        assert_eq!(drive(program(executor(name))).unwrap(), 62, "on {name}");
    }
}
