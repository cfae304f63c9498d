//! State that survives: what the journal has is there, and nothing else.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod scene;

use casty::journal::{EntityId, Fault, Journal, MemoryJournal, NewEvent, Offset, Sequence, Write};
use casty::persist::{
    Decision, EntityFailed, EntityRecovered, EventSourced, OnFailure, PersistCause, SnapshotFailed,
    Snapshots, Stored,
};
use casty::prelude::*;
use casty::simulation::{Faults, FaultyJournal, Host, Simulation, sweep_over};
use casty::testkit::BehaviorTest;
use casty::{ActorFailed, ActorStopped, Failure};
use scene::{Ear, settled};
use serde::{Deserialize, Serialize};

#[derive(Debug)]
enum Sum {
    Add(u64, ReplyTo<u64>),
    Total(ReplyTo<u64>),
    Fail,
}

#[derive(Serialize, Deserialize, Clone)]
struct Added(u64);

impl Stored for Added {
    const NAME: &'static str = "sum.Added";
}

#[derive(Serialize, Deserialize, Clone, Default, PartialEq, Debug)]
struct Total(u64);

impl Stored for Total {
    const NAME: &'static str = "sum.Total";
}

fn kept(journal: impl Journal) -> EventSourced<Added, Total> {
    EventSourced::new("sum", journal, Total(0), |Total(sum), Added(number)| Total(sum + number))
}

fn sum(kept: EventSourced<Added, Total>) -> Behavior<Sum> {
    Behavior::event_sourced(kept, |_, _, command| match command {
        Sum::Add(number, reply) => Decision::persist(Added(number)).reply(reply, |total: &Total| total.0),
        Sum::Total(reply) => Decision::none().reply(reply, |total: &Total| total.0),
        Sum::Fail => std::panic::resume_unwind(Box::new("planned")),
    })
}

/// Plays a scene in many orders, with a journal that can be made to fail, and the one that is in it.
fn played(scene: impl AsyncFn(ActorSystem, FaultyJournal<MemoryJournal>, MemoryJournal)) {
    sweep_over(0..16, |simulation: Simulation| {
        simulation.run(|host: Host| {
            let memory = MemoryJournal::new();
            let faulty = FaultyJournal::new(host.clone(), memory.clone());
            scene(ActorSystem::on(host).name("test").start().unwrap(), faulty, memory)
        });
    });
}

/// Outlasts a journal that fails for a while.
fn patient() -> Supervision {
    OneForOne::restarts(u32::MAX, mins(1)).backoff(Backoff::new(millis(10), secs(1)))
}

/// Answers after a while.
const SLOW: Faults =
    Faults { failed_permille: 0, unknown_permille: 0, late_permille: 0, delay_max: millis(5) };

const FAILING: Faults =
    Faults { failed_permille: 1_000, unknown_permille: 0, late_permille: 0, delay_max: millis(0) };

async fn add(actor: &ActorRef<Sum>, number: u64) -> Result<u64, AskError> {
    actor.ask(|reply| Sum::Add(number, reply), secs(10)).await
}

async fn total(actor: &ActorRef<Sum>) -> Result<u64, AskError> {
    actor.ask(Sum::Total, secs(10)).await
}

async fn events(memory: &MemoryJournal) -> usize {
    memory.replay(&EntityId::new("sum"), Sequence::START, 1_000).await.unwrap().len()
}

/// Writes what no code here has written.
async fn plant(memory: &MemoryJournal, events: Vec<NewEvent>) {
    let entity = EntityId::new("sum");
    let opened = memory.open(&entity).await.unwrap();
    let write = Write { entity, epoch: opened.epoch, after: opened.last, events };
    memory.append(write).await.unwrap();
}

#[test]
fn an_event_is_durable_before_it_is_acknowledged() {
    played(async |system, journal, memory| {
        journal.set(SLOW);
        let actor = system.spawn(sum(kept(journal)), "sum").unwrap();
        for number in 1..=5 {
            assert!(add(&actor, 1).await.is_ok());
            assert_eq!(events(&memory).await, number);
        }
    });
}

