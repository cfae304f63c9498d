//! Actors of other nodes: told, asked, watched and found like those of here.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod nodes;
mod scene;

use casty::prelude::*;
use casty::remote::LinkDown;
use casty::testkit::Probe;
use casty::{DeadLetter, DeadReason, Mailbox, Overflow, Remote, RemoteLimits, RemoteLookupError};
use nodes::{Account, Place, account, balance, place, place_with, played, two};
use scene::Ear;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

#[test]
fn what_is_told_to_an_actor_of_another_node_arrives_once_and_in_its_order() {
    two(async |one, other| {
        other.open("alice");
        let alice = one.find("other", "alice").await;
        for amount in 0..1_000 {
            alice.tell(Account::Deposit(amount));
        }
        let history = alice.ask(Account::History, secs(10)).await.unwrap();
        assert_eq!(history, (0..1_000).collect::<Vec<_>>());
    });
}

#[test]
fn an_ask_crosses_the_link_and_its_reply_comes_back() {
    two(async |one, other| {
        other.open("alice").tell(Account::Deposit(7));
        let alice = one.find("other", "alice").await;
        assert_eq!(balance(&alice).await, Ok(7));
    });
}

#[test]
fn a_question_that_is_let_go_of_or_whose_actor_has_stopped_ends_at_once() {
    two(async |one, other| {
        let here = other.open("alice");
        let alice = one.find("other", "alice").await;
        let begun = one.system.now();
        assert_eq!(alice.ask(Account::Silence, secs(10)).await, Err(AskError::Unanswered));
        here.tell(Account::Close);
        assert!(matches!(balance(&alice).await, Err(AskError::Stopped | AskError::Unanswered)));
        assert_eq!(balance(&alice).await, Err(AskError::Stopped));
        assert!(one.system.now().since(begun) < secs(1));
    });
}

#[test]
fn an_ask_that_nobody_answers_ends_in_time() {
    two(async |one, other| {
        let mute = Behavior::<Account>::with_state(
            |_| Vec::new(),
            |kept: &mut Vec<Account>, _, message| {
                kept.push(message);
                Behavior::same()
            },
        );
        other.node.expose(&other.system.spawn(mute, "mute").unwrap()).unwrap();
        let mute = one.find("other", "mute").await;
        assert_eq!(mute.ask(Account::Balance, secs(3)).await, Err(AskError::Timeout));
    });
}

#[test]
fn references_in_messages_lead_back_to_their_node_and_on_to_a_third() {
    played(async |host, network| {
        let [one, two, three] = ["one", "two", "three"];
        let one = place(&host, &network, one).await;
        let two = place(&host, &network, two).await;
        let three = place(&host, &network, three).await;
        // An account of the asker's own node, which was never exposed.
        let own = one.system.spawn(account(), "own").unwrap();
        two.open("sharer");
        let sharer = one.find("two", "sharer").await;
        sharer.tell(Account::Share(5, own.clone()));
        // One of a third node, which the second has never heard of.
        three.open("third");
        let third = one.find("three", "third").await;
        sharer.tell(Account::Share(9, third.clone()));
        one.system.sleep(secs(1)).await;
        assert_eq!((balance(&own).await, balance(&third).await), (Ok(5), Ok(9)));
        assert_eq!(two.node.connected().len(), 2);
    });
}

#[test]
fn a_reference_that_comes_home_is_the_actor_itself() {
    #[derive(Serialize, Deserialize)]
    struct Back(ActorRef<Account>, ReplyTo<ActorRef<Account>>);
    impl Remote for Back {
        const NAME: &'static str = "test.Back";
    }
    two(async |one, other| {
        let echo = Behavior::receive_message(|Back(actor, reply)| {
            reply.tell(actor);
            Behavior::same()
        });
        other.node.expose(&other.system.spawn(echo, "echo").unwrap()).unwrap();
        let echo = one.node.lookup::<Back>("other", "echo", secs(10)).await.unwrap();
        let own = one.system.spawn(account(), "own").unwrap();
        let back = echo.ask(|reply| Back(own.clone(), reply), secs(10)).await.unwrap();
        assert_eq!(back, own);
        assert_eq!(back.path().to_string(), "casty://bank/own");
    });
}

