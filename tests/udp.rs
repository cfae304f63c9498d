//! Nodes over real UDP: in order, once, through losses, copies and forgeries.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod marks;

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use casty::prelude::*;
use casty::remote::Secret;
use casty::udp::Udp;
use casty::{Network, Rng};
use marks::{Mark, marks};

fn network(name: &str) -> Network {
    Network::over(Udp::new()).node(name).listen("127.0.0.1:0").secret(Secret::new("secret"))
}

/// What happens to datagrams on their way, in percent.
#[derive(Clone, Copy, Default)]
struct Weather {
    lost: usize,
    doubled: usize,
    /// Comes after the one behind it.
    late: usize,
    /// Comes again, as something else.
    forged: usize,
}

/// Sends on what comes from one socket by another, as the weather is.
struct Way {
    weather: Weather,
    rng: Rng,
    late: Option<Vec<u8>>,
    lost: Arc<AtomicU64>,
}

impl Way {
    fn carry(&mut self, datagram: &[u8], send: impl Fn(&[u8])) {
        let chance = |rng: &mut Rng, percent| rng.below(100) < percent;
        if chance(&mut self.rng, self.weather.lost) {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        if self.late.is_none() && chance(&mut self.rng, self.weather.late) {
            self.late = Some(datagram.to_vec());
            return;
        }
        send(datagram);
        self.late.take().into_iter().for_each(|late| send(&late));
        if chance(&mut self.rng, self.weather.doubled) {
            send(datagram);
        }
        if chance(&mut self.rng, self.weather.forged) {
            send(&self.forgery(datagram));
        }
    }

    /// Any bytes, or these with another kind, another length, another place.
    fn forgery(&mut self, datagram: &[u8]) -> Vec<u8> {
        let mut forged = datagram.to_vec();
        match self.rng.below(5) {
            0 => forged.fill_with(|| self.rng.next_u64() as u8),
            1 => forged.truncate(self.rng.below(datagram.len())),
            2 => forged.extend_from_slice(&datagram[..datagram.len() / 2]),
            // Kinds that it does not have: greetings, refusals, packets.
            3 => forged[0] = 0x10 | self.rng.below(6) as u8,
            // What any stranger can do who does not know the name of the conversation.
            _ => forged[1 + self.rng.below(8)] ^= 1 + self.rng.below(255) as u8,
        }
        // "Gone", with the right name: whoever reads all that passes by may end a conversation, as with TCP.
        if forged.first().is_some_and(|first| first & 0xf == 6) && forged.get(1..9) == datagram.get(1..9) {
            forged.clear();
        }
        forged
    }
}

/// Stands between two nodes. Where it is, and how many datagrams it has lost.
fn proxy(target: Arc<OnceLock<String>>, seed: u64, weather: Weather) -> (String, Arc<AtomicU64>) {
    let near = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (address, lost) = (near.local_addr().unwrap().to_string(), Arc::new(AtomicU64::new(0)));
    let counted = Arc::clone(&lost);
    thread::spawn(move || {
        let mut rng = Rng::new(seed);
        let mut callers: HashMap<SocketAddr, (UdpSocket, Way)> = HashMap::new();
        let mut bytes = [0; 2_000];
        while let Ok((length, from)) = near.recv_from(&mut bytes) {
            let way = |rng: &mut Rng| Way { weather, rng: rng.split(), late: None, lost: counted.clone() };
            let (far, there) = callers.entry(from).or_insert_with(|| {
                let far = UdpSocket::bind("127.0.0.1:0").unwrap();
                far.connect(target.wait()).unwrap();
                let (back_from, back_to, mut back) =
                    (far.try_clone().unwrap(), near.try_clone().unwrap(), way(&mut rng));
                thread::spawn(move || {
                    let mut bytes = [0; 2_000];
                    while let Ok(length) = back_from.recv(&mut bytes) {
                        back.carry(&bytes[..length], |datagram| drop(back_to.send_to(datagram, from)));
                    }
                });
                (far, way(&mut rng))
            });
            there.carry(&bytes[..length], |datagram| drop(far.send(datagram)));
        }
    });
    (address, lost)
}

/// Tells so many messages through the weather, and asks how they have arrived.
fn tell_through(weather: Weather, seed: u64, messages: u64) -> u64 {
    casty::block_on(async {
        let (here, there) = (ActorSystem::new("udp"), ActorSystem::new("udp"));
        let far = network("far").start(&there).await.unwrap();
        far.expose(&there.spawn(marks(), "marks").unwrap()).unwrap();
        let target = Arc::new(OnceLock::from(far.address().to_string()));
        let (address, lost) = proxy(target, seed, weather);
        let near = network("near").start(&here).await.unwrap();
        let marks = near.lookup::<Mark>(&address, "marks", secs(30)).await.unwrap();
        let mut rng = Rng::new(seed);
        for number in 0..messages {
            let padding = vec![7; rng.below(40)];
            marks.send(Mark::Number(number, padding)).await.unwrap();
        }
        assert_eq!(marks.ask(Mark::Seen, secs(60)).await, Ok((messages, true)));
        drop(near);
        here.shutdown().await;
        there.shutdown().await;
        lost.load(Ordering::Relaxed)
    })
}

#[test]
fn a_hundred_thousand_messages_arrive_in_their_order_through_a_network_that_loses_and_reorders() {
    let weather = Weather { lost: 3, doubled: 2, late: 2, forged: 0 };
    let lost = tell_through(weather, 1, 100_000);
    assert!(lost > 50, "only {lost} datagrams were lost: nothing was shown");
}

#[test]
fn forged_datagrams_of_anybody_do_not_disturb_two_nodes() {
    let weather = Weather { lost: 1, doubled: 5, late: 1, forged: 30 };
    tell_through(weather, 2, 20_000);
}

#[test]
fn strangers_at_the_port_are_ignored_while_two_nodes_talk() {
    casty::block_on(async {
        let (here, there) = (ActorSystem::new("udp"), ActorSystem::new("udp"));
        let (near, far) =
            (network("near").start(&here).await.unwrap(), network("far").start(&there).await.unwrap());
        far.expose(&there.spawn(marks(), "marks").unwrap()).unwrap();
        let marks = near.lookup::<Mark>(far.address(), "marks", secs(30)).await.unwrap();
        let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
        let mut rng = Rng::new(3);
        for number in 0..5_000 {
            marks.send(Mark::Number(number, Vec::new())).await.unwrap();
            let mut datagram = vec![0; rng.below(1_400)];
            datagram.fill_with(|| rng.next_u64() as u8);
            // Most of them look as if they meant something.
            if rng.below(4) > 0
                && let Some(first) = datagram.first_mut()
            {
                *first = 0x10 | *first & 7;
            }
            stranger.send_to(&datagram, far.address()).unwrap();
        }
        assert_eq!(marks.ask(Mark::Seen, secs(60)).await, Ok((5_000, true)));
        here.shutdown().await;
        there.shutdown().await;
    });
}

#[test]
fn a_node_without_a_neighbour_says_at_which_address_nobody_is() {
    casty::block_on(async {
        let here = ActorSystem::new("udp");
        let near = network("near").start(&here).await.unwrap();
        let nobody = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let error = near.lookup::<Mark>(&nobody, "marks", secs(2)).await.unwrap_err().to_string();
        assert!(error.contains("nobody listens there"), "{error}");
    });
}
