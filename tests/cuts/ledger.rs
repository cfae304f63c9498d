//! What was told, received and buried on each way, and whether that is as it must be.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use casty::DeadReason;

/// From one sender to one receiver: messages with numbers, from 0.
#[derive(Default)]
pub(crate) struct Way {
    told: AtomicU64,
    /// Only its receiver writes these.
    received: AtomicU64,
    last: AtomicU64,
    /// The first thing that came as it must not.
    wrong: Mutex<Option<String>>,
    dead: Mutex<BTreeMap<&'static str, u64>>,
}

impl Way {
    pub(crate) fn tells(&self) {
        self.told.fetch_add(1, Ordering::Relaxed);
    }

    /// That number has come, and with it what was sent.
    pub(crate) fn receives(&self, number: u64, is_whole: bool) {
        let after = if self.received.fetch_add(1, Ordering::Relaxed) == 0 {
            0
        } else {
            self.last.load(Ordering::Relaxed) + 1
        };
        if number < after || !is_whole {
            let wrong = format!("{number} came where {after} was to come, whole: {is_whole}");
            self.wrong.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(wrong);
        }
        self.last.store(number, Ordering::Relaxed);
    }

    pub(crate) fn buries(&self, reason: DeadReason) {
        let reason = match reason {
            DeadReason::LinkFull => "the link was full",
            DeadReason::MailboxFull => "the mailbox was full",
            _ => "another",
        };
        *self.dead.lock().unwrap_or_else(PoisonError::into_inner).entry(reason).or_default() += 1;
    }

    /// How many were told, received, and buried.
    pub(crate) fn counts(&self) -> (u64, u64, u64) {
        let dead = self.dead.lock().unwrap_or_else(PoisonError::into_inner).values().sum();
        (self.told.load(Ordering::Relaxed), self.received.load(Ordering::Relaxed), dead)
    }

    pub(crate) fn is_settled(&self) -> bool {
        let (told, received, dead) = self.counts();
        told == received + dead
    }

    /// What is not as it must be, when all has settled and no node was lost.
    pub(crate) fn violation(&self) -> Option<String> {
        if let Some(wrong) = &*self.wrong.lock().unwrap_or_else(PoisonError::into_inner) {
            return Some(format!("out of order, twice or damaged: {wrong}"));
        }
        let (told, received, _) = self.counts();
        let dead = self.dead();
        if !self.is_settled() || dead.contains_key("another") {
            return Some(format!("{told} told, {received} received, dead letters: {dead:?}"));
        }
        None
    }

    /// How many were buried, for each reason.
    pub(crate) fn dead(&self) -> BTreeMap<&'static str, u64> {
        self.dead.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[test]
fn the_ledger_finds_each_violation_and_nothing_in_good_traffic() {
    let way = |told, received: &[u64], dead: &[DeadReason]| {
        let way = Way::default();
        (0..told).for_each(|_| way.tells());
        received.iter().for_each(|number| way.receives(*number, true));
        dead.iter().for_each(|reason| way.buries(*reason));
        way.violation()
    };
    assert_eq!(way(5, &[0, 2, 4], &[DeadReason::LinkFull, DeadReason::MailboxFull]), None);
    assert!(way(3, &[0, 2, 1], &[]).is_some(), "out of order");
    assert!(way(2, &[0, 0], &[]).is_some(), "twice");
    assert!(way(3, &[1, 2], &[]).is_some(), "lost without a word");
    assert!(way(3, &[1, 2], &[DeadReason::NodeLost]).is_some(), "no node was lost");
    assert!(way(1, &[0], &[DeadReason::LinkFull]).is_some(), "received, and buried too");
    let damaged = Way::default();
    damaged.tells();
    damaged.receives(0, false);
    assert!(damaged.violation().is_some(), "damaged");
}
