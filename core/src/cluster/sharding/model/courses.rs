//! Courses of the model: all of them where there is little, and many by chance.

extern crate std;

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};
use std::collections::HashMap;

use super::{Model, Move, Plan};
use crate::cluster::explored::{Fingerprint, explored};
use crate::rng::Rng;

/// Beyond that something has grown that should not.
const STATES_MAX: usize = 2_000_000;

/// All states that were found: from which each came, and by what.
#[derive(Default)]
struct Found {
    numbers: HashMap<u64, usize>,
    from: Vec<(usize, Move)>,
    /// Which may become which, by what is due: that first, as it is followed backwards.
    due: Vec<(usize, usize)>,
    rest: Vec<usize>,
}

impl Found {
    /// The number of a state, and whether it is new.
    fn number(&mut self, model: &Model, from: (usize, Move)) -> (usize, bool) {
        let mut hasher = Fingerprint::default();
        model.hash(&mut hasher);
        let next = self.from.len();
        let number = *self.numbers.entry(hasher.finish()).or_insert(next);
        if number == next {
            self.from.push(from);
        }
        (number, number == next)
    }

    /// How it came to that state.
    fn course(&self, mut number: usize) -> Vec<Move> {
        let mut course = Vec::new();
        while number > 0 {
            let (from, by) = self.from[number];
            course.push(by);
            number = from;
        }
        course.reverse();
        course
    }

    /// A state from which none of rest can be reached.
    fn restless(&self) -> Option<usize> {
        let mut before = vec![Vec::new(); self.from.len()];
        self.due.iter().for_each(|(from, to)| before[*to].push(*from));
        let mut may_rest = vec![false; self.from.len()];
        let mut ahead = VecDeque::from(self.rest.clone());
        while let Some(number) = ahead.pop_front() {
            if !core::mem::replace(&mut may_rest[number], true) {
                ahead.extend(before[number].iter().filter(|from| !may_rest[**from]));
            }
        }
        may_rest.iter().position(|may| !may)
    }
}

/// All courses of a plan; how many states there are.
fn explore(plan: Plan) -> usize {
    let (mut found, first) = (Found::default(), Model::new(plan));
    found.number(&first, (0, Move::Up));
    let mut ahead = vec![(0, first)];
    while let Some((number, model)) = ahead.pop() {
        if model.unrest().is_none() {
            found.rest.push(number);
            assert_eq!(model.missing(), None, "{plan:?}: {:#?}", found.course(number));
        }
        for next in model.moves() {
            let mut after = model.clone();
            after.apply(next);
            let (to, is_new) = found.number(&after, (number, next));
            assert_eq!(after.fault, None, "{plan:?}: {:#?}", found.course(to));
            if next.is_due() {
                found.due.push((number, to));
            }
            if is_new {
                ahead.push((to, after));
            }
        }
        assert!(found.from.len() < STATES_MAX, "there are more states than expected");
    }
    if let Some(number) = found.restless() {
        let (course, mut model) = (found.course(number), Model::new(plan));
        course.iter().for_each(|next| model.apply(*next));
        panic!("{plan:?} does not come to rest, {:?}: {course:#?}", rest(&mut model));
    }
    found.from.len()
}

/// Lets all happen that is due, in some order; what is then missing to rest.
fn rest(model: &mut Model) -> Option<String> {
    for _ in 0..1_000 {
        let due = model.moves().into_iter().filter(|next| next.is_due());
        let Some(next) = due.min_by_key(|next| matches!(next, Move::Tick(_))) else { break };
        model.apply(next);
    }
    model.unrest()
}

const PLAN: Plan = Plan {
    nodes: 3,
    shards: 1,
    sole: false,
    movable: false,
    idles: 0,
    newcomer: false,
    guest: false,
    crashes: 0,
    restarts: 0,
    leaves: 0,
    letters: 0,
};
const SPREAD: Plan = Plan { newcomer: true, shards: 2, ..PLAN };
const SOLE: Plan = Plan { sole: true, ..PLAN };
const MOVABLE: Plan = Plan { movable: true, ..PLAN };

/// All courses of these plans; how many states there are.
fn explore_all(plans: &[Plan]) -> usize {
    let of_one = |plan: &Plan| {
        let states = explore(*plan);
        std::println!("{plan:?}: {states} states");
        states
    };
    plans.iter().map(of_one).sum()
}

