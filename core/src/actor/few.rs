//! A queue that needs no buffer for one message: most actors get one at a time.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use core::mem;

/// Messages in the order in which they are to be handled: those in an actor's hands, and those in its mailbox.
pub(crate) enum Few<M> {
    Nothing,
    One(M),
    /// A buffer, which stays when it is empty: who got several at once will again.
    Many(Box<Many<M>>),
}

/// Behind one pointer, as most actors never need it.
pub(crate) struct Many<M>(VecDeque<M>);

impl<M> Few<M> {
    /// Takes the next message.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<M> {
        match self {
            Self::Nothing => None,
            Self::Many(many) => many.0.pop_front(),
            Self::One(_) => match mem::replace(self, Self::Nothing) {
                Self::One(message) => Some(message),
                Self::Nothing | Self::Many(_) => None,
            },
        }
    }

    /// Adds a message after all others.
    #[inline]
    pub(crate) fn push(&mut self, message: M) {
        match self {
            // There is nothing in it to drop, and the compiler does not see it.
            Self::Nothing => mem::forget(mem::replace(self, Self::One(message))),
            Self::Many(many) => many.0.push_back(message),
            Self::One(_) => self.grow(message, VecDeque::push_back),
        }
    }

    /// Adds a message before all others.
    pub(crate) fn push_front(&mut self, message: M) {
        match self {
            Self::Nothing => *self = Self::One(message),
            Self::Many(many) => many.0.push_front(message),
            Self::One(_) => self.grow(message, VecDeque::push_front),
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::One(_) => 1,
            Self::Many(many) => many.0.len(),
        }
    }

    /// Whether there is none.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::One(_) => false,
            Self::Many(many) => many.0.is_empty(),
        }
    }

    /// Whether no buffer is to grow for one more, unless it is the first.
    #[inline]
    pub(crate) fn has_room(&self) -> bool {
        match self {
            Self::Nothing | Self::One(_) => true,
            Self::Many(many) => many.0.len() < many.0.capacity(),
        }
    }

    /// Gives the buffer back if it is empty and larger than that.
    #[inline]
    pub(crate) fn shrink(&mut self, capacity_max: usize) {
        if let Self::Many(many) = self
            && many.0.capacity() > capacity_max
            && many.0.is_empty()
        {
            *self = Self::Nothing;
        }
    }

    /// Makes a buffer for the one message, and adds another.
    #[cold]
    fn grow(&mut self, message: M, add: fn(&mut VecDeque<M>, M)) {
        let mut many = VecDeque::new();
        if let Some(first) = self.pop() {
            many.push_back(first);
        }
        add(&mut many, message);
        *self = Self::Many(Box::new(Many(many)));
    }
}

#[cfg(test)]
mod tests {
    use super::Few;

    #[test]
    fn messages_leave_in_order_however_they_came() {
        let mut few = Few::Nothing;
        (3..=5).for_each(|message| few.push(message));
        few.push_front(2);
        few.push_front(1);
        assert_eq!(few.len(), 5);
        assert_eq!(core::iter::from_fn(|| few.pop()).collect::<alloc::vec::Vec<_>>(), [1, 2, 3, 4, 5]);
        assert!(few.is_empty());
    }

    #[test]
    fn one_message_at_a_time_needs_no_buffer() {
        let mut few = Few::Nothing;
        for message in 0..100 {
            few.push(message);
            assert_eq!(few.pop(), Some(message));
        }
        assert!(matches!(few, Few::Nothing));
    }
}
