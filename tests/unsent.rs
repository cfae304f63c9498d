//! Questions that were written down for another node and did not go there.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod nodes;

use casty::prelude::*;
use casty::{Remote, RemoteLimits, SendError};
use nodes::{Account, Place, place_with, played};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex};

/// Has a form as bytes or not.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Form(bool);

impl Serialize for Form {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 { self.0.serialize(serializer) } else { Err(serde::ser::Error::custom("planned")) }
    }
}

/// Questions before and behind what may be too long, or have no form.
#[derive(Serialize, Deserialize, Debug)]
struct Inquiry {
    first: Option<(u8, ReplyTo<u64>)>,
    rest: Vec<u8>,
    form: Form,
    last: Which,
    more: Vec<ReplyTo<Answer>>,
}

#[derive(Serialize, Deserialize, Debug)]
enum Which {
    None,
    One(ReplyTo<u64>),
    Named { reply: ReplyTo<u64> },
    Two(u8, ReplyTo<u64>),
    Tagged(Tagged),
}

/// What serde writes through a serializer of its own. Such a message is not read, but it is told.
#[derive(Serialize, Deserialize, Debug)]
#[serde(tag = "kind")]
enum Tagged {
    Alone(ReplyTo<u64>),
    Deeper(Deeper),
}

#[derive(Serialize, Deserialize, Debug)]
enum Deeper {
    Two(u8, ReplyTo<u64>),
}

/// An answer that asks something.
#[derive(Serialize, Deserialize, Debug)]
struct Answer(ReplyTo<u64>, Vec<u8>);

impl Remote for Inquiry {
    const NAME: &'static str = "test.Inquiry";
}

const LONG: usize = 2_000;

fn inquiry(bytes: usize, form: bool) -> Inquiry {
    Inquiry { first: None, rest: vec![7; bytes], form: Form(form), last: Which::None, more: Vec::new() }
}

/// Three nodes that take short messages and few questions.
fn short(scene: impl AsyncFn(Vec<Keeper>)) {
    played(async |host, network| {
        let mut keepers = Vec::new();
        for name in ["one", "two", "three"] {
            let limits = RemoteLimits { message_bytes_max: 1_000, asks_max: 8, ..RemoteLimits::default() };
            keepers.push(Keeper::at(place_with(&host, &network, name, limits).await));
        }
        scene(keepers).await;
    });
}

/// A node with an actor that keeps what it is told.
struct Keeper {
    place: Place,
    keeper: ActorRef<Inquiry>,
    kept: Arc<Mutex<Vec<Inquiry>>>,
}

impl Keeper {
    fn at(place: Place) -> Self {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let keeps = Arc::clone(&kept);
        let keeper = Behavior::receive_message(move |inquiry| {
            keeps.lock().unwrap().push(inquiry);
            Behavior::same()
        });
        let keeper = place.system.spawn(keeper, "keeper").unwrap();
        place.node.expose(&keeper).unwrap();
        Self { place, keeper, kept }
    }

    /// The actor of another node.
    async fn find(&self, node: &str) -> ActorRef<Inquiry> {
        self.place.node.lookup(node, "keeper", secs(10)).await.unwrap()
    }

    /// An actor here that passes on whatever it is told.
    fn relay(&self, to: &ActorRef<Inquiry>) -> ActorRef<Inquiry> {
        let to = to.clone();
        let relay = Behavior::receive_message(move |inquiry| {
            to.tell(inquiry);
            Behavior::same()
        });
        self.place.system.spawn_anonymous(relay).unwrap()
    }

    async fn kept(&self) -> Inquiry {
        loop {
            let kept = self.kept.lock().unwrap().pop();
            match kept {
                Some(inquiry) => return inquiry,
                None => self.place.system.sleep(millis(1)).await,
            }
        }
    }
}

#[test]
fn a_question_in_a_message_that_was_not_sent_ends_at_once_wherever_it_is_in_it() {
    short(async |nodes| {
        let one = &nodes[0];
        let far = one.find("two").await;
        let relay = one.relay(&far);
        let begun = one.place.system.now();
        // More than may wait at one time: each makes room for the next.
        for (bytes, form) in [(LONG, true), (0, false)].repeat(10) {
            let inquiry = || inquiry(bytes, form);
            let asks = [
                relay.ask(|reply| Inquiry { first: Some((1, reply)), ..inquiry() }, mins(10)),
                relay.ask(|reply| Inquiry { last: Which::One(reply), ..inquiry() }, mins(10)),
                relay.ask(|reply| Inquiry { last: Which::Named { reply }, ..inquiry() }, mins(10)),
                relay.ask(|reply| Inquiry { last: Which::Two(1, reply), ..inquiry() }, mins(10)),
                relay.ask(
                    |reply| Inquiry { last: Which::Tagged(Tagged::Alone(reply)), ..inquiry() },
                    mins(10),
                ),
                relay.ask(
                    |reply| {
                        let deeper = Tagged::Deeper(Deeper::Two(1, reply));
                        Inquiry { last: Which::Tagged(deeper), ..inquiry() }
                    },
                    mins(10),
                ),
            ];
            for ask in asks {
                assert_eq!(ask.await, Err(AskError::Unanswered));
            }
            let more = relay.ask(|reply| Inquiry { more: vec![reply], ..inquiry() }, mins(10));
            assert_eq!(more.await.unwrap_err(), AskError::Unanswered);
        }
        assert!(one.place.system.now().since(begun) < secs(1));
    });
}

