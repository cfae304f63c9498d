//! The behavior of an entity: commands in, decisions out, all else waits.

use alloc::boxed::Box;
use core::task::{Context as TaskContext, Poll};

use super::decision::{Decision, End};
use super::error::PersistError;
use super::event::{EntityFailed, EntityRecovered, SnapshotFailed};
use super::event_sourced::{EventSourced, OnFailure};
use super::kept::{Kept, News, Remedy};
use crate::actor::{Behavior, Context, Handler, Kind, Sleep, Stateful};
use crate::sync::{Arc, erased, revealed};

/// Behaviors that survive.
impl<M: Send + 'static> Behavior<M> {
    /// Handles each command with `on_command`, whose decision persists events; the state is what the events make of it.
    ///
    /// When the actor starts, and at each restart, it opens the entity in the journal and replays its events, in batches. Commands
    /// wait in the mailbox, in their order, until it has recovered, and while events are written: a
    /// [bounded mailbox](crate::Mailbox::bounded) bounds how many. A stop does not wait, nor do hooks; the start hook runs before the recovery.
    ///
    /// An event is applied, and a reply given, only when the journal has said that the event is durable. A write that failed
    /// leaves no trace: nothing is applied, and the replies are let go of. Then
    /// [the choice made for the entity](EventSourced::on_failure) decides. Where it is unknown what became of the write, the
    /// actor starts anew and learns it. A second actor with the same entity takes it over: the first one's next write is
    /// refused, and it stops.
    ///
    /// ```
    /// use casty_core::journal::MemoryJournal;
    /// use casty_core::persist::{Decision, EventSourced, Stored};
    /// use casty_core::{Behavior, ReplyTo};
    /// use casty_testkit::BehaviorTest;
    ///
    /// enum Account { Deposit(u64, ReplyTo<u64>), Close }
    ///
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Deposited(u64);
    /// impl Stored for Deposited { const NAME: &str = "bank.Deposited"; }
    ///
    /// fn account(id: &str, journal: &MemoryJournal) -> Behavior<Account> {
    ///     let kept = EventSourced::new(id, journal.clone(), 0, |balance, Deposited(amount)| balance + amount);
    ///     Behavior::event_sourced(kept, |_balance, _ctx, command| match command {
    ///         Account::Deposit(amount, reply) => {
    ///             Decision::persist(Deposited(amount)).reply(reply, |balance| *balance)
    ///         }
    ///         Account::Close => Decision::stop(),
    ///     })
    /// }
    /// let journal = MemoryJournal::new();
    /// let mut test = BehaviorTest::new(account("account-1", &journal));
    /// assert_eq!(test.ask(|reply| Account::Deposit(50, reply)), Some(50));
    /// test.tell(Account::Close);
    /// assert!(test.is_stopped());
    ///
    /// let mut again = BehaviorTest::new(account("account-1", &journal));
    /// assert_eq!(again.ask(|reply| Account::Deposit(1, reply)), Some(51));
    /// ```
    pub fn event_sourced<E, S>(
        kept: EventSourced<E, S>,
        on_command: impl Fn(&S, &mut Context<M>, M) -> Decision<E, S> + Send + Sync + 'static,
    ) -> Self
    where
        E: Send + 'static,
        S: Clone + Send + Sync + 'static,
    {
        let blueprint = Arc::new(Blueprint { plan: kept, on_command });
        Self(Kind::Stateful(erased!(blueprint => dyn Stateful<M>)))
    }
}

/// The blueprint of an entity's behavior.
struct Blueprint<E, S, F> {
    plan: EventSourced<E, S>,
    on_command: F,
}

/// An entity at work.
struct Acting<E, S, F> {
    kept: Kept<E, S>,
    blueprint: Arc<Blueprint<E, S, F>>,
}

impl<M, E, S, F> Stateful<M> for Blueprint<E, S, F>
where
    M: Send + 'static,
    E: Send + 'static,
    S: Clone + Send + Sync + 'static,
    F: Fn(&S, &mut Context<M>, M) -> Decision<E, S> + Send + Sync + 'static,
{
    fn instance(&self, me: Arc<dyn Stateful<M>>, ctx: &mut Context<M>) -> Option<Box<dyn Handler<M>>> {
        let blueprint = revealed!(me => Self)?;
        let timeout = Sleep::new(ctx.world(), self.plan.recovery_timeout);
        Some(Box::new(Acting { kept: Kept::recovering(&self.plan, timeout), blueprint }))
    }
}

impl<M, E, S, F> Handler<M> for Acting<E, S, F>
where
    M: Send + 'static,
    E: Send + 'static,
    S: Clone + Send + Sync + 'static,
    F: Fn(&S, &mut Context<M>, M) -> Decision<E, S> + Send + Sync + 'static,
{
    fn handle(&mut self, ctx: &mut Context<M>, command: M) -> Behavior<M> {
        // Without a state the actor would have started anew before it came to a command.
        let Some(state) = self.kept.state() else { return Behavior::restart() };
        let decision = (self.blueprint.on_command)(state, ctx, command);
        let news = self.kept.decided(&self.blueprint.plan, decision);
        self.hear(ctx, news)
    }

    fn whole(&self) -> bool {
        self.kept.state().is_some()
    }

    fn begins_busy(&self) -> bool {
        true
    }

    fn poll(&mut self, ctx: &mut Context<M>, cx: &mut TaskContext<'_>) -> Poll<Behavior<M>> {
        let news = self.kept.poll(&self.blueprint.plan, cx);
        news.map(|news| self.hear(ctx, news))
    }
}

impl<E, S, F> Acting<E, S, F>
where
    E: 'static,
    S: Clone + 'static,
{
    /// What news of the entity mean for the actor.
    fn hear<M: Send + 'static>(&self, ctx: &Context<M>, news: News) -> Behavior<M> {
        match news {
            News::Busy => Behavior::busy(),
            News::Recovered { sequence, replayed } => {
                let entity = self.blueprint.plan.entity.clone();
                let events = ctx.world().events();
                events.publish(|| EntityRecovered { path: ctx.path(), entity, sequence, replayed });
                Behavior::same()
            }
            News::Done(End::GoesOn) => Behavior::same(),
            News::Done(End::Unhandled) => Behavior::unhandled(),
            News::Done(End::Stops) => Behavior::stopped(),
            News::SnapshotFailed(error) => {
                ctx.world().events().publish(|| SnapshotFailed { path: ctx.path(), error });
                if self.kept.is_busy() { Behavior::busy() } else { Behavior::same() }
            }
            News::Failed(error, remedy) => self.failed(ctx, error, remedy),
        }
    }

    fn failed<M: Send + 'static>(
        &self,
        ctx: &Context<M>,
        error: PersistError,
        remedy: Remedy,
    ) -> Behavior<M> {
        let told = error.clone();
        ctx.world().events().publish(|| EntityFailed { path: ctx.path(), error: told });
        match (remedy, self.blueprint.plan.on_failure) {
            (Remedy::StartAnew, _) => Behavior::restart(),
            (Remedy::Chosen, OnFailure::Fail) => Behavior::fail(error),
            (Remedy::Chosen, OnFailure::Stop) | (Remedy::Stop, _) => Behavior::stopped(),
        }
    }
}
