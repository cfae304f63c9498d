//! Entities that are remembered live again without a message.

use std::collections::BTreeSet;

use casty::journal::{EntityId, Journal, MemoryJournal, Sequence};
use casty::persist::EntityFailed;
use casty::prelude::*;
use casty::simulation::{Faults, FaultyJournal, Host, Simulation, sweep_over};
use casty::{DeadLetter, DeadReason, Rng, Shards};

use crate::swarm_of_clusters::world::Plan;
use crate::town::{Town, Visit, shards};

type Journaled = FaultyJournal<MemoryJournal>;

/// Plays a scene in a town whose entities are remembered.
fn scene(nodes: usize, settings: impl Fn(Shards) -> Shards, scene: impl AsyncFn(&Town, &Journaled)) {
    scene_of_seeds(2, nodes, settings, scene);
}

fn scene_of_seeds(
    seeds: u64,
    nodes: usize,
    settings: impl Fn(Shards) -> Shards,
    scene: impl AsyncFn(&Town, &Journaled),
) {
    sweep_over(0..seeds, |simulation: Simulation| {
        simulation.steps_max(3_000_000).run(async |host: Host| {
            let journal = FaultyJournal::new(host.clone(), MemoryJournal::new());
            let shards = settings(shards().remember(journal.clone()));
            let town = Town::new(host, Plan { nodes, ..Plan::default() }, shards);
            town.form(nodes).await;
            scene(&town, &journal).await;
            assert_eq!(town.ledger.violation(), None);
        });
    });
}

const fn as_it_is(shards: Shards) -> Shards {
    shards
}

/// So many entities, and the one that was there first.
fn all(entities: u64) -> BTreeSet<String> {
    (0..entities).map(|entity| format!("entity-{entity}")).chain([String::from("first")]).collect()
}

/// What a journal meets that does nothing any more.
const BROKEN: Faults =
    Faults { failed_permille: 1_000, unknown_permille: 0, late_permille: 0, delay_max: millis(0) };

// They live again.

#[test]
fn entities_of_a_node_that_is_killed_live_on_others_without_a_message() {
    scene(3, as_it_is, async |town, _| {
        town.populate(1, 24).await;
        town.kill(3);
        town.world.settled(&[1, 2], secs(20)).await;
        town.world.pass(secs(5)).await;
        assert_eq!(town.ledger.living(), all(24));
    });
}

#[test]
fn when_all_nodes_were_killed_and_start_again_all_entities_live_without_a_message() {
    scene(3, as_it_is, async |town, _| {
        town.populate(1, 24).await;
        for node in 1..=3 {
            town.kill(node);
        }
        town.world.pass(secs(1)).await;
        assert_eq!(town.ledger.living(), BTreeSet::new());
        for node in 1..=3 {
            town.start(node).await;
        }
        town.world.settled(&[1, 2, 3], secs(20)).await;
        town.world.pass(secs(10)).await;
        assert_eq!(town.ledger.living(), all(24));
    });
}

#[test]
fn when_all_nodes_have_shut_down_and_start_again_all_entities_live_without_a_message() {
    scene(2, as_it_is, async |town, _| {
        town.populate(1, 24).await;
        for node in 1..=2 {
            town.world.shut_down(node);
        }
        town.world.pass(secs(30)).await;
        assert_eq!(town.ledger.living(), BTreeSet::new());
        for node in 1..=2 {
            town.start(node).await;
        }
        town.world.settled(&[1, 2], secs(20)).await;
        town.world.pass(secs(10)).await;
        assert_eq!(town.ledger.living(), all(24));
    });
}

#[test]
fn entities_whose_shard_moves_live_where_it_goes_without_a_message() {
    scene(2, as_it_is, async |town, _| {
        town.populate(1, 24).await;
        town.start(3).await;
        town.world.settled(&[1, 2, 3], secs(20)).await;
        town.world.pass(secs(10)).await;
        assert_eq!(town.ledger.living(), all(24));
        let spread = town.ledger.spread();
        assert!(spread.get(&town.process(3)).is_some_and(|count| *count >= 4), "{spread:?}");
        town.world.shut_down(2);
        town.world.settled(&[1, 3], secs(20)).await;
        town.world.pass(secs(5)).await;
        assert_eq!(town.ledger.living(), all(24), "of a node that leaves as well");
    });
}

