//! Looking at actors: at those that are idle at once, at others when they come to it.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use crate::actor::{AnyRef, Ask, Control, Facts, ReplyTo, Standing, Surveys};
use crate::id::ActorId;
use crate::time::millis;

/// How long is waited for an actor that is at work.
const PATIENCE: Duration = millis(250);

/// An actor that is to be seen, and which part of its children.
pub(super) struct Sight {
    actor: AnyRef,
    after: ActorId,
    max: usize,
}

/// What was seen of an actor.
pub(super) struct Seen {
    /// Messages in its mailbox.
    pub(super) waiting: usize,
    /// What it has shown; `None` if it did not come to it.
    pub(super) shown: Option<Shown>,
}

/// What an actor has shown.
pub(super) struct Shown {
    pub(super) standing: Standing,
    pub(super) busy: bool,
    pub(super) hands: usize,
    pub(super) restarts: u32,
    /// How many children it has.
    pub(super) children: usize,
    /// Those of them that were to be seen.
    pub(super) page: Vec<AnyRef>,
}

impl Sight {
    pub(super) const fn new(actor: AnyRef, after: ActorId, max: usize) -> Self {
        Self { actor, after, max }
    }

    fn begin(self) -> Watched {
        let mut eye = Eye { after: self.after, max: self.max, shown: None, reply: None };
        let room = self.actor.target().look(&mut eye);
        let waiting = room.map_or(0, |room| room.waiting);
        if room.is_none_or(|room| room.parked) {
            return Watched { actor: self.actor, seen: Seen { waiting, shown: eye.shown }, ask: None };
        }
        let (ask, asker) = Ask::abroad(self.actor.clone(), PATIENCE);
        eye.reply = Some(ReplyTo::asker(asker));
        self.actor.signal(Control::Survey(Box::new(eye)));
        Watched { actor: self.actor, seen: Seen { waiting, shown: None }, ask: Some(ask) }
    }
}

/// Who looks at one actor.
struct Eye {
    after: ActorId,
    max: usize,
    shown: Option<Shown>,
    reply: Option<ReplyTo<Shown>>,
}

impl Surveys for Eye {
    fn see(&mut self, facts: &Facts<'_>) {
        let page = facts.children.map(|children| children.after(self.after, self.max).cloned().collect());
        self.shown = Some(Shown {
            standing: facts.standing,
            busy: facts.busy,
            hands: facts.hands,
            restarts: facts.restarts,
            children: facts.children.map_or(0, |children| children.len()),
            page: page.unwrap_or_default(),
        });
    }

    fn seen(self: Box<Self>) {
        // Nobody misses what comes too late: it is no dead letter.
        if let (Some(reply), Some(shown)) = (self.reply, self.shown)
            && !reply.is_over()
        {
            reply.tell(shown);
        }
    }
}

/// An actor that is being looked at.
struct Watched {
    actor: AnyRef,
    seen: Seen,
    ask: Option<Ask<Shown>>,
}

/// Looks at actors, all at the same time; ready when all were seen, or have taken too long.
pub(super) fn gather(sights: impl Iterator<Item = Sight>) -> Gathering {
    Gathering(sights.map(Sight::begin).collect())
}

/// The future of that, in the order of the sights.
pub(super) struct Gathering(Vec<Watched>);

impl Future for Gathering {
    type Output = Vec<(AnyRef, Seen)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut waits = false;
        for watched in &mut self.0 {
            let Some(ask) = &mut watched.ask else { continue };
            match Pin::new(ask).poll(cx) {
                Poll::Ready(shown) => {
                    watched.seen.shown = shown.ok();
                    watched.ask = None;
                }
                Poll::Pending => waits = true,
            }
        }
        if waits {
            return Poll::Pending;
        }
        let all = core::mem::take(&mut self.0);
        Poll::Ready(all.into_iter().map(|watched| (watched.actor, watched.seen)).collect())
    }
}
