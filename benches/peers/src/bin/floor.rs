//! Floor: one thread, one queue, and an indirect call for each message.

use std::collections::VecDeque;
use std::time::Instant;

use casty_peers::case::{Case, contend};
use casty_peers::check::check;
use casty_peers::outcome::Outcome;
use casty_peers::pace::BURST;
use casty_peers::row::Row;
use casty_peers::workloads::{BIG_ACTORS, Footprint};

/// What an actor does with a message; the queue is for what it sends. `false` ends it.
type Handler<M> = Box<dyn FnMut(&mut Queue<M>, M) -> bool>;

/// Messages, each with the index of its actor.
type Queue<M> = VecDeque<(usize, M)>;

struct World<M> {
    actors: Vec<Option<Handler<M>>>,
    queue: Queue<M>,
}

impl<M> World<M> {
    const fn new() -> Self {
        Self { actors: Vec::new(), queue: VecDeque::new() }
    }

    fn spawn(&mut self, handler: impl FnMut(&mut Queue<M>, M) -> bool + 'static) -> usize {
        self.actors.push(Some(Box::new(handler)));
        self.actors.len() - 1
    }

    /// Handles messages until there are none.
    fn run(&mut self) {
        while let Some((index, message)) = self.queue.pop_front() {
            let Some(handler) = &mut self.actors[index] else { continue };
            if !handler(&mut self.queue, message) {
                self.actors[index] = None;
            }
        }
    }
}

/// A number that an actor leaves behind.
type Cell = std::rc::Rc<std::cell::Cell<u64>>;

fn add(cell: &Cell, number: u64) {
    cell.set(cell.get() + number);
}

fn tell(size: u64) -> Outcome {
    let (mut world, sum) = (World::new(), Cell::default());
    let seen = Cell::clone(&sum);
    let counter = world.spawn(move |_, message| {
        add(&seen, message);
        true
    });
    let start = Instant::now();
    for index in 0..size {
        world.queue.push_back((counter, 1));
        if index % BURST == BURST - 1 {
            world.run();
        }
    }
    world.run();
    check(sum.get(), size);
    Outcome::time(size, start.elapsed())
}

fn from_actors(tellers: u64, size: u64) -> Outcome {
    let (mut world, sum) = (World::new(), Cell::default());
    let (seen, share) = (Cell::clone(&sum), size / tellers);
    let counter = world.spawn(move |_, message| {
        add(&seen, message);
        true
    });
    let start = Instant::now();
    for _ in 0..tellers {
        let me = world.actors.len();
        world.spawn(move |queue, left: u64| {
            let burst = left.min(BURST);
            (0..burst).for_each(|_| queue.push_back((counter, 1)));
            if left > burst {
                queue.push_back((me, left - burst));
            }
            true
        });
        world.queue.push_back((me, share));
    }
    world.run();
    check(sum.get(), share * tellers);
    Outcome::time(share * tellers, start.elapsed())
}

/// A token that goes round; with two it is ping-pong.
fn ring(members: usize, hops: u64) -> Outcome {
    let (mut world, handled) = (World::new(), Cell::default());
    for index in 0..members {
        let (next, handled) = ((index + 1) % members, Cell::clone(&handled));
        world.spawn(move |queue, left: u64| {
            add(&handled, 1);
            if left > 0 {
                queue.push_back((next, left - 1));
            }
            true
        });
    }
    let start = Instant::now();
    world.queue.push_back((0, hops));
    world.run();
    check(handled.get(), hops + 1);
    Outcome::time(hops, start.elapsed())
}

fn ping_pong(rounds: u64) -> Outcome {
    match ring(2, 2 * rounds) {
        Outcome::Time { nanoseconds, .. } => Outcome::Time { operations: rounds, nanoseconds },
        other => other,
    }
}

fn spawn(size: u64) -> Outcome {
    let (mut world, handled) = (World::new(), Cell::default());
    let start = Instant::now();
    for index in 0..size {
        let handled = Cell::clone(&handled);
        let actor = world.spawn(move |_, ()| {
            add(&handled, 1);
            false
        });
        world.queue.push_back((actor, ()));
        if index % BURST == BURST - 1 {
            world.run();
        }
    }
    world.run();
    check((handled.get(), world.actors.iter().flatten().count()), (size, 0));
    Outcome::time(size, start.elapsed())
}

fn memory(size: u64) -> Outcome {
    let (mut world, sum) = (World::new(), Cell::default());
    let mut references = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    let footprint = Footprint::now();
    for _ in 0..size {
        let (seen, mut handled) = (Cell::clone(&sum), 0);
        let actor = world.spawn(move |_, message| {
            handled += message;
            add(&seen, handled);
            true
        });
        world.queue.push_back((actor, 1));
        world.run();
        references.push(actor);
    }
    check(sum.get(), size);
    footprint.since(&references)
}

#[derive(Clone, Copy)]
enum Mail {
    Ping(usize),
    Pong,
}

fn big(size: u64) -> Outcome {
    let (mut world, pongs) = (World::new(), Cell::default());
    let (actors, share) = (BIG_ACTORS as usize, size / u64::from(BIG_ACTORS));
    for me in 0..actors {
        let (pongs, mut left, mut random) =
            (Cell::clone(&pongs), share, 0x9e37_79b9_7f4a_7c15 ^ (me as u64 + 1));
        world.spawn(move |queue, message| {
            if let Mail::Ping(from) = message {
                queue.push_back((from, Mail::Pong));
                return true;
            }
            add(&pongs, 1);
            if left > 0 {
                left -= 1;
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                let other = (me + 1 + (random % (actors as u64 - 1)) as usize) % actors;
                queue.push_back((other, Mail::Ping(me)));
            }
            true
        });
    }
    let start = Instant::now();
    (0..actors).for_each(|me| world.queue.push_back((me, Mail::Pong)));
    world.run();
    // Each was sent one pong more, to begin with.
    check(pongs.get(), (share + 1) * u64::from(BIG_ACTORS));
    Outcome::time(share * u64::from(BIG_ACTORS), start.elapsed())
}

fn measure(case: Case) -> Outcome {
    let size = case.size;
    if case.threads > 1 {
        return Outcome::cannot("it is a loop on one thread");
    }
    match case.row {
        Row::Tell => tell(size),
        Row::TellActor => from_actors(1, size),
        Row::FanIn => from_actors(4, size),
        Row::PingPong => ping_pong(size),
        Row::Ring100 => ring(100, size),
        Row::Ring10k => ring(10_000, size),
        Row::Spawn => spawn(size),
        Row::Memory => memory(size),
        Row::Big => big(size),
        Row::AskActor | Row::AskTask | Row::Ask1000 | Row::Ask1000Task => {
            Outcome::cannot("in a loop without tasks a question is a ping-pong")
        }
        Row::Skynet | Row::Chameneos | Row::Bank => {
            Outcome::cannot("not written for a loop: its floor is that of `big`")
        }
        Row::Bounded => Outcome::cannot("a loop has nobody who could wait"),
    }
}

fn main() {
    contend(measure);
}
