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
use super::taken::Last;
use super::whom::Whom;
use crate::actor::{ActorRef, Ask, AskError, Refers, ReplyTo, SendError};
use crate::path::check_name;
use crate::remote::{Here, Hub, Local, Remote, Ways, read_local, whereabouts};
use crate::sync::{Arc, erased, revealed};

/// A reference to an entity, by its name: cheap to make and to clone, and good from any thread and on any node.
///
/// It is made without an allocation, if the name has at most 22 bytes, and takes about a hundred bytes.
///
/// The entity need not be there: the first message starts it, on the node that has its shard. Messages that one actor or thread tells through
/// references of one node arrive in the order they were told, at most once each, also while the shard moves.
/// They wait while nobody has the shard; see [`Shards`](crate::Shards) for how many and how long.
///
/// A reference that is used again and again is the fastest: it keeps the way of its last message, and with it the memory of a mailbox, or of a link,
/// whose entity or node may have gone meanwhile; the next message lets go of that. Each clone keeps a way of its own; of threads that share one reference,
/// one at a time goes by what it keeps.
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
pub struct EntityRef<M: Remote> {
    entity: EntityName,
    by: By<M>,
    last: Last<M>,
}

/// Who knows the way.
enum By<M: Remote> {
    /// The region of this node.
    Routes(Arc<Routes<M>>),
    /// A region of another node, where this one has none.
    Region(ActorRef<ShardEnvelope<M>>),
}

impl<M: Remote> EntityRef<M> {
    /// Tells the entity `message`, and does not wait.
    ///
    /// A message that cannot be taken becomes a [dead letter](crate::DeadReason), as does one to a name that no entity can have.
    pub fn tell(&self, message: M) {
        if let Err(refused) = self.pass(message) {
            self.bury(refused);
        }
    }

    /// Tells the entity `message`, or gives it back. One to a name that no entity can have is taken, and is a dead letter.
    ///
    /// # Errors
    /// [`SendError::Full`] when too much waits, here or for the other node, and [`SendError::Stopped`] when the region of this node has ended, or that of
    /// the member that it reaches entities through, as far as is known here.
    pub fn try_tell(&self, message: M) -> Result<(), SendError<M>> {
        self.pass(message).map_err(Refused::into_error)
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
        let asked = self.whom().any();
        match check_name(self.id()) {
            // It is told within the trace of the handler that asks it, wherever the entity is.
            Ok(()) => Ask::through(asked, question, timeout, |question| self.try_tell(question)),
            Err(invalid) => Ask::ended(asked, AskError::InvalidName(invalid)),
        }
    }

    /// The name of the entity.
    #[must_use]
    pub fn id(&self) -> &str {
        self.entity.text()
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
        Self { entity, by, last: Last::default() }
    }

    fn region(&self) -> &ActorRef<ShardEnvelope<M>> {
        match &self.by {
            By::Routes(routes) => routes.region(),
            By::Region(region) => region,
        }
    }

    fn pass(&self, message: M) -> Result<(), Refused<M>> {
        match &self.by {
            By::Routes(routes) => self.last.tell(routes, &self.entity, message).map(drop),
            By::Region(region) => pass(region, Letter::new(self.entity.clone(), message), None),
        }
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

impl<M: Remote> Clone for EntityRef<M> {
    fn clone(&self) -> Self {
        let by = match &self.by {
            By::Routes(routes) => By::Routes(Arc::clone(routes)),
            By::Region(region) => By::Region(region.clone()),
        };
        Self { entity: self.entity.clone(), by, last: Last::default() }
    }
}

impl<M: Remote> PartialEq for EntityRef<M> {
    fn eq(&self, other: &Self) -> bool {
        self.entity == other.entity && self.region() == other.region()
    }
}

impl<M: Remote> Eq for EntityRef<M> {}

impl<M: Remote> fmt::Debug for EntityRef<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntityRef({}/{})", self.region().path(), self.id())
    }
}

impl<M: Remote> Serialize for EntityRef<M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let there = whereabouts(self.region()).map_err(ser::Error::custom)?;
        (there, &self.entity).serialize(serializer)
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
