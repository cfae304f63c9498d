//! What the nodes of a scene have, each on a process of its own, and what became of it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use casty::prelude::*;
use casty::simulation::Host;
use casty::{Membership, Remote};

use crate::shard_checker::Ledger;
use crate::swarm_of_clusters::world::{Plan, World};

/// A cluster, and an actor on each of its nodes.
pub(crate) struct Seats<M: Remote> {
    pub(crate) world: World,
    pub(crate) ledger: Ledger,
    pub(crate) host: Host,
    /// The actor of each node, and its process.
    taken: RefCell<BTreeMap<usize, (ActorRef<M>, u64)>>,
    processes: Cell<u64>,
}

impl<M: Remote> Seats<M> {
    pub(crate) fn new(host: Host, plan: Plan) -> Self {
        let world = World::new(host.clone(), plan);
        Self { world, ledger: Ledger::default(), host, taken: RefCell::default(), processes: Cell::new(0) }
    }

    /// Starts the system of a node.
    pub(crate) async fn boot(&self, node: usize, membership: Option<Membership>) {
        match membership {
            Some(membership) => self.world.start_with(node, membership).await,
            None => self.world.start(node).await,
        }
    }

    /// Spawns the actor of a node, on a process that nobody was on before.
    pub(crate) fn sit(&self, node: usize, behavior: impl FnOnce(u64) -> Behavior<M>, name: &str) {
        self.processes.set(self.processes.get() + 1);
        let process = self.processes.get();
        let actor = self.world.spawn(node, behavior(process), name);
        self.taken.borrow_mut().insert(node, (actor, process));
    }

    pub(crate) fn actor(&self, node: usize) -> ActorRef<M> {
        self.taken.borrow()[&node].0.clone()
    }

    pub(crate) fn process(&self, node: usize) -> u64 {
        self.taken.borrow()[&node].1
    }

    pub(crate) fn kill(&self, node: usize) {
        self.ledger.died(self.process(node));
        self.world.kill(node);
    }

    pub(crate) fn vanish(&self, node: usize) {
        self.ledger.died(self.process(node));
        self.world.vanish(node);
    }

    /// Waits until a question is answered.
    ///
    /// # Panics
    /// When it takes longer.
    pub(crate) async fn answered<T>(
        &self,
        ask: impl AsyncFn() -> Result<T, AskError>,
        within: Duration,
        who: &str,
    ) -> T {
        let end = self.world.now() + within;
        loop {
            match ask().await {
                Ok(answer) => return answer,
                Err(error) => assert!(self.world.now() < end, "{who} does not answer: {error}"),
            }
            self.world.pass(millis(20)).await;
        }
    }

    /// Waits until so many numbers of a sender were handled.
    ///
    /// # Panics
    /// When it takes longer.
    pub(crate) async fn all_handled(&self, sender: u64, numbers: usize, within: Duration) {
        let end = self.world.now() + within;
        while self.ledger.count(sender) < numbers {
            let count = self.ledger.count(sender);
            assert!(self.world.now() < end, "{count} of {numbers} of {sender} were handled");
            self.world.pass(millis(50)).await;
        }
    }
}
