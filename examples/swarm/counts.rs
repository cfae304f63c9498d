//! Counts that all nodes go on with: entities that are remembered, and that move.

use std::collections::BTreeSet;
use std::sync::Weak;

use casty::prelude::*;
use casty::simulation::Pausable;
use casty::{Entities, Executor, Node, Remote, Rng, Shards};
use serde::{Deserialize, Serialize};

use super::deeds::{Dated, Deed, Life};
use super::lists::Lists;

/// What a count understands.
#[derive(Serialize, Deserialize)]
pub(crate) enum Count {
    /// One more: in which life it began with none, and how many there are since.
    Next(ReplyTo<(u64, u64)>),
    Ask(ReplyTo<()>),
}

impl Remote for Count {
    const NAME: &'static str = "swarm.Count";
}

const COUNTS: usize = 6;
const SHARDS: u32 = 4;

fn name(count: usize) -> String {
    format!("count-{count}")
}

fn counting(id: &str, node: u64, lists: &Lists) -> Behavior<Count> {
    let (lists, id) = (lists.clone(), String::from(id));
    Behavior::setup(move |_| {
        let life = Life::begins(&lists.log, &id, node);
        Behavior::movable(
            move |_| (life.number(), 0),
            |(since, count): &mut (u64, u64), _, message| {
                match message {
                    Count::Next(reply) => {
                        *count += 1;
                        reply.tell((*since, *count));
                    }
                    Count::Ask(reply) => reply.tell(()),
                }
                Behavior::same()
            },
        )
    })
}

/// Opens the counts on a node, where somebody counts until `alive` is dropped.
pub(crate) fn open(
    lists: &Lists,
    (system, node, machine): (&ActorSystem, &Node, &Pausable),
    alive: Weak<()>,
) -> casty::Result<Entities<Count>> {
    let me = node.id().incarnation;
    let shards = Shards::new(SHARDS).remember(lists.journal.clone()).handoff_timeout(secs(5));
    let shards = shards.moves_pause(millis(500)).moves_max(2);
    let there = lists.clone();
    let region =
        system.spawn(Behavior::sharded(move |id: &str| counting(id, me, &there), shards), "counts")?;
    let (lists, all, clock) = (lists.clone(), region.clone(), machine.clone());
    machine.spawn(Box::pin(async move { count(&lists, &all, me, clock, alive).await }));
    Ok(region)
}

async fn count(lists: &Lists, all: &Entities<Count>, node: u64, machine: Pausable, alive: Weak<()>) {
    let mut rng = Rng::new(machine.seed() ^ node);
    while alive.upgrade().is_some() {
        machine.sleep_until(machine.now() + rng.lengthen(millis(200), 5.0)).await;
        let name = name(rng.below(COUNTS));
        let entity = all.entity(name.as_str());
        let answer = entity.ask(Count::Next, secs(2));
        if let Ok((since, count)) = lists.log.asks((node, &machine), secs(2), answer).await {
            lists.log.note(Deed::Counted { entity: name, since, count });
        }
    }
}

/// The first count that does not answer, though all is well.
pub(crate) async fn silent(all: &Entities<Count>) -> Option<String> {
    for count in (0..COUNTS).map(name) {
        if let Err(error) = all.entity(count.as_str()).ask(Count::Ask, secs(20)).await {
            return Some(format!("{count} does not answer: {error}"));
        }
    }
    None
}

/// The first count that has answered somebody, and lives on none of these nodes: it is to live without being asked.
pub(crate) fn forgotten(deeds: &[Dated], nodes: &[u64]) -> Option<String> {
    let (mut known, mut living) = (BTreeSet::new(), Vec::new());
    for (_, deed) in deeds {
        match deed {
            Deed::Counted { entity, .. } => drop(known.insert(entity)),
            Deed::Begins { life, entity, node } if nodes.contains(node) => living.push((*life, entity)),
            Deed::Ends { life } => living.retain(|(other, _)| other != life),
            _ => {}
        }
    }
    let lost = known.into_iter().find(|name| !living.iter().any(|(_, other)| other == name));
    lost.map(|name| format!("{name} was started, and lives no more"))
}
