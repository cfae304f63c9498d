//! One actor under the same name on every node, told and asked all at once.

use alloc::vec::Vec;
use core::any::type_name;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use super::desk::Desk;
use super::key::ServiceKey;
use crate::actor::{ActorRef, Ask, Behavior, DeadReason, Refers, ReplyTo};
use crate::node_id::NodeId;
use crate::remote::Remote;
use crate::sync::Arc;

/// Actors that are one on every node.
impl<M: Remote> Behavior<M> {
    /// Lets its actor be told what is told to all: spawned under the same name, at the same place, on each node of a cluster, they are reached together by
    /// [`ActorRef::broadcast`](crate::ActorRef::broadcast). An actor without a name fails at its start.
    ///
    /// ```
    /// use casty_core::{ActorSystem, Behavior, Membership, Network, Remote, ReplyTo, Step, secs};
    /// use casty_memory::MemoryNetwork;
    /// # use casty_simulation::Simulation;
    ///
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// enum Cache { Forget, Count(ReplyTo<u64>) }
    /// impl Remote for Cache { const NAME: &str = "shop.Cache"; }
    ///
    /// fn cache() -> Behavior<Cache> {
    ///     Behavior::fold(10, |count, _ctx, message| match message {
    ///         Cache::Forget => Step::Keep(0),
    ///         Cache::Count(reply) => {
    ///             reply.tell(count);
    ///             Step::Keep(count)
    ///         }
    ///     })
    /// }
    /// # Simulation::new(1).run(|host| async move {
    /// # let systems = [0; 2].map(|_| ActorSystem::on(host.clone()).name("demo").start().unwrap());
    /// # let [one, two] = &systems;
    /// let network = MemoryNetwork::new();
    /// let mut nodes = Vec::new();
    /// for (system, name) in systems.iter().zip(["one", "two"]) {
    ///     let node = Network::over(network.clone()).node(name).listen(name).insecure();
    ///     nodes.push(node.cluster(Membership::seeds(["one", "two"])).start(system).await.unwrap());
    /// }
    /// let cache = [one, two].map(|system| system.spawn(cache().broadcasted(), "cache").unwrap());
    /// one.sleep(secs(10)).await;
    ///
    /// let counted = cache[0].broadcast().ask(Cache::Count, secs(1)).await;
    /// assert_eq!(counted.answers.iter().map(|(_, count)| count).sum::<u64>(), 20);
    /// assert!(counted.missing.is_empty());
    /// # drop(nodes);
    /// # });
    /// ```
    #[must_use]
    pub fn broadcasted(self) -> Self {
        Self::setup(move |ctx| {
            let me = ctx.me();
            if me.path().names().any(|name| name.starts_with('$')) {
                return Self::fail("who has no name, or whose parents have none, is on no other node");
            }
            match Desk::register(&Desk::of(ctx.world()), &ServiceKey::at(&me.path()), &me) {
                Ok(()) => self.clone(),
                Err(error) => Self::fail(error),
            }
        })
    }
}

impl<M: Remote> ActorRef<M> {
    /// The actors of that name on all nodes, whose behavior is [broadcasted](crate::Behavior::broadcasted).
    #[must_use]
    pub fn broadcast(&self) -> Broadcast<M> {
        let desk = Desk::of(self.world());
        Broadcast { desk, service: ServiceKey::at(&self.path()), actor: self.clone() }
    }
}

/// The actors of one name on all nodes: told and asked together.
///
/// Those are reached that this node knows of; a node that has just joined is known moments later.
pub struct Broadcast<M: Remote> {
    desk: Arc<Desk>,
    service: ServiceKey<M>,
    actor: ActorRef<M>,
}

