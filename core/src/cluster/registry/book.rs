//! What one node knows of all that is offered in the cluster, and what it says of it.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use core::time::Duration;

use super::entry::Entry;
use super::shelf::{Shelf, Taken};
use super::word::{Extent, Piece, Said};
use crate::cluster::digest::mix;
use crate::time::{Instant, millis};

/// What one node knows of all that is offered in the cluster.
pub(crate) struct Book {
    me: u64,
    shelves: BTreeMap<u64, Shelf>,
    /// Whose shelves have news that is to be passed on, and what was known of them before.
    news: BTreeMap<u64, Extent>,
    pass_at: Instant,
    /// What was known of the members when it was looked last whose shelves stay.
    judged: Option<u64>,
    said: VecDeque<(u64, Said)>,
    changes: VecDeque<News>,
}

/// What has changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum News {
    /// That node offers this.
    Came(u64, Entry),
    /// It does no more.
    Gone(u64, Entry),
}

/// News that come one after the other are passed on together after this.
const PASS_PAUSE: Duration = millis(5);
/// So many are told at once.
pub(crate) const FANOUT: usize = 3;
/// From so many bytes on a word takes no more.
const WORD_BYTES: usize = 12 << 10;
/// What a piece takes beside its entries.
const PIECE_BYTES: usize = 64;
const REMOVAL_BYTES: usize = 8;

impl Book {
    pub(crate) const fn new(me: u64) -> Self {
        Self {
            me,
            shelves: BTreeMap::new(),
            news: BTreeMap::new(),
            pass_at: Instant::ORIGIN,
            judged: None,
            said: VecDeque::new(),
            changes: VecDeque::new(),
        }
    }

    /// What is to be said, and to whom.
    pub(crate) fn poll(&mut self) -> Option<(u64, Said)> {
        self.said.pop_front()
    }

    /// What has changed of other nodes.
    pub(crate) fn change(&mut self) -> Option<News> {
        self.changes.pop_front()
    }

