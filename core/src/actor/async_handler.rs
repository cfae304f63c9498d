//! A handler that is a future: it is busy until that is done.

use alloc::boxed::Box;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context as TaskContext, Poll};

use super::async_context::{AsyncContext, Calls};
use super::behavior::{Behavior, Handler, Stateful};
use super::cell::{Cell, PollPending};
use super::context::Context;
use crate::sync::{Arc, Lock, revealed};

/// The blueprint of an asynchronous handler.
pub(crate) struct Asynchronous<F>(pub(crate) F);

/// An asynchronous handler, and its future while there is one.
struct Awaiting<M: Send + 'static, F> {
    blueprint: Arc<Asynchronous<F>>,
    at_work: Option<AtWork<M>>,
}

/// The future, and what it wants done by the actor.
type AtWork<M> = (Pin<Box<dyn Future<Output = Behavior<M>> + Send>>, Calls<M>);

impl<M, F, W> Stateful<M> for Asynchronous<F>
where
    M: Send + 'static,
    F: Fn(AsyncContext<M>, M) -> W + Send + Sync + 'static,
    W: Future<Output = Behavior<M>> + Send + 'static,
{
    fn instance(&self, me: &Arc<dyn Stateful<M>>, _: &mut Context<M>) -> Option<Box<dyn Handler<M>>> {
        Some(Box::new(Awaiting { blueprint: revealed!(me => Self)?, at_work: None }))
    }

    fn name(&self) -> &'static str {
        "receive_async"
    }
}

impl<M, F, W> Handler<M> for Awaiting<M, F>
where
    M: Send + 'static,
    F: Fn(AsyncContext<M>, M) -> W + Send + Sync + 'static,
    W: Future<Output = Behavior<M>> + Send + 'static,
{
    fn handle(&mut self, ctx: &mut Context<M>, message: M) -> Behavior<M> {
        let calls = Arc::new(Lock::default());
        let ctx = AsyncContext::new(ctx, Arc::clone(&calls));
        self.at_work = Some((Box::pin((self.blueprint.0)(ctx, message)), calls));
        Behavior::busy()
    }

    fn whole(&self) -> bool {
        true
    }

    fn polled_by(&self) -> Option<PollPending<M>> {
        Some(Cell::poll_pending)
    }

    fn poll(&mut self, ctx: &mut Context<M>, cx: &mut TaskContext<'_>) -> Poll<Behavior<M>> {
        let Some((future, calls)) = &mut self.at_work else { return Poll::Ready(Behavior::same()) };
        let next = future.as_mut().poll(cx);
        let calls = calls.with(core::mem::take);
        let called = !calls.is_empty();
        calls.into_iter().for_each(|call| call(ctx));
        match next {
            Poll::Ready(next) => {
                self.at_work = None;
                Poll::Ready(next)
            }
            // Its calls are made, so it is polled again.
            Poll::Pending if called => Poll::Ready(Behavior::busy()),
            Poll::Pending => Poll::Pending,
        }
    }

    fn interrupt(&mut self) {
        self.at_work = None;
    }
}
