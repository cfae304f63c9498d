//! Another node, as this one sees it.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::task::{Context, Poll, Waker};

use super::aliases::{Aliases, Named};
use super::encoded::Encoded;
use super::frame::Frame;
use super::hub::Answer;
use super::limits::RemoteLimits;
use super::outbound::Outbound;
use super::seat::{Claim, Seat};
use super::session::Session;
use super::stub::Absent;
use crate::actor::{AnyRef, Control, World};
use crate::node_id::NodeId;
use crate::sync::{Arc, AtomicBool, AtomicUsize, Lock, Ordering};
use crate::time::Instant;

/// One incarnation of another node. It is known from the first reference to it until it is lost, connected or not.
pub(crate) struct Peer {
    id: NodeId,
    world: Arc<World>,
    /// Where it can be reached; empty where it cannot.
    address: Lock<String>,
    outbound: Lock<Outbound>,
    ties: Lock<Ties>,
    pub(crate) seat: Seat,
    /// A connection carries the stream, or is about to.
    connected: AtomicBool,
    lost: AtomicBool,
    kept: AtomicBool,
    /// How many of its actors are known to have ended.
    endings: AtomicUsize,
    message_bytes_max: AtomicUsize,
}

/// What binds actors here to those there.
#[derive(Default)]
struct Ties {
    /// Of their actors, those that are watched here, and by whom.
    watched: BTreeMap<u64, Watched>,
    /// Of the actors here, those that they watch.
    watching: BTreeMap<u64, AnyRef>,
    /// Of their actors, the last that are known to have ended.
    ended: BTreeSet<u64>,
    /// When the connection was lost, or sought for the first time.
    alone_since: Option<Instant>,
}

struct Watched {
    actor: AnyRef,
    watchers: Vec<AnyRef>,
}

/// How many ended actors of a peer are remembered.
const ENDED_MAX: usize = 16_384;

impl Peer {
    pub(crate) fn new(id: NodeId, address: String, world: Arc<World>, limits: &RemoteLimits) -> Self {
        Self {
            id,
            world,
            address: Lock::new(address),
            outbound: Lock::new(Outbound::new(limits.link_bytes_max)),
            ties: Lock::default(),
            seat: Seat::new(Session::default()),
            connected: AtomicBool::new(false),
            lost: AtomicBool::new(false),
            kept: AtomicBool::new(false),
            endings: AtomicUsize::new(0),
            message_bytes_max: AtomicUsize::new(limits.message_bytes_max),
        }
    }

    pub(crate) const fn id(&self) -> &NodeId {
        &self.id
    }

    /// The system that this is a peer of.
    pub(crate) const fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// A number that no other peer of the process has, nor a system.
    pub(crate) fn key(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }

    pub(crate) fn address(&self) -> String {
        self.address.with(|address| address.clone())
    }

