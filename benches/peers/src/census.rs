//! Counts what a crowd of actors has handled, and how many states were dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_channel::{Receiver, Sender};

use crate::check::{say, word};

/// Counts for a crowd; its actors hold a [`Resident`] each.
#[derive(Debug)]
pub struct Census {
    counts: Arc<Counts>,
    words: Receiver<u64>,
}

/// One of the crowd: part of an actor's state, dropped with it.
#[derive(Debug)]
pub struct Resident(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    handled: AtomicU64,
    ended: AtomicU64,
    /// A word is said each time that so many more have handled a message.
    chunk: u64,
    /// A word is said when so many have ended.
    all: u64,
    word: Sender<u64>,
}

impl Census {
    /// Of a crowd of `all`.
    #[must_use]
    pub fn of(all: u64) -> Self {
        Self::in_chunks(all, u64::MAX)
    }

    /// Of a crowd of `all`, that can be waited for after each `chunk`.
    #[must_use]
    pub fn in_chunks(all: u64, chunk: u64) -> Self {
        let (word, words) = async_channel::unbounded();
        let counts = Counts { handled: AtomicU64::new(0), ended: AtomicU64::new(0), chunk, all, word };
        Self { counts: Arc::new(counts), words }
    }

    /// Another one of the crowd.
    #[must_use]
    pub fn resident(&self) -> Resident {
        Resident(Arc::clone(&self.counts))
    }

    /// Waits until the next chunk has handled its messages, and returns how many have by now.
    pub async fn chunk(&self) -> u64 {
        word(&self.words).await
    }

    /// Waits until all states are dropped, and returns how many messages were handled.
    pub async fn ended(&self) -> u64 {
        word(&self.words).await
    }
}

impl Resident {
    /// Counts a message.
    pub fn handled(&self) {
        let handled = self.0.handled.fetch_add(1, Ordering::Relaxed) + 1;
        if handled.is_multiple_of(self.0.chunk) {
            say(&self.0.word, handled);
        }
    }
}

impl Drop for Resident {
    fn drop(&mut self) {
        if self.0.ended.fetch_add(1, Ordering::AcqRel) + 1 == self.0.all {
            // Where it is not the end that counts, nobody waits for it any more.
            let _ = self.0.word.try_send(self.0.handled.load(Ordering::Relaxed));
        }
    }
}
