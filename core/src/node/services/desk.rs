//! Where the actors of one system are offered, looked for, and heard of.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use super::clerk::Clerk;
use super::error::ServiceError;
use super::key::ServiceKey;
use super::listing::Listing;
use super::offer::{Offer, Offered};
use super::stand::{Hearer, Hears, Place, Stand};
use super::telling::{Order, Subscription};
use crate::actor::{ActorKey, ActorRef, AnyRef, Control, Extension, Refers, World};
use crate::cluster::{ENTRIES_MAX, Entry, TEXT_BYTES_MAX};
use crate::node_id::NodeId;
use crate::remote::Remote;
use crate::sync::{Arc, Lock, erased, revealed, shared};

/// Where the actors of one system are offered, looked for, and heard of.
pub(in crate::node) struct Desk {
    pub(super) world: Arc<World>,
    pub(super) state: Lock<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) stands: BTreeMap<String, Stand>,
    /// What each actor of this node has, by the names of the stands.
    held: BTreeMap<ActorKey, BTreeMap<String, Held>>,
    offers: usize,
    hearers: usize,
    /// Subscriptions so far: each has a number of its own.
    subscriptions: u64,
    /// Changes so far.
    pub(super) changes: u64,
    /// Stands that have changed, and whose hearers may not know.
    pub(super) stirred: BTreeSet<String>,
    /// What the cluster is to hear.
    pub(super) orders: VecDeque<Order>,
    /// Somebody is at it, and looks again.
    pub(super) telling: bool,
    closed: bool,
}

/// What an actor of this node has at one stand.
#[derive(Default)]
struct Held {
    /// What nodes know it by, where it is offered.
    offered: Option<u64>,
    /// The number of its subscription, if it listens.
    listens: Option<u64>,
}

impl Desk {
    /// The desk of a system.
    pub(in crate::node) fn of(world: &Arc<World>) -> Arc<Self> {
        let make = || Arc::new(Self { world: Arc::clone(world), state: Lock::default() });
        let found = world.extension(|| erased!(make() => dyn Extension));
        // There is no other extension.
        revealed!(&found => Self).unwrap_or_else(make)
    }

    /// Offers an actor of this node.
    pub(super) fn register<M: Remote>(
        this: &Arc<Self>,
        service: &ServiceKey<M>,
        actor: &ActorRef<M>,
    ) -> Result<(), ServiceError> {
        if actor.other().is_some_and(|other| other.elsewhere().is_some())
            || actor.world().key() != this.world.key()
        {
            return Err(ServiceError::Elsewhere);
        }
        let path = actor.path().below();
        if path.len() > PATH_BYTES_MAX {
            return Err(ServiceError::Path { bytes_max: PATH_BYTES_MAX });
        }
        let offer = erased!(Arc::new(Offered(actor.clone())) => dyn Offer);
        this.state.with(|state| state.fits(service.name(), M::NAME))?;
        if let Some(hub) = this.hub() {
            offer.export(&hub)?;
        }
        let place = Place { takes: M::NAME.into(), offer: Some(offer), there: None, path };
        let any = actor.to_any();
        Self::note(this, &any, |state| {
            state.fits(service.name(), M::NAME)?;
            state.offer(service.name(), (any.key(), actor.number()), place)
        })
    }

    /// Offers it no more.
    pub(super) fn deregister(&self, service: &str, actor: &AnyRef) {
        let gone = self.state.with(|state| state.withdraw(service, actor.key()));
        self.tell();
        self.bury(gone);
    }

    /// Tells an actor what there is under a name, now and after each change.
    pub(super) fn subscribe<M: Remote>(
        this: &Arc<Self>,
        service: &ServiceKey<M>,
        subscriber: &ActorRef<Listing<M>>,
    ) -> Result<(), ServiceError> {
        let any = subscriber.to_any();
        let subscription = Subscription { service: service.clone(), subscriber: subscriber.clone() };
        let hears = shared!(subscription => dyn Hears);
        Self::note(this, &any, |state| {
            state.fits(service.name(), M::NAME)?;
            state.listen(service.name(), any.key(), hears)
        })
    }

    /// Tells it no more.
    pub(super) fn unsubscribe(&self, service: &str, subscriber: &AnyRef) {
        let gone = self.state.with(|state| state.listen_no_more(service, subscriber.key()));
        self.bury(gone);
    }

