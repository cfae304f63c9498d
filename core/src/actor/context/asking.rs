//! What a behavior may ask of others, to be told the answer as a message of its own.

use alloc::boxed::Box;
use core::time::Duration;

use super::Context;
use crate::actor::adapter::Adapter;
use crate::actor::any_ref::Refers;
use crate::actor::deadlines::Expires;
use crate::actor::effect::Effect;
use crate::actor::error::AskError;
use crate::actor::letter::Letter;
use crate::actor::reference::ActorRef;
use crate::actor::reply::{Asker, ReplyTo};
use crate::actor::world::World;
use crate::sync::{Arc, erased};

/// Asking, and hearing from others.
impl<M: Send + 'static> Context<M> {
    /// Asks `actor`, and is told the outcome as a message that `adapt` makes of it; nothing waits meanwhile.
    ///
    /// It is of the [trace](crate::Context::trace) in which it was asked for, if there is one.
    ///
    /// The outcome comes exactly once, whatever the mailbox's limit; after a restart too. When this actor has
    /// stopped, it becomes a dead letter.
    ///
    /// ```
    /// use casty_core::{ActorRef, AskError, Behavior, ReplyTo, secs};
    /// use casty_testkit::BehaviorTest;
    ///
    /// enum Msg { Ask(ActorRef<ReplyTo<u8>>), Answer(Result<u8, AskError>) }
    ///
    /// let asker = Behavior::receive(|ctx, msg| match msg {
    ///     Msg::Ask(oracle) => {
    ///         ctx.ask(&oracle, |reply| reply, secs(3), Msg::Answer);
    ///         Behavior::same()
    ///     }
    ///     Msg::Answer(Ok(42)) => Behavior::stopped(),
    ///     Msg::Answer(_) => Behavior::unhandled(),
    /// });
    /// let mut test = BehaviorTest::new(asker);
    /// let oracle = test.probe();
    /// test.tell(Msg::Ask(oracle.actor().clone()));
    /// oracle.try_recv().unwrap().tell(42);
    /// test.settle();
    /// assert!(test.is_stopped());
    /// ```
    pub fn ask<A: Send + 'static, R: Send + 'static>(
        &mut self,
        actor: &ActorRef<A>,
        question: impl FnOnce(ReplyTo<R>) -> A,
        timeout: Duration,
        adapt: impl FnOnce(Result<R, AskError>) -> M + Send + 'static,
    ) {
        let letter =
            Arc::new(Letter::new(Arc::clone(&self.inbox), adapt, actor.to_any(), self.trace().map(Box::new)));
        let question = question(ReplyTo::asker(erased!(Arc::clone(&letter) => dyn Asker<R>)));
        actor.question(question, None, |error| drop(letter.end(Err(error))));
        World::expect_reply(self.world(), timeout, erased!(letter => dyn Expires));
        self.record(|| Effect::Asked(actor.to_any()));
    }

    /// A reference for messages of type `X`, which `adapt` turns into this actor's own.
    ///
    /// It is good as long as the actor lives; then what it is told becomes dead letters. Should `adapt`
    /// panic, the message becomes a dead letter and the actor fails.
    ///
    /// Other nodes know one for each function that captures something and is sent to them. When [too
    /// many](crate::RemoteLimits::exports_max) are known, the oldest that are not held here may make way.
    ///
    /// ```
    /// use casty_core::{ActorRef, Behavior};
    /// use casty_testkit::BehaviorTest;
    ///
    /// enum Msg { Offer(ActorRef<ActorRef<u32>>), Price(String) }
    ///
    /// let buyer = Behavior::receive(|ctx, msg| match msg {
    ///     Msg::Offer(shop) => {
    ///         shop.tell(ctx.adapter(|cents: u32| Msg::Price(format!("{cents} ct"))));
    ///         Behavior::same()
    ///     }
    ///     Msg::Price(price) if price == "99 ct" => Behavior::stopped(),
    ///     Msg::Price(_) => Behavior::unhandled(),
    /// });
    /// let mut test = BehaviorTest::new(buyer);
    /// let shop = test.probe();
    /// test.tell(Msg::Offer(shop.actor().clone()));
    /// shop.try_recv().unwrap().tell(99);
    /// test.settle();
    /// assert!(test.is_stopped());
    /// ```
    #[must_use]
    pub fn adapter<X: Send + 'static>(&self, adapt: impl Fn(X) -> M + Send + Sync + 'static) -> ActorRef<X> {
        ActorRef::through(Adapter::own(self.me(), adapt))
    }
}
