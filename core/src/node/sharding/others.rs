//! The regions of other nodes: found when there is something to say to them.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::envelope::{Form, Note, ShardEnvelope};
use super::strangers::Strangers;
use crate::actor::{ActorRef, AskError, Context, SendError};
use crate::cluster::sharding::{Key, Word};
use crate::log::Level;
use crate::node_id::NodeId;
use crate::remote::{Answer, Hub, Line, Peer, Remote, distant};
use crate::sync::Arc;
use crate::time::{Instant, millis, secs};

/// All regions but this one.
pub(super) struct Others<M: Remote> {
    hub: Arc<Hub>,
    /// Where they stand, all the same.
    path: String,
    known: BTreeMap<Key, Other<M>>,
    strangers: Strangers,
}

struct Other<M: Remote> {
    id: NodeId,
    address: String,
    region: Option<Found<M>>,
    searching: bool,
    /// When the search, or what did not find room, is tried again.
    retry_at: Option<Instant>,
    /// Something is to go there, perhaps not words.
    wanted: bool,
    words: VecDeque<Word>,
}

/// A region of another node: as an actor, and the straight way there.
struct Found<M: Remote> {
    actor: ActorRef<ShardEnvelope<M>>,
    line: Arc<Line<ShardEnvelope<M>>>,
}

/// How long a search may take.
const SEARCH: Duration = secs(5);
/// A region that is not there yet is searched for so often.
const SEARCH_PAUSE: Duration = millis(200);
/// For words that found no room: a link takes that long to let some go.
const ROOM_PAUSE: Duration = millis(50);
/// So many words are one message: some ten bytes each, but for those that list nodes.
const WORDS_MAX: usize = 128;
/// Pieces of luggage go in messages of that length.
const BULK_BYTES_MAX: usize = 64 << 10;

impl<M: Remote> Others<M> {
    pub(super) const fn new(hub: Arc<Hub>, path: String) -> Self {
        Self { hub, path, known: BTreeMap::new(), strangers: Strangers::new() }
    }

    /// A node is a member; what it has said before, when it was not known as one.
    pub(super) fn meet(&mut self, id: &NodeId, address: &str) -> Vec<Word> {
        if self.known.contains_key(&id.incarnation) {
            return Vec::new();
        }
        let other = Other {
            id: id.clone(),
            address: String::from(address),
            region: None,
            searching: false,
            retry_at: None,
            wanted: false,
            words: VecDeque::new(),
        };
        self.known.insert(id.incarnation, other);
        self.strangers.take(id.incarnation)
    }

    /// A node has said something: the words are given back if it is a member, and kept until it is one otherwise.
    pub(super) fn listen(&mut self, from: Key, words: Vec<Word>) -> Vec<Word> {
        if self.known.contains_key(&from) {
            return words;
        }
        self.strangers.keep(from, words);
        Vec::new()
    }

    pub(super) fn knows(&self, key: Key) -> bool {
        self.known.contains_key(&key)
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        self.known.keys().copied().collect()
    }

    pub(super) fn forget(&mut self, key: Key) {
        self.known.remove(&key);
    }

    /// The way to the region of a node, if it was found; it is searched for otherwise.
    pub(super) fn line(&mut self, key: Key) -> Option<Arc<Line<ShardEnvelope<M>>>> {
        let other = self.known.get_mut(&key)?;
        other.wanted |= other.region.is_none();
        other.region.as_ref().map(|region| Arc::clone(&region.line))
    }

    /// Says something, as soon as it can be said.
    pub(super) fn say(&mut self, key: Key, word: Word) {
        if let Some(other) = self.known.get_mut(&key) {
            other.words.push_back(word);
        }
    }

