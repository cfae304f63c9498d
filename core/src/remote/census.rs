//! The counters of a node and of its peers, put together when somebody asks for them.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::counters::{NodeCounters, PeerCounters};
use super::hub::Hub;
use super::peer::Peer;

impl Hub {
    /// How many asks wait, by the number of the peer whose actor was asked.
    pub(crate) fn asked(&self) -> BTreeMap<usize, u64> {
        self.asks().waiting()
    }

    /// What was counted of each peer, by its name.
    pub(crate) fn peer_counters(&self) -> Vec<PeerCounters> {
        let waiting = self.asked();
        let counters = |peer: &Peer| {
            let (links_made, links_lost) = peer.tally.links();
            PeerCounters {
                peer: peer.id().clone(),
                address: peer.address(),
                connected: peer.is_connected(),
                lost: peer.is_lost(),
                links_made,
                links_lost,
                traffic: peer.tally.traffic(),
                dropped: peer.tally.drops(),
                bytes_unacknowledged: peer.unacknowledged() as u64,
                asks_waiting: waiting.get(&peer.key()).copied().unwrap_or_default(),
                round_trip: peer.tally.round_trip(),
            }
        };
        let mut all: Vec<PeerCounters> = self.peers().iter().map(|peer| counters(peer)).collect();
        all.sort_by(|one, other| one.peer.cmp(&other.peer));
        all
    }

    /// What was counted of all peers.
    pub(crate) fn counters(&self) -> NodeCounters {
        let (peers, tally, waiting) = (self.peers(), self.tally(), self.asked());
        let (links_made, links_lost) = tally.links();
        NodeCounters {
            peers_connected: peers.iter().filter(|peer| peer.is_connected()).count() as u64,
            peers_lost: tally.losses(),
            links_made,
            links_lost,
            connections_refused: tally.refusals(),
            traffic: tally.traffic(),
            dropped: tally.drops(),
            bytes_unacknowledged: peers.iter().map(|peer| peer.unacknowledged() as u64).sum(),
            asks_waiting: peers.iter().filter_map(|peer| waiting.get(&peer.key())).sum(),
        }
    }
}
