//! A bank in virtual time: transfers, a clerk that fails, and a seed.
//!
//! ```text
//! cargo run --example simulation -- --seed 42
//! ```
//!
//! The same seed prints the same lines, on every machine. Another seed is another day at the bank.

use core::fmt;
use std::process::ExitCode;

use casty::prelude::*;
use casty::simulation::{Host, Simulation};
use casty::{ActorRestarted, Backoff};

const ACCOUNTS: usize = 4;
const OPENING: u64 = 100;
const TRANSFERS: usize = 12;

fn main() -> ExitCode {
    let seed = match seed(std::env::args().skip(1)) {
        Ok(seed) => seed,
        Err(error) => {
            eprintln!("{error}\nusage: simulation [--seed NUMBER]");
            return ExitCode::FAILURE;
        }
    };
    let outcome = Simulation::new(seed).run(a_day_at_the_bank);
    match outcome.value {
        Ok(total) => println!("{total} in all, as in the morning"),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    }
    println!("{:?} of virtual time, {} steps", outcome.elapsed, outcome.steps);
    println!("trace {}", outcome.trace);
    ExitCode::SUCCESS
}

/// What an account is told.
enum Account {
    Deposit(u64),
    /// Takes out that much, if it is there, and says whether it was.
    Withdraw(u64, ReplyTo<bool>),
    Balance(ReplyTo<u64>),
}

fn account(balance: u64) -> Behavior<Account> {
    Behavior::receive_message(move |message| match message {
        Account::Deposit(amount) => account(balance + amount),
        Account::Withdraw(amount, reply) => {
            let covered = amount <= balance;
            reply.tell(covered);
            if covered { account(balance - amount) } else { Behavior::same() }
        }
        Account::Balance(reply) => {
            reply.tell(balance);
            Behavior::same()
        }
    })
}

/// An order to the clerk.
#[derive(Clone, Copy)]
struct Transfer {
    number: usize,
    from: usize,
    to: usize,
    amount: u64,
}

impl fmt::Display for Transfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02} {:>2} from {} to {}", self.number, self.amount, self.from, self.to)
    }
}

/// Carries out one transfer at a time. It may drop its pen before it begins, and then comes back after a while.
fn clerk(accounts: Vec<ActorRef<Account>>) -> Behavior<Transfer> {
    Behavior::receive_async(move |ctx, transfer: Transfer| {
        let (from, to) = (accounts[transfer.from].clone(), accounts[transfer.to].clone());
        async move {
            let luck = ctx.run(|ctx| ctx.rng().below(4)).await;
            if luck == 0 {
                println!("{:>9}  {transfer}: the clerk drops the pen", clock(ctx.now()));
                return Behavior::fail("a broken pen");
            }
            ctx.sleep(millis(100 + 50 * luck as u64)).await;
            let covered = ctx.ask(&from, |reply| Account::Withdraw(transfer.amount, reply), secs(1)).await;
            let result = match covered {
                Ok(true) => {
                    to.tell(Account::Deposit(transfer.amount));
                    "done"
                }
                Ok(false) => "not covered",
                Err(_) => "no answer",
            };
            println!("{:>9}  {transfer}: {result}", clock(ctx.now()));
            Behavior::same()
        }
    })
}

async fn a_day_at_the_bank(host: Host) -> casty::Result<u64> {
    let bank = ActorSystem::on(host).name("bank").start()?;
    let accounts: Vec<_> = (0..ACCOUNTS)
        .map(|number| bank.spawn(account(OPENING), &format!("account-{number}")))
        .collect::<Result<_, _>>()?;
    let patience = OneForOne::restarts(100, mins(1)).backoff(Backoff::new(millis(500), secs(5)));
    let clerk = bank.spawn(clerk(accounts.clone()).supervised(patience), "clerk")?;
    bank.subscribe(&bank.spawn(gazette(), "gazette")?);

    let mut rng = bank.rng();
    for number in 1..=TRANSFERS {
        let (from, hop) = (rng.below(ACCOUNTS), 1 + rng.below(ACCOUNTS - 1));
        let amount = 10 + rng.below(90) as u64;
        clerk.tell(Transfer { number, from, to: (from + hop) % ACCOUNTS, amount });
        bank.sleep(millis(rng.below(400) as u64)).await;
    }
    // The day is long enough, and takes no time.
    bank.sleep(mins(8 * 60)).await;
    let mut total = 0;
    for account in &accounts {
        total += account.ask(Account::Balance, secs(1)).await?;
    }
    bank.shutdown().await;
    assert_eq!(total, OPENING * ACCOUNTS as u64, "money was lost or made");
    Ok(total)
}

/// Prints who was started anew.
fn gazette() -> Behavior<ActorRestarted> {
    Behavior::receive(|ctx: &mut Context<ActorRestarted>, event: ActorRestarted| {
        println!("{:>9}  the {} is back", clock(ctx.now()), event.path.name());
        Behavior::same()
    })
}

fn clock(now: casty::Instant) -> String {
    format!("{:.3} s", (now - casty::Instant::ORIGIN).as_secs_f64())
}

/// The seed that the arguments name; 1 when they name none.
fn seed(mut arguments: impl Iterator<Item = String>) -> Result<u64, String> {
    let Some(first) = arguments.next() else { return Ok(1) };
    let value = match first.strip_prefix("--seed") {
        Some("") => arguments.next().ok_or("--seed needs a number after it")?,
        Some(value) if value.starts_with('=') => value[1..].into(),
        Some(_) | None => return Err(format!("unknown argument `{first}`")),
    };
    if let Some(more) = arguments.next() {
        return Err(format!("unknown argument `{more}`"));
    }
    value.parse().map_err(|_| format!("the seed must be a number from 0 to {}, not `{value}`", u64::MAX))
}
