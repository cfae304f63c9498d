//! The sentences by group, each named once: for tests, and for whoever has none.

/// Makes a test of each sentence for the executor that a function plays scenes on.
///
/// `executor_passes!(threads: unwinding, blocking)` needs a function `threads(Scene<E>) -> Verdict` beside it, and makes a module of that name. It
/// has a test of each sentence in [`everywhere`](crate::everywhere), and in the groups that are named: `unwinding`, `other_threads`,
/// `real_time`, `blocking`.
///
/// ```
/// use casty_conformance::{Scene, Verdict, executor_passes};
/// use casty_simulation::{Host, Simulation};
///
/// fn simulated(scene: Scene<Host>) -> Verdict {
///     Simulation::new(7).try_run(scene)?.value
/// }
/// executor_passes!(simulated: unwinding);
/// # simulated(casty_conformance::everywhere::SENTENCES[0].scene()).unwrap();
/// ```
#[cfg(feature = "hosted")]
#[macro_export]
macro_rules! executor_passes {
    ($play:ident $(: $($group:ident),+)?) => {
        #[cfg(test)]
        mod $play {
            $crate::__everywhere!(__tests [super::$play]);
            $($($crate::executor_passes!(@ $group super::$play);)+)?
        }
    };
    (@ unwinding $play:path) => { $crate::__unwinding!(__tests [$play]); };
    (@ other_threads $play:path) => { $crate::__other_threads!(__tests [$play]); };
    (@ real_time $play:path) => { $crate::__real_time!(__tests [$play]); };
    (@ blocking $play:path) => { $crate::__blocking!(__tests [$play]); };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __everywhere {
    ($then:ident $with:tt) => {
        $crate::$then! { everywhere $with
            a_spawned_task_runs
            a_task_that_wakes_itself_is_polled_again
            a_task_is_woken_through_a_clone_of_its_waker
            a_task_spawned_by_a_task_runs
            a_batch_runs_once_inside_the_guard
            whoever_was_entered_is_returned
            time_never_goes_backwards
            a_sleep_is_not_ready_before_its_deadline
            a_sleep_until_the_past_is_ready_at_once
            of_several_sleeps_the_earliest_is_ready_first
            a_sleep_wakes_whoever_polled_it_last
            a_sleep_that_is_dropped_holds_nothing_up
            a_sleep_into_the_far_future_is_not_ready
            timers_fire_in_the_order_of_their_deadlines
            a_timer_that_was_cancelled_does_not_fire
            messages_of_each_sender_arrive_in_its_order
            an_answer_comes_back
            several_systems_on_one_executor_do_not_meet
            a_flood_of_messages_starves_no_task
            tasks_that_yield_for_ever_starve_no_actor
            a_blocking_job_ends_in_a_message
            a_shutdown_delivers_what_was_told
            a_system_that_is_dropped_stops_its_actors
        }
    };
}

#[cfg(feature = "hosted")]
#[doc(hidden)]
#[macro_export]
macro_rules! __unwinding {
    ($then:ident $with:tt) => {
        $crate::$then! { unwinding $with
            the_guard_says_what_a_panic_said
            the_guard_survives_what_panics_as_it_is_dropped
            an_actor_that_panics_is_restarted_and_the_others_go_on
            a_task_of_an_actor_that_panics_ends_in_a_message
            a_blocking_job_that_panics_ends_in_a_message
        }
    };
}

#[cfg(feature = "hosted")]
#[doc(hidden)]
#[macro_export]
macro_rules! __other_threads {
    ($then:ident $with:tt) => {
        $crate::$then! { other_threads $with
            no_wake_of_another_thread_is_lost
            a_task_is_not_polled_inside_spawn
            a_task_spawned_by_another_thread_runs
            messages_of_other_threads_arrive_in_their_order
            another_thread_may_ask
            another_thread_may_sleep
            another_thread_is_no_worker
        }
    };
}

#[cfg(feature = "hosted")]
#[doc(hidden)]
#[macro_export]
macro_rules! __real_time {
    ($then:ident $with:tt) => {
        $crate::$then! { real_time $with
            a_flood_of_messages_holds_up_no_timer
            a_clock_that_jumps_ahead_leaves_out_no_timer
            a_shutdown_ends_a_system_that_never_rests
        }
    };
}

#[cfg(feature = "hosted")]
#[doc(hidden)]
#[macro_export]
macro_rules! __blocking {
    ($then:ident $with:tt) => {
        $crate::$then! { blocking $with
            blocking_jobs_hold_up_no_actor
        }
    };
}

#[cfg(feature = "hosted")]
#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    ($group:ident [$play:path] $($sentence:ident)+) => {
        $(
            #[test]
            fn $sentence() {
                $crate::hold($play, $crate::$group::SENTENCES, stringify!($sentence));
            }
        )+
    };
}

/// The table of a group, in its module. A static, so that sentences are compiled once, and not for each executor.
macro_rules! __table {
    ($group:ident [] $($sentence:ident)+) => {
        /// All sentences of this group.
        pub static SENTENCES: &[$crate::Sentence] = &[$(
            $crate::Sentence::new(stringify!($sentence), |executor| alloc::boxed::Box::pin($sentence(executor)))
        ),+];
    };
}

pub(crate) use __table;
