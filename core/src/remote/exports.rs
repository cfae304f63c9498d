//! The actors of a node that others know.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::any::Any;
use core::cmp::Reverse;
use core::mem;

use super::codec::{Written, decode};
use super::here::Here;
use super::name::Remote;
use crate::actor::{ActorKey, ActorRef, AnyRef, Function, Refers, SendError, Woken};
use crate::sync::{Arc, AtomicBool, Lock, Ordering, erased, known_alone};

/// An actor that others know, and how their bytes become its messages.
pub(crate) trait Export: Send + Sync {
    /// Tells the actor the message that is written there; if it takes none any more, that is heard before the message is dropped.
    ///
    /// The actor, if it is woken, is to be run by whoever has `woken`.
    fn receive(
        &self,
        here: &Arc<Here>,
        written: Written<'_>,
        woken: &mut Woken,
        stopped: &dyn Fn(),
    ) -> Result<(), String>;
    /// The actor.
    fn actor(&self) -> AnyRef;
    /// Whether it has ended, with all below it.
    fn has_ended(&self) -> bool;
    /// The reference to it, which knows what it takes.
    fn reference(&self) -> &dyn Any;
    /// What the type of its messages is called.
    fn name(&self) -> &'static str;
    /// It is found by its path, and does not make way for others; or it is no more.
    fn keep(&self, found: bool);
    /// Whether it may make way: it is an adapter that nobody here holds any more, and not one that is known instead of others.
    fn may_go(&self) -> bool;
}

/// An actor whose messages are read as they are written.
pub(crate) struct Exported<M: Remote> {
    actor: ActorRef<M>,
    kept: AtomicBool,
}

impl<M: Remote> Exported<M> {
    pub(crate) fn new(actor: ActorRef<M>) -> Self {
        Self { actor, kept: AtomicBool::default() }
    }
}

impl<M: Remote> Export for Exported<M> {
    #[inline]
    fn receive(
        &self,
        here: &Arc<Here>,
        written: Written<'_>,
        woken: &mut Woken,
        stopped: &dyn Fn(),
    ) -> Result<(), String> {
        if let Err(error) = self.actor.try_tell_among(decode(written, here)?, written.trace, woken) {
            if let SendError::Stopped(_) = error {
                stopped();
            }
            // Which makes it a dead letter.
            self.actor.tell(error.into_message());
        }
        Ok(())
    }

    fn actor(&self) -> AnyRef {
        self.actor.to_any()
    }

    fn has_ended(&self) -> bool {
        self.actor.inbox().map_or_else(|| self.actor.is_stopped(), |inbox| inbox.lanes.has_ended())
    }

    fn reference(&self) -> &dyn Any {
        &self.actor
    }

    fn name(&self) -> &'static str {
        M::NAME
    }

    fn keep(&self, found: bool) {
        self.kept.store(found, Ordering::Relaxed);
    }

    fn may_go(&self) -> bool {
        let adapter =
            self.actor.other().filter(|other| other.number() != other.actor().target().id().number());
        adapter.is_some_and(|adapter| known_alone(adapter) && adapter.function().is_none())
            && !self.kept.load(Ordering::Relaxed)
    }
}

/// What a pointer without coercion needs.
impl<T: Export> Export for Arc<T> {
    fn receive(
        &self,
        here: &Arc<Here>,
        written: Written<'_>,
        woken: &mut Woken,
        stopped: &dyn Fn(),
    ) -> Result<(), String> {
        (**self).receive(here, written, woken, stopped)
    }

    fn actor(&self) -> AnyRef {
        (**self).actor()
    }

    fn has_ended(&self) -> bool {
        (**self).has_ended()
    }

    fn reference(&self) -> &dyn Any {
        (**self).reference()
    }

    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn keep(&self, found: bool) {
        (**self).keep(found);
    }

    fn may_go(&self) -> bool {
        (**self).may_go()
    }
}

/// All of them, by the number that others know them by.
pub(super) struct Exports(Lock<Table>);

