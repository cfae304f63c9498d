//! A socket and its conversations, and whoever does their work: its own waker.

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_io::Async;
use casty_core::{Instant, millis};
use casty_datagram::{Ended, Endpoint, Key};

use clock::Clock;
use socket::Socket;

mod clock;
mod ear;
mod socket;

/// The conversations of a socket.
pub(crate) type End = Endpoint<SocketAddr>;

/// A socket and its conversations.
///
/// The reactor that wakes it does its work ([`Ear`](ear::Ear)). It takes its lock for as long as that lasts, and wakes others only afterwards. It
/// lives until the last conversation is over, as its socket and its timer hold it.
pub(crate) struct Carrier {
    state: Mutex<State>,
}

struct State {
    endpoint: End,
    /// `None` when nothing will happen any more.
    socket: Option<Socket>,
    clock: Clock,
    /// Who waits: for bytes, and for room.
    waiting: BTreeMap<Key, [Option<Waker>; 2]>,
    acceptor: Option<Waker>,
    listening: bool,
}

/// How often time is looked at before others have the thread, and for how long they do then.
const ROUNDS: usize = 16;
const PAUSE: Duration = millis(1);

/// What somebody waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wish {
    Read = 0,
    Write = 1,
}

impl Carrier {
    /// A socket, and whom alone it talks with if it is dialed.
    pub(crate) fn new(
        socket: Async<UdpSocket>,
        peer: Option<SocketAddr>,
        bytes_max: usize,
        endpoint: End,
    ) -> Arc<Self> {
        let state = State {
            endpoint,
            socket: None,
            clock: Clock::new(),
            waiting: BTreeMap::new(),
            acceptor: None,
            listening: false,
        };
        let carrier = Arc::new(Self { state: Mutex::new(state) });
        let mut state = carrier.lock();
        state.socket = Some(Socket::new(socket, peer, bytes_max, &carrier));
        state.clock.wakes(&carrier);
        drop(state);
        carrier
    }

    /// Does something with the conversations, and nothing else.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut End, Instant) -> T) -> T {
        let mut state = self.lock();
        let now = state.clock.now();
        act(&mut state.endpoint, now)
    }

    /// Does something with a conversation and sends what follows; whoever has to wait is woken when there is news.
    pub(crate) fn poll<T>(
        &self,
        key: Key,
        wish: Wish,
        cx: &Context<'_>,
        act: impl FnOnce(&mut End, Instant) -> Poll<Result<T, Ended>>,
    ) -> Poll<Result<T, Ended>> {
        let mut state = self.lock();
        let now = state.clock.now();
        let polled = act(&mut state.endpoint, now);
        let mut woken = Vec::new();
        if polled.is_pending() {
            // Who waited before is not woken any more: there is one future.
            state.waiting.entry(key).or_default()[wish as usize] = Some(cx.waker().clone());
        } else {
            state.go_on(&mut woken);
        }
        drop(state);
        woken.into_iter().for_each(Waker::wake);
        polled
    }

    /// The next conversation that somebody has begun, and where they are.
    pub(crate) fn poll_accept(&self, cx: &Context<'_>) -> Poll<(Key, SocketAddr)> {
        let mut state = self.lock();
        while let Some(key) = state.endpoint.accept() {
            if let Some(from) = state.endpoint.peer(key).copied() {
                return Poll::Ready((key, from));
            }
        }
        state.acceptor = Some(cx.waker().clone());
        Poll::Pending
    }

    pub(crate) fn listen(&self) {
        let mut state = self.lock();
        state.endpoint.listen(true);
        state.listening = true;
        drop(state);
        self.run();
    }

    pub(crate) fn listen_no_more(&self) {
        let mut state = self.lock();
        state.endpoint.listen(false);
        state.listening = false;
        let waiting = state.acceptor.take();
        drop(state);
        drop(waiting);
        self.run();
    }

    /// Nobody wants that conversation any more.
    pub(crate) fn leave(&self, key: Key) {
        let mut state = self.lock();
        let now = state.clock.now();
        let waiting = state.waiting.remove(&key);
        state.endpoint.close(now, key);
        drop(state);
        drop(waiting);
        self.run();
    }

    /// Does what is to be done now, and sees to it that this is called when there is more.
    pub(crate) fn run(&self) {
        let mut woken = Vec::new();
        let mut state = self.lock();
        state.receive();
        state.go_on(&mut woken);
        drop(state);
        woken.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Hears what has come in.
    fn receive(&mut self) {
        let Some(socket) = &mut self.socket else { return };
        let refused = socket.receive(self.clock.now(), &mut self.endpoint);
        if refused {
            // Only a dial ends by that: in a conversation it may be a lie, and the truth comes out in time.
            let dialing: Vec<Key> = self.waiting.keys().copied().collect();
            dialing.into_iter().for_each(|key| self.endpoint.refused(key));
        }
    }

    /// Does what is due and sends what there is to send, notes who is to be woken, and sees to it that it goes on in time.
    fn go_on(&mut self, woken: &mut Vec<Waker>) {
        for _ in 0..ROUNDS {
            let Some(socket) = &mut self.socket else { return };
            self.clock.expire(&mut self.endpoint);
            let (waiting, acceptor) = (&mut self.waiting, &mut self.acceptor);
            socket.send(self.clock.now(), &mut self.endpoint, |news| match news {
                Some(key) => {
                    let those = waiting.get_mut(&key).into_iter().flatten();
                    woken.extend(those.filter_map(Option::take));
                }
                None => woken.extend(acceptor.take()),
            });
            if socket.is_full() {
                return;
            }
            if !self.listening && self.endpoint.is_idle() {
                // The reactor lets go of this, and so it ends.
                self.socket = None;
                self.clock.stop();
                return;
            }
            if self.clock.wake_at(self.endpoint.deadline()) {
                return;
            }
        }
        // Others have the thread first.
        while !self.clock.wake_at(Some(self.clock.now() + PAUSE)) {}
    }
}
