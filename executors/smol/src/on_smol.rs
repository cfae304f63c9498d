//! The short ways to begin a system, where smol is the executor.

use casty_core::{ActorSystem, Builder};

use crate::Smol;

/// The short ways to begin a system on smol, on threads of its own: `ActorSystem::new("hello")`.
///
/// Implemented for [`ActorSystem`] alone. For another executor there is [`ActorSystem::on`].
pub trait OnSmol: sealed::Sealed + Sized {
    /// Starts a system with the defaults.
    ///
    /// # Panics
    /// When `name` cannot be the name of a system (it is empty, longer than 128 bytes, begins with `$`, or has a slash, white
    /// space or a control character), or when no thread can be started. [`builder`](Self::builder) returns the first as an error.
    #[must_use]
    fn new(name: &str) -> Self;

    /// Begins a system of that name.
    fn builder(name: &str) -> Builder;
}

impl OnSmol for ActorSystem {
    fn new(name: &str) -> Self {
        match Self::builder(name).start() {
            Ok(system) => system,
            Err(error) => panic!("{error}"),
        }
    }

    fn builder(name: &str) -> Builder {
        Self::on(Smol::new()).name(name)
    }
}

mod sealed {
    /// Keeps the trait to the one type it is for.
    pub trait Sealed {}

    impl Sealed for casty_core::ActorSystem {}
}