/// Keeps the accounts that it is handed.
#[derive(Serialize, Deserialize)]
struct Hold(ActorRef<Account>);

impl Remote for Hold {
    const NAME: &'static str = "test.Hold";
}

/// Two nodes, of which the first lets others know as many actors; who holds accounts at the second, and what it holds.
fn with_a_holder(
    exports_max: usize,
    scene: impl AsyncFn(Place, Place, ActorRef<Hold>, Arc<Mutex<Vec<ActorRef<Account>>>>),
) {
    played(async |host, network| {
        let limits = RemoteLimits { exports_max, ..RemoteLimits::default() };
        let one = place_with(&host, &network, "one", limits).await;
        let other = place(&host, &network, "other").await;
        let held = Arc::new(Mutex::new(Vec::new()));
        let holds = Arc::clone(&held);
        let holder = Behavior::receive_message(move |Hold(account)| {
            holds.lock().unwrap().push(account);
            Behavior::same()
        });
        other.node.expose(&other.system.spawn(holder, "holder").unwrap()).unwrap();
        let holder = one.node.lookup::<Hold>("other", "holder", secs(10)).await.unwrap();
        scene(one, other, holder, held).await;
    });
}

#[test]
fn an_adapter_without_captures_is_known_abroad_once_however_often_it_is_made() {
    with_a_holder(2, async |one, _other, holder, held| {
        let own = one.system.spawn(account(), "own").unwrap();
        for _ in 0..100 {
            holder.tell(Hold(own.contramap(|message: Account| message)));
        }
        one.system.sleep(secs(1)).await;
        let held = held.lock().unwrap().clone();
        assert_eq!((held.len(), one.system.dead_letters()), (100, 0));
        held.iter().for_each(|account| account.tell(Account::Deposit(1)));
        one.system.sleep(secs(1)).await;
        assert_eq!(balance(&own).await, Ok(100));
        // Another does something else, and another actor's is another.
        let second = one.system.spawn(account(), "second").unwrap();
        for (account, twice) in [(&own, true), (&second, false), (&second, true)] {
            holder.tell(Hold(if twice {
                account.contramap(|_: Account| Account::Deposit(2))
            } else {
                account.contramap(|message: Account| message)
            }));
        }
        one.system.sleep(secs(1)).await;
        assert_eq!(one.system.dead_letters(), 2, "only so many are known abroad");
    });
}

#[test]
fn adapters_that_are_made_again_and_again_make_way_and_no_others() {
    with_a_holder(64, async |one, other, holder, held| {
        let own = one.system.spawn(account(), "own").unwrap();
        let adapter = |number: u64| {
            own.contramap(move |message: Account| match message {
                Account::Deposit(amount) => Account::Deposit(amount + number),
                message => message,
            })
        };
        // Found by its path, held here, by its own number, and once for all like it.
        one.node.expose(&adapter(1_000)).unwrap();
        let kept = adapter(2_000);
        let alike = own.contramap(|_: Account| Account::Deposit(5));
        for account in [kept.clone(), own.clone(), alike] {
            holder.tell(Hold(account));
        }
        for number in 0..1_000 {
            holder.tell(Hold(adapter(number)));
        }
        one.system.sleep(secs(1)).await;
        let held = held.lock().unwrap().clone();
        assert_eq!((held.len(), one.system.dead_letters()), (1_003, 0));
        for last in [&held[0], &held[1], &held[2], &held[1_002]] {
            last.tell(Account::Deposit(0));
        }
        other.find("one", "own").await.tell(Account::Deposit(0));
        one.system.sleep(secs(1)).await;
        assert_eq!(balance(&own).await, Ok(2_000 + 5 + 999 + 1_000));
        // Others are made known as before, and one of the first that nobody holds is no more.
        one.open("late");
        assert_eq!(balance(&other.find("one", "late").await).await, Ok(0));
        held[3].tell(Account::Deposit(0));
        one.system.sleep(secs(1)).await;
        assert_eq!(one.system.dead_letters() + other.system.dead_letters(), 1);
        drop(kept);
    });
}