#[test]
fn after_a_crash_a_few_entities_are_started_at_a_time_and_those_first_that_are_told_something() {
    scene(
        1,
        |shards| shards.starts_per_second_max(50),
        async |town, _| {
            town.populate(1, 100).await;
            town.kill(1);
            town.world.pass(secs(1)).await;
            town.start(1).await;
            let mut counts = Vec::new();
            while town.ledger.living().is_empty() {
                town.world.pass(millis(10)).await;
            }
            let (asked, last) = (town.entity(1, "entity-99"), town.ledger.living().contains("entity-99"));
            assert!(last || asked.ask(Visit::Where, millis(500)).await.is_ok(), "it waits for no other");
            for _ in 0..30 {
                counts.push(town.ledger.living().len());
                town.world.pass(millis(100)).await;
            }
            let steps = counts.windows(2).map(|pair| pair[1] - pair[0]);
            assert!(steps.max().is_some_and(|step| (1..=10).contains(&step)), "{counts:?}");
            assert_eq!(town.ledger.living(), all(100));
        },
    );
}

#[test]
fn who_is_remembered_lives_on_though_it_is_idle() {
    scene(
        1,
        |shards| shards.idle_after(secs(1)).entities_max(5),
        async |town, _| {
            town.populate(1, 12).await;
            let lives = town.ledger.lives();
            town.world.pass(secs(10)).await;
            assert_eq!((town.ledger.living(), town.ledger.lives()), (all(12), lives));
        },
    );
}

#[test]
fn what_is_remembered_is_written_anew_after_many_changes_and_these_are_deleted() {
    scene_of_seeds(1, 1, as_it_is, async |town, journal| {
        town.populate(1, 12).await;
        for _ in 0..520 {
            town.answers(1, "restless", secs(5)).await;
            town.entity(1, "restless").tell(Visit::Stop);
            town.world.pass(millis(10)).await;
        }
        let shard = Shards::new(12).shard_of("restless");
        let shard = EntityId::new(format!("casty.shards/town/12/{shard}"));
        assert!(journal.load_snapshot(&shard).await.unwrap().is_some());
        let left = journal.replay(&shard, Sequence::START, usize::MAX).await.unwrap();
        assert!(left.len() < 200, "{} are left", left.len());
        town.kill(1);
        town.world.pass(secs(1)).await;
        town.start(1).await;
        town.world.settled(&[1], secs(20)).await;
        town.world.pass(secs(5)).await;
        assert_eq!(town.ledger.living(), all(12));
    });
}

// They end.

#[test]
fn who_stops_by_itself_is_forgotten_and_the_next_message_starts_it() {
    scene(2, as_it_is, async |town, _| {
        town.populate(1, 12).await;
        town.entity(1, "entity-3").tell(Visit::Stop);
        town.world.pass(secs(20)).await;
        let mut left = all(12);
        left.remove("entity-3");
        assert_eq!(town.ledger.living(), left, "nor does it come back after a pause");
        for node in 1..=2 {
            town.kill(node);
        }
        town.world.pass(secs(1)).await;
        for node in 1..=2 {
            town.start(node).await;
        }
        town.world.settled(&[1, 2], secs(20)).await;
        town.world.pass(secs(10)).await;
        assert_eq!(town.ledger.living(), left);
        town.answers(1, "entity-3", secs(5)).await;
        assert_eq!(town.ledger.living(), all(12));
    });
}

#[test]
fn who_stops_by_itself_while_its_shard_moves_is_forgotten() {
    scene(2, as_it_is, async |town, _| {
        town.populate(1, 24).await;
        for entity in 0..24 {
            // One after the other, while the second node hands over what it has.
            town.entity(1, &format!("entity-{entity}")).tell(Visit::Stop);
            if entity == 8 {
                town.world.shut_down(2);
            }
            town.world.pass(millis(1)).await;
        }
        town.world.settled(&[1], secs(20)).await;
        town.world.pass(secs(15)).await;
        assert_eq!(town.ledger.living(), BTreeSet::from([String::from("first")]));
    });
}

#[test]
fn who_fails_is_started_again_by_the_next_message_or_after_a_pause() {
    scene(
        1,
        |shards| shards.restart_pause(secs(10)),
        async |town, _| {
            town.populate(1, 3).await;
            town.entity(1, "entity-1").tell(Visit::Fail);
            town.entity(1, "entity-2").tell(Visit::Fail);
            town.world.pass(secs(5)).await;
            assert_eq!(town.ledger.living().len(), 2);
            town.answers(1, "entity-2", secs(1)).await;
            assert_eq!(town.ledger.living().len(), 3, "at once");
            let lives = town.ledger.lives();
            town.world.pass(secs(6)).await;
            assert_eq!((town.ledger.living(), town.ledger.lives()), (all(3), lives + 1), "and once");
            // Who fails, is started by a message and then stops by itself is not started when the pause is over.
            town.entity(1, "entity-0").tell(Visit::Fail);
            town.world.pass(secs(1)).await;
            town.answers(1, "entity-0", secs(1)).await;
            town.entity(1, "entity-0").tell(Visit::Stop);
            town.world.pass(secs(15)).await;
            assert!(!town.ledger.living().contains("entity-0"));
        },
    );
}

