//! How a system becomes a node.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::future::Future;
use core::net::SocketAddr;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use super::accepting::Accepting;
use super::dials::Dials;
use super::error::NetworkError;
use super::handle::Node;
use super::warden::Warden;
use crate::actor::{Abroad, World};
use crate::node::cluster::Membership;
use crate::node::system::ActorSystem;
use crate::path::check_name;
use crate::remote::{Hub, RemoteLimits, Secret};
use crate::sync::{Arc, erased, shared};
use crate::transport::{Listener, Opening, Transport};

/// How a system is to become a node: over which transport, under which name, where it listens, and how it is protected.
///
/// The name of the system is that of the whole: only nodes of systems with one name talk to each other. A node has to be
/// protected by a [secret](Self::secret) that all of them have, or by a transport that proves who is there, or to say that it is
/// [insecure](Self::insecure).
///
/// ```
/// use casty_core::remote::Secret;
/// use casty_core::{ActorSystem, Behavior, Network, Remote, ReplyTo, secs};
/// use casty_memory::MemoryNetwork;
/// # use casty_simulation::Simulation;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Double(u64, ReplyTo<u64>);
/// impl Remote for Double { const NAME: &str = "demo.Double"; }
///
/// # Simulation::new(1).run(|host| async move {
/// # let (executor, another) = (host.clone(), host);
/// let network = MemoryNetwork::new(); // or `Tcp`
/// let here = ActorSystem::on(executor).name("demo").start().unwrap();
/// let there = ActorSystem::on(another).name("demo").start().unwrap();
/// let join = |name| Network::over(network.clone()).node(name).listen(name).secret(Secret::new("s3cret"));
/// let (here, there) = (join("here").start(&here).await.unwrap(), (join("there").start(&there).await.unwrap(), there));
///
/// let doubler = Behavior::receive_message(|Double(number, reply)| {
///     reply.tell(2 * number);
///     Behavior::same()
/// });
/// there.0.expose(&there.1.spawn(doubler, "doubler").unwrap()).unwrap();
/// let doubler = here.lookup::<Double>("there", "doubler", secs(5)).await.unwrap();
/// assert_eq!(doubler.ask(|reply| Double(21, reply), secs(5)).await, Ok(42));
/// # });
/// ```
#[must_use = "a system becomes a node by `start`"]
pub struct Network {
    transport: Arc<dyn Transport>,
    name: Option<String>,
    listen: Option<String>,
    advertise: Option<String>,
    protection: Option<Protection>,
    limits: RemoteLimits,
    membership: Option<Membership>,
}

enum Protection {
    Secret(Secret),
    /// By nothing; and whether anyone may reach it.
    None {
        anywhere: bool,
    },
}

impl Network {
    /// Over that transport.
    pub fn over(transport: impl Transport) -> Self {
        let transport = shared!(transport => dyn Transport);
        Self {
            transport,
            name: None,
            listen: None,
            advertise: None,
            protection: None,
            limits: RemoteLimits::default(),
            membership: None,
        }
    }

    /// Under this name, which no other node of the system has at the same time; by default one by chance.
    pub fn node(mut self, name: &str) -> Self {
        self.name = Some(String::from(name));
        self
    }

    /// Listening at `address`, in whatever form addresses have in the transport. Without this the node is not reached, and only
    /// connects to others.
    pub fn listen(mut self, address: &str) -> Self {
        self.listen = Some(String::from(address));
        self
    }

    /// Reached by others at `address`, where that is another one than it listens at.
    pub fn advertise(mut self, address: &str) -> Self {
        self.advertise = Some(String::from(address));
        self
    }

    /// Protected by a secret that all nodes have: whoever does not know it is refused.
    ///
    /// What is said is not encrypted by that; see [`Secret`].
    pub fn secret(mut self, secret: Secret) -> Self {
        self.protection = Some(Protection::Secret(secret));
        self
    }

    /// Protected by nothing. It may listen only on the loopback interface: whoever can connect is trusted.
    pub fn insecure(mut self) -> Self {
        self.protection = Some(Protection::None { anywhere: false });
        self
    }

    /// Protected by nothing, wherever it listens: for networks that nobody else is in.
    pub fn insecure_anywhere(mut self) -> Self {
        self.protection = Some(Protection::None { anywhere: true });
        self
    }

    /// With these limits.
    pub fn limits(mut self, limits: RemoteLimits) -> Self {
        self.limits = limits;
        self
    }

