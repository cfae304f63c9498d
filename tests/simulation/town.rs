//! A cluster whose nodes host entities, in virtual time.

use std::ops::Deref;
use std::rc::Rc;
use std::time::Duration;

use casty::prelude::*;
use casty::simulation::{Host, NetworkFaults, Simulation, sweep_over};
use casty::{Entities, EntityRef, Executor, Membership, Remote, ShardEnvelope, Shards};
use serde::{Deserialize, Serialize, Serializer};

use crate::seats::Seats;
use crate::shard_checker::Ledger;
use crate::swarm_of_clusters::world::Plan;

/// What an entity of these scenes understands.
#[derive(Serialize, Deserialize)]
pub(crate) enum Visit {
    /// A number of a sender.
    Note(u64, u64),
    /// The process that it lives on, and which life it is.
    Where(ReplyTo<(u64, u64)>),
    /// Tells another entity the number.
    Pass(EntityRef<Self>, u64, u64),
    Stop,
    Fail,
    /// It cannot be written.
    Burst(Unwritten),
    /// One more: how many that are.
    Count(ReplyTo<u64>),
    /// From now on numbers are set aside, or not any more.
    Closed(bool),
    /// A number of a sender, to be noted in so many milliseconds.
    Later(u64, u64, u64),
    /// A count, every so many milliseconds.
    Every(u64),
    Again,
    /// To have so many bytes.
    Grow(u64),
    /// A question that is a part of the state, until it is answered.
    Keep(ReplyTo<u64>),
    Answer,
    /// To have a state that can be written (0), cannot (1), or panics when it is.
    Spoil(u8),
    /// To have a child that does not end for a minute.
    Bear,
}

/// Panics when it is written.
#[derive(Deserialize)]
pub(crate) struct Unwritten;

impl Serialize for Unwritten {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        std::panic::resume_unwind(Box::new("planned"))
    }
}

impl Remote for Visit {
    const NAME: &'static str = "town.Visit";
}

/// An entity on a process.
pub(crate) fn visited(id: &str, process: u64, ledger: &Ledger) -> Behavior<Visit> {
    let (id, ledger) = (String::from(id), ledger.clone());
    Behavior::setup(move |_| {
        let life = ledger.begins(&id, process);
        let (id, ledger, end) = (id.clone(), ledger.clone(), ledger.clone());
        let visited = Behavior::receive_message(move |visit| {
            match visit {
                Visit::Note(sender, number) => ledger.handled(&id, sender, number),
                Visit::Where(reply) => reply.tell((process, life)),
                Visit::Pass(other, sender, number) => other.tell(Visit::Note(sender, number)),
                Visit::Stop => return Behavior::stopped(),
                Visit::Fail => return Behavior::fail("told to"),
                _ => {}
            }
            Behavior::same()
        });
        visited.on_stop(move |_| end.ends(life))
    })
}

/// An entity that is busy for a minute with everything but the question where it is.
pub(crate) fn sleeper(id: &str, process: u64, ledger: &Ledger, host: &Host) -> Behavior<Visit> {
    let (id, ledger, host) = (String::from(id), ledger.clone(), host.clone());
    Behavior::setup(move |_| {
        let life = ledger.begins(&id, process);
        let (host, end) = (host.clone(), ledger.clone());
        let sleeps = Behavior::receive_async(move |_, visit| {
            let host = host.clone();
            async move {
                match visit {
                    Visit::Where(reply) => reply.tell((process, life)),
                    _ => host.sleep_until(host.now() + secs(60)).await,
                }
                Behavior::same()
            }
        });
        sleeps.on_stop(move |_| end.ends(life))
    })
}

/// The nodes, the regions on them, and what their entities have done. Clones are the same town.
#[derive(Clone)]
pub(crate) struct Town {
    seats: Rc<Seats<ShardEnvelope<Visit>>>,
    shards: Shards,
    entity: Entity,
}

impl Deref for Town {
    type Target = Seats<ShardEnvelope<Visit>>;

    fn deref(&self) -> &Self::Target {
        &self.seats
    }
}

/// What makes an entity of that name, on a process.
pub(crate) type Entity = fn(&str, u64, &Ledger) -> Behavior<Visit>;

/// What most scenes have.
pub(crate) fn shards() -> Shards {
    Shards::new(12).moves_pause(millis(500)).moves_max(4).moves_percent_max(100)
}

/// Plays a scene in a town of so many nodes that are up, in a few orders, and holds what the entities saw to what must hold always.
pub(crate) fn scene(nodes: usize, scene: impl AsyncFn(&Town)) {
    scene_of(Plan { nodes, ..Plan::default() }, shards(), scene);
}

pub(crate) fn scene_of(plan: Plan, shards: Shards, scene: impl AsyncFn(&Town)) {
    sweep_over(0..4, |simulation: Simulation| {
        simulation.steps_max(1_000_000).run(async |host: Host| {
            let town = Town::new(host, plan.clone(), shards.clone());
            town.form(plan.nodes).await;
            scene(&town).await;
            assert_eq!(town.ledger.violation(), None);
        });
    });
}

