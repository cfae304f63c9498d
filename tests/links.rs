//! Links: lost and found again, full, refused, and given up.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod nodes;
mod scene;

use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use casty::prelude::*;
use casty::remote::{ConnectionRefused, LinkDown, LinkUp, NodeLost, Secret};
use casty::simulation::{FaultyNetwork, Host, NetworkFaults, Simulation, sweep_over};
use casty::transport::{Connection, Listener, Opening, Transport};
use casty::{
    DeadLetter, DeadReason, Executor, MemoryNetwork, Network, NetworkError, Remote, RemoteLimits,
    RemoteLookupError,
};
use nodes::{Account, Place, account, balance, place, place_with, played, two};
use scene::Ear;
use serde::{Deserialize, Serialize};

/// Two nodes, and the network between them, which can be made to fail.
fn apart(limits: &RemoteLimits, scene: impl AsyncFn(Place, Place, FaultyNetwork<MemoryNetwork>)) {
    sweep_over(0..16, |simulation: Simulation| {
        simulation.run(async |host: Host| {
            let network = FaultyNetwork::new(host.clone(), MemoryNetwork::new());
            let place = async |name: &str| {
                let system = ActorSystem::on(host.clone()).name("bank").start().unwrap();
                let joining = Network::over(network.clone()).node(name).listen(name).insecure();
                let node = joining.limits(limits.clone()).start(&system).await.unwrap();
                Place { system, node }
            };
            scene(place("one").await, place("other").await, network.clone()).await;
        });
    });
}

const DEAF: NetworkFaults = NetworkFaults {
    refused_permille: 0,
    cut_permille: 0,
    delay_max: std::time::Duration::ZERO,
    read_bytes_max: 0,
    deaf: true,
};

#[test]
fn after_a_cut_all_goes_on_where_it_was() {
    apart(&RemoteLimits::default(), async |one, other, network| {
        other.open("alice");
        let alice = one.find("other", "alice").await;
        let (ups, downs) = (Ear::<LinkUp>::on(&one.system), Ear::<LinkDown>::on(&one.system));
        for amount in 1..=50 {
            alice.tell(Account::Deposit(amount));
            if amount % 10 == 0 {
                network.cut();
                one.system.sleep(millis(150)).await;
            }
        }
        let history = alice.ask(Account::History, secs(30)).await.unwrap();
        assert_eq!(history, (1..=50).collect::<Vec<_>>());
        assert_eq!((ups.rest().len(), downs.rest().len()), (5, 5));
    });
}

#[test]
fn a_connection_on_which_nothing_is_heard_counts_as_lost_and_is_sought_again() {
    apart(&RemoteLimits::default(), async |one, other, network| {
        other.open("alice");
        let alice = one.find("other", "alice").await;
        let downs = Ear::<LinkDown>::on(&one.system);
        network.set(DEAF);
        alice.tell(Account::Deposit(1));
        let begun = one.system.now();
        let down = downs.next().await;
        let silence = one.system.now().since(begun);
        assert!(silence >= secs(4) && silence < secs(8), "{silence:?}");
        assert_eq!(down.cause, "nothing was heard for too long");
        network.set(NetworkFaults::default());
        assert_eq!(alice.ask(Account::Balance, mins(2)).await, Ok(1));
    });
}

#[test]
fn a_peer_that_cannot_be_reached_for_too_long_is_given_up_and_all_who_wait_are_told_once() {
    apart(&RemoteLimits::default(), async |one, other, network| {
        other.open("alice");
        let alice = one.find("other", "alice").await;
        let (notices, heard) = Ear::of(&one.system);
        let watched = alice.clone();
        let watcher =
            Behavior::<u8>::ignore().on_start(move |ctx| ctx.watch(&watched)).on_signal(move |_, signal| {
                if let Signal::Terminated(actor) = signal {
                    notices.tell(actor.path().to_string());
                }
                Behavior::same()
            });
        one.system.spawn(watcher, "watcher").unwrap();
        one.system.sleep(secs(1)).await;
        let (losses, letters) = (Ear::<NodeLost>::on(&one.system), Ear::<DeadLetter>::on(&one.system));
        network.set(NetworkFaults { refused_permille: 1_000, ..DEAF });
        alice.tell(Account::Deposit(1));
        let ask = alice.ask(Account::Balance, mins(60));
        let begun = one.system.now();
        assert_eq!(ask.await, Err(AskError::Stopped));
        assert!(one.system.now().since(begun) < mins(2));
        one.system.sleep(secs(1)).await;
        assert_eq!(losses.rest().len(), 1);
        assert_eq!(heard.rest(), ["casty://bank@other/alice"]);
        assert!(alice.is_stopped());
        alice.tell(Account::Deposit(2));
        // The deposit, the question, and the deposit that came too late.
        one.system.sleep(secs(1)).await;
        let letters: Vec<_> = letters.rest().iter().map(|letter| letter.reason).collect();
        assert_eq!(letters, [DeadReason::NodeLost; 3]);

        network.set(NetworkFaults::default());
        one.system.sleep(mins(5)).await;
        let again = one.node.lookup::<Account>("other", "alice", secs(10)).await;
        assert!(again.is_err(), "an incarnation that was given up is never heard again");
        assert_eq!(heard.rest().len(), 0);
    });
}

