//! Failures: who decides, and what the decision does.

use super::{Cell, Errand, Group, Phase};
use crate::actor::any_ref::{AnyRef, Target};
use crate::actor::control::{Control, Ending};
use crate::actor::failure::Failure;
use crate::actor::supervision::{Directive, History, Scope, Strategy};
use crate::id::ActorId;

impl<M: Send + 'static> Cell<M> {
    /// Draws the consequences of a failure.
    #[inline(never)]
    pub(super) fn fail(&mut self, failure: Failure) {
        if let Some(child) = self.rare.as_mut().and_then(|rare| rare.judging.take()) {
            self.tell_children(Scope::One, child, Directive::Stop);
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
    #[inline(never)]
    pub(super) fn child_failed(&mut self, child: ActorId, epoch: u64, failure: &Failure) {
        let Group { epoch: latest, first, last } = self.rare().group;
        if epoch < latest && (first..=last).contains(&child.number()) {
            // It failed before it heard that it is restarted with the others: that settles it.
            return;
        }
        let Some(strategy) = self.rare().stack.supervising() else {
            return self.tell_children(Scope::One, child, Directive::Stop);
        };
        self.rare().judging = Some(child);
        let directive = self.judge(child, &*strategy, failure);
        self.rare().judging = None;
        self.tell_children(strategy.scope(), child, directive);
        if directive == Directive::Escalate {
            let path = self.ctx.ext.as_ref().and_then(|ext| ext.children.get(child)).map(AnyRef::path);
            if let Some(path) = path {
                self.fail(Failure::child(path, failure.clone()));
            }
        }
    }

    /// What the strategy for children says of one of them. Where the verdict is on one, so is the memory.
    fn judge(&mut self, child: ActorId, strategy: &dyn Strategy, failure: &Failure) -> Directive {
        let (now, mut rng) = (self.ctx.now(), self.ctx.rng());
        let whose = if strategy.scope() == Scope::One { child } else { ActorId::ROOT };
        let history = self.rare().children_histories.get_or_insert_with(whose, History::new);
        strategy.decide(failure, history, now, &mut rng)
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

    /// Tells the verdict to those whom it concerns.
    fn tell_children(&mut self, scope: Scope, failed: ActorId, directive: Directive) {
        // Going on as before concerns nobody else.
        let scope = if directive == Directive::Resume { Scope::One } else { scope };
        let Some(ext) = &self.ctx.ext else { return };
        let (Some(failed), Some(youngest)) = (ext.children.get(failed).cloned(), ext.children.youngest())
        else {
            return;
        };
        if scope == Scope::One {
            let epoch = self.rare().group.epoch;
            return failed.signal(Control::Verdict { directive, epoch });
        }
        let first = if scope == Scope::All { 0 } else { failed.id().number() };
        let last = youngest.id().number();
        let epoch = self.rare().group.epoch + 1;
        self.rare().group = Group { epoch, first, last };
        let Some(ext) = &self.ctx.ext else { return };
        let concerned = ext.children.iter().filter(|child| child.id().number() >= first);
        concerned.for_each(|child| child.signal(Control::Verdict { directive, epoch }));
    }

    fn published(&self, failure: &Failure, directive: Option<Directive>) {
        self.ctx.world().actor_failed(&*self.ctx.inbox, failure, directive);
    }
}
