//! A behavior whose state moves along when its entity's shard does.

use alloc::boxed::Box;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::packing::Seat;
use crate::actor::{Behavior, Belongings, Context, Handler, Kind, Parcel, Stateful, Step};
use crate::remote::Remote;
use crate::sync::{Arc, Lock, erased, revealed};

/// Entities that go on elsewhere where they were.
impl<M: Remote> Behavior<M> {
    /// Handles each message with `handler`, which changes a state in place, as [`with_state`](Self::with_state) does; where an
    /// [entity](Self::sharded) begins with it, its state goes along when its shard moves to another node.
    ///
    /// Along go the state, the [stash](Context::stash), what it was told and did not come to within
    /// [`handoff_timeout`](crate::Shards::handoff_timeout), and timers, which are due when they would have been. The entity goes on at the other node as soon as
    /// its shard is there. What is around the behavior (a `setup`, hooks, strategies) begins anew there, before that; `initial` is called only where the entity starts
    /// afresh. Of a timer that repeats, the next message goes along and is told again and again, unless the same is set anew by what is around the behavior. Children, watches,
    /// tasks and open questions do not go along, nor a state that another behavior has taken the place of.
    ///
    /// State in memory is lost with its node, and gone when the entity is [idle](crate::Shards::idle_after), fails or stops itself: what has to survive that is
    /// [event-sourced](Self::event_sourced). A state that cannot be written, or takes more than
    /// [`message_bytes_max`](crate::RemoteLimits::message_bytes_max), stays behind, which is [said](crate::StateLeftBehind). One that cannot be read at the other node is kept, and no
    /// entity starts afresh in its place: each message makes it [fail](crate::ActorFailed), until the shard is where it can be read. It is written by the node's
    /// [codec](crate::Network::codec), without the names of types: in which ways it may change between two versions of a program is [said there](crate::codec).
    ///
    /// ```
    /// use casty_core::{ActorSystem, Behavior, Membership, Network, Remote, ReplyTo, Shards, secs};
    /// use casty_memory::MemoryNetwork;
    /// # use casty_simulation::Simulation;
    ///
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Visit(ReplyTo<u64>);
    /// impl Remote for Visit { const NAME: &str = "museum.Visit"; }
    ///
    /// fn visitors(_room: &str) -> Behavior<Visit> {
    ///     Behavior::movable(|_ctx| 0, |count, _ctx, Visit(reply)| {
    ///         *count += 1;
    ///         reply.tell(*count);
    ///         Behavior::same()
    ///     })
    /// }
    /// # Simulation::new(1).run(|host| async move {
    /// # let systems = [0; 2].map(|_| ActorSystem::on(host.clone()).name("museum").start().unwrap());
    /// let network = MemoryNetwork::new();
    /// let mut nodes = Vec::new();
    /// for (system, name) in systems.iter().zip(["one", "two"]) {
    ///     let node = Network::over(network.clone()).node(name).listen(name).insecure();
    ///     nodes.push(node.cluster(Membership::seeds(["one", "two"])).start(system).await.unwrap());
    /// }
    /// let [one, two] = systems.each_ref().map(|system| {
    ///     system.spawn(Behavior::sharded(visitors, Shards::new(8)), "rooms").unwrap()
    /// });
    /// for room in ["blue", "green", "red"] {
    ///     assert_eq!(one.entity(room).ask(Visit, secs(20)).await, Ok(1));
    /// }
    /// for room in ["blue", "green", "red"] {
    ///     assert_eq!(two.entity(room).ask(Visit, secs(20)).await, Ok(2));
    /// }
    /// // Whichever were there are here from now on, with all who had come.
    /// systems[0].shutdown().await;
    /// for room in ["blue", "green", "red"] {
    ///     assert_eq!(two.entity(room).ask(Visit, secs(20)).await, Ok(3));
    /// }
    /// # });
    /// ```
    pub fn movable<S>(
        initial: impl Fn(&mut Context<M>) -> S + Send + Sync + 'static,
        handler: impl Fn(&mut S, &mut Context<M>, M) -> Self + Send + Sync + 'static,
    ) -> Self
    where
        S: Serialize + DeserializeOwned + Send + 'static,
    {
        moving(Movable {
            initial,
            handler: move |state: &mut Option<S>, ctx: &mut Context<M>, message| match state {
                Some(state) => handler(state, ctx, message),
                // Nobody has taken it.
                None => Self::fail("the state is away"),
            },
        })
    }

