//! What is around an actor's behavior: of its blueprint, and of a transition.

use alloc::vec::Vec;

use crate::actor::failure::Failure;
use crate::actor::layer::Layer;
use crate::actor::supervision::{Directive, History, Strategy};
use crate::rng::Rng;
use crate::sync::Arc;
use crate::time::Instant;

/// The layers around a behavior, outermost first.
pub(super) struct Stack<M: Send + 'static> {
    /// Those of the blueprint: they stay until a restart makes them anew.
    base: Vec<Arc<dyn Layer<M>>>,
    /// Those of the latest transition: the next one replaces them, so that recursion through a wrapper does
    /// not pile up.
    over: Vec<Arc<dyn Layer<M>>>,
    /// Those of the transition before, while the latest is being made: should that fail, they are put back.
    before: Option<Vec<Arc<dyn Layer<M>>>>,
    /// What each strategy remembers, outermost first; restarts and transitions do not erase it.
    histories: Vec<History>,
    /// Some layer sees messages.
    pub(super) sees_messages: bool,
}

impl<M: Send + 'static> Stack<M> {
    pub(super) const fn new() -> Self {
        Self { base: Vec::new(), over: Vec::new(), before: None, histories: Vec::new(), sees_messages: false }
    }

    /// Adds the next inner layer: of the blueprint, or of a transition.
    pub(super) fn push(&mut self, layer: Arc<dyn Layer<M>>, of_blueprint: bool) {
        self.sees_messages |= layer.sees_messages();
        if of_blueprint { self.base.push(layer) } else { self.over.push(layer) }
    }

    /// Sets the layers of the transition before aside. True when there were some.
    pub(super) fn begin_transition(&mut self) -> bool {
        let before = core::mem::take(&mut self.over);
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
        let Some(before) = self.before.take() else { return false };
        self.over = before;
        self.look_over();
        true
    }

    fn look_over(&mut self) {
        let sees = self.layers().any(|layer| layer.sees_messages());
        self.sees_messages = sees;
    }

    /// Lets go of all layers; what strategies remember stays.
    pub(super) fn clear(&mut self) {
        self.base.clear();
        self.over.clear();
        self.before = None;
        self.sees_messages = false;
    }

    /// All layers, outermost first.
    pub(super) fn layers(&self) -> impl DoubleEndedIterator<Item = &Arc<dyn Layer<M>>> {
        self.base.iter().chain(&self.over)
    }

    /// The strategies for the actor itself, outermost first.
    pub(super) fn strategies(&self) -> impl DoubleEndedIterator<Item = &dyn Strategy> {
        self.layers().filter_map(|layer| layer.strategy())
    }

    /// What the strategies for the actor itself say of a failure: the innermost that does not pass it on. `None` without any.
    pub(super) fn decide(&mut self, failure: &Failure, now: Instant, rng: &mut Rng) -> Option<Directive> {
        let count = self.strategies().count();
        if self.histories.len() < count {
            self.histories.resize_with(count, History::new);
        }
        let layers = self.base.iter().chain(&self.over);
        let strategies = layers.filter_map(|layer| layer.strategy()).rev();
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
        self.layers().rev().find_map(|layer| layer.supervising())
    }
}
