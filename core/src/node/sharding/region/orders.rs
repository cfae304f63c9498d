//! What the machines of a region want done, done.

use alloc::vec::Vec;
use core::mem;

use super::Region;
use crate::actor::Context;
use crate::cluster::sharding::{Key, Order};
use crate::log::Level;
use crate::node::sharding::baggage::Garbled;
use crate::node::sharding::envelope::ShardEnvelope;
use crate::node::sharding::event::ShardsRefused;
use crate::node::sharding::slot::{Home, Way};
use crate::remote::Remote;
use crate::time::Instant;

impl<M: Remote> Region<M> {
    pub(super) fn obey(&mut self, ctx: &mut Context<ShardEnvelope<M>>, order: Order) {
        match order {
            Order::Say(to, word) => self.say(to, word),
            Order::Open(shard, epoch) => {
                self.routing.remove(&shard);
                let parcels = self.baggage.take(shard).unwrap_or_else(|Garbled| {
                    ctx.log(Level::Error, format_args!("what came with shard {shard} cannot be read"));
                    Vec::new()
                });
                self.open(shard, Way::Here(Home::new(epoch, self.routes.tick(), parcels)));
            }
            Order::Route(shard, epoch, owner) => {
                self.hold(shard);
                self.routing.insert(shard, (epoch, owner));
                self.route(shard, epoch, owner);
            }
            Order::Hold(shard) => {
                self.routing.remove(&shard);
                if self.hold(shard) {
                    self.tenancy.quiet(shard);
                }
            }
            Order::Shut(shard) => {
                self.routes.with(shard, |slot| {
                    if let Some(home) = slot.home() {
                        home.open = false;
                    }
                });
            }
            Order::Empty(shard) => {
                // Of a node that leaves they have half of its time: the rest is for what moves along.
                let (now, timeout) = (ctx.now(), self.shards.handoff_timeout);
                let left = self.leaves_at.map_or(timeout, |at| (at - now).saturating_sub(timeout / 2));
                self.entities.empty(ctx, shard, now + left);
            }
            Order::Vacate(shard) => {
                self.hold(shard);
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

    /// Nothing lives in a shard any more: what its entities left is kept for whoever has it next.
    pub(super) fn emptied(&mut self, now: Instant, shard: u32) {
        let left = self.routes.with(shard, |slot| slot.home().map(|home| (home.epoch, home.take_luggage())));
        let left = left.flatten().filter(|(_, luggage)| !luggage.is_empty());
        if let Some((epoch, luggage)) = &left {
            self.baggage.keep(now, (shard, *epoch), luggage);
        }
        self.tenancy.emptied(shard, left.is_some());
    }

    /// Lets what is for a shard wait; whether nothing is on its way there.
    fn hold(&mut self, shard: u32) -> bool {
        self.blocked.remove(&shard);
        let held = self.routes.with(shard, |slot| {
            let old = mem::replace(&mut slot.way, Way::Nowhere);
            slot.flushing = false;
            slot.wants_quiet = slot.under_way > 0;
            (old, !slot.wants_quiet)
        });
        let Some((old, quiet)) = held else { return true };
        if let Way::Here(mut home) = old {
            // What has come since the last entity stopped.
            self.routes.hold_again(home.take_all());
        }
        quiet
    }

    pub(super) fn route_all(&mut self, key: Key) {
        let there = self.routing.iter().filter(|(_, (_, owner))| *owner == key);
        let there: Vec<(u32, u64)> = there.map(|(shard, (epoch, _))| (*shard, *epoch)).collect();
        for (shard, epoch) in there {
            self.route(shard, epoch, key);
        }
    }

    /// Sends what is for a shard there, if the region there is known.
    fn route(&mut self, shard: u32, epoch: u64, owner: Key) {
        let Some(region) = self.others.region(owner) else { return };
        self.routing.remove(&shard);
        self.open(shard, Way::There { epoch, region });
    }

    /// Lets what is for a shard go there, first what waits.
    fn open(&mut self, shard: u32, way: Way<M>) {
        let old = self.routes.with(shard, |slot| {
            slot.flushing = true;
            mem::replace(&mut slot.way, way)
        });
        drop(old);
        self.flush(shard);
    }

    pub(super) fn flush(&mut self, shard: u32) {
        if !self.routes.flush(shard) {
            self.blocked.insert(shard);
        }
    }
}