#[test]
fn what_is_no_name_is_not_tried_again_and_keeps_nobody_from_being_started() {
    scene(
        1,
        |shards| shards.restart_pause(secs(1)).starts_per_second_max(10),
        async |town, _| {
            town.populate(1, 3).await;
            let letters = town.world.probe::<DeadLetter>(1);
            (0..100).for_each(|number| town.entity(1, &format!("no/{number}")).tell(Visit::Stop));
            town.world.pass(millis(500)).await;
            assert_eq!(core::iter::from_fn(|| letters.try_recv()).count(), 100);
            town.world.pass(secs(2)).await;
            town.entity(1, "entity-1").tell(Visit::Fail);
            town.world.pass(secs(2)).await;
            assert_eq!(town.ledger.living(), all(3));
        },
    );
}

// The journal.

#[test]
fn an_entity_begins_when_the_journal_has_said_that_it_is_remembered_and_gets_all_in_its_order() {
    scene(2, as_it_is, async |town, journal| {
        town.world.pass(secs(3)).await;
        journal.set(BROKEN);
        for number in 1..=20 {
            (0..12).for_each(|entity| town.entity(2, &format!("new-{entity}")).tell(Visit::Note(1, number)));
            town.world.pass(millis(50)).await;
        }
        assert_eq!(town.ledger.living(), all(0), "not before");
        town.entity(1, "first").tell(Visit::Note(2, 1));
        town.handled(2, 1, millis(500)).await;
        journal.set(Faults { delay_max: millis(500), ..Faults::default() });
        town.handled(1, 240, secs(25)).await;
    });
}

#[test]
fn what_waits_too_long_for_the_journal_is_dead_and_what_comes_later_is_not() {
    scene(
        1,
        |shards| shards.buffer_timeout(secs(3)),
        async |town, journal| {
            let letters = town.world.probe::<DeadLetter>(1);
            journal.set(BROKEN);
            for number in 1..=3 {
                town.entity(1, "new").tell(Visit::Note(1, number));
            }
            let ended = town.entity(1, "other").ask(Visit::Where, secs(60)).await;
            assert_eq!(ended, Err(AskError::Unanswered));
            town.world.pass(secs(2)).await;
            let letters: Vec<DeadLetter> = core::iter::from_fn(|| letters.try_recv()).collect();
            assert!(letters.len() == 4 && letters.iter().all(|it| it.reason == DeadReason::ShardUnavailable));
            journal.set(Faults::default());
            town.entity(1, "new").tell(Visit::Note(1, 4));
            town.handled(1, 1, secs(15)).await;
        },
    );
}

#[test]
fn who_fails_while_something_waits_for_it_lives_again_though_the_journal_does_not_answer() {
    scene(
        1,
        |shards| shards.restart_pause(secs(5)).buffer_timeout(secs(3)),
        async |town, journal| {
            town.populate(1, 24).await;
            journal.set(BROKEN);
            let region = town.region(1);
            for entity in 0..24 {
                let id = format!("entity-{entity}");
                region.entity(&*id).tell(Visit::Fail);
                // Some of these come when it has failed and its region does not know yet.
                for number in 1..=20 {
                    region.entity(&*id).tell(Visit::Note(1, number));
                    town.world.pass(core::time::Duration::from_nanos(1)).await;
                }
            }
            town.world.pass(secs(15)).await;
            assert_eq!(town.ledger.living(), all(24));
        },
    );
}