#[test]
fn a_node_that_ends_and_comes_back_under_its_name_is_another_one() {
    played(async |host, network| {
        let one = place(&host, &network, "one").await;
        let other = place(&host, &network, "other").await;
        other.open("alice").tell(Account::Deposit(5));
        let old = one.find("other", "alice").await;
        assert_eq!(balance(&old).await, Ok(5));
        other.system.shutdown().await;
        drop(other);
        host.sleep_until(host.now() + millis(1)).await;
        let back = place(&host, &network, "other").await;
        back.open("alice");
        // Also where the old one is still believed to be there.
        let new = one.find("other", "alice").await;
        assert_eq!(balance(&new).await, Ok(0));
        assert!(old.is_stopped());
        assert_eq!(balance(&old).await, Err(AskError::Stopped));
    });
}

#[test]
fn what_does_not_fit_a_link_is_a_dead_letter_and_who_sends_waits() {
    let limits = RemoteLimits { link_bytes_max: 1_000, lost_after: mins(60), ..RemoteLimits::default() };
    apart(&limits, async |one, other, network| {
        other.open("alice");
        let alice = one.find("other", "alice").await;
        let letters = Ear::<DeadLetter>::on(&one.system);
        network.set(NetworkFaults { refused_permille: 1_000, ..DEAF });
        for _ in 0..100 {
            alice.tell(Account::Padding(vec![0; 95]));
        }
        assert!(one.node.bytes_under_way() < 2_000);
        one.system.sleep(millis(1)).await;
        let dead = letters.rest();
        assert!(dead.iter().all(|letter| letter.reason == DeadReason::LinkFull) && dead.len() > 80);
        let mut send = alice.send(Account::Deposit(1));
        assert!(futures::poll!(&mut send).is_pending());
        network.set(NetworkFaults::default());
        network.cut();
        assert!(send.await.is_ok());
        assert_eq!(alice.ask(Account::Balance, mins(2)).await, Ok(1));
        assert_eq!(letters.rest().len(), 0);
    });
}

/// Bytes come slowly: some two hundred kilobytes in a second.
fn slow() -> NetworkFaults {
    NetworkFaults { delay_max: millis(10), read_bytes_max: 1_024, ..NetworkFaults::default() }
}

/// An actor that others may find, and what it hears.
fn listening(place: &Place, name: &str) -> Ear<Account> {
    let (hears, heard) = Ear::of(&place.system);
    let listener = Behavior::receive_message(move |message| {
        hears.tell(message);
        Behavior::same()
    });
    place.node.expose(&place.system.spawn(listener, name).unwrap()).unwrap();
    heard
}

#[test]
fn a_large_message_holds_up_neither_small_ones_nor_replies_and_is_not_overtaken_by_its_own_next() {
    apart(&RemoteLimits::default(), async |one, other, network| {
        let heard = listening(&other, "alice");
        other.open("bob");
        let (alice, bob) = (one.find("other", "alice").await, one.find("other", "bob").await);
        network.set(slow());
        alice.tell(Account::Padding(vec![7; 1 << 20]));
        alice.tell(Account::Deposit(1));
        one.system.sleep(millis(100)).await;
        bob.tell(Account::Deposit(2));
        assert_eq!(balance(&bob).await, Ok(2));
        assert!(one.node.bytes_under_way() > 512 << 10, "{}", one.node.bytes_under_way());
        assert!(heard.rest().is_empty());
        assert!(matches!(heard.next().await, Account::Padding(bytes) if bytes == vec![7; 1 << 20]));
        assert!(matches!(heard.next().await, Account::Deposit(1)));
    });
}

