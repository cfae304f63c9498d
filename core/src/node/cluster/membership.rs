//! How a node is to be a member of a cluster.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::time::Duration;

use super::arbiter::Arbiter;
use super::handle::Cluster;
use super::pump::Pump;
use super::seeking::Discovery;
use crate::cluster::{Card, Council, Downing, Input, ROLES_MAX, SEEDS_MAX, SLACK, Settings};
use crate::lease::{Claim, Leases};
use crate::node::network::NetworkError;
use crate::node::network::dials::Dials;
use crate::node::services::Desk;
use crate::remote::{Hub, VERSIONS};
use crate::sync::{Arc, shared};
use crate::time::{millis, mins};

/// How a node is to be a member of a cluster: how it finds the others, what it is for, and what all of them have agreed to do when
/// some do not reach each other.
///
/// `quorum`, `downing` and `stable_after` must be the same for all, and so must the most members that there may be: 1,024, or
/// eight ninths of [`RemoteLimits::peers_max`](crate::RemoteLimits::peers_max) if that is less, as some more may be let in at the
/// same time. A node that has others is not let in, and
/// [`ClusterEvent::JoinRefused`](crate::cluster::ClusterEvent::JoinRefused) says which.
///
/// ```
/// use casty_core::cluster::Downing;
/// use casty_core::{Membership, secs};
///
/// let membership = Membership::seeds(["10.0.0.1:25520", "10.0.0.2:25520", "10.0.0.3:25520"])
///     .roles(["core"])
///     .quorum(3)
///     .downing(Downing::keep_majority())
///     .stable_after(secs(7));
/// assert!(format!("{membership:?}").contains("keep-majority"));
/// ```
#[must_use = "a membership is for `Network::cluster`"]
pub struct Membership {
    discovery: Discovery,
    forms: bool,
    roles: Vec<String>,
    version: String,
    trusts: Option<bool>,
    settings: Settings,
    leases: Option<Arc<dyn Leases>>,
}

/// Times are taken for at least and at most so long, whatever they are set to.
const TIME_MIN: Duration = millis(1);
const TIME_MAX: Duration = mins(24 * 60);
const PHI_MIN: f64 = 1.0;
const PHI_MAX: f64 = 100.0;
const WATCHED_MAX: usize = 64;

impl Membership {
    /// Through the nodes at these addresses, at most 16, the same list for all.
    ///
    /// The first of them begins the cluster, when more than half of them say that they are in none; so of two or more one that is
    /// started again begins no second one by accident. With one alone nothing protects from that: it begins at once, also when it is
    /// started again while others live, unless it hears of them first. Give at least two or three, and see [`begins_after`](Self::begins_after).
    pub fn seeds<A: Into<String>>(addresses: impl IntoIterator<Item = A>) -> Self {
        let seeds: Vec<String> = addresses.into_iter().map(Into::into).take(SEEDS_MAX).collect();
        Self::by(Discovery::fixed(seeds))
    }

