//! Talks through any weather: all bytes, in order, once, within the limits, to an end.

use std::time::Duration;

use casty_core::{Instant, Rng};
use casty_datagram::{Ended, Settings};

use crate::network::{Network, Weather};
use crate::party::Party;
use crate::sweep;

fn any_settings(rng: &mut Rng) -> Settings {
    Settings {
        datagram_bytes_max: [64, 100, 256, 1_200][rng.below(4)],
        receive_bytes_max: [1, 100, 5_000, 64 << 10][rng.below(4)],
        send_bytes_max: [1, 100, 5_000, 64 << 10][rng.below(4)],
        packets_max: [1, 8, 512][rng.below(3)],
        dial: Duration::from_secs(60),
        // Nothing comes to an end by that.
        linger: Duration::from_secs(36_000),
        ..Settings::default()
    }
}

/// A dialer and whoever has accepted it, as soon as it has.
fn introduced(network: &mut Network, says: u64, hears: u64) -> (Party, Option<Party>) {
    network.ends[1].listen(true);
    let now = network.now;
    let key = network.ends[0].dial(now, 1).unwrap();
    (Party::new(0, key, 2, says, hears), None)
}

fn meet(network: &mut Network, parties: &mut (Party, Option<Party>), says: u64, hears: u64) {
    if parties.1.is_none() {
        parties.1 = network.ends[1].accept().map(|key| Party::new(1, key, 3, says, hears));
    }
}

/// What a byte costs at most on a way like that, so that a talk of it has time enough.
fn patience(settings: &[Settings; 2], bytes: u64) -> Duration {
    let smallest = |of: fn(&Settings) -> usize| settings.iter().map(of).min().unwrap_or(1) as u64;
    let window = smallest(|it| it.receive_bytes_max).min(smallest(|it| it.send_bytes_max));
    let packet = smallest(|it| it.datagram_bytes_max) / 2;
    let one_at_a_time = window.min(packet * smallest(|it| it.packets_max));
    Duration::from_secs(60) + Duration::from_millis(30) * u32::try_from(bytes / one_at_a_time.max(1)).unwrap()
}

#[test]
fn every_byte_arrives_once_and_in_order_and_both_ends_come_to_an_end() {
    sweep(300, |seed| {
        let mut rng = Rng::new(seed);
        let weather = Weather::any(&mut rng);
        let settings = [any_settings(&mut rng), any_settings(&mut rng)];
        let tiny = settings.iter().any(|it| it.receive_bytes_max == 1 || it.send_bytes_max == 1);
        let bytes_max = if tiny { 200 } else { 40_000 };
        let (there, back) = (rng.below(bytes_max) as u64, rng.below(bytes_max) as u64);
        let impatient = rng.below(4);
        let mut network = Network::new(rng, weather, &settings);
        let mut parties = introduced(&mut network, there, back);
        parties.0.impatient = impatient == 1;
        // In bad weather for a while, then in fair: whatever happened before, it has to come to an end then.
        let heals = network.now + Duration::from_secs(network.rng.below(20) as u64);
        let over = heals + patience(&settings, there + back);
        while network.now < over {
            if network.now >= heals {
                network.weather = Weather::FAIR;
            }
            let quick = network.now + Duration::from_millis(20);
            network.step(quick);
            meet(&mut network, &mut parties, back, there);
            let eager = network.now >= heals;
            if network.ends[0].opened(parties.0.key) == Ok(true) {
                parties.0.act(&mut network, eager);
            }
            if let Some(acceptor) = &mut parties.1 {
                acceptor.impatient |= impatient == 2;
                acceptor.polite = impatient != 3;
                acceptor.act(&mut network, eager);
            }
            let ends = network.ends.iter().zip(&settings);
            for (end, settings) in ends {
                let most = settings.receive_bytes_max + settings.send_bytes_max;
                assert!(end.bytes() <= most * end.conversations().max(1), "{} bytes", end.bytes());
            }
            if network.ends.iter().all(casty_datagram::Endpoint::is_idle) && parties.0.closed {
                break;
            }
        }
        let (dialer, acceptor) = (parties.0, parties.1.expect("nobody was accepted"));
        assert!(dialer.closed && acceptor.closed, "{dialer:?} {acceptor:?}");
        assert_eq!((dialer.ended, acceptor.ended), (None, None));
        // Whoever has not closed first has heard all that the other said.
        if !dialer.impatient {
            assert_eq!(dialer.heard, acceptor.said, "{dialer:?} {acceptor:?}");
        }
        if !acceptor.impatient {
            assert_eq!(acceptor.heard, dialer.said, "{dialer:?} {acceptor:?}");
        }
        let left: Vec<usize> = network.ends.iter().map(casty_datagram::Endpoint::conversations).collect();
        assert_eq!(left, [0, 0], "conversations are left");
    });
}

