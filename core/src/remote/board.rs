//! The board on which a node posts what it knows of its cluster, for all to read.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::mem;
use core::task::{Context, Poll, Waker};

use crate::cluster::{BarrierError, ClusterState, News};
use crate::sync::Lock;

/// What is known of the cluster, and who waits for it to change.
#[derive(Default)]
pub(crate) struct Board(Lock<Posted>);

#[derive(Default)]
struct Posted {
    state: ClusterState,
    /// What is not in it yet: in a large cluster more changes than anybody reads.
    news: Option<News>,
    /// Nothing more will be posted.
    over: bool,
    /// By the place that each was given.
    line: BTreeMap<u64, Waker>,
    next: u64,
    /// How often something was posted.
    posts: u64,
    /// Those who wait at barriers, by their place, and what they are to hear.
    tickets: BTreeMap<u64, Option<Result<(), BarrierError>>>,
}

/// News of so many members wait to be read in any case.
const NEWS_MIN: usize = 64;

impl Board {
    pub(crate) fn post(&self, news: News, over: bool) {
        let (old, line) = self.0.with(|posted| {
            posted.over |= over;
            posted.posts += 1;
            let News { mut members, .. } = posted.news.take().unwrap_or_default();
            let old = news.members.keys().filter_map(|key| members.remove(key)).collect::<Vec<_>>();
            members.extend(news.members);
            let many = NEWS_MIN + 2 * posted.state.members.len();
            let is_much = members.len() > many;
            posted.news = Some(News { members, ..news });
            if is_much {
                // Of each that comes and goes something is new: what nobody reads would grow with them.
                posted.state();
            }
            (old, mem::take(&mut posted.line))
        });
        drop(old);
        line.into_values().for_each(Waker::wake);
    }

    /// How often something was posted.
    pub(crate) fn posts(&self) -> u64 {
        self.0.with(|posted| posted.posts)
    }

    /// Whether nothing more will be posted.
    pub(crate) fn is_over(&self) -> bool {
        self.0.with(|posted| posted.over)
    }

    /// Ready when more was posted than that, with how much, or with nothing when nothing will be any more.
    pub(crate) fn poll_more(
        &self,
        cx: &Context<'_>,
        place: &mut Option<u64>,
        seen: u64,
    ) -> Poll<Option<u64>> {
        let mut old = None;
        let polled = self.0.with(|posted| {
            if posted.posts == seen && !posted.over {
                old = posted.wait(cx, place);
                return Poll::Pending;
            }
            Poll::Ready((posted.posts != seen).then_some(posted.posts))
        });
        drop(old);
        polled
    }

    /// The system has ended. What became of a node that was a member no more is still to be read.
    pub(crate) fn end(&self) {
        let line = self.0.with(|posted| {
            if !posted.over {
                (posted.state, posted.news) = (ClusterState::default(), None);
            }
            posted.over = true;
            posted.posts += 1;
            mem::take(&mut posted.line)
        });
        line.into_values().for_each(Waker::wake);
    }

    /// Who has that place waits no more.
    pub(crate) fn leave(&self, place: u64) {
        let gone = self.0.with(|posted| posted.line.remove(&place));
        drop(gone);
    }

    pub(crate) fn read<T>(&self, read: impl FnOnce(&ClusterState) -> T) -> T {
        self.0.with(|posted| read(posted.state()))
    }

    /// Ready when `look` finds something, or with nothing when it will not any more. Who waits is given a place, to be left.
    pub(crate) fn poll<T>(
        &self,
        cx: &Context<'_>,
        place: &mut Option<u64>,
        look: impl FnOnce(&ClusterState) -> Option<T>,
    ) -> Poll<Option<T>> {
        let mut old = None;
        let polled = self.0.with(|posted| {
            let found = look(posted.state());
            if found.is_some() || posted.over {
                return Poll::Ready(found);
            }
            old = posted.wait(cx, place);
            Poll::Pending
        });
        drop(old);
        polled
    }

    /// A place for somebody who waits at a barrier.
    pub(crate) fn ticket(&self) -> u64 {
        self.0.with(|posted| {
            posted.next += 1;
            posted.tickets.insert(posted.next, None);
            posted.next
        })
    }

    /// Who waits with that ticket waits no more.
    pub(crate) fn answer(&self, ticket: u64, answer: Result<(), BarrierError>) {
        let waits = self.0.with(|posted| {
            *posted.tickets.get_mut(&ticket)? = Some(answer);
            posted.line.remove(&ticket)
        });
        waits.into_iter().for_each(Waker::wake);
    }

    /// The answer for that ticket, or nothing when none will come.
    pub(crate) fn poll_ticket(
        &self,
        cx: &Context<'_>,
        ticket: u64,
    ) -> Poll<Option<Result<(), BarrierError>>> {
        let mut old = None;
        let polled = self.0.with(|posted| {
            let answer = posted.tickets.get(&ticket).cloned().flatten();
            if answer.is_some() || posted.over {
                return Poll::Ready(answer);
            }
            old = posted.line.insert(ticket, cx.waker().clone());
            Poll::Pending
        });
        drop(old);
        polled
    }

    /// Nobody waits with that ticket any more; whether it was still open.
    pub(crate) fn give_back(&self, ticket: u64) -> bool {
        self.leave(ticket);
        self.0.with(|posted| matches!(posted.tickets.remove(&ticket), Some(None)))
    }
}

impl Posted {
    /// All of it.
    fn state(&mut self) -> &ClusterState {
        if let Some(news) = self.news.take() {
            self.state.renew(news);
        }
        &self.state
    }

    /// Notes who waits, at a place of its own; gives back who waited there before.
    fn wait(&mut self, cx: &Context<'_>, place: &mut Option<u64>) -> Option<Waker> {
        let place = *place.get_or_insert_with(|| {
            self.next += 1;
            self.next
        });
        self.line.insert(place, cx.waker().clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_no_more_leaves_nothing_behind_and_others_of_its_task_wait_on() {
        let board = Board::default();
        let cx = Context::from_waker(Waker::noop());
        let never = |_: &ClusterState| None::<()>;
        let (mut one, mut other) = (None, None);
        for _ in 0..2 {
            assert_eq!(board.poll(&cx, &mut one, never), Poll::Pending);
            assert_eq!(board.poll(&cx, &mut other, never), Poll::Pending);
        }
        assert_eq!(board.0.with(|posted| posted.line.len()), 2);
        board.leave(one.unwrap());
        assert_eq!(board.0.with(|posted| posted.line.len()), 1);
        board.leave(other.unwrap());
        assert!(board.0.with(|posted| posted.line.is_empty()));
    }

    #[test]
    fn what_nobody_reads_does_not_grow_with_those_that_come_and_go() {
        let board = Board::default();
        for key in 1..=10_000 {
            board.post(News { members: [(key, None)].into(), ..News::default() }, false);
            let kept = board.0.with(|posted| posted.news.as_ref().map_or(0, |news| news.members.len()));
            assert!(kept <= NEWS_MIN, "{kept} of {key}");
        }
    }

    #[test]
    fn what_became_of_a_node_is_still_to_be_read_when_its_system_has_ended() {
        let board = Board::default();
        let status = Some(crate::cluster::MemberStatus::Removed);
        board.post(News { status, ..News::default() }, true);
        board.end();
        assert_eq!(board.read(|state| state.status), status);
        let board = Board::default();
        let status = Some(crate::cluster::MemberStatus::Up);
        board.post(News { status, ..News::default() }, false);
        board.end();
        assert_eq!(board.read(|state| state.status), None, "what others make of it nobody here knows");
    }
}
