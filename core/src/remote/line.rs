//! The straight way to an actor of another node, for what begins with what is known.

use alloc::string::String;

use serde::Serialize;

use super::actor_ref::{Distant, Said};
use super::encoded::{Encoded, Unencodable};
use super::name::Remote;
use super::peer::{Peer, Unwritten};
use super::recalling::recall;
use crate::actor::Within;
use crate::sync::{Arc, AtomicBool, Ordering};
use crate::trace::TraceContext;

/// The straight way to an actor of another node.
pub(crate) struct Line<M>(Distant<M>);

/// A message behind its head.
pub(crate) struct Headed<'a, H, W, M> {
    /// Writes what is before the message in postcard, and says how much that is; nothing if there is no room.
    pub(crate) head: H,
    pub(crate) message: &'a M,
    /// Both of them.
    pub(crate) whole: &'a W,
    /// Once this is so it is not said: it never comes behind what this node says after it has set this.
    pub(crate) closed: &'a AtomicBool,
}

impl<M: Remote> Line<M> {
    pub(crate) fn new(peer: Arc<Peer>, actor: u64, path: String) -> Self {
        Self(Distant::new(peer, actor, path))
    }

    /// Says something of a trace, or else within that which is handled.
    #[inline]
    pub(crate) fn say<H: Fn(&mut [u8]) -> Option<usize>, W: Serialize, T: Serialize>(
        &self,
        what: &Headed<'_, H, W, T>,
        trace: Option<TraceContext>,
    ) -> Result<(), Unwritten> {
        self.0.say(what, Within::or_handling(trace))
    }

    /// Whether both lead to the same actor.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        Arc::ptr_eq(self.0.peer(), other.0.peer()) && self.0.number() == other.0.number()
    }
}

impl<H: Fn(&mut [u8]) -> Option<usize>, W: Serialize, M: Serialize> Said for Headed<'_, H, W, M> {
    #[inline]
    fn write(&self, peer: &Peer, to: &mut Encoded) -> Result<(), Unencodable> {
        peer.encode_headed((&self.head, self.message), self.whole, to)
    }

    fn recall(&self) {
        recall(self.message);
    }

    #[inline]
    fn is_due(&self) -> bool {
        !self.closed.load(Ordering::Relaxed)
    }
}
