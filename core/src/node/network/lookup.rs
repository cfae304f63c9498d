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

/// The future of [`Node::lookup`](crate::Node::lookup): ready with the reference, or with why there is none.
#[must_use = "nobody is asked unless the future is awaited"]
pub struct RemoteLookup<M> {
    hub: Arc<Hub>,
    dial: Arc<Dial>,
    path: String,
    timeout: Duration,
    timer: Option<Task>,
    asked: Option<(Arc<Peer>, Ask<Answer>)>,
    message: PhantomData<fn(M)>,
}

/// Longer than any path, and far shorter than a message may be.
const PATH_BYTES_MAX: usize = 8 << 10;

impl<M: Remote> RemoteLookup<M> {
    pub(super) fn new(hub: Arc<Hub>, dial: Arc<Dial>, path: String, timeout: Duration) -> Self {
        dial.await_by(1);
        Self { hub, dial, path, timeout, timer: None, asked: None, message: PhantomData }
    }

    fn answered(
        &self,
        peer: &Arc<Peer>,
        answer: Result<Answer, AskError>,
    ) -> Result<ActorRef<M>, RemoteLookupError> {
        match answer {
            Ok(Answer::Found(actor)) => Ok(distant(Arc::clone(peer), actor, self.path.clone())),
            Ok(Answer::NotFound) => Err(RemoteLookupError::NotFound),
            Ok(Answer::WrongType(takes)) => Err(RemoteLookupError::WrongType { takes }),
            Err(AskError::Timeout) => Err(RemoteLookupError::Timeout),
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
        if let Some((peer, ask)) = &mut this.asked {
            let (peer, answer) = (Arc::clone(peer), ready!(Pin::new(ask).poll(cx)));
            return Poll::Ready(this.answered(&peer, answer));
        }
        let executor = this.hub.world().executor();
        let timeout = this.timeout;
        let timer = this.timer.get_or_insert_with(|| executor.sleep_until(executor.now() + timeout));
        match this.dial.poll_peer(cx) {
            Poll::Ready(Ok(peer)) => {
                let mut ask = this.hub.look_up(&peer, M::NAME, &this.path, timeout);
                // The connection may have ended since, as nobody needed it.
                Hub::seek(&this.hub, &peer);
                let polled = Pin::new(&mut ask).poll(cx);
                if let Poll::Ready(answer) = polled {
                    return Poll::Ready(this.answered(&peer, answer));
                }
                this.asked = Some((peer, ask));
                Poll::Pending
            }
            Poll::Ready(Err(cause)) => Poll::Ready(Err(RemoteLookupError::Unreachable(cause))),
            Poll::Pending => {
                ready!(timer.as_mut().poll(cx));
                let error =
                    this.dial.failure().map_or(RemoteLookupError::Timeout, RemoteLookupError::Unreachable);
                Poll::Ready(Err(error))
            }
        }
    }
}

impl<M> Drop for RemoteLookup<M> {
    fn drop(&mut self) {
        self.dial.await_by(-1);
    }
}

impl<M> fmt::Debug for RemoteLookup<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteLookup").field("path", &self.path).finish_non_exhaustive()
    }
}
