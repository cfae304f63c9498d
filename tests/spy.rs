//! Looking on: spies hear what an actor hears, and recorders what it asks for.
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod scene;

use casty::prelude::*;
use casty::{Effect, Heard, SpyEvent};
use scene::{Ear, settled, simulated};

#[derive(Clone, Debug)]
enum Msg {
    Hello,
    Fail,
    Raise(&'static str),
    Stop,
}

/// Fails, raises children of its own kind, or stops.
fn actor() -> Behavior<Msg> {
    Behavior::receive(|ctx, message| match message {
        Msg::Hello => Behavior::same(),
        Msg::Fail => Behavior::fail("no"),
        Msg::Raise(name) => {
            let child = ctx.spawn(actor(), name).unwrap();
            child.tell(Msg::Hello);
            if name == "child" {
                child.tell(Msg::Raise("grandchild"));
            }
            ctx.watch(&child);
            Behavior::same()
        }
        Msg::Stop => Behavior::stopped(),
    })
}

/// What a spy reports, in words: the name of the actor, and what it heard.
fn report(events: Vec<SpyEvent>) -> Vec<String> {
    let line = |event: SpyEvent| match event.heard {
        Heard::Message(message) => format!("{}: {message}", event.path.name()),
        Heard::Signal(signal) => format!("{}! {}", event.path.name(), signal.split('(').next().unwrap()),
    };
    events.into_iter().map(line).collect()
}

/// What a spy reports of an actor that is told these messages.
fn spied(spy: fn(Behavior<Msg>, ActorRef<SpyEvent>) -> Behavior<Msg>, messages: Vec<Msg>) -> Vec<String> {
    simulated(async |system| {
        let (observer, events) = Ear::of(&system);
        let actor = system.spawn(spy(actor(), observer), "actor").unwrap();
        for message in &messages {
            actor.tell(message.clone());
            settled(&system).await;
        }
        report(events.rest())
    })
}

#[test]
fn a_spy_hears_messages_and_signals_in_their_order() {
    let heard = spied(Behavior::spy, vec![Msg::Hello, Msg::Raise("other"), Msg::Stop]);
    assert_eq!(
        heard,
        ["actor! Started", "actor: Hello", "actor: Raise(\"other\")", "actor: Stop", "actor! Stopped"]
    );
}

#[test]
fn a_spy_says_when() {
    simulated(async |system| {
        let (observer, events) = Ear::of(&system);
        let actor = system.spawn(actor().spy(observer), "actor").unwrap();
        system.sleep(secs(5)).await;
        actor.tell(Msg::Hello);
        assert_eq!(events.next().await.at, casty::Instant::ORIGIN);
        assert_eq!(events.next().await.at, casty::Instant::ORIGIN + secs(5));
    });
}

#[test]
fn a_spy_hears_what_an_actor_tells_itself() {
    simulated(async |system| {
        let (observer, events) = Ear::of(&system);
        let echo = Behavior::receive(|ctx, number: u32| {
            if number > 0 {
                ctx.me().tell(number - 1);
            }
            Behavior::same()
        });
        system.spawn(echo.spy(observer), "echo").unwrap().tell(2);
        settled(&system).await;
        assert_eq!(report(events.rest()), ["echo! Started", "echo: 2", "echo: 1", "echo: 0"]);
    });
}

#[test]
fn a_spy_does_not_show_in_replies() {
    simulated(async |system| {
        let (observer, events) = Ear::of(&system);
        let double = Behavior::receive_message(|(number, reply): (u32, ReplyTo<u32>)| {
            reply.tell(2 * number);
            Behavior::same()
        });
        let double = system.spawn(double.spy(observer), "double").unwrap();
        assert_eq!(double.ask(|reply| (4, reply), secs(1)).await, Ok(8));
        settled(&system).await;
        assert_eq!(report(events.rest()), ["double! Started", "double: (4, ReplyTo<u32>)"]);
    });
}

#[test]
fn a_spy_stays_through_restarts_outside_and_inside_of_supervision() {
    let expected = ["actor! Started", "actor: Fail", "actor! Restarting", "actor! Restarted", "actor: Hello"];
    let outside =
        |actor: Behavior<Msg>, observer| actor.supervised(OneForOne::restarts(1, mins(1))).spy(observer);
    let inside =
        |actor: Behavior<Msg>, observer| actor.spy(observer).supervised(OneForOne::restarts(1, mins(1)));
    assert_eq!(spied(outside, vec![Msg::Fail, Msg::Hello]), expected);
    assert_eq!(spied(inside, vec![Msg::Fail, Msg::Hello]), expected);
}

#[test]
fn a_spy_stays_through_transitions() {
    fn odd() -> Behavior<u32> {
        Behavior::receive_message(|_| even())
    }
    fn even() -> Behavior<u32> {
        Behavior::receive_message(|_| odd())
    }
    simulated(async |system| {
        let (observer, events) = Ear::of(&system);
        let parity = system.spawn(even().spy(observer), "parity").unwrap();
        (1..=3).for_each(|number| parity.tell(number));
        settled(&system).await;
        assert_eq!(report(events.rest()), ["parity! Started", "parity: 1", "parity: 2", "parity: 3"]);
    });
}

#[test]
fn a_spy_on_the_family_hears_children_and_grandchildren_by_their_types() {
    let heard = spied(Behavior::spy_children, vec![Msg::Raise("child"), Msg::Hello]);
    let message = core::any::type_name::<Msg>();
    for name in ["child", "grandchild"] {
        assert!(heard.contains(&format!("{name}! Started")), "{heard:?}");
        assert!(heard.contains(&format!("{name}: {message}")), "{heard:?}");
    }
    assert!(heard.contains(&"actor: Hello".into()), "{heard:?}");
}

#[test]
fn a_plain_spy_hears_no_children() {
    let heard = spied(Behavior::spy, vec![Msg::Raise("child")]);
    assert_eq!(heard, ["actor! Started", "actor: Raise(\"child\")"]);
}

#[test]
fn a_spy_hears_of_the_end_of_a_watched_child() {
    simulated(async |system| {
        let (observer, events) = Ear::of(&system);
        let actor = system.spawn(actor().spy(observer), "actor").unwrap();
        actor.tell(Msg::Raise("brief"));
        settled(&system).await;
        system.lookup::<Msg>("actor/brief").unwrap().tell(Msg::Stop);
        settled(&system).await;
        assert_eq!(report(events.rest()).last().unwrap(), "actor! Terminated");
    });
}

#[test]
fn a_monitor_gets_a_copy_of_each_message() {
    simulated(async |system| {
        let (monitor, copies) = Ear::of(&system);
        let (actor, heard) = Ear::of(&system);
        let forward = Behavior::receive_message(move |number: u32| {
            actor.tell(number);
            Behavior::same()
        });
        let forward = system.spawn(forward.monitored(monitor), "forward").unwrap();
        (1..=3).for_each(|number| forward.tell(number));
        settled(&system).await;
        assert_eq!((copies.rest(), heard.rest()), (vec![1, 2, 3], vec![1, 2, 3]));
    });
}

/// The effects of a behavior that is told one message and then stops.
fn effects(behavior: Behavior<Option<u32>>) -> Vec<Effect> {
    simulated(async |system| {
        let (recorder, effects) = Ear::of(&system);
        let actor = system.spawn(behavior.clone().recorded(recorder), "actor").unwrap();
        actor.tell(Some(1));
        settled(&system).await;
        actor.tell(None);
        settled(&system).await;
        assert!(actor.is_stopped());
        effects.rest()
    })
}

/// Does something at a number, and stops at none.
fn at_a_number(what: impl Fn(&mut Context<Option<u32>>) + Send + Sync + 'static) -> Behavior<Option<u32>> {
    Behavior::receive(move |ctx, message: Option<u32>| {
        if message.is_none() {
            return Behavior::stopped();
        }
        what(ctx);
        Behavior::same()
    })
}

#[test]
fn a_recorder_hears_what_a_behavior_asks_for_and_nothing_else() {
    let timers = at_a_number(|ctx| {
        ctx.schedule_once("tick", secs(1), None);
        ctx.cancel_timer("tick");
        ctx.set_receive_timeout(secs(2), || None);
        ctx.cancel_receive_timeout();
    });
    assert_eq!(
        effects(timers),
        [
            Effect::TimerSet("tick".into(), secs(1)),
            Effect::TimerCancelled("tick".into()),
            Effect::ReceiveTimeoutSet(secs(2)),
            Effect::ReceiveTimeoutCancelled,
        ]
    );
}

#[test]
fn a_recorder_hears_of_children_watches_questions_tasks_and_the_stash() {
    let busy = at_a_number(|ctx| {
        let child = ctx.spawn(Behavior::<ReplyTo<()>>::ignore(), "child").unwrap();
        ctx.watch(&child);
        ctx.unwatch(&child);
        ctx.ask(&child, |reply| reply, secs(1), |_| None);
        ctx.stop(&child).unwrap();
        ctx.stash(None).unwrap();
        ctx.unstash_all();
        ctx.pipe_to_self(async {}, |_| None);
    });
    let effects = effects(busy);
    let names: Vec<_> =
        effects.iter().map(|effect| format!("{effect:?}").split('(').next().unwrap().to_owned()).collect();
    let expected =
        ["Spawned", "Watched", "Unwatched", "Asked", "Stopped", "Stashed", "Unstashed", "TaskStarted"];
    assert_eq!(names, expected);
}

#[test]
fn what_a_transition_puts_on_leaves_with_the_next_one() {
    simulated(async |system| {
        let (recorder, effects) = Ear::of(&system);
        let plain = || at_a_number(|ctx| ctx.schedule_once("tick", secs(9), None));
        let next = plain();
        let watched = Behavior::receive(move |ctx, _| {
            ctx.schedule_once("tick", secs(1), None);
            next.clone()
        });
        let first = Behavior::receive_message(move |_| watched.clone().recorded(recorder.clone()));
        let actor = system.spawn(first, "actor").unwrap();
        (0..3).for_each(|number| actor.tell(Some(number)));
        settled(&system).await;
        assert_eq!(effects.rest(), [Effect::TimerSet("tick".into(), secs(1))]);
    });
}