#[derive(Default)]
struct Table {
    by_number: BTreeMap<u64, Arc<dyn Export>>,
    /// The adapters that stand for all of the same actor that do the same: else one that is made for each message is known by ever
    /// more numbers.
    by_function: BTreeMap<(ActorKey, Function), u64>,
    /// At this size those that have stopped are looked for.
    sweep_at: usize,
}

const SWEEP_MIN: usize = 64;
/// A look at all that are known, at the limit, makes room for such a part of them, if it can.
const ROOM_PART: usize = 16;

/// There are as many as there may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TooMany;

impl Exports {
    pub(super) fn new() -> Self {
        Self(Lock::default())
    }

    /// Makes an actor known by its number, or by that of an adapter which does the same; gives back by which.
    pub(super) fn add_any<M: Remote>(&self, actor: &ActorRef<M>, max: usize) -> Result<u64, TooMany> {
        let Some(function) = actor.other().and_then(|other| other.function()) else {
            return self.add(actor, max).map(|()| actor.number());
        };
        let key = (actor.to_any().key(), function);
        let same = self.0.with(|table| table.by_function.get(&key).copied());
        if let Some(same) = same {
            return Ok(same);
        }
        self.add(actor, max)?;
        let number = actor.number();
        // Another may have been faster.
        Ok(self.0.with(|table| *table.by_function.entry(key).or_insert(number)))
    }

    /// Makes an actor known by its number.
    pub(super) fn add<M: Remote>(&self, actor: &ActorRef<M>, max: usize) -> Result<(), TooMany> {
        let number = actor.number();
        if self.0.with(|table| table.by_number.contains_key(&number)) {
            return Ok(());
        }
        self.insert((number, erased!(Arc::new(Exported::new(actor.clone())) => dyn Export)), max, false)
    }

    /// Makes what is behind an export known by that number, in place of what was.
    pub(super) fn put(&self, number: u64, export: Arc<dyn Export>, max: usize) -> Result<(), TooMany> {
        self.insert((number, export), max, true)
    }

    /// Makes an export known by its number, unless something is already and is not to be replaced.
    fn insert(
        &self,
        (number, export): (u64, Arc<dyn Export>),
        max: usize,
        replaces: bool,
    ) -> Result<(), TooMany> {
        let (added, _gone) = self.0.with(|table| {
            if let Some(known) = table.by_number.get_mut(&number) {
                let other = if replaces { mem::replace(known, export) } else { export };
                return (Ok(()), vec![other]);
            }
            let mut gone = table.make_room(max);
            if table.by_number.len() >= max {
                gone.push(export);
                return (Err(TooMany), gone);
            }
            table.by_number.insert(number, export);
            (Ok(()), gone)
        });
        // What has gone is dropped here, outside the lock.
        added
    }

    /// The actor that others know by that number.
    pub(super) fn get(&self, number: u64) -> Option<Arc<dyn Export>> {
        self.0.with(|table| table.by_number.get(&number).cloned())
    }

    /// The same as a reference, if it takes such messages.
    pub(super) fn actor<M: Remote>(&self, number: u64) -> Option<ActorRef<M>> {
        self.get(number)?.reference().downcast_ref::<ActorRef<M>>().cloned()
    }

    /// Forgets all.
    pub(super) fn clear(&self) {
        let all = self.0.with(mem::take);
        drop(all);
    }
}

impl Table {
    /// When there are twice as many as after the last time, or as many as there may be, takes out those that have stopped. At the
    /// limit adapters make way as well, where these are few: all that are left are looked at, which is to be enough for many more.
    fn make_room(&mut self, max: usize) -> Vec<Arc<dyn Export>> {
        let before = self.by_number.len();
        if before < self.sweep_at.max(SWEEP_MIN).min(max) {
            return Vec::new();
        }
        let mut gone = self.sweep();
        let enough = (max / ROOM_PART).max(1);
        if before >= max && gone.len() < enough {
            self.make_way(enough, &mut gone);
        }
        gone
    }

