//! The way to a shard on another node, which is over when nobody is on it any more.

use super::envelope::{Note, ShardEnvelope};
use crate::actor::ActorRef;
use crate::sync::{Arc, AtomicBool, AtomicUsize, Ordering};

/// The way to a shard on another node: whoever writes something there holds it meanwhile, which costs less than to count them.
pub(super) struct There<M: Send + 'static> {
    pub(super) epoch: u64,
    pub(super) region: ActorRef<ShardEnvelope<M>>,
    /// The shard, and the region of this node, which hears when the last one on it has let go.
    from: (u32, ActorRef<ShardEnvelope<M>>),
    /// How many ways there still are to this shard, this one among them.
    ways: Arc<AtomicUsize>,
    /// Nobody takes it any more.
    closed: AtomicBool,
}

impl<M: Send + 'static> There<M> {
    /// The way to the region where a shard is in that epoch, from the region of this node.
    pub(super) fn new(
        (epoch, region): (u64, ActorRef<ShardEnvelope<M>>),
        from: (u32, ActorRef<ShardEnvelope<M>>),
        ways: Arc<AtomicUsize>,
    ) -> Self {
        ways.fetch_add(1, Ordering::AcqRel);
        Self { epoch, region, from, ways, closed: AtomicBool::new(false) }
    }

    /// Nobody takes it any more: the region is to hear when it is over.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    /// The region ends: it hears no more of this, unless somebody is still on it.
    pub(super) fn forsake(this: Arc<Self>) {
        if let Some(last) = Arc::into_inner(this) {
            last.closed.store(false, Ordering::Relaxed);
        }
    }
}

impl<M: Send + 'static> Drop for There<M> {
    fn drop(&mut self) {
        self.ways.fetch_sub(1, Ordering::AcqRel);
        let (shard, region) = &self.from;
        // A swap has the latest value also for the model checker, which does not see what shared pointers order.
        if self.closed.swap(false, Ordering::Relaxed)
            && let Some(inbox) = region.inbox()
        {
            inbox.note(ShardEnvelope::note(Note::Quiet(*shard)));
        }
    }
}
