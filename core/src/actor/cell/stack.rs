//! What is around an actor's behavior: of its blueprint, and of a transition.

use alloc::vec::Vec;

use crate::actor::failure::Failure;
use crate::actor::layer::Layer;
use crate::actor::supervision::{Directive, History, Strategy};
use crate::rng::Rng;
use crate::sync::Arc;
use crate::time::Instant;

/// The layers around a behavior.
pub(super) struct Stack<M: Send + 'static> {
    /// All of them, outermost first. Those of the blueprint stay until a restart makes them anew; those of the latest transition
    /// are replaced by the next one's, so that recursion through a wrapper does not pile up.
    layers: Vec<Arc<dyn Layer<M>>>,
    /// How many of them are of the blueprint.
    base: usize,
    /// Those of the transition before, while the latest is being made: should that fail, they are put back.
    before: Option<Vec<Arc<dyn Layer<M>>>>,
    /// What each strategy remembers, outermost first; restarts and transitions do not erase it.
    histories: Vec<History>,
    /// Some layer sees messages.
    pub(super) sees_messages: bool,
}

impl<M: Send + 'static> Stack<M> {
    pub(super) const fn new() -> Self {
        Self { layers: Vec::new(), base: 0, before: None, histories: Vec::new(), sees_messages: false }
    }

    /// Adds the next inner layer: of the blueprint, which is the first to be made, or of a transition.
    pub(super) fn push(&mut self, layer: Arc<dyn Layer<M>>, of_blueprint: bool) {
        self.sees_messages |= layer.sees_messages();
        self.base += usize::from(of_blueprint);
        self.layers.push(layer);
    }

    /// Sets the layers of the transition before aside. True when there were some.
    pub(super) fn begin_transition(&mut self) -> bool {
        let before = self.layers.split_off(self.base);
        let some = !before.is_empty();
        self.before = Some(before);
        self.look_over();
        some
    }

    /// Lets go of the layers of the transition before.
    pub(super) fn end_transition(&mut self) {
        self.before = None;
    }

    /// Puts the layers of the transition before back, if the one that was being made has failed. True when it
    /// has.
    pub(super) fn take_transition_back(&mut self) -> bool {
        let Some(mut before) = self.before.take() else { return false };
        let failed = self.layers.split_off(self.base);
        self.layers.append(&mut before);
        self.look_over();
        // A user's, which may panic as they go: everything is in order by now.
        drop(failed);
        true
    }

    fn look_over(&mut self) {
        self.sees_messages = self.layers.iter().any(|layer| layer.sees_messages());
    }

    /// Lets go of all layers; what strategies remember stays.
    pub(super) fn clear(&mut self) {
        self.base = 0;
        self.sees_messages = false;
        self.before = None;
        self.layers.clear();
    }

    /// All layers, outermost first.
    pub(super) fn layers(&self) -> &[Arc<dyn Layer<M>>] {
        &self.layers
    }

    /// The strategies for the actor itself, outermost first.
    pub(super) fn strategies(&self) -> impl DoubleEndedIterator<Item = &dyn Strategy> {
        self.layers.iter().filter_map(|layer| layer.strategy())
    }

    /// What the strategies for the actor itself say of a failure: the innermost that does not pass it on. `None` without any.
    pub(super) fn decide(&mut self, failure: &Failure, now: Instant, rng: &mut Rng) -> Option<Directive> {
        let count = self.strategies().count();
        if self.histories.len() < count {
            self.histories.resize_with(count, History::new);
        }
        let strategies = self.layers.iter().filter_map(|layer| layer.strategy()).rev();
        let mut verdict = None;
        for (strategy, history) in strategies.zip(self.histories[..count].iter_mut().rev()) {
            let directive = strategy.decide(failure, history, now, rng);
            verdict = Some(directive);
            if directive != Directive::Escalate {
                break;
            }
        }
        verdict
    }

    /// The strategy for the actor's children: the innermost.
    pub(super) fn supervising(&self) -> Option<Arc<dyn Strategy>> {
        self.layers.iter().rev().find_map(|layer| layer.supervising())
    }
}
