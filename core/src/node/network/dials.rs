//! The addresses that are dialed, and who waits to hear which node is there.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::task::{Context, Poll, Waker};

use super::dialing::Dialing;
use crate::node_id::NodeId;
use crate::remote::{Hub, Peer};
use crate::sync::{Arc, AtomicUsize, Lock, Ordering};
use crate::transport::Transport;

/// All addresses that are dialed, and by what.
pub(in crate::node) struct Dials {
    transport: Arc<dyn Transport>,
    by_address: Lock<BTreeMap<String, Arc<Dial>>>,
    /// How many of them are dialed only because a reference named them.
    hearsay: AtomicUsize,
}

/// An address is dialed because a reference named it; dropped when it is known who is there, or is dialed no more.
pub(super) struct Hearsay(Arc<Dials>);

impl Drop for Hearsay {
    fn drop(&mut self) {
        self.0.hearsay.fetch_sub(1, Ordering::AcqRel);
    }
}

/// One address.
pub(in crate::node) struct Dial {
    address: String,
    state: Lock<State>,
}

#[derive(Default)]
struct State {
    peer: Option<Arc<Peer>>,
    /// Why the last attempt failed.
    failure: Option<String>,
    /// It is dialed no more.
    over: bool,
    line: Vec<Waker>,
    /// How many lookups there are.
    lookups: usize,
    /// It is to be dialed without a pause.
    hasty: bool,
    /// It is dialed only to see whether anybody is there: what becomes of that is no news of any node.
    looks: bool,
    /// Who pauses.
    dialer: Option<Waker>,
}

impl Dials {
    pub(super) fn new(transport: Arc<dyn Transport>) -> Self {
        Self { transport, by_address: Lock::default(), hearsay: AtomicUsize::new(0) }
    }

    pub(super) const fn transport(&self) -> &Arc<dyn Transport> {
        &self.transport
    }

    /// Dials the address of a peer, unless it is dialed already. An address that only a reference has named is not dialed while
    /// there are as many of them as there may be strangers: references can name any number of addresses.
    pub(super) fn seek_peer(this: &Arc<Self>, hub: &Arc<Hub>, address: &str, proved: bool) {
        if proved {
            drop(Self::seek(this, hub, address));
            return;
        }
        let hearsay = this.hearsay.fetch_add(1, Ordering::AcqRel);
        let counted = Hearsay(Arc::clone(this));
        if hearsay < hub.limits().strangers_max {
            drop(Self::dial(this, hub, address, Some(counted), false));
        }
    }

    /// Dials an address, unless it is dialed already.
    pub(in crate::node) fn seek(this: &Arc<Self>, hub: &Arc<Hub>, address: &str) -> Arc<Dial> {
        Self::dial(this, hub, address, None, false)
    }

    /// Dials an address once, to see whether anybody is there; who it is if that is known already.
    pub(in crate::node) fn look(this: &Arc<Self>, hub: &Arc<Hub>, address: &str) -> Option<NodeId> {
        let dial = Self::dial(this, hub, address, None, true);
        dial.hasten();
        dial.connected()
    }

    fn dial(
        this: &Arc<Self>,
        hub: &Arc<Hub>,
        address: &str,
        hearsay: Option<Hearsay>,
        looks: bool,
    ) -> Arc<Dial> {
        let (dial, new) = this.by_address.with(|dials| {
            if let Some(dial) = dials.get(address)
                && !dial.is_over()
            {
                if !looks {
                    dial.is_meant();
                }
                return (Arc::clone(dial), false);
            }
            let state = Lock::new(State { looks, ..State::default() });
            let dial = Arc::new(Dial { address: String::from(address), state });
            dials.insert(String::from(address), Arc::clone(&dial));
            (dial, true)
        });
        if new {
            let dialing = Dialing::new(Arc::clone(hub), Arc::clone(this), Arc::clone(&dial), hearsay);
            hub.world().executor().spawn(Box::pin(dialing));
        }
        dial
    }

