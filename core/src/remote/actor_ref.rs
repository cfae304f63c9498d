//! References in messages: what they are as bytes, and how they lead across a link.

use alloc::string::String;
use core::any::type_name;
use core::fmt;
use core::marker::PhantomData;
use core::task::{Context, Poll};

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{self, Serializer};
use serde::{Deserialize, Serialize};

use super::aliases::Alias;
use super::encoded::{Encoded, Unencodable};
use super::here::Here;
use super::hub::Hub;
use super::knowing::{Probe, read_at_node};
use super::name::Remote;
use super::outbound::Outbound;
use super::peer::{Peer, Unwritten};
use super::recalling::recall;
use super::stranger::Stranger;
use super::stub::Absent;
use crate::actor::{ActorRef, AnyRef, DeadReason, Recipient, SendError, Whereabouts, Within, World};
use crate::log;
use crate::sync::{Arc, AtomicUsize, Ordering};

/// What takes messages for an actor of another node: they are written to the stream to that.
pub(super) struct Distant<M> {
    /// That of the actor, held here too: telling looks at nothing else of the actor.
    peer: Arc<Peer>,
    actor: Arc<Absent>,
    /// The alias, packed; zero before the first message.
    alias: AtomicUsize,
    /// At this count of endings the actor was alive.
    alive_at: AtomicUsize,
    message: PhantomData<fn(M)>,
}

/// What is said to an actor of another node.
pub(super) trait Said {
    /// Writes it, as it is written to that peer.
    fn write(&self, peer: &Peer, to: &mut Encoded) -> Result<(), Unencodable>;
    /// It was written in vain.
    fn recall(&self);
    /// Whether it is still to be said; asked under the lock of the stream.
    fn is_due(&self) -> bool;
}

/// A message, as it is.
struct Plain<'m, M>(&'m M);

impl<M: Serialize> Said for Plain<'_, M> {
    #[inline]
    fn write(&self, peer: &Peer, to: &mut Encoded) -> Result<(), Unencodable> {
        peer.encode(self.0, to)
    }

    fn recall(&self) {
        recall(self.0);
    }

    #[inline]
    fn is_due(&self) -> bool {
        true
    }
}

impl<M: Remote> Distant<M> {
    pub(super) fn new(peer: Arc<Peer>, actor: u64, path: String) -> Self {
        let actor = Arc::new(Absent::new(Arc::clone(&peer), actor, path, type_name::<M>()));
        Self {
            peer,
            actor,
            alias: AtomicUsize::new(0),
            alive_at: AtomicUsize::new(usize::MAX),
            message: PhantomData,
        }
    }

    pub(super) const fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    pub(super) fn number(&self) -> u64 {
        self.actor.number()
    }

    /// Says something, or why it was not said.
    #[inline]
    pub(super) fn say(&self, what: &impl Said, within: Within) -> Result<(), Unwritten> {
        let peer = self.peer();
        if self.has_ended() {
            return Err(Unwritten::Lost);
        }
        if peer.is_full() {
            // Before it is written in vain: each question takes a number as it is.
            if !peer.is_connected() {
                self.seek();
            }
            return Err(Unwritten::Full);
        }
        let mut encoded = Encoded::empty();
        let trace = match within {
            Within::Handling if peer.traces() => peer.world().trace(),
            Within::Trace(trace) if peer.traces() => Some(trace),
            Within::Handling | Within::Trace(_) | Within::None => None,
        };
        if let Some(trace) = trace {
            encoded.begin(trace);
        }
        if what.write(peer, &mut encoded).is_err() {
            what.recall();
            return Err(Unwritten::Long);
        }
        let is_due = || what.is_due();
        let written = peer.write_if(is_due, &encoded, |outbound, message| {
            let alias = self.alias(outbound);
            message.tell(alias.number)
        });
        if !peer.is_connected() {
            self.seek();
        }
        if written.is_ok() {
            log::told(&peer.id().name, M::NAME, encoded.message_bytes(), trace);
        } else {
            what.recall();
        }
        written
    }

    #[inline]
    fn alias(&self, outbound: &mut Outbound) -> Alias {
        if let Some(alias) = Alias::unpack(self.alias.load(Ordering::Relaxed))
            && outbound.aliases.is_good(alias)
        {
            return alias;
        }
        let alias = outbound.alias(&self.actor, M::NAME);
        self.alias.store(alias.pack(), Ordering::Relaxed);
        alias
    }

    #[inline]
    fn has_ended(&self) -> bool {
        let endings = self.peer().endings();
        if self.alive_at.load(Ordering::Relaxed) == endings {
            return false;
        }
        let ended = self.peer().has_ended(self.actor.number());
        if !ended {
            self.alive_at.store(endings, Ordering::Relaxed);
        }
        ended
    }

    #[cold]
    fn seek(&self) {
        if let Some(hub) = Hub::of(self.peer().world()) {
            Hub::seek(&hub, self.peer());
        }
    }

