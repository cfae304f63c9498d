//! References: how an actor is told things.

use core::fmt;
use core::hash::{Hash, Hasher};
use core::task::{Context, Poll};
use core::time::Duration;

use super::adapter::{Adapter, Function};
use super::any_ref::{AnyRef, Refers, Target};
use super::ask::Ask;
use super::error::SendError;
use super::inbox::Inbox;
use super::reply::ReplyTo;
use super::sending::Sending;
use super::traced::Traced;
use super::whereabouts::Whereabouts;
use super::within::Within;
use super::woken::Woken;
use super::world::World;
use crate::id::ActorId;
use crate::path::Path;
use crate::sync::{Arc, shared};
use crate::trace::TraceContext;

mod inside;

/// A reference to an actor that takes messages of type `M`: small, cheap to clone, and good from any thread.
///
/// It says nothing about whether the actor still lives: a message to one that has stopped becomes a dead
/// letter. Messages of one sender arrive in the order they were told, at most once each.
///
/// Two references are equal when they lead to the same actor.
pub struct ActorRef<M: Send + 'static>(To<M>);

enum To<M: Send + 'static> {
    Inbox(Arc<Inbox<M>>),
    Other(Arc<dyn Recipient<M>>),
}

/// What takes messages of type `M` and passes them on to an actor of another type.
pub(crate) trait Recipient<M>: Send + Sync {
    /// Passes on a message, or drops it as a dead letter; gives it back when the actor has stopped.
    fn pass(&self, message: M, within: Within) -> Result<(), SendError<M>>;
    /// Passes on a message from another node; the actor, if it is woken, is to be run by whoever has `woken`.
    fn pass_among(
        &self,
        message: M,
        trace: Option<TraceContext>,
        woken: &mut Woken,
    ) -> Result<(), SendError<M>> {
        let _ = woken;
        self.pass(message, Within::only(trace))
    }
    /// Passes on a message; what is not taken is dropped without news.
    fn pass_quietly(&self, message: M);
    /// Passes on a message that no limit drops; what is not taken is dropped without news.
    fn note(&self, message: M) {
        self.pass_quietly(message);
    }
    /// Makes a message that was given back a dead letter.
    fn dead(&self, error: SendError<M>);
    /// Ready when there may be room for a message.
    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        let _ = cx;
        Poll::Ready(())
    }
    /// The actor.
    fn actor(&self) -> AnyRef;
    /// The system in which it is told.
    fn world(&self) -> &Arc<World>;
    /// What other nodes may know it by, where that is not the actor's own number.
    fn number(&self) -> u64;
    /// What it does, where that can be told: others of the same actor that do so are the same.
    fn function(&self) -> Option<Function> {
        None
    }
    /// Where the actor of another node is: what others may know it by.
    fn elsewhere(&self) -> Option<Whereabouts> {
        None
    }
}

