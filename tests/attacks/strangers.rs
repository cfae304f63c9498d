//! Whoever has not proved who it is.

use std::env;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::iter::from_fn;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use casty::prelude::*;
use casty::{RemoteLimits, RemoteLookupError};

use crate::resources::Held;
use crate::shop::{Order, Shop, alone, network};
use crate::wire::{MAGIC, greeting, put};

const GARBAGE: &str = "it does not speak casty's protocol";
const CLOSED: &str = "it was closed before the handshake was over";
const BUSY: &str = "there are too many connections";
const SECRET: &str = "it does not have the same secret";

/// Whether this is said of a stranger who went, or had to make way.
fn is_end(cause: &str) -> bool {
    [CLOSED, BUSY].contains(&cause) || cause.contains("reset") || cause.contains("Broken pipe")
}

fn dial(shop: &Shop) -> TcpStream {
    TcpStream::connect(shop.node.address()).unwrap()
}

#[test]
fn garbage_and_words_of_no_length_or_of_any_are_refused_with_a_reason() {
    alone(async {
        let mut shop = Shop::open(Some("secret"), RemoteLimits::default()).await;
        let held = Held::now();
        let word = |length: u64, bytes: &[u8]| {
            let mut said = MAGIC.to_vec();
            put(&mut said, length);
            said.extend(bytes);
            said
        };
        let garbage = [
            b"GET / HTTP/1.1\r\n\r\n".to_vec(),
            vec![0; 64],
            vec![0xff; 100_000],
            // A word without content, one of more bytes than there may be, and one of more than there are numbers.
            word(0, &[]),
            word(2_049, &[0; 4_096]),
            word(u64::MAX, &[]),
            [MAGIC, &[0xff; 32]].concat(),
            word(3, &[9, 9, 9]),
        ];
        for said in garbage {
            let mut stranger = dial(&shop);
            // It may be refused before all is said.
            let _ = stranger.write_all(&said);
            assert_eq!(shop.refusal().await, GARBAGE, "{:?}", &said[..said.len().min(16)]);
            shop.serves().await;
        }
        // Whatever is said is shown as it is, and not to the terminal.
        let mut stranger = dial(&shop);
        stranger.write_all(&greeting("evil\u{1b}[2J", 1)).unwrap();
        assert!(!shop.refusal().await.contains('\u{1b}'));
        drop(stranger);
        held.returns(&shop.system).await;
        shop.close().await;
    });
}

#[test]
fn who_is_silent_or_speaks_byte_by_byte_has_only_the_time_of_a_handshake() {
    alone(async {
        let limits = RemoteLimits { handshake: millis(300), ..RemoteLimits::default() };
        let mut shop = Shop::open(Some("secret"), limits).await;
        let silent = dial(&shop);
        assert_eq!(shop.refusal().await, "the handshake took too long");
        let mut slow = dial(&shop);
        for byte in greeting("slow", 1).into_iter().cycle() {
            if slow.write_all(&[byte]).is_err() {
                break;
            }
            shop.system.sleep(millis(5)).await;
        }
        let cause = shop.refusal().await;
        assert!(cause == "the handshake took too long" || cause == SECRET, "{cause}");
        shop.serves().await;
        drop(silent);
        shop.close().await;
    });
}

#[test]
fn a_flood_of_silent_strangers_does_not_keep_a_peer_out() {
    alone(async {
        let limits = RemoteLimits { strangers_max: 8, handshake: mins(10), ..RemoteLimits::default() };
        let mut shop = Shop::open(Some("secret"), limits).await;
        let held = Held::now();
        let mut flood: Vec<_> = (0..200).map(|_| dial(&shop)).collect();
        for _ in 0..200 - 8 {
            assert_eq!(shop.refusal().await, BUSY);
        }
        shop.serves().await;
        // Each place is taken, for ten minutes.
        let newcomer = ActorSystem::new("tcp");
        let node = network("newcomer", Some("secret")).start(&newcomer).await.unwrap();
        let counter = node.lookup::<Order>(shop.node.address(), "counter", secs(10)).await.unwrap();
        assert!(counter.ask(Order::Count, secs(10)).await.is_ok());
        assert!(newcomer.shutdown().await.is_clean());
        flood.clear();
        drop((node, counter, newcomer));
        held.returns(&shop.system).await;
        // Those that were there when the flood ended were closed by the other end, which was said too.
        shop.refusals.rest().iter().for_each(|refusal| assert!(is_end(&refusal.cause), "{}", refusal.cause));
    });
}

