//! What the process holds: descriptors and memory.

use std::alloc::System;
use std::fs;

use casty::prelude::*;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static GLOBAL: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What is held now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    descriptors: usize,
    bytes: usize,
}

/// As much more memory as may be in use: what connections need that are there or have just ended, and tables that have grown.
const BYTES_MORE_MAX: usize = 4 << 20;

impl Held {
    pub(crate) fn now() -> Self {
        let memory = GLOBAL.stats();
        let bytes = memory.bytes_allocated.saturating_sub(memory.bytes_deallocated);
        Self { descriptors: fs::read_dir("/proc/self/fd").unwrap().count(), bytes }
    }

    /// Waits until as many descriptors are open as then, and looks at the memory.
    pub(crate) async fn returns(self, system: &ActorSystem) {
        let mut now = Self::now();
        for _ in 0..2_000 {
            if now.descriptors <= self.descriptors {
                break;
            }
            system.sleep(millis(5)).await;
            now = Self::now();
        }
        assert!(now.descriptors <= self.descriptors, "{now:?} after {self:?}");
        self.has_grown_little();
    }

    /// The memory is about what it was.
    pub(crate) fn has_grown_little(self) {
        let now = Self::now();
        assert!(now.bytes <= self.bytes + BYTES_MORE_MAX, "{now:?} after {self:?}");
    }
}
