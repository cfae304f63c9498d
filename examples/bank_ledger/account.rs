//! An account: an entity that debits and credits each transfer at most once.

use std::collections::{BTreeMap, BTreeSet};

use casty::persist::{Decision, EventSourced, Snapshots, Stored};
use casty::prelude::*;
use casty::sqlite::SqliteJournal;
use serde::{Deserialize, Serialize};

/// What every account has in the beginning.
pub(crate) const OPENING_BALANCE: u64 = 1_000;

/// What an account's entity is called: this, and its name.
pub(crate) const PREFIX: &str = "account/";

pub(crate) enum Account {
    /// Pays for the transfer of that number; all before `settled` will never be asked about again.
    Debit { number: u64, amount: u64, settled: u64, reply: ReplyTo<Outcome> },
    /// Receives the transfer of that number.
    Credit { number: u64, amount: u64, settled: u64, reply: ReplyTo<()> },
}

/// What the account that pays has decided, for good.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    Debited,
    Declined,
}

#[derive(Serialize, Deserialize, Clone, Copy, Debug)]
pub(crate) struct Event {
    pub(crate) number: u64,
    pub(crate) amount: u64,
    pub(crate) side: Side,
    pub(crate) settled: u64,
}

#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    Pays(Outcome),
    Receives,
}

impl Stored for Event {
    const NAME: &'static str = "bank.AccountEvent";
}

/// What an account has, and what it remembers of transfers that are not settled.
#[derive(Serialize, Deserialize, Clone, Debug)]
struct Balance {
    amount: u64,
    paid: BTreeMap<u64, Outcome>,
    received: BTreeSet<u64>,
}

impl Stored for Balance {
    const NAME: &'static str = "bank.Balance";
}

impl Balance {
    const OPENING: Self = Self { amount: OPENING_BALANCE, paid: BTreeMap::new(), received: BTreeSet::new() };

    fn after(mut self, event: &Event) -> Self {
        self.paid = self.paid.split_off(&event.settled);
        self.received = self.received.split_off(&event.settled);
        match event.side {
            Side::Pays(outcome) => {
                self.paid.insert(event.number, outcome);
                if outcome == Outcome::Debited {
                    self.amount -= event.amount;
                }
            }
            Side::Receives => {
                self.received.insert(event.number);
                self.amount += event.amount;
            }
        }
        self
    }

    fn decide(&self, command: Account) -> Decision<Event, Self> {
        match command {
            Account::Debit { number, amount, settled, reply } => {
                if let Some(outcome) = self.paid.get(&number).copied() {
                    return Decision::none().reply(reply, move |_| outcome);
                }
                let outcome = if amount <= self.amount { Outcome::Debited } else { Outcome::Declined };
                Decision::persist(Event { number, amount, side: Side::Pays(outcome), settled })
                    .reply(reply, move |_| outcome)
            }
            Account::Credit { number, reply, .. } if self.received.contains(&number) => {
                Decision::none().reply(reply, |_| ())
            }
            Account::Credit { number, amount, settled, reply } => {
                Decision::persist(Event { number, amount, side: Side::Receives, settled })
                    .reply(reply, |_| ())
            }
        }
    }
}

pub(crate) fn account(name: &str, journal: &SqliteJournal) -> Behavior<Account> {
    let entity = format!("{PREFIX}{name}");
    let kept = EventSourced::new(entity, journal.clone(), Balance::OPENING, Balance::after)
        .snapshots(Snapshots::every(200));
    Behavior::event_sourced(kept, |balance: &Balance, _ctx, command| balance.decide(command))
}
