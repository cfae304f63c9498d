//! Which worker runs on a thread.

use core::cell::Cell;

use casty_core::WorkerId;

std::thread_local! {
    /// The worker that runs on this thread now.
    static WORKER: Cell<Option<WorkerId>> = const { Cell::new(None) };
}

/// Notes which worker runs on the calling thread from now on, and returns which one did before.
///
/// All executors share the note: a worker's number says of which system it is, and no two systems share one.
///
/// ```
/// use casty_core::WorkerId;
///
/// let worker = Some(WorkerId { system: 1, index: 0 });
/// assert_eq!(casty_hosted::enter(worker), None);
/// assert_eq!(std::thread::spawn(casty_hosted::worker).join().unwrap(), None); // another thread
/// assert_eq!(casty_hosted::enter(None), worker);
/// ```
#[inline]
pub fn enter(worker: Option<WorkerId>) -> Option<WorkerId> {
    WORKER.replace(worker)
}

/// The worker that runs on the calling thread, as last said to [`enter`]: one read of a thread-local.
#[inline]
#[must_use]
pub fn worker() -> Option<WorkerId> {
    WORKER.get()
}
