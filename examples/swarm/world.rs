//! Cluster nodes in virtual time: they crash, pause, are cut off, and come back.

#![allow(dead_code, reason = "each binary uses its part of it")]
#![allow(clippy::expect_used, reason = "a world that cannot be made fails")]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use casty::cluster::{ClusterEvent, ClusterState, Downing, MemberStatus};
use casty::prelude::*;
use casty::simulation::{FaultyNetwork, Host, NetworkFaults, Pausable};
use casty::testkit::Probe;
use casty::transport::Transport;
use casty::{
    Cluster, Entities, Executor, Instant, Membership, MemoryNetwork, Network, Node, NodeId, Rng, Services,
};

use super::clerks;
use super::counts;
use super::deeds::{Deed, LAG_MAX, Log};
use super::ending::End;
use super::leases::{Mood, Service};
use super::letters::{self, Book, Post};
use super::lists::{Entry, Kept, Lists};
use super::works::Works;

/// What a node told of its cluster, and when.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) at: Instant,
    pub(crate) by: NodeId,
    pub(crate) event: ClusterEvent,
}

/// What all nodes saw at one time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    pub(crate) at: Instant,
    /// Of each node that runs, what it knows.
    pub(crate) known: Vec<(NodeId, ClusterState)>,
}

/// All that was seen of a world.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) heard: Vec<Heard>,
    pub(crate) samples: Vec<Sample>,
    /// What became of letters between actors.
    pub(crate) post: Vec<Post>,
    /// What became of lists, which are entities.
    pub(crate) kept: Kept,
    /// How its nodes were configured.
    pub(crate) plan: Plan,
    /// When links broke or came back.
    pub(crate) links: Vec<Instant>,
    /// All clocks were right, no node was slow or paused, and nobody was given up by hand.
    pub(crate) is_exact: bool,
    /// What all nodes saw when nothing had happened for long, and nobody was started again yet.
    pub(crate) calm: Sample,
    /// How many of how many nodes had been started again until then, or were in no cluster when trouble began.
    pub(crate) afresh: (usize, usize),
    /// How many bytes waited for others at most.
    pub(crate) bytes_max: usize,
    /// How many bytes the node that said most said in each second of peace.
    pub(crate) bytes_in_peace: u64,
}

/// How the nodes of a world are configured, all the same.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) nodes: usize,
    pub(crate) downing: Downing,
    pub(crate) quorum: usize,
    pub(crate) stable_after: Duration,
    /// Whether a host is believed that says that nobody listens.
    pub(crate) trusts: bool,
    /// Whether actors write to those of other nodes.
    pub(crate) letters: bool,
    /// Whether there are entities on the nodes, which are written to.
    pub(crate) lists: bool,
    /// Whether each node's clock shows another time, and is faster or slower.
    pub(crate) skewed: bool,
    /// Whether every other node has a role.
    pub(crate) roles: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            nodes: 3,
            downing: Downing::keep_majority(),
            quorum: 1,
            stable_after: secs(10),
            trusts: true,
            letters: false,
            lists: false,
            skewed: false,
            roles: false,
        }
    }
}

/// A node that runs.
struct Seat {
    system: ActorSystem,
    node: Node,
    machine: Pausable,
    /// As long as it is there, actors write.
    writes: Option<Arc<()>>,
    works: Option<Works>,
}

/// The nodes, by number from 1, and the network between them. Clones are the same world.
#[derive(Clone)]
pub(crate) struct World(Rc<Inner>);

