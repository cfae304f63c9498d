//! Milliseconds since the start, counted by an interrupt.

use core::cell::Cell;

use casty_core::Instant;
use critical_section::Mutex;

static MILLIS: Mutex<Cell<u64>> = Mutex::new(Cell::new(0));

type Call = Cell<Option<fn()>>;

/// What else is to be done at each tick, in the interrupt.
static ON_TICK: Mutex<Call> = Mutex::new(Cell::new(None));

/// Lets that be called in the interrupt, at each tick.
pub fn on_tick(call: fn()) {
    critical_section::with(|section| ON_TICK.borrow(section).set(Some(call)));
}

/// Milliseconds since the start.
#[inline(never)]
pub fn ticks() -> u64 {
    critical_section::with(|section| MILLIS.borrow(section).get())
}

/// The same, as casty counts time.
pub fn now() -> Instant {
    Instant::from_nanos(ticks() * 1_000_000)
}

/// A millisecond has passed.
pub(crate) fn tick() {
    let call = critical_section::with(|section| {
        MILLIS.borrow(section).update(|millis| millis + 1);
        ON_TICK.borrow(section).get()
    });
    if let Some(call) = call {
        call();
    }
}