    /// Handles each message with `step`, which turns a state into the next one, as [`fold`](Self::fold) does, and takes it along where an entity's
    /// shard moves, as [`movable`](Self::movable) does: what is said there is so here, with a clone of `initial` for what `initial` makes there.
    ///
    /// ```
    /// use casty_core::{Behavior, Remote, ReplyTo, Step};
    ///
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Visit(ReplyTo<u64>);
    /// impl Remote for Visit { const NAME: &str = "museum.Visit"; }
    ///
    /// fn visitors(_room: &str) -> Behavior<Visit> {
    ///     Behavior::movable_fold(0, |count, _ctx, Visit(reply)| {
    ///         reply.tell(count + 1);
    ///         Step::Keep(count + 1)
    ///     })
    /// }
    /// # use casty_core::{ActorSystem, secs};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// // As an actor of its own it is a fold like any other.
    /// let room = system.spawn(visitors("blue"), "blue").unwrap();
    /// assert_eq!(room.ask(Visit, secs(1)).await, Ok(1));
    /// assert_eq!(room.ask(Visit, secs(1)).await, Ok(2));
    /// # });
    /// ```
    pub fn movable_fold<S>(
        initial: S,
        step: impl Fn(S, &mut Context<M>, M) -> Step<S, M> + Send + Sync + 'static,
    ) -> Self
    where
        S: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        let initial = Arc::new(initial);
        let begins = Arc::clone(&initial);
        moving(Movable {
            initial: move |_: &mut Context<M>| S::clone(&begins),
            // While the step has the state it is away: a panic there loses it.
            handler: move |state: &mut Option<S>, ctx: &mut Context<M>, message| {
                let before = state.take().unwrap_or_else(|| S::clone(&initial));
                let next = step(before, ctx, message).settle(state);
                // What the fold begins again from is what goes along.
                if matches!(next.0, Kind::Same | Kind::Busy | Kind::Unhandled) {
                    state.get_or_insert_with(|| S::clone(&initial));
                }
                next
            },
        })
    }
}

fn moving<M, S, I, F>(movable: Movable<I, F>) -> Behavior<M>
where
    M: Remote,
    S: Serialize + DeserializeOwned + Send + 'static,
    I: Fn(&mut Context<M>) -> S + Send + Sync + 'static,
    F: Fn(&mut Option<S>, &mut Context<M>, M) -> Behavior<M> + Send + Sync + 'static,
{
    Behavior(Kind::Stateful(erased!(Arc::new(movable) => dyn Stateful<M>)))
}

struct Movable<I, F> {
    initial: I,
    handler: F,
}

/// The same, with what has come along.
struct Carrying<M: Send + 'static, S, I, F> {
    movable: Arc<Movable<I, F>>,
    arrived: Lock<Option<(S, Belongings<M>)>>,
}

struct Moving<M: Send + 'static, S, I, F> {
    /// Away while a step has it.
    state: Option<S>,
    movable: Arc<Movable<I, F>>,
    /// What has come along, until it is unpacked.
    belongings: Option<Belongings<M>>,
    /// The entity has begun with it: what comes after another behavior is not what it begins with elsewhere.
    first: bool,
}

impl<M, S, I, F> Stateful<M> for Movable<I, F>
where
    M: Remote,
    S: Serialize + DeserializeOwned + Send + 'static,
    I: Fn(&mut Context<M>) -> S + Send + Sync + 'static,
    F: Fn(&mut Option<S>, &mut Context<M>, M) -> Behavior<M> + Send + Sync + 'static,
{
    fn instance(&self, me: &Arc<dyn Stateful<M>>, ctx: &mut Context<M>) -> Option<Box<dyn Handler<M>>> {
        let movable = revealed!(me => Self)?;
        Some(Box::new(Moving { state: Some((self.initial)(ctx)), movable, belongings: None, first: false }))
    }

    fn carrying(&self, me: &Arc<dyn Stateful<M>>, ctx: &Context<M>, parcel: &Parcel) -> Option<Behavior<M>> {
        let (movable, seat) = (revealed!(me => Self)?, Seat::of(ctx)?);
        Some(match seat.unpack::<S>(ctx, parcel) {
            Ok(arrived) => {
                let carrying = Arc::new(Carrying { movable, arrived: Lock::new(Some(arrived)) });
                Behavior(Kind::Stateful(erased!(carrying => dyn Stateful<M>)))
            }
            Err(cause) => Behavior::fail(cause),
        })
    }

    fn name(&self) -> &'static str {
        "movable"
    }
}

impl<M, S, I, F> Stateful<M> for Carrying<M, S, I, F>
where
    M: Remote,
    S: Serialize + DeserializeOwned + Send + 'static,
    I: Fn(&mut Context<M>) -> S + Send + Sync + 'static,
    F: Fn(&mut Option<S>, &mut Context<M>, M) -> Behavior<M> + Send + Sync + 'static,
{
    fn instance(&self, _: &Arc<dyn Stateful<M>>, _: &mut Context<M>) -> Option<Box<dyn Handler<M>>> {
        let (state, belongings) = self.arrived.with(Option::take)?;
        let movable = Arc::clone(&self.movable);
        Some(Box::new(Moving { state: Some(state), movable, belongings: Some(belongings), first: false }))
    }

    fn name(&self) -> &'static str {
        "movable"
    }
}

impl<M, S, I, F> Handler<M> for Moving<M, S, I, F>
where
    M: Remote,
    S: Serialize + Send + 'static,
    I: Send + Sync,
    F: Fn(&mut Option<S>, &mut Context<M>, M) -> Behavior<M> + Send + Sync,
{
    #[inline]
    fn handle(&mut self, ctx: &mut Context<M>, message: M) -> Behavior<M> {
        (self.movable.handler)(&mut self.state, ctx, message)
    }

    fn whole(&self) -> bool {
        self.state.is_some()
    }

    fn begun(&mut self, ctx: &mut Context<M>) {
        self.first = true;
        if let Some(belongings) = self.belongings.take() {
            ctx.unpack(belongings);
            Seat::of(ctx).iter().for_each(Seat::unpacked);
        }
    }

    fn pack(&mut self, ctx: &mut Context<M>) {
        if self.first
            && let Some(state) = &self.state
            && let Some(seat) = Seat::of(ctx).filter(Seat::moves)
        {
            seat.pack(ctx, state);
        }
    }
}
