//! Putting a sentence to an executor: what hangs or panics has failed.

extern crate std;

use core::time::Duration;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use casty_core::mins;

use crate::scene::{Scene, Verdict};

/// How long a sentence may take. It only turns a hang into a failure.
const PATIENCE: Duration = mins(2);

/// Fails unless the sentence holds on the executor that `play` plays it on.
///
/// ```
/// use casty_conformance::{Scene, Verdict, drive, everywhere, hold, scene};
/// use casty_smol::Smol;
///
/// fn threads(scene: Scene<Smol>) -> Verdict {
///     drive(scene(Smol::threads(2)))
/// }
/// hold(threads, scene(everywhere::an_answer_comes_back));
/// ```
///
/// # Panics
/// When it does not hold within two minutes: with why not.
#[track_caller]
pub fn hold<E: 'static>(play: impl FnOnce(Scene<E>) -> Verdict + Send + 'static, scene: Scene<E>) {
    if let Err(failure) = verdict(PATIENCE, play, scene) {
        panic!("{failure}");
    }
}

/// Whether the sentence holds, within `patience`, on the executor that `play` plays it on.
///
/// It is played on a thread of its own, which is left behind when it hangs.
///
/// ```
/// use casty_conformance::{Scene, Verdict, everywhere, scene, verdict};
/// use casty_core::secs;
/// use casty_smol::Smol;
///
/// let careless = |_scene: Scene<Smol>| -> Verdict { panic!("no") };
/// let scene = scene(everywhere::an_answer_comes_back);
/// assert!(verdict(secs(60), careless, scene).is_err());
/// ```
///
/// # Errors
/// Why it does not hold; a panic and a hang are two of the reasons.
pub fn verdict<E: 'static>(
    patience: Duration,
    play: impl FnOnce(Scene<E>) -> Verdict + Send + 'static,
    scene: Scene<E>,
) -> Verdict {
    let (tell, hear) = mpsc::channel();
    thread::spawn(move || {
        // Nobody hears it when it comes too late.
        let _ = tell.send(play(scene));
    });
    match hear.recv_timeout(patience) {
        Ok(verdict) => verdict,
        Err(RecvTimeoutError::Timeout) => Err("it hangs".into()),
        Err(RecvTimeoutError::Disconnected) => Err("it panicked".into()),
    }
}
