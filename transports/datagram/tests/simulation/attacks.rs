//! Strangers: floods in others' names, copies of what was said, and anything at all.

use std::time::Duration;

use casty_core::{Instant, Rng};
use casty_datagram::{Input, Settings};

use crate::network::{Network, Weather};
use crate::party::Party;
use crate::sweep;

fn listening(settings: &Settings) -> Network {
    let all = [settings.clone(), settings.clone()];
    let mut network = Network::new(Rng::new(7), Weather::FAIR, &all);
    network.ends[1].listen(true);
    network
}

fn pass(network: &mut Network, time: Duration) {
    let until: Instant = network.now + time;
    while network.step(until) {}
}

/// Somebody who says a few bytes, and is heard.
fn visit(network: &mut Network) {
    let now = network.now;
    let key = network.ends[0].dial(now, 1).unwrap();
    let mut guest = Party::new(0, key, 2, 3_000, 0);
    pass(network, Duration::from_millis(50));
    let mut host = Party::new(1, network.ends[1].accept().expect("a visitor"), 3, 0, 3_000);
    for _ in 0..20 {
        guest.act(network, true);
        host.act(network, true);
        pass(network, Duration::from_millis(50));
    }
    assert!(guest.closed && host.closed && host.heard == 3_000, "{guest:?} {host:?}");
}

#[test]
fn a_flood_of_greetings_in_others_names_takes_no_memory_and_keeps_nobody_out() {
    let mut network = listening(&Settings::default());
    let mut rng = Rng::new(1);
    let now = network.now;
    for nth in 0..100_000_u64 {
        let mut hello = vec![0x10];
        hello.extend(rng.next_u64().to_be_bytes());
        hello.extend([0; 16]);
        network.ends[1].handle(now, Input::Datagram(nth as usize + 5, &hello));
    }
    assert_eq!(network.ends[1].conversations(), 0);
    // What was not answered of these is not remembered either.
    let mut datagram = Vec::new();
    while network.ends[1].poll(now, &mut datagram).is_some() {}
    assert_eq!(network.ends[1].counters().unanswered, 100_000 - 64);
    visit(&mut network);
}

#[test]
fn openings_with_a_made_up_cookie_open_nothing() {
    let mut network = listening(&Settings::default());
    let mut rng = Rng::new(1);
    let now = network.now;
    for _ in 0..10_000 {
        let mut open = vec![0x12];
        (0..3).for_each(|_| open.extend(rng.next_u64().to_be_bytes()));
        open.extend([4, 0xb0, 0, 1, 0, 0]);
        network.ends[1].handle(now, Input::Datagram(5, &open));
    }
    assert_eq!((network.ends[1].conversations(), network.ends[1].counters().malformed), (0, 0));
    visit(&mut network);
}

#[test]
fn callers_that_never_go_on_are_limited_and_forgotten_and_keep_nobody_out() {
    let settings = Settings { half_open_max: 4, ..Settings::default() };
    let mut network = listening(&settings);
    let now = network.now;
    // Hears the cookies and brings them back, and says nothing on being welcomed.
    for nth in 0..1_000_u64 {
        let mut hello = vec![0x10];
        hello.extend(nth.to_be_bytes());
        hello.extend([0; 16]);
        network.ends[1].handle(now, Input::Datagram(5, &hello));
        let mut open = Vec::new();
        assert!(network.ends[1].poll(now, &mut open).is_some());
        open[0] = 0x12;
        open.extend([4, 0xb0, 0, 1, 0, 0]);
        network.ends[1].handle(now, Input::Datagram(5, &open));
        let mut welcome = Vec::new();
        while network.ends[1].poll(now, &mut welcome).is_some() {}
        assert!(network.ends[1].conversations() <= 4);
    }
    assert_eq!(network.ends[1].conversations(), 4);
    visit(&mut network);
    let until = network.now + settings.dial;
    while network.ends[1].deadline().is_some_and(|at| at <= until) {
        let at = network.ends[1].deadline().unwrap();
        network.ends[1].handle(at, Input::Time);
        let mut datagram = Vec::new();
        while network.ends[1].poll(at, &mut datagram).is_some() {}
    }
    assert_eq!(network.ends[1].conversations(), 0);
}

