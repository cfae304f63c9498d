//! The service of leases in a world of clusters: it refuses, is slow, or says nothing.

#![allow(dead_code, reason = "each binary uses its part of it")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use casty::lease::{Claim, LeaseAnswer, LeaseError, Leases, MemoryLeases};
use casty::prelude::*;
use casty::simulation::Host;
use casty::{Executor, Rng};

/// How the service is to one node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mood {
    Good,
    /// Each request fails.
    Refuses,
    /// An answer takes up to so many milliseconds.
    Slow(u64),
    /// No answer comes.
    Silent,
}

/// The service. Clones are the same.
#[derive(Clone)]
pub(crate) struct Service {
    leases: MemoryLeases,
    host: Host,
    moods: Arc<Mutex<BTreeMap<usize, Mood>>>,
}

impl Service {
    /// One that answers all at once.
    pub(crate) fn new(host: &Host) -> Self {
        Self { leases: MemoryLeases::on(host.clone()), host: host.clone(), moods: Arc::default() }
    }

    /// Is like that to a node from now on.
    pub(crate) fn set(&self, node: usize, mood: Mood) {
        self.moods.lock().unwrap_or_else(PoisonError::into_inner).insert(node, mood);
    }

    /// Answers all at once again.
    pub(crate) fn heal(&self) {
        self.moods.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The way of a node to it.
    pub(crate) fn of(&self, node: usize) -> Way {
        Way { service: self.clone(), node }
    }

    fn mood(&self, node: usize) -> Mood {
        let moods = self.moods.lock().unwrap_or_else(PoisonError::into_inner);
        moods.get(&node).copied().unwrap_or(Mood::Good)
    }
}

/// The service, as one node reaches it.
#[derive(Clone)]
pub(crate) struct Way {
    service: Service,
    node: usize,
}

impl Way {
    /// A request that fails or is not answered may have been heard all the same.
    fn ask<T: Send + 'static>(&self, ask: impl Fn(&MemoryLeases) -> LeaseAnswer<T>) -> LeaseAnswer<T> {
        let Service { leases, host, .. } = &self.service;
        let mut rng = Rng::new(host.seed());
        let mood = self.service.mood(self.node);
        if mood == Mood::Good {
            return ask(leases);
        }
        let heard = (rng.below(2) == 0).then(|| ask(leases));
        match mood {
            Mood::Slow(most) => {
                let (host, late) = (host.clone(), millis(rng.below(most.max(1) as usize) as u64));
                // In memory it is heard when it is asked: so the other half fails when it is late.
                let answer = heard.unwrap_or_else(failed);
                Box::pin(async move {
                    host.sleep_until(host.now() + late).await;
                    answer.await
                })
            }
            Mood::Silent => Box::pin(core::future::pending()),
            Mood::Good | Mood::Refuses => failed(),
        }
    }
}

fn failed<T: Send + 'static>() -> LeaseAnswer<T> {
    Box::pin(core::future::ready(Err(LeaseError::Failed("cut off".into()))))
}

impl Leases for Way {
    fn acquire(&self, claim: &Claim) -> LeaseAnswer<u64> {
        self.ask(|leases| leases.acquire(claim))
    }

    fn renew(&self, claim: &Claim, epoch: u64) -> LeaseAnswer<()> {
        self.ask(|leases| leases.renew(claim, epoch))
    }

    fn release(&self, claim: &Claim, epoch: u64) -> LeaseAnswer<()> {
        self.ask(|leases| leases.release(claim, epoch))
    }
}
