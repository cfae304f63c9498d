//! Which trace something is told within.

use crate::trace::TraceContext;

/// Which trace something is told within.
#[derive(Clone, Copy)]
pub(crate) enum Within {
    /// That of the message whose handler tells it, if there is one: who tells it is on the thread of its worker.
    Handling,
    /// None, whatever is handled on the calling thread.
    None,
    Trace(TraceContext),
}

impl Within {
    /// Within that, or else where it is told.
    pub(crate) const fn or_handling(trace: Option<TraceContext>) -> Self {
        match trace {
            Some(trace) => Self::Trace(trace),
            None => Self::Handling,
        }
    }

    /// Within that, or else within none: it was looked up before, where it was to be.
    pub(crate) const fn only(trace: Option<TraceContext>) -> Self {
        match trace {
            Some(trace) => Self::Trace(trace),
            None => Self::None,
        }
    }
}
