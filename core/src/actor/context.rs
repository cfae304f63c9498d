//! What a behavior may ask for while it handles a message.

use alloc::boxed::Box;
use core::fmt;

use super::any_ref::{AnyRef, Refers, Target};
use super::clock::{Due, TimerId};
use super::control::Parting;
use super::effect::Effect;
use super::ext::Ext;
use super::family::Family;
use super::few::Few;
use super::inbox::Inbox;
use super::reference::ActorRef;
use super::world::World;
use crate::log::{self, Level};
use crate::path::Path;
use crate::rng::Rng;
use crate::sync::Arc;
use crate::time::Instant;

mod asking;
mod family;
mod moving;
mod scheduling;
mod stashing;
mod tracing;
mod watching;

/// What a behavior may ask for while it handles a message or a signal.
///
/// It is the actor's own, and cannot leave the handler; what can is [`me`](Self::me).
pub struct Context<M: Send + 'static> {
    pub(super) inbox: Arc<Inbox<M>>,
    /// Messages taken out of the mailbox and not yet handled.
    pub(super) hands: Few<M>,
    pub(super) ext: Option<Box<Ext<M>>>,
    /// The actor has been set up before, and the start hooks have been called.
    pub(super) started: bool,
    /// Its parent decides on failures that its own strategies do not settle.
    pub(super) guarded: bool,
    /// Children that fail wait for this actor's verdict.
    pub(super) supervising: bool,
    /// The actor is about to stop: it has no more children.
    pub(super) stopping: bool,
    /// At whose wish.
    pub(super) parting: Parting,
}

/// Who and where.
impl<M: Send + 'static> Context<M> {
    /// The reference to this actor.
    ///
    /// ```
    /// use casty_core::Behavior;
    /// use casty_testkit::BehaviorTest;
    ///
    /// let down = Behavior::<u8>::receive(|ctx, left| match left {
    ///     0 => Behavior::stopped(),
    ///     _ => {
    ///         ctx.me().tell(left - 1);
    ///         Behavior::same()
    ///     }
    /// });
    /// let mut test = BehaviorTest::new(down);
    /// test.tell(3);
    /// assert!(test.is_stopped());
    /// ```
    #[must_use]
    pub fn me(&self) -> ActorRef<M> {
        ActorRef::new(Arc::clone(&self.inbox))
    }

    /// Where this actor stands in the tree.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, Path, ReplyTo, secs};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).name("wood").start().unwrap();
    /// let lost = Behavior::receive(|ctx, reply: ReplyTo<Path>| {
    ///     reply.tell(ctx.path());
    ///     Behavior::same()
    /// });
    /// let lost = system.spawn(lost, "lost").unwrap();
    /// let path = lost.ask(|reply| reply, secs(1)).await.unwrap();
    /// assert_eq!(path.to_string(), "casty://wood/lost");
    /// # });
    /// ```
    #[must_use]
    pub fn path(&self) -> Path {
        self.inbox.path()
    }

    /// The time on the system's clock.
    ///
    /// ```
    /// use casty_core::{Behavior, Instant, ReplyTo, secs};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let clock = Behavior::receive(|ctx, reply: ReplyTo<Instant>| {
    ///     reply.tell(ctx.now());
    ///     Behavior::same()
    /// });
    /// let mut test = BehaviorTest::new(clock);
    /// let start = test.ask(|reply| reply).unwrap();
    /// test.advance(secs(60));
    /// assert_eq!(test.ask(|reply| reply), Some(start + secs(60)));
    /// ```
    #[must_use]
    pub fn now(&self) -> Instant {
        self.world().now()
    }

    /// A new random generator, from the system's seed: each call gives another.
    ///
    /// ```
    /// use casty_core::{Behavior, ReplyTo};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let dice = Behavior::receive(|ctx, reply: ReplyTo<usize>| {
    ///     reply.tell(1 + ctx.rng().below(6));
    ///     Behavior::same()
    /// });
    /// let roll = |seed| BehaviorTest::seeded(seed, dice.clone()).ask(|reply| reply);
    /// assert_eq!(roll(7), roll(7));
    /// ```
    #[must_use]
    pub fn rng(&self) -> Rng {
        self.world().rng()
    }

    /// Writes a line to the actor's log, through `tracing` where that feature is on.
    ///
    /// ```
    /// # use casty_core::{Behavior, Level};
    /// let noisy: Behavior<u64> = Behavior::receive(|ctx, amount| {
    ///     ctx.log(Level::Info, format_args!("got {amount}"));
    ///     Behavior::same()
    /// });
    /// # let _ = noisy;
    /// ```
    pub fn log(&self, level: Level, line: fmt::Arguments<'_>) {
        log::line(level, || self.path(), line);
    }
}

/// What others in this crate use.
impl<M: Send + 'static> Context<M> {
    pub(super) const fn new(inbox: Arc<Inbox<M>>, guarded: bool) -> Self {
        Self {
            inbox,
            hands: Few::Nothing,
            ext: None,
            started: false,
            guarded,
            supervising: false,
            stopping: false,
            parting: Parting::Others,
        }
    }

    /// At whose wish the actor ends: known when it does.
    pub(crate) const fn parting(&self) -> Parting {
        self.parting
    }

    /// The actor stops as something has failed.
    pub(crate) const fn part_in_failure(&mut self) {
        self.parting = Parting::Failure;
    }

    pub(crate) fn world(&self) -> &Arc<World> {
        self.inbox.world()
    }

    pub(super) fn target(&self) -> &dyn Target {
        &*self.inbox
    }

    pub(super) fn any(&self) -> AnyRef {
        self.inbox.to_any()
    }

    /// Sets a timer in the system's clock, which tells the actor that number.
    #[inline(never)]
    pub(super) fn set_alarm(&self, due: Instant, number: u64) -> TimerId {
        self.world().clock().set(due, Due(self.any(), number))
    }

    /// Counts a message that is about to be handled, where anything depends on the count.
    #[inline]
    pub(super) fn count(&mut self) {
        if let Some(ext) = &mut self.ext {
            ext.handled += 1;
        }
    }

    /// The messages handled, since they are counted.
    #[inline]
    pub(super) fn handled(&self) -> u64 {
        self.ext.as_ref().map_or(0, |ext| ext.handled)
    }

    /// The children, if there have been any.
    pub(super) fn family(&mut self) -> Option<&mut Box<dyn Family>> {
        self.ext.as_mut()?.family.as_mut()
    }

    pub(super) fn ext(&mut self) -> &mut Ext<M> {
        self.ext.get_or_insert_with(|| Box::new(Ext::new()))
    }

    /// Forgets what layers meant.
    pub(super) fn wear_nothing(&mut self) {
        self.supervising = false;
        if let Some(ext) = &mut self.ext {
            (ext.stash_max, ext.recorder, ext.spy_children) = (None, None, None);
        }
    }

    pub(super) fn record(&self, effect: impl FnOnce() -> Effect) {
        if let Some(recorder) = self.ext.as_ref().and_then(|ext| ext.recorder.as_ref()) {
            let mut effect = Some(effect);
            recorder.record(&mut || effect.take().map(|effect| effect()));
        }
    }
}

impl<M: Send + 'static> fmt::Debug for Context<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("path", &self.path()).finish_non_exhaustive()
    }
}
