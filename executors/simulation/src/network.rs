//! A network that fails by chance: slow, cut, deaf, or not there.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::future::poll_fn;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::sync::{Mutex, MutexGuard, PoisonError};

use casty_core::transport::{Connection, Listener, Opening, Transport, TransportError};
use casty_core::{Executor, Rng, Task};

use crate::crashes::{Crashes, Watch};
use crate::host::Host;

/// How often a [`FaultyNetwork`] fails, and how. The default is never.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct NetworkFaults {
    /// How many of a thousand attempts to connect come to nothing.
    pub refused_permille: usize,
    /// How many of a thousand reads end the connection instead; what was on its way is lost.
    pub cut_permille: usize,
    /// How long what was written takes at most until it can be read. It keeps its order. What comes that long after what was read before is read
    /// at once.
    pub delay_max: Duration,
    /// How many bytes are read at most at once: a message comes in pieces.
    pub read_bytes_max: usize,
    /// Nothing is read any more, while it can still be written: a partition that nobody tells of.
    pub deaf: bool,
}

/// A transport that fails by chance, and is otherwise the one in it.
///
/// All chance comes from the simulation's seed. Clones share the faults.
///
/// ```
/// use casty_core::transport::Transport;
/// use casty_memory::MemoryNetwork;
/// use casty_simulation::{FaultyNetwork, NetworkFaults, Simulation};
///
/// Simulation::new(1).run(|host| async move {
///     let network = FaultyNetwork::new(host, MemoryNetwork::new());
///     let _listener = network.listen("here").await.unwrap();
///     assert!(network.connect("here").await.is_ok());
///     network.set(NetworkFaults { refused_permille: 1_000, ..NetworkFaults::default() });
///     assert!(network.connect("here").await.is_err());
/// });
/// ```
#[derive(Clone)]
pub struct FaultyNetwork<T> {
    transport: T,
    weather: Weather,
    /// Whose part of the network this is.
    own: Option<Arc<str>>,
}

/// From which address nothing passes to which.
type Blocked = BTreeSet<(Box<str>, Box<str>)>;

/// What all connections of a network share.
#[derive(Clone)]
struct Weather {
    host: Host,
    faults: Arc<Mutex<NetworkFaults>>,
    /// Ways on which nothing passes: from which address, to which.
    blocked: Arc<Mutex<Blocked>>,
    cuts: Crashes,
}

impl<T: Transport + Clone> FaultyNetwork<T> {
    /// A network that does not fail yet.
    pub fn new(host: Host, transport: T) -> Self {
        let weather =
            Weather { host, faults: Arc::default(), blocked: Arc::default(), cuts: Crashes::default() };
        Self { transport, weather, own: None }
    }

    /// The same network, for the node that listens at `address`: its connections can be [blocked](Self::block).
    #[must_use]
    pub fn at(&self, address: &str) -> Self {
        Self { own: Some(address.into()), ..self.clone() }
    }

    /// Lets nothing pass from one address to another from now on, in this direction alone.
    ///
    /// It is known only of nodes that have their network by [`at`](Self::at). Connections stay: what is written waits, and nobody is
    /// told. A new one does not come about.
    pub fn block(&self, from: &str, to: &str) {
        self.weather.blocked().insert((from.into(), to.into()));
    }

    /// Blocks both ways between each of `side` and each of `others`.
    pub fn part(&self, side: &[&str], others: &[&str]) {
        for (one, other) in side.iter().flat_map(|one| others.iter().map(move |other| (*one, *other))) {
            self.block(one, other);
            self.block(other, one);
        }
    }

    /// Lets all pass again.
    pub fn heal(&self) {
        self.weather.blocked().clear();
        self.weather.cuts.stir();
    }

    /// Fails like this from now on.
    pub fn set(&self, faults: NetworkFaults) {
        *self.weather.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
        // Those that were deaf read again.
        self.weather.cuts.stir();
    }

    /// Cuts every connection there is.
    pub fn cut(&self) {
        self.weather.cuts.crash();
    }
}

