//! Crowds of actors: their memory comes back, and their end is as long as they are many.
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

use std::alloc::System;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use casty::Smol;
use casty::prelude::*;
use casty::simulation::Simulation;
use futures_lite::FutureExt;
use futures_lite::future::yield_now;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static MEMORY: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What is counted is of the whole process: one scene at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The bytes that were allocated in the region and not given back.
fn bytes_kept(region: &Region<'_, System>) -> isize {
    let change = region.change();
    change.bytes_allocated as isize - change.bytes_deallocated as isize
}

const MEBIBYTE: isize = 1 << 20;

#[test]
fn a_million_actors_give_their_memory_back() {
    const BYTES_PER_ACTOR_MAX: isize = 320;
    let _alone = alone();
    let (host, driver) = Smol::driver();
    // Without the simulator, which takes its time: nothing but the order of a single worker is left to chance here.
    casty::block_on(driver.race(async {
        let system = ActorSystem::on(host).start().unwrap();
        let region = Region::new(MEMORY);
        let actors = crowd(&system, 1_000_000).await;
        let kept = bytes_kept(&region) / actors.len() as isize;
        assert!(kept < BYTES_PER_ACTOR_MAX, "{kept} bytes each");
        actors.iter().for_each(|actor| system.stop(actor));
        drop(actors);
        until(|| system.actors() == 0).await;
        let kept = bytes_kept(&region);
        assert!(kept < MEBIBYTE, "{kept} bytes are kept by a system without actors");
        // And a crowd of which the youngest go first.
        let actors = crowd(&system, 100_000).await;
        actors.iter().rev().for_each(|actor| system.stop(actor));
        drop(actors);
        until(|| system.actors() == 0).await;
        let kept = bytes_kept(&region);
        assert!(kept < MEBIBYTE, "{kept} bytes are kept by a system without actors");
    }));
}

/// Counts those alive, and the most there were at a time.
#[derive(Default)]
struct Census {
    born: AtomicUsize,
    alive: AtomicUsize,
    most: AtomicUsize,
}

/// One who is alive.
struct Alive(Arc<Census>);

