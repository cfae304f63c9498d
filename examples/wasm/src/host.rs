//! What the program asks of its host: the time, and a line of output.

use core::time::Duration;

use casty_core::Instant;

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    safe fn now_millis() -> f64;
    fn print_line(text: *const u8, bytes: usize);
}

/// The time since the host started.
pub(crate) fn now() -> Instant {
    Instant::ORIGIN + Duration::try_from_secs_f64(now_millis() / 1_000.0).unwrap_or_default()
}

/// Prints a line.
pub(crate) fn print(line: &str) {
    // SAFETY: the host reads that many bytes, and keeps none.
    unsafe { print_line(line.as_ptr(), line.len()) }
}
