//! Keeping a connection to the node at an address: dial, talk, pause, and again.

use alloc::boxed::Box;
use alloc::string::String;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use super::dials::{Dial, Dials, Hearsay};
use super::link::{Ended, Link};
use super::losing;
use crate::executor::Task;
use crate::remote::{Hub, Notice, Peer, Refusal, Role};
use crate::rng::Rng;
use crate::sync::Arc;
use crate::time::{Instant, secs};
use crate::transport::{Connection, Opening, Transport};

/// Keeps a connection to an address, until its node is lost or nobody wants it any more.
pub(super) struct Dialing {
    hub: Arc<Hub>,
    transport: Arc<dyn Transport>,
    dials: Arc<Dials>,
    dial: Arc<Dial>,
    stage: Stage,
    /// How often in a row it has failed.
    failures: u32,
    /// Since when it has.
    failing_since: Option<Instant>,
    peer: Option<Arc<Peer>>,
    /// It is dialed only because a reference has named it.
    hearsay: Option<Hearsay>,
    /// Who waits has heard which node the present connection leads to.
    announced: bool,
    rng: Rng,
}

enum Stage {
    Connecting(Opening<Box<dyn Connection>>),
    Talking(Box<Link>),
    Pausing(Task),
}

/// How long a connection may take to come about.
const CONNECT: Duration = secs(5);
/// How long the other connection, which had the better right, is left alone.
const CROSSING: Duration = secs(1);

impl Dialing {
    pub(super) fn new(hub: Arc<Hub>, dials: Arc<Dials>, dial: Arc<Dial>, hearsay: Option<Hearsay>) -> Self {
        let transport = Arc::clone(dials.transport());
        let rng = hub.world().rng();
        let stage = Stage::Connecting(connect(&hub, &*transport, dial.address()));
        Self {
            hub,
            transport,
            dials,
            dial,
            stage,
            failures: 0,
            failing_since: None,
            peer: None,
            hearsay,
            announced: false,
            rng,
        }
    }

    /// An attempt has come to nothing: pauses, or gives up.
    fn failed(&mut self, cause: String) -> Poll<()> {
        let now = self.hub.world().now();
        self.dial.failed(&cause);
        let since = *self.failing_since.get_or_insert(now);
        let alone = now.since(since);
        let wanted = self.peer.as_ref().is_some_and(|peer| !peer.is_mute()) || self.dial.is_awaited();
        if !wanted || alone > self.hub.limits().lost_after {
            return self.over(&cause);
        }
        let limits = self.hub.limits();
        let doubled = limits.retry_min.saturating_mul(1 << self.failures.min(16)).min(limits.retry_max);
        self.failures += 1;
        // Half of it is by chance, so that those who lost the same node do not come back at once.
        let nanos = u64::try_from(doubled.as_nanos()).unwrap_or(u64::MAX);
        let jitter = Duration::from_nanos(nanos / 2 + self.rng.next_u64() % (nanos / 2 + 1));
        self.pause(jitter);
        Poll::Pending
    }

    /// Whether there is no connection because nobody needs one.
    fn is_at_rest(&self) -> bool {
        let rests = |peer: &Arc<Peer>| peer.is_at_rest() && !peer.is_connected() && !self.hub.has_ties(peer);
        self.peer.as_ref().is_some_and(rests) && !self.dial.is_awaited()
    }

    fn over(&self, cause: &str) -> Poll<()> {
        self.dial.over(cause);
        self.dials.forget(&self.dial);
        // What was told in that moment has found a dial that was not over yet.
        if let Some(peer) = self.peer.as_ref().filter(|peer| self.hub.has_ties(peer)) {
            Hub::seek(&self.hub, peer);
        }
        Poll::Ready(())
    }

    fn pause(&mut self, pause: Duration) {
        let executor = self.hub.world().executor();
        self.stage = Stage::Pausing(executor.sleep_until(executor.now() + pause));
    }