    /// When something is to be tried again.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.known.values().filter(|other| !other.is_idle()).filter_map(|other| other.retry_at).min()
    }

    /// Sends what there is to say, and searches for those that it is for.
    pub(super) fn pump(&mut self, ctx: &mut Context<ShardEnvelope<M>>) {
        let now = ctx.now();
        for (key, other) in &mut self.known {
            if other.is_idle() || other.searching || other.retry_at.is_some_and(|at| now < at) {
                continue;
            }
            other.retry_at = None;
            match &other.region {
                Some(region) => {
                    let region = region.actor.clone();
                    other.wanted = false;
                    if !other.send(&region, self.hub.me(), now) {
                        ctx.log(Level::Error, format_args!("words to {} cannot be written", other.id.name));
                    }
                }
                None => other.search(*key, &self.hub, &self.path, ctx),
            }
        }
    }

    /// What became of a search: whether the region is known now.
    pub(super) fn found(
        &mut self,
        ctx: &mut Context<ShardEnvelope<M>>,
        key: Key,
        answer: Result<Answer, AskError>,
    ) -> bool {
        let Some(other) = self.known.get_mut(&key) else { return false };
        other.searching = false;
        let peer = other.peer(&self.hub);
        let (Ok(Answer::Found(number)), Some(peer)) = (answer, peer) else {
            other.retry_at = Some(ctx.now() + SEARCH_PAUSE);
            return false;
        };
        let line = Arc::new(Line::new(Arc::clone(&peer), number, self.path.clone()));
        let actor = distant(peer, number, self.path.clone());
        ctx.watch_with(&actor, ShardEnvelope::note(Note::RegionEnded(key, number)));
        other.region = Some(Found { actor, line });
        true
    }

    /// The region of a node has ended: whether it was the one that was known, and the node is there.
    pub(super) fn ended(&mut self, key: Key, number: u64) -> bool {
        let Some(other) = self.known.get_mut(&key) else { return false };
        if other.region.as_ref().is_none_or(|region| region.actor.id().number() != number) {
            return false;
        }
        other.region = None;
        other.retry_at = None;
        other.words.clear();
        // Of a node that is lost the cluster says what has become of it.
        other.peer(&self.hub).is_some_and(|peer| !peer.is_lost())
    }
}

impl<M: Remote> Other<M> {
    /// Whether there is nothing to be done for it.
    fn is_idle(&self) -> bool {
        self.words.is_empty() && !self.wanted
    }

    fn peer(&self, hub: &Hub) -> Option<Arc<Peer>> {
        hub.peer(&self.id.name, self.id.incarnation, &self.address).ok()
    }

    fn search(&mut self, key: Key, hub: &Arc<Hub>, path: &str, ctx: &mut Context<ShardEnvelope<M>>) {
        let Some(peer) = self.peer(hub).filter(|peer| !peer.is_lost()) else {
            self.retry_at = Some(ctx.now() + SEARCH_PAUSE);
            return;
        };
        let ask = hub.look_up(&peer, ShardEnvelope::<M>::NAME, path, SEARCH);
        Hub::seek(hub, &peer);
        self.searching = true;
        ctx.pipe_to_self(ask, move |answer| {
            ShardEnvelope::note(Note::Found(key, answer.unwrap_or(Err(AskError::Stopped))))
        });
    }

    /// Sends words, until there are none or no room; false when they cannot be written at all.
    fn send(&mut self, region: &ActorRef<ShardEnvelope<M>>, me: &NodeId, now: Instant) -> bool {
        while !self.words.is_empty() {
            let mut bulk = 0;
            let fits = |word: &&Word| {
                bulk += word.bulk();
                bulk <= BULK_BYTES_MAX
            };
            let count = self.words.iter().take(WORDS_MAX).take_while(fits).count().max(1);
            let words: Vec<Word> = self.words.drain(..count).collect();
            match region.try_tell(ShardEnvelope(Form::Words(me.clone(), words))) {
                Ok(()) => {}
                Err(SendError::Full(ShardEnvelope(Form::Words(_, words)))) => {
                    words.into_iter().rev().for_each(|word| self.words.push_front(word));
                    self.retry_at = Some(now + ROOM_PAUSE);
                    return true;
                }
                Err(error) => {
                    self.words.clear();
                    // The end of a region is heard of.
                    return matches!(error, SendError::Stopped(_));
                }
            }
        }
        true
    }
}