    /// Notes what an actor of this node has here until it ends, and tells it. What it had before is dropped outside of the lock.
    fn note<T: Send + 'static>(
        this: &Arc<Self>,
        actor: &AnyRef,
        note: impl FnOnce(&mut State) -> Result<T, ServiceError>,
    ) -> Result<(), ServiceError> {
        let old = this.state.with(note)?;
        let lives = actor.target().signal(Control::watch(Clerk::any(this))).is_ok();
        if lives {
            this.tell();
        } else {
            this.ended(actor);
        }
        this.bury(old);
        lives.then_some(()).ok_or(ServiceError::Stopped)
    }

    /// An actor of this node has ended.
    pub(super) fn ended(&self, actor: &AnyRef) {
        let gone = self.state.with(|state| state.ended(actor.key()));
        self.tell();
        self.bury(gone);
    }

    /// This node is about to be in a cluster: that hears of what is offered here.
    pub(in crate::node) fn join(&self) {
        self.state.with(State::offer_again);
        self.tell();
    }

    /// Another node offers something. Whoever has said all that comes at once [tells](Self::tell) it.
    pub(in crate::node) fn came(&self, node: NodeId, address: String, entry: Entry) {
        let Entry { service, actor, takes, path } = entry;
        let id = (node.incarnation, actor);
        let place = Place { takes, offer: None, there: Some((node, address)), path };
        let old = self.state.with(|state| state.put(&service, id, place));
        self.bury(old);
    }

    /// It does no more; told as above.
    pub(in crate::node) fn gone(&self, node: u64, entry: &Entry) {
        let gone = self.state.with(|state| state.take_away(&entry.service, (node, entry.actor)));
        self.bury(gone);
    }

    /// This node is in a cluster no more.
    pub(in crate::node) fn alone(&self) {
        let gone = self.state.with(|state| {
            let others = |(name, stand): (&String, &Stand)| {
                let ids = stand.places.keys().filter(|(node, _)| *node != HERE);
                ids.map(|id| (name.clone(), *id)).collect::<Vec<_>>()
            };
            let others: Vec<(String, (u64, u64))> = state.stands.iter().flat_map(others).collect();
            others.iter().map(|(name, id)| state.take_away(name, *id)).collect::<Vec<_>>()
        });
        self.tell();
        self.bury(gone);
    }

    /// Does what others have a part in: those who are woken, or what is dropped. Its panic is not that of who is at the desk.
    pub(super) fn guarded(&self, step: impl FnOnce()) {
        let mut step = Some(step);
        let _ = self.world.executor().guard(&mut || step.take().into_iter().for_each(|step| step()));
    }

    fn bury<T: Send + 'static>(&self, dead: T) {
        self.guarded(|| self.world.bury(dead));
    }
}

/// As the name of a broadcast a path has a slash before it.
const PATH_BYTES_MAX: usize = TEXT_BYTES_MAX - 1;

/// Stands for the incarnation of this node, which no node has.
pub(super) const HERE: u64 = 0;

impl State {
    /// Whether that type of messages is the one under that name.
    pub(super) fn fits(&self, service: &str, wanted: &'static str) -> Result<(), ServiceError> {
        let other = self.stands.get(service).and_then(|stand| stand.other_than(wanted));
        other.map_or(Ok(()), |found| {
            Err(ServiceError::WrongType { service: service.into(), wanted, found: found.into() })
        })
    }

    /// Offers an actor, once: what it had there, or what it has already.
    fn offer(
        &mut self,
        service: &str,
        (actor, number): (ActorKey, u64),
        place: Place,
    ) -> Result<Option<Place>, ServiceError> {
        if self.closed {
            return Err(ServiceError::Ended);
        }
        let offered = self.held.get(&actor).and_then(|held| held.get(service)?.offered);
        if offered == Some(number) {
            return Ok(Some(place));
        }
        if offered.is_none() && self.offers >= ENTRIES_MAX {
            return Err(ServiceError::TooMany { max: ENTRIES_MAX });
        }
        let old = self.withdraw(service, actor);
        self.offers += 1;
        self.hold(service, actor).offered = Some(number);
        self.orders.extend(order_of(service, number, &place));
        self.put(service, (HERE, number), place);
        Ok(old)
    }

