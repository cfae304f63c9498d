//! Codecs: who reads whom, and how nodes change from one to another.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod nodes;
mod scene;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use casty::codec::{Codec, CodecError, Output, Place as Put, Value};
use casty::prelude::*;
use casty::remote::ConnectionRefused;
use casty::{
    DeadLetter, DeadReason, Executor, Json, Membership, MessagePack, Network, NetworkError, Remote,
    RemoteLimits, Shards,
};
use nodes::{Account, Place, account, balance, place_as, played};
use scene::Ear;
use serde::de::{SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Serialize};

/// A codec of a program's own: postcard backwards. It counts what it does.
#[derive(Clone, Default)]
struct Backwards {
    written: Arc<AtomicUsize>,
    read: Arc<AtomicUsize>,
}

impl Codec for Backwards {
    fn name(&self) -> &'static str {
        "backwards"
    }

    fn write(&self, value: Value<'_>, to: &mut Output<'_>) -> Result<(), CodecError> {
        self.written.fetch_add(1, Ordering::Relaxed);
        let mut bytes = postcard::to_allocvec(&value).map_err(CodecError::new)?;
        bytes.reverse();
        to.extend(&bytes)
    }

    fn read(&self, bytes: &[u8], place: Put<'_>) -> Result<(), CodecError> {
        self.read.fetch_add(1, Ordering::Relaxed);
        let bytes: Vec<u8> = bytes.iter().rev().copied().collect();
        let mut reader = postcard::Deserializer::from_bytes(&bytes);
        place.fill(&mut reader).map_err(CodecError::new)?;
        let rest = reader.finalize().map_err(CodecError::new)?;
        if rest.is_empty() { Ok(()) } else { Err(CodecError::new("more than a value")) }
    }
}

/// How a node is set.
type Set = fn(Network) -> Network;

fn postcard_alone(joining: Network) -> Network {
    joining
}

fn json(joining: Network) -> Network {
    joining.codec(Json).reads(MessagePack).reads(Backwards::default())
}

fn messagepack(joining: Network) -> Network {
    joining.codec(MessagePack).reads(Json)
}

fn backwards(joining: Network) -> Network {
    joining.codec(Backwards::default()).reads(Json)
}

fn reads_all(joining: Network) -> Network {
    joining.reads(Json).reads(MessagePack).reads(Backwards::default())
}

/// Each codec on both sides, and nodes of which each writes in another one.
const PAIRS: &[(Set, Set)] = &[
    (json, json),
    (messagepack, messagepack),
    (backwards, backwards),
    (json, messagepack),
    (backwards, json),
    (json, reads_all),
    (reads_all, messagepack),
    (postcard_alone, reads_all),
];

/// Where an actor stands, from the root down.
fn below<M: Send + 'static>(actor: &ActorRef<M>) -> String {
    actor.path().to_string().replace("casty://bank/", "")
}

/// Plays a scene with two nodes of each pair.
fn in_each(scene: impl AsyncFn(Place, Place)) {
    for (one, other) in PAIRS {
        played(async |host, network| {
            // An address that no format leaves as it is.
            let odd = |joining: Network| one(joining.listen("at \"one\"\\\n\u{1f980}"));
            let limits = RemoteLimits { message_bytes_max: 1 << 20, ..RemoteLimits::default() };
            let one = place_as(&host, &network, "one", |joining| odd(joining).limits(limits.clone())).await;
            let other =
                place_as(&host, &network, "other", |joining| other(joining).limits(limits.clone())).await;
            scene(one, other).await;
        });
    }
}

/// Asks in the name of somebody else, to whom the account is passed on.
#[derive(Serialize, Deserialize)]
struct Relay {
    account: ActorRef<Account>,
    reply: ReplyTo<u64>,
}

impl Remote for Relay {
    const NAME: &'static str = "test.Relay";
}

