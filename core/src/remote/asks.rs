//! The asks of a node whose reply comes from another one.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use hashbrown::HashTable;

use super::codec::Written;
use super::here::Here;
use super::hub::Hub;
use super::peer::Peer;
use super::unforeseen::Unforeseen;
use crate::actor::{ActorKey, Woken};
use crate::rng::Rng;
use crate::sync::{Arc, Lock};

/// What becomes of an ask.
pub(crate) trait Pending: Send + Sync {
    /// The reply is what is written there; false when it cannot be read. Whom it wakes may be woken with others.
    fn reply(&self, here: &Arc<Here>, written: Written<'_>, woken: &mut Woken) -> bool;
    /// It could not be read: there will be none, and what has come is dead.
    fn unread(&self);
    /// There will be none.
    fn let_go(&self);
    /// Whether nobody waits for it any more.
    fn is_over(&self) -> bool;
    /// Who was asked.
    fn asked(&self) -> ActorKey;
}

/// All of them, by the number that the other node knows them by.
///
/// Whoever knows the number may answer: the actor that was asked, or to whom it passed the question on, on whatever node. So
/// nobody may guess it.
pub(super) struct Asks(Lock<Table>);

struct Table {
    by_number: HashTable<Numbered>,
    numbers: Unforeseen,
    sweep_at: usize,
    /// Where it is swept next, once there are as many as there may be.
    swept: usize,
    /// How often it was moved to another room, where each may have another place.
    moves: u64,
}

/// How far a look at all of them is.
#[derive(Default)]
struct Look {
    place: usize,
    /// How often the table had been moved when it began.
    moves: u64,
    /// It was moved meanwhile.
    moved: bool,
}

struct Numbered(u64, Arc<dyn Pending>);

impl Numbered {
    fn hash(&self) -> u64 {
        hash(self.0)
    }
}

/// A number is a digest already.
const fn hash(number: u64) -> u64 {
    number
}

/// Smaller numbers no ask has: zero says that it was not passed on, and this that who has asked knows the number.
pub(super) const PASSED_ON: u64 = 1;

/// Room for so many is never given back.
const ROOM_MIN: usize = 4_096;
const SWEEP_MIN: usize = 1_024;
/// If nobody waits for such a part of those that are looked at, it is worth to look at all.
const OVER_PART: usize = 16;
/// So many places are looked at before others have the table.
const PLACES_MAX: usize = 1_024;
/// So often a count begins anew because the table was moved; then it is about right.
const COUNTS_MAX: usize = 8;

impl Asks {
    pub(super) fn new(rng: &mut Rng) -> Self {
        let numbers = Unforeseen::new(rng);
        Self(Lock::new(Table { by_number: HashTable::new(), numbers, sweep_at: 0, swept: 0, moves: 0 }))
    }

    /// Notes an ask; gives it back when there are as many as there may be.
    pub(super) fn add(&self, pending: Arc<dyn Pending>, max: usize) -> Result<u64, Arc<dyn Pending>> {
        let (number, swept) = self.0.with(|table| {
            let swept = table.sweep(max);
            if table.by_number.len() >= max {
                return (Err(pending), swept);
            }
            let number = table.number();
            table.moves += u64::from(table.by_number.len() == table.by_number.capacity());
            table.by_number.insert_unique(hash(number), Numbered(number, pending), Numbered::hash);
            (Ok(number), swept)
        });
        drop(swept);
        number
    }

    /// The ask of that number, which has come to its end.
    pub(super) fn take(&self, number: u64) -> Option<Arc<dyn Pending>> {
        self.0.with(|table| {
            let found = table.by_number.find_entry(hash(number), |it| it.0 == number).ok()?;
            let (Numbered(_, pending), _) = found.remove();
            table.give_room_back();
            Some(pending)
        })
    }

    /// Whether somebody waits for an actor of a peer, which is known by that number; true as well when that cannot be told now.
    pub(super) fn any_of(&self, peer: usize) -> bool {
        let mut any = false;
        let whole = self.look(|asked| {
            any = asked.0 == peer;
            any
        });
        any || !whole
    }

    /// How many asks wait, by the number of the peer whose actor was asked.
    pub(super) fn waiting(&self) -> BTreeMap<usize, u64> {
        let mut counts = BTreeMap::new();
        for _ in 0..COUNTS_MAX {
            counts.clear();
            let whole = self.look(|asked| {
                *counts.entry(asked.0).or_default() += 1;
                false
            });
            if whole {
                break;
            }
        }
        counts
    }

    /// Hands over who was asked, of all asks that somebody waits for, until `enough`. Others have the table in between; false when it
    /// was moved meanwhile, so that some may have been left out.
    fn look(&self, mut enough: impl FnMut(ActorKey) -> bool) -> bool {
        let mut look = Look::default();
        while self.0.with(|table| table.look(&mut look, &mut enough)) {}
        !look.moved
    }

