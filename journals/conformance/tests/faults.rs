//! Journals that each break one rule, and the sentence that finds each out.

use casty_core::journal::{
    Answer, EntityId, Epoch, Journal, MemoryJournal, Offset, Opened, Sequence, Snapshot, StoredEvent,
    TaggedEvent, Write,
};
use casty_journal_conformance::SENTENCES;

/// A rule that is broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Flaw {
    Nothing,
    TakesStaleWriters,
    TakesStaleSequences,
    GivesNoNewEpoch,
    LosesTheLastOfSeveral,
    IgnoresLimits,
    BeginsWithTheEventItIsTold,
    ForgetsTags,
    ReadsTagsFromTheStart,
    KeepsFirstSnapshot,
    DeletesNothing,
}

const FOUND_OUT: &[(Flaw, &str)] = &[
    (Flaw::TakesStaleWriters, "of_two_writers_the_first_is_refused_from_then_on"),
    (Flaw::TakesStaleWriters, "two_writers_never_interleave"),
    (Flaw::TakesStaleWriters, "a_stale_writer_is_told_so_before_anything_else"),
    (Flaw::TakesStaleWriters, "an_entity_that_was_never_opened_takes_no_write"),
    (Flaw::TakesStaleSequences, "a_write_that_does_not_go_on_from_the_last_event_is_refused"),
    (Flaw::TakesStaleSequences, "a_refused_write_leaves_nothing"),
    (Flaw::TakesStaleSequences, "a_write_that_was_refused_is_found_by_no_tag"),
    (Flaw::GivesNoNewEpoch, "each_opening_gives_a_larger_epoch"),
    (Flaw::LosesTheLastOfSeveral, "what_was_written_is_replayed_in_its_order"),
    (Flaw::LosesTheLastOfSeveral, "names_versions_and_bytes_come_back_as_they_were"),
    (Flaw::IgnoresLimits, "a_replay_comes_in_batches"),
    (Flaw::IgnoresLimits, "a_limit_of_zero_counts_as_one"),
    (Flaw::IgnoresLimits, "entities_come_page_by_page"),
    (Flaw::BeginsWithTheEventItIsTold, "a_replay_begins_after_the_event_it_is_told"),
    (Flaw::ForgetsTags, "tagged_events_are_found_across_entities"),
    (Flaw::ReadsTagsFromTheStart, "who_goes_on_from_an_offset_misses_none"),
    (Flaw::KeepsFirstSnapshot, "the_latest_snapshot_is_loaded"),
    (Flaw::KeepsFirstSnapshot, "a_snapshot_of_the_same_event_replaces_the_one_before"),
    (Flaw::DeletesNothing, "older_snapshots_are_deleted_and_newer_stay"),
    (Flaw::DeletesNothing, "deleted_events_are_gone_and_the_others_stay"),
    (Flaw::DeletesNothing, "the_sequence_goes_on_where_it_was_after_a_deletion"),
    (Flaw::DeletesNothing, "a_stale_writer_saves_and_deletes_nothing"),
];

fn broken(flaw: Flaw) -> Broken {
    Broken { journal: MemoryJournal::new(), flaw }
}

#[test]
fn each_flaw_is_found_out() {
    for (flaw, name) in FOUND_OUT {
        let sentence = SENTENCES.iter().find(|sentence| sentence.name() == *name).unwrap();
        assert!(sentence.verdict(broken(*flaw)).is_err(), "{flaw:?} passes {name}");
    }
}

#[test]
fn without_a_flaw_every_sentence_holds() {
    for sentence in SENTENCES {
        assert_eq!(sentence.verdict(broken(Flaw::Nothing)), Ok(()), "{}", sentence.name());
    }
}

#[test]
fn nearly_every_sentence_finds_something_out() {
    let found = |name: &str| FOUND_OUT.iter().any(|(_, by)| *by == name);
    let idle: Vec<_> = SENTENCES.iter().map(|it| it.name()).filter(|name| !found(name)).collect();
    assert_eq!(idle, ["an_entity_that_nobody_knows_opens_empty", "entities_do_not_meet"]);
}

struct Broken {
    journal: MemoryJournal,
    flaw: Flaw,
}

impl Broken {
    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    fn limit(&self, max: usize) -> usize {
        if self.has(Flaw::IgnoresLimits) { usize::MAX } else { max }
    }
}

impl Journal for Broken {
    fn open(&self, entity: &EntityId) -> Answer<Opened> {
        let (opening, same) = (self.journal.open(entity), self.has(Flaw::GivesNoNewEpoch));
        Box::pin(async move {
            let opened = opening.await?;
            Ok(if same { Opened { epoch: Epoch::new(1), ..opened } } else { opened })
        })
    }

    fn append(&self, mut write: Write) -> Answer<()> {
        let (journal, flaw) = (self.journal.clone(), self.flaw);
        Box::pin(async move {
            match flaw {
                Flaw::TakesStaleWriters => write.epoch = journal.open(&write.entity).await?.epoch,
                Flaw::TakesStaleSequences => {
                    let events = journal.replay(&write.entity, Sequence::START, usize::MAX).await?;
                    write.after = events.last().map_or(Sequence::START, |event| event.sequence);
                }
                Flaw::LosesTheLastOfSeveral if write.events.len() > 1 => write.events.truncate(1),
                Flaw::ForgetsTags => write.events.iter_mut().for_each(|event| event.tags.clear()),
                _ => {}
            }
            journal.append(write).await
        })
    }

    fn replay(&self, entity: &EntityId, after: Sequence, events_max: usize) -> Answer<Vec<StoredEvent>> {
        let early = self.has(Flaw::BeginsWithTheEventItIsTold);
        let after = if early { Sequence::new(after.number().saturating_sub(1)) } else { after };
        self.journal.replay(entity, after, self.limit(events_max))
    }

    fn save_snapshot(&self, entity: &EntityId, epoch: Epoch, snapshot: Snapshot) -> Answer<()> {
        let (journal, entity) = (self.journal.clone(), entity.clone());
        let first = self.has(Flaw::KeepsFirstSnapshot);
        Box::pin(async move {
            if first && journal.load_snapshot(&entity).await?.is_some() {
                return Ok(());
            }
            journal.save_snapshot(&entity, epoch, snapshot).await
        })
    }

    fn load_snapshot(&self, entity: &EntityId) -> Answer<Option<Snapshot>> {
        self.journal.load_snapshot(entity)
    }

    fn delete_snapshots(&self, entity: &EntityId, epoch: Epoch, before: Sequence) -> Answer<()> {
        if self.has(Flaw::DeletesNothing) {
            return Box::pin(async { Ok(()) });
        }
        self.journal.delete_snapshots(entity, epoch, before)
    }

    fn delete_events(&self, entity: &EntityId, epoch: Epoch, through: Sequence) -> Answer<()> {
        if self.has(Flaw::DeletesNothing) {
            return Box::pin(async { Ok(()) });
        }
        self.journal.delete_events(entity, epoch, through)
    }

    fn entities(&self, after: Option<&EntityId>, entities_max: usize) -> Answer<Vec<EntityId>> {
        self.journal.entities(after, self.limit(entities_max))
    }

    fn tagged(&self, tag: &str, after: Offset, events_max: usize) -> Answer<Vec<TaggedEvent>> {
        let after = if self.has(Flaw::ReadsTagsFromTheStart) { Offset::START } else { after };
        self.journal.tagged(tag, after, self.limit(events_max))
    }
}
