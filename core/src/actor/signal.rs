//! What lifecycle tells a behavior.

use super::any_ref::AnyRef;
use super::failure::Failure;

/// What lifecycle tells a behavior, by [`Behavior::on_signal`](crate::Behavior::on_signal).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Signal {
    /// The actor is set up, and the first message comes next.
    Started,
    /// The actor is about to be restarted after this failure; the instance that failed hears it, if it still
    /// can.
    Restarting(Failure),
    /// The actor has been set up anew, and the next message comes next.
    Restarted,
    /// The actor is at its end: its children have stopped, and nothing comes after this.
    Stopped,
    /// A watched actor has ended: all that it told this one was handled before.
    Terminated(AnyRef),
}
