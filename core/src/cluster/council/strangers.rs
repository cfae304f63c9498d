//! Nodes to which this one is a stranger, and they to it: such are in another cluster.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Council, Output};
use crate::cluster::event::ClusterEvent;
use crate::cluster::status::MemberStatus;
use crate::cluster::word::Word;
use crate::node_id::NodeId;
use crate::time::Instant;

/// A node in a cluster that takes this one for a stranger, and is one to it.
pub(super) struct Stranger {
    node: NodeId,
    since: Instant,
    /// It was asked whether that is still so.
    asked: bool,
}

/// Of how many nodes it is said that they are in another cluster.
const OTHERS_MAX: usize = 1_024;
/// Word of a member that is new is here before so many times of a try to join.
const STRANGE: u32 = 3;

impl Council {
    /// A node that is in a cluster takes this one for a stranger. If it stays one for this node too, there are two clusters.
    pub(super) fn invited(&mut self, now: Instant, by: NodeId) {
        let key = by.incarnation;
        let up = self.view.status(self.me()) == Some(MemberStatus::Up);
        if !up || !self.is_stranger(key) || self.others.contains(&key) {
            return;
        }
        if self.strangers.get(&key).is_some_and(|stranger| stranger.asked) {
            self.strangers.remove(&key);
            self.others.insert(key);
            self.output.push_back(Output::Publish(ClusterEvent::OtherCluster(by)));
        } else if self.others.len() + self.strangers.len() < OTHERS_MAX {
            self.strangers.entry(key).or_insert(Stranger { node: by, since: now, asked: false });
        }
    }

    fn is_stranger(&self, key: u64) -> bool {
        self.view.get(key).is_none() && !self.view.is_removed(key)
    }

    /// Asks those that have been strangers for a while whether they still are: they may have been members whom this node never met, and that give
    /// themselves up as soon as they know that others have. Who does not say so again is forgotten.
    pub(super) fn ask_strangers(&mut self, now: Instant) {
        let patience = self.settings.stable_after.max(self.settings.retry * STRANGE);
        let due = self.strangers.iter().filter(|(_, it)| now >= it.since + patience);
        for key in due.map(|(key, _)| *key).collect::<Vec<_>>() {
            let Some(Stranger { node, asked, .. }) = self.strangers.remove(&key) else { continue };
            if !asked && self.is_stranger(key) {
                self.output.push_back(Output::Send(node.clone(), String::new(), Word::Probe));
                self.strangers.insert(key, Stranger { node, since: now, asked: true });
            }
        }
    }
}