#[test]
fn a_message_that_is_given_back_by_a_link_has_its_question_as_before() {
    short(async |nodes| {
        let one = &nodes[0];
        let far = one.find("two").await;
        let ask =
            one.keeper.ask(|reply| Inquiry { first: Some((1, reply)), ..inquiry(LONG, true) }, mins(10));
        let mut message = one.kept().await;
        for _ in 0..100 {
            let Err(SendError::Unencodable(back)) = far.try_tell(message) else { panic!("it is too long") };
            message = back;
        }
        // None of all that is left: as many may be asked as before.
        nodes[1].place.open("alice");
        let alice = one.place.find("two", "alice").await;
        let asks: Vec<_> = (0..7).map(|_| alice.ask(Account::Balance, secs(10))).collect();
        message.rest.clear();
        far.try_tell(message).unwrap();
        nodes[1].kept().await.first.unwrap().1.tell(7);
        assert_eq!(ask.await, Ok(7));
        for ask in asks {
            assert_eq!(ask.await, Ok(0));
        }
    });
}

#[test]
fn a_question_whose_answer_is_a_message_leaves_nothing_behind_where_it_was_not_sent() {
    short(async |nodes| {
        let one = &nodes[0];
        let far = one.find("two").await;
        let answers = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&answers);
        let asker = Behavior::receive_message(move |answer| {
            told.lock().unwrap().push(answer);
            Behavior::same()
        });
        let asker = one.place.system.spawn(asker, "asker").unwrap();
        let ask = |bytes| Inquiry { first: Some((1, ReplyTo::from(asker.clone()))), ..inquiry(bytes, true) };
        // More than may wait at one time.
        for _ in 0..20 {
            assert!(matches!(far.try_tell(ask(LONG)), Err(SendError::Unencodable(_))));
            let Err(SendError::Unencodable(back)) = far.try_tell(ask(LONG)) else { panic!("it is too long") };
            far.try_tell(Inquiry { rest: Vec::new(), ..back }).unwrap();
            nodes[1].kept().await.first.unwrap().1.tell(7);
        }
        one.place.system.sleep(secs(1)).await;
        assert_eq!(*answers.lock().unwrap(), [7; 20]);
    });
}

#[test]
fn a_question_of_another_node_that_was_not_passed_on_ends_at_once() {
    short(async |nodes| {
        let [one, two, _] = &nodes[..] else { panic!("there are three") };
        let (far, third) = (one.find("two").await, two.find("three").await);
        let begun = one.place.system.now();
        for home in [false, true] {
            let back = if home { two.find("one").await } else { third.clone() };
            let ask = far.ask(|reply| Inquiry { first: Some((1, reply)), ..inquiry(0, true) }, mins(10));
            let asked = Inquiry { rest: vec![7; LONG], ..two.kept().await };
            let Err(SendError::Unencodable(asked)) = back.try_tell(asked) else { panic!("it is too long") };
            assert!(!asked.first.as_ref().unwrap().1.is_over());
            back.tell(asked);
            assert_eq!(ask.await, Err(AskError::Unanswered), "{home}");
        }
        assert!(one.place.system.now().since(begun) < secs(1));
    });
}

#[test]
fn a_question_in_an_answer_that_was_not_sent_ends_at_once() {
    short(async |nodes| {
        let [one, two, _] = &nodes[..] else { panic!("there are three") };
        let far = one.find("two").await;
        let ask = far.ask(|reply| Inquiry { more: vec![reply], ..inquiry(0, true) }, mins(10));
        let mut asked = two.kept().await;
        let begun = one.place.system.now();
        let asking =
            two.keeper.ask(|reply| Inquiry { last: Which::One(reply), ..inquiry(0, true) }, mins(10));
        let Which::One(question) = two.kept().await.last else { panic!("it has one") };
        asked.more.pop().unwrap().tell(Answer(question, vec![7; LONG]));
        assert_eq!(asking.await, Err(AskError::Unanswered));
        assert_eq!(ask.await.unwrap_err(), AskError::Unanswered);
        assert!(one.place.system.now().since(begun) < secs(1));
    });
}
