//! Handlers with a state of their own, made by the blueprint at start and at restart.

use alloc::boxed::Box;

use super::behavior::{Behavior, Handler, Stateful};
use super::context::Context;
use crate::sync::Arc;

/// What [`Behavior::fold`](crate::Behavior::fold) does after a message.
#[derive(Debug)]
pub enum Step<S, M: Send + 'static> {
    /// Goes on with this state.
    Keep(S),
    /// Goes on with this state, and publishes [`Unhandled`](crate::Unhandled).
    Unhandled(S),
    /// Goes on with another behavior, which may be any signal, such as
    /// [`stopped`](crate::Behavior::stopped) or [`fail`](crate::Behavior::fail); the state is dropped.
    /// After [`same`](crate::Behavior::same) the fold begins again from its initial state.
    Become(Behavior<M>),
}

/// The blueprint of a fold: its initial state and its step.
pub(crate) struct Fold<S, F>(Arc<(S, F)>);

/// A fold at work. The state is away while the step has it: a panic there loses it.
struct Folding<S, F> {
    state: Option<S>,
    blueprint: Arc<(S, F)>,
}

impl<S, F> Fold<S, F> {
    pub(crate) fn new(initial: S, step: F) -> Self {
        Self(Arc::new((initial, step)))
    }
}

impl<M, S, F> Stateful<M> for Fold<S, F>
where
    M: Send + 'static,
    S: Clone + Send + Sync + 'static,
    F: Fn(S, &mut Context<M>, M) -> Step<S, M> + Send + Sync + 'static,
{
    fn instance(&self, _: &mut Context<M>) -> Box<dyn Handler<M>> {
        Box::new(Folding { state: Some(self.0.0.clone()), blueprint: Arc::clone(&self.0) })
    }
}

impl<M, S, F> Handler<M> for Folding<S, F>
where
    M: Send + 'static,
    S: Clone + Send + Sync + 'static,
    F: Fn(S, &mut Context<M>, M) -> Step<S, M> + Send + Sync + 'static,
{
    #[inline]
    fn handle(&mut self, ctx: &mut Context<M>, message: M) -> Behavior<M> {
        let (initial, step) = &*self.blueprint;
        // Without a state the last step let go of it by `Become(same())`.
        let state = self.state.take().unwrap_or_else(|| initial.clone());
        match step(state, ctx, message) {
            Step::Keep(state) => {
                self.state = Some(state);
                Behavior::same()
            }
            Step::Unhandled(state) => {
                self.state = Some(state);
                Behavior::unhandled()
            }
            Step::Become(next) => next,
        }
    }

    fn whole(&self) -> bool {
        self.state.is_some()
    }
}

/// The blueprint of a handler that changes its state in place.
pub(crate) struct WithState<I, F> {
    initial: I,
    handler: Arc<F>,
}

struct Changing<S, F> {
    state: S,
    handler: Arc<F>,
}

impl<I, F> WithState<I, F> {
    pub(crate) const fn new(initial: I, handler: Arc<F>) -> Self {
        Self { initial, handler }
    }
}

impl<M, S, I, F> Stateful<M> for WithState<I, F>
where
    M: Send + 'static,
    S: Send + 'static,
    I: Fn(&mut Context<M>) -> S + Send + Sync + 'static,
    F: Fn(&mut S, &mut Context<M>, M) -> Behavior<M> + Send + Sync + 'static,
{
    fn instance(&self, ctx: &mut Context<M>) -> Box<dyn Handler<M>> {
        Box::new(Changing { state: (self.initial)(ctx), handler: Arc::clone(&self.handler) })
    }
}

impl<M, S, F> Handler<M> for Changing<S, F>
where
    M: Send + 'static,
    S: Send + 'static,
    F: Fn(&mut S, &mut Context<M>, M) -> Behavior<M> + Send + Sync + 'static,
{
    #[inline]
    fn handle(&mut self, ctx: &mut Context<M>, message: M) -> Behavior<M> {
        (self.handler)(&mut self.state, ctx, message)
    }

    fn whole(&self) -> bool {
        true
    }
}
