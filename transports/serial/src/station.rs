//! What the driver of a line shares with its connections: what is said, and who waits.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem;
use core::task::{Context, Poll, Waker};

use casty_core::{Executor, Instant, Rng, millis, secs};
use casty_datagram::{Ended, Endpoint, Input, Key, Output, Seed, Settings};

use crate::frames::DATAGRAM_BYTES_MAX;
use crate::sync::Lock;

/// One end of a line.
pub(crate) struct Station {
    executor: Box<dyn Executor>,
    state: Lock<State>,
}

struct State {
    endpoint: Endpoint<()>,
    listening: bool,
    /// Who waits for whatever it is. There are few, so all of them look when something has come.
    waiting: Vec<Waker>,
    driver: Option<Waker>,
    /// Nobody has the line any more.
    left: bool,
    /// How often there was garbage on the line.
    damaged: u64,
}

/// Sized for a device; at 115,200 bits per second, what is on its way at most takes a third of a second.
fn settings() -> Settings {
    Settings {
        datagram_bytes_max: DATAGRAM_BYTES_MAX,
        receive_bytes_max: 2 << 10,
        send_bytes_max: 2 << 10,
        packets_max: 16,
        conversations_max: 8,
        half_open_max: 2,
        backlog_max: 2,
        ack_delay: millis(20),
        first_round_trip: millis(200),
        idle: secs(15),
        linger: secs(5),
        ..Settings::default()
    }
}

impl Station {
    pub(crate) fn new(executor: impl Executor, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let mut secret = [0; 32];
        secret.chunks_exact_mut(8).for_each(|part| part.copy_from_slice(&rng.next_u64().to_le_bytes()));
        let endpoint = Endpoint::new(settings(), Seed::new(secret));
        let state =
            State { endpoint, listening: false, waiting: Vec::new(), driver: None, left: false, damaged: 0 };
        Self { executor: Box::new(executor), state: Lock::new(state) }
    }

    pub(crate) fn executor(&self) -> &dyn Executor {
        &*self.executor
    }

    /// Takes calls from now on; false when somebody does already.
    pub(crate) fn listen(&self) -> bool {
        self.changed(|state, _| {
            let free = !mem::replace(&mut state.listening, true);
            state.endpoint.listen(true);
            free
        })
    }

    pub(crate) fn listen_no_more(&self) {
        self.changed(|state, _| {
            state.listening = false;
            state.endpoint.listen(false);
        });
    }

    pub(crate) fn dial(&self) -> Result<Key, Ended> {
        self.changed(|state, now| state.endpoint.dial(now, ()))
    }

    pub(crate) fn close(&self, key: Key) {
        self.changed(|state, now| state.endpoint.close(now, key));
    }

    /// Nobody has the line any more: it is driven until all has been said.
    pub(crate) fn leave(&self) {
        self.changed(|state, _| state.left = true);
    }

    pub(crate) fn poll_accept(&self, cx: &Context<'_>) -> Poll<Key> {
        self.waits(cx, |state, _| state.endpoint.accept().map_or(Poll::Pending, Poll::Ready))
    }

    pub(crate) fn poll_opened(&self, key: Key, cx: &Context<'_>) -> Poll<Result<(), Ended>> {
        self.waits(cx, |state, _| match state.endpoint.opened(key) {
            Ok(true) => Poll::Ready(Ok(())),
            Ok(false) => Poll::Pending,
            Err(ended) => Poll::Ready(Err(ended)),
        })
    }

    pub(crate) fn poll_read(
        &self,
        key: Key,
        cx: &Context<'_>,
        into: &mut [u8],
    ) -> Poll<Result<usize, Ended>> {
        self.waits(cx, |state, now| state.endpoint.read(now, key, into))
    }

    pub(crate) fn poll_write(&self, key: Key, cx: &Context<'_>, bytes: &[u8]) -> Poll<Result<usize, Ended>> {
        self.waits(cx, |state, now| state.endpoint.write(now, key, bytes))
    }

    /// So often there was garbage on the line.
    pub(crate) fn note_damaged(&self, damaged: u64) {
        self.state.with(|state| state.damaged = damaged);
    }

    pub(crate) fn damaged(&self) -> u64 {
        self.state.with(|state| state.damaged)
    }

    /// A datagram has come over the line.
    pub(crate) fn hear(&self, datagram: &[u8]) {
        self.happened(Input::Datagram((), datagram));
    }

    /// Time has passed; says until when nothing need be done, if that is later. The driver is woken when it has changed.
    ///
    /// What is earlier is over when what it is about has been said: when the line takes it.
    pub(crate) fn pass_time(&self, driver: &Context<'_>) -> Option<Instant> {
        let now = self.executor.now();
        let deadline = self.state.with(|state| {
            if !state.driver.as_ref().is_some_and(|waker| waker.will_wake(driver.waker())) {
                state.driver = Some(driver.waker().clone());
            }
            state.endpoint.deadline()
        })?;
        if deadline > now {
            return Some(deadline);
        }
        self.happened(Input::Time);
        self.state.with(|state| state.endpoint.deadline()).filter(|deadline| *deadline > now)
    }

    /// The next datagram that is to go over the line.
    pub(crate) fn poll_say(&self, datagram: &mut Vec<u8>) -> Poll<()> {
        let now = self.executor.now();
        self.state.with(|state| {
            while let Some(output) = state.endpoint.poll(now, datagram) {
                // Who waits for the rest has been woken when it came.
                if let Output::Send(()) = output {
                    return Poll::Ready(());
                }
            }
            Poll::Pending
        })
    }

    /// Whether nobody has the line any more, and all is said.
    pub(crate) fn is_over(&self) -> bool {
        self.state.with(|state| state.left && state.endpoint.is_idle())
    }

    fn happened(&self, input: Input<'_, ()>) {
        let now = self.executor.now();
        let waiting = self.state.with(|state| {
            state.endpoint.handle(now, input);
            mem::take(&mut state.waiting)
        });
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Changes something, of which the driver is to know.
    fn changed<R>(&self, change: impl FnOnce(&mut State, Instant) -> R) -> R {
        let now = self.executor.now();
        let (done, driver) = self.state.with(|state| (change(state, now), state.driver.take()));
        driver.into_iter().for_each(Waker::wake);
        done
    }

    /// Does something that may have to wait; when it has been done, the driver is to know.
    fn waits<R>(&self, cx: &Context<'_>, act: impl FnOnce(&mut State, Instant) -> Poll<R>) -> Poll<R> {
        let now = self.executor.now();
        let (done, driver) = self.state.with(|state| {
            let done = act(state, now);
            if done.is_ready() {
                return (done, state.driver.take());
            }
            if !state.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
                state.waiting.push(cx.waker().clone());
            }
            (done, None)
        });
        driver.into_iter().for_each(Waker::wake);
        done
    }
}