    /// It has said where it can be reached, and how long a message it takes.
    pub(crate) fn introduced(&self, address: &str, message_bytes_max: u64) {
        if !address.is_empty() {
            self.address.with(|known| *known = String::from(address));
        }
        let theirs = usize::try_from(message_bytes_max).unwrap_or(usize::MAX);
        self.message_bytes_max.fetch_min(theirs, Ordering::Relaxed);
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Acquire)
    }

    /// Notes that a connection carries the stream, or that none does any more.
    pub(crate) fn set_connected(&self, connected: bool, now: Instant) {
        self.ties.with(|ties| ties.alone_since = if connected { None } else { Some(now) });
        self.connected.store(connected, Ordering::Release);
    }

    /// Nothing waits for a connection.
    pub(crate) fn is_at_ease(&self) {
        self.ties.with(|ties| ties.alone_since = None);
    }

    /// Since when there is no connection; from now, if it was never looked for.
    pub(crate) fn alone_since(&self, now: Instant) -> Instant {
        self.ties.with(|ties| *ties.alone_since.get_or_insert(now))
    }

    /// Writes frames that are refused when there is no room: messages.
    #[inline]
    pub(crate) fn write<R>(
        &self,
        write: impl FnOnce(&mut Vec<u8>, &mut Aliases) -> R,
    ) -> Result<R, Unwritten> {
        let written = self.outbound.with(|outbound| {
            if self.is_lost() {
                return Err(Unwritten::Lost);
            }
            if !outbound.has_room() {
                return Err(Unwritten::Full);
            }
            Ok(outbound.write(write))
        });
        let (written, carrier) = written?;
        carrier.into_iter().for_each(Waker::wake);
        Ok(written)
    }

    /// Writes a frame that is never refused, unless the peer is lost.
    pub(crate) fn notify(&self, frame: Frame<'_>) {
        self.append(frame).into_iter().for_each(Waker::wake);
    }

    /// The same; gives back who is to be woken.
    fn append(&self, frame: Frame<'_>) -> Option<Waker> {
        self.outbound.with(|outbound| {
            if self.is_lost() {
                return None;
            }
            outbound.write(|to, _| frame.write(to)).1
        })
    }

    /// Whether what is never refused has grown beyond all bounds.
    pub(crate) fn overflows(&self) -> bool {
        self.outbound.with(|outbound| outbound.overflows(self.message_bytes_max()))
    }

    /// Ready when there is room for a message, or never will be.
    pub(crate) fn poll_room(&self, cx: &Context<'_>) -> Poll<()> {
        self.outbound.with(|outbound| {
            if outbound.has_room() || self.is_lost() {
                return Poll::Ready(());
            }
            outbound.wait_for_room(cx.waker());
            Poll::Pending
        })
    }

    /// How many bytes it has not said that it had.
    pub(crate) fn unacknowledged(&self) -> usize {
        self.outbound.with(|outbound| outbound.unacknowledged())
    }

    /// Whether actors here and there are bound to each other by watches.
    pub(crate) fn is_watched(&self) -> bool {
        self.ties.with(|ties| !ties.watched.is_empty())
    }

    /// Answers a lookup.
    pub(crate) fn answer(&self, ask: u64, answer: &Answer) {
        match Encoded::new(answer, self.message_bytes_max()) {
            Ok(reply) => self.notify(Frame::Reply { ask, reply: reply.bytes() }),
            Err(_) => self.notify(Frame::LetGo { ask }),
        }
    }

    /// Lets the connection that carries the stream look again.
    pub(crate) fn stir(&self) {
        self.outbound.with(Outbound::take_carrier).into_iter().for_each(Waker::wake);
    }

    /// The next part of the stream, in exchange for an empty buffer, and notes that wait to be said.
    pub(crate) fn take_over(&self, empty: Vec<u8>, notes: &mut Vec<u8>, carrier: &Waker) -> Vec<u8> {
        self.outbound.with(|outbound| outbound.take_over(empty, notes, carrier))
    }

    /// Says something about the cluster, as soon as there is a connection and if there is room.
    pub(crate) fn note(&self, word: &[u8]) {
        let carrier = self
            .outbound
            .with(|outbound| if self.is_lost() { None } else { outbound.note(Frame::Cluster { word }) });
        carrier.into_iter().for_each(Waker::wake);
    }

    /// Whether it is a member of the cluster, which alone gives it up.
    pub(crate) fn is_kept(&self) -> bool {
        self.kept.load(Ordering::Acquire)
    }

    /// From now on it is, or no more.
    pub(crate) fn set_kept(&self, kept: bool) {
        self.kept.store(kept, Ordering::Release);
    }

    pub(crate) fn acknowledged(&self, offset: u64) {
        self.outbound.with(|outbound| outbound.acknowledged(offset)).into_iter().for_each(Waker::wake);
    }

    /// Takes the right to carry the stream.
    pub(crate) fn claim(&self, claim: &mut Claim, cx: &Context<'_>) -> Poll<bool> {
        self.seat.poll_claim(claim, cx)
    }

    /// How long a message to it may be.
    pub(crate) fn message_bytes_max(&self) -> usize {
        self.message_bytes_max.load(Ordering::Relaxed)
    }

    /// A number that changes whenever an actor of it ends.
    #[inline]
    pub(crate) fn endings(&self) -> usize {
        self.endings.load(Ordering::Acquire)
    }

    /// Whether that actor of it has ended.
    pub(crate) fn has_ended(&self, actor: u64) -> bool {
        self.is_lost() || self.ties.with(|ties| ties.ended.contains(&actor))
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
            Some(if first { self.append(Frame::Watch { actor: number }) } else { None })
        });
        let watched = heard.is_some();
        heard.flatten().into_iter().for_each(Waker::wake);
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
            (self.append(Frame::Unwatch { actor }), gone.map(|gone| (gone, last)))
        });
        drop(gone);
        carrier.into_iter().for_each(Waker::wake);
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

    /// It is lost, once: nothing is written any more. What was not taken over, and whom it watched.
    pub(crate) fn lose(&self) -> Option<(Vec<u8>, BTreeMap<u64, AnyRef>)> {
        if self.lost.swap(true, Ordering::AcqRel) {
            return None;
        }
        let (left, wakers) = self.outbound.with(Outbound::end);
        self.endings.fetch_add(1, Ordering::Release);
        wakers.into_iter().for_each(Waker::wake);
        let (watched, watching) =
            self.ties.with(|ties| (core::mem::take(&mut ties.watched), core::mem::take(&mut ties.watching)));
        watched.into_values().for_each(Watched::tell);
        Some((left, watching))
    }

    /// Whom an alias of the stream stands for.
    pub(crate) fn whose(this: &Arc<Self>, alias: u64) -> Option<AnyRef> {
        let Named { actor, path, takes } = this.outbound.with(|it| it.aliases.actor(alias).cloned())?;
        Some(Absent::any(&Arc::new(Absent::new(Arc::clone(this), actor, path, takes))))
    }
}

impl Watched {
    fn tell(self) {
        self.watchers.iter().for_each(|watcher| watcher.signal(Control::Terminated(self.actor.clone())));
    }
}

/// Why nothing was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unwritten {
    /// As much as may be is on its way.
    Full,
    /// The peer is lost.
    Lost,
}