#[test]
fn all_that_was_said_in_one_conversation_means_nothing_later() {
    let mut network = listening(&Settings::default());
    visit(&mut network);
    let replay = |network: &mut Network| {
        let overheard = network.overheard.clone();
        for (from, to, bytes) in &overheard {
            network.send(*from, *to, bytes.clone());
        }
        pass(network, Duration::from_secs(30));
        assert_eq!(network.ends[1].accept(), None, "nobody has called");
        assert_eq!((network.ends[0].conversations(), network.ends[1].conversations()), (0, 0));
    };
    // At once, while the cookie is still good, and when it is not.
    replay(&mut network);
    replay(&mut network);
    visit(&mut network);
}

#[test]
fn copies_of_an_old_conversation_do_no_harm_to_the_next() {
    let mut network = listening(&Settings::default());
    visit(&mut network);
    let old = network.overheard.clone();
    let now = network.now;
    let key = network.ends[0].dial(now, 1).unwrap();
    let mut guest = Party::new(0, key, 2, 20_000, 0);
    let mut host = None;
    for nth in 0..200 {
        let (from, to, bytes) = old[nth % old.len()].clone();
        network.send(from, to, bytes);
        pass(&mut network, Duration::from_millis(5));
        host = host.or_else(|| network.ends[1].accept().map(|key| Party::new(1, key, 3, 0, 20_000)));
        if network.ends[0].opened(key) == Ok(true) {
            guest.act(&mut network, true);
        }
        if let Some(host) = &mut host {
            host.act(&mut network, true);
        }
    }
    let host = host.expect("a visitor");
    assert_eq!((host.heard, host.ended, guest.ended), (20_000, None, None));
}

/// One of the bytes, or the length, is another one.
fn mutate(rng: &mut Rng, bytes: &mut Vec<u8>) {
    match rng.below(4) {
        0 => bytes.truncate(rng.below(bytes.len() + 1)),
        1 => bytes.push(rng.next_u64() as u8),
        _ if bytes.len() > 9 => {
            // The name stays: else nobody would listen.
            let at = 9 + rng.below(bytes.len() - 9);
            bytes[at] = rng.next_u64() as u8;
        }
        _ => {}
    }
}

#[test]
fn anything_at_all_is_ignored_or_understood_and_takes_no_more_than_the_limits() {
    sweep(100, |seed| {
        let mut rng = Rng::new(seed);
        let settings = Settings {
            receive_bytes_max: 5_000,
            send_bytes_max: 5_000,
            conversations_max: 8,
            half_open_max: 4,
            ..Settings::default()
        };
        let mut network = listening(&settings);
        let now = network.now;
        let key = network.ends[0].dial(now, 1).unwrap();
        pass(&mut network, Duration::from_millis(50));
        let caller = network.ends[1].accept().unwrap();
        for _ in 0..2_000 {
            let now = network.now;
            let _ = network.ends[0].write(now, key, &[7; 100]);
            let _ = network.ends[1].read(now, caller, &mut [0; 50]);
            pass(&mut network, Duration::from_micros(500));
            let (from, to, mut bytes) = network.overheard[rng.below(network.overheard.len())].clone();
            if rng.below(5) == 0 {
                bytes = (0..rng.below(200)).map(|_| rng.next_u64() as u8).collect();
                bytes.first_mut().into_iter().for_each(|first| *first = 0x10 | *first & 7);
            }
            mutate(&mut rng, &mut bytes);
            let now = network.now;
            network.ends[to].handle(now, Input::Datagram(from, &bytes));
            for end in &network.ends {
                assert!(end.conversations() <= 8 && end.bytes() <= 8 * 10_000);
            }
        }
    });
}
