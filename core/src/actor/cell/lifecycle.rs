//! Beginning, beginning anew, ending: children first, everything once.

use core::mem;
use core::time::Duration;

use super::{Cell, Errand, Instance, Pause, Pending, Phase, Restart};
use crate::actor::any_ref::Target;
use crate::actor::behavior::{Behavior, Kind};
use crate::actor::control::{Control, Ending, Parting};
use crate::actor::event::DeadReason;
use crate::actor::ext::Drain;
use crate::actor::failure::Failure;
use crate::actor::signal::Signal;
use crate::actor::timers::Timers;
use crate::actor::watches::tell_late;

impl<M: Send + 'static> Cell<M> {
    /// Sets the actor up, for the first time or anew.
    #[inline(never)]
    pub(super) fn start(&mut self) {
        // The layers of the instance before stay until now: they hear a stop during the pause before a restart.
        if let Some(rare) = &mut self.rare {
            rare.stack.clear();
            self.ctx.wear_nothing();
        }
        self.phase = Phase::SettingUp;
        self.ctx.parting = Parting::Others;
        let core = self.peel(self.blueprint.clone(), true);
        match core.0 {
            // Nothing to keep yet: whatever comes is unhandled.
            Kind::Same | Kind::Busy | Kind::Unhandled => self.instance = Instance::Unhandled,
            Kind::Restart => self.fail(Failure::said("begins by a restart")),
            Kind::Receive(_)
            | Kind::Stateful(_)
            | Kind::Ignore
            | Kind::Stopped
            | Kind::Fail(_)
            | Kind::Setup(_)
            | Kind::Layered(_) => self.install(core),
        }
        // Unless set up has stopped or failed the actor.
        if self.phase == Phase::SettingUp {
            self.phase = Phase::Running;
            let again = mem::replace(&mut self.ctx.started, true);
            if again {
                let restarts = &mut self.rare().restarts;
                *restarts = restarts.saturating_add(1);
            }
            self.hear(if again { &Signal::Restarted } else { &Signal::Started });
            if let Instance::Stateful(handler) = &mut self.instance {
                handler.begun(&mut self.ctx);
            }
            self.ctx.world().actor_started(&*self.ctx.inbox, again);
        }
    }

    /// Whether the actor is on its way out.
    pub(super) const fn leaving(&self) -> bool {
        matches!(self.phase, Phase::Stopping | Phase::Ended)
    }

    /// Begins a restart, after a failure or by the behavior's own wish.
    #[inline(never)]
    pub(super) fn restart(&mut self, after: Duration, failure: Option<Failure>) {
        if self.leaving() {
            return;
        }
        let keep_children = self
            .rare
            .as_ref()
            .is_some_and(|rare| rare.stack.strategies().any(|strategy| strategy.keeps_children()));
        self.set_out(Phase::Restarting, Errand::Restarting(Restart { after, keep_children }));
        self.drop_pending();
        if !matches!(self.instance, Instance::Gone) {
            let failure = failure.unwrap_or_else(|| Failure::said("restart"));
            self.hear(&Signal::Restarting(failure));
        }
        self.advance();
    }

    /// Begins the end.
    #[inline(never)]
    pub(super) fn stop(&mut self, ending: Ending) {
        if self.leaving() {
            return;
        }
        if let Errand::Backoff(pause) = self.errand() {
            self.ctx.world().clock().cancel(pause.timer);
        }
        self.phase = Phase::Stopping;
        self.ctx.stopping = true;
        if !matches!(ending, Ending::Stopped) {
            self.ctx.part_in_failure();
        }
        // From here on it has stopped, to others: what it still holds of theirs, they learn in that way.
        self.ctx.inbox.lanes.seal();
        if self.rare.is_some() || !matches!(ending, Ending::Stopped) {
            self.set_out(Phase::Stopping, Errand::Stopping(ending));
        }
        self.drop_pending();
        self.advance();
    }

    /// The behavior has stopped by itself: a permanent one is started anew.
    pub(super) fn stopped_itself(&mut self) {
        let permanent = self
            .rare
            .as_ref()
            .is_some_and(|rare| rare.stack.strategies().any(|strategy| strategy.permanent()));
        if permanent && !self.draining() {
            self.fail(Failure::said("a permanent actor stopped"));
        } else {
            if self.ctx.parting == Parting::Others {
                self.ctx.parting = Parting::Own;
            }
            self.stop(Ending::Stopped);
        }
    }

    /// Goes on with a restart or a stop as far as possible: it waits for children.
    pub(super) fn advance(&mut self) {
        if self.phase == Phase::Stopping {
            self.put_aside();
            if self.without_children(|| Control::Stop) {
                self.finish();
            }
        } else if let Errand::Restarting(Restart { after, keep_children }) = *self.errand() {
            self.put_aside();
            if keep_children || self.without_children(|| Control::Stop) {
                self.begin_anew(after);
            }
        }
    }

    /// Goes on with a graceful stop as far as possible.
    pub(super) fn advance_drain(&mut self) {
        if self.leaving() || self.ctx.ext.as_ref().is_none_or(|ext| ext.drain != Some(Drain::Children)) {
            return;
        }
        if self.without_children(|| Control::Drain) {
            self.ctx.inbox.lanes.seal();
            self.ctx.ext().drain = Some(Drain::Sealed);
        }
    }

    /// Everything that was told is handled: the end, unless that brought children, who drain first.
    pub(super) fn drained(&mut self) {
        if self.without_children(|| Control::Drain) {
            self.pack();
            return self.stop(Ending::Stopped);
        }
        self.ctx.inbox.lanes.unseal();
        self.ctx.ext().drain = Some(Drain::Children);
    }

    /// What can go on elsewhere is taken out, before all that is left is buried.
    #[inline(never)]
    pub(super) fn pack(&mut self) {
        if self.phase == Phase::Running
            && let Instance::Stateful(handler) = &mut self.instance
        {
            handler.pack(&mut self.ctx);
        }
    }

    fn draining(&self) -> bool {
        self.ctx.ext.as_ref().is_some_and(|ext| ext.drain.is_some())
    }

    /// Whether there are no children; otherwise the youngest is asked to leave, if none is leaving yet.
    fn without_children(&mut self, ask: fn() -> Control) -> bool {
        // A child that was asked to drain is now asked to stop, in case it takes its time.
        let insisted = matches!(self.phase, Phase::Stopping | Phase::Restarting);
        self.ctx.family().is_none_or(|family| family.is_gone(ask, insisted))
    }

    fn drop_pending(&mut self) {
        self.ctx.drop_trace();
        let pending = self.rare.as_mut().and_then(|rare| rare.pending.take());
        if let (Some(_), Instance::Stateful(handler)) = (pending, &mut self.instance) {
            handler.interrupt();
        }
    }

    /// Cancels what the instance had set going, and puts its stash back.
    #[inline(never)]
    fn put_aside(&mut self) {
        if self.ctx.ext.is_none() {
            return;
        }
        self.ctx.drop_receive_timeout();
        self.ctx.put_back(usize::MAX);
        let Some(ext) = &mut self.ctx.ext else { return };
        let tasks = ext.tasks.take();
        let timers = mem::replace(&mut ext.timers, Timers::new());
        let again = ext.again.take();
        ext.due.clear();
        let clock = self.ctx.inbox.world().clock();
        timers.ids().for_each(|timer| clock.cancel(timer));
        // Their messages and functions are a user's, and may panic as they go: everything is in order by now.
        drop((tasks, timers, again));
    }

    fn begin_anew(&mut self, after: Duration) {
        let old = mem::replace(&mut self.instance, Instance::Gone);
        drop(old);
        if after.is_zero() {
            return self.set_out(Phase::Starting, Errand::None);
        }
        let (number, due) = (self.ctx.world().next_number(), self.ctx.now() + after);
        let timer = self.ctx.set_alarm(due, number);
        self.set_out(Phase::Backoff, Errand::Backoff(Pause { number, timer }));
    }

    /// The end. Each step is done once; should a user's code panic in one, the next turn goes on after it.
    #[inline(never)]
    fn finish(&mut self) {
        if self.rare.is_some() {
            self.farewell();
            // Once more, for what the last hook has set going.
            self.put_aside();
        }
        let instance = mem::replace(&mut self.instance, Instance::Gone);
        drop(instance);
        let blueprint = mem::replace(&mut self.blueprint, Behavior::ignore());
        drop(blueprint);
        // The name is free before anyone can hear of the end.
        self.ctx.world().names().free(&*self.ctx.inbox);
        let left = self.ctx.inbox.lanes.close();
        tell_late(left.signals, &self.ctx.inbox);
        if left.messages || !self.ctx.hands.is_empty() {
            self.bury_messages();
        }
        if let Some(watches) = self.ctx.ext.as_mut().and_then(|ext| ext.watches.as_mut()) {
            watches.let_go(&self.ctx.inbox);
        }
        if mem::replace(&mut self.phase, Phase::Ended) != Phase::Stopping {
            return;
        }
        let errand = self.rare.as_mut().map(|rare| mem::take(&mut rare.errand));
        self.take_leave(match errand {
            Some(Errand::Stopping(ending)) => ending,
            Some(_) | None => Ending::Stopped,
        });
    }

    #[inline(never)]
    fn bury_messages(&mut self) {
        while let Some(message) = self.ctx.hands.pop().or_else(|| self.ctx.inbox.lanes.leftover()) {
            self.ctx.inbox.dead(DeadReason::Stopped, message);
        }
    }

    /// Tells everyone who is to know.
    fn take_leave(&mut self, ending: Ending) {
        let watchers = self.ctx.ext.as_mut().and_then(|ext| ext.watchers.take());
        let world = self.ctx.world();
        world.gone();
        world.actor_stopped(&*self.ctx.inbox, &ending);
        if let Some(mut watchers) = watchers {
            watchers.tell(&self.ctx.inbox);
        }
        let id = self.ctx.inbox.id();
        match self.ctx.inbox.parent() {
            Some(parent) => parent.signal(Control::ChildEnded(id, ending)),
            None => world.child_ended(id, &ending),
        }
    }

    /// Keeps going with the state it has.
    #[inline(never)]
    pub(super) fn resume(&mut self) {
        let whole = match &self.instance {
            Instance::Stateful(handler) => handler.whole(),
            Instance::Gone => false,
            Instance::Unhandled | Instance::Ignore | Instance::Receive(_) => true,
        };
        if !whole {
            return self.restart(Duration::ZERO, None);
        }
        // Before a user's code is dropped: should that panic, it is a failure of an actor at work.
        self.set_out(Phase::Running, Errand::None);
        if self.rare.as_ref().and_then(|rare| rare.pending) == Some(Pending::Polled) {
            self.drop_pending();
        }
        if self.rare.as_mut().is_some_and(|rare| rare.stack.take_transition_back()) {
            self.take_stock();
        }
        self.set_again();
    }
}