impl Town {
    pub(crate) fn new(host: Host, plan: Plan, shards: Shards) -> Self {
        Self { seats: Rc::new(Seats::new(host, plan)), shards, entity: visited }
    }

    /// The same town, of other entities.
    pub(crate) fn of(self, entity: Entity) -> Self {
        Self { entity, ..self }
    }

    /// Starts so many nodes, until all are up and each entity of a few can be reached.
    pub(crate) async fn form(&self, nodes: usize) {
        for node in 1..=nodes {
            self.start(node).await;
        }
        self.world.settled(&(1..=nodes).collect::<Vec<_>>(), secs(20)).await;
        self.answers(1, "first", secs(10)).await;
    }

    pub(crate) async fn start(&self, node: usize) {
        self.start_with(node, None, self.shards.clone()).await;
    }

    pub(crate) async fn start_with(&self, node: usize, membership: Option<Membership>, shards: Shards) {
        self.boot(node, membership).await;
        self.open(node, shards);
    }

    /// Spawns the region of a node.
    pub(crate) fn open(&self, node: usize, shards: Shards) {
        self.open_with(node, shards, self.entity);
    }

    /// Spawns the region of a node, with entities of its own kind.
    pub(crate) fn open_with(&self, node: usize, shards: Shards, entity: Entity) {
        let ledger = self.ledger.clone();
        let region = |process| Behavior::sharded(move |id: &str| entity(id, process, &ledger), shards);
        self.sit(node, region, "town");
    }

    /// Spawns another region on a node, whose entities sleep.
    pub(crate) fn sleepers(&self, node: usize, shards: Shards) -> ActorRef<ShardEnvelope<Visit>> {
        let (ledger, host, process) = (self.ledger.clone(), self.host.clone(), self.process(node));
        let behavior = Behavior::sharded(move |id: &str| sleeper(id, process, &ledger, &host), shards);
        self.world.spawn(node, behavior, "sleepers")
    }

    pub(crate) fn region(&self, node: usize) -> ActorRef<ShardEnvelope<Visit>> {
        self.actor(node)
    }

    pub(crate) fn entity(&self, node: usize, id: &str) -> EntityRef<Visit> {
        self.region(node).entity(id)
    }

    /// Waits until an entity answers, as seen from a node: from which process, and in which life.
    ///
    /// # Panics
    /// When it takes longer.
    pub(crate) async fn answers(&self, node: usize, id: &str, within: Duration) -> (u64, u64) {
        let ask = async || self.entity(node, id).ask(Visit::Where, secs(2)).await;
        self.answered(ask, within, &format!("{id}, as seen from node {node},")).await
    }

    /// Lets a sender on a node tell so many entities so many numbers each, one every two milliseconds; it goes on by itself.
    pub(crate) fn flow(&self, node: usize, sender: u64, entities: u64, numbers: u64) {
        self.flow_through(&self.region(node), sender, entities, numbers);
    }

    /// The same, of a sender that reaches entities through that region.
    pub(crate) fn flow_through(&self, region: &Entities<Visit>, sender: u64, entities: u64, numbers: u64) {
        let host = self.host.clone();
        let refs: Vec<EntityRef<Visit>> =
            (0..entities).map(|entity| region.entity(format!("entity-{entity}"))).collect();
        self.host.spawn(Box::pin(async move {
            for number in 1..=numbers {
                refs.iter().for_each(|entity| entity.tell(Visit::Note(sender, number)));
                host.sleep_until(host.now() + millis(2)).await;
            }
        }));
    }

    /// Waits until so many numbers of a sender were handled.
    ///
    /// # Panics
    /// When it takes longer.
    pub(crate) async fn handled(&self, sender: u64, numbers: usize, within: Duration) {
        self.all_handled(sender, numbers, within).await;
    }

    /// Waits until an entity that lives on one of these nodes lives nowhere, though all are told something every two milliseconds: its shard is on the move from there.
    ///
    /// # Panics
    /// When none moves.
    pub(crate) async fn moves_from(&self, nodes: &[usize]) -> usize {
        // So that a move takes longer than the time from one look to the next, and it is now an earlier and now a later part of it.
        self.world.weather(NetworkFaults { delay_max: millis(20), ..NetworkFaults::default() });
        let (before, end) = (self.ledger.homes(), self.world.now() + secs(10));
        let mut looks = 1 + self.world.chance() % 8;
        loop {
            let living = self.ledger.living();
            let gone: Vec<u64> = before
                .iter()
                .filter(|(entity, _)| !living.contains(*entity))
                .map(|(_, home)| *home)
                .collect();
            if let Some(node) = nodes.iter().find(|node| gone.contains(&self.process(**node))) {
                looks -= 1;
                if looks == 0 {
                    return *node;
                }
            }
            assert!(self.world.now() < end, "no shard moves");
            self.world.pass(millis(1)).await;
        }
    }

    /// Starts so many entities, and waits until all have answered a node.
    pub(crate) async fn populate(&self, node: usize, entities: u64) {
        for entity in 0..entities {
            self.answers(node, &format!("entity-{entity}"), secs(10)).await;
        }
    }
}
