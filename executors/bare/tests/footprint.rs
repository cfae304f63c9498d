//! A footprint is enough for all that was allowed, and not much more than that.

use std::alloc::System;
use std::error::Error;
use std::fmt;

use casty_bare::{Bare, Superloop};
use casty_core::{
    ActorRef, ActorSystem, Behavior, Footprint, Instant, Limits, Mailbox, OneForOne, Overflow, SpawnOptions,
    Step, hours, mins,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const RESTARTS_MAX: u32 = 8;
const KEYS: [&str; 4] = ["a", "b", "c", "d"];

#[derive(Debug)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken")
    }
}

impl Error for Broken {}

/// Sets so many timers, and fails at a message that begins with a one.
fn busy<const BYTES: usize>(timers: usize) -> Behavior<[u8; BYTES]> {
    let busy = Behavior::setup(move |ctx| {
        for key in &KEYS[..timers] {
            ctx.schedule_with_fixed_delay(*key, mins(1), || [0; BYTES]);
        }
        Behavior::fold(0_u32, |count, _, message: [u8; BYTES]| match message[0] {
            1 => Step::Become(Behavior::fail(Broken)),
            _ => Step::Keep(count + 1),
        })
    });
    busy.supervised(OneForOne::restarts(RESTARTS_MAX, hours(1)))
}

/// What so many such actors need at most, each with so many timers.
const fn ceiling<const BYTES: usize, const PLACES: usize>(actors: usize, timers: usize) -> usize {
    let actor = Footprint::actor::<[u8; BYTES], PLACES>(8)
        .and(Footprint::name("actor-00".len()))
        .and(Footprint::supervision::<[u8; BYTES]>(RESTARTS_MAX))
        .and(Footprint::timers::<[u8; BYTES]>(timers));
    Bare::footprint().and(Footprint::system(actors, actors * timers)).and(actor.times(actors)).bytes(0)
}

fn run<const BYTES: usize>(
    superloop: &mut Superloop,
    actors: &[ActorRef<[u8; BYTES]>],
    message: [u8; BYTES],
) {
    actors.iter().for_each(|actor| actor.tell(message));
    superloop.run_until_idle(Instant::ORIGIN);
}

/// What they take when all has been done that was allowed, and every mailbox is full.
fn measured<const BYTES: usize, const PLACES: usize>(
    actors_max: usize,
    timers: usize,
) -> Result<usize, Box<dyn Error>> {
    let names: Vec<_> = (0..actors_max).map(|number| format!("actor-{number:02}")).collect();
    let mut actors = Vec::with_capacity(actors_max);
    let region = Region::new(HEAP);
    let (bare, mut superloop) = Bare::new();
    let limits =
        Limits { actors_max, timers_per_actor_max: timers, stash_messages_max: 0, ..Limits::default() };
    let system = ActorSystem::on(bare).limits(limits).start()?;
    for name in &names {
        let options = SpawnOptions::named(name).mailbox(Mailbox::fixed::<PLACES>(Overflow::DropNew));
        actors.push(system.spawn_with(busy(timers), options)?);
    }
    superloop.run_until_idle(Instant::ORIGIN);
    (0..RESTARTS_MAX).for_each(|_| run(&mut superloop, &actors, [1; BYTES]));
    assert_eq!(system.timers(), actors_max * timers);
    (0..PLACES).for_each(|_| actors.iter().for_each(|actor| actor.tell([0; BYTES])));
    assert_eq!(system.dead_letters(), 0);
    let used = region.change();
    Ok(used.bytes_allocated - used.bytes_deallocated)
}

fn check<const BYTES: usize, const PLACES: usize>(
    actors: usize,
    timers: usize,
) -> Result<(), Box<dyn Error>> {
    let ceiling = ceiling::<BYTES, PLACES>(actors, timers);
    let measured = measured::<BYTES, PLACES>(actors, timers)?;
    println!(
        "{actors} actors with {PLACES} places and {timers} timers: {measured} of at most {ceiling} bytes"
    );
    assert!(measured <= ceiling, "{measured} bytes are more than the ceiling of {ceiling}");
    assert!(ceiling <= 2 * measured, "the ceiling of {ceiling} bytes is more than twice {measured}");
    Ok(())
}

#[test]
fn a_device_needs_no_more_than_its_footprint_and_more_than_half_of_it() -> Result<(), Box<dyn Error>> {
    // The first that measures also pays for what a thread allocates once.
    measured::<1, 1>(1, 0)?;
    check::<16, 8>(4, 1)?;
    check::<4, 1>(1, 0)?;
    check::<64, 33>(20, 4)?;
    check::<1, 2>(60, 2)
}
