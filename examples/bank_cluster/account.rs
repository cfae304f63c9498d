//! An account: an entity that carries out each transfer once, if asked once or often.

use std::collections::BTreeMap;

use casty::Remote;
use casty::journal::MemoryJournal;
use casty::persist::{Decision, EventSourced, Stored};
use casty::prelude::*;
use serde::{Deserialize, Serialize};

/// What every account has at the beginning.
pub(crate) const OPENING: u64 = 100;

/// What an account understands; transfers have numbers.
#[derive(Serialize, Deserialize)]
pub(crate) enum Account {
    /// Takes so much for a transfer, if there is as much, and says whether it has.
    Debit(u64, u64, ReplyTo<bool>),
    /// Gets so much from a transfer.
    Credit(u64, u64, ReplyTo<()>),
    Balance(ReplyTo<u64>),
}

impl Remote for Account {
    const NAME: &'static str = "bank.Account";
}

#[derive(Serialize, Deserialize)]
enum Event {
    Debited(u64, u64),
    Declined(u64),
    Credited(u64, u64),
}

impl Stored for Event {
    const NAME: &'static str = "bank.Event";
}

/// The balance, and what became of each transfer. A bank that lives longer forgets those that are settled.
#[derive(Clone)]
struct Books {
    balance: u64,
    debits: BTreeMap<u64, bool>,
    credits: BTreeMap<u64, ()>,
}

fn booked(mut books: Books, event: &Event) -> Books {
    match *event {
        Event::Debited(transfer, amount) => {
            books.balance -= amount;
            books.debits.insert(transfer, true);
        }
        Event::Declined(transfer) => {
            books.debits.insert(transfer, false);
        }
        Event::Credited(transfer, amount) => {
            books.balance += amount;
            books.credits.insert(transfer, ());
        }
    }
    books
}

pub(crate) fn account(id: &str, journal: &MemoryJournal) -> Behavior<Account> {
    let books = Books { balance: OPENING, debits: BTreeMap::new(), credits: BTreeMap::new() };
    let kept = EventSourced::new(id, journal.clone(), books, booked);
    Behavior::event_sourced(kept, |books, _, command| match command {
        Account::Debit(transfer, amount, reply) => match books.debits.get(&transfer) {
            Some(_) => Decision::none().reply(reply, move |books: &Books| books.debits[&transfer]),
            None if amount <= books.balance => {
                Decision::persist(Event::Debited(transfer, amount)).reply(reply, |_| true)
            }
            None => Decision::persist(Event::Declined(transfer)).reply(reply, |_| false),
        },
        Account::Credit(transfer, amount, reply) => match books.credits.contains_key(&transfer) {
            true => Decision::none().reply(reply, |_| ()),
            false => Decision::persist(Event::Credited(transfer, amount)).reply(reply, |_| ()),
        },
        Account::Balance(reply) => Decision::none().reply(reply, |books: &Books| books.balance),
    })
}
