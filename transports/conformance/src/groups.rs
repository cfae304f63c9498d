//! All sentences, each named once: for tests, and for whoever has none.

use crate::Sentence;
use crate::sentences::{closing, connecting, nodes, streams, waking};

/// Makes a test of each sentence for the transport that a function plays scenes with.
///
/// `transport_passes!(tcp)` needs a function `tcp(Scene) -> Verdict` beside it, and makes a module of that name with the tests.
#[macro_export]
macro_rules! transport_passes {
    ($play:ident) => {
        #[cfg(test)]
        mod $play {
            $crate::__sentences!(__tests[super::$play]);
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __sentences {
    ($then:ident $with:tt) => {
        $crate::$then! { $with
            streams: bytes_arrive_unchanged_and_in_order_both_ways_at_once
            streams: a_slow_reader_loses_nothing
            streams: a_writer_waits_while_nobody_reads_and_then_goes_on
            streams: connections_do_not_meet
            waking: whoever_polled_last_is_woken_when_there_are_bytes
            waking: whoever_polled_last_is_woken_when_there_is_room
            waking: whoever_polled_last_is_woken_when_somebody_calls
            closing: what_was_written_before_a_connection_was_dropped_is_read_and_then_it_ends
            closing: writes_fail_in_the_end_when_the_other_end_was_dropped
            closing: a_listener_that_is_dropped_takes_nobody_and_its_connections_go_on
            connecting: a_connection_to_nobody_is_an_error_that_names_the_address
            connecting: a_second_listener_at_an_address_is_an_error_that_names_it
            connecting: the_address_of_a_listener_leads_to_it
            connecting: a_connection_that_is_given_up_hinders_no_other
            connecting: many_may_connect_at_once
            connecting: somebody_who_connects_and_goes_away_hinders_no_other
            nodes: nodes_exchange_messages_in_their_order
            nodes: a_watch_is_answered_across_nodes
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    ([$play:path] $($group:ident: $sentence:ident)+) => {
        $(
            #[test]
            fn $sentence() {
                $crate::hold($play, stringify!($sentence));
            }
        )+
    };
}

/// Makes the table. A static, so that each sentence is compiled once, and not for each transport.
#[doc(hidden)]
#[macro_export]
macro_rules! __table {
    ([] $($group:ident: $sentence:ident)+) => {
        /// All sentences.
        pub static SENTENCES: &[Sentence] = &[$(
            Sentence::new(stringify!($sentence), |stage| Box::pin($group::$sentence(stage)))
        ),+];
    };
}

__sentences!(__table []);
