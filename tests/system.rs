//! Systems: how they start, what they find, what they refuse, and how they end.
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod scene;

use std::sync::Arc;

use casty::prelude::*;
use casty::{InvalidName, InvalidPath, Limits, LookupError, NAME_BYTES_MAX, Path, Smol, SpawnError};
use scene::{Ear, play, settled, simulated, simulated_within};

/// An actor that has a child of its own kind under each name it is told.
fn family() -> Behavior<&'static str> {
    Behavior::receive(|ctx, name| {
        ctx.spawn(family(), name).unwrap();
        Behavior::same()
    })
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

#[test]
fn an_actor_is_found_by_its_name_and_its_type() {
    simulated(async |system| {
        let (actor, heard) = Ear::<u32>::of(&system);
        let named = Behavior::receive_message(move |number| {
            actor.tell(number);
            Behavior::same()
        });
        let named = system.spawn(named, "named").unwrap();
        for way in ["named", "/named", "casty://test/named"] {
            let found = system.lookup::<u32>(way).unwrap();
            assert_eq!(found, named, "{way}");
            found.tell(1);
            assert_eq!(heard.next().await, 1);
        }
    });
}

#[test]
fn actors_below_others_are_found_by_their_path() {
    simulated(async |system| {
        let root = system.spawn(family(), "root").unwrap();
        root.tell("child");
        settled(&system).await;
        system.lookup::<&str>("root/child").unwrap().tell("grandchild");
        settled(&system).await;
        let grandchild = system.lookup::<&str>("root/child/grandchild").unwrap();
        assert_eq!(grandchild.path(), path("casty://test/root/child/grandchild"));
    });
}

#[test]
fn what_is_not_there_is_not_found() {
    simulated(async |system| {
        system.spawn(family(), "root").unwrap();
        let (anonymous, _) = Ear::<&'static str>::of(&system);
        for way in ["nobody", "root/nobody", "nobody/root", "root/root", "casty://test/nobody"] {
            let expected = format!("casty://test/{}", way.trim_start_matches("casty://test/"));
            assert_eq!(system.lookup::<&str>(way), Err(LookupError::NotFound(path(&expected))), "{way}");
        }
        for way in ["", "/", "root/", "//root", "casty://", "casty://test", "casty://tes", "casty://testroot"]
        {
            assert!(matches!(system.lookup::<&str>(way), Err(LookupError::NotFound(_))), "{way}");
        }
        let number = anonymous.path().name().to_owned();
        assert!(system.lookup::<&str>(&number).is_err(), "an actor without a name is not found");
    });
}

#[test]
fn a_path_of_another_system_is_not_found() {
    simulated(async |system| {
        system.spawn(family(), "root").unwrap();
        let LookupError::NotFound(missing) = system.lookup::<&str>("casty://other/root").unwrap_err() else {
            panic!("another system has other actors")
        };
        assert_eq!(missing, path("casty://other/root"));
    });
}

#[test]
fn an_actor_of_another_type_is_named_with_what_it_takes() {
    simulated(async |system| {
        system.spawn(family(), "root").unwrap();
        let error = LookupError::WrongType { path: path("casty://test/root"), takes: "&str" };
        assert_eq!(system.lookup::<u32>("root"), Err(error.clone()));
        assert_eq!(system.lookup::<u32>("casty://test/root"), Err(error));
    });
}

#[test]
fn a_name_is_free_again_after_the_end_of_its_actor() {
    simulated(async |system| {
        let first = system.spawn(family(), "root").unwrap();
        assert_eq!(system.spawn(family(), "root"), Err(SpawnError::NameTaken(first.path())));
        system.stop(&first);
        settled(&system).await;
        assert!(system.lookup::<&str>("root").is_err());
        let second = system.spawn(family(), "root").unwrap();
        assert_ne!(first, second);
        assert_eq!(first.path(), second.path());
    });
}

