//! The actors of a node that others know.

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::any::Any;

use super::codec::{Written, decode};
use super::here::Here;
use super::name::Remote;
use crate::actor::{ActorRef, AnyRef, Refers, SendError, Woken};
use crate::sync::{Arc, Lock, erased, revealed};

/// An actor that others know, and how their bytes become its messages.
pub(crate) trait Export: Any + Send + Sync {
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
    /// What the type of its messages is called.
    fn name(&self) -> &'static str;
}

struct Exported<M: Remote>(ActorRef<M>);

impl<M: Remote> Export for Exported<M> {
    #[inline]
    fn receive(
        &self,
        here: &Arc<Here>,
        written: Written<'_>,
        woken: &mut Woken,
        stopped: &dyn Fn(),
    ) -> Result<(), String> {
        if let Err(error) = self.0.try_tell_among(decode(written, here)?, written.trace, woken) {
            if let SendError::Stopped(_) = error {
                stopped();
            }
            // Which makes it a dead letter.
            self.0.tell(error.into_message());
        }
        Ok(())
    }

    fn actor(&self) -> AnyRef {
        self.0.to_any()
    }

    fn name(&self) -> &'static str {
        M::NAME
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

    fn name(&self) -> &'static str {
        (**self).name()
    }
}

/// All of them, by the number that others know them by.
pub(super) struct Exports(Lock<Table>);

#[derive(Default)]
struct Table {
    by_number: BTreeMap<u64, Arc<dyn Export>>,
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

    /// Makes an actor known by that number.
    pub(super) fn add<M: Remote>(&self, number: u64, actor: &ActorRef<M>, max: usize) -> Result<(), TooMany> {
        if self.0.with(|table| table.by_number.contains_key(&number)) {
            return Ok(());
        }
        let export = erased!(Arc::new(Exported(actor.clone())) => dyn Export);
        let swept = self.0.with(|table| {
            let swept = table.sweep(max);
            if table.by_number.len() >= max {
                return Err((export, swept));
            }
            table.by_number.insert(number, export);
            Ok(swept)
        });
        // What was swept is dropped here, outside the lock.
        swept.map(drop).map_err(|_| TooMany)
    }

    /// The actor that others know by that number.
    pub(super) fn get(&self, number: u64) -> Option<Arc<dyn Export>> {
        self.0.with(|table| table.by_number.get(&number).cloned())
    }

    /// The same as a reference, if it takes such messages.
    pub(super) fn actor<M: Remote>(&self, number: u64) -> Option<ActorRef<M>> {
        let export = self.get(number)?;
        revealed!(&export => Exported<M>).map(|exported| exported.0.clone())
    }

    /// Forgets all.
    pub(super) fn clear(&self) {
        let all = self.0.with(core::mem::take);
        drop(all);
    }
}

impl Table {
    /// Takes out those that have stopped, when there are twice as many as after the last time.
    fn sweep(&mut self, max: usize) -> BTreeMap<u64, Arc<dyn Export>> {
        if self.by_number.len() < self.sweep_at.max(SWEEP_MIN).min(max) {
            return BTreeMap::new();
        }
        let (kept, swept) = core::mem::take(&mut self.by_number)
            .into_iter()
            .partition(|(_, export)| !export.actor().is_stopped());
        self.by_number = kept;
        self.sweep_at = 2 * self.by_number.len();
        swept
    }
}
