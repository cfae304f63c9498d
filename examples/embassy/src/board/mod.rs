//! The board that the emulator plays: one for each target.

#[cfg_attr(target_arch = "arm", path = "cortex_m.rs")]
#[cfg_attr(target_arch = "riscv32", path = "riscv.rs")]
mod chip;

#[cfg(target_arch = "arm")]
pub use chip::entropy;
pub use chip::{entry, exit, print, start, wait};

/// Prints a number without the machinery of `core::fmt`.
pub fn print_number(number: usize) {
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    if number >= 10 {
        print_number(number / 10);
    }
    print(DIGITS[number % 10]);
}
