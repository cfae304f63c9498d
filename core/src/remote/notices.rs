//! What the cluster's part of a node is to hear: what links and users have for it.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem;
use core::task::{Context, Poll, Waker};

use crate::cluster::Entry;
use crate::node_id::NodeId;
use crate::sync::Lock;

/// Something that the cluster's part of a node is to hear.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Notice {
    /// A peer has said something, as bytes.
    Said(NodeId, Vec<u8>),
    /// There is a connection to a peer.
    Linked(NodeId),
    /// There is none any more.
    Unlinked(NodeId),
    /// There is none any more, as neither of the two needs it.
    Rests(NodeId),
    /// The host of that address says that nobody listens there.
    NobodyAt(String),
    /// A peer has given this node up.
    GivenUpBy(NodeId),
    /// A peer says that it is a member no more.
    Out(NodeId),
    /// The user gives a member up.
    Down(NodeId),
    /// The user leaves the cluster.
    Leave,
    /// A user waits, with that ticket, at the barrier of that name, for so many members.
    Enter(u64, String, usize),
    /// And does not any more.
    Forget(u64),
    /// This node offers something.
    Offer(Entry),
    /// That actor is offered under that name no more.
    Withdraw(String, u64),
}

/// Notices that wait, of a node that is in a cluster or wants to be; other nodes keep none.
#[derive(Default)]
pub(crate) struct Notices(Lock<State>);

#[derive(Default)]
struct State {
    /// Somebody hears them.
    open: bool,
    /// Somebody did, and this node is a member no more.
    over: bool,
    queue: VecDeque<Notice>,
    /// How many bytes of the peers' words are in it.
    bytes: usize,
    hearer: Option<Waker>,
    leaving: bool,
    /// Who waits until this node has left.
    watchers: Vec<Waker>,
}

/// How many of the peers' words wait at most; others are lost, and said again.
const NOTICES_MAX: usize = 4_096;
/// How many bytes of them.
const NOTICES_BYTES_MAX: usize = 4 << 20;

impl Notices {
    pub(crate) fn open(&self) {
        self.0.with(|state| state.open = true);
    }

    /// This node is a member no more, and says so to who asks from now on; its last words are still on their way.
    pub(crate) fn go_out(&self) {
        self.0.with(|state| state.over |= state.open);
    }

    /// This node has left, or is to be heard no more.
    pub(crate) fn close(&self) {
        let (queue, watchers) = self.0.with(|state| {
            state.over |= mem::replace(&mut state.open, false);
            (mem::take(&mut state.queue), mem::take(&mut state.watchers))
        });
        drop(queue);
        watchers.into_iter().for_each(Waker::wake);
    }

    /// Whether this node is in a cluster, or looks for one.
    pub(crate) fn is_open(&self) -> bool {
        self.0.with(|state| state.open)
    }

    /// Whether this node was in a cluster and is no more.
    pub(crate) fn is_over(&self) -> bool {
        self.0.with(|state| state.over)
    }

    pub(crate) fn push(&self, notice: Notice) {
        let hearer = self.0.with(|state| {
            let bytes = if let Notice::Said(_, word) = &notice { word.len() } else { 0 };
            let full = state.queue.len() >= NOTICES_MAX || state.bytes + bytes > NOTICES_BYTES_MAX;
            if !state.open || (full && bytes > 0) {
                return None;
            }
            state.bytes += bytes;
            state.queue.push_back(notice);
            state.hearer.take()
        });
        hearer.into_iter().for_each(Waker::wake);
    }

    /// All that wait; who asks is woken when there are more.
    pub(crate) fn take(&self, cx: &Context<'_>) -> VecDeque<Notice> {
        self.0.with(|state| {
            state.hearer = Some(cx.waker().clone());
            state.bytes = 0;
            mem::take(&mut state.queue)
        })
    }

    /// Leaves the cluster; ready when this node has left, or is in none.
    pub(crate) fn poll_left(&self, cx: &Context<'_>) -> Poll<()> {
        let leave = self.0.with(|state| {
            if !state.open {
                return None;
            }
            if !state.watchers.iter().any(|waker| waker.will_wake(cx.waker())) {
                state.watchers.push(cx.waker().clone());
            }
            Some(!mem::replace(&mut state.leaving, true))
        });
        match leave {
            Some(first) => {
                if first {
                    self.push(Notice::Leave);
                }
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_goes_out_says_so_while_its_last_words_are_on_their_way() {
        let notices = Notices::default();
        notices.go_out();
        assert!(!notices.is_over(), "it was never in");
        notices.open();
        assert!(!notices.is_over());
        notices.go_out();
        assert!(notices.is_over());
        notices.push(Notice::Leave);
        assert_eq!(notices.take(&Context::from_waker(Waker::noop())), [Notice::Leave]);
    }
}