#[test]
fn an_adapter_that_is_found_no_more_as_another_of_its_actor_is_exposed_makes_way() {
    with_a_holder(64, async |one, other, _, _| {
        let own = one.system.spawn(account(), "own").unwrap();
        for number in 0..1_000 {
            let adapter = own.contramap(move |message: Account| match message {
                Account::Deposit(amount) => Account::Deposit(amount + number),
                message => message,
            });
            one.node.expose(&adapter).unwrap();
        }
        other.find("one", "own").await.tell(Account::Deposit(1));
        one.system.sleep(secs(1)).await;
        assert_eq!(balance(&own).await, Ok(1_000), "the last is found");
    });
}

#[test]
fn the_path_of_an_actor_of_another_node_names_the_node() {
    two(async |one, other| {
        other.open("alice");
        let alice = one.find("other", "alice").await;
        assert_eq!(alice.path().to_string(), "casty://bank@other/alice");
        assert_eq!(alice.path().node(), Some("other"));
    });
}

#[test]
fn a_watch_of_an_actor_of_another_node_is_answered_once_also_when_it_has_ended_long_ago() {
    two(async |one, other| {
        let here = other.open("alice");
        let alice = one.find("other", "alice").await;
        let (notices, heard) = Ear::of(&one.system);
        let watcher = |alice: ActorRef<Account>, notices: ActorRef<&'static str>| {
            Behavior::<u8>::ignore().on_start(move |ctx| ctx.watch(&alice)).on_signal(move |_, signal| {
                if let Signal::Terminated(_) = signal {
                    notices.tell("terminated");
                }
                Behavior::same()
            })
        };
        one.system.spawn(watcher(alice.clone(), notices.clone()), "first").unwrap();
        one.system.sleep(secs(1)).await;
        assert_eq!(heard.rest().len(), 0);
        here.tell(Account::Close);
        one.system.sleep(secs(1)).await;
        assert_eq!(heard.rest().len(), 1);
        assert!(alice.is_stopped());
        one.system.spawn(watcher(alice, notices), "second").unwrap();
        one.system.sleep(secs(1)).await;
        assert_eq!(heard.rest().len(), 1);
    });
}

/// It has children, and closes when it is told.
fn crowded(children: &Arc<AtomicUsize>) -> Behavior<Account> {
    let children = Arc::clone(children);
    Behavior::setup(move |ctx| {
        for _ in 0..100 {
            let (come, gone) = (Arc::clone(&children), Arc::clone(&children));
            let child = Behavior::<u8>::ignore()
                .on_start(move |_| _ = come.fetch_add(1, Ordering::Relaxed))
                .on_stop(move |_| _ = gone.fetch_sub(1, Ordering::Relaxed));
            ctx.spawn_anonymous(child).unwrap();
        }
        Behavior::receive_message(|message| match message {
            Account::Close => Behavior::stopped(),
            _ => Behavior::same(),
        })
    })
}

#[test]
fn who_writes_to_an_actor_that_stops_hears_that_it_has_ended_when_all_below_it_has() {
    two(async |one, other| {
        let children = Arc::<AtomicUsize>::default();
        let crowded = other.system.spawn(crowded(&children), "alice").unwrap();
        other.node.expose(&crowded).unwrap();
        let alice = one.find("other", "alice").await;
        let ends = Probe::<usize>::new(&one.system, "ends").unwrap();
        let (watched, told) = (alice.clone(), ends.actor().clone());
        let watcher =
            Behavior::<u8>::ignore().on_start(move |ctx| ctx.watch(&watched)).on_signal(move |_, signal| {
                if let Signal::Terminated(_) = signal {
                    told.tell(children.load(Ordering::Relaxed));
                }
                Behavior::same()
            });
        one.system.spawn(watcher, "watcher").unwrap();
        alice.tell(Account::Close);
        for _ in 0..200 {
            alice.tell(Account::Deposit(1));
            futures_lite::future::yield_now().await;
        }
        assert_eq!(ends.recv().await, 0);
        assert!(alice.is_stopped());
    });
}

