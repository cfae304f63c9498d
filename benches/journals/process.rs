//! What the kernel says of this process.

use std::fs;

/// The most bytes that were in memory since [`forget_peak`].
pub(crate) fn peak_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1_024)
}

/// Begins to look for the peak anew, where the kernel lets a process do so.
pub(crate) fn forget_peak() {
    // Without it the peak is that of the whole run: never too small.
    let _ = fs::write("/proc/self/clear_refs", "5");
}
