//! Codecs and compressions by themselves, with random values and bytes.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

use std::collections::BTreeMap;

use casty::codec::{Codec, decode, encode};
use casty::compression::Compression;
use casty::{Deflate, Json, Lz4, MessagePack, Rng};
use serde::{Deserialize, Serialize};

const CODECS: [&dyn Codec; 2] = [&Json, &MessagePack];

/// Something of every form that a message may have.
#[derive(Serialize, Deserialize, PartialEq, Clone, Debug)]
enum Thing {
    Nothing,
    Whole(u64),
    Signed(i64),
    Wide(u128),
    Real(f64),
    Small(f32, i8, bool, char),
    Text { text: String, note: Option<String> },
    Bytes(#[serde(with = "serde_bytes")] Vec<u8>),
    Many(Vec<Self>),
    ByText(BTreeMap<String, Self>),
    ByNumber(BTreeMap<i32, Self>),
    Tuple((), Unit, New, [u16; 3]),
    Maybe(Option<Box<Self>>),
}

#[derive(Serialize, Deserialize, PartialEq, Clone, Debug)]
struct Unit;

#[derive(Serialize, Deserialize, PartialEq, Clone, Debug)]
struct New(i32);

fn text(rng: &mut Rng) -> String {
    let letters = ['a', '"', '\\', '\n', '\u{0}', '\u{e9}', '\u{1f980}', '/', '{', ' '];
    (0..rng.below(12)).map(|_| letters[rng.below(letters.len())]).collect()
}

fn number(rng: &mut Rng) -> u64 {
    [0, 1, 127, 128, 1 << 32, u64::MAX, rng.next_u64()][rng.below(7)]
}

fn real(rng: &mut Rng) -> f64 {
    let real = f64::from_bits(rng.next_u64());
    if real.is_finite() { real } else { -0.1 }
}

fn thing(rng: &mut Rng, depth: usize) -> Thing {
    match rng.below(if depth == 0 { 9 } else { 13 }) {
        0 => Thing::Nothing,
        1 => Thing::Whole(number(rng)),
        2 => Thing::Signed(number(rng).cast_signed()),
        3 => Thing::Wide(u128::from(number(rng)) * u128::from(number(rng))),
        4 => Thing::Real(real(rng)),
        5 => Thing::Small(
            real(rng).clamp(-1e30, 1e30) as f32,
            number(rng) as i8,
            rng.below(2) == 0,
            '\u{1f980}',
        ),
        6 => Thing::Text { text: text(rng), note: (rng.below(2) == 0).then(|| text(rng)) },
        7 => Thing::Bytes((0..rng.below(40)).map(|_| rng.next_u64() as u8).collect()),
        8 => Thing::Tuple((), Unit, New(number(rng) as i32), [1, 2, number(rng) as u16]),
        9 => Thing::Many((0..rng.below(5)).map(|_| thing(rng, depth - 1)).collect()),
        10 => Thing::ByText((0..rng.below(4)).map(|_| (text(rng), thing(rng, depth - 1))).collect()),
        11 => {
            Thing::ByNumber((0..rng.below(4)).map(|_| (number(rng) as i32, thing(rng, depth - 1))).collect())
        }
        _ => Thing::Maybe((rng.below(2) == 0).then(|| Box::new(thing(rng, depth - 1)))),
    }
}

/// Some bytes changed, taken away, or added.
fn spoil(bytes: &mut Vec<u8>, rng: &mut Rng) {
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
}

#[test]
fn any_value_comes_back_from_any_codec_as_it_was() {
    for codec in CODECS {
        let mut rng = Rng::new(1);
        for _ in 0..5_000 {
            let value = thing(&mut rng, 4);
            let bytes = encode(codec, &value, usize::MAX >> 1).unwrap();
            assert_eq!(decode(codec, &bytes), Ok(value.clone()), "{}", codec.name());
            assert_eq!(encode(codec, &value, bytes.len()).as_ref(), Ok(&bytes), "it has just room");
            assert!(encode(codec, &value, bytes.len() - 1).is_err(), "it is refused on the way");
        }
    }
}

#[test]
fn any_bytes_are_a_value_or_an_error_in_any_codec() {
    for codec in CODECS {
        let mut rng = Rng::new(2);
        let (mut good, mut bad) = (0, 0);
        for _ in 0..20_000 {
            let mut bytes = encode(codec, &thing(&mut rng, 3), 1 << 20).unwrap();
            spoil(&mut bytes, &mut rng);
            match decode::<Thing>(codec, &bytes) {
                Ok(value) => {
                    let again =
                        encode(codec, &value, 1 << 20).and_then(|bytes| decode::<Thing>(codec, &bytes));
                    assert!(again.is_ok(), "{} {value:?}", codec.name());
                    good += 1;
                }
                Err(_) => bad += 1,
            }
            let noise: Vec<u8> = (0..rng.below(64)).map(|_| rng.next_u64() as u8).collect();
            drop(decode::<Thing>(codec, &noise));
        }
        assert!(good > 1_000 && bad > 1_000, "{good} {bad}");
    }
}

#[test]
fn more_bytes_than_a_value_has_are_refused_by_every_codec() {
    for codec in CODECS {
        let mut bytes = encode(codec, &7_u8, 10).unwrap();
        bytes.extend_from_slice(&bytes.clone());
        bytes.insert(bytes.len() / 2, b' ');
        assert!(decode::<u8>(codec, &bytes).is_err(), "{}", codec.name());
    }
}

fn compressions() -> [Box<dyn Compression>; 4] {
    [Box::new(Lz4), Box::new(Deflate::default()), Box::new(Deflate::level(1)), Box::new(Deflate::level(10))]
}

/// Bytes as messages have them: some repeated, some not.
fn bytes(rng: &mut Rng) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..rng.below(20) {
        let piece: Vec<u8> = (0..rng.below(50)).map(|_| rng.next_u64() as u8).collect();
        bytes.extend(piece.repeat(1 + rng.below(30)));
    }
    bytes
}

#[test]
fn any_bytes_come_back_from_any_compression_as_they_were() {
    for compression in compressions() {
        let mut rng = Rng::new(3);
        for _ in 0..500 {
            let plain = bytes(&mut rng);
            let few = compression.compress(&plain);
            let mut again = vec![0; plain.len()];
            assert_eq!(compression.decompress(&few, &mut again), Ok(plain.len()), "{}", compression.name());
            assert_eq!(again, plain);
            if let [_, less @ ..] = &mut again[..] {
                assert!(compression.decompress(&few, less).is_err(), "there is no room for the last");
            }
            let mut more = vec![0; plain.len() + 9];
            let had = compression.decompress(&few, &mut more);
            assert!(had.is_err() || had == Ok(plain.len()), "it does not say to be more than it is");
        }
    }
}

#[test]
fn what_was_not_compressed_so_is_an_error_or_fits() {
    for compression in compressions() {
        let mut rng = Rng::new(4);
        for _ in 0..5_000 {
            let plain = bytes(&mut rng);
            let mut few =
                if rng.below(2) == 0 { compression.compress(&plain[..plain.len().min(300)]) } else { plain };
            spoil(&mut few, &mut rng);
            let mut room = vec![0; rng.below(500)];
            if let Ok(had) = compression.decompress(&few, &mut room) {
                assert!(had <= room.len());
            }
        }
    }
}
