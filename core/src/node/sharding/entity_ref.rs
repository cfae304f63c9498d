//! References to entities: what is told goes to wherever the entity is at the time.

use alloc::string::String;
use core::fmt;
use core::time::Duration;

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{self, Serialize, Serializer};

use super::envelope::{Letter, ShardEnvelope};
use super::name::EntityName;
use super::refused::Refused;
use super::routes::{Routes, pass};
use super::taken::{Last, Retold};
use super::whom::Whom;
use crate::actor::{
    ActorRef, AnyRef, Ask, AskError, DeadReason, Recipient, Refers, ReplyTo, SendError, Within, World,
};
use crate::path::check_name;
use crate::remote::{Here, Hub, Local, Remote, Ways, read_local, whereabouts};
use crate::sync::{Arc, erased, revealed};

/// A reference to an entity, by its name: small, cheap to clone, and good from any thread and on any node.
///
/// The entity need not be there: the first message starts it, on the node that has its shard. Messages that one actor or thread tells through
/// references of one node arrive in the order they were told, at most once each, also while the shard moves.
/// They wait while nobody has the shard; see [`Shards`](crate::Shards) for how many and how long.
///
/// A reference that is used again and again is the fastest: it keeps the way of its last message, and with it the memory of a mailbox, or of a link,
/// whose entity or node may have gone meanwhile; the next message lets go of that. Its clones keep one way together, for one thread at a time.
///
/// ```
/// use casty_core::{ActorSystem, Behavior, EntityRef, Membership, Network, Remote, ReplyTo, Shards, Step, secs};
/// use casty_memory::MemoryNetwork;
/// # use casty_simulation::Simulation;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// enum Account { Deposit(u64), Balance(ReplyTo<u64>) }
/// impl Remote for Account { const NAME: &str = "bank.Account"; }
///
/// fn account(_id: &str) -> Behavior<Account> {
///     Behavior::fold(0, |balance, _ctx, message| match message {
///         Account::Deposit(amount) => Step::Keep(balance + amount),
///         Account::Balance(reply) => {
///             reply.tell(balance);
///             Step::Keep(balance)
///         }
///     })
/// }
/// # Simulation::new(1).run(|host| async move {
/// # let system = ActorSystem::on(host).name("bank").start().unwrap();
/// let network = Network::over(MemoryNetwork::new()).node("one").listen("one").insecure();
/// let node = network.cluster(Membership::form()).start(&system).await.unwrap();
/// let accounts = system.spawn(Behavior::sharded(account, Shards::new(16)), "accounts").unwrap();
///
/// let alice: EntityRef<Account> = accounts.entity("alice");
/// alice.tell(Account::Deposit(50));
/// assert_eq!(alice.ask(Account::Balance, secs(1)).await, Ok(50));
/// assert_eq!(alice.id(), "alice");
/// # drop(node);
/// # });
/// ```
pub struct EntityRef<M: Remote>(Arc<Way<M>>);

/// How an entity is reached.
struct Way<M: Remote> {
    entity: EntityName,
    by: By<M>,
    last: Last<M>,
}

enum By<M: Remote> {
    /// The region of this node.
    Routes(Arc<Routes<M>>),
    /// A region of another node, where this one has none.
    Region(ActorRef<ShardEnvelope<M>>),
}

impl<M: Remote> Way<M> {
    fn region(&self) -> &ActorRef<ShardEnvelope<M>> {
        match &self.by {
            By::Routes(routes) => routes.region(),
            By::Region(region) => region,
        }
    }

    fn tell(&self, message: M) -> Result<(), Refused<M>> {
        match &self.by {
            By::Routes(routes) => match self.last.tell(routes, &self.entity, message) {
                Retold::Told => Ok(()),
                Retold::Refused(refused) => Err(refused),
                Retold::Otherwise(message) => self.tell_anew(routes, message),
            },
            By::Region(region) => pass(region, Letter::new(self.entity.clone(), message), None),
        }
    }

    #[inline(never)]
    fn tell_anew(&self, routes: &Routes<M>, message: M) -> Result<(), Refused<M>> {
        if let Some(taken) = routes.tell(&self.entity, false, message)? {
            self.last.keep(taken);
        }
        Ok(())
    }

    fn whom(&self) -> Whom {
        Whom::new(self.region().to_any(), self.entity.clone())
    }

    fn bury(&self, Refused { reason, message }: Refused<M>) {
        let world = self.region().world();
        let there = self.region().other().and_then(|other| other.elsewhere());
        let reason = match (there, Hub::of(world)) {
            (Some(there), Some(hub)) => hub.dropped(there.incarnation, reason),
            _ => reason,
        };
        world.dead_letter(reason, &self.whom(), core::any::type_name::<M>());
        world.bury(message);
    }
}

