//! State that moves where more comes together: remembered, the one, asked, or twice.

use std::collections::BTreeSet;

use casty::journal::MemoryJournal;
use casty::prelude::*;
use casty::simulation::{Host, Simulation, sweep_over};
use casty::{Executor, Rng, Singleton, StateLeftBehind};

use crate::moving::{book, counts, entities, scene};
use crate::realm::{Desk, Mood, Realm, played};
use crate::swarm_of_clusters::world::Plan;
use crate::town::{Town, Visit, shards};

/// So many, and the one that was there first.
fn all(entities: u64) -> BTreeSet<String> {
    (0..entities).map(|entity| format!("entity-{entity}")).chain([String::from("first")]).collect()
}

#[test]
fn who_is_remembered_goes_on_without_a_message_where_it_moves_and_begins_afresh_where_it_was_lost() {
    sweep_over(0..2, |simulation: Simulation| {
        simulation.steps_max(3_000_000).run(async |host: Host| {
            let remembered = shards().remember(MemoryJournal::new());
            let town = Town::new(host, Plan { nodes: 3, ..Plan::default() }, remembered).of(book);
            town.form(3).await;
            assert_eq!(counts(&town, 1, 12).await, [1; 12]);
            let before = town.ledger.beginnings();
            town.start(4).await;
            town.world.settled(&[1, 2, 3, 4], secs(20)).await;
            town.world.pass(secs(8)).await;
            town.world.shut_down(2);
            town.world.settled(&[1, 3, 4], secs(20)).await;
            town.world.pass(secs(4)).await;
            assert_eq!(town.ledger.living(), all(12), "nobody was told anything");
            assert_eq!((counts(&town, 1, 12).await, town.ledger.beginnings()), (vec![2; 12], before));
            let lost = town.ledger.spread()[&town.process(4)];
            town.kill(4);
            town.world.settled(&[1, 3], secs(20)).await;
            town.world.pass(secs(4)).await;
            assert_eq!(town.ledger.living(), all(12), "nor were those that had been lost");
            assert_eq!(town.ledger.beginnings(), before + lost as u64);
            assert_eq!(town.ledger.violation(), None);
        });
    });
}

#[test]
fn the_one_goes_on_with_its_state_at_each_hand_over_under_a_lease_and_afresh_when_its_node_is_lost() {
    played(async |host: Host| {
        let desk = Desk::on(&host);
        let settings = Singleton::new().lease(desk.clone()).lease_ttl(secs(20));
        let realm = Realm::new(host, Plan { nodes: 4, ..Plan::default() }, settings).of(book).form().await;
        realm.flow(4, 2_000);
        for node in 1..=2 {
            realm.world.pass(secs(1)).await;
            realm.world.shut_down(node);
            realm.lives(4, node + 1, secs(10)).await;
        }
        realm.handled(4, 2_000, secs(10)).await;
        assert_eq!((realm.ledger.beginnings(), realm.ledger.total()), (1, 2_000));
        // Who is killed gives no lease back, and what it had is lost.
        realm.world.settled(&[3, 4], secs(20)).await;
        desk.is(Mood::Hangs);
        realm.kill(3);
        realm.world.pass(secs(3)).await;
        desk.is(Mood::Works);
        realm.lives(4, 4, secs(40)).await;
        assert_eq!(realm.door(4).ask(Visit::Count, secs(2)).await, Ok(1));
        assert_eq!((realm.ledger.beginnings(), realm.ledger.violation()), (2, None));
    });
}

#[test]
fn a_question_that_is_a_part_of_the_state_is_answered_though_all_nodes_that_had_it_have_gone() {
    scene(3, &shards(), async |town| {
        town.world.pass(secs(5)).await;
        let books = entities(town, 1, 12);
        let questions = books.iter().map(|entity| entity.ask(Visit::Keep, secs(60)));
        let before = town.ledger.beginnings();
        let moves = async {
            town.start(4).await;
            town.world.settled(&[1, 2, 3, 4], secs(20)).await;
            town.world.pass(secs(8)).await;
            assert!(town.ledger.spread().get(&town.process(4)).is_some_and(|count| *count >= 2));
            town.world.shut_down(4);
            town.world.settled(&[1, 2, 3], secs(20)).await;
            // And those that were asked here.
            town.world.shut_down(2);
            town.world.settled(&[1, 3], secs(20)).await;
            books.iter().for_each(|entity| entity.tell(Visit::Answer));
        };
        let (answers, ()) = futures::join!(futures::future::join_all(questions), moves);
        assert!(answers.iter().all(|answer| *answer == Ok(1)), "{answers:?}");
        assert_eq!(town.ledger.beginnings(), before + 12);
    });
}

