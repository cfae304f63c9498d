//! Projections: each tagged event at least once, in order, and on from there.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod scene;
mod sum;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use casty::journal::{EntityId, Fault, Journal, MemoryJournal, NewEvent, Offset, Write};
use casty::persist::{EntityFailed, EventSourced, Follow, PersistCause, PersistError, Projected, Projection};
use casty::prelude::*;
use casty::simulation::Faults;
use casty::{ActorFailed, Failure};
use scene::{Ear, settled};
use sum::{Added, FAILING, Total, add, patient, played, sum};

const TAG: &str = "added";

/// An entity whose events have the tag.
fn tagged(name: &str, journal: impl Journal) -> Behavior<sum::Sum> {
    let kept = EventSourced::new(name, journal, Total(0), |Total(sum), Added(n)| Total(sum + n));
    sum(kept.tagged(|_| vec![TAG.into()]))
}

fn reader(journal: impl Journal) -> Projection<Added> {
    Projection::new("reader", journal, TAG).every(millis(20)).events_max(4)
}

/// Follows, and tells of each event.
fn telling(projection: Projection<Added>, to: ActorRef<(String, u64)>) -> Behavior<Follow> {
    Behavior::projection(projection, move |found: Projected<Added>| {
        to.tell((found.entity.to_string(), found.event.0));
        async { Ok(()) }
    })
}

#[test]
fn events_of_all_entities_come_each_once_and_those_of_one_in_order() {
    played(async |system, journal, _| {
        let (to, heard) = Ear::of(&system);
        system.spawn(telling(reader(journal.clone()), to), "reader").unwrap();
        let one = system.spawn(tagged("one", journal.clone()), "one").unwrap();
        let two = system.spawn(tagged("two", journal), "two").unwrap();
        for number in 1..=10 {
            let (first, second) = futures::future::join(add(&one, number), add(&two, number)).await;
            assert!(first.is_ok() && second.is_ok());
        }
        system.sleep(secs(1)).await;
        let seen = heard.rest();
        assert_eq!(seen.len(), 20);
        for name in ["one", "two"] {
            let of: Vec<u64> = seen.iter().filter(|(whose, _)| whose == name).map(|(_, n)| *n).collect();
            assert_eq!(of, (1..=10).collect::<Vec<_>>(), "{name}");
        }
    });
}

#[test]
fn what_was_there_before_the_projection_is_found_too_batch_by_batch() {
    played(async |system, journal, _| {
        let one = system.spawn(tagged("one", journal.clone()), "one").unwrap();
        for number in 1..=11 {
            add(&one, number).await.unwrap();
        }
        let (to, heard) = Ear::of(&system);
        system.spawn(telling(reader(journal), to), "reader").unwrap();
        settled(&system).await;
        assert_eq!(heard.rest().len(), 11);
    });
}

#[test]
fn a_projection_goes_on_after_the_last_batch_that_was_done() {
    played(async |system, journal, _| {
        let one = system.spawn(tagged("one", journal.clone()), "one").unwrap();
        for number in 1..=4 {
            add(&one, number).await.unwrap();
        }
        let (to, heard) = Ear::of(&system);
        let first = system.spawn(telling(reader(journal.clone()), to.clone()), "first").unwrap();
        settled(&system).await;
        assert_eq!(first.ask(Follow::Position, secs(1)).await, Ok(Offset::new(4)));
        system.stop(&first);
        assert_eq!(heard.rest().len(), 4);
        add(&one, 5).await.unwrap();
        system.spawn(telling(reader(journal), to), "second").unwrap();
        settled(&system).await;
        assert_eq!(heard.rest(), [("one".to_owned(), 5)]);
    });
}

#[test]
fn an_event_whose_handling_failed_comes_again_and_none_after_it_before() {
    played(async |system, journal, _| {
        let one = system.spawn(tagged("one", journal.clone()), "one").unwrap();
        for number in 1..=6 {
            add(&one, number).await.unwrap();
        }
        let (to, heard) = Ear::of(&system);
        let broken = Arc::new(AtomicBool::new(true));
        let behavior = Behavior::projection(reader(journal), move |found: Projected<Added>| {
            let fails = found.event.0 == 6 && broken.swap(false, Ordering::Relaxed);
            to.tell(found.event.0);
            async move { if fails { Err("planned".into()) } else { Ok(()) } }
        });
        system.spawn(behavior.supervised(patient()), "reader").unwrap();
        system.sleep(secs(5)).await;
        // The first batch of four was done; of the second all comes again.
        assert_eq!(heard.rest(), [1, 2, 3, 4, 5, 6, 5, 6]);
    });
}

#[test]
fn of_two_projections_with_one_name_the_first_stops_whatever_its_strategy_says() {
    played(async |system, journal, _| {
        let (to, _heard) = Ear::of(&system);
        let failures = Ear::<EntityFailed>::on(&system);
        let first = telling(reader(journal.clone()), to.clone()).supervised(patient());
        let first = system.spawn(first, "first").unwrap();
        settled(&system).await;
        let second = system.spawn(telling(reader(journal.clone()), to), "second").unwrap();
        settled(&system).await;
        let one = system.spawn(tagged("one", journal), "one").unwrap();
        add(&one, 1).await.unwrap();
        system.sleep(secs(1)).await;
        assert!(first.is_stopped() && !second.is_stopped());
        let error = failures.next().await.error;
        assert_eq!(error.entity.as_str(), "projection/reader");
        assert!(matches!(error.cause, PersistCause::Journal(Fault::StaleEpoch { .. })), "{error}");
    });
}

