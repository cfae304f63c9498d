//! What an actor takes along when it goes on at another node, as bytes and as values.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::timers::{Make, Repeat, TimerKey};
use crate::time::Instant;

/// What an actor takes along, as bytes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Luggage {
    /// What it is written in.
    pub(crate) codec: String,
    pub(crate) state: Vec<u8>,
    pub(crate) stash: Vec<Vec<u8>>,
    /// What it was told and had not come to.
    pub(crate) unread: Vec<Vec<u8>>,
    pub(crate) timers: Vec<Alarm>,
    /// How much silence it wants to hear of, and what it is told then.
    pub(crate) silence: Option<(Duration, Vec<u8>)>,
}

/// A timer of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Alarm {
    pub(crate) key: String,
    /// When it is due, from when it was packed.
    pub(crate) left: Duration,
    pub(crate) again: Option<Again>,
    pub(crate) message: Vec<u8>,
}

/// How a timer goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Again {
    AfterAPause(Duration),
    AtAFixedRate(Duration),
}

/// Luggage, and since when its timers stand still.
pub(crate) struct Parcel {
    pub(crate) since: Instant,
    pub(crate) luggage: Luggage,
}

/// What an actor has beside its state, as values.
pub(crate) struct Belongings<M> {
    pub(crate) stash: Vec<M>,
    pub(crate) unread: Vec<M>,
    pub(crate) timers: Vec<(TimerKey, Duration, Repeat<M>)>,
    pub(crate) silence: Option<(Duration, Make<M>)>,
}

impl Parcel {
    /// The luggage, as if it were packed now.
    pub(crate) fn aged(&self, now: Instant) -> Luggage {
        let mut luggage = self.luggage.clone();
        for alarm in &mut luggage.timers {
            alarm.left = alarm.left.saturating_sub(now - self.since);
        }
        luggage
    }
}
