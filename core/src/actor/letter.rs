//! A question of an actor, whose answer is told to it as a message.

use alloc::boxed::Box;
use core::marker::PhantomData;

use super::any_ref::AnyRef;
use super::deadlines::Expires;
use super::error::AskError;
use super::inbox::Inbox;
use super::reply::{Asker, too_late, unanswered};
use crate::sync::{Arc, AtomicU64, Lock, Ordering};
use crate::trace::TraceContext;

/// A question whose asker, an actor, is told the outcome as a message.
pub(crate) struct Letter<M: Send + 'static, R, F> {
    /// Whom to tell, and what makes the message: until the end of the ask.
    sender: Lock<Option<(Arc<Inbox<M>>, F)>>,
    asked: AnyRef,
    /// In which it was asked.
    trace: Option<Box<TraceContext>>,
    /// What other nodes know it by, once it has gone there; else zero.
    abroad: AtomicU64,
    reply: PhantomData<fn(R)>,
}

impl<M: Send + 'static, R, F: FnOnce(Result<R, AskError>) -> M> Letter<M, R, F> {
    pub(crate) fn new(
        asker: Arc<Inbox<M>>,
        adapt: F,
        asked: AnyRef,
        trace: Option<Box<TraceContext>>,
    ) -> Self {
        Self {
            sender: Lock::new(Some((asker, adapt))),
            asked,
            trace,
            abroad: AtomicU64::new(0),
            reply: PhantomData,
        }
    }

    /// Ends the ask, once; gives the outcome back when it has ended before.
    pub(crate) fn end(&self, outcome: Result<R, AskError>) -> Result<(), Result<R, AskError>> {
        let Some((asker, adapt)) = self.sender.with(Option::take) else { return Err(outcome) };
        asker.tell_adapted(move || adapt(outcome), self.trace.as_deref().copied());
        Ok(())
    }
}

impl<M, R, F> Asker<R> for Letter<M, R, F>
where
    M: Send + 'static,
    R: Send + 'static,
    F: FnOnce(Result<R, AskError>) -> M + Send + 'static,
{
    fn reply(&self, reply: R) {
        if let Err(late) = self.end(Ok(reply)) {
            too_late(&self.asked, late);
        }
    }

    fn let_go(&self) {
        if self.comes_back() == 0 {
            let _ = self.end(Err(unanswered(&self.asked)));
        }
    }

    fn is_over(&self) -> bool {
        self.sender.with(|sender| sender.is_none())
    }

    fn addressee(&self) -> AnyRef {
        self.asked.clone()
    }

    fn goes_abroad(&self, ask: u64) {
        self.abroad.swap(ask, Ordering::Relaxed);
    }

    fn comes_back(&self) -> u64 {
        self.abroad.swap(0, Ordering::Relaxed)
    }
}

impl<M, R, F> Expires for Letter<M, R, F>
where
    M: Send + 'static,
    R: Send + 'static,
    F: FnOnce(Result<R, AskError>) -> M + Send,
{
    fn is_over(&self) -> bool {
        self.sender.with(|sender| sender.is_none())
    }

    fn expire(&self, error: AskError) {
        let _ = self.end(Err(error));
    }
}