#[test]
fn an_event_that_cannot_be_read_is_named_and_not_passed_over() {
    played(async |system, _, memory| {
        let entity = EntityId::new("one");
        let opened = memory.open(&entity).await.unwrap();
        let events = vec![NewEvent::new("sum.Taken", 3, vec![]).tagged(TAG)];
        memory.append(Write { entity, epoch: opened.epoch, after: opened.last, events }).await.unwrap();
        let failures = Ear::<ActorFailed>::on(&system);
        let (to, heard) = Ear::of(&system);
        system.spawn(telling(reader(memory), to), "reader").unwrap();
        let error = error(&failures.next().await.failure);
        assert_eq!(error.to_string(), "entity one, event 1: nothing here reads sum.Taken in version 3");
        assert_eq!(heard.rest(), []);
    });
}

fn error(failure: &Failure) -> PersistError {
    failure.as_error::<PersistError>().unwrap().clone()
}

#[test]
fn a_projection_outlasts_a_journal_that_fails_or_never_answers() {
    let slow = Faults { delay_max: mins(10), ..Faults::default() };
    for faults in [FAILING, slow] {
        played(async |system, journal, memory| {
            let one = system.spawn(tagged("one", memory), "one").unwrap();
            add(&one, 1).await.unwrap();
            let failures = Ear::<ActorFailed>::on(&system);
            journal.set(faults);
            let (to, heard) = Ear::of(&system);
            let behavior = telling(reader(journal.clone()).timeout(secs(1)), to).supervised(patient());
            system.spawn(behavior, "reader").unwrap();
            failures.next().await;
            journal.set(Faults::default());
            system.sleep(mins(1)).await;
            assert_eq!(heard.rest(), [("one".to_owned(), 1)]);
        });
    }
}

#[test]
fn a_projection_that_is_told_so_looks_before_its_pause_is_over() {
    played(async |system, journal, _| {
        let (to, heard) = Ear::of(&system);
        let patient = reader(journal.clone()).every(mins(60));
        let reader = system.spawn(telling(patient, to), "reader").unwrap();
        settled(&system).await;
        let one = system.spawn(tagged("one", journal), "one").unwrap();
        add(&one, 1).await.unwrap();
        let asked = system.now();
        reader.tell(Follow::Now);
        assert_eq!(heard.next().await, ("one".to_owned(), 1));
        assert!(system.now() < asked + secs(1));
    });
}

#[test]
fn deleted_events_are_passed_over_and_take_no_memory() {
    played(async |system, _, memory: MemoryJournal| {
        let entity = EntityId::new("one");
        let opened = memory.open(&entity).await.unwrap();
        let events = (0..4).map(|n| NewEvent::new("sum.Added", 1, vec![n]).tagged(TAG)).collect();
        memory
            .append(Write { entity: entity.clone(), epoch: opened.epoch, after: opened.last, events })
            .await
            .unwrap();
        memory.delete_events(&entity, opened.epoch, opened.last.plus(3)).await.unwrap();
        let (to, heard) = Ear::of(&system);
        system.spawn(telling(reader(memory), to), "reader").unwrap();
        settled(&system).await;
        assert_eq!(heard.rest(), [("one".to_owned(), 3)]);
    });
}

#[test]
fn a_projection_of_another_tag_under_the_same_name_is_refused_and_passes_over_nothing() {
    played(async |system, journal, _| {
        let one = system.spawn(tagged("one", journal.clone()), "one").unwrap();
        add(&one, 1).await.unwrap();
        let (to, heard) = Ear::of(&system);
        let first = system.spawn(telling(reader(journal.clone()), to.clone()), "first").unwrap();
        settled(&system).await;
        system.stop(&first);
        assert_eq!(heard.rest().len(), 1);
        let failures = Ear::<ActorFailed>::on(&system);
        system.spawn(telling(Projection::new("reader", journal, "another"), to), "second").unwrap();
        let error = error(&failures.next().await.failure);
        assert_eq!(error.entity.as_str(), "projection/reader");
        assert!(
            error.to_string().contains("its position is among the events with the tag `added`"),
            "{error}"
        );
    });
}

#[test]
fn a_projection_that_is_resumed_after_a_failure_looks_again() {
    played(async |system, journal, _| {
        let one = system.spawn(tagged("one", journal.clone()), "one").unwrap();
        add(&one, 1).await.unwrap();
        let (to, heard) = Ear::of(&system);
        let broken = Arc::new(AtomicBool::new(true));
        let behavior = Behavior::projection(reader(journal), move |found: Projected<Added>| {
            let fails = broken.swap(false, Ordering::Relaxed);
            to.tell(found.event.0);
            async move { if fails { Err("planned".into()) } else { Ok(()) } }
        });
        let resumed = behavior.supervised(OneForOne::decide(|_| Directive::Resume));
        system.spawn(resumed, "reader").unwrap();
        system.sleep(secs(1)).await;
        assert_eq!(heard.rest(), [1, 1]);
    });
}
