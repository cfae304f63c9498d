//! Who is woken by a link, on real threads: it is at work while more is read.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod scene;

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use casty::prelude::*;
use casty::{Mailbox, MemoryNetwork, Network, Overflow, Remote, SpawnOptions};
use scene::{Ear, play};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many words were handled, and what is told of that.
static HANDLED: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

/// A word, or the last one: that is read only when one before it has been handled.
struct Word {
    last: bool,
    in_time: bool,
}

impl Remote for Word {
    const NAME: &'static str = "woken.Word";
}

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.last.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let last = bool::deserialize(deserializer)?;
        Ok(Self { last, in_time: !last || some_are_handled() })
    }
}

/// Whether a word is handled within a time that is long enough for anything that happens at all.
fn some_are_handled() -> bool {
    let (handled, changes) = &HANDLED;
    let handled = handled.lock().unwrap_or_else(PoisonError::into_inner);
    let waited = changes.wait_timeout_while(handled, Duration::from_secs(5), |handled| *handled == 0);
    waited.is_ok_and(|(_, late)| !late.timed_out())
}

/// Handles words, and tells of the last of them.
fn listens(notes: ActorRef<bool>) -> Behavior<Word> {
    Behavior::receive_message(move |word: Word| {
        *HANDLED.0.lock().unwrap() += 1;
        HANDLED.1.notify_all();
        if word.last {
            notes.tell(word.in_time);
        }
        Behavior::same()
    })
}

#[test]
fn an_actor_with_a_limit_is_at_work_at_once_and_one_without_before_all_that_came_is_read() {
    play(async {
        let network = MemoryNetwork::new();
        let place = async |name: &str| {
            let system = ActorSystem::builder("woken").start().unwrap();
            let joining = Network::over(network.clone()).node(name).listen(name).insecure();
            (joining.start(&system).await.unwrap(), system)
        };
        let (one, other) = (place("one").await, place("other").await);
        let (notes, heard) = Ear::of(&other.1);
        let bound = SpawnOptions::named("narrow").mailbox(Mailbox::bounded(1_000, Overflow::DropNew));
        other.0.expose(&other.1.spawn_with(listens(notes.clone()), bound).unwrap()).unwrap();
        other.0.expose(&other.1.spawn(listens(notes), "wide").unwrap()).unwrap();
        // What is told at once is, but for chance, read at once.
        for _ in 0..20 {
            for (name, words) in [("narrow", 3), ("wide", 600)] {
                let actor: ActorRef<Word> = one.0.lookup("other", name, secs(5)).await.unwrap();
                *HANDLED.0.lock().unwrap() = 0;
                (1..=words).for_each(|at| actor.tell(Word { last: at == words, in_time: false }));
                assert!(heard.next().await, "{name}");
            }
        }
        assert_eq!(other.1.dead_letters(), 0);
        one.1.shutdown().await;
        other.1.shutdown().await;
    });
}