    /// When news are to be passed on.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        (!self.news.is_empty()).then_some(self.pass_at)
    }

    /// This node offers something. Others would not take what is longer than it may be, nor anything that comes along with it.
    pub(crate) fn offer(&mut self, entry: Entry) {
        if entry.is_sound() {
            self.write(|own| own.add(entry));
        }
    }

    /// This node offers it no more.
    pub(crate) fn withdraw(&mut self, service: &str, actor: u64) {
        self.write(|own| own.remove(service, actor));
    }

    fn write(&mut self, write: impl FnOnce(&mut Shelf) -> bool) {
        let own = self.shelves.entry(self.me).or_default();
        let before = own.extent();
        if write(own) {
            self.news.entry(self.me).or_insert(before);
        }
    }

    /// Only these are members, which that number stands for: what others offered has gone with them.
    pub(crate) fn retain(&mut self, members: u64, is_member: impl Fn(u64) -> bool) {
        if self.judged.replace(members) == Some(members) {
            return;
        }
        let gone: Vec<u64> =
            self.shelves.keys().copied().filter(|owner| *owner != self.me && !is_member(*owner)).collect();
        for owner in gone {
            self.news.remove(&owner);
            let Some(shelf) = self.shelves.remove(&owner) else { continue };
            self.changes.extend(shelf.entries().map(|entry| News::Gone(owner, entry.clone())));
        }
    }

    /// A round of gossip goes to that member.
    pub(crate) fn greet(&mut self, to: u64) {
        let hash = self.hash();
        // Where nothing is offered nothing is said.
        if hash != 0 {
            self.said.push_back((to, Said::Hash(hash)));
        }
    }

    /// Passes news on, when it is time, to those that are chosen.
    pub(crate) fn pass_on(&mut self, now: Instant, choose: impl FnOnce() -> Vec<u64>) {
        if self.news.is_empty() || now < self.pass_at {
            return;
        }
        self.pass_at = now + PASS_PAUSE;
        let news = core::mem::take(&mut self.news);
        let (pieces, more) = self.pieces(news.into_iter());
        if pieces.is_empty() {
            return;
        }
        for to in choose() {
            self.said.push_back((to, Said::Pieces { pieces: pieces.clone(), news: true, more }));
        }
    }

    /// A member has said something; of these nodes there is something to be known.
    pub(crate) fn hear(&mut self, from: u64, said: Said, is_member: impl Fn(u64) -> bool) {
        match said {
            Said::Hash(hash) => {
                if hash != self.hash() {
                    self.ask(from, true);
                }
            }
            Said::Known { known, asks } => self.compare(from, known, asks),
            Said::Pieces { pieces, news, more } => self.take(from, pieces, (news, more), is_member),
        }
    }

    /// Takes in pieces, and asks for what is still unknown.
    fn take(
        &mut self,
        from: u64,
        pieces: Vec<Piece>,
        (news, more): (bool, bool),
        is_member: impl Fn(u64) -> bool,
    ) {
        let (mut learned, mut apart) = (false, false);
        for piece in pieces {
            let owner = piece.owner;
            if owner == self.me || !is_member(owner) || !piece.is_sound() {
                continue;
            }
            let shelf = self.shelves.entry(owner).or_default();
            let before = shelf.extent();
            match shelf.take(piece) {
                Taken::Old => {}
                Taken::Apart => apart = true,
                Taken::New { came, gone } => {
                    learned = true;
                    apart |= !shelf.extent().is_whole();
                    self.changes.extend(gone.into_iter().map(|entry| News::Gone(owner, entry)));
                    self.changes.extend(came.into_iter().map(|entry| News::Came(owner, entry)));
                    if news {
                        self.news.entry(owner).or_insert(before);
                    }
                }
            }
        }
        // What nothing was learned from is not asked about again: the next round finds out.
        if apart || (more && learned) {
            self.ask(from, false);
        }
    }

    /// Asks for what the other knows more; and whether it may ask the same.
    fn ask(&mut self, of: u64, asks: bool) {
        let known = self.extents().collect();
        self.said.push_back((of, Said::Known { known, asks }));
    }

    /// A member knows so much: it is told what it lacks.
    fn compare(&mut self, from: u64, known: Vec<(u64, Extent)>, asks: bool) {
        let theirs: BTreeMap<u64, Extent> = known.into_iter().collect();
        let here: Vec<u64> = self.shelves.keys().copied().collect();
        let here = here.into_iter().map(|owner| (owner, theirs.get(&owner).copied().unwrap_or_default()));
        let (pieces, more) = self.pieces(here);
        if !pieces.is_empty() {
            self.said.push_back((from, Said::Pieces { pieces, news: false, more }));
        }
        let knows_less = |(owner, extent): (&u64, &Extent)| {
            let own = self.shelves.get(owner).map(Shelf::extent).unwrap_or_default();
            *owner != self.me && *extent > own
        };
        if asks && theirs.iter().any(knows_less) {
            self.ask(from, false);
        }
    }

    /// What somebody lacks who knows so much of some shelves, as far as one word has room; and whether there is more.
    fn pieces(&self, known: impl Iterator<Item = (u64, Extent)>) -> (Vec<Piece>, bool) {
        let (mut bytes, mut pieces) = (0, Vec::new());
        for (owner, theirs) in known {
            let Some(shelf) = self.shelves.get(&owner) else { continue };
            let Some(piece) = shelf.piece(owner, theirs, WORD_BYTES.saturating_sub(bytes)) else { continue };
            if bytes >= WORD_BYTES {
                return (pieces, true);
            }
            bytes += PIECE_BYTES + REMOVAL_BYTES * piece.removals.len();
            bytes += piece.entries.iter().map(|(_, entry)| entry.bytes()).sum::<usize>();
            let whole = piece.range.1 == piece.version;
            pieces.push(piece);
            if !whole {
                return (pieces, true);
            }
        }
        (pieces, false)
    }

    fn extents(&self) -> impl Iterator<Item = (u64, Extent)> {
        let extents = self.shelves.iter().map(|(owner, shelf)| (*owner, shelf.extent()));
        extents.filter(|(_, extent)| *extent != Extent::default())
    }

    /// One number for all that is known: zero where that is nothing.
    fn hash(&self) -> u64 {
        let number = |(owner, extent): (u64, Extent)| mix(mix(mix(owner) ^ extent.gone) ^ extent.came);
        self.extents().map(number).fold(0, |hash, number| hash ^ number)
    }

    /// What is offered, by whom, as this node knows.
    #[cfg(test)]
    pub(super) fn all(&self) -> Vec<(u64, Entry)> {
        let of = |(owner, shelf): (&u64, &Shelf)| {
            shelf.entries().map(|entry| (*owner, entry.clone())).collect::<Vec<_>>()
        };
        let mut all: Vec<(u64, Entry)> = self.shelves.iter().flat_map(of).collect();
        all.sort();
        all
    }
}

/// As bytes a word is at most so long, far below what cluster words may have.
const _: () = assert!(WORD_BYTES < crate::cluster::WORD_BYTES_MAX);
