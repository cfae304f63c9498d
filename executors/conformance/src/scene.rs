//! A sentence, what it is put to, and what comes of it.

use alloc::boxed::Box;
use core::error::Error;
use core::fmt;
use core::future::Future;
use core::pin::Pin;

use casty_core::Executor;

/// Why a sentence does not hold.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Whether a sentence holds.
pub type Verdict = Result<(), Failure>;

/// A sentence that is put to an executor: its verdict is to be awaited beside the executor, or on it.
pub type Playing = Pin<Box<dyn Future<Output = Verdict>>>;

/// A sentence that is not yet put to an executor, which will be an `E`.
pub type Scene<E> = Box<dyn FnOnce(E) -> Playing + Send>;

/// An executor that sentences are put to: any that can be cloned.
pub type Subject = Box<dyn Put>;

/// An executor behind a pointer, which still can be cloned. Sentences are so compiled once, and not for each executor.
pub trait Put: Executor {
    /// A clone.
    fn another(&self) -> Subject;
}

impl<E: Executor + Clone> Put for E {
    fn another(&self) -> Subject {
        Box::new(self.clone())
    }
}

impl Clone for Subject {
    fn clone(&self) -> Self {
        (**self).another()
    }
}

impl fmt::Debug for dyn Put {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an executor")
    }
}

/// What an executor must do, and how it is found out.
#[derive(Clone, Copy, Debug)]
pub struct Sentence {
    name: &'static str,
    put: fn(Subject) -> Playing,
}

impl Sentence {
    pub(crate) const fn new(name: &'static str, put: fn(Subject) -> Playing) -> Self {
        Self { name, put }
    }

    /// What must be true, with `_` between the words.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Puts it to an executor that is yet to come.
    ///
    /// ```
    /// use casty_conformance::{Scene, everywhere};
    /// use casty_simulation::{Host, Simulation};
    ///
    /// let scene: Scene<Host> = everywhere::SENTENCES[0].scene();
    /// assert!(Simulation::new(1).run(scene).value.is_ok());
    /// ```
    #[must_use]
    pub fn scene<E: Executor + Clone>(&self) -> Scene<E> {
        let put = self.put;
        Box::new(move |executor| put(Box::new(executor)))
    }
}

/// Fails with `what` unless it `holds`.
pub(crate) fn ensure(holds: bool, what: &str) -> Verdict {
    if holds { Ok(()) } else { Err(what.into()) }
}
