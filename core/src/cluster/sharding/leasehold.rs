//! A lease that is held while a shard is open, and given back when it has closed.

use alloc::collections::VecDeque;
use core::time::Duration;

use crate::time::Instant;

/// What a region does to hold its lease: one question to the service at a time, of which each is answered.
///
/// A lease counts from when it was asked for or renewed by the clock of this node, so that it is held for longer by that of the service.
pub(crate) struct Leasehold {
    ttl: Duration,
    /// Counts the questions, so that the answer to an old one is known.
    number: u64,
    stage: Stage,
    doubt: Doubt,
    output: VecDeque<Step>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// It is not wanted.
    Free,
    /// It was asked for; whether it is still wanted.
    Asked { since: Instant, wanted: bool },
    /// It was not given, and is asked for again then.
    Denied { until: Instant },
    /// It is held, until then; `due` is when it is to be renewed, or since when that is asked.
    Held { epoch: u64, until: Instant, due: Renewal },
    /// It is held no more, and what lives by it has not ended yet.
    Lost,
    /// It was not wanted any more when nobody knew whether it was given: it is asked for once more, to be given back.
    Sought,
    /// It is being given back.
    Returned { epoch: u64 },
}

/// Whether the service may take this region for the one that holds a lease which it does not live by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Doubt {
    No,
    /// In that epoch.
    Held(u64),
    /// In an epoch that was not said.
    Unsaid,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Renewal {
    Due(Instant),
    Asked(Instant),
}

/// What is to be done next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// Ask the service, and answer with that number.
    Ask(u64, Wish),
    /// The lease is held: whoever lives by it may begin.
    Begin,
    /// It is not held any more: whoever lives by it is to end at once.
    End,
    /// It is given back, or was not held.
    Done,
}

/// What is wanted of the service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wish {
    Acquire,
    Renew(u64),
    Release(u64),
}

/// What the service has said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Grant {
    /// Yes; with an epoch, which counts where the lease was asked for.
    Given(u64),
    /// Another has the lease, or its time is over.
    Refused,
    /// It has failed, or said nothing in time.
    Unknown,
}

/// Renewed after a quarter of its time, a lease may be asked about several times before half of it is over: then it counts as
/// lost, and the other half is for what lives by it to end.
const HELD: u32 = 2;
const RENEWED: u32 = 4;
/// A service that has failed, or that says that another has the lease, is asked again so many times sooner.
const RETRY: u32 = 20;
/// An answer is waited for so many times shorter.
const PATIENCE: u32 = 8;

impl Leasehold {
    pub(crate) const fn new(ttl: Duration) -> Self {
        Self { ttl, number: 0, stage: Stage::Free, doubt: Doubt::No, output: VecDeque::new() }
    }

    /// As long as an answer is waited for: one that has not come by then is a failure.
    pub(crate) fn patience(&self) -> Duration {
        self.ttl / PATIENCE
    }

    pub(crate) fn poll(&mut self) -> Option<Step> {
        self.output.pop_front()
    }

    fn ask(&mut self, wish: Wish) {
        self.number += 1;
        self.output.push_back(Step::Ask(self.number, wish));
    }

    /// It is wanted from now on.
    pub(crate) fn want(&mut self, now: Instant) {
        if self.stage == Stage::Free {
            self.acquire(now);
        }
    }

    fn acquire(&mut self, now: Instant) {
        self.stage = Stage::Asked { since: now, wanted: true };
        self.ask(Wish::Acquire);
    }

    /// It is not wanted any more, and nothing lives by it: [`Step::Done`] follows.
    pub(crate) fn give_back(&mut self) {
        match self.stage {
            Stage::Asked { since, .. } => self.stage = Stage::Asked { since, wanted: false },
            Stage::Held { epoch, .. } => self.release(epoch),
            Stage::Sought | Stage::Returned { .. } => {}
            Stage::Free | Stage::Denied { .. } | Stage::Lost => match self.doubt {
                Doubt::No => self.done(),
                Doubt::Held(epoch) => self.release(epoch),
                Doubt::Unsaid => self.seek(),
            },
        }
    }

    /// Who holds it gets it again, with its epoch, which takes to give it back.
    fn seek(&mut self) {
        self.stage = Stage::Sought;
        self.ask(Wish::Acquire);
    }

    fn release(&mut self, epoch: u64) {
        self.stage = Stage::Returned { epoch };
        self.ask(Wish::Release(epoch));
    }

    fn done(&mut self) {
        (self.stage, self.doubt) = (Stage::Free, Doubt::No);
        self.output.push_back(Step::Done);
    }

