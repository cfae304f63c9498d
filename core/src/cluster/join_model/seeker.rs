//! A node in the model, whose machine is what it has heard.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::hash::Hash;

use crate::cluster::explored::Fingerprint;
use crate::cluster::join::{Joining, Step};
use crate::cluster::settings::Settings;
use crate::node_id::NodeId;
use crate::rng::Rng;
use crate::time::Instant;

/// Who is started again is called so much more.
pub(super) const AGAIN: u64 = 10;

/// A node that runs.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) key: u64,
    pub(super) started: u32,
    /// What its machine has heard, and in which step: whoever plays it again has the same machine.
    pub(super) heard: Vec<(u32, Heard)>,
    /// The cluster that it is in, by who began it.
    pub(super) cluster: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Heard {
    /// Time has passed.
    Tick,
    Asked {
        by: u64,
        begins: bool,
        round: u64,
    },
    Alone {
        by: u64,
        round: u64,
    },
    Invited {
        by: u64,
    },
}

pub(super) fn id(key: u64) -> NodeId {
    NodeId { name: address(key), incarnation: key }
}

pub(super) fn address(key: u64) -> String {
    alloc::format!("n{}", key % AGAIN)
}

pub(super) fn at(step: u32) -> Instant {
    Instant::ORIGIN + Settings::default().retry * step * 6 / 5
}

/// What a machine does next, where all that is discovered are these seeds.
pub(super) fn poll(machine: &mut Joining, now: Instant, seeds: u64) -> Option<Step> {
    loop {
        match machine.poll()? {
            Step::Discover => machine.seeds(now, (1..=seeds).map(address).collect(), |_| false),
            step => return Some(step),
        }
    }
}

impl Heard {
    pub(super) fn tell(self, machine: &mut Joining, now: Instant) {
        match self {
            Self::Tick => machine.tick(now, 1),
            Self::Asked { by, begins, round } => {
                machine.asked(now, &id(by), (&address(by), begins), round);
            }
            Self::Alone { by, round } => machine.alone(now, id(by), round),
            Self::Invited { by } => machine.invited(now, id(by)),
        }
    }
}

impl Node {
    pub(super) fn machine(&self, seeds: u64) -> Joining {
        let mut machine =
            Joining::new(id(self.key), address(self.key), &Settings::default(), Rng::new(self.key));
        machine.seek(at(self.started));
        for (step, heard) in &self.heard {
            heard.tell(&mut machine, at(*step));
            while poll(&mut machine, at(*step), seeds).is_some() {}
        }
        machine
    }

    /// What its machine is: who is to be invited; and, where it may begin a cluster, what it has heard of others, in which step, but not in
    /// which order, who has asked since its last try, and when somebody did last who would begin one.
    pub(super) fn hash(&self, hasher: &mut Fingerprint) {
        (self.key, self.started, self.cluster).hash(hasher);
        let (mut alone, mut waiting, mut returned) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut yields = None;
        for (step, heard) in &self.heard {
            match *heard {
                Heard::Tick => returned.clear(),
                Heard::Asked { by, begins, .. } => {
                    waiting.insert(by);
                    returned.insert(by);
                    yields = if begins { Some(*step) } else { yields };
                }
                Heard::Alone { by, round } => {
                    waiting.insert(by);
                    alone.insert((*step, by, round));
                }
                Heard::Invited { .. } => yields = Some(*step),
            }
        }
        waiting.hash(hasher);
        if address(self.key) == address(1) {
            (alone, returned, yields).hash(hasher);
        }
    }
}
