//! Who there is: the addresses of a group, known to all before the first message.

use std::sync::{Arc, OnceLock};

/// The addresses of a group whose members were spawned with it.
///
/// No message has to bring them, so nothing depends on which message comes first: one framework does not
/// keep their order.
pub(crate) struct Roster<A>(Arc<OnceLock<Box<[A]>>>);

impl<A> Roster<A> {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    /// Says who they are; before the first message, and once.
    pub(crate) fn fill(&self, addresses: impl Iterator<Item = A>) {
        let filled = self.0.set(addresses.collect());
        assert!(filled.is_ok(), "a roster is filled once");
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[A] {
        self.0.get().map_or(&[], |addresses| addresses)
    }

    /// The one of that index.
    pub(crate) fn at(&self, index: u32) -> &A {
        &self.all()[index as usize]
    }
}

impl<A> Clone for Roster<A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
