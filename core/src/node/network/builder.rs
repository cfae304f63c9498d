//! How a system becomes a node.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::future::Future;
use core::net::SocketAddr;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use super::accepting::Accepting;
use super::dials::Dials;
use super::error::NetworkError;
use super::handle::Node;
use super::resident::{self, Resident};
use super::warden::Warden;
use crate::actor::{Abroad, Control, World};
use crate::cluster::WORD_BYTES_MAX;
use crate::codec::Codec;
use crate::compression::Compression;
use crate::node::cluster::{Cluster, Membership};
use crate::node::system::ActorSystem;
use crate::path::check_name;
use crate::remote::{Hub, NAMES_MAX, RemoteLimits, Script, Secret, Settings, Unfit, unforeseen};
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
    membership: Option<(Membership, Begin)>,
    script: Script,
    inspector: Option<Resident>,
    operator: Option<Resident>,
}

/// How a node begins to be of a cluster. Like each [`Resident`] it is named only by those who ask for that: what a device does not
/// ask for is not linked.
type Begin = fn(Membership, &Arc<Hub>, &Arc<Dials>) -> Cluster;

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
            script: Script { compress_above: COMPRESS_ABOVE, ..Script::default() },
            inspector: None,
            operator: None,
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
        self.membership = Some((membership, Membership::begin));
        self
    }

    /// Writing messages, replies and references in that codec, instead of postcard.
    ///
    /// A node reads what it writes, what it [reads](Self::reads) beside that, and postcard. A connection between nodes of which one
    /// would not be able to read the other is refused, and both say why.
    ///
    /// ```
    /// use casty_core::{ActorSystem, Network};
    /// use casty_memory::MemoryNetwork;
    /// # use casty_core::codec::{Codec, CodecError, Output, Place, Value};
    /// # use casty_core::{Behavior, Remote, secs};
    /// # use casty_simulation::Simulation;
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Ping;
    /// # impl Remote for Ping { const NAME: &str = "demo.Ping"; }
    /// # struct Json; // in name alone
    /// # impl Codec for Json {
    /// #     fn name(&self) -> &'static str { "json" }
    /// #     fn write(&self, value: Value<'_>, to: &mut Output<'_>) -> Result<(), CodecError> {
    /// #         to.extend(&postcard::to_allocvec(&value).map_err(CodecError::new)?)
    /// #     }
    /// #     fn read(&self, bytes: &[u8], place: Place<'_>) -> Result<(), CodecError> {
    /// #         place.fill(&mut postcard::Deserializer::from_bytes(bytes)).map_err(CodecError::new)
    /// #     }
    /// # }
    ///
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = || ActorSystem::on(host.clone()).name("demo").start().unwrap();
    /// # let (first, second, third) = (system(), system(), system());
    /// let memory = MemoryNetwork::new();
    /// let join = |name| Network::over(memory.clone()).node(name).listen(name).insecure();
    /// let writes = join("writes").codec(Json).start(&first).await.unwrap();
    /// let reads = join("reads").reads(Json).start(&second).await.unwrap();
    /// let neither = join("neither").start(&third).await.unwrap();
    /// # writes.expose(&first.spawn(Behavior::<Ping>::ignore(), "pinged").unwrap()).unwrap();
    ///
    /// assert!(reads.lookup::<Ping>("writes", "pinged", secs(5)).await.is_ok());
    /// let refused = neither.lookup::<Ping>("writes", "pinged", secs(5)).await.unwrap_err();
    /// assert!(refused.to_string().ends_with("the node `writes` writes `json`, and the other reads `postcard` alone"));
    /// # });
    /// ```
    ///
    /// So all nodes are moved from one codec to another while they run, restarted one after the other: first each reads the new one,
    /// then each writes it and still reads the old one, which may be left out at last.
    pub fn codec(mut self, codec: impl Codec) -> Self {
        self.script.codec = Some(shared!(codec => dyn Codec));
        self
    }

    /// Reading that codec too, for nodes that write in it; may be said of several.
    pub fn reads(mut self, codec: impl Codec) -> Self {
        self.script.reads.push(shared!(codec => dyn Codec));
        self
    }

    /// Compressing messages and replies of more than 1 KiB, for nodes that decompress what is compressed so.
    ///
    /// A node decompresses what it compresses with, and what it [decompresses](Self::decompresses) beside that. For nodes that do not,
    /// or have not been met yet, nothing is compressed; nor is what does not become shorter.
    pub fn compress(mut self, compression: impl Compression) -> Self {
        self.script.compression = Some(shared!(compression => dyn Compression));
        self
    }

    /// Compressing only what is longer than so many bytes.
    pub fn compress_above(mut self, bytes: usize) -> Self {
        self.script.compress_above = bytes;
        self
    }

    /// Decompressing what other nodes compress so; may be said of several.
    pub fn decompresses(mut self, compression: impl Compression) -> Self {
        self.script.decompresses.push(shared!(compression => dyn Compression));
        self
    }

    /// Lets other nodes, and so the command `casty`, ask this one how it is, which actors it has, and who is in its cluster: see
    /// [`inspect`](crate::inspect). It tells them names, types and numbers, and what no message says. For that it has two actors of its
    /// own.
    ///
    /// Without this nobody can.
    pub fn inspectable(mut self) -> Self {
        self.inspector = Some(resident::inspected);
        self
    }

    /// Lets other nodes, and so the command `casty`, change the cluster through this one: see [`operate`](crate::operate). Whoever is
    /// let in as a node may give members up, and make this node leave. For that it has three actors of its own.
    ///
    /// Without this nobody can.
    pub fn operable(mut self) -> Self {
        self.operator = Some(resident::operated);
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
        if let Some((membership, _)) = &self.membership {
            membership.check_leases()?;
        }
        if self.membership.is_some() && self.limits.message_bytes_max < WORD_BYTES_MAX {
            return Err(NetworkError::WordsTooLong { message_bytes_min: WORD_BYTES_MAX });
        }
        self.script.check().map_err(|unfit| match unfit {
            Unfit::Name(name) => NetworkError::CodecName { name: String::from(name) },
            Unfit::TooMany => NetworkError::TooManyCodecs { codecs_max: NAMES_MAX },
        })?;
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
        let seek =
            move |hub: &Arc<Hub>, address: &str, proved| Dials::seek_peer(&seeking, hub, address, proved);
        let name = self.name.unwrap_or_else(|| alloc::format!("node-{:016x}", unforeseen(&mut world.rng())));
        let secret = match self.protection {
            Some(Protection::Secret(secret)) => Some(secret),
            Some(Protection::None { .. }) | None => None,
        };
        let address = self.advertise.filter(|_| listens.is_some()).or(listens).unwrap_or_default();
        let settings = Settings { limits: self.limits, secret, script: Arc::new(self.script) };
        let hub = Arc::new(Hub::new(Arc::clone(&world), (name, address), settings, Box::new(seek)));
        let board = self.membership.as_ref().map(|_| hub.board());
        let mut residents = Vec::new();
        let wanted = [self.inspector, self.operator].into_iter().flatten();
        let moved_in = wanted.map(|resident| resident(&hub, board)).try_for_each(|resident| {
            residents.push(resident?);
            Ok(())
        });
        if let Err(error) = moved_in.and_then(|()| joined(&world, &hub)) {
            residents.into_iter().for_each(|resident| resident.signal(Control::Stop));
            return Err(error);
        }
        let executor = world.executor();
        if let Some(listener) = listener {
            executor.spawn(Box::pin(Accepting::new(Arc::clone(&hub), listener)));
        }
        executor.spawn(Box::pin(Warden::new(Arc::clone(&hub))));
        let cluster = self.membership.map(|(membership, begin)| begin(membership, &hub, &dials));
        Ok(Node { hub, dials, cluster })
    }
}

/// What is shorter than this gains little: a segment of TCP holds it.
const COMPRESS_ABOVE: usize = 1 << 10;
/// Joins a system by its node.
fn joined(world: &Arc<World>, hub: &Arc<Hub>) -> Result<(), NetworkError> {
    if !world.join(erased!(Arc::clone(hub) => dyn Abroad)) {
        return Err(NetworkError::Joined);
    }
    if world.ended() {
        // It may have ended before it was joined, and then nobody tells the node.
        hub.end();
        return Err(NetworkError::Ended);
    }
    Ok(())
}

/// Whether an address is one that other machines may reach. One that is not of the internet is the transport's to judge.
fn is_exposed(address: &str) -> bool {
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