#[test]
fn messages_replies_and_references_cross_in_every_codec() {
    in_each(async |one, other| {
        other.open("alice");
        let alice = one.find("other", "alice").await;
        (1..=50).for_each(|amount| alice.tell(Account::Deposit(amount)));
        let own = one.system.spawn(account(), "own").unwrap();
        alice.tell(Account::Share(7, own.clone()));
        let history = alice.ask(Account::History, secs(10)).await.unwrap();
        assert_eq!(history, (1..=50).collect::<Vec<_>>());
        one.system.sleep(secs(1)).await;
        assert_eq!(balance(&own).await, Ok(7), "a reference has led back");

        let relay = Behavior::receive_message(|Relay { account, reply }| {
            account.tell(Account::Balance(reply));
            Behavior::same()
        });
        other.node.expose(&other.system.spawn(relay, "relay").unwrap()).unwrap();
        let relay = one.node.lookup::<Relay>("other", "relay", secs(10)).await.unwrap();
        let asked = relay.ask(|reply| Relay { account: own.clone(), reply }, secs(10)).await;
        assert_eq!(asked, Ok(7), "a question was passed on with a reference, and came home");
        assert_eq!(alice.ask(Account::Silence, secs(10)).await, Err(AskError::Unanswered));
    });
}

#[test]
fn a_node_writes_in_its_own_codec_also_before_it_has_met_the_other() {
    played(async |host, network| {
        let (own, theirs) = (Backwards::default(), Backwards::default());
        let one = place_as(&host, &network, "one", |joining| joining.codec(own.clone())).await;
        let other = place_as(&host, &network, "other", |joining| joining.reads(theirs.clone())).await;
        // The reference comes by way of a third node: the two have not met.
        let third = place_as(&host, &network, "third", |joining| joining.reads(own.clone())).await;
        other.open("alice");
        let (asked, answers) = Ear::of(&one.system);
        let hands_on = Behavior::receive_message(move |Sent(account)| {
            asked.tell(account);
            Behavior::same()
        });
        one.node.expose(&one.system.spawn(hands_on, "hands-on").unwrap()).unwrap();
        let hands_on = third.node.lookup::<Sent>("one", "hands-on", secs(10)).await.unwrap();
        hands_on.tell(Sent(third.find("other", "alice").await));
        let alice = answers.next().await;
        let before = own.written.load(Ordering::Relaxed);
        alice.tell(Account::Deposit(3));
        assert_eq!(own.written.load(Ordering::Relaxed), before + 1);
        assert_eq!(theirs.read.load(Ordering::Relaxed), 0, "nobody is connected yet");
        assert_eq!(balance(&alice).await, Ok(3));
        assert_eq!(theirs.read.load(Ordering::Relaxed), 2);
        assert_eq!(theirs.written.load(Ordering::Relaxed), 0, "it only reads it");
    });
}

#[derive(Serialize, Deserialize)]
struct Sent(ActorRef<Account>);

impl Remote for Sent {
    const NAME: &'static str = "test.Sent";
}

#[test]
fn nodes_of_which_one_cannot_read_the_other_refuse_each_other_and_say_why() {
    let json_alone: Set = |joining| joining.codec(Json);
    let cases: [(Set, Set, &str); 4] = [
        (json_alone, postcard_alone, "the node `one` writes `json`, and the other reads `postcard` alone"),
        (postcard_alone, json_alone, "the node `other` writes `json`, and the other reads `postcard` alone"),
        (
            json_alone,
            |joining| joining.codec(MessagePack),
            "the node `one` writes `json`, and the other reads `postcard`, `messagepack` alone",
        ),
        (
            |joining| joining.codec(Json).reads(MessagePack),
            |joining| joining.codec(MessagePack),
            "the node `one` writes `json`, and the other reads `postcard`, `messagepack` alone",
        ),
    ];
    for (one, other, cause) in cases {
        played(async |host, network| {
            let one = place_as(&host, &network, "one", one).await;
            let other = place_as(&host, &network, "other", other).await;
            other.open("alice");
            let refusals = Ear::<ConnectionRefused>::on(&other.system);
            let found = one.node.lookup::<Account>("other", "alice", secs(5)).await.unwrap_err();
            assert!(found.to_string().ends_with(cause), "{found}");
            assert_eq!(refusals.next().await.cause, cause);
            assert_eq!(one.node.connected(), []);
        });
    }
}

