//! A conversation as its endpoint sees it: where it leads, and how far it is.

use alloc::boxed::Box;
use alloc::vec::Vec;

use casty_core::Instant;

use crate::conversation::Conversation;
use crate::dial::Dial;
use crate::ended::Ended;
use crate::settings::Settings;

/// One conversation.
#[derive(Debug)]
pub(super) struct Line<A> {
    pub(super) peer: A,
    pub(super) talk: Talk,
    pub(super) standing: Standing,
    /// When it is to be told the time.
    pub(super) alarm: Option<Instant>,
    /// It is among those that may have something to say.
    pub(super) is_ready: bool,
    /// It is among those of which there is news.
    pub(super) has_news: bool,
    /// It is news that a dial has come to something.
    pub(super) dialed: bool,
    /// Nobody here wants it any more.
    closed: bool,
}

/// What is said in it.
#[derive(Debug)]
pub(super) enum Talk {
    Dialing(Dial),
    Talking(Box<Conversation>),
}

/// Whose it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    /// The caller has not said anything yet.
    HalfOpen,
    /// Nobody has accepted it yet.
    Waiting,
    Taken,
}

impl<A> Line<A> {
    pub(super) const fn new(peer: A, talk: Talk, standing: Standing) -> Self {
        let (is_ready, has_news) = (false, false);
        Self { peer, talk, standing, alarm: None, is_ready, has_news, dialed: false, closed: false }
    }

    pub(super) fn close(&mut self, now: Instant) {
        self.closed = true;
        if let Talk::Talking(talking) = &mut self.talk {
            talking.close(now);
        }
    }

    pub(super) fn expire(&mut self, now: Instant) {
        match &mut self.talk {
            Talk::Dialing(dial) => self.dialed |= dial.expire(now),
            Talk::Talking(talking) => talking.expire(now),
        }
    }

    pub(super) fn poll(&mut self, now: Instant, name: u64, settings: &Settings, into: &mut Vec<u8>) -> bool {
        match &mut self.talk {
            Talk::Dialing(dial) => dial.poll(now, name, settings, into),
            Talk::Talking(talking) => talking.poll(now, into),
        }
    }

    /// Whether nobody needs it any more, here or there.
    pub(super) fn is_over(&self) -> bool {
        match &self.talk {
            Talk::Dialing(_) => self.closed,
            Talk::Talking(talking) => {
                talking.is_over() || (self.standing != Standing::Taken && talking.ended().is_some())
            }
        }
    }

    pub(super) const fn take_news(&mut self) -> bool {
        let dialed = core::mem::replace(&mut self.dialed, false);
        let talked = match &mut self.talk {
            Talk::Dialing(_) => false,
            Talk::Talking(talking) => talking.take_news(),
        };
        // Who has not accepted it, or wants it no more, does not wait for it.
        (dialed || talked) && matches!(self.standing, Standing::Taken) && !self.closed
    }
}

impl Talk {
    pub(super) const fn ended(&self) -> Option<Ended> {
        match self {
            Self::Dialing(dial) => dial.ended(),
            Self::Talking(talking) => talking.ended(),
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Dialing(dial) => dial.deadline(),
            Self::Talking(talking) => talking.deadline(),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Dialing(_) => 0,
            Self::Talking(talking) => talking.bytes(),
        }
    }
}
