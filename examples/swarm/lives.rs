//! What must hold of those that live once: that they do, and that one at a time writes.

use std::collections::{BTreeMap, BTreeSet};

use super::deeds::{Absences, Dated, Deed, Span};
use super::lists::Kept;

/// The first thing about lives that is not as it must be.
pub(crate) fn violation(kept: &Kept) -> Option<String> {
    let absences = Absences::of(&kept.deeds, kept.patience);
    in_turns(kept).or_else(|| unfenced(&kept.deeds)).or_else(|| twice(&kept.deeds, &absences))
}

/// A life of a list writes, and again when another has written.
fn in_turns(Kept { lists, .. }: &Kept) -> Option<String> {
    lists.iter().find_map(|(list, added)| {
        let mut lives = BTreeSet::new();
        let ends = added.windows(2).filter(|pair| pair[0].life != pair[1].life);
        let mut ends = ends.map(|pair| (pair[0].life, pair[1].life));
        let (_, back) = ends.find(|(over, next)| lives.insert(*over) && lives.contains(next))?;
        Some(format!("{list} was written by the life {back} and another in turns"))
    })
}

/// An entity is written in an epoch of its journal when a later one has begun.
fn unfenced(deeds: &[Dated]) -> Option<String> {
    let mut newest: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    deeds.iter().find_map(|(at, deed)| match deed {
        Deed::Opened { entity, node, epoch } => {
            let (before, _) = newest.insert(entity, (*epoch, *node)).unwrap_or_default();
            (before >= *epoch).then(|| format!("{at:?}: {entity} was opened in epoch {epoch} after {before}"))
        }
        Deed::Wrote { entity, node, epoch } => {
            let (last, by) = newest.get(entity.as_str()).copied().unwrap_or_default();
            ((last, by) != (*epoch, *node)).then(|| {
                format!("{at:?}: {node} wrote {entity} in epoch {epoch}, and {by} has opened {last}")
            })
        }
        _ => None,
    })
}

/// A life of an entity: where, and from when until when its node did what it is to.
struct Lived<'deeds> {
    entity: &'deeds str,
    node: u64,
    spans: Vec<Span>,
}

/// All lives that were.
fn all<'deeds>(deeds: &'deeds [Dated], absences: &Absences) -> Vec<Lived<'deeds>> {
    let ends = deeds.iter().enumerate().filter_map(|(place, (_, deed))| match deed {
        Deed::Ends { life } => Some((*life, place)),
        _ => None,
    });
    let ends: BTreeMap<u64, usize> = ends.collect();
    let lived = |(place, (_, deed)): (usize, &'deeds Dated)| match deed {
        Deed::Begins { life, entity, node } => {
            let end = ends.get(life).copied().unwrap_or(deeds.len());
            Some(Lived { entity, node: *node, spans: without((place, end), absences.of_node(*node)) })
        }
        _ => None,
    };
    deeds.iter().enumerate().filter_map(lived).collect()
}

/// What is left of a span without others, which are in their order.
fn without((mut from, until): Span, others: &[Span]) -> Vec<Span> {
    let mut left = Vec::new();
    for (begin, end) in others {
        left.push((from, until.min(*begin)));
        from = from.max(*end);
    }
    left.push((from, until));
    left.retain(|(from, until)| from < until);
    left
}

/// An entity lives on two nodes that do what they are to, or twice on one.
fn twice(deeds: &[Dated], absences: &Absences) -> Option<String> {
    let lives = all(deeds, absences);
    lives.iter().enumerate().find_map(|(place, one)| {
        let others = lives[..place].iter().filter(|other| other.entity == one.entity);
        let at = others.flat_map(|other| other.spans.iter().map(move |span| (other.node, *span)));
        let mut both = at.flat_map(|(node, (from, until))| {
            let common = move |span: &Span| (node, from.max(span.0), until.min(span.1));
            one.spans.iter().map(common)
        });
        let (other, from, _) = both.find(|(_, from, until)| from < until)?;
        Some(format!("{:?}: {} lives on {} and on {other}", deeds[from].0, one.entity, one.node))
    })
}

/// How often a node that could not know that it was given up has taken the journal of an entity from the one that lives elsewhere, and how often
/// it has written then.
#[allow(dead_code, reason = "each binary uses its part of it")]
pub(crate) fn taken(kept: &Kept) -> (usize, usize) {
    let absences = Absences::of(&kept.deeds, kept.patience);
    let lives = all(&kept.deeds, &absences);
    let robs = |place: usize, of: &str, by: u64| {
        let owner = |life: &Lived<'_>| {
            let lives = life.spans.iter().any(|(from, until)| (*from..*until).contains(&place));
            life.entity == of && life.node != by && lives
        };
        absences.is_away(by, place) && lives.iter().any(owner)
    };
    let (mut opened, mut wrote) = (0, 0);
    for (place, (_, deed)) in kept.deeds.iter().enumerate() {
        match deed {
            Deed::Opened { entity, node, .. } => opened += usize::from(robs(place, entity, *node)),
            Deed::Wrote { entity, node, .. } => wrote += usize::from(robs(place, entity, *node)),
            _ => {}
        }
    }
    (opened, wrote)
}
