//! A node: what joins a system to others. All that is shared of it.

mod farewell;
mod meeting;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::task::Waker;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::acquaintances::Acquaintances;
use super::asks::{Asks, Pending};
use super::board::Board;
use super::event::ConnectionRefused;
use super::exports::{Export, Exports, TooMany};
use super::frame::Frame;
use super::hello::{Hello, VERSIONS};
use super::limits::RemoteLimits;
use super::name::Remote;
use super::notices::Notices;
use super::peer::Peer;
use super::reply_to::waiting;
use super::residents::Residents;
use super::script::Script;
use super::secret::Secret;
use super::stranger::Stranger;
use super::stub::Absent;
use super::tally::Tally;
use super::terms::Terms;
use super::unforeseen::{nonce, unforeseen};
use crate::actor::{ActorRef, Ask, World};
use crate::node_id::NodeId;
use crate::sync::{Arc, AtomicBool, Lock, Ordering, glimpsed, revealed};

/// A node, as shared by all that belongs to it.
pub(crate) struct Hub {
    world: Arc<World>,
    me: NodeId,
    /// Where it can be reached; empty where it cannot.
    address: String,
    settings: Settings,
    exports: Exports,
    /// The actors that are found by their path, and what others know them by.
    exposed: Lock<BTreeMap<String, u64>>,
    asks: Asks,
    /// What was counted of all peers.
    tally: Arc<Tally>,
    peers: Lock<Acquaintances>,
    /// A peer that is lost from the beginning: where references lead whose actor is no more.
    nobody: Arc<Peer>,
    /// How a connection to an address is sought.
    seek: Seek,
    ended: AtomicBool,
    /// Who is to be woken at the end.
    sleepers: Lock<Vec<Waker>>,
    /// The system is about to end, and what it has told is to arrive.
    hurries: AtomicBool,
    /// Who waits for that.
    watchers: Lock<Vec<Waker>>,
    notices: Notices,
    /// What is known of the cluster.
    board: Arc<Board>,
    residents: Residents,
}

/// What a node was told about how it is to be.
pub(crate) struct Settings {
    pub(crate) limits: RemoteLimits,
    pub(crate) secret: Option<Secret>,
    pub(crate) script: Arc<Script>,
}

/// Seeks a connection to the node at an address, and keeps it; whether a node has proved to be there, or is only said to be.
pub(crate) type Seek = Box<dyn Fn(&Arc<Hub>, &str, bool) + Send + Sync>;

/// What becomes of a lookup.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// The actor is known by this number.
    Found(u64),
    NotFound,
    /// There is one, which takes messages of this name.
    WrongType(String),
}

impl Hub {
    pub(crate) fn new(
        world: Arc<World>,
        (name, address): (String, String),
        settings: Settings,
        seek: Seek,
    ) -> Self {
        // The larger it is the less it is ever the same as another's; zero is nobody's.
        let mut rng = world.rng();
        let incarnation = unforeseen(&mut rng).max(1);
        let me = NodeId { name, incarnation };
        let tally = Arc::new(Tally::new(None));
        let nobody =
            Peer::new((me.clone(), String::new()), incarnation, Arc::clone(&world), &settings, &tally);
        let nobody = Arc::new(nobody);
        drop(nobody.lose());
        let asks = Asks::new(&mut rng);
        Self {
            world,
            me,
            address,
            settings,
            exports: Exports::new(),
            exposed: Lock::default(),
            asks,
            tally,
            peers: Lock::default(),
            nobody,
            seek,
            ended: AtomicBool::new(false),
            sleepers: Lock::default(),
            hurries: AtomicBool::new(false),
            watchers: Lock::default(),
            notices: Notices::default(),
            board: Arc::default(),
            residents: Residents::default(),
        }
    }

    /// The node of a system, if it is one.
    pub(crate) fn of(world: &World) -> Option<Arc<Self>> {
        revealed!(&world.abroad()? => Self)
    }

    /// Looks at the node of a system, if it is one, without a hold on it, and before the node's own locks: never the other way round.
    pub(crate) fn look<R>(world: &World, look: impl FnOnce(&Self) -> R) -> Option<R> {
        world.look_abroad(|abroad| glimpsed!(abroad => Self).map(look)).flatten()
    }