#[test]
fn what_was_acknowledged_is_there_after_a_restart() {
    played(async |system, journal, _| {
        journal.set(SLOW);
        let behavior = sum(kept(journal)).supervised(OneForOne::restarts(9, mins(1)));
        let actor = system.spawn(behavior, "sum").unwrap();
        assert_eq!(add(&actor, 5).await, Ok(5));
        actor.tell(Sum::Fail);
        assert_eq!(total(&actor).await, Ok(5));
        assert_eq!(add(&actor, 2).await, Ok(7));
    });
}

#[test]
fn commands_wait_in_their_order_while_an_entity_recovers_and_writes() {
    played(async |system, journal, _| {
        journal.set(SLOW);
        let actor = system.spawn(sum(kept(journal)), "sum").unwrap();
        let asks: Vec<_> =
            (1..=6).map(|number| actor.ask(|reply| Sum::Add(number, reply), secs(10))).collect();
        let totals = futures::future::try_join_all(asks).await.unwrap();
        assert_eq!(totals, [1, 3, 6, 10, 15, 21]);
    });
}

#[test]
fn a_write_that_failed_leaves_no_trace_and_is_not_acknowledged() {
    played(async |system, journal, memory| {
        let failures = Ear::<ActorFailed>::on(&system);
        let behavior = sum(kept(journal.clone())).supervised(patient());
        let actor = system.spawn(behavior, "sum").unwrap();
        assert_eq!(add(&actor, 1).await, Ok(1));
        journal.set(FAILING);
        let refused = actor.ask(|reply| Sum::Add(5, reply), secs(10));
        assert_eq!(refused.await, Err(AskError::Unanswered));
        journal.set(Faults::default());
        let failure = failures.next().await.failure;
        let error = failure.as_error::<casty::persist::PersistError>().unwrap();
        assert_eq!((error.entity.as_str(), error.sequence.number()), ("sum", 2));
        assert_eq!(error.cause, PersistCause::Journal(Fault::Failed("planned".into())));
        assert_eq!((events(&memory).await, total(&actor).await), (1, Ok(1)));
    });
}

#[test]
fn an_entity_that_is_to_stop_at_a_failure_stops_whatever_its_strategy_says() {
    played(async |system, journal, _| {
        let (ends, failures) = (Ear::<ActorStopped>::on(&system), Ear::<EntityFailed>::on(&system));
        let behavior = sum(kept(journal.clone()).on_failure(OnFailure::Stop));
        let actor = system.spawn(behavior.supervised(OneForOne::restarts(9, mins(1))), "sum").unwrap();
        assert_eq!(add(&actor, 1).await, Ok(1));
        journal.set(FAILING);
        assert!(add(&actor, 1).await.is_err());
        assert!(ends.next().await.failure.is_none());
        assert_eq!(failures.next().await.error.sequence, Sequence::new(2));
    });
}

#[test]
fn after_a_write_of_unknown_outcome_the_actor_learns_it_from_the_journal() {
    let unknown = Faults { unknown_permille: 1_000, ..Faults::default() };
    let late = Faults { late_permille: 1_000, delay_max: millis(3), ..Faults::default() };
    for faults in [unknown, late] {
        played(async |system, journal, memory| {
            let actor = system.spawn(sum(kept(journal.clone())).supervised(patient()), "sum").unwrap();
            assert_eq!(add(&actor, 1).await, Ok(1));
            journal.set(faults);
            assert_eq!(add(&actor, 5).await, Err(AskError::Unanswered));
            journal.set(Faults::default());
            let now = total(&actor).await.unwrap();
            // What came too late for the recovery is refused, so that it cannot come between.
            system.sleep(secs(1)).await;
            assert_eq!(events(&memory).await, if now == 6 { 2 } else { 1 });
            assert_eq!(add(&actor, 1).await, Ok(now + 1));
        });
    }
}

#[test]
fn of_two_actors_with_one_entity_the_first_is_refused_and_stops() {
    played(async |system, journal, _| {
        let failures = Ear::<EntityFailed>::on(&system);
        let first = sum(kept(journal.clone())).supervised(OneForOne::restarts(9, mins(1)));
        let first = system.spawn(first, "first").unwrap();
        assert_eq!(add(&first, 1).await, Ok(1));
        let second = system.spawn(sum(kept(journal)), "second").unwrap();
        assert_eq!(add(&second, 10).await, Ok(11));
        assert_eq!(add(&first, 100).await, Err(AskError::Unanswered));
        let error = failures.next().await.error;
        assert!(matches!(error.cause, PersistCause::Journal(Fault::StaleEpoch { .. })), "{error}");
        settled(&system).await;
        assert!(first.is_stopped());
        assert_eq!(total(&second).await, Ok(11));
    });
}

