//! All that is at work on a node of a world that has entities.

use std::sync::Arc;

use casty::prelude::*;
use casty::simulation::Pausable;
use casty::{Entities, Node};

use super::clerks;
use super::counts::{self, Count};
use super::lists::{Entry, Lists};
use super::one::{self, Word};

/// The ways of a node to lists, counts, and the one.
#[derive(Clone)]
pub(crate) struct Works {
    pub(crate) lists: Entities<Entry>,
    counts: Entities<Count>,
    one: ActorRef<Word>,
}

impl Works {
    /// Begins all that, on a node, where it goes on until `alive` is dropped.
    pub(crate) fn begin(
        all: &Lists,
        place: (&ActorSystem, &Node, &Pausable),
        alive: &Arc<()>,
    ) -> casty::Result<Self> {
        let alive = || Arc::downgrade(alive);
        let lists = all.open(place, alive())?;
        let counts = counts::open(all, place, alive())?;
        let one = one::open(&all.log, place, alive())?;
        clerks::open(&all.log, place, alive())?;
        Ok(Self { lists, counts, one })
    }

    /// The first that does not answer, though all is well.
    pub(crate) async fn silent(&self, all: &Lists) -> Option<String> {
        if let Some(silent) = all.silent(&self.lists).await {
            return Some(silent);
        }
        match counts::silent(&self.counts).await {
            None => one::silent(&self.one).await,
            silent => silent,
        }
    }
}
