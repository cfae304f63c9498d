//! How a task is woken: by its number, in a simulation that it does not keep alive.

use alloc::sync::{Arc, Weak};
use alloc::task::Wake;

use crate::machine::Machine;

/// Lets one task run.
pub(crate) struct TaskWaker {
    machine: Weak<Machine>,
    number: u64,
}

impl TaskWaker {
    /// The waker of the task of that number.
    pub(crate) fn new(machine: &Arc<Machine>, number: u64) -> Self {
        Self { machine: Arc::downgrade(machine), number }
    }
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(machine) = self.machine.upgrade() {
            machine.wake(self.number);
        }
    }
}
