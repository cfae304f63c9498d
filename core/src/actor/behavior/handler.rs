//! Handlers with a state of their own, and the blueprints that make them.

use alloc::boxed::Box;
use core::any::Any;
use core::task::{Context as TaskContext, Poll};

use super::Behavior;
use crate::actor::cell::PollPending;
use crate::actor::context::Context;
use crate::actor::luggage::Parcel;
use crate::sync::Arc;

/// The blueprint of a handler with a state of its own.
pub(crate) trait Stateful<M: Send + 'static>: Any + Send + Sync {
    /// The handler, with the first state, if `me` is this very blueprint.
    fn instance(&self, me: &Arc<dyn Stateful<M>>, ctx: &mut Context<M>) -> Option<Box<dyn Handler<M>>>;

    /// The same with what has come along from another node; nothing, if it takes nothing up.
    fn carrying(&self, me: &Arc<dyn Stateful<M>>, ctx: &Context<M>, parcel: &Parcel) -> Option<Behavior<M>> {
        let _ = (me, ctx, parcel);
        None
    }

    /// What it is, for those who debug.
    fn name(&self) -> &'static str {
        "stateful"
    }
}

/// A shared blueprint is one too: what a pointer without coercion needs.
impl<M: Send + 'static, T: Stateful<M>> Stateful<M> for Arc<T> {
    fn instance(&self, me: &Arc<dyn Stateful<M>>, ctx: &mut Context<M>) -> Option<Box<dyn Handler<M>>> {
        (**self).instance(me, ctx)
    }

    fn carrying(&self, me: &Arc<dyn Stateful<M>>, ctx: &Context<M>, parcel: &Parcel) -> Option<Behavior<M>> {
        (**self).carrying(me, ctx, parcel)
    }

    fn name(&self) -> &'static str {
        (**self).name()
    }
}

/// A handler with a state of its own.
pub(crate) trait Handler<M: Send + 'static>: Send {
    /// Handles one message.
    fn handle(&mut self, ctx: &mut Context<M>, message: M) -> Behavior<M>;

    /// Whether it still has its state, after a failure.
    fn whole(&self) -> bool;

    /// Whether it is to be polled before its first message.
    fn begins_busy(&self) -> bool {
        false
    }

    /// How the actor polls it when it is busy. Who ever is says so, and links what that takes.
    fn polled_by(&self) -> Option<PollPending<M>> {
        None
    }

    /// Goes on with what keeps it busy, until it is done; the next message waits for that. The answer is the next behavior.
    fn poll(&mut self, ctx: &mut Context<M>, cx: &mut TaskContext<'_>) -> Poll<Behavior<M>> {
        let _ = (ctx, cx);
        Poll::Ready(Behavior::same())
    }

    /// Lets go of what it is busy with.
    fn interrupt(&mut self) {}

    /// The actor has begun with it, and its start hooks have been called.
    fn begun(&mut self, ctx: &mut Context<M>) {
        let _ = ctx;
    }

    /// The actor is about to stop, because it was asked to: what is to go on elsewhere is taken out of it.
    fn pack(&mut self, ctx: &mut Context<M>) {
        let _ = ctx;
    }
}