impl<M: Remote> Broadcast<M> {
    /// Tells each of them `message`. Where nobody is known it is a [dead letter](crate::DeadReason::NobodyRegistered).
    pub fn tell(&self, message: M)
    where
        M: Clone,
    {
        let listing = self.desk.listing(&self.service).1;
        let Some((last, others)) = listing.instances().split_last() else {
            let world = self.actor.world();
            let actor = self.actor.to_any();
            world.dead_letter(DeadReason::NobodyRegistered, actor.target(), type_name::<M>());
            return world.bury(message);
        };
        others.iter().for_each(|instance| instance.actor.tell(message.clone()));
        last.actor.tell(message);
    }

    /// Asks each of them: tells it the message that `question` makes around a [`ReplyTo`], and awaits what all reply, or [the first](Asking::first), until the time is
    /// over. The questions are told at once.
    pub fn ask<R: Send + 'static>(&self, question: impl Fn(ReplyTo<R>) -> M, timeout: Duration) -> Asking<R> {
        let listing = self.desk.listing(&self.service).1;
        let ask = |actor: &ActorRef<M>| actor.ask(&question, timeout);
        let asks = listing.instances().iter().map(|instance| (instance.node.clone(), ask(&instance.actor)));
        Asking { asks: asks.collect(), answers: Vec::new(), missing: Vec::new(), first: usize::MAX }
    }

    /// The nodes that have such an actor, as this one knows.
    #[must_use]
    pub fn nodes(&self) -> Vec<NodeId> {
        let listing = self.desk.listing(&self.service).1;
        listing.instances().iter().map(|instance| instance.node.clone()).collect()
    }
}

impl<M: Remote> Clone for Broadcast<M> {
    fn clone(&self) -> Self {
        let (desk, service) = (Arc::clone(&self.desk), self.service.clone());
        Self { desk, service, actor: self.actor.clone() }
    }
}

impl<M: Remote> fmt::Debug for Broadcast<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Broadcast({})", self.service.name())
    }
}

/// What was answered to a [broadcast question](Broadcast::ask), and who did not answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answers<R> {
    /// The answers, in the order in which they came, each with its node. A system that is no node answers by its name, and incarnation zero.
    pub answers: Vec<(NodeId, R)>,
    /// The nodes that were asked and had not answered.
    pub missing: Vec<NodeId>,
}

/// The future of [`Broadcast::ask`]: ready when all have answered, or will not.
#[must_use = "the questions are told already, but the answers are lost unless the future is awaited"]
pub struct Asking<R: Send + 'static> {
    asks: Vec<(NodeId, Ask<R>)>,
    answers: Vec<(NodeId, R)>,
    missing: Vec<NodeId>,
    first: usize,
}

impl<R: Send + 'static> Asking<R> {
    /// Ready as soon as so many have answered; who has not by then is missing.
    pub const fn first(mut self, answers: usize) -> Self {
        self.first = answers;
        self
    }
}

/// Answers are kept, and never pinned.
impl<R: Send + 'static> Unpin for Asking<R> {}

impl<R: Send + 'static> Future for Asking<R> {
    type Output = Answers<R>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answers<R>> {
        let Self { asks, answers, missing, first } = &mut *self;
        asks.retain_mut(|(node, ask)| {
            if answers.len() >= *first {
                return true;
            }
            match Pin::new(ask).poll(cx) {
                Poll::Pending => return true,
                Poll::Ready(Ok(answer)) => answers.push((node.clone(), answer)),
                Poll::Ready(Err(_)) => missing.push(node.clone()),
            }
            false
        });
        if !asks.is_empty() && answers.len() < *first {
            return Poll::Pending;
        }
        missing.extend(asks.drain(..).map(|(node, _)| node));
        missing.sort_unstable();
        Poll::Ready(Answers { answers: core::mem::take(answers), missing: core::mem::take(missing) })
    }
}

impl<R: Send + 'static> fmt::Debug for Asking<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asking")
            .field("waiting", &self.asks.len())
            .field("answers", &self.answers.len())
            .finish_non_exhaustive()
    }
}
