//! What runs in the loop: the actors first, then every sentence of the conformance suite.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::task::Wake;
use core::future::Future;
use core::pin::Pin;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use casty_bare::{Bare, Superloop};
use casty_conformance::everywhere::SENTENCES;
use casty_core::{ActorSystem, hours};

use crate::{actors, host};

/// A program, and the loop that runs its actors.
pub struct Program {
    superloop: Superloop,
    scene: Pin<Box<dyn Future<Output = bool>>>,
    awake: Arc<Awake>,
    waker: Waker,
}

/// What one step came to.
pub(crate) enum Step {
    /// There is nothing to do for so long.
    Wait(Duration),
    /// All is done: well, or not.
    Done(bool),
}

/// Whether someone woke the program.
struct Awake(AtomicBool);

impl Wake for Awake {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Program {
    /// A program that has done nothing yet.
    pub(crate) fn new() -> Self {
        let (bare, superloop) = Bare::with_clock(host::now);
        let awake = Arc::new(Awake(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&awake));
        Self { superloop, scene: Box::pin(scene(bare)), awake, waker }
    }

    /// Does what is to do now.
    pub(crate) fn step(&mut self) -> Step {
        if self.awake.0.swap(false, Ordering::Relaxed)
            && let Poll::Ready(well) = self.scene.as_mut().poll(&mut Context::from_waker(&self.waker))
        {
            return Step::Done(well);
        }
        let next = self.superloop.poll_until_idle(host::now(), &self.waker);
        if self.awake.0.load(Ordering::Relaxed) {
            return Step::Wait(Duration::ZERO);
        }
        // Without a timer nobody would wake it: the host gives up on a program that waits for so long.
        Step::Wait(next.map_or(hours(24), |next| next - host::now()))
    }
}

/// Plays all, and says whether all went well.
async fn scene(bare: Bare) -> bool {
    let mut well = everywhere(bare.clone()).await;
    for sentence in SENTENCES {
        let verdict = sentence.scene()(bare.clone()).await;
        let outcome = verdict.as_ref().map_or_else(|failure| format!("FAILED: {failure}"), |()| "ok".into());
        host::print(&format!("{}: {outcome}", sentence.name()));
        well &= verdict.is_ok();
    }
    well
}

/// Plays the actors that run everywhere, and says whether they said what they say everywhere.
async fn everywhere(bare: Bare) -> bool {
    let system = match ActorSystem::on(bare).name("everywhere").start() {
        Ok(system) => system,
        Err(error) => return failed(&error),
    };
    match actors::run(system).await {
        Ok(lines) => {
            lines.iter().for_each(|line| host::print(line));
            lines.iter().map(String::as_str).eq(actors::EXPECTED.lines())
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn core::fmt::Display) -> bool {
    host::print(&format!("FAILED: {error}"));
    false
}
