//! State that survives: what the journal has is there, and nothing else.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod scene;
mod sum;

use casty::journal::{Fault, MemoryJournal, Sequence};
use casty::persist::{Decision, EntityFailed, EntityRecovered, OnFailure, PersistCause, PersistError};
use casty::prelude::*;
use casty::simulation::Faults;
use casty::testkit::BehaviorTest;
use casty::{ActorFailed, ActorStopped};
use scene::{Ear, settled};
use sum::{Added, FAILING, SLOW, Sum, Total, add, events, kept, patient, played, sum, total};

#[test]
fn an_event_is_durable_before_it_is_acknowledged() {
    played(async |system, journal, memory| {
        journal.set(SLOW);
        let actor = system.spawn(sum(kept(journal)), "sum").unwrap();
        for number in 1..=5 {
            assert!(add(&actor, 1).await.is_ok());
            assert_eq!(events(&memory).await, number);
        }
    });
}

#[test]
fn what_was_acknowledged_is_there_after_a_restart() {
    played(async |system, journal, _| {
        journal.set(SLOW);
        let behavior = sum(kept(journal)).supervised(OneForOne::restarts(9, mins(1)));
        let actor = system.spawn(behavior, "sum").unwrap();
        assert_eq!(add(&actor, 5).await, Ok(5));
        actor.tell(Sum::Fail);
        assert_eq!(total(&actor).await, Ok(5));
        assert_eq!(add(&actor, 2).await, Ok(7));
    });
}

#[test]
fn commands_wait_in_their_order_while_an_entity_recovers_and_writes() {
    played(async |system, journal, _| {
        journal.set(SLOW);
        let actor = system.spawn(sum(kept(journal)), "sum").unwrap();
        let asks: Vec<_> =
            (1..=6).map(|number| actor.ask(|reply| Sum::Add(number, reply), secs(10))).collect();
        let totals = futures::future::try_join_all(asks).await.unwrap();
        assert_eq!(totals, [1, 3, 6, 10, 15, 21]);
    });
}

#[test]
fn a_write_that_failed_leaves_no_trace_and_is_not_acknowledged() {
    played(async |system, journal, memory| {
        let failures = Ear::<ActorFailed>::on(&system);
        let behavior = sum(kept(journal.clone())).supervised(patient());
        let actor = system.spawn(behavior, "sum").unwrap();
        assert_eq!(add(&actor, 1).await, Ok(1));
        journal.set(FAILING);
        let refused = actor.ask(|reply| Sum::Add(5, reply), secs(10));
        assert_eq!(refused.await, Err(AskError::Unanswered));
        journal.set(Faults::default());
        let failure = failures.next().await.failure;
        let error = failure.as_error::<PersistError>().unwrap();
        assert_eq!((error.entity.as_str(), error.sequence.number()), ("sum", 2));
        assert_eq!(error.cause, PersistCause::Journal(Fault::Failed("planned".into())));
        assert_eq!((events(&memory).await, total(&actor).await), (1, Ok(1)));
    });
}

#[test]
fn an_entity_that_is_to_stop_at_a_failure_stops_whatever_its_strategy_says() {
    played(async |system, journal, _| {
        let (ends, failures) = (Ear::<ActorStopped>::on(&system), Ear::<EntityFailed>::on(&system));
        let behavior = sum(kept(journal.clone()).on_failure(OnFailure::Stop));
        let actor = system.spawn(behavior.supervised(OneForOne::restarts(9, mins(1))), "sum").unwrap();
        assert_eq!(add(&actor, 1).await, Ok(1));
        journal.set(FAILING);
        assert!(add(&actor, 1).await.is_err());
        assert!(ends.next().await.failure.is_none());
        assert_eq!(failures.next().await.error.sequence, Sequence::new(2));
    });
}

#[test]
fn after_a_write_of_unknown_outcome_the_actor_learns_it_from_the_journal() {
    let unknown = Faults { unknown_permille: 1_000, ..Faults::default() };
    let late = Faults { late_permille: 1_000, delay_max: millis(3), ..Faults::default() };
    for faults in [unknown, late] {
        played(async |system, journal, memory| {
            let actor = system.spawn(sum(kept(journal.clone())).supervised(patient()), "sum").unwrap();
            assert_eq!(add(&actor, 1).await, Ok(1));
            journal.set(faults);
            assert_eq!(add(&actor, 5).await, Err(AskError::Unanswered));
            journal.set(Faults::default());
            let now = total(&actor).await.unwrap();
            // What came too late for the recovery is refused, so that it cannot come between.
            system.sleep(secs(1)).await;
            assert_eq!(events(&memory).await, if now == 6 { 2 } else { 1 });
            assert_eq!(add(&actor, 1).await, Ok(now + 1));
        });
    }
}

