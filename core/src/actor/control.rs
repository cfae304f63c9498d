//! What cells say to each other beside messages: the signals of a mailbox's first lane.

use alloc::boxed::Box;

use super::any_ref::AnyRef;
use super::failure::Failure;
use super::supervision::Directive;
use super::survey::Surveys;
use super::watches::Watchers;
use crate::id::ActorId;

/// A signal to a cell.
pub(crate) enum Control {
    /// Stop now; what waits becomes dead letters.
    Stop,
    /// Stop now; what can go on elsewhere is taken out first.
    Move,
    /// Stop after what waits is done; children first.
    Drain,
    /// Tell this one of your end; the list of those is made so.
    Watch(AnyRef, fn() -> Box<dyn Watchers>),
    /// This one need not be told any more.
    Unwatch(AnyRef),
    /// An actor you watched has ended.
    Terminated(AnyRef),
    /// A child has ended, and how.
    ChildEnded(ActorId, Ending),
    /// A child has failed and waits for your verdict; it had acted on verdicts on several up to this one.
    ChildFailed {
        /// The child.
        child: ActorId,
        /// The last verdict on several that it had acted on.
        epoch: u64,
        /// What went wrong.
        failure: Failure,
    },
    /// Your parent's verdict on your failure or, when its count is new to you, on several of you.
    Verdict {
        /// The verdict.
        directive: Directive,
        /// The parent's count of verdicts on several.
        epoch: u64,
    },
    /// A timer of yours is due; it counts only if it is still this one.
    Due(u64),
    /// A task of yours has ended.
    TaskEnded(u64),
    /// Code of yours that ran elsewhere failed.
    Failed(Failure),
    /// The future you wait for can go on.
    Woken,
    /// Let this one see you.
    Survey(Box<dyn Surveys>),
}

impl Control {
    /// Tell this one of your end.
    pub(crate) fn watch(watcher: AnyRef) -> Self {
        Self::Watch(watcher, <dyn Watchers>::none)
    }

    /// Drops it, out of line.
    #[inline(never)]
    pub(crate) fn let_go(self) {
        drop(self);
    }

    /// Whether it is [`Control::Woken`], which says no more when it is said twice.
    pub(crate) const fn repeatable(&self) -> bool {
        matches!(self, Self::Woken)
    }
}

/// At whose wish an actor ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Parting {
    /// Of another, or of nobody yet.
    Others,
    /// Of its own.
    Own,
    /// Of nobody: it has failed.
    Failure,
}

/// How an actor came to its end.
#[derive(Clone, Debug)]
pub(crate) enum Ending {
    /// By its own decision or by another's.
    Stopped,
    /// By a failure.
    Failed(Failure),
    /// By a failure that is now its parent's.
    Escalated(Failure),
}
