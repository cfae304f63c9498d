//! Two handshakes, and whoever tries to be one of them.

use alloc::string::ToString;

use super::*;
use crate::remote::hello::VERSIONS;
use crate::remote::terms::Terms;
use crate::rng::Rng;

fn hello(node: &str, secret: bool) -> Hello {
    let mut rng = Rng::new(node.len() as u64 + u64::from(node.as_bytes()[0]));
    let numbers: [u64; 4] = core::array::from_fn(|_| rng.next_u64());
    Hello {
        versions: VERSIONS,
        cluster: "bank".to_string(),
        node: node.to_string(),
        incarnation: 7,
        address: "here".to_string(),
        secret,
        message_bytes_max: 1_000,
        nonce: core::array::from_fn(|at| (numbers[at / 8] >> (8 * (at % 8))) as u8),
        terms: Terms::default(),
    }
}

fn side(role: Role, node: &str, secret: Option<&str>) -> Handshake {
    Handshake::new(role, hello(node, secret.is_some()), secret.map(Secret::new))
}

/// Lets both talk until nothing is left to say.
fn talk(dialer: &mut Handshake, acceptor: &mut Handshake) -> Result<(), Refusal> {
    loop {
        let (out, back) = (core::mem::take(dialer.output()), core::mem::take(acceptor.output()));
        if out.is_empty() && back.is_empty() {
            return Ok(());
        }
        assert_eq!(acceptor.hear(&out)?, out.len());
        assert_eq!(dialer.hear(&back)?, back.len());
        for (side, had) in [(&mut *dialer, 5), (&mut *acceptor, 9)] {
            if side.identified().is_some() {
                side.resume(had);
            }
        }
    }
}

#[test]
fn two_that_know_the_secret_know_each_other_and_where_to_go_on() {
    for secret in [Some("secret"), None] {
        let mut dialer = side(Role::Dialer, "a", secret);
        let mut acceptor = side(Role::Acceptor, "b", secret);
        talk(&mut dialer, &mut acceptor).unwrap();
        assert_eq!((dialer.done(), acceptor.done()), (Some(9), Some(5)));
        assert_eq!(dialer.identified().map(|peer| &*peer.node), Some("b"));
        assert_eq!(acceptor.identified().map(|peer| &*peer.node), Some("a"));
    }
}

#[test]
fn whoever_does_not_know_the_secret_is_refused() {
    for (one, other) in [(Some("secret"), Some("guess")), (Some("secret"), None), (None, Some("secret"))] {
        let mut dialer = side(Role::Dialer, "a", one);
        let mut acceptor = side(Role::Acceptor, "b", other);
        assert_eq!(talk(&mut dialer, &mut acceptor), Err(Refusal::Secret));
        assert!(dialer.done().is_none() && acceptor.done().is_none());
    }
}

#[test]
fn what_another_said_in_an_earlier_handshake_proves_nothing() {
    let mut dialer = side(Role::Dialer, "a", Some("secret"));
    let mut acceptor = side(Role::Acceptor, "b", Some("secret"));
    let mut recorded = dialer.output().clone();
    acceptor.hear(&recorded).unwrap();
    dialer.hear(&core::mem::take(acceptor.output())).unwrap();
    dialer.resume(0);
    recorded = dialer.output()[recorded.len()..].to_vec();

    let mut again = Hello { nonce: [1; 32], ..hello("b", true) };
    again.address = "elsewhere".to_string();
    let mut fresh = Handshake::new(Role::Acceptor, again, Some(Secret::new("secret")));
    fresh.hear(&side(Role::Dialer, "a", Some("secret")).output().clone()).unwrap();
    assert_eq!(fresh.hear(&recorded), Err(Refusal::Secret));
}