async fn fails_with(system: &ActorSystem, journal: MemoryJournal) -> (u64, PersistCause) {
    let failures = Ear::<ActorFailed>::on(system);
    system.spawn(sum(kept(journal)), "sum").unwrap();
    let failure: Failure = failures.next().await.failure;
    let error = failure.as_error::<casty::persist::PersistError>().unwrap();
    assert_eq!(error.entity.as_str(), "sum");
    (error.sequence.number(), error.cause.clone())
}

#[test]
fn an_event_of_an_unknown_name_stops_its_entity_and_no_other() {
    played(async |system, _, memory| {
        let other =
            EventSourced::new("other", memory.clone(), Total(0), |Total(sum), Added(n)| Total(sum + n));
        let other = system.spawn(sum(other), "other").unwrap();
        plant(&memory, vec![NewEvent::new("sum.Added", 1, vec![7]), NewEvent::new("sum.Taken", 2, vec![7])])
            .await;
        let unknown = PersistCause::UnknownEvent { name: "sum.Taken".into(), version: 2 };
        assert_eq!(fails_with(&system, memory).await, (2, unknown));
        assert_eq!(add(&other, 3).await, Ok(3));
    });
}

#[test]
fn corrupt_bytes_stop_a_recovery_that_says_where_they_are() {
    played(async |system, _, memory| {
        plant(
            &memory,
            vec![NewEvent::new("sum.Added", 1, vec![7]), NewEvent::new("sum.Added", 1, vec![0xff])],
        )
        .await;
        let (sequence, cause) = fails_with(&system, memory).await;
        assert!(sequence == 2 && matches!(cause, PersistCause::Corrupt(_)), "{sequence}: {cause}");
    });
    played(async |system, _, memory| {
        plant(&memory, vec![NewEvent::new("sum.Added", 1, vec![7, 7])]).await;
        let (sequence, cause) = fails_with(&system, memory).await;
        assert!(sequence == 1 && matches!(cause, PersistCause::Corrupt(_)), "{sequence}: {cause}");
    });
}

#[test]
fn a_missing_event_stops_a_recovery() {
    played(async |system, _, memory| {
        plant(&memory, vec![NewEvent::new("sum.Added", 1, vec![7]); 3]).await;
        let entity = EntityId::new("sum");
        let epoch = memory.open(&entity).await.unwrap().epoch;
        memory.delete_events(&entity, epoch, Sequence::new(2)).await.unwrap();
        assert_eq!(fails_with(&system, memory).await, (1, PersistCause::Missing));
    });
}

#[test]
fn a_recovery_that_takes_too_long_is_a_failure() {
    played(async |system, journal, _| {
        journal.set(Faults { delay_max: hours(1), ..Faults::default() });
        let failures = Ear::<EntityFailed>::on(&system);
        let actor = system.spawn(sum(kept(journal).recovery_timeout(millis(1))), "sum").unwrap();
        assert_eq!(failures.next().await.error.cause, PersistCause::Timeout);
        settled(&system).await;
        assert!(actor.is_stopped());
    });
}

#[test]
fn a_recovery_goes_on_from_the_latest_snapshot() {
    played(async |system, journal, _| {
        journal.set(SLOW);
        let kept = || kept(journal.clone()).snapshots(Snapshots::every(4)).replay_events_max(2);
        let actor = system.spawn(sum(kept()), "one").unwrap();
        for _ in 0..11 {
            assert!(add(&actor, 1).await.is_ok());
        }
        let recovered = Ear::<EntityRecovered>::on(&system);
        let again = system.spawn(sum(kept()), "two").unwrap();
        assert_eq!(total(&again).await, Ok(11));
        let EntityRecovered { sequence, replayed, .. } = recovered.next().await;
        assert_eq!((sequence.number(), replayed), (11, 3));
    });
}

#[test]
fn events_that_are_in_a_snapshot_can_be_deleted() {
    played(async |system, journal, memory| {
        let kept = || kept(journal.clone()).snapshots(Snapshots::every(3).keeping(2).deleting_events());
        let actor = system.spawn(sum(kept()), "one").unwrap();
        for _ in 0..10 {
            assert!(add(&actor, 1).await.is_ok());
        }
        // The snapshots of the sixth and the ninth event are kept.
        assert_eq!((total(&actor).await, events(&memory).await), (Ok(10), 4));
        let again = system.spawn(sum(kept()), "two").unwrap();
        assert_eq!(add(&again, 1).await, Ok(11));
    });
}