    /// Takes out those that have ended.
    fn sweep(&mut self) -> Vec<Arc<dyn Export>> {
        let (kept, swept): (BTreeMap<_, _>, BTreeMap<_, _>) =
            mem::take(&mut self.by_number).into_iter().partition(|(_, export)| !export.has_ended());
        self.by_number = kept;
        self.by_function.retain(|_, number| self.by_number.contains_key(number));
        self.sweep_at = 2 * self.by_number.len();
        swept.into_values().collect()
    }

    /// Of the adapters that may go takes out the older half of those of one actor after the other, until enough have gone: first of the
    /// one that has the most. Who has told one of them something may go on to.
    fn make_way(&mut self, enough: usize, gone: &mut Vec<Arc<dyn Export>>) {
        let mut all: BTreeMap<ActorKey, Vec<u64>> = BTreeMap::new();
        for (number, export) in &self.by_number {
            if export.may_go() {
                all.entry(export.actor().key()).or_default().push(*number);
            }
        }
        let mut all: Vec<_> = all.into_values().collect();
        // The key of an actor need not be the same on every machine.
        all.sort_unstable_by_key(|numbers| (Reverse(numbers.len()), numbers.first().copied()));
        for numbers in all {
            if gone.len() >= enough {
                break;
            }
            // The last of them are perhaps on their way to who is to tell them something.
            let older = &numbers[..numbers.len() / 2];
            gone.extend(older.iter().filter_map(|number| self.by_number.remove(number)));
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::boxed::Box;

    use super::*;
    use crate::actor::{Behavior, Limits, Newborn, SpawnOptions, World};
    use crate::dispatch::Crew;
    use crate::executor::Nowhere;
    use crate::sync::{AtomicUsize, shared};

    /// An adapter of an actor, which counts how often it is looked at.
    struct Adapter(AnyRef, Arc<AtomicUsize>);

    impl Adapter {
        fn looked_at(&self) {
            self.1.fetch_add(1, Ordering::Relaxed);
        }
    }

    impl Export for Adapter {
        fn receive(&self, _: &Arc<Here>, _: Written<'_>, _: &mut Woken, _: &dyn Fn()) -> Result<(), String> {
            Ok(())
        }

        fn actor(&self) -> AnyRef {
            self.looked_at();
            self.0.clone()
        }

        fn has_ended(&self) -> bool {
            self.actor().is_stopped()
        }

        fn reference(&self) -> &dyn Any {
            &self.0
        }

        fn name(&self) -> &'static str {
            "adapter"
        }

        fn keep(&self, _: bool) {}

        fn may_go(&self) -> bool {
            self.looked_at();
            true
        }
    }

    #[test]
    fn at_the_limit_one_look_at_all_makes_room_for_many_however_few_each_actor_has() {
        const MAX: usize = 1_600;
        let world =
            Arc::new(World::new("test".into(), Box::new(Nowhere), Crew::of(&Nowhere), Limits::default(), 1));
        let actor = || {
            let options = SpawnOptions::anonymous();
            let newborn = Newborn { behavior: Behavior::<()>::ignore(), options, guarded: false };
            World::spawn(&world, newborn).unwrap().to_any()
        };
        let actors: Vec<AnyRef> = (0..100).map(|_| actor()).collect();
        let (exports, looks) = (Exports::new(), Arc::new(AtomicUsize::new(0)));
        let add = |number: usize| {
            let adapter = Adapter(actors[number % actors.len()].clone(), Arc::clone(&looks));
            assert_eq!(exports.put(number as u64, shared!(adapter => dyn Export), MAX), Ok(()));
        };
        (0..MAX).for_each(add);
        looks.store(0, Ordering::Relaxed);
        (MAX..10 * MAX).for_each(add);
        let each = looks.load(Ordering::Relaxed) / (9 * MAX);
        assert!(each < 64, "{each} looks for each that is added");
        // Of each actor the last are there, and who is known is so again though there is no room.
        add(10 * MAX - 1);
        assert_eq!(
            exports.put(10 * MAX as u64 - 1, shared!(Adapter(actors[0].clone(), looks) => dyn Export), 1),
            Ok(())
        );
        assert!((10 * MAX - 100..10 * MAX).all(|number| exports.get(number as u64).is_some()));
    }
}
