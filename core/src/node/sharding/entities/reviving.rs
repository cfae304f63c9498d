//! The one entity that always lives: it is started again when it has ended.

use core::time::Duration;

use super::Entities;
use crate::actor::{Backoff, Context};
use crate::node::sharding::envelope::ShardEnvelope;
use crate::node::sharding::name::EntityName;
use crate::node::sharding::settings::Shards;
use crate::node::sharding::singleton::Sole;
use crate::remote::Remote;
use crate::rng::Rng;
use crate::time::Instant;

/// When the one is started again.
pub(super) struct Revival {
    entity: EntityName,
    backoff: Backoff,
    /// How many times in a row it has ended soon.
    streak: u32,
    began: Option<Instant>,
    due: Option<Instant>,
}

/// Of one shard there is one entity.
const SHARD: u32 = 0;

impl Revival {
    pub(super) fn of(settings: &Shards) -> Option<Self> {
        settings.sole.as_ref().map(|sole| Self::new(Sole::entity(), sole.backoff))
    }

    const fn new(entity: EntityName, backoff: Backoff) -> Self {
        Self { entity, backoff, streak: 0, began: None, due: None }
    }

    /// It has been started.
    pub(super) const fn began(&mut self, now: Instant) {
        (self.began, self.due) = (Some(now), None);
    }

    /// It has ended, or could not be started.
    fn ended(&mut self, now: Instant, rng: &mut Rng) {
        let lived = self.began.take().map_or(Duration::ZERO, |began| now - began);
        if lived >= self.backoff.quiet() {
            self.streak = 0;
        }
        self.due = Some(now + self.backoff.delay(self.streak, rng));
        self.streak = self.streak.saturating_add(1);
    }
}

impl<M: Remote> Entities<M> {
    /// When the one is to be started again.
    pub(super) fn revival_due(&self) -> Option<Instant> {
        self.revival.as_ref().and_then(|revival| revival.due)
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

    /// Starts the one again, if the pause is over.
    pub(super) fn recur(&mut self, ctx: &mut Context<ShardEnvelope<M>>) {
        let now = ctx.now();
        if let Some(revival) = &mut self.revival
            && revival.due.is_some_and(|due| due <= now)
        {
            revival.due = None;
            self.wake(ctx);
        }
    }

    /// If the one was about to be started again, it is at once for what waits, or not at all.
    pub(super) fn hurry(&mut self, ctx: &mut Context<ShardEnvelope<M>>) {
        let Some(revival) = &mut self.revival else { return };
        if revival.due.take().is_none() {
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
            revival.due = None;
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
        let mut it = Revival::new(Sole::entity(), Backoff::new(secs(1), secs(9)).jitter(0.0));
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
}
