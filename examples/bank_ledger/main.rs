//! Bank ledger: transfers from a file, each carried out once, whenever it is killed.
//!
//! ```text
//! cargo run --release --features sqlite --example bank_ledger                   in a folder of its own, gone at the end
//! cargo run --release --features sqlite --example bank_ledger -- FOLDER         kill -9 it, and run it again
//! cargo run --release --features sqlite --example bank_ledger -- FOLDER FILE    with transfers of yours
//! ```
//!
//! The file has a line `from,to,amount` for each transfer; without one, some are made up. What has happened is kept in
//! `FOLDER/journal.sqlite`, and at the end the journal itself is audited: the exit status is 1 if money or a transfer was lost
//! or doubled.
//!
//! A transfer touches two accounts, which are two entities, and no transaction spans both. So it is a debit, then a credit:
//!
//! 1. A transfer has a number: that of its line. The account that pays decides once, *debited* or *declined*, and keeps that; asked
//!    again about the same transfer it says the same again.
//! 2. Only when a debit is durable, the other account is asked for the credit. It too keeps the number, and ignores a second one.
//! 3. The clerk, a third entity, keeps how many transfers are settled, all of them from the first on. Whoever begins anew repeats those
//!    after that, which does nothing where it had been done, and completes what had only half happened.
//!
//! Many transfers are under way at once, so an account does not just compare with the last number: it remembers those that are not
//! settled yet, which are a [`BATCH`] at most, and forgets them when it hears that they are.

mod account;
mod audit;
mod clerk;
mod transfers;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use casty::prelude::*;
use casty::sqlite::SqliteJournal;
use futures::future::try_join_all;

use account::{Account, Outcome, account};
use clerk::{Clerk, clerk};
use transfers::Transfer;

/// How many transfers are under way at once, and how many are repeated at most.
const BATCH: usize = 1_000;

fn main() -> casty::Result {
    let words: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    match words.as_slice() {
        [] => {
            let folder = std::env::temp_dir().join(format!("casty-bank-{}", std::process::id()));
            std::fs::create_dir_all(&folder)?;
            let done = ledger(&folder, &transfers::made_up(&folder)?);
            std::fs::remove_dir_all(&folder)?;
            done
        }
        [folder] => {
            std::fs::create_dir_all(folder)?;
            ledger(folder, &transfers::made_up(folder)?)
        }
        [folder, file] => {
            std::fs::create_dir_all(folder)?;
            ledger(folder, &transfers::read(file)?)
        }
        _ => Err("usage: bank_ledger [FOLDER [FILE]]".into()),
    }
}

fn ledger(folder: &Path, transfers: &[Transfer]) -> casty::Result {
    let journal = SqliteJournal::open(folder.join("journal.sqlite"))?;
    casty::block_on(async {
        let system = ActorSystem::new("bank");
        carry_out(&system, &journal, transfers).await?;
        system.shutdown().await;
        println!("{}", audit::audit(&journal, transfers).await?);
        Ok(())
    })
}

/// Carries out all transfers that are not settled yet, batch by batch.
async fn carry_out(system: &ActorSystem, journal: &SqliteJournal, transfers: &[Transfer]) -> casty::Result {
    let clerk = system.spawn(clerk(journal), "clerk")?;
    let mut accounts = BTreeMap::new();
    for name in transfers.iter().flat_map(|transfer| [&transfer.from, &transfer.to]) {
        if !accounts.contains_key(name) {
            accounts.insert(name.clone(), system.spawn_anonymous(account(name, journal))?);
        }
    }
    let mut settled = clerk.ask(Clerk::Settled, mins(1)).await?;
    println!("{settled} of {} transfers are settled", transfers.len());
    while let Some(rest) = transfers.get(settled as usize..).filter(|rest| !rest.is_empty()) {
        let batch = rest.iter().take(BATCH).zip(settled..);
        try_join_all(batch.map(|(transfer, number)| carry_out_one(&accounts, transfer, number, settled)))
            .await?;
        let end = settled + rest.len().min(BATCH) as u64;
        settled = clerk.ask(|reply| Clerk::Settle { end, reply }, mins(1)).await?;
    }
    Ok(())
}

/// Debit, then credit: each does nothing if it was done before.
async fn carry_out_one(
    accounts: &BTreeMap<String, ActorRef<Account>>,
    Transfer { from, to, amount }: &Transfer,
    number: u64,
    settled: u64,
) -> Result<(), AskError> {
    let debit = |reply| Account::Debit { number, amount: *amount, settled, reply };
    if accounts[from].ask(debit, mins(1)).await? == Outcome::Debited {
        let credit = |reply| Account::Credit { number, amount: *amount, settled, reply };
        accounts[to].ask(credit, mins(1)).await?;
    }
    Ok(())
}
