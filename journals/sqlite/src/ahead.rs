//! What is read ahead for those who replay page after page.
//!
//! ```text
//! replay ─▶ a reader reads the page, answers, and goes on ─▶ pages ─▶ replay takes the next ones without a thread in between
//!                                                              └─ half of them are gone: a reader goes on
//! ```
//!
//! Events do not change, so a full page may be handed out later than it was read; one that is not full may not, as there may be
//! more events by then. What is deleted is forgotten here before the deletion is acknowledged; only what another process deletes
//! may still be handed out, as if it had been asked for before.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use casty_core::journal::{EntityId, Sequence, StoredEvent};

use crate::request::Reply;

/// How many entities are read ahead at the same time.
const TRACKS: usize = 8;
/// How many events of an entity are read ahead at most. Who takes more at once needs no reading ahead.
pub(crate) const EVENTS: usize = 4_096;
/// How many replays of others it takes until one that does not go on loses its place.
const PATIENCE: u64 = 256;

type Page = Vec<StoredEvent>;

/// What is read ahead, for all that ask and all that read.
#[derive(Default)]
pub(crate) struct Ahead(Mutex<Tracks>);

#[derive(Default)]
struct Tracks {
    tracks: Vec<Track>,
    /// How many times anything was asked for.
    time: u64,
}

/// Where a replay is, and what lies before it.
struct Track {
    at: Place,
    pages: VecDeque<Page>,
    state: State,
    /// Who has come to the end of the pages while more is being read.
    waiting: Option<Reply<Page>>,
    /// Events were deleted: what a reader is about to add is not wanted any more.
    stale: bool,
    used: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// A reader is at it.
    Reading,
    /// There may be more.
    Resting,
    /// There is nothing more that could be handed out later.
    Over,
}

/// A page that was not read yet: that after an event, of at most so many events.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) entity: EntityId,
    pub(crate) after: Sequence,
    pub(crate) events_max: usize,
}

/// What there is for who replays.
pub(crate) enum Next {
    /// Nothing: a reader is to be asked.
    Ask(Reply<Page>),
    /// It is being read, and will be answered.
    Coming,
    /// A page.
    Page(Page),
}

impl Ahead {
    /// What there is for who wants the page at `place`, and would be answered by `reply`. `go_on` asks a reader to go on from a
    /// place, and says whether it will.
    pub(crate) fn next(&self, place: &Place, reply: Reply<Page>, go_on: impl FnOnce(Place) -> bool) -> Next {
        let mut tracks = self.lock();
        tracks.time += 1;
        let time = tracks.time;
        let Some(track) = tracks.tracks.iter_mut().find(|track| track.at == *place && !track.stale) else {
            return Next::Ask(reply);
        };
        if track.waiting.is_some() {
            // The next page is another's, who has come first.
            return Next::Ask(reply);
        }
        track.used = time;
        if let Some(page) = track.pages.pop_front() {
            track.at.after = page.last().map_or(place.after, |event| event.sequence);
            if track.further().is_some_and(go_on) {
                track.state = State::Reading;
            }
            return Next::Page(page);
        }
        if track.state == State::Reading {
            track.waiting = Some(reply);
            return Next::Coming;
        }
        Next::Ask(reply)
    }

    /// Whether a reader that has just answered a full page is to go on, from `place`.
    pub(crate) fn begin(&self, place: &Place) -> bool {
        let mut tracks = self.lock();
        if place.events_max > EVENTS / 2 {
            return false;
        }
        let time = tracks.time;
        let left = |track: &Track| {
            track.at.entity == place.entity || track.pages.is_empty() || track.used + PATIENCE < time
        };
        tracks.tracks.retain(|track| track.state == State::Reading || !left(track));
        if tracks.tracks.len() >= TRACKS || tracks.tracks.iter().any(|track| track.at.entity == place.entity)
        {
            return false;
        }
        let (at, pages) = (place.clone(), VecDeque::new());
        tracks.tracks.push(Track {
            at,
            pages,
            state: State::Reading,
            waiting: None,
            stale: false,
            used: time,
        });
        true
    }

    /// Adds a full page, which was read after those before; whether to go on.
    pub(crate) fn add(&self, entity: &EntityId, page: Page) -> bool {
        let mut tracks = self.lock();
        let Some(track) = tracks.reading(entity).filter(|track| !track.stale) else { return false };
        track.pages.push_back(page);
        // Who waits is woken for several pages at once: a wake costs as much as reading one.
        let several = track.pages.len() * track.at.events_max >= EVENTS / 4;
        // Who does not wait any more will not take the next one either.
        !several || track.answer().is_none_or(|answered| answered)
    }

    /// A reader pauses, or has come to where no full page is left; who waits and finds no page is to be answered with what
    /// there is then.
    pub(crate) fn end(&self, entity: &EntityId, pauses: bool) -> Option<(Place, Reply<Page>)> {
        let mut tracks = self.lock();
        let track = tracks.reading(entity)?;
        track.state = if pauses { State::Resting } else { State::Over };
        track.answer();
        track.waiting.take().map(|reply| (track.at.clone(), reply))
    }

    /// Events of `entity` are deleted.
    pub(crate) fn forget(&self, entity: &EntityId) {
        let mut tracks = self.lock();
        tracks.tracks.retain_mut(|track| {
            if track.at.entity != *entity {
                return true;
            }
            // A reader that is at it finds that it is to stop, and answers who waits.
            track.pages.clear();
            track.stale = true;
            track.state == State::Reading
        });
    }

    fn lock(&self) -> MutexGuard<'_, Tracks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tracks {
    fn reading(&mut self, entity: &EntityId) -> Option<&mut Track> {
        self.tracks.iter_mut().find(|track| track.state == State::Reading && track.at.entity == *entity)
    }
}

impl Track {
    /// Gives a page to who waits; whether that was in time, or `None` when nobody waits or there is no page.
    fn answer(&mut self) -> Option<bool> {
        self.waiting.as_ref()?;
        let page = self.pages.pop_front()?;
        self.at.after = page.last().map_or(self.at.after, |event| event.sequence);
        self.waiting.take().map(|reply| reply.send(Ok(page)).is_ok())
    }

    /// Where a reader is to go on, when half of what it has read is gone.
    fn further(&self) -> Option<Place> {
        let low = self.pages.len() * self.at.events_max <= EVENTS / 2;
        if self.state != State::Resting || !low {
            return None;
        }
        let last = self.pages.back().and_then(|page| page.last());
        let after = last.map_or(self.at.after, |event| event.sequence);
        Some(Place { after, ..self.at.clone() })
    }
}
