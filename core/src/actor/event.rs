//! What a system publishes of itself on its event stream.

use core::fmt;

use super::control::Ending;
use super::failure::Failure;
use super::supervision::Directive;
use crate::path::Path;

/// A message that no handler got.
///
/// ```
/// use casty_core::{Behavior, DeadReason};
/// use casty_testkit::BehaviorTest;
///
/// let mut test = BehaviorTest::new(Behavior::<u8>::ignore());
/// test.stop();
/// test.tell(1);
/// let letter = &test.dead_letters()[0];
/// assert_eq!((letter.message_type, letter.reason), ("u8", DeadReason::Stopped));
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeadLetter {
    /// Whom it was for.
    pub recipient: Path,
    /// The name of its type, for people to read.
    pub message_type: &'static str,
    /// Why it was not handled.
    pub reason: DeadReason,
}

/// Why a message became a dead letter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum DeadReason {
    /// The actor had stopped, or stopped before it came to the message.
    Stopped,
    /// The mailbox was full.
    MailboxFull,
    /// A reply to an ask that had ended already.
    LateReply,
    /// The function that adapts the message panicked.
    AdapterPanicked,
    /// The actor had as many timers as it may have; this timer was not set.
    TooManyTimers,
    /// As much was on its way to the actor's node as may be.
    LinkFull,
    /// The actor's node was given up as lost before it said that it had the message; it may have had it.
    NodeLost,
    /// The message has no form as bytes, or is longer than a message to another node may be.
    Unencodable,
    /// The message came from another node, and its bytes are not what its type's name says.
    Undecodable,
    /// As many messages waited for a shard or an entity as may.
    ShardBufferFull,
    /// The message waited too long for its shard to be somewhere.
    ShardUnavailable,
    /// The shard had moved from where the message was sent, and once more when it was sent on.
    ShardMoved,
    /// The entity could not be started: its name cannot be one, or there are too many actors.
    EntityNotStarted,
    /// No actor was registered for the service that the message was for.
    NobodyRegistered,
}

impl fmt::Display for DeadReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stopped => "the actor has stopped",
            Self::MailboxFull => "the mailbox is full",
            Self::LateReply => "the ask has ended",
            Self::AdapterPanicked => "the adapter panicked",
            Self::TooManyTimers => "too many timers",
            Self::LinkFull => "too much is on its way to the node",
            Self::NodeLost => "the node is lost",
            Self::Unencodable => "it cannot be turned into bytes, or into too many",
            Self::ShardBufferFull => "too many messages wait for a shard",
            Self::ShardUnavailable => "the shard was nowhere for too long",
            Self::ShardMoved => "the shard has moved",
            Self::NobodyRegistered => "nobody is registered for it",
            Self::EntityNotStarted => "the entity could not be started",
            Self::Undecodable => "its bytes are not what their name says",
        })
    }
}

/// A message that a behavior declared unhandled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unhandled {
    /// Whose behavior it was.
    pub recipient: Path,
    /// The name of the message's type, for people to read; `Terminated` for a watch's notice.
    pub message_type: &'static str,
}

/// An actor is set up and comes to its first message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ActorStarted {
    /// The actor.
    pub path: Path,
}

/// An actor has come to its end.
///
/// ```
/// # use casty_core::{ActorStopped, ActorSystem, Behavior};
/// # use casty_simulation::Simulation;
/// # use casty_testkit::Probe;
/// # Simulation::new(1).run(|host| async move {
/// # let system = ActorSystem::on(host).start().unwrap();
/// let probe = Probe::<ActorStopped>::new(&system, "ends").unwrap();
/// system.subscribe(probe.actor());
/// let fragile = Behavior::receive_message(|_| Behavior::fail("broken"));
/// system.spawn(fragile, "fragile").unwrap().tell(1);
/// let end = probe.recv().await;
/// assert_eq!((end.path.name(), end.failure.unwrap().to_string()), ("fragile", "broken".into()));
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct ActorStopped {
    /// The actor.
    pub path: Path,
    /// The failure that ended it, if one did.
    pub failure: Option<Failure>,
}

/// An actor was set up anew.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ActorRestarted {
    /// The actor.
    pub path: Path,
}

/// An actor failed.
#[derive(Clone, Debug)]
pub struct ActorFailed {
    /// The actor.
    pub path: Path,
    /// What went wrong.
    pub failure: Failure,
    /// What becomes of the actor; `None` when that is for its parent to decide.
    pub directive: Option<Directive>,
}

/// What is reported of an actor, before it is an event: that it becomes when someone wants to hear it.
pub(crate) enum Report<'a> {
    Started,
    Restarted,
    /// It has failed, and that is decided; or its parent decides.
    Failed(&'a Failure, Option<Directive>),
    Stopped(&'a Ending),
    /// A message of that type found no taker.
    DeadLetter(&'static str, DeadReason),
    /// It has declared a message of that type unhandled.
    Unhandled(&'static str),
}