    fn ended(&mut self, ended: Ended) -> Poll<()> {
        self.announced = false;
        let crossing = ended.peer.is_some() && ended.refusal == Some(Refusal::Crossing);
        let met_nobody = !ended.lived && ended.peer.is_none() && ended.refusal.is_none();
        if let Some(peer) = ended.peer {
            // Only of whom has proved to be it: anybody may sit at an address, and say anything.
            match ended.refusal {
                // A member does not do so by itself: the cluster has.
                Some(Refusal::Lost) if peer.is_kept() => {
                    self.hub.notices().push(Notice::GivenUpBy(peer.id().clone()));
                }
                Some(Refusal::Out) => self.hub.notices().push(Notice::Out(peer.id().clone())),
                Some(Refusal::Lost) => {
                    losing::lose(&self.hub, &peer, "it has given this node up as lost");
                }
                Some(Refusal::Gap) => {
                    losing::break_with(&self.hub, &peer, "the two do not agree on what has been said");
                }
                _ => {}
            }
            if ended.lived || crossing {
                self.dial.leads_to(&peer);
            }
            self.peer = Some(peer);
            self.hearsay = None;
        }
        // The connection is let go of: what is told from now on seeks another.
        self.pause(Duration::ZERO);
        if self.peer.as_ref().is_some_and(|peer| peer.is_mute()) {
            // Whoever waits is to hear of the next one that is there, unless it is the same.
            if !ended.lived || !self.dial.is_awaited() {
                return self.over(&ended.cause);
            }
            self.peer = None;
        }
        if self.is_at_rest() {
            return self.over(&ended.cause);
        }
        if ended.lived {
            (self.failures, self.failing_since) = (0, None);
        }
        if crossing {
            self.pause(CROSSING);
            return Poll::Pending;
        }
        if met_nobody {
            self.hub.not_found_at(self.dial.address());
        }
        self.failed(ended.cause)
    }
}

impl Future for Dialing {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        loop {
            if this.hub.has_ended() {
                return this.over("the system has ended");
            }
            let over = match &mut this.stage {
                Stage::Connecting(opening) => match ready!(opening.as_mut().poll(cx)) {
                    Ok(connection) => {
                        let mut link = Link::new(Arc::clone(&this.hub), connection, Role::Dialer);
                        link.quiet = this.dial.only_looks();
                        this.stage = Stage::Talking(Box::new(link));
                        Poll::Pending
                    }
                    Err(error) => {
                        if error.nobody && !this.dial.only_looks() {
                            this.hub.notices().push(Notice::NobodyAt(this.dial.address().into()));
                        }
                        this.hub.not_found_at(this.dial.address());
                        this.failed(error.cause)
                    }
                },
                Stage::Talking(link) => {
                    let polled = link.poll(cx);
                    if let Some(peer) = link.peer().filter(|_| !this.announced) {
                        this.announced = true;
                        this.dial.leads_to(peer);
                        this.peer = Some(Arc::clone(peer));
                        this.hearsay = None;
                    }
                    let ended = ready!(polled);
                    this.ended(ended)
                }
                Stage::Pausing(pause) => {
                    if !this.dial.poll_haste(cx) {
                        ready!(pause.as_mut().poll(cx));
                    }
                    if let Some(peer) = this.peer.as_ref().filter(|peer| peer.is_connected()) {
                        // By a connection that the other side has dialed, perhaps.
                        this.dial.leads_to(peer);
                        this.pause(CROSSING);
                    } else if this.is_at_rest() {
                        return this.over("nobody needs it");
                    } else {
                        let opening = connect(&this.hub, &*this.transport, this.dial.address());
                        this.stage = Stage::Connecting(opening);
                    }
                    Poll::Pending
                }
            };
            if over.is_ready() {
                return Poll::Ready(());
            }
        }
    }
}

/// A connection to an address, in time.
fn connect(hub: &Hub, transport: &dyn Transport, address: &str) -> Opening<Box<dyn Connection>> {
    let executor = hub.world().executor();
    let timer = executor.sleep_until(executor.now() + CONNECT);
    Box::pin(InTime { opening: transport.connect(address), timer, address: address.into() })
}

struct InTime {
    opening: Opening<Box<dyn Connection>>,
    timer: Task,
    address: String,
}

impl Future for InTime {
    type Output = Result<Box<dyn Connection>, crate::transport::TransportError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(opened) = self.opening.as_mut().poll(cx) {
            return Poll::Ready(opened);
        }
        ready!(self.timer.as_mut().poll(cx));
        let late = alloc::format!("no connection within {CONNECT:?}");
        Poll::Ready(Err(crate::transport::TransportError::new(self.address.as_str(), late)))
    }
}
