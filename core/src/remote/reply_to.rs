//! Answers in messages: a question that crosses a link, and the reply that comes back.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use core::any::type_name;

use serde::de::{DeserializeOwned, Deserializer};
use serde::ser::{self, SerializeStruct, Serializer};
use serde::{Deserialize, Serialize};

use super::actor_ref::{Local, read_local};
use super::asks::{PASSED_ON, Pending};
use super::codec::{Written, decode};
use super::encoded::Encoded;
use super::frame::Frame;
use super::here::Here;
use super::hub::Hub;
use super::peer::{Peer, Unwritten};
use super::recalling::{is_recalled, recall};
use super::stranger::Stranger;
use super::stub::Absent;
use crate::actor::{ActorKey, AnyRef, Asker, DeadReason, ReplyTo, Slot, Whereabouts, Woken};
use crate::log;
use crate::node_id::NodeId;
use crate::sync::{Arc, AtomicU64, Ordering, erased, revealed, shared};

/// Where a reply goes, in words that every node understands. What is read need not be there as it was written: a format may
/// have escaped it.
#[derive(Serialize, Deserialize)]
#[serde(rename = "CastyReturnAddress")]
pub(crate) struct ReturnAddress<'a> {
    /// First, as a link knows by it what to leave out; zero where it has.
    pub(super) incarnation: u64,
    #[serde(borrow)]
    pub(super) node: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) address: Cow<'a, str>,
    pub(super) ask: u64,
}

impl ReturnAddress<'_> {
    /// What a format may hear it called.
    pub(super) const NAME: &'static str = "CastyReturnAddress";
    pub(super) const INCARNATION: &'static str = "incarnation";
    pub(super) const ASK: &'static str = "ask";
}

/// An asker that waits for a reply from abroad.
pub(super) fn waiting<R: DeserializeOwned + Send + 'static>(asker: &Arc<dyn Asker<R>>) -> Arc<dyn Pending> {
    // Most are this one, and wait as they are.
    if let Some(slot) = revealed!(asker => Slot<R>) {
        return erased!(slot => dyn Pending);
    }
    shared!(Waiting(Arc::clone(asker)) => dyn Pending)
}

impl<R: DeserializeOwned + Send + 'static> Pending for Slot<R> {
    fn reply(&self, here: &Arc<Here>, written: Written<'_>, woken: &mut Woken) -> bool {
        reply(self, here, written, woken)
    }

    fn unread(&self) {
        unread(self);
    }

    fn let_go(&self) {
        Asker::let_go(self);
    }

    fn is_over(&self) -> bool {
        Asker::is_over(self)
    }

    fn asked(&self) -> ActorKey {
        Self::asked(self).key()
    }
}

/// What a pointer without coercion needs.
impl<T: Pending> Pending for Arc<T> {
    fn reply(&self, here: &Arc<Here>, written: Written<'_>, woken: &mut Woken) -> bool {
        (**self).reply(here, written, woken)
    }

    fn unread(&self) {
        (**self).unread();
    }

    fn let_go(&self) {
        (**self).let_go();
    }

    fn is_over(&self) -> bool {
        (**self).is_over()
    }

    fn asked(&self) -> ActorKey {
        (**self).asked()
    }
}

/// Any other asker.
struct Waiting<R>(Arc<dyn Asker<R>>);

impl<R: DeserializeOwned + Send + 'static> Pending for Waiting<R> {
    fn reply(&self, here: &Arc<Here>, written: Written<'_>, woken: &mut Woken) -> bool {
        reply(&*self.0, here, written, woken)
    }

    fn unread(&self) {
        unread(&*self.0);
    }

    fn let_go(&self) {
        self.0.let_go();
    }

    fn is_over(&self) -> bool {
        self.0.is_over()
    }

    fn asked(&self) -> ActorKey {
        self.0.addressee().key()
    }
}

#[inline]
fn reply<R: DeserializeOwned + Send + 'static>(
    asker: &(impl Asker<R> + ?Sized),
    here: &Arc<Here>,
    written: Written<'_>,
    woken: &mut Woken,
) -> bool {
    let Ok(reply) = decode(written, here) else { return false };
    asker.reply_among(reply, woken);
    true
}

