//! What outlives a connection: how far both streams are, and their short numbers.

use alloc::vec::Vec;
use core::mem;

use super::aliases::ALIASES_MAX;
use super::asks::Pending;
use super::exports::Export;
use super::retained::Retained;
use super::script::Reading;
use crate::actor::Woken;
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
    /// What has come of a message in parts.
    gathered: Vec<u8>,
    /// How its messages are written.
    pub(crate) reading: Reading,
    /// The ask whose reply is being read, by a user's code.
    pub(crate) answered: Option<Arc<dyn Pending>>,
    /// Actors here that were woken by what has come, and are to run soon.
    pub(crate) woken: Woken,
}

/// A peer has sent a longer message than it may.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TooLong;

/// A peer has named more actors than it may.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TooMany;

impl Session {
    /// The next part of a message, which as a whole has at most `bytes_max` bytes.
    pub(crate) fn gather(&mut self, part: &[u8], bytes_max: usize) -> Result<(), TooLong> {
        let whole = self.gathered.len() + part.len();
        if whole > bytes_max {
            return Err(TooLong);
        }
        if whole > self.gathered.capacity() {
            // It doubles, but holds no more than a message may have.
            let room = (2 * whole).min(bytes_max);
            self.gathered.reserve_exact(room - self.gathered.len());
        }
        self.gathered.extend_from_slice(part);
        Ok(())
    }

    /// The message whose parts have come.
    pub(crate) fn gathered(&mut self) -> Vec<u8> {
        mem::take(&mut self.gathered)
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_in_parts_takes_no_more_room_than_a_message_may_and_is_refused_beyond() {
        let mut session = Session::default();
        for _ in 0..10 {
            assert_eq!(session.gather(&[7; 99], 1_000), Ok(()));
            assert!(session.gathered.capacity() <= 1_000);
        }
        assert_eq!(session.gather(&[7; 11], 1_000), Err(TooLong));
        assert_eq!(session.gather(&[7; 10], 1_000), Ok(()));
        assert_eq!((session.gathered(), session.gathered()), (alloc::vec![7; 1_000], Vec::new()));
    }
}
