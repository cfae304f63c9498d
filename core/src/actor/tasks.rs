//! Work beside the actor: futures and blocking jobs that end in a message.

use alloc::boxed::Box;
use core::fmt;
use core::future::Future;

use super::any_ref::Target;
use super::context::Context;
use super::control::Control;
use super::effect::Effect;
use super::error::TaskError;
use super::inbox::Inbox;
use super::table::Table;
use crate::dispatch::{End, Spawned, TaskHandle};
use crate::sync::{Arc, Lock};
use crate::trace::TraceContext;

/// One background task or blocking job of an actor.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TaskId(u64);

impl fmt::Debug for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskId({})", self.0)
    }
}

/// The tasks of an actor. Only who has had one has them, and links what they do.
pub(crate) trait Tasks<M: Send + 'static>: Send {
    /// How many have not ended.
    fn len(&self) -> usize;
    /// Adds one.
    fn add(&mut self, number: u64, running: Running<M>);
    /// Cancels one. True unless it has ended, or is cancelled already.
    fn cancel(&mut self, number: u64) -> bool;
    /// One has ended: the actor of that mailbox is told its outcome, unless it is this instance's no more.
    fn ended(&mut self, number: u64, inbox: &Inbox<M>);
}

/// What a task consists of.
pub(crate) enum Work {
    /// A future, which is cancelled by this.
    Future(TaskHandle),
    /// A future that was cancelled, and whose end has not been heard yet.
    Cancelled,
    /// A blocking job, which cannot be interrupted.
    Job,
}

/// A task of the actor.
pub(crate) struct Running<M> {
    /// What is running.
    pub(crate) work: Work,
    /// Makes the message of its outcome, once it has ended.
    pub(crate) outcome: Box<dyn FnOnce() -> Option<M> + Send>,
    /// In which it was begun.
    pub(crate) trace: Option<TraceContext>,
}

impl<M: Send + 'static> Tasks<M> for Table<u64, Running<M>> {
    fn len(&self) -> usize {
        Self::len(self)
    }

    fn add(&mut self, number: u64, running: Running<M>) {
        self.insert(number, running);
    }

    fn cancel(&mut self, number: u64) -> bool {
        let Some(running) = self.get_mut(&number) else { return false };
        match core::mem::replace(&mut running.work, Work::Cancelled) {
            Work::Future(handle) => handle.cancel(),
            Work::Cancelled => false,
            Work::Job => self.remove(&number).is_some(),
        }
    }

    fn ended(&mut self, number: u64, inbox: &Inbox<M>) {
        let Some(Running { outcome, trace, .. }) = self.remove(&number) else { return };
        if let Some(message) = outcome() {
            inbox.tell_reserved(message, trace);
        }
    }
}