#[test]
fn a_watch_that_was_taken_back_is_not_answered() {
    two(async |one, other| {
        let here = other.open("alice");
        let alice = one.find("other", "alice").await;
        let (notices, heard) = Ear::of(&one.system);
        let fickle = Behavior::<u8>::ignore()
            .on_start(move |ctx| {
                ctx.watch(&alice);
                ctx.unwatch(&alice);
            })
            .on_signal(move |_, signal| {
                if let Signal::Terminated(_) = signal {
                    notices.tell(());
                }
                Behavior::same()
            });
        one.system.spawn(fickle, "fickle").unwrap();
        one.system.sleep(secs(1)).await;
        here.tell(Account::Close);
        one.system.sleep(secs(1)).await;
        assert_eq!(heard.rest(), []);
    });
}

#[test]
fn nobody_stops_an_actor_of_another_node() {
    two(async |one, other| {
        let here = other.open("alice");
        let alice = one.find("other", "alice").await;
        one.system.stop(&alice);
        assert_eq!(balance(&alice).await, Ok(0));
        assert!(!here.is_stopped());
    });
}

#[test]
fn only_what_is_exposed_and_takes_such_messages_is_found() {
    #[derive(Serialize, Deserialize)]
    struct Other;
    impl Remote for Other {
        const NAME: &'static str = "test.Other";
    }
    two(async |one, other| {
        let hidden = other.system.spawn(account(), "hidden").unwrap();
        other.open("alice");
        let lookup = async |path| one.node.lookup::<Account>("other", path, secs(5)).await;
        assert_eq!(lookup("hidden").await, Err(RemoteLookupError::NotFound));
        assert_eq!(lookup("nobody").await, Err(RemoteLookupError::NotFound));
        assert!(lookup("/alice").await.is_ok());
        let wrong = one.node.lookup::<Other>("other", "alice", secs(5)).await;
        assert_eq!(wrong, Err(RemoteLookupError::WrongType { takes: "bank.Account".into() }));
        other.node.expose(&hidden).unwrap();
        assert!(lookup("hidden").await.is_ok());
        hidden.tell(Account::Close);
        one.system.sleep(secs(1)).await;
        assert_eq!(lookup("hidden").await, Err(RemoteLookupError::NotFound));
    });
}

#[test]
fn a_message_to_an_actor_that_has_stopped_is_a_dead_letter_there_and_then_here() {
    two(async |one, other| {
        let here = other.open("alice");
        let alice = one.find("other", "alice").await;
        here.tell(Account::Close);
        one.system.sleep(secs(1)).await;
        let (there, own) = (Ear::<DeadLetter>::on(&other.system), Ear::<DeadLetter>::on(&one.system));
        alice.tell(Account::Deposit(1));
        one.system.sleep(secs(1)).await;
        assert_eq!(there.rest().len(), 1);
        alice.tell(Account::Deposit(2));
        let letter = own.next().await;
        assert_eq!(
            (letter.reason, letter.recipient.to_string()),
            (DeadReason::Stopped, "casty://bank@other/alice".into())
        );
    });
}

#[test]
fn a_message_that_is_too_long_or_has_no_form_is_a_dead_letter_and_harms_no_other() {
    let limits = RemoteLimits { message_bytes_max: 100_000, ..RemoteLimits::default() };
    played(async |host, network| {
        let one = place(&host, &network, "one").await;
        let other = place_with(&host, &network, "other", limits.clone()).await;
        other.open("alice");
        let alice = one.find("other", "alice").await;
        let letters = Ear::<DeadLetter>::on(&one.system);
        alice.tell(Account::Deposit(1));
        alice.tell(Account::Padding(vec![0; 99_000]));
        alice.tell(Account::Padding(vec![0; 101_000]));
        alice.tell(Account::Deposit(2));
        assert_eq!(balance(&alice).await, Ok(3));
        assert_eq!(
            letters.rest().iter().map(|letter| letter.reason).collect::<Vec<_>>(),
            [DeadReason::Unencodable]
        );
    });
}