/// Whether a message of that length, which an actor is told before its question is answered by the same one, comes before that.
fn comes_before_the_reply(bytes: u64) -> bool {
    let first = AtomicUsize::new(0);
    apart(&RemoteLimits::default(), async |one, other, network| {
        let talker = Behavior::receive_message(|message| {
            match message {
                Account::Share(bytes, to) => to.tell(Account::Padding(vec![7; bytes as usize])),
                Account::Balance(reply) => reply.tell(1),
                _ => {}
            }
            Behavior::same()
        });
        other.node.expose(&other.system.spawn(talker, "talker").unwrap()).unwrap();
        let talker = one.find("other", "talker").await;
        network.set(slow());
        let (notes, noted) = Ear::of(&one.system);
        let asker = Behavior::setup(move |ctx| {
            talker.tell(Account::Share(bytes, ctx.me()));
            ctx.ask(&talker, Account::Balance, secs(60), |balance| Account::Deposit(balance.unwrap()));
            let notes = notes.clone();
            Behavior::receive_message(move |message| {
                notes.tell(matches!(message, Account::Padding(_)));
                Behavior::same()
            })
        });
        one.system.spawn(asker, "asker").unwrap();
        let order = [noted.next().await, noted.next().await];
        assert!(order[0] != order[1]);
        first.fetch_add(usize::from(order[0]), Ordering::Relaxed);
    });
    let first = first.into_inner();
    assert!(first == 0 || first == 16, "{first}");
    first == 16
}

#[test]
fn a_reply_comes_after_a_message_that_was_told_before_it_unless_that_goes_in_parts() {
    assert!(comes_before_the_reply(30_000));
    assert!(!comes_before_the_reply(200_000));
}

#[test]
fn what_was_heard_is_acknowledged_soon_while_megabytes_wait_to_be_said() {
    apart(&RemoteLimits::default(), async |one, other, network| {
        let heard = listening(&other, "alice");
        one.open("bob");
        let (alice, bob) = (one.find("other", "alice").await, other.find("one", "bob").await);
        network.set(slow());
        for number in 0..30_000 {
            alice.tell(Account::Padding(vec![7; 100 + number % 2]));
        }
        one.system.sleep(millis(1)).await;
        bob.tell(Account::Deposit(1));
        let begun = other.system.now();
        while other.node.bytes_under_way() > 0 {
            other.system.sleep(millis(50)).await;
        }
        let took = other.system.now().since(begun);
        assert!(took < secs(4), "{took:?}");
        assert!(one.node.bytes_under_way() > 2 << 20, "{}", one.node.bytes_under_way());
        assert!(!heard.rest().is_empty());
    });
}

#[test]
fn the_end_of_an_actor_is_heard_after_the_large_message_that_it_told_last() {
    apart(&RemoteLimits::default(), async |one, other, network| {
        let last_words = Behavior::receive_message(|message| {
            if let Account::Share(bytes, to) = message {
                to.tell(Account::Padding(vec![7; bytes as usize]));
            }
            Behavior::stopped()
        });
        one.node.expose(&one.system.spawn(last_words, "dying").unwrap()).unwrap();
        let dying = other.find("one", "dying").await;
        let (notes, noted) = Ear::of(&other.system);
        let (watched, ends) = (dying.clone(), notes.clone());
        let heir = Behavior::receive_message(move |message| {
            notes.tell(matches!(message, Account::Padding(_)));
            Behavior::same()
        });
        let heir = heir.on_start(move |ctx| ctx.watch(&watched)).on_signal(move |_, signal| {
            if let Signal::Terminated(_) = signal {
                ends.tell(false);
            }
            Behavior::same()
        });
        let heir = other.system.spawn(heir, "heir").unwrap();
        other.system.sleep(secs(1)).await;
        network.set(slow());
        dying.tell(Account::Share(200_000, heir));
        assert_eq!([noted.next().await, noted.next().await], [true, false]);
    });
}

