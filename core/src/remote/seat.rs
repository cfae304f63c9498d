//! The right to carry the stream to a peer: one connection at a time has it.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem;
use core::task::{Context, Poll, Waker};

use super::session::Session;
use crate::sync::Lock;

/// Where the session is while no connection has it, and who may take it from whom.
///
/// When both nodes dial at once there are two connections, and both must come to the same one: that which was dialed by the
/// node with the smaller name. Of two that were dialed by the same node the later one counts: it would not have dialed again
/// if it had thought well of the first.
pub(crate) struct Seat(Lock<State>);

struct State {
    session: Option<Box<Session>>,
    holder: Option<Holder>,
    next: u64,
    /// Who waits for the holder to go.
    claimants: Vec<Waker>,
}

struct Holder {
    number: u64,
    preferred: bool,
    /// It is to go.
    ousted: bool,
    waker: Option<Waker>,
}

/// A connection's claim to the session.
pub(crate) struct Claim {
    /// It was dialed by the node with the smaller name.
    preferred: bool,
    number: u64,
}

impl Claim {
    pub(crate) const fn new(preferred: bool) -> Self {
        Self { preferred, number: 0 }
    }
}

impl Seat {
    pub(crate) fn new(session: Session) -> Self {
        let session = Some(Box::new(session));
        Self(Lock::new(State { session, holder: None, next: 0, claimants: Vec::new() }))
    }

    /// Ready with whether the session is the claimant's; false when another has the better right.
    pub(crate) fn poll_claim(&self, claim: &mut Claim, cx: &Context<'_>) -> Poll<bool> {
        let mut wake = None;
        let answer = self.0.with(|state| {
            if claim.number == 0 {
                state.next += 1;
                claim.number = state.next;
            }
            let Some(holder) = &mut state.holder else {
                let (number, preferred) = (claim.number, claim.preferred);
                state.holder = Some(Holder { number, preferred, ousted: false, waker: None });
                return Poll::Ready(true);
            };
            let older = holder.number < claim.number;
            let better = if holder.preferred == claim.preferred { older } else { claim.preferred };
            if !better {
                return Poll::Ready(false);
            }
            holder.ousted = true;
            wake = holder.waker.take();
            state.claimants.push(cx.waker().clone());
            Poll::Pending
        });
        wake.into_iter().for_each(Waker::wake);
        answer
    }

    /// The session, for its holder.
    pub(crate) fn take(&self) -> Option<Box<Session>> {
        self.0.with(|state| state.session.take())
    }

    /// Whether the holder is to go; it is woken when it is.
    pub(crate) fn is_ousted(&self, claim: &Claim, cx: &Context<'_>) -> bool {
        self.0.with(|state| match &mut state.holder {
            Some(holder) if holder.number == claim.number => {
                if !holder.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
                    holder.waker = Some(cx.waker().clone());
                }
                holder.ousted
            }
            _ => true,
        })
    }

    /// The holder goes, and leaves the session if it has it.
    pub(crate) fn leave(&self, claim: &Claim, session: Option<Box<Session>>) {
        let claimants = self.0.with(|state| {
            if state.holder.as_ref().is_none_or(|holder| holder.number != claim.number) {
                return Vec::new();
            }
            state.holder = None;
            state.session = session.or_else(|| state.session.take());
            mem::take(&mut state.claimants)
        });
        claimants.into_iter().for_each(Waker::wake);
    }
}
