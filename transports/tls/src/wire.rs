//! A connection of another transport, as the stream that TLS is spoken on.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use casty_core::transport::{Connection, TransportError};
use futures_io::{AsyncRead, AsyncWrite};

/// A connection of another transport.
pub(crate) struct Wire(pub(crate) Box<dyn Connection>);

fn io_error(error: TransportError) -> io::Error {
    io::Error::other(error.cause)
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        self.0.poll_read(cx, into).map_err(io_error)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.poll_write(cx, bytes).map_err(io_error)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
