//! Messages: through the layers to the handler, and what its answer means.

use core::any::type_name;
use core::task::{Context as TaskContext, Poll, Waker};

use super::{Cell, Instance, Pending, Polled};
use crate::actor::behavior::{Behavior, Kind};
use crate::actor::ext::Drain;
use crate::actor::failure::Failure;
use crate::actor::layer::Layer;
use crate::actor::signal::Signal;
use crate::sync::Arc;

impl<M: Send + 'static> Cell<M> {
    /// Handles one message.
    #[inline]
    pub(super) fn handle(&mut self, message: M) {
        if self.rare.is_some() {
            return self.handle_within_layers(message);
        }
        self.handle_bare(message);
    }

    /// Handles a message that does not come from the mailbox.
    #[inline(never)]
    pub(super) fn handle_beside(&mut self, message: M) {
        self.handle(message);
    }

    #[inline(never)]
    fn handle_within_layers(&mut self, message: M) {
        let layered = self.rare.as_ref().is_some_and(|rare| rare.stack.sees_messages);
        let message = if layered { self.through_layers(message) } else { Some(message) };
        if let Some(message) = message {
            self.handle_bare(message);
        }
    }

    #[inline]
    fn handle_bare(&mut self, message: M) {
        let next = match &mut self.instance {
            Instance::Receive(handler) => handler(&mut self.ctx, message),
            Instance::Stateful(handler) => handler.handle(&mut self.ctx, message),
            Instance::Ignore | Instance::Gone | Instance::Unhandled => {
                return self.handle_otherwise(message);
            }
        };
        if matches!(next.0, Kind::Same) {
            // There is nothing in it to drop, and the compiler does not see it.
            core::mem::forget(next);
        } else {
            self.become_next(next, type_name::<M>());
        }
    }

    #[inline(never)]
    fn handle_otherwise(&mut self, message: M) {
        if matches!(self.instance, Instance::Unhandled) {
            self.unhandled(type_name::<M>());
        }
        drop(message);
    }

    /// Draws the consequence of what a handler returned for a message of that type.
    #[cold]
    pub(super) fn become_next(&mut self, next: Behavior<M>, message_type: &'static str) {
        match next.0 {
            Kind::Same => {}
            Kind::Busy => self.rare().pending = Some(Pending::Waits),
            Kind::Unhandled => self.unhandled(message_type),
            Kind::Stopped => self.stopped_itself(),
            Kind::Restart => self.restart(core::time::Duration::ZERO, None),
            Kind::Fail(failure) => self.fail(failure),
            Kind::Receive(_) | Kind::Stateful(_) | Kind::Ignore | Kind::Setup(_) | Kind::Layered(_) => {
                if self.rare.as_mut().is_some_and(|rare| rare.stack.begin_transition()) {
                    self.take_stock();
                }
                let core = self.peel(next, false);
                self.install(core);
                if let Some(rare) = &mut self.rare {
                    rare.stack.end_transition();
                }
            }
        }
    }

    /// Takes the layers off a behavior, and makes what is to be made, down to a handler or an answer.
    pub(super) fn peel(&mut self, behavior: Behavior<M>, of_blueprint: bool) -> Behavior<M> {
        let mut behavior = behavior;
        loop {
            behavior = match behavior.0 {
                Kind::Layered(layered) => {
                    self.put_on(layered.layer.clone(), of_blueprint);
                    layered.inner.clone()
                }
                Kind::Setup(make) => make(&mut self.ctx),
                other => return Behavior(other),
            };
        }
    }

    /// Makes a handler, without layers, the one that runs; any other answer has its usual consequence.
    #[inline(never)]
    pub(super) fn install(&mut self, core: Behavior<M>) {
        self.instance = match core.0 {
            Kind::Receive(handler) => Instance::Receive(handler),
            Kind::Stateful(blueprint) => match blueprint.instance(&blueprint, &mut self.ctx) {
                Some(handler) => {
                    if handler.begins_busy() {
                        self.rare().pending = Some(Pending::Waits);
                    }
                    Instance::Stateful(handler)
                }
                None => return self.fail(Failure::said("a blueprint is not what it says")),
            },
            Kind::Ignore => Instance::Ignore,
            answer @ (Kind::Same
            | Kind::Busy
            | Kind::Unhandled
            | Kind::Stopped
            | Kind::Restart
            | Kind::Fail(_)
            | Kind::Setup(_)
            | Kind::Layered(_)) => return self.become_next(Behavior(answer), type_name::<M>()),
        };
    }

    fn put_on(&mut self, layer: Arc<dyn Layer<M>>, of_blueprint: bool) {
        layer.wear(&mut self.ctx);
        self.rare().stack.push(layer, of_blueprint);
    }

    /// Lets the context know of the layers there are, after some have gone.
    pub(super) fn take_stock(&mut self) {
        self.ctx.wear_nothing();
        let Some(rare) = &self.rare else { return };
        rare.stack.layers().iter().for_each(|layer| layer.wear(&mut self.ctx));
    }

    #[inline(never)]
    fn through_layers(&mut self, message: M) -> Option<M> {
        let Some(rare) = &self.rare else { return Some(message) };
        let mut message = message;
        for layer in rare.stack.layers() {
            message = layer.see(&mut self.ctx, message)?;
        }
        Some(message)
    }

    fn unhandled(&self, message_type: &'static str) {
        self.ctx.world().unhandled(&*self.ctx.inbox, message_type);
    }
}

