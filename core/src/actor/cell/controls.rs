//! Signals: one line for each, and what it means in the phase the actor is in.

use alloc::boxed::Box;

use super::{Cell, Errand, Phase};
use crate::actor::any_ref::AnyRef;
use crate::actor::control::{Control, Ending};
use crate::actor::ext::Drain;
use crate::actor::family::Failed;
use crate::actor::supervision::Directive;
use crate::actor::watches::Watchers;
use crate::id::ActorId;

impl<M: Send + 'static> Cell<M> {
    /// Acts on a signal.
    #[inline(never)]
    pub(super) fn control(&mut self, control: Control) {
        match control {
            Control::Stop => self.stop(Ending::Stopped),
            Control::Move => self.leave_for_elsewhere(),
            Control::Drain => self.drain(),
            Control::Watch(watcher, list) => self.watched(watcher, list),
            Control::Unwatch(watcher) => self.unwatched(&watcher),
            Control::Terminated(actor) => self.terminated(actor),
            Control::ChildEnded(child, ending) => self.child_ended(child, ending),
            Control::ChildFailed { child, epoch, failure } => {
                self.child_failed(Failed { child, epoch, failure: &failure });
            }
            Control::Verdict { directive, epoch } => self.verdict(directive, epoch),
            Control::Due(timer) => self.due(timer),
            Control::TaskEnded(task) => self.task_ended(task),
            Control::Failed(failure) => self.fail(failure),
            // The handler that is being awaited is polled at each turn.
            Control::Woken => {}
            Control::Survey(mut surveyor) => {
                surveyor.see(&self.facts());
                surveyor.seen();
            }
        }
    }

    /// One that has not begun begins first: it may have been told something already, which its handler is asked to take along.
    fn leave_for_elsewhere(&mut self) {
        if self.phase == Phase::Starting {
            self.start();
        }
        self.pack();
        self.stop(Ending::Stopped);
    }

    fn drain(&mut self) {
        if self.leaving() || self.ctx.ext.as_ref().is_some_and(|ext| ext.drain.is_some()) {
            return;
        }
        let backlog = self.backlog();
        self.ctx.ext().drain = Some(Drain::Backlog(backlog));
    }

    fn watched(&mut self, watcher: AnyRef, list: fn() -> Box<dyn Watchers>) {
        self.ctx.ext().watchers.get_or_insert_with(list).add(watcher);
    }

    fn unwatched(&mut self, watcher: &AnyRef) {
        if let Some(watchers) = self.ctx.ext.as_mut().and_then(|ext| ext.watchers.as_mut()) {
            watchers.remove(watcher);
        }
    }

    /// A watched actor has ended: that is heard after all it had told this one, which is in the mailbox by
    /// now.
    fn terminated(&mut self, actor: AnyRef) {
        let position = self.backlog();
        if let Some(watches) = self.ctx.ext.as_mut().and_then(|ext| ext.watches.as_mut()) {
            watches.ended(actor, position);
        }
    }

    fn child_ended(&mut self, child: ActorId, ending: Ending) {
        let Some(family) = self.ctx.family() else { return };
        if let Some(failure) = family.ended(child, ending) {
            self.fail(failure);
        }
        self.advance();
        self.advance_drain();
    }

    /// The parent has decided: on this actor's failure, or on several children at once.
    fn verdict(&mut self, directive: Directive, epoch: u64) {
        let concerns_several = epoch > self.rare().epoch;
        self.rare().epoch = epoch.max(self.rare().epoch);
        let failure = match self.errand() {
            Errand::Suspended(failure) => Some(failure.clone()),
            // It has begun anew already, by a verdict on several; this one is on what was before.
            _ if !concerns_several || self.leaving() => return,
            Errand::None | Errand::Restarting(_) | Errand::Backoff(_) | Errand::Stopping(_) => None,
        };
        match (directive, failure) {
            (Directive::Resume, Some(_)) => self.resume(),
            (Directive::Resume, None) => {}
            (Directive::Restart { after }, failure) => self.restart(after, failure),
            (Directive::Stop | Directive::Escalate, Some(failure)) => self.stop(Ending::Failed(failure)),
            (Directive::Stop | Directive::Escalate, None) => self.stop(Ending::Stopped),
        }
    }

    /// Tells the outcome of a task, unless the task is not this instance's any more.
    fn task_ended(&mut self, task: u64) {
        if let Some(tasks) = self.ctx.ext.as_mut().and_then(|ext| ext.tasks.as_mut()) {
            tasks.ended(task, &self.ctx.inbox);
        }
    }
}

/// Timers.
impl<M: Send + 'static> Cell<M> {
    fn due(&mut self, number: u64) {
        if matches!(self.errand(), Errand::Backoff(pause) if pause.number == number) {
            self.rare().errand = Errand::None;
            self.phase = Phase::Starting;
            return;
        }
        // Its message is a message: it waits while the actor handles none, as behind an async handler.
        if let Some(ext) = &mut self.ctx.ext {
            ext.due.push_back(number);
        }
    }

    /// Handles the message of a timer that is due, unless it has been cancelled or replaced.
    #[inline(never)]
    pub(super) fn fire(&mut self, number: u64) {
        let Some(ext) = &mut self.ctx.ext else { return };
        let message = match &ext.idle {
            Some(idle) if idle.number == number => (idle.due)(&mut self.ctx),
            Some(_) | None => ext.timers.fire(number).map(|fired| {
                // Should the handler panic and the actor resume, the timer goes on.
                ext.again = fired.again;
                fired.message
            }),
        };
        let Some(message) = message else { return };
        self.handle_beside(message);
        // An asynchronous handler has only begun: the timer goes on when it is done.
        if !self.awaits() {
            self.touch();
            self.set_again();
        }
    }

    /// Sets the timer again that has fired last, if it is still wanted.
    pub(super) fn set_again(&mut self) {
        let Some(again) = self.ctx.ext.as_mut().and_then(|ext| ext.again.take()) else { return };
        if self.ctx.ext().timers.wants(&again) {
            let due = again.due(self.ctx.now());
            let id = self.ctx.set_alarm(due, again.number);
            self.ctx.ext().timers.set_again(again, due, id);
        }
    }
}
