//! What a behavior may ask of its children: to be spawned, stopped and drained.

use alloc::boxed::Box;

use super::Context;
use crate::actor::any_ref::{AnyRef, Refers};
use crate::actor::behavior::Behavior;
use crate::actor::control::Control;
use crate::actor::effect::Effect;
use crate::actor::error::{NotAChild, SpawnError};
use crate::actor::family::Family;
use crate::actor::home::Home;
use crate::actor::reference::ActorRef;
use crate::actor::spawn::{Newborn, SpawnOptions};
use crate::actor::spying::Inherited;
use crate::actor::world::World;
use crate::sync::Arc;

/// Children.
impl<M: Send + 'static> Context<M> {
    /// Spawns a child under `name`, which no other child of this actor may have.
    ///
    /// ```
    /// use casty_core::{Behavior, SpawnError};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let parent = Behavior::<&str>::receive(|ctx, name| match ctx.spawn(Behavior::<u8>::ignore(), name) {
    ///     Ok(_) => Behavior::same(),
    ///     Err(SpawnError::NameTaken(_)) => Behavior::unhandled(),
    ///     Err(error) => Behavior::fail(error),
    /// });
    /// let mut test = BehaviorTest::new(parent);
    /// test.tell("ada");
    /// assert!(test.child::<u8>("ada").is_ok());
    /// test.tell("ada");
    /// assert_eq!(test.unhandled().len(), 1);
    /// ```
    ///
    /// # Errors
    /// [`SpawnError`] says why there is no child; nothing is left behind.
    pub fn spawn<C: Send + 'static>(
        &mut self,
        behavior: Behavior<C>,
        name: &str,
    ) -> Result<ActorRef<C>, SpawnError> {
        self.spawn_with(behavior, SpawnOptions::named(name))
    }

    /// Spawns a child without a name.
    ///
    /// ```
    /// use casty_core::Behavior;
    /// use casty_testkit::BehaviorTest;
    ///
    /// let pool = Behavior::<u8>::receive(|ctx, _| match ctx.spawn_anonymous(Behavior::<u8>::ignore()) {
    ///     Ok(worker) if worker.path().name().starts_with('$') => Behavior::same(),
    ///     _ => Behavior::stopped(),
    /// });
    /// let mut test = BehaviorTest::new(pool);
    /// (1..=3).for_each(|job| test.tell(job));
    /// assert_eq!(test.effects().len(), 3);
    /// assert!(!test.is_stopped());
    /// ```
    ///
    /// # Errors
    /// [`SpawnError`] says why there is no child; nothing is left behind.
    pub fn spawn_anonymous<C: Send + 'static>(
        &mut self,
        behavior: Behavior<C>,
    ) -> Result<ActorRef<C>, SpawnError> {
        self.spawn_with(behavior, SpawnOptions::anonymous())
    }

    /// Spawns a child as `options` say.
    ///
    /// ```
    /// use casty_core::{Behavior, DeadReason, Mailbox, Overflow, SpawnOptions};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let parent = Behavior::<u8>::setup(|ctx| {
    ///     let narrow = SpawnOptions::named("child").mailbox(Mailbox::bounded(1, Overflow::DropNew));
    ///     let child = ctx.spawn_with(Behavior::<u8>::ignore(), narrow);
    ///     child.map_or_else(Behavior::fail, |child| {
    ///         (1..=3).for_each(|number| child.tell(number));
    ///         Behavior::ignore()
    ///     })
    /// });
    /// let lost = BehaviorTest::new(parent).dead_letters();
    /// assert_eq!((lost.len(), lost[0].reason), (2, DeadReason::MailboxFull));
    /// ```
    ///
    /// # Errors
    /// [`SpawnError`] says why there is no child; nothing is left behind.
    pub fn spawn_with<C: Send + 'static>(
        &mut self,
        behavior: Behavior<C>,
        options: SpawnOptions<C>,
    ) -> Result<ActorRef<C>, SpawnError> {
        if self.stopping {
            return Err(SpawnError::Stopping);
        }
        let mut options = options;
        let home = self.home_of_child(options.name.take());
        let spy = self.ext.as_ref().and_then(|ext| ext.spy_children.clone());
        let behavior = match spy {
            Some(spy) => behavior.with(Inherited(spy)),
            None => behavior,
        };
        let newborn = Newborn { behavior, options, guarded: self.supervising };
        let (inbox, cell) = World::birth(home, newborn)?;
        self.ext().family.get_or_insert_with(<dyn Family>::none).born(inbox.to_any());
        self.record(|| Effect::Spawned(inbox.to_any()));
        self.world().begin(cell);
        Ok(ActorRef::new(inbox))
    }

    fn has_child(&self, child: &AnyRef) -> bool {
        let family = self.ext.as_ref().and_then(|ext| ext.family.as_ref());
        family.is_some_and(|family| family.children().contains(child))
    }

    fn home_of_child(&mut self, name: Option<Box<str>>) -> Arc<Home> {
        if name.is_none()
            && let Some(home) = self.ext.as_ref().and_then(|ext| ext.nursery.as_ref())
        {
            return Arc::clone(home);
        }
        let nameless = name.is_none();
        let home = Arc::new(Home::new(Arc::clone(self.world()), Some(self.any()), name));
        if nameless {
            self.ext().nursery = Some(Arc::clone(&home));
        }
        home
    }

    /// Stops a child: what waits in its mailbox becomes dead letters.
    ///
    /// ```
    /// use casty_core::{Behavior, NotAChild};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let parent = Behavior::<&str>::setup(|ctx| {
    ///     let Ok(child) = ctx.spawn(Behavior::<u8>::ignore(), "child") else { return Behavior::stopped() };
    ///     Behavior::receive(move |ctx, _| {
    ///         child.tell(1);
    ///         match ctx.stop(&child) {
    ///             Ok(()) => Behavior::same(),
    ///             Err(NotAChild) => Behavior::stopped(),
    ///         }
    ///     })
    /// });
    /// let mut test = BehaviorTest::new(parent);
    /// test.tell("stop");
    /// assert!(test.child::<u8>("child").is_err());
    /// assert_eq!(test.dead_letters().len(), 1);
    /// ```
    ///
    /// # Errors
    /// [`NotAChild`] when it is not, or no longer, a child of this actor.
    pub fn stop(&mut self, child: &impl Refers) -> Result<(), NotAChild> {
        let child = child.to_any();
        if !self.has_child(&child) {
            return Err(NotAChild);
        }
        child.signal(Control::Stop);
        self.record(|| Effect::Stopped(child));
        Ok(())
    }

    /// Stops this actor when it has handled what it was told before; its children first, in the same way.
    ///
    /// Unlike [`Behavior::stopped`], it loses nothing that was told: right for an actor that retires when it is idle.
    ///
    /// ```
    /// use casty_core::{Behavior, secs};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let session: Behavior<Option<u32>> = Behavior::setup(|ctx| {
    ///     ctx.set_receive_timeout(secs(60), || None);
    ///     Behavior::receive(|ctx, request: Option<u32>| {
    ///         if request.is_none() {
    ///             ctx.retire();
    ///         }
    ///         Behavior::same()
    ///     })
    /// });
    /// let mut test = BehaviorTest::new(session);
    /// test.advance(secs(61));
    /// assert!(test.is_stopped());
    /// ```
    pub fn retire(&self) {
        self.any().signal(Control::Drain);
    }

    /// Stops a child when it has handled what it was told before; its own children first, in the same way.
    ///
    /// ```
    /// use casty_core::{Behavior, NotAChild};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let parent = Behavior::<&str>::setup(|ctx| {
    ///     let Ok(child) = ctx.spawn(Behavior::<u8>::ignore(), "child") else { return Behavior::stopped() };
    ///     Behavior::receive(move |ctx, _| {
    ///         child.tell(1);
    ///         match ctx.drain(&child) {
    ///             Ok(()) => Behavior::same(),
    ///             Err(NotAChild) => Behavior::stopped(),
    ///         }
    ///     })
    /// });
    /// let mut test = BehaviorTest::new(parent);
    /// test.tell("drain");
    /// assert!(test.child::<u8>("child").is_err());
    /// assert_eq!(test.dead_letters().len(), 0);
    /// ```
    ///
    /// # Errors
    /// [`NotAChild`] when it is not, or no longer, a child of this actor.
    pub fn drain(&mut self, child: &impl Refers) -> Result<(), NotAChild> {
        let child = child.to_any();
        if !self.has_child(&child) {
            return Err(NotAChild);
        }
        child.signal(Control::Drain);
        self.record(|| Effect::Drained(child));
        Ok(())
    }

    /// The children, oldest first.
    ///
    /// ```
    /// use casty_core::{Behavior, ReplyTo};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let parent = Behavior::receive(|ctx, reply: ReplyTo<Vec<String>>| {
    ///     reply.tell(ctx.children().map(|child| child.path().name().to_string()).collect());
    ///     Behavior::same()
    /// });
    /// let mut test = BehaviorTest::new(parent.on_start(|ctx| {
    ///     let _ = ["ada", "bob"].map(|name| ctx.spawn(Behavior::<u8>::ignore(), name));
    /// }));
    /// assert_eq!(test.ask(|reply| reply).unwrap(), ["ada", "bob"]);
    /// ```
    pub fn children(&self) -> impl Iterator<Item = AnyRef> {
        let family = self.ext.iter().filter_map(|ext| ext.family.as_ref());
        family.flat_map(|family| family.children().iter()).cloned()
    }
}
