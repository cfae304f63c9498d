//! The board that the emulator plays: one for each target.

#[cfg_attr(target_arch = "arm", path = "cortex_m.rs")]
#[cfg_attr(target_arch = "riscv32", path = "riscv.rs")]
mod chip;

#[cfg(target_arch = "arm")]
pub use chip::entropy;
pub use chip::{entry, exit, start, wait};

/// Prints that text.
pub fn print(text: &str) {
    chip::print(text.as_bytes());
}

/// Prints a number without the machinery of `core::fmt`.
pub fn print_number(number: usize) {
    if number >= 10 {
        print_number(number / 10);
    }
    chip::print(&[b'0' + (number % 10) as u8]);
}