#[cold]
fn unread<R: DeserializeOwned + Send + 'static>(asker: &(impl Asker<R> + ?Sized)) {
    asker.let_go();
    let asked = asker.addressee();
    asked.target().world().dead_letter(DeadReason::Undecodable, asked.target(), type_name::<R>());
}

/// An asker on another node.
struct Abroad {
    peer: Arc<Peer>,
    ask: u64,
    /// It was passed on: the reply comes from yet another node, which knows it by that number; else zero.
    passed_on: AtomicU64,
}

impl Abroad {
    fn asker(&self) -> AnyRef {
        let asker = Absent::new(Arc::clone(&self.peer), 0, format!("$ask-{}", self.ask), "a reply");
        Absent::any(&Arc::new(asker))
    }

    fn seek(&self) {
        if !self.peer.is_connected()
            && let Some(hub) = Hub::of(self.peer.world())
        {
            Hub::seek(&hub, &self.peer);
        }
    }
}

impl<R: Serialize + Send + 'static> Asker<R> for Abroad {
    fn reply(&self, reply: R) {
        let world = self.peer.world();
        let mut encoded = Encoded::empty();
        let written = match self.peer.encode(&reply, &mut encoded) {
            Ok(()) => {
                let written = self.peer.write(&encoded, |_, reply| reply.reply(self.ask));
                written.map_err(|unwritten| match unwritten {
                    Unwritten::Full => DeadReason::LinkFull,
                    Unwritten::Lost | Unwritten::Late => DeadReason::NodeLost,
                    Unwritten::Long => DeadReason::Unencodable,
                })
            }
            Err(_) => Err(DeadReason::Unencodable),
        };
        self.seek();
        let Err(reason) = written else { return log::said(&self.peer.id().name, "reply") };
        recall(&reply);
        // Who asked does not wait for nothing.
        self.peer.notify(Frame::LetGo { ask: self.ask });
        self.peer.tally.dropped(reason);
        world.dead_letter(reason, self.asker().target(), type_name::<R>());
        world.bury(reply);
    }

    fn let_go(&self) {
        if self.passed_on.swap(0, Ordering::Relaxed) == 0 {
            self.peer.notify(Frame::LetGo { ask: self.ask });
            self.seek();
        }
    }

    fn is_over(&self) -> bool {
        self.peer.is_lost()
    }

    fn addressee(&self) -> AnyRef {
        self.asker()
    }

    fn goes_abroad(&self, ask: u64) {
        self.passed_on.swap(ask, Ordering::Relaxed);
    }

    fn comes_back(&self) -> u64 {
        self.passed_on.swap(0, Ordering::Relaxed)
    }

    fn elsewhere(&self) -> Option<Whereabouts> {
        let (NodeId { name, incarnation }, address) = (self.peer.id().clone(), self.peer.address());
        // Whom nobody reaches is reached by the connection that it has made.
        (!address.is_empty()).then(|| asked_at(name, incarnation, address, self.ask))
    }
}

/// An asker on this node, whose question was written down and read again here.
struct AtHome {
    hub: Arc<Hub>,
    ask: u64,
    /// It was written down again: else zero.
    passed_on: AtomicU64,
}

impl<R: Serialize + Send + 'static> Asker<R> for AtHome {
    fn reply(&self, reply: R) {
        // It is read as it would be from elsewhere: nobody here knows any more what type the question wants.
        match postcard::to_allocvec(&reply) {
            Ok(bytes) => {
                let written = Written { bytes: &bytes, codec: None, trace: None };
                let mut woken = Woken::default();
                if let Some(pending) = self.hub.replied(self.ask) {
                    let (executor, here) = (self.hub.world().executor(), Here::at(&self.hub));
                    let mut read = false;
                    let _ = executor.guard(&mut || read = pending.reply(&here, written, &mut woken));
                    if !read {
                        pending.unread();
                    }
                }
                woken.wake_askers();
            }
            Err(_) => {
                recall(&reply);
                self.hub.let_go(self.ask);
                self.hub.world().dead_letter(
                    DeadReason::Unencodable,
                    self.asker().target(),
                    type_name::<R>(),
                );
            }
        }
        self.hub.world().bury(reply);
    }

    fn let_go(&self) {
        if self.passed_on.swap(0, Ordering::Relaxed) == 0 {
            self.hub.let_go(self.ask);
        }
    }

    fn is_over(&self) -> bool {
        self.hub.has_ended()
    }

    fn addressee(&self) -> AnyRef {
        self.asker()
    }

    fn goes_abroad(&self, ask: u64) {
        self.passed_on.swap(ask, Ordering::Relaxed);
    }

    fn comes_back(&self) -> u64 {
        self.passed_on.swap(0, Ordering::Relaxed)
    }

    fn elsewhere(&self) -> Option<Whereabouts> {
        let NodeId { name, incarnation } = self.hub.me().clone();
        Some(asked_at(name, incarnation, self.hub.address().into(), self.ask))
    }
}