#[test]
fn a_stash_and_timers_are_whole_after_two_moves_in_a_row() {
    scene(2, &shards(), async |town| {
        town.world.pass(secs(5)).await;
        for entity in entities(town, 1, 12) {
            entity.tell(Visit::Later(20_000, 2, 1));
            entity.tell(Visit::Closed(true));
            (1..=5).for_each(|number| entity.tell(Visit::Note(1, number)));
        }
        let set = town.world.now();
        town.world.pass(secs(1)).await;
        town.world.shut_down(2);
        town.world.pass(secs(3)).await;
        // Some move there at once, others when the first one goes.
        town.start(3).await;
        town.world.settled(&[1, 3], secs(20)).await;
        town.world.pass(millis(300)).await;
        town.world.shut_down(1);
        town.world.pass(secs(4)).await;
        assert_eq!(town.ledger.spread().keys().collect::<Vec<_>>(), [&town.process(3)]);
        assert_eq!((town.ledger.total(), town.ledger.beginnings()), (0, 13));
        for entity in entities(town, 3, 12) {
            entity.tell(Visit::Closed(false));
            entity.tell(Visit::Note(1, 6));
        }
        town.handled(1, 12 * 6, secs(5)).await;
        assert!(town.world.now() - set < secs(19));
        assert_eq!(town.ledger.count(2), 0);
        while town.world.now() - set < millis(20_300) {
            town.world.pass(millis(100)).await;
        }
        assert_eq!(town.ledger.count(2), 12);
    });
}

#[test]
fn who_is_to_have_what_a_node_that_leaves_had_is_killed_and_others_get_it_all() {
    sweep_over(0..6, |simulation: Simulation| {
        simulation.steps_max(3_000_000).run(async |host: Host| {
            let mut rng = Rng::new(host.seed());
            let town = Town::new(host, Plan { nodes: 4, ..Plan::default() }, shards()).of(book);
            town.form(4).await;
            town.world.pass(secs(5)).await;
            entities(&town, 1, 24).iter().for_each(|entity| entity.tell(Visit::Grow(100_000)));
            town.world.pass(secs(1)).await;
            let before = town.ledger.beginnings();
            town.world.shut_down(4);
            // It takes a part of this time.
            town.world.pass(millis(rng.below(300) as u64)).await;
            let lost = town.ledger.spread().get(&town.process(3)).copied().unwrap_or(0);
            town.kill(3);
            town.world.settled(&[1, 2], secs(40)).await;
            town.populate(2, 24).await;
            let afresh = town.ledger.beginnings() - before;
            assert!(afresh <= lost as u64, "{afresh} begin afresh, and {lost} were lost");
            assert_eq!(town.ledger.violation(), None);
        });
    });
}

#[test]
fn a_state_that_cannot_be_written_stays_behind_and_is_named_and_no_other_does() {
    scene(2, &shards(), async |town| {
        town.world.pass(secs(5)).await;
        assert_eq!(counts(town, 1, 12).await, [1; 12]);
        let left = town.world.probe::<StateLeftBehind>(2);
        for (entity, how) in entities(town, 1, 12).into_iter().zip([0, 1, 2].into_iter().cycle()) {
            entity.tell(Visit::Spoil(how));
            entity.tell(Visit::Later(1, 1, 1));
        }
        town.world.pass(secs(1)).await;
        town.world.shut_down(2);
        town.world.pass(secs(8)).await;
        let after = counts(town, 1, 12).await;
        assert!(after.iter().step_by(3).all(|count| *count == 3), "{after:?}");
        let afresh = after.iter().filter(|count| **count == 1).count();
        let left: Vec<StateLeftBehind> = core::iter::from_fn(|| left.try_recv()).collect();
        assert!(afresh > 0 && left.len() == afresh, "{left:?} {after:?}");
        let panicked = left.iter().filter(|left| left.cause == "it panicked while it was written").count();
        assert!(panicked > 0 && panicked < left.len(), "{left:?}");
    });
}

#[test]
fn a_question_in_a_state_that_cannot_be_written_ends_when_that_stays_behind() {
    scene(2, &shards(), async |town| {
        town.world.pass(secs(5)).await;
        let books = entities(town, 1, 12);
        let questions = books.iter().map(|entity| entity.ask(Visit::Keep, mins(10)));
        let begun = town.world.now();
        let moves = async {
            books
                .iter()
                .zip([1, 2].into_iter().cycle())
                .for_each(|(entity, how)| entity.tell(Visit::Spoil(how)));
            town.world.pass(secs(1)).await;
            town.world.shut_down(2);
            town.world.pass(secs(8)).await;
            books.iter().for_each(|entity| entity.tell(Visit::Answer));
        };
        let (answers, ()) = futures::join!(futures::future::join_all(questions), moves);
        let left = answers.iter().filter(|answer| matches!(answer, Err(AskError::Unanswered))).count();
        let stayed = answers.iter().filter(|answer| answer.is_ok()).count();
        assert!(left > 0 && stayed > 0 && left + stayed == 12, "{answers:?}");
        assert!(town.world.now() - begun < secs(20));
    });
}
