//! What a system has for those programs that use it: the first use puts it in.

use core::any::Any;
use core::mem;

use super::World;
use crate::sync::{Arc, Lock};

/// What a system has that only some programs use.
pub(crate) trait Extension: Any + Send + Sync {
    /// The system has ended.
    fn end(&self);
}

impl<T: Extension> Extension for Arc<T> {
    fn end(&self) {
        (**self).end();
    }
}

/// Its place.
#[derive(Default)]
pub(super) enum Annex {
    #[default]
    Empty,
    Taken(Arc<dyn Extension>),
    /// The system has ended: what is put in now would be kept for ever.
    Closed,
}

impl World {
    /// What a system has beside its actors, which `make` makes at its first use; nothing is kept when the system has ended.
    pub(crate) fn extension(&self, make: impl FnOnce() -> Arc<dyn Extension>) -> Arc<dyn Extension> {
        let known = Self::known(&self.annex);
        if let Some(known) = known {
            return known;
        }
        let made = make();
        self.annex
            .with(|annex| match annex {
                // Another was faster.
                Annex::Taken(known) => Some(Arc::clone(known)),
                Annex::Closed => None,
                Annex::Empty => {
                    *annex = Annex::Taken(Arc::clone(&made));
                    Some(Arc::clone(&made))
                }
            })
            .unwrap_or_else(|| {
                made.end();
                made
            })
    }

    fn known(annex: &Lock<Annex>) -> Option<Arc<dyn Extension>> {
        annex.with(|annex| match annex {
            Annex::Taken(known) => Some(Arc::clone(known)),
            Annex::Empty | Annex::Closed => None,
        })
    }

    /// Lets go of it.
    pub(super) fn end_annex(&self) {
        let annex = self.annex.with(|annex| mem::replace(annex, Annex::Closed));
        if let Annex::Taken(extension) = annex {
            extension.end();
        }
    }
}