/// One asks the other, which may have come back a moment ago.
async fn talk(one: &Place, other: &Place, name: &str) {
    let asked = other.system.spawn_anonymous(account()).unwrap();
    asked.tell(Account::Deposit(5));
    let path = below(&asked);
    other.node.expose(&asked).unwrap();
    for _ in 0..60 {
        if let Ok(asked) = one.node.lookup::<Account>(name, &path, secs(5)).await
            && balance(&asked).await == Ok(5)
        {
            return;
        }
        one.system.sleep(secs(1)).await;
    }
    panic!("{:?} does not reach {name}", one.node.id());
}

#[test]
fn nodes_go_over_to_another_codec_one_by_one_and_are_never_without_each_other() {
    let steps: [Set; 4] = [
        postcard_alone,
        |joining| joining.reads(Json),
        |joining| joining.codec(Json),
        // From there to yet another: the old one is still read.
        |joining| joining.codec(Json).reads(MessagePack),
    ];
    played(async |host, network| {
        let start = async |name: &str, step: Set| place_as(&host, &network, name, step).await;
        let (mut one, mut other) = (start("one", steps[0]).await, start("other", steps[0]).await);
        for step in &steps[1..] {
            for first in [true, false] {
                let (name, node) = if first { ("one", &mut one) } else { ("other", &mut other) };
                assert!(node.system.shutdown().await.is_clean());
                host.sleep_until(host.now() + millis(1)).await;
                *node = start(name, *step).await;
                talk(&one, &other, "other").await;
                talk(&other, &one, "one").await;
            }
        }
    });
}

#[test]
fn old_and_new_nodes_read_each_others_messages_by_the_names_of_their_fields() {
    #[derive(Serialize, Deserialize)]
    struct Old {
        amount: u64,
    }
    #[derive(Serialize, Deserialize)]
    struct New {
        #[serde(default)]
        note: String,
        amount: u64,
    }
    impl Remote for Old {
        const NAME: &'static str = "test.Deposit";
    }
    impl Remote for New {
        const NAME: &'static str = "test.Deposit";
    }
    for set in [json as Set, messagepack] {
        played(async |host, network| {
            let one = place_as(&host, &network, "one", set).await;
            let other = place_as(&host, &network, "other", set).await;
            let (old, heard_by_old) = Ear::<Old>::of(&other.system);
            let (new, heard_by_new) = Ear::<New>::of(&other.system);
            other.node.expose(&old).unwrap();
            other.node.expose(&new).unwrap();
            let to_new = one.node.lookup::<Old>("other", &below(&new), secs(5)).await.unwrap();
            let to_old = one.node.lookup::<New>("other", &below(&old), secs(5)).await.unwrap();
            to_new.tell(Old { amount: 3 });
            to_old.tell(New { note: "for bread".into(), amount: 4 });
            let new = heard_by_new.next().await;
            assert_eq!((&*new.note, new.amount), ("", 3));
            assert_eq!(heard_by_old.next().await.amount, 4);
        });
    }
}

#[derive(Serialize, Deserialize)]
enum Nest {
    Deeper(Box<Self>),
    Egg,
}

impl Remote for Nest {
    const NAME: &'static str = "test.Nest";
}

#[test]
fn in_every_codec_a_message_that_is_nested_too_deeply_is_a_dead_letter() {
    in_each(async |one, other| {
        let (eggs, heard) = Ear::<Nest>::of(&other.system);
        other.node.expose(&eggs).unwrap();
        let eggs = one.node.lookup::<Nest>("other", &below(&eggs), secs(10)).await.unwrap();
        let letters = Ear::<DeadLetter>::on(&other.system);
        for depth in [60, 1_000, 0] {
            eggs.tell((0..depth).fold(Nest::Egg, |nest, _| Nest::Deeper(Box::new(nest))));
        }
        one.system.sleep(secs(1)).await;
        assert_eq!(heard.rest().len(), 2);
        assert_eq!(letters.rest().iter().map(|it| it.reason).collect::<Vec<_>>(), [DeadReason::Undecodable]);
    });
}