impl<M: Send + 'static> ActorRef<M> {
    pub(crate) const fn new(inbox: Arc<Inbox<M>>) -> Self {
        Self(To::Inbox(inbox))
    }

    pub(crate) fn through(recipient: impl Recipient<M> + 'static) -> Self {
        Self(To::Other(shared!(recipient => dyn Recipient<M>)))
    }

    /// Tells the actor `message`, and does not wait.
    ///
    /// A message that cannot be taken (the actor has stopped, its mailbox is full) becomes a dead letter.
    ///
    /// ```
    /// # use casty_core::{ActorSystem};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::{Probe, ended};
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let probe = Probe::new(&system, "probe").unwrap();
    /// probe.actor().tell(1);
    /// probe.actor().tell(2);
    /// assert_eq!((probe.recv().await, probe.recv().await), (1, 2));
    ///
    /// system.stop(probe.actor());
    /// ended(&system, probe.actor()).await.unwrap();
    /// probe.actor().tell(3);
    /// assert_eq!(system.dead_letters(), 1);
    /// # });
    /// ```
    #[inline]
    pub fn tell(&self, message: M) {
        match &self.0 {
            To::Inbox(inbox) => inbox.tell(message),
            To::Other(other) => {
                if let Err(error) = other.pass(message, Within::Handling) {
                    other.dead(error);
                }
            }
        }
    }

    /// Tells the actor `message`, or gives it back.
    ///
    /// Through an [adapted](Self::contramap) reference only [`SendError::Stopped`] is known: what finds the
    /// mailbox full becomes a dead letter.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, Mailbox, Overflow, SendError, SpawnOptions};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::ended;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let one_at_a_time = SpawnOptions::named("narrow").mailbox(Mailbox::bounded(1, Overflow::Reject));
    /// let narrow = system.spawn_with(Behavior::<u8>::ignore(), one_at_a_time).unwrap();
    /// assert_eq!(narrow.try_tell(1), Ok(()));
    /// assert_eq!(narrow.try_tell(2), Err(SendError::Full(2)));
    ///
    /// system.stop(&narrow);
    /// ended(&system, &narrow).await.unwrap();
    /// assert_eq!(narrow.try_tell(3), Err(SendError::Stopped(3)));
    /// # });
    /// ```
    ///
    /// # Errors
    /// [`SendError::Full`] when a mailbox that [rejects](crate::Overflow::Reject) is full, and
    /// [`SendError::Stopped`].
    pub fn try_tell(&self, message: M) -> Result<(), SendError<M>> {
        self.try_tell_of(message, None)
    }

    /// Tells the actor `message` once its mailbox has room: the sender goes at the actor's pace.
    ///
    /// It waits whatever the mailbox does when it is full: nothing is dropped to make room. Those who wait
    /// get their turn in the order they began to. Dropping the future before it is ready means that the
    /// message was not told. Through an [adapted](Self::contramap) reference it does not wait.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, Mailbox, Overflow, SpawnOptions};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let one_at_a_time = SpawnOptions::named("narrow").mailbox(Mailbox::bounded(1, Overflow::DropNew));
    /// let narrow = system.spawn_with(Behavior::<u8>::ignore(), one_at_a_time).unwrap();
    /// for number in 0..100 {
    ///     narrow.send(number).await.unwrap();
    /// }
    /// assert_eq!(system.dead_letters(), 0);
    /// # });
    /// ```
    ///
    /// # Errors
    /// [`SendError::Stopped`] with the message, when the actor stops first.
    pub fn send(&self, message: M) -> Sending<M> {
        Sending::new(self.clone(), message, None)
    }

    /// Asks the actor: tells it the message that `question` makes around a [`ReplyTo`], and awaits the reply.
    ///
    /// The question is told at once; the future needs to be polled only for the reply. The time runs from the
    /// first poll; it never ends early, and as a rule less than two milliseconds late. Dropping the future lets go of the reply.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, AskError, Behavior, ReplyTo, secs};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let doubler = Behavior::receive_message(|(number, reply): (u32, ReplyTo<u32>)| {
    ///     reply.tell(number * 2);
    ///     Behavior::same()
    /// });
    /// let doubler = system.spawn(doubler, "doubler").unwrap();
    /// assert_eq!(doubler.ask(|reply| (21, reply), secs(1)).await, Ok(42));
    ///
    /// let mute = system.spawn(Behavior::<ReplyTo<u32>>::ignore(), "mute").unwrap();
    /// assert_eq!(mute.ask(|reply| reply, secs(1)).await, Err(AskError::Unanswered));
    /// # });
    /// ```
    ///
    /// # Errors
    /// [`AskError`](crate::AskError) says why there is no reply. Use `.await.ok()` where that does not matter.
    pub fn ask<R: Send + 'static>(
        &self,
        question: impl FnOnce(ReplyTo<R>) -> M,
        timeout: Duration,
    ) -> Ask<R> {
        Ask::new(self, question, None, timeout)
    }

    /// The same reference, for what is of that trace: its handler sees it by [`Context::trace`](crate::Context::trace), and what it
    /// tells is of it too.
    ///
    /// In a system that does not [pass traces on](crate::Builder::traces) it changes nothing. An actor that passes a trace on as it came has no need of this.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, TraceContext};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).traces().start().unwrap();
    /// # let shop = Probe::new(&system, "shop").unwrap();
    /// // As it came with a request, for instance:
    /// let trace: TraceContext = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse().unwrap();
    /// shop.actor().traced(trace).tell("order");
    /// assert_eq!(shop.recv().await, "order");
    /// # });
    /// ```
    pub const fn traced(&self, trace: TraceContext) -> Traced<'_, M> {
        Traced::new(self, trace)
    }

    /// A reference for messages of type `X`, which `adapt` turns into the actor's own.
    ///
    /// It lives as long as someone holds it (on another node as long as its [adapter](crate::Context::adapter) would), and does not keep the actor alive. `adapt` runs in the teller's
    /// thread; should it panic, the message becomes a dead letter.
    ///
    /// ```
    /// # use casty_core::{ActorSystem};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let probe = Probe::<String>::new(&system, "probe").unwrap();
    /// let numbers = probe.actor().contramap(|number: u32| format!("number {number}"));
    /// numbers.tell(7);
    /// assert_eq!(probe.recv().await, "number 7");
    /// assert_eq!(numbers.path(), probe.actor().path());
    /// # });
    /// ```
    #[must_use]
    pub fn contramap<X: Send + 'static>(
        &self,
        adapt: impl Fn(X) -> M + Send + Sync + 'static,
    ) -> ActorRef<X> {
        ActorRef::through(Adapter::new(self.clone(), adapt))
    }

    /// The actor's number, unique in its system; a later one is larger.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let older = system.spawn_anonymous(Behavior::<u8>::ignore()).unwrap();
    /// let younger = system.spawn_anonymous(Behavior::<u8>::ignore()).unwrap();
    /// assert!(older.id() < younger.id());
    /// # });
    /// ```
    #[must_use]
    pub fn id(&self) -> ActorId {
        self.with_target(Target::id)
    }

    /// Where the actor stands, or stood, in the tree.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).name("bank").start().unwrap();
    /// let teller = system.spawn(Behavior::<u8>::ignore(), "teller").unwrap();
    /// assert_eq!(teller.path().to_string(), "casty://bank/teller");
    /// # });
    /// ```
    #[must_use]
    pub fn path(&self) -> Path {
        self.with_target(super::any_ref::path_of)
    }

    /// Whether the actor has stopped, or is about to and takes no more messages.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::ended;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let brief = system.spawn(Behavior::<u8>::receive_message(|_| Behavior::stopped()), "brief").unwrap();
    /// assert!(!brief.is_stopped());
    /// brief.tell(1);
    /// ended(&system, &brief).await.unwrap();
    /// assert!(brief.is_stopped());
    /// # });
    /// ```
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.with_target(Target::closed)
    }

    /// The mailbox, unless this leads through an adapter.
    pub(crate) const fn inbox(&self) -> Option<&Arc<Inbox<M>>> {
        match &self.0 {
            To::Inbox(inbox) => Some(inbox),
            To::Other(_) => None,
        }
    }

    /// What takes the messages when that is not a mailbox.
    pub(crate) const fn other(&self) -> Option<&Arc<dyn Recipient<M>>> {
        match &self.0 {
            To::Inbox(_) => None,
            To::Other(other) => Some(other),
        }
    }

    /// The system of the actor.
    pub(crate) fn world(&self) -> &Arc<World> {
        match &self.0 {
            To::Inbox(inbox) => inbox.world(),
            To::Other(other) => other.world(),
        }
    }

    fn with_target<R>(&self, look: impl FnOnce(&dyn Target) -> R) -> R {
        match &self.0 {
            To::Inbox(inbox) => look(&**inbox),
            To::Other(other) => look(other.actor().target()),
        }
    }
}

impl<M: Send + 'static> Refers for ActorRef<M> {
    fn to_any(&self) -> AnyRef {
        match &self.0 {
            To::Inbox(inbox) => inbox.to_any(),
            To::Other(other) => other.actor(),
        }
    }
}

impl<M: Send + 'static> Clone for ActorRef<M> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            To::Inbox(inbox) => To::Inbox(Arc::clone(inbox)),
            To::Other(other) => To::Other(Arc::clone(other)),
        })
    }
}

impl<M: Send + 'static> PartialEq for ActorRef<M> {
    fn eq(&self, other: &Self) -> bool {
        self.with_target(Target::key) == other.with_target(Target::key)
    }
}

impl<M: Send + 'static> Eq for ActorRef<M> {}

impl<M: Send + 'static> Hash for ActorRef<M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

impl<M: Send + 'static> fmt::Debug for ActorRef<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ActorRef({}, {})", self.path(), self.id())
    }
}

const _: () = {
    const fn thread_safe<T: Send + Sync>() {}
    thread_safe::<ActorRef<core::cell::Cell<u8>>>();
    assert!(size_of::<ActorRef<u64>>() == 2 * size_of::<usize>());
};
