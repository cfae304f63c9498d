//! A cluster in which one actor lives, in virtual time.

use std::ops::Deref;
use std::rc::Rc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use casty::lease::{Claim, LeaseAnswer, LeaseError, Leases, MemoryLeases};
use casty::prelude::*;
use casty::simulation::{Host, Simulation, sweep_over};
use casty::{Executor, Membership, Singleton};

use crate::seats::Seats;
use crate::swarm_of_clusters::world::Plan;
use crate::town::{Entity, Visit, visited};

/// The nodes, the ways to the one on them, and what it has done. Clones are the same realm.
#[derive(Clone)]
pub(crate) struct Realm {
    seats: Rc<Seats<Visit>>,
    settings: Singleton,
    entity: Entity,
}

impl Deref for Realm {
    type Target = Seats<Visit>;

    fn deref(&self) -> &Seats<Visit> {
        &self.seats
    }
}

/// Plays a scene in a realm of so many nodes that are up, in a few orders, and holds what the one did to what must hold always.
pub(crate) fn scene(nodes: usize, scene: impl AsyncFn(&Realm)) {
    scene_of(Plan { nodes, ..Plan::default() }, Singleton::new(), scene);
}

pub(crate) fn scene_of(plan: Plan, settings: Singleton, scene: impl AsyncFn(&Realm)) {
    played(async |host: Host| {
        let realm = Realm::formed(host, plan.clone(), settings.clone()).await;
        scene(&realm).await;
        assert_eq!(realm.ledger.violation(), None);
    });
}

/// Plays something in a few orders.
pub(crate) fn played(scene: impl AsyncFn(Host)) {
    sweep_over(0..3, |simulation: Simulation| {
        simulation.steps_max(2_000_000).run(|host| scene(host));
    });
}

impl Realm {
    pub(crate) fn new(host: Host, plan: Plan, settings: Singleton) -> Self {
        Self { seats: Rc::new(Seats::new(host, plan)), settings, entity: visited }
    }

    /// The same realm, of another one.
    pub(crate) fn of(self, entity: Entity) -> Self {
        Self { entity, ..self }
    }

    /// A realm in which all nodes are up, the first one the oldest, and the one answers.
    pub(crate) async fn formed(host: Host, plan: Plan, settings: Singleton) -> Self {
        Self::new(host, plan, settings).form().await
    }

    /// The same, of a realm that is to be.
    pub(crate) async fn form(self) -> Self {
        let nodes = self.world.plan().nodes;
        for node in 1..=nodes {
            self.join(node).await;
        }
        self.lives(nodes, 1, secs(20)).await;
        self
    }

    /// Starts one after the other, so that they have the age of their numbers.
    pub(crate) async fn join(&self, node: usize) {
        let Plan { downing, quorum, stable_after, trusts, .. } = self.world.plan();
        let first = Membership::form()
            .downing(downing.clone())
            .quorum(*quorum)
            .stable_after(*stable_after)
            .trust_refusals(*trusts);
        self.start_with(node, (node == 1).then_some(first), self.settings.clone()).await;
        self.world.settled(&(1..=node).collect::<Vec<_>>(), secs(20)).await;
    }

    pub(crate) async fn start(&self, node: usize) {
        self.start_with(node, None, self.settings.clone()).await;
    }

    pub(crate) async fn start_with(&self, node: usize, membership: Option<Membership>, settings: Singleton) {
        self.boot(node, membership).await;
        self.open(node, settings);
    }

    /// Spawns the way of a node to the one.
    pub(crate) fn open(&self, node: usize, settings: Singleton) {
        let (ledger, entity) = (self.ledger.clone(), self.entity);
        let one = |process| Behavior::singleton(move || entity("one", process, &ledger), settings);
        self.sit(node, one, "realm");
    }

    pub(crate) fn door(&self, node: usize) -> ActorRef<Visit> {
        self.actor(node)
    }

    /// Where the one lives, if it does.
    pub(crate) fn seat(&self) -> Option<u64> {
        self.ledger.spread().into_keys().next()
    }

    /// Waits until the one answers a node: from which process, and in which life.
    ///
    /// # Panics
    /// When it takes longer.
    pub(crate) async fn answers(&self, node: usize, within: Duration) -> (u64, u64) {
        let ask = async || self.door(node).ask(Visit::Where, secs(2)).await;
        self.answered(ask, within, &format!("the one, as seen from node {node},")).await
    }