/// What is wrong with a text as a name.
fn flaws() -> Vec<(String, InvalidName)> {
    let long = "x".repeat(NAME_BYTES_MAX + 1);
    let characters = ['/', ' ', '\t', '\n', '\0', '\u{7f}', '\u{a0}', '\u{2003}'];
    let characters = characters.map(|c| (format!("a{c}b"), InvalidName::Character(c)));
    [(String::new(), InvalidName::Empty), (long, InvalidName::Long), ("$1".into(), InvalidName::Reserved)]
        .into_iter()
        .chain(characters)
        .collect()
}

#[test]
fn a_name_that_cannot_be_one_is_refused_with_the_reason() {
    simulated(async |system| {
        for (name, flaw) in flaws() {
            assert_eq!(system.spawn(family(), &name), Err(SpawnError::InvalidName(flaw)), "{name:?}");
        }
        for name in ["a", "ünï", "a:b@c$d", ".", "..", &"x".repeat(NAME_BYTES_MAX)] {
            assert!(system.spawn(family(), name).is_ok(), "{name:?}");
        }
        assert_eq!(system.actors(), 6);
    });
}

#[test]
fn a_system_has_the_same_names_as_actors() {
    for (name, flaw) in flaws() {
        let error = ActorSystem::on(Smol::threads(1)).name(&name).start().unwrap_err();
        assert_eq!((error.name, error.reason), (name, flaw));
    }
}

