//! A host of entities is paused, replaced, and wakes: nothing is lost.

use std::cell::Cell;

use casty::Executor;
use casty::cluster::MemberStatus;
use casty::prelude::*;
use casty::simulation::{Host, Simulation, sweep_over};

use crate::swarm_of_clusters::deeds::Deed;
use crate::swarm_of_clusters::lists::Entry;
use crate::swarm_of_clusters::world::{Plan, World};
use crate::swarm_of_clusters::{answers, lives};

/// Somebody on the third node, which may be paused, asks each list for a number, one question in each twenty milliseconds.
fn asks(host: &Host, world: &World, questions: usize) {
    let (lists, log) = world.lists(3);
    for list in 0..12 {
        let (list, log, host) = (lists.entity(format!("list-{list}")), log.clone(), host.clone());
        host.clone().spawn(Box::pin(async move {
            for _ in 0..questions {
                let (number, asked, log) = (log.number(), list.clone(), log.clone());
                host.spawn(Box::pin(async move {
                    if asked.ask(|reply| Entry::Add(number, reply), secs(2)).await.is_ok() {
                        log.note(Deed::Acknowledged { entity: asked.id().into(), number });
                    }
                }));
                host.sleep_until(host.now() + millis(20)).await;
            }
        }));
    }
}

/// Plays a scene in which the third of three nodes is paused until others have its entities, cut off from them or not, and wakes with much to do; how
/// often it then took a journal from its owner, and wrote in it.
async fn paused(host: Host, cut_off: bool) -> (usize, usize) {
    let world = World::formed(host.clone(), Plan { lists: true, ..Plan::default() }).await;
    world.pass(secs(5)).await;
    world.pause(3);
    if cut_off {
        world.part(&[3]);
    }
    world.pass(secs(20)).await;
    world.settled(&[1, 2], secs(20)).await;
    asks(&host, &world, 250);
    world.pass(secs(1)).await;
    world.resume(3);
    world.pass(secs(15)).await;
    assert_eq!(world.state(3).status, Some(MemberStatus::Down));
    assert_eq!(world.silent().await, None);
    world.peace().await;
    let kept = world.record().kept;
    assert_eq!(lives::violation(&kept).or_else(|| answers::violation(&kept)), None);
    lives::taken(&kept)
}

#[test]
fn who_was_given_up_in_a_pause_and_wakes_loses_nothing_that_was_acknowledged() {
    sweep_over(0..4, |simulation: Simulation| {
        simulation.steps_max(2_000_000).run(|host| paused(host, false));
    });
}

#[test]
fn who_wakes_cut_off_takes_journals_until_it_gives_itself_up_and_nothing_acknowledged_is_lost() {
    let (seeds, both) = (Cell::new(0), Cell::new((0, 0)));
    sweep_over(0..4, |simulation: Simulation| {
        let (opened, wrote) = simulation.steps_max(2_000_000).run(|host| paused(host, true)).value;
        seeds.set(seeds.get() + 1);
        both.set((both.get().0 + opened, both.get().1 + wrote));
    });
    let (opened, wrote) = both.get();
    assert!(
        seeds.get() < 4 || (opened > 0 && wrote > opened),
        "{opened} were taken, and written {wrote} times"
    );
}