    fn dead_letter(&self, reason: DeadReason) {
        self.peer().tally.dropped(reason);
        let actor = Absent::any(&self.actor);
        self.peer().world().dead_letter(reason, actor.target(), type_name::<M>());
    }
}

impl<M: Remote> Recipient<M> for Distant<M> {
    fn pass(&self, message: M, within: Within) -> Result<(), SendError<M>> {
        self.say(&Plain(&message), within).map_err(|unwritten| match unwritten {
            Unwritten::Full => SendError::Full(message),
            Unwritten::Long => SendError::Unencodable(message),
            Unwritten::Lost | Unwritten::Late => SendError::Stopped(message),
        })
    }

    fn pass_quietly(&self, message: M) {
        drop(self.pass(message, Within::Handling));
    }

    fn dead(&self, error: SendError<M>) {
        self.dead_letter(match &error {
            SendError::Full(_) => DeadReason::LinkFull,
            SendError::Unencodable(_) => DeadReason::Unencodable,
            SendError::Stopped(_) if self.peer().is_lost() => DeadReason::NodeLost,
            SendError::Stopped(_) => DeadReason::Stopped,
        });
        self.peer().world().bury(error.into_message());
    }

    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.peer().poll_room(cx)
    }

    fn actor(&self) -> AnyRef {
        Absent::any(&self.actor)
    }

    fn world(&self) -> &Arc<World> {
        self.peer().world()
    }

    fn number(&self) -> u64 {
        self.actor.number()
    }

    fn elsewhere(&self) -> Option<Whereabouts> {
        let peer = self.peer();
        Some(Whereabouts {
            node: peer.id().name.clone(),
            incarnation: peer.id().incarnation,
            address: peer.address(),
            actor: self.actor.number(),
            path: String::from(self.actor.path()),
        })
    }
}

/// A reference to an actor of a peer.
pub(crate) fn distant<M: Remote>(peer: Arc<Peer>, actor: u64, path: String) -> ActorRef<M> {
    ActorRef::through(Distant::new(peer, actor, path))
}

/// Makes an actor of this node known abroad, and says where others find it.
pub(crate) fn export<M: Remote>(hub: &Hub, actor: &ActorRef<M>) -> Result<Whereabouts, Stranger> {
    let number = hub.export_any(actor)?;
    Ok(Whereabouts {
        node: hub.me().name.clone(),
        incarnation: hub.me().incarnation,
        address: String::from(hub.address()),
        actor: number,
        path: actor.path().below(),
    })
}

/// The reference to what is there, as seen from this node.
fn import<M: Remote>(hub: &Hub, there: Whereabouts) -> Result<ActorRef<M>, Stranger> {
    let Whereabouts { node, incarnation, address, actor, path } = there;
    if incarnation == hub.me().incarnation
        && node == hub.me().name
        && let Some(own) = hub.exported_actor(actor)
    {
        return Ok(own);
    }
    // Who was known and is no more has stopped.
    let peer = if incarnation == hub.me().incarnation {
        Arc::clone(hub.nobody())
    } else {
        hub.peer(&node, incarnation, &address)?
    };
    Ok(distant(peer, actor, path))
}

/// Where others find an actor, which is known abroad from now on.
pub(crate) fn whereabouts<M: Remote>(actor: &ActorRef<M>) -> Result<Whereabouts, String> {
    if let Some(there) = actor.other().and_then(|other| other.elsewhere()) {
        return Ok(there);
    }
    let hub = Hub::of(actor.world()).ok_or("a reference of a system that is no node")?;
    export(&hub, actor).map_err(|stranger| alloc::format!("{stranger}"))
}

impl<M: Remote> Serialize for ActorRef<M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        whereabouts(self).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de, M: Remote> Deserialize<'de> for ActorRef<M> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_local(deserializer)
    }
}

/// Reads, with its node, what was written as plain data.
pub(crate) fn read_local<'de, T: Local, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    read_at_node(deserializer, AtNode(PhantomData))
}

struct AtNode<T>(PhantomData<T>);

/// What is read at a node from plain data.
pub(crate) trait Local: Sized {
    type Plain<'de>: Deserialize<'de>;

    fn at(here: &Here, plain: Self::Plain<'_>) -> Result<Self, String>;
}

impl<'de, T: Local> Visitor<'de> for AtNode<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reference, which is read only as part of a message")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        let here = match seq.next_element::<Probe>() {
            Ok(Some(never)) => match never {},
            Ok(None) => return Err(A::Error::invalid_length(0, &self)),
            Err(error) => Probe::found(&error).ok_or(error)?,
        };
        let plain = seq.next_element()?.ok_or_else(|| A::Error::invalid_length(1, &self))?;
        T::at(&here, plain).map_err(A::Error::custom)
    }
}

impl<M: Remote> Local for ActorRef<M> {
    type Plain<'de> = Whereabouts;

    fn at(here: &Here, there: Whereabouts) -> Result<Self, String> {
        import(&here.hub, there).map_err(|stranger| alloc::format!("{stranger}"))
    }
}
