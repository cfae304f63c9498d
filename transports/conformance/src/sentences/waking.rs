//! Waking: whoever polled last is woken, and nobody has to ask again and again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use crate::Verdict;
use crate::sentence::ensure;
use crate::stage::{Pair, Stage, byte, fill, is_pending, write};

/// A waker that remembers.
#[derive(Default)]
struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

/// Polls with another waker than before until it is ready; fails when a poll was pending and that waker was never woken.
async fn woken<T>(stage: &Stage, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Verdict {
    loop {
        let bell = Arc::new(Bell::default());
        if poll(&mut Context::from_waker(&Waker::from(Arc::clone(&bell)))).is_ready() {
            return Ok(());
        }
        let mut pauses = 0;
        while !bell.0.load(Ordering::Acquire) {
            stage.pause().await;
            pauses += 1;
            ensure(pauses < 2_000, "whoever polled last was not woken")?;
        }
    }
}

pub(crate) async fn whoever_polled_last_is_woken_when_there_are_bytes(stage: Stage) -> Verdict {
    let mut listener = stage.listen("here").await?;
    let Pair { mut near, mut far, .. } = stage.pair(&mut listener).await?;
    let mut bytes = [0; 10];
    // Another one polls first, who has lost interest since.
    ensure(is_pending(|cx| far.poll_read(cx, &mut bytes)), "there was something to read")?;
    let mut said = false;
    woken(&stage, |cx| {
        let polled = far.poll_read(cx, &mut bytes);
        if polled.is_pending() && !std::mem::replace(&mut said, true) {
            let now = futures_lite::future::block_on(write(&mut near, 1, 0, 10));
            return if now.is_ok() { Poll::Pending } else { Poll::Ready(Ok(0)) };
        }
        polled
    })
    .await?;
    ensure(bytes[0] == byte(1, 0), "it was woken for nothing")
}

pub(crate) async fn whoever_polled_last_is_woken_when_there_is_room(stage: Stage) -> Verdict {
    let mut listener = stage.listen("here").await?;
    let mut pair = stage.pair(&mut listener).await?;
    fill(&stage, &mut pair).await?;
    let (Pair { mut near, mut far, .. }, part) = (pair, [7; 1_000]);
    let reading = async {
        let mut into = vec![0; 65_536];
        loop {
            if std::future::poll_fn(|cx| far.poll_read(cx, &mut into)).await.is_err() {
                return Err(crate::Failure::new("the reader has lost it"));
            }
        }
    };
    futures_lite::future::or(woken(&stage, |cx| near.poll_write(cx, &part)), reading).await
}

pub(crate) async fn whoever_polled_last_is_woken_when_somebody_calls(stage: Stage) -> Verdict {
    let mut listener = stage.listen("here").await?;
    let (transport, address) = (stage.transport(), listener.address());
    ensure(is_pending(|cx| listener.poll_accept(cx)), "somebody was there already")?;
    let calling = async {
        let connection = transport.connect(&address).await;
        // It says something: some are not there before.
        if let Ok(mut connection) = connection {
            let _ = write(&mut connection, 1, 0, 1).await;
            let mut byte = [0];
            let _ = std::future::poll_fn(|cx| connection.poll_read(cx, &mut byte)).await;
            futures_lite::future::pending::<()>().await;
        }
        Err(crate::Failure::new("nobody listens"))
    };
    futures_lite::future::or(woken(&stage, |cx| listener.poll_accept(cx)), calling).await
}
