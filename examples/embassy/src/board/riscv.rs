//! QEMU's RISC-V board `virt`: timer, serial port, and the device that ends it.

use riscv::interrupt::{self, Interrupt};
use riscv::register::{mie, mstatus};
pub use riscv_rt::entry;

const TIMER_COMPARE: *mut u32 = 0x0200_4000 as *mut u32;
const TIMER: *const u32 = 0x0200_bff8 as *const u32;
const SERIAL: *mut u8 = 0x1000_0000 as *mut u8;
const FINISHER: *mut u32 = 0x0010_0000 as *mut u32;

/// The timer counts at 10 MHz.
const COUNTS_PER_MILLISECOND: u64 = 10_000;

/// Starts the clock. To be called once, at first.
pub fn start() {
    set_next();
    // SAFETY: the one handler is in place, and its own locks are critical sections.
    unsafe {
        mie::set_mtimer();
        mstatus::set_mie();
    }
}

/// Lets the timer interrupt in a millisecond.
fn set_next() {
    let next = counts() + COUNTS_PER_MILLISECOND;
    // SAFETY: the timer's registers. The upper half is out of reach between the two, so that no wrong time comes early.
    unsafe {
        TIMER_COMPARE.add(1).write_volatile(u32::MAX);
        TIMER_COMPARE.write_volatile(next as u32);
        TIMER_COMPARE.add(1).write_volatile((next >> 32) as u32);
    }
}

/// What the timer counts to, read until both halves are of one number.
fn counts() -> u64 {
    loop {
        // SAFETY: the timer's registers, which are only read.
        let (before, low, after) =
            unsafe { (TIMER.add(1).read_volatile(), TIMER.read_volatile(), TIMER.add(1).read_volatile()) };
        if before == after {
            return u64::from(after) << 32 | u64::from(low);
        }
    }
}

#[riscv_rt::core_interrupt(Interrupt::MachineTimer)]
fn tick() {
    set_next();
    crate::clock::tick();
}

/// Waits for an interrupt, unless `is_awake`: an interrupt that comes after it was asked ends the wait too.
pub fn wait(is_awake: impl FnOnce() -> bool) {
    interrupt::free(|| {
        if !is_awake() {
            // With interrupts disabled, one that is pending ends this, and is taken afterwards.
            riscv::asm::wfi();
        }
    });
}

/// Prints these bytes.
pub(super) fn print(text: &[u8]) {
    for &byte in text {
        // SAFETY: the serial port's register for what is to be sent; the emulated one is always ready.
        unsafe { SERIAL.write_volatile(byte) }
    }
}

/// Ends the emulator, with the status 0 if all is `well` and 1 otherwise.
pub fn exit(well: bool) -> ! {
    // SAFETY: the register of the device that ends the emulator, which reads a status in the upper half.
    unsafe { FINISHER.write_volatile(if well { 0x5555 } else { 1 << 16 | 0x3333 }) }
    loop {
        riscv::asm::wfi();
    }
}