    /// What lived by the lease has ended.
    pub(crate) fn vacated(&mut self, now: Instant) {
        if self.stage == Stage::Lost {
            self.stage = Stage::Denied { until: now + self.ttl / RETRY };
        }
    }

    /// The service has answered the question of that number.
    pub(crate) fn answered(&mut self, now: Instant, number: u64, grant: Grant) {
        if number != self.number {
            return;
        }
        match (self.stage, grant) {
            (Stage::Asked { wanted: false, .. } | Stage::Sought, Grant::Given(epoch)) => self.release(epoch),
            (Stage::Asked { wanted: false, .. }, Grant::Unknown) => self.seek(),
            (Stage::Asked { wanted: false, .. } | Stage::Sought | Stage::Returned { .. }, _) => self.done(),
            (Stage::Asked { since, .. }, Grant::Given(epoch)) if now < since + self.ttl / HELD => {
                self.hold(epoch, since);
                self.output.push_back(Step::Begin);
            }
            (Stage::Asked { .. }, grant) => {
                self.stage = Stage::Denied { until: now + self.ttl / RETRY };
                self.doubt = match grant {
                    Grant::Given(epoch) => Doubt::Held(epoch),
                    Grant::Refused => Doubt::No,
                    Grant::Unknown => Doubt::Unsaid,
                };
            }
            (Stage::Held { epoch, due: Renewal::Asked(since), .. }, Grant::Given(_)) => {
                self.hold(epoch, since);
            }
            (Stage::Held { epoch, until, .. }, Grant::Unknown) => {
                let due = Renewal::Due(now + self.ttl / RETRY);
                self.stage = Stage::Held { epoch, until, due };
            }
            (Stage::Held { .. }, Grant::Refused) => self.lose(Doubt::No),
            (Stage::Held { .. } | Stage::Free | Stage::Denied { .. } | Stage::Lost, _) => {}
        }
    }

    fn hold(&mut self, epoch: u64, since: Instant) {
        let due = Renewal::Due(since + self.ttl / RENEWED);
        (self.stage, self.doubt) = (Stage::Held { epoch, until: since + self.ttl / HELD, due }, Doubt::No);
    }

    fn lose(&mut self, doubt: Doubt) {
        (self.stage, self.doubt) = (Stage::Lost, doubt);
        self.output.push_back(Step::End);
    }

    /// Time has passed.
    pub(crate) fn tick(&mut self, now: Instant) {
        match self.stage {
            Stage::Denied { until } if until <= now => self.acquire(now),
            Stage::Held { epoch, until, .. } if until <= now => self.lose(Doubt::Held(epoch)),
            Stage::Held { epoch, until, due: Renewal::Due(due) } if due <= now => {
                self.stage = Stage::Held { epoch, until, due: Renewal::Asked(now) };
                self.ask(Wish::Renew(epoch));
            }
            _ => {}
        }
    }

    /// When [`Self::tick`] is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self.stage {
            Stage::Denied { until } | Stage::Held { until, due: Renewal::Asked(_), .. } => Some(until),
            Stage::Held { until, due: Renewal::Due(due), .. } => Some(due.min(until)),
            Stage::Free | Stage::Asked { .. } | Stage::Lost | Stage::Sought | Stage::Returned { .. } => None,
        }
    }

    /// Whether nothing is held, asked for, or about to be.
    pub(crate) fn is_free(&self) -> bool {
        self.stage == Stage::Free && self.output.is_empty()
    }

    /// Whether there is something to be done.
    pub(crate) fn has_more(&self) -> bool {
        !self.output.is_empty()
    }

    /// What is to be wished for by whoever ends without a word: to give it back, or to get it first, where it may be held in an epoch that is not known.
    pub(crate) const fn rest(&self) -> Option<Wish> {
        match (self.stage, self.doubt) {
            (Stage::Held { epoch, .. } | Stage::Returned { epoch }, _) => Some(Wish::Release(epoch)),
            (Stage::Asked { .. } | Stage::Sought, _) => Some(Wish::Acquire),
            (Stage::Free | Stage::Denied { .. } | Stage::Lost, Doubt::Held(epoch)) => {
                Some(Wish::Release(epoch))
            }
            (Stage::Free | Stage::Denied { .. } | Stage::Lost, Doubt::Unsaid) => Some(Wish::Acquire),
            (Stage::Free | Stage::Denied { .. } | Stage::Lost, Doubt::No) => None,
        }
    }
}

#[cfg(test)]
mod tests;