impl<M: Remote> EntityRef<M> {
    /// Tells the entity `message`, and does not wait.
    ///
    /// A message that cannot be taken becomes a [dead letter](crate::DeadReason), as does one to a name that no entity can have.
    pub fn tell(&self, message: M) {
        if let Err(refused) = self.0.tell(message) {
            self.0.bury(refused);
        }
    }

    /// Tells the entity `message`, or gives it back. One to a name that no entity can have is taken, and is a dead letter.
    ///
    /// # Errors
    /// [`SendError::Full`] when too much waits, here or for the other node, and [`SendError::Stopped`] when the region of this node has ended, or that of
    /// the member that it reaches entities through, as far as is known here.
    pub fn try_tell(&self, message: M) -> Result<(), SendError<M>> {
        self.0.tell(message).map_err(Refused::into_error)
    }

    /// Asks the entity: tells it the message that `question` makes around a [`ReplyTo`], and awaits the reply, as
    /// [`ActorRef::ask`](crate::ActorRef::ask) does.
    ///
    /// # Errors
    /// [`AskError`](crate::AskError) says why there is no reply. When the node of the entity is lost, the time runs out, and where no
    /// entity can be called so it is [`AskError::InvalidName`](crate::AskError::InvalidName) at once. On a node that is no member of the cluster it is
    /// [`AskError::Stopped`](crate::AskError::Stopped) when the member that it asks through is lost; the entity may have had the question.
    pub fn ask<R: Send + 'static>(
        &self,
        question: impl FnOnce(ReplyTo<R>) -> M,
        timeout: Duration,
    ) -> Ask<R> {
        let entrance = ActorRef::through(Entrance(Arc::clone(&self.0)));
        match check_name(self.id()) {
            Ok(()) => entrance.ask(question, timeout),
            Err(invalid) => Ask::ended(&entrance, AskError::InvalidName(invalid)),
        }
    }

    /// The name of the entity.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.entity.text()
    }
}

/// What a [sharded](crate::Behavior::sharded) behavior is spawned as: the way to all its entities.
///
/// ```
/// use casty_core::{Entities, EntityRef, Remote};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Deposit(u64);
/// impl Remote for Deposit { const NAME: &str = "bank.Deposit"; }
///
/// /// What a part of a program keeps that has to do with accounts.
/// struct Bank { accounts: Entities<Deposit> }
///
/// impl Bank {
///     fn account(&self, owner: &str) -> EntityRef<Deposit> { self.accounts.entity(owner) }
/// }
/// assert_eq!(size_of::<Bank>(), size_of::<casty_core::ActorRef<u8>>());
/// ```
pub type Entities<M> = ActorRef<ShardEnvelope<M>>;

impl<M: Remote> ActorRef<ShardEnvelope<M>> {
    /// The reference to the entity of that name; it need not be there.
    ///
    /// The name is that of an actor: it has at most [`NAME_BYTES_MAX`](crate::NAME_BYTES_MAX) bytes, and no slash or white space. See
    /// [`EntityRef`](crate::EntityRef) for an example.
    ///
    /// A node that is no member of the cluster finds what a member has spawned, and reaches all entities through that, wherever they live:
    ///
    /// ```
    /// use casty_core::{ActorSystem, Behavior, Entities, Membership, Network, Remote, ReplyTo, Shards, secs};
    /// use casty_memory::MemoryNetwork;
    /// # use casty_simulation::Simulation;
    ///
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Greet(ReplyTo<String>);
    /// impl Remote for Greet { const NAME: &str = "greeters.Greet"; }
    ///
    /// fn greeter(name: &str) -> Behavior<Greet> {
    ///     let greeting = format!("Hello, {name}!");
    ///     Behavior::receive_message(move |Greet(reply)| {
    ///         reply.tell(greeting.clone());
    ///         Behavior::same()
    ///     })
    /// }
    /// # Simulation::new(1).run(|host| async move {
    /// # let [inside, outside] = [0; 2].map(|_| ActorSystem::on(host.clone()).name("demo").start().unwrap());
    /// let network = MemoryNetwork::new();
    /// let join = |name| Network::over(network.clone()).node(name).listen(name).insecure();
    /// let member = join("member").cluster(Membership::form()).start(&inside).await.unwrap();
    /// inside.spawn(Behavior::sharded(greeter, Shards::new(16)), "greeters").unwrap();
    ///
    /// let guest = join("guest").start(&outside).await.unwrap();
    /// let greeters: Entities<Greet> = guest.lookup("member", "greeters", secs(5)).await.unwrap();
    /// assert_eq!(greeters.entity("world").ask(Greet, secs(5)).await.as_deref(), Ok("Hello, world!"));
    /// # drop(member);
    /// # });
    /// ```
    ///
    /// The member passes on what it is told, in its order, and the entity answers straight, or by way of the member where the node outside listens nowhere. When
    /// the member has left or is lost, what is told through it is a dead letter, and questions end: another member is looked up then.
    #[must_use]
    pub fn entity(&self, id: impl AsRef<str>) -> EntityRef<M> {
        EntityRef::new(self, EntityName::new(id.as_ref()))
    }
}

