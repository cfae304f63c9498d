//! The network: who listens under which name.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::future;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use casty_core::transport::{Connection, Listener, Opening, Transport, TransportError};

use crate::pipe::{End, pipe};

/// A network in memory, whose addresses are any names. Clones are the same network.
///
/// ```
/// use casty_core::transport::Transport;
/// use casty_memory::MemoryNetwork;
///
/// # futures_lite::future::block_on(async {
/// let network = MemoryNetwork::new();
/// let listener = network.listen("here").await.unwrap();
/// assert_eq!(listener.address(), "here");
/// assert!(network.connect("here").await.is_ok());
/// assert!(network.listen("here").await.is_err(), "it is taken");
/// drop(listener);
/// assert!(network.connect("here").await.is_err(), "nobody listens any more");
/// # });
/// ```
#[derive(Clone, Default)]
pub struct MemoryNetwork(Arc<Mutex<Listeners>>);

type Listeners = BTreeMap<String, Arc<Mutex<Backlog>>>;

/// Connections that were not taken yet.
#[derive(Default)]
struct Backlog {
    waiting: VecDeque<Box<dyn Connection>>,
    waker: Option<Waker>,
}

/// How many connections may wait to be taken.
const BACKLOG_MAX: usize = 1_024;

impl MemoryNetwork {
    /// A network with nobody in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn with<T>(&self, look: impl FnOnce(&mut Listeners) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn call(&self, address: &str) -> Result<Box<dyn Connection>, TransportError> {
        let refused = |cause: &str| TransportError::new(address, cause);
        let backlog = self.with(|listeners| listeners.get(address).cloned());
        let backlog = backlog.ok_or_else(|| refused("nobody listens there").by_host())?;
        let (there, back) = (pipe(), pipe());
        let mut backlog = backlog.lock().unwrap_or_else(PoisonError::into_inner);
        if backlog.waiting.len() >= BACKLOG_MAX {
            return Err(refused("too many connections wait there"));
        }
        backlog.waiting.push_back(Box::new(Pair { from: there.1, to: back.0, peer: "a caller".into() }));
        let waker = backlog.waker.take();
        drop(backlog);
        waker.into_iter().for_each(Waker::wake);
        Ok(Box::new(Pair { from: back.1, to: there.0, peer: address.into() }))
    }
}

impl Transport for MemoryNetwork {
    fn listen(&self, address: &str) -> Opening<Box<dyn Listener>> {
        let backlog = Arc::default();
        let taken = self.with(|listeners| {
            if listeners.contains_key(address) {
                return true;
            }
            listeners.insert(address.into(), Arc::clone(&backlog));
            false
        });
        let listener = if taken {
            Err(TransportError::new(address, "somebody listens there already"))
        } else {
            let listener = Ear { network: self.clone(), address: address.into(), backlog };
            Ok(Box::new(listener) as Box<dyn Listener>)
        };
        Box::pin(future::ready(listener))
    }

    fn connect(&self, address: &str) -> Opening<Box<dyn Connection>> {
        Box::pin(future::ready(self.call(address)))
    }
}

impl fmt::Debug for MemoryNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses: Vec<String> = self.with(|listeners| listeners.keys().cloned().collect());
        f.debug_struct("MemoryNetwork").field("listening", &addresses).finish()
    }
}

/// Somebody who listens.
struct Ear {
    network: MemoryNetwork,
    address: String,
    backlog: Arc<Mutex<Backlog>>,
}

impl Listener for Ear {
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<Result<Box<dyn Connection>, TransportError>> {
        let mut backlog = self.backlog.lock().unwrap_or_else(PoisonError::into_inner);
        match backlog.waiting.pop_front() {
            Some(connection) => Poll::Ready(Ok(connection)),
            None => {
                backlog.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn address(&self) -> String {
        self.address.clone()
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.network.with(|listeners| listeners.remove(&self.address));
    }
}

/// Two pipes, one each way.
struct Pair {
    from: End,
    to: End,
    peer: String,
}

impl Connection for Pair {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<Result<usize, TransportError>> {
        self.from.poll_read(cx, into).map(Ok)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize, TransportError>> {
        let written = self.to.poll_write(cx, bytes);
        written.map(|written| {
            written.ok_or_else(|| TransportError::new(self.peer.as_str(), "the other end has closed it"))
        })
    }

    fn peer(&self) -> String {
        self.peer.clone()
    }
}