#[test]
fn a_long_message_crosses_in_pieces_and_in_its_place() {
    two(async |one, other| {
        other.open("alice");
        let alice = one.find("other", "alice").await;
        for amount in 1..=20 {
            alice.tell(Account::Deposit(amount));
            alice.tell(Account::Padding(vec![7; 100_000 + amount as usize]));
        }
        assert_eq!(alice.ask(Account::History, secs(10)).await.unwrap(), (1..=20).collect::<Vec<_>>());
    });
}

/// A question that is passed on, to whoever answers it.
#[derive(Serialize, Deserialize)]
enum Relay {
    To(ActorRef<Account>, ReplyTo<u64>),
}

impl Remote for Relay {
    const NAME: &'static str = "test.Relay";
}

#[test]
fn a_question_passed_on_to_a_third_node_is_answered_from_there() {
    played(async |host, network| {
        let one = place(&host, &network, "one").await;
        let two = place(&host, &network, "two").await;
        let three = place(&host, &network, "three").await;
        let relay = Behavior::receive_message(|Relay::To(account, reply)| {
            account.tell(Account::Balance(reply));
            Behavior::same()
        });
        two.node.expose(&two.system.spawn(relay, "relay").unwrap()).unwrap();
        three.open("alice").tell(Account::Deposit(11));
        let alice = one.find("three", "alice").await;
        let relay = one.node.lookup::<Relay>("two", "relay", secs(10)).await.unwrap();
        let asked = relay.ask(|reply| Relay::To(alice, reply), secs(10));
        assert_eq!(asked.await, Ok(11));
    });
}

#[test]
fn a_reply_finds_its_asker_though_the_question_went_out_by_another_node_of_the_same_process() {
    played(async |host, network| {
        let one = place(&host, &network, "one").await;
        let two = place(&host, &network, "two").await;
        let three = place(&host, &network, "three").await;
        three.open("alice").tell(Account::Deposit(11));
        let by_two = two.find("three", "alice").await;
        let (asker, heard) = Ear::of(&one.system);
        by_two.tell(Account::Balance(ReplyTo::from(asker)));
        assert_eq!(heard.next().await, 11);
    });
}

/// A message whose bytes are not to be had, in one way or another.
#[derive(Deserialize)]
struct Awkward(ReplyTo<u64>, How);

#[derive(Serialize, Deserialize, Clone, Copy)]
enum How {
    Well,
    Error,
    Panic,
}

impl Serialize for Awkward {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // What comes first is written before it goes wrong.
        match self.1 {
            How::Well => (&self.0, How::Well).serialize(serializer),
            How::Error => (&self.0, Wrong(How::Error)).serialize(serializer),
            How::Panic => (&self.0, Wrong(How::Panic)).serialize(serializer),
        }
    }
}

#[derive(Deserialize)]
struct Wrong(How);

impl Serialize for Wrong {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            How::Panic => std::panic::resume_unwind(Box::new("planned")),
            How::Error | How::Well => Err(serde::ser::Error::custom("planned")),
        }
    }
}

impl Remote for Awkward {
    const NAME: &'static str = "test.Awkward";
}

#[test]
fn a_message_that_cannot_be_written_harms_no_other_and_its_question_ends() {
    two(async |one, other| {
        let answers = Behavior::receive_message(|Awkward(reply, _)| {
            reply.tell(5);
            Behavior::same()
        });
        other.node.expose(&other.system.spawn(answers, "answers").unwrap()).unwrap();
        let answers = one.node.lookup::<Awkward>("other", "answers", secs(10)).await.unwrap();
        let refused = answers.ask(|reply| Awkward(reply, How::Error), mins(10)).await;
        assert_eq!(refused, Err(AskError::Unencodable));
        let panics = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let asking = answers.ask(|reply| Awkward(reply, How::Panic), mins(10));
            drop(asking);
        }));
        assert!(panics.is_err());
        assert_eq!(answers.ask(|reply| Awkward(reply, How::Well), secs(10)).await, Ok(5));
    });
}

/// A message that panics when it is read.
#[derive(Serialize)]
struct Trap;

