//! Leases that a service gives when nobody waits for its answer any more.

use core::mem;

use crate::sync::Lock;

/// What comes of the answers to one claim that have come too late, or may still come.
#[derive(Default)]
pub(super) struct Late(Lock<State>);

#[derive(Default)]
struct State {
    /// Nobody lives by such a lease any more, or wants to.
    unwanted: bool,
    /// It was given, in that epoch.
    given: Option<u64>,
}

impl Late {
    /// It was given; whether it is to be given back at once.
    pub(super) fn given(&self, epoch: u64) -> bool {
        self.0.with(|state| {
            state.given = Some(epoch).filter(|_| !state.unwanted);
            state.unwanted
        })
    }

    /// It is not wanted any more; in which epoch it was given meanwhile and has to be given back.
    pub(super) fn unwanted(&self) -> Option<u64> {
        self.0.with(|state| {
            state.unwanted = true;
            mem::take(&mut state.given)
        })
    }
}
