//! What must hold of what entities were told, asked and acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use casty::Instant;
use casty::prelude::*;

use super::deeds::{Absences, Dated, Deed};
use super::lists::Kept;

/// The first thing about answers that is not as it must be.
pub(crate) fn violation(kept: &Kept) -> Option<String> {
    let absences = Absences::of(&kept.deeds, kept.patience);
    lost(kept)
        .or_else(|| disorder(&kept.deeds, &absences))
        .or_else(|| too_late(&kept.deeds))
        .or_else(|| unended(kept))
        .or_else(|| counted_twice(&kept.deeds))
}

/// What was acknowledged is not there, or is there twice.
fn lost(Kept { deeds, lists, .. }: &Kept) -> Option<String> {
    for (list, added) in lists {
        let once: BTreeSet<u64> = added.iter().map(|added| added.number).collect();
        if once.len() < added.len() {
            return Some(format!("{list} has a number twice"));
        }
        let lost = deeds.iter().find_map(|(_, deed)| match deed {
            Deed::Acknowledged { entity, number } if entity == list && !once.contains(number) => Some(number),
            _ => None,
        });
        if let Some(lost) = lost {
            return Some(format!("{list} has not kept {lost}, which was acknowledged"));
        }
    }
    None
}

/// An entity was told something twice, or after what was told later, on nodes that do what they are to: who has done nothing for a while does
/// not know yet that it was given up.
fn disorder(deeds: &[Dated], absences: &Absences) -> Option<String> {
    let mut last = BTreeMap::new();
    deeds.iter().enumerate().find_map(|(place, (at, deed))| match deed {
        Deed::Noted { entity, node, from, number } if !absences.is_away(*node, place) => {
            let before = last.insert((entity, from), number).filter(|before| *before >= number)?;
            Some(format!("{at:?}: {entity} was told {number} of {from} after {before}, on {node}"))
        }
        _ => None,
    })
}

/// A question was neither answered nor given up in its time, on a node that did what it is to meanwhile.
fn too_late(deeds: &[Dated]) -> Option<String> {
    // When a node woke last; never while it is paused, or when it has ended.
    let mut woke: BTreeMap<u64, Instant> = BTreeMap::new();
    let mut lags = Lags::default();
    deeds.iter().find_map(|(at, deed)| match deed {
        Deed::Asked { node, took, within, .. } => {
            let awake = woke.get(node).is_none_or(|woke| *woke + *took < *at);
            let longest = *within + CLOCK + lags.since(*node, *at, *took) * STEPS;
            (awake && *took > longest).then(|| {
                format!("{at:?}: a question on {node} took {took:?}, and was to end within {within:?}")
            })
        }
        Deed::Pauses { node } | Deed::Stops { node } => {
            woke.insert(*node, Instant::NEVER);
            None
        }
        Deed::Wakes { node } => {
            woke.insert(*node, *at);
            None
        }
        Deed::Slows { node, lag } => {
            lags.0.entry(*node).or_default().push((*at, *lag));
            None
        }
        _ => None,
    })
}

/// A question has begun and not ended, though its time and that of whatever kept its node is over for long; who has stopped ends nothing any more.
fn unended(Kept { deeds, until, .. }: &Kept) -> Option<String> {
    let mut open: BTreeMap<u64, (u64, Instant)> = BTreeMap::new();
    // When each node is free to end what it has begun; never while it is paused, or when it has ended.
    let mut free: BTreeMap<u64, Instant> = BTreeMap::new();
    for (at, deed) in deeds {
        match deed {
            Deed::Asks { question, node, within } => drop(open.insert(*question, (*node, *at + *within))),
            Deed::Asked { question, .. } => drop(open.remove(question)),
            Deed::Pauses { node } | Deed::Stops { node } => drop(free.insert(*node, Instant::NEVER)),
            Deed::Wakes { node } | Deed::Slows { node, .. } => drop(free.insert(*node, *at)),
            _ => {}
        }
    }
    open.values().find_map(|(node, end)| {
        let end = free.get(node).map_or(*end, |free| *free.max(end));
        (end < Instant::NEVER && end + LATE_MAX < *until)
            .then(|| format!("a question on {node}, which was to end by {end:?}, has not ended at {until:?}"))
    })
}

/// So long after its time, at the end of all trouble, each question has ended.
const LATE_MAX: Duration = secs(2);

/// By a clock that goes differently a time is a nanosecond longer than it was meant.
const CLOCK: Duration = millis(1);
/// From the end of a question's time until its asker knows: the time begins late and is looked at late, who looks wakes another, and that the asker.
const STEPS: u32 = 4;

/// From when on steps of a node have been so late.
#[derive(Default)]
struct Lags(BTreeMap<u64, Vec<(Instant, Duration)>>);

impl Lags {
    /// The longest lag of a node in the last so long until then.
    fn since(&self, node: u64, until: Instant, took: Duration) -> Duration {
        let lags = self.0.get(&node).map_or(&[][..], Vec::as_slice);
        let before = lags.partition_point(|(at, _)| *at + took < until).saturating_sub(1);
        lags[before..].iter().map(|(_, lag)| *lag).max().unwrap_or_default()
    }
}

/// Two were answered the same: what one of them was told is lost, or the state lived twice.
fn counted_twice(deeds: &[Dated]) -> Option<String> {
    let mut told = BTreeSet::new();
    deeds.iter().find_map(|(_, deed)| match deed {
        Deed::Counted { entity, since, count } => (!told.insert((entity, since, count)))
            .then(|| format!("{entity} counted to {count} twice since its beginning {since}")),
        _ => None,
    })
}
