//! What a system publishes of its actors, in words that do not depend on their messages.
//!
//! All of it is rare and out of line: within an actor's code it would be compiled for each type of message.

use super::World;
use crate::actor::any_ref::{Target, path_of};
use crate::actor::control::Ending;
use crate::actor::event::{
    ActorFailed, ActorRestarted, ActorStarted, ActorStopped, DeadLetter, DeadReason, Unhandled,
};
use crate::actor::failure::Failure;
use crate::actor::supervision::Directive;
use crate::log;
use crate::sync::Ordering;

impl World {
    /// Counts a dead letter to `actor`, and publishes it.
    #[inline(never)]
    pub(crate) fn dead_letter(&self, reason: DeadReason, actor: &dyn Target, message_type: &'static str) {
        self.dead_letters.fetch_add(1, Ordering::Relaxed);
        if !self.limits.dead_letters_at_shutdown && self.closing() {
            return;
        }
        if log::ENABLED {
            log::dead_letter(&path_of(actor), message_type, &reason);
        }
        self.events.publish(|| DeadLetter { recipient: path_of(actor), message_type, reason });
    }

    /// An actor has started, `again` perhaps.
    #[inline(never)]
    pub(crate) fn actor_started(&self, actor: &dyn Target, again: bool) {
        if again {
            self.events.publish(|| ActorRestarted { path: path_of(actor) });
        } else {
            self.events.publish(|| ActorStarted { path: path_of(actor) });
        }
    }

    /// An actor has failed, and that is decided; or its parent decides.
    #[inline(never)]
    pub(crate) fn actor_failed(&self, actor: &dyn Target, failure: &Failure, directive: Option<Directive>) {
        log::failed(|| path_of(actor), failure, &directive);
        self.events.publish(|| ActorFailed { path: path_of(actor), failure: failure.clone(), directive });
    }

    /// An actor has ended.
    #[inline(never)]
    pub(crate) fn actor_stopped(&self, actor: &dyn Target, ending: &Ending) {
        self.events.publish(|| {
            let failure = match ending {
                Ending::Stopped => None,
                Ending::Failed(failure) | Ending::Escalated(failure) => Some(failure.clone()),
            };
            ActorStopped { path: path_of(actor), failure }
        });
    }

    /// A behavior has declared a message unhandled.
    #[inline(never)]
    pub(crate) fn unhandled(&self, actor: &dyn Target, message_type: &'static str) {
        log::unhandled(|| path_of(actor), message_type);
        self.events.publish(|| Unhandled { recipient: path_of(actor), message_type });
    }
}
