//! Senders who wait for room in a mailbox.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::task::Waker;

/// Those who wait, first come first served. Only a mailbox at which someone has waited has it, and links what it does.
pub(super) trait Line: Send {
    /// The place of that ticket, or of whoever comes now.
    fn place(&self, ticket: Option<u64>) -> usize;
    /// Puts a sender in line, or lets it be called again where it stands.
    fn wait(&mut self, ticket: &mut Option<u64>, waker: &mut Option<Waker>);
    /// Takes a sender out; its waker is to be dropped outside the lock.
    fn leave(&mut self, ticket: Option<u64>) -> Option<Waker>;
    /// Calls the first, so many at most: they stay in line until their message is told.
    fn call(&mut self, room: usize) -> Vec<Waker>;
    /// Calls all, as there will be no room.
    fn end(&mut self) -> Vec<Waker>;
}

impl dyn Line {
    /// Nobody waits.
    pub(super) fn none() -> Box<Self> {
        Box::new(Senders { line: VecDeque::new(), next_ticket: 0 })
    }
}

struct Senders {
    line: VecDeque<(u64, Option<Waker>)>,
    next_ticket: u64,
}

impl Line for Senders {
    fn place(&self, ticket: Option<u64>) -> usize {
        let find = |ticket| self.line.binary_search_by_key(&ticket, |(waiting, _)| *waiting).ok();
        ticket.and_then(find).unwrap_or(self.line.len())
    }

    fn wait(&mut self, ticket: &mut Option<u64>, waker: &mut Option<Waker>) {
        let place = self.place(*ticket);
        match self.line.get_mut(place) {
            Some((_, known)) => core::mem::swap(known, waker),
            None => {
                *ticket = Some(self.next_ticket);
                self.line.push_back((self.next_ticket, waker.take()));
                self.next_ticket += 1;
            }
        }
    }

    fn leave(&mut self, ticket: Option<u64>) -> Option<Waker> {
        let place = self.place(Some(ticket?));
        self.line.remove(place)?.1
    }

    fn call(&mut self, room: usize) -> Vec<Waker> {
        self.line.iter_mut().take(room).filter_map(|(_, waker)| waker.take()).collect()
    }

    fn end(&mut self) -> Vec<Waker> {
        self.line.drain(..).filter_map(|(_, waker)| waker).collect()
    }
}