/// What is written as text and read as a number, or too long, or has no form at all.
#[derive(Deserialize)]
struct Odd(u64);

impl Serialize for Odd {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            0 => serializer.serialize_str("zero"),
            1 => serializer.collect_seq(0..1_000_000),
            2 => Err(serde::ser::Error::custom("planned")),
            number => number.serialize(serializer),
        }
    }
}

impl Remote for Odd {
    const NAME: &'static str = "test.Odd";
}

#[test]
fn in_every_codec_a_message_that_cannot_be_written_or_read_harms_no_other() {
    in_each(async |one, other| {
        let (odd, heard) = Ear::<Odd>::of(&other.system);
        other.node.expose(&odd).unwrap();
        let odd = one.node.lookup::<Odd>("other", &below(&odd), secs(10)).await.unwrap();
        let (here, there) = (Ear::<DeadLetter>::on(&one.system), Ear::<DeadLetter>::on(&other.system));
        (0..=5).for_each(|number| odd.tell(Odd(number)));
        one.system.sleep(secs(1)).await;
        assert_eq!(heard.rest().iter().map(|odd| odd.0).collect::<Vec<_>>(), [3, 4, 5]);
        let reasons = |ear: Ear<DeadLetter>| ear.rest().iter().map(|it| it.reason).collect::<Vec<_>>();
        assert_eq!(reasons(here), [DeadReason::Unencodable; 2]);
        assert_eq!(reasons(there), [DeadReason::Undecodable]);
        assert_eq!(one.node.connected().len(), 1);
    });
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Plain { amount: u64 },
    Holding { account: ActorRef<Account> },
}

impl Remote for Tagged {
    const NAME: &'static str = "test.Tagged";
}

#[test]
fn a_reference_where_serde_looks_twice_is_a_dead_letter_and_the_rest_is_read() {
    played(async |host, network| {
        let one = place_as(&host, &network, "one", json).await;
        let other = place_as(&host, &network, "other", json).await;
        let (tagged, heard) = Ear::<Tagged>::of(&other.system);
        other.node.expose(&tagged).unwrap();
        let tagged = one.node.lookup::<Tagged>("other", &below(&tagged), secs(10)).await.unwrap();
        let letters = Ear::<DeadLetter>::on(&other.system);
        tagged.tell(Tagged::Holding { account: one.open("held") });
        tagged.tell(Tagged::Plain { amount: 4 });
        assert!(matches!(heard.next().await, Tagged::Plain { amount: 4 }));
        assert_eq!(letters.next().await.reason, DeadReason::Undecodable);
    });
}

/// Says to have a million elements, and has three.
struct Boast;

/// For how many elements whoever reads it was told to make room.
static ROOM: AtomicUsize = AtomicUsize::new(0);

impl Serialize for Boast {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(1_000_000))?;
        (0..3_u8).try_for_each(|number| seq.serialize_element(&number))?;
        seq.end()
    }
}

impl<'de> Deserialize<'de> for Boast {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Listener)
    }
}

struct Listener;

impl<'de> Visitor<'de> for Listener {
    type Value = Boast;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a boast")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Boast, A::Error> {
        ROOM.store(seq.size_hint().unwrap_or(0), Ordering::Relaxed);
        while seq.next_element::<u8>()?.is_some() {}
        Ok(Boast)
    }
}

impl Remote for Boast {
    const NAME: &'static str = "test.Boast";
}

#[test]
fn for_what_a_message_says_to_hold_no_more_room_is_made_than_it_has_bytes() {
    played(async |host, network| {
        let one = place_as(&host, &network, "one", messagepack).await;
        let other = place_as(&host, &network, "other", messagepack).await;
        let (boasts, _heard) = Ear::<Boast>::of(&other.system);
        other.node.expose(&boasts).unwrap();
        let boasts = one.node.lookup::<Boast>("other", &below(&boasts), secs(10)).await.unwrap();
        let letters = Ear::<DeadLetter>::on(&other.system);
        boasts.tell(Boast);
        assert_eq!(letters.next().await.reason, DeadReason::Undecodable);
        assert_eq!(ROOM.swap(0, Ordering::Relaxed), 8);
    });
}

