//! One connection.

use std::net::TcpStream;
use std::pin::Pin;
use std::task::{Context, Poll};

use async_io::Async;
use casty_core::transport::{Connection, TransportError};
use futures_io::{AsyncRead, AsyncWrite};

/// A TCP connection.
pub(crate) struct Stream {
    stream: Async<TcpStream>,
    peer: String,
}

impl Stream {
    pub(crate) fn new(stream: Async<TcpStream>, peer: String) -> Self {
        // Casty gathers what it writes; where the option is not known it is only slower.
        let _ = stream.get_ref().set_nodelay(true);
        Self { stream, peer }
    }
}

impl Connection for Stream {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<Result<usize, TransportError>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, into);
        read.map_err(|error| TransportError::new(self.peer.as_str(), error))
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize, TransportError>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        written.map_err(|error| TransportError::new(self.peer.as_str(), error))
    }

    fn peer(&self) -> String {
        self.peer.clone()
    }
}
