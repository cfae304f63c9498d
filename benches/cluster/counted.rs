//! A network that counts what is written to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use casty::transport::{Connection, Listener, Opening, Transport, TransportError};

/// A transport, and how many bytes all its connections have carried.
#[derive(Clone)]
pub(crate) struct Counted<T> {
    transport: T,
    bytes: Arc<AtomicU64>,
}

impl<T> Counted<T> {
    pub(crate) fn new(transport: T) -> Self {
        Self { transport, bytes: Arc::default() }
    }

    /// How many bytes were written so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// The same count, over another part of the network.
    pub(crate) fn over<U>(&self, transport: U) -> Counted<U> {
        Counted { transport, bytes: Arc::clone(&self.bytes) }
    }
}

impl<T: Transport> Transport for Counted<T> {
    fn listen(&self, address: &str) -> Opening<Box<dyn Listener>> {
        let (opening, bytes) = (self.transport.listen(address), Arc::clone(&self.bytes));
        Box::pin(async move { Ok(Box::new(Ear { inner: opening.await?, bytes }) as Box<dyn Listener>) })
    }

    fn connect(&self, address: &str) -> Opening<Box<dyn Connection>> {
        let (opening, bytes) = (self.transport.connect(address), Arc::clone(&self.bytes));
        Box::pin(async move { Ok(Box::new(Way { inner: opening.await?, bytes }) as Box<dyn Connection>) })
    }
}

struct Ear {
    inner: Box<dyn Listener>,
    bytes: Arc<AtomicU64>,
}

impl Listener for Ear {
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<Result<Box<dyn Connection>, TransportError>> {
        let accepted = self.inner.poll_accept(cx);
        accepted
            .map_ok(|inner| Box::new(Way { inner, bytes: Arc::clone(&self.bytes) }) as Box<dyn Connection>)
    }

    fn address(&self) -> String {
        self.inner.address()
    }
}

struct Way {
    inner: Box<dyn Connection>,
    bytes: Arc<AtomicU64>,
}

impl Connection for Way {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<Result<usize, TransportError>> {
        self.inner.poll_read(cx, into)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize, TransportError>> {
        let written = self.inner.poll_write(cx, bytes);
        if let Poll::Ready(Ok(written)) = written {
            self.bytes.fetch_add(written as u64, Ordering::Relaxed);
        }
        written
    }

    fn peer(&self) -> String {
        self.inner.peer()
    }
}
