//! Gives up peers that cannot be reached: nothing waits for ever.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use super::losing;
use crate::executor::Task;
use crate::remote::Hub;
use crate::sync::Arc;
use crate::time::millis;

/// Gives up peers that are without a connection for too long although something waits for them.
pub(super) struct Warden {
    hub: Arc<Hub>,
    timer: Task,
}

/// However often it is wanted, it is not done more often than this.
const BEAT_MIN: Duration = millis(1);

impl Warden {
    pub(super) fn new(hub: Arc<Hub>) -> Self {
        let timer = next_beat(&hub);
        Self { hub, timer }
    }

    fn look(&self) {
        let now = self.hub.world().now();
        let mut asked = None;
        for peer in self.hub.peers().iter().filter(|peer| !peer.is_lost()) {
            if peer.overflows() {
                losing::break_with(&self.hub, peer, "too much that must not be lost waits for it");
            }
            if peer.is_connected() {
                continue;
            }
            // All asks are looked at once, and not for each peer.
            if !peer.has_ties() && !asked.get_or_insert_with(|| self.hub.asked()).contains_key(&peer.key()) {
                peer.is_at_ease();
                continue;
            }
            let alone = now.since(peer.alone_since(now));
            if alone >= self.hub.limits().lost_after && !peer.is_kept() {
                losing::lose(&self.hub, peer, "it could not be reached for too long");
            } else {
                Hub::seek(&self.hub, peer);
            }
        }
    }
}

/// Ready when it is time to look after peers again.
pub(super) fn next_beat(hub: &Hub) -> Task {
    let executor = hub.world().executor();
    executor.sleep_until(executor.now() + hub.limits().heartbeat.max(BEAT_MIN))
}

impl Future for Warden {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.hub.wake_at_end(cx.waker());
            if self.hub.has_ended() {
                return Poll::Ready(());
            }
            ready!(self.timer.as_mut().poll(cx));
            self.look();
            self.timer = next_beat(&self.hub);
        }
    }
}
