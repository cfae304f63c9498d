//! A socket that does not wait: what it hears is handed on, what is said goes out.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::task::Context;

use async_io::Async;
use casty_core::Instant;
use casty_datagram::{Input, Key, Output};

use super::ear::Ear;
use super::{Carrier, End};

/// A socket.
pub(super) struct Socket {
    socket: Async<UdpSocket>,
    /// Whom it is connected to.
    peer: Option<SocketAddr>,
    incoming: Box<[u8]>,
    outgoing: Vec<u8>,
    /// Where `outgoing` is to go, as soon as there is room for it.
    unsent: Option<SocketAddr>,
    /// Hears that there is something to hear, and that there is room.
    readable: Arc<Ear>,
    writable: Arc<Ear>,
}

/// So many datagrams are heard before others have the thread.
const DATAGRAMS_MAX: usize = 128;

impl Socket {
    /// A datagram that is longer than `bytes_max` says nothing to anybody here, so that it may be cut.
    pub(super) fn new(
        socket: Async<UdpSocket>,
        peer: Option<SocketAddr>,
        bytes_max: usize,
        carrier: &Arc<Carrier>,
    ) -> Self {
        Self {
            socket,
            peer,
            incoming: vec![0; bytes_max].into_boxed_slice(),
            outgoing: Vec::new(),
            unsent: None,
            readable: Ear::new(carrier),
            writable: Ear::new(carrier),
        }
    }

    /// Whether there is no room for what waits to be sent. It wakes when there is.
    pub(super) const fn is_full(&self) -> bool {
        self.unsent.is_some()
    }

    /// Hears what has come in, and wakes when more does; says whether the peer's machine says that nobody is there.
    pub(super) fn receive(&mut self, now: Instant, endpoint: &mut End) -> bool {
        let (mut refused, mut left) = (false, DATAGRAMS_MAX);
        while !self.readable.waits() {
            while left > 0 {
                left -= 1;
                match self.receive_one() {
                    Ok((from, bytes)) => endpoint.handle(now, Input::Datagram(from, &self.incoming[..bytes])),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    // It is about one datagram that was sent; others may have come in behind it.
                    Err(error) => refused |= error.kind() == ErrorKind::ConnectionRefused,
                }
            }
            let waker = self.readable.waker();
            if self.socket.poll_readable(&mut Context::from_waker(&waker)).is_ready() {
                self.readable.was_not_needed();
            }
        }
        refused
    }

    fn receive_one(&mut self) -> io::Result<(SocketAddr, usize)> {
        let socket = self.socket.get_ref();
        match self.peer {
            Some(peer) => Ok((peer, socket.recv(&mut self.incoming)?)),
            None => socket.recv_from(&mut self.incoming).map(|(bytes, from)| (from, bytes)),
        }
    }

    /// Sends all there is to send, as far as there is room, and hands on what else is new: of a conversation, or that somebody calls.
    pub(super) fn send(&mut self, now: Instant, endpoint: &mut End, mut news: impl FnMut(Option<Key>)) {
        if self.writable.waits() {
            return;
        }
        if let Some(to) = self.unsent.take()
            && !self.send_one(to)
        {
            return;
        }
        while let Some(output) = endpoint.poll(now, &mut self.outgoing) {
            match output {
                Output::Send(to) if !self.send_one(to) => return,
                Output::Send(_) => {}
                Output::News(key) => news(Some(key)),
                Output::Caller => news(None),
            }
        }
    }

    /// Sends `outgoing`; says whether there was room for it.
    fn send_one(&mut self, to: SocketAddr) -> bool {
        loop {
            let socket = self.socket.get_ref();
            let sent = match self.peer {
                Some(_) => socket.send(&self.outgoing),
                None => socket.send_to(&self.outgoing, to),
            };
            if !sent.is_err_and(|error| error.kind() == ErrorKind::WouldBlock) {
                // What cannot be sent is lost, as it may be anywhere on its way.
                return true;
            }
            let waker = self.writable.waker();
            if self.socket.poll_writable(&mut Context::from_waker(&waker)).is_pending() {
                self.unsent = Some(to);
                return false;
            }
            self.writable.was_not_needed();
        }
    }
}
