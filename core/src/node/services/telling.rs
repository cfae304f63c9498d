//! What has changed at a desk, told in order: to those who listen, and to the cluster.

use alloc::string::String;
use alloc::vec::Vec;

use super::desk::{Desk, HERE, State};
use super::error::ServiceError;
use super::key::ServiceKey;
use super::listing::{Instance, Listing};
use super::offer::{Offer, Offered, actor_of};
use super::stand::{Hears, Place};
use crate::actor::ActorRef;
use crate::cluster::Entry;
use crate::log::{self, Level};
use crate::node_id::NodeId;
use crate::remote::{Hub, Notice, Remote, distant};
use crate::sync::{Arc, erased};

/// Something that the cluster is to hear.
pub(super) enum Order {
    Offer(Entry, Arc<dyn Offer>),
    Withdraw(String, u64),
}

/// An actor that wants to be told what there is under a name.
pub(super) struct Subscription<M: Remote> {
    pub(super) service: ServiceKey<M>,
    pub(super) subscriber: ActorRef<Listing<M>>,
}

impl<M: Remote> Hears for Subscription<M> {
    fn tell(&self, desk: &Desk) -> u64 {
        let (changes, listing) = desk.listing(&self.service);
        self.subscriber.note(listing);
        changes
    }
}

/// The next thing to be done.
enum Next {
    Order(Order),
    /// Who does not know the last of that stand.
    Tell(String, Vec<(u64, Arc<dyn Hears>)>),
}

impl Desk {
    /// Tells all that is to be told. One does at a time, so that each hears of changes in their order.
    pub(in crate::node) fn tell(&self) {
        if self.state.with(|state| core::mem::replace(&mut state.telling, true)) {
            // Whoever is at it looks again.
            return;
        }
        while let Some(next) = self.state.with(State::next) {
            match next {
                Next::Order(order) => self.guarded(|| self.order(order)),
                Next::Tell(service, hearers) => {
                    for (number, hears) in hearers {
                        self.guarded(|| {
                            let told = hears.tell(self);
                            self.state.with(|state| state.told(&service, number, told));
                            // It may be the last that has it.
                            drop(hears);
                        });
                    }
                }
            }
        }
    }

    /// The node, if it is in a cluster.
    pub(super) fn hub(&self) -> Option<Arc<Hub>> {
        Hub::of(&self.world).filter(|hub| hub.notices().is_open())
    }

    /// Tells the cluster, if this node is in one.
    fn order(&self, order: Order) {
        let Some(hub) = self.hub() else { return };
        match order {
            Order::Offer(entry, offer) => match offer.export(&hub) {
                Ok(()) => hub.notices().push(Notice::Offer(entry)),
                Err(error) => log::line(
                    Level::Error,
                    || offer.actor().path(),
                    format_args!("no other node finds it as {}: {error}", entry.service),
                ),
            },
            Order::Withdraw(service, actor) => hub.notices().push(Notice::Withdraw(service, actor)),
        }
    }

    /// Which change was the last of what there is under a name; none where there is nothing.
    pub(super) fn changes(&self, service: &str) -> u64 {
        self.state.with(|state| state.stands.get(service).map_or(0, |stand| stand.changes))
    }

    /// What there is under a name, and which change was the last of it.
    pub(super) fn listing<M: Remote>(&self, service: &ServiceKey<M>) -> (u64, Listing<M>) {
        let (changes, places) = self.state.with(|state| {
            let Some(stand) = state.stands.get(service.name()) else { return (0, Vec::new()) };
            let fits = stand.places.iter().filter(|(_, place)| place.takes == M::NAME);
            (stand.changes, fits.filter_map(|(id, place)| Some((*id, Spot::of(place)?))).collect())
        });
        let hub = Hub::of(&self.world);
        let (mut found, mut met) = (Vec::new(), Vec::new());
        for (id, spot) in places {
            let (actor, node) = match spot {
                Spot::Known(offer, node) => (actor_of::<M>(&offer), node),
                Spot::New(node, address, path) => {
                    let actor = hub.as_ref().and_then(|hub| {
                        let peer = hub.peer(&node.name, node.incarnation, &address).ok()?;
                        Some(distant::<M>(peer, id.1, path))
                    });
                    met.extend(actor.clone().map(|actor| (id, actor)));
                    (actor, Some(node))
                }
            };
            let here = id.0 == HERE;
            let node = node.unwrap_or_else(|| self.me(hub.as_deref()));
            found.extend(actor.map(|actor| Instance { node, number: id.1, here, actor }));
        }
        self.keep(service, met);
        (changes, Listing::new(service, found))
    }

    /// Those that were looked for the first time are known from now on.
    fn keep<M: Remote>(&self, service: &ServiceKey<M>, met: Vec<((u64, u64), ActorRef<M>)>) {
        if met.is_empty() {
            return;
        }
        let met = met.into_iter();
        let met: Vec<_> = met.map(|(id, it)| (id, erased!(Arc::new(Offered(it)) => dyn Offer))).collect();
        self.state.with(|state| {
            let Some(stand) = state.stands.get_mut(service.name()) else { return };
            for (id, offer) in &met {
                if let Some(place) = stand.places.get_mut(id) {
                    place.offer.get_or_insert_with(|| Arc::clone(offer));
                }
            }
        });
    }

    /// This node; one that is none has the name of its system.
    fn me(&self, hub: Option<&Hub>) -> NodeId {
        let alone = || NodeId { name: self.world.name().into(), incarnation: HERE };
        hub.map_or_else(alone, |hub| hub.me().clone())
    }

    /// What there is under a name, where that is of one type.
    pub(super) fn find<M: Remote>(&self, service: &ServiceKey<M>) -> Result<Listing<M>, ServiceError> {
        self.state.with(|state| state.fits(service.name(), M::NAME))?;
        Ok(self.listing(service).1)
    }
}

/// An actor that is offered, as it is known.
enum Spot {
    Known(Arc<dyn Offer>, Option<NodeId>),
    New(NodeId, String, String),
}

impl Spot {
    fn of(place: &Place) -> Option<Self> {
        Some(match (&place.offer, place.there.clone()) {
            (Some(offer), there) => Self::Known(Arc::clone(offer), there.map(|(node, _)| node)),
            (None, there) => {
                let (node, address) = there?;
                Self::New(node, address, place.path.clone())
            }
        })
    }
}

impl State {
    /// The next thing to be done; who hears that there is none is at it no more.
    fn next(&mut self) -> Option<Next> {
        if let Some(order) = self.orders.pop_front() {
            return Some(Next::Order(order));
        }
        while let Some(service) = self.stirred.pop_first() {
            let Some(stand) = self.stands.get(&service) else { continue };
            let behind = stand.hearers.iter().filter(|(_, hearer)| hearer.told < stand.changes);
            let behind: Vec<_> =
                behind.map(|(number, hearer)| (*number, Arc::clone(&hearer.hears))).collect();
            if !behind.is_empty() {
                return Some(Next::Tell(service, behind));
            }
        }
        self.telling = false;
        None
    }

    fn told(&mut self, service: &str, subscription: u64, told: u64) {
        let Some(stand) = self.stands.get_mut(service) else { return };
        if let Some(hearer) = stand.hearers.get_mut(&subscription) {
            hearer.told = told;
        }
    }
}