/// Tells an actor of a node that is then lost four large messages and four small ones: how many were heard, and became dead letters.
fn lost_with_large_messages(meanwhile: NetworkFaults, check: impl Fn(usize, usize)) {
    apart(&RemoteLimits::default(), async |one, other, network| {
        let heard = listening(&other, "alice");
        let alice = one.find("other", "alice").await;
        let letters = Ear::<DeadLetter>::on(&one.system);
        network.set(meanwhile);
        for _ in 0..4 {
            alice.tell(Account::Padding(vec![7; 100_000]));
            alice.tell(Account::Deposit(1));
        }
        one.system.sleep(secs(1)).await;
        network.set(NetworkFaults { refused_permille: 1_000, ..DEAF });
        one.system.sleep(mins(2)).await;
        let dead = letters.rest();
        assert!(dead.iter().all(|letter| letter.reason == DeadReason::NodeLost));
        assert_eq!(one.node.bytes_under_way(), 0);
        check(heard.rest().len(), dead.len());
    });
}

#[test]
fn of_large_messages_to_a_node_that_is_lost_each_is_heard_or_one_dead_letter() {
    lost_with_large_messages(DEAF, |heard, dead| assert_eq!((heard, dead), (0, 8)));
    // What was heard last may not have been acknowledged, so that it is a dead letter too.
    lost_with_large_messages(slow(), |heard, dead| {
        assert!(heard < 8 && dead < 8 && heard + dead >= 8, "{heard} heard, {dead} dead");
    });
}

#[test]
fn a_receiver_that_stops_reading_costs_its_senders_a_limited_memory_and_others_nothing() {
    let limits = RemoteLimits {
        link_bytes_max: 100_000,
        silence: mins(5),
        lost_after: mins(60),
        ..RemoteLimits::default()
    };
    played(async |host, network| {
        // Only what this one reads may be held up.
        let stall = FaultyNetwork::new(host.clone(), network.clone());
        let system = ActorSystem::on(host.clone()).name("bank").start().unwrap();
        let joining =
            Network::over(stall.clone()).node("stalled").listen("stalled").secret(Secret::new("secret"));
        let node = joining.limits(limits.clone()).start(&system).await.unwrap();
        let stalled = Place { system, node };
        let one = place_with(&host, &network, "one", limits.clone()).await;
        let other = place_with(&host, &network, "other", limits.clone()).await;
        let heard = listening(&stalled, "alice");
        other.open("bob");
        let (alice, bob) = (one.find("stalled", "alice").await, one.find("other", "bob").await);
        let letters = Ear::<DeadLetter>::on(&one.system);

        stall.set(DEAF);
        let (mut told, mut number) = (0, 0_u8);
        for second in 1..=60 {
            for _ in 0..20 {
                number = number.wrapping_add(1);
                told += 1;
                alice.tell(Account::Padding(vec![number; if told % 50 == 0 { 40_000 } else { 1_000 }]));
                // All that was told and one more message, which found room; the pipe itself holds some.
                assert!(one.node.bytes_under_way() < 100_000 + 41_000, "{}", one.node.bytes_under_way());
            }
            bob.tell(Account::Deposit(1));
            assert_eq!(balance(&bob).await, Ok(second));
            one.system.sleep(secs(1)).await;
        }
        let dead = letters.rest();
        assert!(dead.len() > 1_000 && dead.iter().all(|letter| letter.reason == DeadReason::LinkFull));
        let mut send = alice.send(Account::Deposit(1));
        assert!(futures::poll!(&mut send).is_pending(), "who sends waits");
        assert!(heard.rest().is_empty());

        stall.set(NetworkFaults::default());
        assert!(send.await.is_ok());
        one.system.sleep(secs(5)).await;
        let (arrived, dead) = (heard.rest().len(), dead.len() + letters.rest().len());
        assert_eq!((arrived + dead, one.node.bytes_under_way()), (told + 1, 0));
    });
}

/// Connections that nobody needs end after a minute.
fn resting() -> RemoteLimits {
    RemoteLimits { idle: mins(1), ..RemoteLimits::default() }
}

