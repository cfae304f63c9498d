//! One child fails, and all are begun anew; their mailboxes stay.

use casty::prelude::*;
use casty::simulation::{Host, sweep};
use casty::testkit::Probe;
use casty::{ActorStopped, Backoff};

use crate::checker;
use crate::world::{Seen, fails, is_planned, system};

const CHILDREN: usize = 3;
const MESSAGES: usize = 30;

/// What was seen of one child.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Life {
    Restarted(usize),
    Handled(usize, usize),
}

#[test]
fn one_failure_restarts_every_child_once_and_loses_no_message() {
    sweep(|simulation| {
        let life = simulation.run(|host| fail_once(host, AllForOne::restarts(1, mins(1)))).value;
        let restarts = life.iter().filter_map(|seen| match seen {
            Life::Restarted(child) => Some(*child),
            Life::Handled(..) => None,
        });
        checker::exactly_once(&restarts.collect::<Vec<_>>(), 0..CHILDREN);
        checker::in_order_and_complete(&handled(&life), CHILDREN, MESSAGES);
    });
}

#[test]
fn one_failure_restarts_the_younger_ones_where_the_rest_follows() {
    sweep(|simulation| {
        let life = simulation.run(|host| fail_once(host, RestForOne::restarts(1, mins(1)))).value;
        assert!(!life.contains(&Life::Restarted(0)), "the elder was restarted");
        assert!(life.contains(&Life::Restarted(1)) && life.contains(&Life::Restarted(2)));
        checker::in_order_and_complete(&handled(&life), CHILDREN, MESSAGES);
    });
}

fn handled(life: &[Life]) -> Vec<(usize, usize)> {
    let handled = life.iter().filter_map(|seen| match seen {
        Life::Handled(child, number) => Some((*child, *number)),
        Life::Restarted(_) => None,
    });
    handled.collect()
}

async fn fail_once(host: Host, strategy: Supervision) -> Vec<Life> {
    let system = system(host, "all");
    let (life, children, mut rng) = (Seen::new(), Seen::new(), system.rng());
    let (seen, born) = (life.clone(), children.clone());
    let parent: Behavior<()> = Behavior::setup(move |ctx| {
        (0..CHILDREN).for_each(|me| born.note(ctx.spawn(child(me, seen.clone()), &me.to_string()).unwrap()));
        Behavior::ignore()
    });
    system.spawn(parent.supervising(strategy), "parent").unwrap();
    system.sleep(millis(1)).await;
    let fails_at = rng.below(MESSAGES);
    for number in 0..MESSAGES {
        for (me, child) in children.all().iter().enumerate() {
            child.tell((number, me == 1 && number == fails_at));
        }
        if rng.below(4) == 0 {
            system.sleep(millis(0)).await;
        }
    }
    system.sleep(secs(1)).await;
    assert!(system.shutdown().await.is_clean());
    life.all()
}

/// Notes what it is told, and fails when it is told to.
fn child(me: usize, life: Seen<Life>) -> Behavior<(usize, bool)> {
    let restarts = life.clone();
    let child = Behavior::receive_message(move |(number, failing)| {
        life.note(Life::Handled(me, number));
        if failing { fails(number % 2 == 0) } else { Behavior::same() }
    });
    child.after_restart(move |_| restarts.note(Life::Restarted(me)))
}

#[test]
fn a_child_whose_budget_is_spent_stops_and_the_parent_lives_on() {
    sweep(|simulation| {
        simulation.run(|host| async move {
            let system = system(host, "budget");
            let children = Seen::new();
            let born = children.clone();
            let parent: Behavior<()> = Behavior::setup(move |ctx| {
                (0..CHILDREN)
                    .for_each(|me| born.note(ctx.spawn(child(me, Seen::new()), &me.to_string()).unwrap()));
                Behavior::ignore()
            });
            let parent = system.spawn(parent.supervising(OneForOne::restarts(2, mins(1))), "parent").unwrap();
            system.sleep(millis(1)).await;
            (0..3).for_each(|number| children.all()[0].tell((number, true)));
            system.sleep(secs(1)).await;
            assert!(children.all()[0].is_stopped() && !children.all()[1].is_stopped());
            assert!(!parent.is_stopped());
            assert!(system.shutdown().await.is_clean());
        });
    });
}

#[test]
fn the_end_by_a_parents_verdict_names_the_failure() {
    sweep(|simulation| {
        simulation.run(|host| async move {
            let system = system(host, "verdict");
            let ends = Probe::<ActorStopped>::new(&system, "ends").unwrap();
            system.subscribe(ends.actor());
            let parent: Behavior<()> = Behavior::setup(|ctx| {
                ctx.spawn(child(0, Seen::new()), "child").unwrap().tell((0, true));
                Behavior::ignore()
            });
            system.spawn(parent.supervising(OneForOne::restarts(0, mins(1))), "parent").unwrap();
            let end = ends.recv().await;
            assert_eq!(end.path.name(), "child");
            assert!(is_planned(&end.failure.unwrap()));
        });
    });
}

#[test]
fn a_parent_that_pauses_before_its_restart_still_decides_on_the_children_it_keeps() {
    sweep(|simulation| {
        simulation.run(|host| async move {
            let (system, children) = (system(host, "pause"), Seen::new());
            let born = children.clone();
            let parent = Behavior::setup(move |ctx: &mut Context<()>| {
                if born.len() == 0 {
                    born.note(ctx.spawn(child(0, Seen::new()), "child").unwrap());
                }
                Behavior::receive_message(|()| fails(false))
            });
            let restarts = || OneForOne::restarts(9, mins(1));
            let paused = restarts().keep_children().backoff(Backoff::new(secs(5), secs(5)));
            let parent = system.spawn(parent.supervising(restarts()).supervised(paused), "parent").unwrap();
            parent.tell(());
            system.sleep(secs(1)).await;
            let child = children.all()[0].clone();
            child.tell((0, true));
            system.sleep(secs(1)).await;
            assert!(!child.is_stopped(), "the child was stopped where it should be restarted");
        });
    });
}