#[test]
fn a_proof_turned_back_against_who_made_it_proves_nothing() {
    let mut acceptor = side(Role::Acceptor, "b", Some("secret"));
    acceptor.hear(&side(Role::Dialer, "a", Some("secret")).output().clone()).unwrap();
    let said = core::mem::take(acceptor.output());
    let said = &said[MAGIC.len()..];
    let (_, hello) = Greeting::read(said).unwrap().unwrap();
    assert_eq!(acceptor.hear(&said[hello..]), Err(Refusal::Secret));
}

#[test]
fn who_speaks_another_language_or_version_or_is_of_another_system_is_told_so() {
    let judged = |change: fn(&mut Hello)| {
        let mut theirs = hello("a", false);
        change(&mut theirs);
        let mut acceptor = side(Role::Acceptor, "b", None);
        let mut dialer = Handshake::new(Role::Dialer, theirs, None);
        acceptor.hear(&core::mem::take(dialer.output())).unwrap_err()
    };
    assert_eq!(judged(|theirs| theirs.versions = (2, 9)), Refusal::Version { theirs: (2, 9) });
    assert_eq!(judged(|theirs| theirs.cluster = "shop".into()), Refusal::Cluster { theirs: "shop".into() });
    assert_eq!(judged(|theirs| theirs.node = "b".into()), Refusal::SameName);
}

#[test]
fn garbage_is_refused_and_never_waited_for_without_end() {
    let mut rng = Rng::new(3);
    for _ in 0..20_000 {
        let mut acceptor = side(Role::Acceptor, "b", Some("secret"));
        let mut bytes = side(Role::Dialer, "a", Some("secret")).output().clone();
        for _ in 0..=rng.below(4) {
            let at = rng.below(bytes.len());
            bytes[at] = rng.next_u64() as u8;
        }
        bytes.extend(core::iter::repeat_with(|| rng.next_u64() as u8).take(4_096));
        let _ = acceptor.hear(&bytes);
        assert!(acceptor.identified().is_none());
    }
    assert_eq!(side(Role::Acceptor, "b", None).hear(b"GET "), Err(Refusal::Garbage));
}

#[test]
fn a_version_that_is_too_new_is_refused_by_name_whatever_its_hello_is_like() {
    let newer = [&MAGIC[..], &[6, 0, 2, 3, 0xff, 0xff, 0xff]].concat();
    assert_eq!(side(Role::Acceptor, "b", None).hear(&newer), Err(Refusal::Version { theirs: (2, 3) }));
}

fn terms(writes: &str, reads: &[&str]) -> Terms {
    let reads = reads.iter().map(ToString::to_string).collect();
    Terms { writes: writes.to_string(), reads, ..Terms::default() }
}

fn side_with(role: Role, node: &str, terms: Terms) -> Handshake {
    Handshake::new(role, Hello { terms, ..hello(node, true) }, Some(Secret::new("secret")))
}

#[test]
fn nodes_of_which_one_cannot_read_the_other_are_told_which_codecs_these_are() {
    let cases = [
        (terms("json", &["postcard", "json"]), Terms::default(), ("a", "json")),
        (Terms::default(), terms("json", &["postcard", "json"]), ("b", "json")),
        (
            terms("json", &["json", "postcard"]),
            terms("messagepack", &["postcard", "json"]),
            ("b", "messagepack"),
        ),
    ];
    for (dials, accepts, (node, writes)) in cases {
        let mut dialer = side_with(Role::Dialer, "a", dials);
        let mut acceptor = side_with(Role::Acceptor, "b", accepts);
        let refused = talk(&mut dialer, &mut acceptor).unwrap_err();
        assert!(
            matches!(&refused, Refusal::Codec { node: one, writes: two, .. } if (&**one, &**two) == (node, writes)),
            "{refused}"
        );
        let mut said = Vec::new();
        Greeting::Refused(refused.clone()).write(&mut said);
        assert_eq!(Greeting::read(&said), Ok(Some((Greeting::Refused(refused), said.len()))));
    }
}

