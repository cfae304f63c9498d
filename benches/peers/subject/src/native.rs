//! The workloads that make actors, with behaviors as users of casty write them.

use std::time::Instant;

use async_channel::Sender;
use casty::prelude::*;
use casty_peers::case::Case;
use casty_peers::census::{Census, Resident};
use casty_peers::check::{check, must, say, word};
use casty_peers::outcome::Outcome;
use casty_peers::pace::{BURST, Pace};
use casty_peers::workloads::{Footprint, actors_in};

fn once(resident: Resident) -> Behavior<()> {
    Behavior::receive_message(move |()| {
        resident.handled();
        Behavior::stopped()
    })
}

pub(crate) async fn spawn(system: ActorSystem, Case { threads, size, .. }: Case) -> Outcome {
    let census = Census::of(size);
    let pace = Pace::outside(threads);
    let start = Instant::now();
    for index in 0..size {
        must(system.spawn_anonymous(once(census.resident()))).tell(());
        pace.after(index).await;
    }
    check(census.ended().await, size);
    Outcome::time(size, start.elapsed())
}

fn idle(resident: Resident) -> Behavior<u64> {
    Behavior::fold(0, move |handled, _, message| {
        resident.handled();
        Step::Keep(handled + message)
    })
}

pub(crate) async fn memory(system: ActorSystem, size: u64) -> Outcome {
    let actors = actors_in(size);
    let census = Census::in_chunks(actors, BURST);
    let mut references = Vec::with_capacity(usize::try_from(actors).unwrap_or(0));
    let footprint = Footprint::now();
    for index in 1..=actors {
        let actor = must(system.spawn_anonymous(idle(census.resident())));
        actor.tell(1);
        references.push(actor);
        if index.is_multiple_of(BURST) {
            check(census.chunk().await, index);
        }
    }
    footprint.since(&references)
}

enum Node {
    Grow { leaves: u64, first: u64 },
    Sum(u64),
}

fn node(parent: ActorRef<Node>) -> Behavior<Node> {
    Behavior::fold((0, 0), move |(waiting, sum): (u64, u64), ctx, message| match message {
        Node::Grow { leaves: 1, first } => {
            parent.tell(Node::Sum(first));
            Step::Become(Behavior::stopped())
        }
        Node::Grow { leaves, first } => {
            let share = leaves / 10;
            for index in 0..10 {
                let child = must(ctx.spawn_anonymous(node(ctx.me())));
                child.tell(Node::Grow { leaves: share, first: first + index * share });
            }
            Step::Keep((10, 0))
        }
        Node::Sum(part) if waiting == 1 => {
            parent.tell(Node::Sum(sum + part));
            Step::Become(Behavior::stopped())
        }
        Node::Sum(part) => Step::Keep((waiting - 1, sum + part)),
    })
}

/// Says the sum of the whole tree.
fn result(done: Sender<u64>) -> Behavior<Node> {
    Behavior::receive_message(move |message| {
        if let Node::Sum(sum) = message {
            say(&done, sum);
        }
        Behavior::same()
    })
}

pub(crate) async fn skynet(system: ActorSystem, leaves: u64) -> Outcome {
    let (done, all) = async_channel::bounded(1);
    let start = Instant::now();
    let result = must(system.spawn(result(done), "result"));
    must(system.spawn(node(result), "root")).tell(Node::Grow { leaves, first: 0 });
    check(word(&all).await, leaves * (leaves - 1) / 2);
    Outcome::time(leaves, start.elapsed())
}