#[test]
fn a_connection_that_nobody_needs_ends_and_is_there_again_when_it_is_needed() {
    apart(&resting(), async |one, other, _| {
        other.open("alice");
        let alice = one.find("other", "alice").await;
        let places = [&one, &other];
        let downs = places.map(|place| Ear::<LinkDown>::on(&place.system));
        let ups = places.map(|place| Ear::<LinkUp>::on(&place.system));
        for amount in 1..=3 {
            alice.tell(Account::Deposit(amount));
            one.system.sleep(secs(50)).await;
            assert_eq!((one.node.connected().len(), other.node.connected().len()), (1, 1));
            one.system.sleep(mins(20)).await;
            assert_eq!((one.node.connected(), other.node.connected()), (Vec::new(), Vec::new()));
            for (downs, ups) in downs.iter().zip(&ups) {
                let causes: Vec<_> = downs.rest().into_iter().map(|down| down.cause).collect();
                assert_eq!(causes, ["nobody needs it"]);
                assert_eq!(ups.rest().len(), usize::from(amount > 1), "nobody seeks it");
            }
        }
        assert_eq!(alice.ask(Account::History, secs(10)).await.unwrap(), [1, 2, 3]);
        one.system.sleep(mins(20)).await;
        assert!(one.find("other", "alice").await == alice && !alice.is_stopped());
    });
}

#[test]
fn who_rests_is_not_forgotten_for_those_who_come_and_go() {
    sweep_over(0..16, |simulation: Simulation| {
        simulation.run(async |host: Host| {
            let network = MemoryNetwork::new();
            let limits = RemoteLimits { peers_max: 3, ..resting() };
            let one = place_with(&host, &network, "one", limits).await;
            let other = place_with(&host, &network, "other", resting()).await;
            let here = one.open("alice");
            let alice = other.find("one", "alice").await;
            one.system.sleep(mins(20)).await;
            assert_eq!(one.node.connected(), Vec::new(), "they rest");
            for stranger in 0..10 {
                let name = format!("stranger-{stranger}");
                let stranger = place_with(&host, &network, &name, resting()).await;
                drop(stranger.find("one", "alice").await);
                stranger.system.shutdown().await;
                one.system.sleep(mins(1)).await;
            }
            alice.tell(Account::Deposit(7));
            one.system.sleep(secs(10)).await;
            assert_eq!(balance(&here).await, Ok(7));
        });
    });
}

#[test]
fn a_connection_that_somebody_needs_does_not_end_however_quiet_it_is() {
    apart(&resting(), async |one, other, _| {
        other.open("alice");
        let alice = one.find("other", "alice").await;
        let downs = Ear::<LinkDown>::on(&one.system);
        let quiet = async || one.system.sleep(mins(10)).await;
        let watched = alice.clone();
        let watcher =
            Behavior::receive_message(|()| Behavior::stopped()).on_start(move |ctx| ctx.watch(&watched));
        let watcher = one.system.spawn(watcher, "watcher").unwrap();
        quiet().await;
        assert_eq!(downs.rest().len(), 0, "alice is watched");
        watcher.tell(());
        quiet().await;
        assert_eq!(downs.rest().len(), 1);

        let asked = listening(&other, "mute");
        let mute = one.find("other", "mute").await;
        let ask = mute.ask(Account::Balance, mins(60));
        quiet().await;
        assert_eq!(downs.rest().len(), 0, "a reply is waited for");
        drop(asked.rest());
        assert_eq!(ask.await, Err(AskError::Unanswered));
        quiet().await;
        assert_eq!(downs.rest().len(), 1);
    });
}

#[test]
fn a_connection_from_a_node_that_cannot_be_reached_does_not_end_for_quiet() {
    played(async |host, network| {
        let one = place_with(&host, &network, "one", resting()).await;
        one.open("alice");
        let system = ActorSystem::on(host.clone()).name("bank").start().unwrap();
        let joining = Network::over(network.clone()).node("hidden").secret(Secret::new("secret"));
        let hidden = joining.limits(resting()).start(&system).await.unwrap();
        let alice = hidden.lookup::<Account>("one", "alice", secs(10)).await.unwrap();
        alice.tell(Account::Deposit(1));
        system.sleep(mins(20)).await;
        assert_eq!((hidden.connected().len(), one.node.connected().len()), (1, 1));
    });
}

#[test]
fn both_dialing_at_once_come_to_one_connection() {
    apart(&RemoteLimits::default(), async |one, other, network| {
        one.open("bob");
        other.open("alice");
        network.set(NetworkFaults { delay_max: millis(20), ..NetworkFaults::default() });
        let (bob, alice) = futures::future::join(other.find("one", "bob"), one.find("other", "alice")).await;
        for _ in 0..20 {
            bob.tell(Account::Deposit(1));
            alice.tell(Account::Deposit(1));
        }
        assert_eq!((balance(&bob).await, balance(&alice).await), (Ok(20), Ok(20)));
        let downs = Ear::<LinkDown>::on(&one.system);
        one.system.sleep(mins(2)).await;
        assert_eq!(downs.rest(), [], "it is not fought about");
        assert_eq!((one.node.connected().len(), other.node.connected().len()), (1, 1));
    });
}

