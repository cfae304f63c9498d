//! Tells a region when the members have changed.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use super::envelope::Note;
use super::routes::Routes;
use crate::remote::Hub;
use crate::sync::Arc;

/// Looks at the board of a node, until nothing more will be posted or the region has ended.
pub(super) struct Following<M: Send + 'static> {
    hub: Arc<Hub>,
    routes: Arc<Routes<M>>,
    seen: u64,
    /// Its place among those who wait.
    place: Option<u64>,
}

impl<M: Send + 'static> Following<M> {
    pub(super) const fn new(hub: Arc<Hub>, routes: Arc<Routes<M>>) -> Self {
        Self { hub, routes, seen: u64::MAX, place: None }
    }
}

impl<M: Send + 'static> Future for Following<M> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.hub.wake_at_end(cx.waker());
            if self.hub.has_ended() || self.routes.region().is_stopped() {
                return Poll::Ready(());
            }
            let Self { hub, place, seen, .. } = &mut *self;
            let posts = ready!(hub.board().poll_more(cx, place, *seen));
            self.routes.note(Note::Members);
            let Some(posts) = posts else { return Poll::Ready(()) };
            self.seen = posts;
        }
    }
}

impl<M: Send + 'static> Drop for Following<M> {
    fn drop(&mut self) {
        self.place.iter().for_each(|place| self.hub.board().leave(*place));
    }
}
