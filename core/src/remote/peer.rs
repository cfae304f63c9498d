//! Another node, as this one sees it.

mod introducing;
mod watching;
mod writing;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;
use core::task::{Context, Poll, Waker};

use serde::Serialize;

use super::aliases::Named;
use super::encoded::{Encoded, Unencodable};
use super::frame::Frame;
use super::hub::{Answer, Settings};
use super::outbound::Outbound;
use super::saying::Spoken;
use super::script::Script;
use super::seat::{Claim, Seat};
use super::session::Session;
use super::stub::Absent;
use super::tally::Tally;
use crate::actor::{AnyRef, Control, World};
use crate::log;
use crate::node_id::NodeId;
use crate::sync::{Arc, AtomicBool, AtomicUsize, Lock, Ordering};
use crate::time::Instant;

pub(crate) use writing::Unwritten;

/// One incarnation of another node. It is known from the first reference to it until it is lost, connected or not.
pub(crate) struct Peer {
    id: NodeId,
    /// The incarnation of this node.
    me: u64,
    world: Arc<World>,
    /// Where it can be reached; empty where it cannot.
    address: Lock<String>,
    outbound: Lock<Outbound>,
    ties: Lock<Ties>,
    pub(crate) seat: Seat,
    /// What is counted of it.
    pub(crate) tally: Tally,
    /// There was no room when somebody last wrote: who waits for some has to look.
    full: AtomicBool,
    /// A connection carries the stream, or is about to.
    connected: AtomicBool,
    lost: AtomicBool,
    kept: AtomicBool,
    released: AtomicBool,
    estranged: AtomicBool,
    /// It has been here: its address is not hearsay.
    proved: AtomicBool,
    /// How many of its actors are known to have ended.
    endings: AtomicUsize,
    message_bytes_max: AtomicUsize,
    part_bytes_max: usize,
    script: Arc<Script>,
    /// It has said that it decompresses what this node compresses.
    decompresses: AtomicBool,
    /// Messages to it may be of traces, as far as is known.
    traces: AtomicBool,
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
    /// When the last connection ended, if because nobody needed it.
    rests_since: Option<Instant>,
    /// When the connection was lost, or sought for the first time.
    alone_since: Option<Instant>,
}

/// What a peer leaves behind that is lost.
pub(crate) struct Bereft {
    /// What was not taken over of the stream to it, in chunks of whole frames, and where in the stream that begins.
    pub(crate) left: VecDeque<Vec<u8>>,
    pub(crate) left_at: u64,
    /// Whom it watched.
    pub(crate) watching: BTreeMap<u64, AnyRef>,
}

struct Watched {
    actor: AnyRef,
    watchers: Vec<AnyRef>,
}

/// How many ended actors of a peer are remembered.
const ENDED_MAX: usize = 16_384;

impl Peer {
    /// The peer of that name, at that address, of the node of incarnation `me`; what is counted of it is counted of `all` too.
    pub(crate) fn new(
        (id, address): (NodeId, String),
        me: u64,
        world: Arc<World>,
        settings: &Settings,
        all: &Arc<Tally>,
    ) -> Self {
        let (limits, traces) = (&settings.limits, world.traces());
        Self {
            id,
            me,
            world,
            address: Lock::new(address),
            outbound: Lock::new(Outbound::new(limits.link_bytes_max, limits.message_bytes_max, traces)),
            ties: Lock::default(),
            seat: Seat::new(Session::default()),
            tally: Tally::new(Some(Arc::clone(all))),
            full: AtomicBool::new(false),
            connected: AtomicBool::new(false),
            lost: AtomicBool::new(false),
            kept: AtomicBool::new(false),
            released: AtomicBool::new(false),
            estranged: AtomicBool::new(false),
            proved: AtomicBool::new(false),
            endings: AtomicUsize::new(0),
            message_bytes_max: AtomicUsize::new(limits.message_bytes_max),
            part_bytes_max: limits.part_bytes_max,
            script: Arc::clone(&settings.script),
            decompresses: AtomicBool::new(false),
            traces: AtomicBool::new(traces),
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

    pub(crate) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    /// Whether it has ever proved who it is; what is known of it otherwise is what a reference said.
    pub(crate) fn is_proved(&self) -> bool {
        self.proved.load(Ordering::Relaxed)
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Acquire)
    }

    /// Notes that a connection carries the stream, or that none does any more.
    pub(crate) fn set_connected(&self, connected: bool, now: Instant) {
        if connected {
            self.tally.link_made();
        } else {
            self.tally.link_lost();
        }
        self.ties.with(|ties| ties.alone_since = if connected { None } else { Some(now) });
        self.connected.store(connected, Ordering::Release);
    }

    /// Notes since when there is no connection because nobody needs one.
    pub(crate) fn set_at_rest(&self, since: Option<Instant>) {
        self.ties.with(|ties| ties.rests_since = since);
    }

    /// Since when there is no connection, if because nobody needed one.
    pub(crate) fn rests_since(&self) -> Option<Instant> {
        self.ties.with(|ties| ties.rests_since)
    }

    /// Whether there is no connection because nobody needed one.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.rests_since().is_some()
    }

