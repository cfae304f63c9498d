//! Recovery: by all events or from a snapshot, and never by half of them.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod early;
mod scene;
mod sum;

use casty::ActorFailed;
use casty::journal::{
    Answer, EntityId, Epoch, Fault, Journal, MemoryJournal, NewEvent, Offset, Opened, Sequence, Snapshot,
    StoredEvent, TaggedEvent, Write,
};
use casty::persist::{
    Codec, Decision, DurableState, EntityFailed, EntityRecovered, EventSourced, PersistCause, PersistError,
    Postcard, SnapshotFailed, Snapshots, Stored,
};
use casty::prelude::*;
use casty::simulation::Faults;
use early::Early;
use scene::{Ear, settled};
use serde::{Deserialize, Serialize};
use sum::{Added, FAILING, SLOW, Total, add, events, kept, played, sum, total};

/// Writes what no code here has written.
async fn plant(memory: &MemoryJournal, events: Vec<NewEvent>) {
    let entity = EntityId::new("sum");
    let opened = memory.open(&entity).await.unwrap();
    let write = Write { entity, epoch: opened.epoch, after: opened.last, events };
    memory.append(write).await.unwrap();
}

async fn fails_with(system: &ActorSystem, journal: MemoryJournal) -> (u64, PersistCause) {
    let failures = Ear::<ActorFailed>::on(system);
    system.spawn(sum(kept(journal)), "sum").unwrap();
    let failure = failures.next().await.failure;
    let error = failure.as_error::<PersistError>().unwrap();
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
        let snapshot = Snapshot { sequence: Sequence::new(1), encoded };
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

/// A journal in which another opens an entity, writes and tidies up, right after it was opened.
#[derive(Clone)]
struct Overtaken {
    memory: MemoryJournal,
    /// Up to how many events after the last one.
    deletes: Option<u64>,
    once: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl Overtaken {
    fn new(memory: &MemoryJournal, deletes: Option<u64>) -> Self {
        Self { memory: memory.clone(), deletes, once: std::sync::Arc::default() }
    }
}

impl Journal for Overtaken {
    fn open(&self, entity: &EntityId) -> Answer<Opened> {
        let (this, entity) = (self.clone(), entity.clone());
        Box::pin(async move {
            let mine = this.memory.open(&entity).await?;
            if !this.once.swap(true, std::sync::atomic::Ordering::Relaxed) {
                plant(&this.memory, vec![NewEvent::new("sum.Added", 1, vec![50])]).await;
                if let Some(more) = this.deletes {
                    let theirs = Epoch::new(mine.epoch.number() + 1);
                    this.memory.delete_events(&entity, theirs, mine.last.plus(more)).await?;
                }
            }
            Ok(mine)
        })
    }

    fn append(&self, write: Write) -> Answer<()> {
        self.memory.append(write)
    }

    fn replay(&self, entity: &EntityId, after: Sequence, events_max: usize) -> Answer<Vec<StoredEvent>> {
        self.memory.replay(entity, after, events_max)
    }

    fn save_snapshot(&self, entity: &EntityId, epoch: Epoch, snapshot: Snapshot) -> Answer<()> {
        self.memory.save_snapshot(entity, epoch, snapshot)
    }

    fn load_snapshot(&self, entity: &EntityId) -> Answer<Option<Snapshot>> {
        self.memory.load_snapshot(entity)
    }

    fn delete_snapshots(&self, entity: &EntityId, epoch: Epoch, before: Sequence) -> Answer<()> {
        self.memory.delete_snapshots(entity, epoch, before)
    }

    fn delete_events(&self, entity: &EntityId, epoch: Epoch, through: Sequence) -> Answer<()> {
        self.memory.delete_events(entity, epoch, through)
    }

    fn entities(&self, after: Option<&EntityId>, entities_max: usize) -> Answer<Vec<EntityId>> {
        self.memory.entities(after, entities_max)
    }

    fn tagged(&self, tag: &str, after: Offset, events_max: usize) -> Answer<Vec<TaggedEvent>> {
        self.memory.tagged(tag, after, events_max)
    }
}

#[test]
fn who_is_overtaken_while_it_recovers_stops_and_does_not_take_the_entity_back() {
    for deletes in [None, Some(0), Some(1)] {
        played(async |system, _, memory| {
            plant(&memory, vec![NewEvent::new("sum.Added", 1, vec![7])]).await;
            let failures = Ear::<EntityFailed>::on(&system);
            let behavior = sum(kept(Overtaken::new(&memory, deletes)));
            let actor = system.spawn(behavior.supervised(OneForOne::restarts(9, mins(1))), "sum").unwrap();
            assert!(add(&actor, 1).await.is_err());
            settled(&system).await;
            let cause = failures.next().await.error.cause;
            assert!(matches!(cause, PersistCause::Journal(Fault::StaleEpoch { .. })), "{cause}");
            assert!(actor.is_stopped());
            assert_eq!(memory.open(&EntityId::new("sum")).await.unwrap().epoch, Epoch::new(4));
        });
    }
}

#[test]
fn an_entity_that_is_kept_in_another_way_is_an_error_and_not_a_fresh_start() {
    played(async |system, journal, memory| {
        plant(&memory, vec![NewEvent::new("sum.Added", 1, vec![7])]).await;
        let failures = Ear::<EntityFailed>::on(&system);
        let state = DurableState::new("sum", journal.clone(), Total(0));
        let state = Behavior::durable_state(state, |_, _, number: u64| Decision::persist(Total(number)));
        system.spawn(state.clone(), "state").unwrap();
        assert_eq!(failures.next().await.error.cause, PersistCause::Missing);

        let other = DurableState::new("other", journal.clone(), Total(0));
        let other = Behavior::durable_state(other, |_, _, number: u64| Decision::persist(Total(number)));
        system.spawn(other, "other").unwrap().tell(5);
        settled(&system).await;
        let events = EventSourced::new("other", journal, Total(0), |Total(sum), Added(n)| Total(sum + n));
        system.spawn(sum(events.snapshots(Snapshots::every(1))), "events").unwrap();
        assert_eq!(failures.next().await.error.cause, PersistCause::Missing);
    });
}

#[test]
fn a_recovery_has_every_event_once_also_where_pages_end_early() {
    played(async |system, _, memory| {
        let entity = EntityId::new("sum");
        let opened = memory.open(&entity).await.unwrap();
        let event = |number| NewEvent { encoded: Postcard.encode(&Added(number)).unwrap(), tags: vec![] };
        let events = (1..=1_000).map(event).collect();
        let write = Write { entity, epoch: opened.epoch, after: opened.last, events };
        memory.append(write).await.unwrap();
        let actor = system.spawn(sum(kept(Early(memory))), "sum").unwrap();
        assert_eq!(total(&actor).await, Ok((1..=1_000).sum()));
    });
}
