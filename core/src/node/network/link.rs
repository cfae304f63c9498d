//! One connection, from its first byte to its last: the handshake, then both streams.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::input::Input;
use super::streams::Streams;
use super::warden::next_beat;
use crate::executor::Task;
use crate::log::LinkSpan;
use crate::node::network::greeting::{Greeted, Greeting};
use crate::remote::{Hub, LinkDown, LinkUp, Peer, Refusal, Role};
use crate::sync::Arc;
use crate::transport::Connection;

/// One connection.
pub(super) struct Link {
    hub: Arc<Hub>,
    connection: Box<dyn Connection>,
    input: Input,
    stage: Stage,
    timer: Task,
    span: LinkSpan,
    /// That it was refused is no news.
    pub(super) quiet: bool,
}

enum Stage {
    Greeting(Box<Greeting>),
    Streaming(Streams),
}

/// How a connection ended.
pub(super) struct Ended {
    /// Who was at the other end, if that was known.
    pub(super) peer: Option<Arc<Peer>>,
    pub(super) cause: String,
    /// Why it was refused, here or there.
    pub(super) refusal: Option<Refusal>,
    /// It carried streams.
    pub(super) lived: bool,
}

impl Link {
    pub(super) fn new(hub: Arc<Hub>, connection: Box<dyn Connection>, role: Role) -> Self {
        let stage = Stage::Greeting(Box::new(Greeting::new(&hub, role)));
        let executor = hub.world().executor();
        let timer = executor.sleep_until(executor.now() + hub.limits().handshake);
        let span = LinkSpan::new(&hub.me().name, &role, || connection.peer());
        let input = Input::new(hub.limits().link_bytes_max);
        Self { hub, connection, input, stage, timer, span, quiet: false }
    }

    /// Whether it is known who is at the other end.
    pub(super) const fn is_stranger(&self) -> bool {
        matches!(self.stage, Stage::Greeting(_))
    }

    /// Who is at the other end, once both streams go on.
    pub(super) const fn peer(&self) -> Option<&Arc<Peer>> {
        match &self.stage {
            Stage::Greeting(_) => None,
            Stage::Streaming(streams) => Some(streams.peer()),
        }
    }

    /// Goes on; ready when the connection has ended.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
        let span = self.span.clone();
        span.within(|| self.poll_stages(cx))
    }

    fn poll_stages(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
        loop {
            match &mut self.stage {
                Stage::Greeting(greeting) => {
                    match greeting.poll(&self.hub, &mut self.connection, &mut self.input, cx) {
                        Poll::Ready(Greeted::Known(seated)) => {
                            let streams = Streams::new(&self.hub, seated);
                            self.timer = next_beat(&self.hub);
                            let peer = streams.peer().id().clone();
                            self.span.up(&peer);
                            self.hub.world().events().publish(|| LinkUp { peer });
                            self.stage = Stage::Streaming(streams);
                        }
                        Poll::Ready(Greeted::Refused { peer, refusal, cause }) => {
                            return Poll::Ready(self.refused(peer, refusal, cause));
                        }
                        Poll::Pending => {
                            if self.timer.as_mut().poll(cx).is_pending() {
                                return Poll::Pending;
                            }
                            let slow = Refusal::Slow;
                            return Poll::Ready(self.refused(None, Some(slow.clone()), slow.to_string()));
                        }
                    }
                }
                Stage::Streaming(streams) => {
                    while Pin::new(&mut self.timer).poll(cx).is_ready() {
                        streams.beat(self.hub.world().now());
                        self.input.beat();
                        self.timer = next_beat(&self.hub);
                    }
                    let ended = streams.poll(&self.hub, &mut self.connection, &mut self.input, cx);
                    return ended.map(|cause| self.down(cause));
                }
            }
        }
    }

    /// It has to make way for another, before it is known who is at the other end.
    pub(super) fn makes_way(&self) {
        self.refused(None, Some(Refusal::Busy), Refusal::Busy.to_string());
    }

    fn refused(&self, peer: Option<Arc<Peer>>, refusal: Option<Refusal>, cause: String) -> Ended {
        LinkSpan::refused(&cause);
        // Anybody may say that there is another connection; it is so only with whom this node knows.
        if !self.quiet && (refusal != Some(Refusal::Crossing) || peer.is_none()) {
            self.hub.refused(self.connection.peer(), cause.clone());
        }
        Ended { peer, cause, refusal, lived: false }
    }

    fn down(&self, cause: String) -> Ended {
        LinkSpan::down(&cause);
        let peer = self.peer().cloned();
        if let Some(peer) = &peer
            && !self.hub.has_ended()
        {
            let (peer, cause) = (peer.id().clone(), cause.clone());
            self.hub.world().events().publish(|| LinkDown { peer, cause });
        }
        Ended { peer, cause, refusal: None, lived: true }
    }
}