#[test]
fn a_snapshot_that_fails_harms_nothing_and_deletes_nothing() {
    played(async |system, journal, memory| {
        let failures = Ear::<SnapshotFailed>::on(&system);
        let faulty = journal.clone();
        let when = move |_: &Total, sequence: Sequence| {
            // The write has gone well, and the snapshot will not.
            faulty.set(if sequence == Sequence::new(2) { FAILING } else { Faults::default() });
            sequence >= Sequence::new(2)
        };
        let kept = kept(journal.clone()).snapshots(Snapshots::when(when).deleting_events());
        let actor = system.spawn(sum(kept), "sum").unwrap();
        assert_eq!((add(&actor, 1).await, add(&actor, 1).await), (Ok(1), Ok(2)));
        assert_eq!(failures.next().await.error.sequence, Sequence::new(2));
        assert_eq!(events(&memory).await, 2);
        journal.set(Faults::default());
        assert_eq!((add(&actor, 1).await, total(&actor).await), (Ok(3), Ok(3)));
        assert_eq!(events(&memory).await, 0);
    });
}

#[test]
fn a_snapshot_that_cannot_be_read_is_replaced_by_all_events() {
    played(async |system, journal, memory| {
        let failures = Ear::<SnapshotFailed>::on(&system);
        plant(&memory, vec![NewEvent::new("sum.Added", 1, vec![7]); 2]).await;
        let entity = EntityId::new("sum");
        let epoch = memory.open(&entity).await.unwrap().epoch;
        let encoded = NewEvent::new("sum.Total", 99, vec![1]).encoded;
        let snapshot = casty::journal::Snapshot { sequence: Sequence::new(1), encoded };
        memory.save_snapshot(&entity, epoch, snapshot).await.unwrap();
        let actor = system.spawn(sum(kept(journal).snapshots(Snapshots::every(9))), "sum").unwrap();
        assert_eq!(total(&actor).await, Ok(14));
        assert_eq!(failures.next().await.error.sequence, Sequence::new(1));
    });
}

#[test]
fn events_are_found_by_their_tags_and_old_ones_are_read_as_new() {
    #[derive(Serialize, Deserialize)]
    struct Tens(u8);
    impl Stored for Tens {
        const NAME: &'static str = "sum.Tens";
    }
    played(async |system, _, memory| {
        plant(&memory, vec![NewEvent::new("sum.Tens", 1, vec![4])]).await;
        let tags = |Added(number): &Added| if *number > 5 { vec!["large".into()] } else { vec![] };
        let kept = kept(memory.clone()).upcasting(|Tens(tens)| Added(u64::from(tens) * 10)).tagged(tags);
        let actor = system.spawn(sum(kept), "sum").unwrap();
        assert_eq!((add(&actor, 2).await, add(&actor, 8).await), (Ok(42), Ok(50)));
        let found = memory.tagged("large", Offset::START, 10).await.unwrap();
        assert_eq!(found.iter().map(|found| found.event.sequence.number()).collect::<Vec<_>>(), [3]);
    });
}

#[test]
fn several_events_are_persisted_together_and_what_follows_sees_all_of_them() {
    let journal = MemoryJournal::new();
    let behavior = |journal: MemoryJournal| {
        Behavior::event_sourced(kept(journal), |_, _, (numbers, reply): (Vec<u64>, ReplyTo<u64>)| {
            let decision = Decision::persist_all(numbers.into_iter().map(Added));
            decision.reply(reply, |total: &Total| total.0).and_stop()
        })
    };
    let mut test = BehaviorTest::new(behavior(journal.clone()));
    assert_eq!(test.ask(|reply| (vec![1, 2, 3], reply)), Some(6));
    assert!(test.is_stopped());
    let mut again = BehaviorTest::new(behavior(journal));
    assert_eq!(again.ask(|reply| (vec![], reply)), Some(6));
}