/// Busy handlers.
impl<M: Send + 'static> Cell<M> {
    /// Whether the handler is busy.
    pub(super) fn awaits(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.pending.is_some())
    }

    /// Goes on with what the handler is busy with.
    pub(super) fn go_on(&mut self) -> Polled {
        let poll = match &self.instance {
            Instance::Stateful(handler) => handler.polled_by(),
            Instance::Receive(_) | Instance::Ignore | Instance::Gone | Instance::Unhandled => None,
        };
        match poll {
            Some(poll) => poll(self),
            None => {
                self.rare().pending = None;
                Polled::Done
            }
        }
    }

    /// Polls the handler that is busy.
    pub(crate) fn poll_pending(&mut self) -> Polled {
        let waker = Waker::from(Arc::clone(&self.ctx.inbox));
        self.rare().pending = Some(Pending::Polled);
        self.ctx.resume_trace();
        let next = match &mut self.instance {
            Instance::Stateful(handler) => handler.poll(&mut self.ctx, &mut TaskContext::from_waker(&waker)),
            Instance::Receive(_) | Instance::Ignore | Instance::Gone | Instance::Unhandled => {
                Poll::Ready(Behavior::same())
            }
        };
        self.ctx.leave_trace(true);
        self.polled(next)
    }

    /// Draws the consequence of a poll.
    fn polled(&mut self, next: Poll<Behavior<M>>) -> Polled {
        let Poll::Ready(next) = next else {
            self.rare().pending = Some(Pending::Waits);
            return Polled::Waits;
        };
        self.rare().pending = None;
        // A handler that stays busy has done a part of its work, and lets others have their turn.
        let busy = matches!(next.0, Kind::Busy);
        if !busy {
            self.touch();
            self.set_again();
        }
        self.become_next(next, type_name::<M>());
        if busy { Polled::Busy } else { Polled::Done }
    }
}

/// What is due beside messages, in its place among them.
impl<M: Send + 'static> Cell<M> {
    /// Does the next of it, if any is due. True when something was done.
    #[inline(never)]
    pub(super) fn beside_messages(&mut self) -> bool {
        let Some(ext) = &mut self.ctx.ext else { return false };
        if let Some(timer) = ext.due.pop_front() {
            self.fire(timer);
            return true;
        }
        let notice = ext.watches.as_ref().and_then(|watches| watches.next_position());
        if notice.is_some_and(|position| self.reached(position)) {
            self.deliver_notice();
            return true;
        }
        let drain = self.ctx.ext.as_ref().and_then(|ext| ext.drain);
        match drain {
            Some(Drain::Backlog(position)) if self.reached(position) => {
                self.ctx.ext().drain = Some(Drain::Children);
                self.advance_drain();
                true
            }
            Some(Drain::Sealed) if self.empty() => {
                self.drained();
                true
            }
            Some(Drain::Backlog(_) | Drain::Children | Drain::Sealed) | None => false,
        }
    }

    /// The count of handled messages at which all that waits now has been handled.
    pub(super) fn backlog(&self) -> u64 {
        self.ctx.handled() + (self.ctx.hands.len() + self.ctx.inbox.lanes.waiting()) as u64
    }

    fn reached(&self, position: u64) -> bool {
        self.ctx.handled() >= position || self.empty()
    }

    fn empty(&self) -> bool {
        self.ctx.hands.is_empty() && self.ctx.inbox.lanes.waiting() == 0
    }

    fn deliver_notice(&mut self) {
        let watches = self.ctx.ext.as_mut().and_then(|ext| ext.watches.as_mut());
        let Some(notice) = watches.and_then(|watches| watches.next_notice()) else { return };
        match notice.message {
            Some(message) => self.handle_beside(message),
            None => {
                let next = self.hear(&Signal::Terminated(notice.actor));
                self.become_next(next, "Terminated");
            }
        }
    }

    /// Lets the layers hear a signal: the innermost first. The answer is of the first that has one.
    pub(super) fn hear(&mut self, signal: &Signal) -> Behavior<M> {
        let Some(rare) = &self.rare else { return Behavior::unhandled() };
        for layer in rare.stack.layers().iter().rev() {
            let answer = layer.hear(&mut self.ctx, signal);
            if matches!(signal, Signal::Terminated(_)) && !matches!(answer.0, Kind::Unhandled) {
                return answer;
            }
        }
        Behavior::unhandled()
    }

    /// Lets each layer hear once that the actor has stopped, whatever the others do when they hear it.
    pub(super) fn farewell(&mut self) {
        while let Some(layer) = {
            let rare = self.rare();
            rare.farewells += 1;
            rare.stack.layers().iter().rev().nth(rare.farewells - 1).cloned()
        } {
            layer.hear(&mut self.ctx, &Signal::Stopped);
        }
    }
}
