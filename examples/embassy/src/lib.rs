//! What the firmware needs of a board: memory, a clock, a way to speak, and a way to end.

#![no_std]

pub mod board;
pub mod clock;
#[cfg(target_arch = "arm")]
mod copying;
pub mod heap;
#[cfg(all(target_arch = "arm", feature = "node"))]
pub mod uart;