impl Weather {
    fn faults(&self) -> NetworkFaults {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn blocked(&self) -> MutexGuard<'_, Blocked> {
        self.blocked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_blocked(&self, from: &str, to: &str) -> bool {
        let blocked = self.blocked();
        !blocked.is_empty() && blocked.contains(&(from.into(), to.into()))
    }

    /// Ready when something passes between the two, both ways.
    fn poll_open(&self, (own, other): &Way, watch: &mut Watch, cx: &Context<'_>) -> Poll<()> {
        // Who is stirred looks again; a cut does not concern what is not there yet.
        while watch.poll(cx).is_ready() {
            *watch = self.cuts.watch();
        }
        if self.is_blocked(own, other) || self.is_blocked(other, own) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }

    fn connection(&self, inner: Box<dyn Connection>, way: Option<Way>) -> Box<dyn Connection> {
        let watch = self.cuts.watch();
        let rng = Rng::new(self.host.seed());
        Box::new(Faulty { inner, weather: self.clone(), way, watch, rng, delay: None, ripe: false })
    }
}

impl<T: Transport + Clone> Transport for FaultyNetwork<T> {
    fn listen(&self, address: &str) -> Opening<Box<dyn Listener>> {
        let (opening, weather) = (self.transport.listen(address), self.weather.clone());
        Box::pin(async move {
            let listener: Box<dyn Listener> = Box::new(Ear { inner: opening.await?, weather });
            Ok(listener)
        })
    }

    fn connect(&self, address: &str) -> Opening<Box<dyn Connection>> {
        let (transport, weather) = (self.transport.clone(), self.weather.clone());
        let way = self.own.as_ref().map(|own| (Arc::clone(own), Arc::from(address)));
        let address = String::from(address);
        Box::pin(async move {
            if let Some(way) = &way {
                let mut watch = weather.cuts.watch();
                poll_fn(|cx| weather.poll_open(way, &mut watch, cx)).await;
            }
            let opening = transport.connect(&address);
            let faults = weather.faults();
            if Rng::new(weather.host.seed()).below(1_000) < faults.refused_permille {
                return Err(TransportError::new(address, "planned"));
            }
            Ok(weather.connection(opening.await?, way))
        })
    }

    fn authenticates(&self) -> bool {
        self.transport.authenticates()
    }
}

impl<T> fmt::Debug for FaultyNetwork<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyNetwork").field("faults", &self.weather.faults()).finish_non_exhaustive()
    }
}

struct Ear {
    inner: Box<dyn Listener>,
    weather: Weather,
}

impl Listener for Ear {
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<Result<Box<dyn Connection>, TransportError>> {
        self.inner.poll_accept(cx).map_ok(|connection| self.weather.connection(connection, None))
    }

    fn address(&self) -> String {
        self.inner.address()
    }
}

/// Between whom a connection is.
type Way = (Arc<str>, Arc<str>);

/// A connection that has its faults where it is read.
struct Faulty {
    inner: Box<dyn Connection>,
    weather: Weather,
    /// Between whom it is, for who has dialed: its own address, and the other.
    way: Option<Way>,
    /// For the cut that ends it.
    watch: Watch,
    rng: Rng,
    /// What is read next is still on its way.
    delay: Option<Task>,
    /// It has been on its way long enough.
    ripe: bool,
}

impl Faulty {
    fn cut(&self) -> TransportError {
        TransportError::new(self.inner.peer(), "planned cut")
    }
}

impl Connection for Faulty {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<Result<usize, TransportError>> {
        let faults = self.weather.faults();
        if self.watch.poll(cx).is_ready() {
            return Poll::Ready(Err(self.cut()));
        }
        let blocked = self.way.as_ref().is_some_and(|(own, other)| self.weather.is_blocked(other, own));
        if faults.deaf || blocked {
            return Poll::Pending;
        }
        if !self.ripe {
            if self.delay.is_none() && !faults.delay_max.is_zero() {
                let micros = usize::try_from(faults.delay_max.as_micros()).unwrap_or(usize::MAX);
                let delay = Duration::from_micros(self.rng.below(micros.max(1)) as u64);
                self.delay = Some(self.weather.host.sleep_until(self.weather.host.now() + delay));
            }
            if let Some(delay) = &mut self.delay {
                ready!(delay.as_mut().poll(cx));
                self.delay = None;
            }
            self.ripe = true;
        }
        let max = if faults.read_bytes_max == 0 { into.len() } else { faults.read_bytes_max.min(into.len()) };
        let read = ready!(self.inner.poll_read(cx, &mut into[..max]));
        self.ripe = false;
        if self.rng.below(1_000) < faults.cut_permille {
            return Poll::Ready(Err(self.cut()));
        }
        Poll::Ready(read)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize, TransportError>> {
        if self.watch.poll(cx).is_ready() {
            return Poll::Ready(Err(self.cut()));
        }
        if self.way.as_ref().is_some_and(|(own, other)| self.weather.is_blocked(own, other)) {
            return Poll::Pending;
        }
        self.inner.poll_write(cx, bytes)
    }

    fn peer(&self) -> String {
        self.inner.peer()
    }

    fn vouches_for(&self, node: &str) -> Option<bool> {
        self.inner.vouches_for(node)
    }
}
