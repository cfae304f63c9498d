//! Taking connections: as many strangers at a time as there may be.

use alloc::boxed::Box;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use super::link::Link;
use crate::executor::Task;
use crate::remote::{Hub, Refusal, Role};
use crate::sync::{Arc, AtomicUsize, Ordering};
use crate::time::millis;
use crate::transport::{Connection, Listener};

/// Takes connections until the system ends.
pub(super) struct Accepting {
    hub: Arc<Hub>,
    listener: Box<dyn Listener>,
    strangers: Arc<AtomicUsize>,
    /// Until when nothing is taken: after an error another would come at once.
    pause: Option<Task>,
}

const PAUSE: Duration = millis(100);
/// How many connections are taken before others have their turn.
const ROUNDS: usize = 16;

impl Accepting {
    pub(super) fn new(hub: Arc<Hub>, listener: Box<dyn Listener>) -> Self {
        Self { hub, listener, strangers: Arc::new(AtomicUsize::new(0)), pause: None }
    }

    fn take(&self, connection: Box<dyn Connection>) {
        let strangers_max = self.hub.limits().strangers_max;
        if self.strangers.fetch_add(1, Ordering::AcqRel) >= strangers_max {
            self.strangers.fetch_sub(1, Ordering::AcqRel);
            return self.hub.refused(connection.peer(), alloc::format!("{}", Refusal::Busy));
        }
        let link = Link::new(Arc::clone(&self.hub), connection, Role::Acceptor);
        let guest = Guest { link, strangers: Some(Arc::clone(&self.strangers)), hub: Arc::clone(&self.hub) };
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
    strangers: Option<Arc<AtomicUsize>>,
}

impl Guest {
    fn is_known(&mut self) {
        if let Some(strangers) = self.strangers.take() {
            strangers.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

impl Future for Guest {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.hub.has_ended() {
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
