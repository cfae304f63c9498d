//! What a system publishes of its actors, in words that do not depend on their messages.
//!
//! All of it is rare and out of line: within an actor's code it would be compiled for each type of message.

use super::World;
use crate::actor::any_ref::{Target, path_of};
use crate::actor::control::Ending;
use crate::actor::event::{DeadReason, Report};
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
        self.events.report(actor, Report::DeadLetter(message_type, reason));
    }

    /// An actor has started, `again` perhaps.
    #[inline(never)]
    pub(crate) fn actor_started(&self, actor: &dyn Target, again: bool) {
        self.events.report(actor, if again { Report::Restarted } else { Report::Started });
    }

    /// An actor has failed, and that is decided; or its parent decides.
    #[inline(never)]
    pub(crate) fn actor_failed(&self, actor: &dyn Target, failure: &Failure, directive: Option<Directive>) {
        log::failed(|| path_of(actor), failure, &directive);
        self.events.report(actor, Report::Failed(failure, directive));
    }

    /// An actor has ended.
    #[inline(never)]
    pub(crate) fn actor_stopped(&self, actor: &dyn Target, ending: &Ending) {
        self.events.report(actor, Report::Stopped(ending));
    }

    /// A behavior has declared a message unhandled.
    #[inline(never)]
    pub(crate) fn unhandled(&self, actor: &dyn Target, message_type: &'static str) {
        log::unhandled(|| path_of(actor), message_type);
        self.events.report(actor, Report::Unhandled(message_type));
    }
}
