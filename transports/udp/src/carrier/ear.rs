//! What the reactor wakes: it does a carrier's work, and knows whether it waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

use super::Carrier;

/// A waker for one thing that may happen.
///
/// It is handed to the reactor only while it does not wait there already. A reactor wakes whom it replaces, on the spot, and that would be
/// within the carrier's own lock.
pub(super) struct Ear {
    carrier: Arc<Carrier>,
    waits: AtomicBool,
}

impl Ear {
    pub(super) fn new(carrier: &Arc<Carrier>) -> Arc<Self> {
        Arc::new(Self { carrier: Arc::clone(carrier), waits: AtomicBool::new(false) })
    }

    /// Whether the reactor has yet to wake it.
    pub(super) fn waits(&self) -> bool {
        self.waits.load(Ordering::Acquire)
    }

    /// The waker, to be handed to the reactor now.
    pub(super) fn waker(self: &Arc<Self>) -> Waker {
        self.waits.store(true, Ordering::Release);
        Waker::from(Arc::clone(self))
    }

    /// The reactor has not taken it: it has happened already.
    pub(super) fn was_not_needed(&self) {
        self.waits.store(false, Ordering::Release);
    }
}

impl Wake for Ear {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.waits.store(false, Ordering::Release);
        self.carrier.run();
    }
}