#[test]
fn nodes_that_write_differently_and_read_each_other_know_how() {
    let mut dialer = side_with(Role::Dialer, "a", terms("json", &["postcard", "json"]));
    let mut acceptor = side_with(Role::Acceptor, "b", terms("postcard", &["postcard", "json"]));
    talk(&mut dialer, &mut acceptor).unwrap();
    assert_eq!(acceptor.identified().map(|peer| &*peer.terms.writes), Some("json"));
    assert_eq!(dialer.identified().map(|peer| &*peer.terms.writes), Some("postcard"));
}

#[test]
fn a_proof_is_also_about_what_a_later_version_adds_to_a_hello() {
    for tampered in [false, true] {
        let mut acceptor = side(Role::Acceptor, "b", Some("secret"));
        let mut said = core::mem::take(side(Role::Dialer, "a", Some("secret")).output());
        // Something of a number that nobody here knows: behind the rest, and counted by the length before it.
        said.extend_from_slice(&[99, 2, 7, u8::from(tampered)]);
        said[MAGIC.len()] += 4;
        assert_eq!(acceptor.hear(&said), Ok(said.len()), "it is passed over");

        let answer = acceptor.output()[MAGIC.len()..].to_vec();
        let (_, length) = Greeting::read(&answer).unwrap().unwrap();
        // The dialer has said this, whatever became of it on the way.
        *said.last_mut().unwrap() = 0;
        let transcript = [&[Role::Dialer as u8][..], &said[MAGIC.len()..], &answer[..length]].concat();
        let mut proof = Vec::new();
        Greeting::Proof(Secret::new("secret").prove(&transcript)).write(&mut proof);
        let heard = acceptor.hear(&proof);
        assert_eq!(heard, if tampered { Err(Refusal::Secret) } else { Ok(proof.len()) });
    }
}

/// A whole handshake of version 1, by a secret: what the dialer said, and what the acceptor did.
const KEPT: [&[u8]; 2] = [include_bytes!("../kept/dialer-v1.bin"), include_bytes!("../kept/acceptor-v1.bin")];

/// Another, between nodes that have codecs and compressions.
const KEPT_CODECS: [&[u8]; 2] =
    [include_bytes!("../kept/dialer-v1-codecs.bin"), include_bytes!("../kept/acceptor-v1-codecs.bin")];

#[test]
fn a_handshake_of_version_1_is_said_and_understood_as_it_always_was() {
    let dialer = side(Role::Dialer, "a", Some("secret"));
    let acceptor = side(Role::Acceptor, "b", Some("secret"));
    assert_eq!(recorded(dialer, acceptor), KEPT);

    let (dials, accepts) = codecs();
    let recorded = recorded(side_with(Role::Dialer, "a", dials), side_with(Role::Acceptor, "b", accepts));
    assert_eq!(recorded, KEPT_CODECS);
}

fn codecs() -> (Terms, Terms) {
    let dials = Terms {
        compresses: Some("lz4".to_string()),
        decompresses: ["lz4", "deflate"].map(ToString::to_string).to_vec(),
        ..terms("json", &["postcard", "json", "messagepack"])
    };
    (dials, terms("messagepack", &["postcard", "messagepack", "json"]))
}

fn recorded(mut dialer: Handshake, mut acceptor: Handshake) -> [Vec<u8>; 2] {
    let mut said = [Vec::new(), Vec::new()];
    for _ in 0..4 {
        let (out, back) = (core::mem::take(dialer.output()), core::mem::take(acceptor.output()));
        acceptor.hear(&out).unwrap();
        dialer.hear(&back).unwrap();
        said[0].extend(out);
        said[1].extend(back);
        for side in [&mut dialer, &mut acceptor] {
            if side.identified().is_some() {
                side.resume(300);
            }
        }
    }
    assert_eq!((dialer.done(), acceptor.done()), (Some(300), Some(300)));
    said
}
