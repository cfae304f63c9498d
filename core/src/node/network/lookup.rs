//! Finding an actor of another node.

use alloc::string::String;
use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use super::dials::Dial;
use super::error::RemoteLookupError;
use crate::actor::{ActorRef, Ask, AskError};
use crate::executor::Task;
use crate::remote::{Answer, Hub, Peer, Remote, distant};
use crate::sync::Arc;

/// The future of [`Node::lookup`](crate::Node::lookup) and [`Node::lookup_on`](crate::Node::lookup_on): ready with the reference, or with why there
/// is none.
#[must_use = "nobody is asked unless the future is awaited"]
pub struct RemoteLookup<M> {
    hub: Arc<Hub>,
    whose: Whose,
    path: String,
    timeout: Duration,
    timer: Option<Task>,
    asked: Option<(Arc<Peer>, Ask<Answer>)>,
    message: PhantomData<fn(M)>,
}

/// Whose actor it is to be.
pub(super) enum Whose {
    /// That of whoever is at an address.
    At(Arc<Dial>),
    /// That of one node, and where that is dialed, if it can be.
    Of(Arc<Peer>, Option<Arc<Dial>>),
    /// One of this node.
    Own,
    /// There is none, for that reason.
    Nobodys(RemoteLookupError),
}

/// Longer than any path, and far shorter than a message may be.
const PATH_BYTES_MAX: usize = 8 << 10;

impl Whose {
    const fn dial(&self) -> Option<&Arc<Dial>> {
        match self {
            Self::At(dial) | Self::Of(_, Some(dial)) => Some(dial),
            Self::Of(_, None) | Self::Own | Self::Nobodys(_) => None,
        }
    }

    /// Whether any node will do that is there.
    const fn is_anybody(&self) -> bool {
        matches!(self, Self::At(_))
    }

    /// Notes that somebody wants to hear who is at the address, or no longer does.
    fn await_by(&self, lookups: isize) {
        self.dial().into_iter().for_each(|dial| dial.await_by(lookups));
    }

    /// The one to ask, who is none where that is this node, or why there is nobody.
    fn poll_peer(&self, cx: &Context<'_>) -> Poll<Result<Option<Arc<Peer>>, RemoteLookupError>> {
        Poll::Ready(match self {
            Self::At(dial) => ready!(dial.poll_peer(cx)).map(Some).map_err(RemoteLookupError::Unreachable),
            Self::Of(peer, _) if peer.is_lost() => Err(RemoteLookupError::Lost),
            Self::Of(peer, _) => Ok(Some(Arc::clone(peer))),
            Self::Own => Ok(None),
            Self::Nobodys(error) => Err(error.clone()),
        })
    }

    /// Ready when the one that was asked is not where it is to be: nobody is there, or another one is.
    fn poll_missed(&self, cx: &Context<'_>) -> Poll<RemoteLookupError> {
        let Self::Of(peer, Some(dial)) = self else { return Poll::Pending };
        if peer.is_connected() {
            return Poll::Pending;
        }
        // What was there before may be gone: of another it has to be seen.
        let is_another = |there: &Arc<Peer>| there.id() != peer.id() && there.is_connected();
        Poll::Ready(match ready!(dial.poll_peer_that(is_another, cx)) {
            Ok(_) => RemoteLookupError::Lost,
            Err(cause) => RemoteLookupError::Unreachable(cause),
        })
    }
}

impl<M: Remote> RemoteLookup<M> {
    pub(super) fn new(hub: Arc<Hub>, whose: Whose, path: &str, timeout: Duration) -> Self {
        whose.await_by(1);
        let path = String::from(path.strip_prefix('/').unwrap_or(path));
        Self { hub, whose, path, timeout, timer: None, asked: None, message: PhantomData }
    }

    /// What has been found is the actor of that number.
    fn found(
        answer: Answer,
        actor: impl FnOnce(u64) -> Option<ActorRef<M>>,
    ) -> Result<ActorRef<M>, RemoteLookupError> {
        match answer {
            Answer::Found(number) => actor(number).ok_or(RemoteLookupError::NotFound),
            Answer::NotFound => Err(RemoteLookupError::NotFound),
            Answer::WrongType(takes) => Err(RemoteLookupError::WrongType { takes }),
        }
    }

    /// What others find at this node.
    fn own(&self) -> Result<ActorRef<M>, RemoteLookupError> {
        Self::found(self.hub.find(&self.path, M::NAME), |number| self.hub.exported_actor(number))
    }

    /// It took too long: because nobody is reached, perhaps.
    fn late(&self, peer: Option<&Peer>) -> RemoteLookupError {
        let dial = self.whose.dial().filter(|_| peer.is_none_or(|peer| !peer.is_connected()));
        let failure = dial.and_then(|dial| dial.failure());
        failure.map_or(RemoteLookupError::Timeout, RemoteLookupError::Unreachable)
    }

    fn answered(
        &self,
        peer: &Arc<Peer>,
        answer: Result<Answer, AskError>,
    ) -> Result<ActorRef<M>, RemoteLookupError> {
        match answer {
            Ok(answer) => {
                Self::found(answer, |actor| Some(distant(Arc::clone(peer), actor, self.path.clone())))
            }
            Err(AskError::Timeout) => Err(self.late(Some(peer))),
            Err(_) => Err(RemoteLookupError::Lost),
        }
    }
}

impl<M: Remote> Future for RemoteLookup<M> {
    type Output = Result<ActorRef<M>, RemoteLookupError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.path.len() > PATH_BYTES_MAX {
            return Poll::Ready(Err(RemoteLookupError::NotFound));
        }
        loop {
            if this.asked.is_none() {
                let executor = this.hub.world().executor();
                let timeout = this.timeout;
                let timer = this.timer.get_or_insert_with(|| executor.sleep_until(executor.now() + timeout));
                let Poll::Ready(peer) = this.whose.poll_peer(cx) else {
                    ready!(timer.as_mut().poll(cx));
                    return Poll::Ready(Err(this.late(None)));
                };
                let peer = match peer {
                    Ok(Some(peer)) => peer,
                    Ok(None) => return Poll::Ready(this.own()),
                    Err(error) => return Poll::Ready(Err(error)),
                };
                let ask = this.hub.look_up(&peer, M::NAME, &this.path, timeout);
                // The connection may have ended since, as nobody needed it.
                Hub::seek(&this.hub, &peer);
                this.asked = Some((peer, ask));
            }
            let Some((peer, ask)) = &mut this.asked else { return Poll::Pending };
            let (peer, polled) = (Arc::clone(peer), Pin::new(ask).poll(cx));
            match polled {
                Poll::Ready(Err(_)) if this.whose.is_anybody() && peer.is_lost() && !this.hub.has_ended() => {
                    // It was there when it was dialed last: another may be by now.
                    this.asked = None;
                }
                Poll::Ready(answer) => return Poll::Ready(this.answered(&peer, answer)),
                Poll::Pending => return this.whose.poll_missed(cx).map(Err),
            }
        }
    }
}

impl<M> Drop for RemoteLookup<M> {
    fn drop(&mut self) {
        self.whose.await_by(-1);
    }
}

impl<M> fmt::Debug for RemoteLookup<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteLookup").field("path", &self.path).finish_non_exhaustive()
    }
}
