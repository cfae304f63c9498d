//! The first serial port of the boards `mps2`: a line for casty.
//!
//! It is the APB UART of Arm's Cortex-M System Design Kit: one byte each way, and an interrupt for each byte that came or has gone.

use core::cell::RefCell;
use core::task::{Context, Poll, Waker};

use casty_serial::Line;
use cortex_m::interrupt::InterruptNumber;
use cortex_m::peripheral::NVIC;
use critical_section::Mutex;
use heapless::Deque;

/// The registers: data, state, control, interrupts, and the divider of the clock.
const REGISTERS: *mut u32 = 0x4000_4000 as *mut u32;
const DATA: usize = 0;
const STATE: usize = 1;
const CONTROL: usize = 2;
const INTERRUPTS: usize = 3;
const DIVIDER: usize = 4;

/// In the state: what was written has not gone out yet; a byte is there.
const SENDING: u32 = 1;
const HEARD: u32 = 2;
/// In the control: both directions, and both of their interrupts.
const ENABLED: u32 = 0b1111;
/// Of the interrupts: a byte has gone, a byte has come.
const GONE: u32 = 1;
const CAME: u32 = 2;
/// For 115,200 bits per second at 25 MHz.
const CYCLES_PER_BIT: u32 = 217;

/// Bytes that have come and were not read yet. What comes when it is full is lost, and casty's frames find that out.
const HEARD_BYTES_MAX: usize = 512;

struct State {
    heard: Deque<u8, HEARD_BYTES_MAX>,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

static STATE_OF_PORT: Mutex<RefCell<State>> =
    Mutex::new(RefCell::new(State { heard: Deque::new(), reader: None, writer: None }));

fn with<R>(section: impl FnOnce(&mut State) -> R) -> R {
    critical_section::with(|token| section(&mut STATE_OF_PORT.borrow_ref_mut(token)))
}

fn read(register: usize) -> u32 {
    // SAFETY: one of the port's registers, by an aligned word.
    unsafe { REGISTERS.add(register).read_volatile() }
}

fn write(register: usize, value: u32) {
    // SAFETY: one of the port's registers, by an aligned word.
    unsafe { REGISTERS.add(register).write_volatile(value) }
}

/// The port's interrupts, by their numbers.
#[derive(Clone, Copy)]
struct Number(u16);

// SAFETY: the numbers are those of the board's manual, and never change.
unsafe impl InterruptNumber for Number {
    fn number(self) -> u16 {
        self.0
    }
}

/// The port. A program takes it once.
#[derive(Debug)]
pub struct Uart(());

impl Uart {
    /// Starts the port: from now on its interrupts come.
    pub fn start() -> Self {
        write(DIVIDER, CYCLES_PER_BIT);
        write(CONTROL, ENABLED);
        for number in [0, 1] {
            // SAFETY: no critical section is made by masking interrupts one by one.
            unsafe { NVIC::unmask(Number(number)) };
        }
        Self(())
    }
}

impl Line for Uart {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<usize> {
        with(|state| {
            let mut bytes = 0;
            while bytes < into.len()
                && let Some(byte) = state.heard.pop_front()
            {
                into[bytes] = byte;
                bytes += 1;
            }
            if bytes > 0 {
                return Poll::Ready(bytes);
            }
            state.reader = Some(cx.waker().clone());
            Poll::Pending
        })
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<usize> {
        with(|state| {
            let written = bytes.iter().take_while(|byte| {
                let free = read(STATE) & SENDING == 0;
                if free {
                    write(DATA, u32::from(**byte));
                }
                free
            });
            match written.count() {
                0 => {
                    state.writer = Some(cx.waker().clone());
                    Poll::Pending
                }
                written => Poll::Ready(written),
            }
        })
    }
}

/// A byte has come.
// SAFETY: the vector table calls it, and nothing else has that name.
#[unsafe(no_mangle)]
extern "C" fn UARTRX0() {
    write(INTERRUPTS, CAME);
    let reader = with(|state| {
        while read(STATE) & HEARD != 0 {
            // Without room it is lost.
            let _ = state.heard.push_back(read(DATA) as u8);
        }
        state.reader.take()
    });
    if let Some(reader) = reader {
        reader.wake();
    }
}

/// A byte has gone out.
// SAFETY: the vector table calls it, and nothing else has that name.
#[unsafe(no_mangle)]
extern "C" fn UARTTX0() {
    write(INTERRUPTS, GONE);
    if let Some(writer) = with(|state| state.writer.take()) {
        writer.wake();
    }
}
