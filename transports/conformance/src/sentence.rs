//! A sentence about transports: true of one, or not, and why.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use casty_core::transport::{Transport, TransportError};
use casty_core::{Executor, secs};

use crate::stage::Stage;

/// Something that must be true of every transport.
#[derive(Clone, Copy, Debug)]
pub struct Sentence {
    name: &'static str,
    put: fn(Stage) -> Playing,
}

/// A sentence that is put to a transport: its verdict is to be awaited beside the executor, or on it.
pub type Playing = Pin<Box<dyn Future<Output = Verdict> + Send>>;

/// Whether a sentence holds, and why not.
pub type Verdict = Result<(), Failure>;

/// Why a sentence does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure(String);

/// A sentence that is not yet put to a transport.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    sentence: Sentence,
    calls_max: usize,
}

/// So many call at once, unless the transport is said to take fewer.
const CALLS_MAX: usize = 50;

/// After so long it has failed, on whatever clock: each waits for nothing but the transport.
const PATIENCE_SECONDS: u64 = 60;

impl Sentence {
    pub(crate) const fn new(name: &'static str, put: fn(Stage) -> Playing) -> Self {
        Self { name, put }
    }

    /// The sentence itself, with underscores between its words.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Puts it to a transport that is yet to come.
    #[must_use]
    pub const fn scene(&self) -> Scene {
        Scene { sentence: *self, calls_max: CALLS_MAX }
    }
}

impl Scene {
    /// The same for a transport that takes so few calls at once: a line, for example, with one node at its other end. No sentence is left
    /// out by that, but the one about many is then about so many.
    #[must_use]
    pub const fn with_calls_max(self, calls_max: usize) -> Self {
        Self { calls_max, ..self }
    }

    /// Plays it with this transport. `address` makes an address to listen at of a name.
    pub fn play(
        self,
        executor: impl Executor + Clone,
        transport: impl Transport,
        address: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> Playing {
        let (another, sleeper) = (executor.clone(), executor.clone());
        let another = move || -> Box<dyn Executor> { Box::new(another.clone()) };
        let stage = Stage::new(another, Box::new(transport), Box::new(address), self.calls_max);
        let playing = (self.sentence.put)(stage);
        Box::pin(async move {
            let late = async {
                sleeper.sleep_until(sleeper.now() + secs(PATIENCE_SECONDS)).await;
                Err(Failure::new("it hangs"))
            };
            futures_lite::future::or(playing, late).await
        })
    }

    /// Plays it on this thread, with an executor that has threads of its own.
    ///
    /// # Errors
    /// Why the sentence does not hold.
    pub fn play_with(
        self,
        executor: impl Executor + Clone,
        transport: impl Transport,
        address: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> Verdict {
        futures_lite::future::block_on(self.play(executor, transport, address))
    }
}

/// Fails unless the sentence of that name holds for the transport that a function plays scenes with.
///
/// # Panics
/// When it does not hold, with why not; or when there is none of that name.
#[track_caller]
pub fn hold(play: impl FnOnce(Scene) -> Verdict, name: &str) {
    let sentence = crate::SENTENCES.iter().find(|sentence| sentence.name == name);
    let verdict = sentence.map_or_else(|| Err(Failure::new("no such sentence")), |it| play(it.scene()));
    if let Err(failure) = verdict {
        panic!("{name}: {failure}");
    }
}

impl Failure {
    /// For harnesses, which know reasons of their own.
    pub fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

/// What should have gone well did not.
impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        Self(error.to_string())
    }
}

/// Fails with `what` unless it `holds`.
pub(crate) fn ensure(holds: bool, what: &str) -> Verdict {
    if holds { Ok(()) } else { Err(Failure::new(what)) }
}
