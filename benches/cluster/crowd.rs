//! Many nodes in virtual time, and what they see of one of them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use casty::cluster::ClusterEvent;
use casty::prelude::*;
use casty::simulation::{FaultyNetwork, Host, NetworkFaults, Pausable};
use casty::{Executor, Instant, Membership, MemoryNetwork, Network, Node, NodeId};

use crate::counted::Counted;

/// A node that runs.
pub(crate) struct Seat {
    _system: ActorSystem,
    pub(crate) node: Node,
    pub(crate) machine: Pausable,
}

/// The nodes, and what they have seen.
pub(crate) struct Crowd {
    pub(crate) host: Host,
    network: FaultyNetwork<MemoryNetwork>,
    counted: Counted<FaultyNetwork<MemoryNetwork>>,
    pub(crate) seats: Vec<Seat>,
    seen: Arc<Mutex<Seen>>,
}

/// What was seen of the one that is looked at: by how many, and when first and last.
#[derive(Default)]
pub(crate) struct Seen {
    subject: Option<NodeId>,
    pub(crate) unreachable: Sightings,
    pub(crate) left: Sightings,
    pub(crate) down: Sightings,
}

/// How many have seen it, and when.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sightings {
    pub(crate) count: usize,
    pub(crate) first: Option<Instant>,
    pub(crate) last: Option<Instant>,
}

impl Sightings {
    fn note(&mut self, now: Instant) {
        self.count += 1;
        self.first.get_or_insert(now);
        self.last = Some(now);
    }
}

impl Seen {
    fn note(&mut self, now: Instant, event: &ClusterEvent) {
        let (sightings, member) = match event {
            ClusterEvent::MemberLeft(member) => (&mut self.left, member),
            ClusterEvent::Unreachable(member) => (&mut self.unreachable, member),
            ClusterEvent::MemberDowned(member) => (&mut self.down, member),
            _ => return,
        };
        if self.subject.as_ref() == Some(&member.id) {
            sightings.note(now);
        }
    }
}

/// More than these would only be asked in vain.
const SEEDS: usize = 3;

pub(crate) fn name(number: usize) -> String {
    format!("n{number}")
}

impl Crowd {
    /// Nobody yet.
    pub(crate) fn new(host: Host, faults: NetworkFaults) -> Self {
        let network = FaultyNetwork::new(host.clone(), MemoryNetwork::new());
        network.set(faults);
        let counted = Counted::new(network.clone());
        Self { host, network, counted, seats: Vec::new(), seen: Arc::default() }
    }

    /// Starts one more.
    pub(crate) async fn start(&mut self, membership: impl FnOnce(Membership) -> Membership) {
        let number = self.seats.len();
        let machine = Pausable::new(self.host.clone());
        let system = ActorSystem::on(machine.clone()).name("crowd").start().unwrap();
        let seen = Arc::clone(&self.seen);
        let ear = Behavior::receive(move |ctx: &mut Context<ClusterEvent>, event: ClusterEvent| {
            let now = ctx.now();
            seen.lock().unwrap_or_else(PoisonError::into_inner).note(now, &event);
            Behavior::same()
        });
        system.subscribe(&system.spawn(ear, "ear").unwrap());
        let network = Network::over(self.counted.over(self.network.at(&name(number))));
        let network = network.node(&name(number)).listen(&name(number)).insecure();
        let network = network.cluster(membership(Membership::seeds((0..SEEDS).map(name))));
        let node = network.start(&system).await.unwrap();
        self.seats.push(Seat { _system: system, node, machine });
    }

    /// Looks at that one from now on.
    pub(crate) fn look_at(&self, number: usize) {
        let subject = Some(self.seats[number].node.id().clone());
        self.seen(|seen| *seen = Seen { subject, ..Seen::default() });
    }

    pub(crate) fn seen<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn now(&self) -> Instant {
        self.host.now()
    }

    pub(crate) async fn pass(&self, duration: Duration) {
        self.host.sleep_until(self.now() + duration).await;
    }

    /// Lets time pass until that is so, looking so often.
    pub(crate) async fn until(&self, pause: Duration, mut is_so: impl FnMut(&Self) -> bool) {
        while !is_so(self) {
            self.pass(pause).await;
        }
    }

    /// Whether all know that so many are up, and that all know it.
    pub(crate) fn agrees(&self, members: usize) -> bool {
        let agrees = |seat: &Seat| {
            let state = seat.node.cluster().unwrap().state();
            state.converged && state.up().count() == members && state.members.len() == members
        };
        self.seats.iter().filter(|seat| !seat.machine.is_paused()).all(agrees)
    }

    /// How many bytes all have said so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.counted.bytes()
    }

    /// How many connections a node has, on average.
    pub(crate) fn links(&self) -> f64 {
        let links: usize = self.seats.iter().map(|seat| seat.node.connected().len()).sum();
        links as f64 / self.seats.len() as f64
    }
}
