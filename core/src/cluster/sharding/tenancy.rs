//! A region's part: which shards it has, where the others are, and how it gives one up.

mod luggage;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use super::word::{EPOCH_MAX, Held, Key, Report, Term, Word};

/// What one region has and knows.
#[cfg_attr(test, derive(Clone, Hash))]
pub(crate) struct Tenancy {
    me: Key,
    hosts: bool,
    leaving: bool,
    /// The coordinator that is obeyed: no smaller term is any more.
    term: Option<Term>,
    epoch_max: u64,
    holdings: Vec<Holding>,
    /// Who has said its last to a shard before that was told to close.
    early: BTreeMap<u32, Fences>,
    /// The luggage that is here of shards that are not, with its epoch.
    luggage: BTreeMap<u32, u64>,
    /// Shards that are here while their luggage is still at another region as well, by its epoch there.
    locked: BTreeMap<u32, (Key, u64)>,
    output: VecDeque<Order>,
}

/// Who has said its last to a shard, of one epoch and at the word of one coordinator.
#[cfg_attr(test, derive(Clone, Hash))]
struct Fences {
    of: (Term, u64),
    by: BTreeSet<Key>,
}

/// What a region knows of one shard.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(test, derive(Hash))]
enum Holding {
    /// Nobody is known to have it.
    Nowhere,
    /// It is elsewhere.
    There { epoch: u64, owner: Key },
    /// It will be here when its luggage is, which is there and of that earlier epoch.
    Fetching { epoch: u64, term: Term, from: Key, of: u64 },
    /// It is here.
    Here { epoch: u64 },
    /// It is here, and is to go when these have said their last.
    Closing { epoch: u64, term: Term, awaits: BTreeSet<Key> },
    /// Its entities stop.
    Stopping { epoch: u64 },
}

/// What a region is to do.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(test, derive(Hash))]
pub(crate) enum Order {
    /// Say that to that node's region.
    Say(Key, Word),
    /// Entities of the shard live here from now on.
    Open(u32, u64),
    /// The shard is there: what waits goes there, and what comes.
    Route(u32, u64, Key),
    /// What is for the shard waits from now on: nothing goes there any more behind what is said next.
    Hold(u32),
    /// What is said here to the shard waits; what comes from others is still handled.
    Shut(u32),
    /// The entities of the shard stop when they have handled what they were told; say when there are none.
    Empty(u32),
    /// The shard is not here any more.
    Vacate(u32),
    /// Get the luggage of the shard from that region, of that epoch; say when it is here, or when there is none.
    Fetch(u32, Key, u64),
    /// What has been fetched for the shard is of no use any more.
    Abandon(u32),
    /// Entities of the shard may unpack.
    Unlock(u32),
    /// The luggage that was kept of the shard is of no use any more.
    Discard(u32),
    /// Other regions have so many shards: this one takes no part.
    Refused(u32),
    /// The node may go.
    Left,
}

impl Tenancy {
    pub(crate) fn new(me: Key, shards: u32, hosts: bool) -> Self {
        Self {
            me,
            hosts,
            leaving: false,
            term: None,
            epoch_max: 0,
            holdings: (0..shards).map(|_| Holding::Nowhere).collect(),
            early: BTreeMap::new(),
            luggage: BTreeMap::new(),
            locked: BTreeMap::new(),
            output: VecDeque::new(),
        }
    }

    /// Whether this region takes shards, from now on.
    pub(crate) const fn set_hosts(&mut self, hosts: bool) {
        self.hosts = hosts;
    }

    pub(crate) fn poll(&mut self) -> Option<Order> {
        self.output.pop_front()
    }

    fn shards(&self) -> u32 {
        u32::try_from(self.holdings.len()).unwrap_or(u32::MAX)
    }

    fn holding(&self, shard: u32) -> Option<&Holding> {
        self.holdings.get(shard as usize)
    }

    fn set(&mut self, shard: u32, holding: Holding) {
        if let Some(place) = self.holdings.get_mut(shard as usize) {
            *place = holding;
        }
    }

    fn say(&mut self, to: Key, word: Word) {
        self.output.push_back(Order::Say(to, word));
    }