    fn withdraw(&mut self, service: &str, actor: ActorKey) -> Option<Place> {
        let number = self.held.get_mut(&actor)?.get_mut(service)?.offered.take()?;
        self.let_go(service, actor);
        self.offers -= 1;
        self.orders.push_back(Order::Withdraw(service.into(), number));
        self.take_away(service, (HERE, number))
    }

    fn hold(&mut self, service: &str, actor: ActorKey) -> &mut Held {
        self.held.entry(actor).or_default().entry(service.into()).or_default()
    }

    /// An actor may have nothing there any more.
    fn let_go(&mut self, service: &str, actor: ActorKey) {
        let Some(services) = self.held.get_mut(&actor) else { return };
        if services.get(service).is_some_and(|held| held.offered.is_none() && held.listens.is_none()) {
            services.remove(service);
        }
        if services.is_empty() {
            self.held.remove(&actor);
        }
    }

    fn put(&mut self, service: &str, id: (u64, u64), place: Place) -> Option<Place> {
        if self.closed {
            return Some(place);
        }
        self.changes += 1;
        let stand = self.stands.entry(service.into()).or_default();
        stand.changes = self.changes;
        self.stirred.insert(service.into());
        stand.put(id, place)
    }

    fn take_away(&mut self, service: &str, id: (u64, u64)) -> Option<Place> {
        let stand = self.stands.get_mut(service)?;
        let place = stand.take(id)?;
        self.changes += 1;
        stand.changes = self.changes;
        self.stirred.insert(service.into());
        self.clear(service);
        Some(place)
    }

    /// Forgets a stand at which nobody is.
    fn clear(&mut self, service: &str) {
        if self.stands.get(service).is_some_and(Stand::is_idle) {
            self.stands.remove(service);
        }
    }

    /// Lets an actor listen from now on, which is told at once what there is; how it did before.
    fn listen(
        &mut self,
        service: &str,
        actor: ActorKey,
        hears: Arc<dyn Hears>,
    ) -> Result<Option<Hearer>, ServiceError> {
        if self.closed {
            return Err(ServiceError::Ended);
        }
        let old = self.listen_no_more(service, actor);
        if self.hearers >= ENTRIES_MAX {
            return Err(ServiceError::TooMany { max: ENTRIES_MAX });
        }
        self.hearers += 1;
        self.subscriptions += 1;
        let number = self.subscriptions;
        self.hold(service, actor).listens = Some(number);
        let stand = self.stands.entry(service.into()).or_default();
        if stand.changes == 0 {
            self.changes += 1;
            stand.changes = self.changes;
        }
        stand.hearers.insert(number, Hearer { hears, told: 0 });
        self.stirred.insert(service.into());
        Ok(old)
    }

    fn listen_no_more(&mut self, service: &str, actor: ActorKey) -> Option<Hearer> {
        let number = self.held.get_mut(&actor)?.get_mut(service)?.listens.take()?;
        self.let_go(service, actor);
        self.hearers -= 1;
        let hearer = self.stands.get_mut(service)?.hearers.remove(&number);
        self.clear(service);
        hearer
    }

    /// What there was of an actor that has ended.
    fn ended(&mut self, actor: ActorKey) -> (Vec<Place>, Vec<Hearer>) {
        let services = self.held.get(&actor).into_iter().flat_map(BTreeMap::keys);
        let services: Vec<String> = services.cloned().collect();
        let (mut places, mut hearers) = (Vec::new(), Vec::new());
        for service in &services {
            places.extend(self.withdraw(service, actor));
            hearers.extend(self.listen_no_more(service, actor));
        }
        (places, hearers)
    }

    /// The cluster is to hear of all that is offered here.
    fn offer_again(&mut self) {
        for (service, stand) in &self.stands {
            let orders = stand.here().filter_map(|(number, place)| order_of(service, number, place));
            self.orders.extend(orders);
        }
    }
}

/// The order to tell the cluster of an actor of this node.
fn order_of(service: &str, number: u64, place: &Place) -> Option<Order> {
    let (takes, path) = (place.takes.clone(), place.path.clone());
    let entry = Entry { service: service.into(), actor: number, takes, path };
    Some(Order::Offer(entry, Arc::clone(place.offer.as_ref()?)))
}

impl Extension for Desk {
    fn end(&self) {
        let state = self.state.with(|state| mem::replace(state, State { closed: true, ..State::default() }));
        self.bury(state);
    }
}