    /// All asks of actors of a peer, which is known by that number.
    pub(super) fn take_all_of(&self, peer: usize) -> Vec<Arc<dyn Pending>> {
        in_order(self.0.with(|table| table.by_number.extract_if(|it| it.1.asked().0 == peer).collect()))
    }

    /// Lets go of all.
    pub(super) fn clear(&self) {
        let all = self.0.with(|table| core::mem::take(&mut table.by_number));
        in_order(all.into_iter().collect()).iter().for_each(|ask| ask.let_go());
    }
}

impl Hub {
    /// The ask of that number, which a reply has come to.
    pub(crate) fn replied(&self, ask: u64) -> Option<Arc<dyn Pending>> {
        self.asks().take(ask)
    }

    /// There will be no reply to that ask.
    pub(crate) fn let_go(&self, ask: u64) {
        if let Some(pending) = self.asks().take(ask) {
            pending.let_go();
        }
    }

    /// Lets go of all asks of actors of a peer that is lost.
    pub(crate) fn let_go_of_all(&self, peer: &Peer) {
        self.asks().take_all_of(peer.key()).iter().for_each(|ask| ask.let_go());
    }
}

/// In an order that is the same on every machine.
fn in_order(mut asks: Vec<Numbered>) -> Vec<Arc<dyn Pending>> {
    asks.sort_unstable_by_key(|ask| ask.0);
    asks.into_iter().map(|ask| ask.1).collect()
}

impl Table {
    /// Looks at the next few places; whether there are more.
    fn look(&self, look: &mut Look, enough: &mut impl FnMut(ActorKey) -> bool) -> bool {
        if look.place == 0 {
            look.moves = self.moves;
        }
        look.moved = look.moves != self.moves;
        let places = if look.moved { 0 } else { self.by_number.num_buckets() };
        let end = places.min(look.place + PLACES_MAX);
        for place in look.place..end {
            if let Some(Numbered(_, ask)) = self.by_number.get_bucket(place)
                && !ask.is_over()
                && enough(ask.asked())
            {
                return false;
            }
        }
        look.place = end;
        end < places
    }

    /// A number that no ask has.
    fn number(&mut self) -> u64 {
        loop {
            let number = self.numbers.next();
            if number > PASSED_ON && self.by_number.find(hash(number), |it| it.0 == number).is_none() {
                return number;
            }
        }
    }

    /// Takes out those that nobody waits for, when there are twice as many as after the last time. Where there are as many as there may
    /// be, it looks at the next few places: each question that finds no room would look at all of them, and replies wait for that.
    fn sweep(&mut self, max: usize) -> Vec<Arc<dyn Pending>> {
        let asks = self.by_number.len();
        if asks >= self.sweep_at.max(SWEEP_MIN) {
            self.sweep_all()
        } else if asks >= max {
            self.sweep_next()
        } else {
            Vec::new()
        }
    }

    fn sweep_all(&mut self) -> Vec<Arc<dyn Pending>> {
        let over = self.by_number.extract_if(|ask| ask.1.is_over()).map(|ask| ask.1).collect();
        self.sweep_at = 2 * self.by_number.len();
        over
    }

    fn sweep_next(&mut self) -> Vec<Arc<dyn Pending>> {
        let places = self.by_number.num_buckets();
        let begin = if self.swept < places { self.swept } else { 0 };
        let end = places.min(begin + PLACES_MAX);
        self.swept = end;
        let mut over = Vec::new();
        for place in begin..end {
            if let Ok(ask) = self.by_number.get_bucket_entry(place)
                && ask.get().1.is_over()
            {
                over.push(ask.remove().0.1);
            }
        }
        if over.len() * OVER_PART >= end - begin {
            over.append(&mut self.sweep_all());
        }
        over
    }

