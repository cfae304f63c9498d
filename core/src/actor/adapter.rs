//! A reference that turns messages of one type into those of an actor.

use super::any_ref::{AnyRef, Refers};
use super::control::Control;
use super::error::SendError;
use super::event::DeadReason;
use super::failure::Failure;
use super::reference::{ActorRef, Recipient};
use super::within::Within;
use super::world::World;
use crate::sync::Arc;

use core::any::{TypeId, type_name};
use core::mem::needs_drop;

/// The actor behind, and how messages become its own.
pub(crate) struct Adapter<M: Send + 'static, F> {
    actor: ActorRef<M>,
    adapt: F,
    /// The function is the actor's own: its panic is the actor's failure.
    own: bool,
    /// What other nodes may know it by.
    number: u64,
}

/// What an adapter does that has nothing captured: two of one actor that do the same are the same.
pub(crate) type Function = (TypeId, bool);

impl<M: Send + 'static, F> Adapter<M, F> {
    /// An adapter made by anyone.
    pub(crate) fn new(actor: ActorRef<M>, adapt: F) -> Self {
        let number = actor.world().next_number();
        Self { actor, adapt, own: false, number }
    }

    /// An adapter made by the actor itself.
    pub(crate) fn own(actor: ActorRef<M>, adapt: F) -> Self {
        let number = actor.world().next_number();
        Self { actor, adapt, own: true, number }
    }

    /// The message adapted; `None` when the function panicked, which fails the actor whose it is.
    fn adapted<X: Send + 'static>(&self, message: X) -> Option<M>
    where
        F: Fn(X) -> M,
    {
        let (mut given, mut adapted) = (Some(message), None);
        let world = self.actor.world();
        let guarded = world.executor().guard(&mut || adapted = given.take().map(&self.adapt));
        if let Err(panic) = guarded
            && self.own
        {
            self.actor.to_any().signal(Control::Failed(Failure::panic(panic)));
        }
        adapted
    }

    fn dead_letter<X>(&self, reason: DeadReason) {
        let actor = self.actor.to_any();
        actor.target().world().dead_letter(reason, actor.target(), type_name::<X>());
    }
}

impl<M, X, F> Recipient<X> for Adapter<M, F>
where
    M: Send + 'static,
    X: Send + 'static,
    F: Fn(X) -> M + Send + Sync + 'static,
{
    fn pass(&self, message: X, within: Within) -> Result<(), SendError<X>> {
        if self.actor.is_stopped() {
            return Err(SendError::Stopped(message));
        }
        match self.adapted(message) {
            Some(message) => self.actor.tell_within(message, within),
            None => self.dead_letter::<X>(DeadReason::AdapterPanicked),
        }
        Ok(())
    }

    fn pass_quietly(&self, message: X) {
        if let Some(message) = self.adapted(message) {
            self.actor.tell_quietly(message);
        }
    }

    fn note(&self, message: X) {
        if let Some(message) = self.adapted(message) {
            self.actor.note(message);
        }
    }

    fn dead(&self, error: SendError<X>) {
        self.dead_letter::<X>(DeadReason::Stopped);
        drop(error);
    }

    fn actor(&self) -> AnyRef {
        self.actor.to_any()
    }

    fn world(&self) -> &Arc<World> {
        self.actor.world()
    }

    fn number(&self) -> u64 {
        self.number
    }

    fn function(&self) -> Option<Function> {
        let stateless = size_of::<F>() == 0 && !needs_drop::<F>();
        stateless.then(|| (TypeId::of::<(X, F)>(), self.own))
    }
}
