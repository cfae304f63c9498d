//! What a behavior may ask to hear of the end of others.

use super::Context;
use crate::actor::any_ref::{AnyRef, Refers};
use crate::actor::control::Control;
use crate::actor::effect::Effect;
use crate::actor::watches::Watches;

/// Watching.
impl<M: Send + 'static> Context<M> {
    /// Asks to hear [`Signal::Terminated`](crate::Signal::Terminated) once, when `actor` has ended.
    ///
    /// It is heard after everything that actor told this one, and also when it had ended long before.
    /// Watching twice is watching once.
    ///
    /// ```
    /// use casty_core::{ActorRef, Behavior, Signal};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let widow = Behavior::<ActorRef<u8>>::receive(|ctx, other| {
    ///     ctx.watch(&other);
    ///     Behavior::same()
    /// });
    /// let mut test = BehaviorTest::new(widow.on_signal(|_, signal| match signal {
    ///     Signal::Terminated(_) => Behavior::stopped(),
    ///     _ => Behavior::unhandled(),
    /// }));
    /// let other = test.probe();
    /// test.tell(other.actor().clone());
    /// test.system().stop(other.actor());
    /// test.settle();
    /// assert!(test.is_stopped());
    /// ```
    pub fn watch(&mut self, actor: &impl Refers) {
        self.watch_for(actor.to_any(), None);
    }

    /// Asks to be told `message` once, when `actor` has ended. It replaces an earlier watch of that actor.
    ///
    /// ```
    /// use casty_core::{ActorRef, Behavior};
    /// use casty_testkit::BehaviorTest;
    ///
    /// enum Msg { Meet(ActorRef<u8>), Gone }
    ///
    /// let mut test = BehaviorTest::new(Behavior::receive(|ctx, msg| match msg {
    ///     Msg::Meet(other) => {
    ///         ctx.watch_with(&other, Msg::Gone);
    ///         Behavior::same()
    ///     }
    ///     Msg::Gone => Behavior::stopped(),
    /// }));
    /// let other = test.probe();
    /// test.tell(Msg::Meet(other.actor().clone()));
    /// test.system().stop(other.actor());
    /// test.settle();
    /// assert!(test.is_stopped());
    /// ```
    pub fn watch_with(&mut self, actor: &impl Refers, message: M) {
        self.watch_for(actor.to_any(), Some(message));
    }

    /// Takes a watch back: its notice will not be heard, even if it is on its way.
    ///
    /// ```
    /// use casty_core::{ActorRef, Behavior};
    /// use casty_testkit::BehaviorTest;
    ///
    /// enum Msg { Meet(ActorRef<u8>), Gone }
    ///
    /// let mut test = BehaviorTest::new(Behavior::receive(|ctx, msg| match msg {
    ///     Msg::Meet(other) => {
    ///         ctx.watch_with(&other, Msg::Gone);
    ///         ctx.unwatch(&other);
    ///         Behavior::same()
    ///     }
    ///     Msg::Gone => Behavior::stopped(),
    /// }));
    /// let other = test.probe();
    /// test.tell(Msg::Meet(other.actor().clone()));
    /// test.system().stop(other.actor());
    /// test.settle();
    /// assert!(!test.is_stopped());
    /// ```
    pub fn unwatch(&mut self, actor: &impl Refers) {
        let actor = actor.to_any();
        let me = self.any();
        if let Some(watches) = self.ext.as_mut().and_then(|ext| ext.watches.as_mut()) {
            watches.end(&actor);
        }
        actor.signal(Control::Unwatch(me));
        self.record(|| Effect::Unwatched(actor));
    }

    fn watch_for(&mut self, actor: AnyRef, message: Option<M>) {
        let begun =
            self.ext().watches.get_or_insert_with(<dyn Watches<M>>::none).begin(actor.clone(), message);
        if begun && actor.target().signal(Control::watch(self.any())).is_err() {
            // It has ended already: the notice comes all the same.
            self.any().signal(Control::Terminated(actor.clone()));
        }
        self.record(|| Effect::Watched(actor));
    }
}