    /// Somebody says something that is for regions.
    pub(crate) fn hear(&mut self, from: Key, word: Word) {
        let obeyed = |term: Term| self.term == Some(term) && term.node == from;
        match word {
            Word::Announce(term) if term.node == from && self.term.is_none_or(|own| own <= term) => {
                self.announced(term);
            }
            Word::Refuse(term, shards) if obeyed(term) => self.output.push_back(Order::Refused(shards)),
            Word::Host(term, shard, epoch) if obeyed(term) => self.host(term, shard, epoch),
            Word::Home(term, shard, epoch, owner) if obeyed(term) => self.home(shard, epoch, owner),
            Word::Begin(term, shard, epoch, owner) if obeyed(term) => self.begin(term, shard, epoch, owner),
            Word::Close(term, shard, epoch, by) if obeyed(term) => self.close(term, shard, epoch, by),
            Word::Go(term) if obeyed(term) => self.output.push_back(Order::Left),
            Word::Fence(term, shard, epoch) => self.fenced(from, term, shard, epoch),
            Word::Fetch(term, shard, epoch, there, of) if obeyed(term) => {
                self.fetch(term, (shard, epoch), (there, of));
            }
            Word::Dropped(shard, of) => self.dropped(from, shard, of),
            // Of a coordinator whose time is over, or for one.
            Word::Announce(_)
            | Word::Refuse(..)
            | Word::Host(..)
            | Word::Home(..)
            | Word::Begin(..)
            | Word::Close(..)
            | Word::Go(_)
            | Word::Fetch(..)
            | Word::Luggage(..)
            | Word::Hello
            | Word::Report(..)
            | Word::Hosting(..)
            | Word::Stopped(..)
            | Word::Leave(_)
            // What is in luggage is not for this.
            | Word::Want(..)
            | Word::Piece(_) => {}
        }
    }

    fn announced(&mut self, term: Term) {
        self.term = Some(term);
        self.early.retain(|_, fences| fences.of.0 >= term);
        self.declare(term);
        let held = self.holdings.iter().zip(0..).filter_map(|(holding, shard)| match *holding {
            Holding::Here { epoch } => Some(Held { shard, epoch, closing: false }),
            Holding::Closing { epoch, .. } | Holding::Stopping { epoch } => {
                Some(Held { shard, epoch, closing: true })
            }
            Holding::Nowhere | Holding::There { .. } | Holding::Fetching { .. } => None,
        });
        let report = Report {
            shards: self.shards(),
            hosts: self.hosts,
            leaving: self.leaving,
            held: held.collect(),
            epoch_max: self.epoch_max,
        };
        self.say(term.node, Word::Report(term, report));
    }

    fn host(&mut self, term: Term, shard: u32, epoch: u64) {
        match self.holding(shard) {
            Some(Holding::Nowhere | Holding::There { .. }) if self.hosts && epoch <= EPOCH_MAX => {
                self.epoch_max = self.epoch_max.max(epoch);
                self.supersede(shard, epoch, self.me);
                self.set(shard, Holding::Here { epoch });
                self.output.push_back(Order::Open(shard, epoch));
                self.say(term.node, Word::Hosting(term, shard, epoch));
            }
            _ => {}
        }
    }

    fn home(&mut self, shard: u32, epoch: u64, owner: Key) {
        self.supersede(shard, epoch, owner);
        match self.holding(shard) {
            Some(Holding::Nowhere | Holding::There { .. }) if owner != self.me && epoch <= EPOCH_MAX => {
                self.epoch_max = self.epoch_max.max(epoch);
                self.set(shard, Holding::There { epoch, owner });
                self.output.push_back(Order::Route(shard, epoch, owner));
            }
            _ => {}
        }
    }

    fn begin(&mut self, term: Term, shard: u32, epoch: u64, owner: Key) {
        self.supersede(shard, epoch, owner);
        match self.holding(shard) {
            Some(Holding::There { .. }) => {
                self.set(shard, Holding::Nowhere);
                self.output.push_back(Order::Hold(shard));
                self.say(owner, Word::Fence(term, shard, epoch));
            }
            // What this region said to it before, it has said already.
            Some(Holding::Nowhere) => self.say(owner, Word::Fence(term, shard, epoch)),
            _ => {}
        }
    }

