//! The behavior of an entity: commands in, decisions out, all else waits.

use alloc::boxed::Box;
use core::task::{Context as TaskContext, Poll};

use super::decision::{Decision, End};
use super::durable_state::DurableState;
use super::error::PersistError;
use super::event::{EntityFailed, EntityRecovered, SnapshotFailed};
use super::event_sourced::{EventSourced, OnFailure};
use super::kept::{Kept, News, Remedy};
use crate::actor::{Behavior, Cell, Context, Handler, Kind, PollPending, Sleep, Stateful};
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
        Self::event_sourced_with(kept, |_, _| Decision::none(), on_command)
    }

    /// The same, but `on_recovered` decides first, at the end of each recovery and before any command: the place to take up
    /// again what a crash has interrupted.
    ///
    /// ```
    /// use casty_core::Behavior;
    /// use casty_core::journal::MemoryJournal;
    /// use casty_core::persist::{Decision, EventSourced, Stored};
    /// use casty_testkit::BehaviorTest;
    ///
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// enum Job { Begun, Done }
    /// impl Stored for Job { const NAME: &str = "jobs.Job"; }
    ///
    /// fn job(journal: &MemoryJournal) -> Behavior<&'static str> {
    ///     let kept = EventSourced::new("job-1", journal.clone(), false, |_, job| matches!(job, Job::Begun));
    ///     let take_up = |open: &bool, _: &mut _| match open {
    ///         true => Decision::persist(Job::Done),
    ///         false => Decision::none(),
    ///     };
    ///     Behavior::event_sourced_with(kept, take_up, |open, _, command| match (command, open) {
    ///         ("begin", false) => Decision::persist(Job::Begun),
    ///         _ => Decision::stop(),
    ///     })
    /// }
    /// let journal = MemoryJournal::new();
    /// BehaviorTest::new(job(&journal)).tell("begin");
    /// let mut again = BehaviorTest::new(job(&journal));
    /// again.tell("begin");
    /// assert!(!again.is_stopped(), "the job that was open is done, so that another could begin");
    /// ```
    pub fn event_sourced_with<E, S>(
        kept: EventSourced<E, S>,
        on_recovered: impl Fn(&S, &mut Context<M>) -> Decision<E, S> + Send + Sync + 'static,
        on_command: impl Fn(&S, &mut Context<M>, M) -> Decision<E, S> + Send + Sync + 'static,
    ) -> Self
    where
        E: Send + 'static,
        S: Clone + Send + Sync + 'static,
    {
        let blueprint = Arc::new(Blueprint { plan: kept, on_recovered, on_command });
        Self(Kind::Stateful(erased!(blueprint => dyn Stateful<M>)))
    }

    /// Handles each command with `on_command`, whose decision persists the next state; the journal keeps the last one.
    ///
    /// All is as for [event-sourced](Self::event_sourced) entities, but that the state itself is written. Of a decision that
    /// persists several states only the last one is.
    ///
    /// ```
    /// use casty_core::journal::MemoryJournal;
    /// use casty_core::persist::{Decision, DurableState, Stored};
    /// use casty_core::{Behavior, ReplyTo};
    /// use casty_testkit::BehaviorTest;
    ///
    /// #[derive(serde::Serialize, serde::Deserialize, Clone)]
    /// struct Counted(u64);
    /// impl Stored for Counted { const NAME: &str = "shop.Counted"; }
    ///
    /// fn counter(journal: &MemoryJournal) -> Behavior<ReplyTo<u64>> {
    ///     let kept = DurableState::new("counter-1", journal.clone(), Counted(0));
    ///     Behavior::durable_state(kept, |Counted(count), _ctx, reply| {
    ///         Decision::persist(Counted(count + 1)).reply(reply, |Counted(count)| *count)
    ///     })
    /// }
    /// let journal = MemoryJournal::new();
    /// assert_eq!(BehaviorTest::new(counter(&journal)).ask(|reply| reply), Some(1));
    /// assert_eq!(BehaviorTest::new(counter(&journal)).ask(|reply| reply), Some(2));
    /// ```
    pub fn durable_state<S: Clone + Send + Sync + 'static>(
        kept: DurableState<S>,
        on_command: impl Fn(&S, &mut Context<M>, M) -> Decision<S, S> + Send + Sync + 'static,
    ) -> Self {
        Self::event_sourced(kept.0, on_command)
    }
}

