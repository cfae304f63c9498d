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
    /// At which stands an actor of this node is, or listens.
    held: BTreeMap<ActorKey, BTreeSet<String>>,
    offers: usize,
    hearers: usize,
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
        let place = Place { takes: M::NAME.into(), offer: Some(offer), there: None, path };
        let any = actor.to_any();
        let new = this.state.with(|state| {
            state.fits(service.name(), M::NAME)?;
            state.offer(service.name(), (any.key(), number(actor)), place)
        })?;
        if new && !Self::watch(this, &any) {
            this.ended(&any);
            return Err(ServiceError::Stopped);
        }
        this.tell();
        Ok(())
    }

    /// Offers it no more.
    pub(super) fn deregister<M: Remote>(&self, service: &ServiceKey<M>, actor: &ActorRef<M>) {
        let gone = self.state.with(|state| state.withdraw(service.name(), number(actor)));
        drop(gone);
        self.tell();
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
        let new = this.state.with(|state| {
            state.fits(service.name(), M::NAME)?;
            state.listen(service.name(), any.key(), hears)
        })?;
        if new && !Self::watch(this, &any) {
            this.ended(&any);
            return Err(ServiceError::Stopped);
        }
        this.tell();
        Ok(())
    }

    /// Tells it no more.
    pub(super) fn unsubscribe(&self, service: &str, subscriber: &AnyRef) {
        let gone = self.state.with(|state| state.listen_no_more(service, subscriber.key()));
        drop(gone);
    }

    /// Hears of the end of an actor; false when that was already.
    fn watch(this: &Arc<Self>, actor: &AnyRef) -> bool {
        actor.target().signal(Control::watch(Clerk::any(this))).is_ok()
    }

    /// An actor of this node has ended.
    pub(super) fn ended(&self, actor: &AnyRef) {
        let gone = self.state.with(|state| state.ended(actor.key()));
        drop(gone);
        self.tell();
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
        drop(old);
    }

    /// It does no more; told as above.
    pub(in crate::node) fn gone(&self, node: u64, entry: &Entry) {
        let gone = self.state.with(|state| state.take_away(&entry.service, (node, entry.actor)));
        drop(gone);
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
        drop(gone);
        self.tell();
    }
}

/// As the name of a broadcast a path has a slash before it.
const PATH_BYTES_MAX: usize = TEXT_BYTES_MAX - 1;

/// Stands for the incarnation of this node, which no node has.
pub(super) const HERE: u64 = 0;

/// What nodes know an actor by: what goes through a function has a number of its own.
fn number<M: Send + 'static>(actor: &ActorRef<M>) -> u64 {
    actor.other().map_or_else(|| actor.id().number(), |other| other.number())
}

impl State {
    /// Whether that type of messages is the one under that name.
    pub(super) fn fits(&self, service: &str, wanted: &'static str) -> Result<(), ServiceError> {
        let other = self.stands.get(service).and_then(|stand| stand.other_than(wanted));
        other.map_or(Ok(()), |found| {
            Err(ServiceError::WrongType { service: service.into(), wanted, found: found.into() })
        })
    }

    /// Whether it was not offered already.
    fn offer(
        &mut self,
        service: &str,
        (actor, number): (ActorKey, u64),
        place: Place,
    ) -> Result<bool, ServiceError> {
        if self.closed {
            return Err(ServiceError::Ended);
        }
        if self.stands.get(service).is_some_and(|stand| stand.places.contains_key(&(HERE, number))) {
            return Ok(false);
        }
        if self.offers >= ENTRIES_MAX {
            return Err(ServiceError::TooMany { max: ENTRIES_MAX });
        }
        self.offers += 1;
        self.held.entry(actor).or_default().insert(service.into());
        self.orders.extend(order_of(service, number, &place));
        self.put(service, (HERE, number), place);
        Ok(true)
    }

    fn withdraw(&mut self, service: &str, number: u64) -> Option<Place> {
        let place = self.take_away(service, (HERE, number))?;
        self.offers -= 1;
        self.orders.push_back(Order::Withdraw(service.into(), number));
        if let Some(offer) = &place.offer {
            self.let_go(service, offer.actor().key());
        }
        Some(place)
    }

    /// An actor may have nothing there any more.
    fn let_go(&mut self, service: &str, actor: ActorKey) {
        if self.stands.get(service).is_some_and(|stand| stand.has(actor)) {
            return;
        }
        let Some(services) = self.held.get_mut(&actor) else { return };
        services.remove(service);
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
        stand.places.insert(id, place)
    }

    fn take_away(&mut self, service: &str, id: (u64, u64)) -> Option<Place> {
        let stand = self.stands.get_mut(service)?;
        let place = stand.places.remove(&id)?;
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

    /// Whether it did not listen already.
    fn listen(
        &mut self,
        service: &str,
        actor: ActorKey,
        hears: Arc<dyn Hears>,
    ) -> Result<bool, ServiceError> {
        if self.closed {
            return Err(ServiceError::Ended);
        }
        if self.hearers >= ENTRIES_MAX {
            return Err(ServiceError::TooMany { max: ENTRIES_MAX });
        }
        let stand = self.stands.entry(service.into()).or_default();
        if stand.hearers.iter().any(|hearer| hearer.hears.actor().key() == actor) {
            return Ok(false);
        }
        if stand.changes == 0 {
            self.changes += 1;
            stand.changes = self.changes;
        }
        stand.hearers.push(Hearer { hears, told: 0 });
        self.hearers += 1;
        self.held.entry(actor).or_default().insert(service.into());
        self.stirred.insert(service.into());
        Ok(true)
    }

    fn listen_no_more(&mut self, service: &str, actor: ActorKey) -> Option<Hearer> {
        let stand = self.stands.get_mut(service)?;
        let at = stand.hearers.iter().position(|hearer| hearer.hears.actor().key() == actor)?;
        let hearer = stand.hearers.remove(at);
        self.hearers -= 1;
        self.let_go(service, actor);
        self.clear(service);
        Some(hearer)
    }

    /// What there was of an actor that has ended.
    fn ended(&mut self, actor: ActorKey) -> (Vec<Place>, Vec<Hearer>) {
        let (mut places, mut hearers) = (Vec::new(), Vec::new());
        for service in self.held.remove(&actor).unwrap_or_default() {
            let Some(stand) = self.stands.get(&service) else { continue };
            let its = stand.here().filter(|(_, place)| place.is_of(actor));
            let numbers: Vec<u64> = its.map(|(number, _)| number).collect();
            places.extend(numbers.into_iter().filter_map(|number| self.withdraw(&service, number)));
            hearers.extend(self.listen_no_more(&service, actor));
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
        drop(state);
    }
}
