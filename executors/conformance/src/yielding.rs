//! Letting others have their turn, and looking at a future once.

use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::Poll;

/// Wakes itself and waits to be polled again.
pub(crate) async fn yield_now() {
    let mut yielded = false;
    poll_fn(|cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Polls `future` once, and says whether it was ready.
pub(crate) async fn is_ready<F: Future + ?Sized>(mut future: Pin<&mut F>) -> bool {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_ready())).await
}