/// Two ends that have met, in fair weather.
fn met(settings: &Settings) -> (Network, Party, Party) {
    let mut network = Network::new(Rng::new(1), Weather::FAIR, &[settings.clone(), settings.clone()]);
    let mut parties = introduced(&mut network, 1 << 20, 1 << 20);
    while parties.1.is_none() {
        let soon = network.now + Duration::from_secs(1);
        assert!(network.step(soon));
        meet(&mut network, &mut parties, 1 << 20, 1 << 20);
    }
    (network, parties.0, parties.1.unwrap())
}

fn pass(network: &mut Network, time: Duration) {
    let until: Instant = network.now + time;
    while network.step(until) {}
}

#[test]
fn a_reader_who_does_not_read_stops_the_writer_and_lets_it_go_on() {
    let settings = Settings { receive_bytes_max: 10_000, send_bytes_max: 5_000, ..Settings::default() };
    let (mut network, mut writer, mut reader) = met(&settings);
    for _ in 0..1_000 {
        writer.act(&mut network, true);
        writer.heard = 0;
        pass(&mut network, Duration::from_millis(5));
    }
    assert_eq!(writer.said, 15_000, "as much as both buffers hold");
    // An hour later both are still there, and hardly anything was said meanwhile.
    let before = network.overheard.len();
    pass(&mut network, Duration::from_secs(3_600));
    let said = network.overheard.len() - before;
    assert!(said < 6_000, "{said} datagrams in an hour");
    for _ in 0..1_000 {
        writer.act(&mut network, true);
        reader.act(&mut network, true);
        pass(&mut network, Duration::from_millis(5));
    }
    assert!(writer.said > 500_000 && reader.heard > 500_000, "{writer:?} {reader:?}");
    assert_eq!((writer.ended, reader.ended), (None, None));
}

#[test]
fn two_that_have_nothing_to_say_stay_connected_and_hear_when_the_other_is_lost() {
    let (mut network, mut one, mut other) = met(&Settings::default());
    pass(&mut network, Duration::from_secs(3_600));
    network.weather.lost_percent = 100;
    pass(&mut network, Settings::default().idle + Duration::from_secs(1));
    for party in [&mut one, &mut other] {
        party.act(&mut network, true);
        assert_eq!(party.ended, Some(Ended::Silent));
    }
    assert_eq!(network.ends[0].conversations() + network.ends[1].conversations(), 0);
}

#[test]
fn whoever_has_forgotten_the_conversation_says_so() {
    let (mut network, mut one, _) = met(&Settings::default());
    let seed = network.seed();
    network.ends[1] = casty_datagram::Endpoint::new(Settings::default(), seed);
    one.act(&mut network, true);
    pass(&mut network, Duration::from_millis(10));
    one.act(&mut network, true);
    assert_eq!(one.ended, Some(Ended::Gone));
}

#[test]
fn a_dial_that_nobody_answers_ends_and_one_that_is_refused_ends_at_once() {
    let settings = Settings::default();
    let mut network = Network::new(Rng::new(1), Weather::FAIR, &[settings.clone(), settings.clone()]);
    let begun = network.now;
    let refused = network.ends[0].dial(begun, 1).unwrap();
    pass(&mut network, Duration::from_millis(10));
    assert_eq!(network.ends[0].opened(refused), Err(Ended::Refused));
    network.weather.lost_percent = 100;
    let lost = network.ends[0].dial(begun, 1).unwrap();
    pass(&mut network, settings.dial);
    assert_eq!(network.ends[0].opened(lost), Err(Ended::NoAnswer));
    assert_eq!(network.news, [(0, refused), (0, lost)]);
}

#[test]
fn a_close_delivers_what_was_written_and_a_peer_that_never_reads_is_left_in_time() {
    let settings = Settings { receive_bytes_max: 1_000, ..Settings::default() };
    let (mut network, mut writer, other) = met(&settings);
    // It says nothing: it would hear by that what has become of the other.
    let mut reader = Party::new(1, other.key, 3, 0, 1 << 20);
    while writer.said < 3_000 {
        writer.act(&mut network, true);
    }
    let now = network.now;
    network.ends[0].close(now, writer.key);
    pass(&mut network, settings.linger - Duration::from_secs(1));
    assert_eq!(network.ends[0].conversations(), 1, "there is more than the window");
    pass(&mut network, Duration::from_secs(2));
    assert_eq!(network.ends[0].conversations(), 0);
    for _ in 0..100 {
        reader.act(&mut network, true);
    }
    assert_eq!((reader.heard, reader.ended), (1_000, Some(Ended::Gone)));
}
