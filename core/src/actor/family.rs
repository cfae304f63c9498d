//! The children of an actor and what it decides of them: put in by the first spawn.

use alloc::boxed::Box;

use super::any_ref::AnyRef;
use super::children::Children;
use super::control::{Control, Ending};
use super::failure::Failure;
use super::sorted::Sorted;
use super::supervision::{Directive, History, Scope, Strategy};
use super::world::World;
use crate::id::ActorId;

/// The children of an actor. Only who spawns has it, and links what it does.
pub(crate) trait Family: Send {
    /// Those who have not ended.
    fn children(&self) -> &Children;
    /// Adds a child.
    fn born(&mut self, child: AnyRef);
    /// A child has ended. A failure that it passes on is now the actor's.
    fn ended(&mut self, child: ActorId, ending: Ending) -> Option<Failure>;
    /// Whether there are no children; otherwise the youngest is asked to leave, if none is leaving yet or this is to be `insisted` on.
    fn is_gone(&mut self, ask: fn() -> Control, insisted: bool) -> bool;
    /// A child has failed and waits for the verdict. A failure that is passed on is now the actor's.
    fn failed(
        &mut self,
        failed: Failed<'_>,
        strategy: Option<&dyn Strategy>,
        world: &World,
    ) -> Option<Failure>;
    /// Stops the child that was being judged when the strategy panicked.
    fn give_up_judging(&mut self);
}

/// The failure of a child.
pub(crate) struct Failed<'a> {
    pub(crate) child: ActorId,
    /// The last verdict on several that it had acted on.
    pub(crate) epoch: u64,
    pub(crate) failure: &'a Failure,
}

struct Offspring {
    children: Children,
    /// The child that was asked to stop or drain, and has not ended yet.
    leaving: Option<ActorId>,
    /// What the strategy remembers: of each child, or of all under the number of the root.
    histories: Sorted<ActorId, History>,
    /// The child whose failure the strategy is deciding on: should it panic, the child stops.
    judging: Option<ActorId>,
    /// The last time that several children were restarted.
    group: Group,
}

/// A restart of several children: those from the first to the last of these numbers.
#[derive(Clone, Copy, Default)]
struct Group {
    epoch: u64,
    first: u64,
    last: u64,
}

impl dyn Family {
    /// Nobody.
    pub(crate) fn none() -> Box<Self> {
        Box::new(Offspring {
            children: Children::new(),
            leaving: None,
            histories: Sorted::new(),
            judging: None,
            group: Group::default(),
        })
    }
}

impl Family for Offspring {
    fn children(&self) -> &Children {
        &self.children
    }

    fn born(&mut self, child: AnyRef) {
        self.children.born(child);
    }

    fn ended(&mut self, child: ActorId, ending: Ending) -> Option<Failure> {
        if self.leaving == Some(child) {
            self.leaving = None;
        }
        self.histories.remove(|known| child.cmp(known));
        match (self.children.gone(child), ending) {
            (Some(child), Ending::Escalated(failure)) => Some(Failure::child(child.path(), failure)),
            (_, Ending::Stopped | Ending::Failed(_) | Ending::Escalated(_)) => None,
        }
    }

    fn is_gone(&mut self, ask: fn() -> Control, insisted: bool) -> bool {
        let Some(youngest) = self.children.youngest() else { return true };
        if self.leaving.is_none() || insisted {
            self.leaving = Some(youngest.id());
            youngest.signal(ask());
        }
        false
    }

    fn failed(
        &mut self,
        failed: Failed<'_>,
        strategy: Option<&dyn Strategy>,
        world: &World,
    ) -> Option<Failure> {
        let Failed { child, epoch, failure } = failed;
        let Group { epoch: latest, first, last } = self.group;
        if epoch < latest && (first..=last).contains(&child.number()) {
            // It failed before it heard that it is restarted with the others: that settles it.
            return None;
        }
        let Some(strategy) = strategy else {
            self.tell(Scope::One, child, Directive::Stop);
            return None;
        };
        self.judging = Some(child);
        // Where the verdict is on one, so is the memory.
        let whose = if strategy.scope() == Scope::One { child } else { ActorId::ROOT };
        let (now, mut rng) = (world.now(), world.rng());
        let history = self.histories.get_or_insert_with(whose, History::new);
        let directive = strategy.decide(failure, history, now, &mut rng);
        self.judging = None;
        self.tell(strategy.scope(), child, directive);
        let escalated = directive == Directive::Escalate;
        let child = escalated.then(|| self.children.get(child)).flatten()?;
        Some(Failure::child(child.path(), failure.clone()))
    }

    fn give_up_judging(&mut self) {
        if let Some(child) = self.judging.take() {
            self.tell(Scope::One, child, Directive::Stop);
        }
    }
}

impl Offspring {
    /// Tells the verdict to those whom it concerns.
    fn tell(&mut self, scope: Scope, failed: ActorId, directive: Directive) {
        // Going on as before concerns nobody else.
        let scope = if directive == Directive::Resume { Scope::One } else { scope };
        let (Some(failed), Some(youngest)) = (self.children.get(failed), self.children.youngest()) else {
            return;
        };
        if scope == Scope::One {
            return failed.signal(Control::Verdict { directive, epoch: self.group.epoch });
        }
        let first = if scope == Scope::All { 0 } else { failed.id().number() };
        let epoch = self.group.epoch + 1;
        self.group = Group { epoch, first, last: youngest.id().number() };
        let concerned = self.children.iter().filter(|child| child.id().number() >= first);
        concerned.for_each(|child| child.signal(Control::Verdict { directive, epoch }));
    }
}
