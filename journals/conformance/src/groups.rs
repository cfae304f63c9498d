//! All sentences, each named once: for tests, and for whoever has none.

use crate::Sentence;
use crate::sentences::{deleting, fencing, reading, snapshots, tags, writing};

/// Makes a test of each sentence for the journals that an expression makes.
///
/// `journal_passes!(memory: MemoryJournal::new())` makes a module `memory` with the tests. Where a journal needs what is not
/// on every machine, `ignored` says what, and the tests run only for those who ask for them (`cargo test -- --ignored`):
/// `journal_passes!(remote: connect(), ignored: "needs a server")`.
///
/// ```
/// use casty_core::journal::MemoryJournal;
///
/// casty_journal_conformance::journal_passes!(memory: MemoryJournal::new());
/// assert!(casty_journal_conformance::SENTENCES.len() > 20);
/// ```
#[macro_export]
macro_rules! journal_passes {
    ($name:ident: $journal:expr) => {
        $crate::__module!($name __tests[$journal]);
    };
    ($name:ident: $journal:expr, ignored: $why:literal) => {
        $crate::__module!($name __ignored_tests[$journal, $why]);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __module {
    ($name:ident $then:ident $with:tt) => {
        #[cfg(test)]
        mod $name {
            #[allow(
                unused_imports,
                reason = "the expression may name anything, or nothing, from around it"
            )]
            use super::*;
            $crate::__sentences!($then $with);
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __sentences {
    ($then:ident $with:tt) => {
        $crate::$then! { $with
            writing: an_entity_that_nobody_knows_opens_empty
            writing: what_was_written_is_replayed_in_its_order
            writing: names_versions_and_bytes_come_back_as_they_were
            writing: a_write_that_does_not_go_on_from_the_last_event_is_refused
            writing: a_refused_write_leaves_nothing
            writing: entities_do_not_meet
            fencing: each_opening_gives_a_larger_epoch
            fencing: of_two_writers_the_first_is_refused_from_then_on
            fencing: two_writers_never_interleave
            fencing: a_stale_writer_is_told_so_before_anything_else
            fencing: an_entity_that_was_never_opened_takes_no_write
            fencing: a_stale_writer_saves_and_deletes_nothing
            reading: a_replay_comes_in_batches
            reading: a_replay_begins_after_the_event_it_is_told
            reading: a_limit_of_zero_counts_as_one
            reading: entities_come_page_by_page
            tags: tagged_events_are_found_across_entities
            tags: who_goes_on_from_an_offset_misses_none
            tags: a_write_that_was_refused_is_found_by_no_tag
            snapshots: the_latest_snapshot_is_loaded
            snapshots: a_snapshot_of_the_same_event_replaces_the_one_before
            snapshots: older_snapshots_are_deleted_and_newer_stay
            deleting: deleted_events_are_gone_and_the_others_stay
            deleting: the_sequence_goes_on_where_it_was_after_a_deletion
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    ([$journal:expr] $($group:ident: $sentence:ident)+) => {
        $(
            #[test]
            fn $sentence() {
                $crate::hold($journal, stringify!($sentence));
            }
        )+
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __ignored_tests {
    ([$journal:expr, $why:literal] $($group:ident: $sentence:ident)+) => {
        $(
            #[test]
            #[ignore = $why]
            fn $sentence() {
                $crate::hold($journal, stringify!($sentence));
            }
        )+
    };
}

/// Makes the table. A static, so that each sentence is compiled once, and not for each journal.
#[doc(hidden)]
#[macro_export]
macro_rules! __table {
    ([] $($group:ident: $sentence:ident)+) => {
        /// All sentences.
        pub static SENTENCES: &[Sentence] = &[$(
            Sentence::new(stringify!($sentence), |journal| {
                Box::pin(async move { $group::$sentence(&*journal).await })
            })
        ),+];
    };
}

__sentences!(__table []);