    pub(crate) const fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// What the cluster's part of this node is to hear.
    pub(crate) const fn notices(&self) -> &Notices {
        &self.notices
    }

    /// What this node knows of its cluster.
    pub(crate) const fn board(&self) -> &Arc<Board> {
        &self.board
    }

    /// What has shards here.
    pub(crate) const fn residents(&self) -> &Residents {
        &self.residents
    }

    pub(crate) const fn me(&self) -> &NodeId {
        &self.me
    }

    pub(crate) const fn limits(&self) -> &RemoteLimits {
        &self.settings.limits
    }

    pub(crate) fn script(&self) -> &Script {
        &self.settings.script
    }

    pub(crate) fn secret(&self) -> Option<Secret> {
        self.settings.secret.clone()
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// What was counted of all peers.
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    pub(super) const fn asks(&self) -> &Asks {
        &self.asks
    }

    /// A connection was refused, here or at the other end.
    pub(crate) fn refused(&self, address: String, cause: String) {
        self.tally.connection_refused();
        self.world.events().publish(|| ConnectionRefused { address, cause });
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// What is said of this node to whoever is at the other end.
    pub(crate) fn hello(&self) -> Hello {
        let mut rng = self.world.rng();
        let nonce = match &self.settings.secret {
            Some(secret) => secret.nonce(&mut rng),
            None => nonce(&mut rng),
        };
        Hello {
            versions: VERSIONS,
            cluster: String::from(self.world.name()),
            node: self.me.name.clone(),
            incarnation: self.me.incarnation,
            address: self.address.clone(),
            secret: self.settings.secret.is_some(),
            message_bytes_max: self.settings.limits.message_bytes_max as u64,
            nonce,
            terms: Terms { traces: self.world.traces(), ..self.script().terms() },
        }
    }

    /// A peer that is lost.
    pub(crate) const fn nobody(&self) -> &Arc<Peer> {
        &self.nobody
    }

    /// All peers, lost ones too.
    pub(crate) fn peers(&self) -> Vec<Arc<Peer>> {
        self.peers.with(|peers| peers.all().cloned().collect())
    }

    /// Those peers. They are asked under the lock of all.
    pub(crate) fn peers_that(&self, are: impl Fn(&Peer) -> bool) -> Vec<Arc<Peer>> {
        self.peers.with(|peers| peers.all().filter(|peer| are(peer)).cloned().collect())
    }

    /// Sees to it that a connection to a peer is sought, if there is none and it can be reached.
    pub(crate) fn seek(this: &Arc<Self>, peer: &Peer) {
        let address = peer.address();
        if !address.is_empty() && !peer.is_mute() && !peer.is_connected() && !this.has_ended() {
            (this.seek)(this, &address, peer.is_proved());
        }
    }

    /// Makes an actor known abroad, by its number.
    pub(crate) fn export<M: Remote>(&self, actor: &ActorRef<M>) -> Result<(), Stranger> {
        let max = self.settings.limits.exports_max;
        self.exports.add(actor, max).map_err(|TooMany| Stranger::TooManyExports { max })
    }

    /// Makes an actor known abroad, by its number or that of an adapter which does the same; gives back by which.
    pub(super) fn export_any<M: Remote>(&self, actor: &ActorRef<M>) -> Result<u64, Stranger> {
        let max = self.settings.limits.exports_max;
        self.exports.add_any(actor, max).map_err(|TooMany| Stranger::TooManyExports { max })
    }

    /// Makes what is behind an export known abroad by that number.
    pub(crate) fn admit(&self, number: u64, export: Arc<dyn Export>) -> Result<(), Stranger> {
        let max = self.settings.limits.exports_max;
        self.exports.put(number, export, max).map_err(|TooMany| Stranger::TooManyExports { max })
    }

    /// Lets an actor that is known abroad be found by its path.
    pub(crate) fn expose(&self, path: String, number: u64) -> Result<(), Stranger> {
        let max = self.settings.limits.exports_max;
        // The lock of the exports is taken within this one, and never the other way round: of two who expose one path, the last is found.
        let found = self.exposed.with(|exposed| {
            if exposed.len() >= max {
                exposed.retain(|_, number| self.exports.get(*number).is_some());
            }
            if exposed.len() >= max {
                return Err(Stranger::TooManyExports { max });
            }
            let before = exposed.insert(path, number).and_then(|before| self.exported(before));
            let now = self.exported(number);
            // Another adapter of the same actor is found no more, and makes way as others do.
            before.iter().for_each(|export| export.keep(false));
            now.iter().for_each(|export| export.keep(true));
            Ok((before, now))
        })?;
        // Whoever lets go of them last does so outside of the lock.
        drop(found);
        Ok(())
    }

    /// Which actor is found there by those who want one that takes messages of that name.
    pub(crate) fn find(&self, path: &str, name: &str) -> Answer {
        let number = self.exposed.with(|exposed| exposed.get(path).copied());
        let found = number.and_then(|number| Some((number, self.exported(number)?)));
        match found {
            Some((_, export)) if export.actor().is_stopped() => Answer::NotFound,
            Some((_, export)) if export.name() != name => Answer::WrongType(String::from(export.name())),
            Some((number, _)) => Answer::Found(number),
            None => Answer::NotFound,
        }
    }

    /// The actor that others find at that path, as a reference, if it takes such messages.
    pub(crate) fn exposed_actor<M: Remote>(&self, path: &str) -> Option<ActorRef<M>> {
        let number = self.exposed.with(|exposed| exposed.get(path).copied())?;
        self.exported_actor(number)
    }

    /// The actor that is known abroad by that number.
    pub(crate) fn exported(&self, number: u64) -> Option<Arc<dyn Export>> {
        self.exports.get(number)
    }

    /// The same as a reference, if it takes such messages.
    pub(crate) fn exported_actor<M: Remote>(&self, number: u64) -> Option<ActorRef<M>> {
        self.exports.actor(number)
    }

    /// Notes an ask whose reply comes from abroad; gives it back when there are as many as there may be.
    pub(super) fn expect(&self, pending: Arc<dyn Pending>) -> Result<u64, Arc<dyn Pending>> {
        self.asks.add(pending, self.settings.limits.asks_max)
    }

    /// Whether something here waits for a peer.
    pub(crate) fn has_ties(&self, peer: &Peer) -> bool {
        peer.has_ties() || self.asks.any_of(peer.key())
    }

    /// Whether a peer can do without a connection: nothing waits for it, and it can be found again.
    pub(crate) fn may_rest(&self, peer: &Peer) -> bool {
        !self.has_ties(peer) && !peer.address().is_empty()
    }

    /// Whether peers are to say at once how much they have had.
    pub(crate) fn hurries(&self) -> bool {
        self.hurries.load(Ordering::Acquire)
    }

    /// Something has arrived at a peer, or its connection was lost.
    pub(crate) fn arrived(&self) {
        if self.hurries() {
            self.watchers.with(core::mem::take).into_iter().for_each(Waker::wake);
        }
    }

    /// Nobody could be talked to at an address: who rested there may be there no more, and nobody waits for it.
    pub(crate) fn not_found_at(&self, address: &str) {
        let apart = self.peers_that(|peer| !peer.is_lost() && !peer.is_connected());
        let rests = |peer: &&Arc<Peer>| peer.is_at_rest() && peer.address() == address;
        apart.iter().filter(rests).for_each(|peer| peer.set_at_rest(None));
        self.arrived();
    }

    /// Wakes that one when the system ends.
    pub(crate) fn wake_at_end(&self, waker: &Waker) {
        self.sleepers.with(|sleepers| {
            if !sleepers.iter().any(|other| other.will_wake(waker)) {
                sleepers.push(waker.clone());
            }
        });
    }

    /// Asks a peer which actor stands at that path.
    pub(crate) fn look_up(&self, peer: &Arc<Peer>, name: &str, path: &str, timeout: Duration) -> Ask<Answer> {
        let stub = Absent::any(&Arc::new(Absent::new(Arc::clone(peer), 0, String::from(path), "lookups")));
        let (answer, asker) = Ask::abroad(stub, timeout);
        match self.expect(waiting(&asker)) {
            Ok(ask) => {
                peer.notify(Frame::Lookup { ask, name, path });
                if peer.is_lost() {
                    self.let_go(ask);
                }
            }
            Err(pending) => pending.let_go(),
        }
        answer
    }
}