#[test]
fn a_command_may_be_unhandled_or_stop_the_actor() {
    let behavior = Behavior::event_sourced(kept(MemoryJournal::new()), |_, _, stop: bool| {
        if stop { Decision::stop() } else { Decision::unhandled() }
    });
    let mut test = BehaviorTest::new(behavior);
    test.tell(false);
    assert_eq!(test.unhandled().len(), 1);
    test.tell(true);
    assert!(test.is_stopped());
}

#[test]
fn hooks_and_interceptors_are_around_an_entity_as_around_any_behavior() {
    played(async |system, journal, _| {
        let (hooks, heard) = Ear::of(&system);
        let (started, stopped) = (hooks.clone(), hooks);
        let behavior = sum(kept(journal))
            .intercept(|_, command| match command {
                Sum::Add(number, reply) => Some(Sum::Add(number * 2, reply)),
                other => Some(other),
            })
            .on_start(move |_| started.tell("started"))
            .on_stop(move |_| stopped.tell("stopped"));
        let actor = system.spawn(behavior, "sum").unwrap();
        assert_eq!(add(&actor, 21).await, Ok(42));
        system.stop(&actor);
        assert_eq!((heard.next().await, heard.next().await), ("started", "stopped"));
    });
}

#[test]
fn a_panic_after_an_event_is_durable_keeps_event_and_state() {
    played(async |system, journal, memory| {
        journal.set(SLOW);
        let behavior = Behavior::event_sourced(kept(journal), |_, _, command| match command {
            Sum::Add(number, _) => {
                Decision::persist(Added(number)).then(|_| std::panic::resume_unwind(Box::new("planned")))
            }
            Sum::Total(reply) => Decision::none().reply(reply, |total: &Total| total.0),
            Sum::Fail => Decision::unhandled(),
        });
        let recovered = Ear::<EntityRecovered>::on(&system);
        let resumed = behavior.supervised(OneForOne::decide(|_| Directive::Resume));
        let actor = system.spawn(resumed, "sum").unwrap();
        assert_eq!(add(&actor, 5).await, Err(AskError::Unanswered));
        assert_eq!((total(&actor).await, events(&memory).await), (Ok(5), 1));
        assert_eq!(recovered.rest().len(), 1);
    });
}

#[test]
fn after_a_write_that_failed_a_resumed_entity_goes_on_with_its_state() {
    played(async |system, journal, _| {
        let recovered = Ear::<EntityRecovered>::on(&system);
        let behavior = sum(kept(journal.clone())).supervised(OneForOne::decide(|_| Directive::Resume));
        let actor = system.spawn(behavior, "sum").unwrap();
        assert_eq!(add(&actor, 5).await, Ok(5));
        journal.set(FAILING);
        assert_eq!(add(&actor, 1).await, Err(AskError::Unanswered));
        assert_eq!(total(&actor).await, Ok(5));
        journal.set(Faults::default());
        assert_eq!(add(&actor, 1).await, Ok(6));
        assert_eq!(recovered.rest().len(), 1);
    });
}

#[test]
fn a_spy_sees_each_command_once_although_it_had_to_wait() {
    played(async |system, journal, _| {
        journal.set(SLOW);
        let (spy, heard) = Ear::of(&system);
        let actor = system.spawn(sum(kept(journal)).spy(spy), "sum").unwrap();
        let asks: Vec<_> =
            (1..=3).map(|number| actor.ask(|reply| Sum::Add(number, reply), secs(10))).collect();
        assert_eq!(futures::future::try_join_all(asks).await.unwrap(), [1, 3, 6]);
        settled(&system).await;
        let seen: Vec<String> = heard.rest().into_iter().map(|event| format!("{:?}", event.heard)).collect();
        let adds = seen.iter().filter(|heard| heard.contains("Add(")).count();
        assert!(seen[0].contains("Started") && adds == 3, "{seen:?}");
    });
}

#[test]
fn a_stop_does_not_wait_for_a_journal_that_does_not_answer() {
    played(async |system, journal, _| {
        journal.set(Faults { delay_max: hours(1), ..Faults::default() });
        let ends = Ear::<ActorStopped>::on(&system);
        let actor = system.spawn(sum(kept(journal)), "sum").unwrap();
        settled(&system).await;
        let waiting = actor.ask(|reply| Sum::Add(1, reply), secs(10));
        system.stop(&actor);
        assert_eq!(ends.next().await.path.name(), "sum");
        assert_eq!(waiting.await, Err(AskError::Stopped));
    });
}