/// A codec in name alone.
struct Called(&'static str);

impl Codec for Called {
    fn name(&self) -> &'static str {
        self.0
    }

    fn write(&self, _: Value<'_>, _: &mut Output<'_>) -> Result<(), CodecError> {
        Err(CodecError::new("never"))
    }

    fn read(&self, _: &[u8], _: Put<'_>) -> Result<(), CodecError> {
        Err(CodecError::new("never"))
    }
}

#[test]
fn a_codec_has_a_name_that_fits_a_handshake_and_there_are_not_too_many() {
    played(async |host, network| {
        let system = ActorSystem::on(host).name("bank").start().unwrap();
        let joining = || Network::over(network.clone()).insecure();
        for name in ["", "JSON", "my codec", "postcard", "a-name-that-is-much-longer-than-any"] {
            let refused = joining().codec(Called(name)).start(&system).await.unwrap_err();
            assert_eq!(refused, NetworkError::CodecName { name: name.into() });
            let refused = joining().reads(Called(name)).start(&system).await.unwrap_err();
            assert_eq!(refused, NetworkError::CodecName { name: name.into() });
        }
        let many = (0..8).fold(joining(), |joining, _| joining.reads(Json));
        assert_eq!(many.start(&system).await.unwrap_err(), NetworkError::TooManyCodecs { codecs_max: 8 });
        assert!((0..7).fold(joining(), |joining, _| joining.reads(Json)).start(&system).await.is_ok());
    });
}

/// An account that is an entity, and takes along what was deposited.
fn movable() -> Behavior<Account> {
    Behavior::movable(
        |_| Vec::new(),
        |history: &mut Vec<u64>, _, message| {
            match message {
                Account::Deposit(amount) => history.push(amount),
                Account::History(reply) => reply.tell(history.clone()),
                _ => return Behavior::unhandled(),
            }
            Behavior::same()
        },
    )
}

/// An account that forgets what it had when something is deposited, and has nothing then.
fn movable_fold() -> Behavior<Account> {
    Behavior::movable_fold(Some(1), |had: Option<u64>, _, message| match message {
        Account::Deposit(_) => Step::Keep(None),
        Account::History(reply) => {
            reply.tell(had.into_iter().collect());
            Step::Keep(had)
        }
        _ => Step::Unhandled(had),
    })
}

/// An entity, and what it has had when five were deposited.
type Remembers = (fn() -> Behavior<Account>, &'static [u64]);

#[test]
fn a_state_moves_in_every_codec_also_to_a_node_that_writes_in_another() {
    let entities: [Remembers; 2] = [(movable, &[5]), (movable_fold, &[])];
    for ((one, other), (entity, history)) in PAIRS.iter().flat_map(|pair| entities.map(|it| (pair, it))) {
        played(async |host, network| {
            let membership = || Membership::seeds(["one", "other"]);
            let one = place_as(&host, &network, "one", |it| one(it.cluster(membership()))).await;
            let other = place_as(&host, &network, "other", |it| other(it.cluster(membership()))).await;
            let [here, there] = [&one, &other].map(|place| {
                let accounts = Behavior::sharded(move |_: &str| entity(), Shards::new(4));
                place.system.spawn(accounts, "accounts").unwrap()
            });
            for name in ["alice", "bob", "carol"] {
                here.entity(name).tell(Account::Deposit(5));
                assert_eq!(here.entity(name).ask(Account::History, secs(20)).await, Ok(history.to_vec()));
                assert_eq!(there.entity(name).ask(Account::History, secs(20)).await, Ok(history.to_vec()));
            }
            one.system.shutdown().await;
            for name in ["alice", "bob", "carol"] {
                assert_eq!(there.entity(name).ask(Account::History, secs(20)).await, Ok(history.to_vec()));
            }
        });
    }
}
