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

/// For whom is waited, and of whom that was said.
#[derive(Default)]
pub(super) struct Awaiting {
    since: Option<Instant>,
    named: BTreeSet<Key>,
}

impl Awaiting {
    /// When it is time to say that some are waited for who are waited for now.
    pub(super) fn due(&self, awaited: Option<&BTreeSet<Key>>, patience: Duration) -> Option<Instant> {
        let since = self.since.filter(|_| awaited.is_some_and(|awaited| *awaited != self.named))?;
        Some(since + patience)
    }

    /// Those who are to be named now, if any are.
    fn name(
        &mut self,
        now: Instant,
        awaited: Option<&BTreeSet<Key>>,
        patience: Duration,
    ) -> Option<BTreeSet<Key>> {
        let Some(awaited) = awaited else {
            *self = Self::default();
            return None;
        };
        self.since.get_or_insert(now);
        self.due(Some(awaited), patience).filter(|due| *due <= now)?;
        self.named.clone_from(awaited);
        Some(awaited.clone())
    }
}

impl<M: Remote> Region<M> {
    /// Says who keeps shards from being given out, when what was told to entities begins to be dead of it.
    pub(super) fn name_awaited(&mut self, ctx: &Context<ShardEnvelope<M>>) {
        let patience = self.shards.buffer_timeout;
        let Some(awaited) = self.awaiting.name(ctx.now(), self.office.awaited(), patience) else { return };
        let members = self.hub.board().read(|state| state.members.clone());
        let nodes = members.into_iter().map(|member| member.id);
        let nodes: Vec<NodeId> = nodes.filter(|node| awaited.contains(&node.incarnation)).collect();
        for node in &nodes {
            ctx.log(Level::Warn, format_args!("no shard is given out before {node} has {}", ctx.path()));
        }
        ctx.world().events().publish(|| ShardsWait { path: ctx.path(), nodes });
    }
}
