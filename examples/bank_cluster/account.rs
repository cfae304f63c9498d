//! An account: an entity that carries out each transfer once, if asked once or often.

use std::collections::BTreeMap;

use casty::Remote;
use casty::journal::Journal;
use casty::persist::{Decision, EventSourced, Stored};
use casty::prelude::*;
use serde::{Deserialize, Serialize};

/// What every account has at the beginning.
pub(crate) const OPENING: u64 = 100;

/// A clerk's transfers have numbers, from 1 on, and it makes one after the other.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Transfer {
    pub(crate) clerk: u64,
    pub(crate) number: u64,
    pub(crate) amount: u64,
}

/// What an account understands.
#[derive(Serialize, Deserialize)]
pub(crate) enum Account {
    /// Pays, if there is as much, and says whether it has.
    Debit(Transfer, ReplyTo<bool>),
    Credit(Transfer, ReplyTo<()>),
    /// The last transfer of that clerk for which it was to pay; zero when there was none.
    Last(u64, ReplyTo<u64>),
    Balance(ReplyTo<u64>),
}

impl Remote for Account {
    const NAME: &'static str = "bank.Account";
}

#[derive(Serialize, Deserialize)]
enum Event {
    Debited(Transfer),
    Declined(Transfer),
    Credited(Transfer),
}

impl Stored for Event {
    const NAME: &'static str = "bank.Event";
}

/// The balance, and for each clerk its last transfer of each kind: as it makes one after the other, all before are settled.
#[derive(Clone)]
struct Books {
    balance: u64,
    debits: BTreeMap<u64, (u64, bool)>,
    credits: BTreeMap<u64, u64>,
}

impl Books {
    fn after(mut self, event: &Event) -> Self {
        match *event {
            Event::Debited(Transfer { clerk, number, amount }) => {
                self.balance -= amount;
                self.debits.insert(clerk, (number, true));
            }
            Event::Declined(Transfer { clerk, number, .. }) => {
                self.debits.insert(clerk, (number, false));
            }
            Event::Credited(Transfer { clerk, number, amount }) => {
                self.balance += amount;
                self.credits.insert(clerk, number);
            }
        }
        self
    }

    fn debit(&self, clerk: u64) -> (u64, bool) {
        self.debits.get(&clerk).copied().unwrap_or_default()
    }

    fn decide(&self, command: Account) -> Decision<Event, Self> {
        match command {
            Account::Debit(transfer, reply) => {
                let Transfer { clerk, number, amount } = transfer;
                let (last, paid) = self.debit(clerk);
                if number <= last {
                    Decision::none().reply(reply, move |_| paid)
                } else if amount <= self.balance {
                    Decision::persist(Event::Debited(transfer)).reply(reply, |_| true)
                } else {
                    Decision::persist(Event::Declined(transfer)).reply(reply, |_| false)
                }
            }
            Account::Credit(transfer, reply) => {
                let last = self.credits.get(&transfer.clerk).copied().unwrap_or(0);
                if transfer.number <= last {
                    Decision::none().reply(reply, |_| ())
                } else {
                    Decision::persist(Event::Credited(transfer)).reply(reply, |_| ())
                }
            }
            Account::Last(clerk, reply) => {
                let (last, _) = self.debit(clerk);
                Decision::none().reply(reply, move |_| last)
            }
            Account::Balance(reply) => Decision::none().reply(reply, |books: &Self| books.balance),
        }
    }
}

/// The account of that name; `stay` is there as long as it is.
pub(crate) fn account(
    id: &str,
    journal: impl Journal,
    stay: impl Send + Sync + 'static,
) -> Behavior<Account> {
    let books = Books { balance: OPENING, debits: BTreeMap::new(), credits: BTreeMap::new() };
    let kept = EventSourced::new(id, journal, books, Books::after);
    Behavior::event_sourced(kept, move |books: &Books, _, command| {
        let _lives = &stay;
        books.decide(command)
    })
}
