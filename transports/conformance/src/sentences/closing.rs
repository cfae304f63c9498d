//! Closing: what was written before is read, and then it is the end.

use casty_core::transport::Transport;
use std::future::poll_fn;

use futures_lite::future;

use crate::sentence::{Failure, Verdict, ensure};
use crate::stage::{Pair, Stage, byte, read};

pub(crate) async fn what_was_written_before_a_connection_was_dropped_is_read_and_then_it_ends(
    stage: Stage,
) -> Verdict {
    let mut listener = stage.listen("here").await?;
    for most in [0, 1, 30_000] {
        let Pair { mut near, mut far, .. } = stage.pair(&mut listener).await?;
        // As much as it takes while nobody reads: some have little room.
        let part: Vec<u8> = (0..most).map(|at| byte(1, at)).collect();
        let mut bytes = 0;
        while bytes < most {
            let writing = async { Some(poll_fn(|cx| near.poll_write(cx, &part[bytes..])).await) };
            let waiting = async {
                stage.pause().await;
                None
            };
            match future::or(writing, waiting).await {
                Some(written) => bytes += written?,
                None => break,
            }
        }
        ensure(bytes > 0 || most == 0, "it takes nothing")?;
        drop(near);
        stage.pause().await;
        read(&mut far, 1, 0..bytes, 1_000).await?;
        let end = poll_fn(|cx| far.poll_read(cx, &mut [0; 10])).await;
        ensure(end == Ok(0), &format!("after {bytes} bytes, instead of the end: {end:?}"))?;
        let again = poll_fn(|cx| far.poll_read(cx, &mut [0; 10])).await;
        ensure(again == Ok(0), &format!("after the end: {again:?}"))?;
    }
    Ok(())
}

pub(crate) async fn writes_fail_in_the_end_when_the_other_end_was_dropped(stage: Stage) -> Verdict {
    let mut listener = stage.listen("here").await?;
    let Pair { mut near, far, .. } = stage.pair(&mut listener).await?;
    drop(far);
    for _ in 0..2_000 {
        // It may not know yet, or wait for room that never comes before it knows.
        let written =
            future::or(async { Some(poll_fn(|cx| near.poll_write(cx, &[7; 1_000])).await) }, async {
                stage.pause().await;
                None
            });
        if let Some(Err(_)) = written.await {
            return Ok(());
        }
    }
    Err(Failure::new("it writes and writes, and nobody is there"))
}

pub(crate) async fn a_listener_that_is_dropped_takes_nobody_and_its_connections_go_on(
    stage: Stage,
) -> Verdict {
    let mut listener = stage.listen("here").await?;
    let mut pair = stage.pair(&mut listener).await?;
    let address = listener.address();
    drop(listener);
    stage.pause().await;
    let connecting = async {
        let mut connection = stage.transport().connect(&address).await?;
        // Where the operating system shakes hands, the end comes afterwards.
        poll_fn(|cx| connection.poll_read(cx, &mut [0; 1])).await
    };
    ensure(matches!(connecting.await, Err(_) | Ok(0)), "somebody still listens")?;
    pair.exchange(10_000, 10_000, 1_000).await
}