    /// A member of a cluster: it looks for one as soon as it listens, and leaves it when the system shuts down.
    ///
    /// It has to listen, as the others reach it there. [`Node::cluster`] says what becomes of it.
    pub fn cluster(mut self, membership: Membership) -> Self {
        self.membership = Some(membership);
        self
    }

    /// Makes `system` a node, for as long as it lives; ready when it listens.
    ///
    /// # Errors
    /// [`NetworkError`]; the system is then none.
    pub fn start(self, system: &ActorSystem) -> Starting {
        let world = Arc::clone(system.world());
        let checked = self.check();
        let opening = match (&checked, &self.listen) {
            (Ok(()), Some(address)) => Some(self.transport.listen(address)),
            _ => None,
        };
        Starting { network: Some(self), checked, opening, world }
    }

    fn check(&self) -> Result<(), NetworkError> {
        if let Some(name) = &self.name {
            let checked = check_name(name);
            checked.map_err(|reason| NetworkError::Name { name: name.clone(), reason })?;
        }
        if self.membership.is_some() && self.listen.is_none() {
            return Err(NetworkError::Unlistening);
        }
        match (&self.protection, &self.listen) {
            (None, _) if !self.transport.authenticates() => Err(NetworkError::Unprotected),
            (Some(Protection::None { anywhere: false }), Some(address)) if is_exposed(address) => {
                Err(NetworkError::Exposed(address.clone()))
            }
            _ => Ok(()),
        }
    }

    fn join(self, world: Arc<World>, listener: Option<Box<dyn Listener>>) -> Result<Node, NetworkError> {
        let listens = listener.as_ref().map(|listener| listener.address());
        if let (Some(Protection::None { anywhere: false }), Some(address)) = (&self.protection, &listens)
            && is_exposed(address)
        {
            return Err(NetworkError::Exposed(address.clone()));
        }
        let dials = Arc::new(Dials::new(self.transport));
        let seeking = Arc::clone(&dials);
        let seek = move |hub: &Arc<Hub>, address: &str| drop(Dials::seek(&seeking, hub, address));
        let name = self.name.unwrap_or_else(|| alloc::format!("node-{:016x}", world.rng().next_u64()));
        let secret = match self.protection {
            Some(Protection::Secret(secret)) => Some(secret),
            Some(Protection::None { .. }) | None => None,
        };
        let address = self.advertise.filter(|_| listens.is_some()).or(listens).unwrap_or_default();
        let hub =
            Arc::new(Hub::new(Arc::clone(&world), (name, address), self.limits, secret, Box::new(seek)));
        if !world.join(erased!(Arc::clone(&hub) => dyn Abroad)) {
            return Err(NetworkError::Joined);
        }
        if world.ended() {
            // It may have ended before it was joined, and then nobody tells the node.
            hub.end();
            return Err(NetworkError::Ended);
        }
        let executor = world.executor();
        if let Some(listener) = listener {
            executor.spawn(Box::pin(Accepting::new(Arc::clone(&hub), listener)));
        }
        executor.spawn(Box::pin(Warden::new(Arc::clone(&hub))));
        let cluster = self.membership.map(|membership| membership.begin(&hub, &dials));
        Ok(Node { hub, dials, cluster })
    }
}

/// Whether an address is one that other machines may reach. One that is not of the internet is the transport's to judge.
pub(in crate::node) fn is_exposed(address: &str) -> bool {
    match address.parse::<SocketAddr>() {
        Ok(address) => !address.ip().is_loopback(),
        Err(_) => false,
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("name", &self.name)
            .field("listen", &self.listen)
            .finish_non_exhaustive()
    }
}

/// The future of [`Network::start`].
#[must_use = "a system becomes a node only when the future is awaited"]
pub struct Starting {
    network: Option<Network>,
    checked: Result<(), NetworkError>,
    opening: Option<Opening<Box<dyn Listener>>>,
    world: Arc<World>,
}

impl Future for Starting {
    type Output = Result<Node, NetworkError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Err(error) = &self.checked {
            return Poll::Ready(Err(error.clone()));
        }
        let listener = match &mut self.opening {
            Some(opening) => Some(ready!(opening.as_mut().poll(cx)).map_err(NetworkError::Transport)?),
            None => None,
        };
        self.opening = None;
        let Some(network) = self.network.take() else { return Poll::Ready(Err(NetworkError::Joined)) };
        Poll::Ready(network.join(Arc::clone(&self.world), listener))
    }
}

impl fmt::Debug for Starting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Starting").field("network", &self.network).finish_non_exhaustive()
    }
}
