//! Tasks, time and trace of a simulation, under one lock.

use alloc::sync::Arc;
use core::task::{Context, Waker};
use core::time::Duration;
use std::sync::{Mutex, MutexGuard, PoisonError};

use casty_core::{Instant, Rng, Task, TraceStep};

use crate::clock::{Clock, SleeperId};
use crate::schedule::{Chosen, MAIN, Schedule};
use crate::stall::{Stall, StallKind};
use crate::trace::{Trace, TraceHash};
use crate::waking::TaskWaker;

/// A simulation, seen from inside. No code of a user runs while its lock is held.
pub(crate) struct Machine {
    seed: u64,
    state: Mutex<State>,
}

struct State {
    clock: Clock,
    schedule: Schedule,
    trace: Trace,
    /// For everything but the choice of tasks.
    chance: Rng,
    /// The count of steps when time was last moved for want of anything to run.
    moved: u64,
    ended: bool,
}

impl Machine {
    /// Nothing runs yet.
    pub(crate) fn new(seed: u64) -> Self {
        let mut chance = Rng::new(seed);
        let state = State {
            clock: Clock::new(),
            schedule: Schedule::new(chance.split()),
            trace: Trace::new(),
            chance,
            moved: 0,
            ended: false,
        };
        Self { seed, state: Mutex::new(state) }
    }

    /// The seed.
    pub(crate) const fn seed(&self) -> u64 {
        self.seed
    }

    /// Lets each step take up to `lag`.
    pub(crate) fn set_lag(&self, lag: Duration) {
        self.lock().clock.set_lag(lag);
    }

    /// Adds a task. After the end it is dropped.
    pub(crate) fn add(self: &Arc<Self>, task: Task) {
        let mut state = self.lock();
        if state.ended {
            drop(state);
            return drop(task);
        }
        let number = state.schedule.number();
        state.schedule.add(number, Some(task), self.waker(number));
    }

    /// Lets the main future run, for which the simulation is.
    pub(crate) fn add_main(self: &Arc<Self>) {
        let waker = self.waker(MAIN);
        self.lock().schedule.add(MAIN, None, waker);
    }

    /// The main future is over.
    pub(crate) fn remove_main(&self) {
        let removed = self.lock().schedule.remove(MAIN);
        drop(removed);
    }

    /// Lets a task run, if there is still one of that number.
    pub(crate) fn wake(&self, number: u64) {
        self.lock().schedule.wake(number);
    }

    /// Chooses what runs next, and lets time pass if steps take time.
    pub(crate) fn choose(&self) -> Option<Chosen> {
        let mut state = self.lock();
        let chosen = state.schedule.choose()?;
        let share = state.chance.fraction();
        let woken = state.clock.pass(share);
        let now = state.clock.now();
        state.trace.chosen(chosen.number, chosen.among, now);
        drop(state);
        woken.into_iter().for_each(Waker::wake);
        Some(chosen)
    }

    /// Polls a task, and puts it back unless it is done.
    pub(crate) fn poll(&self, number: u64, mut task: Task, waker: &Waker) {
        if task.as_mut().poll(&mut Context::from_waker(waker)).is_pending() {
            let unplaced = self.lock().schedule.put_back(number, task);
            return drop(unplaced);
        }
        let removed = self.lock().schedule.remove(number);
        drop((task, removed));
    }

    /// Moves time to where the next one wakes, but not beyond `limit`. False when nobody sleeps until then.
    pub(crate) fn move_on(&self, limit: Instant) -> bool {
        let mut state = self.lock();
        let Some(deadline) = state.clock.deadline().filter(|deadline| *deadline <= limit) else {
            return false;
        };
        state.moved = state.trace.steps();
        let woken = state.clock.move_to(deadline);
        drop(state);
        woken.into_iter().for_each(Waker::wake);
        true
    }

    /// Moves time to a point until which nobody sleeps.
    pub(crate) fn move_to(&self, time: Instant) {
        let woken = self.lock().clock.move_to(time);
        woken.into_iter().for_each(Waker::wake);
    }

    /// Wakes someone at `deadline`. After the end, never.
    pub(crate) fn wake_at(&self, deadline: Instant, waker: Waker) -> SleeperId {
        self.lock().clock.set(deadline, waker)
    }

    /// Takes [`wake_at`](Self::wake_at) back.
    pub(crate) fn wake_no_more(&self, sleeper: SleeperId) {
        let waker = self.lock().clock.cancel(sleeper);
        drop(waker);
    }

    /// The time.
    pub(crate) fn now(&self) -> Instant {
        self.lock().clock.now()
    }

    /// A number by chance.
    pub(crate) fn chance(&self) -> u64 {
        self.lock().chance.next_u64()
    }

    /// Notes a step of a system.
    pub(crate) fn observe(&self, step: TraceStep) {
        let mut state = self.lock();
        let now = state.clock.now();
        state.trace.observed(step, now);
    }

    /// Steps so far.
    pub(crate) fn steps(&self) -> u64 {
        self.lock().trace.steps()
    }

    /// Steps since time was last moved.
    pub(crate) fn steps_at_once(&self) -> u64 {
        let state = self.lock();
        state.trace.steps() - state.moved
    }

    /// The trace so far.
    pub(crate) fn trace(&self) -> TraceHash {
        self.lock().trace.hash()
    }

    /// What there is to say when nothing goes on.
    pub(crate) fn stall(&self, kind: StallKind) -> Stall {
        let state = self.lock();
        Stall {
            kind,
            seed: self.seed,
            elapsed: state.clock.now() - Instant::ORIGIN,
            steps: state.trace.steps(),
            tasks: state.schedule.len(),
            latest: state.trace.latest(),
        }
    }

    /// Drops all tasks; systems whose workers are among them stop their actors. There will be no more.
    pub(crate) fn end(&self) {
        let mut state = self.lock();
        state.ended = true;
        let tasks = state.schedule.clear();
        drop(state);
        drop(tasks);
        let wakers = self.lock().clock.clear();
        drop(wakers);
    }

    fn waker(self: &Arc<Self>, number: u64) -> Waker {
        Waker::from(Arc::new(TaskWaker::new(self, number)))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics halfway; a poisoned lock says only that some thread ended by a panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
