//! How the loop hears of what was woken: by atomics alone, so that interrupts may wake.
//!
//! ```text
//! wake ─▶ Flag: takes a ticket ─▶ Alarm: rung ─▶ the waker of whoever runs the loop, if it lies still
//! loop ─▶ Alarm: heard ─▶ polls each task that holds a ticket, the smallest first
//! ```
//!
//! The loop clears the alarm before it looks at the flags, and a wake raises its flag before it rings. So a flag that the loop
//! has missed has rung after it cleared: it looks again.

use core::task::Waker;

use atomic_waker::AtomicWaker;

use crate::sync::{Arc, AtomicBool, AtomicUsize, Ordering, wakes};

/// Whether there is something to do, and whom to wake for it.
pub(crate) struct Alarm {
    rung: AtomicBool,
    next_ticket: AtomicUsize,
    /// Whoever runs the loop, known while it lies still.
    runner: AtomicWaker,
}

impl Alarm {
    /// Silent.
    pub(crate) const fn new() -> Self {
        Self {
            rung: AtomicBool::new(false),
            next_ticket: AtomicUsize::new(FIRST_TICKET),
            runner: AtomicWaker::new(),
        }
    }

    /// Lets the loop run once more. Safe in an interrupt if the runner's waker is.
    #[inline(never)]
    pub(crate) fn ring(&self) {
        // One who found it rung already need not wake: the loop looks at it again before it lies still.
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.runner.wake();
        }
    }

    /// Notes that what is raised from here on rings anew.
    pub(crate) fn hear(&self) {
        self.rung.swap(false, Ordering::AcqRel);
    }

    /// Whether something has come since.
    pub(crate) fn is_rung(&self) -> bool {
        self.rung.load(Ordering::Acquire)
    }

    /// Notes whom to wake while the loop lies still.
    pub(crate) fn leave_to(&self, runner: &Waker) {
        self.runner.register(runner);
    }

    /// Wakes nobody from here on, as the loop runs.
    pub(crate) fn take_over(&self) {
        drop(self.runner.take());
    }

    fn ticket(&self) -> usize {
        // In steps of two, so that none is zero. After the largest come small ones: then once an order is wrong, and nothing else.
        self.next_ticket.fetch_add(2, Ordering::Relaxed)
    }
}

const NO_TICKET: usize = 0;
const FIRST_TICKET: usize = 1;

/// Whether one task is to be polled, and after which others.
pub(crate) struct Flag {
    alarm: Arc<Alarm>,
    ticket: AtomicUsize,
}

impl Flag {
    /// Raised, as a new task is to be polled.
    pub(crate) fn raised(alarm: Arc<Alarm>) -> Self {
        let ticket = AtomicUsize::new(alarm.ticket());
        Self { alarm, ticket }
    }

    /// The task is to be polled.
    fn raise(&self) {
        // Always written, also when it is raised already: only so does the poll see what was done before this wake.
        self.ticket.swap(self.alarm.ticket(), Ordering::AcqRel);
        self.alarm.ring();
    }

    /// The place of the task among those that are to be polled, if it is one.
    pub(crate) fn place(&self) -> Option<usize> {
        let ticket = self.ticket.load(Ordering::Acquire);
        (ticket != NO_TICKET).then_some(ticket)
    }

    /// The task is about to be polled.
    pub(crate) fn lower(&self) {
        self.ticket.swap(NO_TICKET, Ordering::AcqRel);
    }
}

wakes!(Flag, raise);
