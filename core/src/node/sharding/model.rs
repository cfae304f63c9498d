//! The ways of a region that never has a turn, for tests that look at them alone.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::iter;
use serde::{Deserialize, Serialize};

use super::envelope::ShardEnvelope;
use super::name::EntityName;
use super::routes::Routes;
use super::slot::{Home, Way};
use crate::actor::{ActorRef, Behavior, Limits, Newborn, SpawnOptions, World};
use crate::dispatch::Crew;
use crate::executor::Nowhere;
use crate::remote::{Line, Peer, Remote};
use crate::sync::Arc;
use crate::time::Instant;

/// What an entity is told.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Told(pub(super) u8);

impl Remote for Told {
    const NAME: &'static str = "model.Told";
}

/// The only shard, and the epoch in which it is here.
pub(super) const SHARD: u32 = 0;
pub(super) const EPOCH: u64 = 7;

/// A region of one shard, and an actor that is its entity.
pub(super) struct Model {
    pub(super) world: Arc<World>,
    pub(super) routes: Arc<Routes<Told>>,
    pub(super) entity: ActorRef<Told>,
}

pub(super) fn name() -> EntityName {
    EntityName::new("one")
}

impl Model {
    pub(super) fn new() -> Self {
        let world =
            Arc::new(World::new("model".into(), Box::new(Nowhere), Crew::of(&Nowhere), Limits::default(), 1));
        let routes = Arc::new(Routes::new(actor(&world)));
        routes.begin(1, 100);
        let entity = actor(&world);
        Self { world, routes, entity }
    }

    /// The shard is here, and its entity lives.
    pub(super) fn here(&self) -> Way<Told> {
        here(&self.entity)
    }
}

/// The shard is here, and that is its entity.
pub(super) fn here(entity: &ActorRef<Told>) -> Way<Told> {
    let mut home = Home::new(EPOCH, 0, Vec::new());
    home.wake(&name());
    home.started(&name(), entity);
    Way::Here(home)
}

/// What an actor was told, in its order.
pub(super) fn told(actor: &ActorRef<Told>) -> Vec<u8> {
    let inbox = actor.inbox();
    iter::from_fn(|| inbox?.lanes.leftover()).map(|Told(number)| number).collect()
}

/// The region turns a way, as it does: what waits is to be flushed then.
pub(super) fn turn(routes: &Routes<Told>, way: Way<Told>) {
    let old = routes.with(SHARD, |slot| {
        slot.flushing = true;
        slot.turn(way)
    });
    drop(old);
}

/// The region lets what comes wait.
pub(super) fn hold(routes: &Routes<Told>) {
    let held = routes.with(SHARD, |slot| slot.hold(Instant::ORIGIN));
    drop(held);
}

/// An actor that never has a turn.
pub(super) fn actor<M: Send + 'static>(world: &Arc<World>) -> ActorRef<M> {
    actor_with(world, SpawnOptions::anonymous())
}

/// The same, with these options.
pub(super) fn actor_with<M: Send + 'static>(world: &Arc<World>, options: SpawnOptions<M>) -> ActorRef<M> {
    let newborn = Newborn { behavior: Behavior::ignore(), options, guarded: false };
    World::spawn(world, newborn).unwrap()
}

/// A region on another node.
pub(super) fn region(peer: &Arc<Peer>, number: u64) -> Arc<Line<ShardEnvelope<Told>>> {
    Arc::new(Line::new(Arc::clone(peer), number, "region".into()))
}
