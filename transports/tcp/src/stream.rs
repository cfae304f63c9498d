//! One connection.

use std::io;
use std::net::TcpStream;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_io::Async;
use casty_core::transport::{Connection, TransportError};
use futures_io::{AsyncRead, AsyncWrite};

/// A TCP connection.
pub(crate) struct Stream {
    stream: Async<TcpStream>,
    peer: String,
    /// All that had come was read: nothing is there before the system says so.
    drained: bool,
}

impl Stream {
    pub(crate) fn new(stream: Async<TcpStream>, peer: String) -> Self {
        // Casty gathers what it writes; where the option is not known it is only slower.
        let _ = stream.get_ref().set_nodelay(true);
        Self { stream, peer, drained: false }
    }

    fn error(&self, error: io::Error) -> TransportError {
        TransportError::new(self.peer.as_str(), error)
    }
}

impl Connection for Stream {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<Result<usize, TransportError>> {
        if self.drained {
            // A look at what cannot be there would be a call of the system for each message.
            let readable = ready!(self.stream.poll_readable(cx));
            readable.map_err(|error| self.error(error))?;
            self.drained = false;
        }
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, into));
        self.drained = matches!(read, Ok(bytes) if bytes > 0 && bytes < into.len());
        Poll::Ready(read.map_err(|error| self.error(error)))
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize, TransportError>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        written.map_err(|error| self.error(error))
    }

    fn peer(&self) -> String {
        self.peer.clone()
    }
}