    /// Through the nodes at the addresses that `discover` finds. It is called again at each try, and like [`seeds`](Self::seeds) the
    /// first address begins the cluster: it should find them in the same order everywhere. A node that finds itself alone begins none,
    /// as the others may not be found yet: a cluster of one begins by [`form`](Self::form), or by `seeds`. Members go on with it, all together about
    /// twice a second: they look for nodes that are started again and find nobody.
    pub fn discovered<F>(discover: impl Fn() -> F + Send + 'static) -> Self
    where
        F: Future<Output = Vec<String>> + Send + 'static,
    {
        let mut membership = Self::by(Discovery::new(Box::new(
            move || -> Pin<Box<dyn Future<Output = Vec<String>> + Send>> { Box::pin(discover()) },
        )));
        membership.settings.begins_alone = false;
        membership
    }

    /// As the first member of a new cluster, whoever else there is. Of the nodes of one cluster exactly one may do so, once.
    pub fn form() -> Self {
        let mut membership = Self::by(Discovery::fixed(Vec::new()));
        membership.forms = true;
        membership
    }

    fn by(discovery: Discovery) -> Self {
        Self {
            discovery,
            forms: false,
            roles: Vec::new(),
            version: String::new(),
            trusts: None,
            settings: Settings::default(),
            leases: None,
        }
    }

    /// Beginning a cluster only when nobody has said for so long that there is one; by default a first seed does so at once when it may. Members look
    /// for seeds that are none, the leader about once a second: with five seconds, seeds that are all started again at once join those that are left, in place
    /// of beginning a second cluster, and so does the only one of a list, as long as these reach it and let it in. The first start of a cluster takes so much
    /// longer. Who is invited, or refused with [`JoinRefused`](crate::cluster::ClusterEvent::JoinRefused), begins none as long as that goes on, whatever
    /// is set here; [`form`](Self::form) waits for nobody.
    ///
    /// ```
    /// use casty_core::{Membership, secs};
    ///
    /// let membership = Membership::seeds(["10.0.0.1:25520", "10.0.0.2:25520"]).begins_after(secs(5));
    /// assert!(format!("{membership:?}").contains("begins_after: 5s"));
    /// ```
    pub fn begins_after(mut self, duration: Duration) -> Self {
        self.settings.begins_after = duration.min(TIME_MAX);
        self
    }

    /// With these roles, at most 16: others see them, and a [downing](Downing::of_role) may count only members with one.
    pub fn roles<R: Into<String>>(mut self, roles: impl IntoIterator<Item = R>) -> Self {
        self.roles = roles.into_iter().map(Into::into).take(ROLES_MAX).collect();
        self.roles.sort();
        self.roles.dedup();
        self
    }

    /// With a program of this version, which others see.
    pub fn version(mut self, version: &str) -> Self {
        self.version = String::from(version);
        self
    }

    /// With at least so many nodes before the first of them are up; the default is one.
    pub const fn quorum(mut self, members: usize) -> Self {
        self.settings.quorum = members;
        self
    }

    /// With this strategy for partitions; the default is [`Downing::keep_majority`].
    pub fn downing(mut self, downing: Downing) -> Self {
        self.settings.downing = downing;
        self
    }

    /// With the service that knows who has the lease of [`Downing::lease`]; all members ask the same.
    ///
    /// ```
    /// use casty_core::cluster::Downing;
    /// use casty_core::lease::MemoryLeases; // or one that all machines reach
    /// use casty_core::{ActorSystem, Membership, Network, secs};
    /// use casty_memory::MemoryNetwork;
    /// # use casty_simulation::Simulation;
    ///
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host.clone()).name("demo").start().unwrap();
    /// let membership = Membership::form().downing(Downing::lease("shop")).lease(MemoryLeases::on(host));
    /// let network = Network::over(MemoryNetwork::new()).listen("here").insecure();
    /// let node = network.cluster(membership).start(&system).await.unwrap();
    /// assert_eq!(node.cluster().unwrap().wait_for(1, secs(30)).await.unwrap().up().count(), 1);
    /// # });
    /// ```
    pub fn lease(mut self, leases: impl Leases) -> Self {
        self.leases = Some(shared!(leases => dyn Leases));
        self
    }

    /// Members that are not reached are given up when nothing has changed for so long; the side that gives up does so in half of
    /// that. The default is ten seconds. Each side knows after two rounds of silence whom it misses, however many that are; so five
    /// seconds are enough with the defaults of the others. A longer [`acceptable_pause`](Self::acceptable_pause) lengthens each round.
    pub fn stable_after(mut self, duration: Duration) -> Self {
        self.settings.stable_after = duration.clamp(TIME_MIN, TIME_MAX);
        self
    }

    /// Asking those that this node watches so often whether they are there; the default is half a second.
    pub fn heartbeat(mut self, interval: Duration) -> Self {
        self.settings.heartbeat = interval.clamp(TIME_MIN, TIME_MAX);
        self
    }

    /// Taking answers that are later than usual by so much for usual; the default is half a second. With more, a busy or paused node is
    /// rarely taken for unreachable, and one that hangs is noticed later. No silence is borne for more than two fifths of
    /// [`stable_after`](Self::stable_after).
    pub fn acceptable_pause(mut self, duration: Duration) -> Self {
        self.settings.pause = duration.clamp(TIME_MIN, TIME_MAX);
        self
    }