    fn close(&mut self, term: Term, shard: u32, epoch: u64, by: Vec<Key>) {
        let first = match self.holding(shard) {
            Some(Holding::Here { epoch: own }) if *own == epoch => true,
            Some(Holding::Closing { epoch: own, .. }) if *own == epoch => false,
            Some(Holding::Stopping { .. }) => return,
            _ => return self.say(term.node, Word::Stopped(term, shard, epoch)),
        };
        let mut awaits: BTreeSet<Key> = by.into_iter().filter(|key| *key != self.me).collect();
        if let Some(fences) = self.early.get(&shard).filter(|fences| fences.of == (term, epoch)) {
            awaits.retain(|key| !fences.by.contains(key));
        }
        if first {
            self.output.push_back(Order::Shut(shard));
        }
        self.set(shard, Holding::Closing { epoch, term, awaits });
        self.close_on(shard);
    }

    fn fenced(&mut self, from: Key, term: Term, shard: u32, epoch: u64) {
        if shard >= self.shards() {
            return;
        }
        let of = (term, epoch);
        let fences = self.early.entry(shard).or_insert_with(|| Fences { of, by: BTreeSet::new() });
        if fences.of < of {
            *fences = Fences { of, by: BTreeSet::new() };
        }
        if fences.of == of {
            fences.by.insert(from);
        }
        if let Some(Holding::Closing { epoch: own, term: at, awaits }) = self.holdings.get_mut(shard as usize)
            && (*at, *own) == of
        {
            awaits.remove(&from);
            self.close_on(shard);
        }
    }

    /// Lets the entities of a shard stop, if all have said their last.
    fn close_on(&mut self, shard: u32) {
        if let Some(Holding::Closing { epoch, awaits, .. }) = self.holding(shard)
            && awaits.is_empty()
        {
            let epoch = *epoch;
            self.early.remove(&shard);
            self.set(shard, Holding::Stopping { epoch });
            self.output.push_back(Order::Empty(shard));
        }
    }

    /// There are no entities of a shard any more that was to be empty; whether some have left luggage.
    pub(crate) fn emptied(&mut self, shard: u32, luggage: bool) {
        if let (Some(&Holding::Stopping { epoch }), Some(term)) = (self.holding(shard), self.term) {
            self.set(shard, Holding::Nowhere);
            self.output.push_back(Order::Vacate(shard));
            self.locked.remove(&shard);
            if luggage {
                self.luggage.insert(shard, epoch);
                self.say(term.node, Word::Luggage(term, shard, epoch));
            }
            self.say(term.node, Word::Stopped(term, shard, epoch));
        }
    }

    /// A region is no more: what it had is nowhere, and it says nothing more.
    pub(crate) fn gone(&mut self, key: Key) {
        // Where nobody of the role is left, ages begin again: who has nothing obeys whoever comes.
        if !self.hosts && !self.has_some() && self.term.is_some_and(|term| term.node == key) {
            self.term = None;
        }
        for shard in 0..self.shards() {
            match self.holdings.get_mut(shard as usize) {
                Some(Holding::There { owner, .. }) if *owner == key => {
                    self.set(shard, Holding::Nowhere);
                    self.output.push_back(Order::Hold(shard));
                }
                Some(Holding::Closing { awaits, .. }) => {
                    awaits.remove(&key);
                    self.close_on(shard);
                }
                // What its entities were is lost with it.
                Some(Holding::Fetching { from, .. }) if *from == key => self.fetched(shard),
                _ => {}
            }
        }
        self.unlock_of(key);
    }

    /// Whether any shard is here.
    pub(crate) fn has_some(&self) -> bool {
        let is_here = |holding: &Holding| {
            matches!(holding, Holding::Here { .. } | Holding::Closing { .. } | Holding::Stopping { .. })
        };
        self.holdings.iter().any(is_here)
    }

    /// The node is about to leave.
    pub(crate) fn leave(&mut self) {
        self.leaving = true;
        match self.term {
            Some(term) => self.say(term.node, Word::Leave(term)),
            None => self.output.push_back(Order::Left),
        }
    }

    /// The shards that are here, whether or not they are to go, with their epochs.
    #[cfg(test)]
    pub(crate) fn held(&self) -> impl Iterator<Item = (u32, u64)> {
        self.holdings.iter().zip(0..).filter_map(|(holding, shard)| match *holding {
            Holding::Here { epoch } | Holding::Closing { epoch, .. } | Holding::Stopping { epoch } => {
                Some((shard, epoch))
            }
            Holding::Nowhere | Holding::There { .. } | Holding::Fetching { .. } => None,
        })
    }
}

#[cfg(test)]
mod tests;
