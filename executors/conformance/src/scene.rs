//! A sentence that is about to be put to an executor, and what comes of it.

use alloc::boxed::Box;
use core::error::Error;
use core::future::Future;
use core::pin::Pin;

/// Why a sentence does not hold.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Whether a sentence holds.
pub type Verdict = Result<(), Failure>;

/// A sentence that is put to an executor: its verdict is to be awaited beside the executor, or on it.
pub type Playing = Pin<Box<dyn Future<Output = Verdict>>>;

/// A sentence that is not yet put to an executor of type `E`.
pub type Scene<E> = Box<dyn FnOnce(E) -> Playing + Send>;

/// Makes a scene of a sentence.
///
/// ```
/// use casty_conformance::{Scene, everywhere, scene};
/// use casty_simulation::{Host, Simulation};
///
/// let ordered: Scene<Host> = scene(everywhere::messages_of_each_sender_arrive_in_its_order);
/// assert!(Simulation::new(1).run(ordered).value.is_ok());
/// ```
pub fn scene<E, F>(sentence: impl FnOnce(E) -> F + Send + 'static) -> Scene<E>
where
    F: Future<Output = Verdict> + 'static,
{
    Box::new(move |executor| Box::pin(sentence(executor)))
}

/// Fails with `what` unless it `holds`.
pub(crate) fn ensure(holds: bool, what: &str) -> Verdict {
    if holds { Ok(()) } else { Err(what.into()) }
}