/// Stands between a node and the shop, and notes what the node says in its first connection.
fn recorder(target: String) -> (String, thread::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let records = move || {
        let (mut near, mut far) = (listener.accept().unwrap().0, TcpStream::connect(target).unwrap());
        let (mut back_to, mut back_from) = (near.try_clone().unwrap(), far.try_clone().unwrap());
        let back = thread::spawn(move || drop(std::io::copy(&mut back_from, &mut back_to)));
        let (mut said, mut bytes) = (Vec::new(), [0; 4_096]);
        while let Ok(read @ 1..) = near.read(&mut bytes) {
            said.extend(&bytes[..read]);
            far.write_all(&bytes[..read]).unwrap();
        }
        far.shutdown(Shutdown::Both).unwrap();
        back.join().unwrap();
        said
    };
    (address, thread::spawn(records))
}

#[test]
fn what_a_good_peer_has_said_opens_nothing_when_it_is_said_again() {
    alone(async {
        let shop = Shop::open(Some("secret"), RemoteLimits::default()).await;
        let (address, recorded) = recorder(shop.node.address().into());
        let other = ActorSystem::new("tcp");
        let node = network("other", Some("secret")).start(&other).await.unwrap();
        let counter = node.lookup::<Order>(&address, "counter", secs(10)).await.unwrap();
        assert!(counter.ask(Order::Count, secs(10)).await.is_ok());
        assert!(other.shutdown().await.is_clean());
        drop((node, counter));
        let said = recorded.join().unwrap();
        let connected = shop.node.connected().len();
        for _ in 0..3 {
            let mut again = dial(&shop);
            again.write_all(&said).unwrap();
            assert_eq!(shop.refusal().await, SECRET);
        }
        assert!(shop.node.connected().len() <= connected);
        let counted = shop.good().ask(Order::Count, secs(10)).await;
        assert_eq!(counted, Ok(3), "nothing of it was heard again");
        drop(shop);
    });
}

#[test]
fn a_guess_of_the_secret_or_none_is_refused_and_both_say_why() {
    alone(async {
        let mut shop = Shop::open(Some("secret"), RemoteLimits::default()).await;
        for secret in [Some("guess"), None] {
            let stranger = ActorSystem::new("tcp");
            let node = network("stranger", secret).start(&stranger).await.unwrap();
            let found = node.lookup::<Order>(shop.node.address(), "counter", secs(1)).await;
            assert_eq!(found, Err(RemoteLookupError::Unreachable(SECRET.into())));
            assert!(shop.refusal().await == SECRET);
            assert!(stranger.shutdown().await.is_clean());
            shop.serves().await;
        }
        drop(shop);
    });
}

#[test]
fn ten_thousand_connections_one_after_the_other_leave_nothing_behind() {
    alone(async {
        let mut shop = Shop::open(Some("secret"), RemoteLimits::default()).await;
        let held = Held::now();
        for round in 0..100 {
            for _ in 0..100 {
                drop(dial(&shop));
            }
            for _ in 0..100 {
                let cause = shop.refusal().await;
                assert!(is_end(&cause), "{round}: {cause}");
            }
            shop.serves().await;
        }
        held.returns(&shop.system).await;
        shop.close().await;
    });
}

/// How many connections there are at once: more by `CASTY_CONNECTIONS`, as long as there are descriptors.
fn connections() -> usize {
    env::var("CASTY_CONNECTIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(4_000)
}

#[test]
fn without_a_descriptor_left_peers_go_on_and_afterwards_others_get_in() {
    alone(async {
        let mut shop = Shop::open(Some("secret"), RemoteLimits::default()).await;
        let held = Held::now();
        let address = shop.node.address().parse().unwrap();
        let mut flood = Vec::new();
        while flood.len() < connections() {
            if flood.len() % 64 == 0 {
                shop.serves().await;
            }
            match TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
                Ok(stranger) => flood.push(stranger),
                // Those who wait to be taken are as many as may be.
                Err(error) if error.kind() == ErrorKind::TimedOut => {}
                Err(_) => break,
            }
        }
        // All ends are of this process: it is the node, too, that has none left.
        let mut files: Vec<_> = from_fn(|| File::open("/dev/null").ok()).collect();
        files.pop();
        let waits = TcpStream::connect(address).unwrap();
        for _ in 0..10 {
            shop.serves().await;
        }
        let mut causes = Vec::new();
        while !causes.iter().any(|cause: &String| cause.contains("open files")) {
            causes.push(shop.refusal().await);
        }
        drop((flood, files, waits));
        held.returns(&shop.system).await;
        causes.extend(shop.refusals.rest().into_iter().map(|refusal| refusal.cause));
        causes.iter().for_each(|cause| assert!(is_end(cause) || cause.contains("open files"), "{cause}"));
        let newcomer = ActorSystem::new("tcp");
        let node = network("newcomer", Some("secret")).start(&newcomer).await.unwrap();
        assert!(node.lookup::<Order>(shop.node.address(), "counter", secs(10)).await.is_ok());
        shop.close().await;
    });
}
