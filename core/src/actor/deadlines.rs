//! When asks end for want of a reply: cheap to set, as hardly any of them ever does.
//!
//! ```text
//!  asked ──▶ fresh ── a worker's poll ends: still unanswered? ──▶ dated ── due, and still unanswered? ──▶ expires
//! ```
//!
//! An ask that has ended is not looked for here; it is left out where it is met. A worker reads the clock once for all that was
//! asked in its poll, and outside the workers, when the poll ends: so a deadline is never early, and late at most by the rest
//! of that poll. Should no poll end, because a handler blocks or nobody has anything to do, the lookout dates what was asked.

use alloc::boxed::Box;
use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::mem;
use core::time::Duration;

use super::error::AskError;
use crate::footprint::Footprint;
use crate::sync::Ordering::Relaxed;
use crate::sync::{Arc, AtomicBool, Lock, known_alone};
use crate::time::Instant;

/// As many may lie here, answered or not, before those that are over are first cleared away.
const CLEARED_FROM: usize = 256;
/// As many asks without a date, answered or not, are dated at once.
const FRESH_MAX: usize = 1_024;

/// An ask that ends when its time has come.
pub(crate) trait Expires: Send + Sync {
    /// Whether it has ended.
    fn is_over(&self) -> bool;
    /// Ends it.
    fn expire(&self, error: AskError);
}

/// Who asks.
#[derive(Clone, Copy)]
pub(crate) enum By {
    /// An actor, in a poll of that worker.
    Worker(usize),
    /// Someone outside the workers.
    Outsider,
}

/// What became of an ask that was noted.
pub(crate) enum Noted {
    /// It waits to be dated at the end of a poll.
    Waits,
    /// It waits, with so many others that they are to be dated now.
    Many,
    /// The system has ended: it is to be expired.
    Late(Arc<dyn Expires>),
}

/// What is to be done after asks were dated.
#[derive(Default)]
pub(crate) struct News {
    /// When someone must look again.
    pub(crate) earliest: Option<Instant>,
    /// These came when the system had ended: they are to be expired.
    pub(crate) late: Vec<Arc<dyn Expires>>,
}

impl News {
    fn heard_of(&mut self, at: Instant) {
        self.earliest = Some(self.earliest.map_or(at, |earliest| earliest.min(at)));
    }
}

/// The asks of one system that are under way: of each worker, and of everyone else.
pub(crate) struct Deadlines(Box<[Place]>);

/// Where those of one worker lie, or of everyone else.
struct Place {
    /// Whether some have no date, to look without the lock.
    fresh: AtomicBool,
    shard: Lock<Shard>,
}

struct Shard {
    /// Asked in the poll that is under way.
    fresh: Vec<(Duration, Arc<dyn Expires>)>,
    dated: BinaryHeap<Dated>,
    /// At this many, those that are over are cleared away.
    clear_at: usize,
    /// So many were dated.
    count: u64,
    ended: bool,
}

/// An ask with its deadline; the earliest is the greatest.
struct Dated {
    at: Instant,
    /// Of two with the same deadline the older comes first.
    number: u64,
    ask: Arc<dyn Expires>,
}

impl Deadlines {
    /// The memory of none, for one worker.
    pub(crate) const fn footprint() -> Footprint {
        Footprint::boxed::<[Place; 2]>()
    }

    /// None, for that many workers.
    pub(crate) fn new(workers: usize) -> Self {
        Self(
            (0..=workers)
                .map(|_| Place { fresh: AtomicBool::new(false), shard: Lock::new(Shard::new()) })
                .collect(),
        )
    }

    /// Notes an ask that is made by that one, whose time begins when the next poll ends.
    #[inline]
    pub(crate) fn note(&self, by: By, timeout: Duration, ask: Arc<dyn Expires>) -> Noted {
        let place = self.place(by);
        let (noted, gone) = place.shard.with(|shard| {
            if shard.ended {
                return (Noted::Late(ask), None);
            }
            place.fresh.store(true, Relaxed);
            // Those who ask one thing after the other have one place here, and their memory is used again at once.
            if let Some(last) = shard.fresh.last_mut()
                && known_alone(&last.1)
            {
                last.0 = timeout;
                return (Noted::Waits, Some(mem::replace(&mut last.1, ask)));
            }
            shard.fresh.push((timeout, ask));
            (if shard.fresh.len() < FRESH_MAX { Noted::Waits } else { Noted::Many }, None)
        });
        drop(gone);
        noted
    }

    /// Whether some ask has no date yet.
    pub(crate) fn undated(&self) -> bool {
        self.0.iter().any(|place| place.shard.with(|shard| !shard.fresh.is_empty()))
    }

    /// Whether that one has asked something that has no date yet. What another thread asks meanwhile may be missed.
    #[inline]
    pub(crate) fn has_fresh(&self, by: By) -> bool {
        self.place(by).fresh.load(Relaxed)
    }