#[test]
fn a_node_with_another_secret_or_of_another_system_is_refused_and_both_say_why() {
    played(async |host, network| {
        let one = place(&host, &network, "one").await;
        one.open("alice");
        let refusals = Ear::<ConnectionRefused>::on(&one.system);
        let stranger = async |system: &str, joining: Network| {
            let system = ActorSystem::on(host.clone()).name(system).start().unwrap();
            let node = joining.node("stranger").start(&system).await.unwrap();
            let found = node.lookup::<Account>("one", "alice", secs(10)).await.unwrap_err();
            let here = refusals.next().await.cause;
            one.system.sleep(mins(1)).await;
            refusals.rest();
            assert_eq!(one.node.connected(), []);
            (found.to_string(), here)
        };
        let secret = "it does not have the same secret";
        let guess = Network::over(network.clone()).secret(Secret::new("guess"));
        let (there, here) = stranger("bank", guess).await;
        assert!(there.ends_with(secret) && here == secret, "{there}; {here}");
        let (there, here) = stranger("bank", Network::over(network.clone()).insecure()).await;
        assert!(there.ends_with(secret) && here == secret, "{there}; {here}");
        let (there, here) =
            stranger("shop", Network::over(network.clone()).secret(Secret::new("secret"))).await;
        assert!(there.ends_with("it belongs to the system `bank`") || there.contains("`shop`"), "{there}");
        assert_eq!(here, "it belongs to the system `shop`");
    });
}

/// Says `bytes` on a connection of its own, and waits until the other end has closed it.
async fn say(network: &MemoryNetwork, bytes: &[u8]) {
    let mut connection = network.connect("one").await.unwrap();
    let mut said = 0;
    let mut answer = [0; 4_096];
    poll_fn(|cx| {
        while said < bytes.len() {
            match connection.poll_write(cx, &bytes[said..]) {
                Poll::Ready(Ok(more)) => said += more,
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Pending => break,
            }
        }
        while let Poll::Ready(read) = connection.poll_read(cx, &mut answer) {
            if !matches!(read, Ok(1..)) {
                return Poll::Ready(());
            }
        }
        Poll::Pending
    })
    .await;
}

#[test]
fn garbage_silence_and_floods_of_strangers_end_with_a_reason_and_harm_nobody() {
    let limits = RemoteLimits { strangers_max: 8, ..RemoteLimits::default() };
    played(async |host, network| {
        let one = place_with(&host, &network, "one", limits.clone()).await;
        let other = place(&host, &network, "other").await;
        one.open("alice");
        let alice = other.find("one", "alice").await;
        let refusals = Ear::<ConnectionRefused>::on(&one.system);
        say(&network, b"GET / HTTP/1.1\r\n\r\n").await;
        assert_eq!(refusals.next().await.cause, "it does not speak casty's protocol");
        say(&network, &[b"casty", &[0xff; 64][..]].concat()).await;
        assert_eq!(refusals.next().await.cause, "it does not speak casty's protocol");

        let begun = one.system.now();
        say(&network, b"cas").await;
        assert_eq!(refusals.next().await.cause, "the handshake took too long");
        assert!(one.system.now().since(begun) < secs(6));

        let mut flood = Vec::new();
        for _ in 0..1_000 {
            flood.push(network.connect("one").await.unwrap());
            one.system.sleep(millis(1)).await;
        }
        let busy = refusals.rest().iter().filter(|refusal| refusal.cause.contains("too many")).count();
        assert_eq!(busy, 1_000 - limits.strangers_max);
        alice.tell(Account::Deposit(3));
        assert_eq!(balance(&alice).await, Ok(3));
        drop(flood);
    });
}

