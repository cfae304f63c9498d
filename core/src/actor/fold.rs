//! Handlers with a state of their own, made by the blueprint at start and at restart.

use alloc::boxed::Box;

use super::behavior::{Behavior, Handler, Stateful};
use super::context::Context;
use crate::sync::{Arc, revealed};

/// What a [fold](crate::Behavior::fold) does after a message.
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

impl<S, M: Send + 'static> Step<S, M> {
    /// What comes next; the state that it goes on with, if it does, is put there.
    #[inline]
    pub(crate) fn settle(self, place: &mut Option<S>) -> Behavior<M> {
        match self {
            Self::Keep(state) => {
                *place = Some(state);
                Behavior::same()
            }
            Self::Unhandled(state) => {
                *place = Some(state);
                Behavior::unhandled()
            }
            Self::Become(next) => next,
        }
    }
}

/// The blueprint of a fold.
pub(crate) struct Fold<S, F> {
    initial: S,
    step: F,
}

/// A fold at work. The state is away while the step has it: a panic there loses it.
struct Folding<S, F> {
    state: Option<S>,
    blueprint: Arc<Fold<S, F>>,
}

impl<S, F> Fold<S, F> {
    pub(crate) const fn new(initial: S, step: F) -> Self {
        Self { initial, step }
    }
}

impl<M, S, F> Stateful<M> for Fold<S, F>
where
    M: Send + 'static,
    S: Clone + Send + Sync + 'static,
    F: Fn(S, &mut Context<M>, M) -> Step<S, M> + Send + Sync + 'static,
{
    fn instance(&self, me: &Arc<dyn Stateful<M>>, _: &mut Context<M>) -> Option<Box<dyn Handler<M>>> {
        let blueprint = revealed!(me => Self)?;
        Some(Box::new(Folding { state: Some(self.initial.clone()), blueprint }))
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
        // Without a state the last step let go of it by `Become(same())`.
        let state = self.state.take().unwrap_or_else(|| self.blueprint.initial.clone());
        (self.blueprint.step)(state, ctx, message).settle(&mut self.state)
    }

    fn whole(&self) -> bool {
        self.state.is_some()
    }
}

/// The blueprint of a handler that changes its state in place.
pub(crate) struct WithState<I, F> {
    initial: I,
    handler: F,
}

struct Changing<S, I, F> {
    state: S,
    blueprint: Arc<WithState<I, F>>,
}

impl<I, F> WithState<I, F> {
    pub(crate) const fn new(initial: I, handler: F) -> Self {
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
    fn instance(&self, me: &Arc<dyn Stateful<M>>, ctx: &mut Context<M>) -> Option<Box<dyn Handler<M>>> {
        let blueprint = revealed!(me => Self)?;
        Some(Box::new(Changing { state: (self.initial)(ctx), blueprint }))
    }
}

impl<M, S, I, F> Handler<M> for Changing<S, I, F>
where
    M: Send + 'static,
    S: Send + 'static,
    I: Send + Sync,
    F: Fn(&mut S, &mut Context<M>, M) -> Behavior<M> + Send + Sync + 'static,
    Self: Send,
{
    #[inline]
    fn handle(&mut self, ctx: &mut Context<M>, message: M) -> Behavior<M> {
        (self.blueprint.handler)(&mut self.state, ctx, message)
    }

    fn whole(&self) -> bool {
        true
    }
}
