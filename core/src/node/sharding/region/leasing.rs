//! A region whose shard is open only while its node holds a lease.

mod asking;
mod late;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Region;
use crate::actor::{Context, World};
use crate::cluster::sharding::{Grant, Leasehold, Step, Wish};
use crate::lease::{Claim, LeaseError, Leases};
use crate::log::Level;
use crate::node::sharding::baggage::Garbled;
use crate::node::sharding::envelope::{Note, ShardEnvelope};
use crate::node::sharding::event::SingletonWaits;
use crate::node::sharding::settings::Shards;
use crate::node::sharding::slot::{Home, Way};
use crate::remote::{Hub, Remote};
use crate::sync::Arc;
use crate::time::Instant;

use asking::{Asking, Question};
use late::Late;

/// The lease of a region, and the shard that goes with it.
pub(super) struct Leasing {
    leases: Arc<dyn Leases>,
    claim: Claim,
    hold: Leasehold,
    /// What the service gives of this claim when it is not waited for.
    late: Arc<Late>,
    /// Who asks, but for the epoch of the shard: with that each time is another, so that what is given back late is not what was taken since.
    owner: String,
    /// The shard that is here, and its epoch.
    shard: Option<(u32, u64)>,
    /// It is about to move: nothing begins any more.
    shut: bool,
    /// It has closed, and is to move when the lease is given back.
    closed: Option<u32>,
}

impl Leasing {
    /// What a region needs whose settings say that there is a lease.
    pub(super) fn of<M: Remote>(
        ctx: &Context<ShardEnvelope<M>>,
        hub: &Hub,
        settings: &Shards,
    ) -> Option<Self> {
        let sole = settings.sole.as_ref()?;
        let leases = Arc::clone(sole.lease.as_ref()?);
        let path = ctx.path().below();
        let above = path.rsplit_once('/').map_or(path.as_str(), |(above, _)| above);
        let name = format!("{}/{above}", ctx.world().name());
        let owner = format!("{}/{}", hub.me(), ctx.me().id().number());
        let hold = Leasehold::new(sole.lease_ttl);
        let claim = Claim { name, owner: owner.clone(), ttl: sole.lease_ttl };
        Some(Self {
            leases,
            claim,
            hold,
            late: Arc::default(),
            owner,
            shard: None,
            shut: false,
            closed: None,
        })
    }

    fn want(&mut self, world: &Arc<World>, shard: u32, epoch: u64) {
        let owner = format!("{}.{epoch}", self.owner);
        if owner != self.claim.owner {
            self.give_late_back(world);
            (self.claim.owner, self.late) = (owner, Arc::default());
        }
        (self.shard, self.shut) = (Some((shard, epoch)), false);
        self.hold.want(world.now());
    }
}

impl<M: Remote> Region<M> {
    /// A shard is here: it opens at once, or when the lease is held.
    pub(super) fn take_up(&mut self, ctx: &mut Context<ShardEnvelope<M>>, shard: u32, epoch: u64) {
        if self.leasing.is_some() {
            self.lock(shard, Some(epoch));
        }
        match &mut self.leasing {
            Some(leasing) => leasing.want(ctx.world(), shard, epoch),
            None => self.settle(ctx, shard, epoch),
        }
    }

    /// What is for a shard waits, also where it is known to be here in that epoch.
    fn lock(&mut self, shard: u32, epoch: Option<u64>) {
        self.hold(shard);
        self.routes.with(shard, |slot| slot.locked = epoch);
    }

    fn settle(&mut self, ctx: &mut Context<ShardEnvelope<M>>, shard: u32, epoch: u64) {
        self.entities.remember(ctx, shard);
        let parcels = self.baggage.take(shard).unwrap_or_else(|Garbled| {
            ctx.log(Level::Error, format_args!("what came with shard {shard} cannot be read"));
            Vec::new()
        });
        self.open(shard, Way::Here(Home::new(epoch, self.routes.tick(), parcels)));
        if !self.tenancy.is_locked(shard) {
            self.entities.unlock(ctx, shard);
        }
        self.entities.wake(ctx);
    }

    /// A shard is about to move.
    pub(super) fn shut(&mut self, shard: u32) {
        self.leasing.iter_mut().for_each(|leasing| leasing.shut = true);
        self.routes.with(shard, |slot| {
            if let Some(home) = slot.home() {
                home.open = false;
            }
        });
    }

    /// Nothing lives in a shard that is to move: it does, at once or when the lease is given back.
    pub(super) fn vacate(&mut self, now: Instant, shard: u32) {
        self.pack_up(now, shard);
        if self.leasing.is_none() {
            return self.emptied(shard);
        }
        // Nothing may begin there any more.
        self.lock(shard, None);
        if let Some(leasing) = &mut self.leasing {
            (leasing.shard, leasing.closed) = (None, Some(shard));
            leasing.hold.give_back();
        }
    }

