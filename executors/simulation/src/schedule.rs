//! Which task runs next: any that can, by chance.

use alloc::collections::BTreeMap;
use core::task::Waker;

use casty_core::{Rng, Task};

/// The future that the simulation itself runs for.
pub(crate) const MAIN: u64 = 0;

/// The tasks of a simulation, and those of them that can run.
pub(crate) struct Schedule {
    slots: BTreeMap<u64, Slot>,
    ready: Vec<u64>,
    next: u64,
    chance: Rng,
}

/// The place of one task.
struct Slot {
    /// Away while it is polled; that of [`MAIN`] always.
    task: Option<Task>,
    waker: Waker,
    /// It is among the ready ones.
    ready: bool,
}

/// What is to be polled, and by which waker it is woken.
pub(crate) struct Chosen {
    pub(crate) number: u64,
    pub(crate) among: usize,
    pub(crate) task: Option<Task>,
    pub(crate) waker: Waker,
}

impl Schedule {
    /// Without tasks; choices come from `chance`.
    pub(crate) const fn new(chance: Rng) -> Self {
        Self { slots: BTreeMap::new(), ready: Vec::new(), next: MAIN + 1, chance }
    }

    /// The number of the task to be added next.
    pub(crate) const fn number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    /// Adds a task, which can run at once.
    pub(crate) fn add(&mut self, number: u64, task: Option<Task>, waker: Waker) {
        self.slots.insert(number, Slot { task, waker, ready: true });
        self.ready.push(number);
    }

    /// Lets a task run, if there is still one of that number.
    pub(crate) fn wake(&mut self, number: u64) {
        let Some(slot) = self.slots.get_mut(&number) else { return };
        if !core::mem::replace(&mut slot.ready, true) {
            self.ready.push(number);
        }
    }

    /// Takes any task that can run.
    pub(crate) fn choose(&mut self) -> Option<Chosen> {
        loop {
            let among = self.ready.len();
            if among == 0 {
                return None;
            }
            let number = self.ready.swap_remove(self.chance.below(among));
            // One that was removed while it was ready is passed over.
            if let Some(slot) = self.slots.get_mut(&number) {
                slot.ready = false;
                return Some(Chosen { number, among, task: slot.task.take(), waker: slot.waker.clone() });
            }
        }
    }

    /// Puts a task back that is not done.
    pub(crate) fn put_back(&mut self, number: u64, task: Task) -> Option<Task> {
        match self.slots.get_mut(&number) {
            Some(slot) => slot.task.replace(task),
            None => Some(task),
        }
    }

    /// Forgets a task.
    pub(crate) fn remove(&mut self, number: u64) -> Option<Waker> {
        self.slots.remove(&number).map(|slot| slot.waker)
    }

    /// Takes all tasks, oldest first.
    pub(crate) fn clear(&mut self) -> Vec<Task> {
        self.ready.clear();
        core::mem::take(&mut self.slots).into_values().filter_map(|slot| slot.task).collect()
    }

    /// How many tasks there are.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }
}
