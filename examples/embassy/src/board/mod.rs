//! The board that the emulator plays: one for each target.

#[cfg_attr(target_arch = "arm", path = "cortex_m.rs")]
#[cfg_attr(target_arch = "riscv32", path = "riscv.rs")]
mod chip;

pub use chip::{entry, exit, print, start, wait};

/// Prints a number without the machinery of `core::fmt`.
pub fn print_number(number: usize) {
    let mut digits = [0; 20];
    let (mut rest, mut first) = (number, digits.len());
    loop {
        first -= 1;
        digits[first] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    print(core::str::from_utf8(&digits[first..]).unwrap_or_default());
}