impl<'de> Deserialize<'de> for Trap {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        std::panic::resume_unwind(Box::new("planned"))
    }
}

/// A message that may hold one.
#[derive(Serialize, Deserialize)]
enum Trapped {
    Free(ReplyTo<u64>),
    Caught(Trap),
    Baited(ReplyTo<Trap>),
    Stuck(ReplyTo<Wrong>),
}

impl Remote for Trapped {
    const NAME: &'static str = "test.Trapped";
}

#[test]
fn a_message_whose_reading_panics_is_a_dead_letter_and_harms_no_other() {
    two(async |one, other| {
        let answers = Behavior::receive_message(|message| {
            if let Trapped::Free(reply) = message {
                reply.tell(5);
            }
            Behavior::same()
        });
        other.node.expose(&other.system.spawn(answers, "answers").unwrap()).unwrap();
        let letters = Ear::<DeadLetter>::on(&other.system);
        let answers = one.node.lookup::<Trapped>("other", "answers", secs(10)).await.unwrap();
        answers.tell(Trapped::Caught(Trap));
        assert_eq!(answers.ask(Trapped::Free, secs(10)).await, Ok(5));
        one.system.sleep(secs(1)).await;
        let reasons: Vec<_> = letters.rest().iter().map(|letter| letter.reason).collect();
        assert_eq!(reasons, [DeadReason::Undecodable]);
        assert_eq!(other.node.counters().dropped.total(), 1);
    });
}

#[test]
fn a_reply_whose_reading_panics_is_a_dead_letter_and_its_question_ends() {
    two(async |one, other| {
        let answers = Behavior::receive_message(|message| {
            match message {
                Trapped::Free(reply) => reply.tell(5),
                Trapped::Baited(reply) => reply.tell(Trap),
                Trapped::Caught(_) | Trapped::Stuck(_) => {}
            }
            Behavior::same()
        });
        other.node.expose(&other.system.spawn(answers, "answers").unwrap()).unwrap();
        let letters = Ear::<DeadLetter>::on(&one.system);
        let answers = one.node.lookup::<Trapped>("other", "answers", secs(10)).await.unwrap();
        let begun = one.system.now();
        for _ in 0..2 {
            assert!(matches!(answers.ask(Trapped::Baited, mins(10)).await, Err(AskError::Unanswered)));
            assert_eq!(answers.ask(Trapped::Free, secs(10)).await, Ok(5));
        }
        assert!(one.system.now().since(begun) < secs(1));
        let reasons: Vec<_> = letters.rest().iter().map(|letter| letter.reason).collect();
        assert_eq!(reasons, [DeadReason::Undecodable; 2]);
        assert_eq!(one.node.counters().dropped.total(), 2);
    });
}

#[test]
fn a_question_ends_when_writing_its_reply_panics() {
    two(async |one, other| {
        let answers = Behavior::receive_message(|message| {
            match message {
                Trapped::Free(reply) => reply.tell(5),
                Trapped::Stuck(reply) => reply.tell(Wrong(How::Panic)),
                Trapped::Caught(_) | Trapped::Baited(_) => {}
            }
            Behavior::same()
        });
        let answers = answers.supervised(OneForOne::restarts(9, mins(1)));
        other.node.expose(&other.system.spawn(answers, "answers").unwrap()).unwrap();
        let answers = one.node.lookup::<Trapped>("other", "answers", secs(10)).await.unwrap();
        let begun = one.system.now();
        for _ in 0..2 {
            assert!(matches!(answers.ask(Trapped::Stuck, mins(10)).await, Err(AskError::Unanswered)));
            assert_eq!(answers.ask(Trapped::Free, secs(10)).await, Ok(5));
        }
        assert!(one.system.now().since(begun) < secs(1));
    });
}

