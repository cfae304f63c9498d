//! Leases in memory: for tests, and for nodes of one process.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use core::fmt;
use core::future;

use super::{Claim, LeaseAnswer, LeaseError, Leases};
use crate::executor::Executor;
use crate::sync::{Arc, Lock, shared};
use crate::time::Instant;

/// Leases in memory. Clones share them, and they are gone with the last of them.
///
/// At most 1,024 are kept: beyond that, one whose time is over makes way for the next, and without such a one a claim fails.
///
/// ```
/// use casty_core::lease::{Claim, Leases, MemoryLeases};
/// use casty_core::secs;
///
/// # casty_simulation::Simulation::new(1).run(|host| async move {
/// let leases = MemoryLeases::on(host);
/// let claim = Claim { name: "shop".into(), owner: "a".into(), ttl: secs(40) };
/// let epoch = leases.clone().acquire(&claim).await.unwrap();
/// leases.release(&claim, epoch).await.unwrap();
/// let other = Claim { owner: "b".into(), ..claim };
/// assert_eq!(leases.acquire(&other).await, Ok(epoch + 1));
/// # });
/// ```
#[derive(Clone)]
pub struct MemoryLeases {
    clock: Arc<dyn Executor>,
    held: Arc<Lock<Book>>,
}

#[derive(Default)]
struct Book {
    by_name: BTreeMap<String, Held>,
    /// The last that was given: of all leases, so that one that was forgotten begins with no smaller one.
    epoch: u64,
}

/// A lease that was given.
struct Held {
    owner: String,
    epoch: u64,
    until: Instant,
}

const LEASES_MAX: usize = 1_024;

impl MemoryLeases {
    /// Leases by the clock of that executor.
    #[must_use]
    pub fn on(clock: impl Executor) -> Self {
        Self { clock: shared!(clock => dyn Executor), held: Arc::default() }
    }

    fn answer<T: Send + 'static>(
        &self,
        claim: &Claim,
        ask: impl FnOnce(&mut Book, Instant) -> Result<T, LeaseError>,
    ) -> LeaseAnswer<T> {
        let now = self.clock.now();
        let answer = claim.check().and_then(|()| self.held.with(|book| ask(book, now)));
        Box::pin(future::ready(answer))
    }
}

impl Book {
    fn acquire(&mut self, now: Instant, claim: &Claim) -> Result<u64, LeaseError> {
        let until = now + claim.ttl;
        if let Some(held) = self.by_name.get_mut(&claim.name).filter(|held| now < held.until) {
            if held.owner != claim.owner {
                return Err(LeaseError::Held { owner: held.owner.clone() });
            }
            held.until = until;
            return Ok(held.epoch);
        }
        if self.by_name.len() >= LEASES_MAX {
            self.by_name.retain(|_, held| now < held.until);
        }
        if self.by_name.len() >= LEASES_MAX {
            return Err(LeaseError::Failed(alloc::format!("{LEASES_MAX} leases are held already")));
        }
        self.epoch += 1;
        let held = Held { owner: claim.owner.clone(), epoch: self.epoch, until };
        self.by_name.insert(claim.name.clone(), held);
        Ok(self.epoch)
    }

    /// What is held by that owner, with that epoch.
    fn of(&mut self, now: Instant, claim: &Claim, epoch: u64) -> Option<&mut Held> {
        let held = self.by_name.get_mut(&claim.name)?;
        (held.owner == claim.owner && held.epoch == epoch && now < held.until).then_some(held)
    }
}

impl Leases for MemoryLeases {
    fn acquire(&self, claim: &Claim) -> LeaseAnswer<u64> {
        self.answer(claim, |book, now| book.acquire(now, claim))
    }

    fn renew(&self, claim: &Claim, epoch: u64) -> LeaseAnswer<()> {
        self.answer(claim, |book, now| {
            let held = book.of(now, claim, epoch).ok_or(LeaseError::Lost)?;
            held.until = now + claim.ttl;
            Ok(())
        })
    }

    fn release(&self, claim: &Claim, epoch: u64) -> LeaseAnswer<()> {
        self.answer(claim, |book, now| {
            if let Some(held) = book.of(now, claim, epoch) {
                held.until = now;
            }
            Ok(())
        })
    }
}

impl fmt::Debug for MemoryLeases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryLeases").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::secs;

    fn claim(name: &str, owner: &str) -> Claim {
        Claim { name: name.into(), owner: owner.into(), ttl: secs(10) }
    }

    fn at(elapsed: u64) -> Instant {
        Instant::ORIGIN + secs(elapsed)
    }

    #[test]
    fn a_lease_has_one_owner_at_a_time_and_each_new_one_a_larger_epoch() {
        let mut book = Book::default();
        let (a, b) = (claim("shop", "a"), claim("shop", "b"));
        assert_eq!(book.acquire(at(0), &a), Ok(1));
        assert_eq!(book.acquire(at(5), &a), Ok(1), "it is held on");
        assert_eq!(book.acquire(at(14), &b), Err(LeaseError::Held { owner: "a".into() }));
        assert_eq!(book.acquire(at(15), &b), Ok(2));
        assert!(book.of(at(16), &a, 1).is_none() && book.of(at(16), &b, 1).is_none());
        assert!(book.of(at(16), &b, 2).is_some());
        assert!(book.of(at(25), &b, 2).is_none(), "its time is over");
        assert_eq!(book.acquire(at(26), &b), Ok(3), "others could have had it meanwhile");
    }

    #[test]
    fn of_too_many_leases_those_make_way_whose_time_is_over() {
        let mut book = Book::default();
        for number in 0..LEASES_MAX {
            assert!(book.acquire(at(0), &claim(&alloc::format!("{number}"), "a")).is_ok());
        }
        assert!(matches!(book.acquire(at(9), &claim("more", "a")), Err(LeaseError::Failed(_))));
        assert_eq!(book.acquire(at(10), &claim("more", "a")), Ok(1_025));
        assert_eq!(book.by_name.len(), 1);
    }
}
