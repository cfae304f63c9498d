//! How a node ends with its system: what it has goes elsewhere, what it told arrives.

use alloc::vec::Vec;
use core::task::{Context, Poll, Waker};

use super::Hub;
use crate::actor::Abroad;
use crate::remote::acquaintances::Acquaintances;
use crate::remote::peer::Peer;
use crate::sync::{Arc, Ordering};

impl Abroad for Hub {
    fn has_cluster(&self) -> bool {
        self.notices.is_open()
    }

    fn poll_handed_over(&self, cx: &Context<'_>) -> Poll<()> {
        self.residents.poll_gone(cx)
    }

    /// Of the nodes that are connected, or would be if there had been something to say: they are asked to say so.
    fn poll_arrived(&self, cx: &Context<'_>) -> Poll<()> {
        self.watchers.with(|watchers| {
            if !watchers.iter().any(|waker| waker.will_wake(cx.waker())) {
                watchers.push(cx.waker().clone());
            }
        });
        // Before anything is looked at: what changes from now on wakes who waits.
        let hurried = self.hurries.swap(true, Ordering::AcqRel);
        let hears =
            |peer: &Arc<Peer>| peer.is_connected() || (peer.is_at_rest() && peer.unacknowledged() > 0);
        let connected: Vec<Arc<Peer>> = self.peers().into_iter().filter(hears).collect();
        if !hurried {
            connected.iter().for_each(|peer| peer.stir());
        }
        if connected.iter().any(|peer| peer.unacknowledged() > 0) {
            return Poll::Pending;
        }
        // Only then: a member that has left is not told anything any more.
        self.notices.poll_left(cx)
    }

    fn end(&self) {
        self.ended.store(true, Ordering::Release);
        for peer in self.peers.with(Acquaintances::take) {
            // Nobody is left to hear of it; the connection that carries its stream ends.
            drop(peer.lose());
        }
        self.asks.clear();
        self.sleepers.with(core::mem::take).into_iter().for_each(Waker::wake);
        self.exports.clear();
        self.exposed.with(core::mem::take);
        self.residents.clear();
    }
}
