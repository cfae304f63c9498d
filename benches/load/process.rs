//! What the operating system says about this process; nothing where there is no `/proc`.

use std::fs;
use std::path::Path;
use std::time::Duration;

/// What the threads of this process have used so far, without the first: it looks on.
#[derive(Clone, Copy, Default)]
pub(crate) struct Usage {
    /// Time on a processor.
    pub(crate) cpu: Duration,
    /// Times that a thread went to sleep, or had to let another one run.
    pub(crate) switches: u64,
}

impl Usage {
    /// Of the threads that are alive now.
    pub(crate) fn now() -> Option<Self> {
        let mut sum = Self::default();
        // The first thread has the number of the process.
        let first = std::process::id().to_string();
        for thread in fs::read_dir("/proc/self/task").ok()? {
            let thread = thread.ok()?.path();
            if thread.ends_with(&first) {
                continue;
            }
            sum.cpu += cpu(&thread)?;
            let status = fs::read_to_string(thread.join("status")).ok()?;
            sum.switches += field(&status, "voluntary_ctxt_switches:")?;
            sum.switches += field(&status, "nonvoluntary_ctxt_switches:")?;
        }
        Some(sum)
    }

    /// What was used since `earlier`, when all threads of now were alive.
    pub(crate) fn since(self, earlier: Self) -> Self {
        let switches = self.switches.saturating_sub(earlier.switches);
        Self { cpu: self.cpu.saturating_sub(earlier.cpu), switches }
    }
}

/// Bytes of this process that are in memory.
pub(crate) fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    Some(field(&status, "VmRSS:")? * 1_024)
}

/// Time of a thread on a processor: to the nanosecond, unlike that in its `stat`.
fn cpu(thread: &Path) -> Option<Duration> {
    let times = fs::read_to_string(thread.join("schedstat")).ok()?;
    Some(Duration::from_nanos(times.split(' ').next()?.parse().ok()?))
}

/// The number on the line of `status` that begins with `name`.
fn field(status: &str, name: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix(name))?;
    value.split_whitespace().next()?.parse().ok()
}
