//! What a peer hears: each message once, in order to each actor, and small ones soon.

use alloc::collections::BTreeMap;
use alloc::vec;

use super::super::frame::{Begins, read};
use super::*;
use crate::rng::Rng;
use crate::trace::{TRACE_BYTES, TraceContext};

const PART: usize = 100;

/// Tells an alias a message of that length, which begins with that number.
fn tell(outbound: &mut Outbound, alias: u64, number: u8, bytes: usize) {
    let mut message = vec![7; bytes];
    message[0] = number;
    drop(outbound.write(&Frame::Tell { alias, message: &message }, Parts::of(&message, PART)));
}

/// What is carried next, as long as there is something.
fn carry(outbound: &mut Outbound) -> Option<Vec<u8>> {
    outbound.take_over(&mut Vec::new(), &mut Vec::new(), Waker::noop())
}

/// A peer that notes the first byte of each message to an alias, and its length.
#[derive(Default)]
struct Listener {
    gathered: Vec<u8>,
    told: BTreeMap<u64, Vec<(u8, usize)>>,
    ended: usize,
}

impl Listener {
    fn hear(&mut self, mut chunk: &[u8]) {
        while let Ok(Begins::Frame(frame, bytes)) = read(chunk, usize::MAX >> 1) {
            chunk = &chunk[bytes..];
            match frame {
                Frame::Tell { alias, message } => self.note(alias, message),
                Frame::Part { bytes } => self.gathered.extend_from_slice(bytes),
                Frame::Whole { .. } => {
                    let message = mem::take(&mut self.gathered);
                    self.note(frame.alias().unwrap(), &message);
                }
                Frame::Terminated { .. } => self.ended = self.told.values().map(Vec::len).sum(),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(chunk, [], "chunks are of whole frames");
    }

    fn note(&mut self, alias: u64, message: &[u8]) {
        self.told.entry(alias).or_default().push((message[0], message.len()));
    }
}

#[test]
fn each_message_arrives_once_and_those_to_one_actor_in_their_order() {
    for seed in 0..300 {
        let mut rng = Rng::new(seed);
        let (mut outbound, mut listener) =
            (Outbound::new(usize::MAX >> 1, usize::MAX, false), Listener::default());
        let (mut told, mut carried) = (BTreeMap::<u64, Vec<_>>::new(), 0);
        for number in 0..60 {
            let (alias, bytes) = (rng.below(3) as u64, 1 + rng.below(2) * rng.below(1_000));
            tell(&mut outbound, alias, number, bytes);
            told.entry(alias).or_default().push((number, bytes));
            for _ in 0..rng.below(3) {
                if let Some(chunk) = carry(&mut outbound) {
                    carried += chunk.len();
                    listener.hear(&chunk);
                }
            }
        }
        let left = outbound.unacknowledged() - carried;
        let (rest, end) = (rng.below(2) == 0, outbound.unacknowledged());
        let chunks: Vec<_> = if rest {
            outbound.end().0.into()
        } else {
            core::iter::from_fn(|| carry(&mut outbound)).collect()
        };
        assert_eq!(chunks.iter().map(Vec::len).sum::<usize>(), left, "what counted is what there was");
        chunks.iter().for_each(|chunk| listener.hear(chunk));
        assert_eq!(listener.told, told, "seed {seed}");
        if !rest {
            drop(outbound.acknowledged(end as u64));
        }
        assert_eq!(outbound.unacknowledged(), 0);
    }
}

#[test]
fn a_small_message_waits_for_one_part_and_one_chunk_of_other_small_ones() {
    let (mut outbound, mut listener) =
        (Outbound::new(usize::MAX >> 1, usize::MAX, false), Listener::default());
    tell(&mut outbound, 1, 1, 100 * PART);
    for round in 0..10 {
        tell(&mut outbound, 2, round, 1);
        for _ in 0..2 {
            listener.hear(&carry(&mut outbound).unwrap());
        }
        assert_eq!(listener.told[&2].len(), usize::from(round) + 1);
    }
    assert_eq!(listener.told.get(&1), None);
    assert_eq!(listener.gathered.len(), 10 * PART, "and large ones go on");
}

#[test]
fn what_was_told_to_an_actor_after_a_large_message_and_notices_of_death_wait_for_it() {
    let (mut outbound, mut listener) =
        (Outbound::new(usize::MAX >> 1, usize::MAX, false), Listener::default());
    tell(&mut outbound, 1, 1, 3 * PART);
    tell(&mut outbound, 2, 2, 3 * PART);
    tell(&mut outbound, 1, 3, 1);
    drop(outbound.write(&Frame::Terminated { actor: 9 }, None));
    tell(&mut outbound, 3, 4, 1);
    core::iter::from_fn(|| carry(&mut outbound)).for_each(|chunk| listener.hear(&chunk));
    assert_eq!(listener.told[&1], [(1, 3 * PART), (3, 1)]);
    assert_eq!(listener.ended, 4);
}

#[test]
fn a_chunk_is_of_limited_size_however_much_was_told() {
    let mut outbound = Outbound::new(usize::MAX >> 1, usize::MAX, false);
    tell(&mut outbound, 1, 1, 2 * PART);
    for _ in 0..100_000 {
        tell(&mut outbound, 1, 2, PART);
        tell(&mut outbound, 2, 3, PART);
    }
    let longest = core::iter::from_fn(|| carry(&mut outbound)).map(|chunk| chunk.len()).max();
    assert!(longest.unwrap() <= 64 << 10, "{longest:?}");
}

#[test]
fn a_large_message_overtakes_nothing_that_was_told_before_it() {
    let (mut outbound, mut listener) =
        (Outbound::new(usize::MAX >> 1, usize::MAX, false), Listener::default());
    for _ in 0..10_000 {
        tell(&mut outbound, 1, 1, PART);
    }
    tell(&mut outbound, 1, 2, 2 * PART);
    tell(&mut outbound, 1, 3, 1);
    tell(&mut outbound, 1, 4, 2 * PART);
    core::iter::from_fn(|| carry(&mut outbound)).for_each(|chunk| listener.hear(&chunk));
    let last = &listener.told[&1][9_999..];
    assert_eq!(last, [(1, PART), (2, 2 * PART), (3, 1), (4, 2 * PART)]);
}

#[test]
fn who_passes_no_traces_on_hears_the_same_messages_without_them() {
    let trace = TraceContext::new([1; 16], [2; 8], 1).unwrap();
    for seed in 0..300 {
        let mut rng = Rng::new(seed);
        let (mut outbound, mut listener) =
            (Outbound::new(usize::MAX >> 1, usize::MAX, true), Listener::default());
        let mut told = BTreeMap::<u64, Vec<_>>::new();
        for number in 0..60 {
            let (alias, bytes) = (rng.below(3) as u64, 1 + rng.below(2) * rng.below(1_000));
            if number < 40 && rng.below(2) == 0 {
                let mut message = trace.bytes().to_vec();
                message.push(number);
                message.resize(TRACE_BYTES + bytes, 7);
                let parts = Parts::of(&message, PART);
                drop(outbound.write(&Frame::TracedTell { alias, message: &message }, parts));
            } else {
                tell(&mut outbound, alias, number, bytes);
            }
            told.entry(alias).or_default().push((number, bytes));
            if number == 40 {
                // Twice, as by two hellos at once.
                drop(outbound.fit(usize::MAX, false));
                assert!(!outbound.traces());
                drop(outbound.fit(usize::MAX, false));
            }
        }
        let (all, mut carried) = (outbound.unacknowledged(), 0);
        while let Some(chunk) = carry(&mut outbound) {
            carried += chunk.len();
            listener.hear(&chunk);
        }
        assert_eq!((listener.told, carried), (told, all), "seed {seed}");
    }
}

#[test]
fn what_is_too_long_is_taken_out_before_the_stream_begins_and_the_rest_keeps_its_order() {
    for seed in 0..100 {
        let mut rng = Rng::new(seed);
        let (mut outbound, mut listener) =
            (Outbound::new(usize::MAX >> 1, usize::MAX, false), Listener::default());
        let mut told = BTreeMap::<u64, Vec<_>>::new();
        let mut tells = |outbound: &mut Outbound, bytes_max: usize| {
            for number in 0..60 {
                let (alias, bytes) = (rng.below(3) as u64, 1 + rng.below(2) * rng.below(bytes_max));
                tell(outbound, alias, number, bytes);
                if bytes <= 300 {
                    told.entry(alias).or_default().push((number, bytes));
                }
            }
        };
        tells(&mut outbound, 1_000);
        drop(outbound.fit(300, true));
        tells(&mut outbound, 300);
        let left = outbound.unacknowledged();
        let chunks: Vec<_> = core::iter::from_fn(|| carry(&mut outbound)).collect();
        assert_eq!(chunks.iter().map(Vec::len).sum::<usize>(), left);
        chunks.iter().for_each(|chunk| listener.hear(chunk));
        assert_eq!(listener.told, told, "seed {seed}");
    }
}

#[test]
fn a_reply_that_is_too_long_becomes_the_word_that_there_is_none() {
    let mut outbound = Outbound::new(usize::MAX >> 1, usize::MAX, false);
    for (ask, bytes) in [(1, 10), (2, 301), (3, 1_000), (4, 300)] {
        let reply = vec![7; bytes];
        drop(outbound.write(&Frame::Reply { ask, reply: &reply }, Parts::of(&reply, PART)));
    }
    assert!(outbound.fit(300, true).is_empty(), "they were told to nobody");
    assert_eq!(outbound.messages(), 2);
    let chunks: Vec<_> = core::iter::from_fn(|| carry(&mut outbound)).collect();
    let (mut answered, mut unanswered) = (Vec::new(), Vec::new());
    let mut left = &chunks.concat()[..];
    while let Ok(Begins::Frame(frame, bytes)) = read(left, usize::MAX >> 1) {
        left = &left[bytes..];
        match frame {
            Frame::LetGo { ask } => unanswered.push(ask),
            frame => answered.extend(frame.answers()),
        }
    }
    unanswered.sort_unstable();
    assert_eq!((answered, unanswered), (vec![1, 4], vec![2, 3]));
}
