//! Clerks: each makes one transfer after the other, and asks until it is answered.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use casty::prelude::*;
use futures::future::join_all;

use crate::account::{Account, OPENING, Transfer};
use crate::branch::{Accounts, Branch};

/// How many accounts a bank has, and how many clerks.
pub(crate) const ACCOUNTS: u64 = 120;
const CLERKS: u64 = 8;

/// So long an answer is waited for before the question is asked again, which does nothing twice.
const PATIENCE: Duration = millis(250);

/// The clerks of one bank, and what they have done.
pub(crate) struct Clerks {
    bank: usize,
    system: ActorSystem,
    accounts: Accounts,
    closing: AtomicBool,
    settled: AtomicU64,
    declined: AtomicU64,
    /// Questions that had to be asked again.
    repeated: AtomicU64,
    /// The longest that a question took, with all its repetitions, in microseconds.
    longest: AtomicU64,
}

impl Clerks {
    /// Those of the bank of that number, who work at that branch.
    pub(crate) fn at(branch: &Branch, bank: usize) -> Self {
        Self {
            bank,
            system: branch.system.clone(),
            accounts: branch.accounts.clone(),
            closing: AtomicBool::new(false),
            settled: AtomicU64::new(0),
            declined: AtomicU64::new(0),
            repeated: AtomicU64::new(0),
            longest: AtomicU64::new(0),
        }
    }

    /// Makes transfers until the bank closes.
    pub(crate) async fn work(&self) {
        join_all((0..CLERKS).map(|clerk| self.one(clerk))).await;
    }

    /// Lets each clerk end with the transfer that it is at.
    pub(crate) fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }

    /// Takes what nobody gets: the audit has to find it.
    pub(crate) async fn steal(&self) {
        let theft = Transfer { clerk: u64::MAX, number: 1, amount: 1 };
        for id in 0..ACCOUNTS {
            if self.ask(id, |reply| Account::Debit(theft, reply)).await {
                return;
            }
        }
    }

    /// What all accounts have together, once nobody works any more.
    ///
    /// # Errors
    /// It is not what they had at the beginning, or nothing was settled.
    pub(crate) async fn audit(&self) -> casty::Result<String> {
        let balances = join_all((0..ACCOUNTS).map(|id| self.ask(id, Account::Balance))).await;
        let (sum, expected) = (balances.iter().sum::<u64>(), ACCOUNTS * OPENING);
        if sum != expected {
            return Err(format!("the accounts have {sum}, and should have {expected}").into());
        }
        if self.settled.load(Ordering::Relaxed) == 0 {
            return Err("no transfer was settled".into());
        }
        Ok(format!("verified: {ACCOUNTS} accounts have {sum}, as at the beginning"))
    }

    /// What they have done, and the longest that a question took since this was asked before.
    pub(crate) fn report(&self) -> String {
        let [settled, declined, repeated] =
            [&self.settled, &self.declined, &self.repeated].map(|count| count.load(Ordering::Relaxed));
        let longest = self.longest.swap(0, Ordering::Relaxed) as f64 / 1e3;
        format!(
            "{settled} transfers settled, {declined} declined, {repeated} questions asked again; \
             the longest question took {longest:.1} ms"
        )
    }

    async fn one(&self, clerk: u64) {
        let me = self.bank as u64 * CLERKS + clerk;
        // One that is begun is made again from where it was: perhaps it is only half done.
        let last =
            join_all((0..ACCOUNTS).map(|id| self.ask(id, move |reply| Account::Last(me, reply)))).await;
        let first = last.into_iter().max().unwrap_or(0).max(1);
        for number in first.. {
            if self.closing.load(Ordering::Relaxed) {
                return;
            }
            let (from, to, amount) = transfer(me, number);
            let transfer = Transfer { clerk: me, number, amount };
            if self.ask(from, |reply| Account::Debit(transfer, reply)).await {
                self.ask(to, |reply| Account::Credit(transfer, reply)).await;
                self.settled.fetch_add(1, Ordering::Relaxed);
            } else {
                self.declined.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Asks an account until it answers.
    async fn ask<R: Send + 'static>(&self, id: u64, question: impl Fn(ReplyTo<R>) -> Account) -> R {
        let account = self.accounts.entity(format!("account-{}-{id}", self.bank));
        let begun = Instant::now();
        loop {
            match account.ask(&question, PATIENCE).await {
                Ok(answer) => {
                    let took = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
                    self.longest.fetch_max(took, Ordering::Relaxed);
                    return answer;
                }
                Err(AskError::Timeout) => {}
                Err(_) => self.system.sleep(millis(10)).await,
            }
            self.repeated.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The transfer of that number: from whom, to whom, how much. It is the same whenever it is made again.
fn transfer(clerk: u64, number: u64) -> (u64, u64, u64) {
    let mut chance = clerk << 32 ^ number;
    let mut below = |bound: u64| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) % bound
    };
    let (_, from, to, amount) = (below(1), below(ACCOUNTS), below(ACCOUNTS - 1), below(60));
    (from, (from + 1 + to) % ACCOUNTS, amount + 1)
}
