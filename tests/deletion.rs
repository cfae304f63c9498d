//! Deleting an entity: all that was kept of it goes, whatever comes between.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod scene;
mod sum;

use std::collections::BTreeSet;
use std::sync::Once;

use casty::journal::{EntityId, Epoch, Fault, Journal, JournalError, MemoryJournal, NewEvent, Offset, Write};
use casty::persist::{Decision, DurableState, EntityRecovered, EventSourced, SnapshotFailed, Snapshots};
use casty::prelude::*;
use casty::simulation::{Faults, FaultyJournal, Host, sweep};
use scene::{Ear, settled};
use sum::{Added, FAILING, SLOW, Total, events, kept, patient, played};

/// What an entity understands that sums up and can be deleted.
enum Command {
    Add(u64, ReplyTo<u64>),
    Total(ReplyTo<u64>),
    Delete(ReplyTo<u64>),
    Close(ReplyTo<u64>),
}

fn sum(kept: EventSourced<Added, Total>) -> Behavior<Command> {
    let add = |_: &Total, number| Decision::persist(Added(number));
    Behavior::event_sourced(kept, move |total, _, command| decide(total, command, add))
}

fn state(journal: impl Journal) -> Behavior<Command> {
    let kept = DurableState::new("sum", journal, Total(0));
    let add = |Total(sum): &Total, number| Decision::persist(Total(sum + number));
    Behavior::durable_state(kept, move |total, _, command| decide(total, command, add))
}

fn decide<E>(
    total: &Total,
    command: Command,
    add: impl FnOnce(&Total, u64) -> Decision<E, Total>,
) -> Decision<E, Total> {
    let now = |total: &Total| total.0;
    match command {
        Command::Add(number, reply) => add(total, number).reply(reply, now),
        Command::Total(reply) => Decision::none().reply(reply, now),
        Command::Delete(reply) => Decision::delete().reply(reply, now),
        Command::Close(reply) => Decision::delete().reply(reply, now).and_stop(),
    }
}

async fn ask(actor: &ActorRef<Command>, ask: impl FnOnce(ReplyTo<u64>) -> Command) -> Result<u64, AskError> {
    actor.ask(ask, mins(10)).await
}

async fn add(actor: &ActorRef<Command>, number: u64) -> Result<u64, AskError> {
    ask(actor, |reply| Command::Add(number, reply)).await
}

/// How many events and snapshots the journal has.
async fn left(memory: &MemoryJournal) -> (usize, usize) {
    (events(memory).await, memory.snapshots(&EntityId::new("sum")))
}

const UNKNOWN: Faults =
    Faults { failed_permille: 0, unknown_permille: 1_000, late_permille: 0, delay_max: millis(0) };

#[test]
fn when_an_entity_says_that_it_is_deleted_its_events_and_snapshots_are_gone() {
    played(async |system, journal, memory| {
        journal.set(SLOW);
        let kept = kept(journal).snapshots(Snapshots::every(3).keeping(2)).tagged(|_| vec!["all".into()]);
        let actor = system.spawn(sum(kept), "sum").unwrap();
        for _ in 0..8 {
            add(&actor, 1).await.unwrap();
        }
        assert_eq!(left(&memory).await, (8, 2));
        assert_eq!(ask(&actor, Command::Delete).await, Ok(0), "what follows sees the first state");
        assert_eq!(left(&memory).await, (1, 0), "but for the mark");
        assert!(memory.tagged("all", Offset::START, 10).await.unwrap().is_empty());
    });
}

#[test]
fn an_entity_goes_on_from_its_first_state_after_it_was_deleted_and_so_does_its_next_actor() {
    played(async |system, journal, _| {
        let (first, second) = (kept(journal.clone()), kept(journal).snapshots(Snapshots::every(2)));
        let actor = system.spawn(sum(first), "first").unwrap();
        assert_eq!(add(&actor, 7).await, Ok(7));
        assert_eq!(ask(&actor, Command::Delete).await, Ok(0));
        assert_eq!((add(&actor, 2).await, add(&actor, 3).await), (Ok(2), Ok(5)));
        let recovered = Ear::<EntityRecovered>::on(&system);
        let next = system.spawn(sum(second), "second").unwrap();
        assert_eq!((add(&next, 1).await, add(&next, 1).await), (Ok(6), Ok(7)));
        let EntityRecovered { sequence, replayed, .. } = recovered.next().await;
        assert_eq!((sequence.number(), replayed), (4, 2), "the mark has a place of its own");
    });
}