#[test]
fn who_panics_as_it_hears_of_a_message_that_cannot_be_read_keeps_no_reply_from_its_asker() {
    two(async |one, other| {
        other.node.expose(&other.system.spawn(Behavior::<Trapped>::ignore(), "trapped").unwrap()).unwrap();
        let trapped = one.node.lookup::<Trapped>("other", "trapped", secs(10)).await.unwrap();
        let answers = Behavior::receive_message(move |message| {
            if let Trapped::Free(reply) = message {
                // Both come together.
                reply.tell(5);
                trapped.tell(Trapped::Caught(Trap));
            }
            Behavior::same()
        });
        one.node.expose(&one.system.spawn(answers, "answers").unwrap()).unwrap();
        let answers = other.node.lookup::<Trapped>("one", "answers", secs(10)).await.unwrap();
        let rank = |_: &DeadLetter| std::panic::resume_unwind(Box::new("planned"));
        let panics = SpawnOptions::anonymous().mailbox(Mailbox::prioritized(8, Overflow::Reject, rank));
        let listener = other.system.spawn_with(Behavior::<DeadLetter>::ignore(), panics).unwrap();
        other.system.subscribe(&listener);
        let ended = Ear::<LinkDown>::on(&other.system);
        assert_eq!(answers.ask(Trapped::Free, mins(10)).await, Ok(5));
        assert!(ended.rest().is_empty());
    });
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
fn a_message_that_is_nested_too_deeply_is_a_dead_letter_and_not_the_end_of_the_stack() {
    two(async |one, other| {
        let (eggs, heard) = Ear::of(&other.system);
        let finds = Behavior::receive_message(move |_: Nest| {
            eggs.tell("egg");
            Behavior::same()
        });
        other.node.expose(&other.system.spawn(finds, "finds").unwrap()).unwrap();
        let finds = one.node.lookup::<Nest>("other", "finds", secs(10)).await.unwrap();
        let letters = Ear::<DeadLetter>::on(&other.system);
        for depth in [100, 1_000, 0] {
            finds.tell((0..depth).fold(Nest::Egg, |nest, _| Nest::Deeper(Box::new(nest))));
        }
        one.system.sleep(secs(1)).await;
        assert_eq!(heard.rest().len(), 2);
        assert_eq!(letters.rest()[0].reason, DeadReason::Undecodable);
    });
}

/// Values that take no bytes, as many as somebody says.
#[derive(Serialize, Deserialize)]
struct Nothings(Vec<()>);

impl Remote for Nothings {
    const NAME: &'static str = "test.Nothings";
}

/// The same, by who only says it.
#[derive(Serialize, Deserialize)]
struct Claim(u64);

impl Remote for Claim {
    const NAME: &'static str = Nothings::NAME;
}

#[test]
fn a_message_of_more_values_than_its_bytes_are_worth_is_a_dead_letter_at_once() {
    two(async |one, other| {
        let (counts, heard) = Ear::of(&other.system);
        let counter = Behavior::receive_message(move |Nothings(all)| {
            counts.tell(all.len());
            Behavior::same()
        });
        other.node.expose(&other.system.spawn(counter, "counter").unwrap()).unwrap();
        let counter = one.node.lookup::<Claim>("other", "counter", secs(10)).await.unwrap();
        let letters = Ear::<DeadLetter>::on(&other.system);
        for claim in [0, 1_000, u64::MAX, 1 << 40, 3] {
            counter.tell(Claim(claim));
        }
        one.system.sleep(secs(1)).await;
        assert_eq!(heard.rest(), [0, 1_000, 3]);
        assert_eq!(
            letters.rest().iter().map(|letter| letter.reason).collect::<Vec<_>>(),
            [DeadReason::Undecodable; 2]
        );
    });
}

#[test]
fn a_reference_through_a_function_crosses_a_link_and_is_known_there_once() {
    two(async |one, other| {
        other.open("sharer");
        let sharer = one.find("other", "sharer").await;
        let (amounts, heard) = Ear::of(&one.system);
        let doubled = amounts.contramap(|account: Account| match account {
            Account::Deposit(amount) => 2 * amount,
            _ => 0,
        });
        sharer.tell(Account::Share(4, doubled.clone()));
        sharer.tell(Account::Share(5, doubled));
        one.system.sleep(secs(1)).await;
        assert_eq!(heard.rest(), [8, 10]);
    });
}
