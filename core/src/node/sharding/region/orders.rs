//! What the machines of a region want done, done.

use alloc::vec::Vec;

use super::{LOOK, Region};
use crate::actor::{Context, World};
use crate::cluster::sharding::{Key, Order, Spread};
use crate::log::Level;
use crate::node::sharding::envelope::ShardEnvelope;
use crate::node::sharding::event::{PlacementRefused, ShardsRefused};
use crate::node::sharding::slot::Way;
use crate::remote::Remote;
use crate::sync::Arc;
use crate::time::Instant;

impl<M: Remote> Region<M> {
    pub(super) fn obey(&mut self, ctx: &mut Context<ShardEnvelope<M>>, order: Order) {
        match order {
            Order::Say(to, word) => self.say(to, word),
            Order::Open(shard, epoch) => {
                self.routing.remove(&shard);
                self.take_up(ctx, shard, epoch);
            }
            Order::Route(shard, epoch, owner) => {
                self.routing.insert(shard, (epoch, owner));
                self.route(shard, epoch, owner);
            }
            Order::Hold(shard) => {
                self.routing.remove(&shard);
                self.hold(shard);
            }
            Order::Shut(shard) => self.shut(shard),
            Order::Empty(shard) => {
                // Of a node that leaves they have half of its time: the rest is for what moves along.
                let (now, timeout) = (ctx.now(), self.shards.handoff_timeout);
                let left = self.leaves_at.map_or(timeout, |at| (at - now).saturating_sub(timeout / 2));
                self.entities.empty(ctx, shard, now + left);
            }
            Order::Vacate(shard) => {
                self.hold(shard);
                self.entities.vacated(ctx, shard);
            }
            // Whom this node does not know as a member is none any more.
            Order::Fetch(_, from, _) if !self.others.knows(from) => self.tenancy.gone(from),
            Order::Fetch(shard, from, epoch) => self.baggage.fetch(shard, from, epoch),
            Order::Abandon(shard) => self.baggage.abandon(shard),
            Order::Unlock(shard) => self.entities.unlock(ctx, shard),
            Order::Discard(shard) => self.baggage.discard(shard),
            Order::Refused(theirs) => {
                self.refused = true;
                let here = self.shards.count;
                ctx.log(Level::Error, format_args!("this node has {here} shards, the others have {theirs}"));
                ctx.world().events().publish(|| ShardsRefused { path: ctx.path(), here, theirs });
            }
            Order::Left => self.go(ctx),
        }
    }

    /// What the entities of a shard left is kept for whoever has it next.
    pub(super) fn pack_up(&mut self, now: Instant, shard: u32) {
        let left = self.routes.with(shard, |slot| slot.home().map(|home| (home.epoch, home.take_luggage())));
        if let Some((epoch, luggage)) = left.flatten().filter(|(_, luggage)| !luggage.is_empty()) {
            self.baggage.keep(now, (shard, epoch), &luggage);
        }
    }

    /// A shard that was to move is not here any more.
    pub(super) fn emptied(&mut self, shard: u32) {
        self.tenancy.emptied(shard, self.baggage.keeps(shard));
    }

    /// Lets what is for a shard wait: nothing goes there any more behind what this region says from now on.
    pub(super) fn hold(&mut self, shard: u32) {
        self.blocked.remove(&shard);
        let now = self.routes.world().now();
        let Some((old, waits)) = self.routes.with(shard, |slot| slot.hold(now)) else { return };
        drop(old);
        if waits {
            self.waits_until.get_or_insert(now + LOOK);
        }
    }

    pub(super) fn route_all(&mut self, key: Key) {
        let there = self.routing.iter().filter(|(_, (_, owner))| *owner == key);
        let there: Vec<(u32, u64)> = there.map(|(shard, (epoch, _))| (*shard, *epoch)).collect();
        for (shard, epoch) in there {
            self.route(shard, epoch, key);
        }
    }

    /// Sends what is for a shard there, if the region there is known, and lets it wait otherwise.
    fn route(&mut self, shard: u32, epoch: u64, owner: Key) {
        let Some(line) = self.others.line(owner) else { return self.hold(shard) };
        self.routing.remove(&shard);
        if let Some(way) = self.routes.way_to(shard, epoch, line) {
            self.hold(shard);
            self.open(shard, way);
        }
    }

    /// Lets what is for a shard go there, first what waits.
    pub(super) fn open(&mut self, shard: u32, way: Way<M>) {
        let old = self.routes.with(shard, |slot| {
            slot.flushing = true;
            slot.turn(way)
        });
        drop(old);
        self.flush(shard);
    }

    pub(super) fn flush(&mut self, shard: u32) {
        if !self.routes.flush(shard) {
            self.blocked.insert(shard);
        }
    }

    /// Says what the rule by which shards are given out has got wrong.
    pub(super) fn complain(&mut self, ctx: &Context<ShardEnvelope<M>>) {
        for (shard, node) in self.office.refusals() {
            ctx.log(Level::Error, format_args!("shard {shard} cannot be at {node}, which takes none"));
            ctx.world().events().publish(|| PlacementRefused { path: ctx.path(), shard, node });
        }
    }
}

/// The same, whose functions are a user's: one that panics ends no region.
pub(super) fn guarded(spread: &Spread, world: &Arc<World>) -> Spread {
    let world = Arc::clone(world);
    let guard = move |run: &mut dyn FnMut()| world.executor().guard(run).is_ok();
    Spread { allocation: spread.allocation.clone().guarded(guard), ..spread.clone() }
}
