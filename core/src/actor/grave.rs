//! Where messages that nobody will handle are dropped, one after the other.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use core::any::Any;
use core::mem;

use crate::sync::Lock;

/// The place where messages are dropped.
///
/// What a destructor brings here (a reply let go of may be another dead letter, and so on along a chain of asks) waits its
/// turn instead of nesting: a long chain must not overflow the stack.
pub(crate) struct Grave(Lock<Pit>);

struct Pit {
    open: bool,
    waiting: VecDeque<Box<dyn Any + Send>>,
}

impl Grave {
    pub(crate) fn new() -> Self {
        Self(Lock::new(Pit { open: false, waiting: VecDeque::new() }))
    }

    /// Drops `dead`, here and now or, while another is being dropped, after that.
    pub(crate) fn bury<T: Send + 'static>(&self, dead: T) {
        if !mem::needs_drop::<T>() {
            return;
        }
        let mine = self.0.with(|pit| {
            if !pit.open {
                pit.open = true;
                return Some(dead);
            }
            pit.waiting.push_back(Box::new(dead));
            None
        });
        let Some(mine) = mine else { return };
        let mut closing = Closing { grave: self, panicking: true };
        drop(mine);
        while let Some(next) = self.next() {
            drop(next);
        }
        closing.panicking = false;
    }

    /// The next one; with the last the grave is closed.
    fn next(&self) -> Option<Box<dyn Any + Send>> {
        self.0.with(|pit| {
            let next = pit.waiting.pop_front();
            pit.open = next.is_some();
            next
        })
    }
}

/// Closes the grave when a destructor has panicked; who comes next drops what is left.
struct Closing<'a> {
    grave: &'a Grave,
    panicking: bool,
}

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        if self.panicking {
            self.grave.0.with(|pit| pit.open = false);
        }
    }
}
