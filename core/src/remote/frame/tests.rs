//! Frames as bytes: the same after a round trip, and no bytes that lead astray.

use alloc::vec::Vec;

use super::*;
use crate::rng::Rng;

const MAX: usize = 1 << 20;

const SAMPLES: &[Frame<'_>] = &[
    Frame::Alias { alias: 1, actor: 300, name: "bank.Account" },
    Frame::Tell { alias: 7, message: b"hello" },
    Frame::Tell { alias: u64::MAX, message: &[9; 300] },
    Frame::Reply { ask: 5, reply: &[] },
    Frame::LetGo { ask: 1 << 40 },
    Frame::Watch { actor: 0 },
    Frame::Unwatch { actor: 128 },
    Frame::Terminated { actor: 127 },
    Frame::Lookup { ask: 3, name: "bank.Account", path: "accounts/älice" },
    Frame::Ack { received: 1 << 50 },
    Frame::Ping,
    Frame::Part { bytes: b"hel" },
    Frame::Whole { kind: kind::TELL, number: 300 },
    Frame::Whole { kind: kind::REPLY, number: 5 },
    Frame::Rest,
    Frame::Bye,
    Frame::Probe { number: 300 },
    Frame::Echo { number: 7 },
    Frame::Cluster { word: b"word" },
];

/// Frames that are said only to those who know them.
const COMPRESSED: &[Frame<'_>] = &[
    Frame::TellCompressed { alias: 7, message: b"\xb8\x17few" },
    Frame::ReplyCompressed { ask: 300, reply: b"\0" },
];

/// The same: what is of a trace.
const TRACED: &[Frame<'_>] = &[
    Frame::TracedTell {
        alias: 7,
        message: b"\x4b\xf9\x2f\x35\x77\xb3\x4d\xa6\xa3\xce\x92\x9d\x0e\x0e\x47\x36\x00\xf0\x67\xaa\x0b\xa9\x02\xb7\x01hello",
    },
    Frame::TracedTellCompressed { alias: 300, message: &[1; 27] },
    Frame::Whole { kind: kind::TRACED_TELL, number: 300 },
];

fn samples() -> impl Iterator<Item = &'static Frame<'static>> {
    SAMPLES.iter().chain(COMPRESSED).chain(TRACED)
}

fn bytes(frame: &Frame<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame.write(&mut bytes);
    bytes
}

#[test]
fn every_frame_is_read_as_it_was_written() {
    for frame in samples() {
        let bytes = bytes(frame);
        assert_eq!(read(&bytes, MAX), Ok(Begins::Frame(*frame, bytes.len())));
    }
}

#[test]
fn the_beginning_of_a_frame_is_never_taken_for_one() {
    for frame in samples() {
        let bytes = bytes(frame);
        for end in 0..bytes.len() {
            let begins = read(&bytes[..end], MAX);
            assert!(matches!(begins, Ok(Begins::Short(wanted)) if wanted > end), "{frame:?}: {begins:?}");
        }
    }
}

#[test]
fn a_small_message_takes_at_most_twelve_bytes() {
    let message = &[1, 0xff, 0xff, 0xff, 0x7f];
    let bytes = bytes(&Frame::Tell { alias: 9_999, message });
    assert!(bytes.len() <= 12, "{} bytes", bytes.len());
}

#[test]
fn a_frame_that_is_too_long_is_refused_before_it_is_there() {
    let mut bytes = Vec::new();
    varint::put(&mut bytes, 1_001);
    assert_eq!(read(&bytes, 1_000), Err(Malformed::Long { bytes: 1_001 }));
}

#[test]
fn what_is_no_frame_is_refused_with_the_reason() {
    assert_eq!(read(&[0], MAX), Err(Malformed::Empty));
    assert_eq!(read(&[1, 0x40], MAX), Err(Malformed::Kind(0x40)));
    assert_eq!(read(&[2, kind::PING, 0], MAX), Err(Malformed::Body(kind::PING)), "more than belongs to it");
    let alias = kind::ALIAS;
    assert_eq!(read(&[6, alias, 1, 1, 2, b'a', 0xff], MAX), Err(Malformed::Body(alias)), "no text");
    assert_eq!(read(&[4, alias, 1, 1, 200], MAX), Err(Malformed::Body(alias)), "text beyond the frame");
    assert_eq!(
        read(&[3, kind::WHOLE, kind::PING, 1], MAX),
        Err(Malformed::Body(kind::WHOLE)),
        "not in parts"
    );
    assert_eq!(read(&[0xff; 11], MAX), Err(Malformed::Length));
}

#[test]
fn any_bytes_are_a_frame_or_an_error_and_never_read_beyond_themselves() {
    let mut rng = Rng::new(1);
    let samples: Vec<_> = samples().collect();
    for _ in 0..200_000 {
        let mut bytes = match rng.below(3) {
            0 => Vec::new(),
            _ => bytes(samples[rng.below(samples.len())]),
        };
        for _ in 0..rng.below(4) {
            match rng.below(3) {
                0 => bytes.push(rng.next_u64() as u8),
                1 if !bytes.is_empty() => {
                    let at = rng.below(bytes.len());
                    bytes[at] = rng.next_u64() as u8;
                }
                _ => bytes.truncate(rng.below(bytes.len() + 1)),
            }
        }
        if let Ok(Begins::Frame(frame, taken)) = read(&bytes, MAX) {
            assert!(taken <= bytes.len());
            assert_eq!(
                read(&self::bytes(&frame), MAX)
                    .map(|begins| matches!(begins, Begins::Frame(again, _) if again == frame)),
                Ok(true)
            );
        }
    }
}

/// What was said in version 1 of the protocol, one frame to a line: it is read for as long as that version is spoken.
const KEPT: &str = include_str!("../kept/frames-v1.txt");
/// The same of those that came to it later.
const KEPT_COMPRESSED: &str = include_str!("../kept/frames-v1-compressed.txt");
const KEPT_TRACED: &str = include_str!("../kept/frames-v1-traced.txt");

#[test]
fn frames_of_version_1_are_read_and_written_as_they_always_were() {
    for (kept, frames) in [(KEPT, SAMPLES), (KEPT_COMPRESSED, COMPRESSED), (KEPT_TRACED, TRACED)] {
        let kept: Vec<Vec<u8>> = kept.lines().map(unhex).collect();
        assert_eq!(kept.len(), frames.len());
        for (bytes, frame) in kept.iter().zip(frames) {
            assert_eq!(read(bytes, MAX), Ok(Begins::Frame(*frame, bytes.len())));
            assert_eq!(self::bytes(frame), *bytes);
        }
    }
}

fn unhex(line: &str) -> Vec<u8> {
    let digits = line.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap());
    digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}