    /// Waits until the one lives on a node, as seen from another: in which life.
    ///
    /// # Panics
    /// When it takes longer.
    pub(crate) async fn lives(&self, asker: usize, node: usize, within: Duration) -> u64 {
        let end = self.world.now() + within;
        loop {
            let (process, life) = self.answers(asker, within).await;
            if process == self.process(node) {
                return life;
            }
            assert!(self.world.now() < end, "it lives on process {process}, and not on node {node}");
            self.world.pass(millis(20)).await;
        }
    }

    /// Lets a sender on a node tell the one so many numbers, one every two milliseconds; it goes on by itself.
    pub(crate) fn flow(&self, node: usize, numbers: u64) {
        self.flow_of(node, self.process(node), numbers);
    }

    /// The same of another sender there.
    pub(crate) fn flow_of(&self, node: usize, sender: u64, numbers: u64) {
        let (door, host) = (self.door(node), self.host.clone());
        self.host.spawn(Box::pin(async move {
            for number in 1..=numbers {
                door.tell(Visit::Note(sender, number));
                host.sleep_until(host.now() + millis(2)).await;
            }
        }));
    }

    /// Waits until so many numbers of the sender on a node were handled.
    ///
    /// # Panics
    /// When it takes longer.
    pub(crate) async fn handled(&self, node: usize, numbers: usize, within: Duration) {
        self.all_handled(self.process(node), numbers, within).await;
    }
}

/// A service of leases that works, fails, or does not answer.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) leases: MemoryLeases,
    host: Host,
    mood: Arc<AtomicU8>,
    /// Who got the lease last, and in which epoch.
    last: Arc<Mutex<Option<(Claim, u64)>>>,
}

#[derive(Clone, Copy)]
pub(crate) enum Mood {
    Works,
    Fails,
    Hangs,
    Panics,
    /// Does what it is asked, and does not say so.
    Mute,
    /// Gives a lease eight seconds after it was asked for that, whether or not somebody still waits for it.
    Late,
}

impl Desk {
    pub(crate) fn on(host: &Host) -> Self {
        Self {
            leases: MemoryLeases::on(host.clone()),
            host: host.clone(),
            mood: Arc::default(),
            last: Arc::default(),
        }
    }

    pub(crate) fn is(&self, mood: Mood) {
        self.mood.store(mood as u8, Ordering::Relaxed);
    }

    /// Forgets who has the lease.
    pub(crate) async fn forget(&self) {
        let last = self.last.lock().unwrap().take();
        let (claim, epoch) = last.unwrap();
        self.leases.release(&claim, epoch).await.unwrap();
    }

    fn late(&self, claim: &Claim) -> LeaseAnswer<u64> {
        let given = Arc::new(Mutex::new(None));
        let at = self.host.now() + secs(8);
        let (leases, claim, host, gives) =
            (self.leases.clone(), claim.clone(), self.host.clone(), Arc::clone(&given));
        self.host.spawn(Box::pin(async move {
            host.sleep_until(at).await;
            *gives.lock().unwrap() = Some(leases.acquire(&claim).await);
        }));
        let host = self.host.clone();
        Box::pin(async move {
            host.sleep_until(at + millis(1)).await;
            given.lock().unwrap().take().unwrap()
        })
    }

    fn answer<T: Send + 'static>(&self, answer: impl FnOnce() -> LeaseAnswer<T>) -> LeaseAnswer<T> {
        match self.mood.load(Ordering::Relaxed) {
            mood if mood == Mood::Works as u8 => answer(),
            mood if mood == Mood::Fails as u8 => {
                Box::pin(core::future::ready(Err(LeaseError::Failed("out of order".into()))))
            }
            mood if mood == Mood::Hangs as u8 => Box::pin(core::future::pending()),
            mood if mood == Mood::Mute as u8 => {
                let answer = answer();
                Box::pin(async move {
                    let _ = answer.await;
                    core::future::pending().await
                })
            }
            _ => panic!("planned"),
        }
    }
}

impl Leases for Desk {
    fn acquire(&self, claim: &Claim) -> LeaseAnswer<u64> {
        if self.mood.load(Ordering::Relaxed) == Mood::Late as u8 {
            return self.late(claim);
        }
        let (answer, claim, last) = (self.leases.acquire(claim), claim.clone(), Arc::clone(&self.last));
        self.answer(|| {
            Box::pin(async move {
                let epoch = answer.await?;
                *last.lock().unwrap() = Some((claim, epoch));
                Ok(epoch)
            })
        })
    }

    fn renew(&self, claim: &Claim, epoch: u64) -> LeaseAnswer<()> {
        self.answer(|| self.leases.renew(claim, epoch))
    }

    fn release(&self, claim: &Claim, epoch: u64) -> LeaseAnswer<()> {
        self.answer(|| self.leases.release(claim, epoch))
    }
}
