//! Failures: who decides, and what the decision does.

use super::{Cell, Errand, Phase};
use crate::actor::any_ref::Target;
use crate::actor::control::{Control, Ending};
use crate::actor::failure::Failure;
use crate::actor::family::Failed;
use crate::actor::supervision::Directive;

impl<M: Send + 'static> Cell<M> {
    /// Draws the consequences of a failure.
    #[inline(never)]
    pub(super) fn fail(&mut self, failure: Failure) {
        if let Some(family) = self.ctx.family() {
            family.give_up_judging();
        }
        match self.phase {
            // On its way already: the failure changes nothing, and the way goes on after it.
            Phase::Restarting | Phase::Stopping => {
                self.published(&failure, None);
                return self.advance();
            }
            Phase::Ended | Phase::Suspended | Phase::Backoff => {
                return self.published(&failure, None);
            }
            Phase::SettingUp | Phase::Starting | Phase::Running => {}
        }
        let verdict = self.own_verdict(&failure);
        let nobody = verdict.is_none() && !self.ctx.guarded;
        self.published(&failure, if nobody { Some(Directive::Stop) } else { verdict });
        match verdict {
            Some(Directive::Resume) => self.resume(),
            Some(Directive::Restart { after }) => self.restart(after, Some(failure)),
            Some(Directive::Stop) => self.stop(Ending::Failed(failure)),
            Some(Directive::Escalate) | None if self.ctx.guarded => self.await_verdict(failure),
            Some(Directive::Escalate) => self.stop(Ending::Escalated(failure)),
            None => self.stop(Ending::Failed(failure)),
        }
    }

    /// A child waits for this actor's verdict.
    pub(super) fn child_failed(&mut self, failed: Failed<'_>) {
        let strategy = self.rare.as_ref().and_then(|rare| rare.stack.supervising());
        let Some(family) = self.ctx.ext.as_mut().and_then(|ext| ext.family.as_mut()) else { return };
        if let Some(failure) = family.failed(failed, strategy.as_deref(), self.ctx.inbox.world()) {
            self.fail(failure);
        }
    }

    /// The verdict of the actor's own strategies, if it has any.
    fn own_verdict(&mut self, failure: &Failure) -> Option<Directive> {
        let rare = self.rare.as_mut()?;
        if rare.deciding {
            // A strategy itself panicked: no more questions.
            return Some(Directive::Stop);
        }
        rare.stack.strategies().next()?;
        let (now, mut rng) = (self.ctx.now(), self.ctx.rng());
        rare.deciding = true;
        let verdict = rare.stack.decide(failure, now, &mut rng);
        rare.deciding = false;
        verdict
    }

    fn await_verdict(&mut self, failure: Failure) {
        let Some(parent) = self.ctx.inbox.parent().cloned() else {
            return self.stop(Ending::Failed(failure));
        };
        self.set_out(Phase::Suspended, Errand::Suspended(failure.clone()));
        let (child, epoch) = (self.ctx.inbox.id(), self.rare().epoch);
        parent.signal(Control::ChildFailed { child, epoch, failure });
    }

    fn published(&self, failure: &Failure, directive: Option<Directive>) {
        self.ctx.world().actor_failed(&*self.ctx.inbox, failure, directive);
    }
}
