//! What a peer says of itself, and what follows for what it was told before.

use super::Peer;
use crate::actor::DeadReason;
use crate::remote::aliases::Named;
use crate::remote::hello::Hello;
use crate::remote::stub::Absent;
use crate::sync::{Arc, Ordering};

impl Peer {
    /// It has said where it can be reached, how long a message it takes, and what it decompresses.
    pub(crate) fn introduced(this: &Arc<Self>, hello: &Hello) {
        if !hello.address.is_empty() {
            this.address.with(|known| known.clone_from(&hello.address));
        }
        this.proved.store(true, Ordering::Relaxed);
        let theirs = usize::try_from(hello.message_bytes_max).unwrap_or(usize::MAX);
        this.message_bytes_max.fetch_min(theirs, Ordering::Relaxed);
        this.decompresses.store(this.script.compresses_for(&hello.terms), Ordering::Release);
        this.traces.fetch_and(hello.terms.traces, Ordering::Relaxed);
        Self::fit(this, theirs, hello.terms.traces);
    }

    /// What was told before, and is longer than it takes, is a dead letter, and not the end of the link. What is of a trace is told
    /// without, unless it traces.
    fn fit(this: &Arc<Self>, bytes_max: usize, traces: bool) {
        let misfits = this.outbound.with(|outbound| outbound.fit(bytes_max, traces));
        for Named { actor, path, takes } in misfits {
            this.tally.dropped(DeadReason::Unencodable);
            let whose = Absent::any(&Arc::new(Absent::new(Arc::clone(this), actor, path, takes)));
            this.world.dead_letter(DeadReason::Unencodable, whose.target(), takes);
        }
    }
}
