//! What wraps a behavior: supervision, hooks, interceptors, spies.

use alloc::string::String;
use core::fmt;

use super::behavior::Behavior;
use super::context::Context;
use super::listener::Listener;
use super::signal::Signal;
use super::supervision::Strategy;
use crate::sync::Arc;

/// A behavior and what is around it.
pub(crate) struct Layered<M: Send + 'static> {
    pub(crate) layer: Layer<M>,
    pub(crate) inner: Behavior<M>,
}

/// A function that hears signals.
pub(crate) type OnSignal<M> = Arc<dyn Fn(&mut Context<M>, &Signal) -> Behavior<M> + Send + Sync>;
/// A function that sees messages first.
pub(crate) type Intercept<M> = Arc<dyn Fn(&mut Context<M>, M) -> Option<M> + Send + Sync>;

/// One thing around a behavior.
pub(crate) enum Layer<M: Send + 'static> {
    Supervised(Arc<dyn Strategy>),
    Supervising(Arc<dyn Strategy>),
    OnSignal(OnSignal<M>),
    Intercept(Intercept<M>),
    Spy(Spy<M>),
    Stash(usize),
    Recorded(Listener),
}

/// Who is told of what an actor hears, and in which words.
pub(crate) struct Spy<M> {
    pub(crate) observer: Listener,
    pub(crate) describe: fn(&M) -> String,
    pub(crate) children: bool,
}

impl<M: Send + 'static> Clone for Layer<M> {
    fn clone(&self) -> Self {
        match self {
            Self::Supervised(strategy) => Self::Supervised(Arc::clone(strategy)),
            Self::Supervising(strategy) => Self::Supervising(Arc::clone(strategy)),
            Self::OnSignal(handler) => Self::OnSignal(Arc::clone(handler)),
            Self::Intercept(interceptor) => Self::Intercept(Arc::clone(interceptor)),
            Self::Spy(spy) => Self::Spy(Spy { observer: spy.observer.clone(), ..*spy }),
            Self::Stash(max) => Self::Stash(*max),
            Self::Recorded(observer) => Self::Recorded(observer.clone()),
        }
    }
}

impl<M: Send + 'static> fmt::Debug for Layer<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Supervised(_) => "supervised",
            Self::Supervising(_) => "supervising",
            Self::OnSignal(_) => "on_signal",
            Self::Intercept(_) => "intercept",
            Self::Spy(_) => "spy",
            Self::Stash(_) => "stash",
            Self::Recorded(_) => "recorded",
        })
    }
}
