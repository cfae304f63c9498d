//! One actor that is offered under a name.

use alloc::string::String;

use serde::{Deserialize, Serialize};

/// An actor that is offered under a name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// The name of the service.
    pub(crate) service: String,
    /// What others know the actor by.
    pub(crate) actor: u64,
    /// What the type of its messages is called.
    pub(crate) takes: String,
    /// Where it stands, from the root down.
    pub(crate) path: String,
}

/// How much one node offers at most.
pub(crate) const ENTRIES_MAX: usize = 4_096;
/// How long the name of a service, of a type and a path may be.
pub(crate) const TEXT_BYTES_MAX: usize = 1_024;

impl Entry {
    /// Whether it is one that a node may offer.
    pub(crate) fn is_sound(&self) -> bool {
        let fits = |text: &String| text.len() <= TEXT_BYTES_MAX;
        !self.service.is_empty() && [&self.service, &self.takes, &self.path].into_iter().all(fits)
    }

    /// About how many bytes it takes.
    pub(crate) const fn bytes(&self) -> usize {
        self.service.len() + self.takes.len() + self.path.len() + 3 * size_of::<u64>()
    }
}
