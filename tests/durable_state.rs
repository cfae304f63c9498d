//! A state of which only the last one counts: durable first, then acknowledged.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod scene;
mod sum;

use casty::ActorFailed;
use casty::journal::{EntityId, Fault, Journal, MemoryJournal, Sequence};
use casty::persist::{Decision, DurableState, EntityFailed, PersistCause, PersistError, Stored};
use casty::prelude::*;
use casty::simulation::Faults;
use scene::{Ear, settled};
use serde::{Deserialize, Serialize};
use sum::{FAILING, SLOW, Sum, Total, add, patient, played, total};

fn state(journal: impl Journal) -> Behavior<Sum> {
    kept(DurableState::new("sum", journal, Total(0)))
}

fn kept(kept: DurableState<Total>) -> Behavior<Sum> {
    Behavior::durable_state(kept, |Total(sum), _, command| match command {
        Sum::Add(number, reply) => {
            Decision::persist(Total(sum + number)).reply(reply, |total: &Total| total.0)
        }
        Sum::Total(reply) => Decision::none().reply(reply, |total: &Total| total.0),
        Sum::Fail => Decision::unhandled(),
    })
}

/// The revision that the journal has.
async fn revision(memory: &MemoryJournal) -> u64 {
    let state = memory.load_snapshot(&EntityId::new("sum")).await.unwrap();
    state.map_or(0, |state| state.sequence.number())
}

#[test]
fn a_state_is_durable_before_it_is_acknowledged() {
    played(async |system, journal, memory| {
        journal.set(SLOW);
        let actor = system.spawn(state(journal), "sum").unwrap();
        for number in 1..=5 {
            assert_eq!(add(&actor, 2).await, Ok(2 * number));
            assert_eq!(revision(&memory).await, number);
        }
    });
}

#[test]
fn the_last_state_is_there_for_the_next_actor() {
    played(async |system, journal, _| {
        let actor = system.spawn(state(journal.clone()), "first").unwrap();
        assert_eq!((add(&actor, 2).await, add(&actor, 3).await), (Ok(2), Ok(5)));
        system.stop(&actor);
        let actor = system.spawn(state(journal), "second").unwrap();
        assert_eq!(total(&actor).await, Ok(5));
    });
}

#[test]
fn a_journal_has_few_states_of_an_entity_however_often_it_was_written() {
    played(async |system, journal, memory| {
        let actor = system.spawn(state(journal), "sum").unwrap();
        for _ in 0..100 {
            add(&actor, 1).await.unwrap();
        }
        let entity = EntityId::new("sum");
        let epoch = memory.open(&entity).await.unwrap().epoch;
        // Those from the deletion after the 96th are still there, those before are not.
        memory.delete_snapshots(&entity, epoch, Sequence::new(96)).await.unwrap();
        assert_eq!(revision(&memory).await, 100);
        assert_eq!(memory.snapshots(&entity), 5);
    });
}

#[test]
fn an_actor_that_stops_after_each_write_leaves_few_states_too() {
    played(async |system, journal, memory| {
        for number in 1..=40 {
            let kept = DurableState::new("sum", journal.clone(), Total(0));
            let once = Behavior::durable_state(kept, |Total(sum), _, reply: ReplyTo<u64>| {
                Decision::persist(Total(sum + 1)).reply(reply, |total: &Total| total.0).and_stop()
            });
            let once = system.spawn_anonymous(once).unwrap();
            assert_eq!(once.ask(|reply| reply, secs(10)).await, Ok(number));
            settled(&system).await;
            assert!(once.is_stopped());
        }
        assert_eq!((revision(&memory).await, memory.snapshots(&EntityId::new("sum"))), (40, 9));
    });
}

