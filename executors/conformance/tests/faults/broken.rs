//! Executors that each break one rule.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Waker};

use casty_core::{Executor, Instant, Job, Order, Panic, Task, TraceStep, WorkerId, millis};

use crate::wakers;

/// What is wrong with an executor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    Nothing,
    DropsSomeTasks,
    DropsTasksOfTasks,
    PollsInsideSpawn,
    LosesWakesDuringPolls,
    LosesWakesAfterPolls,
    LosesWakesOfOtherThreads,
    PollsOneWhileItIsWoken,
    SleepsTooShort,
    SleepsForEver,
    LiesLongerTheShorter,
    WakesTheFirstPoller,
    NeverReachesThePast,
    CutsTheFuture,
    ClockGoesBackwards,
    RunsBatchesTwice,
    CatchesNothing,
    LosesTheMessage,
    DropsPayloadsOutside,
    ReturnsNobody,
    OneWorkerForAllThreads,
    LosesJobs,
    BlocksItsWorkers,
}

/// An executor with a fault.
#[derive(Clone)]
pub(crate) struct Broken<E> {
    pub(crate) executor: E,
    pub(crate) fault: Fault,
    memory: Arc<Memory>,
    /// The test has seen enough, and what never ends shall.
    enough: Arc<AtomicBool>,
}

#[derive(Default)]
struct Memory {
    calls: AtomicUsize,
    worker: Mutex<Option<WorkerId>>,
    /// A task is being polled.
    polling: AtomicBool,
}

impl<E: Executor + Clone> Broken<E> {
    pub(crate) fn new(executor: E, fault: Fault, enough: &Arc<AtomicBool>) -> Self {
        Self { executor, fault, memory: Arc::default(), enough: Arc::clone(enough) }
    }

    /// True at every so manieth call.
    fn every(&self, calls: usize) -> bool {
        self.memory.calls.fetch_add(1, Ordering::SeqCst) % calls == calls - 1
    }

    fn entered(&self, worker: Option<WorkerId>) -> Option<WorkerId> {
        let mut entered = self.memory.worker.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut entered, worker)
    }
}

impl<E: Executor + Clone> Executor for Broken<E> {
    fn spawn(&self, mut task: Task) {
        match self.fault {
            Fault::DropsSomeTasks if self.every(7) => drop(task),
            Fault::DropsTasksOfTasks if self.memory.polling.load(Ordering::SeqCst) => drop(task),
            Fault::DropsTasksOfTasks => {
                let memory = Arc::clone(&self.memory);
                self.executor.spawn(Box::pin(poll_fn(move |cx| {
                    memory.polling.store(true, Ordering::SeqCst);
                    let poll = task.as_mut().poll(cx);
                    memory.polling.store(false, Ordering::SeqCst);
                    poll
                })));
            }
            Fault::PollsInsideSpawn => {
                if task.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
                    self.executor.spawn(task);
                }
            }
            Fault::LosesWakesDuringPolls => self.executor.spawn(wakers::losing(task, wakers::During::Polls)),
            Fault::LosesWakesAfterPolls => self.executor.spawn(wakers::losing(task, wakers::During::Pauses)),
            Fault::LosesWakesOfOtherThreads => self.executor.spawn(wakers::losing_others(task)),
            Fault::PollsOneWhileItIsWoken => {
                self.executor.spawn(wakers::greedy(task, Arc::clone(&self.enough)))
            }
            _ => self.executor.spawn(task),
        }
    }

    fn now(&self) -> Instant {
        if self.fault == Fault::ClockGoesBackwards && self.every(3) {
            return Instant::ORIGIN;
        }
        self.executor.now()
    }

    fn sleep_until(&self, deadline: Instant) -> Task {
        let now = self.executor.now();
        let sleep_until = |deadline| self.executor.sleep_until(deadline);
        match self.fault {
            Fault::SleepsTooShort => sleep_until(now + (deadline - now) / 2),
            Fault::SleepsForEver => sleep_until(Instant::NEVER),
            Fault::LiesLongerTheShorter if deadline - now == millis(10) => sleep_until(deadline + millis(15)),
            Fault::NeverReachesThePast if deadline <= now => sleep_until(Instant::NEVER),
            Fault::CutsTheFuture => sleep_until(Instant::from_nanos(deadline.as_nanos() % (1 << 20))),
            Fault::WakesTheFirstPoller => {
                let mut sleep = sleep_until(deadline);
                let mut first = None;
                Box::pin(poll_fn(move |cx| {
                    let waker = first.get_or_insert_with(|| cx.waker().clone());
                    sleep.as_mut().poll(&mut Context::from_waker(waker))
                }))
            }
            _ => sleep_until(deadline),
        }
    }

    fn workers(&self) -> usize {
        self.executor.workers()
    }

    fn seed(&self) -> u64 {
        self.executor.seed()
    }

    fn block(&self, job: Job) {
        match self.fault {
            Fault::LosesJobs => drop(job),
            Fault::BlocksItsWorkers => self.spawn(Box::pin(async move { job() })),
            _ => self.executor.block(job),
        }
    }

    fn guard(&self, batch: &mut dyn FnMut()) -> Result<(), Panic> {
        match self.fault {
            Fault::RunsBatchesTwice => self.executor.guard(batch).and_then(|()| self.executor.guard(batch)),
            Fault::CatchesNothing => {
                batch();
                Ok(())
            }
            Fault::LosesTheMessage => {
                self.executor.guard(batch).map_err(|_| Panic { message: "a panic".into() })
            }
            Fault::DropsPayloadsOutside => catch_unwind(AssertUnwindSafe(batch)).map_err(message_of),
            _ => self.executor.guard(batch),
        }
    }

    fn enter(&self, worker: Option<WorkerId>) -> Option<WorkerId> {
        match self.fault {
            Fault::ReturnsNobody => {
                self.entered(worker);
                None
            }
            Fault::OneWorkerForAllThreads => self.entered(worker),
            _ => self.executor.enter(worker),
        }
    }

    fn worker(&self) -> Option<WorkerId> {
        match self.fault {
            Fault::ReturnsNobody | Fault::OneWorkerForAllThreads => {
                *self.memory.worker.lock().unwrap_or_else(PoisonError::into_inner)
            }
            _ => self.executor.worker(),
        }
    }

    fn order(&self) -> Order {
        self.executor.order()
    }

    fn observe(&self, step: TraceStep) {
        self.executor.observe(step);
    }
}

#[expect(clippy::needless_pass_by_value, reason = "that it drops the payload is the fault")]
fn message_of(payload: Box<dyn Any + Send>) -> Panic {
    let message = payload.downcast_ref::<&str>().copied().unwrap_or("(none)");
    Panic { message: message.into() }
}