#[test]
fn a_node_is_protected_or_says_that_it_is_not() {
    played(async |host, network| {
        let system = ActorSystem::on(host).name("bank").start().unwrap();
        let joining = || Network::over(network.clone());
        let error = joining().listen("here").start(&system).await.unwrap_err();
        assert_eq!(error, NetworkError::Unprotected);
        let exposed = joining().listen("0.0.0.0:25520").insecure().start(&system).await.unwrap_err();
        assert_eq!(exposed, NetworkError::Exposed("0.0.0.0:25520".into()));
        let name = joining().node("two words").insecure().start(&system).await.unwrap_err();
        assert_eq!(name.to_string(), "`two words` cannot be the name of a node: a name must not contain ' '");
        assert!(joining().listen("10.0.0.1:1").insecure_anywhere().start(&system).await.is_ok());
        assert_eq!(joining().insecure().start(&system).await.unwrap_err(), NetworkError::Joined);
    });
}

#[test]
fn an_address_where_nobody_is_or_nobody_answers_says_so_in_time() {
    two(async |one, _| {
        let begun = one.system.now();
        let nobody = one.node.lookup::<Account>("nobody", "alice", secs(3)).await;
        assert_eq!(nobody, Err(RemoteLookupError::Unreachable("nobody listens there".into())));
        assert!(one.system.now().since(begun) <= secs(4));
    });
}

#[test]
fn a_system_that_ends_lets_go_of_everything_between_nodes() {
    two(async |one, other| {
        other.open("alice");
        let alice = one.find("other", "alice").await;
        let own = one.system.spawn(account(), "own").unwrap();
        alice.tell(Account::Share(1, own));
        one.system.sleep(secs(1)).await;
        let ask = alice.ask(Account::Balance, secs(30));
        assert!(one.system.shutdown().await.is_clean());
        let begun = other.system.now();
        drop(ask.await);
        assert!(other.system.now().since(begun) < secs(1));
        alice.tell(Account::Deposit(1));
        assert!(alice.is_stopped());
        other.system.sleep(secs(10)).await;
        assert_eq!(other.node.connected(), []);
    });
}

#[test]
fn a_shutdown_ends_when_other_nodes_have_had_what_they_were_told() {
    apart(&RemoteLimits::default(), async |one, other, network| {
        let here = other.open("alice");
        let alice = one.find("other", "alice").await;
        network.set(NetworkFaults { delay_max: millis(200), ..NetworkFaults::default() });
        for amount in 1..=100 {
            alice.tell(Account::Deposit(amount));
        }
        let begun = one.system.now();
        assert!(one.system.shutdown().await.is_clean());
        assert!(one.system.now().since(begun) < secs(2));
        assert_eq!(balance(&here).await, Ok(5_050));
    });
}

#[test]
fn a_shutdown_waits_for_a_node_that_was_told_something_at_rest() {
    apart(&resting(), async |one, other, network| {
        let here = other.open("alice");
        let alice = one.find("other", "alice").await;
        one.system.sleep(mins(20)).await;
        assert_eq!(one.node.connected(), Vec::new());
        network.set(NetworkFaults { delay_max: millis(200), ..NetworkFaults::default() });
        alice.tell(Account::Deposit(7));
        assert!(one.system.shutdown().await.is_clean());
        assert_eq!(balance(&here).await, Ok(7));
    });
}

#[test]
fn a_shutdown_does_not_wait_for_a_node_that_has_vanished_at_rest() {
    apart(&resting(), async |one, other, network| {
        other.open("alice");
        let alice = one.find("other", "alice").await;
        one.system.sleep(mins(20)).await;
        assert_eq!(one.node.connected(), Vec::new());
        network.set(NetworkFaults { refused_permille: 1_000, ..NetworkFaults::default() });
        alice.tell(Account::Deposit(7));
        let begun = one.system.now();
        assert!(one.system.shutdown_within(mins(1)).await.is_clean());
        assert!(one.system.now().since(begun) < secs(10));
    });
}

#[test]
fn a_shutdown_does_not_wait_for_a_node_that_hears_nothing() {
    apart(&RemoteLimits::default(), async |one, other, network| {
        other.open("alice");
        let alice = one.find("other", "alice").await;
        network.set(DEAF);
        alice.tell(Account::Deposit(1));
        let begun = one.system.now();
        assert!(one.system.shutdown_within(secs(4)).await.is_clean());
        assert!(one.system.now().since(begun) <= secs(4));
        assert_eq!(one.node.bytes_under_way(), 0);
    });
}

/// What an account is told, with a reference that somebody has made up.
#[derive(Serialize, Deserialize)]
enum Forged {
    _Deposit,
    _Balance,
    _History,
    Share(u64, ((), (String, u64, String, u64, String))),
}