/// The blueprint of an entity's behavior.
struct Blueprint<E, S, R, F> {
    plan: EventSourced<E, S>,
    on_recovered: R,
    on_command: F,
}

/// An entity at work.
struct Acting<E, S, R, F> {
    kept: Kept<E, S>,
    blueprint: Arc<Blueprint<E, S, R, F>>,
}

impl<M, E, S, R, F> Stateful<M> for Blueprint<E, S, R, F>
where
    M: Send + 'static,
    E: Send + 'static,
    S: Clone + Send + Sync + 'static,
    R: Fn(&S, &mut Context<M>) -> Decision<E, S> + Send + Sync + 'static,
    F: Fn(&S, &mut Context<M>, M) -> Decision<E, S> + Send + Sync + 'static,
{
    fn instance(&self, me: &Arc<dyn Stateful<M>>, ctx: &mut Context<M>) -> Option<Box<dyn Handler<M>>> {
        let blueprint = revealed!(me => Self)?;
        let timeout = Sleep::new(ctx.world(), self.plan.recovery_timeout);
        Some(Box::new(Acting { kept: Kept::recovering(&self.plan, timeout), blueprint }))
    }
}

impl<M, E, S, R, F> Handler<M> for Acting<E, S, R, F>
where
    M: Send + 'static,
    E: Send + 'static,
    S: Clone + Send + Sync + 'static,
    R: Fn(&S, &mut Context<M>) -> Decision<E, S> + Send + Sync + 'static,
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

    fn polled_by(&self) -> Option<PollPending<M>> {
        Some(Cell::poll_pending)
    }

    fn poll(&mut self, ctx: &mut Context<M>, cx: &mut TaskContext<'_>) -> Poll<Behavior<M>> {
        let news = self.kept.poll(&self.blueprint.plan, ctx.world(), cx);
        news.map(|news| self.hear(ctx, news))
    }
}

impl<E, S, R, F> Acting<E, S, R, F>
where
    E: 'static,
    S: Clone + 'static,
{
    /// What news of the entity mean for the actor.
    fn hear<M: Send + 'static>(&mut self, ctx: &mut Context<M>, news: News) -> Behavior<M>
    where
        R: Fn(&S, &mut Context<M>) -> Decision<E, S>,
    {
        match news {
            News::Busy => Behavior::busy(),
            News::Recovered { sequence, replayed } => {
                let entity = self.blueprint.plan.entity.clone();
                let events = ctx.world().events();
                events.publish(|| EntityRecovered { path: ctx.path(), entity, sequence, replayed });
                let Some(state) = self.kept.state() else { return Behavior::restart() };
                let decision = (self.blueprint.on_recovered)(state, ctx);
                let news = self.kept.decided(&self.blueprint.plan, decision);
                self.hear(ctx, news)
            }
            News::Done(End::GoesOn) => Behavior::same(),
            News::Done(End::Unhandled) => Behavior::unhandled(),
            News::Done(End::Stops) => Behavior::stopped(),
            News::SnapshotFailed(error, end) => {
                ctx.world().events().publish(|| SnapshotFailed { path: ctx.path(), error });
                if self.kept.is_busy() { Behavior::busy() } else { self.hear(ctx, News::Done(end)) }
            }
            News::Failed(error, remedy) => self.failed(ctx, error, remedy),
        }
    }

    fn failed<M: Send + 'static>(
        &self,
        ctx: &mut Context<M>,
        error: PersistError,
        remedy: Remedy,
    ) -> Behavior<M> {
        let told = error.clone();
        ctx.world().events().publish(|| EntityFailed { path: ctx.path(), error: told });
        match (remedy, self.blueprint.plan.on_failure) {
            (Remedy::StartAnew, _) => Behavior::restart(),
            (Remedy::Chosen, OnFailure::Fail) => Behavior::fail(error),
            (Remedy::Chosen, OnFailure::Stop) | (Remedy::Stop, _) => {
                ctx.part_in_failure();
                Behavior::stopped()
            }
        }
    }
}