struct Inner {
    host: Host,
    network: FaultyNetwork<MemoryNetwork>,
    leases: Service,
    plan: Plan,
    seats: RefCell<BTreeMap<usize, Seat>>,
    /// Those that are shut down, until that is done: they still have their address.
    ending: Arc<Mutex<BTreeSet<usize>>>,
    heard: Arc<Mutex<Vec<Heard>>>,
    samples: RefCell<Vec<Sample>>,
    links: RefCell<Vec<Instant>>,
    book: Book,
    lists: Lists,
    kept: RefCell<Kept>,
    bytes_max: Cell<usize>,
    bytes_in_peace: Cell<u64>,
    /// All clocks are right, no node was slow, and nobody was given up by hand.
    is_exact: Cell<bool>,
    /// Those that were started, in no cluster when trouble began, and started again.
    started: RefCell<BTreeSet<usize>>,
    afresh: RefCell<BTreeSet<usize>>,
    calm: RefCell<(Sample, usize)>,
}

/// How often all nodes are looked at.
pub(crate) const SAMPLING: Duration = millis(250);

/// What every other node is, where nodes have roles.
pub(crate) const ROLE: &str = "odd";
/// For so long nothing happens.
const PEACE: Duration = secs(10);
/// As far as clocks are apart, and in each million by as much they go wrong.
const SKEW: Duration = mins(60);
const DRIFT: usize = 1_000;

/// What a node is called, and where it is.
pub(crate) fn name(node: usize) -> String {
    format!("n{node}")
}

