//! Whether an actor costs the same among ten thousand as among millions.
//!
//! One system grows from size to size and gives nothing back on the way, so that each size is measured on
//! memory that was not used before: what spawning takes is of the actors that came last, what telling takes is
//! of all.

use std::time::{Duration, Instant};

use async_channel::Sender;
use casty::prelude::*;

use crate::process::resident_bytes;
use crate::{Options, in_system};

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
const LARGE: usize = 5_000_000;
/// Messages told at each size, and at least one to each actor.
const MESSAGES_MIN: usize = 2_000_000;
/// Messages told before others have their turn.
const BURST: usize = 256;

/// An actor among many: adds up what it is told, or tells what it has added up.
type Member = ActorRef<Option<ReplyTo<u64>>>;

/// A line of the table, of one size.
struct Line {
    /// Bytes of an actor that was told nothing yet, and of one that was; zero where the system does not say.
    bytes: [f64; 2],
    spawn: f64,
    tell: f64,
}

/// Prints bytes and nanoseconds for each actor and message, at each size, and how they have grown.
pub(crate) fn report(options: &Options) -> casty::Result {
    println!("growth, {} threads: bytes and ns for each actor, ns for each message\n", options.threads);
    println!("{:<14} {:>9} {:>9} {:>9} {:>9}", "actors", "new", "used", "spawn", "tell");
    in_system(options.threads, |system| async move {
        let sizes = SIZES.into_iter().chain(options.large.then_some(LARGE));
        let largest = sizes.clone().max().unwrap_or_default();
        // Room that is not used is not resident yet.
        let mut members: Vec<Member> = Vec::with_capacity(largest);
        let empty = resident_bytes().unwrap_or_default();
        let mut lines: Vec<Line> = Vec::new();
        for size in sizes {
            let line = grow(&system, &mut members, size, empty).await?;
            print(&format!("{size}"), [line.bytes[0], line.bytes[1], line.spawn, line.tell], 0);
            lines.push(line);
        }
        if let [first, .., last] = lines.as_slice() {
            let times = |part: fn(&Line) -> f64| part(last) / part(first);
            let all = [times(|l| l.bytes[0]), times(|l| l.bytes[1]), times(|l| l.spawn), times(|l| l.tell)];
            print("last/first", all, 2);
        }
        println!("\nA reference to each actor, 16 bytes, is part of its bytes.\n");
        Ok(())
    })
}

fn print(name: &str, [new, used, spawn, tell]: [f64; 4], digits: usize) {
    println!("{name:<14} {new:>9.digits$} {used:>9.digits$} {spawn:>9.digits$} {tell:>9.digits$}");
}

/// Spawns until there are `size`, then tells all of them, round and round.
async fn grow(
    system: &ActorSystem,
    members: &mut Vec<Member>,
    size: usize,
    empty: u64,
) -> casty::Result<Line> {
    let (before, more) = (resident_bytes().unwrap_or_default(), size - members.len());
    let start = Instant::now();
    for _ in 0..more {
        members.push(system.spawn_anonymous(member())?);
    }
    settle(members).await?;
    let spawn = nanos(start.elapsed(), more);
    let new = resident_bytes().unwrap_or_default().saturating_sub(before);
    let messages = MESSAGES_MIN.max(size);
    let start = Instant::now();
    *members = tell_round(system, std::mem::take(members), messages).await?;
    settle(members).await?;
    let tell = nanos(start.elapsed(), messages);
    let used = resident_bytes().unwrap_or_default().saturating_sub(empty);
    Ok(Line { bytes: [new as f64 / more as f64, used as f64 / size as f64], spawn, tell })
}

fn nanos(time: Duration, operations: usize) -> f64 {
    time.as_nanos() as f64 / operations as f64
}

fn member() -> Behavior<Option<ReplyTo<u64>>> {
    Behavior::fold(0, |handled, _, message: Option<ReplyTo<u64>>| {
        if let Some(reply) = message {
            reply.tell(handled);
        }
        Step::Keep(handled + 1)
    })
}

/// Waits until a hundred actors here and there, the last among them, have nothing left to do.
async fn settle(members: &[Member]) -> casty::Result {
    for member in members.iter().step_by(members.len().div_ceil(100)).chain(members.last()) {
        member.ask(Some, secs(60)).await?;
    }
    Ok(())
}

/// The way of a teller through all members: it tells a burst, then itself how to go on.
struct Round {
    members: Vec<Member>,
    at: usize,
    left: usize,
    back: Sender<Vec<Member>>,
}

/// Has an actor tell so many messages, one to each member and over again; gives the members back.
async fn tell_round(
    system: &ActorSystem,
    members: Vec<Member>,
    messages: usize,
) -> casty::Result<Vec<Member>> {
    let (back, told) = async_channel::bounded(1);
    let teller = system.spawn_anonymous(Behavior::receive(|ctx, mut round: Round| {
        for _ in 0..round.left.min(BURST) {
            round.members[round.at].tell(None);
            round.at = (round.at + 1) % round.members.len();
            round.left -= 1;
        }
        if round.left > 0 {
            ctx.me().tell(round);
            Behavior::same()
        } else {
            let _ = round.back.try_send(round.members);
            Behavior::stopped()
        }
    }))?;
    teller.tell(Round { members, at: 0, left: messages, back });
    Ok(told.recv().await?)
}