impl Remote for Forged {
    const NAME: &'static str = Account::NAME;
}

/// A network in which most addresses never answer, and which counts how many of them are dialed at once.
struct Desert {
    network: MemoryNetwork,
    dialed: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

struct Dialed(Arc<AtomicUsize>);

impl Drop for Dialed {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Transport for Desert {
    fn listen(&self, address: &str) -> Opening<Box<dyn Listener>> {
        self.network.listen(address)
    }

    fn connect(&self, address: &str) -> Opening<Box<dyn Connection>> {
        if !address.starts_with("desert") {
            return self.network.connect(address);
        }
        self.most.fetch_max(self.dialed.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
        let dialed = Dialed(Arc::clone(&self.dialed));
        Box::pin(async move {
            let _dialed = dialed;
            pending().await
        })
    }
}

#[test]
fn of_addresses_that_only_references_name_few_are_dialed_at_once_and_all_are_forgotten() {
    played(async |host, network| {
        let one = place(&host, &network, "one").await;
        let (dialed, most) = (Arc::default(), Arc::default());
        let desert =
            Desert { network: network.clone(), dialed: Arc::clone(&dialed), most: Arc::clone(&most) };
        let system = ActorSystem::on(host.clone()).name("bank").start().unwrap();
        let limits = RemoteLimits { strangers_max: 4, ..RemoteLimits::default() };
        let joining = Network::over(desert).node("other").listen("other").secret(Secret::new("secret"));
        let other = Place { node: joining.limits(limits).start(&system).await.unwrap(), system };
        other.open("alice");
        let alice = one.node.lookup::<Forged>("other", "alice", secs(10)).await.unwrap();
        let letters = Ear::<DeadLetter>::on(&other.system);
        for number in 1..=100 {
            let there = (format!("node-{number}"), number, format!("desert-{number}"), 1, "nobody".into());
            alice.tell(Forged::Share(1, ((), there)));
        }
        one.system.sleep(secs(3)).await;
        assert_eq!((dialed.load(Ordering::Relaxed), most.load(Ordering::Relaxed)), (4, 4));
        // Whoever has been here is found meanwhile, and whom somebody here looks for.
        one.open("bob");
        assert_eq!(balance(&other.find("one", "bob").await).await, Ok(0));
        one.system.sleep(mins(1)).await;
        assert_eq!(dialed.load(Ordering::Relaxed), 0);
        let letters = letters.rest();
        assert_eq!(letters.len(), 100);
        assert!(letters.iter().all(|letter| letter.reason == DeadReason::NodeLost));
    });
}

/// Says the same to everyone who calls, and counts them.
async fn lie(listener: &mut dyn Listener, lie: &[u8], calls: &AtomicUsize) {
    let mut kept = Vec::new();
    loop {
        let mut connection = poll_fn(|cx| listener.poll_accept(cx)).await.unwrap();
        calls.fetch_add(1, Ordering::Relaxed);
        assert_eq!(poll_fn(|cx| connection.poll_write(cx, lie)).await, Ok(lie.len()));
        kept.push(connection);
    }
}

/// A stranger said that there was another connection: it was called again for ever, and nobody was told.
#[test]
fn who_speaks_of_another_connection_and_is_nobody_is_refused_like_others_and_called_no_more() {
    played(async |host, network| {
        let one = place(&host, &network, "one").await;
        let refusals = Ear::<ConnectionRefused>::on(&one.system);
        let (mut listener, calls) = (network.listen("liar").await.unwrap(), AtomicUsize::new(0));
        let mut lies = Box::pin(lie(&mut *listener, b"casty\x02\x01\x07", &calls));
        let lookup = Box::pin(one.node.lookup::<Account>("liar", "alice", secs(3)));
        let futures::future::Either::Right((found, _)) = futures::future::select(&mut lies, lookup).await
        else {
            panic!("lies have no end")
        };
        assert_eq!(found, Err(RemoteLookupError::Unreachable("there is another connection".into())));
        let before = calls.load(Ordering::Relaxed);
        drop(futures::future::select(lies, Box::pin(one.system.sleep(mins(10)))).await);
        assert!(calls.load(Ordering::Relaxed) <= before + 1);
        assert_eq!(refusals.rest().len(), calls.load(Ordering::Relaxed));
    });
}
