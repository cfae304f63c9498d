//! A sentence about journals: true of one, or not, and why.

use core::fmt;
use core::future::Future;
use core::pin::Pin;

use casty_core::journal::{Journal, JournalError};

/// Something that must be true of every journal.
#[derive(Clone, Copy, Debug)]
pub struct Sentence {
    name: &'static str,
    check: fn(Box<dyn Journal>) -> Checking,
}

type Checking = Pin<Box<dyn Future<Output = Verdict> + Send>>;

/// Whether a sentence holds, and why not.
pub type Verdict = Result<(), Failure>;

/// Why a sentence does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure(String);

impl Sentence {
    pub(crate) const fn new(name: &'static str, check: fn(Box<dyn Journal>) -> Checking) -> Self {
        Self { name, check }
    }

    /// The sentence itself, with underscores between its words.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it holds for a journal that has nothing in it.
    ///
    /// ```
    /// use casty_core::journal::MemoryJournal;
    /// use casty_journal_conformance::SENTENCES;
    ///
    /// assert_eq!(SENTENCES[0].verdict(MemoryJournal::new()), Ok(()));
    /// ```
    ///
    /// # Errors
    /// Why it does not hold.
    pub fn verdict(&self, journal: impl Journal) -> Verdict {
        futures_lite::future::block_on((self.check)(Box::new(journal)))
    }
}

/// Fails unless the sentence of that name holds for a journal that has nothing in it.
///
/// # Panics
/// When it does not hold, with why not; or when there is none of that name.
#[track_caller]
pub fn hold(journal: impl Journal, name: &str) {
    let sentence = crate::SENTENCES.iter().find(|sentence| sentence.name == name);
    let verdict = sentence.map_or_else(|| Err(Failure::new("no such sentence")), |it| it.verdict(journal));
    if let Err(failure) = verdict {
        panic!("{name}: {failure}");
    }
}

impl Failure {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for Failure {}

/// For harnesses, which know reasons of their own.
impl From<String> for Failure {
    fn from(why: String) -> Self {
        Self(why)
    }
}

/// What should have gone well did not.
impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        Self(error.to_string())
    }
}

/// Ends a sentence that does not hold: two things that should be the same are not.
macro_rules! same {
    ($seen:expr, $expected:expr) => {{
        match (&$seen, &$expected) {
            (seen, expected) if seen != expected => {
                let place = concat!(file!(), ":", line!());
                return Err($crate::Failure::new(format!("{place}: {seen:?} instead of {expected:?}")));
            }
            _ => {}
        }
    }};
}
