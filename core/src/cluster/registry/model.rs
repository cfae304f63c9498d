//! Random plays of books: whatever words are lost or late, all come to know the same.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use super::book::{Book, News};
use super::entry::{Entry, TEXT_BYTES_MAX};
use super::word::{Extent, Piece, Said};
use crate::rng::Rng;
use crate::time::{Instant, millis};

/// Nodes that offer things to each other, over links that lose words and mix them up.
struct Play {
    rng: Rng,
    books: BTreeMap<u64, Book>,
    /// What each has truly on offer, and what each has heard that others have.
    offers: BTreeMap<u64, BTreeSet<Entry>>,
    heard: BTreeMap<u64, BTreeSet<(u64, Entry)>>,
    on_the_way: Vec<(u64, u64, Said)>,
    gone: BTreeSet<u64>,
    now: Instant,
    next: u64,
    words: usize,
}

impl Play {
    fn new(seed: u64, nodes: u64) -> Self {
        let books = (1..=nodes).map(|key| (key, Book::new(key)));
        Self {
            rng: Rng::new(seed),
            books: books.collect(),
            offers: (1..=nodes).map(|key| (key, BTreeSet::new())).collect(),
            heard: (1..=nodes).map(|key| (key, BTreeSet::new())).collect(),
            on_the_way: Vec::new(),
            gone: BTreeSet::new(),
            now: Instant::ORIGIN,
            next: 0,
            words: 0,
        }
    }

    fn any(&mut self) -> u64 {
        let keys: Vec<u64> = self.books.keys().copied().collect();
        keys[self.rng.below(keys.len())]
    }

    fn offer(&mut self, of: u64) {
        self.next += 1;
        let entry = Entry {
            service: alloc::format!("service-{}", self.rng.below(4)),
            actor: self.next,
            takes: "play.Told".into(),
            path: "x".repeat(self.rng.below(60)),
        };
        self.offers.get_mut(&of).unwrap().insert(entry.clone());
        self.books.get_mut(&of).unwrap().offer(entry);
    }

    fn withdraw(&mut self, of: u64) {
        let offers = self.offers.get_mut(&of).unwrap();
        if offers.is_empty() {
            return;
        }
        let entry = offers.iter().nth(self.rng.below(offers.len())).cloned().unwrap();
        offers.remove(&entry);
        self.books.get_mut(&of).unwrap().withdraw(&entry.service, entry.actor);
    }

    fn crash(&mut self, key: u64) {
        self.books.remove(&key);
        self.offers.remove(&key);
        self.heard.remove(&key);
        self.gone.insert(key);
    }

    /// A member hears that those who crashed are none.
    fn learn(&mut self, key: u64) {
        let gone = &self.gone;
        self.books.get_mut(&key).unwrap().retain(gone.len() as u64, |owner| !gone.contains(&owner));
        self.settle(key);
    }

    fn round(&mut self, key: u64) {
        let to = self.any();
        if to != key {
            self.books.get_mut(&key).unwrap().greet(to);
        }
        self.settle(key);
    }

    /// Lets a node say what it has to say.
    fn settle(&mut self, key: u64) {
        self.now = self.now + millis(5);
        let others: Vec<u64> = self.books.keys().copied().filter(|other| *other != key).collect();
        let chosen: Vec<u64> =
            (0..2.min(others.len())).map(|_| others[self.rng.below(others.len())]).collect();
        let book = self.books.get_mut(&key).unwrap();
        book.pass_on(self.now, || chosen);
        while let Some((to, said)) = book.poll() {
            assert!(postcard::to_allocvec(&said).unwrap().len() < crate::cluster::WORD_BYTES_MAX);
            self.on_the_way.push((key, to, said));
        }
        let heard = self.heard.get_mut(&key).unwrap();
        while let Some(change) = book.change() {
            match change {
                News::Came(owner, entry) => assert!(heard.insert((owner, entry)), "it came twice"),
                News::Gone(owner, entry) => assert!(heard.remove(&(owner, entry)), "it was not there"),
            }
        }
    }

    /// One of the words on the way arrives, perhaps not the first, or is lost.
    fn deliver(&mut self, lossy: bool) {
        if self.on_the_way.is_empty() {
            return;
        }
        let at = if lossy { self.rng.below(self.on_the_way.len()) } else { 0 };
        let (from, to, said) = self.on_the_way.remove(at);
        self.words += 1;
        if lossy && self.rng.below(4) == 0 {
            return;
        }
        if lossy && self.rng.below(8) == 0 {
            // An old word, once more.
            self.on_the_way.push((from, to, said.clone()));
        }
        let gone = &self.gone;
        let Some(book) = self.books.get_mut(&to) else { return };
        if gone.contains(&from) {
            return;
        }
        book.hear(from, said, |owner| !gone.contains(&owner));
        self.settle(to);
    }

    fn step(&mut self) {
        let key = self.any();
        match self.rng.below(40) {
            0..=5 => self.offer(key),
            6..=9 => self.withdraw(key),
            10..=13 => self.round(key),
            14 if self.books.len() > 2 && self.rng.below(20) == 0 => self.crash(key),
            15 => (0..self.rng.below(400)).for_each(|_| self.offer(key)),
            16 => (0..self.rng.below(400)).for_each(|_| self.withdraw(key)),
            17 => self.learn(key),
            18..=22 => self.settle(key),
            _ => self.deliver(true),
        }
    }