#[test]
fn an_entity_that_is_deleted_and_stops_is_anew_for_whoever_comes_next() {
    played(async |system, journal, memory| {
        let actor = system.spawn(sum(kept(journal.clone())), "first").unwrap();
        assert_eq!(add(&actor, 7).await, Ok(7));
        assert_eq!(ask(&actor, Command::Close).await, Ok(0));
        settled(&system).await;
        assert!(actor.is_stopped());
        let next = system.spawn(sum(kept(journal)), "second").unwrap();
        assert_eq!(ask(&next, Command::Total).await, Ok(0));
        assert_eq!(add(&next, 1).await, Ok(1));
        assert_eq!(left(&memory).await, (2, 0));
    });
}

#[test]
fn an_entity_of_which_nothing_is_kept_leaves_nothing_when_it_is_deleted() {
    played(async |system, journal, memory| {
        let actor = system.spawn(sum(kept(journal.clone())), "events").unwrap();
        assert_eq!(ask(&actor, Command::Close).await, Ok(0));
        let actor = system.spawn(state(journal), "state").unwrap();
        assert_eq!(ask(&actor, Command::Close).await, Ok(0));
        assert_eq!(left(&memory).await, (0, 0));
    });
}

#[test]
fn a_durable_state_that_is_deleted_is_the_first_one_from_then_on() {
    played(async |system, journal, memory| {
        let actor = system.spawn(state(journal.clone()), "first").unwrap();
        for number in 1..=20 {
            assert_eq!(add(&actor, 1).await, Ok(number));
        }
        assert_eq!(ask(&actor, Command::Close).await, Ok(0));
        assert_eq!(left(&memory).await, (0, 1));
        let next = system.spawn(state(journal), "second").unwrap();
        assert_eq!(ask(&next, Command::Total).await, Ok(0));
        assert_eq!(add(&next, 5).await, Ok(5));
    });
}

#[test]
fn a_deletion_that_failed_is_none() {
    played(async |system, journal, memory| {
        let actor = system.spawn(sum(kept(journal.clone())).supervised(patient()), "sum").unwrap();
        assert_eq!(add(&actor, 7).await, Ok(7));
        journal.set(FAILING);
        assert_eq!(ask(&actor, Command::Delete).await, Err(AskError::Unanswered));
        journal.set(Faults::default());
        assert_eq!(ask(&actor, Command::Total).await, Ok(7));
        assert_eq!(left(&memory).await, (1, 0));
    });
}

#[test]
fn an_entity_that_is_deleted_and_could_not_sweep_starts_anew_whatever_its_strategy_says() {
    played(async |system, journal, _| {
        let resumes = sum(kept(journal.clone())).supervised(OneForOne::decide(|_| Directive::Resume));
        let actor = system.spawn(resumes, "sum").unwrap();
        assert_eq!(add(&actor, 7).await, Ok(7));
        journal.set(Faults { delay_max: secs(9), ..Faults::default() });
        let asked = ask(&actor, Command::Delete);
        let fails = async {
            // It has been asked for the mark by now, and not for more.
            system.sleep(millis(1)).await;
            journal.set(Faults { delay_max: secs(9), ..FAILING });
            system.sleep(secs(9)).await;
            journal.set(Faults::default());
        };
        assert_eq!(futures::join!(asked, fails).0, Err(AskError::Unanswered));
        assert_eq!(ask(&actor, Command::Total).await, Ok(0));
    });
}

