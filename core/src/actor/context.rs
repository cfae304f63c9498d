//! What a behavior may ask for while it handles a message.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use core::fmt;
use core::time::Duration;

use super::adapter::Adapter;
use super::any_ref::{AnyRef, Refers, Target};
use super::behavior::Behavior;
use super::clock::Due;
use super::control::Control;
use super::effect::Effect;
use super::error::{AskError, NotAChild, SpawnError, StashFull};
use super::ext::Ext;
use super::inbox::Inbox;
use super::layer::Layer;
use super::reference::ActorRef;
use super::reply::{ReplyTo, Slot};
use super::spawn::{Newborn, SpawnOptions};
use super::world::World;
use crate::log::{self, Level};
use crate::path::Path;
use crate::rng::Rng;
use crate::sync::{Arc, erased};
use crate::time::Instant;

mod scheduling;

/// What a behavior may ask for while it handles a message or a signal.
///
/// It is the actor's own, and cannot leave the handler; what can is [`me`](Self::me).
pub struct Context<M: Send + 'static> {
    pub(super) inbox: Arc<Inbox<M>>,
    /// Messages taken out of the mailbox and not yet handled.
    pub(super) batch: VecDeque<M>,
    pub(super) ext: Option<Box<Ext<M>>>,
    /// Children that fail wait for this actor's verdict.
    pub(super) supervising: bool,
    /// The actor is about to stop: it has no more children.
    pub(super) stopping: bool,
}

/// Who and where.
impl<M: Send + 'static> Context<M> {
    /// The reference to this actor.
    #[must_use]
    pub fn me(&self) -> ActorRef<M> {
        ActorRef::new(Arc::clone(&self.inbox))
    }

    /// Where this actor stands in the tree.
    #[must_use]
    pub fn path(&self) -> Path {
        self.inbox.path()
    }

    /// The time on the system's clock.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.world().now()
    }

    /// A random generator of one's own, from the system's seed.
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

/// Children.
impl<M: Send + 'static> Context<M> {
    /// Spawns a child under `name`, which no other child of this actor may have.
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
        let spy = self.ext.as_ref().and_then(|ext| ext.spy_children.clone());
        let newborn = Newborn { behavior, options, guarded: self.supervising, spy };
        let (child, cell) = World::birth(self.world(), Some(self.any()), newborn)?;
        self.ext().children.born(child.to_any());
        self.record(|| Effect::Spawned(child.to_any()));
        self.world().run(cell);
        Ok(child)
    }

    /// Stops a child: what waits in its mailbox becomes dead letters.
    ///
    /// # Errors
    /// [`NotAChild`] when it is not, or no longer, a child of this actor.
    pub fn stop(&mut self, child: &impl Refers) -> Result<(), NotAChild> {
        let child = child.to_any();
        if !self.ext.as_ref().is_some_and(|ext| ext.children.contains(&child)) {
            return Err(NotAChild);
        }
        child.signal(Control::Stop);
        self.record(|| Effect::Stopped(child));
        Ok(())
    }

    /// Stops a child when it has handled what it was told before; its own children first, in the same way.
    ///
    /// # Errors
    /// [`NotAChild`] when it is not, or no longer, a child of this actor.
    pub fn drain(&mut self, child: &impl Refers) -> Result<(), NotAChild> {
        let child = child.to_any();
        if !self.ext.as_ref().is_some_and(|ext| ext.children.contains(&child)) {
            return Err(NotAChild);
        }
        child.signal(Control::Drain);
        self.record(|| Effect::Drained(child));
        Ok(())
    }

    /// The children, oldest first.
    pub fn children(&self) -> impl Iterator<Item = AnyRef> {
        self.ext.iter().flat_map(|ext| ext.children.iter()).cloned()
    }
}

/// Watching.
impl<M: Send + 'static> Context<M> {
    /// Asks to hear [`Signal::Terminated`](crate::Signal::Terminated) once, when `actor` has ended.
    ///
    /// It is heard after everything that actor told this one, and also when it had ended long before. Watching twice is
    /// watching once.
    pub fn watch(&mut self, actor: &impl Refers) {
        self.watch_for(actor.to_any(), None);
    }

    /// Asks to be told `message` once, when `actor` has ended. It replaces an earlier watch of that actor.
    pub fn watch_with(&mut self, actor: &impl Refers, message: M) {
        self.watch_for(actor.to_any(), Some(message));
    }

    /// Takes a watch back: its notice will not be heard, even if it is on its way.
    pub fn unwatch(&mut self, actor: &impl Refers) {
        let actor = actor.to_any();
        let me = self.any();
        let ext = self.ext();
        let watched = ext.watching.remove(&actor.key());
        ext.notices.retain(|notice| notice.actor != actor);
        drop(watched);
        actor.signal(Control::Unwatch(me));
        self.record(|| Effect::Unwatched(actor));
    }

    fn watch_for(&mut self, actor: AnyRef, message: Option<M>) {
        // A notice on its way is the earlier watch's; this one has its own.
        self.ext().notices.retain(|notice| notice.actor != actor);
        let before = self.ext().watching.insert(actor.key(), message);
        if before.is_none() && actor.target().signal(Control::Watch(self.any())).is_err() {
            // It has ended already: the notice comes all the same.
            self.any().signal(Control::Terminated(actor.clone()));
        }
        self.record(|| Effect::Watched(actor));
    }
}

