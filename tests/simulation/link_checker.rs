//! What must hold of links: order, nothing twice, nothing lost without a word.

use std::collections::BTreeMap;

/// Who told whom: two nodes.
pub(crate) type Way = (usize, usize);

/// What the senders and receivers of a run saw.
#[derive(Clone, Default, Debug)]
pub(crate) struct Traffic {
    /// How many messages were told on each way, numbered from 0.
    pub(crate) told: BTreeMap<Way, u64>,
    /// What arrived, in its order.
    pub(crate) received: Vec<(Way, u64)>,
    /// How many became dead letters, on each way.
    pub(crate) dead: BTreeMap<Way, u64>,
    /// How often a node saw a connection end because nobody needed it.
    pub(crate) rests: usize,
}

/// The first thing that is not as it must be, while no node was lost.
pub(crate) fn violation(traffic: &Traffic) -> Option<String> {
    traffic.told.iter().find_map(|(way, told)| {
        let received: Vec<u64> =
            traffic.received.iter().filter(|(other, _)| other == way).map(|(_, number)| *number).collect();
        let dead = traffic.dead.get(way).copied().unwrap_or(0);
        if !received.windows(2).all(|pair| pair[0] < pair[1]) {
            return Some(format!("{way:?}: out of order, or twice: {received:?}"));
        }
        if received.len() as u64 + dead != *told {
            return Some(format!("{way:?}: {told} told, {} received, {dead} dead letters", received.len()));
        }
        None
    })
}

#[test]
fn the_checker_finds_each_violation_and_nothing_in_good_traffic() {
    let way = (0, 1);
    let traffic = |told, received: &[u64], dead| Traffic {
        told: [(way, told)].into(),
        received: received.iter().map(|number| (way, *number)).collect(),
        dead: [(way, dead)].into(),
        rests: 0,
    };
    assert_eq!(violation(&traffic(4, &[0, 2, 3], 1)), None);
    assert!(violation(&traffic(3, &[0, 2, 1], 0)).is_some(), "out of order");
    assert!(violation(&traffic(2, &[0, 0], 0)).is_some(), "twice");
    assert!(violation(&traffic(3, &[0, 1], 0)).is_some(), "lost without a word");
}