    /// Nothing waits for a connection.
    pub(crate) fn is_at_ease(&self) {
        self.ties.with(|ties| ties.alone_since = None);
    }

    /// Since when there is no connection; from now, if it was never looked for.
    pub(crate) fn alone_since(&self, now: Instant) -> Instant {
        self.ties.with(|ties| *ties.alone_since.get_or_insert(now))
    }

    /// Writes a frame that is never refused, unless the peer is lost; to one that is estranged it is not said.
    pub(crate) fn notify(&self, frame: Frame<'_>) {
        self.append(frame).into_iter().for_each(Waker::wake);
        log::said(&self.id.name, frame.name());
    }

    /// The same; gives back who is to be woken.
    fn append(&self, frame: Frame<'_>) -> Option<Waker> {
        self.outbound.with(|outbound| {
            if self.is_mute() {
                return None;
            }
            outbound.write(&frame, None)
        })
    }

    /// Whether what is never refused has grown beyond all bounds.
    pub(crate) fn overflows(&self) -> bool {
        self.outbound.with(|outbound| outbound.overflows(self.message_bytes_max()))
    }

    /// How many bytes it has not said that it had.
    pub(crate) fn unacknowledged(&self) -> usize {
        self.outbound.with(|outbound| outbound.unacknowledged())
    }

    /// Answers a lookup.
    pub(crate) fn answer(&self, ask: u64, answer: &Answer) {
        let mut reply = Encoded::empty();
        match self.encode(answer, &mut reply) {
            Ok(()) => self.notify(reply.reply(ask)),
            Err(_) => self.notify(Frame::LetGo { ask }),
        }
    }

    /// Lets the connection that carries the stream look again.
    pub(crate) fn stir(&self) {
        self.outbound.with(Outbound::take_carrier).into_iter().for_each(Waker::wake);
    }

    /// Says something about the cluster, as soon as there is a connection and if there is room.
    pub(crate) fn note(&self, word: &[u8]) {
        let carrier = self
            .outbound
            .with(|outbound| if self.is_mute() { None } else { outbound.note(Frame::Cluster { word }) });
        carrier.into_iter().for_each(Waker::wake);
    }

    /// Whether it is a member of the cluster, which alone gives it up.
    pub(crate) fn is_kept(&self) -> bool {
        self.kept.load(Ordering::Acquire)
    }

    /// From now on it is.
    pub(crate) fn keep(&self) {
        self.kept.store(true, Ordering::Release);
    }

    /// It is a member no more: the cluster has given it up, or let it go.
    pub(crate) fn release(&self) {
        self.released.store(true, Ordering::Release);
    }

    pub(crate) fn is_released(&self) -> bool {
        self.released.load(Ordering::Acquire)
    }

    /// Nothing is said to it or heard from it any more. It is a member: whether that is the end of it the cluster decides, and until
    /// then all that waits for it waits. False when that was so already.
    pub(crate) fn estrange(&self) -> bool {
        let before = self.estranged.swap(true, Ordering::AcqRel);
        self.set_at_rest(None);
        self.stir();
        !before
    }

