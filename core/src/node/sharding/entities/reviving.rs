//! The one entity that always lives: it is started again when it has ended.

use alloc::collections::VecDeque;
use core::time::Duration;

use super::Entities;
use crate::actor::{Backoff, Context, DeadReason};
use crate::node::sharding::envelope::ShardEnvelope;
use crate::node::sharding::name::EntityName;
use crate::node::sharding::refused::Refused;
use crate::node::sharding::settings::Shards;
use crate::node::sharding::singleton::Sole;
use crate::remote::Remote;
use crate::rng::Rng;
use crate::time::{Instant, millis};

/// When the one is started again.
pub(super) struct Revival {
    entity: EntityName,
    backoff: Backoff,
    /// How many times in a row it has ended soon.
    streak: u32,
    began: Option<Instant>,
    due: Option<Instant>,
    /// How long something may wait for it.
    patience: Duration,
    /// When what waits is looked at, in a pause that is longer.
    look_at: Option<Instant>,
    /// How much more waited at each look.
    looks: VecDeque<(Instant, usize)>,
}

/// What waits in a long pause is looked at so often.
const LOOK: Duration = millis(500);
/// Of one shard there is one entity.
const SHARD: u32 = 0;

impl Revival {
    pub(super) fn of(settings: &Shards) -> Option<Self> {
        settings.sole.as_ref().map(|sole| Self::new(Sole::entity(), sole.backoff, settings.buffer_timeout))
    }

    const fn new(entity: EntityName, backoff: Backoff, patience: Duration) -> Self {
        let looks = VecDeque::new();
        Self { entity, backoff, streak: 0, began: None, due: None, patience, look_at: None, looks }
    }

    /// It has been started.
    pub(super) fn began(&mut self, now: Instant) {
        self.began = Some(now);
        self.pauses_no_more();
    }

    /// It is about to be started, or not to be; whether that was to be later.
    fn pauses_no_more(&mut self) -> bool {
        self.look_at = None;
        self.looks.clear();
        self.due.take().is_some()
    }

    /// It has ended, or could not be started.
    fn ended(&mut self, now: Instant, rng: &mut Rng) {
        let lived = self.began.take().map_or(Duration::ZERO, |began| now - began);
        if lived >= self.backoff.quiet() {
            self.streak = 0;
        }
        let pause = self.backoff.delay(self.streak, rng);
        self.due = Some(now + pause);
        self.look_at = (pause > self.patience).then_some(now + LOOK);
        self.streak = self.streak.saturating_add(1);
    }

    /// So much waits: how much of it has waited too long, and is counted no more.
    fn looks(&mut self, now: Instant, waiting: usize) -> usize {
        let known: usize = self.looks.iter().map(|(_, count)| count).sum();
        self.looks.push_back((now, waiting.saturating_sub(known)));
        let late = self.looks.iter().take_while(|(since, _)| *since + self.patience <= now).count();
        self.looks.drain(..late).map(|(_, count)| count).sum()
    }
}

impl<M: Remote> Entities<M> {
    /// When the one is to be started again.
    pub(super) fn revival_due(&self) -> Option<Instant> {
        let revival = self.revival.as_ref()?;
        revival.due.into_iter().chain(revival.look_at).min()
    }

    /// Starts the one, if there is one, now that its shard is here.
    pub(in crate::node::sharding) fn wake(&mut self, ctx: &mut Context<ShardEnvelope<M>>) {
        let Some(entity) = self.revival.as_ref().map(|revival| revival.entity.clone()) else { return };
        self.routes.with(SHARD, |slot| slot.home().map(|home| home.wake(&entity)));
        self.start(ctx, SHARD, entity);
    }

