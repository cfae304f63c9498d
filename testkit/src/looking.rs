//! What a behavior test shows: effects, letters, failures, children.

use casty_core::{ActorFailed, ActorRef, ActorSystem, DeadLetter, Effect, LookupError, SpyEvent, Unhandled};

use crate::behavior_test::{BehaviorTest, NAME, probe};
use crate::probe::Probe;

/// Looking.
impl<M: Send + 'static> BehaviorTest<M> {
    /// What the actor has asked of its context since this was last called, in its order.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        self.effects.drain()
    }

    /// What the actor and its children have heard since this was last called, for a test made by [`spied`](Self::spied).
    ///
    /// ```
    /// use casty_core::{Behavior, Heard};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let parent: Behavior<u8> = Behavior::setup(|ctx| match ctx.spawn(Behavior::<u8>::ignore(), "child") {
    ///     Ok(child) => Behavior::receive_message(move |amount| {
    ///         child.tell(amount * 2);
    ///         Behavior::same()
    ///     }),
    ///     Err(error) => Behavior::fail(error),
    /// });
    /// let mut test = BehaviorTest::spied(parent);
    /// test.tell(4);
    /// let heard = test.heard();
    /// let to_child = heard.iter().filter(|event| event.path.name() == "child");
    /// assert_eq!(to_child.filter(|event| matches!(event.heard, Heard::Message(_))).count(), 1);
    /// ```
    #[must_use]
    pub fn heard(&self) -> Vec<SpyEvent> {
        self.heard.drain()
    }

    /// The dead letters since this was last called.
    #[must_use]
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.dead_letters.drain()
    }

    /// What was declared unhandled since this was last called.
    ///
    /// ```
    /// use casty_core::Behavior;
    /// use casty_testkit::BehaviorTest;
    ///
    /// let mut test = BehaviorTest::new(Behavior::<u8>::receive_message(|_| Behavior::unhandled()));
    /// test.tell(1);
    /// assert_eq!(test.unhandled().len(), 1);
    /// assert!(test.unhandled().is_empty());
    /// ```
    #[must_use]
    pub fn unhandled(&self) -> Vec<Unhandled> {
        self.unhandled.drain()
    }

    /// The failures, of the actor and its children, since this was last called.
    ///
    /// ```
    /// use casty_core::Behavior;
    /// use casty_testkit::BehaviorTest;
    ///
    /// let mut test = BehaviorTest::new(Behavior::<u8>::receive_message(|_| Behavior::fail("no more")));
    /// test.tell(1);
    /// assert_eq!(test.failures()[0].failure.to_string(), "no more");
    /// assert!(test.is_stopped());
    /// ```
    #[must_use]
    pub fn failures(&self) -> Vec<ActorFailed> {
        self.failures.drain()
    }

    /// Whether the actor has stopped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.actor.is_stopped()
    }

    /// The actor.
    #[must_use]
    pub const fn actor(&self) -> &ActorRef<M> {
        &self.actor
    }

    /// The actor's child, or a child's child, under that path below it.
    ///
    /// ```
    /// use casty_core::Behavior;
    /// use casty_testkit::BehaviorTest;
    ///
    /// let parent: Behavior<String> = Behavior::receive(|ctx, name: String| {
    ///     let spawned = ctx.spawn(Behavior::<u8>::ignore(), &name);
    ///     if spawned.is_ok() { Behavior::same() } else { Behavior::unhandled() }
    /// });
    /// let mut test = BehaviorTest::new(parent);
    /// assert!(test.child::<u8>("ada").is_err());
    /// test.tell("ada".into());
    /// assert!(!test.child::<u8>("ada").unwrap().is_stopped());
    /// ```
    ///
    /// # Errors
    /// [`LookupError`] says whether there is no such child, or one of another type.
    pub fn child<C: Send + 'static>(&self, path: &str) -> Result<ActorRef<C>, LookupError> {
        self.system.lookup(&format!("{NAME}/{path}"))
    }

    /// A probe beside the actor, to stand in for those it works with.
    ///
    /// ```
    /// use casty_core::{ActorRef, Behavior};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let mut test = BehaviorTest::new(Behavior::receive_message(|to: ActorRef<&str>| {
    ///     to.tell("hello");
    ///     Behavior::same()
    /// }));
    /// let friend = test.probe();
    /// test.tell(friend.actor().clone());
    /// assert_eq!(friend.try_recv(), Some("hello"));
    /// ```
    #[must_use]
    pub fn probe<X: Send + 'static>(&self) -> Probe<X> {
        probe(&self.system)
    }

    /// The system that the actor lives in.
    #[must_use]
    pub const fn system(&self) -> &ActorSystem {
        &self.system
    }
}