/// What is behind that lock, whoever panicked with it.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    /// A world without nodes.
    pub(crate) fn new(host: Host, plan: Plan) -> Self {
        Self(Rc::new(Inner {
            network: FaultyNetwork::new(host.clone(), MemoryNetwork::new()),
            leases: Service::new(&host),
            lists: Lists::new(host.clone()),
            is_exact: Cell::new(!plan.skewed),
            started: RefCell::default(),
            afresh: RefCell::default(),
            calm: RefCell::default(),
            host,
            plan,
            seats: RefCell::default(),
            ending: Arc::default(),
            heard: Arc::default(),
            samples: RefCell::default(),
            links: RefCell::default(),
            book: Book::default(),
            kept: RefCell::default(),
            bytes_max: Cell::new(0),
            bytes_in_peace: Cell::new(0),
        }))
    }

    /// A world in which all nodes are up.
    pub(crate) async fn formed(host: Host, plan: Plan) -> Self {
        let world = Self::new(host, plan);
        for node in 1..=world.0.plan.nodes {
            world.start(node).await;
        }
        world.settled(&(1..=world.0.plan.nodes).collect::<Vec<_>>(), secs(20)).await;
        world
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.0.plan
    }

    pub(crate) fn now(&self) -> Instant {
        self.0.host.now()
    }

    /// A number by chance.
    pub(crate) fn chance(&self) -> u64 {
        self.0.host.seed()
    }

    fn membership(&self, node: usize) -> Membership {
        let Plan { nodes, downing, quorum, stable_after, trusts, roles, .. } = &self.0.plan;
        let has_role = *roles && node % 2 == 1;
        Membership::seeds((1..=*nodes).map(name))
            .downing(downing.clone())
            .quorum(*quorum)
            .stable_after(*stable_after)
            .trust_refusals(*trusts)
            .roles(has_role.then_some(ROLE))
            .lease(self.0.leases.of(node))
    }

    /// Starts a node, unless it runs. Who is being shut down ends first.
    pub(crate) async fn start(&self, node: usize) {
        self.start_with(node, self.membership(node)).await;
    }

    /// Starts a node with a membership of its own.
    pub(crate) async fn start_with(&self, node: usize, membership: Membership) {
        while self.ends(node) {
            self.pass(millis(100)).await;
        }
        if self.runs(node) {
            return;
        }
        if !self.0.started.borrow_mut().insert(node) {
            self.0.afresh.borrow_mut().insert(node);
        }
        let machine = self.machine();
        let system = ActorSystem::on(machine.clone()).name("swarm").start().expect("a good name");
        let heard = Arc::clone(&self.0.heard);
        let network = Network::over(self.0.network.at(&name(node)));
        let network = network.node(&name(node)).listen(&name(node)).insecure().cluster(membership);
        self.vacated(node).await;
        let node_handle = network.start(&system).await.expect("the address is free");
        let by = node_handle.id().clone();
        let host = self.0.host.clone();
        let ear = Behavior::receive_message(move |event: ClusterEvent| {
            let at = host.now();
            lock(&heard).push(Heard { at, by: by.clone(), event });
            Behavior::same()
        });
        system.subscribe(&system.spawn(ear, "ear").expect("the first actor"));
        let (place, writes) = ((&system, &node_handle, &machine), Arc::<()>::default());
        if self.0.plan.letters {
            letters::correspond(place, &self.0.book, Arc::downgrade(&writes)).expect("the first reader");
        }
        let works = self.0.plan.lists.then(|| Works::begin(&self.0.lists, place, &writes));
        let works = works.map(|works| works.expect("the first of each"));
        let seat = Seat { system, node: node_handle, machine, writes: Some(writes), works };
        self.0.seats.borrow_mut().insert(node, seat);
    }

    /// Waits until whoever had the address of a node has let go of it: a moment after its end, or later if it was slow.
    async fn vacated(&self, node: usize) {
        self.pass(millis(1)).await;
        let until = self.now() + LAG_MAX * 2;
        while self.0.network.listen(&name(node)).await.is_err() && self.now() < until {
            self.pass(millis(100)).await;
        }
    }

    /// The network, as who is none of these nodes reaches it from that address.
    pub(crate) fn network(&self, address: &str) -> FaultyNetwork<MemoryNetwork> {
        self.0.network.at(address)
    }

    /// The machine of a node, with its own clock.
    fn machine(&self) -> Pausable {
        let machine = Pausable::new(self.0.host.clone());
        if !self.0.plan.skewed {
            return machine;
        }
        let mut rng = Rng::new(self.chance());
        machine.with_clock(SKEW.mul_f64(rng.fraction()), rng.below(2 * DRIFT + 1) as i32 - DRIFT as i32)
    }

    /// Spawns an actor on a node.
    pub(crate) fn spawn<M: Send + 'static>(
        &self,
        node: usize,
        behavior: Behavior<M>,
        name: &str,
    ) -> ActorRef<M> {
        let spawned = self.with(node, |seat| seat.system.spawn(behavior, name));
        spawned.expect("the node runs").expect("the name is free")
    }

    /// The services of a node.
    pub(crate) fn services(&self, node: usize) -> Services {
        self.with(node, |seat| seat.system.services()).expect("the node runs")
    }

    /// Hears the events of a node.
    pub(crate) fn probe<E: Clone + Send + 'static>(&self, node: usize) -> Probe<E> {
        let probe = self.with(node, |seat| {
            let probe = Probe::new(&seat.system, "probe").expect("the name is free");
            seat.system.subscribe(probe.actor());
            probe
        });
        probe.expect("the node runs")
    }

    pub(crate) fn runs(&self, node: usize) -> bool {
        self.0.seats.borrow().contains_key(&node)
    }

    /// Whether that one is being shut down.
    fn ends(&self, node: usize) -> bool {
        lock(&self.0.ending).contains(&node)
    }

    /// Those that run.
    pub(crate) fn running(&self) -> Vec<usize> {
        self.0.seats.borrow().keys().copied().collect()
    }

    /// Ends a node's process: its connections are closed, and its host says that nobody listens.
    pub(crate) fn kill(&self, node: usize) {
        let seat = self.0.seats.borrow_mut().remove(&node);
        if let Some(seat) = seat {
            self.0.lists.log.note(Deed::Stops { node: seat.node.id().incarnation });
            // All that it was about to do ends at once.
            seat.machine.slow(Duration::ZERO);
            seat.machine.resume();
        }
    }

    /// A node's machine is gone, and nobody says so.
    pub(crate) fn vanish(&self, node: usize) {
        let others: Vec<String> =
            (1..=self.0.plan.nodes + 3).filter(|other| *other != node).map(name).collect();
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        self.0.network.part(&[&name(node)], &others);
        self.kill(node);
    }

    /// Shuts a node down: it leaves the cluster first. It goes on by itself.
    pub(crate) fn shut_down(&self, number: usize) {
        let seat = self.0.seats.borrow_mut().remove(&number);
        if let Some(Seat { system, node, machine, .. }) = seat {
            self.wake(&node, &machine);
            let (log, ending) = (self.0.lists.log.clone(), Arc::clone(&self.0.ending));
            lock(&ending).insert(number);
            self.0.host.spawn(Box::pin(async move {
                system.shutdown_within(secs(30)).await;
                log.note(Deed::Stops { node: node.id().incarnation });
                drop(node);
                lock(&ending).remove(&number);
            }));
        }
    }

    /// Lets a node leave the cluster, and run on.
    pub(crate) fn leave(&self, node: usize) {
        if let Some(cluster) = self.cluster(node) {
            self.0.host.spawn(Box::pin(cluster.leave()));
        }
    }

    /// One node gives another up by hand.
    pub(crate) fn down(&self, by: usize, node: usize) {
        if let Some(id) = self.id(node) {
            self.down_id(by, &id);
        }
    }

    /// The same, of a node that may run no more.
    pub(crate) fn down_id(&self, by: usize, id: &NodeId) {
        self.0.is_exact.set(false);
        let cluster = self.with(by, |seat| seat.node.cluster().cloned()).flatten();
        if let Some(cluster) = cluster {
            cluster.down(id);
        }
    }

    pub(crate) fn pause(&self, node: usize) {
        self.0.is_exact.set(false);
        self.with(node, |seat| {
            self.0.lists.log.note(Deed::Pauses { node: seat.node.id().incarnation });
            seat.machine.pause();
        });
    }

    pub(crate) fn resume(&self, node: usize) {
        self.with(node, |seat| self.wake(&seat.node, &seat.machine));
    }

    /// Each step of a node is late by up to so much from now on.
    pub(crate) fn slow(&self, node: usize, lag: Duration) {
        self.0.is_exact.set(false);
        self.with(node, |seat| {
            self.0.lists.log.note(Deed::Slows { node: seat.node.id().incarnation, lag });
            seat.machine.slow(lag);
        });
    }

    fn wake(&self, node: &Node, machine: &Pausable) {
        if machine.is_paused() {
            self.0.lists.log.note(Deed::Wakes { node: node.id().incarnation });
            machine.resume();
        }
    }

    /// Nothing passes between these and all others.
    pub(crate) fn part(&self, side: &[usize]) {
        self.0.links.borrow_mut().push(self.now());
        let all = 1..=self.0.plan.nodes + 3;
        for (one, other) in all.clone().flat_map(|one| all.clone().map(move |other| (one, other))) {
            if side.contains(&one) != side.contains(&other) {
                self.0.network.block(&name(one), &name(other));
            }
        }
    }

    /// Nothing passes from one to another.
    pub(crate) fn block(&self, from: usize, to: usize) {
        self.0.links.borrow_mut().push(self.now());
        self.0.network.block(&name(from), &name(to));
    }

    /// All passes again.
    pub(crate) fn heal(&self) {
        self.0.links.borrow_mut().push(self.now());
        self.0.network.heal();
    }

    pub(crate) fn weather(&self, faults: NetworkFaults) {
        self.0.network.set(faults);
    }

    /// The service of leases is like that to a node.
    pub(crate) fn leases(&self, node: usize, mood: Mood) {
        self.0.leases.set(node, mood);
    }

    /// It answers all at once again.
    pub(crate) fn good_leases(&self) {
        self.0.leases.heal();
    }

    /// Cuts all connections.
    pub(crate) fn cut(&self) {
        self.0.network.cut();
    }

    pub(crate) fn id(&self, node: usize) -> Option<NodeId> {
        self.with(node, |seat| seat.node.id().clone())
    }

    fn with<T>(&self, node: usize, look: impl FnOnce(&Seat) -> T) -> Option<T> {
        self.0.seats.borrow().get(&node).map(look)
    }

    pub(crate) fn cluster(&self, node: usize) -> Option<Cluster> {
        self.with(node, |seat| seat.node.cluster().cloned()).flatten()
    }

    /// What a node knows.
    pub(crate) fn state(&self, node: usize) -> ClusterState {
        let state = self.cluster(node).as_ref().map(Cluster::state);
        state.unwrap_or_default()
    }

    /// Lets time pass, and looks at all nodes meanwhile.
    pub(crate) async fn pass(&self, duration: Duration) {
        let end = self.now() + duration;
        while self.now() < end {
            let next = (self.now() + SAMPLING).min(end);
            self.0.host.sleep_until(next).await;
            self.sample();
        }
    }

    /// How many bytes a node has sent.
    pub(crate) fn bytes_sent(&self, node: usize) -> u64 {
        self.with(node, |seat| seat.node.counters().traffic.bytes_sent).unwrap_or(0)
    }

    /// How many messages all nodes that run have sent each other.
    pub(crate) fn messages_sent(&self) -> u64 {
        let seats = self.0.seats.borrow();
        seats.values().map(|seat| seat.node.counters().traffic.messages_sent).sum()
    }

    /// The lists, as a node reaches them, and what is done to them.
    pub(crate) fn lists(&self, node: usize) -> (Entities<Entry>, Log) {
        let works = self.with(node, |seat| seat.works.clone()).flatten();
        (works.expect("the plan has lists").lists, self.0.lists.log.clone())
    }

    /// The first entity that does not live, or does not answer, though all nodes agree.
    pub(crate) async fn silent(&self) -> Option<String> {
        let works = self.0.seats.borrow().values().find_map(|seat| seat.works.clone())?;
        let nodes: Vec<u64> = self.0.seats.borrow().values().map(|seat| seat.node.id().incarnation).collect();
        let end = self.now() + secs(20);
        while let Some(forgotten) = counts::forgotten(&self.0.lists.log.deeds(), &nodes) {
            if self.now() > end {
                return Some(forgotten);
            }
            self.pass(millis(500)).await;
        }
        works.silent(&self.0.lists).await
    }

    /// Lets nobody write any more, and notes how much is said nevertheless.
    pub(crate) async fn peace(&self) {
        self.0.seats.borrow_mut().values_mut().for_each(|seat| seat.writes = None);
        self.pass(secs(5)).await;
        let said = |seat: &Seat| seat.node.counters().traffic.bytes_sent;
        let before: Vec<u64> = self.0.seats.borrow().values().map(said).collect();
        self.pass(PEACE).await;
        let after: Vec<u64> = self.0.seats.borrow().values().map(said).collect();
        let most = after.into_iter().zip(before).map(|(after, before)| after - before).max();
        self.0.bytes_in_peace.set(most.unwrap_or(0) / PEACE.as_secs());
        // What has moved since lives again.
        let silent = self.silent().await;
        assert_eq!(silent, None, "in peace");
        let lists = self.0.lists.kept().await.expect("it is in memory");
        let (deeds, until, patience, end) =
            (self.0.lists.log.deeds(), self.now(), self.patience(), self.end());
        *self.0.kept.borrow_mut() = Kept { deeds, until, patience, end, lists };
    }

    /// What there is at the end, where there are entities and one cluster.
    fn end(&self) -> Option<End> {
        let seats = self.0.seats.borrow();
        let first = seats.values().next().filter(|_| self.0.plan.lists)?;
        let state = first.node.cluster()?.state();
        let nodes = seats.values().map(|seat| seat.node.id().incarnation).collect();
        let least = state.up().map(|member| member.age).min()?;
        let oldest = state.up().filter(|member| member.age == least).map(|member| member.id.incarnation);
        let oldest = oldest.collect();
        let listed = |seat: &Seat| (seat.node.id().incarnation, clerks::listed(&seat.system));
        Some(End { nodes, oldest, listed: seats.values().map(listed).collect() })
    }

    /// So long after it wakes a node may not have found out that others have given it up: one that is cut off then counts from there, and gives
    /// itself up within nine tenths of that.
    fn patience(&self) -> Duration {
        self.0.plan.stable_after
    }

    /// Trouble begins: who is in no cluster by now may be one of those that begin another.
    pub(crate) fn troubled(&self) {
        let outside = self.running().into_iter().filter(|node| self.state(*node).status.is_none());
        self.0.afresh.borrow_mut().extend(outside);
    }

    /// It has been over for long, and nobody was started again yet that was given up.
    pub(crate) fn calm(&self) {
        self.sample();
        let last = self.0.samples.borrow().last().cloned().unwrap_or_default();
        *self.0.calm.borrow_mut() = (last, self.0.afresh.borrow().len());
    }

    fn sample(&self) {
        let seats = self.0.seats.borrow();
        // Who is paused does nothing, whatever it believes.
        let known = seats.values().filter(|seat| !seat.machine.is_paused()).filter_map(|seat| {
            let bytes = seat.node.bytes_under_way();
            self.0.bytes_max.set(self.0.bytes_max.get().max(bytes));
            Some((seat.node.id().clone(), seat.node.cluster()?.state()))
        });
        let known = known.collect();
        self.0.samples.borrow_mut().push(Sample { at: self.now(), known });
    }

    /// Whether these agree that they, and nobody else, are members.
    pub(crate) fn agree(&self, nodes: &[usize]) -> bool {
        let mut ids: Vec<NodeId> = nodes.iter().filter_map(|node| self.id(*node)).collect();
        ids.sort();
        let first = self.state(nodes[0]).leader;
        nodes.iter().all(|node| {
            let state = self.state(*node);
            let mut up: Vec<NodeId> = state.up().map(|member| member.id.clone()).collect();
            up.sort();
            up == ids && state.members.len() == ids.len() && state.converged && state.leader == first
        })
    }

    /// Waits until they do.
    ///
    /// # Panics
    /// When that takes longer.
    pub(crate) async fn settled(&self, nodes: &[usize], within: Duration) {
        assert!(self.settles(nodes, within).await, "{nodes:?} do not agree: {:#?}", self.states());
    }

    pub(crate) async fn settles(&self, nodes: &[usize], within: Duration) -> bool {
        let end = self.now() + within;
        while !self.agree(nodes) {
            if self.now() >= end {
                return false;
            }
            self.pass(millis(50)).await;
        }
        true
    }

    /// What each node knows, in short.
    pub(crate) fn states(&self) -> Vec<String> {
        let short = |node: usize| {
            let state = self.state(node);
            let members: Vec<String> = state
                .members
                .iter()
                .map(|member| {
                    format!("{} {}{}", member.id, member.status, if member.reachable { "" } else { "?" })
                })
                .collect();
            let status =
                state.status.map_or_else(|| "outside".into(), |status: MemberStatus| status.to_string());
            format!("{node} {:?} is {status}: {}", self.id(node), members.join(", "))
        };
        self.running().into_iter().map(short).collect()
    }

    /// All that was seen.
    pub(crate) fn record(&self) -> Record {
        Record {
            heard: lock(&self.0.heard).clone(),
            samples: self.0.samples.borrow().clone(),
            post: lock(&self.0.book).clone(),
            kept: self.0.kept.borrow().clone(),
            plan: self.0.plan.clone(),
            links: self.0.links.borrow().clone(),
            is_exact: self.0.is_exact.get(),
            calm: self.0.calm.borrow().0.clone(),
            afresh: (self.0.calm.borrow().1, self.0.plan.nodes),
            bytes_in_peace: self.0.bytes_in_peace.get(),
            bytes_max: self.0.bytes_max.get(),
        }
    }
}
