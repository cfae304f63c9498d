//! How a node comes to know another: by a reference, by its greeting, or as a member.

use alloc::string::String;
use alloc::vec::Vec;

use super::Hub;
use crate::actor::DeadReason;
use crate::node_id::NodeId;
use crate::path::check_name;
use crate::remote::acquaintances::Acquaintances;
use crate::remote::peer::Peer;
use crate::remote::stranger::Stranger;
use crate::sync::Arc;

impl Hub {
    /// The peer of that name and incarnation, known from now on.
    pub(crate) fn peer(&self, name: &str, incarnation: u64, address: &str) -> Result<Arc<Peer>, Stranger> {
        // Most often it is known.
        if let Some(peer) = self.peers.with(|peers| peers.get(incarnation).cloned()) {
            return if peer.id().name == name { Ok(peer) } else { Err(Stranger::Impostor) };
        }
        if check_name(name).is_err() {
            return Err(Stranger::Name);
        }
        let max = self.settings.limits.peers_max;
        // All asks are looked at, and so not under the lock of the peers.
        let crowded = self.peers.with(|peers| peers.is_full(max));
        let asked = crowded.then(|| self.asked());
        let (peer, forgotten) = self.peers.with(|peers| {
            if let Some(peer) = peers.get(incarnation) {
                let same = peer.id().name == name;
                return (if same { Ok(Arc::clone(peer)) } else { Err(Stranger::Impostor) }, Vec::new());
            }
            if peers.is_forgotten(incarnation) {
                return (Err(Stranger::Forgotten), Vec::new());
            }
            let there = (NodeId { name: String::from(name), incarnation }, String::from(address));
            if let Some(member) = peers.expected(incarnation) {
                if member != name {
                    return (Err(Stranger::Impostor), Vec::new());
                }
                let peer = self.meet(peers, there);
                peer.keep();
                return (Ok(peer), Vec::new());
            }
            let idle = |peer: &Peer| {
                let asked = asked.as_ref().is_none_or(|asked| asked.contains_key(&peer.key()));
                !asked && !peer.is_connected() && !peer.is_kept() && !peer.has_ties()
            };
            let mut forgotten = Vec::new();
            if peers.is_full(max) {
                forgotten = peers.forget(|peer| idle(peer) && !peer.is_at_rest());
            }
            if peers.is_full(max) {
                // One that rests is well, and would be refused from now on: of these only as many as have to.
                forgotten = peers.forget_at_rest(|peer| peer.rests_since().filter(|_| idle(peer)));
            }
            if peers.is_full(max) {
                return (Err(Stranger::TooManyPeers { max }), forgotten);
            }
            (Ok(self.meet(peers, there)), forgotten)
        });
        drop(forgotten);
        peer
    }

    /// Whether that incarnation is or was a peer, as far as is remembered.
    pub(crate) fn has_met(&self, incarnation: u64) -> bool {
        self.peers.with(|peers| peers.get(incarnation).is_some() || peers.is_forgotten(incarnation))
    }

    fn meet(&self, peers: &mut Acquaintances, there: (NodeId, String)) -> Arc<Peer> {
        let me = self.me.incarnation;
        let peer = Arc::new(Peer::new(there, me, Arc::clone(&self.world), &self.settings, &self.tally));
        peers.add(Arc::clone(&peer));
        peer
    }

    /// Something told to an actor of that incarnation was not taken, which is counted: for that reason, unless it has stopped with its node.
    pub(crate) fn dropped(&self, incarnation: u64, reason: DeadReason) -> DeadReason {
        let peer = self.peers.with(|peers| peers.get(incarnation).cloned());
        let is_lost = reason == DeadReason::Stopped && peer.as_ref().is_none_or(|peer| peer.is_lost());
        let reason = if is_lost { DeadReason::NodeLost } else { reason };
        peer.as_ref().map_or_else(|| self.tally(), |peer| &peer.tally).dropped(reason);
        reason
    }

    /// Only the cluster gives that node up from now on; false when it was lost before, or forgotten. It is a peer from its first word on:
    /// in a large cluster most members never say one to each other.
    pub(crate) fn keep_member(&self, node: &NodeId) -> bool {
        self.peers.with(|peers| match peers.get(node.incarnation) {
            Some(peer) => {
                peer.keep();
                !peer.is_lost()
            }
            None if peers.is_forgotten(node.incarnation) => false,
            None => {
                peers.expect(node.incarnation, &node.name);
                true
            }
        })
    }
}
