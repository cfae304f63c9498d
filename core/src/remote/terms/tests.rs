//! What nodes name in their hellos is read as it was, or refused.

use super::*;
use crate::rng::Rng;

fn bytes(terms: &Terms) -> Vec<u8> {
    let mut bytes = Vec::new();
    terms.write(&mut bytes);
    bytes
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| String::from(*name)).collect()
}

fn many() -> Terms {
    let long: Vec<String> = (0..NAMES_MAX).map(|at| alloc::format!("{at:0>NAME_BYTES_MAX$}")).collect();
    Terms {
        writes: long[0].clone(),
        reads: long.clone(),
        compresses: Some(long[1].clone()),
        decompresses: long,
        traces: true,
    }
}

#[test]
fn terms_are_read_as_they_were_written_and_the_default_takes_no_bytes() {
    assert_eq!(bytes(&Terms::default()), []);
    assert_eq!(bytes(&Terms { traces: true, ..Terms::default() }), [4, 1, 0], "for ever");
    let lz4 = Terms { compresses: Some(String::from("lz4")), ..Terms::default() };
    for terms in [Terms::default(), lz4, many()] {
        assert_eq!(Terms::read(&bytes(&terms)), Some(terms));
    }
    assert!(bytes(&many()).len() < 700, "far less than a hello may be");
}

#[test]
fn what_nobody_here_knows_is_passed_over() {
    let mut later = bytes(&many());
    later.extend_from_slice(&[200, 3, 1, 2, 3]);
    assert_eq!(Terms::read(&later), Some(many()));
}

#[test]
fn names_that_are_none_or_too_many_are_refused() {
    let said = |tag: u8, names: &[String]| {
        let mut bytes = Vec::new();
        say(&mut bytes, tag, names);
        Terms::read(&bytes)
    };
    for name in ["", "Json", "my codec", "codec_1", "\u{e9}", &"x".repeat(NAME_BYTES_MAX + 1)] {
        assert_eq!(said(tag::READS, &names(&["json", name])), None, "{name}");
        assert_eq!(said(tag::WRITES, &names(&[name])), None, "{name}");
    }
    assert_eq!(said(tag::WRITES, &names(&["json", "lz4"])), None, "one writes in one");
    assert_eq!(said(tag::COMPRESSES, &[]), None);
    assert_eq!(said(tag::DECOMPRESSES, &names(&["x"; NAMES_MAX + 1])), None);
    assert!(said(tag::DECOMPRESSES, &names(&["x"; NAMES_MAX])).is_some());
}

#[test]
fn any_bytes_are_terms_or_none_and_never_a_panic() {
    let mut rng = Rng::new(5);
    for _ in 0..100_000 {
        let mut bytes = bytes(&many());
        for _ in 0..=rng.below(4) {
            let at = rng.below(bytes.len());
            bytes[at] = rng.next_u64() as u8;
        }
        bytes.truncate(rng.below(bytes.len() + 1));
        if let Some(terms) = Terms::read(&bytes) {
            assert_eq!(Terms::read(&self::bytes(&terms)), Some(terms));
        }
    }
}
