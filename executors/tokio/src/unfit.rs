//! Why a runtime cannot run actors.

use core::fmt;
use std::error::Error;

/// Why actors cannot run on a runtime.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum UnfitRuntime {
    /// The calling code is not inside a runtime.
    NoRuntime,
    /// The runtime was built without timers: `enable_time` or `enable_all` on its builder adds them.
    NoTimers,
}

impl fmt::Display for UnfitRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoRuntime => "there is no tokio runtime here",
            Self::NoTimers => "the tokio runtime has no timers: build it with `enable_time`",
        })
    }
}

impl Error for UnfitRuntime {}