/// The stash.
impl<M: Send + 'static> Context<M> {
    /// Sets a message aside, to be put back later.
    ///
    /// A restart puts stashed messages back by itself; at a stop they become dead letters.
    ///
    /// # Errors
    /// [`StashFull`] with the message, when as many are set aside as may be.
    pub fn stash(&mut self, message: M) -> Result<(), StashFull<M>> {
        let default_max = self.world().limits().stash_messages_max;
        let ext = self.ext();
        if ext.stash.len() >= ext.stash_max.unwrap_or(default_max) {
            return Err(StashFull(message));
        }
        ext.stash.push_back(message);
        self.record(|| Effect::Stashed);
        Ok(())
    }

    /// Puts all stashed messages back, in their order, before all that wait.
    pub fn unstash_all(&mut self) {
        self.unstash(usize::MAX);
    }

    /// Puts the oldest `count` stashed messages back, in their order, before all that wait.
    pub fn unstash(&mut self, count: usize) {
        let count = self.put_back(count);
        self.record(|| Effect::Unstashed(count));
    }

    /// Puts stashed messages back; says how many.
    pub(super) fn put_back(&mut self, count: usize) -> usize {
        let Some(ext) = &mut self.ext else { return 0 };
        let count = count.min(ext.stash.len());
        for message in ext.stash.drain(..count).rev() {
            self.batch.push_front(message);
        }
        // Whoever waits for what comes after the messages there were waits for these too.
        ext.notices.iter_mut().for_each(|notice| notice.position += count as u64);
        count
    }

    /// The number of messages set aside.
    #[must_use]
    pub fn stashed(&self) -> usize {
        self.ext.as_ref().map_or(0, |ext| ext.stash.len())
    }
}

/// Asking, and hearing from others.
impl<M: Send + 'static> Context<M> {
    /// Asks `actor`, and is told the outcome as a message that `adapt` makes of it; nothing waits meanwhile.
    ///
    /// The outcome comes exactly once, whatever the mailbox's limit; after a restart too. When this actor has stopped, it
    /// becomes a dead letter.
    pub fn ask<A: Send + 'static, R: Send + 'static>(
        &mut self,
        actor: &ActorRef<A>,
        question: impl FnOnce(ReplyTo<R>) -> A,
        timeout: Duration,
        adapt: impl FnOnce(Result<R, AskError>) -> M + Send + 'static,
    ) {
        let inbox = Arc::clone(&self.inbox);
        let slot = Arc::new(Slot::called(
            actor.to_any(),
            Box::new(move |outcome| inbox.tell_adapted(move || adapt(outcome))),
        ));
        let expired = Arc::clone(&slot);
        let expire = Due::Call(Box::new(move || drop(expired.end(Err(AskError::Timeout)))));
        slot.expires(Arc::clone(self.world()), self.world().clock().set(self.now() + timeout, expire));
        let question = question(ReplyTo::slot(Arc::clone(&slot)));
        actor.question(question, |error| drop(slot.end(Err(error))));
        self.record(|| Effect::Asked(actor.to_any()));
    }

    /// A reference for messages of type `X`, which `adapt` turns into this actor's own.
    ///
    /// It is good as long as the actor lives; then what it is told becomes dead letters. Should `adapt`
    /// panic, the message becomes a dead letter and the actor fails.
    #[must_use]
    pub fn adapter<X: Send + 'static>(&self, adapt: impl Fn(X) -> M + Send + Sync + 'static) -> ActorRef<X> {
        ActorRef::through(Adapter::own(self.me(), adapt))
    }
}

/// What others in this crate use.
impl<M: Send + 'static> Context<M> {
    pub(super) const fn new(inbox: Arc<Inbox<M>>) -> Self {
        Self { inbox, batch: VecDeque::new(), ext: None, supervising: false, stopping: false }
    }

    pub(crate) fn world(&self) -> &Arc<World> {
        self.inbox.world()
    }

    pub(super) fn any(&self) -> AnyRef {
        AnyRef::new(erased!(Arc::clone(&self.inbox) => dyn Target))
    }

    pub(super) fn ext(&mut self) -> &mut Ext<M> {
        self.ext.get_or_insert_with(|| Box::new(Ext::new()))
    }

    /// Takes up what a layer means for the context.
    pub(super) fn wear(&mut self, layer: &Layer<M>) {
        match layer {
            Layer::Supervising(_) => self.supervising = true,
            Layer::Stash(max) => self.ext().stash_max = Some(*max),
            Layer::Recorded(observer) => self.ext().recorder = Some(observer.clone()),
            Layer::Spy(spy) if spy.children => self.ext().spy_children = Some(spy.observer.clone()),
            Layer::Spy(_) | Layer::Supervised(_) | Layer::OnSignal(_) | Layer::Intercept(_) => {}
        }
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
            recorder.tell_quietly(effect());
        }
    }
}

impl<M: Send + 'static> fmt::Debug for Context<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("path", &self.path()).finish_non_exhaustive()
    }
}