    /// Gives back most of the room that many asks have taken, when few are left.
    fn give_room_back(&mut self) {
        let (room, asks) = (self.by_number.capacity(), self.by_number.len());
        if room > ROOM_MIN && asks < room / 8 {
            self.moves += 1;
            self.by_number.shrink_to((2 * asks).max(ROOM_MIN / 2), Numbered::hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::{AtomicBool, AtomicUsize, Ordering, shared};

    struct Ask(usize, bool);

    impl Pending for Ask {
        fn reply(&self, _: &Arc<Here>, _: Written<'_>, _: &mut Woken) -> bool {
            true
        }

        fn unread(&self) {}

        fn let_go(&self) {}

        fn is_over(&self) -> bool {
            self.1
        }

        fn asked(&self) -> ActorKey {
            (self.0, crate::id::ActorId::new(1))
        }
    }

    fn pending(ask: Ask) -> Arc<dyn Pending> {
        shared!(ask => dyn Pending)
    }

    fn room(asks: &Asks) -> usize {
        asks.0.with(|table| table.by_number.capacity())
    }

    #[test]
    fn an_ask_is_taken_once_and_those_of_a_lost_peer_in_their_order() {
        let asks = Asks::new(&mut Rng::new(1));
        let numbers: Vec<u64> =
            (0..100).map(|ask| asks.add(pending(Ask(ask % 2, false)), 100).ok().unwrap()).collect();
        assert!(asks.add(pending(Ask(0, false)), 100).is_err(), "there are as many as there may be");
        assert!(asks.take(numbers[10]).is_some() && asks.take(numbers[10]).is_none());
        assert!(asks.any_of(1) && asks.any_of(0));
        assert_eq!((asks.take_all_of(0).len(), asks.take_all_of(0).len()), (49, 0));
        assert!(asks.any_of(1) && !asks.any_of(0));
    }

    #[test]
    fn what_is_over_makes_room_and_the_room_of_many_is_given_back() {
        let asks = Asks::new(&mut Rng::new(1));
        for _ in 0..SWEEP_MIN {
            assert!(asks.add(pending(Ask(0, true)), SWEEP_MIN).is_ok());
        }
        assert!(asks.add(pending(Ask(0, false)), SWEEP_MIN).is_ok());
        assert!(asks.any_of(0));
        let asks = Asks::new(&mut Rng::new(1));
        let numbers: Vec<u64> =
            (0..100_000).map(|_| asks.add(pending(Ask(0, false)), 1 << 20).ok().unwrap()).collect();
        let most = room(&asks);
        assert!(numbers.iter().all(|number| asks.take(*number).is_some()));
        assert!(most >= 100_000 && room(&asks) <= 2 * ROOM_MIN, "{most}, then {}", room(&asks));
    }

    /// Counts how often it is looked at, and is over when it is said to be.
    struct Watched(Arc<AtomicUsize>, Arc<AtomicBool>);

    impl Pending for Watched {
        fn reply(&self, _: &Arc<Here>, _: Written<'_>, _: &mut Woken) -> bool {
            true
        }

        fn unread(&self) {}

        fn let_go(&self) {}

        fn is_over(&self) -> bool {
            self.0.fetch_add(1, Ordering::Relaxed);
            self.1.load(Ordering::Relaxed)
        }

        fn asked(&self) -> ActorKey {
            (0, crate::id::ActorId::new(1))
        }
    }

    #[test]
    fn at_the_limit_a_question_looks_at_few_others_and_those_that_are_over_make_room_all_the_same() {
        const MAX: usize = 50_000;
        let (asks, looks) = (Asks::new(&mut Rng::new(1)), Arc::new(AtomicUsize::new(0)));
        let add = |over: &Arc<AtomicBool>| {
            let ask = Watched(Arc::clone(&looks), Arc::clone(over));
            asks.add(shared!(ask => dyn Pending), MAX).is_ok()
        };
        let [all, one] = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
        assert!((1..MAX).all(|_| add(&all)) && add(&one));
        looks.store(0, Ordering::Relaxed);
        assert!((0..200).all(|_| !add(&all)));
        let looked = looks.load(Ordering::Relaxed);
        assert!(looked <= 200 * PLACES_MAX, "{looked}");
        // One of so many is found in the end, and of many all at once.
        one.store(true, Ordering::Relaxed);
        assert!((0..64).any(|_| add(&all)) && !add(&all));
        all.store(true, Ordering::Relaxed);
        assert!(add(&one) && asks.0.with(|table| table.by_number.len()) == 1);
    }

    #[test]
    fn however_many_wait_others_have_the_table_before_all_are_looked_at() {
        let asks = Asks::new(&mut Rng::new(1));
        for ask in 0..50_000 {
            assert!(asks.add(pending(Ask(ask % 2, ask % 4 > 1)), 1 << 20).is_ok());
        }
        assert_eq!(asks.waiting(), BTreeMap::from([(0, 12_500), (1, 12_500)]));
        let (mut look, mut seen, mut turns) = (Look::default(), 0, 0);
        loop {
            let before = seen;
            let more = asks.0.with(|table| {
                table.look(&mut look, &mut |_| {
                    seen += 1;
                    false
                })
            });
            assert!(seen - before <= PLACES_MAX);
            turns += 1;
            if !more {
                break;
            }
        }
        assert!((seen, look.moved) == (25_000, false) && turns > 40, "{seen} in {turns}");
    }

    #[test]
    fn a_look_at_a_table_that_is_moved_meanwhile_says_so() {
        let asks = Asks::new(&mut Rng::new(1));
        let add = || assert!(asks.add(pending(Ask(0, false)), 1 << 20).is_ok());
        (0..10_000).for_each(|_| add());
        let mut look = Look::default();
        let mut go_on = || asks.0.with(|table| table.look(&mut look, &mut |_| false));
        assert!(go_on());
        let before = room(&asks);
        while room(&asks) <= before {
            add();
        }
        assert!(!go_on() && look.moved);
    }
}