#[test]
fn the_next_recovery_finishes_a_deletion_that_was_interrupted() {
    played(async |system, journal, memory| {
        let kept = kept(journal.clone()).snapshots(Snapshots::every(3)).replay_events_max(2);
        let actor = system.spawn(sum(kept).supervised(patient()), "sum").unwrap();
        for _ in 0..5 {
            add(&actor, 1).await.unwrap();
        }
        journal.set(UNKNOWN);
        assert_eq!(ask(&actor, Command::Delete).await, Err(AskError::Unanswered));
        journal.set(Faults::default());
        assert_eq!(ask(&actor, Command::Total).await, Ok(0), "that it is deleted was durable");
        assert_eq!(left(&memory).await, (1, 0));
    });
    played(async |system, journal, memory| {
        let actor = system.spawn(state(journal.clone()).supervised(patient()), "state").unwrap();
        assert_eq!((add(&actor, 1).await, add(&actor, 1).await), (Ok(1), Ok(2)));
        journal.set(UNKNOWN);
        assert_eq!(ask(&actor, Command::Delete).await, Err(AskError::Unanswered));
        journal.set(Faults::default());
        assert_eq!(ask(&actor, Command::Total).await, Ok(0));
        assert_eq!(left(&memory).await, (0, 1));
    });
}

/// What is there can be read, and then nothing goes well any more.
fn read_and_then_failing(journal: &FaultyJournal<MemoryJournal>) -> EventSourced<Added, Total> {
    let (faulty, once) = (journal.clone(), Once::new());
    EventSourced::new("sum", journal.clone(), Total(0), move |Total(sum), Added(number)| {
        once.call_once(|| faulty.set(FAILING));
        Total(sum + number)
    })
}

/// Leaves a deletion half done.
async fn half_delete(memory: &MemoryJournal) {
    let entity = EntityId::new("sum");
    let opened = memory.open(&entity).await.unwrap();
    let events = vec![NewEvent::new("sum.Added", 1, vec![7]), NewEvent::new("casty.Deleted", 1, vec![])];
    memory.append(Write { entity, epoch: opened.epoch, after: opened.last, events }).await.unwrap();
}

#[test]
fn an_entity_that_was_deleted_as_a_whole_is_not_swept_again_when_it_recovers() {
    played(async |system, journal, memory| {
        let actor = system.spawn(sum(kept(journal.clone())), "first").unwrap();
        assert_eq!((add(&actor, 7).await, ask(&actor, Command::Delete).await), (Ok(7), Ok(0)));
        assert_eq!((add(&actor, 1).await, left(&memory).await), (Ok(1), (2, 0)));
        let failures = Ear::<SnapshotFailed>::on(&system);
        let next = system.spawn(sum(read_and_then_failing(&journal)), "second").unwrap();
        assert_eq!(ask(&next, Command::Total).await, Ok(1));
        assert_eq!(failures.rest().len(), 0);
    });
}

#[test]
fn no_snapshot_is_taken_before_what_a_deletion_has_left_is_gone() {
    played(async |system, journal, memory| {
        half_delete(&memory).await;
        let kept = read_and_then_failing(&journal).snapshots(Snapshots::every(2));
        let actor = system.spawn(sum(kept), "sum").unwrap();
        assert_eq!(ask(&actor, Command::Total).await, Ok(0));
        journal.set(Faults::default());
        let mut seen = Vec::new();
        for number in 1..=5 {
            assert_eq!(add(&actor, 1).await, Ok(number));
            assert_eq!(ask(&actor, Command::Total).await, Ok(number));
            seen.push(left(&memory).await);
        }
        assert_eq!(seen, [(3, 0), (3, 1), (4, 1), (5, 1), (6, 1)], "the mark, and what came after it");
    });
}

#[test]
fn no_snapshot_is_taken_of_what_is_deleted() {
    played(async |system, journal, memory| {
        let kept = kept(journal).snapshots(Snapshots::when(|_, _| true).deleting_events());
        let actor = system.spawn(sum(kept), "sum").unwrap();
        assert_eq!((add(&actor, 7).await, ask(&actor, Command::Delete).await), (Ok(7), Ok(0)));
        assert_eq!(ask(&actor, Command::Total).await, Ok(0));
        assert_eq!(left(&memory).await, (1, 0));
    });
}

