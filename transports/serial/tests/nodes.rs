//! Nodes at both ends of a line that nobody can rely on.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod world;

use std::sync::{Arc, Mutex};

use casty_core::{ActorRef, AskError, Behavior, Remote, ReplyTo, Signal, Step, millis, secs};
use serde::{Deserialize, Serialize};
use world::{Faults, Place, World, line, place};

#[derive(Serialize, Deserialize)]
enum Note {
    Number(u32, Vec<u8>),
    Count(ReplyTo<u32>),
}

impl Remote for Note {
    const NAME: &'static str = "test.Note";
}

/// Hears numbers in their order, from zero.
fn sink() -> Behavior<Note> {
    Behavior::fold(0, |heard, _, note| match note {
        Note::Number(number, _) => {
            assert_eq!(number, heard);
            Step::Keep(heard + 1)
        }
        Note::Count(reply) => {
            reply.tell(heard);
            Step::Keep(heard)
        }
    })
}

fn open(place: &Place) -> ActorRef<Note> {
    let sink = place.system.spawn(sink(), "sink").unwrap();
    place.node.expose(&sink).unwrap();
    sink
}

/// The sink of another node, however often that has to be tried.
async fn found(near: &Place, name: &str) -> ActorRef<Note> {
    loop {
        if let Ok(sink) = near.node.lookup(name, "sink", secs(20)).await {
            return sink;
        }
    }
}

/// Tells these numbers, and waits until they were heard.
async fn told(place: &Place, sink: &ActorRef<Note>, numbers: core::ops::Range<u32>) {
    for number in numbers.clone() {
        let padding = vec![7; number as usize * 31 % 97];
        sink.send(Note::Number(number, padding)).await.unwrap();
    }
    loop {
        match sink.ask(Note::Count, secs(30)).await {
            Ok(heard) if heard == numbers.end => return,
            Ok(_) | Err(AskError::Timeout) => place.system.sleep(millis(100)).await,
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn over_a_line_full_of_garbage_a_thousand_messages_each_way_arrive_in_their_order() {
    for seed in 0..8 {
        let mut world = World::new();
        let bare = world.bare.clone();
        world.run(async move {
            let faults = Faults { flipped: 1_000, lost: 500, invented: 500 };
            let (near, far, cable) = line(&bare, seed, faults);
            let (near, far) =
                (place(&bare, near, "near", 2 * seed).await, place(&bare, far, "far", 2 * seed + 1).await);
            open(&near);
            open(&far);
            let (there, back) = (found(&near, "far").await, found(&far, "near").await);
            futures_lite::future::zip(told(&near, &there, 0..1_000), told(&far, &back, 0..1_000)).await;
            assert_eq!((near.system.dead_letters(), far.system.dead_letters()), (0, 0));
            assert!(cable.faults() > 50, "{} is a clean line", cable.faults());
        });
    }
}

/// Counts the ends that it hears of.
fn mourner(actor: ActorRef<Note>, ended: Arc<Mutex<u32>>) -> Behavior<()> {
    Behavior::ignore().on_start(move |ctx| ctx.watch(&actor)).on_signal(move |_, signal| {
        if let Signal::Terminated(_) = signal {
            *ended.lock().unwrap() += 1;
        }
        Behavior::same()
    })
}

#[test]
fn a_device_that_starts_again_is_another_node_for_the_one_that_goes_on() {
    for seed in 0..8 {
        let mut world = World::new();
        let (bare, power) = (world.bare.clone(), world.power.clone());
        world.run(async move {
            let (near, _, cable) = line(&bare, seed, Faults { flipped: 100, lost: 50, invented: 50 });
            let host = place(&bare, near, "host", 1_000 + seed).await;
            let ended = Arc::new(Mutex::new(0));
            for start in 1..=4 {
                let chip = power.on();
                let device = place(&chip, cable.other_end(&chip), "device", 10 * seed + start).await;
                open(&device);
                let sink = found(&host, "device").await;
                told(&host, &sink, 0..100).await;
                let mourner = mourner(sink.clone(), Arc::clone(&ended));
                host.system.spawn(mourner, &format!("mourner-{start}")).unwrap();
                told(&host, &sink, 100..200).await;
                // It loses its power in the midst of what it is told.
                (200..210).for_each(|number| sink.tell(Note::Number(number, vec![1; 50])));
                host.system.sleep(millis(15 * start)).await;
                power.off();
                drop(device);
                host.system.sleep(millis(100 * start)).await;
            }
            host.system.sleep(secs(60)).await;
            assert_eq!(*ended.lock().unwrap(), 4);
        });
    }
}

#[test]
fn a_line_that_is_cut_for_a_while_loses_nothing() {
    let mut world = World::new();
    let bare = world.bare.clone();
    world.run(async move {
        let (near, far, cable) = line(&bare, 1, Faults::default());
        let (near, far) = (place(&bare, near, "near", 1).await, place(&bare, far, "far", 2).await);
        open(&far);
        let sink = found(&near, "far").await;
        told(&near, &sink, 0..50).await;
        for cut in 1..=3 {
            (cut * 50..cut * 50 + 20).for_each(|number| sink.tell(Note::Number(number, vec![2; 20])));
            near.system.sleep(millis(7)).await;
            cable.cut(true);
            near.system.sleep(secs(u64::from(cut) * 8)).await;
            cable.cut(false);
            told(&near, &sink, cut * 50 + 20..cut * 50 + 50).await;
        }
        assert_eq!(near.system.dead_letters(), 0);
    });
}

#[test]
fn an_end_has_one_listener_and_does_not_dial_itself() {
    let mut world = World::new();
    let bare = world.bare.clone();
    world.run(async move {
        let (near, far, _) = line(&bare, 1, Faults::default());
        let near = place(&bare, near, "near", 1).await;
        drop(far);
        let itself = near.node.lookup::<Note>("near", "sink", secs(60)).await;
        assert!(itself.is_err());
    });
}
