//! A thread that reads, beside the writer and never waiting for it.

use async_channel::Receiver;

use crate::pages::Pages;
use crate::request::ReadRequest;

/// Answers until nobody can ask any more.
pub(crate) fn run(mut pages: Pages<'_>, requests: &Receiver<ReadRequest>) {
    while let Ok(request) = requests.recv_blocking() {
        // Who does not wait any more has let go of the answer, and knows that.
        match request {
            // Who has asked for a page ahead may have been answered by the one before.
            ReadRequest::Replay { reply, .. } if reply.is_canceled() => {}
            ReadRequest::Replay { entity, after, events_max, reply } => {
                let _ = reply.send(pages.replay(&entity, after, events_max));
            }
            ReadRequest::Snapshot { entity, reply } => {
                let _ = reply.send(pages.snapshot(&entity));
            }
            ReadRequest::Entities { after, entities_max, reply } => {
                let _ = reply.send(pages.entities(after.as_ref(), entities_max));
            }
            ReadRequest::Tagged { tag, after, events_max, reply } => {
                let _ = reply.send(pages.tagged(&tag, after, events_max));
            }
        }
    }
}
