//! Which trace the messages are of that are being handled, where traces are passed on.
//!
//! Without an operating system none is: no executor there says which worker runs, and what all this takes would not be small.
//! Whoever asks for a trace asks for [`HOSTED`] too, so that a firmware is linked without the code.

use alloc::boxed::Box;

use super::World;
use crate::sync::{AtomicUsize, HOSTED, Lock, Ordering};
use crate::trace::TraceContext;

/// The trace of the message that each worker's actor handles, where it has one.
pub(super) struct Traces {
    by_worker: Box<[Lock<Option<TraceContext>>]>,
    /// How many of them have one, to look without a lock: who looks has noted its own before.
    at_work: AtomicUsize,
}

impl Traces {
    pub(super) fn new(workers: usize) -> Self {
        Self { by_worker: (0..workers).map(|_| Lock::default()).collect(), at_work: AtomicUsize::new(0) }
    }
}

impl World {
    /// Whether traces are passed on in this system.
    #[inline]
    pub(crate) const fn traces(&self) -> bool {
        HOSTED && self.traces.is_some()
    }

    /// The trace of the message whose handler runs on the calling thread.
    #[inline]
    pub(crate) fn trace(&self) -> Option<TraceContext> {
        let traces = self.traces.as_ref().filter(|_| HOSTED)?;
        if traces.at_work.load(Ordering::Relaxed) == 0 {
            None
        } else {
            self.own(traces)?.with(|trace| *trace)
        }
    }

    /// From now on this is it.
    #[inline(never)]
    pub(crate) fn set_trace(&self, trace: Option<TraceContext>) {
        let Some(traces) = &self.traces else { return };
        let Some(own) = self.own(traces) else { return };
        let before = own.with(|own| core::mem::replace(own, trace));
        match (before, trace) {
            (None, Some(_)) => _ = traces.at_work.fetch_add(1, Ordering::Relaxed),
            (Some(_), None) => _ = traces.at_work.fetch_sub(1, Ordering::Relaxed),
            (None, None) | (Some(_), Some(_)) => {}
        }
    }

    /// That of the worker on this thread.
    fn own<'a>(&self, traces: &'a Traces) -> Option<&'a Lock<Option<TraceContext>>> {
        let worker = self.executor.worker().filter(|worker| worker.system == self.key())?;
        traces.by_worker.get(worker.index)
    }
}