impl<M: Remote> EntityRef<M> {
    fn new(region: &ActorRef<ShardEnvelope<M>>, entity: EntityName) -> Self {
        let is_here = region.other().is_none_or(|other| other.elsewhere().is_none());
        let routes = if is_here { routes_here(region) } else { None };
        let by = routes.map_or_else(|| By::Region(region.clone()), By::Routes);
        Self(Arc::new(Way { entity, by, last: Last::default() }))
    }
}

/// The ways of a region of this node that has not ended.
fn routes_here<M: Remote>(region: &ActorRef<ShardEnvelope<M>>) -> Option<Arc<Routes<M>>> {
    let known = Hub::look(region.world(), |hub| hub.residents().find(region.id().number()));
    // A region that has ended is forgotten, and must not be known again.
    let begins = || Hub::of(region.world()).filter(|_| !region.is_stopped());
    known?.or_else(|| Some(routes_of(&*begins()?, region)))
}

/// The ways of a region of this node, whether or not it has begun.
pub(super) fn routes_of<M: Remote>(hub: &Hub, region: &ActorRef<ShardEnvelope<M>>) -> Arc<Routes<M>> {
    let make = || erased!(Arc::new(Routes::new(region.clone())) => dyn Ways);
    let ways = hub.residents().ways(region.id().number(), make);
    // Nobody else has its number.
    revealed!(&ways => Routes<M>).unwrap_or_else(|| Arc::new(Routes::new(region.clone())))
}

/// What a question is told.
struct Entrance<M: Remote>(Arc<Way<M>>);

impl<M: Remote> Recipient<M> for Entrance<M> {
    /// A question is told within the trace of the handler that asks it, wherever the entity is.
    fn pass(&self, message: M, _within: Within) -> Result<(), SendError<M>> {
        self.0.tell(message).map_err(Refused::into_error)
    }

    fn pass_quietly(&self, message: M) {
        drop(self.pass(message, Within::Handling));
    }

    fn dead(&self, error: SendError<M>) {
        let reason = match (&error, &self.0.by) {
            (SendError::Full(_), By::Routes(_)) => DeadReason::ShardBufferFull,
            (SendError::Full(_), By::Region(_)) => DeadReason::LinkFull,
            (SendError::Unencodable(_), _) => DeadReason::Unencodable,
            (SendError::Stopped(_), _) => DeadReason::Stopped,
        };
        self.0.bury(Refused { reason, message: error.into_message() });
    }

    fn actor(&self) -> AnyRef {
        self.0.whom().any()
    }

    fn world(&self) -> &Arc<World> {
        self.0.region().world()
    }

    fn number(&self) -> u64 {
        self.0.region().id().number()
    }
}

impl<M: Remote> Clone for EntityRef<M> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<M: Remote> PartialEq for EntityRef<M> {
    fn eq(&self, other: &Self) -> bool {
        self.0.entity == other.0.entity && self.0.region() == other.0.region()
    }
}

impl<M: Remote> Eq for EntityRef<M> {}

impl<M: Remote> fmt::Debug for EntityRef<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntityRef({}/{})", self.0.region().path(), self.id())
    }
}

impl<M: Remote> Serialize for EntityRef<M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let there = whereabouts(self.0.region()).map_err(ser::Error::custom)?;
        (there, &self.0.entity).serialize(serializer)
    }
}

impl<'de, M: Remote> Deserialize<'de> for EntityRef<M> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (region, entity) = read_local::<Referred<M>, D>(deserializer)?.0;
        if entity.text().is_empty() {
            return Err(D::Error::custom("an entity without a name"));
        }
        Ok(Self::new(&region, entity))
    }
}

/// The region that an entity is reached through, and its name.
struct Referred<M: Remote>((ActorRef<ShardEnvelope<M>>, EntityName));

impl<M: Remote> Local for Referred<M> {
    type Plain<'de> = (crate::actor::Whereabouts, EntityName);

    /// Through the region of this node, where it has one under the same path: it knows the way as well.
    fn at(here: &Here, (there, entity): Self::Plain<'_>) -> Result<Self, String> {
        let region = match here.hub.exposed_actor(&there.path) {
            Some(own) => own,
            None => ActorRef::at(here, there)?,
        };
        Ok(Self((region, entity)))
    }
}