#[test]
fn who_lives_already_is_reached_though_the_journal_does_not_say_in_time_that_it_is_remembered() {
    scene(
        1,
        |shards| shards.restart_pause(secs(1)).buffer_timeout(secs(3)),
        async |town, journal| {
            town.populate(1, 3).await;
            journal.set(BROKEN);
            town.entity(1, "entity-1").tell(Visit::Fail);
            town.world.pass(millis(100)).await;
            town.entity(1, "entity-1").tell(Visit::Note(1, 1));
            town.handled(1, 1, secs(2)).await;
            town.world.pass(secs(5)).await;
            town.entity(1, "entity-1").tell(Visit::Note(1, 2));
            town.handled(1, 2, millis(500)).await;
            town.start(2).await;
            town.world.settled(&[1, 2], secs(20)).await;
            town.world.shut_down(1);
            town.world.pass(secs(40)).await;
            journal.set(Faults::default());
            town.world.pass(secs(20)).await;
            assert_eq!(town.ledger.living(), all(3), "and nobody lives twice");
        },
    );
}

#[test]
fn a_node_that_another_has_overtaken_in_the_journal_writes_nothing_and_stops_its_entities() {
    scene(
        1,
        |shards| shards.buffer_timeout(secs(3)).restart_pause(secs(30)),
        async |town, journal| {
            town.populate(1, 24).await;
            let failures = town.world.probe::<EntityFailed>(1);
            for shard in 0..12 {
                journal.open(&EntityId::new(format!("casty.shards/town/12/{shard}"))).await.unwrap();
            }
            for entity in 100..140 {
                town.entity(1, &format!("entity-{entity}")).tell(Visit::Note(1, 1));
            }
            town.world.pass(secs(15)).await;
            assert_eq!(town.ledger.living(), BTreeSet::new());
            assert_eq!(town.ledger.count(1), 0);
            let failure = failures.try_recv().unwrap();
            assert!(failure.error.to_string().contains("casty.shards/town/12/"), "{}", failure.error);
            // Nobody else has them: after a pause they are here again.
            town.world.pass(secs(30)).await;
            assert!(town.ledger.living().is_superset(&all(24)));
            town.answers(1, "entity-200", secs(2)).await;
        },
    );
}

#[test]
fn a_node_that_goes_before_it_has_handed_over_leaves_what_is_remembered_to_the_others() {
    scene(
        2,
        |shards| shards.handoff_timeout(secs(1)).restart_pause(millis(100)),
        async |town, journal| {
            town.populate(1, 24).await;
            let failures = town.world.probe::<EntityFailed>(1);
            town.world.part(&[1]);
            town.world.leave(1);
            while town.ledger.spread().contains_key(&town.process(1)) {
                town.world.pass(millis(10)).await;
            }
            // Whoever opens it hears so.
            journal.set(BROKEN);
            town.world.pass(secs(2)).await;
            assert_eq!(failures.try_recv().map(|failed| failed.path), None);
            journal.set(Faults::default());
            town.world.heal();
        },
    );
}

#[test]
fn whatever_becomes_of_nodes_and_the_journal_who_was_started_lives_once_and_who_was_not_does_not() {
    scene_of_seeds(
        4,
        3,
        |shards| shards.restart_pause(secs(2)),
        async |town, journal| {
            let mut rng = Rng::new(town.world.chance());
            let (mut started, mut stopped) = (all(0), BTreeSet::new());
            journal.set(Faults {
                failed_permille: 100,
                unknown_permille: 100,
                late_permille: 100,
                delay_max: millis(50),
            });
            for turn in 0..8 {
                let running = town.world.running();
                let node = running[rng.below(running.len())];
                for entity in 0..4 {
                    let id = format!("entity-{turn}-{entity}");
                    town.answers(node, &id, secs(60)).await;
                    if rng.below(4) == 0 {
                        town.entity(node, &id).tell(Visit::Stop);
                        stopped.insert(id.clone());
                    }
                    started.insert(id);
                }
                match rng.below(4) {
                    0 if running.len() > 2 => town.kill(node),
                    1 if running.len() > 2 => {
                        town.world.shut_down(node);
                        town.world.pass(secs(25)).await;
                    }
                    2 => journal.crash(),
                    _ => {}
                }
                town.world.pass(millis(rng.below(4_000) as u64)).await;
                for node in (1..=3).filter(|node| !town.world.runs(*node)) {
                    town.start(node).await;
                }
                town.world.settled(&[1, 2, 3], secs(60)).await;
            }
            journal.set(Faults::default());
            town.world.pass(secs(60)).await;
            let living = town.ledger.living();
            // One that stopped just when its node was killed may not have been forgotten.
            assert!(living.is_subset(&started), "{living:?}");
            let lost: Vec<&String> =
                started.difference(&living).filter(|id| !stopped.contains(*id)).collect();
            assert!(lost.is_empty(), "{lost:?}");
            assert!(living.len() < started.len() || stopped.len() < 3, "some are forgotten");
        },
    );
}
