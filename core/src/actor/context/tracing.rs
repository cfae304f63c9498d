//! Which trace the message is of that a behavior handles.

use super::Context;
use crate::sync::HOSTED;
use crate::trace::TraceContext;

/// Traces.
impl<M: Send + 'static> Context<M> {
    /// The trace of the message that is being handled, in a system that [passes traces on](crate::Builder::traces).
    ///
    /// What is told and asked by this handler is of it too; what is told as [`traced`](crate::ActorRef::traced) is of that which is
    /// named there, another span perhaps.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, ReplyTo, TraceContext, secs};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).traces().start().unwrap();
    /// let says = Behavior::receive(|ctx, reply: ReplyTo<Option<TraceContext>>| {
    ///     reply.tell(ctx.trace());
    ///     Behavior::same()
    /// });
    /// let says = system.spawn(says, "says").unwrap();
    /// let trace: TraceContext = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse().unwrap();
    /// assert_eq!(says.traced(trace).ask(|reply| reply, secs(1)).await, Ok(Some(trace)));
    /// # });
    /// ```
    #[must_use]
    pub fn trace(&self) -> Option<TraceContext> {
        self.ext.as_ref().filter(|_| HOSTED)?.carried.as_ref()?.current()
    }

    /// The last message in hand is of that trace.
    #[inline(never)]
    pub(in crate::actor) fn carry(&mut self, trace: TraceContext) {
        if HOSTED {
            self.ext().carried.get_or_insert_default().add(trace);
        }
    }

    /// The next message in hand, if there is one, is about to be handled.
    #[inline]
    pub(in crate::actor) fn begin_trace(&mut self) {
        if HOSTED && self.ext.as_ref().is_some_and(|ext| ext.carried.is_some()) && !self.hands.is_empty() {
            self.begin();
        }
    }

    #[inline(never)]
    fn begin(&mut self) {
        let last = self.hands.len() == 1;
        let Some(carried) = self.ext.as_mut().and_then(|ext| ext.carried.as_mut()) else { return };
        // Between two messages the worker has none.
        if let Some(trace) = carried.begin(last) {
            self.world().set_trace(Some(trace));
        }
    }

    /// A handler that waited goes on.
    pub(in crate::actor) fn resume_trace(&mut self) {
        if let Some(carried) = self.ext.as_mut().and_then(|ext| ext.carried.as_mut()).filter(|_| HOSTED)
            && let Some(trace) = carried.resume()
        {
            self.world().set_trace(Some(trace));
        }
    }

    /// A handler that waited does not go on.
    pub(in crate::actor) fn drop_trace(&mut self) {
        if let Some(carried) = self.ext.as_mut().and_then(|ext| ext.carried.as_mut()).filter(|_| HOSTED) {
            carried.interrupt();
        }
    }

    /// The handler has returned; perhaps it waits, and is not done.
    #[inline]
    pub(in crate::actor) fn leave_trace(&mut self, waits: bool) {
        if HOSTED && self.ext.as_ref().is_some_and(|ext| ext.carried.is_some()) {
            self.leave(waits);
        }
    }

    #[inline(never)]
    fn leave(&mut self, waits: bool) {
        if let Some(carried) = self.ext.as_mut().and_then(|ext| ext.carried.as_mut())
            && carried.leave(waits)
        {
            self.world().set_trace(None);
        }
    }
}