    /// Lets the one be started again after a pause, now that it has ended; whether that is so.
    pub(super) fn revive(&mut self, ctx: &Context<ShardEnvelope<M>>, shard: u32) -> bool {
        let stays = !self.retiring && !self.emptying.contains_key(&shard);
        let Some(revival) = self.revival.as_mut().filter(|_| stays) else { return false };
        let here = self.routes.with(shard, |slot| slot.home().map(|home| home.wake(&revival.entity)));
        let here = here.flatten().is_some();
        if here {
            revival.ended(ctx.now(), &mut ctx.rng());
        }
        here
    }

    /// Starts the one again, if the pause is over; what has waited too long in it is dead.
    pub(super) fn recur(&mut self, ctx: &mut Context<ShardEnvelope<M>>) {
        let now = ctx.now();
        let Some(revival) = &mut self.revival else { return };
        if revival.due.is_some_and(|due| due <= now) {
            revival.pauses_no_more();
            return self.wake(ctx);
        }
        if revival.look_at.is_none_or(|at| now < at) {
            return;
        }
        revival.look_at = Some(now + LOOK);
        let entity = revival.entity.clone();
        let late = self.routes.with(SHARD, |slot| {
            slot.home().map(|home| home.let_go(&entity, |waiting| revival.looks(now, waiting)))
        });
        let late = late.flatten().unwrap_or_default();
        self.routes.unreserve(late.len());
        for message in late {
            self.routes.dead(&entity, Refused { reason: DeadReason::ShardUnavailable, message });
        }
    }

    /// If the one was about to be started again, it is at once for what waits, or not at all.
    pub(super) fn hurry(&mut self, ctx: &mut Context<ShardEnvelope<M>>) {
        let Some(revival) = &mut self.revival else { return };
        if !revival.pauses_no_more() {
            return;
        }
        let entity = revival.entity.clone();
        let idle = self.routes.with(SHARD, |slot| slot.home().is_some_and(|home| home.forget(&entity)));
        if idle == Some(false) {
            self.start(ctx, SHARD, entity);
        }
    }

    /// The one ends at once; its shard is not open any more.
    pub(in crate::node::sharding) fn evict(&mut self, ctx: &mut Context<ShardEnvelope<M>>) {
        if let Some(revival) = &mut self.revival {
            revival.pauses_no_more();
        }
        Self::stop_all(ctx);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::secs;

    #[test]
    fn who_ends_soon_again_and_again_is_waited_for_longer_and_who_has_lived_long_is_not() {
        let mut it = Revival::new(Sole::entity(), Backoff::new(secs(1), secs(9)).jitter(0.0), secs(30));
        let (mut now, mut rng) = (Instant::ORIGIN, Rng::new(1));
        for (lives, pause) in [(2, 1), (2, 2), (2, 4), (2, 8), (2, 9), (5, 1), (4, 2)] {
            it.began(now);
            assert_eq!(it.due, None);
            now = now + secs(lives);
            it.ended(now, &mut rng);
            assert_eq!(it.due, Some(now + secs(pause)));
            now = now + secs(pause);
        }
    }

    #[test]
    fn in_a_long_pause_what_was_there_so_long_ago_is_late_and_in_a_short_one_nothing_is() {
        let (now, mut rng) = (Instant::ORIGIN, Rng::new(1));
        let backoff = Backoff::new(secs(3), secs(9)).jitter(0.0);
        let mut it = Revival::new(Sole::entity(), backoff, secs(4));
        it.ended(now, &mut rng);
        assert_eq!(it.look_at, None, "it begins before anything is late");
        it.ended(now, &mut rng);
        assert_eq!(it.look_at, Some(now + LOOK));
        assert_eq!(it.looks(now + secs(1), 5), 0);
        assert_eq!(it.looks(now + secs(2), 7), 0);
        assert_eq!(it.looks(now + secs(5), 8), 5);
        assert_eq!(it.looks(now + secs(6), 3), 2, "what was late is there no more");
        assert!(it.pauses_no_more());
        assert_eq!((it.look_at, it.looks.len()), (None, 0));
    }
}
