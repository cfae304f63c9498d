//! The actors of a service, as one node knows them at one time.

use alloc::vec::Vec;
use core::fmt;

use super::key::ServiceKey;
use crate::actor::ActorRef;
use crate::node_id::NodeId;
use crate::remote::Remote;
use crate::sync::Arc;

/// The actors of a service, as a node knew them at one time; cheap to clone.
///
/// They are in the same order on all nodes that know the same. That an actor is in it does not say that it still lives: it is taken out when its
/// end is heard of.
///
/// ```
/// # use casty_core::{ActorSystem, Behavior, Remote, ServiceKey};
/// # use casty_simulation::Simulation;
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct Print(String);
/// # impl Remote for Print { const NAME: &str = "office.Print"; }
/// # const PRINTERS: ServiceKey<Print> = ServiceKey::new("printers");
/// # Simulation::new(1).run(|host| async move {
/// # let system = ActorSystem::on(host).start().unwrap();
/// let printer = system.spawn(Behavior::ignore(), "printer").unwrap();
/// system.services().register(&PRINTERS, &printer).unwrap();
///
/// let listing = system.services().find(&PRINTERS).unwrap();
/// assert_eq!((listing.len(), listing.service()), (1, &PRINTERS));
/// assert!(listing.iter().eq([&printer]) && listing.here().eq([&printer]));
/// listing.iter().for_each(|printer| printer.tell(Print("hello".into())));
/// # });
/// ```
pub struct Listing<M: Remote> {
    service: ServiceKey<M>,
    found: Arc<Vec<Instance<M>>>,
}

/// One actor of a service.
pub(super) struct Instance<M: Remote> {
    pub(super) node: NodeId,
    /// What nodes know it by.
    pub(super) number: u64,
    pub(super) here: bool,
    pub(super) actor: ActorRef<M>,
}

impl<M: Remote> Listing<M> {
    pub(super) fn new(service: &ServiceKey<M>, mut found: Vec<Instance<M>>) -> Self {
        found.sort_unstable_by_key(Instance::key);
        Self { service: service.clone(), found: Arc::new(found) }
    }

    /// What they were looked for by.
    #[must_use]
    pub const fn service(&self) -> &ServiceKey<M> {
        &self.service
    }

    /// All of them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &ActorRef<M>> + DoubleEndedIterator {
        self.found.iter().map(|instance| &instance.actor)
    }

    /// Those of this node.
    pub fn here(&self) -> impl Iterator<Item = &ActorRef<M>> {
        self.found.iter().filter(|instance| instance.here).map(|instance| &instance.actor)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(super) fn instances(&self) -> &[Instance<M>] {
        &self.found
    }
}

impl<M: Remote> Instance<M> {
    /// What tells it from all others of the cluster.
    pub(super) const fn key(&self) -> (u64, u64) {
        (self.node.incarnation, self.number)
    }
}

impl<M: Remote> Clone for Listing<M> {
    fn clone(&self) -> Self {
        Self { service: self.service.clone(), found: Arc::clone(&self.found) }
    }
}

impl<M: Remote> PartialEq for Listing<M> {
    fn eq(&self, other: &Self) -> bool {
        self.service == other.service && self.iter().eq(other.iter())
    }
}

impl<M: Remote> Eq for Listing<M> {}

impl<M: Remote> fmt::Debug for Listing<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Listing({}: ", self.service.name())?;
        f.debug_list().entries(self.iter()).finish()?;
        f.write_str(")")
    }
}