#[test]
fn in_every_course_of_a_hand_off_a_crash_and_a_loss_a_shard_is_at_one_node_and_all_comes_to_rest() {
    let states = explore_all(&[
        Plan { letters: 2, ..SPREAD },
        Plan { crashes: 1, letters: 2, ..SPREAD },
        Plan { restarts: 1, letters: 1, ..SPREAD },
        Plan { crashes: 1, restarts: 1, ..SPREAD },
        Plan { leaves: 1, letters: 1, ..PLAN },
        Plan { leaves: 1, crashes: 1, shards: 2, ..PLAN },
        Plan { leaves: 1, restarts: 1, ..PLAN },
        Plan { leaves: 1, crashes: 1, letters: 1, ..PLAN },
    ]);
    explored("hand-offs", states);
    assert!(states > 100_000, "the model hardly moves");
}

#[test]
fn in_every_course_of_a_hand_over_a_crash_and_a_loss_the_one_is_at_one_node_and_the_oldest_has_it_in_the_end()
{
    let states = explore_all(&[
        Plan { newcomer: true, crashes: 1, letters: 1, ..SOLE },
        Plan { crashes: 1, restarts: 1, ..SOLE },
        Plan { leaves: 1, letters: 1, ..SOLE },
        Plan { leaves: 1, crashes: 1, ..SOLE },
        Plan { leaves: 1, restarts: 1, ..SOLE },
        Plan { leaves: 1, crashes: 1, letters: 1, ..SOLE },
    ]);
    explored("hand-overs", states);
    assert!(states > 10_000, "the model hardly moves");
}

#[test]
fn in_every_course_of_a_hand_off_a_crash_and_a_loss_luggage_is_not_lost_and_is_unpacked_where_it_is_alone() {
    let states = explore_all(&[
        Plan { newcomer: true, shards: 2, crashes: 1, restarts: 1, ..MOVABLE },
        Plan { leaves: 1, letters: 1, ..MOVABLE },
        Plan { leaves: 1, idles: 1, ..MOVABLE },
        Plan { leaves: 1, crashes: 1, ..MOVABLE },
        Plan { leaves: 1, restarts: 1, ..MOVABLE },
        Plan { newcomer: true, crashes: 1, sole: true, ..MOVABLE },
    ]);
    explored("luggage", states);
    assert!(states > 10_000, "the model hardly moves");
}

#[test]
#[ignore = "takes minutes"]
fn in_every_course_of_more_that_comes_together_a_shard_is_at_one_node_and_all_comes_to_rest() {
    let states = explore_all(&[
        Plan { leaves: 1, letters: 2, ..PLAN },
        Plan { leaves: 1, crashes: 1, restarts: 1, ..PLAN },
        Plan { leaves: 1, restarts: 1, letters: 1, ..PLAN },
        Plan { leaves: 1, guest: true, ..PLAN },
        Plan { leaves: 1, ..SPREAD },
        Plan { crashes: 1, restarts: 1, letters: 2, ..SPREAD },
        Plan { crashes: 2, restarts: 2, ..SPREAD },
        Plan { leaves: 1, crashes: 1, restarts: 1, idles: 1, ..MOVABLE },
        Plan { leaves: 1, crashes: 1, shards: 2, ..MOVABLE },
        Plan { newcomer: true, shards: 2, crashes: 2, restarts: 1, ..MOVABLE },
    ]);
    explored("more together", states);
}

/// One course by chance, of more nodes and shards.
fn play(seed: u64) {
    let mut rng = Rng::new(seed);
    let mut any = |count: usize| u8::try_from(rng.below(count)).unwrap_or(0);
    let plan = Plan {
        shards: 3,
        newcomer: any(2) == 0,
        guest: true,
        crashes: any(2),
        restarts: any(2),
        leaves: any(2),
        movable: any(2) == 0,
        idles: any(3),
        letters: 60,
        ..PLAN
    };
    let mut model = Model::new(plan);
    for step in 0.. {
        let moves: Vec<Move> = model.moves();
        // What is not due comes seldom, and ticks when nothing else does.
        let now = |next: &Move| match next {
            Move::Says(..) => step % 4 == 0,
            Move::Tick(_) => step % 10 == 0,
            Move::Crashes(_) | Move::Restarts(_) | Move::Leaves(_) | Move::Idles(..) => step % 40 == 0,
            _ => true,
        };
        let mut may: Vec<Move> = moves.iter().copied().filter(now).collect();
        if may.is_empty() {
            may = moves;
        }
        if may.is_empty() {
            break;
        }
        let next = may[rng.below(may.len())];
        model.apply(next);
        assert_eq!(model.fault, None, "seed {seed}, {plan:?}, step {step}");
        assert!(step < 20_000, "seed {seed}, {plan:?}: it does not come to rest, {:?}", model.unrest());
    }
    assert_eq!(model.unrest().or_else(|| model.missing()), None, "seed {seed}, {plan:?}");
}

#[test]
fn whatever_comes_when_a_shard_is_never_at_two_nodes_and_all_comes_to_rest() {
    for seed in 0..3_000 {
        play(seed);
    }
}
