//! How long others wait while some actors are flooded.
//!
//! Others are an actor that is asked again and again, and a task of the same executor that is not casty's at
//! all. The executor is the program's own, with the actors and the tasks on the same threads. A flooded actor
//! takes about 1 us for a message, and its mailbox is never empty.

use std::hint::spin_loop;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use casty::prelude::*;
use casty::{ActorSystem, Smol};
use smol::{Executor, Timer};

use crate::samples::Samples;
use crate::{Options, end};

/// Flooded actors, from none to many for each thread.
const FLOODED: [usize; 4] = [0, 1, 16, 256];
/// Messages that wait for a flooded actor.
const WAITING: usize = 64;
/// What a flooded actor does for a message.
const HANDLING: Duration = Duration::from_micros(1);
/// Questions, or pauses, of one line of the table at most.
const SAMPLES_MAX: usize = 5_000;
/// How long one line of the table is measured at most.
const MEASURING_MAX: Duration = Duration::from_millis(1_500);
const PAUSE: Duration = Duration::from_millis(1);

/// Prints how long an answer and a timer take, with nobody and with many flooded.
pub(crate) fn report(options: &Options) -> casty::Result {
    let mut asks = Vec::new();
    let mut timers = Vec::new();
    for flooded in FLOODED {
        let (ask, timer) = measure(options.threads, flooded)?;
        asks.push(ask);
        timers.push(timer);
    }
    println!("latency, {} threads, us: with so many actors flooded\n", options.threads);
    println!("{:<34} {:>9} {:>9} {:>9} {:>9}", "", "p50", "p99", "max", "p99/idle");
    print("ask, round trip", &asks);
    print("timer of a task, lateness", &timers);
    println!();
    Ok(())
}

fn print(what: &str, lines: &[Samples]) {
    let micros = |time: Duration| time.as_nanos() as f64 / 1e3;
    for (flooded, samples) in FLOODED.iter().zip(lines) {
        let [half, most] = [50, 99].map(|percent| micros(samples.percentile(percent)));
        let (longest, idle) = (micros(samples.max()), micros(lines[0].percentile(99)));
        let name = format!("{what}, {flooded}");
        println!("{name:<34} {half:>9.1} {most:>9.1} {longest:>9.1} {:>9.1}", most / idle);
    }
}

/// The round trips of asks, and the lateness of timers.
fn measure(threads: usize, flooded: usize) -> casty::Result<(Samples, Samples)> {
    let executor = Arc::new(Executor::new());
    let (alive, ended) = async_channel::bounded::<()>(1);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| smol::block_on(executor.run(ended.recv())));
        }
        let measured = smol::block_on(flood_and_measure(&executor, threads, flooded));
        drop(alive); // also after an error: it ends the threads
        measured
    })
}

async fn flood_and_measure(
    executor: &Arc<Executor<'static>>,
    threads: usize,
    flooded: usize,
) -> casty::Result<(Samples, Samples)> {
    let system = ActorSystem::on(Smol::executor(Arc::clone(executor), threads)).name("bench").start()?;
    let enough = Arc::new(AtomicBool::new(false));
    for _ in 0..flooded {
        let actor = system.spawn_anonymous(busy(Arc::clone(&enough)))?;
        (0..WAITING).for_each(|_| actor.tell(()));
    }
    let quiet = system.spawn(quiet(), "quiet")?;
    let asks = executor.spawn(round_trips(quiet)).await?;
    let timers = executor.spawn(lateness()).await;
    enough.store(true, Ordering::Relaxed);
    end(&system).await?;
    let samples = Samples::of(asks).zip(Samples::of(timers));
    samples.ok_or_else(|| "nothing was measured".into())
}

/// Tells itself a message for each that it handles, until it is enough.
fn busy(enough: Arc<AtomicBool>) -> Behavior<()> {
    Behavior::receive(move |ctx, ()| {
        let start = Instant::now();
        while start.elapsed() < HANDLING {
            spin_loop();
        }
        if !enough.load(Ordering::Relaxed) {
            ctx.me().tell(());
        }
        Behavior::same()
    })
}

fn quiet() -> Behavior<ReplyTo<()>> {
    Behavior::receive_message(|reply: ReplyTo<()>| {
        reply.tell(());
        Behavior::same()
    })
}

async fn round_trips(asked: ActorRef<ReplyTo<()>>) -> Result<Vec<Duration>, AskError> {
    let mut times = Vec::with_capacity(SAMPLES_MAX);
    let start = Instant::now();
    while times.len() < SAMPLES_MAX && start.elapsed() < MEASURING_MAX {
        let told = Instant::now();
        asked.ask(|reply| reply, secs(10)).await?;
        times.push(told.elapsed());
    }
    Ok(times)
}

async fn lateness() -> Vec<Duration> {
    let mut times = Vec::with_capacity(SAMPLES_MAX);
    let start = Instant::now();
    while times.len() < SAMPLES_MAX && start.elapsed() < MEASURING_MAX {
        let due = Instant::now() + PAUSE;
        Timer::at(due).await;
        times.push(due.elapsed());
    }
    times
}
