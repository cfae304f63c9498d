//! What must hold of entities that only add: pure functions, apart from the scenario.
//!
//! An entity's state is everything ever added, in its order, and each answer shows it. So an answer is a claim about the
//! whole history until then, and a history is linearizable exactly if the claims agree with the journal and with time.

use std::collections::BTreeSet;

/// A question of a client to an entity.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) entity: usize,
    /// What was to be added, all of it or nothing; empty for a question.
    pub(crate) added: Vec<u64>,
    /// When it was asked, as a number that grows.
    pub(crate) begun: usize,
    /// When it was answered, and how, if it was.
    pub(crate) done: Option<Done>,
}

/// An answer: the whole state.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    pub(crate) at: usize,
    pub(crate) seen: Vec<u64>,
}

/// For each entity there is one order of all that was done, which the journal has and which agrees with time.
///
/// `logs` has, for each entity, the sequences and numbers of the events in the journal.
pub(crate) fn linearizable(operations: &[Operation], logs: &[Vec<(u64, u64)>]) {
    if let Some(violation) = violation(operations, logs) {
        panic!("{violation}");
    }
}

/// The first thing that is not as it must be.
pub(crate) fn violation(operations: &[Operation], logs: &[Vec<(u64, u64)>]) -> Option<String> {
    logs.iter().enumerate().find_map(|(entity, log)| {
        let of_entity: Vec<&Operation> = operations.iter().filter(|it| it.entity == entity).collect();
        let violation = verdict(log, &of_entity).err()?;
        Some(format!("entity {entity}: {violation}; the journal has {log:?}"))
    })
}

type Verdict = Result<(), String>;

fn verdict(log: &[(u64, u64)], operations: &[&Operation]) -> Verdict {
    let numbers: Vec<u64> = log.iter().map(|(_, number)| *number).collect();
    without_gaps(log)?;
    each_once_and_asked_for(&numbers, operations)?;
    operations.iter().try_for_each(|operation| whole(&numbers, operation))?;
    operations.iter().try_for_each(|operation| answered_truly(&numbers, operation))?;
    operations.iter().try_for_each(|earlier| in_the_order_of_time(&numbers, earlier, operations))
}

fn without_gaps(log: &[(u64, u64)]) -> Verdict {
    holds(log.iter().zip(1..).all(|((sequence, _), expected)| *sequence == expected), || "gaps".into())
}

/// Nothing is there twice, and nothing that nobody asked for.
fn each_once_and_asked_for(log: &[u64], operations: &[&Operation]) -> Verdict {
    let distinct: BTreeSet<&u64> = log.iter().collect();
    holds(distinct.len() == log.len(), || "something is there twice".into())?;
    let asked: BTreeSet<u64> = operations.iter().flat_map(|operation| operation.added.clone()).collect();
    holds(log.iter().all(|number| asked.contains(number)), || "nobody asked for something".into())
}

/// What was to be added together is there together, or not at all.
fn whole(log: &[u64], operation: &Operation) -> Verdict {
    let added = &operation.added[..];
    let none = added.iter().all(|number| !log.contains(number));
    let together = none || log.windows(added.len()).any(|window| window == added);
    holds(together, || format!("{operation:?} is there in part"))
}

/// An answer shows a beginning of the journal, and what was acknowledged by it is the last of it.
fn answered_truly(log: &[u64], operation: &Operation) -> Verdict {
    let Some(Done { seen, .. }) = &operation.done else { return Ok(()) };
    holds(log.starts_with(seen), || format!("{operation:?} saw what is not there"))?;
    let own = seen.ends_with(&operation.added);
    holds(own, || format!("{operation:?} was acknowledged by another"))
}

/// What was asked for after an answer neither forgets what that one saw, nor comes before it.
fn in_the_order_of_time(log: &[u64], earlier: &Operation, operations: &[&Operation]) -> Verdict {
    let Some(Done { at, seen }) = &earlier.done else { return Ok(()) };
    operations.iter().filter(|later| later.begun > *at).try_for_each(|later| {
        let remembers = later.done.as_ref().is_none_or(|done| done.seen.len() >= seen.len());
        holds(remembers, || format!("{later:?} forgot what {earlier:?} saw"))?;
        let place = later.added.first().and_then(|added| log.iter().position(|number| number == added));
        holds(place.is_none_or(|place| place >= seen.len()), || format!("{later:?} is before {earlier:?}"))
    })
}

fn holds(condition: bool, otherwise: impl FnOnce() -> String) -> Verdict {
    if condition { Ok(()) } else { Err(otherwise()) }
}

/// A question that was asked and answered with this.
fn answered(added: &[u64], begun: usize, at: usize, seen: &[u64]) -> Operation {
    Operation { entity: 0, added: added.to_vec(), begun, done: Some(Done { at, seen: seen.to_vec() }) }
}

fn finds(operations: &[Operation], log: &[(u64, u64)]) -> bool {
    verdict(log, &operations.iter().collect::<Vec<_>>()).is_err()
}

#[test]
fn the_checker_finds_each_violation_and_nothing_in_a_good_history() {
    let good = [answered(&[7], 1, 2, &[7]), answered(&[], 3, 4, &[7]), answered(&[8], 3, 5, &[7, 8])];
    assert!(!finds(&good, &[(1, 7), (2, 8)]));
    assert!(finds(&good, &[(1, 7)]), "a phantom acknowledgement");
    assert!(finds(&good, &[(1, 7), (3, 8)]), "a gap");
    assert!(finds(&good, &[(1, 7), (2, 8), (3, 7)]), "something twice");
    assert!(finds(&good, &[(1, 7), (2, 8), (3, 9)]), "something nobody asked for");
    assert!(finds(&good, &[(1, 8), (2, 7)]), "another order than was seen");
    let pair = [answered(&[7, 8], 1, 2, &[7, 8])];
    assert!(!finds(&pair, &[(1, 7), (2, 8)]));
    let torn = [Operation { done: None, ..answered(&[7, 8], 1, 2, &[]) }];
    assert!(finds(&torn, &[(1, 7)]), "a torn write");
    let stale = [answered(&[7], 1, 2, &[7]), answered(&[], 3, 4, &[])];
    assert!(finds(&stale, &[(1, 7)]), "a stale read");
    let early = [answered(&[], 1, 2, &[7]), answered(&[7], 3, 4, &[7])];
    assert!(finds(&early, &[(1, 7)]), "seen before it was asked for");
}
