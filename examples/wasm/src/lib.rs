//! The actors that run everywhere, and the conformance suite, in node.
//!
//! Node calls `start` once, and then `step` again and again, each time after the pause that the last one returned. Nothing blocks, so
//! a browser's event loop would do as well.

#![no_std]

extern crate alloc;

#[path = "../../everywhere/actors.rs"]
mod actors;
mod host;
mod program;

use alloc::boxed::Box;
use alloc::format;
use core::panic::PanicInfo;

use dlmalloc::GlobalDlmalloc;

use program::{Program, Step};

#[global_allocator]
static MEMORY: GlobalDlmalloc = GlobalDlmalloc;

/// Begins the program, which is to be stepped.
// SAFETY: there is no other function of that name.
#[unsafe(no_mangle)]
pub extern "C" fn start() -> *mut Program {
    Box::into_raw(Box::new(Program::new()))
}

/// Does what is to do, and returns for how many milliseconds there is nothing: -1 when all went well, -2 when it did not.
///
/// # Safety
/// `program` is what `start` returned, and it is not being stepped.
// SAFETY: there is no other function of that name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn step(program: *mut Program) -> f64 {
    // SAFETY: promised by the caller.
    let program = unsafe { &mut *program };
    match program.step() {
        Step::Wait(pause) => pause.as_secs_f64() * 1_000.0,
        Step::Done(true) => -1.0,
        Step::Done(false) => -2.0,
    }
}

#[panic_handler]
fn panic(panic: &PanicInfo<'_>) -> ! {
    host::print(&format!("{panic}"));
    core::arch::wasm32::unreachable()
}
