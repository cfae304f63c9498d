//! How an actor is to be spawned.

use alloc::boxed::Box;
use core::fmt;

use super::behavior::Behavior;
use super::mailbox::Mailbox;

/// How an actor is to be spawned, where the defaults are not right.
///
/// ```
/// use casty_core::{Mailbox, Overflow, SpawnOptions};
///
/// let options = SpawnOptions::named("orders").mailbox(Mailbox::<u64>::bounded(100, Overflow::DropOldest));
/// # let _ = options;
/// ```
pub struct SpawnOptions<M: Send + 'static> {
    pub(crate) name: Option<Box<str>>,
    pub(crate) mailbox: Option<Mailbox<M>>,
}

impl<M: Send + 'static> SpawnOptions<M> {
    /// Under this name, unique among the children of one parent.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: Some(Box::from(name)), mailbox: None }
    }

    /// Without a name: it shows as `$` and its number, and is not found by lookup.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, SpawnOptions};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let nameless = system.spawn_with(Behavior::<u8>::ignore(), SpawnOptions::anonymous()).unwrap();
    /// assert_eq!(nameless.path().name(), format!("${}", nameless.id().number()));
    /// # });
    /// ```
    #[must_use]
    pub const fn anonymous() -> Self {
        Self { name: None, mailbox: None }
    }

    /// With this mailbox, instead of the one the system's limits say.
    #[must_use]
    pub fn mailbox(mut self, mailbox: Mailbox<M>) -> Self {
        self.mailbox = Some(mailbox);
        self
    }
}

impl<M: Send + 'static> fmt::Debug for SpawnOptions<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpawnOptions").field("name", &self.name).field("mailbox", &self.mailbox).finish()
    }
}

/// An actor to be, with what its parent adds.
pub(crate) struct Newborn<M: Send + 'static> {
    pub(crate) behavior: Behavior<M>,
    pub(crate) options: SpawnOptions<M>,
    /// Its parent supervises its children: a failure it cannot settle waits for the parent's verdict.
    pub(crate) guarded: bool,
}
