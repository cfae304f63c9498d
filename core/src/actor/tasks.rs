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
use crate::dispatch::{End, Spawned, TaskHandle};
use crate::sync::{Arc, AtomicBool, Lock, Ordering};

/// One background task or blocking job of an actor.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TaskId(u64);

impl fmt::Debug for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskId({})", self.0)
    }
}

impl<M: Send + 'static> Context<M> {
    /// Runs `future` beside the actor, and tells the actor its outcome as a message that `adapt` makes of it.
    ///
    /// The mailbox goes on meanwhile, and its limit does not apply to the outcome. A panic of the future is
    /// [`TaskError::Panicked`]; what the future itself returns, an error perhaps, is the value. A restart or a stop of the actor
    /// drops the future, and nothing is told.
    ///
    /// ```
    /// # use casty_core::{Behavior, TaskError};
    /// enum Msg { Fetch(u32), Fetched(Result<String, TaskError>) }
    ///
    /// let fetcher = Behavior::receive(|ctx, msg| {
    ///     match msg {
    ///         Msg::Fetch(id) => {
    ///             ctx.pipe_to_self(async move { format!("page {id}") }, Msg::Fetched);
    ///         }
    ///         Msg::Fetched(page) => assert!(page.is_ok()),
    ///     }
    ///     Behavior::same()
    /// });
    /// # let _: Behavior<Msg> = fetcher;
    /// ```
    pub fn pipe_to_self<T: Send + 'static>(
        &mut self,
        future: impl Future<Output = T> + Send + 'static,
        adapt: impl FnOnce(Result<T, TaskError>) -> M + Send + 'static,
    ) -> TaskId {
        let number = self.world().next_number();
        let Some(adapt) = self.admit(adapt) else { return TaskId(number) };
        let value = Arc::new(Lock::new(None));
        let (inbox, result) = (Arc::clone(&self.inbox), Arc::clone(&value));
        let running = async move {
            let output = future.await;
            value.with(|value| *value = Some(output));
        };
        let at_end = move |end| {
            let outcome = match end {
                End::Done => result.with(Option::take).ok_or(TaskError::Cancelled),
                End::Panicked(panic) => Err(TaskError::Panicked(panic)),
                End::Cancelled => Err(TaskError::Cancelled),
            };
            inbox.task_ended(number, move || adapt(outcome));
        };
        let world = Arc::clone(self.world());
        let handle = Spawned::start(world, number, Box::pin(running), Box::new(at_end));
        self.started(number, handle)
    }

    /// Runs `job`, which may block its thread, and tells the actor its outcome as a message that `adapt` makes of it.
    ///
    /// It never holds up a worker. It cannot be interrupted: after a restart or a stop of the actor it runs on, and its outcome
    /// is dropped.
    pub fn spawn_blocking<T: Send + 'static>(
        &mut self,
        job: impl FnOnce() -> T + Send + 'static,
        adapt: impl FnOnce(Result<T, TaskError>) -> M + Send + 'static,
    ) -> TaskId {
        let number = self.world().next_number();
        let Some(adapt) = self.admit(adapt) else { return TaskId(number) };
        let wanted = Arc::new(AtomicBool::new(true));
        let (inbox, still_wanted) = (Arc::clone(&self.inbox), Arc::clone(&wanted));
        let running = move || {
            let (mut job, mut output) = (Some(job), None);
            let guarded = inbox.world().executor().guard(&mut || output = job.take().map(|job| job()));
            let outcome = match (guarded, output) {
                (Ok(()), Some(output)) => Ok(output),
                (Err(panic), _) => Err(TaskError::Panicked(panic)),
                (Ok(()), None) => Err(TaskError::Cancelled),
            };
            if still_wanted.load(Ordering::SeqCst) {
                inbox.task_ended(number, move || adapt(outcome));
            }
        };
        self.world().executor().block(Box::new(running));
        self.started(number, TaskHandle::new(move |_| wanted.store(false, Ordering::SeqCst)))
    }

    /// Cancels a task; its outcome is [`TaskError::Cancelled`] unless it has ended already. A blocking job runs on, and
    /// nothing is told of it. True when the task was still running.
    pub fn cancel_task(&mut self, task: TaskId) -> bool {
        let handle = self.ext.as_mut().and_then(|ext| ext.tasks.remove(&task.0));
        handle.is_some_and(TaskHandle::cancel)
    }

    /// Lets a task begin, unless there are too many: then its outcome says so.
    fn admit<T, F>(&mut self, adapt: F) -> Option<F>
    where
        F: FnOnce(Result<T, TaskError>) -> M + Send + 'static,
    {
        let tasks_max = self.world().limits().tasks_per_actor_max;
        if self.ext().tasks.len() < tasks_max {
            return Some(adapt);
        }
        let message = adapt(Err(TaskError::TooMany { tasks_max }));
        self.inbox.tell_reserved(message);
        None
    }

    fn started(&mut self, number: u64, handle: TaskHandle) -> TaskId {
        self.ext().tasks.insert(number, handle);
        self.record(|| Effect::TaskStarted);
        TaskId(number)
    }
}

impl<M: Send + 'static> Inbox<M> {
    /// A task has ended: it counts no more, and its outcome is told.
    fn task_ended(&self, number: u64, outcome: impl FnOnce() -> M) {
        let _ = self.signal(Control::TaskEnded(number));
        self.tell_adapted(outcome);
    }
}
