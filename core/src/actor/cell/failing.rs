//! Failures: who decides, and what the decision does.

use super::{Cell, Phase};
use crate::actor::any_ref::{AnyRef, Target};
use crate::actor::control::{Control, Ending};
use crate::actor::event::ActorFailed;
use crate::actor::failure::Failure;
use crate::actor::supervision::{Directive, Scope};
use crate::id::ActorId;
use crate::log;

/// What the actor's own strategies came to.
enum Verdict {
    /// This.
    Settled(Directive),
    /// All passed it on.
    Escalated,
    /// There is none.
    Nobody,
}

impl<M: Send + 'static> Cell<M> {
    /// Draws the consequences of a failure.
    pub(super) fn fail(&mut self, failure: Failure) {
        match self.phase {
            // On its way already: the failure changes nothing, and the way goes on after it.
            Phase::Restarting { .. } | Phase::Stopping(_) => {
                self.published(&failure, None);
                return self.advance();
            }
            Phase::Ended | Phase::Suspended | Phase::Backoff(_) => return self.published(&failure, None),
            Phase::New | Phase::Starting { .. } | Phase::Running => {}
        }
        let verdict = self.own_verdict(&failure);
        self.published(
            &failure,
            match verdict {
                Verdict::Settled(directive) => Some(directive),
                Verdict::Escalated => Some(Directive::Escalate),
                Verdict::Nobody => (!self.guarded).then_some(Directive::Stop),
            },
        );
        match verdict {
            Verdict::Settled(Directive::Resume) => self.resume(),
            Verdict::Settled(Directive::Restart { after }) => self.restart(after, Some(failure)),
            Verdict::Settled(Directive::Stop) => self.stop(Ending::Failed(failure)),
            Verdict::Settled(Directive::Escalate) | Verdict::Escalated | Verdict::Nobody if self.guarded => {
                self.await_verdict(failure);
            }
            Verdict::Settled(Directive::Escalate) | Verdict::Escalated => {
                self.stop(Ending::Escalated(failure))
            }
            Verdict::Nobody => self.stop(Ending::Failed(failure)),
        }
    }

    /// A child waits for this actor's verdict.
    pub(super) fn child_failed(&mut self, child: ActorId, failure: &Failure) {
        let strategy = self.rare.as_ref().and_then(|rare| rare.stack.supervising());
        let Some(strategy) = strategy else { return self.tell_children(Scope::One, child, Directive::Stop) };
        let (now, mut rng) = (self.ctx.now(), self.ctx.rng());
        let directive = strategy.decide(failure, &mut self.rare().stack.children_history, now, &mut rng);
        self.tell_children(strategy.scope(), child, directive);
        if directive == Directive::Escalate {
            let path = self.child(child).map(|child| child.path());
            if let Some(path) = path {
                self.fail(Failure::child(path, failure.clone()));
            }
        }
    }

    /// The verdict of the actor's own strategies, the innermost first.
    fn own_verdict(&mut self, failure: &Failure) -> Verdict {
        let Some(rare) = &mut self.rare else { return Verdict::Nobody };
        if rare.deciding {
            // A strategy itself panicked: no more questions.
            return Verdict::Settled(Directive::Stop);
        }
        let strategies = rare.stack.strategies();
        if strategies.is_empty() {
            return Verdict::Nobody;
        }
        let (now, mut rng) = (self.ctx.now(), self.ctx.rng());
        rare.deciding = true;
        let mut verdict = Verdict::Escalated;
        for (place, strategy) in strategies {
            let directive = strategy.decide(failure, rare.stack.history(place), now, &mut rng);
            if directive != Directive::Escalate {
                verdict = Verdict::Settled(directive);
                break;
            }
        }
        rare.deciding = false;
        verdict
    }

    fn await_verdict(&mut self, failure: Failure) {
        self.phase = Phase::Suspended;
        match self.ctx.inbox.parent() {
            Some(parent) => parent.signal(Control::ChildFailed(self.ctx.inbox.id(), failure)),
            None => self.stop(Ending::Failed(failure)),
        }
    }

    fn tell_children(&self, scope: Scope, failed: ActorId, directive: Directive) {
        let Some(ext) = &self.ctx.ext else { return };
        let concerned = |child: &&AnyRef| match (directive, scope) {
            // Going on as before concerns nobody else.
            (Directive::Resume, _) | (_, Scope::One) => child.id() == failed,
            (_, Scope::All) => true,
            (_, Scope::Rest) => child.id() >= failed,
        };
        ext.children.iter().filter(concerned).for_each(|child| child.signal(Control::Verdict(directive)));
    }

    fn child(&self, id: ActorId) -> Option<AnyRef> {
        self.ctx.ext.as_ref()?.children.iter().find(|child| child.id() == id).cloned()
    }

    fn published(&self, failure: &Failure, directive: Option<Directive>) {
        log::failed(|| self.ctx.path(), failure, directive);
        self.ctx.world().events().publish(|| ActorFailed {
            path: self.ctx.path(),
            failure: failure.clone(),
            directive,
        });
    }
}
