//! A behavior test shows what a behavior does: effects, time, failures, its end.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

use casty_core::{
    ActorRef, AskError, Backoff, Behavior, DeadReason, Effect, Heard, OneForOne, Refers, ReplyTo, Signal,
    millis, mins, secs,
};
use casty_testkit::{BehaviorTest, Probe};

enum Parent {
    Hear(ActorRef<&'static str>),
    Raise(&'static str),
    Dismiss(&'static str),
    Gone(&'static str),
}

/// Has children by name, and tells whoever asked for it of each that is gone.
fn parent(news: Option<ActorRef<&'static str>>) -> Behavior<Parent> {
    Behavior::receive(move |ctx, message| {
        match message {
            Parent::Hear(reader) => return parent(Some(reader)),
            Parent::Raise(name) => match ctx.spawn(child(), name) {
                Ok(child) => ctx.watch_with(&child, Parent::Gone(name)),
                Err(_) => return Behavior::unhandled(),
            },
            Parent::Dismiss(name) => {
                let child = ctx.children().find(|child| child.path().name() == name);
                child.into_iter().for_each(|child| ctx.stop(&child).unwrap());
            }
            Parent::Gone(name) => news.iter().for_each(|news| news.tell(name)),
        }
        Behavior::same()
    })
}

fn child() -> Behavior<u32> {
    Behavior::receive_message(|number| if number == 0 { Behavior::stopped() } else { Behavior::same() })
}

#[test]
fn spawning_watching_and_stopping_a_child_are_effects() {
    let mut test = BehaviorTest::new(parent(None));
    test.tell(Parent::Raise("ada"));
    let ada = test.child::<u32>("ada").unwrap();
    assert_eq!(test.effects(), [Effect::Spawned(ada.to_any()), Effect::Watched(ada.to_any())]);
    test.tell(Parent::Dismiss("ada"));
    assert_eq!(test.effects(), [Effect::Stopped(ada.to_any())]);
    assert!(ada.is_stopped());
    assert!(test.effects().is_empty(), "effects are shown once");
}

#[test]
fn children_are_real_actors() {
    let mut test = BehaviorTest::new(parent(None));
    let news: Probe<&str> = test.probe();
    test.tell(Parent::Hear(news.actor().clone()));
    test.tell(Parent::Raise("ada"));
    test.tell(Parent::Raise("ada"));
    assert_eq!(test.unhandled().len(), 1, "the name was taken");
    test.child("ada").unwrap().tell(0_u32);
    assert_eq!(news.try_recv(), None);
    test.settle();
    assert_eq!(news.try_recv(), Some("ada"));
    assert!(test.child::<u32>("ada").is_err());
    assert!(test.child::<u64>("ada").is_err());
}

#[test]
fn effects_of_the_setup_are_shown_too() {
    let patient: Behavior<()> = Behavior::setup(|ctx| {
        ctx.set_receive_timeout(secs(1), || ());
        ctx.schedule_once("once", secs(2), ());
        ctx.cancel_timer("once");
        Behavior::ignore()
    });
    let expected = [
        Effect::ReceiveTimeoutSet(secs(1)),
        Effect::TimerSet("once".into(), secs(2)),
        Effect::TimerCancelled("once".into()),
    ];
    assert_eq!(BehaviorTest::new(patient).effects(), expected);
}

#[test]
fn time_moves_only_when_the_test_says_so() {
    let clock: Behavior<ReplyTo<u128>> = Behavior::receive(|ctx, reply: ReplyTo<u128>| {
        reply.tell((ctx.now() - casty_core::Instant::ORIGIN).as_millis());
        Behavior::same()
    });
    let mut test = BehaviorTest::new(clock);
    assert_eq!(test.ask(|reply| reply), Some(0));
    test.advance(millis(1_500));
    assert_eq!(test.ask(|reply| reply), Some(1_500));
}

#[test]
fn a_failure_is_shown_and_the_restart_comes_at_its_time() {
    let fragile: Behavior<u32> = Behavior::fold(0, |count, _, number| match number {
        0 => casty_core::Step::Become(Behavior::fail("zero")),
        _ => casty_core::Step::Keep(count + number),
    });
    let pause = Backoff::new(secs(1), secs(1)).jitter(0.0);
    let mut test = BehaviorTest::new(fragile.supervised(OneForOne::restarts(1, mins(1)).backoff(pause)));
    test.tell(0);
    assert_eq!(test.failures().len(), 1);
    assert!(!test.is_stopped());
    test.tell(0);
    assert!(test.failures().is_empty(), "it pauses");
    test.advance(secs(1));
    assert_eq!(test.failures()[0].failure.to_string(), "zero");
    assert!(test.is_stopped(), "the budget is spent");
}

#[test]
fn what_is_told_after_the_end_is_a_dead_letter() {
    let mut test = BehaviorTest::new(child());
    test.tell(0);
    test.tell(1);
    let letters = test.dead_letters();
    assert_eq!((letters.len(), letters[0].reason), (1, DeadReason::Stopped));
}

#[test]
fn an_ask_of_a_collaborator_is_played_by_a_probe() {
    enum Shop {
        Buy,
        Priced(Result<u32, AskError>),
    }
    fn shop(prices: ActorRef<ReplyTo<u32>>, bought: ActorRef<Result<u32, AskError>>) -> Behavior<Shop> {
        Behavior::receive(move |ctx, message| {
            match message {
                Shop::Buy => ctx.ask(&prices, |reply| reply, secs(1), Shop::Priced),
                Shop::Priced(price) => bought.tell(price),
            }
            Behavior::same()
        })
    }
    let world = BehaviorTest::new(Behavior::<()>::ignore());
    let (prices, bought) = (world.probe(), world.probe());
    let mut test = BehaviorTest::new(shop(prices.actor().clone(), bought.actor().clone()));
    test.tell(Shop::Buy);
    assert_eq!(test.effects(), [Effect::Asked(prices.actor().to_any())]);
    test.advance(secs(1));
    let mut world = world;
    world.settle();
    assert_eq!(bought.try_recv(), Some(Err(AskError::Timeout)));
}

#[test]
fn a_spied_test_shows_what_was_heard() {
    let mut test =
        BehaviorTest::spied(Behavior::<u8>::ignore().on_signal(|_, _: &Signal| Behavior::unhandled()));
    test.tell(7);
    test.stop();
    let heard: Vec<Heard> = test.heard().into_iter().map(|event| event.heard).collect();
    let signal = |name: &str| Heard::Signal(name.into());
    assert_eq!(heard, [signal("Started"), Heard::Message("7".into()), signal("Stopped")]);
}
