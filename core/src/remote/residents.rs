//! What has shards at a node, and hands them over before the node goes.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::any::Any;
use core::mem;
use core::task::{Context, Poll, Waker};

use crate::sync::{Arc, Lock, revealed};

/// The ways to the entities of one region.
pub(crate) trait Ways: Any + Send + Sync {
    /// The node is about to go: what is here is to go elsewhere first.
    fn leave(&self);
}

impl<T: Ways> Ways for Arc<T> {
    fn leave(&self) {
        (**self).leave();
    }
}

/// The regions of a node.
#[derive(Default)]
pub(crate) struct Residents(Lock<State>);

#[derive(Default)]
struct State {
    /// By the number of the region.
    ways: BTreeMap<u64, Arc<dyn Ways>>,
    /// Those that have something to hand over, or may have.
    staying: BTreeSet<u64>,
    leaving: bool,
    watchers: Vec<Waker>,
}

impl Residents {
    /// The ways of that region, which may not have begun.
    pub(crate) fn ways(&self, region: u64, make: impl FnOnce() -> Arc<dyn Ways>) -> Arc<dyn Ways> {
        let known = self.0.with(|state| state.ways.get(&region).cloned());
        if let Some(known) = known {
            return known;
        }
        let made = make();
        // Another may have been faster.
        self.0.with(|state| Arc::clone(state.ways.entry(region).or_insert(made)))
    }

    /// The ways of that region, if it is one, and they are such.
    pub(crate) fn find<T: Ways>(&self, region: u64) -> Option<Arc<T>> {
        self.0.with(|state| revealed!(state.ways.get(&region)? => T))
    }

    /// A region has begun.
    pub(crate) fn stays(&self, region: u64) {
        self.0.with(|state| {
            if !state.leaving {
                state.staying.insert(region);
            }
        });
    }

    /// A region has nothing to hand over any more.
    pub(crate) fn may_go(&self, region: u64) {
        let watchers = self.0.with(|state| {
            state.staying.remove(&region);
            if state.staying.is_empty() { mem::take(&mut state.watchers) } else { Vec::new() }
        });
        watchers.into_iter().for_each(Waker::wake);
    }

    /// A region has ended.
    pub(crate) fn forget(&self, region: u64) {
        let ways = self.0.with(|state| state.ways.remove(&region));
        drop(ways);
        self.may_go(region);
    }

    /// All have.
    pub(crate) fn clear(&self) {
        let state = self.0.with(mem::take);
        state.watchers.into_iter().for_each(Waker::wake);
    }

    /// Lets all regions hand over what they have; ready when they have.
    pub(crate) fn poll_gone(&self, cx: &Context<'_>) -> Poll<()> {
        let (first, staying) = self.0.with(|state| {
            let first = !mem::replace(&mut state.leaving, true);
            let staying: Vec<Arc<dyn Ways>> =
                state.staying.iter().filter_map(|region| state.ways.get(region).cloned()).collect();
            if !staying.is_empty() && !state.watchers.iter().any(|waker| waker.will_wake(cx.waker())) {
                state.watchers.push(cx.waker().clone());
            }
            (first, staying)
        });
        if first {
            staying.iter().for_each(|ways| ways.leave());
        }
        if staying.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    }
}
