//! A thread that reads, beside the writer and never waiting for it.

use async_channel::Receiver;
use casty_core::journal::StoredEvent;

use crate::ahead::{Ahead, Place};
use crate::pages::Pages;
use crate::request::{ReadRequest, Reply};

/// Answers until nobody can ask any more.
pub(crate) fn run(mut pages: Pages<'_>, requests: &Receiver<ReadRequest>, ahead: &Ahead) {
    while let Ok(request) = requests.recv_blocking() {
        // Who does not wait any more has let go of the answer, and knows that.
        match request {
            ReadRequest::Replay { place, reply } => replay(&mut pages, ahead, place, reply),
            ReadRequest::Ahead(place) => go_on(&mut pages, ahead, &place),
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

/// Answers with a page and, if it is full, goes on: who has asked will ask for the next one.
fn replay(pages: &mut Pages<'_>, ahead: &Ahead, place: Place, reply: Reply<Vec<StoredEvent>>) {
    let page = pages.replay(&place);
    let full = page.as_ref().is_ok_and(|page| page.len() == place.events_max);
    let last = page.as_ref().ok().and_then(|page| page.last()).map(|event| event.sequence);
    let next = last.filter(|_| full).map(|after| Place { after, ..place });
    // Before the answer, so that the next question finds that it is being read.
    let next = next.filter(|next| ahead.begin(next));
    let _ = reply.send(page);
    if let Some(next) = next {
        go_on(pages, ahead, &next);
    }
}

/// Reads on from `place`.
fn go_on(pages: &mut Pages<'_>, ahead: &Ahead, place: &Place) {
    let more = pages.ahead(place, |page| ahead.add(&place.entity, page));
    // Where it failed, whoever comes there fails in the same way, and is told.
    if let Some((place, reply)) = ahead.end(&place.entity, more.unwrap_or(false)) {
        let _ = reply.send(pages.replay(&place));
    }
}