#[test]
fn of_two_actors_with_one_entity_the_first_is_refused_and_stops() {
    played(async |system, journal, _| {
        let failures = Ear::<EntityFailed>::on(&system);
        let first = sum(kept(journal.clone())).supervised(OneForOne::restarts(9, mins(1)));
        let first = system.spawn(first, "first").unwrap();
        assert_eq!(add(&first, 1).await, Ok(1));
        let second = system.spawn(sum(kept(journal)), "second").unwrap();
        assert_eq!(add(&second, 10).await, Ok(11));
        assert_eq!(add(&first, 100).await, Err(AskError::Unanswered));
        let error = failures.next().await.error;
        assert!(matches!(error.cause, PersistCause::Journal(Fault::StaleEpoch { .. })), "{error}");
        settled(&system).await;
        assert!(first.is_stopped());
        assert_eq!(total(&second).await, Ok(11));
    });
}

#[test]
fn several_events_are_persisted_together_and_what_follows_sees_all_of_them() {
    let journal = MemoryJournal::new();
    let behavior = |journal: MemoryJournal| {
        Behavior::event_sourced(kept(journal), |_, _, (numbers, reply): (Vec<u64>, ReplyTo<u64>)| {
            let decision = Decision::persist_all(numbers.into_iter().map(Added));
            decision.reply(reply, |total: &Total| total.0).and_stop()
        })
    };
    let mut test = BehaviorTest::new(behavior(journal.clone()));
    assert_eq!(test.ask(|reply| (vec![1, 2, 3], reply)), Some(6));
    assert!(test.is_stopped());
    let mut again = BehaviorTest::new(behavior(journal));
    assert_eq!(again.ask(|reply| (vec![], reply)), Some(6));
}

#[test]
fn a_command_may_be_unhandled_or_stop_the_actor() {
    let behavior = Behavior::event_sourced(kept(MemoryJournal::new()), |_, _, stop: bool| {
        if stop { Decision::stop() } else { Decision::unhandled() }
    });
    let mut test = BehaviorTest::new(behavior);
    test.tell(false);
    assert_eq!(test.unhandled().len(), 1);
    test.tell(true);
    assert!(test.is_stopped());
}

#[test]
fn hooks_and_interceptors_are_around_an_entity_as_around_any_behavior() {
    played(async |system, journal, _| {
        let (hooks, heard) = Ear::of(&system);
        let (started, stopped) = (hooks.clone(), hooks);
        let behavior = sum(kept(journal))
            .intercept(|_, command| match command {
                Sum::Add(number, reply) => Some(Sum::Add(number * 2, reply)),
                other => Some(other),
            })
            .on_start(move |_| started.tell("started"))
            .on_stop(move |_| stopped.tell("stopped"));
        let actor = system.spawn(behavior, "sum").unwrap();
        assert_eq!(add(&actor, 21).await, Ok(42));
        system.stop(&actor);
        assert_eq!((heard.next().await, heard.next().await), ("started", "stopped"));
    });
}

#[test]
fn a_panic_after_an_event_is_durable_keeps_event_and_state() {
    played(async |system, journal, memory| {
        journal.set(SLOW);
        let behavior = Behavior::event_sourced(kept(journal), |_, _, command| match command {
            Sum::Add(number, _) => {
                Decision::persist(Added(number)).then(|_| std::panic::resume_unwind(Box::new("planned")))
            }
            Sum::Total(reply) => Decision::none().reply(reply, |total: &Total| total.0),
            Sum::Fail => Decision::unhandled(),
        });
        let recovered = Ear::<EntityRecovered>::on(&system);
        let resumed = behavior.supervised(OneForOne::decide(|_| Directive::Resume));
        let actor = system.spawn(resumed, "sum").unwrap();
        assert_eq!(add(&actor, 5).await, Err(AskError::Unanswered));
        assert_eq!((total(&actor).await, events(&memory).await), (Ok(5), 1));
        assert_eq!(recovered.rest().len(), 1);
    });
}

#[test]
fn after_a_write_that_failed_a_resumed_entity_goes_on_with_its_state() {
    played(async |system, journal, _| {
        let recovered = Ear::<EntityRecovered>::on(&system);
        let behavior = sum(kept(journal.clone())).supervised(OneForOne::decide(|_| Directive::Resume));
        let actor = system.spawn(behavior, "sum").unwrap();
        assert_eq!(add(&actor, 5).await, Ok(5));
        journal.set(FAILING);
        assert_eq!(add(&actor, 1).await, Err(AskError::Unanswered));
        assert_eq!(total(&actor).await, Ok(5));
        journal.set(Faults::default());
        assert_eq!(add(&actor, 1).await, Ok(6));
        assert_eq!(recovered.rest().len(), 1);
    });
}

