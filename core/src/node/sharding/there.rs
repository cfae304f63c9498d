//! The way to a shard on another node, until nobody takes it any more.

use super::envelope::{ShardEnvelope, Spoken};
use super::head::Begins;
use super::name::EntityName;
use crate::remote::{Headed, Line, Remote, Unwritten};
use crate::sync::{Arc, AtomicBool, Ordering};
use crate::trace::TraceContext;

/// The way to the region where a shard is in that epoch.
///
/// Whoever is on it need not be waited for when it is closed: what is still to be said finds that out under the lock of the stream, in which
/// the region says its last word to the shard afterwards. So nothing comes behind that.
pub(super) struct There<M: Send + 'static> {
    pub(super) epoch: u64,
    begins: Begins,
    line: Arc<Line<ShardEnvelope<M>>>,
    /// Nobody takes it any more.
    closed: AtomicBool,
}

impl<M: Send + 'static> There<M> {
    pub(super) fn new(epoch: u64, line: Arc<Line<ShardEnvelope<M>>>) -> Self {
        Self { epoch, begins: Begins::of(epoch), line, closed: AtomicBool::default() }
    }

    /// Nobody takes it any more: the shard's slot leads elsewhere from now on.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }
}

impl<M: Remote> There<M> {
    /// Whether it leads to the region that this line does.
    pub(super) fn leads(&self, line: &Line<ShardEnvelope<M>>) -> bool {
        self.line.meets(line)
    }

    /// Tells an entity something; `again` says that a node has sent it on that the shard had moved from.
    #[inline]
    pub(super) fn tell(
        &self,
        (entity, again): (&EntityName, bool),
        message: &M,
        trace: Option<TraceContext>,
    ) -> Result<(), Unwritten> {
        let whole = Spoken::tell(self.epoch, again, entity, message);
        let head = |room: &mut [u8]| self.begins.write(again, entity, room);
        self.line.say(&Headed { head, message, whole: &whole, closed: &self.closed }, trace)
    }
}
