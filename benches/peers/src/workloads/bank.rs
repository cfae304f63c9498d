//! Bank: transfers between accounts, each confirmed before the next of an account.

use std::collections::VecDeque;
use std::time::Instant;

use async_channel::Sender;

use crate::check::{check, say, word};
use crate::framework::{Framework, Logic, Next, Place};
use crate::outcome::Outcome;
use crate::pace::BURST;
use crate::workloads::ACCOUNTS;
use crate::workloads::roster::Roster;

/// What each account has in the beginning.
const INITIAL: i64 = 1_000;

type Accounts<F> = Roster<<F as Framework>::Address<Account<F>>>;

struct Account<F: Framework> {
    index: u32,
    balance: i64,
    /// Whether a transfer of this account is not confirmed yet.
    busy: bool,
    orders: VecDeque<Order>,
    teller: F::Address<Teller<F>>,
    accounts: Accounts<F>,
}

struct Order {
    amount: i64,
    to: u32,
}

enum ToAccount {
    Transfer(Order),
    Receive { amount: i64, from: u32 },
    Confirmed,
    Balance,
}

impl<F: Framework> Logic<F> for Account<F> {
    type Message = ToAccount;

    fn receive(&mut self, _: &mut F::Context<'_, Self>, message: ToAccount) -> Next {
        match message {
            ToAccount::Transfer(order) if self.busy => self.orders.push_back(order),
            ToAccount::Transfer(order) => self.begin(order),
            ToAccount::Receive { amount, from } => {
                self.balance += amount;
                F::tell(self.accounts.at(from), ToAccount::Confirmed);
            }
            ToAccount::Confirmed => {
                self.busy = false;
                F::tell(&self.teller, ToTeller::Done);
                if let Some(order) = self.orders.pop_front() {
                    self.begin(order);
                }
            }
            ToAccount::Balance => F::tell(&self.teller, ToTeller::Balance(self.balance)),
        }
        Next::Go
    }
}

impl<F: Framework> Account<F> {
    fn begin(&mut self, Order { amount, to }: Order) {
        self.busy = true;
        self.balance -= amount;
        F::tell(self.accounts.at(to), ToAccount::Receive { amount, from: self.index });
    }
}

struct Teller<F: Framework> {
    accounts: Accounts<F>,
    random: u64,
    /// Transfers not confirmed, then accounts that have not told their balance.
    open: u64,
    sum: i64,
    done: Sender<u64>,
}

enum ToTeller {
    /// Orders so many transfers.
    Order(u64),
    Done,
    Balance(i64),
}

impl<F: Framework> Logic<F> for Teller<F> {
    type Message = ToTeller;

    fn receive(&mut self, context: &mut F::Context<'_, Self>, message: ToTeller) -> Next {
        match message {
            ToTeller::Order(left) => {
                let burst = left.min(BURST);
                (0..burst).for_each(|_| self.order());
                if left > burst {
                    F::tell(&F::me(context), ToTeller::Order(left - burst));
                }
            }
            ToTeller::Done => {
                self.open -= 1;
                if self.open == 0 {
                    self.open = ACCOUNTS.into();
                    self.accounts.all().iter().for_each(|account| F::tell(account, ToAccount::Balance));
                }
            }
            ToTeller::Balance(balance) => {
                self.open -= 1;
                self.sum += balance;
                if self.open == 0 {
                    say(&self.done, u64::try_from(self.sum).unwrap_or(0));
                }
            }
        }
        Next::Go
    }
}

impl<F: Framework> Teller<F> {
    /// From one of the first four fifths to one after it, as Savina has it.
    fn order(&mut self) {
        let from = self.below(ACCOUNTS / 10 * 8);
        let to = from + 1 + self.below(ACCOUNTS - from - 1);
        let order = Order { amount: i64::from(self.below(100)) + 1, to };
        F::tell(self.accounts.at(from), ToAccount::Transfer(order));
    }

    /// A number below `limit`, by xorshift.
    fn below(&mut self, limit: u32) -> u32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        // The remainder is below a number of 32 bits.
        (self.random % u64::from(limit)) as u32
    }
}

pub(crate) async fn run<F: Framework>(system: F::System, transfers: u64) -> Outcome {
    let (done, all) = async_channel::bounded(1);
    let accounts: Accounts<F> = Roster::new();
    let random = 0x2545_f491_4f6c_dd1d;
    let teller = Teller::<F> { accounts: accounts.clone(), random, open: transfers, sum: 0, done };
    let teller = F::spawn(&system, Place::Here, teller);
    let spawn = |index: u32| {
        let account = Account::<F> {
            index,
            balance: INITIAL,
            busy: false,
            orders: VecDeque::new(),
            teller: teller.clone(),
            accounts: accounts.clone(),
        };
        F::spawn(&system, Place::Part(index.into(), ACCOUNTS.into()), account)
    };
    accounts.fill((0..ACCOUNTS).map(spawn));
    let start = Instant::now();
    F::tell(&teller, ToTeller::Order(transfers));
    check(word(&all).await, u64::from(ACCOUNTS) * INITIAL.unsigned_abs());
    Outcome::time(transfers, start.elapsed())
}
