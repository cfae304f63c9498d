//! The tasks of a loop, and one round of polling them.

use alloc::vec::Vec;
use core::task::{Context, Waker};

use casty_core::{Footprint, Task};

use crate::alarm::{Alarm, Flag};
use crate::sync::{Arc, shared};

/// The tasks of one loop.
///
/// A round looks at the flag of each: a system is three or four tasks, so a list of the raised ones, which interrupts would have to
/// write to, is worth less than it costs.
pub(crate) struct Tasks {
    slots: Vec<Slot>,
    /// Those to be polled in this round, by ticket; kept for its buffer.
    raised: Vec<(usize, usize)>,
}

/// The place of one task.
struct Slot {
    /// Away while it is polled, so that one that panics is not polled again.
    task: Option<Task>,
    flag: Arc<Flag>,
    waker: Waker,
}

impl Tasks {
    /// None.
    pub(crate) const fn new() -> Self {
        Self { slots: Vec::new(), raised: Vec::new() }
    }

    /// The memory of so many tasks.
    pub(crate) const fn footprint(tasks: usize) -> Footprint {
        Footprint::list::<Slot>(tasks)
            .and(Footprint::list::<(usize, usize)>(tasks))
            .and(shared::<Flag>().times(tasks))
    }

    /// Takes up a task, which is polled in the next round.
    pub(crate) fn add(&mut self, task: Task, alarm: &Arc<Alarm>) {
        let flag = Arc::new(Flag::raised(Arc::clone(alarm)));
        let waker = Waker::from(Arc::clone(&flag));
        self.slots.push(Slot { task: Some(task), flag, waker });
    }

    /// Polls each task whose flag is raised once, in the order in which they were.
    pub(crate) fn round(&mut self) {
        self.raised.clear();
        for (index, slot) in self.slots.iter().enumerate() {
            let Some(place) = slot.flag.place() else { continue };
            // They are few: a sort of the library is seven kilobytes of code on a device.
            let before = self.raised.partition_point(|(earlier, _)| *earlier < place);
            self.raised.insert(before, (place, index));
        }
        for turn in 0..self.raised.len() {
            let (_, index) = self.raised[turn];
            self.slots[index].poll();
        }
        self.slots.retain(|slot| slot.task.is_some());
    }

    /// How many are not done.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }
}

impl Slot {
    fn poll(&mut self) {
        self.flag.lower();
        let Some(mut task) = self.task.take() else { return };
        if task.as_mut().poll(&mut Context::from_waker(&self.waker)).is_pending() {
            self.task = Some(task);
        }
    }
}
