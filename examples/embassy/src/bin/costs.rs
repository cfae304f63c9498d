//! What an actor, a place in its mailbox and a timer cost on this target, in bytes.
//!
//! And what was computed for a device is enough for it, and not twice as much as it needs.

#![no_std]
#![no_main]

use core::panic::PanicInfo;

use casty_bare::{Bare, Superloop};
use casty_core::{
    ActorRef, ActorSystem, Behavior, Footprint, Limits, Mailbox, OneForOne, Overflow, SpawnOptions, Step,
    mins,
};
use casty_firmware::heap::HEAP;
use casty_firmware::{board, clock};

const HEAP_BYTES: usize = 12 * 1024;

/// So many of each are made, and the mean is what one costs.
const MANY: usize = 4;

/// Sets a timer at each message, each of another name.
fn patient() -> Behavior<u32> {
    Behavior::receive(|ctx, number| {
        ctx.schedule_once(NAMES[number as usize % TIMERS], mins(60), number);
        Behavior::same()
    })
}

/// Timers that are set: so many that lists have grown.
const TIMERS: usize = NAMES.len();

const NAMES: [&str; 16] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"];

fn spawn(system: &ActorSystem, behavior: Behavior<u32>, mailbox: Mailbox<u32>) -> ActorRef<u32> {
    match system.spawn_with(behavior, SpawnOptions::anonymous().mailbox(mailbox)) {
        Ok(actor) => actor,
        Err(_) => board::exit(false),
    }
}

/// Bytes of the heap that `make` leaves in use, once all that follows has been done.
fn bytes(superloop: &mut Superloop, make: impl FnOnce()) -> usize {
    let before = HEAP.used();
    make();
    superloop.run_until_idle(clock::now());
    HEAP.used().saturating_sub(before)
}

fn report(what: &str, bytes: usize) {
    board::print(what);
    board::print(" ");
    board::print_number(bytes);
    board::print("\n");
}

/// The heap's allocator adds less than this to a block.
const BLOCK_OVERHEAD: usize = 8;

/// A device: so many supervised actors, with so many places for messages of 16 bytes, and a timer each.
const ACTORS: usize = 4;
const PLACES: usize = 8;
type Message = [u32; 4];
const DEVICE: Footprint = Bare::footprint().and(Footprint::system(ACTORS, ACTORS)).and(
    Footprint::actor::<Message, PLACES>(4)
        .and(Footprint::name(1))
        .and(Footprint::supervision::<Message>(2))
        .and(Footprint::timers::<Message>(1))
        .times(ACTORS),
);

fn beating() -> Behavior<Message> {
    let beating = Behavior::setup(|ctx| {
        ctx.schedule_with_fixed_delay("beat", mins(60), || [0; 4]);
        Behavior::fold(0, |beats, _, _| Step::Keep(beats + 1))
    });
    beating.supervised(OneForOne::restarts(2, mins(1)))
}

/// Builds that device, and fills its mailboxes. Nothing is left of it.
fn fill_device() {
    let (bare, mut superloop) = Bare::with_clock(clock::now);
    let limits =
        Limits { actors_max: ACTORS, timers_per_actor_max: 1, stash_messages_max: 0, ..Limits::default() };
    let Ok(system) = ActorSystem::on(bare).limits(limits).start() else { board::exit(false) };
    for name in &NAMES[..ACTORS] {
        let mailbox = Mailbox::fixed::<PLACES>(Overflow::DropNew);
        let Ok(actor) = system.spawn_with(beating(), SpawnOptions::named(name).mailbox(mailbox)) else {
            board::exit(false)
        };
        superloop.run_until_idle(clock::now());
        (0..PLACES).for_each(|_| actor.tell([0; 4]));
    }
    if system.timers() != ACTORS || system.dead_letters() != 0 {
        board::exit(false);
    }
    drop(system);
    while superloop.run_until_idle(clock::now()).is_some_and(|next| next <= clock::now()) {}
}

#[board::entry]
fn main() -> ! {
    // SAFETY: the first thing that this program does.
    unsafe {
        embedded_alloc::init!(HEAP, HEAP_BYTES);
    }
    board::start();
    fill_device();
    let (ceiling, needed, left) = (DEVICE.bytes(BLOCK_OVERHEAD), HEAP.used_max(), HEAP.used());
    report("device_ceiling", ceiling);
    report("device_needed", needed);
    report("device_left", left);
    if needed > ceiling || ceiling > 2 * needed || left > 0 {
        board::exit(false);
    }
    let (bare, mut superloop) = Bare::with_clock(clock::now);
    let Ok(system) = ActorSystem::on(bare).start() else { board::exit(false) };
    superloop.run_until_idle(clock::now());
    report("system_bytes", HEAP.used());
    // The first of each also pays for lists that the system keeps.
    let first = spawn(&system, patient(), Mailbox::fixed::<1>(Overflow::DropNew));
    superloop.run_until_idle(clock::now());

    let plain = || spawn(&system, Behavior::ignore(), Mailbox::fixed::<1>(Overflow::DropNew));
    let plain = bytes(&mut superloop, || (0..MANY).for_each(|_| drop(plain()))) / MANY;
    report("actor_bytes", plain);
    let roomy = || spawn(&system, Behavior::ignore(), Mailbox::fixed::<33>(Overflow::DropNew));
    let roomy = bytes(&mut superloop, || (0..MANY).for_each(|_| drop(roomy()))) / MANY;
    report("slot_of_4_bytes", roomy.saturating_sub(plain) / 32);
    let strategy = || Behavior::ignore().supervised(OneForOne::restarts(1, mins(1)));
    let supervised = || spawn(&system, strategy(), Mailbox::fixed::<1>(Overflow::DropNew));
    let supervised = bytes(&mut superloop, || (0..MANY).for_each(|_| drop(supervised()))) / MANY;
    report("supervised_actor_bytes", supervised);
    // One by one, as the mailbox holds one message.
    report("first_timer_bytes", bytes(&mut superloop, || first.tell(0)));
    let timers: usize = (1..TIMERS).map(|number| bytes(&mut superloop, || first.tell(number as u32))).sum();
    report("timer_bytes", timers / (TIMERS - 1));
    report("heap_max", HEAP.used_max());
    board::exit(true)
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    board::print("panic\n");
    board::exit(false)
}