#[test]
fn an_entity_whose_rest_cannot_be_deleted_goes_on_from_its_first_state_and_says_so() {
    played(async |system, journal, memory| {
        half_delete(&memory).await;
        let failures = Ear::<SnapshotFailed>::on(&system);
        let actor = system.spawn(sum(read_and_then_failing(&journal)), "first").unwrap();
        assert_eq!(ask(&actor, Command::Total).await, Ok(0));
        assert_eq!(
            failures.next().await.error.to_string(),
            "entity sum, event 2: planned; nothing was written"
        );
        assert_eq!(left(&memory).await, (2, 0));
        journal.set(Faults::default());
        let next = system.spawn(sum(kept(journal)), "second").unwrap();
        assert_eq!(add(&next, 1).await, Ok(1));
        assert_eq!(left(&memory).await, (2, 0), "the mark, and what was added after it");
    });
}

#[test]
fn who_was_overtaken_deletes_nothing() {
    played(async |system, journal, memory| {
        let actor = system.spawn(sum(kept(journal)), "sum").unwrap();
        assert_eq!(add(&actor, 7).await, Ok(7));
        let entity = EntityId::new("sum");
        let theirs = memory.open(&entity).await.unwrap();
        assert_eq!(ask(&actor, Command::Delete).await, Err(AskError::Unanswered));
        settled(&system).await;
        assert!(actor.is_stopped());
        assert_eq!(left(&memory).await, (1, 0));
        let mine = Epoch::new(theirs.epoch.number() - 1);
        let late = memory.delete_events(&entity, mine, theirs.last).await;
        assert_eq!(late, Err(JournalError::of(entity, Fault::StaleEpoch { current: theirs.epoch })));
    });
}

/// Adds, deletes and asks, one after the other, and holds each answer to all that may be true by then.
async fn play(host: Host) {
    let (memory, system) =
        (MemoryJournal::new(), ActorSystem::on(host.clone()).name("test").start().unwrap());
    let journal = FaultyJournal::new(host, memory.clone());
    let mut rng = system.rng();
    journal.set(Faults {
        failed_permille: rng.below(150),
        unknown_permille: rng.below(250),
        late_permille: rng.below(150),
        delay_max: millis(rng.below(8) as u64),
    });
    let snapshots = Snapshots::every(3);
    let snapshots = if rng.below(2) == 0 { snapshots } else { snapshots.deleting_events() };
    let entity = || kept(journal.clone()).snapshots(snapshots.clone()).replay_events_max(2);
    let actor = system.spawn(sum(entity()).supervised(patient()), "sum").unwrap();
    let mut possible = BTreeSet::from([0]);
    for number in 1..=40 {
        let mut next = BTreeSet::new();
        let (answer, expected): (_, BTreeSet<u64>) = match rng.below(8) {
            0 => {
                journal.crash();
                continue;
            }
            1 | 2 => (ask(&actor, Command::Delete).await, BTreeSet::from([0])),
            3 => (ask(&actor, Command::Total).await, possible.clone()),
            _ => (add(&actor, number).await, possible.iter().map(|sum| sum + number).collect()),
        };
        match answer {
            Ok(sum) => assert!(expected.contains(&sum) && next.insert(sum), "{sum} of {expected:?}"),
            Err(_) => next.extend(possible.iter().chain(&expected)),
        }
        possible = next;
    }
    journal.set(Faults::default());
    system.sleep(secs(10)).await;
    assert_eq!(ask(&actor, Command::Close).await, Ok(0));
    assert_eq!(left(&memory).await.1, 0);
    assert!(left(&memory).await.0 <= 1, "the mark alone, if there ever was something");
}

#[test]
fn whatever_a_journal_fails_at_an_entity_is_deleted_as_a_whole_or_not_at_all() {
    sweep(|simulation| {
        simulation.run(play);
    });
}