    pub(crate) fn is_estranged(&self) -> bool {
        self.estranged.load(Ordering::Acquire)
    }

    /// Whether nothing is said to it any more.
    pub(crate) fn is_mute(&self) -> bool {
        self.is_lost() || self.is_estranged()
    }

    /// What comes next in the stream; an empty buffer may take its place.
    ///
    /// Notes about the cluster that wait are written at the end of `notes`.
    pub(crate) fn take_over(
        &self,
        empty: &mut Vec<u8>,
        notes: &mut Vec<u8>,
        carrier: &Waker,
    ) -> Option<Vec<u8>> {
        let (next, messages) = self.outbound.with(|outbound| {
            let messages = outbound.messages();
            (outbound.take_over(empty, notes, carrier), messages)
        });
        if messages > 0 {
            self.tally.messages_sent(messages);
        }
        next
    }

    pub(crate) fn acknowledged(&self, offset: u64) {
        let line = self.outbound.with(|outbound| {
            let line = outbound.acknowledged(offset);
            self.full.store(!outbound.has_room(), Ordering::Relaxed);
            line
        });
        line.into_iter().for_each(Waker::wake);
    }

    /// Takes the right to carry the stream.
    pub(crate) fn claim(&self, claim: &mut Claim, cx: &Context<'_>) -> Poll<bool> {
        self.seat.poll_claim(claim, cx)
    }

    /// How long a message to it may be.
    pub(crate) fn message_bytes_max(&self) -> usize {
        self.message_bytes_max.load(Ordering::Relaxed)
    }

    /// Writes a value as it is written to it.
    #[inline]
    pub(super) fn encode<T: Serialize>(&self, value: &T, to: &mut Encoded) -> Result<(), Unencodable> {
        // Who decompresses has said before how long a message it takes.
        let decompresses = self.decompresses.load(Ordering::Acquire);
        to.write(&Spoken(value, self.me), self.message_bytes_max(), &self.script, decompresses)
    }

    /// The same of a message behind its head: in postcard that is the one after the other, in any other codec the whole.
    #[inline]
    pub(super) fn encode_headed<W: Serialize, T: Serialize>(
        &self,
        (head, message): (impl FnOnce(&mut [u8]) -> Option<usize>, &T),
        whole: &W,
        to: &mut Encoded,
    ) -> Result<(), Unencodable> {
        if self.script.is_plain() && to.head(head) {
            self.encode(message, to)
        } else {
            self.encode(whole, to)
        }
    }

    /// Whether messages to it may be of traces.
    #[inline]
    pub(super) fn traces(&self) -> bool {
        self.traces.load(Ordering::Relaxed)
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

    /// It is lost, once: nothing is written any more.
    pub(crate) fn lose(&self) -> Option<Bereft> {
        if self.lost.swap(true, Ordering::AcqRel) {
            return None;
        }
        let (left_at, (left, wakers)) = self.outbound.with(|outbound| (outbound.begins_at(), outbound.end()));
        self.endings.fetch_add(1, Ordering::Release);
        wakers.into_iter().for_each(Waker::wake);
        let ties = self.ties.with(core::mem::take);
        let (watched, watching) = (ties.watched, ties.watching);
        watched.into_values().for_each(Watched::tell);
        Some(Bereft { left, left_at, watching })
    }

    /// Whom an alias stands for at that place of the stream.
    pub(crate) fn whose(this: &Arc<Self>, alias: u64, at: u64) -> Option<AnyRef> {
        let Named { actor, path, takes } = this.outbound.with(|it| it.aliases.actor(alias, at).cloned())?;
        Some(Absent::any(&Arc::new(Absent::new(Arc::clone(this), actor, path, takes))))
    }
}

impl Watched {
    fn tell(self) {
        self.watchers.iter().for_each(|watcher| watcher.signal(Control::Terminated(self.actor.clone())));
    }
}

#[cfg(test)]
mod alone;
#[cfg(all(test, loom))]
mod loom;