    /// Whether the node may go, as no lease is held.
    pub(super) fn owes_nothing(&self) -> bool {
        self.leasing.as_ref().is_none_or(|leasing| leasing.hold.is_free())
    }

    /// Does what the lease wants done; whether there was something.
    pub(super) fn lease_on(&mut self, ctx: &mut Context<ShardEnvelope<M>>) -> bool {
        let goes = self.goes && ctx.world().is_open();
        let Some(leasing) = &mut self.leasing else { return false };
        if let Some(step) = leasing.hold.poll() {
            self.take_step(ctx, step);
            return true;
        }
        if self.entities.count() > 0 {
            return false;
        }
        leasing.hold.vacated(ctx.now());
        if !goes || leasing.hold.is_free() {
            return false;
        }
        leasing.hold.give_back();
        let more = leasing.hold.has_more();
        if let Some((shard, _)) = leasing.shard.take() {
            self.lock(shard, None);
        }
        more
    }

    fn take_step(&mut self, ctx: &mut Context<ShardEnvelope<M>>, step: Step) {
        let Some(leasing) = &mut self.leasing else { return };
        match step {
            Step::Ask(number, wish) => {
                let asking = leasing.asking(ctx.world(), wish);
                ctx.pipe_to_self(asking, move |answer| {
                    let panicked = |_| LeaseError::Failed(String::from("the task that asks has ended"));
                    ShardEnvelope::note(Note::Leased(number, answer.map_err(panicked).and_then(|it| it)))
                });
            }
            Step::Begin => {
                if let Some((shard, epoch)) = leasing.shard.filter(|_| !leasing.shut) {
                    self.settle(ctx, shard, epoch);
                }
            }
            Step::End => {
                if let Some((shard, epoch)) = leasing.shard {
                    self.lock(shard, Some(epoch));
                }
                self.entities.evict(ctx);
            }
            Step::Done => {
                leasing.give_late_back(ctx.world());
                if let Some(shard) = leasing.closed.take() {
                    self.emptied(shard);
                }
            }
        }
    }

    /// The service of leases has answered.
    pub(super) fn leased(
        &mut self,
        ctx: &Context<ShardEnvelope<M>>,
        number: u64,
        answer: Result<u64, LeaseError>,
    ) {
        let Some(leasing) = &mut self.leasing else { return };
        let grant = match &answer {
            Ok(epoch) => Grant::Given(*epoch),
            Err(LeaseError::Held { .. } | LeaseError::Lost) => Grant::Refused,
            Err(LeaseError::Failed(_)) => Grant::Unknown,
        };
        if let Err(error) = answer {
            ctx.log(Level::Warn, format_args!("the lease {}: {error}", leasing.claim.name));
            ctx.world().events().publish(|| SingletonWaits { path: ctx.path(), error: error.clone() });
        }
        leasing.hold.answered(ctx.now(), number, grant);
    }

    /// Time has passed.
    pub(super) fn tick_lease(&mut self, now: Instant) {
        self.leasing.iter_mut().for_each(|leasing| leasing.hold.tick(now));
    }

    /// When that is due.
    pub(super) fn lease_deadline(&self) -> Option<Instant> {
        self.leasing.as_ref().and_then(|leasing| leasing.hold.deadline())
    }

    /// The region ends: nobody waits for the answer any more.
    pub(super) fn let_lease_go(&self) {
        let Some(leasing) = &self.leasing else { return };
        leasing.give_late_back(self.routes.world());
        let Some(rest) = leasing.hold.rest() else { return };
        let (world, patience, late) =
            (Arc::clone(self.routes.world()), leasing.hold.patience(), Arc::clone(&leasing.late));
        let (leases, claim) = (Arc::clone(&leasing.leases), leasing.claim.clone());
        let asking = move |wish| {
            Asking::new(&world, (Arc::clone(&leases), claim.clone(), wish), patience).or_late(&late)
        };
        let rests = async move {
            if let (Wish::Acquire, Ok(epoch)) = (rest, asking(rest).await) {
                drop(asking(Wish::Release(epoch)).await);
            }
        };
        self.routes.world().executor().spawn(Box::pin(rests));
    }
}

impl Leasing {
    fn question(&self, wish: Wish) -> Question {
        (Arc::clone(&self.leases), self.claim.clone(), wish)
    }

    fn asking(&self, world: &Arc<World>, wish: Wish) -> Asking {
        Asking::new(world, self.question(wish), self.hold.patience()).or_late(&self.late)
    }

    /// The lease is not wanted any more: gives back what was given too late.
    fn give_late_back(&self, world: &Arc<World>) {
        if let Some(epoch) = self.late.unwanted() {
            let back = self.asking(world, Wish::Release(epoch));
            world.executor().spawn(Box::pin(async { drop(back.await) }));
        }
    }
}
