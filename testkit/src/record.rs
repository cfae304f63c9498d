//! What was told to someone and not yet looked at, and who waits for more.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::task::{Context, Poll, Waker};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Messages in the order they were told. Clones share them.
pub(crate) struct Record<M>(Arc<Mutex<State<M>>>);

struct State<M> {
    messages: VecDeque<M>,
    waiting: Vec<Waker>,
}

impl<M> Record<M> {
    /// Nothing was told.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(State { messages: VecDeque::new(), waiting: Vec::new() })))
    }

    /// Adds a message, and wakes all who wait for one.
    pub(crate) fn push(&self, message: M) {
        let mut state = self.lock();
        state.messages.push_back(message);
        let waiting = core::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Takes the oldest message.
    pub(crate) fn pop(&self) -> Option<M> {
        self.lock().messages.pop_front()
    }

    /// Takes the oldest message, or notes whom to wake when there is one.
    pub(crate) fn poll_pop(&self, cx: &Context<'_>) -> Poll<M> {
        let mut state = self.lock();
        if let Some(message) = state.messages.pop_front() {
            return Poll::Ready(message);
        }
        if !state.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            state.waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }

    /// Takes all messages.
    pub(crate) fn drain(&self) -> Vec<M> {
        core::mem::take(&mut self.lock().messages).into()
    }

    /// How many messages there are.
    pub(crate) fn len(&self) -> usize {
        self.lock().messages.len()
    }

    fn lock(&self) -> MutexGuard<'_, State<M>> {
        // Nothing in here panics halfway; a poisoned lock says only that some thread ended by a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<M> Clone for Record<M> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
