//! Streams: the bytes of each connection, in order and unchanged, at the reader's pace.

use crate::Verdict;
use crate::stage::{Stage, fill};

/// More than any transport keeps.
const MANY: usize = 4 << 20;

pub(crate) async fn bytes_arrive_unchanged_and_in_order_both_ways_at_once(stage: Stage) -> Verdict {
    let mut listener = stage.listen("here").await?;
    let mut pair = stage.pair(&mut listener).await?;
    for (there, back) in [(1, 0), (0, 1), (100, 3), (300_000, 300_000), (5, 70_000)] {
        pair.exchange(there, back, 4_096).await?;
    }
    Ok(())
}

pub(crate) async fn a_slow_reader_loses_nothing(stage: Stage) -> Verdict {
    let mut listener = stage.listen("here").await?;
    let mut pair = stage.pair(&mut listener).await?;
    for nth in 0..16 {
        pair.exchange(MANY / 16, 0, 100 + nth * 1_000).await?;
        stage.pause().await;
    }
    Ok(())
}

pub(crate) async fn a_writer_waits_while_nobody_reads_and_then_goes_on(stage: Stage) -> Verdict {
    let mut listener = stage.listen("here").await?;
    let mut pair = stage.pair(&mut listener).await?;
    let written = fill(&stage, &mut pair).await?;
    pair.hear(written, 8_192).await?;
    pair.exchange(100_000, 100_000, 8_192).await
}

pub(crate) async fn connections_do_not_meet(stage: Stage) -> Verdict {
    let mut listener = stage.listen("here").await?;
    let mut pairs = Vec::new();
    for _ in 0..8 {
        pairs.push(stage.pair(&mut listener).await?);
    }
    // Each is at another place of its streams: what came from another one would be other bytes.
    for (nth, pair) in pairs.iter_mut().enumerate() {
        pair.exchange(1 + nth, 1 + 3 * nth, 100).await?;
    }
    for pair in pairs.iter_mut().rev() {
        pair.exchange(1_000, 1_000, 100).await?;
    }
    Ok(())
}
