//! One connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use casty_core::transport::{Connection, TransportError};
use casty_datagram::{Ended, Key};

use crate::carrier::{Carrier, Wish};

/// A conversation of a socket.
pub(crate) struct Stream {
    carrier: Arc<Carrier>,
    key: Key,
    peer: SocketAddr,
}

impl Stream {
    /// One that somebody else has begun.
    pub(crate) const fn accepted(carrier: Arc<Carrier>, key: Key, peer: SocketAddr) -> Self {
        Self { carrier, key, peer }
    }

    /// One that is to come about.
    pub(crate) fn dial(carrier: Arc<Carrier>, peer: SocketAddr) -> Result<Self, TransportError> {
        let dialed = carrier.with(|endpoint, now| endpoint.dial(now, peer));
        let key = dialed.map_err(|ended| TransportError::new(peer.to_string(), ended))?;
        carrier.run();
        Ok(Self { carrier, key, peer })
    }

    /// Ready when it has come about, or will not.
    pub(crate) fn poll_opened(&mut self, cx: &Context<'_>) -> Poll<Result<(), TransportError>> {
        let opened =
            self.carrier.poll(self.key, Wish::Write, cx, |endpoint, _| match endpoint.opened(self.key) {
                Ok(true) => Poll::Ready(Ok(())),
                Ok(false) => Poll::Pending,
                Err(ended) => Poll::Ready(Err(ended)),
            });
        opened.map_err(|ended| self.error(ended))
    }

    fn error(&self, ended: Ended) -> TransportError {
        TransportError::new(self.peer.to_string(), ended)
    }
}

impl Connection for Stream {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<Result<usize, TransportError>> {
        let read = |endpoint: &mut crate::carrier::End, now| endpoint.read(now, self.key, into);
        self.carrier.poll(self.key, Wish::Read, cx, read).map_err(|ended| self.error(ended))
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize, TransportError>> {
        let write = |endpoint: &mut crate::carrier::End, now| endpoint.write(now, self.key, bytes);
        self.carrier.poll(self.key, Wish::Write, cx, write).map_err(|ended| self.error(ended))
    }

    fn peer(&self) -> String {
        self.peer.to_string()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.carrier.leave(self.key);
    }
}