#[test]
fn a_path_is_read_as_it_is_written() {
    for text in ["casty://test", "casty://test/a", "casty://test/a/$7/b"] {
        assert_eq!(path(text).to_string(), text);
    }
    let nested = path("casty://test/a/b");
    assert_eq!((nested.system(), nested.name()), ("test", "b"));
    assert_eq!(nested.names().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(nested.parent(), Some(path("casty://test/a")));
    assert_eq!(path("casty://test").parent(), None);
}

#[test]
fn a_text_that_is_no_path_is_refused_with_the_reason() {
    let reason = |text: &str| text.parse::<Path>().unwrap_err();
    for text in ["", "test/a", "casty:/test/a", "http://test/a", "CASTY://test"] {
        assert_eq!(reason(text), InvalidPath::Scheme, "{text}");
    }
    for text in ["casty://", "casty:///a", "casty://test/", "casty://test//a"] {
        assert_eq!(reason(text), InvalidPath::Name(String::new(), InvalidName::Empty), "{text}");
    }
    assert_eq!(reason("casty://test/a b"), InvalidPath::Name("a b".into(), InvalidName::Character(' ')));
}

#[test]
fn a_system_has_no_more_actors_than_its_limits_say() {
    let limits = Limits { actors_max: 2, ..Limits::default() };
    simulated_within(&limits, async |system| {
        let first = system.spawn(family(), "first").unwrap();
        system.spawn(family(), "second").unwrap();
        assert_eq!(system.spawn(family(), "third"), Err(SpawnError::TooMany { actors_max: 2 }));
        assert_eq!(system.spawn(family(), "first"), Err(SpawnError::TooMany { actors_max: 2 }));
        system.stop(&first);
        settled(&system).await;
        assert!(system.spawn(family(), "third").is_ok());
    });
}

#[test]
fn an_actor_knows_its_system() {
    simulated(async |system| {
        let (told, names) = Ear::of(&system);
        let curious: Behavior<()> = Behavior::setup(move |ctx| {
            let system = ctx.system();
            let found = system.lookup::<()>("curious").unwrap();
            told.tell((system.name().to_owned(), found == ctx.me(), system.actors()));
            Behavior::ignore()
        });
        system.spawn(curious, "curious").unwrap();
        assert_eq!(names.next().await, ("test".into(), true, 2));
    });
}

#[test]
fn a_stop_does_not_wait_and_a_drain_does() {
    for (drains, expected) in [(false, vec![]), (true, vec![1, 2, 3])] {
        simulated(async |system| {
            let (told, heard) = Ear::of(&system);
            let forward = Behavior::receive_message(move |number: u32| {
                told.tell(number);
                Behavior::same()
            });
            let forward = system.spawn(forward, "forward").unwrap();
            settled(&system).await;
            (1..=3).for_each(|number| forward.tell(number));
            if drains {
                system.drain(&forward)
            } else {
                system.stop(&forward)
            }
            settled(&system).await;
            assert!(forward.is_stopped());
            assert_eq!(heard.rest(), expected);
        });
    }
}

#[test]
fn time_and_chance_are_the_systems_own() {
    let numbers = || {
        simulated(async |system| {
            let before = system.now();
            system.sleep(mins(90)).await;
            assert_eq!(system.now() - before, mins(90));
            assert_eq!(system.timers(), 0);
            let mut rng = system.rng();
            [rng.next_u64(), rng.next_u64(), system.rng().next_u64()]
        })
    };
    let [first, second, third] = numbers();
    assert_eq!(numbers(), [first, second, third], "one seed, one run");
    assert!(first != second && second != third);
}

#[test]
fn an_actor_that_is_stopped_before_it_has_begun_never_begins() {
    simulated(async |system| {
        let (told, heard) = Ear::of(&system);
        let [started, stopped] = [told.clone(), told];
        let actor = Behavior::<()>::ignore().on_start(move |_| started.tell("started"));
        let actor = system.spawn(actor.on_stop(move |_| stopped.tell("stopped")), "actor").unwrap();
        actor.tell(());
        system.stop(&actor);
        settled(&system).await;
        assert_eq!((heard.rest(), system.dead_letters()), (vec![], 1));
        assert!(actor.is_stopped());
    });
}

#[test]
fn ten_systems_in_one_process_do_not_meet() {
    play(async {
        let systems: Vec<_> = (0..10).map(|_| ActorSystem::on(Smol::threads(1)).start().unwrap()).collect();
        for (number, system) in systems.iter().enumerate() {
            let (actor, heard) = Ear::of(system);
            let found = Behavior::receive_message(move |word: u32| {
                actor.tell(word);
                Behavior::same()
            });
            system.spawn(found, "same-name").unwrap();
            system.lookup::<u32>("same-name").unwrap().tell(number as u32);
            assert_eq!((heard.next().await, heard.rest()), (number as u32, vec![]));
        }
        for system in &systems {
            assert!(system.shutdown().await.is_clean());
        }
    });
}

#[test]
fn actors_of_different_systems_can_ask_each_other() {
    play(async {
        let [one, other] = ["one", "other"].map(ActorSystem::new);
        let answer = Behavior::receive_message(|reply: ReplyTo<u32>| {
            reply.tell(7);
            Behavior::same()
        });
        let answer = one.spawn(answer, "answer").unwrap();
        let (told, heard) = Ear::of(&other);
        let asker = Behavior::setup(move |ctx| {
            ctx.ask(&answer, |reply| reply, secs(30), |outcome| outcome);
            let told = told.clone();
            Behavior::receive_message(move |outcome: Result<u32, AskError>| {
                told.tell(outcome);
                Behavior::same()
            })
        });
        other.spawn(asker, "asker").unwrap();
        assert_eq!(heard.next().await, Ok(7));
    });
}

#[test]
fn a_system_lives_on_a_users_executor() {
    let executor = Arc::new(smol::Executor::new());
    play(executor.run(async {
        let system = ActorSystem::on(Smol::executor(Arc::clone(&executor), 1)).start().unwrap();
        greet(&system).await;
    }));
}

#[test]
fn a_system_lives_on_a_local_executor() {
    let local = smol::LocalExecutor::new();
    let (host, driver) = Smol::driver();
    let driver = local.spawn(driver);
    play(local.run(async {
        let system = ActorSystem::on(host).start().unwrap();
        greet(&system).await;
        drop(system);
        driver.await;
    }));
}

/// Something is told and heard in the system, and it ends.
async fn greet(system: &ActorSystem) {
    let (actor, heard) = Ear::of(system);
    actor.tell("hello");
    assert_eq!(heard.next().await, "hello");
    assert!(system.shutdown().await.is_clean());
}