    /// Peace: all words arrive, and each goes on with its rounds.
    fn calm(&mut self) {
        let keys: Vec<u64> = self.books.keys().copied().collect();
        keys.iter().for_each(|key| self.learn(*key));
        for _ in 0..60 {
            keys.iter().for_each(|key| self.round(*key));
            for _ in 0..10_000 {
                self.deliver(false);
            }
            assert!(self.on_the_way.is_empty(), "they talk for ever");
        }
    }

    fn check(&self) {
        let truth = |of: u64| {
            let all = self.offers.iter().filter(move |(owner, _)| **owner != of);
            all.flat_map(|(owner, offers)| offers.iter().map(|entry| (*owner, entry.clone())))
                .collect::<BTreeSet<_>>()
        };
        for (key, book) in &self.books {
            assert!(truth(*key) == self.heard[key], "{key} has heard something else");
            let others = book.all().into_iter().filter(|(owner, _)| owner != key);
            assert!(others.collect::<BTreeSet<_>>() == truth(*key), "{key} knows something else");
        }
    }
}

#[test]
fn whatever_words_are_lost_late_or_repeated_all_come_to_know_what_each_offers() {
    for seed in 0..24 {
        let mut play = Play::new(seed, 2 + seed % 5);
        (0..600).for_each(|_| play.step());
        play.calm();
        play.check();
    }
}

#[test]
fn in_peace_a_round_is_one_small_word_however_much_is_offered() {
    let mut play = Play::new(7, 4);
    (1..=4).for_each(|key| (0..500).for_each(|_| play.offer(key)));
    play.calm();
    play.check();
    let before = play.words;
    for key in [1, 2, 3, 4] {
        let book = play.books.get_mut(&key).unwrap();
        book.greet(1 + key % 4);
        let words: VecDeque<_> = core::iter::from_fn(|| book.poll()).collect();
        let bytes: usize = words.iter().map(|(_, said)| postcard::to_allocvec(said).unwrap().len()).sum();
        assert!(words.len() == 1 && bytes <= 11, "{bytes}");
        play.on_the_way.extend(words.into_iter().map(|(to, said)| (key, to, said)));
    }
    (0..100).for_each(|_| play.deliver(false));
    assert_eq!(play.words - before, 4, "nobody answers who knows the same");
}

#[test]
fn one_change_among_thousands_is_told_by_itself() {
    let mut play = Play::new(8, 3);
    (0..2_000).for_each(|_| play.offer(1));
    play.calm();
    play.offer(1);
    play.withdraw(1);
    play.settle(1);
    let bytes: usize =
        play.on_the_way.iter().map(|(_, _, said)| postcard::to_allocvec(said).unwrap().len()).sum();
    assert!(!play.on_the_way.is_empty() && bytes < 400, "{bytes}");
    play.calm();
    play.check();
}

#[test]
fn what_was_removed_is_not_brought_back_by_who_has_not_heard_of_it() {
    let mut play = Play::new(9, 3);
    play.offer(1);
    play.calm();
    // The third keeps what it knew, and says it to all, when the others know that it is gone.
    play.withdraw(1);
    let old: Vec<_> = {
        let book = play.books.get_mut(&3).unwrap();
        book.hear(2, Said::Known { known: Vec::new(), asks: false }, |_| true);
        core::iter::from_fn(|| book.poll()).collect()
    };
    assert_eq!(old.len(), 1);
    play.settle(1);
    play.on_the_way.retain(|(_, to, _)| *to == 2);
    (0..10).for_each(|_| play.deliver(false));
    for (_, said) in old {
        play.books.get_mut(&2).unwrap().hear(3, said, |_| true);
    }
    assert_eq!(play.books[&2].all(), []);
    play.calm();
    play.check();
}

#[test]
fn words_that_no_node_would_say_change_nothing() {
    let mut play = Play::new(11, 2);
    play.offer(1);
    play.calm();
    let book = play.books.get_mut(&2).unwrap();
    let piece = |range, since, version| {
        let (entries, removals) = (Vec::new(), Vec::new());
        Said::Pieces {
            pieces: [Piece { owner: 1, version, range, entries, since, removals }].into(),
            news: true,
            more: false,
        }
    };
    for said in [
        piece((1, 1), 1, 2),
        piece((2, 1), 1, 2),
        piece((u64::MAX, u64::MAX), 1, u64::MAX),
        piece((0, 3), 1, 2),
        piece((1, 2), 3, 2),
    ] {
        book.hear(1, said, |_| true);
        assert_eq!(book.change(), None);
    }
    for known in [(0, u64::MAX), (1, u64::MAX), (u64::MAX, 0), (u64::MAX, u64::MAX)] {
        let (gone, came) = known;
        book.hear(1, Said::Known { known: [(1, Extent { gone, came })].into(), asks: false }, |_| true);
    }
    assert_eq!(book.poll(), None);
}

#[test]
fn what_is_too_long_to_be_offered_hides_nothing_else() {
    let mut play = Play::new(13, 2);
    let long = "x".repeat(TEXT_BYTES_MAX + 1);
    let entry = Entry { service: "long".into(), actor: 7, takes: long, path: "long".into() };
    play.books.get_mut(&1).unwrap().offer(entry);
    play.offer(1);
    play.calm();
    play.check();
}