    /// Dates what that one has asked, if anything.
    pub(crate) fn date(&self, by: By, now: impl FnOnce() -> Instant) -> Option<News> {
        let Place { fresh: some, shard } = self.place(by);
        let mut fresh = shard.with(|shard| {
            some.store(false, Relaxed);
            (!shard.fresh.is_empty()).then(|| mem::take(&mut shard.fresh))
        })?;
        fresh.retain(|(_, ask)| !known_alone(ask) && !ask.is_over());
        let news = (!fresh.is_empty()).then(|| self.add(by, now(), fresh.drain(..)));
        // The buffer is good for the next poll.
        let spare = shard
            .with(|shard| if shard.fresh.is_empty() { mem::replace(&mut shard.fresh, fresh) } else { fresh });
        drop(spare);
        news
    }

    /// Notes an ask whose time begins now.
    pub(crate) fn set(&self, now: Instant, timeout: Duration, ask: Arc<dyn Expires>) -> News {
        self.add(By::Outsider, now, core::iter::once((timeout, ask)))
    }

    fn place(&self, by: By) -> &Place {
        match by {
            By::Worker(index) => &self.0[index],
            By::Outsider => &self.0[self.0.len() - 1],
        }
    }

    fn add(&self, by: By, now: Instant, asks: impl Iterator<Item = (Duration, Arc<dyn Expires>)>) -> News {
        let mut news = News::default();
        let full = self.place(by).shard.with(|shard| {
            for (timeout, ask) in asks {
                if shard.ended {
                    news.late.push(ask);
                    continue;
                }
                let at = now + timeout;
                news.heard_of(at);
                shard.dated.push(Dated { at, number: shard.count, ask });
                shard.count += 1;
            }
            shard.dated.len() >= shard.clear_at
        });
        if full {
            self.clear(by, &mut news);
        }
        news
    }

    /// Lets go of the asks that are over. As their number has doubled since the last time, that costs each little.
    #[cold]
    fn clear(&self, by: By, news: &mut News) {
        let all = self.place(by).shard.with(|shard| {
            shard.clear_at = usize::MAX;
            mem::take(&mut shard.dated)
        });
        let mut live: BinaryHeap<Dated> = all.into_iter().filter(|dated| !dated.ask.is_over()).collect();
        // Meanwhile the ticker has not seen them, and the system may have ended.
        if let Some(first) = live.peek() {
            news.heard_of(first.at);
        }
        self.place(by).shard.with(|shard| {
            if shard.ended {
                return news.late.extend(live.drain().map(|dated| dated.ask));
            }
            shard.dated.append(&mut live);
            shard.clear_at = (2 * shard.dated.len()).max(CLEARED_FROM);
        });
    }

    /// The next that is due, over or not.
    pub(crate) fn due(&self, now: Instant) -> Option<Arc<dyn Expires>> {
        self.0.iter().find_map(|place| {
            place.shard.with(|shard| {
                let due = shard.dated.peek().is_some_and(|dated| dated.at <= now);
                if due { shard.dated.pop().map(|dated| dated.ask) } else { None }
            })
        })
    }

    /// The earliest deadline, of an ask that may be over by now.
    pub(crate) fn earliest(&self) -> Option<Instant> {
        self.0
            .iter()
            .filter_map(|place| place.shard.with(|shard| shard.dated.peek().map(|dated| dated.at)))
            .min()
    }

    /// How many have not ended.
    pub(crate) fn len(&self) -> usize {
        let of = |place: &Place| {
            let all: Vec<Arc<dyn Expires>> = place.shard.with(|shard| {
                let fresh = shard.fresh.iter().map(|(_, ask)| ask);
                fresh.chain(shard.dated.iter().map(|dated| &dated.ask)).cloned().collect()
            });
            all.iter().filter(|ask| !ask.is_over()).count()
        };
        self.0.iter().map(of).sum()
    }

    /// Takes out all, and takes no more.
    pub(crate) fn end(&self) -> Vec<Arc<dyn Expires>> {
        let of = |place: &Place| {
            let (fresh, dated) = place.shard.with(|shard| {
                shard.ended = true;
                (mem::take(&mut shard.fresh), mem::take(&mut shard.dated))
            });
            fresh.into_iter().map(|(_, ask)| ask).chain(dated.into_iter().map(|dated| dated.ask))
        };
        self.0.iter().flat_map(of).collect()
    }
}

impl Shard {
    const fn new() -> Self {
        Self { fresh: Vec::new(), dated: BinaryHeap::new(), clear_at: CLEARED_FROM, count: 0, ended: false }
    }
}

impl Ord for Dated {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.number).cmp(&(self.at, self.number))
    }
}

impl PartialOrd for Dated {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Dated {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Dated {}

/// A shared ask is one too: what a pointer without coercion needs.
impl<T: Expires> Expires for Arc<T> {
    fn is_over(&self) -> bool {
        (**self).is_over()
    }

    fn expire(&self, error: AskError) {
        (**self).expire(error);
    }
}