impl<M: Send + 'static> Context<M> {
    /// Runs `future` beside the actor, and tells the actor its outcome as a message that `adapt` makes of it.
    ///
    /// The mailbox goes on meanwhile, and its limit does not apply to the outcome. A panic of the future is
    /// [`TaskError::Panicked`]; what the future itself returns, an error perhaps, is the value. A restart or
    /// a stop of the actor drops the future, and nothing is told.
    ///
    /// ```
    /// use casty_core::{Behavior, TaskError};
    /// use casty_testkit::BehaviorTest;
    ///
    /// enum Msg { Fetch(u32), Fetched(Result<String, TaskError>) }
    ///
    /// let fetcher = Behavior::receive(|ctx, msg| match msg {
    ///     Msg::Fetch(id) => {
    ///         ctx.pipe_to_self(async move { format!("page {id}") }, Msg::Fetched);
    ///         Behavior::same()
    ///     }
    ///     Msg::Fetched(page) if page == Ok("page 7".into()) => Behavior::stopped(),
    ///     Msg::Fetched(_) => Behavior::unhandled(),
    /// });
    /// let mut test = BehaviorTest::new(fetcher);
    /// test.tell(Msg::Fetch(7));
    /// assert!(test.is_stopped());
    /// ```
    pub fn pipe_to_self<T: Send + 'static>(
        &mut self,
        future: impl Future<Output = T> + Send + 'static,
        adapt: impl FnOnce(Result<T, TaskError>) -> M + Send + 'static,
    ) -> TaskId {
        let number = self.world().next_number();
        let Some(adapt) = self.admit(adapt) else { return TaskId(number) };
        let outcome = Arc::new(Lock::new(None));
        let (value, error) = (Arc::clone(&outcome), Arc::clone(&outcome));
        let running = async move {
            let output = future.await;
            value.with(|outcome| *outcome = Some(Ok(output)));
        };
        let inbox = Arc::clone(&self.inbox);
        let at_end = move |end| {
            match end {
                End::Done => {}
                End::Panicked(panic) => {
                    error.with(|outcome| *outcome = Some(Err(TaskError::Panicked(panic))))
                }
                End::Cancelled => error.with(|outcome| *outcome = Some(Err(TaskError::Cancelled))),
            }
            let _ = inbox.signal(Control::TaskEnded(number));
        };
        let world = Arc::clone(self.world());
        let handle = Spawned::start(world, number, Box::pin(running), Box::new(at_end));
        self.started(number, Work::Future(handle), move || outcome.with(Option::take).map(adapt))
    }

    /// Runs `job`, which may block its thread, and tells the actor its outcome as a message that `adapt`
    /// makes of it.
    ///
    /// It never holds up a worker. It cannot be interrupted: after a restart or a stop of the actor it runs
    /// on, and its outcome is dropped.
    ///
    /// ```
    /// use casty_core::{Behavior, TaskError, millis};
    /// use casty_testkit::BehaviorTest;
    ///
    /// enum Msg { Sum(Vec<u64>), Done(Result<u64, TaskError>) }
    ///
    /// let summing = Behavior::receive(|ctx, msg| match msg {
    ///     Msg::Sum(numbers) => {
    ///         ctx.spawn_blocking(move || numbers.iter().sum(), Msg::Done);
    ///         Behavior::same()
    ///     }
    ///     Msg::Done(Ok(6)) => Behavior::stopped(),
    ///     Msg::Done(_) => Behavior::unhandled(),
    /// });
    /// let mut test = BehaviorTest::new(summing);
    /// test.tell(Msg::Sum(vec![1, 2, 3]));
    /// test.advance(millis(10)); // as long as a blocking job may take in a simulation
    /// assert!(test.is_stopped());
    /// ```
    pub fn spawn_blocking<T: Send + 'static>(
        &mut self,
        job: impl FnOnce() -> T + Send + 'static,
        adapt: impl FnOnce(Result<T, TaskError>) -> M + Send + 'static,
    ) -> TaskId {
        let number = self.world().next_number();
        let Some(adapt) = self.admit(adapt) else { return TaskId(number) };
        let outcome = Arc::new(Lock::new(None));
        let (inbox, result) = (Arc::clone(&self.inbox), Arc::clone(&outcome));
        let running = move || {
            let (mut job, mut output) = (Some(job), None);
            let guarded = inbox.world().executor().guard(&mut || output = job.take().map(|job| job()));
            let ended =
                guarded.map_err(TaskError::Panicked).and_then(|()| output.ok_or(TaskError::Cancelled));
            result.with(|outcome| *outcome = Some(ended));
            let _ = inbox.signal(Control::TaskEnded(number));
        };
        self.world().executor().block(Box::new(running));
        self.started(number, Work::Job, move || outcome.with(Option::take).map(adapt))
    }

    /// Cancels a task; its outcome is [`TaskError::Cancelled`] unless it has ended already. A blocking job
    /// runs on, and nothing is told of it. True when the task was still running.
    ///
    /// ```
    /// use casty_core::{Behavior, TaskError};
    /// use casty_testkit::BehaviorTest;
    ///
    /// enum Msg { Start, Done(Result<(), TaskError>) }
    ///
    /// let fickle = Behavior::receive(|ctx, msg| match msg {
    ///     Msg::Start => {
    ///         let task = ctx.pipe_to_self(core::future::pending(), Msg::Done);
    ///         assert!(ctx.cancel_task(task));
    ///         Behavior::same()
    ///     }
    ///     Msg::Done(outcome) => {
    ///         assert_eq!(outcome, Err(TaskError::Cancelled));
    ///         Behavior::stopped()
    ///     }
    /// });
    /// let mut test = BehaviorTest::new(fickle);
    /// test.tell(Msg::Start);
    /// assert!(test.is_stopped());
    /// ```
    pub fn cancel_task(&mut self, task: TaskId) -> bool {
        self.ext.as_mut().and_then(|ext| ext.tasks.as_mut()).is_some_and(|tasks| tasks.cancel(task.0))
    }

    /// Lets a task begin, unless there are too many: then its outcome says so.
    fn admit<T, F>(&mut self, adapt: F) -> Option<F>
    where
        F: FnOnce(Result<T, TaskError>) -> M + Send + 'static,
    {
        let tasks_max = self.world().limits().tasks_per_actor_max;
        if self.ext().tasks.as_ref().map_or(0, |tasks| tasks.len()) < tasks_max {
            return Some(adapt);
        }
        let message = adapt(Err(TaskError::TooMany { tasks_max }));
        self.inbox.tell_reserved(message, self.trace());
        None
    }

    fn started(
        &mut self,
        number: u64,
        work: Work,
        outcome: impl FnOnce() -> Option<M> + Send + 'static,
    ) -> TaskId {
        let none = || -> Box<dyn Tasks<M>> { Box::new(Table::new()) };
        let running = Running { work, outcome: Box::new(outcome), trace: self.trace() };
        self.ext().tasks.get_or_insert_with(none).add(number, running);
        self.record(|| Effect::TaskStarted);
        TaskId(number)
    }
}
