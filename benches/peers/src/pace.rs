//! The pace of a producer: how much it sends before others have their turn.

use futures_lite::future;

/// Messages that a producer sends at a time.
pub const BURST: u64 = 256;

/// Yields after each burst, where the producer shares its thread with those who handle what it sends.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    shared: bool,
}

impl Pace {
    /// Of a producer outside of that many worker threads. In the class of one thread nothing is outside.
    #[must_use]
    pub const fn outside(threads: usize) -> Self {
        Self { shared: threads == 1 }
    }

    /// After the message of that index.
    pub async fn after(self, index: u64) {
        if self.shared && index % BURST == BURST - 1 {
            future::yield_now().await;
        }
    }
}