#[test]
fn a_write_that_failed_is_not_acknowledged_and_changes_nothing() {
    played(async |system, journal, memory| {
        let failures = Ear::<ActorFailed>::on(&system);
        let actor = system.spawn(state(journal.clone()).supervised(patient()), "sum").unwrap();
        assert_eq!(add(&actor, 1).await, Ok(1));
        journal.set(FAILING);
        assert_eq!(add(&actor, 5).await, Err(AskError::Unanswered));
        journal.set(Faults::default());
        let failure = failures.next().await.failure;
        let error = failure.as_error::<PersistError>().unwrap();
        assert_eq!(error.cause, PersistCause::Journal(Fault::Failed("planned".into())));
        assert_eq!((total(&actor).await, revision(&memory).await), (Ok(1), 1));
    });
}

#[test]
fn after_a_write_of_unknown_outcome_the_state_is_read_again() {
    played(async |system, journal, _| {
        let actor = system.spawn(state(journal.clone()).supervised(patient()), "sum").unwrap();
        assert_eq!(total(&actor).await, Ok(0));
        journal.set(Faults { unknown_permille: 1_000, ..Faults::default() });
        assert_eq!(add(&actor, 5).await, Err(AskError::Unanswered));
        journal.set(Faults::default());
        assert_eq!(total(&actor).await, Ok(5));
    });
}

#[test]
fn of_two_actors_with_one_state_the_first_is_refused_and_stops() {
    played(async |system, journal, _| {
        let failures = Ear::<EntityFailed>::on(&system);
        let first = state(journal.clone()).supervised(OneForOne::restarts(9, mins(1)));
        let first = system.spawn(first, "first").unwrap();
        assert_eq!(add(&first, 1).await, Ok(1));
        let second = system.spawn(state(journal), "second").unwrap();
        assert_eq!(add(&second, 10).await, Ok(11));
        assert_eq!(add(&first, 100).await, Err(AskError::Unanswered));
        let cause = failures.next().await.error.cause;
        assert!(matches!(cause, PersistCause::Journal(Fault::StaleEpoch { .. })), "{cause}");
        settled(&system).await;
        assert!(first.is_stopped());
        assert_eq!(total(&second).await, Ok(11));
    });
}

#[test]
fn a_state_of_an_older_version_is_turned_into_that_of_today() {
    #[derive(Serialize, Deserialize, Clone)]
    struct Old(u8);
    impl Stored for Old {
        const NAME: &'static str = Total::NAME;
        const VERSION: u32 = 0;
    }
    played(async |system, journal, _| {
        let old = DurableState::new("sum", journal.clone(), Old(0));
        let old = Behavior::durable_state(old, |_, _, number: u8| Decision::persist(Old(number)));
        let old = system.spawn(old, "old").unwrap();
        old.tell(7);
        settled(&system).await;
        let new = DurableState::new("sum", journal.clone(), Total(0));
        let new = new.upcasting(|Old(sum)| Total(u64::from(sum)));
        let new = system.spawn(kept(new), "new").unwrap();
        assert_eq!(total(&new).await, Ok(7));
    });
}

#[test]
fn a_state_that_cannot_be_read_is_an_error_and_never_a_fresh_start() {
    #[derive(Serialize, Deserialize, Clone)]
    struct Foreign(u8);
    impl Stored for Foreign {
        const NAME: &'static str = "sum.Foreign";
    }
    played(async |system, journal, memory| {
        let foreign = DurableState::new("sum", journal.clone(), Foreign(0));
        let foreign = Behavior::durable_state(foreign, |_, _, number: u8| Decision::persist(Foreign(number)));
        system.spawn(foreign, "foreign").unwrap().tell(7);
        settled(&system).await;
        let failures = Ear::<EntityFailed>::on(&system);
        system.spawn(state(journal), "sum").unwrap();
        let cause = PersistCause::UnknownEvent { name: "sum.Foreign".into(), version: 1 };
        let error = failures.next().await.error;
        assert_eq!((error.sequence, error.cause), (Sequence::new(1), cause));
        assert_eq!(revision(&memory).await, 1);
    });
}