#[test]
fn a_spy_sees_each_command_once_although_it_had_to_wait() {
    played(async |system, journal, _| {
        journal.set(SLOW);
        let (spy, heard) = Ear::of(&system);
        let actor = system.spawn(sum(kept(journal)).spy(spy), "sum").unwrap();
        let asks: Vec<_> =
            (1..=3).map(|number| actor.ask(|reply| Sum::Add(number, reply), secs(10))).collect();
        assert_eq!(futures::future::try_join_all(asks).await.unwrap(), [1, 3, 6]);
        settled(&system).await;
        let seen: Vec<String> = heard.rest().into_iter().map(|event| format!("{:?}", event.heard)).collect();
        let adds = seen.iter().filter(|heard| heard.contains("Add(")).count();
        assert!(seen[0].contains("Started") && adds == 3, "{seen:?}");
    });
}

#[test]
fn a_stop_does_not_wait_for_a_journal_that_does_not_answer() {
    played(async |system, journal, _| {
        journal.set(Faults { delay_max: hours(1), ..Faults::default() });
        let ends = Ear::<ActorStopped>::on(&system);
        let actor = system.spawn(sum(kept(journal)), "sum").unwrap();
        settled(&system).await;
        let waiting = actor.ask(|reply| Sum::Add(1, reply), secs(10));
        system.stop(&actor);
        assert_eq!(ends.next().await.path.name(), "sum");
        assert_eq!(waiting.await, Err(AskError::Stopped));
    });
}

#[test]
fn a_write_that_is_not_answered_in_time_counts_as_unknown_and_the_journal_is_asked() {
    played(async |system, journal, memory| {
        let failures = Ear::<EntityFailed>::on(&system);
        let kept = kept(journal.clone()).write_timeout(secs(1)).recovery_timeout(secs(1));
        let actor = system.spawn(sum(kept).supervised(patient()), "sum").unwrap();
        assert_eq!(add(&actor, 1).await, Ok(1));
        journal.set(Faults { delay_max: mins(10), ..Faults::default() });
        // Some delays are short enough.
        while add(&actor, 1).await.is_ok() {}
        journal.set(Faults::default());
        let error = failures.next().await.error;
        let late = Fault::Unknown("no answer within 1s".into());
        assert_eq!(error.cause, PersistCause::Journal(late));
        let now = total(&actor).await.unwrap();
        assert_eq!(events(&memory).await as u64, now);
        // What was under way when the actor started anew comes too late, and is refused.
        system.sleep(mins(30)).await;
        assert_eq!((events(&memory).await as u64, total(&actor).await), (now, Ok(now)));
    });
}

#[test]
fn each_write_has_its_time_however_long_those_before_took() {
    played(async |system, journal, _memory| {
        let kept = kept(journal.clone()).write_timeout(secs(1));
        let actor = system.spawn(sum(kept), "sum").unwrap();
        assert_eq!(add(&actor, 0).await, Ok(0));
        journal.set(Faults { delay_max: millis(450), ..Faults::default() });
        for total in 1..=50 {
            assert_eq!(add(&actor, 1).await, Ok(total));
        }
    });
}

#[test]
fn when_the_machine_of_the_journal_crashes_what_was_under_way_is_there_or_not_and_the_rest_is() {
    played(async |system, journal, memory| {
        let actor = system.spawn(sum(kept(journal.clone())).supervised(patient()), "sum").unwrap();
        assert_eq!(add(&actor, 1).await, Ok(1));
        journal.set(SLOW);
        let under_way = actor.ask(|reply| Sum::Add(10, reply), secs(10));
        system.sleep(millis(1)).await;
        journal.crash();
        let acknowledged = under_way.await;
        let now = total(&actor).await.unwrap();
        match acknowledged {
            Ok(sum) => assert_eq!((sum, now), (11, 11)),
            Err(error) => assert!(error == AskError::Unanswered && [1, 11].contains(&now), "{error} {now}"),
        }
        assert_eq!(events(&memory).await, if now == 11 { 2 } else { 1 });
    });
}

#[test]
fn who_has_recovered_decides_first_and_before_any_command() {
    played(async |system, journal, memory| {
        journal.set(SLOW);
        let behavior = Behavior::event_sourced_with(
            kept(journal),
            |_, _| Decision::persist(Added(100)),
            |_, _, command| match command {
                Sum::Fail => Decision::stop(),
                Sum::Add(_, reply) | Sum::Total(reply) => Decision::none().reply(reply, |sum: &Total| sum.0),
            },
        );
        for sum in [100, 200] {
            let actor = system.spawn_anonymous(behavior.clone()).unwrap();
            assert_eq!(total(&actor).await, Ok(sum));
            actor.tell(Sum::Fail);
        }
        assert_eq!(events(&memory).await, 2);
    });
}
