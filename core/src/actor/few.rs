//! A queue that needs no buffer for one message: most actors get one at a time.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

/// Messages in the order in which they are to be handled: those in an actor's hands, and those in its mailbox.
pub(crate) struct Few<M> {
    first: Option<M>,
    rest: Option<Box<Rest<M>>>,
}

/// Those after the first.
struct Rest<M>(VecDeque<M>);

impl<M> Few<M> {
    /// Nothing.
    pub(crate) const fn new() -> Self {
        Self { first: None, rest: None }
    }

    /// Takes the next message.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<M> {
        match self.first.take() {
            None => self.rest.as_mut()?.0.pop_front(),
            first => first,
        }
    }

    /// Adds a message after all others.
    #[inline]
    pub(crate) fn push(&mut self, message: M) {
        match &mut self.rest {
            None if self.first.is_none() => self.first = Some(message),
            Some(rest) if self.first.is_none() && rest.0.is_empty() => self.first = Some(message),
            Some(rest) => rest.0.push_back(message),
            None => self.rest().push_back(message),
        }
    }

    /// Adds a message before all others.
    pub(crate) fn push_front(&mut self, message: M) {
        if let Some(second) = self.first.replace(message) {
            self.rest().push_front(second);
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.as_ref().map_or(0, |rest| rest.0.len())
    }

    /// Whether there is none.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none() && self.rest.as_ref().is_none_or(|rest| rest.0.is_empty())
    }

    /// Gives the buffer back if it is empty and larger than that.
    #[inline]
    pub(crate) fn shrink(&mut self, capacity_max: usize) {
        if let Some(rest) = &self.rest
            && rest.0.capacity() > capacity_max
            && rest.0.is_empty()
        {
            self.rest = None;
        }
    }

    #[cold]
    fn rest(&mut self) -> &mut VecDeque<M> {
        &mut self.rest.get_or_insert_with(|| Box::new(Rest(VecDeque::new()))).0
    }
}

#[cfg(test)]
mod tests {
    use super::Few;

    #[test]
    fn messages_leave_in_order_however_they_came() {
        let mut few = Few::new();
        (3..=5).for_each(|message| few.push(message));
        few.push_front(2);
        few.push_front(1);
        assert_eq!(few.len(), 5);
        assert_eq!(core::iter::from_fn(|| few.pop()).collect::<alloc::vec::Vec<_>>(), [1, 2, 3, 4, 5]);
        assert!(few.is_empty());
    }

    #[test]
    fn one_message_at_a_time_needs_no_buffer() {
        let mut few = Few::new();
        for message in 0..100 {
            few.push(message);
            assert_eq!(few.pop(), Some(message));
        }
        assert!(few.rest.is_none());
    }
}
