//! How much may wait and be on its way: who finds no place waits for one, in turn.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_channel::oneshot::{self, Receiver, Sender};

/// A limit on requests, and on the bytes they have together.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Mutex<Places>>);

/// A place behind the gate, which becomes free when it is dropped.
pub(crate) struct Permit {
    gate: Option<Gate>,
    bytes: usize,
}

struct Places {
    requests_left: usize,
    bytes_left: usize,
    waiting: VecDeque<(usize, Sender<Permit>)>,
}

impl Gate {
    pub(crate) fn new(requests_max: usize, bytes_max: usize) -> Self {
        let waiting = VecDeque::new();
        Self(Arc::new(Mutex::new(Places { requests_left: requests_max, bytes_left: bytes_max, waiting })))
    }

    /// A place for a request of `bytes`, as soon as there is one. Whoever drops the receiver leaves the line.
    pub(crate) fn enter(&self, bytes: usize) -> Receiver<Permit> {
        let (sender, receiver) = oneshot::channel();
        self.places().waiting.push_back((bytes, sender));
        self.admit();
        receiver
    }

    /// Lets in who is first, as long as there is room.
    fn admit(&self) {
        loop {
            let Some((bytes, sender)) = self.places().next() else { return };
            let permit = Permit { gate: Some(self.clone()), bytes };
            if let Err(mut unwanted) = sender.send(permit) {
                // Taken back here and not by its drop, which would come back here, ever deeper.
                unwanted.gate = None;
                self.places().give_back(bytes);
            }
        }
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Places {
    fn next(&mut self) -> Option<(usize, Sender<Permit>)> {
        let (bytes, _) = self.waiting.front()?;
        if self.requests_left == 0 || *bytes > self.bytes_left {
            return None;
        }
        self.requests_left -= 1;
        self.bytes_left -= *bytes;
        self.waiting.pop_front()
    }

    const fn give_back(&mut self, bytes: usize) {
        self.requests_left += 1;
        self.bytes_left += bytes;
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(gate) = self.gate.take() {
            gate.places().give_back(self.bytes);
            gate.admit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(receiver: &mut Receiver<Permit>) -> Option<Permit> {
        receiver.try_recv().ok().flatten()
    }

    #[test]
    fn who_finds_no_place_waits_for_one_in_turn() {
        let gate = Gate::new(2, 100);
        let (mut a, mut b, mut c, mut d) = (gate.enter(60), gate.enter(60), gate.enter(1), gate.enter(1));
        let first = now(&mut a);
        assert!(first.is_some());
        assert!(
            now(&mut b).is_none() && now(&mut c).is_none(),
            "the bytes are used up, and nobody overtakes"
        );
        drop(first);
        let (second, third) = (now(&mut b), now(&mut c));
        assert!(second.is_some() && third.is_some());
        assert!(now(&mut d).is_none(), "the requests are used up");
        drop(second);
        assert!(now(&mut d).is_some());
    }

    #[test]
    fn a_crowd_that_has_left_the_line_takes_no_place() {
        let gate = Gate::new(1, 1);
        let first = now(&mut gate.enter(1));
        for _ in 0..100_000 {
            drop(gate.enter(1));
        }
        let mut last = gate.enter(1);
        drop(first);
        assert!(now(&mut last).is_some());
    }
}
