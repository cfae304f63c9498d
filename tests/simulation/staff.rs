//! Workers on the nodes of a cluster, who are found by what they do.

use std::time::Duration;

use casty::prelude::*;
use casty::simulation::{Host, Simulation, sweep_over};
use casty::{Listing, Remote, ServiceKey};
use serde::{Deserialize, Serialize};

use crate::swarm_of_clusters::world::{Plan, World};

/// What a worker is told.
#[derive(Clone, Serialize, Deserialize, Debug)]
pub(crate) enum Job {
    /// Asks for the number of the worker's node.
    Who(Question),
    /// Work of that key.
    Work(u64),
    /// Asks which work it has done.
    Done(Question),
    /// Takes so many seconds.
    Nap(u64),
    Stop,
    Fail,
}

/// Who wants to know. Only a question that is told once is cloned: the clone asks nothing.
#[derive(Serialize, Deserialize, Debug)]
pub(crate) struct Question(Option<ReplyTo<Vec<u64>>>);

impl Clone for Question {
    fn clone(&self) -> Self {
        Self(None)
    }
}

impl Question {
    pub(crate) fn answer(self, answer: Vec<u64>) {
        if let Some(reply) = self.0 {
            reply.tell(answer);
        }
    }
}

impl Remote for Job {
    const NAME: &'static str = "staff.Job";
}

impl Job {
    pub(crate) const fn who(reply: ReplyTo<Vec<u64>>) -> Self {
        Self::Who(Question(Some(reply)))
    }

    pub(crate) const fn done(reply: ReplyTo<Vec<u64>>) -> Self {
        Self::Done(Question(Some(reply)))
    }
}

/// A job of another type.
#[derive(Serialize, Deserialize, Debug)]
pub(crate) struct Errand;

impl Remote for Errand {
    const NAME: &'static str = "staff.Errand";
}

pub(crate) const WORKERS: ServiceKey<Job> = ServiceKey::new("workers");

/// A worker on that node.
pub(crate) fn worker(node: usize) -> Behavior<Job> {
    Behavior::fold(Vec::new(), move |mut done, _ctx, job| match job {
        Job::Who(question) => {
            question.answer(vec![node as u64]);
            Step::Keep(done)
        }
        Job::Work(key) => {
            done.push(key);
            Step::Keep(done)
        }
        Job::Done(question) => {
            question.answer(done.clone());
            Step::Keep(done)
        }
        Job::Nap(_) => Step::Keep(done),
        Job::Stop => Step::Become(Behavior::stopped()),
        Job::Fail => Step::Become(Behavior::fail("told to")),
    })
}

/// Plays a scene in a cluster of so many nodes that are up, in a few orders.
pub(crate) fn scene(nodes: usize, scene: impl AsyncFn(&World)) {
    sweep_over(0..3, |simulation: Simulation| {
        simulation.steps_max(600_000).run(async |host: Host| {
            let world = World::formed(host, Plan { nodes, ..Plan::default() }).await;
            scene(&world).await;
        });
    });
}

/// Waits until that holds.
///
/// # Panics
/// When it takes longer.
pub(crate) async fn until(world: &World, within: Duration, holds: impl Fn() -> bool, what: &str) {
    let end = world.now() + within;
    while !holds() {
        assert!(
            world.now() < end,
            "{what}: {:?}",
            world.running().iter().map(|node| seen(world, *node)).collect::<Vec<_>>()
        );
        world.pass(millis(20)).await;
    }
}

pub(crate) fn listing(world: &World, node: usize) -> Listing<Job> {
    world.services(node).find(&WORKERS).unwrap()
}

/// Where a node sees workers: the name of the node, which is empty for its own, and that of the worker.
pub(crate) fn seen(world: &World, node: usize) -> Vec<String> {
    let name = |worker: &ActorRef<Job>| {
        let path = worker.path();
        format!("{}/{}", path.node().map_or_else(|| format!("n{node}"), String::from), path.name())
    };
    let mut names: Vec<String> = listing(world, node).iter().map(name).collect();
    names.sort();
    names
}

/// Whether all of these nodes see these workers.
pub(crate) fn all_see(world: &World, nodes: &[usize], workers: &[&str]) -> bool {
    nodes.iter().all(|node| seen(world, *node) == workers)
}