    /// Taking who is silent for unreachable from this phi on, between 1 and 100: an answer comes that late once in 10^phi times. The default is 8, as
    /// in Pekko, which advises 12 for networks that are noisy.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Membership, Network, millis, secs};
    /// # use casty_memory::MemoryNetwork;
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).name("demo").start().unwrap();
    /// // As Pekko has it: a member that hangs is missed after some four seconds, and not within two as by default.
    /// let patient = Membership::form().heartbeat(secs(1)).phi(8.0).deviation_min(millis(100)).watched(9);
    /// let patient = patient.acceptable_pause(secs(3)).stable_after(secs(20));
    /// let network = Network::over(MemoryNetwork::new()).listen("here").insecure().cluster(patient);
    /// let node = network.start(&system).await.unwrap();
    /// assert!(node.cluster().unwrap().wait_for(1, secs(30)).await.is_ok());
    /// # });
    /// ```
    pub fn phi(mut self, threshold: f64) -> Self {
        if !threshold.is_nan() {
            self.settings.threshold = threshold.clamp(PHI_MIN, PHI_MAX);
        }
        self
    }

    /// Taking the standard deviation of answers for so much, where it is less; the default is a tenth of a second.
    pub fn deviation_min(mut self, duration: Duration) -> Self {
        self.settings.deviation_min = duration.clamp(TIME_MIN, TIME_MAX);
        self
    }

    /// Watching so many of the others, at least one and at most 64; the default is five. Each of them is asked once in each
    /// [`heartbeat`](Self::heartbeat), so this is what a node says in peace, however many members there are.
    pub fn watched(mut self, members: usize) -> Self {
        self.settings.neighbours = members.clamp(1, WATCHED_MAX);
        self
    }

    /// Saying so often what this node knows, while all know the same; the default is a second.
    pub fn gossip(mut self, interval: Duration) -> Self {
        self.settings.gossip = interval.clamp(TIME_MIN, TIME_MAX);
        self
    }

    /// Trying so often to join; the default is a second.
    pub fn retry(mut self, interval: Duration) -> Self {
        self.settings.retry = interval.clamp(TIME_MIN, TIME_MAX);
        self
    }

    /// Whether a host is believed that says that nobody listens at a member's address: then that member has ended, and is given up at
    /// once. A firewall can say the same, so that by default only this machine itself is believed, at loopback addresses, and
    /// transports whose addresses are names without a port.
    pub const fn trust_refusals(mut self, trust: bool) -> Self {
        self.trusts = Some(trust);
        self
    }

    /// Whether a lease is to decide that nobody knows of, or that none can be: a partition is too late to say so.
    pub(in crate::node) fn check_leases(&self) -> Result<(), NetworkError> {
        let Some(name) = self.settings.downing.lease_name() else { return Ok(()) };
        if self.leases.is_none() {
            return Err(NetworkError::NoLeases);
        }
        let claim = Claim { name: String::from(name), owner: String::new(), ttl: self.settings.stable_after };
        claim.check().map_err(|_| NetworkError::LeaseName)
    }

    /// Begins to look for the others.
    pub(in crate::node) fn begin(self, hub: &Arc<Hub>, dials: &Arc<Dials>) -> Cluster {
        let card = Card {
            id: hub.me().clone(),
            address: String::from(hub.address()),
            roles: self.roles,
            version: self.version,
            protocols: VERSIONS,
        };
        let Settings { downing, stable_after, .. } = &self.settings;
        let arbiter = self.leases.zip(downing.lease_name());
        let arbiter = arbiter.map(|(leases, name)| Arbiter::new(leases, name, *stable_after));
        // Whoever cannot know all of them, and those that are let in at the same time, cannot agree with the others.
        let peers_max = hub.limits().peers_max;
        let members_max = self.settings.members_max.min(peers_max - peers_max / (SLACK + 1));
        let settings = Settings { members_max, ..self.settings };
        let mut council = Council::new(card, settings, hub.world().rng());
        let first = if self.forms { Input::Form } else { Input::Seek };
        council.handle(hub.world().now(), first);
        let board = Arc::clone(hub.board());
        let desk = Desk::of(hub.world());
        let posts = (Arc::clone(&board), Arc::clone(&desk));
        let pump = Pump::new((hub, dials), posts, council, (self.discovery, arbiter), self.trusts);
        hub.world().executor().spawn(Box::pin(pump));
        desk.join();
        Cluster { hub: Arc::clone(hub), board }
    }
}

impl fmt::Debug for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Membership")
            .field("forms", &self.forms)
            .field("roles", &self.roles)
            .field("version", &self.version)
            .field("quorum", &self.settings.quorum)
            .field("downing", &alloc::format!("{}", self.settings.downing))
            .field("stable_after", &self.settings.stable_after)
            .field("begins_after", &self.settings.begins_after)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::secs;

    #[test]
    fn settings_are_taken_within_their_limits_and_what_is_no_number_is_not() {
        let settings = |membership: Membership| {
            let Settings { threshold, deviation_min, neighbours, .. } = membership.settings;
            (threshold, deviation_min, neighbours)
        };
        let set = |phi, deviation, watched| {
            settings(Membership::form().phi(phi).deviation_min(deviation).watched(watched))
        };
        assert_eq!(settings(Membership::form()), (8.0, millis(100), 5));
        assert_eq!(set(12.0, secs(1), 9), (12.0, secs(1), 9));
        assert_eq!(set(0.0, Duration::ZERO, 0), (PHI_MIN, TIME_MIN, 1));
        assert_eq!(set(f64::INFINITY, Duration::MAX, usize::MAX), (PHI_MAX, TIME_MAX, WATCHED_MAX));
        assert_eq!(set(f64::NAN, secs(1), 9), (8.0, secs(1), 9));
    }
}
