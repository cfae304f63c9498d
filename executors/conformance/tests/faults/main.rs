//! Executors that each break one rule, and the sentence that finds each out.
//!
//! A suite that passes anything proves nothing.

mod broken;
mod wakers;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use broken::{Broken, Fault};
use casty_conformance::{
    Scene, Sentence, Verdict, blocking, drive, everywhere, other_threads, real_time, unwinding, verdict,
};
use casty_core::{millis, mins};
use casty_simulation::{Host, Simulation};
use casty_smol::Smol;

fn sentences() -> impl Iterator<Item = &'static Sentence> {
    let hosted = [unwinding::SENTENCES, other_threads::SENTENCES, real_time::SENTENCES, blocking::SENTENCES];
    everywhere::SENTENCES.iter().chain(hosted.into_iter().flatten())
}

fn sentence(name: &str) -> &'static Sentence {
    let found = sentences().find(|sentence| sentence.name() == name);
    found.unwrap_or_else(|| panic!("there is no sentence {name}"))
}

/// Plays on a simulation with that fault, which says at once when something waits for nothing.
fn simulated(fault: Fault, sentence: &Sentence) -> Verdict {
    let play = move |scene: Scene<Broken<Host>>| {
        let scene = |host| scene(Broken::new(host, fault, &Arc::default()));
        Simulation::new(7).steps_max(100_000).try_run(scene)?.value
    };
    verdict(mins(1), play, sentence)
}

/// Plays on one thread of smol with that fault. What hangs is found out soon: it would not help to be patient.
fn threaded(fault: Fault, sentence: &Sentence) -> Verdict {
    let enough = Arc::new(AtomicBool::new(false));
    let broken = Broken::new(Smol::threads(1), fault, &enough);
    let patience = if fault == Fault::Nothing { mins(1) } else { millis(500) };
    let verdict = verdict(patience, |scene: Scene<Broken<Smol>>| drive(scene(broken)), sentence);
    enough.store(true, Ordering::SeqCst);
    verdict
}

/// What is found out by what, in virtual time.
const SIMULATED: &[(Fault, &str)] = &[
    (Fault::DropsSomeTasks, "a_spawned_task_runs"),
    (Fault::PollsInsideSpawn, "a_task_is_not_polled_inside_spawn"),
    (Fault::LosesWakesDuringPolls, "a_task_that_wakes_itself_is_polled_again"),
    (Fault::LosesWakesDuringPolls, "a_flood_of_messages_starves_no_task"),
    (Fault::LosesWakesAfterPolls, "a_task_is_woken_through_a_clone_of_its_waker"),
    (Fault::LosesWakesDuringPolls, "messages_of_each_sender_arrive_in_its_order"),
    (Fault::LosesWakesAfterPolls, "an_answer_comes_back"),
    (Fault::LosesWakesAfterPolls, "several_systems_on_one_executor_do_not_meet"),
    (Fault::LosesWakesAfterPolls, "a_shutdown_delivers_what_was_told"),
    (Fault::LosesWakesAfterPolls, "a_system_that_is_dropped_stops_its_actors"),
    (Fault::DropsTasksOfTasks, "a_task_spawned_by_a_task_runs"),
    (Fault::SleepsTooShort, "a_sleep_is_not_ready_before_its_deadline"),
    (Fault::SleepsTooShort, "a_sleep_that_is_dropped_holds_nothing_up"),
    (Fault::SleepsTooShort, "time_never_goes_backwards"),
    (Fault::SleepsForEver, "a_sleep_is_not_ready_before_its_deadline"),
    (Fault::SleepsForEver, "timers_fire_in_the_order_of_their_deadlines"),
    (Fault::SleepsForEver, "a_timer_that_was_cancelled_does_not_fire"),
    (Fault::LiesLongerTheShorter, "of_several_sleeps_the_earliest_is_ready_first"),
    (Fault::WakesTheFirstPoller, "a_sleep_wakes_whoever_polled_it_last"),
    (Fault::NeverReachesThePast, "a_sleep_until_the_past_is_ready_at_once"),
    (Fault::CutsTheFuture, "a_sleep_into_the_far_future_is_not_ready"),
    (Fault::ClockGoesBackwards, "time_never_goes_backwards"),
    (Fault::RunsBatchesTwice, "a_batch_runs_once_inside_the_guard"),
    (Fault::CatchesNothing, "an_actor_that_panics_is_restarted_and_the_others_go_on"),
    (Fault::CatchesNothing, "a_task_of_an_actor_that_panics_ends_in_a_message"),
    (Fault::CatchesNothing, "a_blocking_job_that_panics_ends_in_a_message"),
    (Fault::LosesTheMessage, "the_guard_says_what_a_panic_said"),
    (Fault::DropsPayloadsOutside, "the_guard_survives_what_panics_as_it_is_dropped"),
    (Fault::ReturnsNobody, "whoever_was_entered_is_returned"),
    (Fault::LosesJobs, "a_blocking_job_ends_in_a_message"),
];

/// What is found out by what, on a thread.
const THREADED: &[(Fault, &str)] = &[
    (Fault::LosesWakesOfOtherThreads, "no_wake_of_another_thread_is_lost"),
    (Fault::LosesWakesOfOtherThreads, "a_task_spawned_by_another_thread_runs"),
    (Fault::LosesWakesOfOtherThreads, "messages_of_other_threads_arrive_in_their_order"),
    (Fault::LosesWakesOfOtherThreads, "another_thread_may_ask"),
    (Fault::SleepsTooShort, "another_thread_may_sleep"),
    (Fault::OneWorkerForAllThreads, "another_thread_is_no_worker"),
    (Fault::BlocksItsWorkers, "blocking_jobs_hold_up_no_actor"),
    (Fault::PollsOneWhileItIsWoken, "tasks_that_yield_for_ever_starve_no_actor"),
    (Fault::PollsOneWhileItIsWoken, "a_flood_of_messages_holds_up_no_timer"),
    (Fault::SleepsForEver, "a_clock_that_jumps_ahead_leaves_out_no_timer"),
    (Fault::PollsOneWhileItIsWoken, "a_shutdown_ends_a_system_that_never_rests"),
];

#[test]
fn each_fault_is_found_out_by_the_sentence_about_it() {
    for (fault, name) in SIMULATED {
        assert!(simulated(*fault, sentence(name)).is_err(), "{fault:?} passes {name}");
    }
}

#[test]
fn each_fault_with_threads_is_found_out_by_the_sentence_about_it() {
    // Which thread comes when is the kernel's to say, so that a fault may have no consequence now and then.
    const TRIES: usize = 100;
    for (fault, name) in THREADED {
        let found_out = (0..TRIES).any(|_| threaded(*fault, sentence(name)).is_err());
        assert!(found_out, "{fault:?} passes {name}");
    }
}

#[test]
fn what_finds_faults_finds_none_where_there_is_none() {
    for (_, name) in SIMULATED {
        let verdict = simulated(Fault::Nothing, sentence(name));
        assert!(verdict.is_ok(), "{name}: {verdict:?}");
    }
    for (_, name) in THREADED {
        let verdict = threaded(Fault::Nothing, sentence(name));
        assert!(verdict.is_ok(), "{name}: {verdict:?}");
    }
}

#[test]
fn every_sentence_is_broken_by_some_executor() {
    let broken = |name: &&str| SIMULATED.iter().chain(THREADED).any(|(_, by)| by == name);
    let unbroken: Vec<_> = sentences().map(Sentence::name).filter(|name| !broken(name)).collect();
    assert!(unbroken.is_empty(), "nothing shows that these can fail: {unbroken:?}");
}
