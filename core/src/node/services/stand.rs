//! What there is under one name: who is offered, and who wants to hear of it.

use alloc::collections::BTreeMap;
use alloc::string::String;

use super::desk::{Desk, HERE};
use super::offer::Offer;
use crate::node_id::NodeId;
use crate::sync::Arc;

/// What there is under one name.
#[derive(Default)]
pub(super) struct Stand {
    /// By the incarnation of the node, which is zero here, and by what nodes know the actor by.
    pub(super) places: BTreeMap<(u64, u64), Place>,
    /// How many take which type of messages: as a rule there is one.
    types: BTreeMap<String, usize>,
    /// By the numbers of their subscriptions.
    pub(super) hearers: BTreeMap<u64, Hearer>,
    /// Which change of the desk was the last of it.
    pub(super) changes: u64,
}

/// One actor that is offered.
pub(super) struct Place {
    /// What the type of its messages is called.
    pub(super) takes: String,
    /// The actor: one of another node when it was looked for.
    pub(super) offer: Option<Arc<dyn Offer>>,
    /// The node, if it is another, its address, and where the actor stands there.
    pub(super) there: Option<(NodeId, String)>,
    pub(super) path: String,
}

/// Somebody who is told of each change.
pub(super) struct Hearer {
    pub(super) hears: Arc<dyn Hears>,
    /// The last change that it was told.
    pub(super) told: u64,
}

/// Who is told what there is under a name.
pub(super) trait Hears: Send + Sync {
    /// Tells what there is now; which change was the last of it.
    fn tell(&self, desk: &Desk) -> u64;
}

impl Stand {
    /// Those of this node, by number.
    pub(super) fn here(&self) -> impl Iterator<Item = (u64, &Place)> {
        let here = self.places.range((HERE, 0)..=(HERE, u64::MAX));
        here.map(|((_, number), place)| (*number, place))
    }

    pub(super) fn is_idle(&self) -> bool {
        self.places.is_empty() && self.hearers.is_empty()
    }

    /// Puts one there; what was there before.
    pub(super) fn put(&mut self, id: (u64, u64), place: Place) -> Option<Place> {
        let old = self.take(id);
        *self.types.entry(place.takes.clone()).or_default() += 1;
        self.places.insert(id, place);
        old
    }

    pub(super) fn take(&mut self, id: (u64, u64)) -> Option<Place> {
        let place = self.places.remove(&id)?;
        if let Some(count) = self.types.get_mut(&place.takes) {
            *count -= 1;
            if *count == 0 {
                self.types.remove(&place.takes);
            }
        }
        Some(place)
    }

    /// A type of messages other than that, which an actor takes that is offered.
    pub(super) fn other_than(&self, name: &str) -> Option<&str> {
        self.types.keys().map(String::as_str).find(|takes| *takes != name)
    }
}
