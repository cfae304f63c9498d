//! Two handshakes, and whoever tries to be one of them.

use alloc::string::ToString;

use super::*;
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

/// A whole handshake of version 1, by a secret: what the dialer said, and what the acceptor did.
const KEPT: [&[u8]; 2] = [include_bytes!("../kept/dialer-v1.bin"), include_bytes!("../kept/acceptor-v1.bin")];

#[test]
fn a_handshake_of_version_1_is_said_and_understood_as_it_always_was() {
    let mut dialer = side(Role::Dialer, "a", Some("secret"));
    let mut acceptor = side(Role::Acceptor, "b", Some("secret"));
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
    assert_eq!(said, KEPT);
}
