//! The smallest firmware: two supervised actors and a timer, in a bare loop.
//!
//! It measures its own heap, and fails when that has ever been larger than it should be.

#![no_std]
#![no_main]

use core::error::Error;
use core::fmt;
use core::panic::PanicInfo;

use casty_bare::Bare;
use casty_core::{
    ActorRef, ActorSystem, Behavior, Limits, Mailbox, OneForOne, Overflow, SpawnError, SpawnOptions, Step,
    millis, mins,
};
use casty_firmware::heap::HEAP;
use casty_firmware::{board, clock};

/// The heap, with the statics the limit of 8 kB: `run` adds them up.
const HEAP_BYTES: usize = 6 * 1024;

/// Blinks that the lamp waits for before it goes out.
const BLINKS: u32 = 10;

/// Why the timer fails. A text in its place would bring what `Debug` takes to show texts, four kilobytes.
#[derive(Clone, Copy, Debug)]
struct Slipped;

impl fmt::Display for Slipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slipped")
    }
}

impl Error for Slipped {}

/// Tells the lamp to blink every five milliseconds, and fails at every fourth time.
fn timer(lamp: ActorRef<()>) -> Behavior<()> {
    let timer = Behavior::setup(move |ctx| {
        ctx.schedule_with_fixed_delay("blink", millis(5), || ());
        let lamp = lamp.clone();
        Behavior::fold(0, move |told, _, ()| {
            if told == 3 {
                return Step::Become(Behavior::fail(Slipped));
            }
            lamp.tell(());
            Step::Keep(told + 1)
        })
    });
    timer.supervised(OneForOne::restarts(8, mins(1)))
}

/// Blinks so often, and then stops.
fn lamp() -> Behavior<()> {
    let lamp = Behavior::fold(0, |blinks, _, ()| {
        if blinks + 1 == BLINKS {
            return Step::Become(Behavior::stopped());
        }
        Step::Keep(blinks + 1)
    });
    lamp.supervised(OneForOne::restarts(8, mins(1)))
}

fn limits() -> Limits {
    Limits {
        actors_max: 4,
        stash_messages_max: 0,
        timers_per_actor_max: 1,
        tasks_per_actor_max: 0,
        ..Limits::default()
    }
}

/// Spawns both, and returns the lamp.
fn spawn(system: &ActorSystem) -> Result<ActorRef<()>, SpawnError> {
    let mailbox = || Mailbox::fixed::<4>(Overflow::DropNew);
    let lamp = system.spawn_with(lamp(), SpawnOptions::named("lamp").mailbox(mailbox()))?;
    system.spawn_with(timer(lamp.clone()), SpawnOptions::named("timer").mailbox(mailbox()))?;
    Ok(lamp)
}

#[board::entry]
fn main() -> ! {
    // SAFETY: the first thing that this program does.
    unsafe {
        embedded_alloc::init!(HEAP, HEAP_BYTES);
    }
    board::start();
    let (bare, mut superloop) = Bare::with_clock(clock::now);
    let system = ActorSystem::on(bare).limits(limits()).start().unwrap_or_else(|_| board::exit(false));
    let lamp = spawn(&system).unwrap_or_else(|_| board::exit(false));
    while !lamp.is_stopped() {
        let next = superloop.run_until_idle(clock::now());
        board::wait(|| superloop.is_woken() || next.is_some_and(|next| next <= clock::now()));
    }
    board::print("heap_bytes ");
    board::print_number(HEAP_BYTES);
    board::print("\nheap_max ");
    board::print_number(HEAP.used_max());
    board::print("\n");
    board::exit(HEAP.used_max() <= HEAP_BYTES && clock::ticks() >= 5 * u64::from(BLINKS));
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    board::print("panic\n");
    board::exit(false)
}
