//! Putting a sentence to an executor: what hangs or panics has failed.

extern crate std;

use core::mem;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::mpsc;
use std::thread;

use casty_core::{Executor, mins};

use crate::scene::{Scene, Sentence, Verdict};

/// How long a sentence may take. It only turns a hang into a failure.
const PATIENCE: Duration = mins(2);

/// Fails unless that one of the `sentences` holds on the executor that `play` plays it on.
///
/// ```
/// use casty_conformance::{Scene, Verdict, drive, everywhere, hold};
/// use casty_smol::Smol;
///
/// fn threads(scene: Scene<Smol>) -> Verdict {
///     drive(scene(Smol::threads(2)))
/// }
/// hold(threads, everywhere::SENTENCES, "an_answer_comes_back");
/// ```
///
/// # Panics
/// When it does not hold within two minutes, with why not; or when there is none of that name.
#[track_caller]
pub fn hold<E: Executor + Clone>(
    play: impl FnOnce(Scene<E>) -> Verdict + Send + 'static,
    sentences: &[Sentence],
    name: &str,
) {
    let sentence = sentences.iter().find(|sentence| sentence.name() == name);
    let verdict = match sentence {
        Some(sentence) => verdict(PATIENCE, play, sentence),
        None => Err("there is no such sentence".into()),
    };
    if let Err(failure) = verdict {
        panic!("{name}: {failure}");
    }
}

/// Whether a sentence holds, within `patience`, on the executor that `play` plays it on.
///
/// It is played on a thread of its own, which is left behind when it hangs.
///
/// ```
/// use casty_conformance::{Scene, Verdict, everywhere, verdict};
/// use casty_core::secs;
/// use casty_smol::Smol;
///
/// let careless = |_scene: Scene<Smol>| -> Verdict { std::panic::resume_unwind(Box::new("no")) };
/// assert!(verdict(secs(60), careless, &everywhere::SENTENCES[0]).is_err());
/// ```
///
/// # Errors
/// Why it does not hold; a panic and a hang are two of the reasons.
pub fn verdict<E: Executor + Clone>(
    patience: Duration,
    play: impl FnOnce(Scene<E>) -> Verdict + Send + 'static,
    sentence: &Sentence,
) -> Verdict {
    let scene = sentence.scene();
    let (tell, hear) = mpsc::channel();
    thread::spawn(move || {
        let verdict = catch_unwind(AssertUnwindSafe(|| play(scene))).unwrap_or_else(|payload| {
            // What was thrown may panic as it is dropped, which would end the process.
            mem::forget(payload);
            Err("it panicked".into())
        });
        // Nobody hears it when it comes too late.
        let _ = tell.send(verdict);
    });
    hear.recv_timeout(patience).unwrap_or_else(|_late| Err("it hangs".into()))
}
