//! What outlives a connection: how far both streams are, and their short numbers.

use alloc::vec::Vec;

use super::aliases::ALIASES_MAX;
use super::exports::Export;
use super::retained::Retained;
use super::script::Reading;
use crate::sync::Arc;

/// What a short number of the peer's stands for.
#[derive(Clone)]
pub(crate) enum Alias {
    Actor(u64, Arc<dyn Export>),
    /// Nobody, or somebody who takes other messages.
    Nobody(u64),
}

/// How far the streams of a link are.
#[derive(Default)]
pub(crate) struct Session {
    /// What has been taken over of the stream to the peer, as far as it has not said that it had it.
    pub(crate) retained: Retained,
    /// How much of the peer's stream has been had: whole frames only.
    pub(crate) received: u64,
    /// What the peer calls the actors of this node.
    pub(crate) aliases: Vec<Alias>,
    /// How its messages are written.
    pub(crate) reading: Reading,
}

/// A peer has named more actors than it may.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TooMany;

impl Session {
    /// From now on a short number of the peer's stands for that. The peer counts from zero, and may begin anew.
    pub(crate) fn name(&mut self, alias: u64, stands_for: Alias) -> Result<(), TooMany> {
        let at = usize::try_from(alias).map_err(|_| TooMany)?;
        let known = self.aliases.len();
        if at > known || at >= ALIASES_MAX {
            return Err(TooMany);
        }
        if at == known {
            self.aliases.push(stands_for);
        } else {
            self.aliases[at] = stands_for;
        }
        Ok(())
    }
}