    /// It is over.
    pub(super) fn forget(&self, dial: &Arc<Dial>) {
        let gone = self.by_address.with(|dials| {
            let same = dials.get(&dial.address).is_some_and(|known| Arc::ptr_eq(known, dial));
            if same { dials.remove(&dial.address) } else { None }
        });
        drop(gone);
    }
}

impl Dial {
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    fn is_over(&self) -> bool {
        self.state.with(|state| state.over)
    }

    /// Somebody has something to say there.
    fn is_meant(&self) {
        self.state.with(|state| state.looks = false);
    }

    /// Whether it is dialed only to see whether anybody is there.
    pub(super) fn only_looks(&self) -> bool {
        self.state.with(|state| state.looks)
    }

    /// The node that is there, if there is a connection to it.
    fn connected(&self) -> Option<NodeId> {
        self.state.with(|state| {
            let peer = state.peer.as_ref().filter(|peer| peer.is_connected())?;
            Some(peer.id().clone())
        })
    }

    /// Whether somebody wants to hear which node is there.
    pub(super) fn is_awaited(&self) -> bool {
        self.state.with(|state| state.lookups > 0)
    }

    /// Somebody wants to hear it, or no longer does.
    pub(in crate::node) fn await_by(&self, lookups: isize) {
        self.state.with(|state| state.lookups = state.lookups.saturating_add_signed(lookups));
    }

    /// Ends a pause between two attempts.
    pub(in crate::node) fn hasten(&self) {
        let dialer = self.state.with(|state| {
            state.hasty = true;
            state.dialer.take()
        });
        dialer.into_iter().for_each(Waker::wake);
    }

    /// Whether it is to be dialed without a pause, once; who asks is woken when it is.
    pub(super) fn poll_haste(&self, cx: &Context<'_>) -> bool {
        self.state.with(|state| {
            state.dialer = Some(cx.waker().clone());
            core::mem::take(&mut state.hasty)
        })
    }

    /// That node is there.
    pub(super) fn leads_to(&self, peer: &Arc<Peer>) {
        self.tell(|state| {
            (state.peer, state.looks) = (Some(Arc::clone(peer)), false);
            true
        });
    }

    pub(super) fn failed(&self, cause: &str) {
        self.tell(|state| {
            state.failure = Some(String::from(cause));
            false
        });
    }

    /// It is dialed no more.
    pub(super) fn over(&self, cause: &str) {
        self.tell(|state| {
            state.over = true;
            state.failure = Some(String::from(cause));
            true
        });
    }

    fn tell(&self, change: impl FnOnce(&mut State) -> bool) {
        let wakers = self
            .state
            .with(|state| if change(state) { core::mem::take(&mut state.line) } else { Vec::new() });
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Why the last attempt failed, if none has succeeded.
    pub(super) fn failure(&self) -> Option<String> {
        self.state.with(|state| state.failure.clone())
    }

    /// Which node is there, or why that will not be known.
    pub(in crate::node) fn poll_peer(&self, cx: &Context<'_>) -> Poll<Result<Arc<Peer>, String>> {
        self.poll_peer_that(|peer| !peer.is_lost(), cx)
    }

    /// Which node is there, if it is such a one, or why that will not be known.
    pub(super) fn poll_peer_that(
        &self,
        is_such: impl FnOnce(&Arc<Peer>) -> bool,
        cx: &Context<'_>,
    ) -> Poll<Result<Arc<Peer>, String>> {
        self.state.with(|state| {
            if let Some(peer) = &state.peer
                && is_such(peer)
            {
                return Poll::Ready(Ok(Arc::clone(peer)));
            }
            if state.over {
                return Poll::Ready(Err(state.failure.clone().unwrap_or_default()));
            }
            if !state.line.iter().any(|waker| waker.will_wake(cx.waker())) {
                state.line.push(cx.waker().clone());
            }
            Poll::Pending
        })
    }
}
