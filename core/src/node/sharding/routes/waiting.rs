//! What waits for shards: sent on its way in order, or dead when it has waited too long.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::any::type_name;
use core::mem;
use core::time::Duration;

use super::{Going, Routes, STRIPES};
use crate::actor::{DeadReason, Refers};
use crate::cluster::sharding::shard_of;
use crate::node::sharding::envelope::{Letter, Note};
use crate::node::sharding::name::EntityName;
use crate::node::sharding::refused::Refused;
use crate::node::sharding::slot::{Slot, Way};
use crate::node::sharding::whom::Whom;
use crate::remote::{Remote, Unwritten};
use crate::sync::{Arc, Ordering};
use crate::time::Instant;

impl<M: Remote> Routes<M> {
    /// The region begins: what was said before waits for its shard.
    pub(in crate::node::sharding) fn begin(&self, shards: u32, waiting_max: usize) {
        self.closed.store(false, Ordering::Release);
        self.waiting_max.store(waiting_max, Ordering::Relaxed);
        for (stripe, slots) in self.stripes.iter().enumerate() {
            let count = (shards as usize + STRIPES - 1 - stripe) / STRIPES;
            slots.with(|slots| slots.resize_with(count, Slot::new));
        }
        let now = self.world().now();
        loop {
            let early = self.early.with(|early| {
                if early.is_empty() {
                    self.shards.store(shards as usize, Ordering::Release);
                }
                mem::take(early)
            });
            if early.is_empty() {
                return;
            }
            for letter in early {
                let shard = shard_of(letter.entity.hash, shards);
                self.with(shard, |slot| slot.waiting.push_back((now, letter)));
            }
            if !self.noted.swap(true, Ordering::Relaxed) {
                self.note(Note::Waits);
            }
        }
    }

    /// Sends what waits for a shard on its way, in order; false when there is no room for all of it at the moment.
    pub(in crate::node::sharding) fn flush(&self, shard: u32) -> bool {
        loop {
            let batch = self.with(shard, |slot| {
                if slot.waiting.is_empty() || matches!(slot.way, Way::Nowhere) {
                    slot.flushing = false;
                    return VecDeque::new();
                }
                slot.flushing = true;
                mem::take(&mut slot.waiting)
            });
            let mut batch = batch.unwrap_or_default();
            if batch.is_empty() {
                return true;
            }
            while let Some((since, letter)) = batch.pop_front() {
                if let Err(letter) = self.send_on(shard, letter) {
                    batch.push_front((since, letter));
                    self.with(shard, |slot| {
                        batch.append(&mut slot.waiting);
                        slot.waiting = mem::take(&mut batch);
                    });
                    return false;
                }
            }
        }
    }

    /// Sends a message on that has waited, and gives its place free; gives it back when there is no room for it.
    fn send_on(&self, shard: u32, letter: Letter<M>) -> Result<(), Letter<M>> {
        let Letter { again, entity, message, .. } = letter;
        let there = self.look(shard, |slot| match &slot.way {
            Way::There(there) => Some(Arc::clone(there)),
            Way::Here(_) | Way::Nowhere => None,
        });
        let back = |message| Letter { again, ..Letter::new(entity.clone(), message) };
        let Some(there) = there.flatten() else {
            let epoch = self.look(shard, |slot| slot.home().map_or(0, |home| home.epoch)).unwrap_or(0);
            match self.take_in(epoch, Going { reserved: true, ..Going::new(&entity, true, message) }) {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(refused)) => self.dead(&entity, refused),
                Err(message) => return Err(back(message)),
            }
            return Ok(());
        };
        let tell = |message| there.tell((&entity, again), &message, None).map_err(|error| (error, message));
        match self.guarded(&entity, message, tell) {
            Err((Unwritten::Full | Unwritten::Lost | Unwritten::Late, message)) => return Err(back(message)),
            Err((Unwritten::Long, message)) => {
                self.dead(&entity, Refused { reason: DeadReason::Unencodable, message })
            }
            Ok(()) => {}
        }
        self.unreserve(1);
        Ok(())
    }

    /// Tells an entity something on the region's turn.
    pub(in crate::node::sharding) fn tell_guarded(&self, entity: &EntityName, message: M) {
        if let Err(refused) = self.guarded(entity, message, |message| self.tell(entity, false, message)) {
            self.dead(entity, refused);
        }
    }

    /// Writing a message, and dropping what was written, is a user's code, and here nobody else's turn: one that panics is a dead letter.
    fn guarded<T, E>(
        &self,
        entity: &EntityName,
        what: T,
        send: impl Fn(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let (world, mut what, mut sent) = (self.world(), Some(what), Ok(()));
        let guarded = world.executor().guard(&mut || {
            if let Some(what) = what.take() {
                sent = send(what);
            }
        });
        if guarded.is_err() {
            let whom = Whom::new(self.region.to_any(), entity.clone());
            world.dead_letter(DeadReason::Unencodable, &whom, type_name::<M>());
        }
        sent
    }

    /// What has waited too long for its shard is dead; whether something still waits.
    pub(in crate::node::sharding) fn expire(&self, now: Instant, timeout: Duration) -> bool {
        self.noted.store(false, Ordering::Relaxed);
        let mut some = false;
        for shard in 0..self.shards() {
            let late = self.look(shard, |slot| {
                let late = slot.waiting.iter().take_while(|(since, _)| *since + timeout <= now).count();
                let late: Vec<(Instant, Letter<M>)> = slot.waiting.drain(..late).collect();
                some |= !slot.waiting.is_empty();
                late
            });
            for (_, Letter { entity, message, .. }) in late.unwrap_or_default() {
                self.unreserve(1);
                self.dead(&entity, Refused { reason: DeadReason::ShardUnavailable, message });
            }
        }
        if some {
            self.noted.store(true, Ordering::Relaxed);
        }
        some
    }

    /// The region ends: whatever waits is dead.
    pub(in crate::node::sharding) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let mut left: Vec<(EntityName, M)> = Vec::new();
        let early = self.early.with(mem::take);
        left.extend(early.into_iter().map(|letter| (letter.entity, letter.message)));
        for shard in 0..self.shards() {
            let slot = self.with(shard, |slot| {
                let way = slot.turn(Way::Nowhere);
                slot.flushing = false;
                (way, mem::take(&mut slot.waiting))
            });
            let Some((way, waiting)) = slot else { continue };
            left.extend(waiting.into_iter().map(|(_, letter)| (letter.entity, letter.message)));
            match way {
                Way::Here(mut home) => {
                    for (entity, waiting) in home.take_all() {
                        left.extend(waiting.into_iter().map(|message| (entity.clone(), message)));
                    }
                }
                Way::There(_) | Way::Nowhere => {}
            }
        }
        self.unreserve(left.len());
        for (entity, message) in left {
            self.dead(&entity, Refused { reason: DeadReason::Stopped, message });
        }
    }
}
