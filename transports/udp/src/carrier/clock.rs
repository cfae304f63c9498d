//! The time of a socket's conversations, and its timer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::time;

use async_io::Timer;
use casty_core::Instant;
use casty_datagram::Input;

use super::ear::Ear;
use super::{Carrier, End};

/// What time it is, and when somebody is to be woken.
pub(super) struct Clock {
    begun: time::Instant,
    timer: Timer,
    /// When the timer fires.
    set_to: Option<Instant>,
    ear: Option<Arc<Ear>>,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self { begun: time::Instant::now(), timer: Timer::never(), set_to: None, ear: None }
    }

    /// Wakes that one from now on.
    pub(super) fn wakes(&mut self, carrier: &Arc<Carrier>) {
        self.ear = Some(Ear::new(carrier));
    }

    /// Wakes nobody any more.
    pub(super) fn stop(&mut self) {
        (self.timer, self.set_to, self.ear) = (Timer::never(), None, None);
    }

    pub(super) fn now(&self) -> Instant {
        Instant::ORIGIN + self.begun.elapsed()
    }

    /// Lets time pass, if there is something that waits for it.
    pub(super) fn expire(&self, endpoint: &mut End) {
        let now = self.now();
        if endpoint.deadline().is_some_and(|deadline| deadline <= now) {
            endpoint.handle(now, Input::Time);
        }
    }

    /// Wakes at `deadline`, or before: a timer that is too early is cheaper than one that is set for each datagram. Says whether it does; if
    /// not, its time has come already.
    pub(super) fn wake_at(&mut self, deadline: Option<Instant>) -> bool {
        let (Some(deadline), Some(ear)) = (deadline, &self.ear) else { return true };
        if self.set_to.is_none_or(|set_to| deadline < set_to) {
            self.set_to = Some(deadline);
            self.timer.set_at(self.begun + (deadline - Instant::ORIGIN));
        }
        let fired = Pin::new(&mut self.timer).poll(&mut Context::from_waker(&ear.waker())).is_ready();
        if fired {
            self.set_to = None;
        }
        !fired
    }
}
