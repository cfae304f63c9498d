//! A Cortex-M: its own timer, and the debugger, which is the emulator.

use cortex_m::asm;
use cortex_m::peripheral::Peripherals;
use cortex_m::peripheral::syst::SystClkSource;
pub use cortex_m_rt::entry;
use cortex_m_rt::exception;
use cortex_m_semihosting::{debug, hio, nr, syscall, syscall1};

/// Cycles of the processor in a millisecond: of the board `mps2-an386`, and roughly of the others.
const CYCLES_PER_MILLISECOND: u32 = 25_000;

/// Interrupts that the boards have beside the exceptions of the core: the crate of a device says how many.
const INTERRUPTS: usize = 32;

/// Starts the clock. To be called once, at first.
pub fn start() {
    let Some(mut peripherals) = Peripherals::take() else { return };
    peripherals.SYST.set_clock_source(SystClkSource::Core);
    peripherals.SYST.set_reload(CYCLES_PER_MILLISECOND - 1);
    peripherals.SYST.clear_current();
    peripherals.SYST.enable_counter();
    peripherals.SYST.enable_interrupt();
}

/// The vectors of the interrupts of a device: those of its first serial port, which a program may have handlers for.
// SAFETY: nothing else has that name or lies in that section, which is where the linker script of `cortex-m-rt` wants them.
#[unsafe(no_mangle)]
#[unsafe(link_section = ".vector_table.interrupts")]
static __INTERRUPTS: [unsafe extern "C" fn(); INTERRUPTS] = {
    let mut vectors: [unsafe extern "C" fn(); INTERRUPTS] = [DefaultHandler; INTERRUPTS];
    vectors[0] = UARTRX0;
    vectors[1] = UARTTX0;
    vectors
};

// SAFETY: `cortex-m-rt` defines the first and `device.x` the others, unless a program does; they take nothing.
unsafe extern "C" {
    fn DefaultHandler();
    fn UARTRX0();
    fn UARTTX0();
}

#[exception]
fn SysTick() {
    crate::clock::tick();
}

/// Waits for an interrupt, unless `is_awake`: an interrupt that comes after it was asked ends the wait too.
pub fn wait(is_awake: impl FnOnce() -> bool) {
    cortex_m::interrupt::free(|_| {
        if !is_awake() {
            // With interrupts disabled, one that is pending ends this, and is taken afterwards.
            asm::wfi();
        }
    });
}

/// A number that is another one at each start. The debugger knows the time of day, and since when the emulator runs; a chip has a
/// generator of random numbers, or noise at a pin.
pub fn entropy() -> u64 {
    let mut elapsed = [0_u32; 2];
    // SAFETY: both calls are those of the debugger's interface, the second with two words to write to.
    let seconds = unsafe {
        syscall(nr::ELAPSED, &mut elapsed);
        syscall1(nr::TIME, 0)
    };
    (seconds as u64) << 32 ^ u64::from(elapsed[0]) ^ u64::from(elapsed[1]) << 48
}

/// Prints these bytes.
pub(super) fn print(text: &[u8]) {
    if let Ok(mut out) = hio::hstdout() {
        // Nobody could be told that nobody listens.
        let _ = out.write_all(text);
    }
}

/// Ends the emulator, with the status 0 if all is `well` and 1 otherwise.
pub fn exit(well: bool) -> ! {
    debug::exit(if well { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    loop {
        asm::wfi();
    }
}
