//! A network in memory on which nothing passes any more, once that is wanted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use casty_core::transport::{Connection, Listener, Opening, Transport, TransportError};
use casty_memory::MemoryNetwork;

/// Clones are the same network.
#[derive(Clone, Default)]
pub(crate) struct Wires {
    network: MemoryNetwork,
    cut: Arc<AtomicBool>,
}

struct Wire {
    connection: Box<dyn Connection>,
    cut: Arc<AtomicBool>,
}

impl Wires {
    /// From now on nobody hears anybody, and nobody is told so.
    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
    }
}

impl Transport for Wires {
    fn listen(&self, address: &str) -> Opening<Box<dyn Listener>> {
        self.network.listen(address)
    }

    fn connect(&self, address: &str) -> Opening<Box<dyn Connection>> {
        let (cut, opening) = (Arc::clone(&self.cut), self.network.connect(address));
        Box::pin(async move {
            if cut.load(Ordering::SeqCst) {
                return std::future::pending().await;
            }
            Ok(Box::new(Wire { connection: opening.await?, cut }) as Box<dyn Connection>)
        })
    }
}

impl Wire {
    fn passes(&self) -> bool {
        !self.cut.load(Ordering::SeqCst)
    }
}

impl Connection for Wire {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<Result<usize, TransportError>> {
        if self.passes() { self.connection.poll_read(cx, into) } else { Poll::Pending }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize, TransportError>> {
        if self.passes() { self.connection.poll_write(cx, bytes) } else { Poll::Pending }
    }

    fn peer(&self) -> String {
        self.connection.peer()
    }
}
