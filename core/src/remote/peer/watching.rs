//! Watches across a link: who here watches whom there, and the other way round.

use alloc::vec::Vec;
use core::task::Waker;

use super::{ENDED_MAX, Peer, Watched};
use crate::actor::AnyRef;
use crate::log;
use crate::remote::frame::Frame;
use crate::sync::Ordering;

impl Peer {
    /// Whether something that is not an ask waits for it.
    pub(crate) fn has_ties(&self) -> bool {
        self.unacknowledged() > 0 || self.is_watched()
    }

    /// Whether actors here and there are bound to each other by watches.
    pub(crate) fn is_watched(&self) -> bool {
        self.ties.with(|ties| !ties.watched.is_empty())
    }

    /// Watches an actor of it; false when that has ended.
    pub(crate) fn watch(&self, actor: &AnyRef, watcher: &AnyRef) -> bool {
        let number = actor.id().number();
        // The frames are written in the order of the changes.
        let heard = self.ties.with(|ties| {
            if self.is_lost() || ties.ended.contains(&number) {
                return None;
            }
            let watched = ties
                .watched
                .entry(number)
                .or_insert_with(|| Watched { actor: actor.clone(), watchers: Vec::new() });
            if !watched.watchers.contains(watcher) {
                watched.watchers.push(watcher.clone());
            }
            let first = watched.watchers.len() == 1;
            Some(first.then(|| self.append(Frame::Watch { actor: number })))
        });
        let watched = heard.is_some();
        if let Some(carrier) = heard.flatten() {
            carrier.into_iter().for_each(Waker::wake);
            log::said(&self.id.name, "watch");
        }
        watched
    }

    /// Watches no more.
    pub(crate) fn unwatch(&self, actor: u64, watcher: &AnyRef) {
        let (carrier, gone) = self.ties.with(|ties| {
            let Some(watched) = ties.watched.get_mut(&actor) else { return (None, None) };
            let at = watched.watchers.iter().position(|other| other == watcher);
            let gone = at.map(|at| watched.watchers.swap_remove(at));
            if !watched.watchers.is_empty() {
                return (None, gone.map(|gone| (gone, None)));
            }
            let last = ties.watched.remove(&actor);
            (Some(self.append(Frame::Unwatch { actor })), gone.map(|gone| (gone, last)))
        });
        drop(gone);
        if let Some(carrier) = carrier {
            carrier.into_iter().for_each(Waker::wake);
            log::said(&self.id.name, "unwatch");
        }
    }

    /// An actor of it has ended: tells who watches.
    pub(crate) fn ended(&self, actor: u64) {
        let watched = self.ties.with(|ties| {
            if ties.ended.len() >= ENDED_MAX {
                ties.ended.pop_first();
            }
            ties.ended.insert(actor);
            ties.watched.remove(&actor)
        });
        self.endings.fetch_add(1, Ordering::Release);
        watched.into_iter().for_each(Watched::tell);
    }

    /// It watches that actor of this node; gives back the one that it watched by the same number.
    pub(crate) fn watches(&self, number: u64, actor: AnyRef) -> Option<AnyRef> {
        self.ties.with(|ties| ties.watching.insert(number, actor))
    }

    /// It watches no more.
    pub(crate) fn watches_no_more(&self, number: u64) -> Option<AnyRef> {
        self.ties.with(|ties| ties.watching.remove(&number))
    }
}