impl Alive {
    fn born(census: &Arc<Census>) -> Self {
        census.born.fetch_add(1, Ordering::Relaxed);
        let alive = census.alive.fetch_add(1, Ordering::Relaxed) + 1;
        census.most.fetch_max(alive, Ordering::Relaxed);
        Self(Arc::clone(census))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.alive.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What a node of the tree hears: that it may grow, or that a child has ended.
enum Node {
    Grow,
    Ended,
}

/// Has ten children for each level below it, and ends when all of them have.
fn node(levels: u32, parent: ActorRef<Node>, alive: Alive) -> Behavior<Node> {
    Behavior::fold(0, move |ended, ctx, message| match message {
        Node::Grow if levels > 0 => {
            for _ in 0..10 {
                let child = node(levels - 1, ctx.me(), Alive::born(&alive.0));
                ctx.spawn_anonymous(child).unwrap().tell(Node::Grow);
            }
            Step::Keep(ended)
        }
        Node::Ended if ended < 9 => Step::Keep(ended + 1),
        Node::Grow | Node::Ended => {
            parent.tell(Node::Ended);
            Step::Become(Behavior::stopped())
        }
    })
}

#[test]
fn a_tree_that_grows_and_ends_is_never_alive_as_a_whole() {
    const ALIVE_MAX: usize = 2_000;
    let _alone = alone();
    let census = Arc::new(Census::default());
    let (host, driver) = Smol::driver();
    casty::block_on(driver.race(async {
        let system = ActorSystem::on(host).start().unwrap();
        let top = system.spawn(Behavior::ignore(), "top").unwrap();
        system.spawn(node(5, top, Alive::born(&census)), "node").unwrap().tell(Node::Grow);
        until(|| census.alive.load(Ordering::Relaxed) == 0).await;
    }));
    assert_eq!(census.born.load(Ordering::Relaxed), 111_111);
    let most = census.most.load(Ordering::Relaxed);
    assert!(most < ALIVE_MAX, "{most} were alive at a time");
}

/// That many actors, each of which has handled a message.
async fn crowd(system: &ActorSystem, count: usize) -> Vec<ActorRef<usize>> {
    let handled = Arc::new(AtomicUsize::new(0));
    let actor = || {
        let handled = Arc::clone(&handled);
        Behavior::fold(0, move |sum, _, more| {
            handled.fetch_add(1, Ordering::Relaxed);
            Step::Keep(sum + more)
        })
    };
    let actors: Vec<_> = (0..count).map(|_| system.spawn_anonymous(actor()).unwrap()).collect();
    actors.iter().for_each(|actor| actor.tell(1));
    until(|| handled.load(Ordering::Relaxed) == count).await;
    actors
}

/// Lets the others run until it is so.
async fn until(it_is_so: impl Fn() -> bool) {
    while !it_is_so() {
        yield_now().await;
    }
}

#[test]
fn a_mailbox_that_was_flooded_gives_its_memory_back() {
    for mailbox in [Mailbox::unbounded(), Mailbox::bounded(1 << 20, Overflow::Reject)] {
        let shape = format!("{mailbox:?}");
        let _alone = alone();
        let mut simulation = Simulation::new(1);
        let system = ActorSystem::on(simulation.host()).start().unwrap();
        let sink = SpawnOptions::anonymous().mailbox(mailbox);
        let sink = system.spawn_with(Behavior::<u64>::ignore(), sink).unwrap();
        simulation.settle();
        let region = Region::new(MEMORY);
        (0..1_000_000).for_each(|number| sink.tell(number));
        assert!(bytes_kept(&region) > 7 * MEBIBYTE, "a million waits");
        simulation.settle();
        let kept = bytes_kept(&region);
        assert!(kept < MEBIBYTE, "{kept} bytes are kept by an idle actor with {shape}");
    }
}

/// Is told to spawn so many children, and to stop.
fn parent() -> Behavior<Option<usize>> {
    Behavior::receive(|ctx, count| match count {
        Some(count) => {
            for _ in 0..count {
                ctx.spawn_anonymous(Behavior::<()>::ignore()).unwrap();
            }
            Behavior::same()
        }
        None => Behavior::stopped(),
    })
}

/// The steps of the life of a parent of so many children, and the allocations of its end.
fn work_for(children: usize) -> (u64, usize) {
    let outcome = Simulation::new(1).run(async |host| {
        let system = ActorSystem::on(host).start().unwrap();
        let parent = system.spawn(parent(), "parent").unwrap();
        parent.tell(Some(children));
        system.sleep(millis(1)).await;
        assert_eq!(system.actors(), children + 1);
        let region = Region::new(MEMORY);
        parent.tell(None);
        system.sleep(millis(1)).await;
        assert_eq!(system.actors(), 0);
        region.change().allocations
    });
    (outcome.steps, outcome.value)
}

#[test]
fn a_parent_of_a_crowd_stops_with_so_much_work_for_each_child() {
    const CHILDREN: usize = 100_000;
    let _alone = alone();
    let (steps, allocations) = work_for(CHILDREN);
    assert!(steps < 10 * CHILDREN as u64, "{steps} steps");
    assert!(allocations < 20 * CHILDREN, "{allocations} allocations");
}

/// Has a child, which has a child, and so on; the last one shows itself.
fn tower(levels: usize, top: ActorRef<ActorRef<()>>) -> Behavior<()> {
    Behavior::setup(move |ctx| {
        match levels {
            0 => top.tell(ctx.me()),
            _ => drop(ctx.spawn_anonymous(tower(levels - 1, top.clone())).unwrap()),
        }
        Behavior::ignore()
    })
}

#[test]
fn a_tower_of_ten_thousand_levels_stops_and_falls_without_overflowing_the_stack() {
    const LEVELS: usize = 10_000;
    let _alone = alone();
    let mut simulation = Simulation::new(1);
    let system = ActorSystem::on(simulation.host()).start().unwrap();
    let (told, shown) = async_channel::unbounded();
    let ear = Behavior::receive_message(move |top: ActorRef<()>| {
        told.try_send(top).unwrap();
        Behavior::same()
    });
    let ear = system.spawn(ear, "ear").unwrap();
    let ground = system.spawn(tower(LEVELS - 1, ear), "ground").unwrap();
    simulation.settle();
    let top = shown.try_recv().unwrap();
    assert_eq!(top.path().names().count(), LEVELS);
    assert!(simulation.block_on(system.shutdown()).is_clean());
    assert!(ground.is_stopped() && top.is_stopped());
    // The top keeps all that it stood on until here.
    drop((ground, top));
}

#[test]
fn an_escalation_through_a_thousand_levels_reaches_the_root() {
    const LEVELS: usize = 1_000;
    fn level(above: usize) -> Behavior<()> {
        let level = Behavior::setup(move |ctx| {
            if above > 0 {
                ctx.spawn_anonymous(level(above - 1)).unwrap();
                return Behavior::ignore();
            }
            Behavior::fail("no")
        });
        level.supervised(OneForOne::decide(|_| Directive::Escalate))
    }
    let _alone = alone();
    let mut simulation = Simulation::new(1);
    let system = ActorSystem::on(simulation.host()).start().unwrap();
    system.spawn(level(LEVELS - 1), "ground").unwrap();
    simulation.settle();
    assert_eq!(system.actors(), 0);
}

#[test]
fn the_ends_of_many_are_each_heard_once_while_as_many_more_are_watched() {
    const CROWD: usize = 5_000;
    #[derive(Clone, Copy)]
    enum Mourn {
        /// Spawns so many that are watched and end.
        Crowd,
        /// Spawns and watches one more.
        One,
        Ended,
    }
    let _alone = alone();
    let heard = Arc::new(AtomicUsize::new(0));
    let ended = Arc::clone(&heard);
    let mourner = Behavior::receive(move |ctx: &mut Context<Mourn>, message| {
        match message {
            Mourn::Crowd => {
                for _ in 0..CROWD {
                    let child = ctx.spawn_anonymous(Behavior::<()>::setup(|_| Behavior::stopped())).unwrap();
                    ctx.watch_with(&child, Mourn::Ended);
                }
            }
            Mourn::One => {
                let child = ctx.spawn_anonymous(Behavior::<()>::ignore()).unwrap();
                ctx.watch_with(&child, Mourn::Ended);
            }
            Mourn::Ended => {
                ended.fetch_add(1, Ordering::Relaxed);
            }
        }
        Behavior::same()
    });
    let mut simulation = Simulation::new(1);
    let system = ActorSystem::on(simulation.host()).start().unwrap();
    let mourner = system.spawn(mourner, "mourner").unwrap();
    mourner.tell(Mourn::Crowd);
    (0..CROWD).for_each(|_| mourner.tell(Mourn::One));
    simulation.settle();
    assert_eq!((heard.load(Ordering::Relaxed), system.actors()), (CROWD, 1 + CROWD));
    assert!(simulation.block_on(system.shutdown()).is_clean());
}
