//! The handle to a node.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use super::dials::Dials;
use super::error::NetworkError;
use super::lookup::RemoteLookup;
use crate::actor::ActorRef;
use crate::remote::{Hub, NodeId, Remote, export};
use crate::sync::Arc;

/// A node: a system that others can reach. The handle is cheap to clone; the node lives as long as its system.
#[derive(Clone)]
pub struct Node {
    pub(super) hub: Arc<Hub>,
    pub(super) dials: Arc<Dials>,
}

impl Node {
    /// Who this node is.
    #[must_use]
    pub fn id(&self) -> &NodeId {
        self.hub.me()
    }

    /// Where others reach it; empty where they do not.
    #[must_use]
    pub fn address(&self) -> &str {
        self.hub.address()
    }

    /// Lets other nodes find `actor` by its path. Until then they know only of actors to which a reference was sent.
    ///
    /// # Errors
    /// [`NetworkError::TooManyExports`].
    pub fn expose<M: Remote>(&self, actor: &ActorRef<M>) -> Result<(), NetworkError> {
        let exports_max = self.hub.limits().exports_max;
        let there = export(&self.hub, actor).map_err(|_| NetworkError::TooManyExports { exports_max })?;
        self.hub.expose(there.path, there.actor).map_err(|_| NetworkError::TooManyExports { exports_max })
    }

    /// Finds the actor at `path`, from the root down, of the node at `address`.
    ///
    /// It is found only if it is [exposed](Self::expose) there and takes messages of that name. The node is connected to if it is
    /// not yet, and this waits for that, within `timeout` for each of the two.
    ///
    /// # Errors
    /// [`RemoteLookupError`](crate::RemoteLookupError) says why there is no reference.
    pub fn lookup<M: Remote>(&self, address: &str, path: &str, timeout: Duration) -> RemoteLookup<M> {
        let dial = Dials::seek(&self.dials, &self.hub, address);
        let path = path.strip_prefix('/').unwrap_or(path);
        RemoteLookup::new(Arc::clone(&self.hub), dial, String::from(path), timeout)
    }

    /// The nodes that there is a connection to.
    #[must_use]
    pub fn connected(&self) -> Vec<NodeId> {
        let peers = self.hub.peers();
        peers.iter().filter(|peer| peer.is_connected()).map(|peer| peer.id().clone()).collect()
    }

    /// How many bytes were told to other nodes, and are not known to have arrived.
    #[must_use]
    pub fn bytes_under_way(&self) -> usize {
        self.hub.peers().iter().map(|peer| peer.unacknowledged()).sum()
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("id", self.id()).field("address", &self.address()).finish()
    }
}
