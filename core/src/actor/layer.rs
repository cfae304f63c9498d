//! What wraps a behavior: supervision, hooks, interceptors, a stash bound, an observer.
//!
//! Each kind of layer says what concerns it, and the cell asks them all. So a program links only those that it puts on.

use core::fmt;

use super::behavior::{Behavior, Kind};
use super::context::Context;
use super::effect::Records;
use super::listener::Listener;
use super::signal::Signal;
use super::supervision::Strategy;
use crate::sync::{Arc, shared};

/// A behavior and what is around it.
pub(crate) struct Layered<M: Send + 'static> {
    pub(crate) layer: Arc<dyn Layer<M>>,
    pub(crate) inner: Behavior<M>,
}

/// One thing around a behavior.
pub(crate) trait Layer<M: Send + 'static>: Send + Sync {
    /// What it is, for those who debug.
    fn name(&self) -> &'static str;

    /// Whether what it is around lives in a cluster only.
    fn needs_cluster(&self) -> bool {
        false
    }

    /// What it means for the actor's context, for as long as it is on.
    fn wear(&self, ctx: &mut Context<M>) {
        let _ = ctx;
    }

    /// The strategy for the actor itself.
    fn strategy(&self) -> Option<&dyn Strategy> {
        None
    }

    /// The strategy for the actor's children.
    fn supervising(&self) -> Option<Arc<dyn Strategy>> {
        None
    }

    /// Whether it wants to see messages.
    fn sees_messages(&self) -> bool {
        false
    }

    /// Sees a message first, and passes on what is to be handled.
    fn see(&self, ctx: &mut Context<M>, message: M) -> Option<M> {
        let _ = ctx;
        Some(message)
    }

    /// Hears a signal.
    fn hear(&self, ctx: &mut Context<M>, signal: &Signal) -> Behavior<M> {
        let _ = (ctx, signal);
        Behavior::unhandled()
    }
}

impl<M: Send + 'static> Behavior<M> {
    /// Whether it lives in a cluster only, as far as that is known before it starts.
    pub(crate) fn needs_cluster(&self) -> bool {
        let mut behavior = self;
        while let Kind::Layered(layered) = &behavior.0 {
            if layered.layer.needs_cluster() {
                return true;
            }
            behavior = &layered.inner;
        }
        false
    }

    /// This behavior with a layer around it.
    pub(crate) fn with(self, layer: impl Layer<M> + 'static) -> Self {
        let layer = shared!(layer => dyn Layer<M>);
        Self(Kind::Layered(Arc::new(Layered { layer, inner: self })))
    }
}

/// Failures of the actor are this strategy's to decide.
pub(crate) struct Supervised<S>(pub(crate) S);

impl<M: Send + 'static, S: Strategy> Layer<M> for Supervised<S> {
    fn name(&self) -> &'static str {
        "supervised"
    }

    fn strategy(&self) -> Option<&dyn Strategy> {
        Some(&self.0)
    }
}

/// Failures of its children are.
pub(crate) struct Supervising(pub(crate) Arc<dyn Strategy>);

impl<M: Send + 'static> Layer<M> for Supervising {
    fn name(&self) -> &'static str {
        "supervising"
    }

    fn wear(&self, ctx: &mut Context<M>) {
        ctx.supervising = true;
    }

    fn supervising(&self) -> Option<Arc<dyn Strategy>> {
        Some(Arc::clone(&self.0))
    }
}

/// A function that hears signals.
pub(crate) struct OnSignal<F>(pub(crate) F);

impl<M, F> Layer<M> for OnSignal<F>
where
    M: Send + 'static,
    F: Fn(&mut Context<M>, &Signal) -> Behavior<M> + Send + Sync,
{
    fn name(&self) -> &'static str {
        "on_signal"
    }

    fn hear(&self, ctx: &mut Context<M>, signal: &Signal) -> Behavior<M> {
        (self.0)(ctx, signal)
    }
}

/// A function that sees messages first.
pub(crate) struct Intercept<F>(pub(crate) F);

impl<M, F> Layer<M> for Intercept<F>
where
    M: Send + 'static,
    F: Fn(&mut Context<M>, M) -> Option<M> + Send + Sync,
{
    fn name(&self) -> &'static str {
        "intercept"
    }

    fn sees_messages(&self) -> bool {
        true
    }

    fn see(&self, ctx: &mut Context<M>, message: M) -> Option<M> {
        (self.0)(ctx, message)
    }
}

/// So many messages may be set aside.
pub(crate) struct Stash(pub(crate) usize);

impl<M: Send + 'static> Layer<M> for Stash {
    fn name(&self) -> &'static str {
        "stash"
    }

    fn wear(&self, ctx: &mut Context<M>) {
        ctx.ext().stash_max = Some(self.0);
    }
}

/// This one hears what the actor asks for.
pub(crate) struct Recorded(pub(crate) Listener);

impl<M: Send + 'static> Layer<M> for Recorded {
    fn name(&self) -> &'static str {
        "recorded"
    }

    fn wear(&self, ctx: &mut Context<M>) {
        let recorder = self.0.clone();
        ctx.ext().recorder = Some(shared!(recorder => dyn Records));
    }
}

impl<M: Send + 'static> fmt::Debug for dyn Layer<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
