//! What members say to each other.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::barrier::Mark;
use super::record::{Card, Record};
use super::registry::Said;
use super::view::View;

/// One thing that a node says to another about the cluster. New ones come at the end: an older node ignores them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Word {
    /// Let me in. These are my settings that all must share.
    Join { card: Card, terms: Terms, round: u64 },
    /// I am in no cluster, and shall not begin one for a while.
    Alone { round: u64 },
    /// You are in; this is who lets you in, and what follows is who is there.
    Welcome(Record),
    /// Not with these settings.
    Unfit(Mismatch),
    /// I am in a cluster: you may join through me.
    Invite,
    /// This is how much I know.
    Status(Digest),
    /// I know something else than you; of each share, this.
    Shares(Vec<u32>),
    /// This is what I know of some members; with shares, all there is of those. More may follow at once.
    Records { digest: Digest, records: Vec<Record>, shares: u64, more: bool },
    /// Are you there?
    Probe,
    /// I am.
    Here,
    /// Ask that member whether it is there.
    ProbeFor(u64),
    /// That member is there: it has answered me.
    HereFor(u64),
    /// So far have I come with that barrier; and whether I want to know the same of you.
    Came { name: String, mark: Mark, asks: bool },
    /// What is offered in the cluster.
    Offers(Said),
}

/// Settings that all members share, each with its name.
pub(crate) type Terms = Vec<(String, String)>;

/// A setting that a node has otherwise than the cluster.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Mismatch {
    pub(crate) setting: String,
    pub(crate) here: String,
    pub(crate) theirs: String,
}

/// What a node knows as one number, and of whom it knows that they know the same.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Digest {
    pub(crate) hash: u64,
    /// A bit for each member, by incarnation; empty when all have seen it.
    seen: Vec<u8>,
}

impl Digest {
    pub(crate) fn new(view: &View, hash: u64, seen: &BTreeSet<u64>) -> Self {
        let mut bits = Vec::new();
        let mut all = true;
        for (at, record) in view.records().enumerate() {
            if at % 8 == 0 {
                bits.push(0);
            }
            let has_seen = seen.contains(&record.key());
            all &= has_seen;
            if let Some(byte) = bits.last_mut() {
                *byte |= u8::from(has_seen) << (at % 8);
            }
        }
        Self { hash, seen: if all { Vec::new() } else { bits } }
    }

    /// Who has seen it, in a view with the same hash.
    pub(crate) fn seen<'v>(&'v self, view: &'v View) -> impl Iterator<Item = u64> + 'v {
        let has = |at: usize| {
            self.seen.is_empty() || self.seen.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1)
        };
        view.records().enumerate().filter(move |(at, _)| has(*at)).map(|(_, record)| record.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::record::tests::any;
    use crate::rng::Rng;
    use crate::time::Instant;

    #[test]
    fn who_has_seen_a_view_is_read_as_it_was_written() {
        let mut rng = Rng::new(5);
        for members in 0..40 {
            let mut view = View::new(100);
            for key in 1..=members {
                view.merge(Instant::ORIGIN, any(&mut rng, key));
            }
            let seen: BTreeSet<u64> = (1..=members).filter(|_| rng.below(3) > 0).collect();
            let digest = Digest::new(&view, view.hash(), &seen);
            assert_eq!(digest.seen(&view).collect::<BTreeSet<_>>(), seen);
            assert!(digest.seen.len() <= (members as usize).div_ceil(8));
            let all: BTreeSet<u64> = (1..=members).collect();
            let digest = Digest::new(&view, view.hash(), &all);
            assert!(digest.seen.is_empty());
            assert_eq!(digest.seen(&view).count(), members as usize);
        }
    }
}
