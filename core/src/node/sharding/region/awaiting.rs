//! For whom a node waits that is to give out shards, when that takes long.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::time::Duration;

use super::Region;
use crate::actor::Context;
use crate::cluster::sharding::Key;
use crate::log::Level;
use crate::node::sharding::envelope::ShardEnvelope;
use crate::node::sharding::event::ShardsWait;
use crate::node_id::NodeId;
use crate::remote::Remote;
use crate::time::Instant;

/// For whom is waited, and whether that was said.
#[derive(Default)]
pub(super) struct Awaiting {
    whom: BTreeSet<Key>,
    since: Option<Instant>,
    named: bool,
}

impl Awaiting {
    /// When it is time to say who is waited for.
    pub(super) fn due(&self, patience: Duration) -> Option<Instant> {
        self.since.filter(|_| !self.named).map(|since| since + patience)
    }

    /// These are waited for; whether it is time to say so.
    fn look(&mut self, now: Instant, awaited: Option<&BTreeSet<Key>>, patience: Duration) -> bool {
        let Some(awaited) = awaited else {
            *self = Self::default();
            return false;
        };
        if !awaited.is_subset(&self.whom) {
            *self = Self { whom: awaited.clone(), since: Some(now), named: false };
        }
        let is_time = self.due(patience).is_some_and(|due| due <= now);
        if is_time {
            self.named = true;
            self.whom.clone_from(awaited);
        }
        is_time
    }
}

impl<M: Remote> Region<M> {
    /// Says who keeps shards from being given out, when what was told to entities begins to be dead of it.
    pub(super) fn name_awaited(&mut self, ctx: &Context<ShardEnvelope<M>>) {
        let patience = self.shards.buffer_timeout;
        let awaited = self.office.awaited();
        if !self.awaiting.look(ctx.now(), awaited, patience) {
            return;
        }
        let is_awaited = |node: &NodeId| awaited.is_some_and(|awaited| awaited.contains(&node.incarnation));
        let members = self.hub.board().read(|state| state.members.clone());
        let nodes = members.into_iter().map(|member| member.id);
        let nodes: Vec<NodeId> = nodes.filter(is_awaited).collect();
        for node in &nodes {
            ctx.log(Level::Warn, format_args!("no shard is given out before {node} has {}", ctx.path()));
        }
        ctx.world().events().publish(|| ShardsWait { path: ctx.path(), nodes });
    }
}
