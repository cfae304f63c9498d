//! Where something is read that was written elsewhere.

use super::hub::Hub;
use super::peer::Peer;
use crate::sync::Arc;

/// The node that reads, and the one that has said it.
pub(crate) struct Here {
    pub(crate) hub: Arc<Hub>,
    /// A peer that is nobody, where it was not said on a link.
    pub(crate) from: Arc<Peer>,
}

impl Here {
    /// At that node, from nobody who is known.
    pub(crate) fn at(hub: &Arc<Hub>) -> Arc<Self> {
        Self::on_link(hub, hub.nobody())
    }

    /// At that node, on the link to that one.
    pub(crate) fn on_link(hub: &Arc<Hub>, from: &Arc<Peer>) -> Arc<Self> {
        Arc::new(Self { hub: Arc::clone(hub), from: Arc::clone(from) })
    }
}