const fn asked_at(node: String, incarnation: u64, address: String, ask: u64) -> Whereabouts {
    Whereabouts { node, incarnation, address, actor: ask, path: String::new() }
}

impl AtHome {
    fn asker(&self) -> AnyRef {
        let peer = Arc::clone(self.hub.nobody());
        Absent::any(&Arc::new(Absent::new(peer, 0, format!("$ask-{}", self.ask), "a reply")))
    }
}

/// A question was written and not sent.
fn come_back<R: Send + 'static>(asker: &dyn Asker<R>) {
    if let ask @ 1.. = asker.comes_back()
        && let Some(hub) = Hub::of(asker.addressee().target().world())
    {
        drop(hub.asks().take(ask));
    }
}

impl<R: Serialize + DeserializeOwned + Send + 'static> Serialize for ReplyTo<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let asker = self.who().ok_or_else(|| ser::Error::custom("a reply that was given already"))?;
        if is_recalled(&serializer) {
            come_back(&**asker);
            return serializer.serialize_struct(ReturnAddress::NAME, 0)?.end();
        }
        if let Some(there) = asker.elsewhere() {
            // Not by way of this node, which may be gone by then.
            asker.goes_abroad(PASSED_ON);
            return ReturnAddress {
                node: there.node.into(),
                incarnation: there.incarnation,
                address: there.address.into(),
                ask: there.actor,
            }
            .serialize(serializer);
        }
        let hub = Hub::of(asker.addressee().target().world());
        let hub = hub.ok_or_else(|| ser::Error::custom("an ask of a system that is no node"))?;
        let ask =
            hub.expect(waiting(asker)).map_err(|_| ser::Error::custom("too many asks wait for a reply"))?;
        asker.goes_abroad(ask);
        let NodeId { name, incarnation } = hub.me();
        let (node, address) = (name.into(), hub.address().into());
        ReturnAddress { incarnation: *incarnation, node, address, ask }.serialize(serializer)
    }
}

impl<'de, R: Serialize + DeserializeOwned + Send + 'static> Deserialize<'de> for ReplyTo<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_local(deserializer)
    }
}

impl<R: Serialize + DeserializeOwned + Send + 'static> Local for ReplyTo<R> {
    type Plain<'de> = ReturnAddress<'de>;

    fn at(Here { hub, from }: &Here, there: ReturnAddress<'_>) -> Result<Self, String> {
        if there.incarnation == 0 {
            return Ok(Self::abroad(Arc::clone(from), there.ask));
        }
        if there.incarnation == hub.me().incarnation {
            let at_home = AtHome { hub: Arc::clone(hub), ask: there.ask, passed_on: AtomicU64::new(0) };
            return Ok(Self::asker(erased!(Arc::new(at_home) => dyn Asker<R>)));
        }
        let peer = match hub.peer(&there.node, there.incarnation, &there.address) {
            Ok(peer) => peer,
            // The question is understood all the same; its answer finds nobody.
            Err(Stranger::Forgotten | Stranger::TooManyPeers { .. }) => Arc::clone(hub.nobody()),
            Err(stranger) => return Err(format!("{stranger}")),
        };
        Ok(Self::abroad(peer, there.ask))
    }
}

impl<R: Serialize + DeserializeOwned + Send + 'static> ReplyTo<R> {
    /// Leads to that ask of a peer.
    fn abroad(peer: Arc<Peer>, ask: u64) -> Self {
        let asker = Arc::new(Abroad { peer, ask, passed_on: AtomicU64::new(0) });
        Self::asker(erased!(asker => dyn Asker<R>))
    }
}
