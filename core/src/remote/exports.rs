//! The actors of a node that others know.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::any::Any;
use core::cmp::Reverse;

use super::codec::{Written, decode};
use super::here::Here;
use super::name::Remote;
use crate::actor::{ActorKey, ActorRef, AnyRef, Function, Refers, SendError, Woken};
use crate::sync::{Arc, AtomicBool, Lock, Ordering, erased, known_alone};

/// An actor that others know, and how their bytes become its messages.
pub(crate) trait Export: Send + Sync {
    /// Tells the actor the message that is written there; if it has stopped, that is heard before the message is dropped.
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
    /// The reference to it, which knows what it takes.
    fn reference(&self) -> &dyn Any;
    /// What the type of its messages is called.
    fn name(&self) -> &'static str;
    /// It is found by its path: it does not make way for others.
    fn keep(&self);
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

    fn reference(&self) -> &dyn Any {
        &self.actor
    }

    fn name(&self) -> &'static str {
        M::NAME
    }

    fn keep(&self) {
        self.kept.store(true, Ordering::Relaxed);
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

    fn reference(&self) -> &dyn Any {
        (**self).reference()
    }

    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn keep(&self) {
        (**self).keep();
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
        self.put(number, erased!(Arc::new(Exported::new(actor.clone())) => dyn Export), max)
    }

    /// Makes what is behind an export known by that number, in place of what was.
    pub(super) fn put(&self, number: u64, export: Arc<dyn Export>, max: usize) -> Result<(), TooMany> {
        let (added, _gone) = self.0.with(|table| {
            let mut gone = table.sweep(max);
            if table.by_number.len() >= max {
                gone.append(&mut table.make_way());
            }
            if table.by_number.len() >= max {
                gone.push(export);
                return (Err(TooMany), gone);
            }
            gone.extend(table.by_number.insert(number, export));
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
        let all = self.0.with(core::mem::take);
        drop(all);
    }
}

impl Table {
    /// Takes out those that have stopped, when there are twice as many as after the last time.
    fn sweep(&mut self, max: usize) -> Vec<Arc<dyn Export>> {
        if self.by_number.len() < self.sweep_at.max(SWEEP_MIN).min(max) {
            return Vec::new();
        }
        let (kept, swept): (BTreeMap<_, _>, BTreeMap<_, _>) = core::mem::take(&mut self.by_number)
            .into_iter()
            .partition(|(_, export)| !export.actor().is_stopped());
        self.by_number = kept;
        self.by_function.retain(|_, number| self.by_number.contains_key(number));
        self.sweep_at = 2 * self.by_number.len();
        swept.into_values().collect()
    }

    /// Of the adapters that may go takes out the older half of those of one actor: the one that has the most. Who has told one of
    /// them something may go on to.
    fn make_way(&mut self) -> Vec<Arc<dyn Export>> {
        let mut all: BTreeMap<ActorKey, Vec<u64>> = BTreeMap::new();
        for (number, export) in &self.by_number {
            if export.may_go() {
                all.entry(export.actor().key()).or_default().push(*number);
            }
        }
        // The key of an actor need not be the same on every machine.
        let most = all.into_values().max_by_key(|numbers| (numbers.len(), Reverse(numbers.first().copied())));
        let numbers = most.unwrap_or_default();
        // The last of them are perhaps on their way to who is to tell them something.
        numbers[..numbers.len() / 2].iter().filter_map(|number| self.by_number.remove(number)).collect()
    }
}
