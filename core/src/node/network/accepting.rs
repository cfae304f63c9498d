//! Taking connections: as many strangers at a time as there may be.

use alloc::boxed::Box;
use alloc::string::ToString;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use super::link::Link;
use super::strangers::Strangers;
use crate::executor::Task;
use crate::remote::{Hub, Refusal, Role};
use crate::sync::Arc;
use crate::time::millis;
use crate::transport::{Connection, Listener};

/// Takes connections until the system ends.
pub(super) struct Accepting {
    hub: Arc<Hub>,
    listener: Box<dyn Listener>,
    strangers: Arc<Strangers>,
    /// Until when nothing is taken: after an error another would come at once.
    pause: Option<Task>,
}

const PAUSE: Duration = millis(100);
/// How many connections are taken before others have their turn.
const ROUNDS: usize = 16;

impl Accepting {
    pub(super) fn new(hub: Arc<Hub>, listener: Box<dyn Listener>) -> Self {
        Self { hub, listener, strangers: Arc::default(), pause: None }
    }

    fn take(&self, connection: Box<dyn Connection>) {
        let address = connection.peer();
        let Some(number) = self.strangers.admit(&address, self.hub.limits().strangers_max) else {
            return self.hub.refused(address, Refusal::Busy.to_string());
        };
        let link = Link::new(Arc::clone(&self.hub), connection, Role::Acceptor);
        let stranger = Some((Arc::clone(&self.strangers), number));
        let guest = Guest { link, stranger, hub: Arc::clone(&self.hub) };
        self.hub.world().executor().spawn(Box::pin(guest));
    }
}

impl Future for Accepting {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        for _ in 0..ROUNDS {
            self.hub.wake_at_end(cx.waker());
            if self.hub.has_ended() {
                return Poll::Ready(());
            }
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            match self.listener.poll_accept(cx) {
                Poll::Ready(Ok(connection)) => self.take(connection),
                Poll::Ready(Err(error)) => {
                    self.hub.refused(error.address, error.cause);
                    let executor = self.hub.world().executor();
                    self.pause = Some(executor.sleep_until(executor.now() + PAUSE));
                }
                Poll::Pending => return Poll::Pending,
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// A connection that came in.
struct Guest {
    hub: Arc<Hub>,
    link: Link,
    /// Until it is known who is there.
    stranger: Option<(Arc<Strangers>, u64)>,
}

impl Guest {
    fn is_known(&mut self) {
        if let Some((strangers, number)) = self.stranger.take() {
            strangers.leave(number);
        }
    }
}

impl Future for Guest {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.hub.has_ended() {
            return Poll::Ready(());
        }
        if let Some((strangers, number)) = &self.stranger
            && strangers.is_ousted(*number, cx)
        {
            self.link.makes_way();
            return Poll::Ready(());
        }
        let polled = self.link.poll(cx);
        if !self.link.is_stranger() {
            self.is_known();
        }
        let Poll::Ready(ended) = polled else { return Poll::Pending };
        // Either of the two may be the one that finds the way back.
        if let Some(peer) = ended.peer.filter(|_| ended.lived) {
            Hub::seek(&self.hub, &peer);
        }
        Poll::Ready(())
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.is_known();
    }
}
